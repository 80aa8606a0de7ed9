"""What was learnt from a namespace: announced, kept, and blanked with what it was learnt from."""

import random

import pytest

import remanence
from remanence.storage import forgetting, models
from remanence.storage.store import find_namespace


def number(memory, namespace):
    with memory.store.reading() as connection:
        return find_namespace(connection, namespace)


def learnt(memory, namespace, body):
    """Keep `body` as a training would."""
    at = number(memory, namespace)
    claimed = memory.store.writing(lambda c: models.claim(c, at))
    assert memory.store.writing(lambda c: models.keep(c, claimed, body))
    return claimed


def read(memory, namespace):
    with memory.store.reading() as connection:
        return models.read(connection, number(memory, namespace))


def on_disk(path):
    return b"".join(file.read_bytes() for file in path.parent.glob(path.name + "*"))


def noise(seed, size):
    return random.Random(seed).randbytes(size)


@pytest.fixture
def two(tmp_path):
    """(memory, path): namespaces `a` and `b` with an episode each."""
    path = tmp_path / "two.db"
    with remanence.open(path, embedder="hash:32") as memory:
        memory.remember("one", namespace="a", id="x")
        memory.remember("two", namespace="b", id="x")
        yield memory, path


def test_a_model_is_read_back_and_the_newest_takes_the_place_of_the_last(two):
    memory, path = two
    assert read(memory, "a") is None
    first, second = noise(1, 20_000), noise(2, 30_000)
    learnt(memory, "a", first)
    assert read(memory, "a").body == first
    learnt(memory, "a", second)
    assert read(memory, "a").body == second
    memory.store.engine.erase()
    assert first[:64] not in on_disk(path), "the last one is not left in the file"


def test_each_namespace_has_its_own(two):
    memory, _ = two
    learnt(memory, "a", b"of a")
    learnt(memory, "b", b"of b")
    assert memory.forget(namespace="a", id="x").models == 1
    assert read(memory, "a") is None
    assert read(memory, "b").body == b"of b"


@pytest.mark.parametrize("size", [10, 3_000, 70_000, 1_000_000])
def test_no_byte_of_a_forgotten_model_is_left_in_any_file(two, size):
    memory, path = two
    body = noise(size, size)
    salt = learnt(memory, "a", body).salt
    pieces = [body[at : at + 10] for at in range(0, size, max(10, size // 500))]
    assert salt in on_disk(path)
    assert memory.forget(namespace="a", everything=True).models == 1
    left = on_disk(path)
    assert salt not in left
    assert not any(piece in left for piece in pieces if len(piece) == 10)


def test_no_byte_is_left_after_any_history(two, monkeypatch):
    """Random models of random sizes between random writes, blanking alone."""
    monkeypatch.setattr(forgetting, "SPARSE", 10**9)
    memory, path = two
    rng = random.Random(3)
    gone = []
    for step in range(40):
        namespace = rng.choice("ab")
        body = noise(step, rng.choice([40, 900, 5_000, 60_000]))
        memory.remember("word " * rng.randint(1, 900), namespace=namespace, id="x")
        learnt(memory, namespace, body)
        if rng.random() < 0.5:
            memory.forget(namespace=namespace, everything=True)
            memory.remember("again", namespace=namespace, id="x")
        gone.append(body)
    for namespace in "ab":
        memory.forget(namespace=namespace, everything=True)
    left = on_disk(path)
    assert not [n for n, body in enumerate(gone) if body[-32:] in left or body[:24] in left]


def test_a_claim_falls_with_what_is_forgotten_and_with_nothing_else(two):
    memory, _ = two
    at = number(memory, "a")
    claims = [memory.store.writing(lambda c: models.claim(c, at)) for _ in range(3)]
    memory.forget(namespace="b", everything=True)
    memory.remember("more", namespace="a")
    memory.compact()
    assert memory.store.writing(lambda c: models.keep(c, claims[0], b"first")), (
        "claims do not bar one another"
    )
    memory.store.writing(lambda c: models.release(c, claims[1]))
    assert not memory.store.writing(lambda c: models.keep(c, claims[1], b"released"))
    assert read(memory, "a").body == b"first"
    assert memory.forget(namespace="a", id="x").models == 1
    assert not memory.store.writing(lambda c: models.keep(c, claims[2], b"late"))
    assert read(memory, "a") is None


def test_writing_the_file_anew_drops_blank_rows_and_uses_no_number_twice(two):
    memory, _ = two
    for body in (b"1", b"2", b"3"):
        learnt(memory, "a", body)
    before = read(memory, "a")
    memory.forget(namespace="b", id="x")
    memory.compact()
    assert read(memory, "a") == before
    with memory.store.reading() as connection:
        assert list(connection.all("SELECT count(*) FROM model")) == [(1,)]
    memory.forget(namespace="a", id="x")
    memory.compact()
    memory.remember("new", namespace="a")
    learnt(memory, "a", b"4")
    assert read(memory, "a").id > before.id


def test_the_digest_of_a_name_depends_on_the_salt():
    assert models.digest(b"a" * 16, "Wei") == models.digest(b"a" * 16, "Wei")
    assert models.digest(b"a" * 16, "Wei") != models.digest(b"b" * 16, "Wei")
    assert len(models.digest(b"a" * 16, "伟")) == 16


def test_a_receipt_in_words_speaks_of_a_model_where_one_went(two):
    from remanence.cli.verbs import receipt_line

    memory, _ = two
    learnt(memory, "a", b"body")
    assert "1 model" in receipt_line(memory.forget(namespace="a", id="x"))
    assert "model" not in receipt_line(memory.forget(namespace="b", id="x"))
