"""The verb of a spoken clause: auxiliaries, negation, adverbs and aspect before it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from remanence.encoding.extraction.spoken import lexicon
from remanence.encoding.extraction.spoken.verbs import FORMS, PREDICATES
from remanence.text.words import table


@dataclass(slots=True)
class Verb:
    """A verb and what stands before it.

    `head` is the place of the verb or, after "be", of what follows.
    """

    head: int
    be: bool = False
    past: bool = False
    perfect: bool = False
    negated: bool = False
    modal: bool = False
    planned: bool = False
    able: bool = False
    change: str = ""  # "end": used to, stopped; "begin": started
    habitual: bool = False
    done: bool = False  # "did"


_ASPECT_END: Final = table("stopped quit stop stopping quitting quits stops")


_ASPECT_BEGIN: Final = table("started began start starting begin begun")


_SKIPPED: Final = lexicon.ADVERBS | table("been being got bit little lot")


def chain(low: list[str], at: int, stop: int) -> Verb | None:
    """The verb that begins at `at`, over auxiliaries, adverbs and negations; None without one."""
    verb = Verb(at)
    k = at
    while k < stop:
        word = low[k]
        if word in _BEFORE_NOUN and (k == at or verb.be or verb.negated):
            noun = _noun(low, k, stop)
            if noun is not None:
                verb.head, verb.be = noun, True
                return verb
        step = _auxiliary(word, low[k + 1] if k + 1 < stop else "", verb)
        if not step:
            break
        k += step
    verb.head = min(k, stop)
    return _headed(low, at, stop, verb)


def _noun(low: list[str], at: int, stop: int) -> int | None:
    """The noun after an article that says something of the subject: "a big fan of jazz"."""
    for k in range(at + 1, min(at + 4, stop)):
        if low[k] in NOUNS:
            return k if k + 1 < len(low) and low[k + 1] in ("of", "at", "to") else None
    return None


def _headed(low: list[str], at: int, stop: int, verb: Verb) -> Verb | None:
    """The verb where its head can be one: a verb, or what follows "be" or an adverb."""
    k = verb.head
    after_be = verb.be and k > at
    if k >= stop:
        return verb if after_be else None
    if not (low[k][0].isalnum() or low[k] == "'s" or after_be):
        return None
    form = FORMS.get(low[k])
    if form is None:
        known = verb.be or k > at or low[k] in PREDICATES
        return verb if known else None
    if form.past and not verb.perfect and not verb.be:
        verb.past = True
    return verb


_BEFORE_NOUN: Final = table("a an the big huge massive such total proud long-time real avid one")


# Nouns that say something of a subject left out: "big fan of jazz".
NOUNS: Final = table("fan lover native member student part")


def _auxiliary(word: str, after: str, verb: Verb) -> int:
    """Words that an auxiliary, adverb or negation takes, noted in `verb`; 0 for the verb itself."""
    kind = _KIND_OF.get(word)
    if kind is None:
        return int(word.endswith("ly") and len(word) > 4 and word not in FORMS)
    return kind(word, after, verb)


def _of_be(word: str, after: str, verb: Verb) -> int:
    del after
    verb.be = True
    verb.past = verb.past or word in ("was", "were")
    return 1


def _of_not(word: str, after: str, verb: Verb) -> int:
    del word, after
    verb.negated = True
    return 1


def _of_no(word: str, after: str, verb: Verb) -> int:
    del word
    if after != "longer":
        return 0
    verb.change = "end"
    return 2


def _of_used(word: str, after: str, verb: Verb) -> int:
    del word
    if after != "to" or verb.be:
        return 0
    verb.change, verb.past = "end", True
    return 2


def _of_do(word: str, after: str, verb: Verb) -> int:
    if not _goes_on(after):
        return 0
    verb.done = word == "did"
    verb.past = verb.past or verb.done
    return 1


def _of_have(word: str, after: str, verb: Verb) -> int:
    if not _participle(after):
        return 0
    verb.perfect = True
    verb.past = verb.past or word == "had"
    return 1


def _of_modal(word: str, after: str, verb: Verb) -> int:
    del after
    if word == "can":
        verb.able = True
    elif word == "will":
        verb.planned = True
    else:
        verb.modal = True
    return 1


def _of_aspect(word: str, after: str, verb: Verb) -> int:
    if not (after.endswith("ing") and after in FORMS):
        return 0
    verb.change = "end" if word in _ASPECT_END else "begin"
    return 1


def _of_adverb(word: str, after: str, verb: Verb) -> int:
    del after
    verb.habitual = verb.habitual or word in lexicon.HABITUAL
    verb.modal = verb.modal or word in ("almost", "nearly")
    return 1


_KIND_OF: Final[dict[str, Callable[[str, str, Verb], int]]] = {
    **dict.fromkeys(lexicon.ADVERBS, _of_adverb),
    **dict.fromkeys(_ASPECT_END | _ASPECT_BEGIN, _of_aspect),
    **dict.fromkeys(lexicon.MODALS | {"can", "will"}, _of_modal),
    **dict.fromkeys(lexicon.HAVE, _of_have),
    **dict.fromkeys(lexicon.DO, _of_do),
    **dict.fromkeys(lexicon.BE, _of_be),
    **dict.fromkeys(lexicon.NOT, _of_not),
    "no": _of_no,
    "used": _of_used,
    "use": _of_used,
}


def _goes_on(after: str) -> bool:
    form = FORMS.get(after)
    return after in lexicon.NOT or after in lexicon.ADVERBS or (form is not None and form.base)


def _participle(after: str) -> bool:
    form = FORMS.get(after)
    return (
        after in ("been", "not", "never", "n't")
        or (
            after in lexicon.ADVERBS
            and after not in ("half", "much", "so", "very", "super", "too", "quite")
        )
        or (form is not None and form.past)
    )
