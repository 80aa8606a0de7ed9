"""Expiry: when an episode is to be forgotten, and the forgetting of what is due.

An episode that is due is not to be seen from that instant on (`STANDING`), and it is forgotten by
the next read or write of its namespace. Only the newest version of a memory expires; with it go the
older ones.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from remanence import instants
from remanence.errors import StoreReadOnly
from remanence.storage import forgetting
from remanence.storage.engine import Engine, Rows
from remanence.storage.forgetting import Selector
from remanence.storage.store import UNKNOWN, digest, find_namespace, lock_namespace
from remanence.storage.values import listed

STANDING_IN: Final = (
    "id NOT IN (SELECT x.episode FROM expiry AS x WHERE x.namespace IN ({}) AND x.at <= :now)"
)
"""Condition on rows of `episode` in the namespaces listed: not due at `:now`."""
STANDING: Final = STANDING_IN.format(":namespace")
"""The same of the one in `:namespace`."""


def note(rows: Rows, namespace: int, episodes: Mapping[int, int]) -> None:
    """Note when episodes expire: number -> microseconds since 1970. A later call counts."""
    rows.many(
        "INSERT INTO expiry (episode, namespace, at) VALUES (:episode, :namespace, :at) "
        "ON CONFLICT (episode) DO UPDATE SET at = excluded.at",
        [(number, namespace, at) for number, at in episodes.items()],
    )


def due(rows: Rows, namespace: int, now: int) -> list[int]:
    """Return the numbers of the episodes of a namespace that are due, some of them replaced."""
    return due_in(rows, [namespace], now)


def due_in(rows: Rows, namespaces: Iterable[int], now: int) -> list[int]:
    """Return the numbers of the episodes of several namespaces that are due."""
    spaces, bound = listed("space", namespaces)
    query = f"SELECT episode FROM expiry WHERE namespace IN ({spaces}) AND at <= :now"
    return [int(number) for (number,) in rows.all(query, **bound, now=now)]


def of(rows: Rows, numbers: Sequence[int]) -> dict[int, int]:
    """Return when each of some episodes expires, in microseconds; without those that never do."""
    found = {}
    for number in numbers:
        row = rows.one("SELECT at FROM expiry WHERE episode = :episode", episode=number)
        if row is not None:
            found[number] = int(row[0])
    return found


NEXT: Final = (
    "SELECT min(at) FROM expiry WHERE namespace = (SELECT id FROM namespace WHERE digest = :digest)"
)


def is_due(rows: Rows, name: str, now: int) -> bool:
    """Return whether anything of a namespace is due."""
    row = rows.one(NEXT, digest=digest(name))
    return row is not None and row[0] is not None and int(row[0]) <= now


def forget_due(rows: Rows, namespace: int, now: int) -> int:
    """Forget what is due, in the caller's transaction; return how many episodes that were."""
    numbers = due(rows, namespace, now)
    if not numbers:
        return 0
    chosen = Selector(numbers=frozenset(numbers), current=True)
    forgotten = forgetting.blank(rows, namespace, chosen).episodes
    rows.run(
        "DELETE FROM expiry WHERE namespace = :namespace AND at <= :now",
        namespace=namespace,
        now=now,
    )
    return forgotten


def sweep(engine: Engine, name: str) -> int:
    """Forget what is due in a namespace, before it is read; return how many episodes that were.

    A store that cannot be written keeps it; `STANDING` hides it there.
    """
    now = instants.now()
    with engine.read() as rows:
        number = find_namespace(rows, name)
        if number == UNKNOWN or not due(rows, number, now):
            return 0
    return _sweep(engine, name, now)


def sweep_all(engine: Engine, prefix: str = "") -> int:
    """Do `sweep` for every namespace whose name begins with `prefix`."""
    now = instants.now()
    with engine.read() as rows:
        names = rows.all(
            "SELECT DISTINCT n.name FROM expiry AS x JOIN namespace AS n ON n.id = x.namespace "
            "WHERE x.at <= :now AND n.name IS NOT NULL",
            now=now,
        )
    return sum(_sweep(engine, name, now) for (name,) in names if name.startswith(prefix))


def _sweep(engine: Engine, name: str, now: int) -> int:
    try:
        swept = engine.write(
            lambda rows: forget_due(rows, lock_namespace(rows, name), now), namespace=name
        )
    except StoreReadOnly:
        return 0
    if swept:
        forgetting.erase_in_passing(engine)
    return swept
