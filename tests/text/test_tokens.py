"""Token counts: an estimate that errs on the high side."""

import random

import pytest

from remanence.text.tokens import count, pieces


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        # Counted with the o200k vocabulary.
        ("The quick brown fox jumps over the lazy dog.", 10),
        ("I moved to Chengdu in March and started a new job at the university.", 16),
        ("Internationalization is uncharacteristically complicated.", 8),
        ("def remember(self, text: str) -> list[Episode]:\n    return self.log.append(text)\n", 20),
        ("我三月搬到了成都", 6),
    ],
)
def test_the_estimate_is_from_above(text, tokens):
    assert tokens <= count(text) <= 1.5 * tokens + 3


def test_chinese_costs_a_token_a_character():
    assert count("我三月搬到了成都") == 8


def test_parts_cost_at_least_the_whole():
    left, right = "A first sentence. ", "然后是第二句。"
    assert count(left + right) <= count(left) + count(right)


def test_nothing_costs_nothing():
    assert count("") == 0
    assert count("   ") == 0


STRANGE = (
    "abZ019 \n\t\r.,'我们。\u3000\u00a0\u0661\u0662\U0001d7ce\U0001f600\uffff\ufffe\x1c\x85\ud800é"
)


def test_a_text_counted_as_a_whole_costs_what_its_pieces_cost():
    chance = random.Random(1)
    for alphabet in ("ab", "a1", "a \n", "我a 。", STRANGE):
        for length in (*range(20), 50, 300):
            for _ in range(40):
                text = "".join(chance.choices(alphabet, k=length))
                assert count(text) == pieces(text), repr(text)


@pytest.mark.parametrize("blank", [" ", "\t", "\u3000", "\n", " \n"])
def test_a_long_run_of_blanks_is_read_once(blank):
    """Read anew from each of its characters, this one would take hours."""
    text = "\u3000a" + blank * 400_000 + "b"
    assert count(text) == pieces(text) == 2 + ("\n" in blank)
