"""Subjects of spoken clauses:

a pronoun, a role ("my sister", bare "mum"), a name, a possessed thing.
"""

from dataclasses import dataclass, field
from typing import Final

from remanence.encoding.extraction.assertion import Status
from remanence.encoding.extraction.scene import Scene, Subject
from remanence.encoding.extraction.spoken import lexicon
from remanence.encoding.extraction.spoken.tokens import Words
from remanence.encoding.extraction.spoken.verbs import FORMS
from remanence.text.gazetteer import gender as usual_gender
from remanence.text.gazetteer import is_given, place
from remanence.text.words import table

_MINE: Final = frozenset(("my", "our", "me"))
_REACH: Final = 4  # words between "my" and its noun
_DESCRIBING: Final = table(
    """
    old new little big older younger eldest oldest youngest best good dear lovely sweet own late first
    second third only other favorite favourite favorites beloved amazing wonderful beautiful stupid crazy
    poor dumb annoying year-old month-old week-old former current future soon-to-be long-time longtime
    whole entire immediate baby big twin adult teenage grown step great childhood close two three four
    five six seven 2 3 4 5 6 actual biological adoptive foster black white brown gray grey orange ginger
    golden german french rescue puppy work primary family school college uni university nana nanna
    """
)
_NAMING: Final = table("named called")
_NO_NAME: Final = table(
    """
    i is was and has a an the just can will would does did who that when so but got loves hates lives works
    monday tuesday wednesday thursday friday saturday sunday january february march april june july august
    september october november december christmas easter god english french german spanish
    """
)


@dataclass(frozen=True, slots=True)
class Noun:
    """A noun of the speaker's or of another's: "my older sister Ana".

    `word` is the noun, `owner` whose it is, `names` what follows as its names, `stop` the word
    after.
    """

    word: str
    owner: Subject
    names: tuple[str, ...]
    at: int
    stop: int
    count: str = ""


@dataclass(slots=True)
class Passage:
    """Mentions so far in one turn: people by gender, and the last place."""

    scene: Scene
    people: dict[str, str] = field(default_factory=dict)  # name or role -> "f", "m", "" or "n"
    place: str = ""
    nouns: list[Noun] = field(default_factory=list)
    roles: dict[str, str] = field(default_factory=dict)  # name -> the noun it came with
    joint: str = ""  # who does something together with the speaker: "Tom and I"
    status: list[Status] = field(default_factory=list)  # of every word of the turn

    @property
    def speaker(self) -> Subject:
        """The author of the turn."""
        return Subject(self.scene.speaker or "", "person")

    def third(self, pronoun: str) -> Subject | None:
        """The person or pet that `pronoun` can mean, where there is one alone."""
        wanted = {"he": "m", "his": "m", "him": "m", "she": "f", "her": "f"}.get(pronoun, "n")
        people = self.people.items()
        if wanted == "n":
            fitting = [name for name, kind in people if kind in ("n", "p")]
        else:
            fitting = [name for name, kind in people if kind in (wanted, "")]
            fitting = fitting or [name for name, kind in people if kind == "n"]
        return Subject(fitting[-1], "person", 0.85) if len(fitting) == 1 else None


def subject(
    words: Words, at: int, stop: int, passage: Passage
) -> tuple[Subject | None, int] | None:
    """The subject that begins at `at` and the word after it; None where none begins there.

    The subject itself is None where one stands there that nobody can be meant by.
    """
    low = words.low
    word = low[at]
    if word in ("i", "we"):
        return passage.speaker, at + 1
    if word in ("he", "she", "they", "it"):
        return passage.third(word), at + 1
    if word == "you":
        named = passage.scene.addressee
        return (Subject(named, "person", 0.85) if named else None), at + 1
    joint = _joint(words, at, stop)
    if joint:
        mention(words, at, stop, passage)
        other = [
            k
            for k in range(at, joint)
            if words.capital(k) and low[k] not in ("i", "me", "my", "our")
        ]
        passage.joint = words.slice(other[0], other[0] + 1) if other else ""
        return passage.speaker, joint
    found = mention(words, at, stop, passage)
    if found is not None:
        return _referent(found, passage), found.stop
    return _named(words, at, stop, passage)


def _joint(words: Words, at: int, stop: int) -> int | None:
    """After "me and my wife", "my wife and i": both do what follows, and the speaker does."""
    low = words.low
    if low[at] == "me" and at + 2 < stop and low[at + 1] == "and":
        for k in range(at + 2, min(at + 7, stop)):
            if low[k] in lexicon.ROLES or words.capital(k):
                return k + 1
    if low[at] in _MINE or words.capital(at):
        for k in range(at + 1, min(at + 6, stop - 1)):
            if low[k] == "and" and low[k + 1] in ("i", "me"):
                return k + 2
            if low[k] in lexicon.SEPARATORS:
                return None
    return None


def mention(words: Words, at: int, stop: int, passage: Passage) -> Noun | None:
    """The noun of "my older sister Ana", "tom's wife", bare "mum", that begins at `at`."""
    low = words.low
    if low[at] in ("my", "our"):
        return _possessed(words, at + 1, stop, passage, passage.speaker)
    if low[at] in ("his", "her", "their"):
        owner = passage.third(low[at])
        return _possessed(words, at + 1, stop, passage, owner) if owner else None
    if low[at] == "the" and at + 2 < stop and low[at + 1] in _THE and low[at + 2] != "'":
        return _noun(words, at + 1, stop, passage, passage.speaker)
    if low[at] == "best" and low[at + 1 : at + 2] and low[at + 1] in ("mate", "friend", "buddy"):
        return _noun(words, at + 1, stop, passage, passage.speaker)
    if low[at] == "dr" and low[at + 1 : at + 2] and low[at + 1] in FORMS and not words.capital(at):
        return _noun(words, at, stop, passage, passage.speaker)
    if low[at] in lexicon.BARE_ROLES and (at + 1 < stop and low[at + 1] not in ("of", "'")):
        return _noun(words, at, stop, passage, passage.speaker)
    return None


_THE: Final = table("wife missus hubby husband kids mrs oldest eldest youngest bf gf")


def _possessed(words: Words, at: int, stop: int, passage: Passage, owner: Subject) -> Noun | None:
    low, k = words.low, at
    while k < min(at + _REACH, stop):
        word = low[k]
        known = word in lexicon.ROLES or word in lexicon.PETS
        if known and not (k + 1 < stop and word in _DESCRIBING and _role(low[k + 1])):
            return _noun(words, k, stop, passage, owner)
        if not (word in _DESCRIBING or word.endswith("-old") or word in lexicon.ORIGINS):
            return None
        k += 1
    return None


def _role(word: str) -> bool:
    return word in lexicon.ROLES or word in lexicon.PETS


def _noun(words: Words, at: int, stop: int, passage: Passage, owner: Subject) -> Noun | None:
    """The noun at `at` with the names after it; of "my sister's husband" the husband."""
    low, k = words.low, at + 1
    if low[at] == "ex" and k < stop and low[k] in lexicon.ROLES:
        return Noun("ex", owner, (), at, k + 1)
    if k + 1 < stop and low[k] in ("'s", "'"):
        inner = _possessed(words, k + 1, min(k + 4, stop), passage, _owned(owner, low[at]))
        if inner is not None:
            passage.nouns.append(Noun(low[at], owner, (), at, k))
            return inner
    if k < stop and low[k] == "(":
        k += 1
    first = k + 1 if k < stop and low[k] in _NAMING else k
    names, after = name_list(words, first, stop, sure=first > k)
    if not names and _unlisted(words, first, stop):
        names, after = [words.slice(first, first + 1)], first + 1
    if (
        names
        and len(names) > 1
        and low[at] not in lexicon.PLURAL_ROLES
        and not low[at].endswith("s")
    ):
        names = names[:1]
        _, after = name_list(words, first, stop, sure=first > k, limit=1)
    noun = Noun(low[at], owner, tuple(names), at, after if names else at + 1)
    passage.nouns.append(noun)
    return noun


def _unlisted(words: Words, at: int, stop: int) -> bool:
    """Return whether a small word after a role is a name that no list has:

    "my brother arun works".
    """
    if at + 1 >= stop or len(words.low[at]) < 3 or not words.low[at].isalpha():
        return False
    after = FORMS.get(words.low[at + 1])
    acts = (after is not None and after.third) or words.low[at + 1] in ("is", "was", "has")
    return acts and words.low[at] not in FORMS and words.low[at] not in _NOT_UNLISTED


def _owned(owner: Subject, noun: str) -> Subject:
    return Subject(f"{owner.name}'s {noun}", "person", owner.sure)


def _referent(noun: Noun, passage: Passage) -> Subject:
    """Return the entity that a noun means: its name where a person has one, else "Wei's sister"."""
    pet = noun.word in lexicon.PETS
    named = bool(noun.names) and not pet
    name = noun.names[0] if named else f"{noun.owner.name}'s {noun.word}"
    kind = "n" if pet else "f" if noun.word in lexicon.FEMALE else ""
    kind = "m" if noun.word in lexicon.MALE else kind
    if noun.word in lexicon.PLURAL_ROLES:
        kind = "p"
    passage.people.pop(f"{noun.owner.name}'s {noun.word}", None)
    passage.people[name] = kind
    passage.roles[name] = noun.word
    return Subject(name, "thing" if pet else "person", noun.owner.sure)


referent = _referent


def name_list(
    words: Words, at: int, stop: int, *, sure: bool, limit: int = 12
) -> tuple[list[str], int]:
    """Names of people from `at` on: "Ana, Bo and Mia", and the word after them.

    `sure` where "named" stood before: then a name may be written small, and be any word.
    """
    names: list[str] = []
    k = at
    while k < stop and len(names) < limit:
        last = _name_end(words, k, stop, sure=sure)
        if last == k:
            break
        names.append(words.slice(k, last))
        after = k = last
        while k < stop and words.low[k] in (",", "and", "&"):
            k += 1
        if k == after or k >= stop:
            return names, after
        if _name_end(words, k, stop, sure=sure) == k or (k + 1 < stop and words.low[k] == "i"):
            return names, after
    return names, k


def _name_end(words: Words, at: int, stop: int, *, sure: bool) -> int:
    """The word after the name that begins at `at`; `at` itself where none does."""
    k = at
    while k < stop and k - at < 7:
        word = words.low[k]
        if k > at and word in _PARTICLES and _onward(words, k, stop):
            k += 1
            continue
        opening = k == at and sure and words.capital(k)
        if (
            not word[0].isalpha()
            or (word in _NO_NAME and not opening)
            or (word in lexicon.SEPARATORS and not opening)
        ):
            break
        small = is_given(word) and word not in _WORDS if k == at else False
        written = words.capital(k) or small or (k > at and _joined(words, k))
        if not (written or (sure and k == at and word not in lexicon.ADVERBS)):
            break
        k += 1
        dotted = words.low[k - 1] in _TITLES or len(words.low[k - 1]) == 1
        if k < stop and words.low[k] == "." and dotted:
            k += 1
    return k


def _onward(words: Words, at: int, stop: int) -> bool:
    """Return whether a name goes on after the particles at a word: "van der Berg", "de la Cruz"."""
    k = at
    while k < stop and words.low[k] in _PARTICLES:
        k += 1
    return k < stop and words.capital(k) and words.low[k] != "i"


_NOT_UNLISTED: Final = _NO_NAME.union(
    *(lexicon.ADVERBS, lexicon.FILLERS, lexicon.BE, lexicon.MODALS, lexicon.DO, lexicon.HAVE),
    *(lexicon.NOT, lexicon.SEPARATORS, lexicon.WH, lexicon.ROLES, lexicon.PETS),
    table(
        "i he she it we you his her their my our that who which there here with from for and not "
        "one two "
        "they them all both"
    ),
)
_PARTICLES: Final = table(
    "van der den de la las los du des von zu da dos do di del della ibn bin bint al el y ter ten"
)


_WITHIN_NAME: Final = _PARTICLES | {"."}
_TITLES: Final = table("mr mrs ms dr prof st miss sir jr sr")
# Given names that are plain words when written small.
_WORDS: Final = table(
    """
    will hope rose may joy grace mark bill rob art dean grant miles rich chase pat summer autumn april june
    august dawn faith honor sky star angel precious charity mercy patience prince king hunter mason carter
    tyler cooper page paris london love my so see many an in la do les long van kim may do man may melody
    rain crystal amber ruby jade violet lily daisy ivy olive ginger pepper sandy misty candy cherry coco
    brown price young gay happy cash drew jean may art les guy jack dick randy miss chance lane wade
    christian jewel pearl robin drake reed ray ace cat belle bell fern heather holly iris willow jasmine
    sage basil ferry worth season golden major case buck buddy sunny merry marry sun sang hung early
    victor victoria florence charlotte austin houston dallas jackson lincoln madison brooklyn kelly israel
    china india asia america georgia virginia carolina dakota sydney chelsea geneva vienna petra lacy
    kitty tiny dusty rusty lucky stormy windy bunny honey royal noble pa ma
    """
)


def plain_word(word: str) -> bool:
    """Return whether a given name is as often a plain word, when written small."""
    return word in _WORDS


def _named(words: Words, at: int, stop: int, passage: Passage) -> tuple[Subject | None, int] | None:
    """A person by name: capitalised, or a given name."""
    word = words.low[at]
    if not word[0].isalpha():
        return None
    small = not words.capital(at)
    if full_name(words, at, stop):
        names, after = name_list(words, at, stop, sure=True, limit=1)
        if names:
            return Subject(names[0], "person", 0.9), after
    if word in _NO_NAME or word in lexicon.FILLERS or word in _PLAIN_OPENERS:
        return None
    if small and (not is_given(word) or word in _WORDS):
        return None
    names, after = name_list(words, at, stop, sure=False, limit=1)
    if not names or after >= stop:
        return None
    if not is_given(word) and (word in lexicon.PRODUCTS or place(names[0])):
        return None
    if words.low[after] in ("'s", "'"):
        owner = Subject(names[0], "person", 0.9)
        inner = _possessed(words, after + 1, stop, passage, owner)
        if inner is not None:
            return _referent(inner, passage), inner.stop
    if not (
        is_given(word)
        or _known(names[0], passage)
        or " " in names[0]
        or _inside(words, at)
        or _acts(words, after)
    ):
        return None
    passage.people.setdefault(names[0], usual_gender(word))
    return Subject(names[0], "person", 0.9), after


def full_name(words: Words, at: int, stop: int) -> bool:
    """Return whether two capitals or more stand before what one other does: "June Carter lives"."""
    if not words.capital(at) or at + 2 >= stop:
        return False
    k = at + 1
    while k < stop and (words.capital(k) or words.low[k] in _WITHIN_NAME or _joined(words, k)):
        if words.low[k] in ("i", "i'm"):
            return False
        k += 1
    form = FORMS.get(words.low[k]) if k < stop else None
    opens = words.low[at] in _PLAIN_OPENERS and words.low[at] != "so"
    return k > at + 1 and form is not None and form.third and not opens and _named_so(words, at)


def _named_so(words: Words, at: int) -> bool:
    """Return whether a capital that opens a sentence can open a name too: "Can Yilmaz works"."""
    return words.low[at] not in _NEVER_NAMED and words.low[at + 1] not in _NO_NAME


_NEVER_NAMED: Final = table(
    "i the this that these those my our your his her its their it he she they we you"
)


def _joined(words: Words, at: int) -> bool:
    """Return whether a word is a part of a name with its particle: "al-Farsi"."""
    particle, mark, rest = words.slice(at, at + 1).partition("-")
    return bool(mark) and particle in _PARTICLES and rest[:1].isupper()


def _acts(words: Words, at: int) -> bool:
    """Return whether the word is what one other person does or did: "likes", "moved"."""
    form = FORMS.get(words.low[at])
    return form is not None and (form.third or (form.past and not form.base))


def _inside(words: Words, at: int) -> bool:
    """Return whether a word stands inside a sentence, so that its capital means a name."""
    return (
        at > 0 and words.low[at - 1] not in lexicon.ENDERS and words.low[at] not in _PLAIN_OPENERS
    )


_PLAIN_OPENERS: Final = table(
    "if when while since because as what how why that this there these those my so but"
)


def _known(name: str, passage: Passage) -> bool:
    return name in passage.people
