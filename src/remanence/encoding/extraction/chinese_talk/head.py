"""The head of a Chinese clause: subject, times, adverbs, negation and modal before the predicate.

A clause has several stops, one after each word of its head; a frame is tried at every stop, with
what was read up to there. "我以前不吃辣" stops after 我, 以前 and 不.
"""

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from remanence.encoding.extraction.chinese_talk.lexicon import LEXICON

__all__ = ["Stop", "stops"]

_HEAD: Final = re.compile(LEXICON["HEAD"])
_SUBJECTS: Final = ("kinsman", "pet", "self", "you", "third", "named")


@dataclass(frozen=True, slots=True)
class Stop:
    """A place in a clause where its predicate may begin, and what stands before it."""

    at: int
    """Place of the predicate in the clause."""
    kind: str = ""
    """Kind of the subject: kinsman, pet, self, you, third, named; empty where there is none."""
    subject: str = ""
    """Words of the subject: the kin word, the animal or the name."""
    name: str = ""
    """Name that follows a kin word: 妹妹小林."""
    owned: str = ""
    """Someone of the subject's: 妹妹 in 王小明的妹妹."""
    negated: str = ""
    """The negation, empty where there is none."""
    modal: str = ""
    """The modal verb."""
    past: bool = False
    """以前, 曾经 and the like stand before it."""
    times: str = ""
    """Expressions of time and frequency before it."""
    often: bool = False
    """One of the times is a frequency."""
    adverbs: str = ""
    """Adverbs of degree and manner."""


_FREQUENT: Final = re.compile(LEXICON["OFTEN"])


_ADDED: Final = {"neg": "negated", "modal": "modal", "time": "times", "adv": "adverbs"}


def _advanced(stop: Stop, found: re.Match[str]) -> Stop | None:
    """The stop after one more word of the head; None where the word cannot stand there."""
    kind = next(name for name in _GROUPS if found[name])
    word, here = found[kind], replace(stop, at=found.end())
    if kind in _SUBJECTS:
        return _with_subject(here, found, kind)
    if kind == "owned":
        return replace(here, owned=word[1:]) if stop.kind and not stop.owned else None
    if kind == "past":
        return replace(here, past=True)
    if kind in _ADDED:
        name = _ADDED[kind]
        often = stop.often or (kind == "time" and _FREQUENT.match(word) is not None)
        return replace(here, often=often, **{name: getattr(stop, name) + word})
    return here


def _with_subject(stop: Stop, found: re.Match[str], kind: str) -> Stop | None:
    """The stop with its subject; None where a subject or a negation stands before."""
    if stop.kind or stop.negated or (stop.modal and kind != "self"):
        return None
    subject = found["kin"] or found["bare"] or found["animal"] or found[kind]
    return replace(stop, kind=kind, subject=subject, name=found["kname"] or "")


_GROUPS: Final = ("lead", "past", "neg", "time", "modal", "adv", "owned", *_SUBJECTS)


@lru_cache(maxsize=8192)
def stops(clause: str) -> tuple[Stop, ...]:
    """Every stop of a folded clause, first to last."""
    stop: Stop | None = Stop(0)
    found: list[Stop] = []
    while stop is not None and len(found) < 12:
        found.append(stop)
        match = _HEAD.match(clause, stop.at)
        stop = _advanced(stop, match) if match and match.end() > stop.at else None
    return tuple(found)
