"""ChatGPT's `conversations.json`, and Open WebUI's exported chats: trees of messages.

    [{"title": "Trip", "create_time": 1710000000.0, "conversation_id": "c1", "current_node": "m2",
      "mapping": {"m2": {"message": {"id": "m2", "author": {"role": "user"}, "create_time": ...,
                                     "content": {"content_type": "text", "parts": ["..."]}},
                         "parent": "m1", "children": []}}}]

An edited question opens a branch. What is imported is the branch that is shown: from `current_node`
back to the root. Hidden messages, tool calls and system messages are left out.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from remanence.encoding.chat_messages import text_of
from remanence.integrations.exports.entries import SourceFile
from remanence.integrations.exports.jsonfile import objects
from remanence.integrations.exports.messages import ExportedMessage, Options, kept, role_of, speaker
from remanence.integrations.incoming import Bad, Incoming

_KINDS = frozenset({"text", "multimodal_text", ""})


def read_chatgpt(entry: SourceFile, options: Options) -> Iterator[Incoming | Bad]:
    """Yield the messages of every conversation, in the order in which they were shown."""
    return kept(_chatgpt(entry, options), "chatgpt", options)


def _chatgpt(entry: SourceFile, options: Options) -> Iterator[ExportedMessage | Bad]:
    for found in objects(entry, "mapping", "conversation"):
        if isinstance(found, Bad):
            yield found
            continue
        place, record = found
        for node in branch(record["mapping"], record.get("current_node"), "parent"):
            message = node.get("message") or {}
            role = _shown_role(message)
            yield ExportedMessage(
                f"{place}, message {message.get('id')}",
                text_of(message.get("content")),
                speaker(role, "ChatGPT", options),
                message.get("create_time") or record.get("create_time"),
                record.get("conversation_id") or record.get("id"),
                message.get("id"),
                record.get("title"),
                role,
                {"model": (message.get("metadata") or {}).get("model_slug")},
            )


def _shown_role(message: Mapping[str, Any]) -> str | None:
    """Return the role of a message that was shown as words; None for any other."""
    about, content = message.get("metadata") or {}, message.get("content") or {}
    hidden = about.get("is_visually_hidden_from_conversation")
    to_tool = message.get("recipient", "all") != "all"
    if hidden or to_tool or content.get("content_type", "") not in _KINDS:
        return None
    return role_of((message.get("author") or {}).get("role"))


def read_openwebui(entry: SourceFile, options: Options) -> Iterator[Incoming | Bad]:
    """Yield the messages of every chat of Open WebUI, along the branch that is shown."""
    return kept(_openwebui(entry, options), "openwebui", options)


def _openwebui(entry: SourceFile, options: Options) -> Iterator[ExportedMessage | Bad]:
    for found in objects(entry, "chat", "chat"):
        if isinstance(found, Bad):
            yield found
            continue
        place, record = found
        chat = record["chat"]
        for message in _shown_messages(chat):
            role = role_of(message.get("role"))
            model = message.get("modelName") or message.get("model") or "assistant"
            yield ExportedMessage(
                f"{place}, message {message.get('id')}",
                text_of(message.get("content")),
                speaker(role, model, options),
                message.get("timestamp") or record.get("created_at"),
                record.get("id"),
                message.get("id"),
                record.get("title") or chat.get("title"),
                role,
            )


def _shown_messages(chat: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    history = chat.get("history") or {}
    shown = branch(history.get("messages") or {}, history.get("currentId"), "parentId")
    return shown or list(chat.get("messages") or [])


def branch(nodes: Mapping[str, Any], last: object, parent: str) -> list[Mapping[str, Any]]:
    """Return the nodes from the root to `last`, following the key `parent` back.

    Without a `last` that exists, the newest leaf is taken. A cycle ends where it closes.
    """
    known = {name: node for name, node in nodes.items() if isinstance(node, Mapping)}
    if last not in known:
        parents = {node.get(parent) for node in known.values()}
        last = next((name for name in reversed(known) if name not in parents), None)
    found: list[Mapping[str, Any]] = []
    seen: set[object] = set()
    while isinstance(last, str) and last in known and last not in seen:
        seen.add(last)
        found.append(known[last])
        last = known[last].get(parent)
    return found[::-1]
