"""Every format that `import` reads: how it is recognised, and its reader.

A format is one row. Those that are made of several files (Slack, Discord's package) claim theirs
first; each remaining file is recognised by its content, never by its name alone.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import BinaryIO

from remanence.integrations import jsonl, mcp_memory, mem0
from remanence.integrations.exports import (
    agents,
    chatgpt,
    chats,
    claude,
    documents,
    gemini,
    lists,
    mail,
    slack,
    tables,
    whatsapp,
)
from remanence.integrations.exports.entries import SourceFile
from remanence.integrations.exports.messages import Options
from remanence.integrations.exports.outline import Outline, outline
from remanence.integrations.incoming import Bad, Incoming

Turns = Iterator[Incoming | Bad]
_LONG = 1 << 26  # bytes read where the beginning of a JSON file does not decide


@dataclass(frozen=True, slots=True)
class Beginning:
    """The signs by which a format is recognised."""

    entry: SourceFile
    """The file."""
    head: bytes
    """Its first bytes."""
    json: Outline
    """The outline of its JSON; empty keys for anything else."""

    @property
    def suffix(self) -> str:
        """The extension, in lower case."""
        return self.entry.path.suffix.lower()

    def text(self) -> str:
        """The first bytes as text."""
        return self.head.decode("utf-8-sig", "replace")

    def has(self, *keys: str) -> bool:
        """Return whether the first record has all of these keys."""
        return self.json.keys.issuperset(keys)


@dataclass(frozen=True, slots=True)
class Format:
    """A format of one file."""

    title: str
    """What it is, for people."""
    recognise: Callable[[Beginning], bool]
    """Decides by the beginning of a file."""
    read: Callable[[SourceFile, Options], Turns]
    """Yields its turns."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """A format of several files that belong together."""

    title: str
    """What it is, for people."""
    claim: Callable[[Sequence[SourceFile]], list[SourceFile]]
    """Returns the files that belong to it; empty where there are none."""
    read: Callable[[list[SourceFile], Options], Turns]
    """Yields their turns."""


def _stream(reader: Callable[[BinaryIO], Turns]) -> Callable[[SourceFile, Options], Turns]:
    """Return a reader of entries for a reader of streams."""

    def read(entry: SourceFile, options: Options) -> Turns:  # noqa: ARG001 - these formats say all
        with entry.open() as source:
            for item in reader(source):
                yield replace(item, place=f"{entry.name}, {item.place}") if entry.origin else item

    return read


def _is_lines_of(kinds: set[str], *keys: str) -> Callable[[Beginning], bool]:
    """Recognise a JSON object a line: one of the first has these keys and one of these types."""

    def recognise(start: Beginning) -> bool:
        for line in start.head.splitlines()[:40]:
            found = outline(line)
            if found.keys.issuperset(keys) and (not kinds or found.kinds & kinds):
                return True
        return False

    return recognise


def _texts(start: Beginning) -> bool:
    """Recognise an array that is empty or holds objects with a text: mem0's plain lists."""
    empty = not start.json.keys and start.text().lstrip("\ufeff \r\n\t[")[:1] == "]"
    return start.json.container == "[" and (empty or start.has("text"))


def _openwebui(start: Beginning) -> bool:
    return start.has("chat") and bool(start.json.inner & {"history", "models", "messages"})


def _studio(start: Beginning) -> bool:
    return start.has("chunkedPrompt") or (start.has("contents") and "parts" in start.json.inner)


def _gemini_cli(start: Beginning) -> bool:
    return start.has("sessionId", "messages") or start.has("sessionId", "messageId", "message")


def _telegram(start: Beginning) -> bool:
    one = start.has("messages", "name", "type") and "author" not in start.json.inner
    return one or start.has("chats")


def _mem0(start: Beginning) -> bool:
    return bool(start.json.keys & {"memory", "results", "memories"}) or _texts(start)


def _own(start: Beginning) -> bool:
    return start.json.container == "{" and start.has("text") and not start.has("role")


def _messages(start: Beginning) -> bool:
    inner = start.json.inner
    return start.has("role") or "role" in inner or {"from", "value"} <= inner


_PAGE = re.compile(
    r"\s*(<!--.*?-->\s*)*<(!doctype html|html|head|body)\b", re.IGNORECASE | re.DOTALL
)


def _html(start: Beginning) -> bool:
    return bool(_PAGE.match(start.text()))


def _table(start: Beginning) -> bool:
    return start.suffix in (".csv", ".tsv", ".txt", "") and tables.recognise(start.head)


_DAY = re.compile(r"\d{4}-\d\d-\d\d\.json")


def _slack(entries: Sequence[SourceFile]) -> list[SourceFile]:
    """Return the files of a Slack export: the lists beside `users.json`, and a file a day."""
    for root in [entry.path.parent for entry in entries if entry.path.name == "users.json"]:
        found = [entry for entry in entries if _is_slack(entry, root)]
        if any(_DAY.fullmatch(entry.path.name) for entry in found) and len(found) > 2:
            return found
    return []


def _is_slack(entry: SourceFile, root: PurePosixPath) -> bool:
    named = entry.path.name in slack.LISTS or bool(_DAY.fullmatch(entry.path.name))
    return named and entry.path.is_relative_to(root)


def _discord(entries: Sequence[SourceFile]) -> list[SourceFile]:
    folders = {e.path.parent for e in entries if e.path.name == "channel.json"}
    own = [e for e in entries if e.path.parent in folders and e.path.suffix == ".json"]
    users = [e for e in entries if e.path.name == "user.json" and "ccount" in e.path.parent.name]
    return own + users if own else []


BUNDLES: dict[str, Bundle] = {
    "slack": Bundle("Slack export", _slack, slack.read),
    "discord-package": Bundle("Discord data package", _discord, chats.read_discord_package),
}
"""Name -> format of several files, in the order in which they are tried."""

FORMATS: dict[str, Format] = {
    "mcp": Format(
        "memory file of the reference MCP memory server",
        _is_lines_of({"entity", "relation"}, "type"),
        _stream(mcp_memory.read),
    ),
    "chatgpt": Format(
        "ChatGPT's conversations.json", lambda s: s.has("mapping"), chatgpt.read_chatgpt
    ),
    "claude": Format("Claude's conversations.json", lambda s: s.has("chat_messages"), claude.read),
    "openwebui": Format(
        "Open WebUI's exported chats",
        lambda s: s.has("chat") and "history" in s.json.inner,
        chatgpt.read_openwebui,
    ),
    "gemini": Format(
        "Gemini's MyActivity.json of Takeout",
        lambda s: s.has("header", "title", "time"),
        gemini.read_takeout,
    ),
    "aistudio": Format(
        "prompt of Google AI Studio",
        _studio,
        gemini.read_studio,
    ),
    "gemini-cli": Format(
        "session of Gemini CLI",
        _gemini_cli,
        gemini.read_cli,
    ),
    "claude-code": Format(
        "transcript of Claude Code",
        _is_lines_of({"user", "assistant"}, "sessionId", "message"),
        agents.read_claude_code,
    ),
    "codex": Format(
        "session of Codex",
        _is_lines_of({"session_meta", "response_item", "event_msg"}, "payload"),
        agents.read_codex,
    ),
    "telegram": Format(
        "Telegram's result.json",
        _telegram,
        chats.read_telegram,
    ),
    "slack-day": Format(
        "one day of one channel of a Slack export",
        lambda s: s.json.container == "[" and s.has("type", "ts"),
        lambda entry, options: slack.read([entry], options),
    ),
    "discord": Format(
        "channel of DiscordChatExporter",
        lambda s: s.has("guild", "channel", "messages"),
        chats.read_discord,
    ),
    "mem0": Format(
        "memories of mem0",
        _mem0,
        _stream(mem0.read),
    ),
    "jsonl": Format(
        "Remanence's own export, one JSON object a line",
        _own,
        _stream(jsonl.read),
    ),
    "messages": Format(
        "messages with role and content",
        _messages,
        lists.read,
    ),
    "whatsapp": Format(
        "exported chat of WhatsApp", lambda s: whatsapp.recognise(s.text()), whatsapp.read
    ),
    "mbox": Format("mailbox", lambda s: mail.recognise(s.head) == "mbox", mail.read_mbox),
    "eml": Format("e-mail", lambda s: mail.recognise(s.head) == "eml", mail.read_eml),
    "pdf": Format("PDF", lambda s: s.head.startswith(b"%PDF-"), documents.read_pdf),
    "docx": Format(
        "Word document",
        lambda s: s.head.startswith(b"PK") and s.suffix == ".docx",
        documents.read_docx,
    ),
    "html": Format(
        "HTML page",
        _html,
        documents.read_html,
    ),
    "markdown": Format(
        "Markdown", lambda s: s.suffix in (".md", ".markdown", ".mdx"), documents.read_markdown
    ),
    "csv": Format(
        "table with named columns",
        _table,
        tables.read,
    ),
    "text": Format(
        "plain text",
        lambda s: s.suffix in (".txt", ".text", ".rst", ".org", ".log"),
        documents.read_text,
    ),
}
"""Name -> format of one file, in the order in which they are tried."""


EMPTY = "jsonl"  # an empty file is an empty list of anything


def beginning(entry: SourceFile, size: int | None = None) -> Beginning:
    """Return what a file is recognised by."""
    head = entry.head() if size is None else entry.head(size)
    return Beginning(entry, head, outline(head))


def recognise(entry: SourceFile) -> str | None:
    """Return the name of the format of one file; None where none fits."""
    return decided(beginning(entry))


def decided(start: Beginning) -> str | None:
    """Return the name of the format of a file that begins so; None where none fits."""
    if not start.text().strip():
        return EMPTY
    entry = start.entry
    found = next((name for name, format in FORMATS.items() if format.recognise(start)), None)
    if found is None and start.json.container and entry.size > len(start.head):
        start = beginning(entry, _LONG)
        found = next((name for name, format in FORMATS.items() if format.recognise(start)), None)
    return found


@dataclass(frozen=True, slots=True)
class Part:
    """Files of one format within an import."""

    format: str
    """Name in `FORMATS` or `BUNDLES`."""
    entries: tuple[SourceFile, ...]
    """The files."""

    def turns(self, options: Options) -> Turns:
        """Yield what the files hold."""
        if self.format in BUNDLES:
            yield from BUNDLES[self.format].read(list(self.entries), options)
        else:
            for entry in self.entries:
                yield from FORMATS[self.format].read(entry, options)


def sorted_out(entries: Sequence[SourceFile]) -> tuple[list[Part], list[SourceFile]]:
    """Return the parts of an import by format, and the files that no format recognises."""
    parts: list[Part] = []
    rest = list(entries)
    for name, bundle in BUNDLES.items():
        if claimed := bundle.claim(rest):
            parts.append(Part(name, tuple(claimed)))
            rest = [entry for entry in rest if entry not in claimed]
    if len(entries) > 1:
        rest = [entry for entry in rest if not _is_empty(entry)]
    by_format: dict[str | None, list[SourceFile]] = {}
    for entry in rest:
        by_format.setdefault(recognise(entry), []).append(entry)
    unknown = by_format.pop(None, [])
    parts += [Part(str(name), tuple(found)) for name, found in by_format.items()]
    return parts, unknown


def _is_empty(entry: SourceFile) -> bool:
    """Return whether a file holds a list of nothing, which belongs to any format."""
    return entry.size < 16 and entry.head().strip() in (b"", b"[]", b"{}")


def names() -> Iterable[str]:
    """Every format's name."""
    return (*BUNDLES, *FORMATS)
