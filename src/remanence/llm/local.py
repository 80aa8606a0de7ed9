"""Models of Hugging Face's transformers, on this machine: causal and encoder-decoder, with a chat
template or as plain lines. Needs the extra `neural`.

Nothing is downloaded. A model that was saved with a memory inside (`neural`) is loaded with it;
`within` speaks in a session of it.
"""

import gc
import threading
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any, Final

from remanence.errors import ConfigError, MissingExtra, ModelError, ModelRefused, RemanenceError
from remanence.llm import quantized, templates
from remanence.llm.chat_model import Message, Piece, Request, without_thoughts
from remanence.llm.local_reply import LocalReply, Opened, as_model_error
from remanence.text.thinking import PAIRS

UNTOLD: Final = 512  # tokens of a reply where neither who asks nor the model says how many
READ: Final = (
    "input_ids",
    "attention_mask",
)  # of what a tokenizer gives; not every model takes the rest


class LocalModel:
    """A `ChatModel` of transformers. One reply at a time: others wait.

    plain: messages are written as lines `role: text`, for models that no template says how to talk
    to. An encoder-decoder model reads them the same way.
    """

    def __init__(
        self, model: Any, tokenizer: Any, *, name: str = "local", plain: bool = False
    ) -> None:
        self.model = model.eval()
        self.tokenizer = tokenizer
        self.name = name
        self.apart = bool(model.config.is_encoder_decoder)
        self.plain = plain or self.apart
        if not self.plain and not tokenizer.chat_template:
            raise ConfigError(
                f"{name} has no chat template, so nobody knows how to talk to it; "
                f"'{_in_lines(name)}' writes messages as lines"
            )
        self.speaking = threading.Lock()

    @property
    def window(self) -> int | None:
        config = self.model.config.get_text_config()
        positions = getattr(config, "max_position_embeddings", None) or getattr(
            config, "n_positions", None
        )
        if positions is None:
            positions = self.tokenizer.model_max_length
        return int(positions) if positions < 1 << 30 else None

    def count(self, text: str) -> int:
        return len(self.tokenizer(text, add_special_tokens=False)["input_ids"])

    @property
    def remembers(self) -> bool:
        """Tell whether the model has a memory inside (`neural.attach_memory`)."""
        return hasattr(self.model, "memory_attached")

    def within(self, session: str, memory: Any, namespace: str, about: str) -> "LocalSession":
        """The model as it speaks within a session that is kept in a store: what it heard there, it
        knows. What a turn is about makes no difference to it.
        """
        del about
        return LocalSession(self, session, memory, namespace)

    def stream(self, request: Request, opened: Opened = nullcontext) -> Iterator[Piece]:
        """`opened` is entered around the reply, while no other is made.

        A reply goes on being made while nobody reads it, and stops when its reader is closed.
        """
        if request.tools or request.schema is not None:
            raise ModelRefused(
                f"{self.name} runs here and cannot be held to a schema or tools; ask a service, "
                "such as http://localhost:11434/v1#MODEL"
            )
        inputs, thinking = self._encoded(request.messages)
        length = inputs["input_ids"].shape[1]
        most = self._most(request, length)
        spoken = LocalReply(self, inputs, request, most, opened).pieces(length)
        yield from without_thoughts(spoken, thinking=thinking)

    def close(self) -> None:
        """Let go of the weights, when the reply under way is over."""
        with self.speaking:
            self.model = None
        gc.collect()

    def _most(self, request: Request, length: int) -> int:
        """How many tokens the reply may have, after `length` of the request.

        Raises `ModelRefused` where both do not fit.
        """
        window, read = self.window, 0 if self.apart else length
        most = request.most
        if most is None:
            most = UNTOLD if window is None else max(1, window - read)
        if window is not None and (length if self.apart else read + most) > window:
            raise ModelRefused(
                f"{self.name} has a window of {window} tokens; {length} of the request and {most} "
                "of the reply do not fit: "
                "give a smaller budget, or a shorter reply"
            )
        return most

    def _encoded(self, messages: Sequence[Message]) -> tuple[dict[str, Any], bool]:
        """Return the prompt's inputs (1, T), and whether the template has opened a thought.

        Control tokens within a message are taken apart, so that none of them is one. Raises
        `ModelRefused` where the template does not take the messages.
        """
        turns = [{"role": each.role, "content": self.harmless(each.content)} for each in messages]
        if self.plain:
            lines = [f"{turn['role']}: {turn['content']}" for turn in turns]
            text = "\n".join([*lines, "assistant:"])
            return self._read(self.tokenizer(text, return_tensors="pt")), False
        turns, text = self._rendered(turns)
        encoded = self.tokenizer.apply_chat_template(
            turns, add_generation_prompt=True, return_tensors="pt", return_dict=True
        )
        return self._read(encoded), text.rstrip().endswith(tuple(PAIRS))

    def _rendered(self, turns: list[dict[str, str]]) -> tuple[list[dict[str, str]], str]:
        """Return the turns that the template takes, and the prompt's text.

        A template that refuses system messages, or leaves them out, gets them at the beginning of
        the user's next message.
        """
        render = partial(
            self.tokenizer.apply_chat_template, add_generation_prompt=True, tokenize=False
        )
        try:
            text = str(render(turns))
        except Exception as error:  # a template is a program of its own, with errors of its own
            if all(turn["role"] != "system" for turn in turns):
                raise self._untaken(error) from error
        else:
            if not templates.leaves_out_system(turns, text):
                return turns, text
        folded = templates.fold_system(turns)
        try:
            return folded, str(render(folded))
        except Exception as error:
            raise self._untaken(error) from error

    def _untaken(self, error: Exception) -> ModelRefused:
        return ModelRefused(
            f"the chat template of {self.name} does not take these messages ({error}); "
            f"'{_in_lines(self.name)}' does without it"
        )

    def _read(self, encoded: Any) -> dict[str, Any]:
        return {name: encoded[name].to(self.model.device) for name in READ if name in encoded}

    def harmless(self, text: str) -> str:
        """Return a text with the model's control tokens taken apart, so that it is read as text."""
        return templates.take_apart(text, self._marks)

    @cached_property
    def _marks(self) -> tuple[str, ...]:
        return templates.control_marks(self.tokenizer)


@dataclass(frozen=True)
class LocalSession:
    """A `LocalModel` within a session of the memory inside it, where it has one.

    adapter: which one speaks, None for the plain model; worn puts it on for a reply. degraded: why
    one that could speak does not.
    """

    local: LocalModel
    session: str
    memory: Any
    namespace: str
    adapter: str | None = None
    worn: Opened = nullcontext
    degraded: tuple[str, ...] = ()

    def stream(self, request: Request) -> Iterator[Piece]:
        return self.local.stream(request, self._spoken)

    def hear(self, text: str) -> bool:
        """Write a text into the session and keep it; False where the model has no memory.

        Raises `ModelError`, `StorageError`, `CheckpointError`.
        """
        model, window = self.local.model, self.local.window
        if not self.local.remembers:
            return False
        ids = self.local.tokenizer(text, return_tensors="pt")["input_ids"].to(model.device)
        try:
            with self.local.speaking, self._opened():
                for start in range(0, ids.shape[1], window or ids.shape[1]):
                    model.memorize(ids[:, start : start + (window or ids.shape[1])])
        except RemanenceError:
            raise
        except (
            Exception
        ) as error:  # torch has many; a turn that was not heard must not cost its reply
            raise as_model_error(self.local.name, error) from error
        return True

    @contextmanager
    def _spoken(self) -> Iterator[None]:
        with self.worn(), self._opened() if self.local.remembers else nullcontext():
            yield

    def _opened(self) -> AbstractContextManager[Any]:
        opened: AbstractContextManager[Any] = self.local.model.session(
            self.session, store=self.memory, namespace=self.namespace
        )
        return opened


def _in_lines(name: str) -> str:
    """The spec of the same model, spoken to without a template."""
    path, _, form = name.partition("#")
    return f"hf:{path}#{','.join([*filter(None, [form]), 'plain'])}"


@contextmanager
def hushed() -> Iterator[None]:
    """Without the bars and the advice of transformers, which are for people who watch it alone."""
    from transformers import utils

    logging: Any = utils.logging  # its functions have no types
    level, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(level)
        if bars:
            logging.enable_progress_bar()


def load_local(path: str, *, plain: bool = False, four_bits: bool = False) -> LocalModel:
    """The model in a folder, or in the local cache under that name; on the GPU where there is one.

    four_bits: its linear layers are packed into four bits a weight as they are read. Raises
    `MissingExtra`, `ConfigError`, `ModelError`; downloads nothing.
    """
    try:
        import torch
        from transformers import (
            AutoConfig,
            AutoModelForCausalLM,
            AutoModelForSeq2SeqLM,
            AutoTokenizer,
        )

        from remanence import neural
        from remanence.neural.attach import DECLARED
    except ImportError as error:
        raise MissingExtra(
            f"a model on this machine needs transformers and torch ({error}); pip install "
            f'"remanence[neural]"'
        ) from error
    more = {"quantization_config": quantized.packing(path)} if four_bits else {}
    try:
        with hushed():
            config = AutoConfig.from_pretrained(path, local_files_only=True)
            auto: Any = AutoModelForSeq2SeqLM if config.is_encoder_decoder else AutoModelForCausalLM
            inside = getattr(config, DECLARED, None)
            if four_bits or getattr(config, "quantization_config", None):
                quantized.ready()
            if inside and four_bits:
                raise ConfigError(
                    f"{path!r:.200} has a memory inside, which is not packed into four bits; write "
                    f"'hf:{path:.200}'"
                )
            if inside:
                model = neural.from_pretrained(auto, path, local_files_only=True)
            else:
                model = auto.from_pretrained(path, local_files_only=True, **more)
            tokenizer = AutoTokenizer.from_pretrained(path, local_files_only=True)
            if quantized.packed(model):  # transformers has put it where it belongs
                quantized.settle(model, path)
            elif torch.cuda.is_available():
                model = model.to("cuda")
    except (OSError, ValueError, KeyError, RuntimeError, MemoryError, ImportError) as error:
        raise ModelError(
            f"no model can be loaded from {path!r:.200}: "
            f"{str(error).splitlines()[0] if str(error) else type(error).__name__:.300}; "
            "give the folder that save_pretrained wrote, or a name in the local cache"
        ) from error
    return LocalModel(model, tokenizer, name=f"{path}#4bit" if four_bits else path, plain=plain)
