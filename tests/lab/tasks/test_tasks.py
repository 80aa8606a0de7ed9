"""Tasks: answers follow from what was said and from nothing else, and the same seed asks the same."""

import numpy as np
import pytest
import torch

from remanence.errors import ConfigError, InvalidInput
from remanence.lab.tasks import TASKS, UNASKED, choose, cut
from remanence.lab.tasks.recall import Recall
from remanence.lab.tasks.task import rungs

# What documents say takes reading a library; they have tests of their own.
MINE = {name: task for name, task in TASKS.items() if name != "documents"}
MINE["odd"] = Recall(pairs=5, ways=7, overwrites=3, segments=3)


def random(seed=0):
    return np.random.default_rng(seed)


def real(segment):
    """(B,): tokens that are no padding."""
    mask = segment.mask
    return (torch.ones_like(segment.tokens) if mask is None else mask).sum(1)


@pytest.mark.parametrize("name", MINE)
def test_every_level_has_episodes_within_its_vocabulary_and_length(name):
    task = MINE[name]
    for level in range(1, task.levels + 1):
        for seed in range(5):
            episode = task.episode(random(seed), 3, level)
            assert sum(each.asked for each in episode)
            assert int(sum(real(each) for each in episode).max()) <= task.whole
            for each in episode:
                assert each.tokens.shape == each.labels.shape and len(each.tokens) == 3
                assert each.tokens.shape[1] <= task.length
                assert each.tokens.min() >= 0 and each.tokens.max() < task.vocabulary
                said = each.labels[each.labels != UNASKED]
                assert not len(said) or (said.min() >= 0 and said.max() < task.vocabulary)


@pytest.mark.parametrize("name", MINE)
def test_the_same_seed_gives_the_same_episode_and_another_another(name):
    task = MINE[name]
    one, two, other = (
        torch.cat([s.tokens.flatten() for s in task.episode(random(seed), 4, task.levels)])
        for seed in (1, 1, 2)
    )
    assert torch.equal(one, two)
    assert one.shape != other.shape or not torch.equal(one, other)


@pytest.mark.parametrize("gap", [0, 3])
@pytest.mark.parametrize("name", ["recall", "overwrite", "odd"])
def test_the_newest_value_of_a_key_is_its_answer(name, gap):
    task = MINE[name]
    segments = list(task.stream(random(), 6, gap=gap))
    say, ask = task.vocabulary - 2, task.vocabulary - 1
    for row in range(6):
        held, writes, questions = {}, 0, 0
        for each in segments:
            words = each.tokens[row].tolist()
            if words[0] == say:
                for key, value in zip(words[1::2], words[2::2], strict=True):
                    held[key], writes = value, writes + 1
                assert not each.asked
            elif words[0] == ask:
                for key, answer in zip(words[1:], each.labels[row, 1:].tolist(), strict=True):
                    assert held[key] == answer
                    questions += 1
        assert len(held) == questions == task.pairs
        assert writes == task.pairs + task.overwrites


def test_the_segment_that_asks_never_sees_a_value():
    task = Recall()
    *said, question = task.stream(random(), 8)
    assert question.tokens.min() >= 0 and len(said) == 1
    values = (question.tokens >= task.ways) & (question.tokens < 2 * task.ways)
    assert not values.any()


def test_training_draws_every_number_of_distractor_segments_none_included():
    lengths = {len(Recall(distractors=3).episode(random(seed), 1, 5)) for seed in range(60)}
    assert lengths == {2, 3, 4, 5}


def test_a_batch_is_cut_into_its_segments_without_columns_of_padding():
    tokens = torch.arange(24).reshape(2, 3, 4)
    mask = torch.ones_like(tokens, dtype=torch.bool)
    mask[:, 0, 2:] = False
    mask[0, 1, 3] = False
    one, two, three = cut(tokens, tokens, mask)
    assert one.tokens.tolist() == [[0, 1], [12, 13]] and one.mask is None
    assert two.tokens.shape == (2, 4) and two.mask.tolist()[0] == [True, True, True, False]
    assert three.mask is None
    with pytest.raises(InvalidInput, match=r"\(B, S, T\)"):
        cut(tokens[0], tokens[0])


def test_the_ladder_ends_at_the_task_itself():
    assert [rungs(n) for n in (1, 2, 3, 8, 20)] == [
        (1,),
        (1, 2),
        (1, 2, 3),
        (1, 2, 4, 8),
        (1, 2, 4, 8, 16, 20),
    ]


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Recall(pairs=9, ways=8), "pairs=9"),
        (lambda: Recall(pairs=0), "pairs=0"),
        (lambda: Recall(overwrites=9), "overwrites=9"),
        (lambda: choose("recal"), "recal"),
        (lambda: choose("recall", pears=3), "pears"),
    ],
)
def test_a_task_that_cannot_be_is_refused_with_the_value(make, said):
    with pytest.raises(ConfigError, match=said):
        make()
