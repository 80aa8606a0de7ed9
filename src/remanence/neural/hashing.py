"""Hash memory: a few tables of rows, found by hashing what a token is about, once a table; written
by erase and add, and read before that.

As in `dynamic`, a causal convolution of `kernel` tokens gives queries and values of a token and
keys of the one before it, all of length one where they are hashed.

Each of H heads has a hash of its own: with R_h a matrix K x R/2, the buckets of x are ordered by [x
R_h; -x R_h], and the first is its hash, as of locality-sensitive hashing by random rotations
(Andoni et al., arXiv 1509.02897; Reformer, arXiv 2001.04451). Several heads tell apart what
collides in one (Engram, arXiv 2601.07372). The `probes` first buckets are looked at (multi-probe
hashing), weighed by a softmax over their scores: so the rotations, random at first, learn. With c_t
and w_t the weights of a query and a key, nonzero in `probes` of R rows, e_t and a_t the head's
erase and add gates:

    r_t = S_{t-1}^T c_t        S_t = (1 - e_t w_t) * S_{t-1} + a_t w_t v_t^T        (a row of S fades by its own weight: arXiv 1410.5401)

A new session begins with tables that are learnt, a copy for each, and a state of a fixed size. In
parallel, with L_t = sum log(1 - e w) a row:

    r_t = (exp(L_{t-1}) * c_t) S_0 + sum_{i<t} [sum_r c_tr exp(L_{t-1,r} - L_ir) w_ir] a_i v_i

where every exponent is <= 0. Axes as in `port`; R rows of a table, C tokens of a chunk. Weights are
(B, T, H, R), tables (B, H, R, V).
"""

from typing import Final

import torch
from torch import Tensor, nn
from torch.nn.functional import pad

from remanence.errors import ConfigError
from remanence.neural.configs import HashMemoryConfig
from remanence.neural.dynamic import convolved, prior, unit
from remanence.neural.neural_memory import State
from remanence.neural.segments import Packed, admit, pack

OPEN: Final = 2.0  # bias of both gates, as in `dynamic`
SHARP: Final = 3.0  # how much nearer the first bucket counts, at first
MOST: Final = 0.9999  # of a row that one token erases: its logarithm is finite


class HashMemory(nn.Module):
    """Implements `port.NeuralMemory`, token by token.

    State: `tables` (B, H, R, V), and `tail` (B, kernel - 1, H (2 K + V)), what the convolution
    still has to see.

    Tables are float32 whatever the model is in. Raises `InvalidInput` for shapes that do not fit
    and for hidden states that are not finite, `ConfigError` where rows are odd, or fewer than
    `probes`.
    """

    def __init__(self, config: HashMemoryConfig, size: int) -> None:
        super().__init__()
        if config.rows % 2 or not 2 <= config.probes <= config.rows:
            raise ConfigError(
                f"rows={config.rows} and probes={config.probes} do not fit: rows is even, and "
                "probes from 2 to rows"
            )
        self.config, self.size = config, size
        heads, key, value = config.heads, config.key, config.value
        self.norm = nn.RMSNorm(size, eps=1e-6)
        self.ask = nn.Linear(size, heads * key, bias=False)
        self.tell = nn.Linear(size, heads * (key + value), bias=False)
        self.seen = nn.Parameter(prior(heads, key, value, config.kernel))
        self.rotations = nn.Parameter(torch.randn(heads, key, config.rows // 2))
        self.sharp = nn.Parameter(torch.full((heads,), SHARP))
        self.first = nn.Parameter(torch.randn(heads, config.rows, value) * 0.01)
        self.gates = nn.Linear(size, 2 * heads)
        self.out = nn.Linear(heads * value, size, bias=False)
        with torch.no_grad():
            self.tell.weight[: len(self.ask.weight)] = self.ask.weight
            nn.init.zeros_(self.gates.weight)
            nn.init.constant_(self.gates.bias, OPEN)

    @property
    def form(self) -> dict[str, torch.Size]:
        """Shapes of one session's state."""
        config = self.config
        return {
            "tables": torch.Size([config.heads, config.rows, config.value]),
            "tail": torch.Size([config.kernel - 1, self.seen.shape[1]]),
        }

    def initial(self, batch: int) -> State:
        tail = torch.zeros(batch, *self.form["tail"], device=self.seen.device)
        return {"tables": self.first.float().expand(batch, -1, -1, -1).clone(), "tail": tail}

    def read(self, state: State, query: Tensor) -> Tensor:
        admit(state, self.form, query, None, self.size)
        width = self.ask.out_features
        asked = self.ask(self.norm(query.to(self.out.weight.dtype))).float()
        seen = convolved(asked, state["tail"][..., :width], self.seen[:, :width])
        weights = self.hashed(seen.unflatten(-1, (self.config.heads, -1)))
        found = (weights.transpose(1, 2) @ state["tables"]).transpose(1, 2)
        return self._said(found).to(query.dtype)

    def write(self, state: State, hidden: Tensor, mask: Tensor | None = None) -> State:
        return self.through(state, hidden, mask)[1]

    def through(
        self, state: State, hidden: Tensor, mask: Tensor | None = None
    ) -> tuple[Tensor, State]:
        admit(state, self.form, hidden, mask, self.size)
        config = self.config
        packed: Packed = pack(hidden, mask)
        x = self.norm(packed.hidden.to(self.out.weight.dtype))
        said = torch.cat([self.ask(x), self.tell(x)], -1).float()  # (B, T, H (2 K + V))
        seen = convolved(said, state["tail"], self.seen)
        wide = config.heads * config.key
        q, k, v = (
            part.unflatten(-1, (config.heads, -1))
            for part in seen.split([wide, wide, config.heads * config.value], -1)
        )
        erase, add = torch.sigmoid(self.gates(x).float()).chunk(2, -1)  # (B, T, H) each
        told = (self.hashed(q), self.hashed(k), erase, add[..., None] * v, state["tables"])
        if hidden.shape[1] == 1:
            found, tables = recurrent(*told, packed.real)
        else:
            found, tables = chunked(*told, packed.real, config.chunk)
        after = {"tables": tables, "tail": packed.last(state["tail"], said)}
        return packed.unpack(self._said(found)).to(hidden.dtype), after

    def hashed(self, x: Tensor) -> Tensor:
        """Weights of the rows where x (B, T, H, K) is to be found: (B, T, H, R), nonzero in
        `probes` of them, and 1 together.
        """
        with torch.autocast(x.device.type, enabled=False):
            turned = torch.einsum("bthk,hkr->bthr", unit(x), self.rotations.float())
            scores = torch.cat([turned, -turned], -1) * self.sharp.float()[:, None]
            best, rows = scores.topk(self.config.probes, -1)
            return torch.zeros_like(scores).scatter(-1, rows, torch.softmax(best, -1))

    def _said(self, found: Tensor) -> Tensor:
        said: Tensor = self.out(found.flatten(2).to(self.out.weight.dtype))
        return said


def recurrent(
    ask: Tensor,
    tell: Tensor,
    erase: Tensor,
    news: Tensor,
    tables: Tensor,
    real: Tensor | None = None,
) -> tuple[Tensor, Tensor]:
    """Token by token, as the equations stand: what each position read, (B, T, H, V), and the tables
    after the last. The reference. `ask` and `tell` are c and w, `news` a v, (B, T, H, V); `real`
    (B, T) is False at padding.
    """
    found = []
    with torch.autocast(tables.device.type, enabled=False):
        for t in range(ask.shape[1]):
            found.append((ask[:, t, :, None] @ tables)[:, :, 0])  # (B, H, V)
            gone = MOST * erase[:, t, :, None] * tell[:, t]  # (B, H, R)
            after = (1 - gone)[..., None] * tables + tell[:, t, ..., None] * news[:, t, :, None]
            keep = None if real is None else real[:, t, None, None, None]
            tables = after if keep is None else torch.where(keep, after, tables)
    return (torch.stack(found, 1) if found else news), tables


def chunked(
    ask: Tensor,
    tell: Tensor,
    erase: Tensor,
    news: Tensor,
    tables: Tensor,
    real: Tensor | None = None,
    chunk: int = 16,
) -> tuple[Tensor, Tensor]:
    """The same as `recurrent`, `chunk` tokens at once."""
    before = tables
    if not ask.shape[1]:
        return news, tables
    if real is not None:
        tell = tell.masked_fill(~real[..., None, None], 0)
        erase, news = erase.masked_fill(~real[..., None], 0), news.masked_fill(~real[..., None, None], 0)  # fmt: skip
    found = []
    with torch.autocast(tables.device.type, enabled=False):
        for each in zip(*(x.transpose(1, 2).split(chunk, 2) for x in (ask, tell, erase, news)), strict=True):  # fmt: skip
            c, w, e, u = each  # (B, H, C, *)
            upto = torch.log1p(-MOST * e[..., None] * w).cumsum(2)  # (B, H, C, R)
            past = pad(upto[:, :, :-1], (0, 0, 1, 0))
            ahead = torch.ones(*[c.shape[2]] * 2, dtype=torch.bool, device=c.device).triu()
            apart = past[:, :, :, None] - upto[:, :, None]  # (B, H, C, C, R)
            kept = apart.masked_fill(ahead[..., None], -torch.inf).exp()
            weights = torch.einsum("bhtr,bhtir,bhir->bhti", c, kept, w)
            found.append((c * past.exp()) @ tables + weights @ u)
            last = upto[:, :, -1:]  # (B, H, 1, R)
            tables = last.mT.exp() * tables + ((last - upto).exp() * w).mT @ u
    if real is not None:
        tables = torch.where(real.any(1)[:, None, None, None], tables, before)
    return torch.cat(found, 2).transpose(1, 2), tables
