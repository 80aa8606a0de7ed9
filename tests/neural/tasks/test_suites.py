"""The grammars keep their word: what is asked was said, held-out pairs stay out of training, and tokens give the text back."""

import random
from itertools import pairwise

import numpy as np
import pytest
import torch

from remanence.errors import ConfigError, InvalidInput
from remanence.neural.tasks import generation
from remanence.neural.tasks.generation import END, UNKNOWN, Generation, joined, survey, write
from remanence.neural.tasks.port import UNASKED
from remanence.neural.tasks.suites import HARDEST, SUITES, held_out

torch.set_num_threads(1)
EVERY = pytest.mark.parametrize("name", SUITES)


def samples(name, level, test, count=60):
    source = random.Random(5)
    return [SUITES[name].sample(source, level, test=test) for _ in range(count)]


@EVERY
def test_every_value_of_the_wanted_text_was_said_or_asked(name):
    for level in range(SUITES[name].levels):
        for each in samples(name, level, test=False):
            before = generation.cut(" ".join((*each.said, each.prompt)))
            assert set(each.values) <= set(before)
            assert set(each.values) <= set(generation.cut(each.target))


@EVERY
def test_the_prompt_alone_leaves_the_values_open(name):
    told = [v for each in samples(name, HARDEST, test=True) for v in each.values]
    asked = [
        v for each in samples(name, HARDEST, test=True) for v in each.values if v in each.prompt
    ]
    assert len(asked) <= len(told) / 3


@EVERY
def test_no_pair_of_neighbours_that_is_held_out_is_in_training(name):
    def out(each):
        return {pair for pair in pairwise(each.values) if held_out(name, pair)}

    assert not any(out(each) for each in samples(name, HARDEST, test=False, count=300))
    assert all(out(each) for each in samples(name, HARDEST, test=True))


@EVERY
def test_the_same_seed_makes_the_same_samples(name):
    assert samples(name, 2, test=True, count=5) == samples(name, 2, test=True, count=5)


@EVERY
def test_tokens_give_the_text_back_and_none_is_unknown(name):
    words = survey(name).vocabulary
    for each in samples(name, HARDEST, test=True):
        assert words.decode(words.encode(each.target)) == each.target
        assert UNKNOWN not in words.encode(" ".join((*each.said, each.prompt, each.target)))


@EVERY
def test_labels_are_the_wanted_text_and_its_end(name):
    task = Generation(name)
    for level in range(1, task.levels + 1):
        made = task.batch(np.random.default_rng(0), 6, level, test=False)
        assert all((each.labels == UNASKED).all() for each in made.said)
        for row, each in enumerate(made.samples):
            labels = made.last.labels[row]
            wanted = [*survey(name).vocabulary.encode(each.target), END]
            assert labels[labels != UNASKED].tolist() == wanted
            at = int((labels != UNASKED).nonzero()[0])
            assert made.last.tokens[row, at + 1 : at + 1 + len(wanted)].tolist() == wanted
            assert made.last.tokens[row].shape[0] <= task.length
        assert joined([*made.said, made.last]).tokens.shape[1] <= task.whole


def test_corrections_count():
    """On the hardest level a value is told anew, and the newest is wanted."""
    moved = [
        each for each in samples("persona", HARDEST, test=False) if "no ," in " ".join(each.said)
    ]
    assert len(moved) == 60
    for each in moved:
        text = " ".join(each.said)
        assert text.count("my home is") == 2
        assert text.split("no , my home is ")[1].split()[0] == each.values[1]


def test_joined_segments_have_their_padding_at_the_end():
    made = Generation("code").batch(np.random.default_rng(0), 3, 4, test=False)
    whole = joined([*made.said, made.last])
    for row in range(3):
        parts = [each.tokens[row][generation.real(each)[row]] for each in (*made.said, made.last)]
        assert torch.equal(whole.tokens[row][whole.mask[row]], torch.cat(parts))


@pytest.mark.parametrize("whole", [False, True])
def test_writing_follows_the_likeliest_token_until_the_end(whole):
    """A model that knows the wanted text by heart writes it, prompts of odd lengths and all; a state is handed on from segment to segment."""
    task = Generation("code")
    batch = task.batch(np.random.default_rng(1), 5, task.levels, test=True)
    words = survey("code").vocabulary
    wanted = [[*words.encode(each.target), END] for each in batch.samples]
    prompt = joined([*batch.said, batch.prompt]) if whole else batch.prompt
    lengths = generation.real(prompt).sum(1)

    def says(segment, state):
        if (
            segment.tokens.shape == batch.said[0].tokens.shape
            and not whole
            and (state or 0) < len(batch.said)
        ):
            return None, (state or 0) + 1
        assert whole or state == len(batch.said)
        logits = torch.zeros(*segment.tokens.shape, len(words.words))
        for row, text in enumerate(wanted):
            for at, token in enumerate(text):
                if lengths[row] - 1 + at < segment.tokens.shape[1]:
                    logits[row, lengths[row] - 1 + at, token] = 1
        return logits, state

    if not whole:
        shapes = iter(batch.said)

        def counted(segment, state):
            if next(shapes, None) is not None:
                return None, (state or 0) + 1
            return says(segment, state)

        assert write(counted, batch, words) == [each.target for each in batch.samples]
    else:
        assert write(says, batch, words, whole=True) == [each.target for each in batch.samples]


def test_a_suite_or_level_that_there_is_not_is_refused():
    with pytest.raises(ConfigError, match="none of persona"):
        Generation("poem")
    with pytest.raises(InvalidInput, match="from 0 to 4"):
        SUITES["code"].sample(random.Random(0), 5, test=False)
