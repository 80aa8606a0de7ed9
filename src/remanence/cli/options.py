"""The options that commands share, each described once, and the opening of the store that they name."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from remanence import config
from remanence.errors import InvalidInput, StorageError

if TYPE_CHECKING:
    from remanence.memory import Memory

Db = Annotated[
    str | None,
    typer.Option(
        "--db",
        metavar="PATH",
        help="The store; else $REMANENCE_DB, else a file in your data folder.",
    ),
]
Namespace = Annotated[
    str, typer.Option("--namespace", "-n", metavar="NAME", help="Whose memory; nothing crosses it.")
]
OneNamespace = Annotated[
    str | None, typer.Option("--namespace", "-n", metavar="NAME", help="Only this namespace.")
]
Embedder = Annotated[
    str | None,
    typer.Option(
        "--embedder",
        metavar="SPEC",
        help="static, st:NAME, minilm, http:URL#MODEL or hash:DIM; else the one the store was made with.",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]
Speaker = Annotated[
    str | None, typer.Option("--speaker", metavar="NAME", help="Only what NAME said.")
]
Session = Annotated[
    str | None,
    typer.Option("--session", metavar="NAME", help="Only what was said in this session."),
]
Since = Annotated[
    str | None, typer.Option("--since", metavar="TIME", help="Only what was said at TIME or later.")
]
Until = Annotated[
    str | None, typer.Option("--until", metavar="TIME", help="Only what was said before TIME.")
]
Meta = Annotated[
    list[str] | None,
    typer.Option(
        "--meta",
        metavar="KEY=VALUE",
        help="Only what has this metadata; may be given several times.",
    ),
]
At = Annotated[
    str | None,
    typer.Option(
        "--at", metavar="TIME", help='What "yesterday" in the question is relative to; else now.'
    ),
]


def existing(db: str | None) -> str:
    """The path of a store that must be there: a mistyped one would read as an empty memory."""
    path = config.database_path(db)
    if path != ":memory:" and "://" not in path and not Path(path).exists():
        raise StorageError(
            f"{path}: there is no store yet; `remanence remember` makes one, or --db names another"
        )
    return path


@contextmanager
def opened(db: str | None, embedder: str | None, *, make: bool = False) -> Iterator["Memory"]:
    """The memory that the options name. Unless `make`, the store must exist."""
    path = config.database_path(db) if make else existing(db)
    from remanence import build

    with build.open(path, embedder=embedder) as memory:
        yield memory


def nothing(memory: "Memory", namespace: str) -> str:
    """Return a note that nothing was found, and for an unknown namespace which ones there are."""
    known = memory.store.namespaces()
    if namespace in known:
        return "nothing found"
    others = f"; the store has {', '.join(known[:10])}" if known else "; the store is empty"
    return f"nothing found: namespace {namespace} holds nothing{others}"


def examples(*lines: str) -> str:
    """Return the epilogue of a command's help: a line for each example."""
    return "\n\n".join(lines)


def pairs(given: list[str] | None) -> dict[str, Any] | None:
    """`key=value` options as metadata. A value that is JSON (3, true, "x") is that; any other is text."""
    found: dict[str, Any] = {}
    for pair in given or ():
        key, equals, value = pair.partition("=")
        if not (key and equals):
            raise InvalidInput(
                f"--meta {pair!r} is not KEY=VALUE; write for example --meta topic=travel"
            )
        try:
            found[key] = json.loads(value)
        except ValueError:
            found[key] = value
    return found or None


def metadata(given: str | None) -> dict[str, Any] | None:
    """The `--metadata` option: a JSON object."""
    if given is None:
        return None
    try:
        found = json.loads(given)
    except ValueError as error:
        raise InvalidInput(f"--metadata {given!r:.80} is not JSON ({error})") from None
    if not isinstance(found, dict):
        raise InvalidInput(
            f'--metadata {given!r:.80} is not a JSON object, like \'{{"topic": "travel"}}\''
        )
    return found
