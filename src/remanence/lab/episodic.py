"""An episodic dynamic memory: sentences are facts, each is written by erase and add, and a question is answered in several reads (hops).

`FactMemory` is the matrix and its equations, `EpisodicMemory` the network around it: facts in, question in, answer out, with what each hop
attended to. It knows batches of sentences as numbers (`tasks.babi.StoryBatch`); not what language they are in, nor how it is trained.

A key is the outer product of an entity and a role, k = e (x) r, both of length one (third-order memory, Schlag & Schmidhuber 2018,
arXiv 1811.12143, section 3). A fact makes W writes, one after another. Write i has a target k_i, a source c_i, a content a_i, gates b_i, g_i:

    d_i = b_i (a_i + g_i M_{i-1}^T c_i - M_{i-1}^T k_i)        what is added (a copy of what lay at the source, too), less what is erased
    M_i = M_{i-1} + k_i d_i^T                                  the delta rule

g = 0 is the delta rule alone; the source is that paper's "move": "John dropped the milk" copies where John is to where the milk is. As all of
k, c, a, b, g come from the sentence, M is linear in its past and n writes are one triangular system (WY form, as in `scan`):

    (I + L) d = b * (a + g C M_0 - K M_0)    L_ij = b_i (<k_i, k_j> - g_i <c_i, k_j>) for j < i,    <k_i, k_j> = <e_i, e_j> <r_i, r_j>
    read of q after t facts = M_0^T q + sum over writes j of those facts of <q, k_j> d_j

so nothing of the size of M is made between facts. Hop h of a question with state u: u <- u + F_h[u; reads of queries Q_h(u)] (the episodes of
dynamic memory networks, Kumar et al. 2016, arXiv 1506.07285). `relate` blocks of attention (Vaswani et al. 2017, equation 1), between facts
and from question to facts, may come before it: relations between facts told in any order (positions, paths) need them.

Axes: B stories, T facts, Q questions, D size, W writes a fact, N = T W, P reads a hop, E and R sizes of entity and role, V of a value,
S different sentences.
"""

import math
from dataclasses import dataclass, fields
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from remanence.errors import ConfigError, InvalidInput
from remanence.lab.chains import Chains, places, shares
from remanence.lab.tasks.babi import StoryBatch
from remanence.neural.neural_memory import State


@dataclass(frozen=True)
class EpisodicConfig:
    """size: of a fact's vector. entity, role: of a key's two halves; a value is as large as an entity. writes: of a fact; reads: of a hop.
    chain: facts of the longest chain, 0 for none; edges: of a fact. relate: blocks of attention before the memory, each of `heads`.
    longest: words of a sentence that have places of their own. dropout: in the networks of one hidden layer, while training.
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
    """What facts want to write. Keys by their halves, (B, N, E) and (B, N, R); content (B, N, V); gates (B, N, 1)."""

    entity: Tensor
    role: Tensor
    from_entity: Tensor
    from_role: Tensor
    content: Tensor
    gate: Tensor
    move: Tensor


class FactMemory(nn.Module):
    """The memory of the first paragraph, as a `NeuralMemory`: state "matrix" (B, E R, V), float32, of one size however much was told."""

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
        self.reader = Reader(config)

    def initial(self, batch: int) -> State:
        """(B, E R, V) of zeros."""
        form = (batch, self.config.entity * self.config.role, self.config.entity)
        return {"matrix": torch.zeros(form, device=self.content.weight.device)}

    def writes(self, facts: Tensor, mask: Tensor | None = None) -> Writes:
        """What `facts` (B, T, D) write. Raises `InvalidInput` where they are of another size; a fact whose mask is False writes nothing."""
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
    """The rows d (B, N, V) that the writes add in the end, all at once. `matrix` (B, E R, V) is what was there; None for nothing."""
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
    """The same, write by write and with the matrix: the rows (B, N, V), and the matrix after them."""
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
    """How much of each fact's own content is in a read, after all erasing and copying, (B, Q, P, N), from <q, k> (B, Q, P, N).

    A read is `weights` @ content: w = <q, K> (I + L)^-1 b. Negative where a copy was subtracted.
    """
    count = made.content.shape[1]
    content = torch.eye(count, device=scores.device).expand(len(scores), count, count)
    return torch.einsum("bqpn,bnm->bqpm", scores, solve(made._replace(content=content)))


class Reader(nn.Module):
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
        """What is read from the first `after` (B, Q) facts: (B, Q, P, V), and the scores <q, k> of every write, (B, Q, P, N)."""
        entity, role = _key(self.query(self.seen(asked)), self.config.reads, self.config)
        scores = (entity @ made.entity.mT) * (role @ made.role.mT)  # (B, Q P, N)
        scores = scores.unflatten(1, (-1, self.config.reads))
        fact = torch.arange(scores.shape[-1], device=asked.device) // self.config.writes
        scores = scores * (fact < after[..., None])[:, :, None]
        found = (scores.flatten(1, 2) @ added).unflatten(1, (-1, self.config.reads))
        return found, scores


class Hop(nn.Module):
    """u + F[u; what was read], F a network of one hidden layer."""

    def __init__(self, config: EpisodicConfig) -> None:
        super().__init__()
        self.reader = Reader(config)
        both, size = config.size + config.reads * config.entity, config.size
        self.reader.told = nn.Identity()
        self.change = nn.Sequential(
            nn.LayerNorm(both),
            nn.Linear(both, 2 * size),
            nn.ReLU(),
            nn.Dropout(config.dropout),
            nn.Linear(2 * size, size),
        )

    def forward(
        self, asked: Tensor, made: Writes, added: Tensor, after: Tensor
    ) -> tuple[Tensor, Tensor]:
        """The question's state (B, Q, D) after the hop, and the scores (B, Q, P, N)."""
        found, scores = self.reader.look(asked, made, added, after)
        return asked + self.change(torch.cat([asked, found.flatten(-2)], -1)), scores


class Relate(nn.Module):
    """A block of attention to the facts so far, with a bias for how long ago each was told and a row that stands for none of them."""

    AGES = 32  # older facts count as this old

    def __init__(self, config: EpisodicConfig) -> None:
        super().__init__()
        size, self.heads = config.size, config.heads
        self.asker, self.teller = nn.LayerNorm(size), nn.LayerNorm(size)
        self.query, self.key, self.value, self.out = (nn.Linear(size, size) for _ in range(4))
        self.change = nn.Sequential(
            nn.LayerNorm(size), nn.Linear(size, 2 * size), nn.ReLU(), nn.Linear(2 * size, size)
        )
        self.age = nn.Parameter(torch.zeros(self.heads, self.AGES))
        self.none = nn.Parameter(0.1 * torch.randn(1, 1, size))

    def forward(self, asked: Tensor, facts: Tensor, ages: Tensor) -> Tensor:
        """`asked` (B, Q, D) after a look at `facts` (B, T, D). `ages` (B, Q, T): how many facts ago; negative where not yet told."""
        told = self.teller(torch.cat([self.none.expand(len(facts), 1, -1), facts], 1))
        query, key, value = (
            part.unflatten(-1, (self.heads, -1)).transpose(1, 2)
            for part in (self.query(self.asker(asked)), self.key(told), self.value(told))
        )  # (B, H, Q or T + 1, D / H)
        bias = self.age[:, ages.clamp(0, self.AGES - 1)].transpose(0, 1)  # (B, H, Q, T)
        bias = bias.masked_fill((ages < 0)[:, None], -math.inf)
        bias = functional.pad(bias, (1, 0))
        share = torch.softmax(query @ key.mT / math.sqrt(query.shape[-1]) + bias, -1)
        asked = asked + self.out((share @ value).transpose(1, 2).flatten(-2))
        changed: Tensor = asked + self.change(asked)
        return changed


@dataclass(frozen=True)
class EpisodicAnswer:
    """`logits` (B, Q, A). Unless asked for, empty: `attention`, for each hop (B, Q, P, T), how much of what each fact added is in a read, and
    `chains`, for each length from 1 (B, Q, length, T), the share of each fact at each step.
    """

    logits: Tensor
    attention: tuple[Tensor, ...] = ()
    chains: tuple[Tensor, ...] = ()


class EpisodicMemory(nn.Module):
    """Facts in, questions in, answers out. `words` and `answers`: how many there are (`Lexicon.size`, `len(Lexicon.answers)`)."""

    def __init__(self, config: EpisodicConfig, words: int, answers: int) -> None:
        super().__init__()
        self.config = config
        size = config.size
        self.words = nn.Embedding(words, size, padding_idx=0)
        nn.init.normal_(self.words.weight, 0.0, 0.5)
        self.places = nn.ParameterList(
            nn.Parameter(1 + 0.3 * torch.randn(config.longest, size)) for _ in range(2)
        )
        self.ends = nn.ParameterList(
            nn.Parameter(0.3 * torch.randn(config.longest, size)) for _ in range(2)
        )
        self.relates = nn.ModuleList(Relate(config) for _ in range(config.relate))
        self.chains = (
            Chains(
                words,
                size,
                config.entity,
                config.role,
                config.edges,
                config.chain,
                config.longest,
            )
            if config.chain
            else None
        )
        self.memory = FactMemory(config)
        self.memory.reader.requires_grad_(False)  # of the port alone: the hops have their own
        self.hops = nn.ModuleList(Hop(config) for _ in range(config.hops))
        self.answer = nn.Sequential(
            nn.LayerNorm(size),
            nn.Linear(size, 2 * size),
            nn.ReLU(),
            nn.Dropout(config.dropout),
            nn.Linear(2 * size, answers),
        )

    def spell(self, sentences: Tensor, *, asked: bool = False) -> Tensor:
        """The words of sentences (S, W) in their places, (S, W, D): each times the masks of its place, counted from both ends (Sukhbaatar et
        al. 2015, arXiv 1503.08895, section 4.1; the mask learnt as in Henaff et al. 2017, equation 1). Words beyond `longest` share a place.
        """
        kept = sentences > 0
        at, ends = places(kept, self.config.longest)
        mask = self.places[int(asked)][at] + self.ends[int(asked)][ends]  # (S, W, D)
        spelt: Tensor = self.words(sentences) * mask * kept[..., None]
        return spelt

    def encode(self, sentences: Tensor, *, asked: bool = False) -> Tensor:
        """Sentences (S, W) as vectors (S, D): the sum of what `spell` gives."""
        return self.spell(sentences, asked=asked).sum(-2)

    def forward(self, batch: StoryBatch, *, explain: bool = False) -> EpisodicAnswer:
        """Answers to all questions of a batch; `explain` also returns what each hop and chain attended to."""
        told = self.spell(batch.sentences)
        spelt = self.spell(batch.asked, asked=True)
        asked = functional.embedding(batch.questions, spelt.sum(-2))  # (B, Q, D)
        at = torch.arange(batch.facts.shape[1], device=asked.device)
        since = batch.after[..., None] - 1 - at  # (B, Q, T)
        made, asked = self._made(batch, told.sum(-2), asked, since)
        chains: tuple[Tensor, ...] = ()
        if self.chains is not None:
            edges = self.chains.told(batch.sentences, told, batch.facts)
            found = shares(self.chains.factors(edges, batch.asked, spelt, batch.questions, since))
            asked = self.chains(asked, edges, found)
            if explain:
                by_fact = (e.unflatten(-1, (-1, self.config.edges)).sum(-1) for e in found.edges)
                chains = tuple(share.detach() for share in by_fact)
        added = solve(made)
        attention = []
        for hop in self.hops:
            asked, scores = hop(asked, made, added, batch.after)
            if explain:
                weighed = weights(scores, made).unflatten(-1, (-1, self.config.writes))
                attention.append(weighed.sum(-1).detach())
        return EpisodicAnswer(self.answer(asked), tuple(attention), chains)

    def _made(
        self, batch: StoryBatch, told: Tensor, asked: Tensor, since: Tensor
    ) -> tuple[Writes, Tensor]:
        """What the facts write, and the questions' state (B, Q, D). `told` (S, D): the different sentences."""
        if not self.relates:  # a sentence writes the same wherever it stands: once is enough
            return _spread(self.memory.writes(told[:, None]), batch), asked
        facts = functional.embedding(batch.facts, told)  # (B, T, D)
        at = torch.arange(facts.shape[1], device=facts.device)
        own = (at[:, None] - at).expand(len(facts), -1, -1)  # (B, T, T)
        for relate in self.relates:
            facts, asked = relate(facts, facts, own), relate(asked, facts, since)
        return self.memory.writes(facts, batch.told), asked


def _spread(made: Writes, batch: StoryBatch) -> Writes:
    """The writes of different sentences, (S, W, .), as those of the facts (B, N, .) that point to them; padding writes nothing."""
    count = made.gate.shape[1]
    rows = (functional.embedding(batch.facts, part.flatten(1)) for part in made)
    spread = Writes(*(row.unflatten(-1, (count, -1)).flatten(1, 2) for row in rows))
    kept = batch.told.repeat_interleave(count, 1)[..., None]
    return spread._replace(gate=torch.where(kept, spread.gate, torch.zeros_like(spread.gate)))


def _key(both: Tensor, count: int, config: EpisodicConfig) -> tuple[Tensor, Tensor]:
    """(B, T, count (E + R)) as entities (B, T count, E) and roles (B, T count, R) of length one."""
    entity, role = (
        both.unflatten(-1, (count, -1)).flatten(1, 2).split([config.entity, config.role], -1)
    )
    return functional.normalize(entity, dim=-1), functional.normalize(role, dim=-1)


def _whole(entity: Tensor, role: Tensor) -> Tensor:
    """Keys e (x) r, (B, N, E R)."""
    return (entity[..., :, None] * role[..., None, :]).flatten(-2)
