from dataclasses import replace

import numpy as np
import pytest

from remanence.retrieval.arm import weighted
from remanence.retrieval.arms import ARMS
from remanence.retrieval.fusion import fuse
from remanence.retrieval.pool import Pool, idf
from remanence.text import words
from remanence.text.query import analyse

TALK = (
    (0, "Hey Mel! Good to see you! How have you been?"),
    (1, "Hey Jo! Busy. I painted a lake sunrise last year, look."),
    (0, "Wow, great colours! What is it that you like most about painting?"),
    (1, "It calms me down after work."),
    (0, "I went to a support group yesterday."),
    (1, "That's cool! I should go too."),
)


def pool_of(query, texts, speakers, **more):
    """All of a conversation as one pool, one session, vectors that know nothing."""
    bags = [words.terms(t) for t in texts]
    n = len(texts)
    tf = np.array([[bag.count(t) for t in query.terms] for bag in bags], np.uint8)
    at = np.arange(n, dtype=np.int32)
    return Pool(
        tf=tf,
        idf=idf(n, (tf > 0).sum(axis=0)),
        length=np.array([len(bag) for bag in bags], np.int32),
        mean_length=float(np.mean([len(bag) for bag in bags])),
        cosine=np.zeros((n, 1 + len(query.parts)), np.float32),
        mean_cosine=np.zeros(1 + len(query.parts), np.float32),
        prev=at - 1,
        next=np.where(at < n - 1, at + 1, -1).astype(np.int32),
        session=np.zeros(n, np.int32),
        speaker=np.array(speakers, np.int32),
        flags=np.array([words.shape(t) for t in texts], np.int32),
        time=np.full(n, np.nan),
        **more,
    )


def talk_pool(query, named=()):
    return pool_of(query, [text for _, text in TALK], [who for who, _ in TALK], named=named)


def test_contributions_add_up_to_the_score():
    query = analyse("When did Mel paint a sunrise?", ["Jo", "Melanie"], (0.0, 1.0))
    scores, contributions = fuse(query, talk_pool(query, (1,)))
    np.testing.assert_allclose(sum(contributions.values()), scores, rtol=1e-5)
    assert list(contributions) == [arm.name for arm in ARMS]


@pytest.mark.parametrize(
    ("question", "best"),
    [
        ("When did Mel paint a sunrise?", 1),
        ("What does Mel like most about painting?", 3),
        ("When did Jo go to a support group?", 4),
    ],
)
def test_the_turn_that_tells_comes_before_the_turns_that_greet_and_ask(question, best):
    query = analyse(question, ["Jo", "Melanie"])
    named = tuple(["Jo", "Melanie"].index(name) for name in query.named)
    scores, _ = fuse(query, talk_pool(query, named))
    order = np.argsort(-scores, kind="stable")
    assert best in order[:2]
    assert 0 not in order[:3]


def test_chinese_is_ranked_alike():
    texts = ["你好，最近怎么样？", "我上周五去了北京大学参加讲座。", "我喜欢画画。"]
    query = analyse("王伟什么时候去的北京大学？", ["王伟", "李娜"])
    scores, _ = fuse(query, pool_of(query, texts, [1, 0, 0], named=(0,), competence=0.0))
    assert int(np.argmax(scores)) == 1


def test_a_weight_of_zero_silences_its_signal():
    query = analyse("When did Mel paint?", ["Jo", "Melanie"])
    _, loud = fuse(query, talk_pool(query, (1,)))
    _, mute = fuse(query, talk_pool(query, (1,)), weighted(ARMS, {"speaker": 0.0}))
    assert loud["speaker"].any()
    assert not mute["speaker"].any()


def test_an_empty_pool_has_no_scores():
    query = analyse("fox")
    pool = talk_pool(query)
    empty = replace(
        pool,
        **{
            name: getattr(pool, name)[:0]
            for name in (
                "tf",
                "length",
                "cosine",
                "prev",
                "next",
                "session",
                "speaker",
                "flags",
                "time",
            )
        },
    )
    scores, contributions = fuse(query, empty)
    assert scores.shape == (0,)
    assert all(c.shape == (0,) for c in contributions.values())
