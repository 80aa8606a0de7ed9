"""Turns that state nothing, found by their words alone before any clause is read.

A statement needs a subject: a pronoun of the speaker's, a noun of somebody's, a name, or a verb at
the beginning of a sentence that leaves its subject out. A turn without any is not read further.
"""

from typing import Final

from remanence.encoding.extraction.spoken import lexicon
from remanence.encoding.extraction.spoken.chains import NOUNS
from remanence.encoding.extraction.spoken.clauses import AFTER_INVERSION, INVERTED
from remanence.encoding.extraction.spoken.tokens import Words
from remanence.encoding.extraction.spoken.verbs import FORMS, PREDICATES
from remanence.text.gazetteer import is_given
from remanence.text.words import table

_SUBJECTS: Final = (
    lexicon.BARE_ROLES
    | NOUNS
    | table(
        """
        i we my our me us mrs oldest eldest youngest
        favourite favorite fave fav hobbies hobby name birthday email pronouns hometown allergies
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
    opens = at == 0 or low[at - 1] in _BEFORE or not low[at - 1][0].isalnum()
    if opens and word in _OPENING:
        after = low[at + 1] if at + 1 < len(low) else ""
        return not (word in INVERTED and after in AFTER_INVERSION)
    if not word[0].isalpha():
        return False
    if said.capital(at) and not (opens and word in _LARGE):
        return True
    return is_given(word)


_LARGE: Final = (
    lexicon.FILLERS
    | lexicon.WH
    | table("it that this the a an you these those there he she they if your what's and")
)
