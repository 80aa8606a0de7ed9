"""A store in PostgreSQL against one in a file: each measured in turn with the other, as ratios.

    python benchmarks/postgres.py [writes] [threads] [load] [copy] [processes] [crash] [forget]

Needs the binaries that `tools/postgres_server.py` finds. Both stores are on the disk of the
temporary folder.
"""

import argparse
import json
import logging
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tools"))
import postgres_server

import remanence
from remanence import Turn
from remanence.integrations import jsonl
from remanence.memory import Memory
from remanence.storage import copying, engines, episodes
from remanence.storage.store import list_namespaces

EMBEDDER = "hash:64"
WORDS = ("river", "garden", "violin", "copper", "lantern", "market", "winter", "bridge", "apple")


def sentence(rng: random.Random, number: int) -> str:
    return " ".join(rng.choice(WORDS) for _ in range(10)) + f" {number}"


def opened(address: str, **options: object) -> Memory:
    return remanence.open(address, embedder=EMBEDDER, extract=False, **options)


def silent(_done: int, _total: int) -> None:
    """Progress that nobody watches."""


def median(values: list[float]) -> float:
    return statistics.median(values) * 1000


def say(bar: str, figures: dict[str, object]) -> None:
    print(json.dumps({"bar": bar, **figures}, ensure_ascii=False), flush=True)


class Bench:
    """Two empty stores, one of each engine, for one measurement."""

    def __init__(self, server: postgres_server.Server, folder: Path) -> None:
        self.server, self.folder = server, folder
        self.count = 0

    def stores(self) -> tuple[str, str]:
        self.count += 1
        address = f"{self.server.address}&schema=bench_{self.count}&pool=16"
        engines.migrate(address)
        return str(self.folder / f"bench_{self.count}.db"), address


def writes(bench: Bench, size: int) -> None:
    """One durable `remember`, and one warm question, in turn on both engines."""
    rng = random.Random(7)
    memories = [opened(address) for address in bench.stores()]
    took: dict[str, list[list[float]]] = {"write": [[], []], "recall": [[], []]}
    for number in range(size):
        text = sentence(rng, number)
        verbs: dict[str, Callable[[Memory], object]] = {
            "write": lambda memory, text=text: memory.remember(text, namespace="n"),
            "recall": lambda memory, text=text: memory.recall(text[:20], namespace="n"),
        }
        for which in random.Random(number).sample((0, 1), 2):
            for verb, act in verbs.items():
                if verb == "recall":
                    memories[which].recall("warm", namespace="n")
                begun = time.perf_counter()
                act(memories[which])
                took[verb][which].append(time.perf_counter() - begun)
    for verb, (file, server) in took.items():
        say(
            f"{verb}: PostgreSQL / file, p50 (bar: write <= 1.5; recall <= +1 ms)",
            {
                "file ms": round(median(file), 2),
                "PostgreSQL ms": round(median(server), 2),
                "ratio": round(median(server) / median(file), 2),
            },
        )
    for memory in memories:
        memory.close()


def threads(bench: Bench, size: int) -> None:
    """32 threads: all in one namespace, against one namespace each, in turn."""
    memory = opened(bench.stores()[1])
    rates: dict[str, list[float]] = {"one": [], "many": []}
    for turn in range(3):
        for kind, found in rates.items():

            def write(place: int, kind: str = kind, turn: int = turn) -> None:
                name = "one" if kind == "one" else f"n{place}"
                for number in range(size // 32):
                    memory.remember(f"note {turn} {place} {number}", namespace=name)

            started = [threading.Thread(target=write, args=(place,)) for place in range(32)]
            begun = time.perf_counter()
            for each in started:
                each.start()
            for each in started:
                each.join()
            found.append(size // 32 * 32 / (time.perf_counter() - begun))
    one, many = (statistics.median(rates[kind]) for kind in ("one", "many"))
    say(
        "32 threads: one namespace / 32 namespaces (bar: >= 0.8)",
        {"one/s": round(one), "many/s": round(many), "ratio": round(one / many, 2)},
    )
    memory.close()


def filled(address: str, size: int) -> None:
    rng = random.Random(3)
    with opened(address) as memory:
        for start in range(0, size, 10_000):
            block = range(start, min(start + 10_000, size))
            memory.remember([Turn(sentence(rng, n), id=f"t{n}") for n in block], namespace="n")


def copy(bench: Bench, size: int) -> tuple[str, str]:
    """A store of `size` memories into PostgreSQL and back; the exports are equal to the byte."""
    file, address = bench.stores()
    back = f"{file}.back"
    filled(file, size)
    took = []
    for source, target in ((file, address), (address, back)):
        begun = time.perf_counter()
        one, other = engines.open_engine(source, readonly=True), engines.open_engine(target)
        copying.copy(one, other, silent)
        one.close()
        other.close()
        took.append(time.perf_counter() - begun)
    same = all(a == b == c for a, b, c in zip(*map(lines, (file, address, back)), strict=True))
    say(
        f"copy of {size:,} memories both ways (bar: equal)",
        {"there s": round(took[0], 1), "back s": round(took[1], 1), "equal": same},
    )
    return file, address


def lines(address: str) -> Iterator[str]:
    engine = engines.open_engine(address, readonly=True)
    with engine.read() as rows:
        for number, name in list_namespaces(rows):
            for episode in episodes.log(rows, number, name, history=True):
                yield jsonl.line(episode)
    engine.close()


def load(bench: Bench, size: int) -> None:
    """The first question of a process over `size` memories, and the one after a single write."""
    addresses = copy(bench, size)
    took: list[list[float]] = [[], []]
    late: list[list[float]] = [[], []]
    for _ in range(3):
        for which, address in enumerate(addresses):
            with opened(address) as memory, opened(address) as other:
                begun = time.perf_counter()
                memory.recall("river garden", namespace="n")
                took[which].append(time.perf_counter() - begun)
                for number in range(10):
                    other.remember(f"late {number} {len(took[0])}", namespace="n")
                    with memory.indexes.single.opened("n"):
                        pass
                    other.remember(f"later {number} {len(took[0])}", namespace="n")
                    begun = time.perf_counter()
                    with memory.indexes.single.opened("n"):
                        late[which].append(time.perf_counter() - begun)
    say(
        f"load of {size:,}: PostgreSQL / file (bar: <= 1.2)",
        {
            "file s": round(min(took[0]), 2),
            "PostgreSQL s": round(min(took[1]), 2),
            "ratio": round(min(took[1]) / min(took[0]), 2),
        },
    )
    say(
        "catching up by one memory, p50 (bar: <= 2 ms)",
        {"file ms": round(median(late[0]), 2), "PostgreSQL ms": round(median(late[1]), 2)},
    )


WRITER = """
import sys, random, remanence
address, place, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
with remanence.open(address, embedder="hash:64", extract=False) as memory:
    for n in range(count):
        name = f"n{n % 2}"
        memory.remember(f"note {place} {n}", id=f"{place}-{n}", namespace=name)
        if n % 10 == 9:
            memory.forget(namespace=f"n{(n - 5) % 2}", id=f"{place}-{n - 5}")
            print(f"{place}-{n - 5}", flush=True)
"""


def processes(bench: Bench, size: int) -> None:
    """Eight processes write and forget in two namespaces, two copies follow; nothing is missed."""
    address = bench.stores()[1]
    opened(address).close()
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, address, str(place), str(size // 8)],
            stdout=subprocess.PIPE, text=True,
        )
        for place in range(8)
    ]  # fmt: skip
    gone: set[str] = set()
    lock = threading.Lock()

    def listen(pipe: object) -> None:
        for line in pipe:  # type: ignore[attr-defined]
            with lock:
                gone.add(line.strip())

    listeners = [threading.Thread(target=listen, args=(each.stdout,)) for each in writers]
    for each in listeners:
        each.start()
    readers = [opened(address), opened(address)]
    recalled = questions = 0
    while any(each.poll() is None for each in writers):
        for place, reader in enumerate(readers):
            with lock:
                before = set(gone)
            found = reader.recall("note", namespace=f"n{place}", k=50)
            recalled += sum(one.id in before for one in found)
            questions += 1
    for each in listeners:
        each.join()
    held: list[set[str]] = []
    for reader in readers:
        here: set[str] = set()
        for name in ("n0", "n1"):
            with reader.indexes.single.opened(name) as (index, rows, number, _):
                current = {
                    row[0]: row[1]
                    for row in rows.all(
                        "SELECT id, source FROM episode WHERE namespace = :n AND state = 2",
                        n=number,
                    )
                }
                alive = set(index.column("id")[index.column("alive")].tolist())
                assert alive == set(current), f"{name}: {len(alive ^ set(current))} differ"
                here |= set(current.values())
        held.append(here)
        reader.close()
    wanted = {f"{place}-{n}" for place in range(8) for n in range(size // 8)} - gone
    say(
        f"8 writing and 2 reading processes, {size:,} writes (bar: 0, 0)",
        {
            "questions meanwhile": questions,
            "missed": max(len(wanted - each) for each in held),
            "forgotten ones recalled": recalled,
        },
    )


def crash(bench: Bench, cycles: int) -> None:
    """The server's processes killed under 8 writers, again and again;

    what was acknowledged is there.
    """
    address = bench.stores()[1]
    server, acknowledged, unknown = bench.server, set(), 0
    lock = threading.Lock()
    back = []
    for cycle in range(cycles):
        memory = opened(address, timeout=10.0)
        stopping = threading.Event()

        def write(
            place: int,
            cycle: int = cycle,
            memory: Memory = memory,
            stop: threading.Event = stopping,
        ) -> None:
            nonlocal unknown
            for number in range(100_000):
                if stop.is_set():
                    return
                name = f"{cycle}-{place}-{number}"
                try:
                    memory.remember("note", id=name, namespace=f"n{place % 3}")
                except remanence.errors.StorageError as error:
                    with lock:
                        unknown += isinstance(error, remanence.errors.StoreUncertain)
                    return
                with lock:
                    acknowledged.add(name)

        started = [threading.Thread(target=write, args=(place,)) for place in range(8)]
        for each in started:
            each.start()
        time.sleep(random.Random(cycle).uniform(0.3, 1.0))
        server.kill()
        begun = time.perf_counter()
        server.start()
        back.append(time.perf_counter() - begun)
        stopping.set()
        for each in started:
            each.join()
        memory.close()
    with opened(address) as memory, memory.store.reading() as rows:
        query = "SELECT source, count(*) FROM episode WHERE state = 2 GROUP BY source"
        held = dict(rows.all(query))
    say(
        f"{cycles} x kill -9 of the server under 8 writers (bar: 0 lost, 0 twice)",
        {
            "acknowledged": len(acknowledged),
            "lost": len(acknowledged - set(held)),
            "twice": sum(count > 1 for count in held.values()),
            "uncertain": unknown,
            "never acknowledged but kept": len(set(held) - acknowledged),
            "back s": round(max(back), 1),
        },
    )


def forget(bench: Bench, size: int) -> None:
    """How many forgotten words are left in the tables' files: at once, and after `compact`."""
    import psycopg

    address = bench.stores()[1]
    left = []
    with opened(address) as memory:
        memory.remember([Turn(f"secret zebra{n:06d}", id=str(n)) for n in range(size)])
        for n in range(0, size, 2):
            memory.forget(namespace="default", id=str(n))
        for step in ("forget", "vacuum", "compact"):
            with psycopg.connect(bench.server.address, autocommit=True) as session:
                if step == "vacuum":
                    session.execute(f"VACUUM bench_{bench.count}.episode")
                if step == "compact":
                    memory.compact()
                session.execute("CHECKPOINT")
            held = b"".join(
                path.read_bytes()
                for path in (bench.server.data / "base").rglob("*")
                if path.is_file()
            )
            left.append(sum(f"zebra{n:06d}".encode() in held for n in range(0, size, 2)))
    say(
        f"{size // 2:,} forgotten words in the tables' files (bar: 0 after compact)",
        dict(zip(("after forget", "after VACUUM", "after compact"), left, strict=True)),
    )


BARS: dict[str, tuple[Callable[[Bench, int], object], int]] = {
    "writes": (writes, 300),
    "threads": (threads, 3_200),
    "load": (load, 100_000),
    "copy": (copy, 20_000),
    "processes": (processes, 4_000),
    "crash": (crash, 10),
    "forget": (forget, 2_000),
}
"""Measurement -> (function, its size)."""


@contextmanager
def running() -> Iterator[Bench]:
    """A server and a folder on the same disk."""
    with tempfile.TemporaryDirectory(prefix="rem-") as folder:
        server = postgres_server.create(Path(tempfile.gettempdir())).start(shared_buffers="256MB")
        try:
            yield Bench(server, Path(folder))
        finally:
            server.remove()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bars", nargs="*", default=list(BARS), help=", ".join(BARS))
    parser.add_argument("--size", type=int, help="how much of it, in place of each one's own")
    given = parser.parse_args()
    logging.disable(logging.WARNING)  # connections that are lost are what is measured
    with running() as bench:
        for name in given.bars:
            measure, size = BARS[name]
            measure(bench, given.size or size)


if __name__ == "__main__":
    main()
