"""How fast memory is: one durable turn beside the disk's own sync, many writers, bulk, and recall
at 10 thousand to a million.

Durable writes and syncs take turns, so that both see the same disk at the same moment. Recall runs
in a process of its own for each size, with every arm on, over the text of `corpus.py`. Stores are
kept in `out/`, so that a second run only measures.
"""

import argparse
import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
import threading
import time
from itertools import islice
from pathlib import Path
from typing import Any

import corpus
import numpy as np
import report

import remanence
from remanence.retrieval.candidates import rescored
from remanence.retrieval.dense import Dense

SYNC = getattr(os, "fdatasync", os.fsync)  # what SQLite uses where there is a choice
PAGE, FRAME = 4_096, 4_096 + 24  # a page, and a page in SQLite's write-ahead log
WAL_PAGES = 1_000  # after as many SQLite starts again at the front of the log
BULK = 20_000
COLD = """
import sys, remanence
with remanence.open(sys.argv[1]) as memory:
    assert memory.recall("Who told me about the hospital?", k=5)
"""


# -- writing ------------------------------------------------------------------------------------


class Sync:
    """Writes as SQLite's log does, and nothing else: what durability costs on this disk."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_RDWR | os.O_CREAT)
        self._frames = 0

    def append(self, pages: int) -> float:
        """Seconds to append `pages` frames and sync."""
        self._frames = (self._frames + pages) % WAL_PAGES
        started = time.perf_counter()
        os.pwrite(self._file, b"\1" * FRAME * pages, self._frames * FRAME)
        SYNC(self._file)
        return time.perf_counter() - started

    def overwrite(self) -> float:
        """Seconds to overwrite one page and sync."""
        started = time.perf_counter()
        os.pwrite(self._file, os.urandom(PAGE), 0)
        SYNC(self._file)
        return time.perf_counter() - started


def single(folder: Path, count: int, *, extract: bool) -> list[list[Any]]:
    """One turn at a time, syncs between them."""
    append, page = Sync(folder / "append"), Sync(folder / "page")
    turns = list(corpus.turns(count + 200, seed=5))
    took: dict[str, list[float]] = {"remember": [], "append": [], "page": []}
    with remanence.open(str(folder / "single.db"), extract=extract) as memory:
        for number, turn in enumerate(turns):
            started = time.perf_counter()
            memory.remember(turn)
            seconds = (time.perf_counter() - started, append.append(4), page.overwrite())
            if number >= 200:
                for values, value in zip(took.values(), seconds, strict=True):
                    values.append(value)
    names = {
        "remember": "remember, one durable turn",
        "append": "  the disk: 4 log pages, sync",
        "page": "  the disk: one 4 KB page, sync",
    }
    return [
        [names[key], report.median_ms(values), report.percentile(values, 0.99) * 1e3, None]
        for key, values in took.items()
    ]


def threads(folder: Path, count: int, *, extract: bool, writers: int = 32) -> list[Any]:
    """Many threads of one process, each one turn at a time."""
    turns = list(corpus.turns(count, seed=6))
    took: list[float] = []
    gate = threading.Barrier(writers + 1)

    def work(mine: list[remanence.Turn]) -> None:
        gate.wait()
        took.extend(_write(memory, mine))

    with remanence.open(str(folder / "threads.db"), extract=extract) as memory:
        memory.remember("warm")
        workers = [
            threading.Thread(target=work, args=(turns[number::writers],))
            for number in range(writers)
        ]
        for worker in workers:
            worker.start()
        gate.wait()
        started = time.perf_counter()
        for worker in workers:
            worker.join()
        seconds = time.perf_counter() - started
    return _writers(f"remember, {writers} threads", took, seconds)


def _write(memory: remanence.Memory, turns: list[remanence.Turn]) -> list[float]:
    took = []
    for turn in turns:
        started = time.perf_counter()
        memory.remember(turn)
        took.append(time.perf_counter() - started)
    return took


def processes(folder: Path, count: int, *, extract: bool, writers: int = 4) -> list[Any]:
    """Several processes on one file."""
    path = str(folder / "processes.db")
    remanence.open(path).close()
    context = multiprocessing.get_context("spawn")
    gate, results = context.Barrier(writers + 1), context.Queue()
    workers = [
        context.Process(
            target=_process,
            args=(path, count // writers, seed, gate, results),
            kwargs={"extract": extract},
        )
        for seed in range(writers)
    ]
    for worker in workers:
        worker.start()
    gate.wait(timeout=60)
    started = time.perf_counter()
    took = [value for _ in workers for value in results.get(timeout=600)]
    seconds = time.perf_counter() - started
    for worker in workers:
        worker.join()
    return _writers(f"remember, {writers} processes", took, seconds)


def _process(path: str, count: int, seed: int, gate: Any, results: Any, *, extract: bool) -> None:
    with remanence.open(path, extract=extract) as memory:
        memory.recall("warm")
        turns = list(corpus.turns(count, seed=200 + seed))
        gate.wait()
        took = _write(memory, turns)
    results.put(took)


def _writers(name: str, took: list[float], seconds: float) -> list[Any]:
    return [name, report.median_ms(took), report.percentile(took, 0.99) * 1e3, len(took) / seconds]


def bulk(folder: Path, count: int, *, extract: bool) -> list[Any]:
    """One list."""
    turns = list(corpus.turns(count, seed=3))
    with remanence.open(str(folder / "bulk.db"), extract=extract) as memory:
        memory.remember("warm")
        started = time.perf_counter()
        memory.remember(turns)
        seconds = time.perf_counter() - started
    return [f"remember, a list of {count:,}", None, None, count / seconds]


# -- reading ------------------------------------------------------------------------------------


def kept(size: int, *, fresh: bool) -> Path:
    """The store with `size` memories; made if it is not there."""
    report.OUT.mkdir(exist_ok=True)
    path = report.OUT / f"speed-{size}-v{corpus.VERSION}.db"
    if fresh or not _holds(path, size):
        for old in path.parent.glob(path.name + "*"):
            old.unlink()
        _fill(path, size)
    return path


def _holds(path: Path, size: int) -> bool:
    if not path.exists():
        return False
    try:
        with (
            remanence.open(str(path), readonly=True) as memory,
            memory.store.reading() as connection,
        ):
            (held,) = connection.one("SELECT count(*) FROM episode")
    except remanence.StorageError as error:
        report.say(f"{path.name} is of no use: {error}")
        return False
    return bool(held == size)


def _fill(path: Path, size: int) -> None:
    report.say(f"filling {path.name} ...")
    turns, done, started = corpus.turns(size), 0, time.perf_counter()
    with remanence.open(str(path)) as memory:
        while block := list(islice(turns, BULK)):
            memory.remember(block)
            done += len(block)
            if done % 100_000 == 0:
                report.say(f"  {done:,}, {done / (time.perf_counter() - started):,.0f}/s")
        memory.store.engine.erase()


def measure(path: Path, size: int, queries: int, vector_queries: int) -> dict[str, float]:
    """Everything about recall at one size; meant for a process of its own."""
    questions = corpus.questions(queries + 20)
    with remanence.open(str(path), readonly=True) as memory:
        before, started = report.resident_mb(), time.perf_counter()
        memory.recall(questions[0])
        first = time.perf_counter() - started
        for question in questions[1:20]:
            memory.recall(question)
        took = []
        for question in questions[20:]:
            started = time.perf_counter()
            memory.recall(question)
            took.append(time.perf_counter() - started)
        resident = report.resident_mb()
        agreement = _vector_recall(memory, questions[20:][:vector_queries])
        with memory.store.reading() as connection:
            (text,) = connection.one("SELECT sum(length(CAST(text AS BLOB))) FROM episode")
    return {
        "p50": report.median_ms(took),
        "p95": report.percentile(took, 0.95) * 1e3,
        "first": first,
        "resident": resident,
        "held": resident - before,
        "beyond": (report.disk_bytes(path) - text) / size,
        "text": text / size,
        "vector": agreement,
    }


def _vector_recall(memory: remanence.Memory, questions: list[str], k: int = 10) -> float:
    """recall@10 of the arm that scans codes and rescores, against the cosine of every row."""
    embedder = memory.embedder
    dense = Dense(embedder.dim, embedder.centre)
    blank = bytes(2 * embedder.dim)
    with memory.store.reading() as connection:
        rows = iter(connection.each("SELECT vector FROM projection ORDER BY id"))
        while block := [row[0] or blank for row in islice(rows, 32_768)]:
            dense.extend(np.frombuffer(b"".join(block), np.float16).reshape(-1, embedder.dim))
    found = 0
    vectors = embedder.embed(questions, "query")
    for query in vectors:
        near = dense.nearest(query, rescored(len(dense)))
        mine = near[np.argsort(-dense.at(query, near))[:k]]
        cosine = np.concatenate(
            [
                dense.at(query, np.arange(start, min(start + 65_536, len(dense))))
                for start in range(0, len(dense), 65_536)
            ]
        )
        # Twins of a text have the same cosine: what counts is to be as near as the true tenth.
        tenth = np.partition(cosine, -k)[-k]
        found += int((cosine[mine] >= tenth - 1e-6).sum())
    return found / (k * len(questions))


def cold(folder: Path, runs: int) -> list[tuple[str, float]]:
    """A whole process, from the shell: import, open, first recall, exit."""
    path = str(folder / "cold.db")
    with remanence.open(path) as memory:
        memory.remember(list(corpus.turns(1_000, seed=4)))
    programs = {
        "python alone": ["-c", "pass"],
        "import numpy": ["-c", "import numpy"],
        "import remanence": ["-c", "import remanence"],
        "import, open, first recall": ["-c", COLD, path],
    }
    found = []
    for name, program in programs.items():
        took = []
        for _ in range(runs + 1):
            started = time.perf_counter()
            subprocess.run([sys.executable, *program], check=True)
            took.append(time.perf_counter() - started)
        found.append((name, report.median_ms(took[1:])))
    return found


# -- the tables ---------------------------------------------------------------------------------


def main() -> None:
    parser = report.arguments(__doc__)
    parser.add_argument(
        "--sizes", type=int, nargs="*", help="memories in the namespace recalled from"
    )
    parser.add_argument("--fresh", action="store_true", help="fill the kept stores anew")
    parser.add_argument("--no-writes", action="store_true", help="recall only")
    parser.add_argument("--no-cold", action="store_true", help="leave out whole processes")
    parser.add_argument("--child", type=int, help=argparse.SUPPRESS)
    args = parser.parse_args()
    queries, vector_queries = (30, 10) if args.quick else (300, 100)
    if args.child:
        path = kept(args.child, fresh=False)
        print(json.dumps(measure(path, args.child, queries, vector_queries)))
        return
    report.OUT.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=report.OUT) as scratch:
        folder = Path(scratch)
        if not args.no_writes:
            _show_writes(folder, args)
        if not args.no_cold:
            rows = [[name, value] for name, value in cold(folder, 3 if args.quick else 7)]
            report.show("A whole process, median, 1,000 memories", ["program", "ms"], rows, args)
    default = [10_000] if args.quick else [10_000, 100_000, 1_000_000]
    sizes = default if args.sizes is None else args.sizes
    if sizes:
        _show_recall(sizes, args)


def _show_writes(folder: Path, args: argparse.Namespace) -> None:
    small = args.quick
    for extract, facts in ((True, "facts read by the rules"), (False, "extract=False")):
        place = folder / facts.replace(" ", "-")
        place.mkdir()
        rows = single(place, 100 if small else 1_000, extract=extract)
        rows.append(threads(place, 640 if small else 6_400, extract=extract))
        rows.append(processes(place, 200 if small else 2_000, extract=extract))
        rows.append(bulk(place, 2_000 if small else BULK, extract=extract))
        title = f"Remembering, durably (in milliseconds), {facts}"
        report.show(title, ["what", "p50", "p99", "turns/s"], rows, args)
        print()


def _show_recall(sizes: list[int], args: argparse.Namespace) -> None:
    rows = []
    for size in sizes:
        kept(size, fresh=args.fresh)
        command = [sys.executable, __file__, "--child", str(size), *["--quick"] * args.quick]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        found = json.loads(done.stdout.splitlines()[-1])
        rows.append([size, *found.values()])
    header = ["memories", "p50 ms", "p95 ms", "first s", "RSS MB", "index MB"]
    header += ["disk B/memory beyond text", "text B", "vector R@10"]
    notes = [
        "one namespace, all arms, k=10; questions have common words, names and dates",
        "first: the load of the index and one recall; index: how much RSS grew by it",
        "vector R@10: codes scanned and rescored, against the exact cosine of every row",
    ]
    print()
    report.show("Recalling, warm", header, rows, args, notes=notes)


if __name__ == "__main__":
    main()
