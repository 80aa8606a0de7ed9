"""facts, learn, profile, timeline, graph: what is known, and the graph of it as a file or a picture."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from remanence import checks
from remanence.cli import options, terminal
from remanence.cli.files import writing
from remanence.cli.options import Db, Embedder, Json, Namespace, examples
from remanence.cli.terminal import counted
from remanence.errors import ConfigError, InvalidInput
from remanence.types import Fact, as_json

if TYPE_CHECKING:
    from remanence.queries import EntityProfile

PICTURED = 100_000  # facts among which a picture chooses
NAMED = 40  # sentences of a profile

graph = typer.Typer(no_args_is_help=True)

Someone = Annotated[
    str, typer.Argument(metavar="SUBJECT", help="Any name of whom or what it is about.")
]
Output = Annotated[
    str | None,
    typer.Option("--output", "-o", metavar="FILE", help="The file to write; else stdout."),
]
History = Annotated[
    bool, typer.Option("--history", help="Also what has been superseded, retracted, or is to come.")
]
AsOf = Annotated[
    str | None, typer.Option("--as-of", metavar="TIME", help="What held at TIME; else now.")
]
KnownAt = Annotated[
    str | None,
    typer.Option("--known-at", metavar="TIME", help="What the memory had been told by TIME."),
]


class GraphFormat(StrEnum):
    """The formats of `graph export`."""

    graphml = "graphml"
    turtle = "turtle"
    jsonl = "jsonl"


def register(app: typer.Typer) -> None:
    """Hang the commands of this module on the application."""
    app.command(
        epilog=examples(
            "remanence facts --subject Wei",
            "remanence facts --relation lives_in --as-of 2024-06-01",
            "remanence facts --subject Wei --history --json",
        )
    )(facts)
    app.command(
        epilog=examples(
            "remanence learn Wei lives_in Chengdu --from 2025-03-01",
            "remanence learn 小伟 works_for 灯笼机器人公司",
        )
    )(learn)
    app.command(epilog=examples("remanence profile Wei"))(profile)
    app.command(
        epilog=examples("remanence timeline --subject Wei --since 2025-01-01 --until 2026-01-01")
    )(timeline)
    graph.command(
        epilog=examples(
            "remanence graph export --format graphml --output wei.graphml",
            "remanence graph export --format turtle --history > wei.ttl",
        )
    )(export)
    graph.command(epilog=examples("remanence graph picture Wei --output wei.svg --depth 2"))(
        picture
    )
    app.add_typer(graph, name="graph", help="The graph of what is known, as a file or a picture.")


def facts(
    subject: Annotated[
        str | None, typer.Option("--subject", metavar="NAME", help="Only of NAME, by any name.")
    ] = None,
    relation: Annotated[
        str | None, typer.Option("--relation", metavar="NAME", help="Only these, like lives_in.")
    ] = None,
    object: Annotated[
        str | None, typer.Option("--object", metavar="NAME", help="Only what leads to NAME.")
    ] = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    history: History = False,
    namespace: Namespace = "default",
    db: Db = None,
    embedder: Embedder = None,
    json: Json = False,
) -> None:
    """List what holds, newest first, with its sources."""
    with options.opened(db, embedder) as memory:
        found = memory.facts(
            namespace=namespace,
            subject=subject,
            relation=relation,
            object=object,
            as_of=as_of,
            known_at=known_at,
            history=history,
        )
        absent = None if found else options.nothing(memory, namespace)
    if json:
        terminal.as_document(as_json(found))
        return
    if absent:
        terminal.note(absent)
        return
    if terminal.is_terminal():
        header = ("from", "until", "state", "sources", "fact")
        terminal.table(header, [_row(fact) for fact in found])
        return
    terminal.columns(
        [
            (
                fact.subject,
                fact.relation,
                fact.object,
                *_days(fact),
                fact.state,
                _sources(fact.sources),
            )
            for fact in found
        ]
    )


def learn(
    subject: Annotated[str, typer.Argument(metavar="SUBJECT", help="Whom or what it is about.")],
    relation: Annotated[
        str, typer.Argument(metavar="RELATION", help="Like lives_in: small letters and _.")
    ],
    object: Annotated[
        str, typer.Argument(metavar="OBJECT", help="What the subject is related to.")
    ],
    valid_from: Annotated[
        str | None, typer.Option("--from", metavar="TIME", help="Since when it holds.")
    ] = None,
    valid_until: Annotated[
        str | None, typer.Option("--until", metavar="TIME", help="Until when it holds.")
    ] = None,
    speaker: Annotated[
        str | None, typer.Option("--speaker", metavar="NAME", help="Who says so.")
    ] = None,
    at: Annotated[
        str | None, typer.Option("--at", metavar="TIME", help="When it was said; else now.")
    ] = None,
    id: Annotated[
        str | None,
        typer.Option("--id", metavar="ID", help="Your name for it, by which it can be forgotten."),
    ] = None,
    namespace: Namespace = "default",
    db: Db = None,
    embedder: Embedder = None,
    json: Json = False,
) -> None:
    """Learn one fact, and print it as it stands beside all else that is known."""
    with options.opened(db, embedder, make=True) as memory:
        fact = memory.learn(
            subject,
            relation,
            object,
            namespace=namespace,
            valid_from=valid_from,
            valid_until=valid_until,
            speaker=speaker,
            at=at,
            id=id,
        )
    if json:
        terminal.as_document(as_json(fact))
        return
    from remanence.encoding import assertions

    said = counted(fact.support, "source")
    terminal.say(f"learned: {assertions.verbalise(fact)} [{fact.state}, {said}]")


def profile(
    subject: Someone,
    as_of: AsOf = None,
    namespace: Namespace = "default",
    db: Db = None,
    embedder: Embedder = None,
    json: Json = False,
) -> None:
    """Say in a few sentences what is known of someone or something, each with its sources."""
    from remanence import queries

    with options.opened(db, embedder) as memory:
        found = queries.profile(memory, namespace, subject, as_of=as_of)
        about = () if found is None else found.facts + found.mentions
        absent = None if about else options.nothing(memory, namespace)
    if json:
        known = queries.EntityProfile(subject, "", {}, (), (), ()) if found is None else found
        terminal.as_document(
            {
                "subject": known.subject,
                "kind": known.kind,
                "names": list(known.names),
                "sentences": as_json(known.sentences),
                "facts": as_json(about),
            }
        )
        return
    if absent or found is None:
        terminal.note(absent or "nothing found")
    else:
        _show_profile(found)


def _show_profile(found: "EntityProfile") -> None:
    others = [name for name in found.names if name != found.subject]
    called = "; ".join(
        filter(None, (found.kind, f"also {', '.join(others[:10])}" if others else ""))
    )
    terminal.say(f"{found.subject} ({called})" if called else found.subject)
    for line in found.sentences[:NAMED]:
        terminal.say(f"  {line.text} [{_sources(line.sources)}]")
    if len(found.sentences) > NAMED:
        terminal.note(f"  ... and {len(found.sentences) - NAMED:,} more; --json has them all")


def timeline(
    since: Annotated[
        str | None,
        typer.Option("--since", metavar="TIME", help="Only what happened at TIME or later."),
    ] = None,
    until: Annotated[
        str | None, typer.Option("--until", metavar="TIME", help="Only what happened before TIME.")
    ] = None,
    subject: Annotated[
        str | None, typer.Option("--subject", metavar="NAME", help="Only what concerns NAME.")
    ] = None,
    namespace: Namespace = "default",
    db: Db = None,
    embedder: Embedder = None,
    json: Json = False,
) -> None:
    """List what began, ended or was said between two times, oldest first."""
    from remanence import queries

    with options.opened(db, embedder) as memory:
        found = queries.timeline(memory, namespace, subject, since=since, until=until)
        absent = None if found else options.nothing(memory, namespace)
    if json:
        terminal.as_document(as_json(found))
        return
    if absent:
        terminal.note(absent)
        return
    rows = [
        (event.at[:10], event.event, _sources(event.fact.sources), event.text) for event in found
    ]
    terminal.table(("date", "event", "sources", "fact"), rows)


def export(
    output: Output = None,
    format: Annotated[
        GraphFormat,
        typer.Option(
            "--format", metavar="NAME", help="graphml, turtle (RDF) or jsonl (one fact a line)."
        ),
    ] = GraphFormat.graphml,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    history: History = False,
    namespace: Namespace = "default",
    db: Db = None,
    embedder: Embedder = None,
    json: Json = False,
) -> None:
    """Write the graph of what holds in a form that other programs read."""
    _reported(output, json=json)
    from remanence.integrations.graphs import FORMATS

    with options.opened(db, embedder) as memory:
        found = memory.facts(namespace=namespace, as_of=as_of, known_at=known_at, history=history)
    with writing(output) as sink:
        for piece in FORMATS[format.value](found):
            sink.write(piece.encode())
    if json:
        terminal.as_document({"facts": len(found), "path": output, "format": format.value})
    elif output is not None:
        terminal.say(f"exported {counted(len(found), 'fact')} to {output}")


def picture(
    subject: Someone,
    output: Output = None,
    depth: Annotated[
        int, typer.Option("--depth", metavar="N", help="How many facts away from the subject.")
    ] = 2,
    limit: Annotated[
        int, typer.Option("--limit", metavar="N", help="At most this many names are drawn.")
    ] = 40,
    namespace: Namespace = "default",
    db: Db = None,
    embedder: Embedder = None,
    json: Json = False,
) -> None:
    """Draw what is known around someone or something as an SVG."""
    _reported(output, json=json)
    checks.label(namespace, "namespace")
    checks.label(subject, "subject")
    depth, limit = checks.count(depth, "depth"), checks.count(limit, "limit")
    from remanence import queries

    with options.opened(db, embedder) as memory:
        found = queries.neighbourhood(
            memory, namespace, subject, depth=depth + 1, most=PICTURED, width=limit, history=True
        )
    if found is None or not found.facts:
        raise InvalidInput(
            f"nothing is known of {subject!r:.80} in namespace {namespace}; `remanence facts` lists what is"
        )
    name = found.nodes[0].name
    from remanence.integrations.graphs import picture as drawing

    with writing(output) as sink:
        sink.write(drawing.svg(found.facts, name, depth, limit).encode())
    if json:
        terminal.as_document({"subject": name, "path": output})
    elif output is not None:
        terminal.say(f"drew {name} to {output}")


def _reported(output: str | None, *, json: bool) -> None:
    if json and output is None:
        raise ConfigError(
            "--json reports on the file, which is itself on stdout: give --output FILE"
        )


def _row(fact: Fact) -> tuple[str, ...]:
    """A fact for people: what can be long stands last, where it may run on."""
    said = f"{fact.subject} {fact.relation} {fact.object}"
    return (*_days(fact), fact.state, _sources(fact.sources), said)


def _days(fact: Fact) -> tuple[str, str]:
    begin, end = ((time or terminal.NONE)[:10] for time in (fact.valid_from, fact.valid_until))
    return begin, end


def _sources(ids: tuple[str, ...]) -> str:
    """The sources; on a terminal the first, and how many more."""
    if len(ids) > 1 and terminal.is_terminal():
        return f"{ids[0]} +{len(ids) - 1}"
    return ", ".join(ids)
