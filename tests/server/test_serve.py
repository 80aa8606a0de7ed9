"""`remanence serve` as a process:

what it prints, what it refuses, and that nothing is lost when it ends.
"""

import contextlib
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from typer.testing import CliRunner

import remanence
from remanence.cli import app as cli

ENV = {
    **os.environ,
    "REMANENCE_EMBEDDER": "hash:64",
    "REMANENCE_LOG": "off",
    "OMP_NUM_THREADS": "1",
}


def command(*words):
    return [sys.executable, "-m", "remanence", *words]


class Serving:
    """One process, and what it printed first."""

    def __init__(self, path, *options, key=None):
        words = ("serve", "--port", "0", "--db", str(path), *options)
        self.process = subprocess.Popen(
            command(*words), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=ENV
        )
        self.url = re.search(r"http://\S+", self.process.stdout.readline())[0]
        self.key = key or self.process.stdout.readline().split()[1]

    def ask(self, target, body=None):
        raw = None if body is None else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}
        _, _, host, *_ = self.url.split("/")
        connection = http.client.HTTPConnection(host, timeout=60)
        method = "GET" if body is None else "POST"
        with contextlib.closing(connection):
            connection.request(method, target, raw, headers)
            return json.loads(connection.getresponse().read())

    def end(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        out, err = self.process.communicate(timeout=60)
        return self.process.returncode, out, err


def test_it_prints_an_address_and_once_a_key_and_ends_at_a_signal(tmp_path):
    first = Serving(tmp_path / "m.db")
    assert first.url.startswith("http://127.0.0.1:") and first.key.startswith("rmn_")
    assert (
        first.ask("/v1/episodes", {"text": "我住在成都。", "id": "m1"})["episodes"][0]["version"]
        == 1
    )
    code, out, err = first.end(signal.SIGINT)
    assert (code, err) == (0, "")
    again = Serving(tmp_path / "m.db", key=first.key)
    assert again.ask("/v1/recall", {"query": "成都"})["recollections"][0]["id"] == "m1"
    code, out, err = again.end()
    assert (code, "rmn_" in out, err) == (0, False, "")


@pytest.mark.parametrize("workers", [pytest.param("1", marks=pytest.mark.slow), "2"])
def test_whatever_was_acknowledged_before_it_ended_is_there(tmp_path, workers):
    serving = Serving(tmp_path / "m.db", "--workers", workers)
    serving.ask("/readyz")
    acknowledged, enough = [], threading.Event()

    def write(name):
        for n in range(10_000):
            try:
                told = serving.ask("/v1/episodes", {"text": f"{name} {n}", "id": f"{name}-{n}"})
            except (OSError, http.client.HTTPException):  # it has gone
                return
            acknowledged.append(told["episodes"][0]["id"])
            if len(acknowledged) >= 30:
                enough.set()

    threads = [threading.Thread(target=write, args=(f"写{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    assert enough.wait(60)
    code, _, _ = serving.end()
    for thread in threads:
        thread.join()
    assert code in (0, -signal.SIGTERM)
    with remanence.open(tmp_path / "m.db") as memory, memory.store.reading() as connection:
        held = {row[0] for row in connection.all("SELECT source FROM episode")}
        from remanence.storage import audit

        assert set(acknowledged) <= held
        verdict = audit.verify(connection)
        assert verdict.problem is None and verdict.rows >= len(acknowledged)


def taken(process, port):
    """How many connections to a port each process below one has taken."""
    lines = Path("/proc/net/tcp").read_text().splitlines()[1:]
    fields = [line.split() for line in lines]
    ours = {f"socket:[{f[9]}]" for f in fields if f[1].endswith(f":{port:04X}") and f[3] == "01"}
    children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    held = {child: len(ours & set(_open_files(child))) for child in children}
    return sorted(count for count in held.values() if count)


def _open_files(process):
    for each in Path(f"/proc/{process}/fd").iterdir():
        with contextlib.suppress(OSError):  # closed meanwhile
            yield os.readlink(each)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_connections_that_come_at_once_fall_to_several_workers(tmp_path):
    pytest.importorskip("uvloop")  # other loops take whatever waits, without a pause
    serving = Serving(tmp_path / "m.db", "--workers", "2")
    host, port = serving.url.split("/")[2].rsplit(":", 1)

    def connected(stack, count):
        for _ in range(count):
            stack.enter_context(socket.create_connection((host, int(port))))
        serving.ask("/livez")  # what came before it has been taken
        return taken(serving.process.pid, int(port))

    with contextlib.ExitStack() as stack:  # until both are up
        assert any(len(connected(stack, 1)) == 2 for _ in range(2_000))
    least = []
    for _ in range(5):
        with contextlib.ExitStack() as stack:
            least.append(connected(stack, 32)[0])
    assert 4 <= sorted(least)[2] <= 16
    serving.end()


def run(*words, **environ):
    """A command that ends by itself, in this process."""
    return CliRunner().invoke(cli, words, env={"REMANENCE_EMBEDDER": "hash:64", **environ})


def test_a_port_in_use_is_said_plainly(tmp_path):
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        held.listen()
        port = str(held.getsockname()[1])
        done = run("serve", "--port", port, "--db", str(tmp_path / "m.db"))
    assert done.exit_code == 2
    assert f"cannot listen on 127.0.0.1 port {port}" in done.stderr
    assert "Traceback" not in done.stderr


def test_where_others_can_reach_it_there_must_be_a_key_first(tmp_path):
    path = str(tmp_path / "m.db")
    done = run("serve", "--host", "::", "--port", "0", "--db", path)
    assert done.exit_code == 2 and "remanence keys create" in done.stderr


def test_a_setting_that_cannot_be_meant_ends_it_before_it_listens(tmp_path):
    done = run("serve", "--db", str(tmp_path / "m.db"), REMANENCE_RATE="schnell")
    assert done.exit_code == 2 and "REMANENCE_RATE" in done.stderr


def test_keys_are_made_listed_and_revoked_on_the_command_line(tmp_path):
    db = ("--db", str(tmp_path / "m.db"))
    made = run("keys", "create", "--scope", "read", "-n", "魏", "--label", "手机", "--json", *db)
    told = json.loads(made.stdout)
    assert told["namespaces"] == ["魏"] and told["key"].startswith(f"rmn_{told['id']}_")
    listed = run("keys", "list", *db).stdout
    assert told["id"] in listed and "手机" in listed
    assert run("keys", "revoke", told["id"], *db).exit_code == 0
    assert run("keys", "revoke", told["id"], *db).exit_code == 1
    audited = run("keys", "audit", "--verify", *db)
    assert audited.exit_code == 0 and "0 rows" in audited.stderr
