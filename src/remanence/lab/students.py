"""The small models that learn tasks: a GPT-2 made from its config, with a memory or without, and
how each goes through the segments.

There are three ways: with a memory, which carries its state from one segment to the next; without,
where each segment stands alone; and with attention over everything, where there is one long
segment.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final

import torch
from torch import Tensor, nn

from remanence.errors import MissingExtra
from remanence.lab.recipe import StudentRecipe
from remanence.lab.tasks.task import UNASKED, Segment, Task
from remanence.neural.configs import CONFIGS, DynamicMemoryConfig, GatedMemoryConfig, MemoryConfig
from remanence.neural.state import MemoryState

Way = Callable[
    [nn.Module, Sequence[Segment], MemoryState | None], tuple[list[Tensor], MemoryState | None]
]
"""A model, segments that follow one another and the state before them: scores (B, T, V) of each
segment, and the state after them.
"""


def remembering(
    model: nn.Module, segments: Sequence[Segment], state: MemoryState | None
) -> tuple[list[Tensor], MemoryState | None]:
    """Each segment by itself, with the state that the one before left."""
    scores = []
    for segment in segments:
        out = model(
            input_ids=segment.tokens, attention_mask=segment.mask, memory_state=state, use_cache=False
        )  # fmt: skip
        scores.append(out.logits)
        state = out.memory_state
    return scores, state


def alone(
    model: nn.Module, segments: Sequence[Segment], state: MemoryState | None
) -> tuple[list[Tensor], MemoryState | None]:
    """Each segment by itself, and nothing else."""
    scores = [
        model(input_ids=each.tokens, attention_mask=each.mask, use_cache=False).logits
        for each in segments
    ]
    return scores, state


def together(
    model: nn.Module, segments: Sequence[Segment], state: MemoryState | None
) -> tuple[list[Tensor], MemoryState | None]:
    """All segments as one: what is handed over must be the whole episode."""
    tokens = torch.cat([each.tokens for each in segments], 1)
    mask = places = None
    if any(each.mask is not None for each in segments):
        real = [
            torch.ones_like(each.tokens, dtype=torch.bool) if each.mask is None else each.mask
            for each in segments
        ]
        mask = torch.cat(real, 1)
        places = (mask.cumsum(1) - 1).clamp_min(0)  # padding between segments takes no place
    scores = model(
        input_ids=tokens, attention_mask=mask, position_ids=places, use_cache=False
    ).logits
    return list(scores.split([each.tokens.shape[1] for each in segments], 1)), state


WAYS: Final[dict[str, Way]] = {"none": alone, "full": together}


def way(memory: str) -> Way:
    """How a model with that memory goes through segments."""
    return WAYS.get(memory, remembering)


def config(recipe: StudentRecipe) -> MemoryConfig | None:
    """The memory that a recipe asks for, or None."""
    layers = (recipe.layer,)
    sizes: dict[str, Any] = {
        "heads": recipe.heads,
        "key": recipe.key,
        "value": recipe.value,
        "hops": recipe.hops,
    }
    match recipe.memory:
        case "none" | "full":
            return None
        case "dynamic":
            return DynamicMemoryConfig(layers, **sizes)
        case "additive":
            return DynamicMemoryConfig(layers, **sizes, erases=False)
        case "gated":
            return GatedMemoryConfig(layers, cells=recipe.cells, size=recipe.size)
        case kind:
            return CONFIGS[kind](layers)


def build(task: Task, recipe: StudentRecipe) -> Any:
    """The model that a recipe describes, for the tokens of a task; the same numbers for the same
    seed. Raises `MissingExtra`.
    """
    try:
        from transformers import GPT2Config, GPT2LMHeadModel
    except ImportError as error:
        raise MissingExtra(
            f"training a memory needs {error.name}, which is not installed; pip install "
            f'"remanence[neural]"'
        ) from error
    positions = task.whole if recipe.memory == "full" else task.length
    plain = GPT2Config(
        vocab_size=task.vocabulary, n_positions=positions, n_embd=recipe.size, n_layer=recipe.depth,
        n_head=recipe.attention, resid_pdrop=0.0, embd_pdrop=0.0, attn_pdrop=0.0, bos_token_id=None,
        eos_token_id=None,
    )  # fmt: skip
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(recipe.seed)
        model: Any = GPT2LMHeadModel(plain)
        memory = config(recipe)
        if memory is None:
            return model
        from remanence.neural.attach import attach_memory

        return attach_memory(model, memory)


def positions(model: nn.Module) -> int:
    """How many tokens a model sees at once."""
    found: Any = model.config
    return int(found.n_positions)


def loss(scores: Tensor, segment: Segment) -> Tensor:
    """Summed cross-entropy of a segment's answers, in nats."""
    return nn.functional.cross_entropy(
        scores.flatten(0, 1).float(), segment.labels.flatten(), ignore_index=UNASKED, reduction="sum"
    )  # fmt: skip


def right(scores: Tensor, segment: Segment) -> Tensor:
    """(B, T): 1 where the answer is right, 0 where it is wrong or nothing was asked."""
    return (scores.argmax(-1) == segment.labels) & (segment.labels != UNASKED)
