"""The gated delta rule with an erase gate and an add gate, three times: token by token, in chunks,
and one token alone.

With a_t in (0, 1] a head's decay, e_t in [0, 1]^K its erase gate and w_t in [0, 1]^V its add gate
(Gated DeltaNet-2, arXiv 2605.22791):

    r_t = M_{t-1}^T q_t                                                   read: what was there before this token
    M~  = a_t M_{t-1}                                                     update
    M_t = M~ - k_t (e_t * k_t)^T M~ + k_t (w_t * v_t)^T                   erase, and add

A position reads before it writes, so that reading a state and passing through a segment say the
same of its first token. e = w = a scalar gives the gated delta rule (arXiv 2412.06464), e = 0 a
purely additive memory. Keys of length one and e_t <= 1 keep the matrix bounded.

In parallel: with u_t = w_t * v_t - (e_t * k_t)^T M~, what token t really adds, and G_t = log a_1 +
... + log a_t within a chunk,

    M_t = exp(G_t) M_0 + sum_{i<=t} exp(G_t - G_i) k_i u_i^T
    u_t + sum_{i<t} exp(G_t - G_i) <e_t * k_t, k_i> u_i = w_t * v_t - exp(G_t) (e_t * k_t)^T M_0

so a chunk's u is one triangular system (the WY form), and only M_0 goes from chunk to chunk;
`chunks` has the products, there and back. Everything is float32, or float64 where the state is;
autocast does not reach in.

Axes as in `port`, and N chunks of C tokens. Gates and vectors are (B, T, H, *), `decay` is log a_t,
(B, T, H), the state (B, H, K, V).
"""

from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor
from torch.nn import functional

from remanence.neural import chunks

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
    """One token: its vectors and gates are (B, H, *), `decay` (B, H), `mask` (B).

    What it reads, (B, H, V), and the state after it.

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
    """The state after one token:

    `step` without its read. `erase=None` is an erase gate of zeros.
    """
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
    """Read a state for queries (B, T, H, K), without writing: (B, T, H, V)."""
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
    """Token by token, as the equations stand: what each position read, (B, T, H, V), and the state
    after the last. The reference.
    """
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
    """The same as `recurrent`, `chunk` tokens at once.

    `erase=None` is an erase gate of zeros, and cheaper.
    """
    done = written(k, v, erase, add, decay, state, mask, chunk)
    return done.read(q), done.last


@dataclass(frozen=True)
class ScanWrites:
    """A segment that was written, and can be read at every position: by one query or, hop after
    hop, by several.

    starts: the state before each chunk, (N, B H, K, V). keys (N, B H, C, K). news: the u of the
    equations, (N, B H, C, V). upto: G_t, (N, B H, C). last: the state after the segment, (B, H, K,
    V). tokens: T.
    """

    starts: Tensor
    keys: Tensor
    news: Tensor
    upto: Tensor
    last: Tensor
    tokens: int

    def read(self, q: Tensor) -> Tensor:
        """r_t of queries (B, T, H, K): (B, T, H, V)."""
        with torch.autocast(self.last.device.type, enabled=False):
            (q,) = _exact(self.last, q)
            size = self.keys.shape[2]
            found = chunks.read(_filled(q, size), self.starts, self.keys, self.news, self.upto)
            return found[:, : self.tokens]


def written(
    k: Tensor,
    v: Tensor,
    erase: Tensor | None,
    add: Tensor,
    decay: Tensor,
    state: Tensor,
    mask: Tensor | None = None,
    chunk: int = CHUNK,
) -> ScanWrites:
    """Write a segment in chunks."""
    tokens = k.shape[1]
    size = max(1, min(chunk, tokens))
    with torch.autocast(state.device.type, enabled=False):
        given = [None if x is None else _exact(state, x)[0] for x in (k, v, erase, add, decay)]
        if mask is not None:
            gone = ~mask
            given = [
                None
                if x is None
                else x.masked_fill(gone.view(*gone.shape, *[1] * (x.dim() - 2)), 0)
                for x in given
            ]
        k, v, erase, add, decay = (None if x is None else _filled(x, size) for x in given)  # type: ignore[assignment]
        starts, keys, news, upto, last = chunks.write(k, v, erase, add, decay, state, size)
        last = last.view(state.shape)
        if mask is not None:
            last = torch.where(mask.any(1)[:, None, None, None], last, state)
        return ScanWrites(starts, keys, news, upto, last, tokens)


def _filled(x: Tensor, size: int) -> Tensor:
    """(B, T, ...) with zeros behind, which write nothing, up to a whole number of chunks."""
    missing = -x.shape[1] % size
    return functional.pad(x, (0, 0) * (x.dim() - 2) + (0, missing)) if missing else x


def _exact(state: Tensor, *given: Tensor) -> list[Tensor]:
    return [x.to(state.dtype) for x in given]
