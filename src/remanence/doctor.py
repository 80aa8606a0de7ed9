"""Looking after a store: is it sound, and make again what can be made again.

The log is the one source of truth; text index and vectors are projections of it, made by `encoding.drafting.project` and nowhere
else, so that what is made again is equal to what was.
"""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice

from remanence import build
from remanence.embed.port import Embedder
from remanence.encoding import drafting
from remanence.memory import Memory, identity
from remanence.storage import episodes
from remanence.storage.database import Connection, Database, Row
from remanence.text import words

Progress = Callable[[int, int], None]  # done, of how many

BLOCK = 4_096  # episodes made again at a time
SAMPLE = 512  # episodes whose projections `verify` makes again to compare


def silent(done: int, total: int) -> None:
    """Progress that nobody watches."""


@dataclass(frozen=True, slots=True)
class Report:
    """What `verify` found; the store is sound when `problems` is empty."""

    problems: tuple[str, ...]
    namespaces: int
    episodes: int
    versions: int
    forgotten: int
    bytes: int
    embedder: str


def verify(memory: Memory) -> Report:
    """Check the file's structure, that every episode has its projections, and a sample of them.

    Raises `StorageError` when the file cannot be read at all.
    """
    problems = [f"file: {problem}" for problem in memory.database.problems()]
    with memory.database.read() as connection:
        counts: dict[int, int] = dict(
            connection.execute("SELECT state, count(*) FROM episode GROUP BY state")
        )
        problems += _missing(connection)
        problems += _unequal(connection, memory.embedder)
        noted = episodes.notes(connection)
        if "unclean" in noted:
            problems.append(
                "a rewrite of the file was interrupted; run `remanence doctor --compact`"
            )
        return Report(
            problems=tuple(problems),
            namespaces=sum(1 for _ in episodes.namespaces(connection)),
            episodes=counts.get(episodes.CURRENT, 0),
            versions=counts.get(episodes.CURRENT, 0) + counts.get(episodes.SUPERSEDED, 0),
            forgotten=int(noted.get("blank", 0)),
            bytes=memory.database.size(),
            embedder=noted.get("embedder", ""),
        )


def _missing(connection: Connection) -> Iterator[str]:
    (without,) = next(
        iter(
            connection.execute(
                "SELECT count(*) FROM episode WHERE state < 4 "
                "AND id NOT IN (SELECT id FROM projection)"
            )
        )
    )
    if without:
        yield f"{without} episodes are in no index; run `remanence doctor --rebuild`"
    (loose,) = next(
        iter(
            connection.execute(
                "SELECT count(*) FROM projection WHERE id NOT IN (SELECT id FROM episode)"
            )
        )
    )
    if loose:
        yield f"{loose} index entries belong to no episode; run `remanence doctor --rebuild`"


def _unequal(connection: Connection, embedder: Embedder) -> Iterator[str]:
    """Compare a sample, spread evenly over the log, with projections made now."""
    (newest,) = next(iter(connection.execute("SELECT max(id) FROM episode")))
    step = max(1, (newest or 0) // SAMPLE)
    rows = list(
        connection.execute(
            "SELECT e.text, p.shape, p.terms, p.vector FROM episode AS e "
            "JOIN projection AS p ON p.id = e.id WHERE e.state < 4 AND e.id % ? = 0",
            (step,),
        )
    )
    if not rows:
        return
    made = drafting.project([row[0] for row in rows], embedder)
    unequal = sum(
        (new.shape, new.terms, new.vector) != row[1:] for new, row in zip(made, rows, strict=True)
    )
    if unequal:
        yield (
            f"{unequal} of {len(rows)} sampled index entries differ from what the log gives; "
            "run `remanence doctor --rebuild`"
        )


def rebuild(path: str, *, key: str | None = None, progress: Progress = silent) -> int:
    """Drop every projection and make it again from the log; how many episodes that were.

    One transaction: a reader sees all of the old or all of the new, a crash leaves the old.
    Raises `ConfigError`, `EmbedderError`, `StorageError`.
    """
    return reembed(path, None, key=key, progress=progress)


def reembed(
    path: str, spec: str | None, *, key: str | None = None, progress: Progress = silent
) -> int:
    """`rebuild` with another embedder, which the store then notes as its own.

    Raises `ConfigError` for a spec that names no embedder, `EmbedderError`, `StorageError`.
    """
    database = build.database(path, key=key)
    try:
        with database.read() as connection:
            noted = episodes.notes(connection)
        chosen = spec or noted.get("embedder_spec", build.DEFAULT_EMBEDDER)
        return _remake(database, build.load_embedder(chosen), chosen, progress)
    finally:
        database.close()


def _remake(database: Database, embedder: Embedder, spec: str, progress: Progress) -> int:
    def job(connection: Connection) -> int:
        (total,) = next(iter(connection.execute("SELECT count(*) FROM episode WHERE state < 4")))
        connection.execute("DELETE FROM projection")
        done = last = 0
        while block := list(islice(_texts(connection, last), BLOCK)):
            made = drafting.project([text for _, text in block], embedder)
            connection.executemany(
                "INSERT INTO projection (id, shape, terms, vector) VALUES (?, ?, ?, ?)",
                [
                    (number, new.shape, new.terms, new.vector)
                    for (number, _), new in zip(block, made, strict=True)
                ],
            )
            last = block[-1][0]
            done += len(block)
            progress(done, total)
        episodes.renote(
            connection,
            {
                "embedder": identity(embedder),
                "analyser": words.VERSION,
                "epoch": os.urandom(8).hex(),
                "embedder_spec": spec,
            },
        )
        return done

    count = database.write(job)
    database.scrub()
    return count


def _texts(connection: Connection, after: int) -> Iterator[Row]:
    yield from connection.execute(
        "SELECT id, text FROM episode WHERE state < 4 AND id > ? ORDER BY id", (after,)
    )
