"""The facts of a memory as users, items and knowledge; relations state the sign of a preference."""

from collections.abc import Collection
from typing import TYPE_CHECKING, Final

from remanence.encoding.relations import REFUSED, WANTED
from remanence.errors import InvalidInput

if TYPE_CHECKING:
    from remanence.memory import Memory

WANTS: Final = WANTED
REFUSES: Final = REFUSED

Statements = list[tuple[str, str, str]]


def sorted_out(
    memory: "Memory", namespace: str, wants: Collection[str], refuses: Collection[str]
) -> tuple[Statements, Statements, Statements]:
    """Interactions, dislikes and knowledge, each (subject, relation, object), of what holds now in
    a namespace.

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
            f"namespace {namespace!r:.80} has no fact of anybody who likes, owns or uses "
            "something; name its relations with wants="
        )
    return interactions, dislikes, knowledge
