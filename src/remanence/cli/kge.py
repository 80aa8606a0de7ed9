"""kge train, evaluate, predict, similar, plausibility, export, picture, models: knowledge-graph
embeddings from a shell.

A graph is a file or folder of triples, or with --db what a memory holds now.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from remanence.cli import offers, terminal
from remanence.cli.files import writing
from remanence.cli.options import Db, Embedder, Json, Namespace, examples
from remanence.errors import ConfigError

if TYPE_CHECKING:
    from remanence.kge import KnowledgeEmbedding
    from remanence.kge.ranking import Evaluation
    from remanence.kge.training import EpochProgress

app = typer.Typer(no_args_is_help=True)

Model = Annotated[
    Path,
    typer.Argument(metavar="MODEL", help="A model's file, or the folder that `kge train` filled."),
]
Count = Annotated[int, typer.Option("-k", metavar="N", help="How many.")]
Threads = Annotated[
    int | None,
    typer.Option("--threads", metavar="N", help="Processor threads; else as many as there are."),
]
Changes = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="NAME=VALUE",
        help="Change a value of the recipe; may be given several times.",
    ),
]
Typed = Annotated[
    bool,
    typer.Option("--typed", help="Only entities that answer the relation somewhere in the graph."),
]
Head = Annotated[
    str | None, typer.Option("--head", metavar="NAME", help="Ask for what it is related to.")
]
Tail = Annotated[
    str | None, typer.Option("--tail", metavar="NAME", help="Ask for what is related to it.")
]


class Form(StrEnum):
    """The formats of `kge export`."""

    tsv = "tsv"
    jsonl = "jsonl"
    npz = "npz"


def register(cli: typer.Typer) -> None:
    """Add these commands."""
    offers.register(app)
    cli.add_typer(app, name="kge", help="Knowledge-graph embeddings: what else is likely true.")


def _threads(count: int | None) -> None:
    import torch

    if count is not None:
        if count < 1:
            raise ConfigError(f"--threads {count} is less than one")
        torch.set_num_threads(count)


def _changed(pairs: list[str] | None) -> dict[str, Any]:
    """`--set name=value` as values of a recipe, each in the type that the recipe has it in."""
    from remanence.kge.recipe import Recipe

    plain = Recipe()
    found: dict[str, Any] = {}
    for pair in pairs or ():
        name, equals, value = pair.partition("=")
        kind: Any = type(getattr(plain, name, None))
        if not equals or name not in plain.as_json():
            raise ConfigError(f"--set {pair!r} is not NAME=VALUE of {', '.join(plain.as_json())}")
        try:
            found[name] = value.lower() in ("true", "1", "yes") if kind is bool else kind(value)
        except ValueError:
            raise ConfigError(f"--set {pair!r}: {value!r} is not a {kind.__name__}") from None
    return found


@contextmanager
def _watched(title: str) -> Iterator[Any]:
    """A progress bar on stderr with loss and validation MRR, if that is a terminal and this process
    the one that speaks.
    """
    with terminal.progress(title) as update:

        def watch(tick: "EpochProgress") -> None:
            mrr = "" if tick.mrr is None else f", MRR {tick.mrr:.3f}"
            done, whole = tick.epoch * tick.steps + tick.step, tick.epochs * tick.steps
            update(done, whole, f"{title} loss {tick.loss:.3f}{mrr}")

        yield watch


@app.command(
    epilog=examples(
        "remanence kge train triples.txt --model complex --output model",
        "remanence kge train fb15k-237 --model transe --output transe --set epochs=20",
    )
)
def train(
    source: Annotated[
        Path | None,
        typer.Argument(
            metavar="[TRIPLES]",
            help="A file of head TAB relation TAB tail, or a folder with train.txt.",
        ),
    ] = None,
    model: Annotated[
        str, typer.Option("--model", metavar="NAME", help="See `kge models`.")
    ] = "transe",
    output: Annotated[
        Path,
        typer.Option(
            "--output", "-o", metavar="FOLDER", help="Where model, checkpoint and picture go."
        ),
    ] = Path("model"),
    changes: Changes = None,
    seed: Annotated[int, typer.Option("--seed", metavar="N", help="Of all that is random.")] = 0,
    device: Annotated[
        str, typer.Option("--device", metavar="NAME", help="cpu, cuda, or auto.")
    ] = "cpu",
    threads: Threads = None,
    db: Db = None,
    namespace: Namespace = "default",
    embedder: Embedder = None,
    json: Json = False,
) -> None:
    """Train a model on triples, or on a memory (--db); go on with a training cut short."""
    from remanence import kge
    from remanence.kge import curves, parallel

    _threads(threads)
    changed = {**_changed(changes), "seed": seed}
    if (source is None) == (db is None):
        raise ConfigError("give TRIPLES, a file or folder, or --db, a store; one of them")
    if source is None:
        with _watched(model) as watch:
            made = offers.trained(
                db, embedder, namespace, model, watch=watch, device=device, **changed
            )
        offers.kept(made, namespace, json=json)
        return
    graph = kge.read(source)
    with _watched(model) as watch:
        made = kge.train(graph, model, checkpoints=output, device=device, watch=watch, **changed)
    if not parallel.Processes.present().first:
        return
    path = made.save(output / "model.safetensors")
    (output / "checkpoint.safetensors").unlink(missing_ok=True)
    picture = curves.draw(made.curve, output / "curves.svg", f"{model} on {source.name}")
    found = _measured(made, graph) if len(graph.test) else None
    if json:
        terminal.as_document(offers.report(made, path, picture, found))
        return
    offers.summarised(made)
    if found:
        _told(found)
    terminal.say(f"wrote {path} and {picture}")


def _measured(made: "KnowledgeEmbedding", graph: Any) -> "Evaluation":
    """The test triples of a split, ranked with those for validation filtered too."""
    e, r = graph.entities, graph.relations
    named = [
        [(e[h], r[k], e[t]) for h, k, t in part.tolist()] for part in (graph.test, graph.valid)
    ]
    with terminal.progress("ranking") as update:
        return made.evaluate(*named, progress=update)


def _told(found: "Evaluation") -> None:
    """An evaluation as a table."""
    rows = [("both ways", found.overall)]
    rows += [(f"{side} asked for", quality) for side, quality in found.side.items()]
    for category, sides in found.category.items():
        rows += [(f"{category}, {side} asked for", quality) for side, quality in sides.items()]
    if found.unseen:
        rows.append((f"without {found.unseen:,} triples of unseen names", found.seen))
    header = ("test, filtered", "ranks", "MRR", "MR", "Hits@1", "Hits@3", "Hits@10")
    cells = [
        (
            name,
            f"{q.count:,}",
            f"{q.mrr:.3f}",
            f"{q.mr:,.0f}",
            *(f"{hits:.3f}" for hits in q.hits.values()),
        )
        for name, q in rows
    ]
    terminal.table(header, cells, right=header[1:])


@app.command(epilog=examples("remanence kge evaluate model fb15k-237"))
def evaluate(
    model: Model,
    data: Annotated[
        Path,
        typer.Argument(
            metavar="TRIPLES",
            help="A folder with test.txt (and valid.txt), or a file of test triples.",
        ),
    ],
    typed: Typed = False,
    threads: Threads = None,
    json: Json = False,
) -> None:
    """Rank the true answer of every test triple among all entities, both ways, filtered."""
    from remanence import kge
    from remanence.kge.triples import lines

    _threads(threads)
    made = kge.load(model)
    test = data / "test.txt" if data.is_dir() else data
    valid = data / "valid.txt"
    known = list(lines(valid)) if data.is_dir() and valid.exists() else []
    with terminal.progress("ranking") as update:
        found = made.evaluate(list(lines(test)), known, typed=typed, progress=update)
    if json:
        terminal.as_document(found.as_json())
        return
    _told(found)


@app.command(epilog=examples("remanence kge predict model --head Wei --relation likes -k 5"))
def predict(
    model: Model,
    relation: Annotated[
        str, typer.Option("--relation", metavar="NAME", help="The relation asked about.")
    ],
    head: Head = None,
    tail: Tail = None,
    k: Count = 10,
    known: Annotated[
        bool, typer.Option("--known", help="Also what the graph states already.")
    ] = False,
    typed: Typed = False,
    json: Json = False,
) -> None:
    """Predict answers to (head, relation, ?) or (?, relation, tail), with supporting facts."""
    from remanence import kge

    made = kge.load(model)
    found = made.predict(head, relation, k, tail=tail, known=known, typed=typed)
    if json:
        terminal.as_document([each.as_json() for each in found])
        return
    rows = []
    for each in found:
        chance = terminal.NONE if each.probability is None else f"{each.probability:.3f}"
        why = "; ".join(" ".join(fact) for fact in each.reasons) or terminal.NONE
        mark = " (known)" if each.known else ""
        rows.append((chance, f"{each.head} {each.relation} {each.tail}{mark}", f"as {why}"))
    terminal.table(("probability", "offered, not asserted", "known facts near it"), rows)


@app.command(epilog=examples("remanence kge similar model Chengdu"))
def similar(
    model: Model,
    entity: Annotated[str, typer.Argument(metavar="NAME", help="An entity of the graph.")],
    k: Count = 10,
    json: Json = False,
) -> None:
    """List the entities whose vectors are nearest, with the cosine."""
    from remanence import kge

    found = kge.load(model).similar(entity, k)
    if json:
        terminal.as_document([{"entity": name, "cosine": value} for name, value in found])
        return
    terminal.table(("cosine", "entity"), [(f"{value:.3f}", name) for name, value in found])


@app.command(epilog=examples("remanence kge plausibility model Wei lives_in Chengdu"))
def plausibility(
    model: Model,
    head: Annotated[str, typer.Argument(metavar="HEAD", help="Of whom or what it is said.")],
    relation: Annotated[str, typer.Argument(metavar="RELATION", help="What is said.")],
    tail: Annotated[str, typer.Argument(metavar="TAIL", help="What it is related to.")],
    prior: Annotated[
        float,
        typer.Option("--prior", metavar="P", help="How probable such a statement is beforehand."),
    ] = 0.5,
    json: Json = False,
) -> None:
    """Say how probable a statement is."""
    from remanence import kge

    value = kge.load(model).plausibility((head, relation, tail), prior)
    if json:
        terminal.as_document(
            {"head": head, "relation": relation, "tail": tail, "prior": prior, "probability": value}
        )
        return
    terminal.say(f"{value:.3f} {head} {relation} {tail}")


@app.command(epilog=examples("remanence kge export model --format tsv --output vectors.tsv"))
def export(
    model: Model,
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE", help="The file to write.")
    ],
    form: Annotated[
        Form,
        typer.Option(
            "--format", metavar="NAME", help="tsv (name, numbers), jsonl, or npz (numpy)."
        ),
    ] = Form.tsv,
    relations: Annotated[
        bool, typer.Option("--relations", help="The relations' rows, not the entities'.")
    ] = False,
    json: Json = False,
) -> None:
    """Write the vectors in a form that other programs read."""
    from remanence import kge
    from remanence.kge import vectors

    made = kge.load(model)
    table = made.tables.relation if relations else made.tables.entity
    names = vectors.relations(made) if relations else made.graph.entities
    with writing(str(output)) as sink:
        for piece in vectors.FORMS[form.value](names, table.numpy()):
            sink.write(piece)
    if json:
        terminal.as_document(
            {"path": str(output), "rows": len(names), "columns": int(table.shape[1])}
        )
        return
    terminal.say(f"wrote {len(names):,} rows of {table.shape[1]} numbers to {output}")


@app.command(epilog=examples("remanence kge picture model --output curves.png"))
def picture(
    model: Model,
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE", help=".svg, .png or .pdf.")
    ],
    json: Json = False,
) -> None:
    """Draw a model's learning curves: loss, validation MRR and Hits@10 by epoch."""
    from remanence import kge
    from remanence.kge import curves

    made = kge.load(model)
    path = curves.draw(made.curve, output, f"{made.recipe.model}, {len(made.graph):,} triples")
    if json:
        terminal.as_document({"path": str(path)})
        return
    terminal.say(f"drew {path}")


@app.command(epilog=examples("remanence kge models"))
def models(json: Json = False) -> None:
    """List the models: what each is and where it comes from."""
    from remanence.kge.scorers import SCORERS

    rows = [
        (name, (kind.__doc__ or "").split("\n\n")[0].replace("\n", " "))
        for name, kind in SCORERS.items()
    ]
    if json:
        terminal.as_document(
            [{"model": name, "about": " ".join(about.split())} for name, about in rows]
        )
        return
    terminal.table(("model", "about"), rows)
