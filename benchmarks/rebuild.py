"""How long it takes to make everything again from the log, and whether it is equal to the byte.

A store is filled with the text of `corpus.py`, its projections, statements and facts are dumped,
`doctor.rebuild` drops them and makes them again, and the dump is taken once more. The dump has no
times of the clock in it.
"""

import hashlib
import shutil
import tempfile
import time
from itertools import islice
from pathlib import Path

import corpus
import report

import remanence
from remanence import doctor

CHUNK = 10_000


def fill(path: str, size: int) -> float:
    """Remember `size` turns; turns a second."""
    started = time.perf_counter()
    with remanence.open(path) as memory:
        turns = iter(corpus.turns(size))
        while block := list(islice(turns, CHUNK)):
            memory.remember(block)
    return size / (time.perf_counter() - started)


def dump(path: str) -> tuple[str, int]:
    """A digest of all that is made from the log, and how many facts that is."""
    digest = hashlib.sha256()
    with remanence.open(path, readonly=True) as memory:
        with memory.store.reading() as connection:
            for sql in (
                "SELECT id, shape, terms, vector, names FROM projection ORDER BY id",
                "SELECT namespace, episode, extractor, body FROM candidate ORDER BY episode, id",
            ):
                for row in connection.each(sql):
                    digest.update(repr(row).encode())
        facts = memory.facts(history=True)
    for fact in facts:
        digest.update(repr(fact).encode())
    return digest.hexdigest(), len(facts)


def main() -> None:
    parser = report.arguments(__doc__)
    parser.add_argument("--size", type=int, default=100_000, help="episodes in the store")
    args = parser.parse_args()
    size = 2_000 if args.quick else args.size
    folder = Path(tempfile.mkdtemp(prefix="remanence-rebuild-"))
    try:
        path = str(folder / "store.db")
        rate = fill(path, size)
        before, facts = dump(path)
        started = time.perf_counter()
        made = doctor.rebuild(path)
        took = time.perf_counter() - started
        after, _ = dump(path)
    finally:
        shutil.rmtree(folder)
    report.show(
        "Everything made again from the log",
        ["episodes", "remembered/s", "facts", "rebuild s", "equal"],
        [[made, rate, facts, took, "yes" if before == after else "NO"]],
        args,
    )
    if before != after:
        raise SystemExit("the rebuilt projections differ from those they replace")


if __name__ == "__main__":
    main()
