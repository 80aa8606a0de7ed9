"""Claude's `conversations.json`.

[{"uuid": "c1", "name": "Trip", "created_at": "2025-03-20T09:00:00Z",
  "chat_messages": [{"uuid": "m1", "sender": "human", "text": "...", "created_at": "...",
                     "content": [{"type": "text", "text": "..."}], "attachments": []}]}]
"""

from collections.abc import Iterator, Mapping
from typing import Any

from remanence.encoding.chat_messages import text_of
from remanence.integrations.exports.entries import SourceFile
from remanence.integrations.exports.jsonfile import objects
from remanence.integrations.exports.messages import ExportedMessage, Options, kept, role_of, speaker
from remanence.integrations.incoming import Bad, Incoming


def read(entry: SourceFile, options: Options) -> Iterator[Incoming | Bad]:
    """Yield the messages of every conversation. Thinking and tool use are left out."""
    return kept(_messages(entry, options), "claude", options)


def _messages(entry: SourceFile, options: Options) -> Iterator[ExportedMessage | Bad]:
    for found in objects(entry, "uuid", "conversation"):
        if isinstance(found, Bad):
            yield found
            continue
        place, record = found
        for message in record.get("chat_messages") or []:
            role = role_of(message.get("sender") or message.get("role"))
            yield ExportedMessage(
                f"{place}, message {message.get('uuid')}",
                text_of(message.get("content")) or str(message.get("text") or ""),
                speaker(role, "Claude", options),
                message.get("created_at") or record.get("created_at"),
                record.get("uuid"),
                message.get("uuid"),
                record.get("name"),
                role,
                {"files": _files(message)},
            )


def _files(message: Mapping[str, Any]) -> list[str]:
    """Return the names of the files that came with a message."""
    attached = [*(message.get("attachments") or []), *(message.get("files") or [])]
    return [item["file_name"] for item in attached if item.get("file_name")]
