"""Records, expiry, several namespaces, many ids, blobs: what a caller may rely on."""

import os
from pathlib import Path

import pytest

import remanence
from remanence import Turn, records
from remanence.errors import InvalidInput
from remanence.storage.blobs import MAX_BYTES, Blobs

PAST, FUTURE = "2020-01-01", "2999-01-01"


def ids(found):
    return [item.id for item in found]


def page_ids(found):
    return [record.episode.id for record in found.items]


def bytes_of(path):
    files = [Path(f"{path}{suffix}") for suffix in ("", "-wal")]
    return b"".join(file.read_bytes() for file in files if file.exists())


# -- expiry ---------------------------------------------------------------------------------------


@pytest.fixture
def expired(plain):
    """A memory in which one turn is due and one is not."""
    plain.remember(
        [
            Turn("Wei parks at gate zeppelin.", id="gone", session="s", expires=PAST),
            Turn("Wei parks at gate four.", id="kept", session="s", expires=FUTURE),
        ],
        speaker="Wei",
    )
    return plain


@pytest.mark.parametrize(
    "seen",
    [
        lambda m: ids(m.recall("Where does Wei park?")),
        lambda m: ids(m.context("Where does Wei park?", session="s").turns),
        lambda m: ids(m.recall("Where does Wei park?", namespace=["default"])),
        lambda m: page_ids(records.page(m, "default")),
        lambda m: [r.episode.id for r in records.get(m, "default", ["gone", "kept"]) if r],
    ],
)
def test_what_is_due_is_in_no_read(expired, seen):
    assert seen(expired) == ["kept"]


def test_what_is_due_is_in_no_file_after_the_next_read(expired):
    assert b"zeppelin" in bytes_of(expired.store.engine.path)
    expired.recall("anything")
    assert b"zeppelin" not in bytes_of(expired.store.engine.path)


def test_what_is_due_is_forgotten_by_the_next_write_too(expired):
    expired.remember("Yan likes tea.")
    assert b"zeppelin" not in bytes_of(expired.store.engine.path)


def test_a_fact_goes_with_the_turn_that_stated_it(memory):
    memory.remember("I live in Chengdu.", speaker="Wei", expires=PAST)
    assert memory.facts(subject="Wei") == []


def test_a_store_that_cannot_be_written_hides_what_is_due(expired):
    path = expired.store.engine.path
    expired.close()
    with remanence.open(path, embedder="hash:64", readonly=True) as opened:
        assert ids(opened.recall("Where does Wei park?")) == ["kept"]
        assert page_ids(records.page(opened, "default")) == ["kept"]
        assert records.get(opened, "default", ["gone"]) == [None]


def test_the_same_text_with_another_expiry_expires_then(plain):
    plain.remember("A pass for today.", id="p", expires=FUTURE)
    again = plain.remember("A pass for today.", id="p", expires=PAST)
    assert again.new == []
    assert records.get(plain, "default", ["p"]) == [None]


def test_the_same_text_without_an_expiry_keeps_it(plain):
    plain.remember("A pass.", id="p", expires=FUTURE)
    plain.remember("A pass.", id="p")
    (record,) = records.get(plain, "default", ["p"])
    assert record.expires == "2999-01-01T00:00:00Z"


def test_a_newer_version_without_expiry_outlives_what_it_replaced(plain):
    plain.remember("Draft.", id="p", expires=PAST)
    plain.remember("Final.", id="p")
    assert page_ids(records.page(plain, "default")) == ["p"]


def test_every_part_of_a_long_document_expires(plain):
    plain.remember("A sentence of some length. " * 400, id="doc", expires=PAST)
    assert records.page(plain, "default").items == ()


def test_an_expiry_that_is_no_time_is_refused(plain):
    with pytest.raises(InvalidInput, match="expires"):
        plain.remember("x", expires="soon")


# -- several namespaces ---------------------------------------------------------------------------


@pytest.fixture
def users(plain):
    """Memories of three users, and of somebody beside them."""
    for name in ("users/wei", "users/yan", "users/明", "staff/bo"):
        plain.remember(f"{name} keeps bees.", id="b", session="s", namespace=name)
    return plain


def test_a_prefix_is_searched_as_one_and_each_hit_names_its_namespace(users):
    found = users.recall("Who keeps bees?", namespace=["users/*"])
    assert {item.namespace for item in found} == {"users/wei", "users/yan", "users/明"}
    assert {item.text for item in found} == {f"{item.namespace} keeps bees." for item in found}


def test_names_and_prefixes_stand_side_by_side(users):
    found = users.recall("bees", namespace=["users/w*", "staff/bo", "nobody"])
    assert {item.namespace for item in found} == {"users/wei", "staff/bo"}


def test_a_single_name_is_never_a_prefix(users):
    assert users.recall("bees", namespace="users/*") == []
    assert records.page(users, "users/*").items == ()
    assert users.forget(namespace="users/*", everything=True).episodes == 0
    assert len(users.recall("bees", namespace=["users/*"])) == 3


def test_a_span_follows_what_is_written_replaced_and_forgotten(users):
    asked = {"namespace": ["users/*"], "k": 20}
    users.recall("bees", **asked)
    users.remember("Li keeps bees.", id="b", namespace="users/li")
    users.remember("wei keeps wasps.", id="b", session="s", namespace="users/wei")
    users.forget(namespace="users/yan", everything=True)
    users.remember("Yan has bees again.", id="b", namespace="users/yan")
    found = {item.namespace: item.text for item in users.recall("bees", **asked)}
    assert found == {
        "users/li": "Li keeps bees.",
        "users/wei": "wei keeps wasps.",
        "users/明": "users/明 keeps bees.",
        "users/yan": "Yan has bees again.",
    }


def test_a_span_says_what_a_fresh_one_says(users):
    asked = {"namespace": ["users/*", "staff/*"], "k": 20}
    for step in range(6):
        users.remember(f"Note {step} of bees.", session="s", namespace=f"users/{step % 3}")
        users.recall("bees", **asked)
    kept = users.recall("bees", **asked)
    users.indexes.clear()
    assert users.recall("bees", **asked) == kept


def test_a_session_is_that_of_each_namespace(users):
    users.remember("bees elsewhere", session="other", namespace="users/wei")
    found = users.recall("bees", namespace=["users/*"], session="s", k=20)
    assert len(found) == 3
    assert all("keeps" in item.text for item in found)


def test_neighbours_are_of_one_namespace(users):
    with users.indexes.opened(["users/*"]) as (index, _, names):
        assert len(names) == 3
        assert set(index.column("previous").tolist()) == {-1}


def test_a_page_over_a_prefix_is_in_the_order_of_arrival(users):
    first = records.page(users, ["users/*"], most=2, oldest_first=True)
    rest = records.page(users, ["users/*"], most=2, oldest_first=True, beyond=first.beyond)
    names = [record.episode.namespace for record in (*first.items, *rest.items)]
    assert names == ["users/wei", "users/yan", "users/明"]
    assert rest.beyond is None


def test_a_prefix_is_forgotten_in_one_transaction(users):
    receipt = users.forget(namespace=["users/*"], id="b")
    assert (receipt.episodes, receipt.namespace) == (3, "users/*")
    assert ids(users.recall("bees", namespace=["*"])) == ["b"]


@pytest.mark.parametrize("given", [[], "", [""], 7, None])
def test_what_names_no_namespace_is_refused(plain, given):
    with pytest.raises(InvalidInput):
        plain.recall("bees", namespace=given)


def test_namespaces_are_listed_by_prefix(users):
    assert records.namespaces(users, "users/") == ["users/wei", "users/yan", "users/明"]
    assert records.namespaces(users, most=1) == ["users/wei"]
    assert users.store.namespaces("staff/") == ["staff/bo"]


# -- conditions, pages, many ids ------------------------------------------------------------------


@pytest.fixture
def notes(plain):
    """Ten notes with stars from 0 to 9, the even ones about tea."""
    plain.remember(
        Turn(
            f"Note {stars} on {'coffee' if stars % 2 else 'tea'}.",
            id=str(stars),
            metadata={"stars": stars, "about": {"drink": "coffee" if stars % 2 else "tea"}},
        )
        for stars in range(10)
    )
    plain.remember("A note on tea without stars.", id="bare")
    return plain


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"stars": {"$gte": 8}}, {"8", "9"}),
        ({"about.drink": "tea", "stars": {"$lt": 3}}, {"0", "2"}),
        ({"stars": {"$exists": False}}, {"bare"}),
        ({"$or": [{"stars": 1}, {"stars": {"$in": [7]}}]}, {"1", "7"}),
    ],
)
def test_recall_and_pages_hold_to_a_condition(notes, condition, expected):
    assert set(ids(notes.recall("note on tea", metadata=condition, k=20))) == expected
    assert set(page_ids(records.page(notes, "default", metadata=condition))) == expected


def test_a_condition_sees_what_has_changed_since(notes):
    asked = {"metadata": {"stars": {"$gte": 8}}, "k": 20}
    notes.recall("note", **asked)
    notes.remember("Note 8, mended.", id="8", metadata={"stars": 1})
    notes.remember("Note 11.", id="11", metadata={"stars": 11})
    notes.forget(namespace="default", id="9")
    assert ids(notes.recall("note", **asked)) == ["11"]
    assert page_ids(records.page(notes, "default", metadata=asked["metadata"])) == ["11"]


@pytest.mark.parametrize("oldest_first", [True, False])
@pytest.mark.parametrize("condition", [{"about.drink": "tea"}, {"about.drink": {"$ne": "coffee"}}])
def test_pages_of_a_condition_add_up(notes, oldest_first, condition):
    whole = page_ids(records.page(notes, "default", metadata=condition, oldest_first=oldest_first))
    found, beyond = [], None
    while True:
        page = records.page(
            notes, "default", metadata=condition, most=2, beyond=beyond, oldest_first=oldest_first
        )
        found += page_ids(page)
        beyond = page.beyond
        if beyond is None:
            break
    assert found == whole
    assert len(whole) == len(set(whole)) >= 5


def test_many_ids_are_read_and_forgotten_at_once(notes):
    found = records.get(notes, "default", ["3", "nobody", "1"])
    assert [record and record.episode.id for record in found] == ["3", None, "1"]
    receipt = notes.forget(namespace="default", id=["3", "1", "nobody"])
    assert (receipt.episodes, receipt.selector) == (2, {"id": "3, 1, nobody"})
    assert len(records.page(notes, "default").items) == 9


def test_a_record_tells_when_it_began_and_when_it_changed(plain):
    plain.remember("First.", id="a")
    plain.remember("Second.", id="a")
    (record,) = records.get(plain, "default", ["a"])
    (listed,) = records.page(plain, "default").items
    assert record.created_at == listed.created_at < record.episode.recorded_at
    assert (record.number, record.episode.text) == (listed.number, "Second.")


# -- blobs ----------------------------------------------------------------------------------------


@pytest.fixture
def blobs(plain):
    return Blobs(plain.namespace("threads/1"))


@pytest.mark.parametrize("value", [b"", b"\0\xff", "", "明", {"a": [1, None, True]}, [], 1.5, None])
def test_a_value_comes_back_as_it_was(blobs, value):
    blobs.put({"a/1": value})
    found = blobs.get("a/1")
    assert (found.value, type(found.value)) == (value, type(value))


def test_a_value_of_many_megabytes_is_kept_whole(blobs):
    body = os.urandom(1 << 20) * 8
    blobs.put({"big": body})
    assert blobs.get("big").value == body


def test_a_value_is_replaced_and_listed_by_prefix(blobs):
    blobs.put({"a/1": b"x", "a/2": b"y", "b": b"z"})
    blobs.put({"a/1": b"new"})
    assert blobs.names("a/") == ["a/2", "a/1"]
    assert [each and each.value for each in blobs.get_all(["a/1", "none"])] == [b"new", None]


def test_forgotten_values_are_in_no_file(plain, blobs):
    blobs.put({"a": b"zeppelin" * 2_000, "b": {"word": "airship"}, "c": b"kept"})
    assert blobs.forget(["a", "b", "nobody"]) == 2
    assert blobs.names() == ["c"]
    held = bytes_of(plain.store.engine.path)
    assert b"zeppelin" not in held
    assert b"airship" not in held


def test_values_are_no_memories_and_go_with_their_namespace(plain, blobs):
    blobs.put({"a": "Wei keeps bees."})
    assert plain.recall("Who keeps bees?", namespace="threads/1") == []
    plain.forget(namespace="threads/1", everything=True)
    assert Blobs(plain.namespace("threads/1")).names() == []
    assert b"keeps bees" not in bytes_of(plain.store.engine.path)


def test_values_of_another_namespace_are_not_seen(plain, blobs):
    blobs.put({"a": 1})
    assert Blobs(plain.namespace("threads/2")).get("a") is None


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [("a", {1, 2}, "neither bytes nor JSON"), ("", b"", "empty"), ("a", float("nan"), "neither")],
)
def test_what_is_no_value_is_refused_and_nothing_is_kept(blobs, name, value, says):
    with pytest.raises(InvalidInput, match=says):
        blobs.put({"fine": 1, name: value})
    assert blobs.names() == []


def test_a_value_above_the_limit_is_refused(blobs, monkeypatch):
    monkeypatch.setattr("remanence.storage.blobs.MAX_BYTES", 10)
    assert MAX_BYTES == 64 * 1024 * 1024
    with pytest.raises(InvalidInput, match="keep it in pieces"):
        blobs.put({"a": b"12345678901"})


# -- expiry set later, PostgreSQL -----------------------------------------------------------------


def test_an_expiry_may_be_set_and_moved(plain):
    plain.remember(["One.", "Two."])
    first, second = (each.episode.id for each in records.page(plain, "default").items)
    assert records.touch(plain, "default", [first, "nobody"], PAST) == 1
    assert page_ids(records.page(plain, "default")) == [second]
    records.touch(plain, "default", [second], FUTURE)
    assert records.forget_expired(plain) == 0
    assert page_ids(records.page(plain, "default")) == [second]


def test_what_is_due_everywhere_is_forgotten_at_once(plain):
    for name in ("a/1", "a/2", "b/1"):
        plain.remember("x", namespace=name, expires=PAST)
    assert records.forget_expired(plain, "a/") == 2
    assert records.namespaces(plain, "b/") == ["b/1"]


def test_a_store_in_postgresql_does_the_same(postgres):
    with remanence.open(postgres, embedder="hash:64") as opened:
        for name in ("users/wei", "users/yan"):
            opened.remember(f"{name} keeps bees.", id="b", metadata={"n": 1}, namespace=name)
        opened.remember("gone", expires=PAST, namespace="users/wei")
        found = opened.recall("bees", namespace=["users/*"], metadata={"n": {"$gte": 1}})
        assert len(found) == 2
        assert len(records.page(opened, ["users/*"], metadata={"n": {"$ne": 2}}).items) == 2
        blobs = Blobs(opened.namespace("users/wei"))
        blobs.put({"a": b"\0\xff"})
        assert blobs.get("a").value == b"\0\xff"
        assert blobs.forget(["a"]) == 1
        assert opened.forget(namespace=["users/*"], id=["b"]).episodes == 2
