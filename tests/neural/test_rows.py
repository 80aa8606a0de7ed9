"""Rows in a file:

what was acknowledged is there again, what was cut off is not, and what was forgotten is in no byte.
"""

import subprocess
import sys
from itertools import pairwise

import numpy as np
import pytest

from remanence.errors import (
    InvalidInput,
    NotAStore,
    StorageError,
    StoreBusy,
    StoreClosed,
    StoreCorrupt,
)
from remanence.neural.rows import _PLACES, PAGE, RowStore

KEY, VALUE = 3, 5
SIZE = 8 + 8 + 2 * (KEY + VALUE)


def made(count, seed=0):
    random = np.random.default_rng(seed)
    return (random.standard_normal((count, size)).astype(np.float32) for size in (KEY, VALUE))


def add(rows, serials, episode=0, seed=0):
    keys, values = made(len(serials), seed)
    return rows.append(np.array(serials), np.full(len(serials), episode), keys, values)


def told(rows, k=100):
    """Serial to episode and value of all rows, by a search that finds them all."""
    found = rows.search(np.ones(KEY, np.float32), k)
    order = np.argsort(found.serials)
    return found.serials[order].tolist(), found.episodes[order].tolist(), found.values[order]


def reopened(path, **options):
    return RowStore(path, KEY, VALUE, **options)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "记忆" / "甲.rows"


@pytest.mark.parametrize("sizes", [(1,), (3, 1, 7), (0, 20)])
def test_what_was_appended_is_there_again(path, sizes):
    edge = np.cumsum((0, *sizes))
    with reopened(path) as rows:
        for n, (start, end) in enumerate(pairwise(edge)):
            assert add(rows, range(start, end), episode=n, seed=n) == end - start
        before = told(rows)
        assert len(rows) == edge[-1]
    with reopened(path) as rows:
        again = told(rows)
        assert again[:2] == before[:2]
        np.testing.assert_array_equal(again[2], before[2])
        assert again[0] == list(range(edge[-1]))
        assert rows.last == edge[-1] - 1
        assert path.stat().st_size == PAGE + SIZE * edge[-1]


def test_values_are_those_given_to_half_precision(path):
    keys, values = made(9)
    with reopened(path) as rows:
        rows.append(np.arange(9), np.zeros(9), keys, values)
        query = np.ones(KEY, np.float32)
        found = rows.search(query, 9)
        kept = keys.astype(np.float16).astype(np.float32)
        order = np.argsort(-(kept @ query))
        np.testing.assert_array_equal(found.rows, order)
        np.testing.assert_allclose(found.scores, (kept @ query)[order], rtol=1e-5)
        np.testing.assert_array_equal(found.values, values[order].astype(np.float16))


def test_a_row_told_twice_is_there_once(path):
    with reopened(path) as rows:
        add(rows, range(5))
        assert add(rows, range(3, 8), seed=1) == 3
        assert add(rows, range(8), seed=2) == 0
        assert told(rows)[0] == list(range(8))


def test_an_append_that_was_cut_off_never_was(path):
    with reopened(path) as rows:
        add(rows, range(4))
        before = told(rows)
    whole = path.read_bytes()
    with reopened(path) as rows:
        add(rows, range(4, 9), seed=1)
    grown = path.read_bytes()
    for end in range(len(whole), len(grown) + 1, SIZE // 2 + 1):  # records written, the commit not
        path.write_bytes(whole[:PAGE] + grown[PAGE:end])
        with reopened(path) as rows:
            assert told(rows)[:2] == before[:2]
            assert rows.last == 3
        assert path.read_bytes()[PAGE:] == whole[PAGE:]  # no torn bytes stay behind
    with reopened(path) as rows:
        assert add(rows, range(4, 9), seed=1) == 5
    assert path.read_bytes()[PAGE:] == grown[PAGE:]


def test_a_torn_commit_leaves_the_one_before(path):
    with reopened(path) as rows:
        add(rows, range(4))
        add(rows, range(4, 9), seed=1)
        newest = _PLACES[rows._commits % 2]
    content = bytearray(path.read_bytes())
    content[newest + 9] ^= 1
    path.write_bytes(content)
    with reopened(path) as rows:
        assert told(rows)[0] == list(range(4))
        assert add(rows, range(4, 6), seed=2) == 2
    with reopened(path) as rows:
        assert told(rows)[0] == list(range(6))


def test_a_file_without_a_whole_commit_is_refused_and_left_alone(path):
    with reopened(path) as rows:
        add(rows, range(4))
    content = bytearray(path.read_bytes())
    for place in _PLACES:
        content[place] ^= 1
    path.write_bytes(content)
    with pytest.raises(StoreCorrupt, match="no whole commit"):
        reopened(path)
    assert path.read_bytes() == content


def test_a_file_that_lost_rows_is_refused_and_left_alone(path):
    with reopened(path) as rows:
        add(rows, range(4))
    path.write_bytes(content := path.read_bytes()[:-1])
    with pytest.raises(StoreCorrupt, match="should hold 4 rows"):
        reopened(path)
    assert path.read_bytes() == content


@pytest.mark.parametrize("end", [0, 5, 40, PAGE - 1])
def test_a_file_that_was_cut_off_while_it_was_made_is_made(path, end):
    reopened(path).close()
    whole = bytearray(path.read_bytes())
    whole[_PLACES[0] :] = b"\0" * (PAGE - _PLACES[0])
    path.write_bytes(whole[:end])
    with reopened(path) as rows:
        assert add(rows, range(2)) == 2
    with reopened(path) as rows:
        assert len(rows) == 2


@pytest.mark.parametrize("content", [b"text", b"SQLite format 3\0" * 400, "日记".encode() * 2_000])
def test_another_kind_of_file_is_refused_and_left_alone(path, content):
    path.parent.mkdir()
    path.write_bytes(content)
    with pytest.raises(NotAStore, match="choose another file"):
        reopened(path)
    assert path.read_bytes() == content


def test_rows_of_another_memory_are_refused(path):
    reopened(path, about="一").close()
    for options in ({"key": 4}, {"value": 4}, {"about": "二"}):
        given = {"key": KEY, "value": VALUE, "about": "一", **options}
        with pytest.raises(InvalidInput, match="of another memory"):
            RowStore(path, **given)
    with reopened(path, about="一") as rows:
        assert len(rows) == 0
    with pytest.raises(InvalidInput, match="fewer than"):
        reopened(path.with_name("other"), about="x" * PAGE)


def test_a_file_that_is_open_is_busy(path):
    with reopened(path), pytest.raises(StoreBusy, match="open in another place"):
        reopened(path)
    reopened(path).close()


def test_the_lock_is_one_that_other_processes_see(path):
    code = "import fcntl, sys; fcntl.flock(open(sys.argv[1]), fcntl.LOCK_EX | fcntl.LOCK_NB)"
    asks = [sys.executable, "-S", "-c", code, str(path)]
    with reopened(path):
        assert b"BlockingIOError" in subprocess.run(asks, capture_output=True).stderr
    assert subprocess.run(asks).returncode == 0


def test_what_cannot_be_opened_says_so(tmp_path):
    with pytest.raises(StorageError, match="cannot open"):
        reopened(tmp_path)


def test_a_closed_file_says_so(path):
    rows = reopened(path)
    rows.close()
    for verb in (
        lambda: add(rows, [0]),
        lambda: rows.search(np.ones(KEY, np.float32), 1),
        lambda: rows.forget(0),
    ):
        with pytest.raises(StoreClosed):
            verb()


def patterns(rows, episode):
    """The bytes of each key and value of an episode."""
    there = rows._records[rows._records["episode"] == episode]
    return [one.tobytes() for name in ("key", "value") for one in there[name]]


@pytest.mark.parametrize("seed", range(4))
def test_a_forgotten_episode_is_in_no_byte_and_the_others_are_untouched(path, seed):
    random = np.random.default_rng(seed)
    left = {}
    with reopened(path) as rows:
        for serial in range(40):
            episode = int(random.integers(5))
            add(rows, [serial], episode=episode, seed=[seed, serial])
            left[serial] = episode
        before = dict(zip(told(rows)[0], told(rows)[2], strict=True))
    for gone in random.permutation(5)[:4]:
        with reopened(path) as rows:
            if random.random() < 0.5:  # an append that is cut off, with words of the episode
                keys = np.full((1, KEY), 0.123, np.float32)
                rows._put(path.stat().st_size, keys.astype("<f2").tobytes() * 30)
            secret = patterns(rows, gone)
            count = sum(episode == gone for episode in left.values())
            assert len(secret) == 2 * count
            assert rows.forget(gone) == count
            content = path.read_bytes()
            assert not any(each in content for each in secret)
            assert np.full(KEY, 0.123).astype("<f2").tobytes() not in content
            left = {s: e for s, e in left.items() if e != gone}
            serials, episodes, values = told(rows)
            assert dict(zip(serials, episodes, strict=True)) == left
            for serial, value in zip(serials, values, strict=True):
                np.testing.assert_array_equal(value, before[serial])
            assert rows.forget(gone) == 0
        with reopened(path) as rows:
            assert dict(zip(*told(rows)[:2], strict=True)) == left
            assert rows.last == 39
            assert add(rows, range(30, 40)) == 0  # a forgotten row does not come back


def test_a_file_of_blanks_is_written_anew_when_it_is_opened(path):
    with reopened(path) as rows:
        add(rows, range(10), episode=1)
        add(rows, range(10, 14), episode=2, seed=1)
        before = told(rows)[2][10:]
        rows.forget(1)
        assert rows.blank == 10
    large = path.stat().st_size
    with reopened(path) as rows:
        assert rows.blank == 0
        assert told(rows)[0] == list(range(10, 14))
        np.testing.assert_array_equal(told(rows)[2], before)
        with pytest.raises(StoreBusy):
            reopened(path)
        assert add(rows, [14], seed=2) == 1
    assert path.stat().st_size == large - 9 * SIZE
    assert [each.name for each in path.parent.iterdir()] == [path.name]
    with reopened(path) as rows:
        assert told(rows)[0] == list(range(10, 15))


def test_a_rewriting_that_was_cut_off_is_done_again(path):
    with reopened(path) as rows:
        add(rows, range(10), episode=1)
        rows.forget(1)
    beside = path.with_name(path.name + ".new")
    beside.write_bytes(b"half")
    with reopened(path) as rows:
        assert (len(rows), rows.last) == (0, 9)
        assert not beside.exists()
        assert add(rows, [9, 10]) == 1
    assert (
        path.stat().st_size == PAGE + 2 * SIZE
    )  # the one that keeps the last serial, and the new one


def test_rows_that_cannot_be_are_refused_whole(path):
    keys, values = made(2)
    good = {"serials": [0, 1], "episodes": [0, 0], "keys": keys, "values": values}
    bad = {
        "rise": {"serials": [1, 1]},
        "from 0 on": {"episodes": [0, -1]},
        "are not 2 rows": {"keys": keys[:, :2]},
        "not finite": {"values": np.full((2, VALUE), 7e4, np.float32)},
    }
    with reopened(path) as rows:
        for reason, change in bad.items():
            with pytest.raises(InvalidInput, match=reason):
                rows.append(**{**good, **change})
        assert len(rows) == 0
        assert rows.append(**good) == 2


@pytest.mark.parametrize("key", [1, 2])
def test_vectors_of_one_number_are_vectors(path, key):
    with RowStore(path, key, 1) as rows:
        rows.append(
            np.arange(2),
            np.zeros(2, np.int64),
            np.array([[1.0], [2.0]]).repeat(key, 1),
            np.ones((2, 1)),
        )
    with RowStore(path, key, 1) as rows:
        found = rows.search(np.ones(key, np.float32), 5)
        assert found.serials.tolist() == [1, 0]
        assert found.values.shape == (2, 1)
