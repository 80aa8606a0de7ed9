"""An adapter as a row of the store: manifest and body, there and back.

A manifest says what went in (episodes by number, facts, places and subjects by salted digest), on which base, by which recipe, with what scores; no words.
The salt lies in the body: once that is blanked, not even who guesses a fact can tell whether it was there.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final

import torch
from safetensors.torch import load as parse
from safetensors.torch import save as dump
from torch import Tensor

from remanence.consolidation import paraphrasing
from remanence.consolidation.examples import Lesson, about
from remanence.consolidation.paraphrasing import Written
from remanence.consolidation.recipe import AdapterRecipe
from remanence.consolidation.training import Look, Night
from remanence.errors import CheckpointError
from remanence.storage.adapters import Row

FORMAT: Final = "remanence-adapter 1"
_SALT: Final = "salt"


@dataclass(frozen=True)
class Manifest:
    """What is known of an adapter. base: name and digest of the model below. facts: digest -> place (subject and relation) of each fact in it.
    continues: the adapter that it was trained on from, None for the plain model. plan: digest of all that decides what a training does.
    writer: the model that wrote more ways to ask and to state tonight's facts, and how many of its lines were taught.
    said: of the facts, those that are what somebody said -> the episode. heard: the newest episode when the log was looked through for them.
    taught: of the facts, those that this night or an earlier one taught: the plain model does not tell them.
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


def manifest_of(row: Row) -> Manifest:
    """The manifest of a row. Raises `CheckpointError`."""
    try:
        told = json.loads(row.manifest)
        told.pop("format")
        return Manifest(**{**told, "recipe": AdapterRecipe(**told["recipe"])})
    except (ValueError, KeyError, TypeError) as error:
        raise CheckpointError(
            f"the manifest of adapter {row.id} cannot be read: {error}; consolidate again"
        ) from error


def listed(lessons: Sequence[Lesson], salt: bytes) -> tuple[dict[str, str], list[str]]:
    """Facts and subjects of a manifest."""
    facts = {lesson.digest(salt): lesson.place(salt) for lesson in lessons}
    return facts, sorted({about(salt, lesson.subject) for lesson in lessons})


def heard(lessons: Sequence[Lesson], salt: bytes) -> dict[str, int]:
    """What was said of all that is taught, each with its episode."""
    return {lesson.digest(salt): lesson.numbers[0] for lesson in lessons if lesson.day}


def body(
    tensors: Mapping[str, Tensor],
    salt: bytes,
    night: Night | None = None,
    written: Written | None = None,
) -> bytes:
    """Weights and salt as bytes; for a checkpoint also where the training stands, and what a model wrote for it."""
    said: dict[str, Any] = {}
    stored = {f"adapter.{name}": each for name, each in tensors.items()}
    if night is not None:
        stored |= {f"moment.{name}": each for name, each in night.moments.items()}
        said = {
            "step": night.step,
            "best": night.best,
            "since": night.since,
            "cpu": night.cpu,
            "looks": [asdict(each) for each in night.looks],
        }
    if written is not None:
        said["written"] = written.text()
    stored[_SALT] = torch.frombuffer(bytearray(salt), dtype=torch.uint8)
    return dump(stored, {"night": json.dumps(said)})


def read(row: Row) -> tuple[dict[str, Tensor], bytes]:
    """Weights and salt of a row. Raises `CheckpointError`."""
    tensors = _parsed(row)
    salt = bytes(tensors.pop(_SALT).numpy())
    return _under(tensors, "adapter."), salt


def night_of(row: Row) -> tuple[Night, Written | None]:
    """Where the training stands whose checkpoint this is, and what a model wrote for it. Raises `CheckpointError`."""
    tensors = _parsed(row)
    try:
        length = int.from_bytes((row.body or b"")[:8], "little")
        said = json.loads(json.loads((row.body or b"")[8 : 8 + length])["__metadata__"]["night"])
        looks = [Look(**each) for each in said.pop("looks")]
        text = said.pop("written", None)
        night = Night(
            **said,
            looks=looks,
            tensors=_under(tensors, "adapter."),
            moments=_under(tensors, "moment."),
        )
        return night, None if text is None else paraphrasing.read(text)
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
