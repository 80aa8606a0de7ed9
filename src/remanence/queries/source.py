"""The part of a `Memory` that queries use."""

from typing import Protocol

from remanence.embed.port import Embedder
from remanence.encoding.drafting import Extract
from remanence.semantic import Semantic
from remanence.storage.store import Namespace, Store


class MemorySource(Protocol):
    """An open memory, to read."""

    store: Store
    """The log of episodes."""
    semantic: Semantic
    """The graphs of facts."""

    def namespace(self, name: str) -> Namespace:
        """Return the handle of a namespace. Raises `InvalidInput` for a name that is none."""


class MemoryTarget(MemorySource, Protocol):
    """An open memory, to write."""

    embedder: Embedder
    """Makes the vectors of what is written."""
    extract: Extract | None
    """Finds the statements of a text; None: none are looked for."""
