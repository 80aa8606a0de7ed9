"""Facts in words: what is known of someone as a few sentences, and what changed when, in order.

Pure functions of facts. When something was said is handed in: a fact knows when it holds and when
it was recorded.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from remanence import instants
from remanence.encoding import assertions
from remanence.encoding.relations import RELATIONS
from remanence.types import Fact

BEGINS, ENDS, DENIED, SAID = "begins", "ends", "denied", "said"
_HAN = re.compile("[\u3400-\u9fff]")
_RANK = {name: rank for rank, name in enumerate(RELATIONS)}


class Line(NamedTuple):
    """A sentence, and the ids of the episodes that it rests on."""

    text: str
    sources: tuple[str, ...]


class Event(NamedTuple):
    """A fact that begins, ends, is denied or, where no time was named, is said;

    `at` is RFC 3339.
    """

    at: str
    event: str
    text: str
    fact: Fact


def profile(facts: Iterable[Fact]) -> list[Line]:
    """One sentence for each subject and relation, its undated objects joined;

    those of daily life first.
    """
    groups: dict[tuple[str, str, str], list[Fact]] = {}
    for fact in facts:
        dated = fact.id if fact.valid_from or fact.valid_until else ""
        groups.setdefault((fact.subject, fact.relation, dated), []).append(fact)
    ordered = sorted(groups.values(), key=lambda group: _RANK.get(group[0].relation, len(_RANK)))
    return [_line(group) for group in ordered]


def _line(group: Sequence[Fact]) -> Line:
    first = group[0]
    objects = list(dict.fromkeys(fact.object for fact in group))
    sources = tuple(dict.fromkeys(source for fact in group for source in fact.sources))
    if len(objects) == 1:
        return Line(assertions.verbalise(first), sources)
    chinese = _HAN.search(first.subject + "".join(objects)) is not None
    joined = "、".join(objects) if chinese else f"{', '.join(objects[:-1])} and {objects[-1]}"
    return Line(assertions.sentence(first.subject, first.relation, joined, None, None), sources)


def timeline(
    facts: Iterable[Fact],
    said: Mapping[str, str],
    since: int | None = None,
    until: int | None = None,
) -> list[Event]:
    """What began, ended or was said from `since` (inclusive) to `until` (exclusive), oldest first.

    `said` maps a source to when it was said; a fact whose beginning nobody named stands at the
    time of its first source, or of its recording where that is not known. Times in microseconds.
    """
    found = []
    for fact in facts:
        text = assertions.sentence(fact.subject, fact.relation, fact.object, None, None)
        if fact.valid_from is not None:
            found.append(Event(fact.valid_from, BEGINS, text, fact))
        else:
            at = said.get(fact.sources[0] if fact.sources else "", fact.recorded_at)
            ended = fact.valid_until
            if ended is None or instants.parse(at) < instants.parse(ended):  # not only its end
                found.append(Event(at, SAID, text, fact))
        if fact.valid_until is not None:
            event = DENIED if fact.state == "retracted" else ENDS
            found.append(Event(fact.valid_until, event, text, fact))
    inside = [event for event in found if _between(instants.parse(event.at), since, until)]
    # What ends makes room for what begins at the same moment.
    return sorted(inside, key=lambda event: (instants.parse(event.at), event.event != ENDS))


def _between(at: int, since: int | None, until: int | None) -> bool:
    return (since is None or since <= at) and (until is None or at < until)
