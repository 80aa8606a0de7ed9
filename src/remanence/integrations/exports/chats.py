"""Messengers that export JSON: Telegram and Discord.

    Telegram  {"name": "Lin", "type": "personal_chat", "id": 7, "messages": [
                  {"id": 1, "type": "message", "date": "2025-03-20T09:00:00",
                   "date_unixtime": "1742461200", "from": "Lin", "text": "..."}]}
    Discord   {"guild": {...}, "channel": {"id": "1", "name": "general"}, "messages": [
                  {"id": "2", "timestamp": "...", "content": "...",
                   "author": {"name": "lin", "nickname": "Lin"}}]}

A chat goes on for years: each day of it is a session, named by the chat and the day.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from remanence.integrations.exports.entries import SourceFile
from remanence.integrations.exports.jsonfile import array, document
from remanence.integrations.exports.messages import ExportedMessage, Options, day, kept
from remanence.integrations.incoming import Bad, Incoming

_WRITTEN = ("Default", "Reply")  # kinds of Discord messages that somebody wrote


def read_telegram(entry: SourceFile, options: Options) -> Iterator[Incoming | Bad]:
    """Yield the messages of one chat, or of every chat of a whole export."""
    return kept(_telegram(entry, options), "telegram", options)


def _telegram(entry: SourceFile, options: Options) -> Iterator[ExportedMessage | Bad]:
    record = document(entry)
    if isinstance(record, Bad):
        yield record
        return
    for chat in (record.get("chats") or {}).get("list") or [record]:
        yield from _telegram_chat(chat, entry, options)


def _telegram_chat(
    chat: Mapping[str, Any], entry: SourceFile, options: Options
) -> Iterator[ExportedMessage]:
    name, key = chat.get("name") or "Saved messages", chat.get("id") or entry.name
    for row in chat.get("messages") or []:
        at, answered = (
            row.get("date_unixtime") or row.get("date"),
            row.get("reply_to_message_id"),
        )
        yield ExportedMessage(
            f"{name}, message {row.get('id')}",
            _telegram_text(row.get("text")),
            row.get("from") or name,
            at,
            f"telegram:{key}:{day(at, options)}",
            f"telegram:{key}:{row.get('id')}",
            name,
            "user" if row.get("type") == "message" else None,
            {"reply_to": answered and f"telegram:{key}:{answered}"},
        )


def _telegram_text(text: object) -> str:
    """Return the words of a text, or of a list of texts and formatted pieces."""
    pieces = text if isinstance(text, list) else [text or ""]
    return "".join(
        str(piece.get("text", "")) if isinstance(piece, Mapping) else str(piece) for piece in pieces
    )


def read_discord(entry: SourceFile, options: Options) -> Iterator[Incoming | Bad]:
    """Yield the messages of a channel as DiscordChatExporter writes them."""
    return kept(_discord(entry, options), "discord", options)


def _discord(entry: SourceFile, options: Options) -> Iterator[ExportedMessage | Bad]:
    record = document(entry)
    if isinstance(record, Bad):
        yield record
        return
    channel = record.get("channel") or {}
    title = _title(record.get("guild") or {}, channel)
    for row in record.get("messages") or []:
        author, at = row.get("author") or {}, row.get("timestamp")
        yield ExportedMessage(
            f"{entry.name}, message {row.get('id')}",
            str(row.get("content") or ""),
            author.get("nickname") or author.get("name"),
            at,
            f"discord:{channel.get('id')}:{day(at, options)}",
            f"discord:{row.get('id')}",
            title,
            _discord_role(row, author),
        )


def _discord_role(row: Mapping[str, Any], author: Mapping[str, Any]) -> str | None:
    if row.get("type", "Default") not in _WRITTEN:
        return None
    return "assistant" if author.get("isBot") else "user"


def _title(guild: Mapping[str, Any], channel: Mapping[str, Any]) -> str:
    return " / ".join(str(part["name"]) for part in (guild, channel) if part.get("name"))


def read_discord_package(entries: list[SourceFile], options: Options) -> Iterator[Incoming | Bad]:
    """Yield one's own messages from Discord's data package, channel by channel."""
    channels = {
        entry.path.parent: _object(entry) for entry in entries if entry.path.name == "channel.json"
    }
    owner = next((_owner(e) for e in entries if e.path.name == "user.json"), None) or options.me
    for entry in entries:
        if entry.path.name == "messages.json":
            found = _own_messages(entry, channels.get(entry.path.parent, {}), owner, options)
            yield from kept(found, "discord", options)


def _own_messages(
    entry: SourceFile, channel: Mapping[str, Any], owner: str, options: Options
) -> Iterator[ExportedMessage | Bad]:
    key = channel.get("id") or entry.path.parent.name
    for _, row in reversed(list(array(entry))):  # the newest stands first
        if isinstance(row, Bad):
            yield row
            continue
        at = row.get("Timestamp")
        yield ExportedMessage(
            f"{entry.name}, message {row.get('ID')}",
            str(row.get("Contents") or ""),
            owner,
            at,
            f"discord:{key}:{day(at, options)}",
            f"discord:{row.get('ID')}",
            channel.get("name"),
        )


def _object(entry: SourceFile) -> dict[str, Any]:
    """Return the object that a small file holds; an empty one where it holds anything else."""
    found = document(entry)
    return found if isinstance(found, dict) else {}


def _owner(entry: SourceFile) -> str | None:
    user = _object(entry)
    return user.get("global_name") or user.get("username")
