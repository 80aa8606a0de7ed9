"""Remanence: long-term memory for large language models.

import remanence

with remanence.open("assistant.db") as memory:
memory.remember("I moved to Chengdu in March.", speaker="Wei")
memory.recall("Where does Wei live?")
"""

from remanence.build import open
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
from remanence.memory import Memory
from remanence.types import Context, Episode, Recall, Receipt, Recollection, Turn

__version__ = "0.1.0"

__all__ = [
    "ConfigError",
    "Context",
    "EmbedderError",
    "EmbedderMismatch",
    "Episode",
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
