"""A whole store copied into an empty one, of any engine: every row of every table, as it is.

Numbers stay what they were, so that everything that names a row by its number still finds it:
statements, tombstones, adapters, cursors.
"""

from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import Final

from remanence.errors import InvalidInput, StorageError
from remanence.storage.engine import Engine, Rows
from remanence.storage.values import Row, certain

Progress = Callable[[int, int], None]  # rows done, of how many

BLOCK: Final = 2_000  # rows that are on their way at once
TABLES: Final[Mapping[str, str]] = {
    "meta": "key, value",
    "namespace": "id, digest, name",
    "episode": "id, namespace, state, place, version, part, digest, at, recorded, source, session, "
    "speaker, text, metadata, checksum",
    "projection": "id, shape, terms, vector, names",
    "retired": "namespace, seq, episode, successor",
    "candidate": "id, namespace, episode, extractor, body, checksum",
    "tombstone": "id, namespace, episode, digest",
    "model": "id, namespace, salt, body",
    "state": "id, namespace, session, salt, body",
    "adapter": "id, namespace, state, made, sources, manifest, body",
    "expiry": "episode, namespace, at",
    "blob": "id, namespace, digest, kind, recorded, name, body",
    "api_key": "id, name, hash, state, created, used, expires, scopes, grants, label",
    "audit": "id, at, key, action, status, namespace, target, chain",
    "idempotency": "id, request, body, answer, expires",
    "seal": "id, key",
}
"""Table -> its columns, in the order in which rows are copied."""
SEQUENCES: Final = (
    *("namespace", "episode", "candidate", "tombstone"),
    *("model", "state", "adapter", "blob", "api_key", "idempotency"),
)
"""Tables whose rows get new numbers from the engine."""
OF_FILES: Final = ("owed", "unclean")  # notes on the files of a store, which another has not


def count(rows: Rows) -> dict[str, int]:
    """Return how many rows each table has."""
    return {table: int(certain(rows.one(f"SELECT count(*) FROM {table}"))[0]) for table in TABLES}


def copy(source: Engine, target: Engine, progress: Progress) -> dict[str, int]:
    """Copy every row into an empty store, in one transaction; return how many each table had.

    Raises `InvalidInput` where the target holds anything, `StorageError` where not every row came.
    """
    with source.read() as snapshot:
        expected = count(snapshot)

        def job(rows: Rows) -> None:
            held = [table for table, number in count(rows).items() if number]
            if held:
                raise InvalidInput(
                    f"the target is no empty store: it has rows in {', '.join(held)}; name a new "
                    f"one"
                )
            done = 0
            for table in TABLES:
                for block in _blocks(snapshot, table):
                    rows.many(_insertion(table), block)
                    done += len(block)
                    progress(done, sum(expected.values()))
            for table in SEQUENCES:
                if statement := rows.dialect.resume.format(table=table):
                    rows.all(statement)
            for key in OF_FILES:
                rows.run("DELETE FROM meta WHERE key = :key", key=key)

        target.write(job)
    _compare(expected, target)
    return expected


def _blocks(rows: Rows, table: str) -> Iterator[list[Row]]:
    columns = TABLES[table]
    key = "namespace, seq" if table == "retired" else columns.partition(",")[0]
    found = rows.each(f"SELECT {columns} FROM {table} ORDER BY {key}")
    while block := list(islice(found, BLOCK)):
        yield block


def _insertion(table: str) -> str:
    columns = TABLES[table]
    values = ", ".join(f":{name}" for name in columns.split(", "))
    return f"INSERT INTO {table} ({columns}) VALUES ({values})"


def _compare(expected: Mapping[str, int], target: Engine) -> None:
    with target.read() as rows:
        found = count(rows)
    for table, number in expected.items():
        if table != "meta" and found[table] != number:
            raise StorageError(
                f"{found[table]:,} of {number:,} rows of {table} came; the copy is not whole"
            )
