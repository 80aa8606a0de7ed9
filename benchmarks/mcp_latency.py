"""How long a tool takes over stdio: from a line written to the answer read, by a client that does
nothing else.

A store is filled with turns of `corpus.py`; a process serves it. The first row is the process
itself: from its start to its first answer. A ping is what the protocol and the pipes cost with no
memory behind them.
"""

import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any

import corpus
import report
from mcp_reference import Server

import remanence

CHUNK = 10_000


def fill(path: str, size: int) -> list[str]:
    """Remember `size` turns; some of their texts, to ask for."""
    asked: list[str] = []
    with remanence.open(path) as memory:
        turns = iter(corpus.turns(size))
        while block := list(islice(turns, CHUNK)):
            memory.remember(block)
            asked += [turn.text[:80] for turn in block[:: max(1, len(block) // 100)]]
    return asked


def calls(asked: list[str]) -> dict[str, Callable[[int], tuple[str, dict[str, Any]]]]:
    """Name of a row -> its n-th call."""

    def query(number: int) -> str:
        return asked[number % len(asked)]

    return {
        "remember": lambda n: ("remember", {"text": f"{query(n)} {n}"}),
        "recall": lambda n: ("recall", {"query": query(n)}),
        "context": lambda n: ("context", {"query": query(n), "facts": True}),
        "learn": lambda n: (
            "learn",
            {"subject": f"Name {n}", "relation": "likes", "object": "tea"},
        ),
        "facts": lambda n: ("facts", {"subject": f"Name {n}"}),
        "timeline": lambda n: ("timeline", {"subject": f"Name {n}"}),
        "why": lambda n: ("why", {"subject": f"Name {n}"}),
        "forget": lambda n: ("forget", {"id": f"no such id {n}"}),
        "create_entities": lambda n: (
            "create_entities",
            {"entities": [{"name": f"E{n}", "entityType": "t", "observations": ["drinks tea"]}]},
        ),
        "search_nodes": lambda n: ("search_nodes", {"query": f"e{n}"}),
    }


def measure(ask: Callable[[int], None], many: int) -> list[float]:
    """Seconds of each of `many` calls, after a few that warm up."""
    taken = []
    for number in range(many + 5):
        started = time.perf_counter()
        ask(number)
        taken.append(time.perf_counter() - started)
    return taken[5:]


def main() -> None:
    parser = report.arguments(__doc__)
    parser.add_argument("--size", type=int, default=10_000, help="episodes in the store")
    parser.add_argument("--calls", type=int, default=200, help="of each tool")
    args = parser.parse_args()
    size, many = (500, 20) if args.quick else (args.size, args.calls)
    folder = Path(tempfile.mkdtemp(prefix="remanence-mcp-"))
    rows: list[list[Any]] = []
    try:
        path = str(folder / "memory.db")
        asked = fill(path, size)
        started = time.perf_counter()
        command = [sys.executable, "-m", "remanence", "mcp", "--tools", "both", "--db", path]
        with Server(command) as server:
            rows.append(
                ["(start)", (time.perf_counter() - started) * 1e3, None, server.cpu() * 1e3]
            )

            def ping(_: int) -> None:
                server.ask("ping")

            rows.append(_row("(ping)", server, ping, many))
            for name, made in calls(asked).items():

                def call(number: int, made: Any = made) -> None:
                    tool, arguments = made(number)
                    answer = server.ask("tools/call", name=tool, arguments=arguments)
                    if answer["result"].get("isError"):
                        raise SystemExit(f"{tool}: {answer['result']['content'][0]['text']}")

                rows.append(_row(name, server, call, many))
    finally:
        shutil.rmtree(folder)
    title = f"Tools over stdio, {size:,} episodes in the store"
    report.show(title, ["tool", "median ms", "p99 ms", "server CPU ms"], rows, args)


def _row(name: str, server: Server, ask: Callable[[int], None], many: int) -> list[Any]:
    before = server.cpu()
    taken = measure(ask, many)
    spent = (server.cpu() - before) / (many + 5)
    return [name, report.median_ms(taken), report.percentile(taken, 0.99) * 1e3, spent * 1e3]


if __name__ == "__main__":
    main()
