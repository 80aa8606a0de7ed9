"""Behind pgbouncer in transaction mode: every transaction may be on another connection."""

import shutil
import subprocess
import threading
import time

import pytest

import remanence
from remanence.storage import feed

pytest.importorskip("psycopg", reason="the extra `postgres` is not installed")
pytestmark = pytest.mark.slow
PROGRAM = shutil.which("pgbouncer", path="/usr/sbin:/usr/bin:/usr/local/bin")


@pytest.fixture
def pooled(postgres, postgres_server, postgres_tools):
    """The address of the store behind a pooler that has two connections to the server."""
    if PROGRAM is None:
        pytest.skip("pgbouncer is not installed: apt-get install pgbouncer")
    folder, port = postgres_server.folder, 6432
    settings = folder / "pgbouncer.ini"
    settings.write_text(
        f"[databases]\n* = host={folder} port={postgres_server.port} user=remanence\n"
        f"[pgbouncer]\nlisten_port = {port}\nunix_socket_dir = {folder}\nauth_type = any\n"
        "pool_mode = transaction\ndefault_pool_size = 2\nmax_client_conn = 100\n"
    )
    process = subprocess.Popen(
        [PROGRAM, str(settings)], user=postgres_tools._user(), stderr=subprocess.DEVNULL
    )
    deadline = time.monotonic() + 20
    while not (folder / f".s.PGSQL.{port}").exists():
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.02)
    yield postgres.replace("port=5432", f"port={port}") + "&prepare=off&pool=12"
    process.terminate()
    process.wait()


def test_threads_of_two_memories_write_read_and_forget_behind_a_pooler(pooled):
    opened = [remanence.open(pooled, embedder="hash:16") for _ in range(2)]

    def work(place):
        memory = opened[place % 2]
        for n in range(10):
            memory.remember(f"Ana likes tea {place} {n}", id=f"{place}-{n}", namespace=f"n{place}")
            assert len(memory.recall("tea", namespace=f"n{place}", k=50)) == n + 1
        assert memory.forget(namespace=f"n{place}", id=f"{place}-0").episodes == 1

    threads = [threading.Thread(target=work, args=(place,)) for place in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for place in range(6):
        other = opened[(place + 1) % 2]
        found = {one.id for one in other.recall("tea", namespace=f"n{place}", k=50)}
        assert found == {f"{place}-{n}" for n in range(1, 10)}
        with other.namespace(f"n{place}").reading() as (rows, number):
            assert feed.version(rows, number).retired == 1
    for memory in opened:
        memory.close()
