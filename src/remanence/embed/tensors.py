"""The safetensors format, read by memory map and written, with numpy alone.

A file is: 8 bytes of header length (little-endian), a JSON header naming each tensor's dtype, shape
and byte range, then the bytes (https://github.com/huggingface/safetensors#format). Knows only the
dtypes that the shipped table and what is learnt from a memory's facts use.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from remanence import durable
from remanence.errors import EmbedderError

_DTYPES = {"I8": "<i1", "U8": "<u1", "I32": "<i4", "F16": "<f2", "F32": "<f4"}
_NAMES = {np.dtype(code): name for name, code in _DTYPES.items()}


def read(path: Path) -> tuple[dict[str, NDArray[Any]], dict[str, str]]:
    """The tensors of `path`, as read-only views of the mapped file, and its metadata.

    Raises EmbedderError when the file is absent or is not of this format.
    """
    try:
        return parse(np.memmap(path, np.uint8, mode="r"))
    except (OSError, ValueError, KeyError) as error:
        raise EmbedderError(
            f"cannot read the embedding table {str(path)!r}: {error}; reinstall remanence"
        ) from error


def parse(raw: NDArray[np.uint8]) -> tuple[dict[str, NDArray[Any]], dict[str, str]]:
    """The tensors in the bytes `raw` (n,), as views, and the metadata.

    `ValueError` or `KeyError` for other bytes.
    """
    size = int.from_bytes(raw[:8].tobytes(), "little")
    header = json.loads(raw[8 : 8 + size].tobytes() if len(raw) >= 8 + size else b"")
    metadata = header.pop("__metadata__", {})
    body = np.asarray(raw)[8 + size :]
    tensors = {
        name: body[slice(*entry["data_offsets"])]
        .view(_DTYPES[entry["dtype"]])
        .reshape(entry["shape"])
        for name, entry in header.items()
    }
    return tensors, metadata


def write(path: Path, tensors: Mapping[str, NDArray[Any]], metadata: Mapping[str, str]) -> None:
    """`dump`, to a file: a new one, as the last may be mapped by somebody. Raises `OSError`."""
    durable.write(path, dump(tensors, metadata))


def dump(tensors: Mapping[str, NDArray[Any]], metadata: Mapping[str, str]) -> bytes:
    """`tensors` as bytes of this format, widest numbers first, so that each array is aligned."""
    header: dict[str, Any] = {"__metadata__": dict(metadata)}
    blocks, at = [], 0
    for name, array in sorted(tensors.items(), key=lambda item: -item[1].itemsize):
        block = np.ascontiguousarray(array).tobytes()
        span = [at, at + len(block)]
        header[name] = {"dtype": _NAMES[array.dtype], "shape": array.shape, "data_offsets": span}
        blocks.append(block)
        at += len(block)
    head = json.dumps(header).encode()
    head += b" " * (-(8 + len(head)) % 64)
    return len(head).to_bytes(8, "little") + head + b"".join(blocks)
