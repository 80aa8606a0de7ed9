"""The facts of a memory as users, items and knowledge. Which relations say that somebody wants a thing, is a table here."""

from collections.abc import Collection
from typing import TYPE_CHECKING, Final

from remanence.errors import InvalidInput

if TYPE_CHECKING:
    from remanence.memory import Memory

WANTS: Final = frozenset(
    ("likes", "owns", "uses", "has_pet", "hobby", "plays", "has_visited", "attended", "wants_to", "favourite_food", "favourite_drink",
     "favourite_colour", "favourite_film", "favourite_book", "favourite_music", "favourite_sport", "favourite_place", "loves", "enjoys",
     "bought", "purchased", "ordered", "rated", "reviewed", "read", "watched", "listened_to", "played", "visited", "tried", "saved")
)  # fmt: skip
REFUSES: Final = frozenset(("dislikes", "allergic_to", "hates", "returned", "avoids"))

Statements = list[tuple[str, str, str]]


def sorted_out(
    memory: "Memory", namespace: str, wants: Collection[str], refuses: Collection[str]
) -> tuple[Statements, Statements, Statements]:
    """Interactions, dislikes and knowledge, each (subject, relation, object), of what holds now in a namespace.

    Raises `InvalidInput` where nobody there wants anything.
    """
    if both := sorted(set(wants) & set(refuses)):
        raise InvalidInput(f"{', '.join(both)} cannot stand among wants and refuses; choose one")
    interactions: Statements = []
    dislikes: Statements = []
    knowledge: Statements = []
    for fact in reversed(memory.facts(namespace=namespace)):  # oldest first
        row = (fact.subject, fact.relation, fact.object)
        into = interactions if fact.relation in wants else dislikes if fact.relation in refuses else knowledge  # fmt: skip
        into.append(row)
    if not interactions:
        raise InvalidInput(
            f"namespace {namespace!r:.80} has no fact of anybody who likes, owns or uses something; name its relations with wants="
        )
    return interactions, dislikes, knowledge
