"""CSV and TSV with a row of column names.

The columns are recognised by their names (`text`, `message`, `speaker`, `date`, ...) or named by
`--columns text=Note,at=When`. What has no field of a turn stays in the metadata.
"""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence

from remanence.errors import ConfigError
from remanence.integrations.exports.entries import SourceFile
from remanence.integrations.exports.messages import ExportedMessage, Options, digest, incoming
from remanence.integrations.incoming import Bad, Incoming

COLUMNS = {
    "text": (
        "text",
        "message",
        "content",
        "body",
        "note",
        "memory",
        "contents",
        "内容",
        "正文",
        "消息",
    ),
    "speaker": (
        "speaker",
        "author",
        "sender",
        "from",
        "name",
        "user",
        "username",
        "说话人",
        "发送者",
        "作者",
    ),
    "at": ("at", "timestamp", "time", "datetime", "date", "created_at", "when", "时间", "日期"),
    "session": (
        "session",
        "conversation",
        "conversation_id",
        "thread",
        "channel",
        "chat",
        "会话",
        "频道",
    ),
    "id": ("id", "message_id", "uuid", "key", "编号"),
    "role": ("role", "角色"),
}
"""Field of a turn -> names of columns that mean it, the likeliest first."""


def recognise(head: bytes) -> bool:
    """Return whether a text begins with a row of column names that has one for the text."""
    lines = head.decode("utf-8-sig", "replace").splitlines()
    if len(lines) < 2:
        return False
    dialect = _dialect("\n".join(lines[:20]))
    rows = list(csv.reader(lines[:5], dialect))
    return len(rows[0]) > 1 and "text" in _columns(rows[0], {})


def read(entry: SourceFile, options: Options) -> Iterator[Incoming | Bad]:
    """Yield a turn a row. Raises `ConfigError` when no column can be the text."""
    with entry.open() as source:
        stream = io.TextIOWrapper(source, encoding="utf-8-sig", errors="replace", newline="")
        sample = stream.readline() + stream.readline()
        dialect = _dialect(sample)
        names = next(csv.reader([sample.splitlines()[0] if sample else ""], dialect))
        columns = _columns(names, options.columns)
        if "text" not in columns:
            raise ConfigError(
                f"{entry.name}: no column of {names} can be the text; give --columns text=NAME"
            )
    with entry.open() as source:
        stream = io.TextIOWrapper(source, encoding="utf-8-sig", errors="replace", newline="")
        rows = csv.DictReader(stream, dialect=dialect)
        for number, row in enumerate(rows, start=2):
            yield _row(row, columns, f"{entry.name}, row {number:,}", entry, options)


def _row(
    row: dict[str, str], columns: dict[str, str], place: str, entry: SourceFile, options: Options
) -> Incoming | Bad:
    blank = dict.fromkeys(("speaker", "at", "session", "id", "role"), "")
    field = blank | {name: (row[column] or "").strip() for name, column in columns.items()}
    if not field["text"]:
        return Bad(place, f"column {columns['text']!r} is empty")
    session = field["session"] or entry.name
    model = field["role"].lower() in ("assistant", "bot")
    extra = {name: row[name] for name in set(row) - {*columns.values(), None}}
    message = ExportedMessage(
        place,
        field["text"],
        field["speaker"] or options.me,
        field["at"] or entry.modified,
        session,
        field["id"] or f"csv:{digest(session, *row.values())}",
        role="assistant" if model else "user",
        metadata=extra,
    )
    return incoming(message, "csv", options)


def _dialect(sample: str) -> type[csv.Dialect]:
    try:
        return csv.Sniffer().sniff(sample, delimiters=",;\t|")
    except csv.Error:
        return csv.excel


def _columns(names: Sequence[str], wanted: Mapping[str, str]) -> dict[str, str]:
    """Return field -> column: those wanted, then those recognised by their names."""
    for field, column in wanted.items():
        if field not in COLUMNS or column not in names:
            raise ConfigError(
                f"--columns {field}={column}: fields are {', '.join(COLUMNS)}; "
                f"the columns are {', '.join(names)}"
            )
    plain = {name.strip().lower(): name for name in names if name not in wanted.values()}
    recognised = {
        field: plain[name]
        for field, known in COLUMNS.items()
        for name in known[::-1]
        if name in plain
    }
    return recognised | dict(wanted)
