"""Statements of possession alone:

"my sister Ana", "our dog", "my name is Bo", "my email is ...".
"""

from collections.abc import Iterator
from typing import Final

from remanence.encoding.extraction.assertion import Status
from remanence.encoding.extraction.scene import Statement, Subject
from remanence.encoding.extraction.spoken import lexicon
from remanence.encoding.extraction.spoken.subjects import Noun, Passage, mention, referent
from remanence.encoding.extraction.spoken.tokens import Words


def possessions(said: Words, passage: Passage, stated: list[Statement]) -> list[Statement]:
    """Relations of the nouns that "my", "our" and bare roles name, anywhere in the turn.

    Everybody has parents, aunts and bosses: of those a relation is stated where they are named, or
    where something is `stated` of them.
    """
    subjects = {one.subject.name for one in stated}
    over = {(one.relation, one.object) for one in stated if one.change == "end"}
    return [
        one
        for one in _mentions(said, passage)
        if _telling(one, subjects) and (one.relation, one.object) not in over
    ]


def _telling(one: Statement, subjects: set[str]) -> bool:
    role = one.object.startswith(f"{one.subject.name}'s ")
    noun = one.object.rpartition("'s ")[2]
    told = one.relation in _TELLING or noun in _TELLING_NOUNS
    return not role or told or one.object in subjects


# A partner by name: the relation says which.
PARTNERS: Final = {
    **dict.fromkeys(("wife", "husband", "spouse", "hubby", "missus", "wifey"), "married_to"),
    **dict.fromkeys(("fiancé", "fiancée", "fiance", "fiancee"), "engaged_to"),
    **dict.fromkeys(("boyfriend", "girlfriend", "bf", "gf"), "dating"),
}
# A former partner by name: what is over with it.
_FORMER: Final = {
    **dict.fromkeys(("ex-wife", "ex-husband"), ("married_to", "has_partner")),
    **dict.fromkeys(("ex-boyfriend", "ex-girlfriend", "ex-partner"), ("dating", "has_partner")),
}
_TELLING: Final = frozenset(("sibling_of", "parent_of", "has_partner", "has_pet"))
# Relatives whom not everybody has.
_TELLING_NOUNS: Final = frozenset(
    (
        "nephew",
        "niece",
        "grandson",
        "granddaughter",
        "grandchild",
        "godson",
        "goddaughter",
        "nephews",
        "nieces",
        "grandkids",
        "grandchildren",
        "missus",
    )
)
_LOOSE: Final = frozenset(
    (
        "friend_of",
        "colleague_of",
        "has_boss",
        "has_neighbour",
        "has_doctor",
        "has_teacher",
        "has_roommate",
        "has_classmate",
        "has_ex",
        "has_landlord",
        "relative_of",
    )
)
_UNREAL: Final = frozenset((Status.FICTION, Status.COMMAND, Status.SUPPOSED, Status.REPORTED))


def _mentions(said: Words, passage: Passage) -> Iterator[Statement]:
    for noun in _nouns(said, passage):
        if passage.status[noun.at] in _UNREAL:
            continue
        owner = noun.owner
        start = said.start[noun.at]
        end = said.end[noun.stop - 1]
        if noun.word in lexicon.PETS:
            yield Statement(owner, "has_pet", noun.word, 0.8, start, end)
            for name in noun.names[:2]:
                animal = Subject(f"{owner.name}'s {noun.word}", "thing", owner.sure)
                yield Statement(animal, "named", name, 0.9, start, end)
            continue
        relation = lexicon.ROLES[noun.word]
        if noun.names:
            relation = PARTNERS.get(noun.word, relation)
        role = f"{owner.name}'s {noun.word}"
        for name in noun.names or (role,):
            yield Statement(owner, relation, name, 0.85 * owner.sure, start, end)
        for former in _FORMER.get(noun.word, ()) if noun.names else ():
            yield Statement(owner, former, noun.names[0], 0.85, start, end, change="end")
        if noun.names and relation not in _LOOSE and noun.word not in lexicon.PLURAL_ROLES:
            yield Statement(
                Subject(role, "person", owner.sure), "named", noun.names[0], 0.9, start, end
            )


def _nouns(said: Words, passage: Passage) -> list[Noun]:
    """Every noun of the speaker's in the turn, with or without a clause of its own."""
    low = said.low
    known = {noun.at for noun in passage.nouns}
    found = list(passage.nouns)
    for at, word in enumerate(low):
        if word in ("my", "our"):
            before = len(passage.nouns)
            noun = mention(said, at, len(low), passage)
            fresh = passage.nouns[before:]
            del passage.nouns[before:]
            if noun is not None:
                found += [one for one in fresh if one.at not in known]
                referent(noun, passage)
    seen: dict[int, Noun] = {}
    for noun in found:
        seen.setdefault(noun.at, noun)
    return list(seen.values())
