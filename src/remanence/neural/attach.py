"""Attaching memories to a model of Hugging Face's transformers, and taking them away again.

    model = attach_memory(AutoModelForCausalLM.from_pretrained(path), DynamicMemoryConfig(layers=(3,)))
    state = model(**batch, memory_state=state).memory_state

The model keeps its object, its class's name and what it is an instance of: its class is woven with
`MemoryMixin`, a block that was chosen gets a submodule `memory` and a forward hook (`layer`).
Nothing of a session lives in the model. This file knows models, files and signatures; what happens
while a model generates, `speaking` knows.
"""

import json
import logging
import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import torch
from safetensors import safe_open
from torch import Tensor, nn
from transformers import AutoConfig, PreTrainedModel
from transformers.utils.hub import cached_file

from remanence.errors import CheckpointError, ConfigError, InvalidInput
from remanence.neural import configs, layer
from remanence.neural.configs import MemoryConfig
from remanence.neural.mixin import AttachedMemory, MemoryMixin, with_memory, without_memory

DECLARED = "remanence_memory"  # in config.json: the memories of a saved model
QUIET = "keys_to_ignore_at_inference"  # in a config: outputs that a Trainer does not gather
_REPORTED = re.compile(r"\|.*\b(?:UNEXPECTED|MISSING|MISMATCH|CONVERSION)\b")
_OWN_WEIGHT = re.compile(r"\S*(?:\{[^}]*\}\S*)*\.memory\..*\bUNEXPECTED\b")
_PLACES = ("cache_dir", "token", "revision", "subfolder", "local_files_only")

Model = TypeVar("Model", bound=PreTrainedModel)


def _require_attachable(model: object, memories: Sequence[object]) -> None:
    """Raise `InvalidInput` unless memories of these configs can be attached to a model."""
    if not isinstance(model, PreTrainedModel):
        raise InvalidInput(
            f"{type(model).__name__} is no model of transformers; attach to the model itself, "
            "before anything wraps it (PEFT, DDP, compile)"
        )
    if isinstance(model, MemoryMixin):
        raise InvalidInput("the model has a memory already; detach_memory it first")
    if not memories or not all(isinstance(each, MemoryConfig) for each in memories):
        raise InvalidInput(
            f"{memories!r:.80} are no configs of memories; give one, such as "
            "DynamicMemoryConfig(layers=(0,))"
        )


def attach_memory(model: Model, *memories: MemoryConfig) -> Model:
    """Give a model memories; the same object comes back. It answers at first exactly as it did.

    A causal model (GPT-2, Llama, Qwen) or an encoder (BERT) has them in its own blocks, an
    encoder-decoder model (T5, BERT to GPT-2) in those of its encoder. In an encoder a memory still
    reads and writes from left to right. Several configs may be given, each for other layers.

    Raises `InvalidInput` for a model with no such layer, with a memory already, or that is none of
    transformers'.
    """
    _require_attachable(model, memories)
    found: Any = model
    apart = bool(found.config.is_encoder_decoder)
    reader: Any = found.get_encoder() if apart else found.base_model
    about = reader.config.get_text_config()
    stack = layer.blocks(reader, about.num_hidden_layers)
    wanted = _layers(memories, len(stack))
    names = {number: f"encoder.{number}" if apart else str(number) for number in wanted}
    for number, config in wanted.items():
        layer.place(stack[number], names[number], config, about.hidden_size)
    paths = {id(module): path for path, module in model.named_modules()}
    found.memory_attached = AttachedMemory(
        memories=memories,
        paths={names[number]: paths[id(stack[number])] for number in wanted},
        tokenwise=all(config.tokenwise for config in memories),
        apart=apart,
        positions=_positions(reader),
        quiet=vars(found.config).get(QUIET),
    )
    ignored = getattr(found.config, QUIET, None) or []
    setattr(found.config, QUIET, [*ignored, "memory_state"])
    base: Any = type(model)
    found.__class__ = with_memory(base)
    return model


def detach_memory(model: Model) -> Model:
    """Take the memories away: the model that it was, to the last attribute.

    Raises `InvalidInput` where there are none.
    """
    found: Any = model
    if not isinstance(model, MemoryMixin):
        raise InvalidInput(f"{type(model).__name__} has no memory to detach")
    attached: AttachedMemory = found.memory_attached
    for path in attached.paths.values():
        layer.remove(found.get_submodule(path))
    if attached.quiet is None:
        delattr(found.config, QUIET)
    else:
        setattr(found.config, QUIET, attached.quiet)
    del found.memory_attached
    found.__class__ = without_memory(type(model))
    return model


def from_pretrained(auto: Any, path: str | Path, **options: Any) -> Any:
    """A model that `save_pretrained` wrote, with its memories:
    `from_pretrained(AutoModelForCausalLM, folder)`.

    `options` are those of `auto.from_pretrained`. Raises `InvalidInput` where the model was saved
    without a memory, `CheckpointError` where its weights are not there.
    """
    at = {name: options[name] for name in _PLACES if name in options}
    declared = getattr(AutoConfig.from_pretrained(path, **at), DECLARED, None)
    if not declared:
        raise InvalidInput(
            f"{path} was saved without a memory; load it with {auto.__name__} and attach_memory one"
        )
    try:
        memories = [configs.read(each) for each in declared]
    except ConfigError as error:
        raise CheckpointError(f"{path} declares a memory that cannot be: {error}") from error
    with _own_weights_unreported():
        model = auto.from_pretrained(path, **options)
    if hasattr(model.config, DECLARED):
        delattr(model.config, DECLARED)
    attach_memory(model, *memories)
    wanted = [f"{p}.memory." for p in model.memory_attached.paths.values()]
    _fill(model, {name for name in model.state_dict() if name.startswith(tuple(wanted))}, path, at)
    return model


@contextmanager
def _own_weights_unreported() -> Iterator[None]:
    """While a model is loaded, a report of weights that it does not expect is left out where all of
    them are a memory's, which are read afterwards. Any other report stays.
    """
    logger, thread = logging.getLogger("transformers.modeling_utils"), threading.get_ident()

    def keep(record: logging.LogRecord) -> bool:
        if record.thread != thread or "LOAD REPORT" not in (text := record.getMessage()):
            return True
        rows = [line for line in text.splitlines() if _REPORTED.search(line)]
        return not rows or any(not _OWN_WEIGHT.match(row) for row in rows)

    logger.addFilter(keep)
    try:
        yield
    finally:
        logger.removeFilter(keep)


@contextmanager
def declared(model: Any) -> Iterator[None]:
    """While a model is being saved, its config says which memories it has, and nothing that serves
    this process alone.
    """
    attached: AttachedMemory = model.memory_attached
    live = vars(model.config).pop(QUIET)
    if attached.quiet is not None:
        setattr(model.config, QUIET, attached.quiet)
    setattr(model.config, DECLARED, [each.as_json() for each in attached.memories])
    try:
        yield
    finally:
        delattr(model.config, DECLARED)
        setattr(model.config, QUIET, live)


def _layers(memories: tuple[MemoryConfig, ...], count: int) -> dict[int, MemoryConfig]:
    wanted: dict[int, MemoryConfig] = {}
    for config in memories:
        for number in config.layers:
            if not -count <= number < count:
                raise InvalidInput(
                    f"the model has no layer {number}; it has {count}, from 0 to {count - 1}"
                )
            if number % count in wanted:
                raise InvalidInput(f"layer {number % count} is named twice; a layer has one memory")
            wanted[number % count] = config
    return dict(sorted(wanted.items()))


def _positions(reader: nn.Module) -> int | None:
    """How many tokens a model has learnt positions for; None where positions are computed."""
    for path, module in reader.named_modules():
        if isinstance(module, nn.Embedding) and path.rpartition(".")[2] in (
            "wpe",
            "position_embeddings",
            "embed_positions",
        ):
            spared = 0 if module.padding_idx is None else module.padding_idx + 1
            return module.num_embeddings - spared
    return None


def _fill(model: Any, names: set[str], path: str | Path, at: Mapping[str, Any]) -> None:
    """Copy the weights of the memories from a checkpoint, whole or in shards."""
    try:
        index = cached_file(
            path, "model.safetensors.index.json", _raise_exceptions_for_missing_entries=False, **at
        )
        if index is None:
            files = dict.fromkeys(names, "model.safetensors")
        else:
            places = json.loads(Path(index).read_text(encoding="utf-8"))["weight_map"]
            files = {name: places[name] for name in names}
        tensors: dict[str, Tensor] = {}
        for file in sorted(set(files.values())):
            with safe_open(cached_file(path, file, **at), "pt") as opened:
                tensors.update({n: opened.get_tensor(n) for n in names if files[n] == file})
        with torch.no_grad():
            kept = model.state_dict()
            for name, tensor in tensors.items():
                kept[name].copy_(tensor)
    except (OSError, KeyError, RuntimeError, ValueError) as error:
        raise CheckpointError(
            f"the weights of the memory cannot be read from {path}: {error}; save the model again"
        ) from error
