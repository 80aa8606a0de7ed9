"""What neural sessions have heard:

opened, saved, and blanked with whatever goes from their namespace.
"""

import random

import pytest

import remanence
from remanence.errors import StorageError, StoreBusy
from remanence.storage import forgetting


def on_disk(path):
    return b"".join(file.read_bytes() for file in path.parent.glob(path.name + "*"))


def noise(seed, size):
    return random.Random(seed).randbytes(size)


def save(memory, namespace, name, body):
    states = memory.states(namespace)
    return states.save(name, body, states.open(name).token)


@pytest.fixture
def two(tmp_path):
    """(memory, path): namespaces `a` and `b` with an episode each."""
    path = tmp_path / "two.db"
    with remanence.open(path, embedder="hash:32") as memory:
        memory.remember("one", namespace="a", id="x")
        memory.remember("two", namespace="b", id="x")
        yield memory, path


def test_forgetting_anything_in_a_namespace_blanks_its_states_and_no_others(two):
    memory, _ = two
    for namespace in "ab":
        for name in ("s", "t", "会话"):
            save(memory, namespace, name, b"body of " + namespace.encode())
    assert memory.forget(namespace="a", id="none").states == 0
    assert memory.states("a").open("s").body == b"body of a"
    assert memory.forget(namespace="a", id="x").states == 3
    assert memory.states("a").open("s").body is None
    assert memory.states("b").open("会话").body == b"body of b"


def test_forgetting_a_session_drops_its_state_even_where_it_left_no_episode(two):
    memory, _ = two
    save(memory, "a", "s", b"1")
    save(memory, "a", "t", b"2")
    assert memory.forget(namespace="a", session="s").states == 1
    assert memory.states("a").open("s").body is None
    assert memory.states("a").open("t").body == b"2"
    assert memory.forget(namespace="a", session="t", before="1990-01-01").states == 0


def test_a_namespace_that_holds_states_alone_is_forgotten_too(two):
    memory, _ = two
    save(memory, "new", "s", b"1")
    assert memory.forget(namespace="new", everything=True).states == 1
    assert memory.states("new").open("s").body is None


@pytest.mark.parametrize("before", [None, b"old"])
def test_a_session_that_is_open_over_a_forgetting_is_not_saved(two, before):
    memory, _ = two
    states = memory.states("a")
    if before is not None:
        save(memory, "a", "s", before)
    token = states.open("s").token
    memory.forget(namespace="b", everything=True)
    token = states.save("s", b"fine", token)
    memory.forget(namespace="a", id="x")
    with pytest.raises(StorageError, match="forgotten in namespace 'a'"):
        states.save("s", b"late", token)
    again = states.open("s")
    assert again.body is None
    with pytest.raises(StoreBusy):  # opened anew by another, the old token is worth nothing
        states.save("s", b"late", token)
    assert states.save("s", b"new", again.token)


@pytest.mark.parametrize("size", [10, 3_000, 70_000, 1_000_000])
def test_no_byte_of_a_forgotten_state_is_left_in_any_file(two, size):
    memory, path = two
    bodies = [noise(size + n, size) for n in range(4)]
    for body in bodies:  # of one size: overwritten in place
        salt = save(memory, "a", "s", body)
    assert salt in on_disk(path)
    assert memory.forget(namespace="a", everything=True).states == 1
    left = on_disk(path)
    assert salt not in left
    for body in bodies:
        pieces = [body[at : at + 10] for at in range(0, size, max(10, size // 200))]
        assert not any(piece in left for piece in pieces if len(piece) == 10)


def test_no_byte_is_left_after_any_history(two, monkeypatch):
    """States of random sizes between random writes, blanking alone."""
    monkeypatch.setattr(forgetting, "SPARSE", 10**9)
    memory, path = two
    rng = random.Random(3)
    gone = []
    for step in range(40):
        namespace, name = rng.choice("ab"), rng.choice("st")
        body = noise(step, rng.choice([40, 900, 5_000, 60_000]))
        memory.remember("word " * rng.randint(1, 900), namespace=namespace, id="x")
        save(memory, namespace, name, body)
        if rng.random() < 0.3:
            memory.forget(namespace=namespace, everything=True)
            memory.remember("again", namespace=namespace, id="x")
        gone.append(body)
    for namespace in "ab":
        memory.forget(namespace=namespace, everything=True)
    left = on_disk(path)
    assert not [n for n, body in enumerate(gone) if body[-32:] in left or body[:24] in left]


def test_writing_the_file_anew_keeps_states_and_drops_blank_rows(two):
    memory, _ = two
    for body in (b"1", b"22", b"333"):
        save(memory, "a", "s", body)
    memory.compact()
    assert memory.states("a").open("s").body == b"333"
    with memory.store.reading() as connection:
        assert list(connection.all("SELECT count(*) FROM state")) == [(1,)]


def test_saving_one_size_again_and_again_does_not_make_the_store_grow(two):
    memory, _ = two
    save(memory, "a", "s", noise(0, 100_000))
    memory.store.engine.erase()
    before = memory.store.engine.size()
    for n in range(20):
        save(memory, "a", "s", noise(n, 100_000))
    memory.store.engine.erase()
    assert memory.store.engine.size() == before


def test_a_receipt_in_words_speaks_of_states_where_some_went(two):
    from remanence.cli.verbs import receipt_line

    memory, _ = two
    save(memory, "a", "s", b"body")
    assert "1 neural state" in receipt_line(memory.forget(namespace="a", id="x"))
    assert "neural" not in receipt_line(memory.forget(namespace="b", id="x"))
