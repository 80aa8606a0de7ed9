"""`Memory.get`, `page`, `versions` and `edit`: single memories, read and changed."""

import threading

import pytest

from remanence import Turn
from remanence.errors import InvalidInput

WEI = "wei"


@pytest.fixture
def kept(plain):
    plain.remember(
        "I live in Bonn.", id="m", speaker="Wei", session="s1", at="2025-03-01T09:00:00Z",
        metadata={"topic": "home"}, namespace=WEI,
    )  # fmt: skip
    return plain


@pytest.mark.parametrize(
    ("fields", "changed"),
    [
        ({"text": "我住在成都。"}, {"text": "我住在成都。"}),
        ({"speaker": "魏"}, {"speaker": "魏"}),
        ({"session": "s2"}, {"session": "s2"}),
        ({"at": "2025-04-01T00:00:00Z"}, {"at": "2025-04-01T00:00:00Z"}),
        ({"metadata": {"a": 1}}, {"metadata": {"a": 1}}),
        ({"metadata": {}}, {"metadata": {}}),
        ({"text": "x", "metadata": {"b": 2}}, {"text": "x", "metadata": {"b": 2}}),
    ],
)
def test_an_edit_changes_the_fields_given_and_keeps_the_others(kept, fields, changed):
    before = kept.get("m", namespace=WEI)
    edited = kept.edit("m", namespace=WEI, **fields)
    assert edited == kept.get("m", namespace=WEI)
    for name in ("id", "text", "speaker", "session", "at", "metadata"):
        assert getattr(edited, name) == changed.get(name, getattr(before, name)), name
    assert [each.version for each in kept.versions("m", namespace=WEI)] == [2, 1]


def test_an_edit_that_changes_nothing_makes_no_version(kept):
    assert kept.edit("m", "I live in Bonn.", namespace=WEI, speaker="Wei").version == 1
    assert kept.edit("m", namespace=WEI).version == 1


def test_recall_and_facts_see_an_edit_and_the_earlier_text_is_history(memory):
    memory.remember("I live in Bonn.", id="m", speaker="Wei", namespace=WEI)
    memory.edit("m", "I live in Kassel.", namespace=WEI)
    assert [item.text for item in memory.recall("Where does Wei live?", namespace=WEI)] == [
        "I live in Kassel."
    ]
    assert [fact.object for fact in memory.facts(namespace=WEI, subject="Wei")] == ["Kassel"]
    assert [each.text for each in memory.versions("m", namespace=WEI)][1] == "I live in Bonn."


def test_an_edit_holds_only_over_the_version_that_was_read(kept):
    kept.edit("m", "two", namespace=WEI, version=1)
    with pytest.raises(InvalidInput, match="current version of 'm' is 2, not 1"):
        kept.edit("m", "three", namespace=WEI, version=1)
    assert kept.get("m", namespace=WEI).text == "two"


@pytest.mark.parametrize("namespace", [WEI, "another"])
def test_what_does_not_exist_is_not_edited(kept, namespace):
    with pytest.raises(InvalidInput, match="no memory 'nothing'"):
        kept.edit("nothing", "x", namespace=namespace)
    assert kept.get("nothing", namespace=namespace) is None
    assert kept.versions("nothing", namespace=namespace) == []


def test_edits_of_different_fields_at_the_same_time_are_all_kept(kept):
    changes = [
        {"text": "我住在成都。"},
        {"speaker": "魏"},
        {"session": "s2"},
        {"metadata": {"a": 1}},
    ]
    threads = [
        threading.Thread(target=kept.edit, args=("m",), kwargs={"namespace": WEI, **each})
        for each in changes
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    now = kept.get("m", namespace=WEI)
    assert (now.text, now.speaker, now.session, now.metadata) == (
        "我住在成都。", "魏", "s2", {"a": 1},
    )  # fmt: skip
    assert now.version == 5


def test_a_long_document_is_edited_whole_and_a_part_of_it_is_not(kept):
    kept.remember("第一章。" * 2_000, id="书", namespace=WEI)
    edited = kept.edit("书", "第二章。" * 2_000, namespace=WEI)
    assert edited.text == kept.get("书", namespace=WEI).text == "第二章。" * 2_000
    with pytest.raises(InvalidInput, match="part of"):
        kept.edit("书#1", "x", namespace=WEI)


def test_pages_follow_one_another_by_next(plain):
    plain.remember([Turn(f"turn {n}", id=f"m{n}") for n in range(7)], namespace=WEI)
    seen, beyond = [], None
    while True:
        page = plain.page(namespace=WEI, beyond=beyond, most=3)
        seen.append([episode.id for episode in page.episodes])
        beyond = page.next
        if beyond is None:
            break
    assert seen == [["m6", "m5", "m4"], ["m3", "m2", "m1"], ["m0"]]
    assert plain.page(namespace="another").episodes == ()
