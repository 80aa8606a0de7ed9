"""What whatever keeps the states of neural sessions must do."""

import pytest

import remanence
from remanence.errors import InvalidInput, StoreBusy


@pytest.fixture(params=["folder", "memory", "file"])
def store(request, tmp_path):
    if request.param == "folder":
        keeping = pytest.importorskip("remanence.neural.serialization")
        yield keeping.StateFolder(tmp_path / "a" / "states")
        return
    path = ":memory:" if request.param == "memory" else tmp_path / "states.db"
    with remanence.open(path, embedder="hash:16") as memory:
        yield memory.states("wei")


def test_nothing_is_kept_of_a_session_that_was_never_saved(store):
    assert store.open("s").body is None
    assert store.open("s").body is None
    assert not store.drop("s")


def test_what_is_saved_is_what_is_opened(store):
    token = store.open("s").token
    for body in (b"one", b"two", b"a longer one", b"x"):
        token = store.save("s", body, token)
        assert store.open("s").body == body
        assert store.open("s").token == token
    assert store.open("t").body is None


@pytest.mark.parametrize("name", ["../../up", "/etc/passwd", "a/b", "..", "爱丽丝", "x" * 512, "."])
def test_any_name_is_a_name(store, name):
    store.save(name, b"body", store.open(name).token)
    assert store.open(name).body == b"body"
    assert store.open(name + "2" if len(name) < 512 else name[:-1]).body is None


def test_who_has_not_read_what_is_kept_does_not_save_over_it(store):
    mine, theirs = store.open("s").token, store.open("s").token
    kept = store.save("s", b"theirs", theirs)
    with pytest.raises(StoreBusy, match="'s'.*open it again"):
        store.save("s", b"mine", mine)
    assert store.open("s").body == b"theirs"
    store.save("s", b"mine!!", kept)
    with pytest.raises(StoreBusy):
        store.save("s", b"theirs", kept)


def test_what_is_dropped_is_gone_and_begins_anew(store):
    token = store.save("s", b"body", store.open("s").token)
    assert store.drop("s")
    assert not store.drop("s")
    assert store.open("s").body is None
    with pytest.raises(StoreBusy):
        store.save("s", b"late", token)
    assert store.save("s", b"new", store.open("s").token)


def test_a_folder_refuses_what_is_no_name(tmp_path):
    keeping = pytest.importorskip("remanence.neural.serialization")
    with pytest.raises(InvalidInput):
        keeping.StateFolder(tmp_path).open("")
