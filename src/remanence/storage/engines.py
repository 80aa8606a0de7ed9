"""Which engine opens a store: by the scheme of its address, a file's path by default."""

from collections.abc import Callable
from typing import Any, Final, Protocol

from remanence.errors import ConfigError, MissingExtra
from remanence.storage.engine import Engine, Upkeep
from remanence.storage.sqlite import SqliteEngine


class StoreEngine(Engine, Upkeep, Protocol):
    """An engine that also looks after its files."""


def _postgres(address: str, **options: Any) -> StoreEngine:
    try:
        from remanence.storage.postgres.engine import PostgresEngine
    except ImportError as error:
        raise _missing(error) from error
    return PostgresEngine(address, **options)


def _missing(error: ImportError) -> MissingExtra:
    return MissingExtra(
        f"a store in PostgreSQL needs psycopg ({error}): pip install 'remanence[postgres]'"
    )


ENGINES: Final[dict[str, Callable[..., StoreEngine]]] = {
    "": SqliteEngine,
    "postgresql": _postgres,
    "postgres": _postgres,
}
"""Scheme of an address -> what opens it; "" is a path."""


def scheme_of(address: str) -> str:
    """Return the scheme of an address that names an engine; "" for a path."""
    scheme, colon, _ = address.partition(":")
    return scheme if colon and scheme in ENGINES else ""


def open_engine(
    address: str, *, key: str | None = None, readonly: bool = False, timeout: float = 30.0
) -> StoreEngine:
    """Open the store at an address. Raises `ConfigError` where it cannot be read as one."""
    opener = ENGINES[scheme_of(address)]
    return opener(address, key=key, readonly=readonly, timeout=timeout)


def migrate(address: str) -> tuple[int, int]:
    """Make the store at an address, or bring it up to date; return its versions before and after.

    Raises `ConfigError` for a file, `StorageError`.
    """
    if not scheme_of(address):
        raise ConfigError(
            f"{address}: is a file, which is brought up to date whenever it is opened; give the "
            "address of a store in PostgreSQL"
        )
    try:
        from remanence.storage.postgres import schema
    except ImportError as error:
        raise _missing(error) from error
    return schema.migrate(address)
