"""Cutting a text into the tokens of the static table: claims by script, and naive twins."""

import random

import pytest

from remanence.embed.segmentation import (
    LONGEST_MATCH,
    folded,
    longest_matches,
    pieces,
    stem,
    token_ids,
    words,
)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Zoë's CAFÉ-bar, 3pm 你好😊ＡＢ!", ["zoe", "s", "cafe", "bar", "3pm", "你好", "ab"]),
        ("Привет, мир", ["привет", "мир"]),
        ("我對花生過敏。", ["我对花生过敏"]),
        ("東京タワーへ行った", ["东京タワーへ行った"]),
        ("제 이름은 민수예요.", ["제", "이름은", "민수예요"]),
        ("مُحَمَّد في البيت", ["محمد", "في", "البيت"]),
        ("नमस्ते, दुनिया!", ["नमस्ते", "दुनिया"]),
        ("Ελλάδα", ["ελλαδα"]),
        ("ฉัน ამინდი 🙂", []),
    ],
)
def test_words_of_each_script(text: str, found: list[str]) -> None:
    assert words(text) == found


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Straße", "straße"),
        ("Ёлка и йод", "елка и йод"),
        ("ガギグ", "ガギグ"),
        ("한국어", "한국어"),
        ("أحمد وإيمان", "احمد وايمان"),
        ("ＡＢ１２", "ab12"),
    ],
)
def test_folding_keeps_letters_and_drops_accents(text: str, plain: str) -> None:
    assert folded(text) == plain


@pytest.mark.parametrize(
    ("first", "second"), [("книга", "книгами"), ("كتاب", "الكتاب"), ("लड़का", "लड़के")]
)
def test_forms_of_a_word_share_a_stem(first: str, second: str) -> None:
    assert stem(folded(first)) == stem(folded(second))


def test_a_spaced_word_is_looked_up_as_written_then_by_its_stem() -> None:
    vocabulary = {"книг": 1, "книга": 2}
    assert list(token_ids("книга", vocabulary)) == [2]
    assert list(token_ids("книгами", vocabulary)) == [1]
    assert list(token_ids("стол", vocabulary)) == []


def test_an_unspaced_run_is_cut_into_its_longest_entries() -> None:
    vocabulary = {"花生": 1, "花": 2, "过敏": 3, "我": 4}
    assert list(token_ids("我对花生过敏", vocabulary)) == [4, 1, 3]


def test_pieces_are_nothing_when_a_part_is_unknown() -> None:
    vocabulary = {"re": 1, "##enter": 2}
    assert pieces("reenter", vocabulary) == (1, 2)
    assert pieces("reentry", vocabulary) == ()


def test_longest_matches_agree_with_a_naive_twin() -> None:
    source = random.Random(3)
    letters = "天地人山水"
    vocabulary = {
        "".join(source.choices(letters, k=source.randint(1, LONGEST_MATCH))): i
        for i in range(1, 300)
    }

    def naive(run: str) -> list[int]:
        if not run:
            return []
        heads = [word for word in vocabulary if run.startswith(word)]
        if not heads:
            return naive(run[1:])
        longest = max(heads, key=len)
        return [vocabulary[longest], *naive(run[len(longest) :])]

    for _ in range(300):
        run = "".join(source.choices(letters + "火", k=source.randrange(30)))
        assert longest_matches(run, vocabulary) == naive(run)
