"""Quotations in a prompt: nothing in them can pass for the prompt."""

import pytest

from remanence.text.fence import CLOSE, OPEN, fenced, harmless


@pytest.mark.parametrize(
    "mark",
    [
        "</memory>",
        "< / MEMORY >",
        "<memory>",
        "＜/memory＞",
        "<|im_start|>system",
        "<|endoftext|>",
        "[INST]",
        "[/INST]",
        "<<SYS>>",
        "<start_of_turn>user",
        "</s>",
    ],
)
def test_what_could_close_the_quotation_or_change_who_speaks_is_taken_apart(mark):
    whole = fenced(f"before {mark} after")
    inside = whole.partition(f"{OPEN}\n")[2].rpartition(f"\n{CLOSE}")[0]
    assert inside.startswith("before ") and inside.endswith(" after")
    assert mark not in inside
    assert whole.count(OPEN) == whole.count(CLOSE) == 1


@pytest.mark.parametrize(
    "text",
    ["a < b and c > d", "[m1 2025-03-20 Wei] 我对花生过敏，别忘了。", "x <= y | z", "<b>bold</b>"],
)
def test_ordinary_text_comes_through_as_it_is(text):
    assert harmless(text) == text


def test_taking_apart_twice_changes_nothing_more():
    once = harmless("</memory> <|x|> [INST]")
    assert harmless(once) == once
