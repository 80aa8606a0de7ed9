"""neural reader: a reader for recall, trained on questions with answers or on passages alone, from
a shell.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from remanence.cli import terminal
from remanence.cli.options import Embedder, Json, examples
from remanence.errors import ConfigError, MissingExtra

if TYPE_CHECKING:
    from remanence.evals.reader import Views
    from remanence.retrieval.reader import DynamicReader

Gains = dict[str, dict[str, tuple[float, float]]]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        epilog=examples(
            "remanence neural reader data/questions --output reader.safetensors",
            "remanence neural reader data/passages --made 3200",
            'REMANENCE_READER=reader.safetensors remanence recall "Who designed the tower?"',
        )
    )(reader)


def reader(
    folders: Annotated[
        list[Path],
        typer.Argument(
            metavar="DIR...", help="Folders with memories.jsonl and questions.jsonl, as for `eval`."
        ),
    ],
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE", help="Where the reader is written.")
    ] = Path("reader.safetensors"),
    made: Annotated[
        int,
        typer.Option(
            "--made",
            metavar="N",
            help="Questions to make from the passages of each folder as well; questions.jsonl may then be absent.",
        ),
    ] = 0,
    titled: Annotated[
        float,
        typer.Option(
            "--titled",
            metavar="SHARE",
            help="Share of the candidates with a title, below which the reader keeps out; 0 reads speech too.",
        ),
    ] = 0.5,
    epochs: Annotated[int, typer.Option("--epochs", metavar="N", help="Rounds of training.")] = 5,
    embedder: Embedder = None,
    seed: Annotated[int, typer.Option("--seed", metavar="N", help="Of all that is random.")] = 0,
    threads: Annotated[int, typer.Option("--threads", metavar="N", help="Processor threads.")] = 1,
    json: Json = False,
) -> None:
    """Train a reader for recall, and measure its gain on questions that were held out."""
    if not 0 <= titled <= 1:
        raise ConfigError(f"--titled {titled} is not a share from 0 to 1")
    if made < 0:
        raise ConfigError(f"--made {made} is below 0; 0 is for no made questions")
    _threads(threads)
    from remanence.evals import reader as reading
    from remanence.neural.reader import ReaderPlan
    from remanence.retrieval.reader import save

    plan = ReaderPlan(seed=seed, epochs=epochs)
    asked = [folder for folder in folders if not made or (folder / "questions.jsonl").exists()]
    with terminal.progress("reading") as update:

        def tell(what: str, done: int, total: int) -> None:
            update(done, total, what)

        given = [reading.views(folder, embedder=embedder, progress=tell) for folder in asked]
        more = [
            reading.made_views(folder, made, embedder=embedder, seed=seed, progress=tell)
            for folder in folders
            if made
        ]
        half = [*(views.half(odd=False) for views in given), *more]
        trial = reading.train(half, plan, titled=titled, progress=tell) if given else None
        kept = reading.train([*given, *more], plan, titled=titled, progress=tell)
    save(kept, output)
    _report(_gained(trial, given) if trial else {}, output, json=json)


def _threads(count: int) -> None:
    """Torch is there, with so many threads."""
    try:
        import torch
    except ImportError as error:
        raise MissingExtra(
            f'a reader is trained with {error.name}, which is not installed; pip install "remanence[neural]"'
        ) from error
    if count < 1:
        raise ConfigError(f"--threads {count} is less than one")
    torch.set_num_threads(count)


def _gained(trial: "DynamicReader", given: "list[Views]") -> Gains:
    """By set and measure: without, and with the reader, over the questions that it did not learn
    from.
    """
    from remanence.evals import reader as reading

    return {
        views.name: {
            f"R@{cutoff}": found
            for cutoff, found in reading.gains(trial, views.half(odd=True)).items()
        }
        for views in given
    }


def _report(gained: Gains, output: Path, *, json: bool) -> None:
    if json:
        terminal.as_document({"reader": str(output), "held_out": gained})
        return
    rows = [
        (name, *(f"{alone:.3f} -> {read:.3f}" for alone, read in found.values()))
        for name, found in gained.items()
    ]
    if rows:
        header = ("questions held out", *next(iter(gained.values())))
        terminal.table(header, rows, right=header[1:])
    terminal.note(f"{output} has learnt from all; recall takes it as $REMANENCE_READER or reader=")
