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
