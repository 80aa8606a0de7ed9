"""Rows by the nearest keys:

lists against the scan of everything, at every size, as rows come and go.
"""

import numpy as np
import pytest

from remanence.errors import InvalidInput
from remanence.neural import index as room
from remanence.neural.index import Exact, Lists, recall

DIM, FEW = 16, 8_192


def few(dim, **options):
    """Lists from fewer rows on than pay, so that tests are quick."""
    return Lists(dim, **{"exact_below": FEW, **options})


def unit(vectors):
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def clustered(count, seed=0, centres=60):
    random = np.random.default_rng(seed)
    middle = np.random.default_rng(99).standard_normal((centres, DIM))
    noise = random.standard_normal((count, DIM))
    return unit(middle[random.integers(centres, size=count)] + 0.5 * noise)


def both(keys, **options):
    made = few(DIM, **options), Exact(DIM)
    for each in made:
        each.add(np.arange(len(keys)), keys)
    return made


@pytest.fixture(scope="module")
def keys():
    return clustered(FEW + 3_001)


@pytest.fixture
def laid(keys):
    made, twin = both(keys)
    assert made.lists > 1
    return made, twin


@pytest.mark.parametrize("make", [Exact, Lists])
@pytest.mark.parametrize("count", [0, 1, 2, 7, 301])
def test_a_search_is_a_sort_by_inner_product(make, count):
    keys, query = clustered(count), clustered(1, seed=5)[0]
    made = make(DIM)
    numbers = np.arange(count)[::-1] * 3  # row numbers are not places
    made.add(numbers, keys)
    scores = keys @ query
    order = np.argsort(-scores)[:5]
    rows, best = made.search(query, 5)
    assert rows.tolist() == numbers[order].tolist()
    np.testing.assert_allclose(best, scores[order], rtol=1e-6)
    assert len(made) == count


@pytest.mark.parametrize("share", [0.8, 0.97])
def test_the_share_that_was_asked_for_is_found_by_queries_that_were_not_seen(keys, share):
    made, twin = both(keys, recall=share)
    asked = clustered(200, seed=1)
    assert recall(made, twin, asked, 32) >= share - 0.03  # error of 128 sampled queries
    assert made.probes < made.lists / 2


def test_as_many_rows_as_one_scan_takes_at_once_are_all_scanned(keys):
    made, twin = Lists(DIM), Exact(DIM)
    for each in (made, twin):
        each.add(np.arange(len(keys)), keys)
    assert made.lists == 1
    assert recall(made, twin, clustered(20, seed=2), 32) == 1


def test_all_are_found_where_all_are_asked_for(keys):
    made, twin = both(keys, recall=1.0)
    made.probes = made.lists
    assert recall(made, twin, clustered(20, seed=2), 32) == 1


def test_keys_without_structure_cost_probes_and_not_recall():
    random = np.random.default_rng(3)
    made, twin = both(unit(random.standard_normal((FEW + 500, DIM))), recall=0.9)
    assert recall(made, twin, unit(random.standard_normal((100, DIM))), 32) >= 0.87
    assert made.probes > both(clustered(FEW + 500), recall=0.9)[0].probes


def test_probes_are_chosen_for_the_queries_that_are_shown(laid):
    made, twin = laid
    strange = unit(np.random.default_rng(4).standard_normal((400, DIM)))
    before = recall(made, twin, strange[200:], 32)
    made.calibrate(strange[:200])
    assert before < made.recall - 0.03 <= recall(made, twin, strange[200:], 32)
    chosen = made.probes
    made.calibrate(clustered(200, seed=6))
    assert made.probes < chosen


def test_what_was_calibrated_is_measured_again_when_lists_are_laid(keys, monkeypatch):
    strange = unit(np.random.default_rng(4).standard_normal((100, DIM)))
    made, plain = few(DIM), few(DIM)
    made.calibrate(strange)
    for each in (made, plain):
        each.add(np.arange(len(keys)), keys)
    assert made.lists == plain.lists > 1
    assert made.probes > plain.probes


def test_a_row_is_found_as_soon_as_it_was_added(laid):
    made, _ = laid
    new = clustered(50, seed=7)
    for number, key in enumerate(new, 50_000):
        made.add(np.array([number]), key[None])
        rows, scores = made.search(key, 1)
        assert rows[0] == number
        assert scores[0] == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("make", [Exact, few])
def test_a_removed_row_is_not_found_and_another_takes_its_place(make, keys):
    made = make(DIM)
    made.add(np.arange(len(keys)), keys)
    query = keys[17]
    first = made.search(query, 3)[0]
    made.remove(np.array([first[0], -4, 10**6]))  # the last two are not here
    made.remove(first[:1])  # a second time
    assert len(made) == len(keys) - 1
    assert made.search(query, 2)[0].tolist() == first[1:].tolist()


@pytest.mark.parametrize("make", [Exact, Lists])
def test_no_key_outlasts_its_row(make):
    keys = clustered(20)
    made = make(DIM)
    made.add(np.arange(20), keys)
    made.remove(np.arange(5))
    column = made._all if make is Exact else made._lists[0]
    left = column._keys[: 20 + 1]
    assert not any((left == key).all(1).any() for key in keys[:5])
    assert all((left == key).all(1).any() for key in keys[5:])


def test_lists_that_empty_are_laid_anew(laid, keys):
    made, twin = laid
    for each in (made, twin):
        each.remove(np.arange(300, len(keys)))
    assert made.lists == 1
    assert len(made) == 300
    assert recall(made, twin, clustered(20, seed=8), 32) == 1
    for each in (made, twin):
        each.remove(np.arange(300))
        assert len(each.search(keys[0], 4)[0]) == 0
        each.add(np.arange(9), keys[:9])
        assert each.search(keys[3], 1)[0][0] == 3


def test_a_search_has_as_many_rows_as_there_are(laid, keys):
    made, _ = laid
    made.probes = 1
    rows, scores = made.search(keys[0], len(keys) - 5)
    assert len(np.unique(rows)) == len(keys) - 5
    assert (np.diff(scores) <= 0).all()


def test_the_same_rows_make_the_same_lists(laid, keys):
    other = both(keys)[0]
    for query in keys[:10]:
        np.testing.assert_array_equal(other.search(query, 9)[0], laid[0].search(query, 9)[0])
    assert other.probes == laid[0].probes


def test_bytes_are_those_of_keys_and_numbers(keys):
    made = both(keys)[0]
    assert made.nbytes == len(keys) * (4 * DIM + 8) + made.lists * 4 * DIM


@pytest.mark.parametrize("count", [1, 5, 40, 41])
def test_the_blockwise_scan_is_the_sort(count, monkeypatch):
    monkeypatch.setattr(room, "_BLOCK", 8)
    keys, asked = clustered(count), clustered(6, seed=9)
    want = np.argsort(-(asked @ keys.T), 1)[:, :10]
    np.testing.assert_array_equal(room._exact(keys, asked, 10), want)
    centres = clustered(4, seed=10)
    np.testing.assert_array_equal(room._nearest(centres, keys), (keys @ centres.T).argmax(1))


@pytest.mark.parametrize("make", [Exact, Lists])
def test_what_does_not_fit_is_refused(make):
    made = make(DIM)
    with pytest.raises(InvalidInput, match="2 rows need keys"):
        made.add(np.arange(2), np.zeros((2, DIM + 1), np.float32))
    with pytest.raises(InvalidInput, match="not finite"):
        made.add(np.arange(1), np.full((1, DIM), np.nan, np.float32))
    with pytest.raises(InvalidInput, match="below 0"):
        made.add(np.array([-1]), clustered(1))
    with pytest.raises(InvalidInput, match="a query is"):
        made.search(np.zeros(3, np.float32), 1)
    assert len(made) == 0


def test_a_share_or_queries_that_cannot_be_are_refused():
    for share in (0, 1.5):
        with pytest.raises(InvalidInput, match="is no share"):
            Lists(DIM, recall=share)
    with pytest.raises(InvalidInput, match="exact_below=3"):
        Lists(DIM, exact_below=3)
    for asked in (np.zeros((0, DIM), np.float32), np.zeros((2, 3), np.float32)):
        with pytest.raises(InvalidInput, match="give at least one"):
            Lists(DIM).calibrate(asked)
