"""What tests share: an empty memory, and a PostgreSQL of their own."""

import fcntl
import importlib.util
import os
import sys
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest

import remanence

ROOT = Path(__file__).parents[1]


@pytest.fixture
def store(request, tmp_path):
    """The address of an empty store: a file, or $REMANENCE_TEST_ENGINE's (`make test-postgres`)."""
    if os.environ.get("REMANENCE_TEST_ENGINE") == "postgresql":
        return request.getfixturevalue("postgres")
    return str(tmp_path / "memory.db")


@pytest.fixture
def memory(store):
    """A memory with the default embedder."""
    with remanence.open(store) as opened:
        yield opened


@pytest.fixture
def plain(store):
    """A memory with the hashing embedder: quick to open."""
    with remanence.open(store, embedder="hash:64") as opened:
        yield opened


# -- PostgreSQL ---------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def postgres_tools():
    """The module `tools/postgres_server.py`, which starts servers."""
    spec = importlib.util.spec_from_file_location(
        "postgres_server", ROOT / "tools" / "postgres_server.py"
    )
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@contextmanager
def _shared(tools, folder):
    """The server of all workers of this run: the first starts it, the last removes it."""
    folder.mkdir(exist_ok=True)
    with (folder / "users").open("a+") as users:
        fcntl.flock(users, fcntl.LOCK_EX)
        users.seek(0)
        known = users.read().split()
        if known:
            server = tools.Server(Path(known[0]))
        else:
            server = tools.create().start()
            known = [str(server.folder), str(server.process.pid)]
        _note(users, [*known, str(os.getpid())])
        fcntl.flock(users, fcntl.LOCK_UN)
        yield server
        fcntl.flock(users, fcntl.LOCK_EX)
        users.seek(0)
        known = users.read().split()
        known.remove(str(os.getpid()))
        _note(users, known if len(known) > 2 else [])
        if len(known) == 2:
            tools.end(server, int(known[1]))
        elif server.process is not None:
            server.process.returncode = 0  # it goes on without us


def _note(users, words):
    users.truncate(0)
    users.write(" ".join(words))
    users.flush()


@pytest.fixture(scope="session")
def postgres_server(postgres_tools, tmp_path_factory):
    """A running server, one for all workers. Skips where no PostgreSQL is to be had."""
    pytest.importorskip("psycopg_pool", reason="psycopg is not installed: the extra `postgres`")
    base = tmp_path_factory.getbasetemp()
    run = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    try:
        postgres_tools.binaries()
    except postgres_tools.NoServer as error:
        pytest.skip(str(error))
    with _shared(postgres_tools, run / "postgres") as server:
        yield server


@pytest.fixture(scope="session")
def _postgres_store(postgres_server):
    """The address of a store that this worker's tests use in turn, and what empties it."""
    import psycopg

    from remanence.storage import engines

    schema = f"tests_{os.getpid()}"
    address = f"{postgres_server.address}&schema={schema}"
    engines.migrate(address)
    with psycopg.connect(postgres_server.address, autocommit=True) as session:
        names = session.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = %s", [schema]
        ).fetchall()
        emptied = [name for (name,) in names if name not in ("migration", "given")]
        session.execute(f"SET search_path = {schema}")
        statements = "; ".join(
            [f"DELETE FROM {name}" for name in emptied]
            + ["UPDATE given SET number = 0"]
            + [
                f"ALTER SEQUENCE {name}_id_seq RESTART"
                for name in emptied
                if session.execute("SELECT to_regclass(%s)", [f"{name}_id_seq"]).fetchone()[0]
            ]
        )
        yield SimpleNamespace(address=address, empty=lambda: session.execute(statements))


@pytest.fixture
def postgres(_postgres_store):
    """The address of an empty store in PostgreSQL."""
    _postgres_store.empty()
    return _postgres_store.address


@pytest.fixture
def another_postgres(postgres_server, request):
    """Makes further stores in PostgreSQL: call it for the address of an empty one."""
    import psycopg

    from remanence.storage import engines

    made = []

    def make():
        schema = f"more_{os.getpid()}_{len(made)}"
        made.append(schema)
        address = f"{postgres_server.address}&schema={schema}"
        engines.migrate(address)
        return address

    yield make
    with psycopg.connect(postgres_server.address, autocommit=True) as session:
        for schema in made:
            session.execute(f"DROP SCHEMA {schema} CASCADE")
