"""An open store: its namespaces, each with a snapshot to read in and a transaction to write in."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from hashlib import blake2b
from itertools import islice
from typing import Final, NamedTuple, TypeVar

from remanence.storage.engine import Engine, Rows
from remanence.storage.values import certain

T = TypeVar("T")
UNKNOWN = 0  # number of a namespace in which nothing was ever remembered: no row has it


class View(NamedTuple):
    """A snapshot or a transaction, and the number of the namespace that it was opened for."""

    rows: Rows
    """Runs queries."""
    number: int
    """The namespace's number in them;

    `UNKNOWN`, which no row has, before anything is remembered.
    """


def digest(name: str) -> bytes:
    """Return what an index holds in the place of a name: words stand in no index."""
    return blake2b(name.encode(), digest_size=12).digest()


def find_namespace(rows: Rows, name: str) -> int:
    """Return the number of a namespace; `UNKNOWN` if nothing was ever remembered in it."""
    row = rows.one("SELECT id FROM namespace WHERE digest = :digest", digest=digest(name))
    return UNKNOWN if row is None else int(row[0])


LOCK: Final = "SELECT id FROM namespace WHERE digest = :digest{lock}"


def lock_namespace(rows: Rows, name: str) -> int:
    """Return the number of a namespace and hold it until the transaction ends."""
    row = rows.one(LOCK.format(lock=rows.dialect.lock), digest=digest(name))
    return UNKNOWN if row is None else int(row[0])


def make_namespace(rows: Rows, name: str) -> int:
    """Return the number of a namespace, made if there was none, and hold it."""
    known = lock_namespace(rows, name)
    if known != UNKNOWN:
        return known
    made = certain(
        rows.one(
            # Another process may have made it meanwhile: then its row is held, as above.
            "INSERT INTO namespace (digest, name) VALUES (:digest, :name) "
            "ON CONFLICT (digest) DO UPDATE SET digest = excluded.digest RETURNING id",
            digest=digest(name),
            name=name,
        )
    )
    return int(made[0])


def list_namespaces(
    rows: Rows, prefix: str = "", beyond: int = UNKNOWN, most: int | None = None
) -> Iterator[tuple[int, str]]:
    """Yield (number, name) of the namespaces that hold something and begin with `prefix`.

    They come by order of first use, at most `most` of those beyond number `beyond`.
    """
    found = rows.all(
        "SELECT id, name FROM namespace WHERE name IS NOT NULL AND id > :beyond ORDER BY id",
        beyond=beyond,
    )
    begun = ((int(number), str(name)) for number, name in found if name.startswith(prefix))
    yield from islice(begun, most)


@dataclass(frozen=True, slots=True)
class Namespace:
    """One namespace of a store."""

    engine: Engine
    """The store."""
    name: str
    """Its name."""

    @contextmanager
    def reading(self) -> Iterator[View]:
        """Return a context of a snapshot."""
        with self.engine.read(namespace=self.name) as rows:
            yield View(rows, find_namespace(rows, self.name))

    def writing(self, job: Callable[[View], T], *, make: bool = True) -> T:
        """Run `job` in a transaction that holds the namespace; return its result once durable.

        With `make`, a namespace in which nothing was remembered yet comes into being. `job` may run
        more than once (`Engine.write`).
        """
        number = make_namespace if make else lock_namespace

        def held(rows: Rows) -> T:
            return job(View(rows, number(rows, self.name)))

        return self.engine.write(held, namespace=self.name)


class Store:
    """An open store. Everything of one namespace goes through its handle."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def namespace(self, name: str) -> Namespace:
        """Return the handle of a namespace, whether anything was remembered in it or not."""
        return Namespace(self.engine, name)

    def reading(self) -> AbstractContextManager[Rows]:
        """Return a context of a snapshot of the whole store."""
        return self.engine.read()

    def writing(self, job: Callable[[Rows], T]) -> T:
        """Run `job` in a transaction over the whole store; return its result once durable."""
        return self.engine.write(job)

    def namespaces(self, prefix: str = "") -> list[str]:
        """Return the names of the namespaces that hold something and begin with `prefix`.

        They come by order of first use.
        """
        with self.engine.read() as rows:
            return [name for _, name in list_namespaces(rows, prefix)]
