"""Events derived from episodes: their rows, written and deleted; `event_queries` reads them.

Rows are numbers alone (`migrations/0011_events.sql`): times, places in the episode's text, hashes.
How a text is read for events is an application's
business; `Mark.reading` is the number of that reading, and rows of another one are dropped.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from remanence.storage import feed
from remanence.storage.engine import Rows
from remanence.storage.values import Row, Value


class Role(IntEnum):
    """The part that a phrase plays in an event."""

    ACTION = 1
    """The verb, and the gerund that completes it."""
    THING = 2
    """What was done, bought, eaten, read."""
    PERSON = 3
    """Whoever took part beside the actor."""
    GOAL = 4
    """The place that was gone to or visited."""
    SETTING = 5
    """The place where it happened."""
    OTHER = 6
    """Any other phrase of the main clause."""
    BACKGROUND = 7
    """A word of a subordinate clause."""
    ACTOR = 8
    """Whoever did it."""
    QUANTITY = 9
    """An amount with its unit."""
    KIND = 10
    """A term for the kind of a phrase: "fruit" of apples."""
    WORD = 11
    """Any word of the sentences, wherever it stands in them."""
    EFFECT = 12
    """What a stated cause brought about."""
    CAUSE = 13
    """A stated cause; it shares its row with its effect, which is no event by itself."""


@dataclass(frozen=True, slots=True)
class PartRow:
    """A phrase of an event, before it is written."""

    role: Role
    """The part that it plays."""
    value: int
    """Hash of the phrase as it is compared."""
    first: int
    """Where it begins in the episode's text, in characters."""
    last: int
    """Where it ends, exclusive."""
    terms: tuple[tuple[int, int], ...] = ()
    """(role, hash) of each index term; a role of its own, since kinds stand among them."""
    amount: float = 1.0
    """Of a quantity, in its unit; of a thing, how many."""
    unit: int = 0
    """Number of the unit; 0: none."""


@dataclass(frozen=True, slots=True)
class EventRow:
    """An event, before it is written."""

    episode: int
    """Number of the episode that it was derived from."""
    day: int
    """Days since 1970, UTC."""
    month: int
    """12 * year + month - 1."""
    began: int
    """Microseconds since 1970."""
    ended: int
    """Microseconds since 1970, exclusive."""
    own: bool
    """Whether whoever speaks did it."""
    times: float
    """How often it happened; 0 for the edge from an effect to its stated cause."""
    parts: tuple[PartRow, ...]
    """Its phrases."""
    terms: tuple[tuple[int, int], ...]
    """(role, hash) of index terms outside of its phrases."""


@dataclass(frozen=True, slots=True)
class Mark:
    """How far the log of a namespace has been read."""

    reading: int = 0
    """Number of the reading of texts."""
    episode: int = 0
    """Number of the newest episode that was read."""


def mark(rows: Rows, namespace: int) -> Mark:
    """Return how far a namespace has been read."""
    row = rows.one(
        "SELECT reading, episode FROM event_mark WHERE namespace = :namespace", namespace=namespace
    )
    return Mark() if row is None else Mark(*row)


def unread(rows: Rows, namespace: int, after: int, most: int) -> list[Row]:
    """Return (id, text, speaker, at, metadata) of current episodes from behind number `after`."""
    return rows.all(
        "SELECT id, text, speaker, at, metadata FROM episode WHERE namespace = :namespace "
        "AND state < 4 AND state = 2 AND id > :after ORDER BY id LIMIT :most",
        namespace=namespace,
        after=after,
        most=most,
    )


def restart(rows: Rows, namespace: int, reading: int) -> None:
    """Drop every event of a namespace; it is read anew by `reading`."""
    for table in ("event_term", "event_part", "event"):
        rows.run(f"DELETE FROM {table} WHERE namespace = :namespace", namespace=namespace)
    _set_mark(rows, namespace, Mark(reading, 0))


def append(
    rows: Rows, namespace: int, before: Mark, read_to: int, events: Sequence[EventRow]
) -> bool:
    """Write the events of the episodes behind `before` up to `read_to`.

    Return False, and write nothing, where another writer was there first. Events of episodes that
    are not current any more are left out.
    """
    if mark(rows, namespace) != before:
        return False
    found = rows.all(
        "SELECT id FROM episode WHERE namespace = :namespace AND state < 4 AND state = 2 "
        "AND id > :after AND id <= :last",
        namespace=namespace,
        after=before.episode,
        last=read_to,
    )
    current = {number for (number,) in found}
    _write(rows, namespace, [event for event in events if event.episode in current])
    _set_mark(rows, namespace, Mark(before.reading, read_to))
    return True


def _set_mark(rows: Rows, namespace: int, now: Mark) -> None:
    rows.run(
        "INSERT INTO event_mark (namespace, reading, episode) "
        "VALUES (:namespace, :reading, :episode) ON CONFLICT (namespace) "
        "DO UPDATE SET reading = excluded.reading, episode = excluded.episode",
        namespace=namespace,
        reading=now.reading,
        episode=now.episode,
    )


def _write(rows: Rows, namespace: int, events: Sequence[EventRow]) -> None:
    if not events:
        return
    numbers = feed.new_numbers(rows, "event", len(events))
    count = sum(len(each.parts) for each in events)
    part_numbers = iter(feed.new_numbers(rows, "event_part", count) if count else ())
    heads: list[tuple[Value, ...]] = []
    parts: list[tuple[Value, ...]] = []
    terms: set[tuple[int, int, int, int, int]] = set()
    for number, event in zip(numbers, events, strict=True):
        heads.append(
            (number, namespace, event.episode, event.day, event.month, event.began, event.ended,
             int(event.own), event.times)
        )  # fmt: skip
        terms.update((namespace, term, role, number, 0) for role, term in event.terms)
        for each in event.parts:
            part = next(part_numbers)
            parts.append(
                (part, namespace, number, int(each.role), each.value, each.first, each.last,
                 each.amount, each.unit)
            )  # fmt: skip
            terms.update((namespace, term, role, number, part) for role, term in each.terms)
    rows.many(
        "INSERT INTO event (id, namespace, episode, day, month, began, ended, own, times) "
        "VALUES (:id, :namespace, :episode, :day, :month, :began, :ended, :own, :times)",
        heads,
    )
    rows.many(
        "INSERT INTO event_part (id, namespace, event, role, value, first, last, amount, unit) "
        "VALUES (:id, :namespace, :event, :role, :value, :first, :last, :amount, :unit)",
        parts,
    )
    rows.many(
        "INSERT INTO event_term (namespace, term, role, event, part) "
        "VALUES (:namespace, :term, :role, :event, :part)",
        sorted(terms),
    )


def delete(rows: Rows, episodes: Sequence[int]) -> None:
    """Delete what was derived from episodes, given by number."""
    if rows.one("SELECT 1 FROM event_mark LIMIT 1") is None:
        return  # nobody has asked anything yet
    numbers = [(episode,) for episode in episodes]
    for table in ("event_term", "event_part"):
        rows.many(
            f"DELETE FROM {table} WHERE event IN (SELECT id FROM event WHERE episode = :episode)",
            numbers,
        )
    rows.many("DELETE FROM event WHERE episode = :episode", numbers)


def clear(rows: Rows) -> None:
    """Drop the events of every namespace: they are derived anew when next asked for."""
    for table in ("event_term", "event_part", "event", "event_mark"):
        rows.run(f"DELETE FROM {table}")


def forget_namespace(rows: Rows, namespace: int) -> None:
    """Drop the mark of a namespace that is forgotten as a whole."""
    rows.run("DELETE FROM event_mark WHERE namespace = :namespace", namespace=namespace)
