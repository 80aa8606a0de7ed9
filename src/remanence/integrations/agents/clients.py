"""Coding agents, and what their hooks hand over: one row each."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Final

from remanence.errors import InvalidInput

ASK: Final = "ask"
"""A person's prompt, before the agent reads it."""
TELL: Final = "tell"
"""The agent's answer, once it is whole."""


@dataclass(frozen=True, slots=True)
class Client:
    """The hooks of one coding agent."""

    name: str
    """The name by which it is installed."""
    events: Mapping[str, tuple[str, str]]
    """Name of an event -> (`ASK` or `TELL`, field that has the text)."""
    takes_context: bool = True
    """Whether an answer to a prompt may bring context; else only tools can."""


_CLAUDE: Final = {
    "UserPromptSubmit": (ASK, "prompt"),
    "Stop": (TELL, "last_assistant_message"),
}
CLIENTS: Final[dict[str, Client]] = {
    client.name: client
    for client in (
        Client("claude-code", _CLAUDE),
        Client("codex", _CLAUDE),
        Client("gemini", {"BeforeAgent": (ASK, "prompt"), "AfterAgent": (TELL, "prompt_response")}),
        Client(
            "cursor",
            {"beforeSubmitPrompt": (ASK, "prompt"), "afterAgentResponse": (TELL, "text")},
            takes_context=False,
        ),
        Client("opencode", _CLAUDE),  # our own plugins speak for these two
        Client("openclaw", _CLAUDE),
    )
}
"""Name -> client."""


@dataclass(frozen=True, slots=True)
class Event:
    """One call of a hook."""

    name: str
    """The event's name, as the client writes it."""
    kind: str
    """`ASK`, `TELL`, or "" for one that brings nothing to remember."""
    text: str
    """The prompt or the answer."""
    session: str
    """The client's id of the conversation."""
    folder: str
    """The folder in which the agent works."""
    turn: str
    """The client's id of the turn; "" where it gives none."""

    def id(self, client: str) -> str:
        """Return an id that is the same when the hook is called again for the same turn."""
        said = f"{client}\x00{self.session}\x00{self.turn}\x00{self.kind}\x00{self.text}"
        return f"{client}-{blake2b(said.encode(), digest_size=10).hexdigest()}"


def read(client: str, payload: object) -> Event:
    """Return the event in what a hook handed over. Raises `InvalidInput`."""
    if client not in CLIENTS:
        raise InvalidInput(f"no coding agent {client!r:.40}; there are {', '.join(CLIENTS)}")
    if not isinstance(payload, Mapping):
        raise InvalidInput("a hook hands over a JSON object")
    name = _text(payload, "hook_event_name")
    kind, field = CLIENTS[client].events.get(name, ("", ""))
    roots = payload.get("workspace_roots")
    root = roots[0] if isinstance(roots, list) and roots and isinstance(roots[0], str) else ""
    return Event(
        name=name,
        kind=kind,
        text=_text(payload, field) if kind else "",
        session=(_text(payload, "session_id", "conversation_id") or "none")[:200],
        folder=_text(payload, "cwd") or root,
        turn=_text(payload, "prompt_id", "turn_id", "generation_id"),
    )


def _text(payload: Mapping[str, Any], *names: str) -> str:
    for name in names:
        value = payload.get(name)
        if isinstance(value, str) and value.isascii():
            return value.replace("\0", "")
        if isinstance(value, str):
            return value.replace("\0", "").encode("utf-8", "replace").decode()
    return ""
