"""A night: what a namespace holds becomes an adapter, which is used if it passes, and set aside if
it does not.

Each night goes on from the adapter that is in use. A fact that has changed is taught anew; one that
no longer holds, without another in its place, and one that was forgotten, cannot be taken out of
weights: then all is taught again from the plain model, without it.
"""

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Final

from remanence import checks, instants, llm
from remanence.consolidation import paraphrasing, planning, serialization, training, weights
from remanence.consolidation.examples import TrainingFact
from remanence.consolidation.paraphrasing import ParaphraseResult
from remanence.consolidation.planning import RunOptions, TeachingPlan
from remanence.consolidation.prompting import PromptFormat
from remanence.consolidation.recipe import AdapterRecipe, Gate
from remanence.consolidation.serialization import Manifest
from remanence.consolidation.training import Progress, ReplayPools, TrainingState
from remanence.errors import CheckpointError, InvalidInput, TrainingError
from remanence.llm.chat_model import ChatModel
from remanence.llm.local import LocalModel
from remanence.memory import Memory
from remanence.storage import adapters
from remanence.storage.engine import Rows
from remanence.types import Consolidation

EVALUATION_TEXTS: Final = 64  # texts on which what the model says of other things is measured
MAX_MEASURED_FACTS: Final = (
    2_000  # facts of a kind that are asked about before and after, drawn by the seed
)


def ignore_progress(what: str, done: int, total: int, standing: str) -> None:
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
    progress: Progress = ignore_progress,
) -> Consolidation:
    """Teach a model what a namespace holds, as an adapter in the store; use it if it passes `gate`.

    `general` are texts about nothing of it, on which the model must not get worse; without any, it
    makes some up itself. A night that was interrupted goes on at its last checkpoint. The model is
    handed back as it was; meanwhile it answers nobody else. An encoder-decoder model makes up no
    texts, so that it needs `general`.

    `episodes`: what people said is taught too, the newest `recipe.said` of what is short, told by
    somebody who may be believed, and not only asked.

    `writer`, a model or what `llm.load` reads, is asked for more ways to ask and to state each new
    fact, beside the tables' own: it gets to see those facts. What it writes is looked at line by
    line; where it fails, the report says so, and the tables teach alone.

    Raises `InvalidInput` for a namespace that holds nothing, without `general` where it is needed,
    or a writer that is the model to teach; `TrainingError` where training fails or something was
    forgotten meanwhile (nothing is kept then), `CheckpointError` where the adapter in use was made
    for another base, `ConfigError` and `ModelError` for a writer that cannot be loaded,
    `MissingExtra`, `StorageError`.
    """
    checks.label(namespace, "namespace")
    prompt_format = PromptFormat(model)
    if model.apart and not general:
        raise InvalidInput(
            f"{model.name} makes up no texts by itself, so nothing would show whether it gets "
            "worse; give some (general=, --general FILE)"
        )
    with _open_writer(writer, model) as loaded, model.speaking:
        options = RunOptions(
            recipe or AdapterRecipe(), gate or Gate(), general, episodes, loaded, progress
        )
        base = weights.base_digest(model.model)
        try:
            plan = planning.make_plan(memory, namespace, prompt_format, base, options)
            if not plan.new:
                number, known = None if plan.before is None else plan.before.id, len(plan.known)
                return Consolidation(
                    namespace, "unchanged", number, model.name, 0, known, plan.left_out,
                    said=plan.said, unsaid=plan.unsaid,
                )  # fmt: skip
            return _run(memory, namespace, prompt_format, plan, options, base)
        finally:
            weights.remove_adapters(model.model, weights.CANDIDATE, weights.PREVIOUS)


@contextmanager
def _open_writer(given: ChatModel | str | None, model: LocalModel) -> Iterator[ChatModel | None]:
    """The writer.

    One that was loaded here is closed here. Raises `InvalidInput` where it is the model to teach.
    """
    writer = llm.load(given) if isinstance(given, str) else given
    try:
        itself: Any = getattr(writer, "local", writer)
        if writer is not None and getattr(itself, "model", None) is model.model:
            raise InvalidInput(
                f"{model.name} cannot write while it is taught; name another writer, or load it a "
                "second time"
            )
        yield writer
    finally:
        if writer is not None and isinstance(given, str):
            writer.close()


def _run(
    memory: Memory,
    namespace: str,
    prompt_format: PromptFormat,
    plan: TeachingPlan,
    options: RunOptions,
    base: str,
) -> Consolidation:
    model, recipe = prompt_format.local.model, options.recipe
    before = None if plan.before is None else weights.PREVIOUS
    texts = _evaluation_texts(prompt_format, options.general, recipe)
    baseline = _measure_baseline(prompt_format, plan, texts, recipe.seed)
    name = planning.digest(plan, options, base)
    training_state, plan, written = _resume(memory, plan, name)
    resumed = training_state.step
    written = written or _written(options, plan)
    plan = replace(plan, new=written.applied_to(plan.new))
    start = None if plan.before is None else serialization.load(plan.before)[0]
    weights.add_adapter(model, weights.CANDIDATE, recipe, training_state.tensors or start)
    manifest = _manifest(prompt_format, plan, options, base, name, written)

    def save(state: int, manifest: Manifest, body: bytes) -> int:
        return _store_adapter(memory, namespace, plan, state, manifest, body)

    def keep(training_state: TrainingState) -> None:
        save(
            adapters.TRAINING,
            manifest,
            serialization.dump(training_state.tensors, plan.salt, training_state, written),
        )

    if options.writer is not None and recipe.keep and not resumed:
        keep(training_state)  # what was written is not asked for again
    training_state = training.train(
        prompt_format,
        ReplayPools(plan.new, plan.known, plan.previous, plan.neighbours),
        recipe,
        before=before,
        training_state=training_state,
        keep=keep,
        progress=options.progress,
    )
    scores = _measure_scores(prompt_format, _sample(plan.new, recipe.seed), texts, baseline)
    reasons = _gate_failures(scores, options.gate)
    done = replace(
        manifest,
        scores=scores,
        reasons=reasons,
        steps=training_state.step,
        cpu=round(training_state.cpu, 1),
    )
    state = adapters.ASIDE if reasons else adapters.LIVE
    number = save(state, done, serialization.dump(training_state.tensors, plan.salt))
    return Consolidation(
        namespace, adapters.STATES[state], number, prompt_format.local.name, len(plan.new), len(plan.known), plan.left_out, scores,
        tuple(reasons), training_state.step, resumed, plan.from_scratch, round(training_state.cpu, 1), written.count, written.refused, written.degraded,
        plan.said, plan.unsaid,
    )  # fmt: skip


def _written(options: RunOptions, plan: TeachingPlan) -> ParaphraseResult:
    if options.writer is None:
        return ParaphraseResult()
    facts = [each for each in plan.new if not each.day]  # what was said stands behind them
    return paraphrasing.write_paraphrases(options.writer, facts, options.progress)


def _manifest(
    prompt_format: PromptFormat,
    plan: TeachingPlan,
    options: RunOptions,
    base: str,
    name: str,
    written: ParaphraseResult,
) -> Manifest:
    facts, subjects = serialization.manifest_entries(plan.known + plan.new, plan.salt)
    goes_on = None if plan.before is None else plan.before.id
    made = Manifest(prompt_format.local.name, base, options.recipe, name, facts, subjects, goes_on)
    writer = None if options.writer is None else options.writer.name
    said = serialization.utterance_episodes(plan.known + plan.new, plan.salt)
    taught = sorted({example.digest(plan.salt) for example in (*plan.previous, *plan.new)})
    return replace(
        made, writer=writer, written=written.count, said=said, heard=plan.heard, taught=taught
    )


def _store_adapter(
    memory: Memory, namespace: str, plan: TeachingPlan, state: int, manifest: Manifest, body: bytes
) -> int:
    """Keep an adapter in the store; its number.

    Raises `TrainingError` where one of its sources was forgotten meanwhile.
    """

    def job(transaction: Rows) -> int | None:
        now, text = instants.now(), manifest.text()
        return adapters.add(transaction, plan.number, state, now, plan.sources, text, body)

    kept = memory.store.writing(job)
    if kept is None:
        raise TrainingError(
            f"something was forgotten in namespace {namespace!r} while a model was taught it, so "
            "nothing was kept; consolidate again"
        )
    return kept


def _resume(
    memory: Memory, plan: TeachingPlan, name: str
) -> tuple[TrainingState, TeachingPlan, ParaphraseResult | None]:
    """Return the state, plan and paraphrases of an interrupted run of this very plan, or new ones."""
    with memory.store.reading() as snapshot:
        row = adapters.newest(snapshot, plan.number, adapters.TRAINING)
    if row is None or (manifest := serialization.read_manifest(row)).plan != name:
        return TrainingState(), plan, None
    _, salt = serialization.load(row)
    facts, _ = serialization.manifest_entries(plan.known + plan.new, salt)
    if list(facts) != list(manifest.facts):  # the same episodes, read or called otherwise since
        return TrainingState(), plan, None
    training_state, written = serialization.read_training_state(row)
    if written is not None and len(written.frames) > len(plan.new):
        raise CheckpointError(f"the checkpoint {row.id} is of other facts; consolidate again")
    return training_state, replace(plan, salt=salt), written


def _evaluation_texts(
    prompt_format: PromptFormat, general: Sequence[str], recipe: AdapterRecipe
) -> list[list[int]]:
    """Return the texts on which the general loss is measured: never texts of the training."""
    given = [prompt_format.with_start_token(prompt_format.ids(text)) for text in general]
    with weights.without_adapters(prompt_format.local.model):
        made = given or prompt_format.sample_texts(
            EVALUATION_TEXTS, training.SAMPLE_TOKENS, recipe.seed + 1
        )
    return [each for each in made if len(each) > 2]


@dataclass(frozen=True)
class _Baseline:
    """How it was before the night:

    the loss on other texts, and which of the known facts were told.
    """

    general: float
    neighbours: list[TrainingFact]
    older: list[TrainingFact]
    previous: list[TrainingFact]
    new: float


def _measure_baseline(
    prompt_format: PromptFormat, plan: TeachingPlan, texts: Sequence[Sequence[int]], seed: int
) -> _Baseline:
    def recalled(asked: list[TrainingFact]) -> list[TrainingFact]:
        asked = _sample(asked, seed)
        told = training.facts_recalled(prompt_format, asked)
        return [example for example, right in zip(asked, told, strict=True) if right]

    neighbours = recalled(plan.neighbours)
    about = {example.subject for example in plan.neighbours}
    older = recalled([each for each in plan.known if each.subject not in about])
    with weights.without_adapters(prompt_format.local.model):
        general = training.mean_token_loss(prompt_format, texts)
    # What is new tonight is what was not told: by its choice, nothing of it baseline.
    return _Baseline(general, neighbours, older, recalled(plan.previous), 0.0)


def _sample(asked: list[TrainingFact], seed: int) -> list[TrainingFact]:
    """As many as are asked about; all, where there are no more."""
    return (
        asked
        if len(asked) <= MAX_MEASURED_FACTS
        else random.Random(seed).sample(asked, MAX_MEASURED_FACTS)
    )


def _measure_scores(
    prompt_format: PromptFormat,
    new: list[TrainingFact],
    texts: Sequence[Sequence[int]],
    baseline: _Baseline,
) -> dict[str, float]:
    scores = {"new before": baseline.new}
    for name, asked in (
        ("new", new),
        ("neighbours", baseline.neighbours),
        ("older", baseline.older),
        ("earlier", baseline.previous),
    ):
        right = training.facts_recalled(prompt_format, asked)
        scores[name] = sum(right) / len(right) if right else 1.0
    scores["general"] = (
        training.mean_token_loss(prompt_format, texts) / baseline.general - 1
        if baseline.general
        else 0.0
    )
    return {name: round(score, 4) for name, score in scores.items()}


def _gate_failures(scores: dict[str, float], gate: Gate) -> list[str]:
    """Why an adapter may not be used; nothing where it may."""
    found = [
        f"{name}: {scores[name]:.1%} told, {least:.1%} options"
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
            f"general: the loss on other texts rose by {scores['general']:.1%}, {gate.general:.1%} "
            "allowed"
        )
    return found
