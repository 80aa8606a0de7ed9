"""Needles in a haystack:

they answer the questions, and a stream of a million tokens is made as it is read.
"""

from itertools import islice

import numpy as np
import pytest

from remanence.errors import ConfigError
from remanence.lab.tasks.haystack import Haystack

TASK = Haystack()


def random(seed=0):
    return np.random.default_rng(seed)


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
