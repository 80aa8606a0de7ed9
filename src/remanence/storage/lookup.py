"""Episodes whose metadata say a thing: found in the order of the log. It knows keys, not what they mean."""

from collections.abc import Sequence

from remanence.storage.database import Connection, Row


def noted(connection: Connection, namespace: int, key: str, after: int) -> Sequence[Row]:
    """(number, source, text, metadata) of current episodes newer than number `after` with a metadata key, oldest first."""
    return list(
        connection.execute(
            "SELECT id, source, text, metadata FROM episode WHERE namespace = ? AND state < 4 "
            "AND state = 2 AND id > ? AND instr(metadata, ?) > 0 ORDER BY id",
            (namespace, after, f'"{key}":'),
        )
    )


def placed(connection: Connection, namespace: int) -> Sequence[Row]:
    """(number, source, part, metadata) of every current episode, in the order of the log."""
    return list(
        connection.execute(
            "SELECT id, source, part, metadata FROM episode WHERE namespace = ? AND state = 2 ORDER BY id",
            (namespace,),
        )
    )


def spoken(connection: Connection, namespace: int, longest: int) -> Sequence[Row]:
    """(number, at, speaker, text, metadata) of current whole episodes that somebody spoke, none longer than so many characters, in the order they were said.

    What `learn` was told is a fact put into a sentence, and nobody's words.
    """
    return list(
        connection.execute(
            "SELECT e.id, e.at, e.speaker, e.text, e.metadata FROM episode AS e WHERE e.namespace = ? AND e.state < 4 AND e.state = 2 "
            "AND e.part = 0 AND e.speaker IS NOT NULL AND length(e.text) <= ? "
            "AND NOT EXISTS (SELECT 1 FROM candidate AS c WHERE c.episode = e.id AND c.extractor = 3) "
            "ORDER BY e.at, e.place, e.id",
            (namespace, longest),
        )
    )


def newest(connection: Connection, namespace: int) -> int:
    """The number of the newest episode, 0 for none."""
    ((number,),) = connection.execute(
        "SELECT max(id) FROM episode WHERE namespace = ? AND state < 4", (namespace,)
    )
    return number or 0


def undisturbed(connection: Connection, namespace: int, numbers: Sequence[int], after: int) -> bool:
    """Whether episodes are all current, and nothing that came after number `after` was said before the last of them."""
    latest = 0
    for number in numbers:
        found = list(
            connection.execute("SELECT at FROM episode WHERE id = ? AND state = 2", (number,))
        )
        if not found:
            return False
        latest = max(latest, found[0][0])
    ((late,),) = connection.execute(
        "SELECT count(*) FROM episode WHERE namespace = ? AND id > ? AND state < 4 AND state = 2 AND at <= ?",
        (namespace, after, latest),
    )
    return not late
