"""From words to candidates, by rules: statements of a turn or a passage, in English and Chinese.

    extract("I moved to Chengdu in March.", speaker="Wei", addressee="Sara", at=...)
        ->  [Candidate(subject="Wei", relation="lives_in", object="Chengdu", change="begin", ...)]

The stages: `reading` (plain characters, the same offsets), `discourse` (whose words), then the
reader of each language (clauses and their status, frames), then times. Rules are tables with
examples that are their tests; questions, wishes, suppositions and reports state nothing.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from remanence.encoding.candidate import Candidate
from remanence.encoding.extraction import chinese, discourse, english, spoken
from remanence.encoding.extraction.reading import reading
from remanence.encoding.extraction.scene import Scene, Statement
from remanence.encoding.extraction.timing import timeless, times, validity
from remanence.encoding.relations import RELATIONS, is_dated
from remanence.text.times import Span

LEAST: Final = 0.5  # confidence below which nothing is kept
_HAN: Final = re.compile("[\u4e00-\u9fff]")
_LATIN: Final = re.compile(r"[A-Za-z]+")
_GRAMMAR: Final = re.compile("[我你您他她它咱的了在是不没有们吗呢吧和跟把被给从到叫这那]")
_ENGLISH: Final = re.compile(r"(?i)\b(?:i|i'm|my|we|our|is|am|are|was|have|has|the|she|he)\b")

__all__ = ["LEAST", "extract"]


def extract(text: str, *, speaker: str | None, addressee: str | None, at: int) -> list[Candidate]:
    """Statements of `text`, in order. `at` is when it was said, microseconds since 1970 UTC.

    Without a speaker it is prose: "I" is nobody, and he, she and it are what the title names. Said
    by someone, only the author's own words are read (`discourse`). Never raises for any text.
    """
    read = reading(text)
    if speaker:
        read = discourse.own(read, speaker)
    scene = Scene(read, speaker or None, addressee or None)
    statements = [said for reader in _readers(read) for said in reader(scene)]
    return _candidates(statements, read, text, at) if statements else []


def _readers(text: str) -> Iterator[Callable[[Scene], list[Statement]]]:
    """The readers of the languages whose grammar `text` uses: words of content may be borrowed."""
    if text.isascii():
        yield _english
        return
    chinese_too = _GRAMMAR.search(text) is not None
    latin = len(_LATIN.findall(text))
    if latin and (not chinese_too or _ENGLISH.search(text)):
        yield _english
    if chinese_too or not latin or 2 * len(_HAN.findall(text)) >= latin:
        yield chinese.read


def _english(scene: Scene) -> list[Statement]:
    """Prose by the rules of `english`, talk by the frames of `spoken`."""
    if scene.prose:
        return english.read(scene)
    return spoken.read(scene)


def _candidates(statements: list[Statement], text: str, written: str, at: int) -> list[Candidate]:
    """Statements as candidates: with their times, names as written, one for each fact."""
    found: dict[tuple[str, str, str], Candidate] = {}
    timed = {(said.start, said.end) for said in statements if not timeless(said)}
    spans = {place: times(text, at, *place) for place in timed}
    for said in statements:
        here = spans.get((said.start, said.end), ())
        value = _without_time(said, [span.text for span in here])
        bare = not said.object and said.change == "end"  # ends whatever there was
        key = (said.subject.name, said.relation, value)
        known = found.get(key)
        if (
            not (value or bare)
            or said.confidence < LEAST
            or (known is not None and known.confidence >= said.confidence)
        ):
            continue
        found[key] = _candidate(said, value, here, (text, written))
    return list(found.values())


def _candidate(
    said: Statement, value: str, here: Sequence[Span], texts: tuple[str, str]
) -> Candidate:
    relation = RELATIONS.get(said.relation)
    subject_kinds = relation.subject_kinds if relation else ()
    object_kinds = relation.object_kinds if relation else ()
    valid_from, valid_until = validity(said, here)
    return Candidate(
        subject=_written(said.subject.name, said, texts),
        relation=said.relation,
        object=_written(value, said, texts),
        confidence=round(said.confidence, 3),
        start=said.start,
        end=said.end,
        negated=said.negated,
        change=said.change,
        replaces=_written(said.replaces, said, texts) if said.replaces else None,
        valid_from=valid_from,
        valid_until=valid_until,
        subject_kind=said.subject.kind or next(iter(subject_kinds), ""),
        object_kind=said.kind or next(iter(object_kinds), ""),
    )


def _written(name: str, said: Statement, texts: tuple[str, str]) -> str:
    """`name` as the author wrote it: the reading form of the text is as long as the text."""
    read, written = texts
    if read == written or not name:
        return name
    at = read.find(name, said.start, said.end)
    return written[at : at + len(name)] if at >= 0 else name


_DANGLING: Final = re.compile(
    r"\s+(?:in|on|at|by|for|since|until|from|of|this|next|last|the|around|early|late)$"
)
_DATED: Final = frozenset(
    name for name, relation in RELATIONS.items() if "date" in relation.object_kinds
) | frozenset(("due_date", "scheduled_for", "work_schedule", "habit", "age_group"))


def _without_time(said: Statement, expressions: list[str]) -> str:
    """The object without the time expression that ends or begins it; dates stay whole."""
    value = said.object
    kept = said.relation.startswith("favourite") or is_dated(said.relation)
    if kept or said.relation in _DATED:
        return value
    for expression in expressions:
        if said.relation.endswith("s_to") and value.startswith(expression):
            value = value.removeprefix(expression).lstrip()
        if value.endswith(expression) and len(value) > len(expression):
            value = value.removesuffix(expression).rstrip()
            while (shorter := _DANGLING.sub("", value)) != value:
                value = shorter
        elif value == expression:
            return "" if said.relation in RELATIONS else value
    return value.strip(" ,，、") if value == said.object else value.strip(" ,，、的")
