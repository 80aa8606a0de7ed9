"""The project that a folder belongs to, as a namespace: the root of its git repository.

Worktrees of one repository are one project. A folder outside any repository is its own project.
"""

from hashlib import blake2b
from pathlib import Path
from typing import Final

PREFIX: Final = "projects/"
_LONGEST: Final = 80  # characters of a folder's name


def namespace_of(folder: str) -> str:
    """Return the namespace of the project that a folder is in; of no folder, "projects/none"."""
    if not folder:
        return f"{PREFIX}none"
    root = root_of(Path(folder))
    mark = blake2b(str(root).encode("utf-8", "surrogateescape"), digest_size=4).hexdigest()
    name = "".join(c if c.isprintable() and c not in "/*" else "-" for c in root.name)
    return f"{PREFIX}{name[:_LONGEST] or 'root'}-{mark}"


def root_of(folder: Path) -> Path:
    """Return the root of the repository that a folder is in, else the folder itself."""
    at = folder.expanduser().resolve()
    for place in (at, *at.parents):
        mark = place / ".git"
        try:
            if mark.is_dir():
                return place
            if mark.is_file():
                return _main_root(mark) or place
        except OSError:  # a name that no file system takes has no repository either
            continue
    return at


def _main_root(mark: Path) -> Path | None:
    """Return the root of the repository that a worktree's `.git` file points into."""
    try:
        kind, _, target = mark.read_text(encoding="utf-8").strip().partition(": ")
    except (OSError, UnicodeDecodeError):
        return None
    git = (mark.parent / target).resolve()
    if kind != "gitdir" or git.parent.name != "worktrees":
        return None
    return git.parent.parent.parent
