"""Conditions on metadata: what each holds of, and that columns say the same as the plain twin."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from remanence.errors import InvalidInput
from remanence.retrieval.fields import Fields
from remanence.retrieval.where import matches, read

NOTE = {
    "kind": "note",
    "stars": 4,
    "done": True,
    "tags": ["a", "b", 1],
    "owner": {"name": "魏", "age": 30},
    "x.y": 1,
    "none": None,
}


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ({}, True),
        ({"kind": "note"}, True),
        ({"kind": "note", "stars": 5}, False),
        ({"stars": 4.0}, True),
        ({"done": 1}, False),
        ({"stars": {"$eq": 4}}, True),
        ({"stars": {"$ne": 4}}, False),
        ({"absent": {"$ne": 4}}, True),
        ({"stars": {"$gt": 3, "$lt": 5}}, True),
        ({"stars": {"$gt": 4}}, False),
        ({"stars": {"$gte": 4}}, True),
        ({"stars": {"$lt": "5"}}, False),
        ({"kind": {"$lte": "note"}}, True),
        ({"done": {"$gte": 0}}, False),
        ({"absent": {"$lt": 1}}, False),
        ({"kind": {"$in": ["note", "task"]}}, True),
        ({"kind": {"$in": []}}, False),
        ({"kind": {"$nin": ["task"]}}, True),
        ({"absent": {"$nin": ["task"]}}, True),
        ({"none": {"$exists": True}}, True),
        ({"none": None}, True),
        ({"absent": None}, False),
        ({"absent": {"$exists": False}}, True),
        ({"kind": {"$contains": "ot"}}, True),
        ({"tags": {"$contains": "a"}}, True),
        ({"tags": {"$contains": 1}}, True),
        ({"tags": {"$contains": True}}, False),
        ({"tags": ["a", "b", 1]}, True),
        ({"tags": ["b", "a", 1]}, False),
        ({"owner.name": "魏"}, True),
        ({"owner.age": {"$gt": 29}}, True),
        ({"owner": {"age": 30, "name": "魏"}}, True),
        ({"x.y": 1}, True),
        ({"$or": [{"kind": "task"}, {"stars": 4}]}, True),
        ({"$or": []}, False),
        ({"$and": [{"kind": "note"}, {"$not": {"stars": 5}}]}, True),
        ({"$not": {"kind": "note"}}, False),
    ],
)
def test_a_condition_holds_or_does_not_and_columns_agree(condition, holds):
    assert matches(read(condition), NOTE) is holds
    fields = Fields()
    fields.add(7, NOTE)
    fields.add(9, {"other": 1})
    assert (7 in fields.select(read(condition))) is holds


@pytest.mark.parametrize(
    ("condition", "says"),
    [
        ({"$xor": []}, r"'\$xor' is no operator"),
        ({"stars": {"$more": 1}}, r"\$eq, \$ne"),
        ({"stars": {"$in": 4}}, "takes a list"),
        ({"stars": {"$in": "ab"}}, "takes a list"),
        ({"stars": {"$gt": [1]}}, "takes a number or a text"),
        ({"stars": {"$exists": 1}}, "takes true or false"),
        ({"$or": {"a": 1}}, "takes a list of conditions"),
        ({"$not": [1]}, "not a mapping"),
        ({"stars": {"$eq": {1, 2}}}, "is not JSON"),
        ({1: 2}, "is not text"),
    ],
)
def test_what_is_no_condition_is_refused_with_what_there_is(condition, says):
    with pytest.raises(InvalidInput, match=says):
        read(condition)


def test_a_condition_may_not_be_nested_without_end():
    deep = {"a": 1}
    for _ in range(40):
        deep = {"$not": deep}
    with pytest.raises(InvalidInput, match="nested deeper"):
        read(deep)


KEYS = st.sampled_from(["a", "b", "a.b", "c"])
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-2, 2), st.sampled_from([0.5, 1.0, "x", "xy", "1", "明"])
)
VALUES = st.one_of(
    SCALARS,
    st.lists(SCALARS, max_size=2),
    st.dictionaries(KEYS, SCALARS, max_size=2),
)
ORDERED = st.one_of(st.integers(-2, 2), st.sampled_from(["x", "xx", "y"]))
TESTS = st.one_of(
    st.tuples(st.sampled_from(["$eq", "$ne", "$contains"]), VALUES),
    st.tuples(st.sampled_from(["$gt", "$gte", "$lt", "$lte"]), ORDERED),
    st.tuples(st.sampled_from(["$in", "$nin"]), st.lists(VALUES, max_size=3)),
    st.tuples(st.just("$exists"), st.booleans()),
)
TERMS = st.builds(lambda key, test: {key: dict([test])}, KEYS, TESTS)
CONDITIONS = st.recursive(
    TERMS,
    lambda inner: st.one_of(
        st.builds(lambda parts: {"$and": parts}, st.lists(inner, max_size=3)),
        st.builds(lambda parts: {"$or": parts}, st.lists(inner, max_size=3)),
        st.builds(lambda part: {"$not": part}, inner),
    ),
    max_leaves=5,
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.dictionaries(KEYS, VALUES, max_size=3), max_size=6), CONDITIONS)
def test_columns_say_what_the_plain_twin_says(rows, condition):
    fields = Fields()
    for number, metadata in enumerate(rows, start=1):
        fields.add(number, metadata)
    asked = read(condition)
    selected = fields.select(asked)
    assert [n in selected for n in range(1, len(rows) + 1)] == [matches(asked, m) for m in rows]
