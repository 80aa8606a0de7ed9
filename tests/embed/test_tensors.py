"""The safetensors reader and writer."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from remanence.embed import tensors

ARRAYS: dict[str, NDArray[Any]] = {
    "bytes": np.arange(7, dtype=np.uint8),
    "rows": np.arange(-6, 6, dtype=np.int8).reshape(4, 3),
    "scale": np.linspace(0, 1, 3, dtype=np.float32),
    "halves": np.ones((0, 2), np.float16),
}


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / "t.safetensors"
    tensors.write(path, ARRAYS, {"name": "x"})
    read, metadata = tensors.read(path)
    assert metadata == {"name": "x"} and read.keys() == ARRAYS.keys()
    for name, array in ARRAYS.items():
        assert read[name].dtype == array.dtype and np.array_equal(read[name], array)
        assert read[name].flags.aligned


def test_what_is_read_cannot_be_written_into(tmp_path: Path) -> None:
    path = tmp_path / "t.safetensors"
    tensors.write(path, ARRAYS, {})
    read, _ = tensors.read(path)
    with pytest.raises(ValueError, match="read-only"):
        read["rows"][0] = 1


def test_the_official_reader_reads_what_is_written(tmp_path: Path) -> None:
    official = pytest.importorskip("safetensors.numpy")
    path = tmp_path / "t.safetensors"
    tensors.write(path, ARRAYS, {"name": "x"})
    read = official.load_file(path)
    assert all(np.array_equal(read[name], array) for name, array in ARRAYS.items())
