"""Needles in a haystack: they answer the questions, and a stream of a million tokens is made as it is read."""

from itertools import islice

import numpy as np
import pytest

from remanence.errors import ConfigError
from remanence.neural.tasks.haystack import Haystack

TASK = Haystack()


def random(seed=0):
    return np.random.default_rng(seed)


def test_every_level_has_episodes_within_its_vocabulary_and_length():
    for level in range(1, TASK.levels + 1):
        for seed in range(5):
            episode = TASK.episode(random(seed), 3, level)
            assert sum(each.asked for each in episode)
            assert sum(each.tokens.shape[1] for each in episode) <= TASK.whole
            for each in episode:
                assert each.tokens.shape == each.labels.shape and len(each.tokens) == 3
                assert each.tokens.shape[1] <= TASK.length
                assert each.tokens.min() >= 0 and each.tokens.max() < TASK.vocabulary


def test_needles_do_not_touch_one_another_and_answer_the_questions():
    task = Haystack(needles=5, length=10)
    first, *_, question = task.stream(random(), 50, gap=2)
    for row in range(50):
        words = first.tokens[row].tolist()
        pairs = {w: words[n + 1] for n, w in enumerate(words) if w < task.ways}
        assert len(pairs) == 5
        asked = question.tokens[row, 1:].tolist()
        assert [pairs[key] for key in asked] == question.labels[row, 1:].tolist()


def test_a_stream_of_a_million_tokens_is_made_as_it_is_read():
    check = Haystack().checks()["1,000,000 tokens"]
    segments = list(islice(check.stream(random(), check.rows), 20))
    assert sum(each.asked for each in segments) == 0
    assert all(each.tokens.shape == (check.rows, 64) for each in segments)


def test_needles_that_do_not_fit_are_refused():
    with pytest.raises(ConfigError, match="length=15"):
        Haystack(needles=8, length=15)
