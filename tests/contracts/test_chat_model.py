"""What every language model owes who asks it, over each kind that this machine can run:

scripted, behind HTTP, causal, encoder-decoder.
"""

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from remanence import llm
from remanence.errors import ModelError, ModelRefused
from remanence.llm import ChatModel, Message, Request, ask, gathered

MODELS = ["scripted", "service", "causal", "plain", "encoder-decoder"]
HELLO = Request((Message("system", "memory"), Message("user", "Where do I live ?")), most=6)
WORDS = (
    "user assistant system : ? . I live in Chengdu Where do 我 住 成 都 Wei says tea memory data"
)
TEMPLATE = "{% for m in messages %}<|{{ m.role }}|>{{ m.content }}<|end|>{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}"


class _Service(BaseHTTPRequestHandler):
    """Says eight words, one in a chunk, or as many as it is asked for."""

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        words = ["tea", "in", "Chengdu", "我", "住", "成", "都", "."]
        said = words[: asked.get("max_tokens")]
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        try:
            for word in said:
                self._chunk({"delta": {"content": f"{word} "}, "finish_reason": None})
            finish = "length" if len(said) < len(words) else "stop"
            self._chunk({"delta": {}, "finish_reason": finish})
            usage = {
                "prompt_tokens": 7,
                "completion_tokens": len(said),
                "total_tokens": 7 + len(said),
            }
            self._chunk(None, usage)
            self.wfile.write(b"data: [DONE]\n\n")
        except ConnectionError:  # who asked has heard enough
            pass
        self.close_connection = True

    def _chunk(self, choice: dict[str, Any] | None, usage: dict[str, int] | None = None) -> None:
        choices = [] if choice is None else [{"index": 0, **choice}]
        chunk = {"id": "c", "object": "chat.completion.chunk", "created": 0, "model": "m"}
        line = json.dumps({**chunk, "choices": choices, "usage": usage})
        self.wfile.write(f"data: {line}\n\n".encode())
        self.wfile.flush()

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def service() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Service) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/v1#m"
        server.shutdown()
        thread.join()


def _local(kind: str) -> ChatModel:
    torch = pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers")
    from tokenizers import Tokenizer, models, pre_tokenizers

    from remanence.llm.local import LocalModel

    marks = ["<pad>", "<s>", "<|end|>", "<unk>", "<|user|>", "<|assistant|>", "<|system|>"]
    vocabulary = {word: at for at, word in enumerate([*marks, *WORDS.split()])}
    made = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))  # noqa: S106
    made.pre_tokenizer = pre_tokenizers.Whitespace()
    named = {"pad_token": "<pad>", "bos_token": "<s>", "eos_token": "<|end|>", "unk_token": "<unk>"}
    tokenizer = transformers.PreTrainedTokenizerFast(
        tokenizer_object=made,
        additional_special_tokens=marks[4:],
        chat_template=None if kind == "plain" else TEMPLATE,
        model_max_length=64,
        **named,
    )
    torch.manual_seed(3)
    if kind == "encoder-decoder":
        config = transformers.T5Config(
            vocab_size=len(tokenizer),
            d_model=16,
            d_kv=8,
            d_ff=32,
            num_layers=1,
            num_heads=2,
            decoder_start_token_id=0,
            pad_token_id=0,
            eos_token_id=2,
        )
        return LocalModel(transformers.T5ForConditionalGeneration(config), tokenizer)
    config = transformers.GPT2Config(
        vocab_size=len(tokenizer),
        n_positions=64,
        n_embd=16,
        n_layer=2,
        n_head=2,
        bos_token_id=1,
        eos_token_id=2,
        pad_token_id=0,
    )
    return LocalModel(transformers.GPT2LMHeadModel(config), tokenizer, plain=kind == "plain")


@pytest.fixture(scope="module", params=MODELS)
def model(request: pytest.FixtureRequest, service: str) -> Iterator[ChatModel]:
    if request.param == "scripted":
        made: ChatModel = llm.load("scripted:tea in Chengdu 我 住 成 都 .")
    elif request.param == "service":
        pytest.importorskip("openai")
        made = llm.load(service)
    else:
        made = _local(request.param)
    yield made
    made.close()


def test_it_has_a_name_and_counts_tokens(model: ChatModel) -> None:
    assert model.name and (model.window is None or model.window > 0)
    assert 0 == model.count("") < model.count("Wei says") < model.count("Wei says tea 住 成 都")


def test_a_reply_ends_once_and_its_pieces_make_the_whole(model: ChatModel) -> None:
    pieces = list(model.stream(HELLO))
    ends = [piece.finish for piece in pieces if piece.finish]
    assert len(ends) == 1 and ends[0] in ("stop", "length")
    assert gathered(pieces).text == "".join(piece.text for piece in pieces)


def test_without_temperature_it_answers_alike(model: ChatModel) -> None:
    assert ask(model, HELLO) == ask(model, HELLO)


def test_a_reply_has_at_most_as_many_tokens_as_it_may(model: ChatModel) -> None:
    for most in (1, 3):
        reply = ask(model, Request(HELLO.messages, most=most))
        assert reply.usage is not None and reply.usage.prompt > 0
        assert reply.usage.reply <= most
        assert reply.finish == "length" or reply.usage.reply < most


def test_a_reply_of_no_stated_length_ends_by_itself_or_with_the_window(model: ChatModel) -> None:
    reply = ask(model, Request(HELLO.messages, most=None))
    assert reply.finish in ("stop", "length") and reply.usage is not None
    assert reply.text.startswith(ask(model, Request(HELLO.messages, most=3)).text.rstrip())
    if model.window is not None:
        assert reply.usage.reply <= model.window


def test_who_stops_reading_can_ask_again(model: ChatModel) -> None:
    stream = model.stream(HELLO)
    next(stream)
    stream.close()  # type: ignore[attr-defined]  a generator, as every port's stream is
    assert ask(model, HELLO) == ask(model, HELLO)


def test_a_stream_that_is_never_begun_keeps_nobody_waiting(model: ChatModel) -> None:
    left = model.stream(HELLO)
    paused = model.stream(HELLO)
    first = next(paused)
    assert ask(model, HELLO).finish in ("stop", "length")
    assert gathered([first, *paused]).finish in ("stop", "length")
    del left


def test_threads_agree_with_one_thread(model: ChatModel) -> None:
    alone = ask(model, HELLO)
    with ThreadPoolExecutor(4) as pool:
        assert all(reply == alone for reply in pool.map(lambda _: ask(model, HELLO), range(8)))


@pytest.mark.parametrize("text", ["", "我住在成都。", "\x00\x1f", "<|end|><|system|>", "tea " * 10])
def test_any_text_is_answered(model: ChatModel, text: str) -> None:
    assert ask(model, Request((Message("user", text),), most=3)).finish in ("stop", "length")


def test_a_long_conversation_is_answered_or_refused_as_too_long(model: ChatModel) -> None:
    turns = tuple(Message(role, "I live in Chengdu .") for role in ("user", "assistant") * 40)
    request = Request((*turns, HELLO.messages[-1]), most=3)
    if model.window is None:
        assert ask(model, request).finish
        return
    with pytest.raises(ModelRefused, match=f"window of {model.window} tokens"):
        ask(model, request)


def test_a_schema_is_kept_to_or_refused_or_found_out(model: ChatModel) -> None:
    request = Request(HELLO.messages, most=40, schema={"type": "object"})
    with pytest.raises(ModelError):  # none of these can say JSON
        ask(model, request).read()
