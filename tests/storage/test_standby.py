"""A primary and its standby: what is promised while one of them is away."""

import signal
import time

import pytest

import remanence
from remanence.errors import StorageError, StoreUncertain
from remanence.storage import engines

psycopg = pytest.importorskip("psycopg", reason="the extra `postgres` is not installed")
pytestmark = pytest.mark.slow


@pytest.fixture
def primary(postgres_tools):
    try:
        server = postgres_tools.create()
    except postgres_tools.NoServer as error:
        pytest.skip(str(error))
    server.start()
    engines.migrate(server.address)
    yield server
    server.remove()


@pytest.fixture
def pair(postgres_tools, primary):
    """A primary that waits for its standby, and the standby."""
    standby = postgres_tools.standby(primary, "one")
    standby.start()
    primary.stop()
    primary.start(synchronous_standby_names="one")
    _wait_for_standby(primary)
    yield primary, standby
    standby.remove()


def _wait_for_standby(primary):
    query = "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'"
    deadline = time.monotonic() + 60
    with psycopg.connect(primary.address, autocommit=True) as session:
        while session.execute(query).fetchone() != (1,):
            assert time.monotonic() < deadline, "the standby does not follow"
            time.sleep(0.05)


def opened(server, timeout=30.0):
    return remanence.open(server.address, embedder="hash:16", timeout=timeout)


def held(server):
    with opened(server) as memory, memory.store.reading() as rows:
        return [row[0] for row in rows.all("SELECT source FROM episode ORDER BY id")]


def test_a_write_that_no_standby_confirms_is_uncertain_and_a_retry_doubles_nothing(pair):
    primary, standby = pair
    with opened(primary) as memory:
        memory.remember("one", id="a")
    standby.signal(signal.SIGSTOP)  # cut off: it answers nothing
    try:
        with opened(primary, timeout=0.5) as memory:
            for _ in range(2):
                begun = time.monotonic()
                with pytest.raises(StoreUncertain, match="no standby has confirmed"):
                    memory.remember("two", id="b")
                assert time.monotonic() - begun < 20
    finally:
        standby.signal(signal.SIGCONT)
    with opened(primary) as memory:
        memory.remember("two", id="b")
    assert held(primary) == ["a", "b"]
    assert standby.process.poll() is None


def test_what_was_acknowledged_is_on_the_standby_that_takes_over(pair):
    primary, standby = pair
    acknowledged = []
    with opened(primary, timeout=2.0) as memory:
        for n in range(50):
            memory.remember(f"note {n}", id=str(n))
            acknowledged.append(str(n))
        primary.kill()
        with pytest.raises(StorageError):
            memory.remember("late", id="late")
    (standby.data / "standby.signal").unlink()  # promoted by its next start
    standby.stop()
    standby.start()
    assert held(standby) == acknowledged
    with opened(standby) as memory:
        memory.remember("onwards", id="next")


@pytest.mark.parametrize("cycles", [3])
def test_a_server_that_is_killed_loses_nothing_that_it_acknowledged(primary, cycles):
    acknowledged = []
    for cycle in range(cycles):
        with opened(primary, timeout=20.0) as memory:
            for n in range(20):
                memory.remember(f"note {n}", id=f"{cycle}-{n}")
                acknowledged.append(f"{cycle}-{n}")
            primary.kill()
            primary.start()
            # The same memory goes on, with the connections that the new server has.
            with pytest.raises(StorageError):
                memory.remember("on the old connection", id=f"{cycle}-old")
            memory.remember("on a new one", id=f"{cycle}-new")
            acknowledged.append(f"{cycle}-new")
    assert held(primary) == acknowledged
