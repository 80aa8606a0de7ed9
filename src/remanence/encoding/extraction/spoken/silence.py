"""Turns that state nothing, found by their words alone before any clause is read.

A statement needs a subject: a pronoun of the speaker's, a noun of somebody's, a name, or a verb at
the beginning of a sentence that leaves its subject out. A turn without any is not read further.
"""

from typing import Final

from remanence.encoding.extraction.spoken import lexicon
from remanence.encoding.extraction.spoken.attributes import HEADS
from remanence.encoding.extraction.spoken.chains import NOUNS
from remanence.encoding.extraction.spoken.clauses import AFTER_INVERSION, INVERTED
from remanence.encoding.extraction.spoken.partings import SIGNS
from remanence.encoding.extraction.spoken.tokens import Words
from remanence.encoding.extraction.spoken.verbs import FORMS, PREDICATES
from remanence.text.gazetteer import is_given
from remanence.text.words import table

_SUBJECTS: Final = (
    lexicon.BARE_ROLES
    | NOUNS
    | HEADS
    | SIGNS
    | table(
        """
        i we my our me us mrs oldest eldest youngest
        favourite favorite fave fav hobbies hobby name birthday email pronouns hometown allergies
        sim number
        """
    )
)
_OPENING: Final = (
    frozenset(word for word, form in FORMS.items() if not form.third)
    | PREDICATES
    | lexicon.TRAITS
    | lexicon.BE
    | lexicon.HAVE
    | lexicon.DO
    | lexicon.MODALS
    | lexicon.NOT
    | lexicon.ADVERBS
    | {"can", "will", "used", "use", "no"}
) - {"thank", "welcome"}
_BEFORE: Final = lexicon.SEPARATORS | lexicon.FILLERS


def silent(said: Words, addressee: str | None) -> bool:
    """Return whether no clause of the turn can have a subject that a fact is about."""
    low = said.low
    if not _SUBJECTS.isdisjoint(low) or (addressee and "you" in low):
        return False
    return not any(_begins(said, at) for at in range(len(low)))


def _begins(said: Words, at: int) -> bool:
    """Return whether a subject, or a verb that leaves it out, can begin at a word."""
    low = said.low
    word = low[at]
    before = low[at - 1] if at else "."
    opens = before in _BEFORE or not before[0].isalnum()
    if opens and word in _OPENING:
        return word not in INVERTED or AFTER_INVERSION.isdisjoint(low[at + 1 : at + 2])
    if not word[0].isalpha():
        return False
    return is_given(word) or (said.capital(at) and not (opens and word in _LARGE))


_LARGE: Final = (
    lexicon.FILLERS
    | lexicon.WH
    | table("it that this the a an you these those there he she they if your what's and")
)
