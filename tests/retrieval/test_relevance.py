"""Relevance says how likely a recollection bears on a query, over queries and sizes of stores."""

import numpy as np
import pytest

import remanence
from remanence.retrieval import relevance

DIARY = [
    ("Wei", "I moved to Chengdu in March."),
    ("Wei", "My dentist is Dr. Farrow on Mill Lane."),
    ("Wei", "The rent is 940 euros a month."),
    ("Wei", "Our cat Biscuit hates the vacuum cleaner."),
    ("Lin", "我对花生过敏。"),
    ("Lin", "我妹妹在青岛上大学。"),
    ("Lin", "周四下午三点开会。"),
]
FILLER = "The {0} stood near the {1} while people spoke of {2} and went home."
NOUNS = [
    "bridge",
    "harbour",
    "market",
    "orchard",
    "station",
    "kitchen",
    "garden",
    "tower",
    "meadow",
    "library",
    "river",
    "cellar",
]


@pytest.fixture(params=[0, 60, 600])
def memory(request):
    """The diary alone, and among other things that were said."""
    with remanence.open(":memory:") as opened:
        others = [
            FILLER.format(NOUNS[n % 12], NOUNS[n // 12 % 12], NOUNS[(n * 7 + 3) % 12])
            for n in range(request.param)
        ]
        opened.remember([remanence.Turn(text, speaker="Bo") for text in others])
        opened.remember([remanence.Turn(text, speaker=who) for who, text in DIARY])
        yield opened


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("who is my dentist", "Farrow"),
        ("how much is the rent", "940"),
        ("what is our cat called", "Biscuit"),
        ("我对什么过敏", "花生"),
        ("妹妹在哪上大学", "青岛"),
        ("几点开会", "三点"),
    ],
)
def test_what_answers_is_more_relevant_than_anything_is_to_another_question(
    memory, question, answer
):
    best = memory.recall(question)[0]
    assert answer in best.text
    for other in ("what is my passport number", "who is the accountant", "我的血型", "船停在哪"):
        assert memory.recall(other).relevance < best.relevance


@pytest.mark.parametrize("text", ["thanks!", "lol", "what's 3 times 4", "谢谢", "好的", "👍"])
def test_small_talk_brings_nothing_into_a_context(memory, text):
    assert memory.recall(text).relevance == 0
    assert memory.context(text).recollections == ()
    assert not memory.recall(text).answerable


def test_a_minimum_leaves_out_what_is_less_relevant(memory):
    every = memory.recall("who is my dentist", k=20)
    least = every[0].relevance
    kept = memory.recall("who is my dentist", k=20, min_relevance=least)
    assert len(kept) < len(every) and all(item.relevance >= least for item in kept)


@pytest.mark.parametrize("value", [-0.1, 1.5, "much", True])
def test_a_minimum_that_is_no_share_is_refused(memory, value):
    with pytest.raises(remanence.InvalidInput, match="from 0 to 1"):
        memory.recall("tea", min_relevance=value)


def test_similarity_is_the_cosine_of_the_vectors(memory):
    query, text = "who is my dentist", "My dentist is Dr. Farrow on Mill Lane."
    found = {item.text: item for item in memory.recall(query, k=20)}
    one, other = memory.embedder.embed([query, text], "query")
    assert found[text].similarity == pytest.approx(max(float(one @ other), 0), abs=0.02)


def test_there_is_one_coefficient_for_each_feature():
    assert len(relevance.DEFAULT.values) == len(relevance.FEATURES)
    assert len(set(relevance.FEATURES)) == len(relevance.FEATURES)


def test_relevance_lies_between_nothing_and_certainty(memory):
    for question in ("dentist", "rent cat dentist", "花生", "zzz"):
        values = np.array([item.relevance for item in memory.recall(question, k=20)])
        assert ((values >= 0) & (values <= 1)).all()


def test_a_turn_that_asks_answers_less_likely_than_one_that_tells():
    with remanence.open(":memory:") as memory:
        memory.remember("what is a good name for a boat", speaker="Ida", id="asks")
        memory.remember("the name of the good boat is Juno", speaker="Ida", id="tells")
        found = {one.id: one.relevance for one in memory.recall("what is the name of the boat")}
    assert found["tells"] > found["asks"]
