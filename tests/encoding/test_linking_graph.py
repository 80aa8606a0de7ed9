"""The graph is a function of the statements that are there:

however they came, and whatever was there meanwhile.
"""

import random

import pytest

from remanence.encoding.candidate import Candidate
from remanence.encoding.linking.graph import Graph, Origin
from remanence.encoding.relations import RELATIONS

PEOPLE = [
    *(
        "Wei",
        "Wei Zhang",
        "Wei Li",
        "W. Zhang",
        "Mr Zhang",
        "Mrs Zhang",
        "Ana",
        "Ana Lopez",
        "Wei's sister",
    ),
    *("王伟", "小王", "老王", "王老师", "王建国", "建国", "王先生", "Dr. Ana Lopez", "the Ana"),
]
PLACES = ["Chengdu", "成都", "Sichuan", "Chengdu, Sichuan", "四川成都", "Rome", "Paris"]
SAYING = {
    "lives_in": PLACES,
    "likes": ["tea", "coffee", "Ana"],
    "dislikes": ["tea", "coffee"],
    "moved_from": PLACES,
    "part_of": PLACES,
    "parent_of": PEOPLE,
    "child_of": PEOPLE,
    "married_to": PEOPLE,
    "named": PEOPLE,
    "works_for": ["Acme", "Wei", ""],
}


def candidate(rng):
    relation = rng.choice(sorted(SAYING))
    start = rng.choice([None, None, rng.randint(0, 50)])
    return Candidate(
        subject=rng.choice(PLACES if relation == "part_of" else PEOPLE),
        relation=relation,
        object=rng.choice(SAYING[relation]),
        confidence=rng.choice([0.3, 0.6, 1.0]),
        start=0,
        end=1,
        negated=rng.random() < 0.1,
        change=rng.choice(["", "", "", "begin", "end", "replace"]),
        replaces=rng.choice([None, None, "Rome", "Paris"]),
        valid_from=start,
        valid_until=rng.choice([None, None, rng.randint(0, 60)]),
    )


def dump(graph):
    """All that can be read of a graph."""
    graph.settle()
    facts = [
        graph.fact(root, spell, "n")
        for root, relation in sorted(graph.groups(None, None, None))
        for spell in graph.spells(root, relation)
    ]
    everyone = [*PEOPLE, *PLACES, "Zhang", "J. Lopez", "nobody"]
    return facts, [graph.entities.find(name) for name in everyone], len(graph)


@pytest.mark.parametrize("seed", range(40))
def test_following_changes_gives_what_folding_afresh_gives(seed):
    """Random statements come and go, in any order, with looks in between."""
    rng = random.Random(seed)
    followed, there = Graph(RELATIONS), {}
    for episode in range(1, 60):
        if there and rng.random() < 0.35:
            gone = rng.choice(sorted(there))
            del there[gone]
            followed.remove(gone)
        speaker = rng.choice([None, *PEOPLE])
        origin = Origin(
            episode, 2, f"e{episode}", speaker, rng.randint(0, 60), episode, rng.random() < 0.2
        )
        there[episode] = origin, [candidate(rng) for _ in range(rng.randint(1, 3))]
        followed.add(*there[episode])
        if rng.random() < 0.5:
            followed.settle()
            for root, relation in followed.groups(None, None, None):
                followed.spells(root, relation)
        if rng.random() < 0.2:
            fresh = Graph(RELATIONS)
            for item in sorted(there.values()):
                fresh.add(*item)
            assert dump(followed) == dump(fresh)


def test_taking_everything_out_leaves_nothing():
    rng = random.Random(1)
    graph = Graph(RELATIONS)
    for episode in range(200):
        graph.add(Origin(episode, 2, "e", "Wei", episode, episode), [candidate(rng)])
    graph.settle()
    for episode in range(200):
        graph.remove(episode)
    graph.settle()
    assert len(graph) == 0
    assert not list(graph.entities.roots())
    assert not graph.groups(None, None, None)
