"""Cutting long texts: nothing is lost, and cuts fall where a reader would cut."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from remanence.text.split import PIECE, WHOLE, split

RUN = st.tuples(st.text("ab .!?\n，。！é𠮷\u3000", min_size=1, max_size=12), st.integers(1, 600))
LONG = st.lists(RUN, min_size=1, max_size=12).map(lambda runs: "".join(t * n for t, n in runs))


@given(LONG)
@settings(max_examples=60, deadline=None)
def test_the_pieces_join_to_the_text(text):
    pieces = split(text)
    assert "".join(pieces) == text
    if not text.isspace():
        assert not any(piece.isspace() for piece in pieces)


@pytest.mark.parametrize("size", [1, WHOLE - 1, WHOLE])
def test_a_short_text_stays_whole(size):
    assert split("x" * size) == ["x" * size]


@pytest.mark.parametrize(
    ("unit", "ends"),
    [
        ("A sentence of some length stands here. ", ". "),
        ("这里有一个不太长的句子。", "。"),
        ("word and another ", " "),
        ("A line without a full stop\n", "\n"),
        ("Sentences. In a. Paragraph.\n\n", "\n\n"),
    ],
)
def test_cuts_fall_at_the_best_place(unit, ends):
    pieces = split(unit * (3 * WHOLE // len(unit)))
    assert all(piece.endswith(ends) for piece in pieces)
    assert all(PIECE // 2 <= len(piece) <= 2 * PIECE for piece in pieces)


def test_text_without_any_place_to_cut_is_cut_all_the_same():
    pieces = split("x" * 100_000)
    assert max(map(len, pieces)) <= 2 * PIECE
