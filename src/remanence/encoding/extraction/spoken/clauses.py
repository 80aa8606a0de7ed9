"""Clauses of a spoken turn: subject, verb with what stands before it, and assertion status."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from remanence.encoding.extraction.assertion import Status
from remanence.encoding.extraction.scene import Subject
from remanence.encoding.extraction.spoken import lexicon
from remanence.encoding.extraction.spoken.chains import Verb, chain
from remanence.encoding.extraction.spoken.subjects import Passage, full_name, subject
from remanence.encoding.extraction.spoken.things import NUMBERS
from remanence.encoding.extraction.spoken.tokens import Words
from remanence.encoding.extraction.spoken.verbs import FORMS, PREDICATES, Form
from remanence.text.words import table


@dataclass(slots=True)
class Spoken:
    """One clause: words from `first` up to `stop`."""

    subject: Subject | None
    verb: Verb
    first: int
    stop: int
    sentence: tuple[int, int]  # in words
    status: Status
    dropped: bool = False  # no subject stands before the verb


_SUPPOSING: Final = table(
    """
    if unless imagine suppose supposing pretend hypothetically wish maybe perhaps possibly supposedly allegedly
    whether wishing hopefully as-if would-be wished unlikely apparently
    """
)
_REPORTING: Final = table(
    """
    said says say saying thinks think thought assume assumes assumed believe believes believed claims claim claimed
    told tells tell joked jokes swears reckons reckon figured figures guesses convinced heard hear read reads
    means meant translates pretends pretend rumor rumour rumors rumours rumored according mistook mistakes suggests suggested insisted insists accused
    accuses expected expects imagines imagined pretending pretended dreamt dreamed dreaming calls texted wrote
    writes messaged announced mistakenly wrongly supposed asked asks wonders wondering wondered remembers
    """
)
# The speaker's own word of himself: "I told you I don't work there".
_OWN_WORD: Final = table(
    "said say saying told tell mentioned think guess know believe swear realised realized reckon "
    "promise figured"
)
_SEEMING: Final = table("feel feels felt look looks looked sound sounds seem seems not")
_COMMANDS: Final = table(
    """
    write tell give make act say translate explain show describe create generate help find list draw imagine
    pretend suppose consider assume compose summarise summarize name sing code build suggest recommend
    teach convert calculate compare
    """
)
# "like five cups" tells how many, and no taste.
_AFTER_LIKE: Final = frozenset(("", "i", "my", "we", *NUMBERS))
# Words before a noun: "my name is" commands nothing.
_BEFORE_NOUN: Final = table("my your our his her their the a an last first middle full nick")
_LIKENING: Final = table("like because")
_MARKED: Final = {
    **dict.fromkeys(_COMMANDS, Status.COMMAND),
    **dict.fromkeys(_REPORTING, Status.REPORTED),
    **dict.fromkeys(_SUPPOSING | _LIKENING, Status.SUPPOSED),
}
INVERTED: Final = table(
    "do does did is are was were can could will would should have has had am may might shall"
)
AFTER_INVERSION: Final = table(
    "i you he she it they we my your his her their the this that there anyone anybody someone u "
    "ur these those a an"
)
_SUBORDINATE: Final = table(
    "that who which when where while after before until once if unless whose"
)
_HYPHEN_FREE: Final = table(
    "and but so because bc cuz cos cause since though although , ; - : . then plus tho"
)
_FICTION_IN: Final = table("in from")
_FICTION: Final = table(
    """
    book novel game movie film show story series dream campaign anime manga episode comic play sims minecraft
    skyrim fanfic roleplay rpg dnd d&d simulation screenplay script fantasy
    """
)
_FICTIVE: Final = table(
    "character protagonist avatar persona oc villager sim paladin wizard bard hero heroine"
)


def clauses(words: Words, passage: Passage) -> list[Spoken]:
    """The clauses of a turn, in order; `passage.status` holds the status of every word."""
    found: list[Spoken] = []
    passage.status = [Status.ASSERTED] * len(words.low)
    fiction = False
    for first, stop in sentences(words):
        fiction = fiction or _fictive(words, first, stop)
        mine = list(_Sentence(words, first, stop, passage).read())
        if fiction:
            for clause in mine:
                clause.status = Status.FICTION
            passage.status[first:] = [Status.FICTION] * (len(words.low) - first)
        found += mine
    return found


def sentences(words: Words) -> Iterator[tuple[int, int]]:
    """First word and the one after the last, with the mark that ends it."""
    low, first = words.low, 0
    for at, word in enumerate(low):
        if word not in lexicon.ENDERS:
            continue
        if (
            word == "."
            and at
            and (low[at - 1] in _ABBREVIATED or len(low[at - 1]) == 1 or _inside(words, at))
        ):
            continue
        if at > first:
            yield first, at + 1
        first = at + 1
    if first < len(low):
        yield first, len(low)


_ABBREVIATED: Final = table("mr mrs ms dr prof st mt no vs jr sr inc ltd e.g i.e etc approx")


def _inside(words: Words, at: int) -> bool:
    """Return whether the full stop is glued to the next word: "p.s.", "no.12", "d.c."."""
    return at + 1 < len(words.low) and words.start[at + 1] == words.end[at]


def _fictive(words: Words, first: int, stop: int) -> bool:
    low = words.low
    for at in range(first, stop):
        word = low[at]
        if word in _FICTIVE and at > first and low[at - 1] in ("my", "main", "the", "our"):
            return True
        if word in _FICTION and at - first < 9:
            before = low[max(first, at - 4) : at]
            if any(each in _FICTION_IN for each in before) and at < first + 6:
                return True
            if word == "dream" and low[max(first, at - 2)] in ("had", "a", "weird", "this"):
                return True
        if word in ("dreamt", "dreamed", "roleplaying", "role-playing", "cosplaying"):
            return True
    return False


class _Sentence:
    """One sentence being read from left to right, with the status of what comes next."""

    def __init__(self, words: Words, first: int, stop: int, passage: Passage) -> None:
        self.words, self.low, self.passage = words, words.low, passage
        self.first, self.stop = first, stop
        self.asked = words.low[stop - 1] == "?"
        self.status = Status.ASSERTED
        self.denied = False  # the next clause is said not to be so
        self.found: list[Spoken] = []

    def read(self) -> list[Spoken]:
        """The clauses of the sentence."""
        at, starts = self.first, True
        while at < self.stop:
            word = self.low[at]
            if word in _HYPHEN_FREE and not starts:
                self._closed(word)
                starts = True
                at += 1
                continue
            if starts or word in ("i", "we"):
                after = self._begin(at)
                if after > at:
                    self.passage.status[at:after] = [self.status] * (after - at)
                    at, starts = after, False
                    continue
            if word in _MARKED:
                self._mark(at)
            self.passage.status[at] = self.status
            starts = word in _SUBORDINATE or word in lexicon.SEPARATORS
            at += 1
        return self._bounded()

    def _closed(self, word: str) -> None:
        """A separator: suppositions and questions end with it, reports with a contrast."""
        if self.status in (Status.SUPPOSED, Status.QUESTION) and word != "and":
            self.status = Status.ASSERTED
        if self.status == Status.REPORTED and word in ("but", "so", ";", "."):
            self.status = Status.ASSERTED

    def _mark(self, at: int) -> None:
        """The status from a word on that opens no clause."""
        word = self.low[at]
        kind = _MARKED[word]
        if kind == Status.COMMAND:
            if not self.found and (at == self.first or self.low[at - 1] not in _BEFORE_NOUN):
                self.status = kind
        elif word not in _LIKENING or (at and self.low[at - 1] in _SEEMING):
            self.status = kind

    def _begin(self, at: int) -> int:
        """Read the clause that begins at `at`;

        the word to go on from, `at` itself where none does.
        """
        k = self._skip(at)
        if k >= self.stop:
            return at
        if self._question(k):
            self.status = Status.QUESTION
            return k + 1
        said = _untrue(self.low, k, self.stop)
        if said:
            self.denied, self.status = said[1], self.status if said[1] else Status.SUPPOSED
            return said[0]
        who = subject(self.words, k, self.stop, self.passage)
        if who is None:
            return self._dropped(at, k)
        verb = chain(self.low, who[1], self.stop)
        if verb is None:
            return at if who[1] == k else who[1]
        return self._add(who[0], verb, k, dropped=False)

    def _skip(self, at: int) -> int:
        """The first word that can open a clause: over fillers and marks, whose status counts."""
        low, k = self.low, at
        while k < self.stop and (low[k] in lexicon.FILLERS or not low[k][0].isalnum()):
            if low[k] in _SUPPOSING:
                self.status = Status.SUPPOSED
            if low[k] in ("but", "so"):
                self._closed(low[k])
            if self._opens(k):
                break
            k += 1
        return k

    def _opens(self, at: int) -> bool:
        """Return whether a filler opens a clause after all: "mum", "me and Ana", "like jazz"."""
        word, after = self.low[at], self.low[at + 1] if at + 1 < self.stop else ""
        if word in lexicon.BARE_ROLES or word == "'s":
            return True
        if word == "so":
            return full_name(self.words, at, self.stop)
        led = word == "like" and after not in _AFTER_LIKE and not after[:1].isdigit()
        return led or (word == "me" and after == "and")

    def _question(self, at: int) -> bool:
        low = self.low
        word = low[at]
        after = low[at + 1] if at + 1 < self.stop else ""
        if word in INVERTED and after in AFTER_INVERSION:
            return not (
                word in ("have", "had", "did") and after in ("a", "an", "the", "my", "this", "that")
            )
        if word not in lexicon.WH:
            return False
        return not (
            word in ("when", "where", "how") and not self.asked and after in ("i", "we", "my")
        )

    def _dropped(self, at: int, k: int) -> int:
        """A verb without a subject: of the clause before, or of the speaker at the beginning."""
        verb = chain(self.low, k, self.stop)
        if verb is None or verb.head >= self.stop:
            return at
        if self.found and k > self.first:
            return self._continued(at, k, verb)
        return self._opened(at, k, verb)

    def _continued(self, at: int, k: int, verb: Verb) -> int:
        """A verb that has the subject of the clause before: "moved out and got a cat"."""
        if at and self.low[at - 1] in _SUBORDINATE:
            return at
        before, form = self.found[-1], FORMS.get(self.low[verb.head])
        mine = before.subject is None or before.subject == self.passage.speaker
        if not _continues(verb, form, mine=mine, apart=before.verb.head + 1 < k):
            return at
        modal = before.verb.modal and not (form and form.past)
        verb.modal = verb.modal or modal
        verb.past = verb.past or bool(form and form.base and before.verb.done)
        return self._add(before.subject, verb, k, dropped=True)

    def _opened(self, at: int, k: int, verb: Verb) -> int:
        """A verb that begins a sentence and is the speaker's:

        "moved to Oslo", "vegan since May".
        """
        head = self.low[verb.head]
        form, led = FORMS.get(head), verb.head > k
        if form is not None and form.third and not verb.be:
            return at
        if form is None or (form.base and not led and head not in _BARE_START):
            ended = verb.negated and verb.change == "end"
            opened = head in PREDICATES or head in lexicon.TRAITS or ended or verb.be
            if not opened or (led and not verb.negated and self.low[k] in lexicon.BE):
                return at
            verb.be = True
        elif form.gerund or head in _PARTICIPLES:
            verb.be = True
        return self._add(self.passage.speaker, verb, k, dropped=True)

    def _add(self, who: Subject | None, verb: Verb, first: int, *, dropped: bool) -> int:
        low, status = self.low, self.status
        if self.denied:
            verb.negated, self.denied = not verb.negated, False
        self.found.append(
            Spoken(who, verb, first, self.stop, (self.first, self.stop), status, dropped)
        )
        head = low[verb.head] if verb.head < self.stop else ""
        own = who is not None and who.name == self.passage.scene.speaker
        if head in _REPORTING and not (own and head in _OWN_WORD) and not self._doctor(who):
            self.status = Status.REPORTED
        elif head in ("wish", "hope", "dream", "pretend", "imagine", "wonder"):
            self.status = Status.WISHED if head in ("wish", "hope") else Status.SUPPOSED
        return verb.head if head == "" else verb.head + (head not in _SUPPOSING)

    def _doctor(self, who: Subject | None) -> bool:
        return who is not None and who.name.endswith(("'s doctor", "'s gp", "'s dentist"))

    def _bounded(self) -> list[Spoken]:
        """The clauses with their ends; a question mark asks of the last, or of all in one piece."""
        found, low = self.found, self.low
        for at, clause in enumerate(found):
            head = clause.verb.head
            stop = found[at + 1].first if at + 1 < len(found) else self.stop
            while stop - 1 > head and low[stop - 1] in _TRAILING:
                stop -= 1
            clause.stop = max(stop, min(head + 1, self.stop))
        if self.asked:
            for clause in found:
                last = clause is found[-1] and self._asks(clause)
                if clause.status == Status.ASSERTED and (last or self._addressed(clause)):
                    clause.status = Status.QUESTION
        return found

    def _addressed(self, clause: Spoken) -> bool:
        """Return whether it is about the addressee: "you work there, don't you?" asks."""
        who = clause.subject
        return who is not None and who.name == self.passage.scene.addressee

    def _asks(self, clause: Spoken) -> bool:
        """Return whether the question mark belongs to this clause, and no question of its own
        follows it.
        """
        return not any(
            self.low[k] in lexicon.WH
            or (
                self.low[k] in INVERTED and k + 1 < self.stop and self.low[k + 1] in AFTER_INVERSION
            )
            for k in range(clause.verb.head + 1, clause.stop)
            if self.low[k - 1] in lexicon.SEPARATORS
        )


def _continues(verb: Verb, form: Form | None, *, mine: bool, apart: bool) -> bool:
    """Return whether a verb can have the subject of the clause before: `mine` the speaker's."""
    if form is None:
        return verb.be or verb.negated
    if verb.be:
        return True
    return not (form.third and mine) and not (form.gerund and apart)


def _untrue(low: list[str], at: int, stop: int) -> tuple[int, bool] | None:
    """The word after "it's not true that", and whether what follows is denied by it.

    "It's not like" and "it's not because" leave open what follows.
    """
    if low[at] not in ("it", "that") or low[at + 1 : at + 2] not in (["is"], ["'s"], ["was"]):
        return None
    rest = low[at + 2 : min(at + 7, stop)]
    denied = next((words for words in _UNTRUE if rest[: len(words)] == [*words]), None)
    if denied is not None:
        return at + 2 + len(denied), True
    return (at + 4, False) if rest[:2] in (["not", "like"], ["not", "because"]) else None


_UNTRUE: Final = (
    ("not", "true", "that"),
    ("not", "the", "case", "that"),
    ("a", "lie", "that"),
    ("false", "that"),
    ("wrong", "that"),
    ("untrue", "that"),
)
_TRAILING: Final = lexicon.SEPARATORS | {"?", "that", "which", "when", "while", "as"}
# Participles that begin a sentence without "was": "born in 94", "based in Oslo".
_PARTICIPLES: Final = table("born based raised diagnosed")
_BARE_START: Final = table("quit live love hate work play miss speak prefer stay smoke")
