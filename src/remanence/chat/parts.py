"""The values of a conversation: a reply, and what had a part in it.

`thinned` takes one part away, so that a reply can be asked for again without it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final, Protocol, runtime_checkable

from remanence.llm.chat_model import Message, Piece, Request, Usage
from remanence.types import Episode, Fact, Recollection

PARTS: Final = ("memories", "facts", "turns", "state", "adapter")
"""Names of what can have a part in a reply."""

_CITED: Final = re.compile(r"\[([^\[\]\n]{1,200})\]")


class Listening(Protocol):
    """A model within a session of the memory inside it, or with an adapter."""

    @property
    def adapter(self) -> str | None:
        """Name of the adapter that speaks, if any."""
        ...

    @property
    def degraded(self) -> tuple[str, ...]:
        """Reasons why an adapter that might speak does not."""
        ...

    def stream(self, request: Request) -> Iterator[Piece]:
        """Yield the reply, piece by piece."""
        ...

    def hear(self, text: str) -> bool:
        """Write a turn into the memory inside the model; False where it has none."""
        ...


@runtime_checkable
class Hearing(Protocol):
    """The method of a model that has a memory inside (`llm.local`) or adapters."""

    def within(self, session: str, memory: Any, namespace: str, about: str) -> Listening:
        """Return the model within a session, for a turn about certain people."""
        ...


@dataclass(frozen=True, slots=True)
class Used:
    """The parts of a reply."""

    memories: tuple[Recollection, ...] = ()
    """Recollections handed over, the most relevant first."""
    facts: tuple[Fact, ...] = ()
    """Facts handed over."""
    turns: tuple[Episode, ...] = ()
    """Last turns of the session, oldest first."""
    state: bool = False
    """Whether a memory inside the model had a part."""
    adapter: str | None = None
    """Name of the adapter that spoke, if any."""
    said: str = ""
    """The user's words."""
    prompt: tuple[Message, ...] = ()
    """Messages as the model saw them."""
    tokens: int = 0
    """Tokens of the prompt, as the model counts them."""
    ranked: tuple[Recollection, ...] = ()
    """What recall brought, best first: memories, and turns of this session among them."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A reply."""

    text: str
    """Its words."""
    asked: str
    """Id of the episode of the user's turn."""
    id: str
    """Id of the episode of the reply; empty where there was none to keep."""
    session: str
    """Session of both."""
    used: Used
    """What had a part in it."""
    citations: tuple[str, ...] = ()
    """Ids of the memories that it cites, in its order."""
    known: bool = True
    """False where it says that it does not know, as far as words show that."""
    finish: str = "stop"
    """Why it ended: "stop", "length", ..."""
    model: str | None = None
    """Name of the model; None where the answer is quoted from the evidence."""
    degraded: tuple[str, ...] = ()
    """What could not take part, and why."""
    usage: Usage | None = None
    """Tokens as the service counted them, where it says so."""


def cited_ids(text: str, used: Used) -> tuple[str, ...]:
    """Return the ids of the memories that a reply cites, in its order, each once."""
    known = {item.id for item in used.memories} | {turn.id for turn in used.turns}
    known |= {source for fact in used.facts for source in fact.sources}
    names = (found.split()[0].rstrip(",;") for found in _CITED.findall(text))
    return tuple(dict.fromkeys(name for name in names if name in known))


def thinned(used: Used, part: str) -> Used | None:
    """Return `used` without one of `PARTS` or the memory of an id; None where it had no part."""
    without = {
        "memories": replace(used, memories=(), ranked=_among(used, used.turns)),
        "facts": replace(used, facts=()),
        "turns": replace(used, turns=(), ranked=_among(used, used.memories)),
        "state": replace(used, state=False),
        "adapter": replace(used, adapter=None),
    }
    of_one = replace(
        used,
        memories=tuple(item for item in used.memories if item.id != part),
        facts=tuple(fact for fact in used.facts if set(fact.sources) != {part}),
        turns=tuple(turn for turn in used.turns if turn.id != part),
        ranked=tuple(item for item in used.ranked if item.id != part),
    )
    thinner = without.get(part, of_one)
    return None if thinner == used else thinner


def _among(
    used: Used, kept: tuple[Recollection, ...] | tuple[Episode, ...]
) -> tuple[Recollection, ...]:
    names = {item.id for item in kept}
    return tuple(item for item in used.ranked if item.id in names)


def recollected(turn: Episode) -> Recollection:
    """Return a turn of a session as evidence that no arm of recall brought."""
    return Recollection(
        turn.id, turn.text, 0.0, turn.speaker, turn.session, turn.at, {}, turn.source, turn.metadata
    )
