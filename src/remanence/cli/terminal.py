"""Output: results to stdout, the rest to stderr; tables for people, JSON for programs.

It knows streams and layout, no verb and no store.
"""

import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from remanence.errors import RemanenceError
from remanence.types import Recollection

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

UNSOUND, FAILED, INTERRUPTED = 1, 2, 130  # exit codes
HUNG_UP = 141  # what a shell makes of SIGPIPE

ARM_COLOURS = {
    "lexical": "cyan",
    "dense": "magenta",
    "neighbourhood": "blue",
    "session": "green",
    "speaker": "yellow",
    "time": "bright_red",
    "answer": "bright_green",
    "manner": "bright_black",
}
BAR = 14  # cells of the longest bar
REDRAWN = 0.1  # seconds between two states of a progress bar
NONE = "-"  # in the place of what is not there
EXCERPT = 360  # characters shown of a long text


def speak_utf8() -> None:
    """UTF-8 in arguments and on every stream, whatever the locale says."""
    if os.name == "posix":
        sys.argv = [os.fsencode(word).decode(errors="surrogateescape") for word in sys.argv]
    for stream, errors in (
        (sys.stdin, "strict"),
        (sys.stdout, "backslashreplace"),
        (sys.stderr, "backslashreplace"),
    ):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors=errors)


def hang_up() -> None:
    """The reader has gone: what is still buffered goes nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def complain(error: RemanenceError) -> None:
    """`error: message`, then its notes."""
    note(f"error: {error}", *getattr(error, "__notes__", ()))


def note(*lines: str) -> None:
    """Lines for a person, on stderr."""
    for text in lines:
        sys.stderr.write(f"{text}\n")


def say(text: str) -> None:
    """A line on stdout."""
    sys.stdout.write(f"{text}\n")


def as_document(value: Any) -> None:
    """One JSON document on stdout."""
    say(json.dumps(value, ensure_ascii=False, indent=2))


def is_terminal() -> bool:
    """Return whether stdout is a terminal."""
    return sys.stdout.isatty()


def console() -> "Console":
    """A layout on stdout; made anew so that a redirected stdout is seen."""
    from rich.console import Console

    return Console(highlight=False, markup=False)


def columns(rows: Sequence[Sequence[str]]) -> None:
    """Rows as tab-separated lines: what a pipe gets in the stead of a table."""
    for row in rows:
        say("\t".join(" ".join(cell.split()) for cell in row))


def table(
    header: Sequence[str], rows: Sequence[Sequence[Any]], *, right: Sequence[str] = ()
) -> None:
    """A table on a terminal, tab-separated lines without a header elsewhere."""
    if not is_terminal():
        columns([[str(cell) for cell in row] for row in rows])
        return
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    drawn = Table(box=SIMPLE_HEAD, pad_edge=False)
    for number, name in enumerate(header):
        drawn.add_column(
            name,
            justify="right" if name in right else "left",
            overflow="fold",
            no_wrap=number < len(header) - 1,
        )
    for row in rows:
        drawn.add_row(*(cell if isinstance(cell, Text) else Text(str(cell)) for cell in row))
    console().print(drawn)


def why_line(why: Mapping[str, float]) -> str:
    """`lexical=2.41 dense=1.00`: the arms, largest share first."""
    return " ".join(f"{arm}={share:.2f}" for arm, share in _by_size(why))


def why_bar(why: Mapping[str, float], longest: float) -> "Text":
    """A bar with one segment an arm, `longest` filling it, and the arms' names and shares after it.

    What counts against a recollection is named, not drawn.
    """
    from rich.text import Text

    drawn, named = Text(), Text()
    for arm, share in _by_size(why):
        colour = ARM_COLOURS.get(arm, "white")
        drawn.append("█" * max(round(BAR * share / longest) if longest else 0, 0), style=colour)
        named.append(f" {arm}={share:.2f}", style=colour)
    return drawn.append_text(named)


def with_bar(text: str, why: Mapping[str, float], longest: float) -> "Text":
    """A text with the bar of its score below it."""
    from rich.text import Text

    return Text(f"{text}\n").append_text(why_bar(why, longest))


def strongest(found: Sequence[Recollection]) -> float:
    """The largest sum of what speaks for a recollection: what a whole bar stands for."""
    return max(
        (sum(share for share in item.why.values() if share > 0) for item in found), default=0.0
    )


def excerpt(text: str, query: str) -> str:
    """`text` on one line; of a long one, the `EXCERPT` characters that share most words with `query`."""
    flat = " ".join(text.split())
    if len(flat) <= EXCERPT:
        return flat
    from remanence.text.words import terms

    wanted = set(terms(query))
    starts = range(0, len(flat) - EXCERPT + EXCERPT // 6, EXCERPT // 6)
    shared = [len(wanted & set(terms(flat[start : start + EXCERPT]))) for start in starts]
    best = [start for start, count in zip(starts, shared, strict=True) if count == max(shared)]
    start = best[len(best) // 2]  # the middle one: what is shared stands in its middle
    piece = flat[start : start + EXCERPT]
    return f"{'...' if start else ''}{piece}{'...' if start + EXCERPT < len(flat) else ''}"


def counted(count: int, noun: str) -> str:
    """`1 episode`, `2,000 episodes`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def _silent(done: int, total: int | None, title: str | None = None) -> None:
    """Progress that nobody watches."""


def _by_size(why: Mapping[str, float]) -> list[tuple[str, float]]:
    return sorted(why.items(), key=lambda item: -item[1])


@contextmanager
def progress(title: str) -> Iterator[Callable[..., None]]:
    """A bar on stderr, if that is a terminal; the value takes (done, total), total None if unknown, and perhaps a new title."""
    if not sys.stderr.isatty():
        yield _silent
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        Progress,
        TaskProgressColumn,
        TextColumn,
        TimeRemainingColumn,
    )

    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    ) as drawn:
        task = drawn.add_task(title, total=None)
        due = 0.0

        def update(done: int, total: int | None, title: str | None = None) -> None:
            nonlocal due
            if (now := time.monotonic()) >= due:
                due = now + REDRAWN
                drawn.update(task, completed=done, total=total, description=title)

        yield update
