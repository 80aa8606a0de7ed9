"""An answer without a language model: the fact or the sentences that say it, quoted and cited, or
that nothing does.

Pure: from recollections and facts to words. Nothing is rephrased, so nothing is made up; it cannot
add, compare or conclude. It knows neither the store nor how recollections were found.
"""

import math
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from remanence.retrieval import updates
from remanence.retrieval.relevance import ATTRIBUTES
from remanence.text import query as questions
from remanence.text.words import normal, script, terms
from remanence.types import Fact, Recall, Recollection

QUOTED: Final = 3  # sentences, or facts, of an answer
KNOWN: Final = 0.5  # share of the question's words, by weight, that evidence must hold
NEARLY: Final = 0.7  # of the best sentence's score: what is quoted beside it
RANK: Final = 0.25  # weight of the place among the recollections beside the words
LIKELY: Final = 0.4  # relevance from which a recollection is an answer whatever words it shares

_SENTENCE: Final = re.compile(
    r"[^.!?。！？\n]+(?:[.!?](?=\S)[^.!?。！？\n]*|(?<=\b[A-Z])\.[^.!?。！？\n]*"
    r"|(?<=\b(?:Mr|Ms|Dr|St|No|vs|Jr|Sr|Rd))\.[^.!?。！？\n]*"
    r"|(?<=\b(?:Mrs|etc|Ave|Apt|e\.g|i\.e))\.[^.!?。！？\n]*|(?<=\bProf)\.[^.!?。！？\n]*)*"
    r"[.!?。！？]*[\"'”’」』)]*"
)
_ASKING: Final = re.compile(
    r"[?？]\s*[\"'”’」』)]*\s*$|^\s*(?:tell|remind|list|describe|explain|show|give|who|whom|whose"
    r"|what|when|where|why|how|which|until when|since when)(?:'?s|'re|'d)?\b(?!\s+me\s*:)"
    r"|告诉|请问|说说|列出|介绍|什么|哪|谁|几|多少|多[大久远高重长]|怎么|为何|干嘛|干吗|吗\s*$",
    re.IGNORECASE,
)
_KEYWORDS: Final = re.compile(
    r"^(?!(?:also|and|need|needs|got|bought|my|the|no|new|a)\b)(?:[^\W\d]+\s+){1,3}(?:code|link|"
    r"number"
    r"|password|passcode|pin|address|e-?mail|phone|birthday|name|date|time|size|price|cost|url|dose"
    r"|dosage|flight|deadline|schedule|plate|username|login|account|recipe|details|location|hours)$"
    r"|^(?:我的)?[^我你了换买改忘把被是有]{0,6}(?:号|号码|密码|地址|电话|手机|邮箱|链接|时间|日期|价格|生日|名字|剂量|血型"
    r"|口令|账号|账户|尺码|型号|车次|验证码|车牌|截止日期|联系方式|配方)[?？]?$",
    re.IGNORECASE,
)
_ANAPHORIC: Final = re.compile(
    r"^\s*(?:(?:and|so|but|well|also|though|then|cause|because)[,\s]+)?(?:it|it's|its|he|he's|"
    r"she|she's"
    r"|they|they're|that|that's|this|there|we stayed|hiding|due|still|except|before (?:it|that)|"
    r"in real)\b"
    r"|^\s*(?:它|她|他|那|这|就|放|在|现在|之前|以前|因为|所以|但|不过|也|还|另外|停|藏|住|穿)",
    re.IGNORECASE,
)
_INTERROGATIVE: Final = re.compile(
    r"叫什么(?:名字?)?|叫啥|为什么|什么时候|什么|哪[儿里个天位家些种]?|谁|几[点号个位种岁天]?|多少钱?|多[大久远高重长]|怎么样?|干[嘛吗什]么?|吗|呢|的|了|"
    r"是|在(?=哪)"
)
_BARE_QUESTION: Final = re.compile(
    r"^(?:who|what|where|when|why|how|which|whose)(?:'s|'re|s)?\b(?! (?:a|an|i|we|he|she|they|"
    r"it) )[^,.;]*$"
    r"|^(?:what|where|when|why|how|which) (?:do|did|does|am|is|are|was|were|should|can|have) "
    r"[^,.;]*$"
    r"|^(?:do|does|did|am|is|are|can|could|should|have|has|will) (?:i|we|my|our|you|the|he|she|"
    r"they|it|there)\b[^,.;]*$"
    r"|^(?:until|since) when\b|^[^，。；]{0,14}(?:什么|哪[儿里个天位家些种]?|谁|几[点号个位种岁天]|多少钱?|多[大久远高重长]|干[嘛吗]|"
    r"怎么\S{0,4})[^，。；]{0,5}$"
    r"|^[^，。；]{1,20}吗$",
    re.IGNORECASE,
)
_FORMS: Final = tuple(  # what a question of nothing else asks for, and how an answer to it looks
    (re.compile(asked, re.IGNORECASE), re.compile(form))
    for asked, form in (
        (
            r"\bdos(?:e|age)\b|剂量",
            r"\d\s?(?:mg|ml|mcg|g)\b|[\d一二两三四五六七八九十半]\s?(?:毫克|微克|毫升|片|粒)",
        ),
        (r"\bflight(?: number)?\b|航班号?", r"(?<![A-Z])[A-Z]{2}\s?\d{2,4}(?!\d)"),
        (r"\btrain number\b|车次", r"(?<![A-Z])[GDCKTZ]\d{1,4}(?!\d)"),
        (r"\b(?:phone|mobile)(?: number)?\b|电话|手机号?", r"\d[\d\s-]{6,}\d"),
        (r"\be-?mail(?: address)?\b|邮箱", r"\S@\S"),
        (r"\b(?:link|url|website)\b|链接|网址", r"https?://|www\."),
        (
            r"\bprice\b|\bcost\b|价格|多少钱",
            r"[$€£¥]\s?\d|\d\s?(?:quid|bucks|euros?|dollars?|pounds)\b|\d\s?[块元]",
        ),
    )
)
_LASTING: Final = frozenset(range(4))  # rows of `updates.KINDS`: home, work, studies, partner
_FORMERLY: Final = re.compile(
    r"\bbefore\b|\bused to\b|\bprevious(?:ly)?\b|\bformer(?:ly)?\b|以前|之前|原来|原先",
    re.IGNORECASE,
)
_FAMILY: Final = 6  # letters that related stems share
_FIGURE: Final = re.compile(r"\d|[一二两三四五六七八九十百千半]")

UNKNOWN: Final = {
    "latin": "I do not know: nothing that I remember answers that.",
    "han": "我不知道：记得的内容里没有答案。",
}
NOTED: Final = {"latin": "I will remember that.", "han": "我记住了。"}


_ADMITS: Final = re.compile(
    r"\b(?:do not|don't|cannot|can't) (?:know|remember|recall|find)\b|\bnot mentioned\b|\bno "
    r"(?:information|record|memory)\b|不知道|不清楚|没有提到|不记得|没有记录",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Extract:
    """An answer in the words of what was remembered.

    citations: ids of episodes. known: whether it answers at all.
    """

    text: str
    citations: tuple[str, ...]
    known: bool


def asks(text: str) -> bool:
    """Return whether somebody wants to know something, rather than tells it."""
    return bool(_ASKING.search(text) or questions.asks(text))


def only_asks(text: str) -> bool:
    """Return whether every sentence of a text asks."""
    return asks(text) and not _told(text)


def says_nothing(item: Recollection) -> bool:
    """Return whether a memory is a turn of a chat that tells nothing:

    a question, or a reply that did not know.
    """
    if item.metadata.get("role") == "user":
        return only_asks(item.text)
    return item.metadata.get("known") is False


def telling(
    recall: Callable[[int], Recall],
    most: int,
    chosen: Callable[[Recall], list[Recollection]],
) -> tuple[list[Recollection], Recall]:
    """At most `most` of what `chosen` leaves of a recall, and the recall, of which `recall` takes
    the size.

    Nothing is as near to a question as itself, asked before, so four times as many are looked
    through, which costs a recall nothing; where such still take half of the places or more, more.
    """
    for size in (4 * most, 16 * most):
        found = recall(size)
        kept = chosen(found)[:most]
        if 2 * len(kept) > most or len(found) < size:
            break
    return kept, found


def admits(reply: str) -> bool:
    """Return whether a reply says that it does not know, as far as words tell."""
    return bool(_ADMITS.search(reply))


def asks_by_keywords(text: str) -> bool:
    """Return whether a message is a search for a detail, such as "gym code" or 航班号.

    >>> asks_by_keywords("gym code"), asks_by_keywords("gym code 2291")
    (True, False)
    """
    return bool(_KEYWORDS.match(text.strip()))


def answer(
    query: str,
    found: Sequence[Recollection],
    known: Sequence[tuple[Fact, str]] = (),
    asker: str | None = None,
) -> Extract:
    """Return the facts or sentences that answer `query`, cited, or that nothing does.

    `known` are facts of those whom the query is about, each with its sentence; `asker` is the name
    of whoever says "I". What a model said once is no evidence for itself.
    """
    language = "han" if any(script(letter) == "han" for letter in query) else "latin"
    if not (asks(query) or asks_by_keywords(query)):
        return Extract(NOTED[language], (), known=True)
    wanted = _wanted(query, asker)
    stated = _facts(wanted, known)
    if stated and not _FORMERLY.search(query):
        return _quoted([(fact.sources[-1], sentence, "") for fact, sentence in stated])
    people = [item for item in found if item.metadata.get("role") != "assistant"]
    sentences = _sentences(wanted, people) or _formed(query, people)
    if not sentences:
        return Extract(UNKNOWN[language], (), known=False)
    lines = _continued(questions.asks(query), sentences, people)
    if not _FORMERLY.search(query):
        lines = [line for line in lines[1:] if not _FORMERLY.match(line[1])]
        lines = [*sentences[:1], *lines]
    return _quoted([(item.id, _speech(item, sentence), item.at[:10]) for item, sentence in lines])


def _quoted(lines: Sequence[tuple[str, str, str]]) -> Extract:
    """Return an answer of lines, each of a source, its words and its date (empty for a fact)."""
    texts = [f"{words} [{source}{', ' if date else ''}{date}]" for source, words, date in lines]
    return Extract(
        "\n".join(texts), tuple(dict.fromkeys(source for source, _, _ in lines)), known=True
    )


def _continued(
    kind: int, quoted: Sequence[tuple[Recollection, str]], found: Sequence[Recollection]
) -> list[tuple[Recollection, str]]:
    """Return `quoted` with the turns that the first of them goes on in, or goes on from.

    People say one thing in several messages. A turn that begins with a pronoun or a connective
    belongs to the one before it; the next turn is quoted, too, where the kind of answer asked for
    (a number, a time) is not in the first.
    """
    item, sentence = quoted[0]
    if item.session is None:
        return list(quoted)
    missing = _figure_missing(kind, sentence)
    before, after = _around(item, found)
    chosen = [before] if before is not None and _ANAPHORIC.match(item.text) else []
    if after is not None and (missing or _ANAPHORIC.match(after.text)):
        chosen.append(after)
    lines = list(quoted[:1]) if missing else list(quoted)
    held = {one.id for one, _ in lines}
    lines += [(one, _shown(one.text)) for one in chosen if one.id not in held and _told(one.text)]
    return lines[:QUOTED]


def _around(
    item: Recollection, found: Sequence[Recollection]
) -> tuple[Recollection | None, Recollection | None]:
    """Return the turns before and after one in its session, among those found."""
    turns = sorted((one for one in found if one.session == item.session), key=lambda one: one.at)
    place = next(at for at, one in enumerate(turns) if one.id == item.id)
    before, after = turns[:place], turns[place + 1 :]
    return (before[-1] if before else None), (after[0] if after else None)


def _figure_missing(kind: int, sentence: str) -> bool:
    """Return whether a question wants a number or a time and a sentence has neither."""
    return bool(kind & (questions.WHEN | questions.HOW_MANY)) and not _FIGURE.search(sentence)


def _wanted(query: str, asker: str | None) -> frozenset[str]:
    """Return the terms that an answer should hold: those that say what the question is about.

    Words for the kind of an answer ("colour", 名字) are left out unless nothing else is asked.
    """
    own = set(terms(asker)) if asker else set()
    every = frozenset(terms(_INTERROGATIVE.sub(" ", normal(query)))) - own
    return every - ATTRIBUTES or every or frozenset(terms(query)) - own


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
    held = [_held(wanted, item, found) for item in found]
    counts = Counter(term for terms_held in held for term in terms_held)
    size = len(found) + 1
    weight = {term: math.log(1 + size / (max(counts[term], 2) + 0.5)) for term in wanted}
    whole = math.fsum(weight.values())  # in whatever order a set gives its terms
    if not whole:
        return [(item, _shown(item.text)) for item in found[:1]]
    # An answer may be spread over a turn: the turn decides whether it is one, a sentence is quoted.
    scored = []
    for place, (item, terms_held) in enumerate(zip(found, held, strict=True)):
        share = _weighed(terms_held, weight) / whole
        if share >= KNOWN or item.relevance >= LIKELY:
            bonus = share / 4 + RANK / (1 + place)
            scored += [
                (_weighed(_in(sentence, wanted), weight) / whole + bonus, item, sentence)
                for sentence in _told(item.text)
            ]
    scored.sort(key=lambda each: -each[0])
    least = NEARLY * scored[0][0] if scored else 0.0
    return [(item, sentence) for score, item, sentence in scored if score >= least][:QUOTED]


def _formed(query: str, found: Sequence[Recollection]) -> list[tuple[Recollection, str]]:
    """Return the best sentence that answers by its form or kind, where no word of it is asked for.

    A question of nothing but a dose is answered by a dose; one for a home or a job, by what is said
    of moving or being hired. None where no recollection does.
    """
    forms = [form for asked, form in _FORMS if not terms(_rest(asked, query))]
    about = updates.read(query).kinds
    lasting = about if about and about <= _LASTING else frozenset()
    formerly = bool(_FORMERLY.search(query))
    for item in found:
        before = _around(item, found)[0] if _ANAPHORIC.match(item.text) and item.session else None
        kinds = updates.read(item.text).kinds | (
            updates.read(before.text).kinds if before else set()
        )
        past = bool(_FORMERLY.match(item.text))
        if any(form.search(item.text) for form in forms) or (
            lasting and lasting <= kinds and past == formerly
        ):
            return [(item, sentence) for sentence in _told(item.text)[:1]]
    return []


def _rest(asked: re.Pattern[str], query: str) -> str:
    """Return a query without what a pattern asks for; itself where it does not ask for that."""
    if not asked.search(query):
        return query
    return _INTERROGATIVE.sub(" ", asked.sub(" ", normal(query)))


def _weighed(held: frozenset[str], weight: Mapping[str, float]) -> float:
    return math.fsum(weight[term] for term in held)


def _in(sentence: str, wanted: frozenset[str]) -> frozenset[str]:
    return frozenset(term for term in wanted if _holds(term, sentence))


def _held(
    wanted: frozenset[str], item: Recollection, found: Sequence[Recollection]
) -> frozenset[str]:
    """Return the terms wanted that a turn holds, or the turn that it goes on from."""
    text = f"{item.speaker or ''} {item.text}"
    if item.session is not None and _ANAPHORIC.match(item.text):
        before, _ = _around(item, found) if item in found else (None, None)
        text += f" {before.text}" if before is not None else ""
    return _in(text, wanted)


def _holds(term: str, text: str) -> bool:
    """Return whether a text has a term: as one of its terms, or in Chinese as a part of a word."""
    if script(term[0]) == "han":
        return term in normal(text)
    return term in terms(text) or any(_related(term, other) for other in terms(text))


def _related(one: str, other: str) -> bool:
    """Return whether two stems are of one family, such as those of therapist and therapy."""
    return len(one) >= _FAMILY and len(other) >= _FAMILY and one[:_FAMILY] == other[:_FAMILY]


def _told(text: str) -> list[str]:
    """Return the sentences that tell; none where all of them ask."""
    found = [each.strip() for each in _SENTENCE.findall(normal(text))]
    return [each for each in found if each and not _is_question(each)]


def _is_question(sentence: str) -> bool:
    return sentence.endswith(("?", "？")) or bool(_BARE_QUESTION.match(sentence))


def _shown(text: str) -> str:
    return " ".join(text.split())


def _speech(item: Recollection, sentence: str) -> str:
    speaker = f"{item.speaker}: " if item.speaker else ""
    return f"{speaker}{_shown(sentence)}"
