"""Pages of the log, one memory, its versions, the sessions of a namespace.

A redacted version is a row whose text is empty: no text that is remembered is.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from remanence import instants
from remanence.storage import expiry, values
from remanence.storage.engine import Rows
from remanence.storage.episodes import COLUMNS, CURRENT, checked, to_episode
from remanence.storage.forgetting import id_condition
from remanence.storage.selection import EVERYTHING, Numbers, Selection
from remanence.storage.values import Row, Value
from remanence.types import Episode

_BLOCK: Final = 500  # episodes asked for by number at once


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which episodes of a namespace, by time in microseconds; None is any."""

    session: str | None = None
    speaker: str | None = None
    since: int | None = None
    until: int | None = None
    history: bool = False  # older versions too, but for the redacted
    numbers: Selection = EVERYTHING  # the numbers of the only ones that come into question


@dataclass(frozen=True, slots=True)
class StoredVersion:
    """One version of a memory: its parts joined. `text` is None once redacted."""

    version: int
    text: str | None
    episode: Episode  # its first part
    current: bool


def page(
    rows: Rows,
    namespace: int,
    name: str,
    wanted: Wanted,
    beyond: int | None,
    most: int,
    *,
    oldest_first: bool = False,
) -> list[tuple[int, Episode]]:
    """Return at most `most` (number, episode) beyond number `beyond`, newest first by default."""
    return page_over(rows, {namespace: name}, wanted, beyond, most, oldest_first=oldest_first)


def page_over(
    rows: Rows,
    names: Mapping[int, str],
    wanted: Wanted,
    beyond: int | None,
    most: int,
    *,
    oldest_first: bool = False,
) -> list[tuple[int, Episode]]:
    """Return a page as `page` does, of several namespaces (number -> name) together."""
    if not names:
        return []
    terms, bound = _terms(names, wanted)
    order = "id" if oldest_first else "id DESC"
    query = f"SELECT {COLUMNS}, namespace FROM episode WHERE {{}} ORDER BY {order} LIMIT :most"
    listed = None if wanted.numbers.inverted else wanted.numbers.numbers
    found: list[tuple[int, Episode]] = []
    while len(found) < most:
        asked, chosen = list(terms), dict[str, Value]()
        if beyond is not None:
            asked.append("id > :beyond" if oldest_first else "id < :beyond")
            bound["beyond"] = beyond
        if listed is not None:
            block = _block(listed, beyond, oldest_first=oldest_first)
            if not block:
                break
            some, chosen = values.listed("number", block)
            asked.append(f"id IN ({some})")
        read = rows.all(query.format(" AND ".join(asked)), **bound, **chosen, most=most)
        found += [
            (int(row[0]), to_episode(row, names[row[-1]]))
            for row in checked(read)
            if int(row[0]) in wanted.numbers
        ]
        if listed is None and len(read) < most:
            break
        beyond = block[-1] if listed is not None and len(read) < most else int(read[-1][0])
    return found[:most]


def _block(numbers: Numbers, beyond: int | None, *, oldest_first: bool) -> list[int]:
    """Return the next `_BLOCK` of ascending `numbers` beyond one, in the order of a page."""
    if oldest_first:
        start = 0 if beyond is None else int(np.searchsorted(numbers, beyond, "right"))
        return [int(number) for number in numbers[start : start + _BLOCK]]
    end = len(numbers) if beyond is None else int(np.searchsorted(numbers, beyond))
    return [int(number) for number in numbers[max(0, end - _BLOCK) : end][::-1]]


def _terms(names: Mapping[int, str], wanted: Wanted) -> tuple[list[str], dict[str, Value]]:
    """Return the conditions of a page in SQL, and their bound values."""
    spaces, bound = values.listed("space", names)
    bound["now"] = instants.now()
    terms = [f"namespace IN ({spaces})", "state < 4", expiry.STANDING_IN.format(spaces)]
    terms.append("state IN (2, 3) AND text <> ''" if wanted.history else "state = 2")
    for term, key, value in (
        ("session = :session", "session", wanted.session),
        ("speaker = :speaker", "speaker", wanted.speaker),
        ("at >= :since", "since", wanted.since),
        ("at < :until", "until", wanted.until),
    ):
        if value is not None:
            terms.append(term)
            bound[key] = value
    return terms, bound


def outline(
    rows: Rows, namespace: int, wanted: Wanted, step: int, *, oldest_first: bool = False
) -> tuple[int, list[int]]:
    """Return how many episodes `page` would bring in all, and the number of each `step`-th.

    A page that begins beyond the n-th of them is page n + 1 of `step` episodes.
    """
    terms, bound = _terms({namespace: ""}, wanted)
    order = "id" if oldest_first else "id DESC"
    found = rows.all(
        f"SELECT id FROM episode WHERE {' AND '.join(terms)} ORDER BY {order}", **bound
    )
    return len(found), [int(row[0]) for row in found[step - 1 :: step]]


def _rows(rows: Rows, namespace: int, id: str, version: int | None) -> Iterator[Row]:
    """Yield rows of a memory, newest version first, part by part; of one version, where named."""
    where, bound = id_condition(id)
    if version is not None:
        where, bound = f"{where} AND version = :version", {**bound, "version": version}
    found = rows.all(
        f"SELECT {COLUMNS}, state FROM episode WHERE namespace = :namespace AND state < 4 "
        f"AND {expiry.STANDING} AND {where} ORDER BY version DESC, part",
        namespace=namespace,
        now=instants.now(),
        **bound,
    )
    return checked(found)


def versions(
    rows: Rows, namespace: int, name: str, id: str, version: int | None = None
) -> list[StoredVersion]:
    """Return the versions of a memory, newest first; empty where there is none of that id."""
    found: dict[int, list[Row]] = {}
    for row in _rows(rows, namespace, id, version):
        found.setdefault(row[2], []).append(row)
    return [_version(number, parts, name) for number, parts in found.items()]


def _version(number: int, parts: Sequence[Row], name: str) -> StoredVersion:
    text = "".join(row[8] for row in parts)
    return StoredVersion(
        number, text or None, to_episode(parts[0], name), current=parts[0][-1] == CURRENT
    )


@dataclass(frozen=True, slots=True)
class SessionSpan:
    """A session of a namespace: how many current episodes, and of what time (microseconds)."""

    number: int  # of its first episode: the order in which sessions began
    name: str
    episodes: int
    first: int
    last: int


def sessions(rows: Rows, namespace: int, beyond: int | None, most: int) -> list[SessionSpan]:
    """Return at most `most` sessions that began before episode `beyond`, the latest begun first."""
    later = "" if beyond is None else "HAVING min(place) < :beyond "
    found = rows.all(
        "SELECT min(place), session, count(*), min(at), max(at) FROM episode "
        "WHERE namespace = :namespace AND state < 4 AND state = 2 AND session IS NOT NULL "
        f"AND {expiry.STANDING} GROUP BY session {later}ORDER BY 1 DESC LIMIT :most",
        namespace=namespace,
        now=instants.now(),
        most=most,
        **({} if beyond is None else {"beyond": beyond}),
    )
    return [SessionSpan(*row) for row in found]


def numbered(rows: Rows, namespace: int, name: str, numbers: Sequence[int]) -> list[Episode | None]:
    """Return episodes by number, in any version.

    None for one that is forgotten, redacted, or of another namespace.
    """
    found: list[Episode | None] = []
    for number in numbers:
        row = rows.one(
            f"SELECT {COLUMNS} FROM episode "
            "WHERE id = :id AND namespace = :namespace AND state < 4 AND text <> ''",
            id=number,
            namespace=namespace,
        )
        found += [None if row is None else to_episode(next(checked([row], name)), name)]
    return found


def number_of(rows: Rows, namespace: int, id: str, version: int) -> int | None:
    """Return the number of one version of an episode."""
    return next((int(row[0]) for row in _rows(rows, namespace, id, version)), None)
