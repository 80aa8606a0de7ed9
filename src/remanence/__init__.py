"""Remanence: long-term memory for large language models.

    import remanence

    with remanence.open("assistant.db") as memory:
        memory.remember("I moved to Chengdu in March.", speaker="Wei")
        memory.recall("Where does Wei live?")

`open` and `Memory` are imported when they are first asked for, so that `remanence --help` starts at
once.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from remanence import _deprecated
from remanence.errors import (
    ConfigError,
    EmbedderError,
    EmbedderMismatch,
    InvalidInput,
    NotAStore,
    RemanenceError,
    StaleProjections,
    StorageError,
    StoreBusy,
    StoreClosed,
    StoreCorrupt,
    StoreFull,
    StoreReadOnly,
    StoreTooNew,
)
from remanence.types import Context, Episode, Fact, Recall, Receipt, Recollection, Turn

if TYPE_CHECKING:
    from remanence.build import open
    from remanence.memory import Memory

_deprecated.install()
__version__ = "0.1.0"

__all__ = [
    "ConfigError",
    "Context",
    "EmbedderError",
    "EmbedderMismatch",
    "Episode",
    "Fact",
    "InvalidInput",
    "Memory",
    "NotAStore",
    "Recall",
    "Receipt",
    "Recollection",
    "RemanenceError",
    "StaleProjections",
    "StorageError",
    "StoreBusy",
    "StoreClosed",
    "StoreCorrupt",
    "StoreFull",
    "StoreReadOnly",
    "StoreTooNew",
    "Turn",
    "open",
]

_LATER = {"open": "remanence.build", "Memory": "remanence.memory"}


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = globals()[name] = getattr(import_module(_LATER[name]), name)
    return found
