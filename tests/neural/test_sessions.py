"""Sessions: whose state it is, that it lasts, in which process and over which weights;

and a pool of a thousand.
"""

import os
import signal
import subprocess
import sys
import threading
import time

import pytest

torch = pytest.importorskip("torch")

import remanence  # noqa: E402
from remanence import neural  # noqa: E402
from remanence.errors import CheckpointError, InvalidInput, StorageError, StoreBusy  # noqa: E402

from .conftest import plain, stir  # noqa: E402

DYNAMIC = neural.DynamicMemoryConfig(layers=(0, 2), heads=2, key=8, value=8)


@pytest.fixture(scope="module")
def model():
    return stir(neural.attach_memory(plain("gpt2"), DYNAMIC)).eval()


@pytest.fixture(params=["folder", "memory"])
def where(request, tmp_path):
    """Keyword arguments of `session` for each place that a state can be kept in."""
    if request.param == "folder":
        yield {"store": tmp_path / "states"}
        return
    with remanence.open(tmp_path / "m.db", embedder="hash:16", key="secret") as memory:
        yield {"store": memory, "namespace": "wei"}


def ids(seed, rows=1, tokens=8):
    return torch.randint(3, 60, (rows, tokens), generator=torch.Generator().manual_seed(seed))


def same(one, two):
    mine, theirs = one.tensors(), two.tensors()
    return mine.keys() == theirs.keys() and all(torch.equal(mine[p], theirs[p]) for p in mine)


def test_a_session_is_taken_up_where_it_was_left(model, where):
    with model.session("爱丽丝", **where) as first:
        assert first.state is None
        model.memorize(ids(1))
    with model.session("爱丽丝", **where) as second:
        assert same(first.state, second.state)
        model.memorize(ids(2))
    with model.session("bob", **where) as other:
        assert other.state is None
    wanted = model.memorize(ids(2), memory_state=model.memorize(ids(1)))
    assert same(second.state, wanted)


def test_an_exception_keeps_what_was_saved_and_nothing_since(model, where):
    def fails():
        with model.session("s", **where) as session:
            model.memorize(ids(1))
            session.save()
            model.memorize(ids(2))
            raise KeyError

    with pytest.raises(KeyError):
        fails()
    with model.session("s", **where) as session:
        kept = session.state
    assert same(kept, model.memorize(ids(1)))
    assert neural.Session(model, "s").state is None


def test_a_batch_of_sessions_is_kept_row_by_row(model, where):
    with model.session(["a", "b"], **where) as both:
        model.memorize(ids(1, rows=2))
    with model.session("b", **where) as one:
        assert same(one.state, both.state.select([1]))
    with model.session(["new", "a"], **where) as mixed:
        assert same(mixed.state.select([1]), both.state.select([0]))
    with (
        pytest.raises(InvalidInput, match="2 sessions, the batch has 3"),
        model.session(["a", "b"], **where),
    ):
        model.memorize(ids(1, rows=3))


def test_whoever_saves_second_is_told_and_overwrites_nothing(model, where):
    with pytest.raises(StoreBusy, match="open it again"), model.session("s", **where):
        model.memorize(ids(1))
        with model.session("s", **where) as inner:
            model.memorize(ids(2))
    with model.session("s", **where) as after:
        assert same(after.state, inner.state)


def test_a_session_that_only_reads_is_in_nobodys_way(model, where):
    with model.session("s", **where):
        model.memorize(ids(1))
    with model.session("s", **where):
        model(ids(3), memory_write=False)
        with model.session("s", **where):
            model.memorize(ids(2))


def test_other_weights_refuse_a_state_and_fresh_discards_it(model, where):
    with model.session("s", **where):
        model.memorize(ids(1))
    base = stir(neural.attach_memory(plain("gpt2"), DYNAMIC)).eval()
    with base.session("s", **where) as same_weights:
        assert same_weights.state is not None
    with torch.no_grad():
        base.transformer.h[1].mlp.c_fc.weight[0, 0] += 1e-3
    with (
        pytest.raises(CheckpointError, match="other weights.*fresh=True"),
        base.session("s", **where),
    ):
        pass
    other = neural.attach_memory(
        plain("gpt2"), neural.GatedMemoryConfig(layers=(1,), cells=4, size=16, heads=2)
    )
    with pytest.raises(CheckpointError, match="other size or kind"), other.session("s", **where):
        pass
    with base.session("s", fresh=True, **where) as anew:
        assert anew.state is None
        base.memorize(ids(2))
    with base.session("s", **where) as kept:
        assert same(kept.state, anew.state)


def test_forgetting_drops_a_state_and_what_was_open_over_it_is_not_saved(model, tmp_path):
    with remanence.open(tmp_path / "m.db", embedder="hash:16") as memory:
        where = {"store": memory, "namespace": "wei"}
        memory.remember("我住在成都。", namespace="wei", id="m1")
        with model.session("s", **where):
            model.memorize(ids(1))
        with pytest.raises(StorageError, match="forgotten"), model.session("s", **where):
            model.memorize(ids(2))
            assert memory.forget(namespace="wei", id="m1").states == 1
        with model.session("s", **where) as session:
            assert session.state is None


def test_a_damaged_or_a_strange_file_is_refused(model, tmp_path):
    from remanence.neural.serialization import StateFolder

    with model.session("s", store=tmp_path):
        model.memorize(ids(1))
    file = StateFolder(tmp_path).file("s")
    assert file.parent == tmp_path
    assert (file.stat().st_mode & 0o777) == 0o600
    body = file.read_bytes()
    for damaged in (b"", body[:100], body[:-8], b"x" * 300):
        file.write_bytes(damaged)
        with pytest.raises(CheckpointError, match="damaged"), model.session("s", store=tmp_path):
            pass
    file.write_bytes(body)
    file.rename(StateFolder(tmp_path).file("t"))
    with (
        pytest.raises(CheckpointError, match="another session"),
        model.session("t", store=tmp_path),
    ):
        pass


def test_numbers_that_are_not_finite_are_not_kept(model, where):
    with model.session("s", **where):
        model.memorize(ids(1))
    with pytest.raises(InvalidInput, match="not finite"), model.session("s", **where) as session:
        session.take(session.state.map(lambda t: t + float("inf")))
    with model.session("s", **where) as session:
        kept = session.state
    assert same(kept, model.memorize(ids(1)))


@pytest.mark.parametrize(
    ("given", "what"),
    [
        ({"name": ""}, "empty"),
        ({"name": []}, "at least one"),
        ({"name": ["a", "a"]}, "each once"),
        ({"name": "s", "store": 3}, "neither a folder"),
        ({"name": "s", "store": "x", "namespace": "wei"}, "a folder has none"),
    ],
)
def test_what_cannot_be_a_session_is_refused(model, given, what):
    with pytest.raises(InvalidInput, match=what):
        model.session(given.pop("name"), **given)


def test_a_memory_needs_a_namespace_to_keep_a_session_in(model):
    with (
        remanence.open(":memory:", embedder="hash:16") as memory,
        pytest.raises(InvalidInput, match="namespace="),
    ):
        model.session("s", store=memory)


def test_threads_have_sessions_of_their_own(model):
    found = {}

    def talk(name, seed):
        with model.session(name) as session:
            for _ in range(3):
                model.memorize(ids(seed))
            found[name] = session.state

    threads = [threading.Thread(target=talk, args=(f"s{n}", n)) for n in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for n in range(3):
        state = None
        for _ in range(3):
            state = model.memorize(ids(n), memory_state=state)
        assert same(found[f"s{n}"], state)


CHILD = """
import os, signal, sys, torch
torch.set_num_threads(1)
from transformers import AutoModelForCausalLM
from remanence import neural
model = neural.from_pretrained(AutoModelForCausalLM, sys.argv[1]).eval()
with model.session("s", store=sys.argv[2]) as session:
    if sys.argv[3] == "read":
        print(repr(model(torch.arange(3, 9)[None], memory_write=False).logits.double().sum().item()))
    else:
        model.memorize(torch.arange(10, 20)[None])
        session.save()
        model.memorize(torch.arange(20, 30)[None])
        os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.slow
def test_another_process_goes_on_and_a_killed_one_loses_the_open_turn_alone(model, tmp_path):
    model.save_pretrained(tmp_path / "model")

    def child(what):
        return subprocess.run(
            [sys.executable, "-c", CHILD, tmp_path / "model", tmp_path / "states", what],
            capture_output=True, text=True, env={**os.environ, "OMP_NUM_THREADS": "1"},
        )  # fmt: skip

    assert child("die").returncode == -signal.SIGKILL
    state = model.memorize(torch.arange(10, 20)[None])
    with model.session("s", store=tmp_path / "states") as session:
        assert same(session.state, state)
        with torch.no_grad():
            mine = model(torch.arange(3, 9)[None], memory_write=False).logits.double().sum().item()
    read = child("read")
    assert float(read.stdout) == mine, read.stderr


def test_dropping_a_session_drops_what_a_killed_save_left_of_it(tmp_path):
    from remanence import durable
    from remanence.neural.serialization import StateFolder

    folder = StateFolder(tmp_path)
    folder.save("会话", b"state", b"")
    left = durable.unfinished(folder.file("会话"))
    folder.file("会话").rename(tmp_path / "elsewhere")
    left.mkdir()
    (left / "half").write_bytes(b"sta")
    assert not folder.drop("会话")
    assert not left.exists()
    assert (tmp_path / "elsewhere").stat().st_mode & 0o777 == 0o600


# -- the pool -------------------------------------------------------------------------------------


def test_a_pool_gives_back_what_was_scattered_in_any_order(model):
    pool = neural.SessionPool(model)
    one, two = model.memorize(ids(1, rows=3)), model.memorize(ids(2, rows=2))
    pool.scatter(["a", "b", "c"], one)
    pool.scatter(["d", "b"], two)
    found = pool.stack(["c", "b", "never", "a"])
    assert same(found.select([0]), one.select([2]))
    assert same(found.select([1]), two.select([1]))
    assert same(found.select([3]), one.select([0]))
    assert all(not tensor.any() for tensor in found.select([2]).tensors().values())
    assert pool.drop("a")
    assert not pool.drop("a")
    assert "a" not in pool
    assert len(pool) == 3
    assert all(not tensor.any() for tensor in pool.stack(["a"]).tensors().values())
    with pytest.raises(InvalidInput, match="each named once"):
        pool.scatter(["a", "a"], two)
    with pytest.raises(InvalidInput, match="another model's"):
        pool.scatter(["a"], neural.MemoryState({"0": {"matrix": torch.zeros(1, 2)}}))


def test_a_thousand_sessions_are_stacked_and_scattered_in_milliseconds():
    wide = neural.DynamicMemoryConfig(layers=(0, 2), heads=4, key=32, value=64)
    pool = neural.SessionPool(neural.attach_memory(plain("gpt2"), wide))
    names = [f"s{n}" for n in range(1_000)]
    state = pool.stack(names)
    assert state.nbytes > 70_000_000
    pool.scatter(names, state)
    some, took = names[::31][:32], []
    for _ in range(20):
        initial_state = time.process_time()
        pool.scatter(some, pool.stack(some))
        took.append(time.process_time() - initial_state)
    assert min(took) < 0.005
