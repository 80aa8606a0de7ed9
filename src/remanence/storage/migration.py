"""Numbered migrations:

SQL files of one engine, applied in order and, once released, never edited.
"""

from importlib import resources


def scripts(folder: str) -> list[str]:
    """Return the migrations in a folder of this package, oldest first."""
    found = resources.files("remanence.storage") / folder
    return [
        entry.read_text(encoding="utf-8")
        for entry in sorted(found.iterdir(), key=lambda entry: entry.name)
        if entry.name.endswith(".sql")
    ]
