"""Facts in words: sentences of a profile, and events of a timeline.

Pure functions of facts; the times at which episodes were said are passed in.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from remanence import instants
from remanence.encoding import assertions
from remanence.encoding.relations import RELATIONS
from remanence.types import Fact

BEGINS, ENDS, DENIED, SAID = "begins", "ends", "denied", "said"
_HAN = re.compile("[\u3400-\u9fff]")
_RANK = {name: rank for rank, name in enumerate(RELATIONS)}


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence with its evidence."""

    text: str
    """The sentence."""
    sources: tuple[str, ...]
    """The ids of the episodes behind it."""


@dataclass(frozen=True, slots=True)
class TimelineEvent:
    """A change of what is known."""

    at: str
    """The time of the change (RFC 3339)."""
    event: str
    """`BEGINS`, `ENDS`, `DENIED`, or `SAID` where no time of beginning is known."""
    text: str
    """The fact as a sentence."""
    fact: Fact
    """The fact that changed."""


def profile_lines(facts: Iterable[Fact]) -> list[Sentence]:
    """Return one sentence for each subject and relation, its undated objects joined.

    The order is that of the table of relations: those of daily life first.
    """
    groups: dict[tuple[str, str, str], list[Fact]] = {}
    for fact in facts:
        dated = fact.id if fact.valid_from or fact.valid_until else ""
        groups.setdefault((fact.subject, fact.relation, dated), []).append(fact)
    ordered = sorted(groups.values(), key=lambda group: _RANK.get(group[0].relation, len(_RANK)))
    return [_line(group) for group in ordered]


def _line(group: Sequence[Fact]) -> Sentence:
    first = group[0]
    objects = list(dict.fromkeys(fact.object for fact in group))
    sources = tuple(dict.fromkeys(source for fact in group for source in fact.sources))
    if len(objects) == 1:
        return Sentence(assertions.verbalise(first), sources)
    chinese = _HAN.search(first.subject + "".join(objects)) is not None
    joined = "、".join(objects) if chinese else f"{', '.join(objects[:-1])} and {objects[-1]}"
    return Sentence(assertions.sentence(first.subject, first.relation, joined, None, None), sources)


def timeline_events(
    facts: Iterable[Fact],
    said: Mapping[str, str],
    since: int | None = None,
    until: int | None = None,
) -> list[TimelineEvent]:
    """Return what began, ended or was stated from `since` (inclusive) to `until` (exclusive).

    The oldest come first. `said` maps an episode's id to its time; a fact without a beginning
    stands at the time of its first source, or of its recording where that is unknown. `since` and
    `until` are in microseconds.
    """
    found = []
    for fact in facts:
        text = assertions.sentence(fact.subject, fact.relation, fact.object, None, None)
        if fact.valid_from is not None:
            found.append(TimelineEvent(fact.valid_from, BEGINS, text, fact))
        else:
            at = said.get(fact.sources[0] if fact.sources else "", fact.recorded_at)
            ended = fact.valid_until
            if ended is None or instants.parse(at) < instants.parse(ended):  # not only its end
                found.append(TimelineEvent(at, SAID, text, fact))
        if fact.valid_until is not None:
            event = DENIED if fact.state == "retracted" else ENDS
            found.append(TimelineEvent(fact.valid_until, event, text, fact))
    inside = [event for event in found if _between(instants.parse(event.at), since, until)]
    # What ends makes room for what begins at the same moment.
    return sorted(inside, key=lambda event: (instants.parse(event.at), event.event != ENDS))


def _between(at: int, since: int | None, until: int | None) -> bool:
    return (since is None or since <= at) and (until is None or at < until)
