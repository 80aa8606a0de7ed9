"""The gated delta rule over chunks of tokens: the matrix products of `scan`'s parallel form, and
those of their gradients, written out.

Within a chunk, with u_t = G_t, S the state before it, K, Q, E = e * k, W = w * v a row a token, and
D_ti = exp(u_t - u_i) for i < t, else 0:

    A = D * (E K^T)    X = (I + A)^-1    Z = X W - X (exp(u) E) S    S' = exp(u_C) S + (exp(u_C - u) K)^T Z              write
    P_ti = exp(u_{t-1} - u_i) <q_t, k_i> for i < t    F = (exp(u_{t-1}) Q) S + P Z                                       read

Backwards, dS' being the gradient of the state after the chunk, R = X^T (dZ + (exp(u_C - u) K) dS')
that of W:

    dS += exp(u_C) dS' - (exp(u) E)^T R    dA = -R Z^T    dE = dA*D K - exp(u) R S^T    dK = (dA*D)^T E + exp(u_C - u) Z dS'^T
    dQ = dP*D K + exp(u_{t-1}) dF S^T      dP = dF Z^T    dZ += P^T dF    dS += (exp(u_{t-1}) Q)^T dF    dK += (dP*D)^T Q

E, Q and K stand in every term beside exp(u_t), exp(u_{t-1}) and exp(-u_i), so that du_t = <e_t,
dE_t> - <k_t, dK_t>, du_{t-1} += <q_t, dQ_t>, and du_C += <S', dS'>. Nothing of size T x K x V is
kept but the states between chunks. Both ways only Z and S go from chunk to chunk, two products
each; the rest is done for all chunks at once. All exponents are <= 0: what lies above the diagonal
is masked before exp, not after.

Axes: N chunks of C tokens, G = B H heads of all sessions. Inputs are (B, N C, H, *), `decay` log
a_t, what is made of them (N, G, C, *).
"""

from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Any, Final

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

CACHED: Final = 1 << 17  # numbers of one tensor: with its neighbours they stay in a core's cache


def write(
    k: Tensor, v: Tensor, erase: Tensor | None, add: Tensor, decay: Tensor, state: Tensor, size: int
) -> tuple[Tensor, ...]:
    """Write chunks of `size` tokens to `state` (B, H, K, V): the state before each chunk (N, G, K,
    V), keys (N, G, C, K), Z (N, G, C, V), u (N, G, C), and the state after the last, (G, K, V).
    `erase=None` is an erase gate of zeros.
    """
    found: tuple[Tensor, ...] = _Write.apply(k, v, erase, add, decay, state, size)  # type: ignore[no-untyped-call]
    return found


def read(q: Tensor, starts: Tensor, keys: Tensor, news: Tensor, upto: Tensor) -> Tensor:
    """Read queries (B, N C, H, K) from the result of `write`: (B, N C, H, V)."""
    found: Tensor = _Read.apply(q, starts, keys, news, upto)  # type: ignore[no-untyped-call]
    return found


class _Write(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, *given: Any) -> Any:
        k, v, erase, add, decay, state, size = given
        rows, tokens, heads, key = k.shape
        count, every, value = tokens // size, rows * heads, v.shape[3]
        upto = _cut(decay, size).flatten(1, 2).cumsum(-1)  # (N, G, C)
        keys = k.new_empty(count, every, size, key)
        news = k.new_empty(count, every, size, value)
        starts = k.new_empty(count, every, key, value)
        solved = near = None
        if erase is not None:
            solved, near = (k.new_empty(count, every, size, size) for _ in range(2))
        cut = [None if x is None else _cut(x, size) for x in (k, v, erase, add)]
        now = state.reshape(every, key, value)
        for at in _blocks(k, size, value):
            parts = [None if x is None else x[at] for x in (*cut, solved, near)]
            now = _written(parts, upto[at], now, keys[at], news[at], starts[at])
        last = now.clone()
        ctx.save_for_backward(k, v, erase, add, upto, keys, news, starts, solved, near, last)
        ctx.set_materialize_grads(False)
        return starts, keys, news, upto, last

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *outer: Any) -> Any:
        k, v, erase, add, *made, last = ctx.saved_tensors
        upto, keys = made[:2]
        rows, size, value = k.shape[0], keys.shape[2], v.shape[3]
        given = _each(lambda x: _cut(x, size), (k, v, erase, add))
        slopes = _each(lambda x: x.new_empty(x.shape), (k, v, erase, add))
        into = _each(lambda x: _cut(x, size), slopes)
        by_upto = torch.empty_like(upto)
        now = torch.zeros_like(last) if outer[4] is None else outer[4]
        after = last
        with torch.autocast(k.device.type, enabled=False):
            for at in reversed(_blocks(k, size, value)):
                parts, told, kept, slots = (
                    _each(itemgetter(at), some) for some in (given, outer[:4], made, into)
                )
                now, by_upto[at] = _unwritten(parts, kept, told, now, after, slots)
                after = made[3][at.start]
            by_decay = by_upto.flip(-1).cumsum(-1).flip(-1).unflatten(1, (rows, -1))
            decay = k.new_empty(k.shape[:3])
            _cut(decay, size).copy_(by_decay)
        return *slopes, decay, now.reshape(rows, -1, *now.shape[1:]), None


def _written(
    given: list[Any], upto: Tensor, now: Tensor, keys: Tensor, news: Tensor, starts: Tensor
) -> Tensor:
    """Write some chunks:

    fills `keys`, `news`, `starts` and the inverses; the state after the last.
    """
    k, v, erase, add, solved, near = given
    keys.unflatten(1, k.shape[1:3]).copy_(k)
    owed = None
    if erase is None:
        torch.mul(add, v, out=news.unflatten(1, k.shape[1:3]))
    else:
        near.copy_(_between(upto, upto))
        erased = _product(erase, k)
        solved.copy_(inverse(_times(erased, keys.mT).mul_(near)))
        owed = _times(solved, erased.mul_(upto.exp()[..., None]))
        _into(news, solved, _product(add, v))
    late, kept = _late(keys, upto)
    for n in range(len(keys)):
        starts[n] = now
        if owed is not None:
            news[n].baddbmm_(owed[n], now, alpha=-1)
        now = torch.baddbmm(kept[n] * now, late[n].mT, news[n])
    return now


def _each(change: Callable[[Any], Any], tensors: Sequence[Tensor | None]) -> list[Any]:
    """Return what `change` makes of each tensor, None for None."""
    return [None if tensor is None else change(tensor) for tensor in tensors]


def _unwritten(
    given: list[Any], kept: Any, outer: list[Any], now: Tensor, after: Tensor, into: list[Any]
) -> tuple[Tensor, Tensor]:
    """The gradients of some chunks: fills `into` with those of k, v, erase and add.

    Of the state after them, `after`, it has the gradient `now`, and gives back that of the state
    before, and that of u (N, G, C).
    """
    k, v, erase, add = given
    upto, keys, news, starts, solved, near = kept
    by_starts, by_keys, by_news, by_upto = outer
    late, fades = _late(keys, upto)
    erased = owed = None
    slopes = torch.zeros_like(news) if by_news is None else by_news
    if solved is None:
        slopes = slopes.clone()
    else:
        erased = _product(erase, k)
        slopes, late = _times(solved.mT, slopes), _times(solved.mT, late)
        owed = erased * upto.exp()[..., None]
    late_keys = torch.empty_like(keys)
    found = torch.zeros_like(upto) if by_upto is None else by_upto.clone()
    for n in range(len(keys) - 1, -1, -1):
        torch.bmm(news[n], now.mT, out=late_keys[n])
        found[n, :, -1] += (now * (starts[n + 1] if n + 1 < len(keys) else after)).sum((-1, -2))
        slopes[n].baddbmm_(late[n], now)
        now = fades[n] * now
        if by_starts is not None:
            now += by_starts[n]
        if owed is not None:
            now.baddbmm_(owed[n].mT, slopes[n], alpha=-1)
    late_keys.mul_((upto[..., -1:] - upto).exp()[..., None])
    heads = k.shape[1:3]
    torch.mul(add, slopes.unflatten(1, heads), out=into[1])
    torch.mul(v, slopes.unflatten(1, heads), out=into[3])
    by_erased = None
    if erased is not None:
        by_erased = _times(slopes, starts.mT).mul_(-upto.exp()[..., None])
        apart = _times(slopes, news.mT).mul_(near).neg_()
        _add_product(by_erased, apart, keys)
        _add_product(late_keys, apart.mT, erased)
        found += _dots(erased, by_erased)
    found -= _dots(keys, late_keys)
    if by_keys is not None:
        late_keys += by_keys
    if by_erased is None:
        into[0].copy_(late_keys.unflatten(1, heads))
    else:
        told = by_erased.unflatten(1, heads)
        torch.addcmul(late_keys.unflatten(1, heads), erase, told, out=into[0])
        torch.mul(k, told, out=into[2])
    return now, found


class _Read(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, *given: Any) -> Any:
        q, starts, keys, news, upto = given
        size = keys.shape[2]
        said = q.new_empty(*q.shape[:3], news.shape[3])
        asked, into = _cut(q, size), _cut(said, size)
        near, weights = (q.new_empty(*keys.shape[:3], size) for _ in range(2))
        for at in _blocks(q, size, news.shape[3]):
            each = _copy(asked[at])  # (N, G, C, K)
            before = _before(upto[at])
            near[at] = _between(before, upto[at])
            weights[at] = _times(each, keys[at].mT).mul_(near[at])
            found = _times(each.mul_(before.exp()[..., None]), starts[at])
            _add_product(found, weights[at], news[at])
            into[at] = found.unflatten(1, asked.shape[1:3])
        ctx.save_for_backward(*given, near, weights)
        return said

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *outer: Any) -> Any:
        q, starts, keys, news, upto, near, weights = ctx.saved_tensors
        size, value = keys.shape[2], news.shape[3]
        by_q = q.new_empty(q.shape)
        by_starts, by_keys, by_news, by_upto = (torch.empty_like(x) for x in ctx.saved_tensors[1:5])
        asked, into, by_said = _cut(q, size), _cut(by_q, size), _cut(outer[0], size)
        with torch.autocast(keys.device.type, enabled=False):
            for at in _blocks(q, size, value):
                each, by_found = _copy(asked[at]), _copy(by_said[at])
                early = _before(upto[at]).exp()[..., None]
                by_asked = _times(by_found, starts[at].mT).mul_(early)
                apart = _times(by_found, news[at].mT).mul_(near[at])
                _add_product(by_asked, apart, keys[at])
                _into(by_keys[at], apart.mT, each)
                _into(by_news[at], weights[at].mT, by_found)
                told = -_dots(keys[at], by_keys[at])
                told[..., :-1] += _dots(each, by_asked)[..., 1:]
                by_upto[at] = told
                _into(by_starts[at], (each.mul_(early)).mT, by_found)
                into[at] = by_asked.unflatten(1, asked.shape[1:3])
        return by_q, by_starts, by_keys, by_news, by_upto


def _blocks(k: Tensor, size: int, value: int) -> list[slice]:
    """Which chunks are done at once: on a processor as many as its cache holds, elsewhere all."""
    count = k.shape[1] // size
    wide = k.shape[0] * k.shape[2] * size * max(k.shape[3], value)
    some = max(1, CACHED // max(1, wide)) if k.device.type == "cpu" else max(1, count)
    return [slice(at, min(at + some, count)) for at in range(0, count, some)]


def _late(keys: Tensor, upto: Tensor) -> tuple[Tensor, Tensor]:
    """exp(u_C - u) K, (N, G, C, K), and exp(u_C), (N, G, 1, 1)."""
    total = upto[..., -1:]
    return keys * (total - upto).exp()[..., None], total.exp()[..., None]


def inverse(lower: Tensor) -> Tensor:
    """(I + L)^-1 of strictly lower triangular L, (..., C, C)."""
    unit = torch.eye(lower.shape[-1], dtype=lower.dtype, device=lower.device)
    found: Tensor = torch.linalg.solve_triangular(
        lower, unit.expand_as(lower), upper=False, unitriangular=True
    )
    return found


def _between(row: Tensor, column: Tensor) -> Tensor:
    """exp(row_t - column_i) where i < t, else 0: (..., C, C)."""
    size = row.shape[-1]
    ahead = torch.ones(size, size, dtype=torch.bool, device=row.device).triu()
    apart = row[..., :, None] - column[..., None, :]
    return apart.masked_fill_(ahead, -torch.inf).exp_()


def _before(upto: Tensor) -> Tensor:
    """G_{t-1}: (N, G, C)."""
    return torch.nn.functional.pad(upto[..., :-1], (1, 0))


def _cut(x: Tensor, size: int) -> Tensor:
    """(B, N C, H, ...) as (N, B, H, C, ...): a view."""
    cut = x.unflatten(1, (x.shape[1] // size, size))
    found: Tensor = cut.permute(1, 0, 3, 2, *range(4, cut.dim()))
    return found


def _copy(x: Tensor) -> Tensor:
    """(N, B, H, C, X) as (N, G, C, X), contiguous, and not the same memory."""
    return x.clone(memory_format=torch.contiguous_format).flatten(1, 2)


def _product(x: Tensor, y: Tensor) -> Tensor:
    """`x * y` of (N, B, H, C, X): (N, G, C, X), contiguous.

    A compiler may give an `out=` tensor other strides than it has eagerly, so it gets a copy.
    """
    if torch.compiler.is_compiling():
        return (x * y).reshape(x.shape[0], -1, *x.shape[3:])
    return torch.mul(x, y, out=x.new_empty(x.shape)).flatten(1, 2)


def _times(x: Tensor, y: Tensor) -> Tensor:
    """`x @ y` for all chunks and heads."""
    found: Tensor = torch.bmm(x.flatten(0, 1), y.flatten(0, 1)).unflatten(0, x.shape[:2])
    return found


def _add_product(to: Tensor, x: Tensor, y: Tensor) -> None:
    """To += x @ y."""
    to.flatten(0, 1).baddbmm_(x.flatten(0, 1), y.flatten(0, 1))


def _into(to: Tensor, x: Tensor, y: Tensor) -> None:
    """To = x @ y."""
    torch.bmm(x.flatten(0, 1), y.flatten(0, 1), out=to.flatten(0, 1))


def _dots(x: Tensor, y: Tensor) -> Tensor:
    """<x_t, y_t>: (N, G, C)."""
    return (x * y).sum(-1)
