"""Plan of a run: facts that hold, sorted into new and known ones, and the adapter to continue from.

A fact that no longer holds, without another in its place, and what was forgotten, cannot be taken
out of weights: then all is taught again from the plain model.
"""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from typing import Final

from remanence.consolidation import examples, serialization, training, weights
from remanence.consolidation.examples import TrainingFact
from remanence.consolidation.prompting import PromptFormat
from remanence.consolidation.recipe import AdapterRecipe, Gate
from remanence.consolidation.serialization import Manifest
from remanence.consolidation.training import Progress
from remanence.errors import InvalidInput
from remanence.llm.chat_model import ChatModel
from remanence.memory import Memory
from remanence.storage import adapters, lookup
from remanence.storage.adapters import Row
from remanence.storage.store import UNKNOWN

SALT: Final = 16  # bytes


@dataclass(frozen=True)
class TeachingPlan:
    """Facts to train on in this run, and the adapter to continue from.

    earlier: of what is known, what earlier nights taught. before: the adapter to go on from.
    left_out: facts, unsaid: things said that are not taught. heard: the newest episode of the log
    when it was looked through.
    """

    number: int  # of the namespace
    new: list[TrainingFact]
    known: list[TrainingFact]
    previous: list[TrainingFact]
    left_out: int
    unsaid: int
    heard: int
    salt: bytes
    before: Row | None

    @property
    def from_scratch(self) -> bool:
        return self.before is None

    @cached_property
    def neighbours(self) -> list[TrainingFact]:
        """Of what is known, other facts of those of whom something is new."""
        about = {example.subject for example in self.new}
        return [each for each in self.known if each.subject in about]

    @property
    def sources(self) -> list[int]:
        """Episodes whose words are in the weights: those of this run's facts, and of all that went
        into the adapter it continues from. What was taught and then taught otherwise is not known
        to be gone from it.
        """
        previous = () if self.before is None else self.before.sources
        return [*previous, *(n for each in (*self.known, *self.new) for n in each.episode_numbers)]

    @property
    def said(self) -> int:
        """How many of the lessons are what somebody said."""
        return sum(bool(each.day) for each in (*self.new, *self.known))


@dataclass(frozen=True)
class RunOptions:
    """How the night is options. episodes: whether what was said is taught too."""

    recipe: AdapterRecipe
    gate: Gate
    general: Sequence[str]
    episodes: bool
    writer: ChatModel | None
    progress: Progress


@dataclass(frozen=True)
class _TeachableFacts:
    """Facts and utterances of a namespace that may be trained on, in order."""

    number: int
    facts: list[TrainingFact]
    said: list[TrainingFact]
    left_out: int
    heard: int


def make_plan(
    memory: Memory, namespace: str, prompt_format: PromptFormat, base: str, options: RunOptions
) -> TeachingPlan:
    """Sort what holds into what is new and what is known; put the adapter in use on the model.

    Raises `InvalidInput`, `CheckpointError`.
    """
    held = _collect_teachable(memory, namespace, said=options.episodes)
    with memory.store.reading() as snapshot:
        live = adapters.newest(snapshot, held.number, adapters.LIVE)
    salt, taught_before = secrets.token_bytes(SALT), frozenset[str]()
    inside: Mapping[str, str] = {}  # digest -> place
    if live is not None:
        manifest = _checked_manifest(live, namespace, prompt_format.local.name, base)
        tensors, salt = serialization.load(live)
        if _can_continue(manifest, held, salt, options.recipe.said):
            inside, taught_before = manifest.facts, frozenset(manifest.taught)
            weights.add_adapter(
                prompt_format.local.model, weights.PREVIOUS, manifest.recipe, tensors
            )
        else:
            live = None
    early = held.said[: -options.recipe.said]
    # Utterances in the adapter stay in it, as do those that have taken their places since.
    places = set(inside.values())
    said = [each for each in early if each.place(salt) in places] + held.said[len(early) :]
    unsaid = len(held.said) - len(said)
    fresh, old = _partition(held.facts + said, lambda each: each.digest(salt) not in inside)
    recalled = dict(zip(fresh, training.facts_recalled(prompt_format, fresh), strict=True))
    known, new = _partition(fresh, recalled.__getitem__)
    previous = [each for each in old if each.digest(salt) in taught_before]
    return TeachingPlan(
        held.number, new, old + known, previous, held.left_out, unsaid, held.heard, salt, live
    )


def _partition(
    facts: Sequence[TrainingFact], holds: Callable[[TrainingFact], bool]
) -> tuple[list[TrainingFact], list[TrainingFact]]:
    """Return the facts of which `holds` is true, and the others, each in order."""
    return [each for each in facts if holds(each)], [each for each in facts if not holds(each)]


def _checked_manifest(live: Row, namespace: str, model: str, base: str) -> Manifest:
    """Return the manifest of an adapter. Raises `InvalidInput` where it is of another base."""
    manifest = serialization.read_manifest(live)
    if manifest.base_digest != base:
        raise InvalidInput(
            f"the adapter of namespace {namespace!r} changes the weights of {manifest.base!r}, "
            f"not of {model!r}; "
            "consolidate with that model, or drop the adapter (`remanence adapters --drop`)"
        )
    return manifest


def _collect_teachable(memory: Memory, namespace: str, *, said: bool) -> _TeachableFacts:
    with memory.namespace(namespace).reading() as (snapshot, number):
        heard = lookup.newest(snapshot, number)
    facts, left_out = examples.collect_facts(memory, namespace)
    spoken = examples.collect_utterances(memory, namespace) if said else []
    if number == UNKNOWN or not (facts or spoken):
        raise InvalidInput(
            f"namespace {namespace!r} holds no facts to teach ({left_out} are of sources that are "
            "not trusted); remember what states some, or learn them"
        )
    return _TeachableFacts(number, facts, spoken, left_out, heard)


def _can_continue(manifest: Manifest, held: _TeachableFacts, salt: bytes, most: int) -> bool:
    """Tell whether tonight can go on from an adapter: all that it holds still holds, or something
    else in its place; and it has not heard far too much.
    """
    there = [*held.facts, *held.said]
    places = {example.place(salt) for example in there}
    gone = manifest.facts.keys() - {example.digest(salt) for example in there}
    return len(manifest.said) <= 2 * most and all(manifest.facts[each] in places for each in gone)


def digest(plan: TeachingPlan, options: RunOptions, base: str) -> str:
    """Return a digest of everything that decides what a training does.

    Of numbers alone: words have no place in a manifest, digested without a salt or not.
    """
    of = [base, str(options.recipe), str(None if plan.before is None else plan.before.id)]
    of += [] if options.writer is None else [f"writer {options.writer.name}"]
    for example in (*plan.new, *plan.known):
        said = f" {example.day} {example.order}" if example.day else ""
        of.append(",".join(map(str, example.episode_numbers)) + said)
    return blake2b("\0".join(of).encode(), digest_size=16).hexdigest()
