"""The default embedder: a table of word vectors, one row a token, summed and normalised.

The table (`data/static.safetensors`, made by `tools/distill.py`) holds int8 rows that already
carry the token's weight, so a text is the sum of its rows. It needs numpy only, opens by memory map
and is never widened to float as a whole. Knows English, and nothing of other scripts.
"""

from collections.abc import Sequence
from itertools import chain
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from remanence.embed import tensors
from remanence.embed.port import Kind
from remanence.embed.segmentation import token_ids, words
from remanence.errors import EmbedderError

TABLE = Path(__file__).parent / "data" / "static.safetensors"
BLOCK = 2_048
"""Tokens summed at a time: their rows stay in the processor's cache."""
REMEMBERED = 50_000
"""Chunks whose tokens are kept; about 10 MB when full."""
LONGEST = 48
"""Characters: a longer chunk is an address or unspaced script, and is not kept."""


class _PieceChunks(dict[str, tuple[int, ...]]):
    """Space-delimited chunk -> token ids, filled on a miss, emptied when full.

    Each step is one atomic dict operation, and a value depends on its key alone: threads that race
    compute the same value twice at worst.
    """

    def __init__(self, vocabulary: dict[str, int]) -> None:
        self._vocabulary = vocabulary

    def __missing__(self, chunk: str) -> tuple[int, ...]:
        ids = tuple(chain.from_iterable(token_ids(word, self._vocabulary) for word in words(chunk)))
        if len(chunk) <= LONGEST:
            if len(self) >= REMEMBERED:
                self.clear()
            self[chunk] = ids
        return ids


class StaticEmbedder:
    """Sums the table's rows for the tokens of a text. Thread-safe; deterministic."""

    def __init__(self, path: Path = TABLE) -> None:
        """Map the table at `path`. Raises EmbedderError when it cannot be read."""
        arrays, metadata = tensors.read(path)
        try:
            self.name, self.version = metadata["name"], metadata["version"]
            self.scripts = frozenset(metadata.get("scripts", "latin").split())
            self.centre: NDArray[np.float32] | None = arrays["centre"]
            self._rows: NDArray[np.int8] = arrays["rows"]
            self._scale: NDArray[np.float32] = arrays["scale"]
            tokens = arrays["tokens"].tobytes().decode().split("\n")
        except KeyError as error:
            raise EmbedderError(
                f"{str(path)!r} has no {error}: it is no table of word vectors; reinstall remanence"
            ) from error
        self.dim = self._rows.shape[1]
        # Id 0 is a row of zeros that opens every text: a text without tokens still has a segment.
        self._chunks = _PieceChunks({token: i for i, token in enumerate(tokens, start=1)})

    def embed(self, texts: Sequence[str], kind: Kind) -> NDArray[np.float32]:  # noqa: ARG002
        """One row a text, shape (len(texts), dim), L2-normalised;

        zero for text without a known token.
        """
        sums = np.empty((len(texts), self.dim), np.float32)
        ids: list[int] = []
        starts: list[int] = []
        first = 0
        lookup = self._chunks.__getitem__
        for i, text in enumerate(texts):
            starts.append(len(ids))
            ids.append(0)
            ids.extend(chain.from_iterable(map(lookup, text.split())))
            if len(ids) >= BLOCK:
                sums[first : i + 1] = self._sum(ids, starts)
                first, ids, starts = i + 1, [], []
        if ids:
            sums[first:] = self._sum(ids, starts)
        sums *= self._scale
        norms = np.sqrt(np.einsum("ij,ij->i", sums, sums))[:, None]
        np.divide(sums, norms, out=sums, where=norms > 0)
        return sums

    def _sum(self, ids: list[int], starts: list[int]) -> NDArray[np.int32]:
        # A sum of integers is exact, so it does not depend on where the blocks were cut.
        gathered = self._rows.take(np.array(ids), axis=0)
        return np.add.reduceat(gathered, np.array(starts), axis=0, dtype=np.int32)
