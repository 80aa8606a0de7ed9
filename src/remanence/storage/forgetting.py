"""Blanking: the one way in which words leave the store.

A forgotten row is overwritten in place, never deleted (the reason stands at the top of `migrations/0001_episodes.sql`), and the
write-ahead log is emptied after it. When blank rows outnumber the others the file is written anew without them.
"""

import re
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from remanence import checks, instants
from remanence.errors import InvalidInput, StorageError
from remanence.storage import adapters, facts, models, states
from remanence.storage.database import Connection, Database
from remanence.storage.episodes import CURRENT, KEPT_RETIRED, LISTED, RELOAD, digest
from remanence.types import Receipt, When

OWED = "owed"  # in meta: something was forgotten, and the write-ahead log is not yet emptied of it
SPARSE = 1_000  # blank rows below which the file is never written anew
_PART = re.compile(r"(.+)#([0-9]{1,9})", re.DOTALL)

# A caller may have named something "report#2" himself: that is then what is meant, and no part.
_OF_A_PART = (
    "digest = ? AND part = ? AND NOT EXISTS (SELECT 1 FROM episode AS own "
    "WHERE own.namespace = episode.namespace AND own.digest = ? AND own.state < 4)"
)


@dataclass(frozen=True, slots=True)
class Selector:
    """What to forget: every given field must match; `everything` matches all."""

    id: str | None = None  # a source; where there is none of that name, a part: "report#3"
    session: str | None = None
    speaker: str | None = None
    before: int | None = None  # microseconds
    everything: bool = False
    numbers: frozenset[int] | None = None  # of the episodes that come into question at all

    def where(self) -> tuple[str, list[object]]:
        """The condition in SQL, and its bindings."""
        terms: list[str] = []
        values: list[object] = []
        if self.id is not None:
            named = digest(self.id)
            terms.append("digest = ?")
            values.append(named)
            if part := _PART.fullmatch(self.id):
                terms[-1] = f"(digest = ? OR ({_OF_A_PART}))"
                values += [digest(part[1]), int(part[2]), named]
        for condition, value in (
            ("session = ?", self.session),
            ("speaker = ?", self.speaker),
            ("at < ?", self.before),
        ):
            if value is not None:
                terms.append(condition)
                values.append(value)
        if not terms and not self.everything and self.numbers is None:
            raise AssertionError("an empty selector would match everything")
        return " AND ".join(terms or ["1"]), values


def selector(
    named: Mapping[str, str | None], before: When | None, *, everything: bool
) -> tuple[Selector, dict[str, str]]:
    """What to forget, and the same in words for the receipt."""
    given = {name: checks.label(value, name) for name, value in named.items() if value is not None}
    instant = None if before is None else instants.parse(before, "before")
    shown = given if instant is None else {**given, "before": instants.render(instant)}
    if everything and shown:
        raise InvalidInput(f"everything=True and {shown} contradict; give one or the other")
    if not everything and not shown:
        raise InvalidInput(
            "forget needs to know what: give id=, session=, speaker=, subject=, before= or "
            "everything=True"
        )
    fields = {name: value for name, value in given.items() if name != "subject"}
    about: frozenset[int] | None = frozenset() if "subject" in given else None
    selector = Selector(**fields, before=instant, everything=everything, numbers=about)
    return selector, shown or {"everything": "true"}


@dataclass(frozen=True, slots=True)
class Blanked:
    """How much went, layer by layer."""

    episodes: int = 0
    versions: int = 0
    terms: int = 0
    vectors: int = 0
    facts: int = 0
    models: int = 0
    states: int = 0
    adapters: int = 0


def receipt(namespace: str, shown: Mapping[str, str], blanked: Blanked, wal: str) -> Receipt:
    """What was forgotten, for whoever asked."""
    at = instants.render(instants.now())
    return Receipt(namespace=namespace, selector=shown, wal=wal, at=at, **asdict(blanked))


def find(connection: Connection, namespace: int, selector: Selector) -> list[tuple[int, int]]:
    """(id, state) of every version that matches."""
    where, bindings = selector.where()
    return [
        (int(row[0]), int(row[1]))
        for row in connection.execute(
            f"SELECT id, state FROM episode WHERE namespace = ? AND state < 4 AND {where}",
            [namespace, *bindings],
        )
        if selector.numbers is None or row[0] in selector.numbers
    ]


def blank(connection: Connection, namespace: int, selector: Selector) -> Blanked:
    """Overwrite every matching episode and its projections, inside the caller's transaction."""
    found = _with_older(connection, namespace, find(connection, namespace, selector))
    ids = [(number,) for number, _ in found]
    terms, vectors = _blank_projections(connection, ids)
    connection.executemany(
        "UPDATE episode SET state = 4, digest = NULL, at = NULL, recorded = NULL, source = NULL, "
        "session = NULL, speaker = NULL, text = NULL, metadata = NULL WHERE id = ?",
        ids,
    )
    connection.execute(
        "INSERT INTO meta (key, value) VALUES ('blank', ?1) "
        "ON CONFLICT (key) DO UPDATE SET value = CAST(value AS INTEGER) + ?1",
        (len(found),),
    )
    connection.execute("INSERT OR REPLACE INTO meta (key, value) VALUES (?, '1')", (OWED,))
    said = facts.blank(connection, ids)
    learnt = models.blank(connection, namespace) if found or selector.everything else 0
    heard = _heard(connection, namespace, selector, bool(found))
    gone = None if selector.everything else {number for number, _ in found}
    tainted = adapters.taint(connection, namespace, gone)
    _announce(connection, namespace, [number for number, state in found if state == 2])
    if selector.everything:
        connection.execute(
            "UPDATE namespace SET digest = NULL, name = NULL WHERE id = ?", (namespace,)
        )
    return Blanked(
        episodes=sum(state == 2 for _, state in found),
        versions=len(found),
        terms=terms,
        vectors=vectors,
        facts=said,
        models=learnt,
        states=heard,
        adapters=tainted,
    )


def redact(connection: Connection, namespace: int, id: str, version: int) -> Blanked | None:
    """Overwrite what one older version says, in every layer; its row stays, without text and metadata.

    None where there is no such version. Raises `InvalidInput` for the current one, and for one
    that is redacted already changes nothing.
    """
    where, bindings = Selector(id=id).where()
    found = list(
        connection.execute(
            f"SELECT id, state, text FROM episode WHERE namespace = ? AND state < 4 "
            f"AND version = ? AND {where}",
            [namespace, version, *bindings],
        )
    )
    if any(state == CURRENT for _, state, _ in found):
        raise InvalidInput(
            f"version {version} is what is remembered now; forget it, or write a newer one first"
        )
    ids = [(int(number),) for number, _, text in found if text]
    if not ids:
        return Blanked() if found else None
    vectors = _blank_projections(connection, ids)
    connection.executemany("UPDATE episode SET text = '', metadata = NULL WHERE id = ?", ids)
    connection.execute("INSERT OR REPLACE INTO meta (key, value) VALUES (?, '1')", (OWED,))
    return Blanked(
        versions=1,
        terms=vectors[0],
        vectors=vectors[1],
        facts=facts.blank(connection, ids),
        models=models.blank(connection, namespace),
        states=states.blank(connection, namespace),
        adapters=adapters.taint(connection, namespace, {number for (number,) in ids}),
    )


def _blank_projections(connection: Connection, ids: Sequence[tuple[int]]) -> tuple[int, int]:
    """Overwrite what recall reads of episodes; how many (terms, vectors) that were."""
    terms = vectors = 0
    for (number,) in ids:
        sizes = connection.execute(
            "SELECT length(terms), length(vector) FROM projection WHERE id = ?", (number,)
        )
        for size, width in sizes:
            terms += size // 5
            vectors += width > 0
    connection.executemany(
        "UPDATE projection SET shape = 0, terms = x'', vector = x'', names = x'' WHERE id = ?", ids
    )
    return terms, vectors


def _heard(connection: Connection, namespace: int, selector: Selector, gone: bool) -> int:  # noqa: FBT001
    """Blank the neural states: all, where anything went; that of a session, where it alone was named."""
    if gone or selector.everything:
        return states.blank(connection, namespace)
    if selector == Selector(session=selector.session) and selector.session is not None:
        return states.blank(connection, namespace, selector.session)
    return 0


def _with_older(
    connection: Connection, namespace: int, found: list[tuple[int, int]]
) -> list[tuple[int, int]]:
    """`found`, and every older version of what goes: it would lie hidden behind nothing."""
    states = dict(found)
    for number, state in found:
        if state == CURRENT:
            older = connection.execute(
                "SELECT o.id, o.state FROM episode AS e JOIN episode AS o ON o.namespace = ?1 "
                "AND o.digest = e.digest AND o.part = e.part AND o.state < 4 WHERE e.id = ?2",
                (namespace, number),
            )
            states.update((int(row[0]), int(row[1])) for row in older)
    return sorted(states.items())


def _announce(connection: Connection, namespace: int, numbers: Sequence[int]) -> None:
    """Tell indexes in memory, here and in other processes."""
    if len(numbers) > LISTED:
        numbers = [RELOAD]
    connection.executemany(
        "INSERT INTO retired (namespace, episode, successor) VALUES (?, ?, 0)",
        [(namespace, number) for number in numbers],
    )
    connection.execute(
        "DELETE FROM retired WHERE seq <= (SELECT max(seq) FROM retired) - ?", (KEPT_RETIRED,)
    )


def paid(connection: Connection) -> None:
    """Say that the write-ahead log was emptied after the last forgetting."""
    connection.execute("DELETE FROM meta WHERE key = ?", (OWED,))


def owes(connection: Connection) -> bool:
    """Whether the write-ahead log may still hold what was forgotten."""
    return bool(list(connection.execute("SELECT 1 FROM meta WHERE key = ?", (OWED,))))


def settle(database: Database) -> str:
    """Empty the write-ahead log after a forgetting: "emptied", "pending" or "none"."""
    wal = database.scrub()
    if wal != "pending":
        database.write(paid)
    return wal


def settle_in_passing(database: Database) -> None:
    """`settle` for whoever comes by with other business: no waiting, and no error of theirs."""
    try:
        if database.scrub(wait_ms=0) != "pending":
            database.write(paid)
    except StorageError as error:
        # What they came for is done and durable; the debt stands in `meta` for the next to pay.
        warnings.warn(f"the write-ahead log could not be emptied yet: {error}", stacklevel=3)


def sparse(connection: Connection) -> bool:
    """Whether blank rows outnumber the others, so that writing the file anew pays for itself."""
    notes: dict[str, str] = dict(
        connection.execute("SELECT key, value FROM meta WHERE key IN ('blank', 'unclean')")
    )
    if "unclean" in notes:
        return True
    blank_rows = int(notes.get("blank", 0))
    if blank_rows < SPARSE:
        return False
    (rows,) = next(iter(connection.execute("SELECT count(*) FROM episode WHERE state < 4")))
    return blank_rows > int(rows)


def drop_blank(connection: Connection) -> None:
    """Delete blank rows. Only ever before VACUUM: `unclean` stands until that is done.

    The newest row stays, blank or not, so that no number is used twice.
    """
    connection.execute("INSERT OR REPLACE INTO meta (key, value) VALUES ('unclean', '1')")
    newest = "(SELECT max(id) FROM episode)"
    connection.execute(
        f"DELETE FROM projection WHERE id < {newest} AND id IN "
        "(SELECT id FROM episode WHERE state = 4)"
    )
    connection.execute(f"DELETE FROM episode WHERE state = 4 AND id < {newest}")
    connection.execute(
        "DELETE FROM candidate WHERE body IS NULL AND id < (SELECT max(id) FROM candidate)"
    )
    models.drop_blank(connection)
    states.drop_blank(connection)


def clean(connection: Connection) -> None:
    """Say that the file was written anew."""
    connection.execute("DELETE FROM meta WHERE key IN ('blank', 'unclean')")
