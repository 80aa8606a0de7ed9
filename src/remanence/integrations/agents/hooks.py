"""One call of a coding agent's hook: what it says is remembered, and what bears on it returned.

A person's prompt and the agent's answer go into the project's namespace. A prompt is answered with
what earlier conversations hold, of the project and of the global namespace: people's words first,
an agent's only where they are likely to answer, in a quarter of the budget.
"""

from dataclasses import dataclass
from typing import Any, Final

from remanence import checks
from remanence.integrations.agents import projects, redaction
from remanence.integrations.agents.clients import ASK, CLIENTS, Event
from remanence.memory import DEFAULT_NAMESPACE, Memory
from remanence.retrieval import relevance
from remanence.text import client_markup, fence, tokens
from remanence.types import ANSWERABLE, Recollection, Turn

BUDGET: Final = 800
"""Tokens of what a prompt is answered with, unless another number is given."""
CANDIDATES: Final = 24  # recollections that compete for them
OF_ASSISTANTS: Final = 4  # the share of the budget that an agent's words have: one in so many
QUERY: Final = 2_000  # characters of a prompt that are looked for: its two ends
LONGEST: Final = 8_000  # characters of one turn that are remembered
SHORTEST_ANSWER: Final = 40  # characters from which an agent's answer says anything
_COMMANDS: Final = ("/", "!", "#")  # a prompt that begins so is for the client itself


@dataclass(frozen=True, slots=True)
class Spaces:
    """The namespaces of one call."""

    project: str
    """The one that is written to and read."""
    others: tuple[str, ...] = ()
    """Those that are read beside it."""


def spaces(event: Event, *, shared: str | None = DEFAULT_NAMESPACE) -> Spaces:
    """Return a project's namespace, and the global one beside it."""
    project = projects.namespace_of(event.folder)
    return Spaces(project, () if shared in (None, project) else (str(shared),))


def answer(
    memory: Memory, client: str, event: Event, where: Spaces, *, budget: int = BUDGET
) -> dict[str, Any]:
    """Return what the client is answered, as JSON; {} where there is nothing to say.

    Raises the errors of `remember` and `recall`.
    """
    text = fence.without(client_markup.own_words(event.text)).strip()
    if not text or (event.kind == ASK and text.startswith(_COMMANDS)):
        return {}
    if event.kind == ASK and CLIENTS[client].takes_context:
        brought = context(memory, event.session, text, where, budget)
        _remember(memory, client, event, text, where)
        return {} if not brought else _bringing(event.name, brought)
    _remember(memory, client, event, text, where)
    return {}


def _bringing(event: str, text: str) -> dict[str, Any]:
    return {"hookSpecificOutput": {"hookEventName": event, "additionalContext": text}}


def context(memory: Memory, session: str, text: str, where: Spaces, budget: int = BUDGET) -> str:
    """Return what is remembered that bears on a prompt, quoted as data; "" where nothing does.

    What was said in the same session is left out: the agent has it before it.
    """
    half = QUERY // 2
    query = text if len(text) <= QUERY else f"{text[:half]}\n{text[-half:]}"
    found = memory.recall(
        query,
        namespace=[where.project, *where.others],
        k=CANDIDATES,
        metadata={"conversation": {"$ne": session}},
        min_relevance=relevance.MINIMUM,
    )
    theirs = [each for each in found if _of_assistant(each) and each.relevance >= ANSWERABLE]
    people = [each for each in found if not _of_assistant(each)]
    share = budget // OF_ASSISTANTS
    chosen = fence.fitting(people, budget - share, tokens.count)
    chosen += fence.fitting(theirs, share, tokens.count)
    return fence.listed(chosen)


def _of_assistant(found: Recollection) -> bool:
    return found.metadata.get("role") == "assistant"


def _remember(memory: Memory, client: str, event: Event, text: str, where: Spaces) -> None:
    """Remember a turn without its secrets; an agent's "Done." is left out."""
    said = redaction.redacted(text)[:LONGEST]
    if event.kind != ASK and len(said) < SHORTEST_ANSWER:
        return
    role = "user" if event.kind == ASK else "assistant"
    turn = Turn(
        said,
        speaker=role,
        session=checks.label(event.session, "session"),
        id=event.id(client),
        metadata={"role": role, "client": client, "conversation": event.session},
    )
    memory.remember([turn], namespace=where.project)
