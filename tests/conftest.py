"""What tests share: an empty memory, and the reference time that their texts are relative to."""

import pytest

import remanence


@pytest.fixture
def memory(tmp_path):
    """A memory in a file, with the default embedder."""
    with remanence.open(str(tmp_path / "memory.db")) as opened:
        yield opened


@pytest.fixture
def plain(tmp_path):
    """A memory in a file, with the hashing embedder: quick to open."""
    with remanence.open(str(tmp_path / "plain.db"), embedder="hash:64") as opened:
        yield opened
