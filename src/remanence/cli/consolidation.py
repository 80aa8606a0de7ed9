"""consolidate, adapters: what a namespace holds, taught to a model on this machine; which adapters
there are, and what became of them.
"""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from remanence import _deprecated, checks, config, instants
from remanence.cli import options, terminal
from remanence.cli.options import Db, Embedder, Json, Namespace, examples
from remanence.errors import ConfigError

if TYPE_CHECKING:
    from remanence.memory import Memory
    from remanence.types import Consolidation

Episodes = Annotated[
    bool,
    typer.Option(
        "--episodes",
        help="Also teach utterances, by speaker and day: the newest short ones from trusted sources.",
    ),
]
Writer = Annotated[
    str | None,
    typer.Option(
        "--writer",
        metavar="SPEC",
        help="A model that paraphrases each new fact, which it sees; specs as in `chat --model`.",
    ),
]
SCORES = ("new", "neighbours", "older", "earlier")


def register(app: typer.Typer) -> None:
    """Register the commands of this module."""
    app.command(
        epilog=examples(
            "remanence consolidate --model hf:./my-model -n wei",
            "remanence consolidate --model hf:./my-model#plain --set steps=300 --set rank=16 "
            "--json",
            "remanence consolidate --model hf:./my-model --writer http://localhost:11434/v1#qwen3 "
            "-n wei",
        )
    )(consolidate)
    app.command(epilog=examples("remanence adapters -n wei", "remanence adapters -n wei --drop"))(
        adapters
    )


def consolidate(
    model: Annotated[
        str | None,
        typer.Option(
            "--model",
            metavar="SPEC",
            help="The model to teach: hf:PATH or hf:PATH#plain; else $REMANENCE_MODEL.",
        ),
    ] = None,
    changes: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="NAME=VALUE",
            help="Change a value of the recipe (rank, alpha, rate, steps, batch, kl, ...) or of the gate (new, neighbours, older, general).",
        ),
    ] = None,
    general: Annotated[
        typer.FileText | None,
        typer.Option(
            "--general",
            metavar="FILE",
            help="Texts, a line each, on which the model must not get worse; else it makes some up.",
        ),
    ] = None,
    episodes: Episodes = False,
    writer: Writer = None,
    namespace: Namespace = "default",
    db: Db = None,
    embedder: Embedder = None,
    json: Json = False,
) -> None:
    """Train an adapter on the facts of a namespace; use it where it passes the gate."""
    texts = () if general is None else tuple(line.strip() for line in general if line.strip())
    with options.opened(db, embedder) as memory:
        given: dict[str, Any] = (
            {}
            if model is None and config.setting(config.MODEL) is None
            else _options(changes or [])
        )
        if given:
            given |= {"general": texts, "episodes": episodes, "writer": writer}
            given["progress"] = _silent if json else _progress
        report = memory.consolidate(namespace=namespace, model=model, **given)
    if json:
        terminal.as_document(asdict(report))
        return
    _show(report)


def _options(changes: list[str]) -> dict[str, Any]:
    """Return the recipe and the gate that `--set` gives."""
    from remanence.consolidation import AdapterRecipe, Gate

    told = _deprecated.current_fields("AdapterRecipe", options.pairs(changes) or {})
    of_gate = {name: value for name, value in told.items() if name in Gate.__dataclass_fields__}
    of_recipe = {name: value for name, value in told.items() if name not in of_gate}
    unknown = of_recipe.keys() - AdapterRecipe.__dataclass_fields__.keys()
    if unknown:
        known = (*AdapterRecipe.__dataclass_fields__, *Gate.__dataclass_fields__)
        raise ConfigError(
            f"--set {min(unknown)}: there is no such value; known: {', '.join(known)}"
        )
    return {"recipe": AdapterRecipe(**of_recipe), "gate": Gate(**of_gate)}


def _silent(what: str, done: int, total: int, standing: str) -> None:
    """Report no progress: the output is JSON."""


def _progress(what: str, done: int, total: int, standing: str) -> None:
    terminal.note(f"{what} {done}/{total}: {standing}")


def _show(report: "Consolidation") -> None:
    if report.state == "no model":
        terminal.say(f"nothing was taught: {report.reasons[0]}")
        return
    if report.state == "unchanged":
        terminal.say(f"nothing new to teach: {report.replayed} facts are known already")
        return
    begun = " from the plain model" if report.afresh else ""
    terminal.say(
        f"adapter {report.adapter} is {report.state}: {report.taught} new facts taught{begun}, "
        f"{report.replayed} kept alive, "
        f"{report.steps} steps, {report.cpu:.0f} CPU s"
    )
    shares = ", ".join(f"{name} {report.scores[name]:.1%}" for name in SCORES)
    terminal.say(
        f"told in words it was not taught in: {shares}; loss on other texts "
        f"{report.scores['general']:+.1%}"
    )
    for reason in report.reasons:
        terminal.say(f"not used, {reason}")
    _show_rest(report)


def _show_rest(report: "Consolidation") -> None:
    """Print the parts of a report that not every consolidation has."""
    if report.said or report.unsaid:
        terminal.say(
            f"{report.said} of all these are what people said; {report.unsaid} more, older ones, "
            "are not taught"
        )
    if report.written or report.refused:
        refused = ", ".join(f"{count} {why}" for why, count in sorted(report.refused.items()))
        terminal.say(
            f"{report.written} questions and statements by the writer; refused: {refused or 'none'}"
        )
    for told in report.degraded:
        terminal.note(f"degraded: {told}")
    if report.left_out:
        terminal.say(
            f"{report.left_out} facts left out: no trusted source says so, or they are long, or "
            "many of one kind"
        )


def adapters(
    drop: Annotated[
        bool,
        typer.Option("--drop", help="Retire the adapter in use and delete its weights."),
    ] = False,
    namespace: Namespace = "default",
    db: Db = None,
    embedder: Embedder = None,
    json: Json = False,
) -> None:
    """List the adapters of a namespace: state, content, scores, and why one is not in use."""
    from remanence.storage import adapters as rows

    checks.label(namespace, "namespace")
    with options.opened(db, embedder) as memory:
        handle = memory.namespace(namespace)
        if drop:
            handle.writing(lambda view: rows.drop(*view, rows.LIVE), make=False)
        with handle.reading() as (snapshot, number):
            found = rows.every(snapshot, number)
    told = [_told(row) for row in found]
    if json:
        terminal.as_document(told)
        return
    if not told:
        terminal.say(f"namespace {namespace} has no adapters; `remanence consolidate` makes one")
        return
    terminal.table(
        ("adapter", "state", "made", "base", "facts", "new", "older", "why not"),
        [
            (
                each["id"], each["state"], each["made"], each["base"], len(each["facts"]), f"{each['scores'].get('new', 0):.0%}",
                f"{each['scores'].get('older', 0):.0%}", "; ".join(each["reasons"]) or terminal.NONE,
            )
            for each in told
        ],
    )  # fmt: skip


def held(memory: "Memory", only: str | None) -> list[dict[str, Any]]:
    """Return the adapters whose weights a store holds, newest first in each namespace."""
    from remanence.storage import adapters as rows
    from remanence.storage.store import list_namespaces

    found = []
    with memory.store.reading() as snapshot:
        for number, name in list_namespaces(snapshot):
            if only in (None, name):
                found += [(name, row) for row in rows.every(snapshot, number)]
    manifest_entries = []
    for name, row in found:
        if row.state in (rows.LIVE, rows.ASIDE, rows.TRAINING):
            told = _told(row)
            manifest_entries.append(
                {
                    "namespace": name,
                    "adapter": row.id,
                    "in_use": row.state == rows.LIVE,
                    **{key: told[key] for key in ("base", "base_digest", "state", "made")},
                    "facts": len(told["facts"]),
                }
            )
    return manifest_entries


def _told(row: Any) -> dict[str, Any]:
    import json

    from remanence.storage.adapters import STATES

    manifest = json.loads(row.manifest)
    return {
        **manifest,
        "id": row.id,
        "state": STATES[row.state],
        "made": instants.render(row.made),
        "episodes": list(row.sources),
    }
