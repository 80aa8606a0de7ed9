"""Messages with a role and content, as chat completions have them, read as turns.

{"role": "user", "content": "I live in Lyon.", "name": "Ana"}
{"role": "assistant", "content": [{"type": "text", "text": "Noted."}]}
"""

from collections.abc import Iterable, Mapping
from typing import Any

from remanence.errors import InvalidInput
from remanence.types import Turn

PEOPLE = frozenset({"user", "human"})
MODELS = frozenset({"assistant", "model", "ai"})
UNREMEMBERED = frozenset({"system", "developer", "tool", "function"})
"""Roles whose messages are instructions or output of programs: nobody's words."""

TEXT_PARTS = frozenset({"text", "input_text", "output_text", "markdown"})
_CARRIED = ("session", "at", "id", "metadata")


def is_message(item: Mapping[str, Any]) -> bool:
    """Return whether a mapping is a message with a role rather than a turn."""
    return "role" in item and "text" not in item


def turn_of(item: Mapping[str, Any], given: Mapping[str, Any]) -> Turn | None:
    """Return the turn of a message, or None for a role that is not remembered.

    The speaker is the message's `name`, else the one given (a person's message only), else the
    role. `given` fills in session, time and metadata. Raises `InvalidInput`.
    """
    role = str(item["role"]).lower()
    if role in UNREMEMBERED:
        return None
    if role not in PEOPLE | MODELS:
        known = ", ".join(sorted(PEOPLE | MODELS | UNREMEMBERED))
        raise InvalidInput(f"role={item['role']!r:.60} is not known; give one of {known}")
    content = item.get("content")
    if not isinstance(content, (str, list)):
        raise InvalidInput(
            f"content of a message is {type(content).__name__}, not text or a list of parts"
        )
    role, speaker = ("assistant", None) if role in MODELS else ("user", given.get("speaker"))
    carried = {name: item.get(name, given.get(name)) for name in _CARRIED}
    shared, own = given.get("metadata") or {}, item.get("metadata") or {}
    carried["metadata"] = {**shared, **own, "role": role}
    return Turn(text_of(content), speaker=item.get("name") or speaker or role, **carried)


def text_of(content: object) -> str:
    """Return the text of a content: a string, a list of parts, or an object that holds either."""
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        return joined(content)
    if isinstance(content, Mapping):
        return text_of(content.get("parts") or content.get("text") or content.get("content") or "")
    return ""


def joined(parts: Iterable[object]) -> str:
    r"""Join the texts of content parts: strings, and objects with `text`; others are left out.

    >>> joined(["one", {"type": "text", "text": "two"}, {"type": "image"}])
    'one\ntwo'
    """
    found = []
    for part in parts:
        if isinstance(part, str):
            found.append(part)
        elif isinstance(part, Mapping) and part.get("type", "text") in TEXT_PARTS:
            found.append(str(part.get("text") or ""))
    return "\n".join(piece for piece in found if piece.strip())
