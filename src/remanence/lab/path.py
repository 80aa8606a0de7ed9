"""The whole path of a text through a model with both kinds of memory: encoder -> knowledge fusion
-> memory -> decoder.

`Path` holds an encoder-decoder model of Hugging Face as it is and stands in one block of its
encoder, so that every block above and every cross-attention of the decoder sees what was read.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Final

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from remanence.errors import InvalidInput
from remanence.neural import layer as layers
from remanence.neural.fusion import Blend, KnowledgeFusion
from remanence.neural.linking import Linked
from remanence.neural.neural_memory import State


@dataclass
class _Passing:
    """Arguments and results of one call, as they pass the block."""

    linked: Linked | None
    state: State | None
    mask: Tensor | None
    after: State | None = None


_PASSING: Final[ContextVar[_Passing | None]] = ContextVar("remanence_path", default=None)


@dataclass(frozen=True)
class Passed:
    """loss: of the labels.

    logits (B, T, V). state: of the memory after this segment, None where there is no memory.
    """

    loss: Tensor
    logits: Tensor
    state: State | None


class Path(nn.Module):
    """`model`: an encoder-decoder model (BERT to GPT-2 by `EncoderDecoderModel`, T5, BART).

    After block `layer` of its encoder, counted from the end where negative, stand, each or both or
    neither:

        h'      = blend(h, memory.read(state, h), knowledge read for what the tokens name)
        state'  = memory.write(state, h')

    so that the memory reads by what the text says, and remembers it together with what the graph
    adds. `knowledge` was made with `memory=D`, the encoder's hidden size, where there is a memory.
    A fresh path answers as the plain model does. Raises `InvalidInput` where the encoder has no
    such block.
    """

    def __init__(
        self,
        model: Any,
        *,
        layer: int = -1,
        knowledge: KnowledgeFusion | None = None,
        memory: Any = None,
    ) -> None:
        super().__init__()
        self.model, self.knowledge, self.memory = model, knowledge, memory
        size = int(model.get_encoder().config.hidden_size)
        if knowledge is not None and memory is not None and knowledge.blend.memory != size:
            raise InvalidInput(
                f"the fusion was made for a memory of size {knowledge.blend.memory}, and this one "
                f"reads {size}; "
                f"make it with memory={size}"
            )
        self.blend = Blend(size, size) if knowledge is None and memory is not None else None
        encoder = model.get_encoder()
        blocks = layers.blocks(encoder, encoder.config.num_hidden_layers)
        if not -len(blocks) <= layer < len(blocks):
            raise InvalidInput(f"layer={layer} of an encoder of {len(blocks)} blocks")
        blocks[layer].register_forward_hook(self._stand)

    def forward(
        self,
        tokens: Tensor,
        mask: Tensor | None = None,
        *,
        linked: Linked | None = None,
        state: State | None = None,
        labels: Tensor | None = None,
    ) -> Passed:
        """A segment `tokens` (B, T), `mask` (B, T) False at padding, and what is to be written,
        `labels` (B, U), -100 where nothing is.

        The loss is the mean cross-entropy of the labels. Raises `InvalidInput` without them.
        """
        if labels is None:
            raise InvalidInput(
                "no labels; to write without them call `write`, to remember `remember`"
            )
        # Shifted here: given labels, the model of two models warns at every call how it has come to
        # shift them.
        before = self.model.prepare_decoder_input_ids_from_labels(labels=labels)
        with self._passing(tokens, mask, linked, state) as passing:
            logits = self.model(
                input_ids=tokens, attention_mask=_full(tokens, mask), decoder_input_ids=before
            ).logits
        loss = cross_entropy(logits.flatten(0, 1).float(), labels.flatten())
        return Passed(loss, logits, passing.after)

    def remember(
        self,
        tokens: Tensor,
        mask: Tensor | None = None,
        *,
        linked: Linked | None = None,
        state: State | None = None,
    ) -> State | None:
        """The state after a segment to which nothing is answered: the encoder alone runs."""
        if self.memory is None:
            return None
        with self._passing(tokens, mask, linked, state) as passing:
            self.model.get_encoder()(input_ids=tokens, attention_mask=_full(tokens, mask))
        return passing.after

    @torch.no_grad()
    def write(
        self,
        tokens: Tensor,
        mask: Tensor | None = None,
        *,
        linked: Linked | None = None,
        state: State | None = None,
        **how: Any,
    ) -> tuple[Tensor, State | None]:
        """Generate a segment's answer, token ids as the model's `generate` gives them (`how` is
        handed to it), and return it with the state after it.
        """
        with self._passing(tokens, mask, linked, state) as passing:
            found = self.model.generate(
                input_ids=tokens, attention_mask=_full(tokens, mask), use_cache=False, **how
            )
        return found, passing.after

    @contextmanager
    def _passing(
        self, tokens: Tensor, mask: Tensor | None, linked: Linked | None, state: State | None
    ) -> Iterator[_Passing]:
        if state is None and self.memory is not None:
            state = self.memory.initial(len(tokens))
        passing = _Passing(linked, state, mask)
        token = _PASSING.set(passing)
        try:
            yield passing
        finally:
            _PASSING.reset(token)

    def _stand(self, _block: nn.Module, _given: Any, out: Any) -> Any:
        """The hook: T5's blocks hand on a tuple, the others a tensor."""
        passing = _PASSING.get()
        if passing is None:
            raise InvalidInput("the model of a path was called by itself; call the path")
        hidden = out[0] if isinstance(out, tuple) else out
        found = None
        if self.memory is not None:
            found = self.memory.read(passing.state, hidden)
        if self.knowledge is not None:
            hidden = self.knowledge(hidden, passing.linked, found)
        elif self.blend is not None:
            hidden = self.blend(hidden, found)
        if self.memory is not None:
            passing.after = self.memory.write(passing.state, hidden, passing.mask)
        return (hidden, *out[1:]) if isinstance(out, tuple) else hidden


def _full(tokens: Tensor, mask: Tensor | None) -> Tensor:
    return torch.ones_like(tokens) if mask is None else mask.long()
