"""kge offers, and kge train --db: embeddings of a memory's own graph, from a shell."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from remanence.cli import options, terminal
from remanence.cli.options import Db, Embedder, Json, Namespace, examples

if TYPE_CHECKING:
    from remanence.kge import KnowledgeEmbedding
    from remanence.kge.ranking import Evaluation


def register(cli: typer.Typer) -> None:
    """Register the command of this module."""
    cli.command(epilog=examples("remanence kge offers --subject Wei --db assistant.db"))(offers)


def trained(
    db: str | None, embedder: str | None, namespace: str, model: str, **choices: Any
) -> "KnowledgeEmbedding":
    """Train a model on the facts of a namespace and keep it in its store."""
    from remanence import knowledge

    with options.opened(db, embedder) as memory:
        return knowledge.train(memory, namespace, model, **choices)


def report(
    made: "KnowledgeEmbedding", path: Path | None, picture: Path | None, found: "Evaluation | None"
) -> dict[str, Any]:
    """Return the document of `train --json`."""
    graph, last = made.graph, made.curve[-1]
    return {
        "model": None if path is None else str(path),
        "picture": None if picture is None else str(picture),
        "triples": len(graph),
        "entities": len(graph.entities),
        "relations": len(graph.relations),
        "epochs": last.epoch,
        "cpu_s": last.cpu,
        "stopped": made.stopped,
        "recipe": made.recipe.as_json(),
        "test": None if found is None else found.as_json(),
    }


def summarised(made: "KnowledgeEmbedding") -> None:
    """A training in two lines."""
    graph, last = made.graph, made.curve[-1]
    terminal.say(
        f"trained {made.recipe.model} on {len(graph):,} triples, {len(graph.entities):,} entities, "
        f"{len(graph.relations):,} relations: {last.epoch} epochs, {last.cpu:.0f} CPU s "
        f"({made.stopped})"
    )
    best = max((p for p in made.curve if p.mrr is not None), key=lambda p: p.mrr or 0, default=None)
    if best:
        terminal.say(
            f"validation MRR {best.mrr:.3f}, Hits@10 {best.hits10:.3f} at epoch {best.epoch}"
        )


def kept(made: "KnowledgeEmbedding", namespace: str, *, json: bool) -> None:
    """Return a description of a model kept in its store."""
    if json:
        terminal.as_document(report(made, None, None, None))
        return
    summarised(made)
    terminal.say(f"kept in the store, for namespace {namespace}; `kge offers` asks it")


def offers(
    subject: Annotated[
        str | None, typer.Option("--subject", metavar="NAME", help="Only of NAME.")
    ] = None,
    relation: Annotated[
        str | None, typer.Option("--relation", metavar="NAME", help="Only in this relation.")
    ] = None,
    k: Annotated[int, typer.Option("-k", metavar="N", help="How many.")] = 10,
    least: Annotated[
        float, typer.Option("--least", metavar="P", help="Nothing less probable than P.")
    ] = 0.05,
    namespace: Namespace = "default",
    db: Db = None,
    embedder: Embedder = None,
    json: Json = False,
) -> None:
    """Predict likely facts that nobody stated, by the model of `kge train --db`; write nothing."""
    from remanence import knowledge

    with options.opened(db, embedder) as memory:
        found = knowledge.predict_facts(memory, namespace, subject, relation, k=k, least=least)
    if json:
        terminal.as_document(
            {"offers": [each.as_json() for each in found], "withheld": list(found.withheld)}
        )
        return
    terminal.note(*found.withheld)
    if not found and not found.withheld:
        terminal.note("nothing is likely enough to offer")
    header = ("probability", "offered, not asserted", "known facts near it")
    rows = [(f"{e.probability:.3f}", e.text, " ".join(e.reasons) or terminal.NONE) for e in found]
    if rows:
        terminal.table(header, rows)
