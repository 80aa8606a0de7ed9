"""A graph as numbers:

what is read, what is refused and with which words, what the queries and the kinds of relations are.
"""

import math

import numpy as np
import pytest

from remanence.errors import InvalidInput
from remanence.kge.triples import (
    both_ways,
    categories,
    group,
    hold_out,
    index,
    lines,
    number,
    ranges,
    read,
    split,
)

GRAPH = [("a", "likes", "b"), ("b", "likes", "c"), ("c", "knows", "a")]


# -- numbers --------------------------------------------------------------------------------------


def test_names_are_numbered_in_the_order_of_their_first_mention():
    graph = number(GRAPH)
    assert graph.entities == ("a", "b", "c")
    assert graph.relations == ("likes", "knows")
    assert graph.ids.tolist() == [[0, 0, 1], [1, 0, 2], [2, 1, 0]]
    assert graph.ids.dtype == np.int64


def test_a_triple_told_twice_is_one():
    assert len(number([*GRAPH, GRAPH[0]])) == 3
    assert number([*GRAPH, GRAPH[0]]).named() == GRAPH


def test_an_entity_may_be_called_as_a_relation_is():
    graph = number([("likes", "likes", "likes")])
    assert graph.ids.tolist() == [[0, 0, 0]]


def test_names_known_before_keep_their_numbers():
    graph = number([("c", "owns", "d")], ("a", "b", "c"), ("likes",))
    assert graph.entities == ("a", "b", "c", "d")
    assert graph.relations == ("likes", "owns")
    assert graph.ids.tolist() == [[2, 1, 3]]


def test_no_triples_are_a_graph_without_rows():
    assert number([]).ids.shape == (0, 3)


@pytest.mark.parametrize(
    "triple",
    [
        ("a", "b"),
        ("a", "b", "c", "d"),
        "abc",
        ("a", " ", "c"),
        ("a", "b", ""),
        ("a", 7, "c"),
        ("a", None, "c"),
    ],
)
def test_what_is_no_triple_of_names_is_refused_with_its_place(triple):
    with pytest.raises(InvalidInput, match=r"triple 2, .*" + str(triple[0])):
        number([GRAPH[0], triple])


def test_the_three_parts_are_numbered_alike():
    parts = split(GRAPH, [("d", "likes", "a")], [("a", "owns", "e")])
    assert parts.entities == parts.train.entities == ("a", "b", "c", "d", "e")
    assert parts.relations == parts.train.relations == ("likes", "knows", "owns")
    assert parts.valid.tolist() == [[3, 0, 0]]
    assert parts.test.tolist() == [[0, 2, 4]]
    assert len(parts.known()) == 5


def test_nothing_to_train_on_is_refused():
    with pytest.raises(InvalidInput, match="no triples to train on"):
        split([], GRAPH)


def test_unseen_is_what_names_an_entity_or_relation_that_training_does_not():
    parts = split(
        GRAPH, [("d", "likes", "a"), ("a", "likes", "c"), ("a", "owns", "b"), ("a", "likes", "d")]
    )
    assert parts.unseen(parts.valid).tolist() == [True, False, True, True]
    assert not parts.unseen(parts.train.ids).any()
    assert parts.unseen(parts.test).shape == (0,)


# -- files ----------------------------------------------------------------------------------------


def written(path, content):
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize(
    "content",
    [
        "a\tlikes\tb\n王伟\t喜欢\t成都\n",
        "\ufeffa\tlikes\tb\n王伟\t喜欢\t成都",
        "a\tlikes\tb\r\n王伟\t喜欢\t成都\r\n",
        "\na\tlikes\tb\n\n  \n王伟\t喜欢\t成都\n\n\n",
    ],
    ids=["plain", "byte order mark", "CRLF", "blank lines"],
)
def test_a_file_is_three_columns_of_utf8(tmp_path, content):
    path = written(tmp_path / "graph.txt", content)
    assert list(lines(path)) == [["a", "likes", "b"], ["王伟", "喜欢", "成都"]]


def test_a_name_may_have_spaces(tmp_path):
    path = written(tmp_path / "graph.txt", "New York\tlies in\tthe  US\n")
    assert list(lines(path)) == [["New York", "lies in", "the  US"]]


@pytest.mark.parametrize(
    ("line", "columns"), [("a\tb", 2), ("a\tb\tc\td", 4), ("a b c", 1), ("a\t\tc", 3), ("\t \t", 3)]
)
def test_a_line_that_is_no_triple_is_named(tmp_path, line, columns):
    path = written(tmp_path / "graph.txt", f"a\tlikes\tb\n\n{line}\n")
    with pytest.raises(InvalidInput, match=rf"graph.txt, line 3: {columns} columns"):
        list(lines(path))


def test_what_is_not_utf8_is_refused_with_the_byte(tmp_path):
    path = written(tmp_path / "graph.txt", "成都".encode("gbk"))
    with pytest.raises(InvalidInput, match="graph.txt is not UTF-8 at byte 0"):
        list(lines(path))


@pytest.mark.parametrize("name", ["absent.txt", "absent"])
def test_a_file_that_is_missing_is_named(tmp_path, name):
    with pytest.raises(InvalidInput, match=f"cannot read .*{name}: No such file"):
        read(tmp_path / name)


def test_a_folder_without_training_triples_is_refused(tmp_path):
    written(tmp_path / "test.txt", "a\tb\tc\n")
    with pytest.raises(InvalidInput, match=r"has no train\.txt"):
        read(tmp_path)


def test_an_empty_file_is_refused(tmp_path):
    with pytest.raises(InvalidInput, match="no triples"):
        read(written(tmp_path / "graph.txt", "\n\n"))


def test_a_folder_is_read_in_its_parts(tmp_path):
    written(tmp_path / "train.txt", "a\tlikes\tb\n")
    written(tmp_path / "test.txt", "b\tlikes\tc\n")
    parts = read(str(tmp_path))
    assert len(parts.train) == 1
    assert len(parts.valid) == 0
    assert parts.test.tolist() == [[1, 0, 2]]


# -- holding out ----------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(3))
def test_what_is_held_out_leaves_nothing_unseen(planted, seed):
    graph = number(
        [*planted, ("p0", "admires", "p0"), ("p1", "admires", "p1"), ("x", "knows", "x")]
    )
    parts = hold_out(graph, 0.2, seed)
    assert len(parts.valid) == math.ceil(0.2 * len(graph))
    assert not parts.unseen(parts.valid).any()
    assert not parts.unseen(graph.ids).any()
    together = np.concatenate([parts.train.ids, parts.valid])
    np.testing.assert_array_equal(np.unique(together, axis=0), np.unique(graph.ids, axis=0))
    assert len(together) == len(graph)
    assert (parts.entities, parts.relations) == (graph.entities, graph.relations)


def test_what_cannot_be_spared_is_not_held_out():
    """A chain: each inner entity is in two triples, but the ends are in one."""
    parts = hold_out(number([("a", "r", "b"), ("b", "r", "c"), ("c", "r", "d")]), 1.0, 0)
    assert parts.valid.tolist() == [[1, 0, 2]]


def test_the_same_seed_holds_out_the_same(planted):
    graph = number(planted)
    one, two, other = (hold_out(graph, 0.1, seed) for seed in (4, 4, 5))
    np.testing.assert_array_equal(one.valid, two.valid)
    assert not np.array_equal(one.valid, other.valid)


# -- queries and kinds ----------------------------------------------------------------------------


def test_both_ways_are_the_triples_and_after_them_their_inverses():
    assert both_ways(np.array([[4, 1, 5]]), 3).tolist() == [[4, 1, 5], [5, 4, 4]]
    assert both_ways(np.empty((0, 3), np.int64), 3).shape == (0, 3)


def test_queries_are_ordered_by_relation_then_head_each_with_its_answers():
    ids = np.array([[2, 1, 0], [1, 0, 9], [1, 0, 3], [0, 1, 4], [1, 0, 9]])
    found = group(ids)
    assert found.relations.tolist() == [0, 1, 1]
    assert found.heads.tolist() == [1, 0, 2]
    answers = [
        found.tails[a:b].tolist() for a, b in zip(found.starts, found.starts[1:], strict=False)
    ]
    assert answers == [[3, 9], [4], [0]]
    assert len(found) == 3


@pytest.mark.parametrize("largest", [3, 2**21])
def test_triples_are_grouped_alike_whether_or_not_they_fit_one_number(largest):
    """Three numbers below 2^21 fit 63 bits; with 2^21 among them they do not."""
    ids = np.random.default_rng(0).integers(0, 4, (60, 3))
    ids[7, 2] = largest
    found = group(ids)
    told = sorted({(r, h, t) for h, r, t in ids.tolist()})
    sizes = np.diff(found.starts)
    pairs = zip(found.relations.repeat(sizes), found.heads.repeat(sizes), found.tails, strict=True)
    assert [tuple(int(x) for x in each) for each in pairs] == told


def test_no_triples_have_no_queries():
    found = group(np.empty((0, 3), np.int64))
    assert len(found) == 0
    assert found.starts.tolist() == [0]


def test_a_relation_is_one_or_many_by_the_mean_on_each_side():
    """Below 1.5 is one; exactly 1.5 is many; who has no triple is nothing."""
    ids = [
        (0, 0, 1), (2, 0, 3),  # one each
        (0, 1, 1), (0, 1, 2), (0, 1, 3),  # a head has 3 tails, a tail 1 head
        (0, 2, 9), (1, 2, 9), (2, 2, 9),  # the other way round
        (0, 3, 5), (0, 3, 6), (1, 3, 5), (1, 3, 6),  # 2 and 2
        (0, 4, 5), (0, 4, 6), (1, 4, 7),  # tails a head: 3 / 2; heads a tail: 1
        (0, 5, 5), (0, 5, 6), (1, 5, 7), (2, 5, 8),  # 4 / 3, and 1
    ]  # fmt: skip
    found = categories(np.array(ids), 7)
    assert found == ["1-1", "1-N", "N-1", "N-N", "1-N", "1-1", None]


def test_the_range_of_a_relation_is_who_answers_it_each_way():
    ids = np.array([[0, 0, 5], [1, 0, 3], [2, 0, 5], [4, 2, 4]])
    found = {kind: entities.tolist() for kind, entities in ranges(ids, 3).items()}
    assert found == {0: [3, 5], 1: [], 2: [4], 3: [0, 1, 2], 4: [], 5: [4]}


def test_the_index_finds_every_name():
    assert index(("x", "y")) == {"x": 0, "y": 1}
