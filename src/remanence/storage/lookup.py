"""Episodes whose metadata say a thing:

found in the order of the log. It knows keys, not what they mean.
"""

from collections.abc import Sequence

from remanence.storage import episodes
from remanence.storage.engine import Rows
from remanence.storage.values import Row


def noted(rows: Rows, namespace: int, key: str, after: int) -> Sequence[Row]:
    """(number, source, text, metadata) of current episodes newer than number `after` with a
    metadata key, oldest first.
    """
    contains = rows.dialect.contains.format(text="metadata", part=":key")
    return rows.all(
        "SELECT id, source, text, metadata FROM episode WHERE namespace = :namespace "
        f"AND state < 4 AND state = 2 AND id > :after AND {contains} ORDER BY id",
        namespace=namespace,
        after=after,
        key=f'"{key}":',
    )


def placed(rows: Rows, namespace: int) -> Sequence[Row]:
    """(number, source, part, metadata) of every current episode, in the order of the log."""
    return rows.all(
        "SELECT id, source, part, metadata FROM episode "
        "WHERE namespace = :namespace AND state < 4 AND state = 2 ORDER BY id",
        namespace=namespace,
    )


def spoken(rows: Rows, namespace: int, longest: int) -> Sequence[Row]:
    """(number, at, speaker, text, metadata) of current whole episodes that somebody spoke, none
    longer than so many characters, in the order they were said.

    What `learn` was told is a fact put into a sentence, and nobody's words.
    """
    return rows.all(
        "SELECT e.id, e.at, e.speaker, e.text, e.metadata FROM episode AS e "
        "WHERE e.namespace = :namespace AND e.state < 4 AND e.state = 2 "
        "AND e.part = 0 AND e.speaker IS NOT NULL AND length(e.text) <= :longest AND NOT EXISTS "
        "(SELECT 1 FROM candidate AS c WHERE c.episode = e.id AND c.extractor = 3) "
        "ORDER BY e.at, e.place, e.id",
        namespace=namespace,
        longest=longest,
    )


def newest(rows: Rows, namespace: int) -> int:
    """The number of the newest episode, 0 for none."""
    return episodes.newest(rows, namespace)


def undisturbed(rows: Rows, namespace: int, numbers: Sequence[int], after: int) -> bool:
    """Return whether episodes are all current, and no episode after number `after` is of a time
    before the last of them.
    """
    latest = 0
    for number in numbers:
        found = rows.one("SELECT at FROM episode WHERE id = :id AND state = 2", id=number)
        if found is None:
            return False
        latest = max(latest, found[0])
    late = rows.one(
        "SELECT 1 FROM episode WHERE namespace = :namespace AND id > :after "
        "AND state < 4 AND state = 2 AND at <= :latest LIMIT 1",
        namespace=namespace,
        after=after,
        latest=latest,
    )
    return late is None
