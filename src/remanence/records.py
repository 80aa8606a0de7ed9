"""Records: memories with what the store notes about them, one by one, by pages, by condition.

    records.get(memory, "users/wei", ["a", "b"])             # in one snapshot
    records.page(memory, ["users/*"], metadata={"kind": "note", "stars": {"$gte": 4}})
    records.namespaces(memory, prefix="users/")

`Memory.recall` finds by meaning; these list and look up. A list of namespaces may have prefixes
that end in "*"; a single text is one name.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from remanence import checks, instants
from remanence.memory import Memory
from remanence.queries import pages
from remanence.retrieval import spanning, where
from remanence.storage import episodes, expiry, paging
from remanence.storage.engine import Rows
from remanence.storage.forgetting import Selector, find
from remanence.storage.selection import EVERYTHING, Selection
from remanence.storage.store import UNKNOWN, View, list_namespaces
from remanence.types import Episode, Metadata, When

NAMESPACES = 10_000  # names that `namespaces` returns at most


@dataclass(frozen=True, slots=True)
class Record:
    """A memory as it is now."""

    number: int
    """Its number in the log: pages go by it."""
    episode: Episode
    """The memory; `recorded_at` is when its newest version was written."""
    created_at: str
    """When its first version was written (RFC 3339)."""
    expires: str | None
    """The instant from which it is not to be seen (RFC 3339); None: never."""


@dataclass(frozen=True, slots=True)
class RecordPage:
    """Records in order of arrival."""

    items: tuple[Record, ...]
    """The records."""
    beyond: int | None
    """The number to go on from; None where there are no more."""


def get(memory: Memory, namespace: str, ids: Sequence[str]) -> list[Record | None]:
    """Return memories by id in their order, long documents whole; None for what is not there."""
    wanted = [checks.label(id, "id") for id in ids]
    with memory.namespace(namespace).reading() as (rows, number):
        if number == UNKNOWN:
            return [None] * len(wanted)
        return [_get(rows, number, namespace, id) for id in wanted]


def _get(rows: Rows, number: int, namespace: str, id: str) -> Record | None:
    found = paging.versions(rows, number, namespace, id)
    for version in found:
        if version.current:
            place = paging.number_of(rows, number, id, version.version) or 0
            episode = replace(version.episode, id=id, text=version.text or "")
            due = expiry.of(rows, [place]).get(place)
            created = found[-1].episode.recorded_at
            return Record(place, episode, created, None if due is None else instants.render(due))
    return None


def page(
    memory: Memory,
    namespace: str | Sequence[str],
    *,
    metadata: Metadata | None = None,
    beyond: int | None = None,
    most: int = 100,
    oldest_first: bool = False,
    session: str | None = None,
    speaker: str | None = None,
    since: When | None = None,
    until: When | None = None,
) -> RecordPage:
    """Return at most `most` episodes beyond the number `beyond`, newest first by default.

    `metadata` are values or conditions (`retrieval.where`). Raises `InvalidInput`.
    """
    most = checks.count(most, "most")
    condition = where.of(metadata)
    wanted = pages.filters(session, speaker, since, until)
    with _selecting(memory, namespace, condition) as (rows, names, numbers):
        found = paging.page_over(
            rows,
            names,
            replace(wanted, numbers=numbers),
            beyond,
            most + 1,
            oldest_first=oldest_first,
        )
        shown = found[:most]
        items = _records(rows, shown)
    return RecordPage(items, shown[-1][0] if len(found) > most else None)


@contextmanager
def _selecting(
    memory: Memory, namespace: str | Sequence[str], condition: where.Condition | None
) -> Iterator[tuple[Rows, Mapping[int, str], Selection]]:
    """Return a context of a snapshot, the namespaces meant, and the episodes of a condition."""
    spaces = spanning.names_of(namespace)
    if condition is None:
        with memory.store.reading() as rows:
            literal = isinstance(namespace, str)
            yield rows, spanning.resolve(rows, spaces, literal=literal), EVERYTHING
        return
    with memory.indexes.opened(namespace) as (index, rows, names):
        index.fields.catch_up(rows, names)
        yield rows, names, index.fields.select(condition)


def _records(rows: Rows, found: Sequence[tuple[int, Episode]]) -> tuple[Record, ...]:
    numbers = [number for number, _ in found]
    created, due = episodes.begun(rows, numbers), expiry.of(rows, numbers)
    return tuple(
        Record(
            number,
            episode,
            instants.render(created[number]),
            instants.render(due[number]) if number in due else None,
        )
        for number, episode in found
    )


def namespaces(memory: Memory, prefix: str = "", *, most: int = NAMESPACES) -> list[str]:
    """Return the names of the namespaces that hold something and begin with `prefix`.

    They come by order of first use, at most `most`.
    """
    most = checks.count(most, "most")
    with memory.store.reading() as rows:
        return [name for _, name in list_namespaces(rows, prefix, most=most)]


def touch(memory: Memory, namespace: str, ids: Sequence[str], expires: When) -> int:
    """Set when memories expire, whether they did before or not; return how many there are."""
    at = instants.parse(expires, "expires")
    wanted = Selector(ids=tuple(checks.label(id, "id") for id in ids), current=True)

    def job(view: View) -> int:
        numbers = [number for number, _ in find(view.rows, view.number, wanted)]
        expiry.note(view.rows, view.number, dict.fromkeys(numbers, at))
        return len(numbers)

    return memory.namespace(namespace).writing(job, make=False)


def forget_expired(memory: Memory, prefix: str = "") -> int:
    """Forget what is due in every namespace that begins with `prefix`; return how many episodes.

    Each namespace does so by itself when it is next read or written.
    """
    return expiry.sweep_all(memory.store.engine, prefix)
