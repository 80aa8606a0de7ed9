"""Transcripts of coding agents: Claude Code and Codex, a JSON object a line.

    Claude Code  {"type": "user", "message": {"role": "user", "content": "..."}, "uuid": "...",
                  "timestamp": "...", "sessionId": "...", "cwd": "..."}
    Codex        {"timestamp": "...", "type": "event_msg",
                  "payload": {"type": "user_message", "message": "..."}}

Only what a person typed and what the agent answered in words is kept: results of tools, notes of
the environment, thinking, side chains and summaries are left out.
"""

import re
from collections.abc import Iterator
from typing import Any

from remanence.encoding.chat_messages import text_of
from remanence.integrations.exports.entries import SourceFile
from remanence.integrations.exports.jsonfile import records
from remanence.integrations.exports.messages import ExportedMessage, Options, digest, kept, speaker
from remanence.integrations.incoming import Bad, Incoming

_ROLES = {"user": "user", "assistant": "assistant"}
_EVENTS = {"user_message": "user", "agent_message": "assistant"}
# Tags in which a client wraps what it adds to a message, and its whole-message notes.
_WRAPPED = re.compile(r"<([a-z][a-z_-]*[_-][a-z_-]*)\b[^>]*>.*?</\1>", re.DOTALL)
_NOTES = re.compile(
    r"\s*(?:\[Request interrupted|Caveat: The messages below|# AGENTS\.md instructions|"
    r"This session is being continued from a previous)"
)


def typed_words(text: str) -> str:
    """Return a message without what a coding agent's client wrapped around the words typed."""
    return "" if _NOTES.match(text) else _WRAPPED.sub("", text).strip()


def read_claude_code(entry: SourceFile, options: Options) -> Iterator[Incoming | Bad]:
    """Yield the turns of a session of Claude Code."""
    return kept(_claude_code(entry, options), "claude-code", options)


def _claude_code(entry: SourceFile, options: Options) -> Iterator[ExportedMessage | Bad]:
    title = None
    for number, record in records(entry):
        if isinstance(record, Bad):
            yield record
            continue
        title = record.get("summary") if record.get("type") == "summary" else title
        role = _claude_code_role(record)
        text = text_of((record.get("message") or {}).get("content"))
        yield ExportedMessage(
            f"{entry.name}, line {number:,}",
            typed_words(text) if role == "user" else text,
            speaker(role, "Claude", options),
            record.get("timestamp"),
            record.get("sessionId") or entry.path.stem,
            record.get("uuid"),
            title,
            role,
            {"project": record.get("cwd")},
        )


def _claude_code_role(record: dict[str, Any]) -> str | None:
    """Return the role of a record that people see as words; None for any other."""
    left_out = ("isMeta", "isSidechain", "isCompactSummary", "toolUseResult")
    return None if any(map(record.get, left_out)) else _ROLES.get(str(record.get("type")))


def read_codex(entry: SourceFile, options: Options) -> Iterator[Incoming | Bad]:
    """Yield the turns of a session of Codex: its events where it logs them, else its items."""
    return kept(_codex(entry, options), "codex", options)


def _codex(entry: SourceFile, options: Options) -> Iterator[ExportedMessage | Bad]:
    rows = list(records(entry))
    words = _event if _logs_events(rows) else _item
    session, project = entry.path.stem, None
    for number, row in rows:
        if isinstance(row, Bad):
            yield row
            continue
        payload = _payload(row)
        if row.get("type") == "session_meta" or "instructions" in row:
            session, project = str(payload.get("id") or session), payload.get("cwd")
            continue
        role, text = words(payload)
        yield ExportedMessage(
            f"{entry.name}, line {number:,}",
            typed_words(text) if role == "user" else text,
            speaker(role, "Codex", options),
            row.get("timestamp") or entry.modified,
            session,
            f"codex:{digest(session, number, text)}",
            None,
            role,
            {"project": project},
        )


def _logs_events(rows: list[tuple[int, dict[str, Any] | Bad]]) -> bool:
    return any(isinstance(row, dict) and row.get("type") == "event_msg" for _, row in rows)


def _payload(row: dict[str, Any]) -> dict[str, Any]:
    inner = row.get("payload")
    return inner if isinstance(inner, dict) else row


def _event(payload: dict[str, Any]) -> tuple[str | None, str]:
    return _EVENTS.get(str(payload.get("type"))), str(payload.get("message") or "")


def _item(payload: dict[str, Any]) -> tuple[str | None, str]:
    role = _ROLES.get(str(payload.get("role")))
    return (role if payload.get("type") == "message" else None), text_of(payload.get("content"))
