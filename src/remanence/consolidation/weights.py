"""The adapter on a model: put on, taken off, switched, as tensors and back; and whose weights it
changes.

Through transformers' own adapters (PEFT), so that the model stays the object it is. The only module
that imports peft.
"""

import hashlib
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final
from weakref import WeakKeyDictionary

import torch
from torch import Tensor

from remanence.consolidation.recipe import AdapterRecipe
from remanence.errors import CheckpointError, InvalidInput, MissingExtra

CANDIDATE: Final = "remanence_tonight"
PREVIOUS: Final = "remanence_before"

OURS: Final = "remanence_"  # how the names of our adapters begin

_weighed: "WeakKeyDictionary[Any, tuple[object, str]]" = WeakKeyDictionary()
_flags: "WeakKeyDictionary[Any, dict[str, bool]]" = (
    WeakKeyDictionary()
)  # which weights were to be trained before


def base_digest(model: Any) -> str:
    """A digest of the weights below any adapter: an adapter is a change of these, and of no others.

    About a second for a gigabyte, once for as long as they stay what they are. Raises
    `CheckpointError` where some are not loaded.
    """
    weights = sorted(_base_parameters(model).items())
    # torch counts the writes to a tensor; one that was replaced lies elsewhere.
    standing = [(name, each.data_ptr(), each._version) for name, each in weights]  # noqa: SLF001
    was, found = _weighed.get(model, (None, ""))
    if was == standing:
        return found
    digest = hashlib.sha256()
    for name, each in weights:
        if each.is_meta:
            raise CheckpointError(
                f"the weights {name!r:.120} are not loaded but read when needed, so nobody can "
                "tell which model this is; load all of it"
            )
        for part, held in (("", each), *_scales(each)):
            digest.update(f"{name}{part} {held.dtype} {tuple(held.shape)}".encode())
            bits: Any = held.detach().cpu().contiguous().view(-1).view(torch.uint8).numpy()
            digest.update(bits)
    found = digest.hexdigest()[:32]
    _weighed[model] = standing, found
    return found


def _scales(weight: Tensor) -> list[tuple[str, Tensor]]:
    """Return the quantisation state of a weight in four bits, which its codes mean nothing without;
    nothing for other weights. Nothing of other weights.
    """
    state = getattr(weight, "quant_state", None)
    return [] if state is None else sorted(state.as_dict(packed=True).items())


def _base_parameters(model: Any) -> dict[str, Tensor]:
    """Parameters below any adapter, by the names that they have without one."""
    return {
        name.replace(".base_layer.", "."): each
        for name, each in model.named_parameters()
        if ".lora_" not in name
    }


def add_adapter(
    model: Any, name: str, recipe: AdapterRecipe, tensors: Mapping[str, Tensor] | None = None
) -> None:
    """Add an adapter, fresh (which changes nothing) or of these tensors, and switch it on.

    Raises `MissingExtra`, `CheckpointError`, and `InvalidInput` for a model with an adapter of
    somebody else's.
    """
    try:
        from peft import LoraConfig, set_peft_model_state_dict
        from transformers.pytorch_utils import Conv1D
    except ImportError as error:
        raise MissingExtra(
            f'adapters need peft ({error}); pip install "remanence[neural]"'
        ) from error
    others = [each for each in getattr(model, "peft_config", {}) if not each.startswith(OURS)]
    if others:
        raise InvalidInput(
            f"the model has an adapter of its own, {others[0]!r:.80}, and another beside it would "
            "be a change of both; merge it into the weights first"
        )
    turned = any(isinstance(each, Conv1D) for each in model.modules())  # GPT-2 keeps its weights so
    config = LoraConfig(
        fan_in_fan_out=turned,
        r=recipe.rank,
        lora_alpha=recipe.alpha,
        target_modules="all-linear",
        lora_dropout=0.0,
        bias="none",
    )
    _flags.setdefault(model, {n: each.requires_grad for n, each in model.named_parameters()})
    with torch.random.fork_rng(), _ignore_peft_warnings():
        torch.manual_seed(recipe.seed)
        model.add_adapter(config, adapter_name=name)
        model.enable_adapters()  # where another was there, they may have been off
    if tensors is not None:
        wrong: Any = set_peft_model_state_dict(model, dict(tensors), adapter_name=name)
        if wrong.unexpected_keys or set(tensors) != set(adapter_tensors(model, name)):
            remove_adapters(model, name)
            raise CheckpointError(
                "the adapter's tensors are not those of this model; it was made for another base"
            )
    model.set_adapter(name)


def remove_adapters(model: Any, *names: str) -> None:
    """Remove adapters. With the last of them the model is what it was; others that stay are off."""
    held = getattr(model, "peft_config", {})
    found = [name for name in names if name in held]
    if not found:
        return
    with _ignore_peft_warnings():
        for name in found:
            model.delete_adapter(name)
    if getattr(model, "peft_config", None):
        model.disable_adapters()
        return
    from peft.tuners.tuners_utils import BaseTunerLayer

    for path, module in list(model.named_modules()):
        if isinstance(module, BaseTunerLayer):
            parent, _, child = path.rpartition(".")
            setattr(model.get_submodule(parent), child, module.get_base_layer())
    if hasattr(model, "peft_config"):
        del model.peft_config
    model._hf_peft_config_loaded = False  # noqa: SLF001  what transformers asks before it saves
    flags = _flags.pop(model, {})
    for name, each in model.named_parameters():
        each.requires_grad_(flags.get(name, True))


@contextmanager
def _ignore_peft_warnings() -> Iterator[None]:
    """PEFT warns of several adapters on one model, which is what is wanted here."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module=r"peft\.tuners\.tuners_utils")
        yield


def adapter_tensors(model: Any, name: str) -> dict[str, Tensor]:
    """An adapter's tensors, on the CPU."""
    from peft import get_peft_model_state_dict

    return {
        key: each.detach().cpu().contiguous().clone()
        for key, each in get_peft_model_state_dict(model, adapter_name=name).items()
    }


def trainable_parameters(model: Any, name: str) -> list[torch.nn.Parameter]:
    """The parameters of an adapter; everything else is frozen."""
    found = []
    for key, each in model.named_parameters():
        mine = ".lora_" in key and f".{name}." in key
        each.requires_grad_(mine)
        if mine:
            found.append(each)
    return found


@contextmanager
def using_adapter(model: Any, name: str | None) -> Iterator[None]:
    """For a while with another adapter on, or none; then `CANDIDATE` again."""
    flags = {each: each.requires_grad for each in model.parameters()}
    if name is None:
        model.disable_adapters()
    else:
        model.set_adapter(name)
    try:
        yield
    finally:
        model.enable_adapters()
        model.set_adapter(CANDIDATE)
        for each, flag in flags.items():
            each.requires_grad_(flag)


@contextmanager
def without_adapters(model: Any) -> Iterator[None]:
    """For a while without any adapter, where one is on."""
    worn = bool(getattr(model, "peft_config", None))
    if worn:
        model.disable_adapters()
    try:
        yield
    finally:
        if worn:
            model.enable_adapters()
