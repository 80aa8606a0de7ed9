"""Gemini: Takeout's `MyActivity.json`, AI Studio's prompts, and sessions of Gemini CLI.

    Takeout    [{"header": "Gemini Apps", "title": "Prompted how do I ...",
                 "time": "2025-03-20T09:00:00Z", "safeHtmlItem": [{"html": "<p>...</p>"}]}]
    AI Studio  {"chunkedPrompt": {"chunks": [{"role": "user", "text": "..."}]}}
    CLI        {"sessionId": "...",
                "messages": [{"id", "timestamp", "type": "user", "content": "..."}]}

Takeout knows no conversations: a day is a session.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from remanence.encoding.chat_messages import text_of
from remanence.integrations.exports.entries import SourceFile
from remanence.integrations.exports.jsonfile import array, document
from remanence.integrations.exports.markup import text_of_html
from remanence.integrations.exports.messages import (
    ExportedMessage,
    Options,
    digest,
    kept,
    role_of,
    speaker,
)
from remanence.integrations.incoming import Bad, Incoming

PROMPTS = ("Prompted ", "Said ", "提示：", "Frage: ", "Requête : ")
"""Beginnings of the title of a prompt, by language of the account."""
NAME = "Gemini"


def read_takeout(entry: SourceFile, options: Options) -> Iterator[Incoming | Bad]:
    """Yield each prompt of the activity log and the answers to it, the oldest first."""
    return kept(_activities(entry, options), "gemini", options)


def _activities(entry: SourceFile, options: Options) -> Iterator[ExportedMessage | Bad]:
    rows = list(array(entry))
    for number, record in reversed(rows):  # the log begins with the newest
        if isinstance(record, Bad):
            yield record
        elif isinstance(record, dict) and "Gemini" in str(record.get("header", "")):
            yield from _exchange(record, f"activity {number:,}", options)


def _exchange(record: Mapping[str, Any], place: str, options: Options) -> Iterator[ExportedMessage]:
    title, at = str(record.get("title") or ""), record.get("time")
    prompt = next((title.removeprefix(p) for p in PROMPTS if title.startswith(p)), None)
    if prompt is None:
        return  # "Used Gemini Apps", "Gave feedback": nobody's words
    answers = [str(item.get("html", "")) for item in record.get("safeHtmlItem") or []]
    turns = [(prompt, options.me, "user")]
    turns += [(text_of_html(answer), NAME, "assistant") for answer in answers]
    key, session = digest(at, prompt), f"gemini:{str(at)[:10]}"
    for part, (text, name, role) in enumerate(turns):
        identity = f"gemini:{key}:{part}"
        yield ExportedMessage(place, text, name, at, session, identity, NAME, role)


def read_studio(entry: SourceFile, options: Options) -> Iterator[Incoming | Bad]:
    """Yield the turns of a prompt of AI Studio. Thoughts of the model are left out."""
    return kept(_chunks(entry, options), "aistudio", options)


def _chunks(entry: SourceFile, options: Options) -> Iterator[ExportedMessage | Bad]:
    record = document(entry)
    if isinstance(record, Bad):
        yield record
        return
    chunks = (record.get("chunkedPrompt") or {}).get("chunks") or record.get("contents") or []
    for number, chunk in enumerate(chunks, start=1):
        role = None if chunk.get("isThought") else role_of(chunk.get("role"))
        yield ExportedMessage(
            f"{entry.name}, chunk {number:,}",
            text_of(chunk.get("text") or chunk.get("parts")),
            speaker(role, NAME, options),
            chunk.get("createTime") or entry.modified,
            f"aistudio:{entry.name}",
            f"aistudio:{entry.name}:{number}",
            entry.path.stem,
            role,
        )


def read_cli(entry: SourceFile, options: Options) -> Iterator[Incoming | Bad]:
    """Yield the turns of a session of Gemini CLI: of `session-*.json`, or of `logs.json`."""
    return kept(_session(entry, options), "gemini-cli", options)


def _session(entry: SourceFile, options: Options) -> Iterator[ExportedMessage | Bad]:
    record = document(entry)
    if isinstance(record, Bad):
        yield record
        return
    shared = record if isinstance(record, dict) else {"messages": record}
    rows = shared.get("messages") or []
    for number, row in enumerate(rows, start=1):
        text = text_of(row.get("content") or row.get("message"))
        role = None if text.startswith("/") else role_of(row.get("type") or row.get("role"))
        session = row.get("sessionId") or shared.get("sessionId")
        key = row.get("id", row.get("messageId", number))
        yield ExportedMessage(
            f"{entry.name}, message {number:,}",
            text,
            speaker(role, NAME, options),
            row.get("timestamp") or shared.get("startTime"),
            session,
            f"gemini-cli:{session}:{key}",
            None,
            role,
        )
