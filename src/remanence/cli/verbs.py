"""remember, recall, context, forget."""

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from remanence import checks, instants
from remanence.cli import options, terminal
from remanence.cli.options import (
    At,
    Db,
    Embedder,
    Json,
    Meta,
    Namespace,
    Session,
    Since,
    Speaker,
    Until,
    examples,
)
from remanence.cli.terminal import counted
from remanence.errors import ConfigError, InvalidInput
from remanence.text import times
from remanence.types import Context, Episode, Recall, Receipt, as_json

if TYPE_CHECKING:
    pass

PREVIEW_WIDTH = 80
PREVIEW = 5  # first lines shown before something is forgotten
TRACES = {
    "emptied": "no file of the store holds the words any more",
    "none": "the store is in memory only",
    "kept": "the server's files have the words until `remanence doctor --compact`, its log, standbys "
    "and archive until they are recycled",
    "pending": "another process still reads the log; the next write after it is done empties it",
}


def register(app: typer.Typer) -> None:
    """Hang the commands of this module on the application."""
    app.command(
        epilog=examples(
            'remanence remember "I moved to Chengdu in March." --speaker Wei --at 2025-03-20',
            "remanence remember - --id handbook < handbook.txt",
        )
    )(remember)
    app.command(
        epilog=examples(
            'remanence recall "Where does Wei live?" -k 3 --why',
            "remanence recall 去年夏天去了哪里 --since 2024-06-01 --json",
        )
    )(recall)
    app.command(epilog=examples('remanence context "Where does Wei live?" --budget 400'))(context)
    app.command(
        epilog=examples(
            "remanence forget --id m1",
            "remanence forget --session s1 --dry-run",
            "remanence forget --subject Wei --dry-run",
            "remanence forget -n wei --everything --yes",
        )
    )(forget)


def remember(
    text: Annotated[
        list[str],
        typer.Argument(metavar="TEXT...", help="What to remember; - reads it from stdin."),
    ],
    speaker: Annotated[
        str | None, typer.Option("--speaker", metavar="NAME", help="Who said it.")
    ] = None,
    session: Annotated[
        str | None,
        typer.Option("--session", metavar="NAME", help="The conversation it belongs to."),
    ] = None,
    at: Annotated[
        str | None,
        typer.Option(
            "--at", metavar="TIME", help="When it was said, e.g. 2025-03-20 or yesterday; else now."
        ),
    ] = None,
    id: Annotated[
        str | None,
        typer.Option(
            "--id",
            metavar="ID",
            help="Your name for it: the same again is a no-op, other text a new version.",
        ),
    ] = None,
    metadata: Annotated[
        str | None,
        typer.Option("--metadata", metavar="JSON", help="A JSON object to keep beside it."),
    ] = None,
    namespace: Namespace = "default",
    db: Db = None,
    embedder: Embedder = None,
    json: Json = False,
) -> None:
    """Remember a text, verbatim; it is durable and can be recalled when this returns."""
    given = _stdin() if text == ["-"] else " ".join(text)
    said = None if at is None else instants.render(times.beginning(at))
    kept = options.metadata(metadata)
    with options.opened(db, embedder, make=True) as memory:
        began = instants.now()
        episodes: list[Episode] = memory.remember(
            given,
            speaker=speaker,
            session=session,
            at=said,
            id=id,
            metadata=kept,
            namespace=namespace,
        )
    if json:
        terminal.as_document(as_json(episodes))
        return
    first = episodes[0]
    known = instants.parse(first.recorded_at) < began
    version = f", version {first.version}" if first.version > 1 else ""
    parts = f" in {len(episodes)} parts" if len(episodes) > 1 else ""
    terminal.say(f"{'known already' if known else 'remembered'}: {first.source}{parts}{version}")


def recall(
    query: Annotated[
        list[str],
        typer.Argument(metavar="QUERY...", help="A question, a sentence or a few words."),
    ],
    k: Annotated[
        int, typer.Option("-k", metavar="N", help="At most this many recollections.")
    ] = 10,
    why: Annotated[
        bool, typer.Option("--why", help="Show what each arm gave to the score.")
    ] = False,
    speaker: Speaker = None,
    session: Session = None,
    since: Since = None,
    until: Until = None,
    meta: Meta = None,
    at: At = None,
    namespace: Namespace = "default",
    db: Db = None,
    embedder: Embedder = None,
    json: Json = False,
) -> None:
    """Find what answers a question, best first."""
    wanted = options.pairs(meta)
    with options.opened(db, embedder) as memory:
        found: Recall = memory.recall(
            " ".join(query),
            namespace=namespace,
            k=k,
            speaker=speaker,
            session=session,
            since=since,
            until=until,
            metadata=wanted,
            at=at,
        )
        absent = None if found else options.nothing(memory, namespace)
    if json:
        terminal.as_document(as_json(found))
        return
    _warn(found.degraded)
    if absent:
        terminal.note(absent)
        return
    _show(found, " ".join(query), why=why)


def context(
    query: Annotated[
        list[str],
        typer.Argument(metavar="QUERY...", help="The question that the model will get."),
    ],
    budget: Annotated[
        int, typer.Option("--budget", metavar="TOKENS", help="At most this many tokens.")
    ] = 800,
    session: Annotated[
        str | None,
        typer.Option(
            "--session", metavar="NAME", help="Begin with the last turns of this session."
        ),
    ] = None,
    facts: Annotated[
        bool, typer.Option("--facts", help="Tell what is known of those whom the query names.")
    ] = False,
    speaker: Speaker = None,
    since: Since = None,
    until: Until = None,
    meta: Meta = None,
    at: At = None,
    namespace: Namespace = "default",
    db: Db = None,
    embedder: Embedder = None,
    json: Json = False,
) -> None:
    """Print evidence for a model: cited lines within a token budget."""
    wanted = options.pairs(meta)
    with options.opened(db, embedder) as memory:
        found: Context = memory.context(
            " ".join(query),
            namespace=namespace,
            budget=budget,
            session=session,
            facts=facts,
            speaker=speaker,
            since=since,
            until=until,
            metadata=wanted,
            at=at,
        )
        absent = None if found.text else options.nothing(memory, namespace)
    if json:
        terminal.as_document(as_json(found))
        return
    _warn(found.degraded)
    if absent:
        terminal.note(absent)
        return
    terminal.say(found.text)
    if terminal.is_terminal():
        terminal.note(
            f"({found.tokens} of {budget} tokens; {len(found.cut)} more did not fit or said the same)"
        )


def forget(
    id: Annotated[
        str | None,
        typer.Option("--id", metavar="ID", help="What was remembered under ID, or one part, ID#3."),
    ] = None,
    session: Annotated[
        str | None, typer.Option("--session", metavar="NAME", help="What was said in this session.")
    ] = None,
    speaker: Annotated[
        str | None, typer.Option("--speaker", metavar="NAME", help="What NAME said.")
    ] = None,
    subject: Annotated[
        str | None,
        typer.Option("--subject", metavar="NAME", help="All that is about NAME, by any name."),
    ] = None,
    before: Annotated[
        str | None, typer.Option("--before", metavar="TIME", help="What was said before TIME.")
    ] = None,
    everything: Annotated[bool, typer.Option("--everything", help="The whole namespace.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would go; forget nothing.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    namespace: Namespace = "default",
    db: Db = None,
    embedder: Embedder = None,
    json: Json = False,
) -> None:
    """Forget what matches every given selector, in every layer and version, and print the receipt."""
    given = {"id": id, "session": session, "speaker": speaker, "subject": subject, "before": before}
    named = _named(given, everything=everything)
    checks.label(namespace, "namespace")
    from remanence import queries

    ask = sys.stdin.isatty() and not yes
    if not (ask or yes or dry_run):
        raise ConfigError("forget asks before it forgets, and there is no terminal; give --yes")
    with options.opened(db, embedder) as memory:
        if dry_run or ask:
            found = queries.preview(memory, namespace, everything=everything, **named)
            first = list(found.episodes[:PREVIEW])
            count, versions = found.receipt.episodes, found.receipt.versions
            if dry_run and json:
                counted_up = {"episodes": count, "versions": versions, "first": as_json(first)}
                terminal.as_document({"namespace": namespace, **counted_up})
                return
            _preview(namespace, count, versions, first)
            if dry_run:
                return
            if count + versions and not typer.confirm("Forget this for good?", err=True):
                raise typer.Abort
        receipt: Receipt = memory.forget(namespace=namespace, everything=everything, **named)
    if json:
        terminal.as_document(as_json(receipt))
    else:
        terminal.say(receipt_line(receipt))


def _named(given: Mapping[str, str | None], *, everything: bool) -> dict[str, str]:
    """The selectors that were given; none, exactly where `everything` is meant."""
    named = {name: value for name, value in given.items() if value is not None}
    if bool(named) == everything:
        raise InvalidInput(
            f"--everything and {named} contradict; give one or the other"
            if everything
            else "forget needs to know what: give --id, --session, --speaker, --subject, --before or "
            "--everything"
        )
    return named


def receipt_line(receipt: Receipt) -> str:
    """A receipt as a sentence."""
    what = ", ".join(f"{name} {value}" for name, value in receipt.selector.items())
    if not receipt.versions:
        return f"nothing to forget: no episode of namespace {receipt.namespace} matches {what}"
    went = ", ".join(
        counted(count, noun)
        for count, noun in (
            (receipt.versions, "version"),
            (receipt.terms, "index term"),
            (receipt.vectors, "vector"),
            (receipt.facts, "fact"),
            *([(receipt.models, "model")] if receipt.models else []),
            *([(receipt.states, "neural state")] if receipt.states else []),
        )
    )
    return (
        f"forgot {counted(receipt.episodes, 'episode')} ({went}) "
        f"of namespace {receipt.namespace}, {what}; {TRACES[receipt.wal]}"
    )


def _preview(namespace: str, count: int, versions: int, first: list[Episode]) -> None:
    older = f" and {counted(versions - count, 'older version')}" if versions > count else ""
    terminal.note(f"what matches in namespace {namespace}: {counted(count, 'episode')}{older}")
    for episode in first:
        said = " ".join(episode.text.split())[:PREVIEW_WIDTH]
        terminal.note(
            f"  {episode.id}  {episode.at[:10]}  {episode.speaker or terminal.NONE}  {said}"
        )
    if count > len(first):
        terminal.note(f"  ... and {count - len(first):,} more")


def _show(found: Recall, query: str, *, why: bool) -> None:
    """A table on a terminal, with long texts cut to the point; whole texts, a line each, elsewhere."""
    on_terminal = terminal.is_terminal()
    header = [
        "score",
        "id",
        "date",
        "speaker",
        *(["why"] if why and not on_terminal else []),
        "text",
    ]
    rows: list[list[Any]] = []
    for item in found:
        row: list[Any] = [f"{item.score:.2f}", item.id, item.at[:10], item.speaker or terminal.NONE]
        if why and not on_terminal:
            row.append(terminal.why_line(item.why))
        text: Any = terminal.excerpt(item.text, query) if on_terminal else item.text
        if why and on_terminal:
            text = terminal.with_bar(text, item.why, terminal.strongest(found))
        rows.append([*row, text])
    terminal.table(header, rows, right=("score",))


def _warn(degraded: tuple[str, ...]) -> None:
    for reason in degraded:
        terminal.note(f"degraded: {reason}")


def _stdin() -> str:
    """All of stdin, without the newline that ends a text file."""
    try:
        return sys.stdin.read().removesuffix("\n")
    except UnicodeDecodeError as error:
        raise InvalidInput(f"stdin is not UTF-8 ({error.reason} at byte {error.start})") from None
