"""The matrix of an episodic memory: facts written by erase and add, read by queries.

The equations and the letters of axes stand in `episodic`.
"""

from dataclasses import dataclass, fields
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from remanence.errors import ConfigError, InvalidInput
from remanence.neural.neural_memory import State


@dataclass(frozen=True)
class EpisodicConfig:
    """size: of a fact's vector.

    entity, role: of a key's two halves; a value is as large as an entity. writes: of a fact; reads:
    of a hop. chain: facts of the longest chain, 0 for none; edges: of a fact. relate: blocks of
    attention before the memory, each of `heads`. longest: words of a sentence that have places of
    their own. dropout: in the networks of one hidden layer, while training.
    """

    size: int = 64
    entity: int = 32
    role: int = 8
    writes: int = 3
    reads: int = 3
    hops: int = 3
    chain: int = 3
    edges: int = 4
    relate: int = 0
    heads: int = 4
    longest: int = 16
    dropout: float = 0.0

    def __post_init__(self) -> None:
        if not 0 <= self.dropout < 1:
            raise ConfigError(f"dropout={self.dropout!r} is no share below 1")
        for field in fields(self):
            if field.name == "dropout":
                continue
            value, least = getattr(self, field.name), 0 if field.name in ("chain", "relate") else 1
            if type(value) is not int or value < least:
                raise ConfigError(f"{field.name}={value!r} is no number from {least} on")
        if self.size % self.heads:
            raise ConfigError(f"size={self.size} is no multiple of heads={self.heads}")


class Writes(NamedTuple):
    """Writes of facts.

    Keys by their halves, (B, N, E) and (B, N, R); content (B, N, V); gates (B, N, 1).
    """

    entity: Tensor
    role: Tensor
    from_entity: Tensor
    from_role: Tensor
    content: Tensor
    gate: Tensor
    move: Tensor


class FactMemory(nn.Module):
    """The memory of the first paragraph, as a `NeuralMemory`: state "matrix" (B, E R, V), float32,
    of one size however much was told.
    """

    def __init__(self, config: EpisodicConfig) -> None:
        super().__init__()
        self.config = config
        size, n = 2 * config.size, config.writes
        self.seen = nn.Sequential(
            nn.LayerNorm(config.size),
            nn.Linear(config.size, size),
            nn.ReLU(),
            nn.Dropout(config.dropout),
        )
        self.target = nn.Linear(size, n * (config.entity + config.role))
        self.source = nn.Linear(size, n * (config.entity + config.role))
        self.content = nn.Linear(size, n * config.entity)
        self.gates = nn.Linear(size, n * 2)
        self.reader = FactReader(config)

    def initial(self, batch: int) -> State:
        """(B, E R, V) of zeros."""
        form = (batch, self.config.entity * self.config.role, self.config.entity)
        return {"matrix": torch.zeros(form, device=self.content.weight.device)}

    def writes(self, facts: Tensor, mask: Tensor | None = None) -> Writes:
        """Compute the writes of `facts` (B, T, D).

        Raises `InvalidInput` where they are of another size; a fact whose mask is False writes
        nothing.
        """
        if facts.dim() != 3 or facts.shape[-1] != self.config.size:
            raise InvalidInput(
                f"facts {tuple(facts.shape)} are not of the form (B, T, {self.config.size})"
            )
        seen, count = self.seen(facts), self.config.writes
        entity, role = _key(self.target(seen), count, self.config)
        from_entity, from_role = _key(self.source(seen), count, self.config)
        gates = torch.sigmoid(self.gates(seen)).unflatten(-1, (count, 2)).flatten(1, 2)  # (B, N, 2)
        gate = gates[..., :1]
        if mask is not None:
            kept = mask.repeat_interleave(count, 1)[..., None]
            gate = torch.where(kept, gate, torch.zeros_like(gate))
        content = self.content(seen).unflatten(-1, (count, -1)).flatten(1, 2)  # (B, N, V)
        return Writes(entity, role, from_entity, from_role, content, gate, gates[..., 1:])

    def read(self, state: State, query: Tensor) -> Tensor:
        """One hop: what the state says to `query` (B, T, D), (B, T, D)."""
        found = torch.einsum("bqpk,bkv->bqpv", self.reader.whole(query), state["matrix"])
        said: Tensor = self.reader.told(found.flatten(-2))
        return said

    def write(self, state: State, hidden: Tensor, mask: Tensor | None = None) -> State:
        """The state after `hidden` (B, T, D), one fact after another."""
        made = self.writes(hidden, mask)
        added = solve(made, state["matrix"])
        return {"matrix": state["matrix"] + _whole(made.entity, made.role).mT @ added}

    def through(
        self, state: State, hidden: Tensor, mask: Tensor | None = None
    ) -> tuple[Tensor, State]:
        """Fact t reads what was written before it."""
        made = self.writes(hidden, mask)
        added = solve(made, state["matrix"])
        before = torch.arange(hidden.shape[1], device=hidden.device).expand(hidden.shape[:2])
        found, _ = self.reader.look(hidden, made, added, before)
        old = torch.einsum("bqpk,bkv->bqpv", self.reader.whole(hidden), state["matrix"])
        after = state["matrix"] + _whole(made.entity, made.role).mT @ added
        said: Tensor = self.reader.told((found + old).flatten(-2))
        return said, {"matrix": after}


def solve(made: Writes, matrix: Tensor | None = None) -> Tensor:
    """The rows d (B, N, V) that the writes add in the end, all at once.

    `matrix` (B, E R, V) is what was there; None for nothing.
    """
    alike = (made.entity @ made.entity.mT) * (made.role @ made.role.mT)  # (B, N, N)
    moved = (made.from_entity @ made.entity.mT) * (made.from_role @ made.role.mT)
    lower = torch.tril(made.gate * (alike - made.move * moved), -1)
    wanted = made.content
    if matrix is not None:
        old = _whole(made.entity, made.role) @ matrix
        wanted = wanted + made.move * (_whole(made.from_entity, made.from_role) @ matrix) - old
    rows: Tensor = torch.linalg.solve_triangular(
        lower, made.gate * wanted, upper=False, unitriangular=True
    )
    return rows


def sequential(made: Writes, matrix: Tensor) -> tuple[Tensor, Tensor]:
    """The same, write by write and with the matrix:

    the rows (B, N, V), and the matrix after them.
    """
    keys, sources = _whole(made.entity, made.role), _whole(made.from_entity, made.from_role)
    rows = []
    for i in range(keys.shape[1]):
        old = torch.einsum("bk,bkv->bv", keys[:, i], matrix)
        copied = torch.einsum("bk,bkv->bv", sources[:, i], matrix)
        row = made.gate[:, i] * (made.content[:, i] + made.move[:, i] * copied - old)
        matrix = matrix + keys[:, i, :, None] * row[:, None]
        rows.append(row)
    return torch.stack(rows, 1), matrix


def weights(scores: Tensor, made: Writes) -> Tensor:
    """How much of each fact's own content is in a read, after all erasing and copying, (B, Q, P,
    N), from <q, k> (B, Q, P, N).

    A read is `weights` @ content: w = <q, K> (I + L)^-1 b. Negative where a copy was subtracted.
    """
    count = made.content.shape[1]
    content = torch.eye(count, device=scores.device).expand(len(scores), count, count)
    return torch.einsum("bqpn,bnm->bqpm", scores, solve(made._replace(content=content)))


class FactReader(nn.Module):
    """P queries from a question's state, each an entity and a role, and what they find."""

    def __init__(self, config: EpisodicConfig) -> None:
        super().__init__()
        self.config = config
        size = config.size
        self.seen = nn.Sequential(nn.LayerNorm(size), nn.Linear(size, 2 * size), nn.ReLU())
        self.query = nn.Linear(2 * size, config.reads * (config.entity + config.role))
        self.told: nn.Module = nn.Linear(config.reads * config.entity, size)

    def whole(self, asked: Tensor) -> Tensor:
        """The queries as vectors (B, Q, P, E R)."""
        entity, role = _key(self.query(self.seen(asked)), self.config.reads, self.config)
        keys: Tensor = _whole(entity, role).unflatten(1, (-1, self.config.reads))
        return keys

    def look(
        self, asked: Tensor, made: Writes, added: Tensor, after: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Read from the first `after` (B, Q) facts: (B, Q, P, V), and the scores <q, k> of every
        write, (B, Q, P, N).
        """
        entity, role = _key(self.query(self.seen(asked)), self.config.reads, self.config)
        scores = (entity @ made.entity.mT) * (role @ made.role.mT)  # (B, Q P, N)
        scores = scores.unflatten(1, (-1, self.config.reads))
        fact = torch.arange(scores.shape[-1], device=asked.device) // self.config.writes
        scores = scores * (fact < after[..., None])[:, :, None]
        found = (scores.flatten(1, 2) @ added).unflatten(1, (-1, self.config.reads))
        return found, scores


def _key(both: Tensor, count: int, config: EpisodicConfig) -> tuple[Tensor, Tensor]:
    """(B, T, count (E + R)) as entities (B, T count, E) and roles (B, T count, R) of length one."""
    entity, role = (
        both.unflatten(-1, (count, -1)).flatten(1, 2).split([config.entity, config.role], -1)
    )
    return functional.normalize(entity, dim=-1), functional.normalize(role, dim=-1)


def _whole(entity: Tensor, role: Tensor) -> Tensor:
    """Keys e (x) r, (B, N, E R)."""
    return (entity[..., :, None] * role[..., None, :]).flatten(-2)
