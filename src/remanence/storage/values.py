"""Types of what goes into a query and comes out of it."""

from collections.abc import Iterable
from typing import Any

from remanence.errors import StoreCorrupt

Row = tuple[Any, ...]
"""One row of an answer."""
Value = int | float | str | bytes | None
"""One bound value."""


def certain(row: Row | None) -> Row:
    """Return the row of a query that always has one. Raises `StoreCorrupt` where it has none."""
    if row is None:
        raise StoreCorrupt("a query that always has an answer had none; run `remanence doctor`")
    return row


def listed(stem: str, values: Iterable[Value]) -> tuple[str, dict[str, Value]]:
    """Return ":stem0, :stem1, ..." for a list in SQL, and the values bound to it."""
    bound = {f"{stem}{place}": value for place, value in enumerate(values)}
    return ", ".join(f":{name}" for name in bound), bound
