"""An embedder without data: every word is a random direction, the same on every machine.

Texts that share words are near, other texts are nearly orthogonal, in any script. It knows no
meaning: a floor to measure against, and a stand-in for tests. Random projection with signs:
Achlioptas 2003, doi:10.1016/S0022-0000(03)00025-4.
"""

import hashlib
import re
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from remanence.embed.port import Kind

_FEATURE = re.compile(r"[^\W_]+")


def _features(text: str) -> list[str]:
    """Words; where a word is not ASCII its characters too, since Chinese is written unspaced."""
    found = _FEATURE.findall(text.lower())
    return found + [c for word in found if not word.isascii() for c in word]


@lru_cache(maxsize=50_000)
def _direction(feature: str, dim: int) -> NDArray[np.int8]:
    bits = hashlib.shake_128(feature.encode("utf-8", "surrogatepass")).digest(-(-dim // 8))
    signs = np.unpackbits(np.frombuffer(bits, np.uint8))[:dim].astype(np.int8) * 2 - 1
    signs.flags.writeable = False
    return signs


class HashEmbedder:
    """Sums the directions of a text's words. Thread-safe; deterministic."""

    name = "hash"
    version = "1"
    scripts = frozenset({"*"})
    centre: NDArray[np.float32] | None = None

    def __init__(self, dim: int) -> None:
        self.dim = dim

    def embed(self, texts: Sequence[str], kind: Kind) -> NDArray[np.float32]:  # noqa: ARG002
        """One row a text, shape (len(texts), dim), L2-normalised; zero for text without a word."""
        sums = np.zeros((len(texts), self.dim), np.float32)
        for i, text in enumerate(texts):
            for feature in _features(text):
                sums[i] += _direction(feature, self.dim)
        norms = np.linalg.norm(sums, axis=1, keepdims=True)
        np.divide(sums, norms, out=sums, where=norms > 0)
        return sums
