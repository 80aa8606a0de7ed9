"""An episodic dynamic memory: sentences are facts, each is written by erase and add, and a question
is answered in several reads (hops).

`FactMemory` is the matrix and its equations, `EpisodicMemory` the network around it: facts in,
question in, answer out, with what each hop attended to.

A key is the outer product of an entity and a role, k = e (x) r, both of length one (third-order
memory, Schlag & Schmidhuber 2018, arXiv 1811.12143, section 3). A fact makes W writes, one after
another. Write i has a target k_i, a source c_i, a content a_i, gates b_i, g_i:

    d_i = b_i (a_i + g_i M_{i-1}^T c_i - M_{i-1}^T k_i)        what is added (a copy of what lay at the source, too), less what is erased
    M_i = M_{i-1} + k_i d_i^T                                  the delta rule

g = 0 is the delta rule alone; the source is that paper's "move": "John dropped the milk" copies
where John is to where the milk is. As all of k, c, a, b, g come from the sentence, M is linear in
its past and n writes are one triangular system (WY form, as in `scan`):

    (I + L) d = b * (a + g C M_0 - K M_0)    L_ij = b_i (<k_i, k_j> - g_i <c_i, k_j>) for j < i,    <k_i, k_j> = <e_i, e_j> <r_i, r_j>
    read of q after t facts = M_0^T q + sum over writes j of those facts of <q, k_j> d_j

so nothing of the size of M is made between facts. Hop h of a question with state u: u <- u + F_h[u;
reads of queries Q_h(u)] (the episodes of dynamic memory networks, Kumar et al. 2016, arXiv
1506.07285). `relate` blocks of attention (Vaswani et al. 2017, equation 1), between facts and from
question to facts, may come before it: relations between facts told in any order (positions, paths)
need them.

Axes: B stories, T facts, Q questions, D size, W writes a fact, N = T W, P reads a hop, E and R
sizes of entity and role, V of a value, S different sentences.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from remanence.lab.chains import Chains, places, shares
from remanence.lab.fact_memory import EpisodicConfig, FactMemory, FactReader, Writes, solve, weights
from remanence.lab.tasks.babi import StoryBatch


class Hop(nn.Module):
    """u + F[u; what was read], F a network of one hidden layer."""

    def __init__(self, config: EpisodicConfig) -> None:
        super().__init__()
        self.reader = FactReader(config)
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
    """A block of attention to the facts so far, with a bias for how long ago each was told and a
    row that stands for none of them.
    """

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
        """`asked` (B, Q, D) after a look at `facts` (B, T, D).

        `ages` (B, Q, T): how many facts ago; negative where not yet told.
        """
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
    """`logits` (B, Q, A).

    Unless asked for, empty: `attention`, for each hop (B, Q, P, T), how much of what each fact
    added is in a read, and `chains`, for each length from 1 (B, Q, length, T), the share of each
    fact at each step.
    """

    logits: Tensor
    attention: tuple[Tensor, ...] = ()
    chains: tuple[Tensor, ...] = ()


class EpisodicMemory(nn.Module):
    """Facts in, questions in, answers out.

    `words` and `answers`: how many there are (`Lexicon.size`, `len(Lexicon.answers)`).
    """

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
        """The words of sentences (S, W) in their places, (S, W, D): each times the masks of its
        place, counted from both ends (Sukhbaatar et al. 2015, arXiv 1503.08895, section 4.1; the
        mask learnt as in Henaff et al. 2017, equation 1). Words beyond `longest` share a place.
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
        """Answers to all questions of a batch; `explain` also returns what each hop and chain
        attended to.
        """
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
        """Compute the writes of the facts, and the questions' state (B, Q, D).

        `told` (S, D): the different sentences.
        """
        if not self.relates:  # a sentence writes the same wherever it stands: once is enough
            return _spread(self.memory.writes(told[:, None]), batch), asked
        facts = functional.embedding(batch.facts, told)  # (B, T, D)
        at = torch.arange(facts.shape[1], device=facts.device)
        own = (at[:, None] - at).expand(len(facts), -1, -1)  # (B, T, T)
        for relate in self.relates:
            facts, asked = relate(facts, facts, own), relate(asked, facts, since)
        return self.memory.writes(facts, batch.told), asked


def _spread(made: Writes, batch: StoryBatch) -> Writes:
    """The writes of different sentences, (S, W, .), as those of the facts (B, N, .) that point to
    them; padding writes nothing.
    """
    count = made.gate.shape[1]
    rows = (functional.embedding(batch.facts, part.flatten(1)) for part in made)
    spread = Writes(*(row.unflatten(-1, (count, -1)).flatten(1, 2) for row in rows))
    kept = batch.told.repeat_interleave(count, 1)[..., None]
    return spread._replace(gate=torch.where(kept, spread.gate, torch.zeros_like(spread.gate)))
