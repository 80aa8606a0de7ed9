"""neural train, evaluate, tasks: small models with a memory inside them, trained and measured on
tasks, from a shell.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from remanence.cli import reader, terminal
from remanence.cli.options import Json, examples
from remanence.errors import ConfigError, InvalidInput, MissingExtra

if TYPE_CHECKING:
    from remanence.lab.measure import Score
    from remanence.lab.recipe import StudentRecipe
    from remanence.lab.tasks import Task
    from remanence.lab.train import StepProgress, TrainedStudent

app = typer.Typer(no_args_is_help=True)

Name = Annotated[str, typer.Argument(metavar="TASK", help="See `neural tasks`.")]
Memories = Annotated[
    list[str] | None,
    typer.Option(
        "--memory",
        metavar="NAME",
        help="dynamic, gated, gru, additive, knn, none (its own segment alone) or full (attention over everything); may be given several times.",
    ),
]
Changes = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="NAME=VALUE",
        help="Change a value of the task or of the recipe; may be given several times.",
    ),
]
Folder = Annotated[
    Path,
    typer.Option(
        "--output", "-o", metavar="FOLDER", help="Where models are kept, a folder for each memory."
    ),
]
Threads = Annotated[int, typer.Option("--threads", metavar="N", help="Processor threads.")]
Quick = Annotated[
    bool, typer.Option("--quick", help="Measure roughly, and only under the first condition.")
]


def register(cli: typer.Typer) -> None:
    """Register the commands of this module."""
    reader.register(app)
    cli.add_typer(app, name="neural", help="Memory inside a model: train it on tasks, measure it.")


@app.command(
    epilog=examples(
        "remanence neural train recall --memory dynamic --memory none --output models",
        "remanence neural train recall --set pairs=4 --set steps=300",
    )
)
def train(
    task: Name,
    memories: Memories = None,
    output: Folder = Path("neural"),
    changes: Changes = None,
    seed: Annotated[int, typer.Option("--seed", metavar="N", help="Of all that is random.")] = 0,
    device: Annotated[str, typer.Option("--device", metavar="NAME", help="cpu or cuda.")] = "cpu",
    threads: Threads = 1,
    quick: Quick = False,
    json: Json = False,
) -> None:
    """Train a small model with each memory on a task and measure it; resume a training."""
    _ready(threads, device)
    from remanence.lab import curves, measure
    from remanence.lab.train import Training

    runs = []
    for memory in memories or ["dynamic"]:
        made, recipe = _chosen(task, memory, changes, seed)
        folder = output / memory
        run = measure.load(folder, made, recipe)
        if run is None:
            with terminal.progress(memory) as update:

                def watch(tick: "StepProgress", memory: str = memory, update: Any = update) -> None:
                    said = f"loss {tick.loss:.3f}, right {tick.accuracy:.1%}, level {tick.level}/{tick.levels}"
                    update(tick.step, tick.steps, f"{memory} {said}")

                run = Training(made, recipe, folder=folder, device=device, watch=watch).run()
            measure.save(run, folder)
            curves.draw(run.curve, folder / "curves.svg", f"{memory} on {task}")
        runs.append(run)
    _report(task, runs, output, quick=quick, json=json)


@app.command(epilog=examples("remanence neural evaluate recall --output models"))
def evaluate(
    task: Name,
    memories: Memories = None,
    output: Folder = Path("neural"),
    changes: Changes = None,
    threads: Threads = 1,
    quick: Quick = False,
    json: Json = False,
) -> None:
    """Measure saved models under every condition of the task, in one table."""
    _ready(threads)
    from remanence.lab import measure
    from remanence.lab.recipe import MEMORIES

    made = _chosen(task, "dynamic", changes, 0)[0]
    found = [measure.load(output / memory, made) for memory in memories or MEMORIES]
    runs = [run for run in found if run is not None]
    if not runs:
        raise InvalidInput(
            f"{output} holds no model of {task}; `remanence neural train {task} --output {output}` "
            "makes one"
        )
    _report(task, runs, output, quick=quick, json=json)


@app.command(epilog=examples("remanence neural tasks"))
def tasks(json: Json = False) -> None:
    """List the tasks with their size and the accuracy of guessing."""
    _ready()
    from remanence.lab.tasks import TASKS

    if json:
        terminal.as_document(
            [
                {"task": name, "about": each.about, "chance": each.chance, "values": each.as_json()}
                for name, each in TASKS.items()
            ]
        )
        return
    rows = [(name, f"{each.chance:.1%}", each.about) for name, each in TASKS.items()]
    terminal.table(("task", "chance", "about"), rows, right=("chance",))


def _ready(threads: int | None = None, device: str = "cpu") -> None:
    """Set up torch. Raises `MissingExtra` without it, `ConfigError` for a device it lacks."""
    try:
        import torch
    except ImportError as error:
        raise MissingExtra(
            f'memory inside a model needs {error.name}, which is not installed; pip install "remanence[neural]"'
        ) from error
    if threads is not None:
        if threads < 1:
            raise ConfigError(f"--threads {threads} is less than one")
        torch.set_num_threads(threads)
    try:
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError) as error:  # what torch raises where it was built without
        reason = str(error).splitlines()[0]
        raise ConfigError(
            f"--device {device!r:.40} cannot be used: {reason}; cpu always can"
        ) from error


def _value(pair: str, value: str, kind: Any) -> Any:
    """Return a value of `--set` as its type. Raises `ConfigError`."""
    try:
        return value.lower() in ("true", "1", "yes") if kind is bool else kind(value)
    except ValueError:
        raise ConfigError(f"--set {pair!r}: {value!r} is not a {kind.__name__}") from None


def _chosen(
    name: str, memory: str, pairs: list[str] | None, seed: int
) -> tuple["Task", "StudentRecipe"]:
    """The task and the recipe, with `--set` applied to whichever has the value."""
    from remanence.lab import recipe, tasks

    task, plain = tasks.choose(name), recipe.choose(name, memory)
    kinds = {**task.as_json(), **plain.as_json()}
    found: dict[str, Any] = {}
    for pair in pairs or ():
        key, equals, value = pair.partition("=")
        if not equals or key not in kinds:
            raise ConfigError(f"--set {pair!r} is not NAME=VALUE of {', '.join(kinds)}")
        found[key] = _value(pair, value, type(kinds[key]))
    of_task = {key: value for key, value in found.items() if key in task.as_json()}
    rest = {key: value for key, value in found.items() if key not in of_task}
    return tasks.choose(name, **of_task), plain.but(**{"seed": seed, **rest})


def _cells(
    run: "TrainedStudent", scores: "Mapping[str, Score | None]", text: Any
) -> tuple[str, ...]:
    """Return the row of a model in the table of scores."""
    state = next((each.state for each in scores.values() if each), 0)
    cells = [terminal.NONE if each is None else f"{each.accuracy:.1%}" for each in scores.values()]
    if text:
        cells += [f"{text.scores.bleu:.1f}", f"{text.scores.rouge_l:.1f}"]
    sizes = (f"{run.steps:,}", f"{run.cpu:.1f}", f"{run.parameters:,}", f"{state:,} B")
    return (run.recipe.memory, *cells, *sizes)


def _report(
    task: str, runs: list["TrainedStudent"], output: Path, *, quick: bool, json: bool
) -> None:
    """Print every model under every condition, in one table."""
    from remanence.lab import measure

    checks = dict(runs[0].task.checks())
    if quick:
        checks = {name: measure.fewer(each, 32, 1) for name, each in list(checks.items())[:1]}
    found: list[dict[str, Score | None]] = []
    texts = []
    for run in runs:
        with terminal.progress(f"measuring {run.recipe.memory}"):
            found.append({name: measure.measure(run, check) for name, check in checks.items()})
            texts.append(measure.written(run, rows=32 if quick else 128))
    if json:
        rows = [
            {
                "memory": run.recipe.memory, "model": str(output / run.recipe.memory / "model.safetensors"), "stopped": run.stopped,
                "steps": run.steps, "cpu": run.cpu, "parameters": run.parameters, "recipe": run.recipe.as_json(),
                "scores": {name: each and each.as_json() for name, each in scores.items()},
                "written": text and text.scores.as_json(),
            }
            for run, scores, text in zip(runs, found, texts, strict=True)
        ]  # fmt: skip
        terminal.as_document(
            {"task": task, "values": runs[0].task.as_json(), "chance": runs[0].task.chance, "models": rows}
        )  # fmt: skip
        return
    measures = ("BLEU", "ROUGE-L") if texts[0] else ()
    header = ("memory", *checks, *measures, "steps", "CPU s", "parameters", "state")
    table = [_cells(*each) for each in zip(runs, found, texts, strict=True)]
    chance = f"{runs[0].task.chance:.1%}"
    rest = len(header) - 1 - len(checks)
    table.append(("chance", *(chance for _ in checks), *(terminal.NONE,) * rest))
    terminal.table(header, table, right=header[1:])
    for run in runs:
        if not run.passed:
            terminal.note(f"{run.recipe.memory}: {run.stopped}")
