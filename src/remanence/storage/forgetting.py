"""Blanking: the one way in which words leave the store.

A forgotten row is overwritten in place, never deleted (`migrations/0001_episodes.sql` says why),
and earlier images of it are erased after that. When blank rows outnumber the others the files are
written anew without them.
"""

import re
import unicodedata
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import asdict, astuple, dataclass, replace
from typing import Final

from remanence import checks, instants
from remanence.errors import InvalidInput, StorageError
from remanence.storage import adapters, blobs, events, facts, feed, models, states
from remanence.storage.engine import Engine, Erasure, Rows
from remanence.storage.episodes import CURRENT
from remanence.storage.store import digest
from remanence.storage.values import Value, listed
from remanence.types import Receipt, When

PENDING: Final = (
    "owed"  # key in meta: words were forgotten, and their earlier images not yet erased
)
NOTED: Final = "SELECT 1 FROM meta WHERE key = :key"
_BLOCK: Final = 500  # episodes asked for by number at once
_SHOWN: Final = 50  # ids that a receipt names
SPARSE = 1_000  # blank rows below which the files are never written anew
_PART = re.compile(r"(.+)#([0-9]{1,9})", re.DOTALL)

# A caller may have named something "report#2" himself: that is then what is meant, and no part.
_OF_A_PART: Final = (
    "digest = :whole AND part = :part AND NOT EXISTS (SELECT 1 FROM episode AS own "
    "WHERE own.namespace = episode.namespace AND own.digest = :id AND own.state < 4)"
)


def id_condition(id: str) -> tuple[str, dict[str, Value]]:
    """Return the condition that rows are of an id, and its bound values.

    The id is a source; where there is none of that name, it may be a part: "report#3".
    """
    part = _PART.fullmatch(id)
    if part is None:
        return "digest = :id", {"id": digest(id)}
    bound: dict[str, Value] = {"id": digest(id), "whole": digest(part[1]), "part": int(part[2])}
    return f"(digest = :id OR ({_OF_A_PART}))", bound


@dataclass(frozen=True, slots=True)
class Selector:
    """The selectors of a forgetting: every given field must match; `everything` matches all."""

    id: str | None = None
    """A source; where there is none of that name, a part: "report#3"."""
    session: str | None = None
    """The session, in any Unicode normal form."""
    speaker: str | None = None
    """The speaker, in any Unicode normal form."""
    before: int | None = None
    """Episodes of before that instant, in microseconds."""
    everything: bool = False
    """Everything in the namespace."""
    numbers: frozenset[int] | None = None
    """Numbers of the only episodes that come into question; None: all."""
    ids: tuple[str, ...] | None = None
    """Sources or parts, as `id`: any of them."""
    current: bool = False
    """Only what is current: not the older version of what was replaced."""

    def where(self) -> tuple[str, dict[str, Value]]:
        """Return the condition in SQL, and its bound values."""
        terms: list[str] = []
        bound: dict[str, Value] = {}
        if self.id is not None:
            condition, bound = id_condition(self.id)
            terms.append(condition)
        for name in ("session", "speaker"):
            spellings = _spellings(getattr(self, name))
            if spellings:
                bound.update({f"{name}{place}": each for place, each in enumerate(spellings)})
                listed = ", ".join(f":{name}{place}" for place in range(len(spellings)))
                terms.append(f"{name} IN ({listed})")
        if self.before is not None:
            terms.append("at < :before")
            bound["before"] = self.before
        if self.current:
            terms.append(f"state = {CURRENT}")
        if not terms and not self.everything and self.numbers is None:
            raise AssertionError("an empty selector would match everything")
        return " AND ".join(terms or ["TRUE"]), bound


def _spellings(name: str | None) -> list[str]:
    """Return a name composed, decomposed and as given:

    one name to the eye, whichever was written.
    """
    if name is None:
        return []
    return sorted({name, *(unicodedata.normalize(form, name) for form in ("NFC", "NFD"))})


def selector(
    named: Mapping[str, str | Sequence[str] | None], before: When | None, *, everything: bool
) -> tuple[Selector, dict[str, str]]:
    """Return what to forget, and the same in words for the receipt. `id` may be several."""
    given: dict[str, str] = {}
    ids: tuple[str, ...] | None = None
    for name, value in named.items():
        if isinstance(value, Sequence) and not isinstance(value, str):
            ids = tuple(dict.fromkeys(checks.label(each, name) for each in value))
            given[name] = _abridged(ids)
        elif value is not None:
            given[name] = checks.label(value, name)
    instant = None if before is None else instants.parse(before, "before")
    shown = given if instant is None else {**given, "before": instants.render(instant)}
    if everything and shown:
        raise InvalidInput(f"everything=True and {shown} contradict; give one or the other")
    if not everything and not shown:
        raise InvalidInput(
            "forget needs to know what: give id=, session=, speaker=, subject=, before= or "
            "everything=True"
        )
    about: frozenset[int] | None = frozenset() if "subject" in given else None
    selector = Selector(
        None if ids else given.get("id"),
        given.get("session"),
        given.get("speaker"),
        instant,
        everything,
        about,
        ids,
    )
    return selector, shown or {"everything": "true"}


def _abridged(ids: Sequence[str]) -> str:
    """Return ids for a receipt; of very many, the first and how many there are."""
    if len(ids) <= _SHOWN:
        return ", ".join(ids)
    return f"{', '.join(ids[:_SHOWN])} and {len(ids) - _SHOWN:,} more"


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

    def __add__(self, other: "Blanked") -> "Blanked":
        return Blanked(*map(sum, zip(astuple(self), astuple(other), strict=True)))


def receipt(namespace: str, shown: Mapping[str, str], blanked: Blanked, wal: str) -> Receipt:
    """Return the receipt of a forgetting."""
    at = instants.render(instants.now())
    return Receipt(namespace=namespace, selector=shown, wal=str(wal), at=at, **asdict(blanked))


def find(rows: Rows, namespace: int, selector: Selector) -> list[tuple[int, int]]:
    """Return (number, state) of every version that matches."""
    if selector.ids is None:
        return _find(rows, namespace, selector)
    one = replace(selector, ids=None)
    found = [_find(rows, namespace, replace(one, id=id)) for id in selector.ids]
    return sorted({row for rows_of_one in found for row in rows_of_one})


def _find(rows: Rows, namespace: int, selector: Selector) -> list[tuple[int, int]]:
    where, bound = selector.where()
    query = f"SELECT id, state FROM episode WHERE namespace = :namespace AND state < 4 AND {where}"
    if selector.numbers is None:
        found = rows.all(query, namespace=namespace, **bound)
        return [(int(id), int(state)) for id, state in found]
    numbered: list[tuple[int, int]] = []
    wanted = sorted(selector.numbers)
    for start in range(0, len(wanted), _BLOCK):
        some, chosen = listed("number", wanted[start : start + _BLOCK])
        found = rows.all(f"{query} AND id IN ({some})", namespace=namespace, **bound, **chosen)
        numbered += [(int(id), int(state)) for id, state in found]
    return numbered


def blank(rows: Rows, namespace: int, selector: Selector) -> Blanked:
    """Overwrite every matching episode and its projections, inside the caller's transaction."""
    found = _with_older(rows, namespace, find(rows, namespace, selector))
    ids = [number for number, _ in found]
    terms, vectors = _blank_projections(rows, ids)
    rows.many(
        "UPDATE episode SET state = 4, digest = NULL, at = NULL, recorded = NULL, source = NULL, "
        "session = NULL, speaker = NULL, text = NULL, metadata = NULL, checksum = NULL "
        "WHERE id = :id",
        [(number,) for number in ids],
    )
    _count_blank(rows, len(found))
    _mark(rows, PENDING)
    statements = facts.blank(rows, ids)
    events.delete(rows, ids)
    trained = models.blank(rows, namespace) if found or selector.everything else 0
    neural = _blank_states(rows, namespace, selector, found=bool(found))
    tainted = adapters.taint(rows, namespace, None if selector.everything else set(ids))
    feed.retire_forgotten(rows, namespace, [number for number, state in found if state == CURRENT])
    rows.many("DELETE FROM expiry WHERE episode = :episode", [(number,) for number in ids])
    if selector.everything:
        blobs.blank(rows, namespace)
        events.forget_namespace(rows, namespace)
        rows.run(
            "UPDATE namespace SET digest = NULL, name = NULL WHERE id = :namespace",
            namespace=namespace,
        )
    return Blanked(
        episodes=sum(state == CURRENT for _, state in found),
        versions=len(found),
        terms=terms,
        vectors=vectors,
        facts=statements,
        models=trained,
        states=neural,
        adapters=tainted,
    )


def _count_blank(rows: Rows, more: int) -> None:
    rows.run(
        "INSERT INTO meta (key, value) VALUES ('blank', :value) ON CONFLICT (key) DO UPDATE "
        "SET value = CAST(CAST(meta.value AS BIGINT) + CAST(excluded.value AS BIGINT) AS TEXT)",
        value=str(more),
    )


def _mark(rows: Rows, key: str) -> None:
    rows.run(
        "INSERT INTO meta (key, value) VALUES (:key, '1') "
        "ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        key=key,
    )


def redact(rows: Rows, namespace: int, id: str, version: int) -> Blanked | None:
    """Overwrite what one older version says, in every layer; its row stays, without its words.

    None where there is no such version. Raises `InvalidInput` for the current one; changes nothing
    for one that is redacted already.
    """
    where, bound = id_condition(id)
    found = rows.all(
        "SELECT id, state, text FROM episode WHERE namespace = :namespace AND state < 4 "
        f"AND version = :version AND {where}",
        namespace=namespace,
        version=version,
        **bound,
    )
    if any(state == CURRENT for _, state, _ in found):
        raise InvalidInput(
            f"version {version} is what is remembered now; forget it, or write a newer one first"
        )
    ids = [int(number) for number, _, text in found if text]
    if not ids:
        return Blanked() if found else None
    terms, vectors = _blank_projections(rows, ids)
    events.delete(rows, ids)
    rows.many(
        "UPDATE episode SET text = '', metadata = NULL, checksum = NULL WHERE id = :id",
        [(number,) for number in ids],
    )
    _mark(rows, PENDING)
    return Blanked(
        versions=1,
        terms=terms,
        vectors=vectors,
        facts=facts.blank(rows, ids),
        models=models.blank(rows, namespace),
        states=states.blank(rows, namespace),
        adapters=adapters.taint(rows, namespace, set(ids)),
    )


def _blank_projections(rows: Rows, ids: Sequence[int]) -> tuple[int, int]:
    """Overwrite what recall reads of episodes; return how many (terms, vectors) that were."""
    terms = vectors = 0
    for number in ids:
        sizes = rows.one(
            "SELECT length(terms), length(vector) FROM projection WHERE id = :id", id=number
        )
        if sizes is not None:
            terms += sizes[0] // 5
            vectors += sizes[1] > 0
    rows.many(
        "UPDATE projection SET shape = 0, terms = :terms, vector = :vector, names = :names "
        "WHERE id = :id",
        [(b"", b"", b"", number) for number in ids],
    )
    return terms, vectors


def _blank_states(rows: Rows, namespace: int, selector: Selector, *, found: bool) -> int:
    """Blank neural states: all where anything went; a session's, where it alone was named."""
    if found or selector.everything:
        return states.blank(rows, namespace)
    if selector == Selector(session=selector.session) and selector.session is not None:
        return sum(states.blank(rows, namespace, name) for name in _spellings(selector.session))
    return 0


def _with_older(rows: Rows, namespace: int, found: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return `found`, and every older version of what goes: it would lie hidden behind nothing."""
    states = dict(found)
    for number, state in found:
        if state == CURRENT:
            older = rows.all(
                "SELECT o.id, o.state FROM episode AS e JOIN episode AS o "
                "ON o.namespace = :namespace AND o.digest = e.digest AND o.part = e.part "
                "AND o.state < 4 WHERE e.id = :id",
                namespace=namespace,
                id=number,
            )
            states.update((int(row[0]), int(row[1])) for row in older)
    return sorted(states.items())


# -- earlier images of forgotten rows -----------------------------------------------------------


def mark_pending(rows: Rows) -> None:
    """Note that earlier images of forgotten rows are still to be erased."""
    _mark(rows, PENDING)


def erasure_pending(rows: Rows) -> bool:
    """Return whether earlier images of forgotten rows may still stand in a file of the store."""
    return rows.one(NOTED, key=PENDING) is not None


def mark_erased(rows: Rows) -> None:
    """Note that no earlier image of a forgotten row is left."""
    rows.run("DELETE FROM meta WHERE key = :key", key=PENDING)


def erase(engine: Engine) -> Erasure:
    """Erase earlier images after a forgetting, and note it."""
    found = engine.erase()
    if found is not Erasure.PENDING:
        engine.write(mark_erased)
    return found


def erase_in_passing(engine: Engine) -> None:
    """Do `erase` for a caller with other business: no waiting, and no error of theirs."""
    try:
        if engine.erase(wait=0.0) is not Erasure.PENDING:
            engine.write(mark_erased)
    except StorageError as error:
        # What they came for is done and durable; the debt stands in `meta` for the next to pay.
        warnings.warn(f"the write-ahead log could not be emptied yet: {error}", stacklevel=3)


def finish(engine: Engine) -> Erasure:
    """Do what follows the commit of a forgetting: erase, and write the files anew where it pays."""
    found = erase(engine)
    with engine.read() as rows:
        rewrite = sparse(rows)
    if rewrite and found in (Erasure.EMPTIED, Erasure.PENDING):
        compact(engine)
    return found


def compact(engine: Engine) -> None:
    """Write the files anew without blank rows."""
    engine.write(drop_blank)
    engine.rewrite()
    engine.write(clean)


def sparse(rows: Rows) -> bool:
    """Return whether blank rows outnumber the others, so that writing anew pays for itself."""
    noted: dict[str, str] = dict(
        rows.all("SELECT key, value FROM meta WHERE key IN ('blank', 'unclean')")
    )
    if "unclean" in noted:
        return True
    blank_rows = int(noted.get("blank", 0))
    if blank_rows < SPARSE:
        return False
    row = rows.one("SELECT count(*) FROM episode WHERE state < 4")
    return row is not None and blank_rows > int(row[0])


def drop_blank(rows: Rows) -> None:
    """Delete blank rows. Only ever before a rewrite: `unclean` stands until that is done.

    The newest row stays, blank or not, so that no number is used twice.
    """
    _mark(rows, "unclean")
    newest = "(SELECT max(id) FROM episode)"
    rows.run(
        f"DELETE FROM projection WHERE id < {newest} AND id IN "
        "(SELECT id FROM episode WHERE state = 4)"
    )
    rows.run(f"DELETE FROM episode WHERE state = 4 AND id < {newest}")
    rows.run("DELETE FROM candidate WHERE body IS NULL AND id < (SELECT max(id) FROM candidate)")
    models.drop_blank(rows)
    states.drop_blank(rows)
    blobs.drop_blank(rows)


def clean(rows: Rows) -> None:
    """Note that the files were written anew."""
    rows.run("DELETE FROM meta WHERE key IN ('blank', 'unclean')")
