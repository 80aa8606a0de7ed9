"""Types of what goes into a query and comes out of it."""

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
