"""`KnowledgeFusion`: what a graph knows of the entities that a text names joins the hidden states,
beside what a memory read.

Axes beside those of `port`: E places for entities at a token, F facts of an entity, C = E (1 + F)
candidates, L tokens that name something, A attention heads, De and Dr sizes of an entity's and a
relation's vector.
"""

import math
from typing import Any, Self

import torch
from torch import Tensor, nn

from remanence.errors import InvalidInput
from remanence.neural.linking import Linked

SOURCES = ("hidden", "memory", "knowledge")


class KnowledgeRead(nn.Module):
    """Attention of a token to the entities that it names and to their facts:

        kg_t = sum_c softmax_c(h_t W_q (W_e e_c + W_r r_c)) v_c

    A candidate c is a named entity itself (r_c = 0, v_c = e_c) or a fact (e_c, r_c, tail) of it
    (v_c the tail's vector), so that what stands only in the graph can be read out of it. Without
    facts and with one head it is kg_t = sum_j softmax_j(h_t W e_j) e_j.

    `entities` (Ne, De) and `relations` (R, Dr) are tables, `facts` (n, 3) numbers of head, relation
    and tail; with `inverse` each is read from its tail as well, by relation R + r, and `relations`
    has 2 R rows. `most`: facts of one entity that are kept, in the order given. `trained`: the
    tables learn too. Their rows are scaled to a root mean square of 1 over the table, so that one
    learning rate suits all. Raises `InvalidInput` for tables and facts that do not belong together.
    """

    entities: Tensor
    relations: Tensor
    kind: Tensor
    tail: Tensor
    known: Tensor

    def __init__(
        self,
        size: int,
        entities: Tensor,
        relations: Tensor | None = None,
        facts: Tensor | None = None,
        *,
        inverse: bool = False,
        heads: int = 1,
        key: int = 32,
        most: int = 16,
        trained: bool = False,
    ) -> None:
        super().__init__()
        if (relations is None) != (facts is None):
            raise InvalidInput("give relations and facts together, or neither")
        if relations is None or facts is None:
            relations, facts = entities.new_zeros(0, 1), torch.zeros(0, 3, dtype=torch.long)
        facts = torch.as_tensor(facts).long()
        _check(entities, relations, facts, 2 if inverse else 1)
        if inverse:
            turned = facts[:, [2, 1, 0]] + facts.new_tensor([0, len(relations) // 2, 0])
            facts = torch.cat([facts, turned])
        self.heads, self.key = heads, key
        for name, table in (("entities", entities), ("relations", relations)):
            kept = _scaled(table.detach().float())
            if trained:
                self.register_parameter(name, nn.Parameter(kept))
            else:
                self.register_buffer(name, kept)
        for name, table in zip(
            ("kind", "tail", "known"), _neighbours(facts, len(entities), most), strict=True
        ):
            self.register_buffer(name, table)  # (Ne, F)
        self.query = nn.Linear(size, heads * key, bias=False)
        self.of_entity = nn.Linear(entities.shape[1], heads * key, bias=False)
        self.of_relation = nn.Linear(relations.shape[1], heads * key, bias=False)

    @property
    def width(self) -> int:
        """Numbers that are read for a token: A De."""
        return self.heads * self.entities.shape[1]

    def forward(self, hidden: Tensor, linked: Linked) -> tuple[Tensor, Tensor]:
        """`hidden` (B, T, D): what was read (B, T, A De), zeros where nothing is named, and where
        something is (B, T).
        """
        _fits(hidden, linked, len(self.entities))
        some = linked.mask.any(-1)  # (B, T)
        # Most tokens name nothing: the candidates of the others are gathered, and nothing else is
        # computed.
        weight, value = self.candidates(hidden[some], linked.entities[some], linked.mask[some])
        read = torch.einsum("lac,lcd->lad", weight, value).flatten(1)  # (L, A De)
        whole = read.new_zeros(*some.shape, self.width)
        return whole.masked_scatter(some[..., None], read), some

    def candidates(self, hidden: Tensor, entities: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """`hidden` (L, D), `entities` and `mask` (L, E): attention (L, A, C) and values (L, C, De).

        Candidates are first all entities, then the facts of each in turn; those that are none weigh
        0.
        """
        own = self.entities[entities]  # (L, E, De)
        facts = self.known[entities] & mask[..., None]  # (L, E, F)
        value = torch.cat([own, self.entities[self.tail[entities]].flatten(1, 2)], 1)  # (L, C, De)
        there = torch.cat([mask, facts.flatten(1)], 1)  # (L, C)
        query = self.query(hidden.to(self.query.weight.dtype))
        query = query.unflatten(-1, (self.heads, self.key)) / math.sqrt(self.key)  # (L, A, K)
        named = self.of_entity(own).unflatten(-1, (self.heads, self.key))  # (L, E, A, K)
        score = torch.einsum("lak,leak->lae", query, named)  # (L, A, E)
        if facts.shape[-1]:
            # A relation's key is the same for every fact: one product over the table of relations,
            # then a gather.
            kinds = self.of_relation(self.relations).unflatten(-1, (self.heads, self.key))
            every = torch.einsum("lak,rak->lar", query, kinds)  # (L, A, R)
            at = self.kind[entities].flatten(1)[:, None].expand(-1, self.heads, -1)  # (L, A, E F)
            said = every.gather(2, at).unflatten(-1, facts.shape[1:]) + score[..., None]
            score = torch.cat([score, said.flatten(2)], -1)  # (L, A, C)
        score = score.masked_fill(~there[:, None], -math.inf)
        return torch.softmax(score.float(), -1).to(value.dtype), value


class Blend(nn.Module):
    """h + g_memory W_m m + g_knowledge W_k kg with (g_hidden, g_memory, g_knowledge) = softmax(W_g
    [h; m; kg] + b): each source has a gate of its own, and g_hidden, the share of neither, keeps
    the hidden state as it is.

    m is what a memory read, scaled to a root mean square of 1: a fresh memory whispers, and without
    that a training spends hundreds of steps on nothing but making W_m larger. W_m and W_k begin at
    zero, so that a fresh blend changes nothing. A source that is absent at a token has gate 0
    there. `memory` and `knowledge` are the sizes of what they read, 0 for none.
    """

    def __init__(self, size: int, memory: int = 0, knowledge: int = 0) -> None:
        super().__init__()
        self.memory, self.knowledge = memory, knowledge
        self.gate = nn.Linear(size + memory + knowledge, len(SOURCES))
        self.norm = nn.RMSNorm(memory, eps=1e-6) if memory else None
        self.from_memory = nn.Linear(memory, size, bias=False) if memory else None
        self.from_knowledge = nn.Linear(knowledge, size, bias=False) if knowledge else None
        for layer in (self.from_memory, self.from_knowledge):
            if layer is not None:
                nn.init.zeros_(layer.weight)
        nn.init.zeros_(self.gate.weight)
        nn.init.zeros_(self.gate.bias)

    def gates(
        self, hidden: Tensor, memory: Tensor | None, knowledge: Tensor | None, named: Tensor | None
    ) -> Tensor:
        """(B, T, 3): the shares of `SOURCES`.

        `memory` (B, T, M), scaled, and `knowledge` (B, T, A De) may be None; `named` (B, T) is
        where there is knowledge, None for everywhere.
        """
        form = hidden.shape[:2]
        kind = self.gate.weight.dtype
        parts = [hidden.to(kind)]
        for found, width in ((memory, self.memory), (knowledge, self.knowledge)):
            if width:
                parts.append(
                    hidden.new_zeros(*form, width, dtype=kind) if found is None else found.to(kind)
                )
        logits = self.gate(torch.cat(parts, -1))
        there = torch.ones(*form, len(SOURCES), dtype=torch.bool, device=hidden.device)
        there[..., 1] = memory is not None
        there[..., 2] = False if knowledge is None else True if named is None else named
        return torch.softmax(logits.masked_fill(~there, -math.inf), -1)

    def forward(
        self,
        hidden: Tensor,
        memory: Tensor | None = None,
        knowledge: Tensor | None = None,
        named: Tensor | None = None,
    ) -> Tensor:
        """(B, T, D), in the dtype of `hidden`.

        Raises `InvalidInput` for a source that this blend was made without.
        """
        if memory is not None and self.norm is not None:
            memory = self.norm(memory.to(self.norm.weight.dtype))
        gates = self.gates(hidden, memory, knowledge, named)
        for place, found, layer in (
            (1, memory, self.from_memory),
            (2, knowledge, self.from_knowledge),
        ):
            if found is None:
                continue
            if layer is None:
                raise InvalidInput(
                    f"this blend was made without {SOURCES[place]}; give its size when you make it"
                )
            said = layer(found.to(layer.weight.dtype))
            hidden = hidden + (gates[..., place : place + 1] * said).to(hidden.dtype)
        return hidden


class KnowledgeFusion(nn.Module):
    """Reads a graph (`KnowledgeRead`) and blends it, with what a memory read, into the hidden
    states (`Blend`).

    A token that names nothing is, without a memory, exactly as it was; and a fresh fusion changes
    no token.
    """

    def __init__(self, size: int, read: KnowledgeRead, memory: int = 0) -> None:
        super().__init__()
        self.read = read
        self.blend = Blend(size, memory, read.width)

    @classmethod
    def of(
        cls,
        embedding: Any,
        size: int,
        *,
        memory: int = 0,
        neighbours: bool = True,
        heads: int = 1,
        key: int = 32,
        most: int = 16,
        trained: bool = False,
    ) -> Self:
        """Of a trained embedding (`remanence.kge.KnowledgeEmbedding`, or what has its `tables`,
        `graph` and `recipe`) for hidden states of `size`. With `neighbours` facts are read too,
        from either end; without, the entities' vectors alone.
        """
        tables, graph = embedding.tables, embedding.graph
        relations = facts = None
        if neighbours:
            count = len(graph.relations)
            kinds = torch.arange(2 * count, device=tables.relation.device)
            relations = tables.relations_of(embedding.recipe.scorer(), kinds, count)
            facts = torch.as_tensor(graph.ids)
        read = KnowledgeRead(
            size,
            tables.entity,
            relations,
            facts,
            inverse=neighbours,
            heads=heads,
            key=key,
            most=most,
            trained=trained,
        )
        return cls(size, read, memory)

    def forward(
        self, hidden: Tensor, linked: Linked | None = None, memory: Tensor | None = None
    ) -> Tensor:
        """`hidden` (B, T, D), what its tokens name, and what a memory read (B, T, M): (B, T, D)."""
        if linked is None:
            alone: Tensor = self.blend(hidden, memory)
            return alone
        found, named = self.read(hidden, linked)
        blended: Tensor = self.blend(hidden, memory, found, named)
        return blended


def _scaled(table: Tensor) -> Tensor:
    return table / table.square().mean().sqrt().clamp_min(1e-12) if table.numel() else table


def _neighbours(facts: Tensor, count: int, most: int) -> tuple[Tensor, Tensor, Tensor]:
    """(Ne, F) relation and tail of each entity's facts, and which of the F places are taken; F at
    most `most`.
    """
    order = torch.argsort(facts[:, 0], stable=True)
    head, kind, tail = facts[order].T
    first = torch.searchsorted(head.contiguous(), torch.arange(count))  # (Ne,)
    place = torch.arange(len(head)) - first[head]  # of a fact among those of its head
    kept = place < most
    width = int(place[kept].max()) + 1 if kept.any() else 0
    tables = torch.zeros(2, count, width, dtype=torch.long)
    known = torch.zeros(count, width, dtype=torch.bool)
    at = (head[kept], place[kept])
    tables[0][at], tables[1][at], known[at] = kind[kept], tail[kept], True
    return tables[0], tables[1], known


def _check(entities: Tensor, relations: Tensor, facts: Tensor, ways: int) -> None:
    if entities.dim() != 2 or relations.dim() != 2 or facts.dim() != 2 or facts.shape[1] != 3:
        shapes = [tuple(each.shape) for each in (entities, relations, facts)]
        raise InvalidInput(
            f"tables of shapes {shapes}; entities (Ne, De), relations (R, Dr), facts (n, 3)"
        )
    if len(relations) % ways:
        raise InvalidInput(f"{len(relations)} rows of relations; with inverse=True each has two")
    if len(facts):
        _check_numbers(entities, relations, facts, ways)


def _check_numbers(entities: Tensor, relations: Tensor, facts: Tensor, ways: int) -> None:
    """Raise `InvalidInput` for a number in `facts` that is no row of its table."""
    limits = (len(entities), len(relations) // ways, len(entities))
    for name, column, limit in zip(("head", "relation", "tail"), facts.T, limits, strict=True):
        if not 0 <= int(column.min()) <= int(column.max()) < limit:
            raise InvalidInput(
                f"a fact has {name} {int(column.max() if column.min() >= 0 else column.min())}, of "
                f"{limit} that there are; number facts as the tables are"
            )


def _fits(hidden: Tensor, linked: Linked, count: int) -> None:
    if linked.entities.shape[:2] != hidden.shape[:2]:
        raise InvalidInput(
            f"linked {tuple(linked.entities.shape)} for hidden states {tuple(hidden.shape)}; the "
            "first two axes agree"
        )
    named = linked.entities[linked.mask]
    if named.numel() and not 0 <= int(named.min()) <= int(named.max()) < count:
        raise InvalidInput(
            f"entity {int(named.max())} is linked, of {count} in the table; link with the names of "
            "this graph"
        )
