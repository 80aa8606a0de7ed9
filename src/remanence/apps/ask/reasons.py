"""Why: the stated causes of an effect, and theirs, over several steps, each with its episode."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from remanence.apps.ask.lexicon import lexicon, stemmed
from remanence.apps.ask.questions import statement
from remanence.storage import episodes
from remanence.storage import event_queries as events
from remanence.storage.engine import Rows
from remanence.text import gazetteer
from remanence.text.words import STOP_WORDS, hash32, normal, terms

STEPS: Final = 4  # causes of causes that are followed
_LOOKED_AT: Final = 64  # edges that are compared
_SHARED: Final = 0.6  # of a question's words, by length, that an effect must have
_HINTED: Final = 0.35  # that it must have where the rest stands beside it
_WHOLLY: Final = 0.95  # that effect and what stands beside it must have together
_JOINED: Final = 0.75  # of the words of an effect that the cause before it must have
_WHY: Final = re.compile(
    r"^\s*(?:so |and |but )?(?:why|how come|for (?:what|which) reason)\b(?P<why>.+)$"
    r"|^\s*what (?:has |had )?(?:caused|led to|brought about|triggered)\s+(?P<what>.+)$"
    r"|^\s*what (?:made|forced) (?P<made>.+)$"
    r"|^\s*what (?:is|was|were|are) (?:the )?(?:reasons?|causes?) (?:that|why|for|of|"
    r"behind)?\s*(?P<reason>.+)$",
    re.IGNORECASE,
)
_HAN_WHY: Final = re.compile(
    r"为什么|为何|为啥|怎么会|因为什么|什么原因|(?:是)?什么(?:导致|造成|引起)了?|的?原因是什么|咋会"
)
_NEGATED: Final = re.compile(
    r"\b(?:not|never|no|n't|without|cannot|nobody|nothing)\b|n't\b|没|(?<![差对要])不(?!过|久|少)|未",
    re.IGNORECASE,
)
_FIRST: Final = re.compile(r"\bI\b|\b(?i:we|my|our|me|us)\b|我|咱")
_NAME: Final = re.compile(r"(?<!^)(?<![.!?] )\b[A-Z][a-z]+\b")
_OPENS: Final = re.compile(r"^[A-Z][a-z]+(?='s\b|\s)")
_HAN_NAME: Final = re.compile(r"[小老阿][\u4e00-\u9fff]")


@dataclass(frozen=True, slots=True)
class CauseLink:
    """One stated cause."""

    effect: str
    """What happened, in the words of its episode."""
    cause: str
    """Why, in the words of its episode."""
    episode: int
    """Number of the episode."""


def effect_asked(question: str) -> str | None:
    """Return the effect whose cause a question asks for; None for any other question.

    >>> effect_asked("Why did I miss the train?"), effect_asked("我为什么迟到了？")
    ('I miss the train', '我迟到了')
    >>> effect_asked("When did I miss the train?")
    """
    text = normal(question).strip().rstrip("?？ ")
    if any("\u4e00" <= mark <= "\u9fff" for mark in text):
        found = _HAN_WHY.search(text)
        return (
            None if found is None else (text[: found.start()] + text[found.end() :]).strip("，, ")
        )
    match = _WHY.match(text)
    if match is None:
        return None
    name, rest = next((name, value) for name, value in match.groupdict().items() if value)
    rest = re.sub(
        r"\b(did|do|does|was|were|is|are|have|has|had|could|would)n't (\w+)", r"\1 \2 not", rest
    )
    return statement(rest.strip()) if name == "why" else rest.strip()


@dataclass(frozen=True, slots=True)
class _Words:
    """A clause, as it is compared."""

    stems: frozenset[str]
    names: frozenset[str]
    negated: bool
    own: bool

    def holds(self, stem: str) -> bool:
        """Return whether a stem, or a word of its meaning, is in the clause."""
        if stem in self.stems:
            return True
        return any(set(form) <= self.stems for form in lexicon().synonyms.get((stem,), ()))

    def share(self, other: "_Words") -> float:
        """Return the share of this clause's words, by length, that another clause has."""
        weights = {stem: min(len(stem), 6) for stem in self.stems}
        whole = sum(weights.values())
        return (
            sum(size for stem, size in weights.items() if other.holds(stem)) / whole
            if whole
            else 0.0
        )


def _read(clause: str) -> _Words:
    """Return a clause as it is compared: people apart from the other words."""
    names = {name for name in _NAME.findall(clause) if name.lower() not in STOP_WORDS}
    opening = _OPENS.match(clause)
    if opening and gazetteer.is_given(opening[0]):
        names.add(opening[0])
    names.update(_HAN_NAME.findall(clause))
    folded = normal(clause).casefold()
    words = set(re.findall(r"[a-z]+", folded))
    names.update(
        noun for noun in lexicon().people if (noun in words if noun.isascii() else noun in folded)
    )
    named = {term for name in names for term in terms(name)}
    every = frozenset(stemmed(clause)) - named
    told = frozenset(stem for stem in every if stem not in lexicon().light)
    return _Words(
        told or every, frozenset(names), bool(_NEGATED.search(clause)), bool(_FIRST.search(clause))
    )


class CauseSearch:
    """Finds stated causes in one snapshot of a namespace."""

    def __init__(self, rows: Rows, namespace: int) -> None:
        self._rows, self._number = rows, namespace

    def chain(self, effect: str) -> list[CauseLink]:
        """Return the stated cause of an effect, the cause of that, and so on, if any."""
        wanted = _read(effect)
        links: list[CauseLink] = []
        score = _of_question
        while len(links) < STEPS:
            found = self._best(wanted, score, links)
            if found is None:
                break
            links.append(found)
            wanted, score = _read(found.cause), _of_cause
        return links

    def _best(
        self,
        wanted: _Words,
        score: Callable[[_Words, _Words, str], float],
        links: Sequence[CauseLink],
    ) -> CauseLink | None:
        """Return the edge whose effect is nearest to what is wanted; None where none is near."""
        forms = {
            form for stem in wanted.stems for form in lexicon().synonyms.get((stem,), ((stem,),))
        }
        hashes = {hash32(stem) for stem in wanted.stems} | {
            hash32(form[0]) for form in forms if form
        }
        if not hashes:
            return None
        rows = events.edges(self._rows, self._number, sorted(hashes), _LOOKED_AT)
        texts = {
            row[0]: row[8]
            for row in episodes.numbered(self._rows, sorted({row[1] for row in rows}))
        }
        best, nearest = 0.0, None
        for _, episode, first, last, cause_first, cause_last in rows:
            text = texts[episode]
            link = CauseLink(text[first:last], text[cause_first:cause_last], episode)
            if any(link.effect == other.effect for other in links):
                continue
            near = score(wanted, _read(link.effect), text)
            if near > best:
                best, nearest = near, link
        return nearest


def _agree(wanted: _Words, effect: _Words, text: str) -> bool:
    """Return whether two clauses can be of one happening: same sense, same people."""
    if wanted.negated != effect.negated:
        return False
    around = normal(text).casefold()
    named = all(name.casefold() in around for name in wanted.names)
    return named and not (wanted.own and effect.names and not effect.own)


def _of_question(wanted: _Words, effect: _Words, text: str) -> float:
    if not _agree(wanted, effect, text):
        return 0.0
    share = wanted.share(effect)
    if _HINTED <= share < _SHARED and wanted.share(_read(text)) > _WHOLLY:
        share = _SHARED  # "The flood was caused by ...", after "Our basement flooded."
    return share + 0.1 * effect.share(wanted) if share >= _SHARED else 0.0


def _of_cause(wanted: _Words, effect: _Words, text: str) -> float:  # noqa: ARG001
    more = len(wanted.stems) - len(effect.stems) > 1  # a "not" may belong to the other words
    if wanted.negated != effect.negated and not (more and wanted.negated):
        return 0.0
    if effect.names and wanted.names and not effect.names & wanted.names:
        return 0.0
    held = effect.share(wanted)
    return held + 0.1 * wanted.share(effect) if held >= _JOINED else 0.0
