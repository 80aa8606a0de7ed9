"""An adapter as a row of the store: manifest and body, there and back.

A manifest says what went in (episodes by number, facts, places and subjects by salted digest), on
which base, by which recipe, with what scores; no words. The salt lies in the body: once that is
blanked, not even who guesses a fact can tell whether it was there.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final

import torch
from safetensors.torch import load as parse
from safetensors.torch import save as write_tensors
from torch import Tensor

from remanence import _deprecated
from remanence.consolidation import paraphrasing
from remanence.consolidation.examples import TrainingFact, subject_digest
from remanence.consolidation.paraphrasing import ParaphraseResult
from remanence.consolidation.recipe import AdapterRecipe
from remanence.consolidation.training import EvaluationPoint, TrainingState
from remanence.errors import CheckpointError
from remanence.storage.adapters import Row

FORMAT: Final = "remanence-adapter 1"
_SALT: Final = "salt"


@dataclass(frozen=True)
class Manifest:
    """Description of an adapter, without words of the log.

    base: name and digest of the model below. facts: digest -> place (subject and relation) of each
    fact in it. continues: the adapter that it was trained on from, None for the plain model. plan:
    digest of all that decides what a training does. writer: the model that wrote more ways to ask
    and to state tonight's facts, and how many of its lines were taught. said: of the facts, those
    that are what somebody said -> the episode. heard: the newest episode when the log was looked
    through for them. taught: of the facts, those that this night or an earlier one taught: the
    plain model does not tell them.
    """

    base: str
    base_digest: str
    recipe: AdapterRecipe
    plan: str
    facts: Mapping[str, str]
    subjects: Sequence[str]
    continues: int | None = None
    scores: Mapping[str, float] = field(default_factory=dict)
    reasons: Sequence[str] = ()
    steps: int = 0
    cpu: float = 0.0
    writer: str | None = None
    written: int = 0
    said: Mapping[str, int] = field(default_factory=dict)
    heard: int = 0
    taught: Sequence[str] = ()

    def text(self) -> str:
        """As JSON."""
        return json.dumps({"format": FORMAT, **asdict(self)}, ensure_ascii=False)


def read_manifest(row: Row) -> Manifest:
    """The manifest of a row. Raises `CheckpointError`."""
    try:
        told = json.loads(row.manifest)
        told.pop("format")
        return Manifest(
            **{
                **told,
                "recipe": AdapterRecipe(
                    **_deprecated.current_fields("AdapterRecipe", told["recipe"])
                ),
            }
        )
    except (ValueError, KeyError, TypeError) as error:
        raise CheckpointError(
            f"the manifest of adapter {row.id} cannot be read: {error}; consolidate again"
        ) from error


def manifest_entries(
    examples: Sequence[TrainingFact], salt: bytes
) -> tuple[dict[str, str], list[str]]:
    """Facts and subjects of a manifest."""
    facts = {example.digest(salt): example.place(salt) for example in examples}
    return facts, sorted({subject_digest(salt, example.subject) for example in examples})


def utterance_episodes(examples: Sequence[TrainingFact], salt: bytes) -> dict[str, int]:
    """Return the digest of each utterance among the examples with its episode."""
    return {example.digest(salt): example.episode_numbers[0] for example in examples if example.day}


def dump(
    tensors: Mapping[str, Tensor],
    salt: bytes,
    training_state: TrainingState | None = None,
    written: ParaphraseResult | None = None,
) -> bytes:
    """Weights and salt as bytes; for a checkpoint also where the training stands, and what a model
    wrote for it.
    """
    said: dict[str, Any] = {}
    stored = {f"adapter.{name}": each for name, each in tensors.items()}
    if training_state is not None:
        stored |= {f"moment.{name}": each for name, each in training_state.moments.items()}
        said = {
            "step": training_state.step,
            "best": training_state.best,
            "since": training_state.since,
            "cpu": training_state.cpu,
            "looks": [asdict(each) for each in training_state.evaluations],
        }
    if written is not None:
        said["written"] = written.text()
    stored[_SALT] = torch.frombuffer(bytearray(salt), dtype=torch.uint8)
    return write_tensors(stored, {"night": json.dumps(said)})


def load(row: Row) -> tuple[dict[str, Tensor], bytes]:
    """Weights and salt of a row. Raises `CheckpointError`."""
    tensors = _parsed(row)
    salt = bytes(tensors.pop(_SALT).numpy())
    return _under(tensors, "adapter."), salt


def read_training_state(row: Row) -> tuple[TrainingState, ParaphraseResult | None]:
    """Read the training state of a checkpoint, and its paraphrases.

    Raises `CheckpointError`.
    """
    tensors = _parsed(row)
    try:
        length = int.from_bytes((row.body or b"")[:8], "little")
        said = json.loads(json.loads((row.body or b"")[8 : 8 + length])["__metadata__"]["night"])
        evaluations = [EvaluationPoint(**each) for each in said.pop("looks")]
        text = said.pop("written", None)
        training_state = TrainingState(
            **said,
            evaluations=evaluations,
            tensors=_under(tensors, "adapter."),
            moments=_under(tensors, "moment."),
        )
        return training_state, None if text is None else paraphrasing.read(text)
    except (ValueError, KeyError, TypeError) as error:
        raise CheckpointError(
            f"the checkpoint {row.id} cannot be read: {error}; consolidate again"
        ) from error


def _parsed(row: Row) -> dict[str, Tensor]:
    try:
        found = parse(row.body or b"")
    except Exception as error:  # safetensors raises its own kind, which is no ValueError
        raise CheckpointError(
            f"the weights of adapter {row.id} cannot be read: {error}; consolidate again"
        ) from error
    if _SALT not in found:
        raise CheckpointError(f"the weights of adapter {row.id} have no salt; consolidate again")
    return found


def _under(tensors: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {
        name.removeprefix(prefix): each for name, each in tensors.items() if name.startswith(prefix)
    }
