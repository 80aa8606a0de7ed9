from dataclasses import replace

import numpy as np
import pytest

import remanence
from remanence.errors import ConfigError
from remanence.retrieval.arm import Arm, weighted
from remanence.retrieval.arm import signals as signals_of
from remanence.retrieval.arms import ARMS, dense, session
from remanence.retrieval.pool import K1, B, Pool, bm25, idf
from remanence.text import words
from remanence.text.query import analyse

DAY = 86_400.0


def signals(query, pool):
    return signals_of(query, pool, ARMS)


def pool_of(texts, query, speakers=None, sessions=None, cosine=None, **more):
    """A pool of all `texts` of a namespace, filled the slow and obvious way."""
    bags = [words.terms(t) for t in texts]
    n = len(texts)
    tf = np.array([[bag.count(t) for t in query.terms] for bag in bags], np.uint8)
    tf = tf.reshape(n, len(query.terms))
    session = np.array(sessions if sessions is not None else [0] * n, np.int32)
    at = np.arange(n, dtype=np.int32)
    same_before = (at > 0) & (np.roll(session, 1) == session) & (session >= 0)
    same_after = (at < n - 1) & (np.roll(session, -1) == session) & (session >= 0)
    parts = 1 + len(query.parts)
    values = {
        "tf": tf,
        "idf": idf(n, (tf > 0).sum(axis=0)),
        "length": np.array([len(bag) for bag in bags], np.int32),
        "mean_length": float(np.mean([len(bag) for bag in bags])) if n else 0.0,
        "cosine": np.zeros((n, parts), np.float32) if cosine is None else cosine,
        "mean_cosine": np.zeros(parts, np.float32),
        "prev": np.where(same_before, at - 1, -1).astype(np.int32),
        "next": np.where(same_after, at + 1, -1).astype(np.int32),
        "session": session,
        "speaker": np.array(speakers if speakers is not None else [-1] * n, np.int32),
        "flags": np.array([words.shape(t) for t in texts], np.int32),
        "time": np.full(n, np.nan),
    }
    return Pool(**(values | more))


def random_pool(n, query, seed):
    """Rows in runs of sessions, with everything a pool can hold drawn at random."""
    rng = np.random.default_rng(seed)
    sessions = np.sort(rng.integers(-1, 4, n))
    pool = pool_of(["paint"] * n, query, rng.integers(-1, 3, n), sessions)
    shape = (n, 1 + len(query.parts))
    return replace(
        pool,
        tf=rng.integers(0, 4, (n, len(query.terms))).astype(np.uint8),
        idf=rng.random(len(query.terms)).astype(np.float32) * 5,
        length=rng.integers(1, 50, n).astype(np.int32),
        cosine=rng.random(shape).astype(np.float32),
        flags=rng.integers(0, 64, n).astype(np.int32),
        time=np.where(rng.random(n) < 0.5, np.nan, rng.random(n) * 100 * DAY),
        named=(1,),
        vectors=rng.standard_normal((n, 8)).astype(np.float16),
    )


def slow_session(pool, both):
    found = np.zeros(len(both))
    for i, number in enumerate(pool.session):
        if number >= 0:
            mine = sorted(both[pool.session == number], reverse=True)
            found[i] = (mine[0] + sum(mine[:3]) / 3) / 2
    return found


def slow_coverage(content, pool, row, reach):
    """Share of idf held by a row and the turns up to `reach` steps away in its session."""
    rows = {row}
    for step in (pool.prev, pool.next):
        at = row
        for _ in range(reach):
            at = step[at] if at >= 0 else -1
            rows.add(int(at))
    rows.discard(-1)
    weight = content * pool.idf
    held = [any(pool.tf[r, t] for r in rows) for t in range(len(weight))]
    return float(weight[held].sum() / weight.sum())


def test_bm25_is_the_published_formula():
    query = analyse("red fox")
    pool = pool_of(["red red dog", "fox", "cat"], query)
    mean = (3 + 1 + 1) / 3
    norm = K1 * (1 - B + B * 3 / mean)
    expected = np.log(1 + (3 - 1 + 0.5) / 1.5) * 2 * (K1 + 1) / (2 + norm)
    assert bm25(pool)[0, 0] == pytest.approx(expected, rel=1e-5)
    assert bm25(pool)[2].tolist() == [0, 0]


@pytest.mark.parametrize("n", [1, 2, 3, 17, 64])
def test_sessions_agree_with_a_slow_twin(n):
    pool = random_pool(n, analyse("red fox jumps"), n)
    both = np.random.default_rng(n).random(n).astype(np.float32)
    np.testing.assert_allclose(session.by_session(pool, both), slow_session(pool, both), rtol=1e-5)


@pytest.mark.parametrize("n", [1, 2, 5, 33])
@pytest.mark.parametrize("terms", [1, 4, 8, 9, 17])  # up to eight stand in one byte
def test_coverage_with_neighbours_agrees_with_a_slow_twin(n, terms):
    query = analyse(" ".join(f"word{t}x" for t in range(terms)))
    pool = random_pool(n, query, n)
    content = np.ones(pool.tf.shape[1], np.float32)
    got = signals(query, pool)
    total = got["coverage"] + got["joined"] + got["joined_wide"]
    for row in range(n):
        assert got["coverage"][row] == pytest.approx(slow_coverage(content, pool, row, 0), abs=1e-5)
        assert total[row] == pytest.approx(slow_coverage(content, pool, row, 2), abs=1e-5)


@pytest.mark.parametrize("n", [0, 1, 7, 500])
@pytest.mark.parametrize("text", ["", "Mel", "Where is it?", "One. Two red foxes. 三只狐狸？" * 9])
def test_every_signal_is_a_finite_column_of_the_pool(n, text):
    query = analyse(text, ["Mel"], (0.0, DAY))
    for column in signals(query, random_pool(n, query, 3)).values():
        assert column.shape == (n,)
        assert column.dtype == np.float32
        assert np.isfinite(column).all()


def test_a_speakers_name_is_a_signal_and_no_search_word():
    query = analyse("What did Mel paint?", ["Melanie", "Jo"])
    texts = ["Hey Mel! Mel, look!", "I like to paint", "We paint too"]
    found = signals(query, pool_of(texts, query, [1, 0, 1], named=(0,)))
    assert found["lexical"][0] == 0
    assert found["speaker"][1] > 0
    assert found["speaker"][[0, 2]].tolist() == [0, 0]


def test_a_query_that_is_only_a_name_still_finds_it():
    query = analyse("Melanie?", ["Melanie"])
    assert signals(query, pool_of(["Hey Melanie", "no"], query))["lexical"].tolist() == [1, 0]


def test_an_answer_inherits_from_the_question_before_it_by_another():
    query = analyse("favourite colour")
    texts = ["What is your favourite colour?", "Blue."]
    two = signals(query, pool_of(texts, query, [0, 1]))["reply"]
    assert two[1] > 0 == two[0]
    assert not signals(query, pool_of(texts, query, [0, 0]))["reply"].any()
    assert not signals(query, pool_of(texts, query, [0, 1], [0, 1]))["reply"].any()


def test_the_dense_arm_fades_with_competence():
    query = analyse("最喜欢的颜色")
    cosine = np.array([[0.9], [0.1]], np.float32)
    able = signals(query, pool_of(["a", "b"], query, cosine=cosine))
    unable = signals(query, pool_of(["a", "b"], query, cosine=cosine, competence=0.0))
    assert able["dense"][0] == 1
    assert not unable["dense"].any()


def test_a_row_said_within_the_named_time_counts_fully_and_near_it_partly():
    query = analyse("in May", window=(30 * DAY, 60 * DAY))
    times = np.array([45, 75, 15, 200, np.nan]) * DAY
    pool = pool_of(["x"] * 5, query, time=times)
    assert signals(query, pool)["window"].tolist() == pytest.approx([1, 0.5, 0.5, 0, 0])


def test_when_asks_for_dates_in_either_language():
    for question, told, untold in (
        ("When did he go?", "I went last Friday", "I went"),
        ("他什么时候去的？", "我上周五去了", "我去了"),
    ):
        query = analyse(question)
        assert signals(query, pool_of([told, untold], query))["when_date"].tolist() == [1, 0]


def test_manner_judges_turns_and_leaves_documents_alone():
    query = analyse("fox")
    pool = pool_of(["Hey, is it a fox?"] * 2, query, [0, -1])
    assert signals(query, pool)["ends_asking"].tolist() == [1, 0]


def test_the_point_of_one_sentence_is_seen_inside_a_long_query():
    query = analyse("The party was loud and long and merry. Remember the mango?")
    texts = ["loud long merry party", "mango", "nothing"]
    found = signals(query, pool_of(texts, query))
    assert found["part"].tolist() == pytest.approx([1, 1, 0])
    assert found["last"][1] > found["last"][0]


def test_feedback_speaks_for_rows_like_the_best_ones_only_for_passages():
    vectors = np.array([[1, 0], [0.9, 0.1], [0, 1]], np.float16)
    texts = ["mango ice", "sorbet", "tax"]
    brief, long = analyse("mango"), analyse(" ".join(f"mango w{i}" for i in range(40)))
    assert not signals(brief, pool_of(texts, brief, vectors=vectors))["feedback"].any()
    fed = signals(long, pool_of(texts, long, vectors=vectors))["feedback"]
    assert fed[1] > fed[2]


# -- arms of one's own, and weights ---------------------------------------------------------------


def test_each_weight_has_a_signal_of_its_arm_and_no_two_arms_share_one():
    query = analyse("fox")
    pool = random_pool(5, query, 1)
    found = {}
    for arm in ARMS:
        columns = arm.signals(query, pool, found)
        assert set(columns) == set(arm.weights), arm.name
        assert found.keys().isdisjoint(columns)
        found.update(columns)
    assert len({arm.name for arm in ARMS}) == len(ARMS)


@pytest.mark.parametrize("left_out", [arm.name for arm in ARMS])
def test_recall_works_without_any_one_arm(left_out):
    arms = [arm for arm in ARMS if arm.name != left_out]
    with remanence.open(":memory:", arms=arms) as memory:
        memory.remember(["I painted a lake", "你好，湖很美"], speaker="Mel", session="s")
        found = memory.recall("When did Mel paint a lake in May 2024?")
        assert {item.text for item in found} == {"I painted a lake", "你好，湖很美"}
        assert not any(left_out in item.why for item in found)


def test_an_arm_of_ones_own_brings_rows_and_judges_them():
    def oldest(seeking):
        return np.arange(1)

    def first(query, pool, columns):
        return {"first": (pool.prev < 0).astype(np.float32)}

    own = Arm("first", {"first": 50.0}, first, oldest)
    with remanence.open(":memory:", arms=[*ARMS, own]) as memory:
        memory.remember([f"turn number {n} about foxes" for n in range(9)], session="s")
        best = memory.recall("fox number 7")[0]
    assert best.text == "turn number 0 about foxes"
    assert best.why["first"] == 50.0


def test_a_weight_of_zero_leaves_a_signal_out():
    weights = {"dense": 0.0, "feedback": 0.0}
    with remanence.open(":memory:", weights=weights) as memory:
        memory.remember("the fox is red")
        assert "dense" not in memory.recall("a red fox")[0].why


def test_a_weight_of_no_arm_is_refused():
    with pytest.raises(ConfigError, match="no arm has the signal 'lexcal'"):
        remanence.open(":memory:", weights={"lexcal": 1.0})
    assert weighted(ARMS, {}) == ARMS


class Encoder:
    name, version, dim, scripts, centre = "multilingual-e5-small", "1", 4, frozenset({"*"}), None

    def embed(self, texts, kind):
        return np.full((len(texts), 4), 0.5, np.float32)


@pytest.mark.parametrize(
    ("weights", "expected"), [(None, dense.BY_EMBEDDER[Encoder.name]), ({"dense": 0.5}, 0.5)]
)
def test_an_embedder_may_have_a_weight_of_its_own_that_a_given_one_replaces(weights, expected):
    with remanence.open(":memory:", embedder=Encoder(), weights=weights) as memory:
        (arm,) = [arm for arm in memory.arms if arm.name == "dense"]
        assert arm.weights["dense"] == expected
