"""The gated delta rule with an erase gate and an add gate, three times: token by token, in chunks, and one token alone.

It knows tensors of queries, keys, values and gates, and the matrix that they are written into; not where they come from.

With a_t in (0, 1] a head's decay, e_t in [0, 1]^K its erase gate and w_t in [0, 1]^V its add gate (Gated DeltaNet-2, arXiv 2605.22791):

    r_t = M_{t-1}^T q_t                                                   read: what was there before this token
    M~  = a_t M_{t-1}                                                     update
    M_t = M~ - k_t (e_t * k_t)^T M~ + k_t (w_t * v_t)^T                   erase, and add

A position reads before it writes, so that reading a state and passing through a segment say the same of its first token. e = w = a scalar
gives the gated delta rule (arXiv 2412.06464), e = 0 a purely additive memory. Keys of length one and e_t <= 1 keep the matrix bounded.

In parallel: with u_t = w_t * v_t - (e_t * k_t)^T M~, what token t really adds, and G_t = log a_1 + ... + log a_t within a chunk,

    M_t = exp(G_t) M_0 + sum_{i<=t} exp(G_t - G_i) k_i u_i^T
    u_t + sum_{i<t} exp(G_t - G_i) <e_t * k_t, k_i> u_i = w_t * v_t - exp(G_t) (e_t * k_t)^T M_0

so a chunk's u is one triangular system (the WY form), and only M_0 goes from chunk to chunk. All exponents are <= 0: what lies above the
diagonal is masked before exp, not after. Everything is float32, or float64 where the state is; autocast does not reach in.

Axes as in `port`, and N chunks of C tokens. Gates and vectors are (B, T, H, *), `decay` is log a_t, (B, T, H), the state (B, H, K, V).
"""

from dataclasses import dataclass
from typing import Any, Final

import torch
from torch import Tensor
from torch.nn import functional

CHUNK: Final = 32  # the quickest on a processor; benchmarks/neural_scan.py


def step(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    erase: Tensor,
    add: Tensor,
    decay: Tensor,
    state: Tensor,
    mask: Tensor | None = None,
) -> tuple[Tensor, Tensor]:
    """One token: its vectors and gates are (B, H, *), `decay` (B, H), `mask` (B). What it reads, (B, H, V), and the state after it.

    Where `mask` is False the state comes back as it was, bit by bit.
    """
    return look(q[:, None], state)[:, 0], update(k, v, erase, add, decay, state, mask)


def update(
    k: Tensor,
    v: Tensor,
    erase: Tensor | None,
    add: Tensor,
    decay: Tensor,
    state: Tensor,
    mask: Tensor | None = None,
) -> Tensor:
    """The state after one token: `step` without its read. `erase=None` is an erase gate of zeros."""
    with torch.autocast(state.device.type, enabled=False):
        k, v, add, decay = _exact(state, k, v, add, decay)
        kept = decay.exp()[..., None, None] * state  # (B, H, K, V)
        new = add * v  # (B, H, V)
        if erase is not None:
            (erase,) = _exact(state, erase)
            new = new - ((erase * k)[..., None, :] @ kept)[..., 0, :]
        after = kept + k[..., :, None] * new[..., None, :]
        return after if mask is None else torch.where(mask[:, None, None, None], after, state)


def look(q: Tensor, state: Tensor) -> Tensor:
    """What a state holds for queries (B, T, H, K), without writing: (B, T, H, V)."""
    with torch.autocast(state.device.type, enabled=False):
        (q,) = _exact(state, q)
        return (q.transpose(1, 2) @ state).transpose(1, 2)


def recurrent(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    erase: Tensor,
    add: Tensor,
    decay: Tensor,
    state: Tensor,
    mask: Tensor | None = None,
) -> tuple[Tensor, Tensor]:
    """Token by token, as the equations stand: what each position read, (B, T, H, V), and the state after the last. The reference."""
    found = []
    for t in range(q.shape[1]):
        gone = None if mask is None else mask[:, t]
        each, state = step(
            q[:, t], k[:, t], v[:, t], erase[:, t], add[:, t], decay[:, t], state, gone
        )
        found.append(each)
    if not found:
        return v.new_zeros(v.shape, dtype=state.dtype), state
    return torch.stack(found, 1), state


def chunked(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    erase: Tensor | None,
    add: Tensor,
    decay: Tensor,
    state: Tensor,
    mask: Tensor | None = None,
    chunk: int = CHUNK,
) -> tuple[Tensor, Tensor]:
    """The same as `recurrent`, `chunk` tokens at once. `erase=None` is an erase gate of zeros, and cheaper."""
    done = written(k, v, erase, add, decay, state, mask, chunk)
    return done.read(q), done.last


@dataclass(frozen=True)
class Written:
    """A segment that was written, and can be read at every position: by one query or, hop after hop, by several.

    starts: the state before each chunk, (B, H, N, K, V). keys (B, H, N, C, K). news: the u of the equations, (B, H, N, C, V). upto, before:
    G_t and G_{t-1}, (B, H, N, C). last: the state after the segment, (B, H, K, V). tokens: T.
    """

    starts: Tensor
    keys: Tensor
    news: Tensor
    upto: Tensor
    before: Tensor
    last: Tensor
    tokens: int

    def read(self, q: Tensor) -> Tensor:
        """r_t of queries (B, T, H, K): (B, T, H, V)."""
        with torch.autocast(self.last.device.type, enabled=False):
            (q,) = _exact(self.last, q)
            q = _cut(q, self.keys.shape[3])  # (B, H, N, C, K)
            far = (self.before.exp()[..., None] * q) @ self.starts
            weights = _between(self.before, self.upto) * (q @ self.keys.mT)  # (B, H, N, C, C)
            found = far + weights @ self.news
            return found.flatten(2, 3).transpose(1, 2)[:, : self.tokens]


def written(
    k: Tensor,
    v: Tensor,
    erase: Tensor | None,
    add: Tensor,
    decay: Tensor,
    state: Tensor,
    mask: Tensor | None = None,
    chunk: int = CHUNK,
) -> Written:
    """Write a segment in chunks."""
    size = max(1, min(chunk, k.shape[1]))
    with torch.autocast(state.device.type, enabled=False):
        k, v, add, decay = _exact(state, k, v, add, decay)
        wanted = add * v  # (B, T, H, V)
        erased = None if erase is None else _exact(state, erase)[0] * k  # (B, T, H, K)
        if mask is not None:
            k = k.masked_fill(~mask[..., None, None], 0)
            wanted = wanted.masked_fill(~mask[..., None, None], 0)
            decay = decay.masked_fill(~mask[..., None], 0)
            erased = None if erased is None else erased.masked_fill(~mask[..., None, None], 0)
        keys, news = _cut(k, size), _cut(wanted, size)  # (B, H, N, C, K), (B, H, N, C, V)
        steps = _cut(decay[..., None], size)[..., 0]  # (B, H, N, C)
        upto = steps.cumsum(-1)
        before = functional.pad(upto[..., :-1], (1, 0))
        owed = None
        if erased is not None:
            erased = _cut(erased, size)  # (B, H, N, C, K)
            solve = _inverse(_between(upto, upto) * (erased @ keys.mT))  # (B, H, N, C, C)
            owed = solve, upto.exp()[..., None] * erased
        starts, news, last = _carried(keys, news, owed, upto, state)
        if mask is not None:
            last = torch.where(mask.any(1)[:, None, None, None], last, state)
        return Written(starts, keys, news, upto, before, last, k.shape[1])


class _Inverse(torch.autograd.Function):
    """(I + L)^-1 = W of strictly lower triangular L, (..., C, C). Its gradient is -W^T (dW) W^T: two products, and no second system."""

    @staticmethod
    def forward(ctx: Any, *given: Any) -> Tensor:
        (lower,) = given
        unit = torch.eye(lower.shape[-1], dtype=lower.dtype, device=lower.device)
        found: Tensor = torch.linalg.solve_triangular(
            lower, unit.expand_as(lower), upper=False, unitriangular=True
        )
        ctx.save_for_backward(found)
        return found

    @staticmethod
    def backward(ctx: Any, *outer: Any) -> Any:
        (found,) = ctx.saved_tensors
        return -(found.mT @ outer[0] @ found.mT).tril(-1)


def _inverse(lower: Tensor) -> Tensor:
    found: Tensor = _Inverse.apply(lower)  # type: ignore[no-untyped-call]
    return found


def _carried(
    keys: Tensor, wanted: Tensor, owed: tuple[Tensor, Tensor] | None, upto: Tensor, state: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """From chunk to chunk: the state before each, (B, H, N, K, V), their u, (B, H, N, C, V), and the state after the last."""
    shape = state.shape
    if not keys.shape[2]:
        return keys.new_zeros(*keys.shape[:3], *shape[2:]), wanted, state
    total = upto[..., -1:]  # (B, H, N, 1)
    late = _apart((total - upto).exp()[..., None] * keys)  # N times (B H, C, K)
    kept = _apart(total.exp()[..., None])  # N times (B H, 1, 1)
    solves, erased = (None, None) if owed is None else map(_apart, owed)
    state = state.flatten(0, 1)
    starts, news = [], []
    for n, told in enumerate(_apart(wanted)):
        starts.append(state)
        new = told
        if solves is not None and erased is not None:
            new = solves[n] @ torch.baddbmm(told, erased[n], state, alpha=-1)
        news.append(new)
        state = torch.baddbmm(kept[n] * state, late[n].mT, new)
    found = torch.stack(starts, 1), torch.stack(news, 1)
    before, added = (x.unflatten(0, shape[:2]) for x in found)
    return before, added, state.view(shape)


def _apart(x: Tensor) -> tuple[Tensor, ...]:
    return x.flatten(0, 1).unbind(1)


def _between(row: Tensor, column: Tensor) -> Tensor:
    """exp(row_t - column_i) where i < t, else 0: (..., C, C)."""
    size = row.shape[-1]
    ahead = torch.ones(size, size, dtype=torch.bool, device=row.device).triu()
    apart = row[..., :, None] - column[..., None, :]
    return apart.masked_fill(ahead, -torch.inf).exp()


def _cut(x: Tensor, size: int) -> Tensor:
    """(B, T, H, X) -> (B, H, N, C, X); the last chunk is filled with zeros, which write nothing."""
    x = x.transpose(1, 2)
    if missing := -x.shape[2] % size:
        x = functional.pad(x, (0, 0, 0, missing))
    chunks: Tensor = x.unflatten(2, (x.shape[2] // size, size))
    return chunks


def _exact(state: Tensor, *given: Tensor) -> list[Tensor]:
    return [x.to(state.dtype) for x in given]
