"""Which engine opens a store: by the scheme of its address, a file's path by default."""

from collections.abc import Callable
from typing import Final, Protocol

from remanence.errors import ConfigError
from remanence.storage.engine import Engine, Upkeep
from remanence.storage.sqlite import SqliteEngine


class StoreEngine(Engine, Upkeep, Protocol):
    """An engine that also looks after its files."""


ENGINES: Final[dict[str, Callable[..., StoreEngine]]] = {"": SqliteEngine}
"""Scheme of an address -> what opens it; "" is a path."""
_UNSUPPORTED: Final = ("postgres", "postgresql")


def open_engine(
    address: str, *, key: str | None = None, readonly: bool = False, timeout: float = 30.0
) -> StoreEngine:
    """Open the store at an address. Raises `ConfigError` for one that no engine here serves."""
    scheme, separator, _ = address.partition("://")
    if not separator:
        scheme = ""
    if scheme in _UNSUPPORTED or address.startswith(tuple(f"{each}:" for each in _UNSUPPORTED)):
        raise ConfigError(
            f"{address.rsplit('@', maxsplit=1)[-1]}: this version stores in SQLite; give a file "
            f"path"
        )
    return ENGINES.get(scheme, SqliteEngine)(address, key=key, readonly=readonly, timeout=timeout)
