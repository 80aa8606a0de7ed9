"""Copy and repeat-copy: what was said is asked for again, as often as was asked."""

import numpy as np
import pytest

from remanence.errors import ConfigError
from remanence.neural.tasks.copying import Copy

TASK = Copy(most=10, repeats=2)


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


@pytest.mark.parametrize(("count", "times"), [(1, 1), (7, 1), (13, 2), (40, 3)])
def test_a_copy_says_what_was_said_as_often_as_was_asked(count, times):
    task = Copy(repeats=3)
    segments = list(task.stream(random(), 2, count=count, times=times, gap=1))
    end, go, stop = task.symbols + 1, task.symbols + 2, task.symbols + 3
    for row in range(2):
        said, answers, read = [], [], []
        for each in segments:
            words = each.tokens[row].tolist()
            if each.asked:
                read += words
                answers += each.labels[row].tolist()
            elif words[0] != task.symbols:
                said += words
        assert said[0] == stop + times and said[-1] == end
        symbols = said[1:-1]
        assert len(symbols) == count
        assert [*read, stop] == [*([go, *symbols] * times), stop]
        assert answers == [*read[1:], stop]


def test_one_symbol_is_refused():
    with pytest.raises(ConfigError, match="symbols=1"):
        Copy(symbols=1)
