"""Text is scored as the libraries do, Chinese included, and what cannot be scored is refused."""

import math

import pytest
import torch

from remanence.errors import InvalidInput
from remanence.lab import scores


def test_the_wanted_text_scores_a_hundred_in_both_languages():
    for text in ("anna lives in lima now .", "安娜现在住在利马，养了一只猫。"):
        found = scores.score([text], [text])
        assert found.bleu == pytest.approx(100)
        assert (found.rouge_l, found.exact, found.count) == (100, 100, 1)


def test_chinese_counts_character_by_character():
    """One of nine characters differs. rouge_score's own tokenizer would find nothing to compare."""
    found, wanted = "我住在成都的南边吗", "我住在成都的北边吗"
    assert scores.rouge_l([found], [wanted]) == pytest.approx(100 * 8 / 9)
    assert 30 < scores.bleu([found], [wanted]) < 80
    assert scores.exact([found], [wanted]) == 0


def test_rouge_l_is_the_f_measure_of_the_longest_common_subsequence():
    # 3 of 4 words found, of 5 wanted: P 3/4, R 3/5.
    assert scores.rouge_l(["a b x c"], ["a b c d e"]) == pytest.approx(100 * 2 / 3)


def test_bleu_of_nothing_in_common_is_next_to_none():
    assert scores.bleu(["one two three four five"], ["six seven eight nine ten"]) < 5


def test_exact_match_does_not_count_white_space():
    assert scores.exact([" a  b ", "c"], ["a b", "d"]) == 50


def test_mixed_text_is_cut_into_words_and_characters():
    assert scores.units("Wei's GPT-2 在 Chengdu 学习") == [
        "wei's",
        "gpt",
        "2",
        "在",
        "chengdu",
        "学",
        "习",
    ]


def test_perplexity_is_that_of_the_definition_and_leaves_out_what_is_ignored():
    generator = torch.Generator().manual_seed(0)
    logits = torch.randn(2, 3, 5, generator=generator)
    targets = torch.tensor([[1, 4, -100], [0, -100, 2]])
    naive = [
        -math.log(torch.softmax(logits[b, t].double(), -1)[targets[b, t]].item())
        for b in range(2)
        for t in range(3)
        if targets[b, t] >= 0
    ]
    assert scores.perplexity(logits, targets) == pytest.approx(math.exp(sum(naive) / len(naive)))
    assert scores.perplexity(torch.zeros(4, 7), torch.tensor([0, 1, 2, 3])) == pytest.approx(7)


@pytest.mark.parametrize("pair", [([], []), (["a"], []), (["a"], ["a", "b"])])
def test_texts_that_do_not_pair_are_refused(pair):
    for measure in (scores.score, scores.bleu, scores.rouge_l, scores.exact):
        with pytest.raises(InvalidInput, match="as many of both"):
            measure(*pair)


def test_perplexity_of_nothing_is_refused():
    with pytest.raises(InvalidInput, match="ignored"):
        scores.perplexity(torch.zeros(2, 3), torch.tensor([-100, -100]))
    with pytest.raises(InvalidInput, match="one row of logits"):
        scores.perplexity(torch.zeros(2, 3), torch.tensor([1]))
