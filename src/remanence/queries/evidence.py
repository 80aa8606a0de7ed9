"""Evidence for a model within a budget of tokens: recollections, a session's turns, facts."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

from remanence.encoding import assertions
from remanence.queries.source import MemorySource
from remanence.retrieval import context
from remanence.types import Context, Episode, Recall

RECALLED: Final = 60  # recollections that compete for a budget
FACTS: Final = 20  # facts that do


class TurnSource(MemorySource, Protocol):
    """An open memory with the last turns of its sessions."""

    def last_turns(
        self, namespace: str, session: str, budget: int, cost: Callable[[Episode], int]
    ) -> list[Episode]:
        """Return a session's last turns within `budget` by `cost`, oldest first."""


@dataclass(frozen=True, slots=True)
class EvidenceQuery:
    """A question whose evidence is wanted."""

    text: str
    """The question."""
    namespace: str
    """The namespace to look in."""
    budget: int
    """The most tokens that the evidence may have."""
    count: Callable[[str], int]
    """Counts the tokens of a text."""
    session: str | None = None
    """The session whose last turns stand first, within half the budget; None: none do."""
    facts: bool = False
    """Whether facts of the entities that the question names stand beside it."""


def within_budget(memory: TurnSource, query: EvidenceQuery, found: Recall) -> Context:
    """Return what was recalled for a question, with turns and facts, within its budget."""
    turns: list[Episode] = []
    if query.session is not None:
        room = int(query.budget * context.TURNS_SHARE) - query.count(context.TURNS_TITLE)
        turns = memory.last_turns(
            query.namespace,
            query.session,
            room,
            lambda turn: query.count(context.line(turn)) + 1,
        )
    about = memory.semantic.about(query.namespace, query.text, FACTS) if query.facts else []
    known = [(fact, assertions.verbalise(fact)) for fact in about]
    return context.compose(found, turns, query.budget, query.count, found.degraded, known)
