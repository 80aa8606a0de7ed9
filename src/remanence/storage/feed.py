"""The feed of changes of a namespace: what a copy in memory compares and reads to be up to date.

A copy notes a `Version`. What was written since has higher numbers; what stopped being current
since is listed by `retirements`. Numbers are taken while the namespace is held, so that their order
is the order of commits and no reader can see a later one before an earlier one.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from remanence.storage.engine import Rows
from remanence.storage.store import UNKNOWN, digest
from remanence.storage.values import Row, certain, listed

RELOAD: Final = 0  # in retired.episode: more rows than are worth listing
LISTED = 10_000  # episodes retired by one forgetting that are listed one by one
KEPT_RETIRED = 200_000  # changes of a namespace kept for readers that have not looked for a while


@dataclass(frozen=True, slots=True)
class Version:
    """The state of a namespace in one snapshot."""

    epoch: str = ""
    """Changes when projections were made anew."""
    newest: int = 0
    """Number of its newest episode."""
    retired: int = 0
    """Number of its newest change: an episode that stopped being current."""
    floor: int = 0
    """Number of its oldest change still listed."""
    stated: int = 0
    """Number of its newest row of statements."""
    buried: int = 0
    """Number of its newest tombstone."""


@dataclass(frozen=True, slots=True)
class Changes:
    """The changes of a namespace between two versions."""

    before: Version
    """The state of the copy."""
    after: Version
    """The state of the snapshot."""
    retired: Sequence[Row]
    """(episode, successor) of what stopped being current, oldest first."""
    broken: bool
    """Whether changes in between are no longer listed, so that the copy must be made anew."""


_STATE: Final = (
    "(SELECT value FROM meta WHERE key = 'epoch'), "
    "(SELECT max(id) FROM episode WHERE namespace = {namespace} AND state < 4), "
    "(SELECT max(seq) FROM retired WHERE namespace = {namespace}), "
    "(SELECT min(seq) FROM retired WHERE namespace = {namespace}), "
    "(SELECT max(id) FROM candidate WHERE namespace = {namespace}), "
    "(SELECT max(id) FROM tombstone WHERE namespace = {namespace})"
)


def version(rows: Rows, namespace: int) -> Version:
    """Return the state of a namespace in this snapshot."""
    query = f"SELECT {_STATE.format(namespace=':namespace')}"
    return _to_version(certain(rows.one(query, namespace=namespace)))


def number_and_version(rows: Rows, name: str) -> tuple[int, Version, int | None]:
    """Return a namespace's number and state, and when its next episode expires, in one query.

    `UNKNOWN` for one without a row; None where nothing expires.
    """
    state = _STATE.format(namespace="n.id")
    query = (
        "SELECT n.id, (SELECT min(at) FROM expiry WHERE namespace = n.id), "
        f"{state} FROM namespace AS n WHERE n.digest = :digest"
    )
    row = rows.one(query, digest=digest(name))
    if row is None:
        return UNKNOWN, Version(), None
    return int(row[0]), _to_version(row[2:]), row[1]


def _to_version(row: Row) -> Version:
    return Version(row[0] or "", *(number or 0 for number in row[1:]))


def since(rows: Rows, namespace: int, before: Version) -> Changes | None:
    """Return what has come about since a state; None where nothing has."""
    after = version(rows, namespace)
    if after == before:
        return None
    retired = retirements(rows, namespace, before.retired)
    broken = (
        after.epoch != before.epoch
        or before.retired + 1 < after.floor
        or any(episode == RELOAD for episode, _ in retired)
    )
    return Changes(before, after, retired, broken)


def retirements(rows: Rows, namespace: int, after: int) -> list[Row]:
    """Return (episode, successor) of what stopped being current since change `after`, in order."""
    return rows.all(
        "SELECT episode, successor FROM retired "
        "WHERE namespace = :namespace AND seq > :after ORDER BY seq",
        namespace=namespace,
        after=after,
    )


def retire(rows: Rows, namespace: int, changes: Sequence[tuple[int, int]]) -> None:
    """Note (episode, successor) that stopped being current, in the transaction that retires them."""
    if not changes:
        return
    newest = certain(
        rows.one(
            "SELECT coalesce(max(seq), 0) FROM retired WHERE namespace = :namespace",
            namespace=namespace,
        )
    )
    rows.many(
        "INSERT INTO retired (namespace, seq, episode, successor) "
        "VALUES (:namespace, :seq, :episode, :successor)",
        [(namespace, seq, *each) for seq, each in enumerate(changes, int(newest[0]) + 1)],
    )


def retire_forgotten(rows: Rows, namespace: int, numbers: Sequence[int]) -> None:
    """Note episodes that were forgotten; old changes are no longer listed."""
    if len(numbers) > LISTED:
        numbers = [RELOAD]
    retire(rows, namespace, [(number, 0) for number in numbers])
    rows.run(
        "DELETE FROM retired WHERE namespace = :namespace AND seq <= "
        "(SELECT max(seq) FROM retired WHERE namespace = :namespace) - :kept",
        namespace=namespace,
        kept=KEPT_RETIRED,
    )


def new_numbers(rows: Rows, table: str, count: int) -> list[int]:
    """Return `count` ascending numbers for new rows of a table. Hold the namespace before."""
    return [number for (number,) in rows.all(rows.dialect.numbers.format(table=table), count=count)]


def projections(rows: Rows, namespace: int, after: int) -> Iterator[Row]:
    """Yield current episodes from behind number `after`, as recall's index takes them.

    (id, place, at, part, source, session, speaker, shape, terms, vector, names) each. Both tables
    are bounded by `after`: a planner that starts from the projections would read them all.
    """
    return rows.each(
        "SELECT e.id, e.place, e.at, e.part, e.source, e.session, e.speaker, "
        "p.shape, p.terms, p.vector, p.names FROM episode AS e JOIN projection AS p ON p.id = e.id "
        "WHERE e.namespace = :namespace AND e.state < 4 AND e.state = 2 AND e.id > :after "
        "AND p.id > :after ORDER BY e.id",
        namespace=namespace,
        after=after,
    )


def projections_over(rows: Rows, after: Mapping[int, int]) -> Iterator[Row]:
    """Yield (namespace, *row) as `projections` does of several namespaces, by order of arrival.

    `after` maps the number of a namespace to that of the episode from behind which to begin.
    """
    spaces, bound = listed("space", after)
    least = min(after.values(), default=0)
    found = rows.each(
        "SELECT e.namespace, e.id, e.place, e.at, e.part, e.source, e.session, e.speaker, "
        "p.shape, p.terms, p.vector, p.names FROM episode AS e JOIN projection AS p ON p.id = e.id "
        f"WHERE e.namespace IN ({spaces}) AND e.state < 4 AND e.state = 2 AND e.id > :after "
        "AND p.id > :after ORDER BY e.id",
        after=least,
        **bound,
    )
    return (row for row in found if row[1] > after[row[0]])
