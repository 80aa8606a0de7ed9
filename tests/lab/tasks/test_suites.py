"""The grammars keep their word:

what is asked was said, held-out pairs stay out of training, and tokens give the text back.
"""

import random
from itertools import pairwise

import numpy as np
import pytest
import torch

from remanence.errors import ConfigError, InvalidInput
from remanence.lab.tasks import generation
from remanence.lab.tasks.generation import END, UNKNOWN, Generation, joined, survey, write
from remanence.lab.tasks.suites import HARDEST, SUITES, held_out
from remanence.lab.tasks.task import UNASKED

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
    task = Generation(name, pairs=0)
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


@EVERY
def test_no_wanted_text_of_the_test_is_one_of_training(name):
    for level in range(1, HARDEST + 1):
        trained = {each.target for each in samples(name, level, test=False, count=300)}
        assert not trained & {each.target for each in samples(name, HARDEST, test=True, count=300)}


def test_the_first_level_says_pairs_of_words_and_wants_the_second_of_each():
    task = Generation("story", pairs=3)
    assert task.levels == Generation("story", pairs=0).levels + 1
    said, asked = task.episode(np.random.default_rng(0), 5, 1)
    assert said.tokens.shape == (5, 6) and said.asked == 0
    assert asked.tokens.shape == (5, 3) and asked.asked == 15
    for row in range(5):
        words = said.tokens[row].tolist()
        assert len(set(words)) == 6 and min(words) > UNKNOWN
        told = dict(zip(words[::2], words[1::2], strict=True))
        assert [told[key] for key in asked.tokens[row].tolist()] == asked.labels[row].tolist()
    again = task.episode(np.random.default_rng(0), 5, 1)
    assert torch.equal(said.tokens, again[0].tokens)


def test_the_levels_after_it_are_those_of_the_grammar():
    """The same random numbers make the same samples, one level up."""
    with_pairs, without = Generation("code"), Generation("code", pairs=0)
    for level in range(1, without.levels + 1):
        up, own = (
            task.batch(np.random.default_rng(3), 4, at, test=False).samples
            for task, at in ((with_pairs, level + 1), (without, level))
        )
        assert up == own


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
    made = Generation("code", pairs=0).batch(np.random.default_rng(0), 3, 4, test=False)
    whole = joined([*made.said, made.last])
    for row in range(3):
        parts = [each.tokens[row][generation.real(each)[row]] for each in (*made.said, made.last)]
        assert torch.equal(whole.tokens[row][whole.mask[row]], torch.cat(parts))


@pytest.mark.parametrize("whole", [False, True])
def test_writing_follows_the_likeliest_token_until_the_end(whole):
    """A model that knows the wanted text by heart writes it, prompts of odd lengths and all;

    a state is handed on from segment to segment.
    """
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


def test_a_memory_that_was_reset_has_read_nothing():
    batch = Generation("story").batch(np.random.default_rng(1), 3, 6, test=True)
    words = survey("story").vocabulary
    states = []

    def says(segment, state):
        states.append(state)
        logits = torch.zeros(*segment.tokens.shape, len(words.words))
        logits[..., END] = 1
        return logits, (state or 0) + 1

    assert write(says, batch, words, forgets=True) == [""] * 3
    assert states == [None]
    states.clear()
    write(says, batch, words)
    assert states[-1] == len(batch.said)


def test_what_is_written_is_scored():
    task = Generation("translation")
    words = survey("translation").vocabulary

    def says(segment, state):
        logits = torch.zeros(*segment.tokens.shape, len(words.words))
        logits[..., words.encode("。")[0]] = 1
        return logits, None

    done = generation.measure(says, task, rows=4)
    assert done == generation.measure(says, task, rows=4)
    assert [found for found, _ in done.pairs] == ["。" * generation.LONGEST] * 4
    assert all(wanted.endswith("。") for _, wanted in done.pairs)
    assert done.scores.count == 4 and done.scores.exact == done.scores.rouge_l == 0


def test_a_suite_or_level_that_there_is_not_is_refused():
    with pytest.raises(ConfigError, match="none of persona"):
        Generation("poem")
    with pytest.raises(ConfigError, match="pairs=40 is not from 0 to"):
        Generation("code", pairs=40)
    with pytest.raises(InvalidInput, match="from 0 to 4"):
        SUITES["code"].sample(random.Random(0), 5, test=False)
