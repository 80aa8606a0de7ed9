"""Are updates done, and near-misses left alone? Measured over scripted statements, so that linking
is judged apart from extraction.

A case is what some episodes say, and which facts must then hold or be gone. It knows the graph and
its facts; it knows no store.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from remanence import instants
from remanence.encoding.candidate import Candidate
from remanence.encoding.linking import names
from remanence.encoding.linking.graph import Graph, Origin
from remanence.encoding.relations import RELATIONS
from remanence.semantic import FactQuery, select

_TIMES = ("valid_from", "valid_until")
_FIELDS = {field.name for field in fields(Candidate)}


@dataclass(frozen=True, slots=True)
class CaseOutcome:
    """One case: whether it came out as it must, and what was found instead."""

    kind: str  # "update" | "near_miss"
    why: str
    right: bool
    found: str


def read(text: str) -> list[dict[str, Any]]:
    """The cases of a file with one JSON object per line."""
    return [json.loads(line) for line in text.splitlines() if line]


def candidate(said: Mapping[str, Any]) -> Candidate:
    """A statement of a case. Times are RFC 3339; confidence is 0.9 where none is given."""
    given = {name: value for name, value in said.items() if name in _FIELDS}
    times = {name: instants.parse(said[name]) for name in _TIMES if name in said}
    return Candidate(**{"confidence": 0.9, "start": 0, "end": 0, **given, **times})


def graph(episodes: Iterable[Mapping[str, Any]]) -> Graph:
    """The graph of a case's episodes, in order of arrival."""
    made = Graph(RELATIONS)
    for number, episode in enumerate(episodes, start=1):
        at = instants.parse(episode["at"])
        origin = Origin(number, 2, f"e{number}", episode.get("speaker"), at, number)
        made.add(origin, map(candidate, episode["says"]))
    made.settle()
    return made


def judge(case: Mapping[str, Any]) -> CaseOutcome:
    """Return whether the facts that a case speaks of are as they must be."""
    made = graph(case["episodes"])
    right, found = True, []
    for check in case.get("checks", [case]):
        asked = FactQuery(check["subject"], check["relation"])
        holding = {names.key(fact.object) for fact in select(made, "n", asked)}
        wanted = {names.key(value) for value in check["holds"]}
        unwanted = {names.key(value) for value in check.get("gone", ())}
        right = right and wanted <= holding and holding.isdisjoint(unwanted)
        found.append(f"{check['subject']} {check['relation']} {sorted(holding)}")
    return CaseOutcome(case["kind"], case["why"], right, "; ".join(found))


def table(outcomes: Iterable[CaseOutcome]) -> list[tuple[str, str, int, int]]:
    """(kind, why, right, of how many), and a row with why="all" for each kind."""
    rights: Counter[tuple[str, str]] = Counter()
    totals: Counter[tuple[str, str]] = Counter()
    for outcome in outcomes:
        for why in (outcome.why, "all"):
            totals[outcome.kind, why] += 1
            rights[outcome.kind, why] += outcome.right
    return [(kind, why, rights[kind, why], count) for (kind, why), count in totals.items()]
