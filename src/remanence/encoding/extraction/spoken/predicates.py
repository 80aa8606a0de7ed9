"""Statements of "be" about a person, without a frame:

a trade, an age, an origin, a name, a diet, an illness.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from remanence.encoding.extraction.scene import Statement, Subject
from remanence.encoding.extraction.spoken import lexicon, phrases
from remanence.encoding.extraction.spoken.clauses import Spoken
from remanence.encoding.extraction.spoken.objects import is_years
from remanence.encoding.extraction.spoken.roles import PARTNERS
from remanence.encoding.extraction.spoken.subjects import Passage, name_list, plain_word
from remanence.encoding.extraction.spoken.tokens import Words
from remanence.encoding.extraction.spoken.verbs import FORMS
from remanence.text.gazetteer import is_given, place
from remanence.text.words import table

_NOT_AGED: Final = table(
    """
    minutes hours days weeks months miles km kg pounds lbs cm feet percent times people pages dollars am pm of k in
    % followers steps away late early into chapters episodes for sizes size inches points down up min mins
    hrs weeks' floor floors stops blocks stone
    """
)


def read(said: Words, clause: Spoken, passage: Passage) -> Iterator[Statement]:
    """Yield the reading of the words after "be" in a clause:

    nothing, or the statements of one reading.
    """
    who = clause.subject
    if who is None or clause.verb.head >= clause.stop:
        return
    for reading in (_aged, _given_name, _role_name, _listed, _trade, _called, _tall):
        found = list(reading(said, clause, passage))
        if found:
            yield from found
            return


def _made(said: Words, clause: Spoken, relation: str, value: str, sure: float = 0.9) -> Statement:
    verb, who = clause.verb, clause.subject or Subject("")
    over = (verb.past and not verb.perfect) or _anymore(said, clause)
    negated = verb.negated and not over
    return Statement(
        who, relation, value, sure * who.sure,
        said.start[clause.first], said.end[max(clause.stop, clause.first + 1) - 1],
        negated, verb.change or ("end" if over else ""),
    )  # fmt: skip


def _anymore(said: Words, clause: Spoken) -> bool:
    return clause.verb.negated and "anymore" in said.low[clause.verb.head : clause.stop]


def _aged(said: Words, clause: Spoken, passage: Passage) -> Iterator[Statement]:
    low, at, stop = said.low, clause.verb.head, clause.stop
    del passage
    if (
        clause.verb.past
        or clause.verb.negated
        or clause.subject is None
        or clause.subject.kind == ""
    ):
        return
    ahead = low[max(0, clause.first - 4) : clause.first]
    if not is_years(low[at]) or ("in" in ahead and ("years" in ahead or "year" in ahead)):
        return
    after = low[at + 1] if at + 1 < stop else "."
    if (
        after in ("year", "years", "yrs", "yr", "y", "yo", "y/o")
        or after in _AFTER_AGE
        or not after[0].isalnum()
    ):
        if after in _NOT_AGED or (
            after in ("year", "years")
            and "old" not in low[at : at + 4]
            and at + 2 < stop
            and low[at + 2] not in ("of", ",", "and", "old", ".")
        ):
            return
        yield _made(said, clause, "age", low[at])


_AFTER_AGE: Final = table(
    "and now but so male female m f this today years old yo turning next tomorrow already lol"
)


def _given_name(said: Words, clause: Spoken, passage: Passage) -> Iterator[Statement]:
    """As in "my dog is called Biscuit", "she's named Ana"."""
    del passage
    low, at, stop = said.low, clause.verb.head, clause.stop
    if (
        low[at] not in ("called", "named")
        or clause.verb.past
        or at + 1 >= stop
        or clause.verb.negated
    ):
        return
    names, _ = name_list(said, at + 1, stop, sure=True, limit=1)
    if names:
        yield _made(said, clause, "named", names[0])


def _role_name(said: Words, clause: Spoken, passage: Passage) -> Iterator[Statement]:
    """As in "my son is Tim", "my parents are Ruth and Carl"."""
    who, verb = clause.subject, clause.verb
    owner, _, noun = (who.name if who else "").rpartition("'s ")
    if noun not in lexicon.ROLES or owner != passage.scene.speaker or verb.past or verb.negated:
        return
    names, after = name_list(said, verb.head, clause.stop, sure=False)
    if not names or (after < clause.stop and said.low[after][0].isalpha()):
        return
    listed = said.low[verb.head] in lexicon.ORIGINS | lexicon.TRAITS | lexicon.OCCUPATION_WORDS
    given = all(said.capital(verb.head) or is_given(name.lower()) for name in names)
    if listed or not given:
        return
    relation = PARTNERS.get(noun, lexicon.ROLES[noun])
    for name in names:
        made = _made(said, clause, relation, name)
        yield replace(made, subject=passage.speaker)
    if len(names) == 1:
        yield _made(said, clause, "named", names[0])


def _listed(said: Words, clause: Spoken, passage: Passage) -> Iterator[Statement]:
    """Adjectives and nouns of a list: diets, illnesses, origins, traits."""
    low, stop = said.low, clause.stop
    del passage
    k = clause.verb.head
    while k < stop and (
        low[k] in phrases.DETERMINERS or low[k] in lexicon.ADVERBS or low[k] in _BETWEEN
    ):
        k += 1
    if k >= stop or _goes_on(low, k, stop):
        return
    pair = f"{low[k]}-{low[k + 1]}" if k + 1 < stop else ""
    for relation, lexical in _LISTS:
        if low[k] in lexical or pair in lexical:
            if clause.verb.past and relation == "trait":
                return
            value = said.slice(k, k + 2) if pair in lexical else said.slice(k, k + 1)
            yield _made(said, clause, relation, value)
            if k + 2 < stop and low[k + 1] in ("and", ","):
                yield from _second(said, clause, k + 2)
            elif k + 2 < stop and low[k + 1] == "half":
                yield from _second(said, clause, k + 1)
            return


def _second(said: Words, clause: Spoken, at: int) -> Iterator[Statement]:
    """The next of two adjectives: "half greek and half scottish"."""
    at += said.low[at] == "half" and at + 1 < len(said.low)
    for relation, lexical in _LISTS:
        if said.low[at] in lexical:
            yield _made(said, clause, relation, said.slice(at, at + 1))


_BETWEEN: Final = table(
    "of part half strict committed devout practicing practising proud huge chronic mild raging"
)
_LISTS: Final = (
    ("diet", lexicon.DIETS),
    ("has_condition", lexicon.ILL),
    ("nationality", lexicon.ORIGINS),
    ("trait", lexicon.TRAITS),
)
_ADJECTIVE_NOUN: Final = table(
    "food restaurant class teacher history recipe movie film dish cuisine person guy man woman "
    "music version cat dog"
)


def _goes_on(low: list[str], k: int, stop: int) -> bool:
    """Return whether the adjective belongs to a noun: "a vegan restaurant"."""
    after = low[k + 1] if k + 1 < stop else ""
    return (
        after in _ADJECTIVE_NOUN and after not in ("person", "guy", "man", "woman")
    ) or after in ("about", "on", "for", "of", "to", "with")


def _trade(said: Words, clause: Spoken, passage: Passage) -> Iterator[Statement]:
    del passage
    low, at, stop = said.low, clause.verb.head, clause.stop
    if low[at] not in ("a", "an", "the", "still", "training", "studying", "also", "our", "one"):
        return
    found = phrases.job(said, at, stop)
    if not found or (clause.subject is not None and clause.subject.kind == "thing"):
        return
    first, after = found[0]
    if after < stop and low[after] in ("of", "in") and low[at] == "one":
        return
    value = said.slice(first, after)
    relation = "education_stage" if low[after - 1] in _STUDENTS else "works_as"
    yield _made(said, clause, relation, value)
    if after + 1 < stop and low[after] in ("called", "named"):
        for name in name_list(said, after + 1, stop, sure=True, limit=1)[0]:
            yield _made(said, clause, "named", name)
    if after < stop and low[after] in ("at", "for", "with"):
        for span in phrases.organisation(said, after + 1, stop)[:1]:
            relation = "studies_at" if low[after - 1] == "student" else "works_for"
            yield _made(said, clause, relation, said.slice(*span))


_STUDENTS: Final = table("student freshman sophomore undergrad undergraduate postgrad pupil")


def _called(said: Words, clause: Spoken, passage: Passage) -> Iterator[Statement]:
    """As in "i'm amanda": a given name alone, of the speaker."""
    low, at, stop = said.low, clause.verb.head, clause.stop
    who = clause.subject
    if who is None or clause.verb.past or clause.verb.negated or who.name != passage.scene.speaker:
        return
    word = low[at]
    if not is_given(word) or (plain_word(word) and not said.capital(at)):
        return
    names, after = name_list(said, at, stop, sure=False, limit=1)
    if (
        not names
        or (after < stop and low[after] in ("'s", "'", "and"))
        or (place(word) and not said.capital(at))
    ):
        return
    if after < stop and low[after][0].isalpha() and low[after] not in _AFTER_NAME:
        return
    yield _made(said, clause, "named", names[0])


_AFTER_NAME: Final = table(
    "from by and but what how nice i a the lol btw your what's so who here nice"
)


def _tall(said: Words, clause: Spoken, passage: Passage) -> Iterator[Statement]:
    del passage
    low, at, stop = said.low, clause.verb.head, clause.stop
    if clause.verb.past or clause.verb.negated or not (low[at][0].isdigit()):
        return
    tall = low[at : min(at + 4, stop)]
    if (
        "tall" in tall
        or ("'" in low[at] and low[at][0].isdigit())
        or ("feet" in tall and clause.subject is not None)
    ):
        end = at + (tall.index("tall") if "tall" in tall else 1)
        yield _made(said, clause, "height", said.slice(at, max(end, at + 1)))


_ACTIONS: Final = table(
    """
    go run walk swim wake get take drink eat cook train practice practise do visit call work exercise meditate jog
    cycle study read write play volunteer carry watch clean shop bake teach coach drive ride bike sleep start finish
    use make listen see meet code drink attend pray stretch commute skip fast lift hike babysit help feed order wear help
    """
)
_EVERY: Final = table(
    "every daily weekly mondays tuesdays wednesdays thursdays fridays saturdays sundays weekends "
    "nightly mornings evenings weekdays each"
)


def habit(said: Words, clause: Spoken) -> Iterator[Statement]:
    """Yield the habits of a person: "i go to the gym every morning"."""
    verb, low = clause.verb, said.low
    if (
        verb.head >= clause.stop
        or verb.be
        or verb.past
        or verb.perfect
        or verb.negated
        or verb.planned
        or verb.able
    ):
        return
    form = FORMS.get(low[verb.head])
    if form is None or (form.past and not form.base) or form.gerund or form.verb not in _ACTIONS:
        return
    region = low[verb.head : clause.stop]
    often = verb.habitual or not _EVERY.isdisjoint(region) or _twice(region)
    often = often or region[-2:] in (["all", "day"], ["all", "night"])
    if not often or clause.subject is None or clause.subject.kind != "person":
        return
    end = clause.stop
    found = phrases.verb_phrase(said, verb.head, min(end, verb.head + 9))
    value = said.slice(*found[0]) if found else ""
    if " " in value:
        yield _made(said, clause, "habit", value, 0.85)


def _twice(region: list[str]) -> bool:
    return any(word in ("times", "twice", "once") for word in region) and any(
        word in ("week", "day", "month", "year") for word in region
    )


def aspect(said: Words, clause: Spoken) -> Iterator[Statement]:
    """Yield the activity that somebody stopped or started, where no frame tells what that is."""
    verb = clause.verb
    if verb.change not in ("begin", "end") or verb.head >= clause.stop or verb.negated:
        return
    form = FORMS.get(said.low[verb.head])
    if form is None or not form.gerund or clause.subject is None:
        return
    for span in phrases.verb_phrase(said, verb.head, clause.stop):
        if said.low[span[1] - 1] in ("it", "them", "that", "this"):
            return
        relation = "quit" if verb.change == "end" else "started"
        yield replace(_made(said, clause, relation, said.slice(*span)), change="")
