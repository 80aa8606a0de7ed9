"""Attention over an external matrix S: every token leaves a row, a key and a value, and every token
reads the nearest rows.

For a token whose hidden state, brought to root mean square 1, is x_t (Memorizing Transformers,
arXiv 2203.08913, section 3; keys and queries normalised, one row a token for all heads as in arXiv
1911.02150):

    q_t = unit(W_q x_t) a head    k_t = unit(b * W_k x_{t-1} + a * W_k x_t)    v_t = W_v x_t
    w_ts = softmax over the k nearest s < t, and nothing, of (scale_h <q_t, k_s>, none_h)
    r_t = W_o [per head: sigmoid(g_h) sum_s w_ts v_s]

The paper mixes this with local attention by the gate g_h; here the model's own attention is the
local one, and what is read is added to it (`fuse`). Where nothing fits, the weight goes to
`nothing`, whose value is zero. a and b are learnt for each channel and begin at 0 and 1, and W_q of
every head begins as W_k: a row's key is what stood before the token, its value the token, and what
is read first is what followed the same token before (the induction head's prior).
"""

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from torch import Tensor, nn

from remanence.errors import InvalidInput
from remanence.neural.configs import KNNMemoryConfig
from remanence.neural.neural_memory import State
from remanence.neural.rows import RowStore
from remanence.neural.segments import Packed, admit, pack

NONE: Final = -1  # the serial and the episode of a row that is not there
# added to a squared length before it divides: the first token has no token before it, and so a key
# of zeros
SHORT: Final = 1e-3
Stores = Sequence[RowStore | None]

_beyond: ContextVar[dict[int, Stores] | None] = ContextVar("beyond", default=None)


@dataclass(frozen=True)
class Reads:
    """Which rows a token read, best first.

    `serials`: the number of the row's token, counted from the session's first; `episodes`: where it
    came from; `weights`: its share of the read. Each (B, T, H, k); serial and episode are -1 and
    the weight 0 where fewer rows are there.
    """

    serials: Tensor
    episodes: Tensor
    weights: Tensor


@dataclass(frozen=True)
class _Segment:
    """A segment's queries (B, T, H, K), and the window with the segment's own rows behind it: keys
    (B, N + T, K), values, rows (B, N + T, 2).
    """

    packed: Packed
    q: Tensor
    serial: Tensor  # (B, T), of the tokens
    raw: Tensor  # (B, T, K), keys before they were joined with their neighbours
    keys: Tensor
    values: Tensor
    rows: Tensor
    now: Tensor


class KNNMemory(nn.Module):
    """Implements `port.NeuralMemory`, token by token.

    State: `keys` (B, N, K) and `values` (B, N, V) of the newest N rows, oldest first; `rows` (B, N,
    2), the serial and episode of each; `now` (B, 2), the next serial and the episode of what is
    written; `tail` (B, 1, K), W_k x of the last token. `rows` and `now` are int64: float32 would
    count only 16,777,216 tokens of a session apart.

    Position t reads the N rows before it, in this segment and before, so a text says the same in
    one segment, in several, and token by token. With `beyond` a session also has a file of
    `RowStore`: what leaves the window goes there, nothing is lost, and t reads all rows before it.
    Gradients flow into the window, not into a file. Arithmetic is float32. Raises `InvalidInput`
    for what does not fit or is not finite.
    """

    def __init__(self, config: KNNMemoryConfig, size: int) -> None:
        super().__init__()
        self.config, self.size = config, size
        heads, key, value = config.heads, config.key, config.value
        self.norm = nn.RMSNorm(size, eps=1e-6)
        self.ask = nn.Linear(size, heads * key, bias=False)
        self.tell = nn.Linear(size, key + value, bias=False)
        self.seen = nn.Parameter(torch.stack([torch.ones(key), torch.zeros(key)]))  # b, a (2, K)
        self.scale = nn.Parameter(torch.full((heads,), math.log(10.0)))
        self.none = nn.Parameter(torch.full((heads,), 4.0))
        self.gate = nn.Parameter(torch.zeros(heads))
        self.out = nn.Linear(heads * value, size, bias=False)
        with torch.no_grad():
            self.ask.weight.copy_(self.tell.weight[:key].repeat(heads, 1))

    @property
    def form(self) -> dict[str, torch.Size]:
        """Shapes of one session's state."""
        n, key, value = self.config.rows, self.config.key, self.config.value
        shapes = {
            "keys": (n, key),
            "values": (n, value),
            "rows": (n, 2),
            "now": (2,),
            "tail": (1, key),
        }
        return {name: torch.Size(shape) for name, shape in shapes.items()}

    def initial(self, batch: int) -> State:
        device = self.out.weight.device
        whole = {"rows": NONE, "now": 0}
        return {
            name: torch.full((batch, *shape), whole[name], device=device, dtype=torch.long)
            if name in whole
            else torch.zeros(batch, *shape, device=device)
            for name, shape in self.form.items()
        }

    def read(self, state: State, query: Tensor) -> Tensor:
        admit(state, self.form, query, None, self.size)
        asked = self._asked(state, query)
        found, _ = self._attend(asked, self._stores(len(query)))
        return found.to(query.dtype)

    def reads(self, state: State, query: Tensor) -> Reads:
        """Which rows `read` reads for `query` (B, T, D), with what weight, and from which episodes
        they came.
        """
        admit(state, self.form, query, None, self.size)
        return self._attend(self._asked(state, query), self._stores(len(query)))[1]

    def write(self, state: State, hidden: Tensor, mask: Tensor | None = None) -> State:
        admit(state, self.form, hidden, mask, self.size)
        return self._after(state, self._told(state, hidden, mask), self._stores(len(hidden)))

    def through(
        self, state: State, hidden: Tensor, mask: Tensor | None = None
    ) -> tuple[Tensor, State]:
        admit(state, self.form, hidden, mask, self.size)
        stores = self._stores(len(hidden))
        told = self._told(state, hidden, mask)
        found, _ = self._attend(told, stores)
        return told.packed.unpack(found).to(hidden.dtype), self._after(state, told, stores)

    def begin(self, state: State, episodes: Sequence[int]) -> State:
        """The state in which what is written from now on is of these episodes, a number from 0 on
        for each session.

        Where that is another episode than before, the next token has none before it: no key of an
        episode is made of another's token.
        """
        if len(episodes) != len(state["now"]) or min(episodes, default=0) < 0:
            raise InvalidInput(
                f"episodes={list(episodes)[:8]}: give a number from 0 on for each of "
                f"{len(state['now'])} sessions"
            )
        now = state["now"].clone()
        now[:, 1] = torch.as_tensor(episodes, device=now.device)
        other = now[:, 1] != state["now"][:, 1]  # (B,)
        return {**state, "now": now, "tail": state["tail"].masked_fill(other[:, None, None], 0)}

    def forget(self, state: State, episode: int) -> State:
        """The state without the rows of an episode, zeros in their place.

        Those that went beyond are forgotten by `RowStore.forget`.

        What other episodes have made of it stays: a hidden state that had read it before it was
        written.
        """
        gone = state["rows"][..., 1] == episode  # (B, N)
        told = state["now"][:, 1] == episode
        return {
            **state,
            "keys": state["keys"].masked_fill(gone[..., None], 0),
            "values": state["values"].masked_fill(gone[..., None], 0),
            "rows": state["rows"].masked_fill(gone[..., None], NONE),
            "tail": state["tail"].masked_fill(told[:, None, None], 0),
        }

    @contextmanager
    def beyond(self, stores: Stores) -> Iterator[None]:
        """Within it, what leaves the window of session b goes into `stores[b]`, and is read from
        there. None: it is lost, as without.

        A file goes on with the session's newest state. From an older one the same text may be told
        again (rows that are in the file are not added twice, nor read before they have left the
        window); another text would find the rows of the first.
        """
        token = _beyond.set({**(_beyond.get() or {}), id(self): stores})
        try:
            yield
        finally:
            _beyond.reset(token)

    def _stores(self, batch: int) -> Stores | None:
        stores = (_beyond.get() or {}).get(id(self))
        if stores is not None and len(stores) != batch:
            raise InvalidInput(
                f"{len(stores)} stores for {batch} sessions; give one for each, and generate "
                "without beams"
            )
        return stores

    def _queries(self, x: Tensor) -> Tensor:
        return _unit(self.ask(x).float().unflatten(-1, (self.config.heads, -1)))

    def _asked(self, state: State, query: Tensor) -> _Segment:
        """Queries that see the whole window, and write nothing."""
        x = self.norm(query.to(self.out.weight.dtype))
        serial = state["now"][:, :1].expand(-1, query.shape[1])
        nothing = state["tail"][:, :0]
        return _Segment(
            pack(query, None), self._queries(x), serial, nothing,
            state["keys"], state["values"], state["rows"], state["now"],
        )  # fmt: skip

    def _told(self, state: State, hidden: Tensor, mask: Tensor | None) -> _Segment:
        packed = pack(hidden, mask)
        x = self.norm(packed.hidden.to(self.out.weight.dtype))
        raw, v = self.tell(x).float().split([self.config.key, self.config.value], -1)
        before = torch.cat([state["tail"], raw], 1)[:, :-1]
        k = _unit(before * self.seen[0].float() + raw * self.seen[1].float())
        steps = torch.arange(hidden.shape[1], device=hidden.device)
        serial = state["now"][:, :1] + steps  # (B, T)
        rows = torch.stack([serial, state["now"][:, 1:].expand_as(serial)], -1)  # (B, T, 2)
        if packed.real is not None:
            rows = rows.masked_fill(~packed.real[..., None], NONE)
        count = packed.count.to(serial)
        return _Segment(
            packed, self._queries(x), serial, raw,
            torch.cat([state["keys"], k], 1), torch.cat([state["values"], v], 1), torch.cat([state["rows"], rows], 1),
            torch.stack([state["now"][:, 0] + count, state["now"][:, 1]], -1),
        )  # fmt: skip

    def _attend(self, told: _Segment, stores: Stores | None) -> tuple[Tensor, Reads]:
        """Attend to the rows found: values (B, T, D), and their places."""
        with torch.autocast(told.q.device.type, enabled=False):
            q, most = told.q.float(), self.config.nearest
            serials = told.rows[:, None, :, 0]  # (B, 1, N + T)
            at = told.serial[..., None]  # (B, T, 1)
            seen = (serials >= 0) & (serials < at)
            if stores is None:
                seen = seen & (serials >= at - self.config.rows)
            scores = torch.einsum("bthk,bnk->bthn", q, told.keys)
            scores = scores * self.scale.float().exp()[:, None]
            scores = scores.masked_fill(~seen[:, :, None], -math.inf)
            best, place = scores.topk(min(most, scores.shape[-1]), -1)  # (B, T, H, k)
            number = told.rows[:, None, None].expand(*place.shape[:3], -1, -1)
            number = number.gather(3, place[..., None].expand(*place.shape, 2))
            values = None
            if stores is not None and any(stores):
                best, kept, number, values = self._joined(told, q, best, number, stores)
            none = self.none.float()[:, None].expand(*best.shape[:3], 1)
            weights = torch.softmax(torch.cat([best, none], -1), -1)[..., :-1]
            if values is None:
                whole = torch.zeros_like(scores).scatter(-1, place, weights)
                found = torch.einsum("bthn,bnv->bthv", whole, told.values)
            else:  # a row came from the window or from a file
                width = place.shape[-1]
                inside = (kept < width).to(weights.dtype)
                at_window = place.gather(-1, kept.clamp(max=width - 1))
                whole = torch.zeros_like(scores).scatter_add(-1, at_window, weights * inside)
                found = torch.einsum("bthn,bnv->bthv", whole, told.values)
                found = found + torch.einsum("bthk,bthkv->bthv", weights, values)
            found = found * torch.sigmoid(self.gate.float())[:, None]
            number = number.masked_fill(best.isneginf()[..., None], NONE)
        said = self.out(found.flatten(2).to(self.out.weight.dtype))
        return said, Reads(number[..., 0], number[..., 1], weights)

    def _joined(
        self, told: _Segment, q: Tensor, best: Tensor, number: Tensor, stores: Stores
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """The nearest of the window's and the files' rows: scores, places among both, serials and
        episodes, values (0 for the window's).
        """
        most, width = self.config.nearest, best.shape[-1]
        shape = (*q.shape[:3], most)
        score = torch.zeros(shape)
        numbers = torch.full((*shape, 2), NONE)
        values = torch.zeros(*shape, self.config.value)
        for b, store in enumerate(stores):
            if store is None or not len(store):
                continue
            for t, h in np.ndindex(q.shape[1], q.shape[2]):
                found = store.search(q[b, t, h].detach().cpu().numpy(), most)
                n = len(found.rows)
                keys = torch.from_numpy(found.scores)
                score[b, t, h, :n] = keys
                numbers[b, t, h, :n, 0] = torch.from_numpy(np.array(found.serials))
                numbers[b, t, h, :n, 1] = torch.from_numpy(np.array(found.episodes))
                values[b, t, h, :n] = torch.from_numpy(found.values)
        first = told.serial[:, :1, None, None].cpu() - self.config.rows
        serials = numbers[..., 0]
        away = (serials < 0) | (serials >= first)  # not there at all, or in the window
        score = score.to(q.device) * self.scale.float().exp()[:, None]
        score = score.masked_fill(
            away.to(q.device), -math.inf
        )  # infinities last: no NaN in a gradient
        both = torch.cat([best, score], -1)
        top, kept = both.topk(min(most, both.shape[-1]), -1)
        all_numbers = torch.cat([number, numbers.to(q.device)], 3)
        all_numbers = all_numbers.gather(3, kept[..., None].expand(*kept.shape, 2))
        padded = torch.cat([values.new_zeros(*q.shape[:3], width, self.config.value), values], 3)
        picked = padded.to(q.device).gather(
            3, kept[..., None].expand(*kept.shape, self.config.value)
        )
        return top, kept, all_numbers, picked

    def _after(self, state: State, told: _Segment, stores: Stores | None) -> State:
        if stores is not None:
            self._spill(told, stores)
        packed = told.packed
        return {
            "keys": packed.last(state["keys"], told.keys[:, self.config.rows :]),
            "values": packed.last(state["values"], told.values[:, self.config.rows :]),
            "rows": packed.last(state["rows"], told.rows[:, self.config.rows :]),
            "tail": packed.last(state["tail"], told.raw),
            "now": told.now,
        }

    def _spill(self, told: _Segment, stores: Stores) -> None:
        """Append what leaves the window to the sessions' files."""
        for b, store in enumerate(stores):
            gone = told.rows[b, : int(told.packed.count[b])]
            real = gone[:, 0] >= 0
            if store is None or not bool(real.any()):
                continue
            rows = gone[real].cpu().numpy()
            keys, values = (x[b, : len(gone)][real] for x in (told.keys, told.values))
            store.append(
                rows[:, 0], rows[:, 1], keys.detach().cpu().numpy(), values.detach().cpu().numpy()
            )


def _unit(x: Tensor) -> Tensor:
    """Each x / |x| along the last axis; shorter than 1 where x is next to nothing."""
    return x * torch.rsqrt(x.square().sum(-1, keepdim=True) + SHORT)
