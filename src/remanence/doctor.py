"""Looking after a store: is it sound, and make again what can be made again.

The log is the one source of truth; text index, vectors and the rules' statements are projections of
it, made by `encoding.drafting` and nowhere else, so that what is made again is equal to what was.
"""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from remanence import build, durable
from remanence.embed.port import Embedder, identity
from remanence.encoding import drafting
from remanence.encoding.extraction import extract
from remanence.errors import StoreCorrupt
from remanence.integrations import jsonl
from remanence.memory import Memory
from remanence.storage import episodes, facts, inspection
from remanence.storage import notes as noting
from remanence.storage import salvage as salvaging
from remanence.storage.engine import Rows
from remanence.storage.engines import StoreEngine
from remanence.storage.store import list_namespaces
from remanence.storage.values import Row
from remanence.text import words

Progress = Callable[[int, int], None]  # done, of how many

BLOCK = 4_096  # episodes made again at a time
DAMAGED = 20  # damaged rows that `verify` lists
SAMPLE = 512  # episodes whose projections `verify` makes again to compare


def silent(done: int, total: int) -> None:
    """Progress that nobody watches."""


@dataclass(frozen=True, slots=True)
class Report:
    """The result of `verify`; the store is sound when `problems` is empty."""

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
    engine = memory.upkeep
    problems = [f"file: {problem}" for problem in engine.problems()]
    with memory.store.reading() as rows:
        counts = inspection.states(rows)
        for check in (
            _missing(rows),
            _unequal(rows, memory.embedder),
            _unlike(rows, memory.extract),
        ):
            problems += check
        problems += islice(inspection.damaged(rows), DAMAGED)
        noted = noting.notes(rows)
        if "unclean" in noted:
            problems.append(
                "a rewrite of the file was interrupted; run `remanence doctor --compact`"
            )
        return Report(
            problems=tuple(problems),
            namespaces=sum(1 for _ in list_namespaces(rows)),
            episodes=counts.get(episodes.CURRENT, 0),
            versions=counts.get(episodes.CURRENT, 0) + counts.get(episodes.SUPERSEDED, 0),
            forgotten=int(noted.get("blank", 0)),
            bytes=engine.size(),
            embedder=noted.get("embedder", ""),
        )


def _missing(rows: Rows) -> Iterator[str]:
    if without := inspection.without_projection(rows):
        yield f"{without} episodes are in no index; run `remanence doctor --rebuild`"
    if loose := inspection.without_episode(rows):
        yield f"{loose} index entries belong to no episode; run `remanence doctor --rebuild`"


def _unequal(rows: Rows, embedder: Embedder) -> Iterator[str]:
    """Compare a sample, spread evenly over the log, with projections made now."""
    found = inspection.sampled_projections(rows, SAMPLE)
    if not found:
        return
    made = drafting.project([row[0] for row in found], embedder)
    unequal = sum(
        (new.shape, new.terms, new.vector, new.names) != row[1:]
        for new, row in zip(made, found, strict=True)
    )
    if unequal:
        yield (
            f"{unequal} of {len(found)} sampled index entries differ from what the log gives; "
            "run `remanence doctor --rebuild`"
        )


def _unlike(rows: Rows, extract: drafting.Extract | None) -> Iterator[str]:
    """Compare a sample of what the rules found with what they find now."""
    if extract is None:
        return
    unlike = 0
    for text, speaker, at, metadata, body in inspection.sampled_statements(rows, SAMPLE):
        unlike += drafting.statements(extract, text, speaker, at, metadata) != body
    if unlike:
        yield (
            f"{unlike} sampled episodes state something else by the rules of this version; "
            "run `remanence doctor --rebuild`"
        )


@dataclass(frozen=True, slots=True)
class Salvage:
    """The result of `salvage`: rows read from a damaged store, and rows lost."""

    episodes: int
    """Episodes written."""
    damaged: int
    """Episodes that differ from their checksums, left out."""
    unreadable: int
    """Ranges of episodes on pages that cannot be read."""


def salvage(path: str, target: Path, *, key: str | None = None) -> Salvage:
    """Write every current episode that can still be read as lines that `remanence import` reads.

    Raises `StorageError` where not even the table of episodes can be found.
    """
    loss, count = salvaging.Loss(), 0
    engine = build.database(path, key=key, readonly=True)
    try:
        with (
            durable.replacing(target) as beside,
            beside.open("w", encoding="utf-8") as sink,
            engine.read() as rows,
        ):
            for episode in salvaging.episodes(rows, loss):
                sink.write(f"{jsonl.line(episode)}\n")
                count += 1
    finally:
        engine.close()
    return Salvage(count, len(loss.damaged), len(loss.unreadable))


def backup(path: str, target: str, *, key: str | None = None) -> int:
    """Copy a store to a new file while others read and write, verify the copy, return its episodes.

    A plain copy of a file that is open lacks what is still in its log. Raises `StorageError`.
    """
    source = build.database(path, key=key, readonly=True)
    try:
        source.backup(target)
    finally:
        source.close()
    copy = build.database(target, key=key, readonly=True)
    try:
        problems = copy.problems()
        with copy.read() as rows:
            problems += islice(inspection.damaged(rows), DAMAGED)
            count = inspection.states(rows).get(episodes.CURRENT, 0)
    finally:
        copy.close()
    if problems:
        Path(target).unlink()
        raise StoreCorrupt(
            f"{path}: is damaged, so that no copy was kept: {problems[0]}; bring out what can "
            "still be read with `remanence doctor --salvage FILE.jsonl`"
        )
    return count


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
        with database.read() as rows:
            noted = noting.notes(rows)
        chosen = spec or noted.get("embedder_spec", build.DEFAULT_EMBEDDER)
        return _remake(database, build.load_embedder(chosen), chosen, progress, extract)
    finally:
        database.close()


def _remake(
    engine: StoreEngine,
    embedder: Embedder,
    spec: str,
    progress: Progress,
    extract: drafting.Extract | None,
) -> int:
    def job(rows: Rows) -> int:
        if rows.dialect.alone:
            rows.run(rows.dialect.alone)
        total = inspection.count_all(rows)
        inspection.clear_projections(rows)
        stating = _Restating(rows, extract)
        done = last = 0
        while block := inspection.texts(rows, last, BLOCK):
            made = drafting.project([row[1] for row in block], embedder)
            inspection.add_projections(
                rows,
                [
                    (number, new.shape, new.terms, new.vector, new.names)
                    for (number, *_), new in zip(block, made, strict=True)
                ],
            )
            stating.restate(block)
            last = block[-1][0]
            done += len(block)
            progress(done, total)
        noting.renote(
            rows,
            {
                "embedder": identity(embedder),
                "analyser": words.VERSION,
                "epoch": os.urandom(8).hex(),
                "embedder_spec": spec,
            },
        )
        return done

    count = engine.write(job)
    engine.erase()
    return count


class _Restating:
    """Makes the rules' statements again, in order of the log among those that stay as they are."""

    def __init__(self, rows: Rows, extract: drafting.Extract | None) -> None:
        self._rows = rows
        self._extract = extract
        self._kept: dict[int, list[Row]] = {}
        for row in facts.kept(rows):
            self._kept.setdefault(row[1], []).append(row)
        facts.clear(rows)

    def restate(self, block: list[Row]) -> None:
        """Write the statements of a block of `inspection.texts`."""
        made: list[Row] = []
        for number, text, namespace, speaker, at, metadata in block:
            kept = self._kept.get(number, [])
            # What `learn` wrote states what was learnt, and nothing beside it.
            if self._extract and all(row[2] != facts.LEARNED for row in kept):
                body = drafting.statements(self._extract, text, speaker, at, metadata)
                if body is not None:
                    made.append((namespace, number, facts.RULES, body))
            made += kept
        inspection.add_statements(self._rows, made)
