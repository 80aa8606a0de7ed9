"""Telling formats apart."""

import io
import json

import pytest

import remanence
from remanence.integrations import formats

LONG = "a long text " * 10_000


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("", "jsonl"),
        (" \n\n", "jsonl"),
        ('{"text": "tea"}\n{"text": "茶"}', "jsonl"),
        ('\ufeff\n{"text": "tea"}', "jsonl"),
        ('{"id": "memory", "text": "tea", "metadata": {"memory": 1, "type": "entity"}}', "jsonl"),
        (json.dumps({"namespace": "wei", "text": LONG}), "jsonl"),
        ("[]", "mem0"),
        ('[\n{"text": "tea"}]', "mem0"),
        ('{"results": []}', "mem0"),
        ('{\n  "count": 1,\n  "results": [\n', "mem0"),
        (json.dumps({"id": "1", "memory": LONG}), "mem0"),
        ('{"type": "entity", "name": "Wei"}', "mcp"),
        (json.dumps({"type": "entity", "name": "Wei", "observations": [LONG]}), "mcp"),
    ],
)
def test_a_format_is_told_by_its_beginning(content, expected):
    assert formats.detect(content.encode()[: formats.LOOK]) == expected


@pytest.mark.parametrize("content", [b"hello", b'{"name": "Wei"}', b"\x00\x01", b"{", b"\xff\xfe{"])
def test_what_tells_no_format_is_refused(content):
    with pytest.raises(remanence.InvalidInput, match="give --format"):
        formats.detect(content)


def test_an_unknown_format_is_refused():
    with (
        remanence.open(":memory:", embedder="hash:8") as memory,
        pytest.raises(remanence.ConfigError, match="'xml' is not known"),
    ):
        formats.load(memory, io.BytesIO(b""), format="xml")


def test_progress_tells_the_bytes_read():
    data = b'{"text": "tea"}\n' * 10
    told = []
    with remanence.open(":memory:", embedder="hash:8") as memory:
        formats.load(memory, io.BytesIO(data), progress=told.append)
    assert told[-1] == len(data)
