"""A segment before a memory sees it: checked, and with its real tokens in front.

A memory that writes token by token must not take padding for a token: not in its matrix, and not in
what a convolution or a recurrence carries along. Moving a row's real tokens to the front makes left
padding, right padding and holes the same case, a short row.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from remanence.errors import InvalidInput
from remanence.neural.neural_memory import State


def admit(
    state: State, form: Mapping[str, torch.Size], hidden: Tensor, mask: Tensor | None, size: int
) -> None:
    """Raise `InvalidInput` unless `hidden` is a finite (B, T, `size`), `mask` a bool (B, T), and
    `state` has the tensors of `form` (shapes without their first axis), a row for each of B.

    Cost: one sum over `hidden`; on an accelerator one wait for what computed it. What stands at a
    padding position is not looked at.
    """
    if hidden.dim() != 3 or hidden.shape[2] != size:
        raise InvalidInput(
            f"hidden states of shape {tuple(hidden.shape)} do not fit a memory of size {size}; "
            f"give (sessions, tokens, {size})"
        )
    if mask is not None and (mask.shape != hidden.shape[:2] or mask.dtype != torch.bool):
        raise InvalidInput(
            f"a mask {tuple(mask.shape)} of {mask.dtype} does not fit hidden states "
            f"{tuple(hidden.shape)}; "
            f"give a bool for each token, {tuple(hidden.shape[:2])}"
        )
    found = {name: tensor.shape for name, tensor in state.items()}
    wanted = {name: torch.Size([len(hidden), *shape]) for name, shape in form.items()}
    if found != wanted:
        raise InvalidInput(
            f"the state {_told(found)} is not one of {len(hidden)} sessions of this memory, which "
            f"has {_told(wanted)}; "
            "begin with initial(batch), or load what this memory wrote"
        )
    if not hidden.sum().isfinite():  # a finite sum has finite terms; not the other way round
        _require_finite(hidden, mask)


def _require_finite(hidden: Tensor, mask: Tensor | None) -> None:
    """Raise `InvalidInput` where a hidden state that is no padding is not finite."""
    fine = hidden.isfinite().all(-1)  # (B, T)
    if mask is not None:
        fine = fine | ~mask
    if not fine.all():
        row, token = (~fine).nonzero()[0].tolist()
        raise InvalidInput(
            f"the hidden state of session {row}, token {token} is not finite (NaN or infinite), "
            "and would be remembered; "
            "look at the layers before the memory, or at the learning rate"
        )


def _told(form: Mapping[str, torch.Size]) -> str:
    return ", ".join(f"{name} {tuple(shape)}" for name, shape in sorted(form.items())) or "nothing"


@dataclass(frozen=True)
class Packed:
    """hidden: real tokens first, zeros after, (B, T, D).

    real: which are, (B, T), None where all are. count: how many, (B,).
    """

    hidden: Tensor
    real: Tensor | None
    count: Tensor
    back: Tensor | None = None

    def unpack(self, found: Tensor) -> Tensor:
        """Return values found for packed tokens, (B, T, X), at the tokens' places; zeros at
        padding.
        """
        if self.real is None:
            return found
        found = found.masked_fill(~self.real[..., None], 0)
        if self.back is None:
            return found
        return found.gather(1, self.back[..., None].expand_as(found))

    def last(self, before: Tensor, entries: Tensor) -> Tensor:
        """The newest rows of `before` (B, R, X) followed by `entries` (B, T, X): R of them, padding
        left out.
        """
        rows = before.shape[1]
        joined = torch.cat([before, entries], 1)
        if self.real is None:
            return joined[:, joined.shape[1] - rows :]
        index = self.count[:, None] + torch.arange(rows, device=before.device)  # (B, R)
        return joined.gather(1, index[..., None].expand(-1, -1, joined.shape[2]))


def pack(hidden: Tensor, mask: Tensor | None) -> Packed:
    """Move the real tokens of each row of (B, T, D) to its front, in their order."""
    rows, tokens = hidden.shape[:2]
    if mask is None or bool(mask.all()):
        return Packed(hidden, None, torch.full((rows,), tokens, device=hidden.device))
    count = mask.sum(1)
    hidden = hidden.masked_fill(~mask[..., None], 0)
    real = torch.arange(tokens, device=hidden.device) < count[:, None]
    if torch.equal(real, mask):  # padding on the right: in place already
        return Packed(hidden, real, count)
    order = torch.argsort((~mask).to(torch.uint8), dim=1, stable=True)  # (B, T)
    moved = hidden.gather(1, order[..., None].expand_as(hidden))
    return Packed(moved, real, count, order.argsort(1))
