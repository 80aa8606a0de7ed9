"""Frames of spoken Chinese: each row reads its own example, and the lists expand."""

import re

import pytest

from remanence import instants
from remanence.encoding.extraction import extract
from remanence.encoding.extraction.chinese_talk.finish import SPECIAL
from remanence.encoding.extraction.chinese_talk.frames import patterns
from remanence.encoding.extraction.chinese_talk.kinds import KINDS
from remanence.encoding.extraction.chinese_talk.lexicon import LEXICON, expanded

AT = instants.parse("2025-03-20T09:00:00")


def said(text):
    found = extract(text, speaker="Wei", addressee="Sara", at=AT)
    return [(c.subject, c.relation, c.object) for c in found]


@pytest.mark.parametrize("frame", patterns(), ids=lambda frame: frame.example)
def test_a_frame_reads_its_own_example(frame):
    text, _, fact = frame.example.partition(" => ")
    subject, relation, value = fact.split(" ", 2)
    assert (subject, relation, value) in said(text)


@pytest.mark.parametrize("frame", patterns(), ids=lambda frame: frame.example)
def test_every_slot_of_a_frame_has_a_kind(frame):
    assert set(re.findall(r"\{\w*:(\w+)\}", frame.right)) <= KINDS.keys()


def test_at_most_one_function_finishes_a_frame():
    for frame in patterns():
        assert len({SPECIAL[mark] for mark in frame.marked & SPECIAL.keys()}) <= 1, frame.example


def test_every_list_of_the_lexicon_is_an_expression():
    for name, expression in LEXICON.items():
        assert re.compile(expression), name


def test_an_unknown_list_is_an_error():
    with pytest.raises(KeyError):
        expanded("<NOWHERE_AT_ALL>")
