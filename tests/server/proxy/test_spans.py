"""Spans of JSON against their naive twin, `json.loads`."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from remanence.server.proxy import spans

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
SPACE = st.text(" \t\n\r", max_size=3)


def spaced(value, draw):
    """`value` as JSON with white space wherever it may be."""

    def w():
        return draw(SPACE)

    if isinstance(value, dict):
        inside = ",".join(
            f"{w()}{json.dumps(key)}{w()}:{w()}{spaced(each, draw)}{w()}"
            for key, each in value.items()
        )
        return f"{{{inside or w()}}}"
    if isinstance(value, list):
        return f"[{','.join(w() + spaced(each, draw) + w() for each in value) or w()}]"
    return json.dumps(value, ensure_ascii=draw(st.booleans()))


@settings(max_examples=40)
@given(st.data(), st.dictionaries(st.text(), VALUES, max_size=4))
def test_members_are_where_json_has_them(data, value):
    text = data.draw(SPACE) + spaced(value, data.draw) + data.draw(SPACE)
    found = list(spans.members(text))
    assert {each.key: each.value for each in found} == json.loads(text)
    assert all(json.loads(text[each.start : each.end]) == each.value for each in found)


@settings(max_examples=40)
@given(st.data(), st.lists(VALUES, max_size=4))
def test_elements_are_where_json_has_them(data, value):
    text = spaced(value, data.draw)
    found = list(spans.elements(text))
    assert [each.value for each in found] == json.loads(text)
    assert all(json.loads(text[each.start : each.end]) == each.value for each in found)


def test_of_two_members_of_one_name_the_last_counts_as_in_json():
    text = '{"a": 1, "b": 2, "a": [3]}'
    found = spans.member(text, "a")
    assert found.value == json.loads(text)["a"]
    assert text[found.start : found.end] == "[3]"


@pytest.mark.parametrize(
    "text", ["", "[", "{", '{"a"', '{"a":', '{"a":1', '{"a":1]', "{1:2}", "[1 2]", "[1,"]
)
def test_what_is_no_json_is_a_value_error(text):
    with pytest.raises(ValueError):
        list(spans.elements(text) if text.startswith("[") else spans.members(text))


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_what_stands_inside_a_string_reads_as_it_was(text):
    assert json.loads(f'"{spans.inside(text)}"') == text


def test_pieces_are_put_in_where_they_belong():
    assert spans.put("abcd", (1, "1"), (3, "33")) == "a1bc33d"
    assert spans.put("abcd") == "abcd"
