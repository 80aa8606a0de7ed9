"""Readable rows of a damaged store:

rows by their numbers, in halves around what cannot.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

from remanence.errors import StoreCorrupt
from remanence.storage import checksums
from remanence.storage.engine import Rows
from remanence.storage.episodes import COLUMNS, CURRENT, to_episode
from remanence.storage.values import Row
from remanence.types import Episode

_BLOCK: Final = 4_096  # numbers asked for at once
_END: Final = 2**62
_LARGEST: Final = 2**30  # numbers above which no rows are looked for where the end is damaged


@dataclass(slots=True)
class Loss:
    """The rows that could not be read."""

    unreadable: list[tuple[int, int]] = field(default_factory=list)
    """Ranges of numbers, from and to, on pages that cannot be read."""
    damaged: list[int] = field(default_factory=list)
    """Numbers of episodes that differ from their checksums."""

    def __bool__(self) -> bool:
        return bool(self.unreadable or self.damaged)


def readable(read: Callable[[int, int], list[Row]], loss: Loss) -> Iterator[Row]:
    """Yield every row of a table that can be read, in order of numbers.

    `read` returns the rows with numbers from (inclusive) to (exclusive) and
    raises `StoreCorrupt` where it meets a damaged page; the range is then halved.
    """
    start, width = 1, _BLOCK
    newest = _newest(read)
    while start <= newest:
        end = min(start + width, newest + 1)
        try:
            found = read(start, end)
        except StoreCorrupt:
            if end - start > 1:
                width = max(1, (end - start) // 2)
                continue
            loss.unreadable.append((start, end))
            found = []
        yield from found
        start, width = end, min(_BLOCK, width * 2)


def _newest(read: Callable[[int, int], list[Row]]) -> int:
    """Return a number that no row's is above, by doubling: the end of the table may be damaged."""
    bound = _BLOCK
    while bound < _LARGEST:
        try:
            if not read(bound, _END):
                break
        except StoreCorrupt:
            pass  # there may be more beyond the damage
        bound *= 2
    return bound


def episodes(rows: Rows, loss: Loss) -> Iterator[Episode]:
    """Yield the current episodes that can be read, oldest first; note the others in `loss`."""

    def read_names(start: int, end: int) -> list[Row]:
        return rows.all(
            "SELECT id, name FROM namespace WHERE id >= :start AND id < :end ORDER BY id",
            start=start,
            end=end,
        )

    def read(start: int, end: int) -> list[Row]:
        return rows.all(
            f"SELECT {COLUMNS}, namespace, state FROM episode "
            "WHERE id >= :start AND id < :end ORDER BY id",
            start=start,
            end=end,
        )

    names: dict[int, str] = dict(readable(read_names, Loss()))
    for row in readable(read, loss):
        namespace, state = row[-2:]
        if state != CURRENT:
            continue
        if checksums.damaged(row):
            loss.damaged.append(row[0])
            continue
        try:
            yield to_episode(row, names.get(namespace) or f"namespace-{namespace}")
        except (TypeError, ValueError, OverflowError):
            loss.damaged.append(row[0])
