"""doctor, extract, namespaces, stats, eval: looking after a store, and measuring."""

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from remanence import instants
from remanence.cli import options, terminal
from remanence.cli.options import Db, Embedder, Json, OneNamespace, examples
from remanence.cli.terminal import counted
from remanence.errors import ConfigError

if TYPE_CHECKING:
    from remanence.doctor import Salvage
    from remanence.memory import Memory

FIELDS = ("episodes", "versions", "sessions", "speakers", "characters", "first", "last")

evals = typer.Typer(no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Hang the commands of this module on the application."""
    app.command(
        epilog=examples(
            "remanence doctor",
            "remanence doctor --rebuild",
            "remanence doctor --reembed --embedder minilm",
        )
    )(doctor)
    app.command(
        epilog=examples(
            "remanence extract --model http://localhost:11434/v1#qwen3",
            "REMANENCE_LLM_KEY=... remanence extract --model https://api.example.com/v1#NAME -n wei",
        )
    )(extract)
    app.command(epilog=examples("remanence backup monday.db"))(backup)
    app.command(epilog=examples("remanence namespaces --json"))(namespaces)
    app.command(epilog=examples("remanence stats", "remanence stats -n wei --json"))(stats)
    evals.command(epilog=examples("remanence eval retrieval data/conversations --json"))(retrieval)
    app.add_typer(evals, name="eval", help="Measure recall on data sets.")


def doctor(
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Make text index and vectors anew from the log.")
    ] = False,
    reembed: Annotated[
        bool, typer.Option("--reembed", help="The same, with the embedder given by --embedder.")
    ] = False,
    compact: Annotated[
        bool, typer.Option("--compact", help="Write the file anew, without what was forgotten.")
    ] = False,
    salvage: Annotated[
        Path | None,
        typer.Option(
            "--salvage",
            metavar="FILE",
            help="Write what can still be read of a damaged store, for `import`.",
        ),
    ] = None,
    db: Db = None,
    embedder: Embedder = None,
    json: Json = False,
) -> None:
    """Check that a store is whole and its projections equal its log; exit code 1 if not."""
    if reembed and embedder is None:
        raise ConfigError(
            "--reembed needs to know with what: give --embedder SPEC, like --embedder static"
        )
    from remanence import doctor as repair

    did: dict[str, int | bool] = {}
    path = options.existing(db)
    if salvage is not None:
        _report_salvage(repair.salvage(path, salvage), salvage, json=json)
        return
    if rebuild or reembed:
        with terminal.progress("making anew") as progress:
            spec = embedder if reembed else None
            did["remade"] = repair.reembed(path, spec, progress=progress)
    with options.opened(db, embedder) as memory:
        if compact:
            memory.compact()
            did["compacted"] = True
        report = repair.verify(memory)
    if json:
        terminal.as_document({**asdict(report), **did})
    else:
        _say_verdict(report.problems, report.episodes, did)
    if report.problems:
        raise typer.Exit(terminal.UNSOUND)


def _say_verdict(problems: Sequence[str], episodes: int, did: Mapping[str, int | bool]) -> None:
    """Print what `doctor` did and found."""
    for verb, count in did.items():
        terminal.say(verb if count is True else f"{verb}: {counted(count, 'episode')}")
    for problem in problems:
        terminal.say(f"problem: {problem}")
    if not problems:
        held = counted(episodes, "episode")
        terminal.say(f"sound: {held}; the file is whole and its index agrees with the log")


def _report_salvage(found: "Salvage", target: Path, *, json: bool) -> None:
    if json:
        terminal.as_document({**asdict(found), "path": str(target)})
    else:
        terminal.say(f"brought out {counted(found.episodes, 'episode')}, in {target}")
        if found.damaged:
            terminal.note(f"left out {counted(found.damaged, 'damaged episode')}")
        if found.unreadable:
            terminal.note(f"{counted(found.unreadable, 'range')} of numbers cannot be read")
    if found.damaged or found.unreadable:
        raise typer.Exit(terminal.UNSOUND)


def backup(
    target: Annotated[str, typer.Argument(metavar="PATH", help="A new file for the copy.")],
    db: Db = None,
    json: Json = False,
) -> None:
    """Copy a store to a new file while others use it, and verify the copy."""
    from remanence import doctor as repair

    count = repair.backup(options.existing(db), target)
    if json:
        terminal.as_document({"path": target, "episodes": count})
    else:
        terminal.say(f"copied {counted(count, 'episode')} to {target}; the copy is sound")


def extract(
    model: Annotated[
        str,
        typer.Option(
            "--model",
            metavar="SPEC",
            help="Who reads (see `remanence models`): a service, as URL#MODEL, its key in $REMANENCE_LLM_KEY, or openai:MODEL. It is sent the texts.",
        ),
    ],
    namespace: OneNamespace = None,
    db: Db = None,
    embedder: Embedder = None,
    json: Json = False,
) -> None:
    """Have a language model read what none has read yet, for more facts than the rules find; exit code 1 if some stays unread."""
    from remanence import llm, reading

    with (
        closing(llm.load(model, structured=True)) as reader,
        options.opened(db, embedder) as memory,
        terminal.progress("reading") as progress,
    ):
        report = reading.read(memory, reader, namespace=namespace, progress=progress)
        known = namespace is None or namespace in memory.store.namespaces()
        absent = None if known else options.nothing(memory, namespace or "")
    if json:
        terminal.as_document(asdict(report))
    else:
        found = counted(report.statements, "statement")
        if absent:
            terminal.note(absent)
        terminal.say(f"read {counted(report.read, 'episode')}: {found}")
        for reason, count in sorted(report.rejected.items()):
            terminal.note(f"rejected: {count:,} ({reason})")
        for failure in report.failures:
            terminal.note(f"problem: {failure}")
        if report.unread:
            terminal.note(f"{counted(report.unread, 'episode')} unread; run it again")
    if report.unread:
        raise typer.Exit(terminal.UNSOUND)


def namespaces(db: Db = None, embedder: Embedder = None, json: Json = False) -> None:
    """List the namespaces of a store, by first use, with the number of episodes in each."""
    with options.opened(db, embedder) as memory:
        rows = _summaries(memory, None)
    if json:
        terminal.as_document({row["namespace"]: row["episodes"] for row in rows})
        return
    cells = [(row["namespace"], f"{row['episodes']:,}") for row in rows]
    terminal.table(("namespace", "episodes"), cells, right=("episodes",))


def stats(
    namespace: OneNamespace = None, db: Db = None, embedder: Embedder = None, json: Json = False
) -> None:
    """Say how much a store holds, and of what time."""
    with options.opened(db, embedder) as memory:
        rows = _summaries(memory, namespace)
        size, path = memory.upkeep.size(), memory.upkeep.path
    if json:
        terminal.as_document({"path": path, "bytes": size, "namespaces": rows})
        return
    terminal.table(("namespace", *FIELDS), [_cells(row) for row in rows], right=FIELDS[:5])
    terminal.note(f"{path}: {size / 1e6:,.1f} MB")


def retrieval(
    directory: Annotated[
        Path,
        typer.Argument(metavar="DIR", help="A folder with memories.jsonl and questions.jsonl."),
    ],
    k: Annotated[int, typer.Option("-k", metavar="N", help="How many recollections count.")] = 20,
    db: Annotated[
        str, typer.Option("--db", metavar="PATH", help="Where to remember what is measured.")
    ] = ":memory:",
    embedder: Embedder = None,
    reader: Annotated[
        str | None,
        typer.Option(
            "--reader", metavar="FILE", help='"passages", or a file of `neural reader`; else none.'
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Measure how often recall finds the memories that answer a question."""
    from remanence.evals import retrieval as measuring

    with terminal.progress("measuring") as progress:
        report = measuring.run(
            directory,
            embedder=embedder,
            k=k,
            store=db,
            reader=reader,
            progress=lambda stage, done, total: progress(done, total),  # noqa: ARG005
        )
    if json:
        terminal.as_document(report.as_json())
    else:
        terminal.say(report.table())


def _summaries(memory: "Memory", only: str | None) -> list[dict[str, Any]]:
    from remanence.storage import episodes
    from remanence.storage.store import list_namespaces

    with memory.store.reading() as snapshot:
        found = []
        for number, name in list_namespaces(snapshot):
            if only in (None, name):
                row = dict(zip(FIELDS, episodes.summary(snapshot, number), strict=True))
                for end in ("first", "last"):
                    row[end] = None if row[end] is None else instants.render(row[end])
                found.append({"namespace": name, **row})
        return found


def _cells(row: dict[str, Any]) -> list[str]:
    days = [(row[end] or terminal.NONE)[:10] for end in ("first", "last")]
    return [row["namespace"], *(f"{row[name]:,}" for name in FIELDS[:5]), *days]
