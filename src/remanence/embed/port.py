"""The port: what an embedder is. Implementations live beside this file; none is named here."""

from collections.abc import Sequence
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

Kind = Literal["query", "passage"]


class Embedder(Protocol):
    """Text to vectors. `name`, `version` and `dim` are its identity, stored in the database."""

    @property
    def name(self) -> str: ...

    @property
    def version(self) -> str: ...

    @property
    def dim(self) -> int: ...

    @property
    def scripts(self) -> frozenset[str]:
        """Scripts it knows, such as {"latin"}; {"*"} for any."""
        ...

    @property
    def centre(self) -> NDArray[np.float32] | None:
        """Mean of typical embeddings, shape (dim,), to centre binary codes; None: not known."""
        ...

    def embed(self, texts: Sequence[str], kind: Kind) -> NDArray[np.float32]:
        """Shape (len(texts), dim), each row of length 1; a zero row: nothing of the text is known.

        Raises EmbedderError when no vectors can be had. Safe to call from many threads.
        """
        ...


def identity(embedder: Embedder) -> str:
    """Return the store's note of the embedder that made its vectors."""
    return f"{embedder.name} {embedder.version} ({embedder.dim} dimensions)"
