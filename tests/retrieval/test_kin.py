import numpy as np

from remanence.retrieval.kin import Kin, gathered


def kin_of(directions, links, stated):
    """A `Kin` of entities by number; `links` is {entity: {other: chance}}, `stated` pairs of entity and episode."""
    count = len(directions)
    table = np.full((count, 3), -1, np.int32)
    chances = np.zeros((count, 3), np.float16)
    for one, others in links.items():
        for place, (other, chance) in enumerate(others.items()):
            table[one, place], chances[one, place] = other, chance
    starts, episodes = gathered(*np.array(stated, np.int64).T, count)
    unit = np.array(directions, np.float32)
    unit /= np.linalg.norm(unit, axis=1, keepdims=True)
    return Kin(unit.astype(np.float16), table, chances, starts, episodes)


def test_rows_about_whoever_is_near_or_likely_linked_are_brought_in():
    kin = kin_of(
        [(1, 0), (0.9, 0.1), (0, 1), (-1, 0)], {0: {2: 0.5}}, [(0, 10), (1, 11), (2, 12), (3, 13)]
    )
    found = kin.of([0])
    near = dict(zip(found.numbers.tolist(), found.near.tolist(), strict=True))
    linked = dict(zip(found.numbers.tolist(), found.linked.tolist(), strict=True))
    assert near[11] > 0.9
    assert near.get(10, 0) == 0, "who is named himself is found by other arms"
    assert near.get(13, 0) == 0, "who points away is not near"
    assert linked[12] == 0.5
    assert linked.get(11, 0) == 0


def test_what_is_said_of_many_counts_less():
    kin = kin_of([(1, 0), (1, 0.01), (1, 0.02)], {}, [(1, 1), *[(2, n) for n in range(2, 11)]])
    found = kin.of([0])
    at = dict(zip(found.numbers.tolist(), found.near.tolist(), strict=True))
    assert at[1] > 2.5 * at[5] > 0


def test_columns_agree_with_the_slow_and_obvious_way():
    random = np.random.default_rng(0)
    count = 30
    stated = [(int(random.integers(count)), int(random.integers(80))) for _ in range(200)]
    links = {
        e: {int(o): 0.25 * (p + 1) for p, o in enumerate(random.permutation(count)[:3]) if o != e}
        for e in range(count)
    }
    kin = kin_of(random.normal(size=(count, 5)), links, stated)
    named = [3, 7]
    found = kin.of(named)
    likeness = (kin.directions.astype(float) @ kin.directions[named].astype(float).T).max(1)
    likeness[named] = 0
    rows = {e: {n for f, n in stated if f == e} for e in range(count)}
    near, linked = dict.fromkeys(range(80), 0.0), dict.fromkeys(range(80), 0.0)
    for e in sorted(range(count), key=lambda e: -likeness[e])[:16]:
        for n in rows[e]:
            near[n] = max(near[n], likeness[e] / len(rows[e]) ** 0.5)
    for e in named:
        for other, chance in links[e].items():
            for n in rows[other]:
                linked[n] = max(linked[n], chance / len(rows[other]) ** 0.5)
    for column, slow in ((found.near, near), (found.linked, linked)):
        for n, value in zip(found.numbers.tolist(), column.tolist(), strict=True):
            assert abs(value - slow[n]) < 2e-3
        assert {n for n, v in slow.items() if v > 0} <= set(found.numbers.tolist())
    assert (np.diff(found.numbers) > 0).all()


def test_entities_without_episodes_and_links_bring_nothing():
    kin = kin_of([(1, 0), (1, 0)], {}, [(0, 5)])
    assert not len(kin.of([0]).numbers)
