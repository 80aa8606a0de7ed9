"""Lists of messages with a role and content, in JSON or a JSON object a line.

    [{"role": "user", "content": "I live in Lyon."}, {"role": "assistant", "content": "Noted."}]
    {"messages": [{"role": "user", "content": "..."}]}

Many tools write them: chat completions, training files, other memories. Times, names and ids are
taken from the usual keys; messages without a time are of the file's last change, one second apart.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from remanence.encoding.chat_messages import text_of
from remanence.integrations.exports.entries import SourceFile
from remanence.integrations.exports.jsonfile import array, records
from remanence.integrations.exports.messages import (
    ExportedMessage,
    Options,
    digest,
    kept,
    role_of,
)
from remanence.integrations.incoming import Bad, Incoming

TIMES = ("at", "timestamp", "created_at", "create_time", "time", "date")
NAMES = ("speaker", "name", "author")
SESSIONS = ("session", "session_id", "conversation_id", "thread_id", "chat_id")
IDS = ("id", "uuid", "message_id")
ROLES = ("role", "from", "sender")
TEXTS = ("content", "value", "text")
MEMBERS = ("messages", "conversation", "conversations", "turns")


def read(entry: SourceFile, options: Options) -> Iterator[Incoming | Bad]:
    """Yield the messages of a JSON array, of an object with a list of them, or of lines."""
    return kept(_exported(entry, options), "messages", options)


def _exported(entry: SourceFile, options: Options) -> Iterator[ExportedMessage | Bad]:
    lines = entry.path.suffix.lower() in (".jsonl", ".ndjson") or _several(entry)
    rows: Iterator[tuple[int, Any]] = records(entry) if lines else array(entry)
    start, count = datetime.fromisoformat(entry.modified), 0
    for number, row in rows:
        if isinstance(row, Bad):
            yield row
            continue
        for shared, message in _messages(row, f"{entry.name}#{number}" if lines else entry.name):
            count += 1
            place = f"{entry.name}, message {count:,}"
            if isinstance(message, Mapping):
                otherwise = start + timedelta(seconds=count)
                yield _message(message, shared, place, otherwise, options)
            else:
                yield Bad(place, f"is {type(message).__name__}, not an object with a role")


def _several(entry: SourceFile) -> bool:
    """Return whether a file holds an object a line rather than one value."""
    first, _, rest = entry.head().lstrip().partition(b"\n")
    return first.startswith(b"{") and first.rstrip().endswith(b"}") and rest.lstrip()[:1] == b"{"


def _messages(row: Any, session: str) -> Iterator[tuple[dict[str, Any], Any]]:
    """Yield (what a conversation says of all its messages, message)."""
    if isinstance(row, Mapping):
        found = next((row[key] for key in MEMBERS if isinstance(row.get(key), list)), None)
        if found is not None:
            shared = {"session": session, **{k: v for k, v in row.items() if k not in MEMBERS}}
            for message in found:
                yield shared, message
            return
    plain = session.partition("#")[0]
    if isinstance(row, list):
        for message in row:
            yield {"session": session}, message
    else:
        yield {"session": plain}, row


def _first(message: Mapping[str, Any], shared: Mapping[str, Any], keys: tuple[str, ...]) -> Any:
    for source in (message, shared):
        for key in keys:
            if source.get(key) not in (None, ""):
                return source[key]
    return None


def _message(
    message: Mapping[str, Any],
    shared: Mapping[str, Any],
    place: str,
    otherwise: datetime,
    options: Options,
) -> ExportedMessage:
    role = role_of(_first(message, {}, ROLES))
    text = text_of(_first(message, {}, TEXTS))
    session = _first(message, {**shared, "id": None}, SESSIONS) or shared.get("id")
    session = session or shared["session"]
    key, seconds = _first(message, {}, IDS), int(otherwise.timestamp())
    return ExportedMessage(
        place,
        text,
        _first(message, {}, NAMES) or ("assistant" if role == "assistant" else options.me),
        _first(message, shared, TIMES) or str(seconds),
        session,
        str(key) if key else f"messages:{digest(session, seconds, role, text)}",
        shared.get("title") or shared.get("name"),
        role,
    )
