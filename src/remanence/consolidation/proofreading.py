"""Tell whether what a model wrote of a fact may be taught: a question that names the subject and
does not give the answer away, a statement that says the fact and no more. Nothing is mended: what
does not fit is refused, with a reason that can be counted.

What passes becomes a frame, with {s} and {o} in the stead of the names.
"""

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

from remanence.consolidation import phrasings
from remanence.consolidation.examples import TrainingFact
from remanence.encoding.extraction import extract
from remanence.encoding.linking import names
from remanence.text.words import terms

LONGEST: Final = 160  # characters of a frame
BEHIND: Final = 24  # characters that may follow the object
_S, _O = (
    "\ue000",
    "\ue001",
)  # what stands for the names while a text is looked at: no text may hold them
_MARKS: Final = re.compile(r"[<>{}\[\]()|`\\^#*=@~/:：\ue000\ue001]")
_SENTENCE: Final = re.compile(r"[!?。！？;；…]|\.(?=\s)")
_ASKING: Final = re.compile(r"[?？]$")
_DENIES: Final = re.compile(
    r"\b(?:not|no|never|nobody|none|neither|nor|without|cannot|hardly)\b|n['’]t\b|[不没無无未]",
    re.IGNORECASE,
)
_NUMBER: Final = re.compile(r"\d+")
_I: Final = re.compile(r"I(?:['’]|$)")
_CAPITAL: Final = re.compile(r"(?<=\S)\s+([A-Z][\w'’-]*)")


class RejectedText(ValueError):
    """Text that cannot be trained on; the message is the reason that is counted."""


class Proofreader:
    """Looks at what was written of one fact.

    others: facts that the writer saw beside it, whose names have no business here.
    """

    def __init__(self, example: TrainingFact, others: Iterable[TrainingFact]) -> None:
        self._example = example
        own = {names.key(example.subject), names.key(example.object)}
        seen = (name for each in others for name in (each.subject, each.object))
        self._others = [name for name in dict.fromkeys(seen) if names.key(name) not in own]
        self._question, self._statement = (
            phrasings.question_frame(example),
            phrasings.statement_frame(example),
        )
        taught = {_comparable(each.given) for each in phrasings.taught(example)}
        without_adapters = self._statement.replace("{s}", example.subject).replace(
            "{o}", example.object
        )
        self._said = taught | {
            _comparable(phrasings.held_out(example).given),
            _comparable(without_adapters),
        }
        self._measured = _comparable(phrasings.evaluation_frame(example))
        self._own = _comparable(phrasings.question(example))
        self._elsewhere = tuple(map(_comparable, phrasings.other_questions(example)))

    def question(self, written: object) -> str:
        """The frame of a question. Raises `RejectedText`."""
        text = _line(written, self._example)
        if not _ASKING.search(text):
            raise RejectedText("no question")
        frame = _with_slot(text, self._example.subject, _S)
        if _S not in frame:
            raise RejectedText("the subject is not in it")
        if self._answers(frame):
            raise RejectedText("the answer is in the question")
        self._plain(frame[:-1], self._question)
        comparable = _comparable(text)
        # Words before a question leave it what it asks: the tables put them there too.
        if comparable.endswith(self._elsewhere) and not comparable.endswith(self._own):
            raise RejectedText("what another relation is asked by")
        return self._new(text, frame.replace(_S, "{s}"))

    def statement(self, written: object) -> str:
        """The frame of a statement. Raises `RejectedText`."""
        text = _line(written, self._example).rstrip(".。!！ ")
        pairs = [(self._example.subject, _S), (self._example.object, _O)]
        frame = text
        for name, slot in sorted(
            pairs, key=lambda pair: -len(pair[0])
        ):  # one may stand in the other
            frame = _with_slot(frame, name, slot)
        before, found, after = frame.partition(_O)
        if not found or _O in after:
            raise RejectedText("the object is not in it once")
        if _S not in before:
            raise RejectedText("the subject does not come before the object")
        if len(after) > BEHIND:
            raise RejectedText("more is said behind the object")
        self._plain(frame, self._statement)
        self._meant(text)
        return self._new(text, frame.replace(_S, "{s}").replace(_O, "{o}"))

    def _answers(self, frame: str) -> bool:
        """Tell whether a question has the object, or a word of it that the table's own question has
        not.
        """
        rest = frame.replace(_S, " ")
        if _occurs(self._example.object, rest):
            return True
        allowed = set(terms(self._question.replace("{s}", " "))) | set(terms(self._example.subject))
        return not (set(terms(self._example.object)) - allowed).isdisjoint(terms(rest))

    def _require_no_names(self, rest: str) -> None:
        """Raise `RejectedText` where names stand in a text without the fact's own."""
        if any(_occurs(name, rest) for name in self._others):
            raise RejectedText("somebody else's names")
        if any(_occurs(name, rest) for name in (self._example.subject, self._example.object)):
            raise RejectedText("a name in other letters")

    def _plain(self, frame: str, template: str) -> None:
        """That nothing stands beside the names but common words. Raises `RejectedText`."""
        rest, own = frame.replace(_S, " ").replace(_O, " "), re.sub(r"\{[so]\}", " ", template)
        if len(frame) > LONGEST:
            raise RejectedText("too long")
        if _MARKS.search(rest):
            raise RejectedText("marks in it")
        if _SENTENCE.search(rest):
            raise RejectedText("more than one sentence")
        self._require_no_names(rest)
        if not set(_NUMBER.findall(rest)) <= set(_NUMBER.findall(own)):
            raise RejectedText("a number that the fact does not have")
        if bool(_DENIES.search(rest)) != bool(_DENIES.search(own)):
            raise RejectedText("denied where the fact is not, or the other way round")
        strange = {word for word in _CAPITAL.findall(frame) if not _I.match(word)}
        if strange - set(own.split()):
            raise RejectedText("a name that the fact does not have")

    def _meant(self, text: str) -> None:
        """That the rules do not read another relation between the two. Raises `RejectedText`."""
        ends = {names.key(self._example.subject), names.key(self._example.object)}
        read = [
            each
            for each in extract(text, speaker=None, addressee=None, at=0)
            if {names.key(each.subject), names.key(each.object)} == ends
        ]
        meant = {each.relation for each in read if not each.negated}
        if read and self._example.relation not in meant:
            raise RejectedText("another relation between the two")

    def _new(self, text: str, frame: str) -> str:
        """The frame, where it is new. Raises `RejectedText`."""
        comparable = _comparable(text)
        if self._measured in comparable:
            raise RejectedText("worded as what measures")
        if comparable in self._said:
            raise RejectedText("said already")
        self._said.add(comparable)
        return frame


def _line(written: object, example: TrainingFact) -> str:
    """A text of one line. Raises `RejectedText`."""
    if not isinstance(written, str):
        raise RejectedText("no text")
    if len(written) > LONGEST + len(example.subject) + len(example.object):
        raise RejectedText("too long")
    if not written.strip().isprintable():
        raise RejectedText("marks in it")
    return " ".join(written.split())


def _with_slot(text: str, name: str, slot: str) -> str:
    """A text with a slot wherever a name stands in it as whole words.

    >>> _with_slot("Al always asks Al's pal", "Al", "_"), _with_slot("问Wei住哪", "Wei", "_")
    ("_ always asks _'s pal", '问_住哪')
    """
    return re.sub(_whole(name), lambda _: slot, text)


def _occurs(name: str, text: str) -> bool:
    """Tell whether a name stands in a text as whole words, in letters of any case."""
    return re.search(_whole(name), text, re.IGNORECASE) is not None


def _whole(name: str) -> str:
    letter = r"[^\W_\u3400-\u9fff]"
    before = rf"(?<!{letter})" if re.match(letter, name[:1]) else ""
    after = rf"(?!{letter})" if re.match(letter, name[-1:]) else ""
    return before + re.escape(name) + after


def _comparable(text: str) -> str:
    """A text by its letters and digits, however they are written:

    small or large, narrow or wide.
    """
    plain = unicodedata.normalize("NFKC", text).casefold()
    return "".join(letter for letter in plain if letter.isalnum())
