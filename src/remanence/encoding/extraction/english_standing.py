"""Subjects of called rules, by the rule's marks: "be" must precede, the owner stands before, a
participle leans on the main subject.

It knows the marks of `english_rules` and how `english_subjects` finds a subject; it does not know
what is then said of it.
"""

from dataclasses import replace
from typing import Final

from remanence.encoding.extraction import english_words as words
from remanence.encoding.extraction.english_subjects import Sentence, Standing
from remanence.encoding.extraction.pattern import Compiled
from remanence.encoding.extraction.scene import Subject
from remanence.text.words import table

# mark -> the words one of which must stand a little before
_LEADS: Final = {
    "noun": table("is are was were 's 'm am be been became remains being"),
    "got": table(
        "have has had got hold holds held with earned received completed did landed found start "
        "started keep"
    ),
    "doing": table("doing pursuing do completing finishing"),
    "took": table("took take went on made had"),
    "back": table("got came am 'm are 're returned been is"),
    "gave": table("handed gave put"),
    "cannot": frozenset(("ca", "cannot", "n't")),
    "thing": table("has had with covers cover was is were a an the its"),
}


def standing_of(sentence: Sentence, i: int, rule: Compiled) -> Standing | None:
    """Return the subject of the rule that token `i` calls;

    None where its marks are not met or nothing is stated.
    """
    marks, scene = rule.marked, sentence.passage.scene
    if ("prose" in marks and not scene.prose) or ("talk" in marks and scene.prose):
        return None
    if not marks.isdisjoint(_SPECIAL):
        return _special(sentence, i, marks)
    lead = next((mark for mark in _LEADS if mark in marks), None)
    if lead is not None:
        return _led(sentence, i, lead)
    standing = sentence.standing(i - ("old" in marks), able="can" in marks)
    if standing is None or (standing.be and "bare" in marks) or (standing.past and "plan" in marks):
        return None
    if "org" in marks and standing.subject and standing.subject.kind == "person":
        return None
    if "done" in marks and not standing.be:
        return _reduced(sentence, i, marks)
    if "be" in marks and not standing.be:
        return None
    bare = sentence.low[i].endswith("ing") and not standing.be and not standing.change
    if bare and _FONDNESS.isdisjoint(sentence.low[max(i - 2, 0) : i]):
        return None
    return standing


_FONDNESS: Final = frozenset(("love", "loves", "enjoy", "enjoys"))
_SPECIAL: Final = table("me self whose pair main which")


def _special(sentence: Sentence, i: int, marks: frozenset[str]) -> Standing | None:
    speaker = sentence.passage.scene.speaker
    if "me" in marks or "self" in marks:
        return Standing(Subject(speaker, "person")) if speaker else None
    if "whose" in marks:
        return Standing(sentence.owner(i))
    if "pair" in marks:
        return Standing(sentence.ending(i - 1)) if i else None
    if "which" in marks:
        return Standing(sentence.ending(i))
    return (
        Standing(sentence.main()[0])
        if _copular(sentence, i, near=sentence.low[i] != "from")
        else None
    )


def _copular(sentence: Sentence, i: int, *, near: bool = False) -> bool:
    """Return whether the sentence opens with "X is a ..." before token `i`;

    `near`: with no preposition between.
    """
    low, after = sentence.low, sentence.main()[1]
    for k in range(after, min(after + 4, i)):
        if low[k] in ("is", "was", "are", "were"):
            return not near or _PREPOSITIONS.isdisjoint(low[k:i])
    return False


_PREPOSITIONS: Final = table("of in on at from to for by with about between after")


def _led(sentence: Sentence, i: int, lead: str) -> Standing | None:
    j = sentence.after(i, _LEADS[lead])
    if j is None:
        if lead in ("noun", "thing") and sentence.passage.scene.prose and _copular(sentence, i):
            return Standing(sentence.main()[0])
        if lead == "noun" and sentence.passage.scene.prose and i > 1:
            return _appositive(sentence, i)
        return None
    if lead == "thing":
        return _of_thing(sentence)
    standing = sentence.standing(j)
    if standing is not None and not words.NEGATING.isdisjoint(sentence.low[j:i]):
        standing = replace(standing, negated=True)
    if lead == "cannot":
        return Standing(sentence.ending(j - 2 if sentence.low[j] == "n't" else j - 1))
    return standing


def _of_thing(sentence: Sentence) -> Standing | None:
    """As in "The population was 1,204": of the main subject, or of what the article is about."""
    passage, main = sentence.passage, sentence.main()[0]
    if not passage.scene.prose or main:
        return Standing(main) if passage.scene.prose else None
    return (
        Standing(Subject(passage.topic, "", 0.85))
        if passage.topic and sentence.low[0] in ("the", "its", "as")
        else None
    )


def _appositive(sentence: Sentence, i: int) -> Standing | None:
    """As in ", the son of": of the main subject, when the comma follows a name or a date."""
    j = i - 1
    while j > 0 and sentence.low[j] not in (",", "and") and i - j < 5:
        j -= 1
    return Standing(sentence.main()[0]) if sentence.low[j] in (",", "and") else None


def _aside(sentence: Sentence, i: int) -> bool:
    """As in "the capital of X, a territory situated in":

    the participle belongs to what the comma or the relative explains.
    """
    low, after = sentence.low, sentence.main()[1]
    comma = any(low[k] == "," and low[k + 1] in ("a", "an", "the") for k in range(after, i - 1))
    return comma or not _RELATIVE.isdisjoint(low[after:i])


_RELATIVE: Final = table("which who that where whose")


def _reduced(sentence: Sentence, i: int, marks: frozenset[str]) -> Standing | None:
    """A participle without "was": of the name just before it, or of what the sentence is about."""
    passage = sentence.passage
    if i == 0 or all(not raw[0].isalnum() for raw in sentence.raw[:i]):
        return (
            Standing(Subject(passage.topic, "", 0.85))
            if passage.topic and passage.scene.prose
            else None
        )
    before = sentence.ending(i - 1) if sentence.raw[i - 1][0].isupper() else None
    if before is not None and sentence.low[i - 1] not in words.STARTERS and "work" not in marks:
        return Standing(before)
    if _copular(sentence, i):
        return None if _aside(sentence, i) else Standing(sentence.main()[0])
    if sentence.low[i - 1] in (",", "and") and i > 1:
        return Standing(
            sentence.ending(i - 2) if sentence.raw[i - 2][0].isupper() else sentence.ending(i - 1)
        )
    return None
