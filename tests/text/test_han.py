"""Folding of traditional characters: what changes, what stays, and that lengths are kept."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remanence.text.han import simplified


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("我住在臺北", "我住在台北"),
        ("她養了一隻貓，叫豆漿", "她养了一只猫，叫豆浆"),
        ("我對蝦過敏", "我对虾过敏"),
        ("會說廣東話和日語", "会说广东话和日语"),
        ("妳在哪裡上班", "你在哪里上班"),
        ("我住在成都", "我住在成都"),
        ("I live in Graz.", "I live in Graz."),
    ],
)
def test_traditional_characters_are_folded_and_others_stay(written, folded):
    assert simplified(written) == folded


@given(st.text())
def test_a_folded_text_is_as_long_as_it_was_and_folds_to_itself(text):
    folded = simplified(text)
    assert len(folded) == len(text)
    assert simplified(folded) == folded
