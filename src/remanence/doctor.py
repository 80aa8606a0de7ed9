"""Looking after a store: is it sound, and make again what can be made again.

The log is the one source of truth; text index, vectors and the rules' statements are projections of it, made by `encoding.drafting`
and nowhere else, so that what is made again is equal to what was.
"""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice

from remanence import build
from remanence.embed.port import Embedder
from remanence.encoding import drafting
from remanence.encoding.extraction import extract
from remanence.memory import Memory, identity
from remanence.storage import episodes, facts
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
        problems += _unlike(connection, memory.extract)
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
            "SELECT e.text, p.shape, p.terms, p.vector, p.names FROM episode AS e "
            "JOIN projection AS p ON p.id = e.id WHERE e.state < 4 AND e.text <> '' "
            "AND e.id % ? = 0",  # but for what is redacted
            (step,),
        )
    )
    if not rows:
        return
    made = drafting.project([row[0] for row in rows], embedder)
    unequal = sum(
        (new.shape, new.terms, new.vector, new.names) != row[1:]
        for new, row in zip(made, rows, strict=True)
    )
    if unequal:
        yield (
            f"{unequal} of {len(rows)} sampled index entries differ from what the log gives; "
            "run `remanence doctor --rebuild`"
        )


def _unlike(connection: Connection, extract: drafting.Extract | None) -> Iterator[str]:
    """Compare a sample of what the rules found with what they find now."""
    if extract is None:
        return
    (newest,) = next(iter(connection.execute("SELECT max(id) FROM episode")))
    step = max(1, (newest or 0) // SAMPLE)
    rows = connection.execute(
        "SELECT e.text, e.speaker, e.at, e.metadata, c.body FROM episode AS e "
        "LEFT JOIN candidate AS c ON c.episode = e.id AND c.extractor = 2 WHERE e.state < 4 "
        "AND e.id % ? = 0 AND e.id NOT IN (SELECT episode FROM candidate WHERE extractor = 3)",
        (step,),
    )
    unlike = 0
    for text, speaker, at, metadata, body in rows:
        unlike += drafting.statements(extract, text, speaker, at, metadata) != body
    if unlike:
        yield (
            f"{unlike} sampled episodes state something else by the rules of this version; "
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
        return _remake(database, build.load_embedder(chosen), chosen, progress, extract)
    finally:
        database.close()


def _remake(
    database: Database,
    embedder: Embedder,
    spec: str,
    progress: Progress,
    extract: drafting.Extract | None,
) -> int:
    def job(connection: Connection) -> int:
        (total,) = next(iter(connection.execute("SELECT count(*) FROM episode WHERE state < 4")))
        connection.execute("DELETE FROM projection")
        stating = _Restating(connection, extract)
        done = last = 0
        while block := list(islice(_texts(connection, last), BLOCK)):
            made = drafting.project([row[1] for row in block], embedder)
            connection.executemany(
                "INSERT INTO projection (id, shape, terms, vector, names) VALUES (?, ?, ?, ?, ?)",
                [
                    (number, new.shape, new.terms, new.vector, new.names)
                    for (number, *_), new in zip(block, made, strict=True)
                ],
            )
            stating.restate(block)
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
        "SELECT id, text, namespace, speaker, at, metadata FROM episode "
        "WHERE state < 4 AND id > ? ORDER BY id",
        (after,),
    )


class _Restating:
    """Makes the rules' statements again, in order of the log among those that stay as they are."""

    def __init__(self, connection: Connection, extract: drafting.Extract | None) -> None:
        self._connection = connection
        self._extract = extract
        self._kept: dict[int, list[Row]] = {}
        for row in facts.kept(connection):
            self._kept.setdefault(row[1], []).append(row)
        facts.clear(connection)

    def restate(self, block: list[Row]) -> None:
        """Write the statements of a block of `_texts`."""
        rows: list[Row] = []
        for number, text, namespace, speaker, at, metadata in block:
            kept = self._kept.get(number, [])
            # What `learn` wrote states what was learnt, and nothing beside it.
            if self._extract and all(row[2] != facts.LEARNED for row in kept):
                body = drafting.statements(self._extract, text, speaker, at, metadata)
                if body is not None:
                    rows.append((namespace, number, facts.RULES, body))
            rows += kept
        facts.append(self._connection, rows)
