"""The service under load, under attack, and between tenants: what docs/server.md claims, measured.

    load          recall over REST at 10,000 memories, 32 clients that keep their connections
    fuzz          malformed requests to REST, the proxies and MCP, without a socket: no 5xx, nothing that hangs
    schemathesis  requests made from the OpenAPI: no 5xx, no answer that it does not tell of
    isolation     every route with a foreign namespace; 64 namespaces of near-identical texts at the same time
    shutdown      SIGTERM among writers: whatever was acknowledged is there afterwards

Each prints a table, with `--json` one document. Exit code 1 where a bar is missed.
"""

import argparse
import contextlib
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anyio
import corpus
import httptools
import malformed
import report
import tenants

import remanence
from remanence.server import settings
from remanence.server.app import app
from remanence.server.keys import Keys
from remanence.server.logs import Log
from remanence.server.service import Service, service
from remanence.storage import audit
from remanence.testing.asgi import ask, running, scope
from remanence.testing.loopback import serve as on_loopback

SIZE, CLIENTS = 10_000, 32
BAR_RATE, BAR_P99 = 400.0, 0.150  # requests/s; seconds
HANG = 10.0  # seconds


# -- a service, and clients that cost little
# --------------------------------------------------------


@contextmanager
def served(path: Path, *options: str, **environ: str) -> Iterator["Served"]:
    """`remanence serve` over a store, in processes of its own."""
    with remanence.open(path, embedder=environ.get("REMANENCE_EMBEDDER")) as memory:
        key, _ = Keys(memory.store.engine).create(("read", "write", "delete", "admin", "proxy"))
    command = [
        sys.executable,
        "-m",
        "remanence",
        "serve",
        "--port",
        "0",
        "--db",
        str(path),
        *options,
    ]
    env = {**os.environ, "OMP_NUM_THREADS": "1", "REMANENCE_LOG": "off", **environ}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=env)
    try:
        line = process.stdout.readline()
        host, port = line.split("//", 1)[1].split()[0].rsplit(":", 1)
        _until_ready(host, int(port))
        yield Served(host, int(port), key, process.pid)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.wait(timeout=60)
        process.stdout.close()


@dataclass(frozen=True)
class Served:
    """Where it listens, a key to it, and its first process."""

    host: str
    port: int
    key: str
    pid: int

    def cpu(self) -> float:
        """Seconds of processor that its processes have taken."""
        return _cpu(self.pid)


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    own = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return own + sum(_cpu(int(child)) for child in children)


def _until_ready(host: str, port: int) -> None:
    deadline = time.monotonic() + 60
    while True:
        with socket.create_connection((host, port), timeout=30) as sock:
            sock.sendall(b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            if b" 200 " in sock.recv(200):
                return
        if time.monotonic() > deadline:
            raise TimeoutError("the service did not become ready")


def request(method: str, target: str, key: str, body: Any = None) -> bytes:
    """A request as bytes."""
    raw = b"" if body is None else json.dumps(body, ensure_ascii=False).encode()
    head = (
        f"{method} {target} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {key}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(raw)}\r\n\r\n"
    )
    return head.encode() + raw


class Wire:
    """One connection that is kept: requests out, answers in."""

    def __init__(self, host: str, port: int) -> None:
        self.sock = socket.create_connection((host, port), timeout=60)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._parser = httptools.HttpResponseParser(self)
        self.complete = False
        self.body = b""
        self.status = 0
        self.sent = 0.0

    def on_body(self, body: bytes) -> None:
        self.body += body

    def on_message_complete(self) -> None:
        self.complete = True

    def send(self, raw: bytes) -> None:
        self.complete, self.body = False, b""
        self._parser = httptools.HttpResponseParser(self)
        self.sent = time.perf_counter()
        self.sock.sendall(raw)

    def take(self) -> bool:
        """Read what has come; whether the answer is whole."""
        data = self.sock.recv(1 << 18)
        if not data:
            raise ConnectionError("the service closed the connection")
        self._parser.feed_data(data)
        self.status = self._parser.get_status_code()
        return self.complete

    def ask(self, raw: bytes) -> tuple[int, bytes]:
        self.send(raw)
        while not self.take():
            pass
        return self.status, self.body


# -- load
# ---------------------------------------------------------------------------------------------


def load(arguments: argparse.Namespace) -> dict[str, Any]:
    """Closed loop: each client sends its next request when it has its answer."""
    path = _filled(arguments.size)
    questions = corpus.questions(400)
    found: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "load.db"
        shutil.copy(path, copy)
        for workers in arguments.workers:
            with served(copy, "--workers", str(workers)) as service:
                where = (service.host, service.port)
                raws = [
                    request("POST", "/v1/recall", service.key, {"query": each, "k": 10})
                    for each in questions
                ]
                _run(*where, raws, arguments.clients, 2.0)  # every worker has its index
                spent = service.cpu()
                took, wrong, seconds = _run(*where, raws, arguments.clients, arguments.seconds)
                spent = service.cpu() - spent
            found.append(
                {
                    "workers": workers,
                    "requests": len(took),
                    "rate": round(len(took) / seconds, 1),
                    "p50_ms": round(report.percentile(took, 0.5) * 1e3, 1),
                    "p99_ms": round(report.percentile(took, 0.99) * 1e3, 1),
                    "cpu_ms": round(spent / len(took) * 1e3, 2),
                    "other_than_200": wrong,
                }
            )
    best = max(found, key=lambda row: row["rate"])
    return {
        "part": "load",
        "memories": arguments.size,
        "clients": arguments.clients,
        "rows": found,
        "bar": f">= {BAR_RATE:g} requests/s, p99 <= {BAR_P99 * 1e3:g} ms",
        "met": best["rate"] >= BAR_RATE
        and best["p99_ms"] <= BAR_P99 * 1e3
        and not any(row["other_than_200"] for row in found),
    }


def _filled(size: int) -> Path:
    """A store with so many memories, kept between runs."""
    path = Path(__file__).parent / "out" / f"speed-{size}-v{corpus.VERSION}.db"
    if not path.exists():
        path.parent.mkdir(exist_ok=True)
        with remanence.open(path) as memory:
            memory.remember(corpus.turns(size))
    return path


def _run(
    host: str, port: int, raws: list[bytes], clients: int, seconds: float
) -> tuple[list[float], int, float]:
    """(seconds of each request, how many were not answered 200, seconds in all)."""
    wires = [Wire(host, port) for _ in range(clients)]
    poll = select.epoll()
    by_number = {wire.sock.fileno(): wire for wire in wires}
    for number in by_number:
        poll.register(number, select.EPOLLIN)
    took: list[float] = []
    wrong = asked = 0
    began = time.perf_counter()
    for wire in wires:
        wire.send(raws[asked % len(raws)])
        asked += 1
    open_wires = clients
    while open_wires:
        for number, _ in poll.poll(30):
            wire = by_number[number]
            if not wire.take():
                continue
            now = time.perf_counter()
            took.append(now - wire.sent)
            wrong += wire.status != 200
            if now - began < seconds:
                wire.send(raws[asked % len(raws)])
                asked += 1
            else:
                poll.unregister(number)
                open_wires -= 1
    elapsed = time.perf_counter() - began
    for wire in wires:
        wire.sock.close()
    return took, wrong, elapsed


# -- attacks, tenants, the end
# ------------------------------------------------------------------------------


def _inside(count: int) -> Service:
    """A service over a store in memory, to be called without a socket."""
    memory = remanence.open(":memory:", embedder="hash:64")
    made = service(memory, settings.load({}, rate=0.0), Log(None))
    memory.remember([f"turn {number} of Wei" for number in range(count)])
    return made


def fuzz(arguments: argparse.Namespace) -> dict[str, Any]:
    """Malformed requests, each a seed's:

    no 5xx, no exception, none that takes longer than `HANG` seconds.
    """
    began = time.process_time()
    made = _inside(20)
    key, _ = made.keys.create(("read", "write", "delete", "admin", "proxy"))
    site, statuses, failures = app(made), Counter[int](), []

    async def attack() -> None:
        source = malformed.requests(arguments.seed, key)
        for number in range(arguments.count):
            wrong = next(source)
            with anyio.move_on_after(HANG) as patience:
                answer = await ask(
                    site, scope(wrong.method, wrong.target, wrong.headers), wrong.body
                )
            if patience.cancelled_caught:
                failures.append(f"hangs: {wrong}")
                continue
            statuses[answer.status] += 1
            if answer.status >= 500 or answer.status == 0 or answer.error is not None:
                failures.append(f"{answer.status} {answer.error!r}: {wrong}")
            if number % 20_000 == 19_999:
                report.say(f"{number + 1:,} requests, {len(failures)} failures")

    with running(site) as direct:
        direct.portal.call(attack)
    made.memory.close()
    for failure in failures[:10]:
        report.say(failure[:2_000])
    rows = []
    for first in range(2, 6):
        found = sum(n for status, n in statuses.items() if status // 100 == first)
        rows.append({"answer": f"{first}xx", "requests": found})
    rows.append({"answer": "failed or hung", "requests": len(failures)})
    return {
        "part": "fuzz",
        "count": arguments.count,
        "cpu_seconds": round(time.process_time() - began, 1),
        "rows": rows,
        "bar": f"0 of {arguments.count:,} malformed requests failed or hung",
        "met": not failures,
    }


def openapi(arguments: argparse.Namespace) -> dict[str, Any]:
    """Requests made from the document, over a socket."""
    made = _inside(20)
    key, _ = made.keys.create(("read", "write", "delete", "admin"))
    with on_loopback(app(made)) as url:
        failures = tenants.from_openapi(url, key, arguments.examples)
        asked = _counted(made)
    made.memory.close()
    for failure in failures[:10]:
        report.say(failure[:2_000])
    return {
        "part": "schemathesis",
        "rows": [{"requests": asked, "failed_checks": len(failures)}],
        "bar": "0 failed checks",
        "met": not failures,
    }


def _counted(made: Service) -> int:
    """Requests answered, as the metrics have them."""
    lines = made.metrics.exposition().decode().splitlines()
    return int(
        sum(float(x.split()[-1]) for x in lines if x.startswith("remanence_http_requests_total"))
    )


def isolation(arguments: argparse.Namespace) -> dict[str, Any]:
    """Every route for a foreign namespace;

    many namespaces of near-identical texts at the same time.
    """
    made = _inside(0)
    with running(app(made)) as direct:
        unlike = tenants.foreign(made, direct)
        crowd = tenants.crowd(made, direct, arguments.namespaces, arguments.rounds)
    made.memory.close()
    for leak in [*unlike, *crowd.leaks][:10]:
        report.say(leak[:500])
    return {
        "part": "isolation",
        "rows": [
            {
                "namespaces": arguments.namespaces,
                "requests": crowd.requests,
                "answers_x_foreign_secrets": crowd.checked,
                "leaks": len(crowd.leaks),
                "routes_that_answer_a_foreign_name_otherwise": len(unlike),
            }
        ],
        "bar": "0 leaks",
        "met": not unlike and not crowd.leaks,
    }


def shutdown(arguments: argparse.Namespace) -> dict[str, Any]:
    """SIGTERM among writers, again and again:

    what was acknowledged is there, and the audit is whole.
    """
    rows = []
    for workers in arguments.workers:
        acknowledged = lost = broken = 0
        for _ in range(arguments.times):
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / "m.db"
                with served(path, "--workers", str(workers), REMANENCE_EMBEDDER="hash:64") as it:
                    said = _write_until_it_goes(it)
                with remanence.open(path) as memory, memory.store.reading() as connection:
                    held = {row[0] for row in connection.all("SELECT source FROM episode")}
                    broken += audit.verify(connection).problem is not None
            acknowledged += len(said)
            lost += len(said - held)
        rows.append(
            {
                "workers": workers,
                "ends": arguments.times,
                "acknowledged": acknowledged,
                "lost": lost,
                "broken_audits": broken,
            }
        )
    return {
        "part": "shutdown",
        "rows": rows,
        "bar": "0 acknowledged writes lost",
        "met": not any(row["lost"] or row["broken_audits"] for row in rows),
    }


def _write_until_it_goes(it: Served, writers: int = 8) -> set[str]:
    """The ids that were acknowledged before the service ended."""
    said: set[str] = set()
    enough = threading.Event()

    def write(name: int) -> None:
        wire = Wire(it.host, it.port)
        with contextlib.closing(wire.sock), contextlib.suppress(OSError):
            for number in range(100_000):
                id = f"{name}-{number}"
                status, _ = wire.ask(
                    request("POST", "/v1/episodes", it.key, {"text": id, "id": id})
                )
                if status == 200:
                    said.add(id)
                if len(said) > 200:
                    enough.set()

    threads = [threading.Thread(target=write, args=(name,)) for name in range(writers)]
    for thread in threads:
        thread.start()
    enough.wait(60)
    os.kill(it.pid, signal.SIGTERM)
    for thread in threads:
        thread.join()
    return said


# -- all of it
# ------------------------------------------------------------------------------------------

PARTS = {
    "load": load,
    "fuzz": fuzz,
    "schemathesis": openapi,
    "isolation": isolation,
    "shutdown": shutdown,
}


def main() -> None:
    parser = report.arguments(__doc__)
    parser.add_argument("parts", nargs="*", choices=[[], *PARTS], default=[])
    parser.add_argument("--size", type=int, default=SIZE, help="memories, of load")
    parser.add_argument("--clients", type=int, default=CLIENTS, help="of load")
    parser.add_argument("--seconds", type=float, default=10.0, help="of load")
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2], help="of load, shutdown")
    parser.add_argument("--count", type=int, default=300_000, help="of fuzz")
    parser.add_argument("--seed", type=int, default=1, help="of fuzz")
    parser.add_argument("--examples", type=int, default=50, help="a route, of schemathesis")
    parser.add_argument("--namespaces", type=int, default=64, help="of isolation")
    parser.add_argument("--rounds", type=int, default=5, help="of isolation")
    parser.add_argument("--times", type=int, default=10, help="of shutdown")
    arguments = parser.parse_args()
    if arguments.quick:
        arguments.size, arguments.seconds, arguments.count = 500, 1.0, 500
        arguments.examples, arguments.namespaces, arguments.rounds, arguments.times = 2, 4, 1, 1
    results = []
    for part in arguments.parts or PARTS:
        results.append(PARTS[part](arguments))
        show(results[-1], arguments)
    sys.exit(0 if all(result["met"] for result in results) else 1)


def show(result: dict[str, Any], arguments: argparse.Namespace) -> None:
    """One part as a table."""
    rows = result["rows"]
    header = list(rows[0])
    report.show(
        f"server: {result['part']}",
        header,
        [[row[name] for name in header] for row in rows],
        arguments,
        notes=[f"bar: {result['bar']}: {'met' if result['met'] else 'missed'}"],
    )


if __name__ == "__main__":
    main()
