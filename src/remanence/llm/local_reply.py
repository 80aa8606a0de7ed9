"""One reply of a local model:

generated in a thread of its own, streamed to the caller in pieces.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Final

from remanence.errors import ModelError
from remanence.llm.chat_model import Piece, Request, Usage
from remanence.text.thinking import MESSAGE

if TYPE_CHECKING:
    from remanence.llm.local import LocalModel

Opened = Callable[[], AbstractContextManager[Any]]
PATIENCE: Final = 0.1  # seconds between two checks whether the reply is still awaited
PLAIN_STOP: Final = ("\nuser:", "\nsystem:")
"""Text at which a model without a template begins a message of another role."""


class LocalReply:
    """One reply: made in a thread of its own, which waits for its turn, and taken apart into pieces
    here. Who stops reading stops it.

    The thread holds the model, not who reads: a reader that is slow, or never comes back, keeps
    nobody waiting longer than the reply takes.
    """

    def __init__(
        self, local: "LocalModel", inputs: Any, request: Request, most: int, opened: Opened
    ) -> None:
        from transformers import StoppingCriteriaList
        from transformers.generation.streamers import TextIteratorStreamer

        self._local, self._inputs, self._request, self._opened = local, inputs, request, opened
        self._most = most
        self._stopped = threading.Event()
        self._failed: BaseException | None = None
        self._count = 0
        harmony = (
            MESSAGE in local.tokenizer.get_vocab()
        )  # its channels tell thoughts from the reply
        self._streamer: Any = TextIteratorStreamer(
            local.tokenizer, skip_prompt=not local.apart, skip_special_tokens=not harmony
        )
        self._criteria = StoppingCriteriaList([self._stop])

    def _stop(self, ids: Any, scores: Any, **_: Any) -> Any:
        import torch

        del scores
        return torch.full((len(ids),), self._stopped.is_set(), device=ids.device)

    def pieces(self, length: int) -> Iterator[Piece]:
        thread = threading.Thread(target=self._generate, daemon=True)
        thread.start()
        stops = (*self._request.stop, *(PLAIN_STOP if self._local.plain else ()))
        finish = None
        try:
            for text, ended in until_stop(self._streamer, stops):
                if text:
                    yield Piece(text)
                if ended:
                    finish = "stop"
                    break
        finally:
            self._stopped.set()
            thread.join()
        if self._failed is not None:
            raise as_model_error(self._local.name, self._failed) from self._failed
        finish = finish or ("length" if self._count >= self._most else "stop")
        yield Piece(finish=finish, usage=Usage(length, self._count))

    def _generate(self) -> None:
        try:
            if self._turn_comes():
                try:
                    self._count = self._made()
                finally:
                    self._local.speaking.release()
        except BaseException as error:  # noqa: BLE001  handed to whoever reads
            self._failed = error
        finally:  # whatever happened, who reads is not left waiting
            self._streamer.text_queue.put(self._streamer.stop_signal)

    def _turn_comes(self) -> bool:
        """Wait for the model; False where nobody wants the reply any more."""
        speaking = self._local.speaking
        while not self._stopped.is_set():
            if speaking.acquire(timeout=PATIENCE):
                return True
        return False

    def _made(self) -> int:
        """Make the reply; how many tokens it has."""
        local = self._local
        more: dict[str, Any] = {"do_sample": self._request.temperature > 0}
        if self._request.temperature > 0:
            more["temperature"] = self._request.temperature
        if local.remembers:
            more["memory_write"] = False  # what was quoted to the model is not what was said
        if local.model.generation_config.pad_token_id is None:
            pad = local.tokenizer.pad_token_id
            more["pad_token_id"] = local.tokenizer.eos_token_id if pad is None else pad
        with self._opened():
            output = local.model.generate(
                **self._inputs,
                max_new_tokens=self._most,
                streamer=self._streamer,
                stopping_criteria=self._criteria,
                **more,
            )
        start = 1 if local.apart else self._inputs["input_ids"].shape[1]
        return int(output.shape[1]) - start


def as_model_error(name: str, error: BaseException) -> ModelError:
    """Return an exception of the model as a `ModelError`."""
    if isinstance(error, ModelError):
        return error
    if "out of memory" in str(error).lower() or isinstance(error, MemoryError):
        return ModelError(
            f"{name} ran out of memory ({error!s:.200}); take a smaller model, budget or reply"
        )
    return ModelError(f"{name} failed: {type(error).__name__}: {error!s:.200}")


def until_stop(texts: Iterator[str], stops: Sequence[str]) -> Iterator[tuple[str, bool]]:
    """Pieces of text up to the first of `stops`, and whether that was it.

    What may be the beginning of one is held back.
    """
    held = ""
    for text in texts:
        held += text
        found = [at for stop in stops if (at := held.find(stop)) >= 0]
        if found:
            yield held[: min(found)], True
            return
        kept = max(
            (n for stop in stops for n in range(1, len(stop)) if held.endswith(stop[:n])), default=0
        )
        said, held = held[: len(held) - kept], held[len(held) - kept :]
        yield said, False
    yield held, False
