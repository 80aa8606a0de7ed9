"""A night: what a namespace holds becomes an adapter, which is used if it passes, and set aside if it does not.

Each night goes on from the adapter that is in use. A fact that has changed is taught anew; one that no longer holds, without another in its place, and one that
was forgotten, cannot be taken out of weights: then all is taught again from the plain model, without it. It knows the store and the training;
which words are used, `phrasings` and `paraphrasing` know.
"""

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Final

from remanence import checks, instants, llm
from remanence.consolidation import paraphrasing, planning, serialization, training, weights
from remanence.consolidation.examples import Lesson
from remanence.consolidation.paraphrasing import Written
from remanence.consolidation.planning import Plan, Wanted
from remanence.consolidation.prompting import Tongue
from remanence.consolidation.recipe import AdapterRecipe, Gate
from remanence.consolidation.serialization import Manifest
from remanence.consolidation.training import Matter, Night, Progress
from remanence.errors import CheckpointError, InvalidInput, TrainingError
from remanence.llm.chat_model import ChatModel
from remanence.llm.local import LocalModel
from remanence.memory import Memory
from remanence.storage import adapters
from remanence.storage.database import Connection
from remanence.types import Consolidation

HEARD: Final = 64  # texts on which what the model says of other things is measured
MEASURED: Final = 2_000  # facts of a kind that are asked about before and after, drawn by the seed


def silent(what: str, done: int, total: int, standing: str) -> None:
    """Progress that nobody watches."""


def consolidate(
    memory: Memory,
    namespace: str,
    model: LocalModel,
    *,
    recipe: AdapterRecipe | None = None,
    gate: Gate | None = None,
    general: Sequence[str] = (),
    episodes: bool = False,
    writer: ChatModel | str | None = None,
    progress: Progress = silent,
) -> Consolidation:
    """Teach a model what a namespace holds, as an adapter in the store; use it if it passes `gate`.

    `general` are texts about nothing of it, on which the model must not get worse; without any, it makes some up itself. A night that was interrupted
    goes on at its last checkpoint. The model is handed back as it was; meanwhile it answers nobody else. An encoder-decoder model makes up no texts, so
    that it needs `general`.

    `episodes`: what people said is taught too, the newest `recipe.said` of what is short, told by somebody who may be believed, and not only asked.

    `writer`, a model or what `llm.load` reads, is asked for more ways to ask and to state each new fact, beside the tables' own: it gets to see those facts. What it writes
    is looked at line by line; where it fails, the report says so, and the tables teach alone.

    Raises `InvalidInput` for a namespace that holds nothing, without `general` where it is needed, or a writer that is the model to teach; `TrainingError` where training fails or something
    was forgotten meanwhile (nothing is kept then), `CheckpointError` where the adapter in use was made for another base, `ConfigError` and `ModelError` for a writer that cannot be loaded,
    `MissingExtra`, `StorageError`.
    """
    checks.label(namespace, "namespace")
    tongue = Tongue(model)
    if model.apart and not general:
        raise InvalidInput(
            f"{model.name} makes up no texts by itself, so nothing would show whether it gets worse; give some (general=, --general FILE)"
        )
    with _loaded(writer, model) as loaded, model.speaking:
        wanted = Wanted(
            recipe or AdapterRecipe(), gate or Gate(), general, episodes, loaded, progress
        )
        base = weights.base_digest(model.model)
        try:
            plan = planning.planned(memory, namespace, tongue, base, wanted)
            if not plan.new:
                number, known = None if plan.before is None else plan.before.id, len(plan.known)
                return Consolidation(
                    namespace, "unchanged", number, model.name, 0, known, plan.left_out,
                    said=plan.said, unsaid=plan.unsaid,
                )  # fmt: skip
            return _night(memory, namespace, tongue, plan, wanted, base)
        finally:
            weights.take_off(model.model, weights.TONIGHT, weights.BEFORE)


@contextmanager
def _loaded(given: ChatModel | str | None, model: LocalModel) -> Iterator[ChatModel | None]:
    """The writer. One that was loaded here is closed here. Raises `InvalidInput` where it is the model to teach."""
    writer = llm.load(given) if isinstance(given, str) else given
    try:
        itself: Any = getattr(writer, "local", writer)
        if writer is not None and getattr(itself, "model", None) is model.model:
            raise InvalidInput(
                f"{model.name} cannot write while it is taught; name another writer, or load it a second time"
            )
        yield writer
    finally:
        if writer is not None and isinstance(given, str):
            writer.close()


def _night(
    memory: Memory, namespace: str, tongue: Tongue, plan: Plan, wanted: Wanted, base: str
) -> Consolidation:
    model, recipe = tongue.local.model, wanted.recipe
    before = None if plan.before is None else weights.BEFORE
    texts = _texts(tongue, wanted.general, recipe)
    was = _standing(tongue, plan, texts, recipe.seed)
    name = planning.digest(plan, wanted, base)
    night, plan, written = _resumed(memory, plan, name)
    resumed = night.step
    written = written or _written(wanted, plan)
    plan = replace(plan, new=written.lessons(plan.new))
    start = None if plan.before is None else serialization.read(plan.before)[0]
    weights.put_on(model, weights.TONIGHT, recipe, night.tensors or start)
    manifest = _manifest(tongue, plan, wanted, base, name, written)

    def save(state: int, manifest: Manifest, body: bytes) -> int:
        return _saved(memory, namespace, plan, state, manifest, body)

    def keep(night: Night) -> None:
        save(
            adapters.TRAINING,
            manifest,
            serialization.body(night.tensors, plan.salt, night, written),
        )

    if wanted.writer is not None and recipe.keep and not resumed:
        keep(night)  # what was written is not asked for again
    night = training.train(
        tongue,
        Matter(plan.new, plan.known, plan.earlier, plan.near),
        recipe,
        before=before,
        night=night,
        keep=keep,
        progress=wanted.progress,
    )
    scores = _scored(tongue, _some(plan.new, recipe.seed), texts, was)
    reasons = _failing(scores, wanted.gate)
    done = replace(
        manifest, scores=scores, reasons=reasons, steps=night.step, cpu=round(night.cpu, 1)
    )
    state = adapters.ASIDE if reasons else adapters.LIVE
    number = save(state, done, serialization.body(night.tensors, plan.salt))
    return Consolidation(
        namespace, adapters.STATES[state], number, tongue.local.name, len(plan.new), len(plan.known), plan.left_out, scores,
        tuple(reasons), night.step, resumed, plan.afresh, round(night.cpu, 1), written.count, written.refused, written.degraded,
        plan.said, plan.unsaid,
    )  # fmt: skip


def _written(wanted: Wanted, plan: Plan) -> Written:
    if wanted.writer is None:
        return Written()
    facts = [each for each in plan.new if not each.day]  # what was said stands behind them
    return paraphrasing.write(wanted.writer, facts, wanted.progress)


def _manifest(
    tongue: Tongue, plan: Plan, wanted: Wanted, base: str, name: str, written: Written
) -> Manifest:
    facts, subjects = serialization.listed(plan.known + plan.new, plan.salt)
    goes_on = None if plan.before is None else plan.before.id
    made = Manifest(tongue.local.name, base, wanted.recipe, name, facts, subjects, goes_on)
    writer = None if wanted.writer is None else wanted.writer.name
    said = serialization.heard(plan.known + plan.new, plan.salt)
    taught = sorted({lesson.digest(plan.salt) for lesson in (*plan.earlier, *plan.new)})
    return replace(
        made, writer=writer, written=written.count, said=said, heard=plan.heard, taught=taught
    )


def _saved(
    memory: Memory, namespace: str, plan: Plan, state: int, manifest: Manifest, body: bytes
) -> int:
    """Keep an adapter in the store; its number. Raises `TrainingError` where one of its sources was forgotten meanwhile."""

    def job(connection: Connection) -> int | None:
        now, text = instants.now(), manifest.text()
        return adapters.add(connection, plan.number, state, now, plan.sources, text, body)

    kept = memory.database.write(job)
    if kept is None:
        raise TrainingError(
            f"something was forgotten in namespace {namespace!r} while a model was taught it, so nothing was kept; consolidate again"
        )
    return kept


def _resumed(memory: Memory, plan: Plan, name: str) -> tuple[Night, Plan, Written | None]:
    """Where an interrupted night stands that had this very plan, and what was written for it; a new one else."""
    with memory.database.read() as connection:
        row = adapters.newest(connection, plan.number, adapters.TRAINING)
    if row is None or (manifest := serialization.manifest_of(row)).plan != name:
        return Night(), plan, None
    _, salt = serialization.read(row)
    facts, _ = serialization.listed(plan.known + plan.new, salt)
    if list(facts) != list(manifest.facts):  # the same episodes, read or called otherwise since
        return Night(), plan, None
    night, written = serialization.night_of(row)
    if written is not None and len(written.frames) > len(plan.new):
        raise CheckpointError(f"the checkpoint {row.id} is of other facts; consolidate again")
    return night, replace(plan, salt=salt), written


def _texts(tongue: Tongue, general: Sequence[str], recipe: AdapterRecipe) -> list[list[int]]:
    """What the loss on other things is measured on: never what was trained on."""
    given = [tongue.begun(tongue.ids(text)) for text in general]
    with weights.plainly(tongue.local.model):
        made = given or tongue.dreams(HEARD, training.DREAM, recipe.seed + 1)
    return [each for each in made if len(each) > 2]


@dataclass(frozen=True)
class _Standing:
    """How it was before the night: the loss on other texts, and which of the known facts were told."""

    general: float
    neighbours: list[Lesson]
    older: list[Lesson]
    earlier: list[Lesson]
    new: float


def _standing(tongue: Tongue, plan: Plan, texts: Sequence[Sequence[int]], seed: int) -> _Standing:
    def still(asked: list[Lesson]) -> list[Lesson]:
        asked = _some(asked, seed)
        told = training.share_told(tongue, asked)
        return [lesson for lesson, right in zip(asked, told, strict=True) if right]

    neighbours = still(plan.near)
    about = {lesson.subject for lesson in plan.near}
    older = still([each for each in plan.known if each.subject not in about])
    with weights.plainly(tongue.local.model):
        general = training.loss_on(tongue, texts)
    # What is new tonight is what was not told: by its choice, nothing of it was.
    return _Standing(general, neighbours, older, still(plan.earlier), 0.0)


def _some(asked: list[Lesson], seed: int) -> list[Lesson]:
    """As many as are asked about; all, where there are no more."""
    return asked if len(asked) <= MEASURED else random.Random(seed).sample(asked, MEASURED)


def _scored(
    tongue: Tongue, new: list[Lesson], texts: Sequence[Sequence[int]], was: _Standing
) -> dict[str, float]:
    scores = {"new before": was.new}
    for name, asked in (
        ("new", new),
        ("neighbours", was.neighbours),
        ("older", was.older),
        ("earlier", was.earlier),
    ):
        right = training.share_told(tongue, asked)
        scores[name] = sum(right) / len(right) if right else 1.0
    scores["general"] = training.loss_on(tongue, texts) / was.general - 1 if was.general else 0.0
    return {name: round(score, 4) for name, score in scores.items()}


def _failing(scores: dict[str, float], gate: Gate) -> list[str]:
    """Why an adapter may not be used; nothing where it may."""
    found = [
        f"{name}: {scores[name]:.1%} told, {least:.1%} wanted"
        for name, least in (
            ("new", gate.new),
            ("neighbours", gate.neighbours),
            ("older", gate.older),
            ("earlier", gate.older),
        )
        if scores[name] < least
    ]
    if scores["general"] > gate.general:
        found.append(
            f"general: the loss on other texts rose by {scores['general']:.1%}, {gate.general:.1%} allowed"
        )
    return found
