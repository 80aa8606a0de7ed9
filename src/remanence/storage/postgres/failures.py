"""Errors of PostgreSQL as errors of this project: by SQLSTATE, a table."""

from typing import Final

import psycopg
import psycopg_pool

from remanence.errors import (
    NotAStore,
    StorageError,
    StoreBusy,
    StoreCorrupt,
    StoreFull,
    StoreReadOnly,
)

_LATER: Final = "try again, or open with a longer timeout="
# SQLSTATE, or the first characters of one -> (error, what to do); the longest that fits.
_MEANINGS: Final[dict[str, tuple[type[StorageError], str]]] = {
    "08": (StorageError, "the connection was lost; check that the server runs and try again"),
    "25006": (StoreReadOnly, "the server takes no writes: a standby? name the primary as well"),
    "28": (StorageError, "the server refuses this user; check name, password and pg_hba.conf"),
    "3D000": (StorageError, "there is no such database; make it with createdb"),
    "3F000": (NotAStore, "there is no store; make one with `remanence migrate`"),
    "40": (StoreBusy, "two writers were in each other's way; try again"),
    "42501": (StoreReadOnly, "the user has no right to do this; grant it on the schema's tables"),
    "53": (StoreBusy, "the server is short of resources; try again"),
    "53100": (StoreFull, "the server's disk is full; free some space and try again"),
    "53300": (StoreBusy, "the server has no connection left; open with a smaller pool="),
    "55P03": (StoreBusy, f"another process holds what is to be written; {_LATER}"),
    "57014": (StoreBusy, f"the server gave the statement up; {_LATER}"),
    "57P": (StorageError, "the server is stopping or starting; try again"),
    "58": (StorageError, "the server could not read or write its files; see its log"),
    "XX": (StoreCorrupt, "the server found damage; run pg_amcheck, or restore a backup"),
}
_UNREACHABLE: Final = "the server could not be reached; check that it runs, and the address"


def meaning(error: Exception, shown: str) -> StorageError:
    """Return this project's error for one of psycopg's, of a store with that address."""
    if isinstance(error, psycopg_pool.PoolTimeout):
        return StoreBusy(f"{shown}: every connection of the pool is in use; {_LATER} or pool=")
    code = getattr(error, "sqlstate", None) or ""
    text = str(error).strip().split("\n")[0]
    for length in range(len(code), 1, -1):
        if code[:length] in _MEANINGS:
            ours, advice = _MEANINGS[code[:length]]
            return ours(f"{shown}: {text}: {advice}")
    if not code and isinstance(error, psycopg.OperationalError):
        return StorageError(f"{shown}: {text}: {_UNREACHABLE}")
    return StorageError(f"{shown}: the database engine failed: {text}")


class translated:  # noqa: N801
    """A context that raises this project's errors for psycopg's."""

    __slots__ = ("_shown",)

    def __init__(self, shown: str) -> None:
        self._shown = shown

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, (psycopg.Error, psycopg_pool.PoolTimeout)):
            raise meaning(error, self._shown) from error
