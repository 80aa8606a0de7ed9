"""Settings and their precedence:

arguments, then the environment, then defaults. It knows names and values, no back end.
"""

import os
import sys
from pathlib import Path

from remanence.errors import ConfigError

DB, EMBEDDER, KEY = "REMANENCE_DB", "REMANENCE_EMBEDDER", "REMANENCE_KEY"
READER = "REMANENCE_READER"  # "passages", or a file of `remanence neural reader`
LLM_KEY = "REMANENCE_LLM_KEY"  # what a service of language models wants to see
MODEL = "REMANENCE_MODEL"  # the spec of the model that speaks


def database_path(given: str | None = None) -> str:
    """The store to use: `given`, else `$REMANENCE_DB`, else a file in the user's data folder.

    The default folder is made if it is missing.
    """
    chosen = given or os.environ.get(DB)
    if chosen:
        return chosen
    folder = _data_folder() / "remanence"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise ConfigError(f"cannot make the data folder {folder}: {error}; set ${DB}") from error
    return str(folder / "memory.db")


def setting(name: str, given: str | None = None) -> str | None:
    """`given`, else the environment variable `name`, else None."""
    return given if given is not None else os.environ.get(name) or None


def _data_folder() -> Path:
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
