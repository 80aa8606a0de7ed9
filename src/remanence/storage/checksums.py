"""Checksums of rows: a flipped bit is found when a row is read, and not passed on as what was said.

CRC-32 finds every single flipped bit. It guards against damage, not against anybody who means to
change a row. Rows of before there were checksums have none and pass.
"""

from typing import Any, Final
from zlib import crc32

from remanence.errors import StoreCorrupt

_ADVICE: Final = "restore a backup, or bring out what can still be read with `remanence doctor --salvage FILE.jsonl`"


def of_episode(
    part: int,
    version: int,
    at: int,
    recorded: int,
    source: str,
    session: str | None,
    speaker: str | None,
    text: str,
    metadata: str | None,
) -> int:
    """Return the checksum of what an episode's row says."""
    said = (
        f"{part}\0{version}\0{at}\0{recorded}\0{source}\0{session}\0{speaker}\0{text}\0{metadata}"
    )
    return crc32(said.encode("utf-8", "surrogatepass"))


def of_statements(body: str) -> int:
    """Return the checksum of a body of statements."""
    return crc32(body.encode("utf-8", "surrogatepass"))


def damaged(row: tuple[Any, ...]) -> bool:
    """Return whether a row of `episodes.COLUMNS` differs from its checksum."""
    return row[10] is not None and row[10] != of_episode(*row[1:10])


def damaged_statements(body: object, checksum: object) -> bool:
    """Return whether a body of statements differs from its checksum."""
    if checksum is None or body is None:
        return False
    return not isinstance(body, str) or checksum != of_statements(body)


def refuse(what: str) -> StoreCorrupt:
    """Return the error for a row that differs from its checksum."""
    return StoreCorrupt(f"{what} is damaged: its checksum is another; {_ADVICE}")
