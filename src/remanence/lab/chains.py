"""Attention over chains of facts: which facts, one leading to the next, lead from a question to its
answer.

Attention over single facts cannot tell which of several facts about "the bathroom" lies on the way
to the hallway; whole chains can.

A fact makes G edges. An edge has a key where it begins, a, and one where it ends, o, of length one,
a tag z and a content v. A key is a mixture of the names of the sentence's words, so that two
sentences that name the same thing have like keys before anything is learnt:

    a = normalize(sum over words w of softmax_w(c_w) n_w)        c_w from the word in its place, and from its place alone
    p_L(j_1 .. j_L) ~ F(j_1) product over k of P_k(j_k) product over k < L of M(j_k, j_k+1) E(j_L)
    F(j) = exp s (<b, a_j> - 1)    M(i, j) = exp s' (<o_i, a_j> - 1), 0 within one fact    E(j) = exp s'' (<o_j, e> - 1)
    P_k(j) = exp(<t_k, z_j> + age_k), 0 where the fact was not yet told

b, e and t_k come from the question. That is a linear chain of L steps, a conditional random field
(Lafferty et al., 2001) as attention (Kim et al. 2017, arXiv 1702.00887): forward and backward sums
give, at the cost of L products with M, the exact share of every edge at every step over all N^L
chains, and their sum, the evidence. `enumerated` goes through all of them, for tests.

Axes: B stories, T facts, Q questions, S different sentences, W words of one, D size, G edges a
fact, N = T G, L steps, E, R and V sizes of key, tag and content.
"""

import math
from collections.abc import Sequence
from itertools import pairwise, product
from typing import Final, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

AGES: Final = 32  # older facts count as this old
FLOOR: Final = 1e-8  # below this, a sum over chains counts as none of them
SLOPE: Final = 0.5  # of a key's first preference for early or late words, a place
SHARP: Final = 10.0  # s, s' and s'' at first: a chain that fits nowhere weighs e^-10 a step


class ChainEdges(NamedTuple):
    """Edges that facts offer: begin (B, N, E), end (B, N, E), tag (B, N, R), content (B, N, V)."""

    begin: Tensor
    end: Tensor
    tag: Tensor
    content: Tensor


class Chain(NamedTuple):
    """The factors of the second paragraph: first (B, Q, N), each (B, Q, L, N), then (B, N, N), last
    (B, Q, N).
    """

    first: Tensor
    each: Tensor
    then: Tensor
    last: Tensor


class Shares(NamedTuple):
    """edges: for every length from 1, the share of each edge at each step, (B, Q, length, N), zero
    where no chain fits. evidence (B, Q, L): the logarithm of the sum over all chains of that
    length.
    """

    edges: tuple[Tensor, ...]
    evidence: Tensor


def shares(chain: Chain) -> Shares:
    """By forward and backward sums, each scaled as it goes."""
    steps = chain.each.shape[2]
    told = chain.first * chain.each[:, :, 0]
    ahead: list[Tensor] = []
    logs: list[Tensor] = []
    log = torch.zeros_like(told[..., :1])
    for k in range(steps):
        if k:
            told = (ahead[-1] @ chain.then) * chain.each[:, :, k]
        whole = told.sum(-1, keepdim=True).clamp_min(FLOOR)
        ahead.append(told / whole)
        log = log + whole.log()
        ending = (ahead[-1] * chain.last).sum(-1, keepdim=True).clamp_min(FLOOR)
        logs.append(log + ending.log())
    back = chain.then.mT
    found = []
    for length in range(1, steps + 1):
        behind, edges = chain.last, []
        for k in range(length - 1, -1, -1):
            both = ahead[k] * behind
            edges.append(both / both.sum(-1, keepdim=True).clamp_min(FLOOR))
            if k:
                behind = (chain.each[:, :, k] * behind) @ back
                behind = behind / behind.amax(-1, keepdim=True).clamp_min(FLOOR)
        found.append(torch.stack(edges[::-1], 2))
    return Shares(tuple(found), torch.cat(logs, -1))


def enumerated(chain: Chain) -> Shares:
    """The same, chain by chain: N^L of them."""
    steps, count = chain.each.shape[2:]
    found, logs = [], []
    for length in range(1, steps + 1):
        whole = torch.zeros_like(chain.first[..., 0])
        edges = torch.zeros_like(chain.each[:, :, :length])
        for path in product(range(count), repeat=length):
            weight = chain.first[..., path[0]] * chain.last[..., path[-1]]
            for k, j in enumerate(path):
                weight = weight * chain.each[:, :, k, j]
            for i, j in pairwise(path):
                weight = weight * chain.then[:, i, j][:, None]
            whole = whole + weight
            for k, j in enumerate(path):
                edges[:, :, k, j] += weight
        found.append(edges / whole[..., None, None])
        logs.append(whole.log())
    return Shares(tuple(found), torch.stack(logs, -1))


class Pointer(nn.Module):
    """`count` keys of a sentence, each a mixture of its words' names.

    Places count from both ends: what is last matters as much.

    At first keys look at early and at late words in turn, so that they differ before anything is
    learnt.
    """

    def __init__(self, size: int, late: Sequence[bool], longest: int) -> None:
        super().__init__()
        self.word = nn.Linear(size, len(late))
        slope = SLOPE * torch.arange(longest, dtype=torch.float32)[:, None]
        told = torch.tensor(late, dtype=torch.float32)
        place = -torch.stack([slope * (1 - told), slope * told])  # (2, places, count)
        self.place = nn.Parameter(place + 0.5 * torch.randn_like(place))

    def forward(self, seen: Tensor, names: Tensor, rare: Tensor, kept: Tensor) -> Tensor:
        """(S, count, E) of words in their places `seen` (S, W, D), their `names` (S, W, E), how
        `rare` they are (S, W, 1), and which are no padding, (S, W).
        """
        at, ends = places(kept, self.place.shape[1])
        choice = rare + self.word(seen) + self.place[0][at] + self.place[1][ends]  # (S, W, count)
        choice = choice.masked_fill(~kept[..., None], -1e4).softmax(1)
        return functional.normalize(choice.mT @ names, dim=-1)


class Chains(nn.Module):
    """Adds to a question's state what the likeliest chains of 1 to `steps` facts hold.

    `words`: how many there are; `size`: of a vector.
    """

    def __init__(
        self, words: int, size: int, key: int, tag: int, edges: int, steps: int, longest: int
    ) -> None:
        super().__init__()
        self.edges, self.steps, wide = edges, steps, 2 * size
        self.names = nn.Embedding(words, key)
        self.rare = nn.Embedding.from_pretrained(torch.zeros(words, 1), freeze=False)
        turns = [late for edge in range(edges) for late in (edge % 2 == 1, edge % 2 == 0)]
        self.ends, self.asked = (Pointer(size, late, longest) for late in (turns, [False, True]))
        self.seen, self.wants = (
            nn.Sequential(nn.LayerNorm(size), nn.Linear(size, wide), nn.ReLU()) for _ in range(2)
        )
        self.tag, self.content = nn.Linear(wide, edges * tag), nn.Linear(wide, edges * key)
        self.want = nn.Linear(wide, steps * tag)
        self.sharp = nn.Parameter(torch.full((3,), math.log(SHARP)))
        self.age = nn.Parameter(torch.zeros(steps, AGES))
        read = key * steps * (steps + 1) // 2
        self.with_question = nn.Linear(size, read)
        self.change = nn.Sequential(
            nn.Linear(size + 2 * read + steps, wide),
            nn.ReLU(),
            nn.Linear(wide, wide),
            nn.ReLU(),
            nn.Linear(wide, size),
        )

    def begin(self, counts: Tensor) -> None:
        """Before training: rare words are likelier names.

        `counts` (words,): how often each was said.
        """
        with torch.no_grad():
            self.rare.weight[:, 0] = -torch.log(counts + 1.0)
            self.rare.weight -= self.rare.weight.mean()

    def told(self, sentences: Tensor, seen: Tensor, facts: Tensor) -> ChainEdges:
        """The edges of `facts` (B, T), which point into `sentences` (S, W), whose words in their
        places are `seen` (S, W, D).
        """
        ends = self.ends(
            seen, self.names(sentences), self.rare(sentences), sentences > 0
        )  # (S, 2 G, E)
        begin, end = ends.unflatten(1, (self.edges, 2)).unbind(2)
        hidden = self.seen(seen.sum(1))
        tag, content = (
            part(hidden).unflatten(-1, (self.edges, -1)) for part in (self.tag, self.content)
        )
        rows = (functional.embedding(facts, part.flatten(1)) for part in (begin, end, tag, content))
        return ChainEdges(*(row.unflatten(-1, (self.edges, -1)).flatten(1, 2) for row in rows))

    def factors(
        self, edges: ChainEdges, sentences: Tensor, seen: Tensor, questions: Tensor, ages: Tensor
    ) -> Chain:
        """Of `questions` (B, Q), which point into `sentences`.

        `ages` (B, Q, T): how many facts ago; negative where not yet told.
        """
        keys = self.asked(seen, self.names(sentences), self.rare(sentences), sentences > 0)
        begin, end = functional.embedding(questions, keys.flatten(1)).chunk(2, -1)  # (B, Q, E)
        want = self.want(self.wants(seen.sum(1)))
        want = functional.embedding(questions, want).unflatten(-1, (self.steps, -1))  # B, Q, L, R
        first, then, last = self.sharp.exp()
        fact = torch.arange(edges.begin.shape[1], device=ages.device) // self.edges
        apart = fact[:, None] != fact
        old = self.age[:, ages.clamp(0, AGES - 1)].permute(1, 2, 0, 3)  # (B, Q, L, T)
        old = old.masked_fill((ages < 0)[:, :, None], -math.inf)
        fits = (want.flatten(1, 2) @ edges.tag.mT).unflatten(1, (-1, self.steps)).clamp(-20, 20)
        return Chain(
            torch.exp(first * (begin @ edges.begin.mT - 1)),
            torch.exp(fits + old.repeat_interleave(self.edges, -1)),
            torch.exp(then * (edges.end @ edges.begin.mT - 1)) * apart,
            torch.exp(last * (end @ edges.end.mT - 1)),
        )

    def forward(self, state: Tensor, edges: ChainEdges, found: Shares) -> Tensor:
        """`state` (B, Q, D) of the questions, with what was found added."""
        reads = [
            (share.flatten(1, 2) @ edges.content).unflatten(1, (-1, share.shape[2])).flatten(2)
            for share in found.edges
        ]
        read = torch.cat(reads, -1)
        evidence = found.evidence.clamp(-20, 20) / 5
        # times the question: "is it to the left?" takes the product of what was found and what was
        # asked
        both = torch.cat([state, read, read * self.with_question(state), evidence], -1)
        changed: Tensor = state + self.change(both)
        return changed


def places(kept: Tensor, longest: int) -> tuple[Tensor, Tensor]:
    """The place of each word of `kept` (S, W) from the beginning, (W,), and from the end, (S, W);
    none beyond the last of `longest`.
    """
    at = torch.arange(kept.shape[1], device=kept.device)
    ends = kept.sum(1, keepdim=True) - 1 - at
    return at.clamp(max=longest - 1), ends.clamp(0, longest - 1)
