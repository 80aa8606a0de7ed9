"""An answer without a language model: the fact or the sentences that say it, quoted and cited, or that nothing does.

Pure: from recollections and facts to words. Nothing is rephrased, so nothing is made up; it cannot add, compare or conclude. It knows neither
the store nor how recollections were found.
"""

import math
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from remanence.text import query as questions
from remanence.text.words import normal, script, terms
from remanence.types import Fact, Recall, Recollection

READ: Final = 8  # recollections whose sentences are looked at
QUOTED: Final = 3  # sentences, or facts, of an answer
KNOWN: Final = (
    0.5  # share of the question's words, by weight, that evidence must hold to be called an answer
)
NEARLY: Final = 0.7  # of the best sentence's score: what is quoted beside it
RANK: Final = 0.25  # what the place among the recollections weighs beside the words

_SENTENCE: Final = re.compile(
    r"[^.!?。！？\n]+(?:[.!?](?=\S)[^.!?。！？\n]*)*[.!?。！？]*[\"'”’」』)]*"
)
_ASKING: Final = re.compile(
    r"[?？]\s*[\"'”’」』)]*\s*$|^\s*(?:tell|remind|list|describe|explain|show|give|who|whom|whose|what|when|where|why|how|which)\b"
    r"|告诉|请问|说说|列出|介绍|什么|哪|谁|几|多少|吗\s*$",
    re.IGNORECASE,
)

UNKNOWN: Final = {
    "latin": "I do not know: nothing that I remember answers that.",
    "han": "我不知道：记得的内容里没有答案。",
}
NOTED: Final = {"latin": "I will remember that.", "han": "我记住了。"}


_ADMITS: Final = re.compile(
    r"\b(?:do not|don't|cannot|can't) (?:know|remember|recall|find)\b|\bnot mentioned\b|\bno (?:information|record|memory)\b|不知道|不清楚|没有提到|不记得|没有记录",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Extract:
    """An answer in the words of what was remembered. citations: ids of episodes. known: whether it answers at all."""

    text: str
    citations: tuple[str, ...]
    known: bool


def asks(text: str) -> bool:
    """Whether somebody wants to know something, rather than tells it."""
    return bool(_ASKING.search(text) or questions.asks(text))


def only_asks(text: str) -> bool:
    """Whether every sentence of a text asks."""
    return asks(text) and not _told(text)


def says_nothing(item: Recollection) -> bool:
    """Whether a memory is a turn of a chat that tells nothing: a question, or a reply that did not know."""
    if item.metadata.get("role") == "user":
        return only_asks(item.text)
    return item.metadata.get("known") is False


def telling(
    recall: Callable[[int], Recall],
    most: int,
    chosen: Callable[[Recall], list[Recollection]],
) -> tuple[list[Recollection], Recall]:
    """At most `most` of what `chosen` leaves of a recall, and the recall, of which `recall` takes the size.

    Nothing is as near to a question as itself, asked before: where such take half of the places or more, more is looked through.
    """
    for size in (most, 4 * most, 16 * most):
        found = recall(size)
        kept = chosen(found)[:most]
        if 2 * len(kept) > most or len(found) < size:
            break
    return kept, found


def admits(reply: str) -> bool:
    """Whether a reply says that it does not know, as far as words tell."""
    return bool(_ADMITS.search(reply))


def answer(
    query: str,
    found: Sequence[Recollection],
    known: Sequence[tuple[Fact, str]] = (),
    asker: str | None = None,
) -> Extract:
    """What evidence says to `query`. `known` are facts of those whom it is about, each with its sentence; `asker` is who says "I"."""
    tongue = "han" if any(script(letter) == "han" for letter in query) else "latin"
    if not asks(query):
        return Extract(NOTED[tongue], (), known=True)
    wanted = _wanted(query, asker)
    stated = _facts(wanted, known)
    if stated:
        lines = [f"{sentence} [{fact.sources[-1]}]" for fact, sentence in stated]
        return Extract("\n".join(lines), tuple(fact.sources[-1] for fact, _ in stated), known=True)
    # What a model said once is no evidence for itself.
    heard = [item for item in found if item.metadata.get("role") != "assistant"]
    quoted = _sentences(wanted, heard[:READ])
    if not quoted:
        return Extract(UNKNOWN[tongue], (), known=False)
    cited = tuple(dict.fromkeys(item.id for item, _ in quoted))
    return Extract("\n".join(_line(item, sentence) for item, sentence in quoted), cited, known=True)


def _wanted(query: str, asker: str | None) -> frozenset[str]:
    """The words that an answer should hold: those of the question, without who asks."""
    own = set(terms(asker)) if asker else set()
    return frozenset(terms(query)) - own


def _facts(wanted: frozenset[str], known: Sequence[tuple[Fact, str]]) -> list[tuple[Fact, str]]:
    """The facts whose relation the question names, those that share most with it."""
    scored = []
    for fact, sentence in known:
        names = set(terms(fact.subject)) | set(terms(fact.object))
        said = set(terms(sentence)) | set(terms(fact.relation.replace("_", " ")))
        # A relation is asked for by its own words; the object may be part of the question too.
        if relation := (said - names) & wanted:
            scored.append((len(relation) + len(set(terms(fact.object)) & wanted), fact, sentence))
    if not scored:
        return []
    most = max(score for score, _, _ in scored)
    return [(fact, sentence) for score, fact, sentence in scored if score == most][:QUOTED]


def _sentences(
    wanted: frozenset[str], found: Sequence[Recollection]
) -> list[tuple[Recollection, str]]:
    """The sentences that hold most of the question, best first; none where none holds enough."""
    bags = [frozenset(terms(f"{item.speaker or ''} {item.text}")) for item in found]
    counts = Counter(term for bag in bags for term in bag & wanted)
    weight = {term: math.log(1 + (len(bags) + 1) / (counts[term] + 0.5)) for term in wanted}
    whole = math.fsum(weight.values())  # in whatever order a set gives its terms
    if not whole:
        return [(item, _shown(item.text)) for item in found[:1]]
    # An answer may be spread over a turn: the turn decides whether it is one, the sentence is what is quoted of it.
    scored = []
    for place, (item, bag) in enumerate(zip(found, bags, strict=True)):
        held = math.fsum(weight[term] for term in bag & wanted) / whole
        if held < KNOWN:
            continue
        for sentence in _told(item.text):
            own = frozenset(terms(sentence))
            share = math.fsum(weight[term] for term in own & wanted) / whole
            scored.append((share + RANK / (1 + place), held, item, sentence))
    scored.sort(key=lambda each: -each[0])
    best = scored[0][0] if scored else 0.0
    return [(item, sentence) for score, _, item, sentence in scored if score >= NEARLY * best][
        :QUOTED
    ]


def _told(text: str) -> list[str]:
    """The sentences that tell; where all of them ask, none."""
    said = [each.strip() for each in _SENTENCE.findall(normal(text))]
    return [each for each in said if each and not each.endswith(("?", "？"))]


def _shown(text: str) -> str:
    return " ".join(text.split())


def _line(item: Recollection, sentence: str) -> str:
    speaker = f"{item.speaker}: " if item.speaker else ""
    return f"{speaker}{_shown(sentence)} [{item.id}, {item.at[:10]}]"
