"""ask: a question answered by counting, ranking and listing what happened, by stated causes, or by
quoting; and the measuring of it.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from remanence.cli import care, options, terminal
from remanence.cli.options import At, Db, Embedder, Json, Namespace, examples
from remanence.types import as_json

if TYPE_CHECKING:
    from remanence.apps.ask import Answer


def register(app: typer.Typer) -> None:
    """Hang the commands of this module on the application."""
    app.command(
        epilog=examples(
            'remanence ask "How many times did I go climbing in 2024?"',
            'remanence ask "Who did I talk to most in March?" --plan',
            "remanence ask 我为什么迟到了？ --json",
        )
    )(ask)
    care.evals.command(epilog=examples("remanence eval ask benchmarks/ask_why --json"))(measure)


def ask(
    question: Annotated[list[str], typer.Argument(metavar="QUESTION...", help="The question.")],
    plan: Annotated[
        bool, typer.Option("--plan", help="Show the plan that would be run, and run nothing.")
    ] = False,
    speaker: Annotated[
        str | None,
        typer.Option("--speaker", metavar="NAME", help='Who says "I" in the question.'),
    ] = None,
    at: At = None,
    namespace: Namespace = "default",
    db: Db = None,
    embedder: Embedder = None,
    json: Json = False,
) -> None:
    """Answer a question by a plan over what happened, with the rows that give the answer."""
    from remanence.apps.ask import Asker

    with options.opened(db, embedder) as memory:
        asker, text = Asker(memory), " ".join(question)
        if plan:
            made = asker.plan(text, at=at)
            if json:
                terminal.as_document({"plan": None if made is None else made.as_json()})
            else:
                terminal.say("no plan: it would be quoted" if made is None else made.text())
            return
        answer = asker.ask(text, namespace=namespace, speaker=speaker, at=at)
    if json:
        terminal.as_document(as_json(answer))
        return
    _show(answer)


def _show(answer: "Answer") -> None:
    """Print the answer; a terminal gets what it rests on too."""
    terminal.say(answer.text)
    terminal.note(*answer.why, *(f"degraded: {reason}" for reason in answer.degraded))
    if answer.citations:
        rows = [[one.id, one.at[:10], one.text] for one in answer.citations]
        terminal.table(["id", "date", "text"], rows)


def measure(
    directory: Annotated[
        Path,
        typer.Argument(metavar="DIR", help="A folder with memories.jsonl and questions.jsonl."),
    ],
    at: At = None,
    wrong: Annotated[
        bool, typer.Option("--wrong", help="Also list what was not answered right.")
    ] = False,
    db: Annotated[
        str, typer.Option("--db", metavar="PATH", help="Where to remember what is measured.")
    ] = ":memory:",
    embedder: Embedder = None,
    json: Json = False,
) -> None:
    """Measure how many questions about a folder's memories are answered right."""
    from remanence.apps.ask import evaluation

    with terminal.progress("asking") as progress:
        report = evaluation.run(
            directory,
            at=at,
            store=db,
            embedder=embedder,
            progress=progress,
        )
    if json:
        terminal.as_document({**report.as_json(), **({"wrong": report.wrong} if wrong else {})})
        return
    terminal.say(report.table())
    for row in report.wrong if wrong else ():
        terminal.say(f"{row['type']}: {row['question']} | {row['answer']} | {row['gold']}")


measure.__name__ = "ask"
