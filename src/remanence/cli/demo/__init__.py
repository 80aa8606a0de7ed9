"""demo: a conversation of half a year in two languages is remembered, asked, put together for a model, and partly forgotten.

Data stands beside this file: `conversation.jsonl` is what three people said, `questions.json` what is asked. Nothing that is shown
is written here; every answer is what recall brings from the store.
"""

import json as codec
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from remanence.cli import terminal
from remanence.cli.options import Embedder, Json, examples, opened
from remanence.types import Context, Recall, Receipt, as_json

if TYPE_CHECKING:
    from rich.console import Console

    from remanence.memory import Memory

SHOWN = 2  # pieces of evidence shown for a question
BRIEF = 100  # characters shown of what is forgotten


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, what recall brought, and how long it took."""

    query: str
    found: Recall
    milliseconds: float


@dataclass(frozen=True, slots=True)
class Forgotten:
    """Print the facts before, the receipt, and the facts after; search the files for the word."""

    query: str
    word: str
    before: Recall
    files_before: int
    receipt: Receipt
    after: Recall
    files_after: int


def register(app: typer.Typer) -> None:
    """Hang the command on the application."""
    app.command(epilog=examples("remanence demo", "remanence demo --db demo.db"))(demo)


def demo(
    db: Annotated[
        str | None,
        typer.Option("--db", metavar="PATH", help="Keep the store here; else it is thrown away."),
    ] = None,
    namespace: Annotated[
        str, typer.Option("--namespace", "-n", metavar="NAME", help="Whose memory it becomes.")
    ] = "demo",
    embedder: Embedder = None,
    json: Json = False,
) -> None:
    """Remember a conversation shipped with the project, recall from it, show why, and forget."""
    script = codec.loads(_read("questions.json"))
    with _store(db) as path, opened(path, embedder, make=True) as memory:
        began = time.perf_counter()
        remembered = _remember(memory, namespace)
        seconds = time.perf_counter() - began
        asked = [_ask(memory, namespace, query, script["at"]) for query in script["recall"]]
        context: Context = memory.context(namespace=namespace, at=script["at"], **script["context"])
        forgotten = _forget(memory, namespace, path, script)
    if json:
        terminal.as_document(
            {
                "remembered": remembered,
                "recall": [{"query": each.query, **as_json(each.found)} for each in asked],
                "context": as_json(context),
                "receipt": as_json(forgotten.receipt),
            }
        )
        return
    console = terminal.console()
    _show_remembered(console, remembered, seconds, path)
    for each in asked:
        _show_asked(console, each)
    _show_context(console, script["context"]["query"], context)
    _show_forgotten(console, forgotten)
    _show_next(console, db, namespace)


def _read(name: str) -> str:
    return (resources.files(__package__) / name).read_text(encoding="utf-8")


@contextmanager
def _store(db: str | None) -> Iterator[str]:
    if db is not None:
        yield db
        return
    with tempfile.TemporaryDirectory(prefix="remanence-") as folder:
        yield str(Path(folder) / "demo.db")


def _remember(memory: "Memory", namespace: str) -> int:
    """The number of turns remembered."""
    turns = [codec.loads(line) for line in _read("conversation.jsonl").splitlines()]
    memory.remember(turns, namespace=namespace)
    return len(turns)


def _ask(memory: "Memory", namespace: str, query: str, at: str) -> Asked:
    began = time.perf_counter()
    found = memory.recall(query, namespace=namespace, k=3, at=at)
    return Asked(query, found, (time.perf_counter() - began) * 1000)


def _forget(memory: "Memory", namespace: str, path: str, script: dict[str, Any]) -> Forgotten:
    query, word = script["forget"]["query"], script["forget"]["word"]
    before = _ask(memory, namespace, query, script["at"]).found
    held = _files_holding(path, word)
    receipt = memory.forget(namespace=namespace, id=script["forget"]["id"])
    after = _ask(memory, namespace, query, script["at"]).found
    return Forgotten(query, word, before, held, receipt, after, _files_holding(path, word))


def _files_holding(path: str, word: str) -> int:
    """How many files of the store hold a word, read byte by byte."""
    store = Path(path)
    return sum(word.encode() in file.read_bytes() for file in store.parent.glob(f"{store.name}*"))


def _heading(console: "Console", title: str, aside: str) -> None:
    from rich.text import Text

    console.print()
    console.print(Text(title, style="bold").append(f"  {aside}", style="dim not bold"))


def _show_remembered(console: "Console", count: int, seconds: float, path: str) -> None:
    from rich.rule import Rule

    console.print(Rule("Remanence: half a year of conversation in one file", style="dim"))
    console.print(
        f"Remembered {count} turns of Wei, Maya and Lin, in English and Chinese, in {seconds:.2f} s."
    )
    console.print(f"No LLM, no key, no network; the store is {path}", style="dim", soft_wrap=True)
    console.print(
        "Below each piece of evidence: what each arm of recall gave to its score.", style="dim"
    )


def _show_asked(console: "Console", asked: Asked) -> None:
    from rich.padding import Padding
    from rich.text import Text

    _heading(console, f"? {asked.query}", f"{asked.milliseconds:.0f} ms")
    longest = terminal.strongest(asked.found)
    for item in asked.found[:SHOWN]:
        said = Text(f"{item.score:7.2f}  ", style="bold green")
        said.append(
            f"{item.id}  {item.at[:10]}  {item.speaker or terminal.NONE}", style="not bold dim"
        )
        console.print(said)
        below = terminal.with_bar(terminal.excerpt(item.text, asked.query), item.why, longest)
        console.print(Padding(below, (0, 0, 0, 9)))


def _show_context(console: "Console", query: str, context: Context) -> None:
    from rich.box import ROUNDED
    from rich.panel import Panel
    from rich.text import Text

    _heading(
        console,
        f"> {query}",
        f"as context for a model: {context.tokens} of {context.budget} tokens",
    )
    console.print(Panel(Text(context.text), box=ROUNDED, border_style="dim"))


def _show_forgotten(console: "Console", forgotten: Forgotten) -> None:
    from remanence.cli.verbs import receipt_line

    _heading(console, f"- {forgotten.query}", "something that should not be kept")
    _show_best(console, "before", forgotten.before, forgotten.query)
    console.print(f"  {receipt_line(forgotten.receipt)}", style="yellow")
    _show_best(console, "after", forgotten.after, forgotten.query)
    console.print(
        f'  Files of the store that hold "{forgotten.word}": '
        f"{forgotten.files_before} before, {forgotten.files_after} after."
    )


def _show_best(console: "Console", when: str, found: Recall, query: str) -> None:
    best = found[0] if found else None
    said = "nothing" if best is None else f"{best.id}  {terminal.excerpt(best.text, query)}"
    console.print(f"  best {when}:  {said[:BRIEF]}")


def _show_next(console: "Console", db: str | None, namespace: str) -> None:
    console.print()
    if db is None:
        console.print("Keep it and ask for yourself:  remanence demo --db demo.db", style="dim")
    else:
        console.print(
            f'Ask for yourself:  remanence recall "What does Biscuit steal?" -n {namespace} --db {db} --why',
            style="dim",
            soft_wrap=True,
        )
