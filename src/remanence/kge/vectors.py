"""Learnt vectors as text or numbers for other programs: each form yields bytes from names and a
table (n, width).
"""

import io
import json
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from remanence.kge.embedding import KnowledgeEmbedding

Form = Callable[[Sequence[str], NDArray[Any]], Iterator[bytes]]


def relations(model: "KnowledgeEmbedding") -> list[str]:
    """A name for each row of the table of relations; those of inverse relations end in "^-1"."""
    names = list(model.graph.relations)
    return names + [f"{name}^-1" for name in names] if model.recipe.reciprocal else names


def tsv(names: Sequence[str], table: NDArray[Any]) -> Iterator[bytes]:
    """Rows of name TAB number TAB number ..., one a line; white space within a name becomes one
    space.
    """
    for name, row in zip(names, table.tolist(), strict=True):
        numbers = "\t".join(f"{number:.7g}" for number in row)
        yield f"{' '.join(name.split())}\t{numbers}\n".encode()


def jsonl(names: Sequence[str], table: NDArray[Any]) -> Iterator[bytes]:
    """{"name": ..., "vector": [...]}, a row a line."""
    for name, row in zip(names, table.tolist(), strict=True):
        yield (json.dumps({"name": name, "vector": row}, ensure_ascii=False) + "\n").encode()


def npz(names: Sequence[str], table: NDArray[Any]) -> Iterator[bytes]:
    """One archive of numpy's with `names` (n,) and `vectors` (n, width)."""
    buffer = io.BytesIO()
    np.savez(buffer, names=np.array(names, np.str_), vectors=table)
    yield buffer.getvalue()


FORMS: Final[dict[str, Form]] = {"tsv": tsv, "jsonl": jsonl, "npz": npz}
