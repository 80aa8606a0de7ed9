"""Notes of a store about itself:

the embedder, the analyser, the epoch of its projections, its debts.
"""

from typing import Final

from remanence.errors import EmbedderMismatch, StaleProjections
from remanence.storage.engine import Rows

EMBEDDER: Final = "SELECT value FROM meta WHERE key = 'embedder'"


def notes(rows: Rows) -> dict[str, str]:
    """Return everything that is noted, by key."""
    return dict(rows.all("SELECT key, value FROM meta"))


def note(rows: Rows, values: dict[str, str]) -> None:
    """Note what is not noted yet."""
    rows.many(
        "INSERT INTO meta (key, value) VALUES (:key, :value) ON CONFLICT (key) DO NOTHING",
        list(values.items()),
    )


def renote(rows: Rows, values: dict[str, str]) -> None:
    """Note, over what was noted before."""
    rows.many(
        "INSERT INTO meta (key, value) VALUES (:key, :value) "
        "ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        list(values.items()),
    )


def check_identity(rows: Rows, mine: str) -> None:
    """Raise `EmbedderMismatch` unless the store's vectors were made by the embedder `mine`."""
    stored = rows.one(EMBEDDER)
    if stored is not None and stored[0] != mine:
        raise EmbedderMismatch(
            f"the store holds vectors of {stored[0]}, but this memory embeds with {mine}; open it "
            "with that embedder, or run `remanence doctor --reembed --embedder SPEC` to make all "
            "vectors anew"
        )


def check_analyser(rows: Rows, mine: str) -> None:
    """Raise `StaleProjections` unless the store's terms were made by the text analyser `mine`."""
    stored = rows.one("SELECT value FROM meta WHERE key = 'analyser'")
    if stored is not None and stored[0] != mine:
        raise StaleProjections(
            f"the store's text index was made by analyser {stored[0]}, this version has {mine}; "
            "run `remanence doctor --rebuild`"
        )
