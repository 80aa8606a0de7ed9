"""Specs: what is accepted, and what the refusals say."""

from importlib.util import find_spec

import pytest

from remanence.embed import LOADERS, load
from remanence.errors import ConfigError, EmbedderError


def test_the_default_is_the_static_table() -> None:
    assert load().name == load("static").name == "static"


def test_a_hash_spec_carries_its_dimension() -> None:
    assert load("hash:37").dim == 37


@pytest.mark.parametrize("spec", ["", "bogus", "STATIC", "bogus:1", " static"])
def test_an_unknown_spec_is_refused_with_the_known_ones(spec: str) -> None:
    with pytest.raises(ConfigError) as refusal:
        load(spec)
    assert repr(spec) in str(refusal.value)
    assert all(scheme in str(refusal.value) for scheme in LOADERS)


@pytest.mark.parametrize(
    "spec",
    [
        *["hash", "hash:", "hash:x", "hash:0", "hash:-1", "hash:²", "static:x", "minilm:x", "st:"],
        *["http:", "http://host/v1", "http://host/v1#", "https:host#model", "http:#model"],
    ],
)
def test_a_spec_with_a_wrong_argument_says_how_to_write_it(spec: str) -> None:
    with pytest.raises(ConfigError, match=r"use|for example"):
        load(spec)


@pytest.mark.skipif(find_spec("sentence_transformers") is not None, reason="the extra is installed")
@pytest.mark.parametrize(("spec", "extra"), [("st:any", "st"), ("minilm", "minilm")])
def test_a_missing_extra_is_named(spec: str, extra: str) -> None:
    with pytest.raises(ConfigError, match=rf'pip install "remanence\[{extra}\]"'):
        load(spec)


@pytest.mark.skipif(find_spec("sentence_transformers") is None, reason="needs remanence[st]")
def test_a_model_that_is_not_there_is_named(tmp_path: object) -> None:
    with pytest.raises(EmbedderError, match="nowhere"):
        load(f"st:{tmp_path}/nowhere")
