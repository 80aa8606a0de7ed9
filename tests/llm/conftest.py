"""A service of chat completions on loopback that answers from a script;

and a tiny model of transformers, made on the spot.
"""

import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest


@pytest.fixture
def chunk():
    return _chunk


def _chunk(text=None, *, finish=None, calls=None, usage=None):
    delta = {"content": text} if text is not None else {}
    if calls is not None:
        delta["tool_calls"] = calls
    choices = [] if usage else [{"index": 0, "delta": delta, "finish_reason": finish}]
    made = {
        "id": "c",
        "object": "chat.completion.chunk",
        "created": 0,
        "model": "m",
        "choices": choices,
    }
    return {**made, **({"usage": usage} if usage else {})}


@dataclass
class Service:
    """Answers the next of `script`:

    (status, JSON body) with `headers`, or a list of chunks (text is sent as it is; None breaks
    off).
    """

    url: str = ""
    script: list[Any] = field(default_factory=list)
    asked: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str | None] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)


@pytest.fixture
def service():
    state = Service()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            state.asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            state.keys.append(self.headers["Authorization"])
            state.paths.append(self.path)
            answer = state.script.pop(0)
            if isinstance(answer, tuple):
                status, body = answer
                content = body if isinstance(body, bytes) else json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                for name, value in state.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)
                return
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.send_header("Connection", "close")
            self.end_headers()
            for each in answer:
                if each is None:
                    return
                line = each if isinstance(each, str) else json.dumps(each, ensure_ascii=False)
                self.wfile.write(f"data: {line}\n\n".encode())
            self.close_connection = True

        def log_message(self, format, *args):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        state.url = f"http://127.0.0.1:{server.server_port}/v1"
        yield state
        server.shutdown()
        thread.join()


TEMPLATE = "{% for m in messages %}<|{{ m.role }}|>{{ m.content }}<|end|>{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}"
WORDS = (
    "user assistant system : ? . I live in Chengdu Where do 我 住 成 都 Wei says tea memory data"
)


@pytest.fixture
def tokenizer():
    pytest.importorskip("transformers")
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    marks = ["<pad>", "<s>", "<|end|>", "<unk>", "<|user|>", "<|assistant|>", "<|system|>"]
    vocabulary = {word: at for at, word in enumerate([*marks, *WORDS.split()])}
    made = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))  # noqa: S106
    made.pre_tokenizer = pre_tokenizers.Whitespace()
    return PreTrainedTokenizerFast(
        tokenizer_object=made,
        pad_token="<pad>",  # noqa: S106
        bos_token="<s>",  # noqa: S106
        eos_token="<|end|>",  # noqa: S106
        unk_token="<unk>",  # noqa: S106
        additional_special_tokens=["<|user|>", "<|assistant|>", "<|system|>"],
        chat_template=TEMPLATE,
        model_max_length=64,
    )


@pytest.fixture
def causal(tokenizer):
    return _causal(tokenizer, 16)


@pytest.fixture
def wide(tokenizer):
    """Wide enough for a block of four-bit weights."""
    return _causal(tokenizer, 64)


def _causal(tokenizer, width):
    import torch
    from transformers import GPT2Config, GPT2LMHeadModel

    torch.manual_seed(3)
    config = GPT2Config(
        vocab_size=len(tokenizer),
        n_positions=64,
        n_embd=width,
        n_layer=2,
        n_head=2,
        bos_token_id=1,
        eos_token_id=2,
        pad_token_id=0,
    )
    model = GPT2LMHeadModel(config)
    with torch.no_grad():
        for weight in model.parameters():
            if weight.dim() > 1:
                weight.normal_(0, 0.3)
    return model
