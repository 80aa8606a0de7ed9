"""Offers: facts that a model holds likely, with how likely, and the known facts that speak for
each. It writes nothing.

What may be offered is narrowed by the facts alone: nothing that was ever said (what was retracted
or superseded too), no second value of a relation that has but one, no contrary of what holds, and
nothing of a relation in which nobody who is alike has more. Subjects and objects are such as the
graph has in that place of the relation, or of one that shares some of them.

How likely an offer is has two parts: that there is something that nobody told, which is how much
more those who are most alike are said to have in that relation; and that, if so, it is this, which
is what the model's calibration measures on facts held out of its training.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from itertools import islice, takewhile
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from remanence.encoding.assertions import sentence, verbalise
from remanence.encoding.relations import RELATIONS, contraries
from remanence.errors import InvalidInput
from remanence.kge.calibration import Calibration
from remanence.kge.embedding import KnowledgeEmbedding
from remanence.kge.triples import Triples
from remanence.knowledge import scoring
from remanence.knowledge.graph import Triple, as_triples, plausible_objects
from remanence.types import Fact

LEAST_FACTS: Final = 100  # `kge.SMALL`: below, no fact can be spared to measure a probability by
PREDICTED: Final = "predicted"
PEERS: Final = 10  # nearest entities that show in which relations somebody can stand
EACH: Final = 5  # objects of one subject and relation that come into question, the likeliest


@dataclass(frozen=True, slots=True)
class Prediction:
    """A fact that is likely and that nobody said: no `Fact`, and in no store.

    `probability` is that of the two parts above; `benchmarks/knowledge.py` prints how well it is
    kept. `text` says it in words, `reasons` are known facts in words, nearest first: the same said
    of who or what is most alike.
    """

    subject: str
    relation: str
    object: str
    probability: float
    text: str
    reasons: tuple[str, ...]
    state: str = PREDICTED

    def as_json(self) -> dict[str, Any]:
        """Plain dicts and lists, ready for `json.dumps`."""
        return asdict(self)


class Predictions(list[Prediction]):
    """Offers, likeliest first.

    `withheld` says why there are none where there might have been some.
    """

    def __init__(self, items: Iterable[Prediction] = (), withheld: tuple[str, ...] = ()) -> None:
        super().__init__(items)
        self.withheld = withheld


@dataclass(frozen=True, slots=True)
class _Question:
    """Subjects (m,) of which one relation may hold that nobody told, and how likely that is for
    each (m,).
    """

    kind: int
    heads: scoring.Ids
    missing: scoring.Floats


def predict_from(
    model: KnowledgeEmbedding | None,
    holding: Sequence[Fact],
    history: Sequence[Fact],
    subject: str | None,
    relation: str | None,
    k: int,
    least: float,
) -> Predictions:
    """The `k` likeliest offers.

    `holding` is what holds now, `history` also what did; without a model it is said why there is
    none.
    """
    triples = as_triples(holding)
    if model is None:
        few = f"{len(triples)} facts hold here; below {LEAST_FACTS} nothing is offered, for none can be spared to measure a probability by"
        return Predictions((), (few,))
    if model.calibration is None:
        blind = "the model has no calibration: too few facts could be held out of its training to measure a probability by"
        return Predictions((), (blind,))
    asked, withheld = _questions(model, triples, subject, relation)
    if withheld:
        return Predictions((), (withheld,))
    barred = _Exclusions(as_triples(history), triples)
    found: list[tuple[float, Triple, tuple[int, int, int]]] = []
    fits = plausible_objects(triples)
    for question in asked:
        found += _likeliest(model, model.calibration, question, barred, fits, least)
        found = sorted(found, key=lambda each: (-each[0], each[1]))[:k]
    by_triple = {(fact.subject, fact.relation, fact.object): fact for fact in holding}
    return Predictions(
        _prediction(model, chance, triple, ids, by_triple) for chance, triple, ids in found
    )


def _newer_name(graph: Triples, subject: str | None, relation: str | None) -> str:
    """Return the name that a model's graph lacks, described; empty where it has both."""
    for name, known, what in (
        (subject, graph.entities, "the subject"),
        (relation, graph.relations, "the relation"),
    ):
        if name is not None and name not in known:
            return f"{what} {name!r:.80}"
    return ""


def _questions(
    model: KnowledgeEmbedding, triples: Sequence[Triple], subject: str | None, relation: str | None
) -> tuple[list[_Question], str]:
    """Return the questions to score, and the reason where there are none."""
    graph = model.graph
    everyone = {name for s, _, o in triples for name in (s, o)}
    _check_named(subject, relation, everyone, {r for _, r, _ in triples})
    if newer := _newer_name(graph, subject, relation):
        return [], f"{newer} is newer than the model; train again"
    # A model that a caller held on to may know whom no fact names any more.
    names = range(len(graph.entities)) if subject is None else [graph.entities.index(subject)]
    chosen = np.array([at for at in names if graph.entities[at] in everyone], np.int64)
    kinds: Sequence[int] = range(len(graph.relations))
    if relation is not None:
        kinds = [graph.relations.index(relation)]
    vectors = scoring.directions(model.tables.entity.float().cpu().numpy(), model.recipe.dim)
    peers = scoring.nearest(vectors, chosen, np.unique(graph.ids[:, 0]), PEERS)
    fits = plausible_objects((o, r, s) for s, r, o in triples)
    every = subject is not None and relation is not None
    return [_question(graph, fits, chosen, peers, kind, every=every) for kind in kinds], ""


def _check_named(
    subject: str | None, relation: str | None, entities: set[str], relations: set[str]
) -> None:
    """Raise `InvalidInput` for a name that no fact has."""
    if subject is not None and subject not in entities:
        raise InvalidInput(
            f"no fact that holds names {subject!r:.80}; ask for somebody whom the facts know"
        )
    if relation is not None and relation not in relations:
        raise InvalidInput(
            f"no fact that holds is one of {relation!r:.80}; there are "
            f"{', '.join(sorted(relations)[:20])}"
        )


def _question(
    graph: Triples,
    fits: Mapping[str, frozenset[str]],
    chosen: scoring.Ids,
    peers: scoring.Ids,
    kind: int,
    *,
    every: bool,
) -> _Question:
    """Return the question of one relation: those of `chosen` (B,) that may have more in it.

    `peers` (B, P) are the nearest entities; `every`: also those whose peers have no more.
    """
    heads = graph.ids[graph.ids[:, 1] == kind, 0]
    counts = np.bincount(heads, minlength=len(graph.entities))
    more = np.maximum(counts[peers] - counts[chosen][:, None], 0).sum(1)
    can = fits.get(graph.relations[kind], frozenset())
    possible = np.array([graph.entities[at] in can for at in chosen.tolist()], np.bool_)
    if not every:
        possible &= more > 0
    missing = np.minimum((more + 0.5) / (peers.shape[1] + 1), 1)
    return _Question(kind, chosen[possible], missing[possible])


class _Exclusions:
    """Facts that are never predicted, however likely the model finds them."""

    def __init__(self, said: Iterable[Triple], holding: Iterable[Triple]) -> None:
        self._said = set(said)
        self._holding = {(s, r) for s, r, _ in holding}

    def subject(self, subject: str, relation: str) -> bool:
        """Tell whether it has a value already and can have but one."""
        about = RELATIONS.get(relation)
        return about is not None and about.functional and (subject, relation) in self._holding

    def triple(self, subject: str, relation: str, value: str) -> bool:
        """Tell whether it, the same from the other side, or the contrary was ever said."""
        inverse = RELATIONS[relation].inverse if relation in RELATIONS else None
        return (
            subject == value
            or (subject, relation, value) in self._said
            or (inverse is not None and (value, inverse, subject) in self._said)
            or any((subject, other, value) in self._said for other in contraries(relation))
            or (inverse is not None and self.subject(value, inverse))
        )


def _reaches(row: NDArray[np.float32], least: float, at: int) -> bool:
    return bool(row[at] >= least)


def _likeliest(
    model: KnowledgeEmbedding,
    calibration: Calibration,
    question: _Question,
    barred: _Exclusions,
    fits: Mapping[str, frozenset[str]],
    least: float,
) -> Iterator[tuple[float, Triple, tuple[int, int, int]]]:
    """(probability, triple, its numbers) of the likeliest objects of each subject in one relation."""
    kind = question.kind
    entities, relation = model.graph.entities, model.graph.relations[kind]
    free = np.array([not barred.subject(entities[at], relation) for at in question.heads], np.bool_)
    heads, missing = question.heads[free], question.missing[free]
    tails = np.array(
        [at for at, name in enumerate(entities) if name in fits.get(relation, ())], np.int64
    )
    if not len(tails):
        return
    for start in range(0, len(heads), scoring.BLOCK):
        some = heads[start : start + scoring.BLOCK]
        chance = missing[start : start + scoring.BLOCK, None]
        likely = chance * calibration.probability(scoring.evidence(model, some, kind)[:, tails])
        order = np.argsort(-likely, axis=1, kind="stable")
        for head, row, best in zip(some.tolist(), likely, order, strict=True):
            likely_enough = takewhile(partial(_reaches, row, least), best.tolist())
            allowed = (
                (float(row[at]), (entities[head], relation, entities[tails[at]]), int(tails[at]))
                for at in likely_enough
            )
            free_ones = (each for each in allowed if not barred.triple(*each[1]))
            for probability, triple, tail in islice(free_ones, EACH):
                yield probability, triple, (head, kind, tail)


def _prediction(
    model: KnowledgeEmbedding,
    chance: float,
    triple: Triple,
    ids: tuple[int, int, int],
    facts: Mapping[Triple, Fact],
) -> Prediction:
    reasons = (facts[each] for each in model.reasons(*ids) if each in facts)
    text = sentence(*triple, None, None)
    return Prediction(*triple, round(chance, 4), text, tuple(verbalise(fact) for fact in reasons))
