"""Recall with the model of a namespace's facts: nothing without one, and nothing unless asked for."""

import subprocess
import sys

import pytest

import remanence
from remanence import knowledge
from remanence.errors import InvalidInput

RECIPE = {"dim": 16, "epochs": 10, "precision": "float32"}
QUERIES = (
    "What does Ada Ames use?",
    "Where does Dan Dole live?",
    "陈晓燕在哪里工作？",
    "tools",
    "Nobody Here",
)


def teach(memory, namespace="n"):
    people = [
        f"{a} {b}"
        for a in ("Ada", "Ben", "Cleo", "Dan", "Eva")
        for b in ("Ames", "Birch", "Cole", "Dole")
    ]
    people += [family + given for family in "王李张陈" for given in ("建国", "晓燕", "海涛")]
    said = []
    for at, person in enumerate(people):
        said += [
            (person, "works_for", f"Firm{'ABCD'[at % 4]} Works"),
            (person, "lives_in", f"{'ABCD'[at % 4]}ville"),
            (person, "uses", f"{'ABCD'[at % 4]}{at % 3} Suite"),
            (person, "plays", f"game{at}"),
            (person, "likes", f"dish{at}"),
        ]
    for subject, relation, value in said:
        memory.learn(
            subject,
            relation,
            value,
            namespace=namespace,
            at="2025-01-01",
            id=f"{subject} {relation}",
        )


def answers(memory, namespace="n"):
    return [memory.recall(query, namespace=namespace, k=20, at="2025-02-01") for query in QUERIES]


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """(path, its answers without a model); a model is kept by now."""
    path = tmp_path_factory.mktemp("kin") / "kin.db"
    with remanence.open(path, embedder="hash:32") as memory:
        teach(memory)
        memory.learn("Ada Ames", "uses", "A0 Suite", namespace="other")
        before = answers(memory)
        knowledge.train(memory, "n", **RECIPE)
        yield path, before


def test_recall_is_the_same_to_the_last_digit_unless_asked_for(store):
    path, before = store
    with remanence.open(path) as memory:
        assert answers(memory) == before


def test_recall_is_the_same_where_no_model_is_kept(store):
    path, _ = store
    with remanence.open(path, kin=True) as memory, remanence.open(path) as plain:
        assert answers(memory, "other") == answers(plain, "other")
        assert memory.recall("anything", namespace="never") == []


def test_with_a_model_the_arm_speaks_and_says_so(store):
    path, _ = store
    with remanence.open(path, kin=True) as memory:
        found = answers(memory)
    spoke = [[each for each in recalled if each.why.get("knowledge")] for recalled in found]
    assert spoke[0]
    assert spoke[2], "whom a Chinese query names is found too"
    assert not spoke[4], "who is not known brings nobody"
    for recalled in found:
        for each in recalled:
            assert sum(each.why.values()) == pytest.approx(each.score, abs=1e-3)


def test_filters_hold_for_what_the_model_brings(store):
    path, _ = store
    with remanence.open(path, kin=True) as memory:
        assert not memory.recall(QUERIES[0], namespace="n", speaker="somebody")


def test_new_facts_and_forgetting_are_seen_at_once():
    with remanence.open(":memory:", embedder="hash:32", kin=True) as memory:
        teach(memory)
        knowledge.train(memory, "n", **RECIPE)
        assert any("knowledge" in each.why for each in memory.recall(QUERIES[0], namespace="n"))
        memory.learn("Newton Newman", "works_for", "FirmA Works", namespace="n")
        memory.recall("Where does Newton Newman work?", namespace="n")
        assert memory.forget(namespace="n", id="Ben Birch plays").models == 1
        assert not any("knowledge" in each.why for each in memory.recall(QUERIES[0], namespace="n"))
        with pytest.raises(InvalidInput, match="no model is kept"):
            knowledge.load(memory, "n")


def test_recall_and_forgetting_need_no_torch(store):
    path, _ = store
    code = f"""
import sys, remanence
with remanence.open({str(path)!r}, kin=True) as memory:
    assert any("knowledge" in each.why for each in memory.recall({QUERIES[0]!r}, namespace="n"))
    memory.forget(namespace="never", everything=True)
assert "torch" not in sys.modules
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
