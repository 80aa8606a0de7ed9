"""The proxy between the SDKs and a provider: what docs/proxy.md claims, measured.

    sdks       every way of the `openai` and `anthropic` SDKs, unmodified, to a scripted provider, and to `transformers serve` with a model made on the spot
    latency    what a chat waits longer than without the proxy, at 10,000 memories
    faults     chats while memory hangs, is locked, full, damaged, or raises what nobody expected
    identity   requests and answers with memory off, byte for byte
    streams    many streams at the same time: no event is lost

Provider, service and client are processes of their own where time is measured. Each part prints a
table, with `--json` one document. Exit code 1 where a bar is missed.
"""

import argparse
import asyncio
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import anthropic
import corpus
import httpx2
import openai
import report
from pydantic import BaseModel

import remanence
import server
from remanence.server import app, settings
from remanence.server.service import Service, service
from remanence.testing import loopback
from remanence.testing.faults import KINDS, Faulty
from remanence.testing.provider import Scripted

SIZE = 10_000
BAR_P50, BAR_P99 = 5.0, 20.0  # milliseconds
THINK = 0.05  # seconds between two chats of one person: the one before is remembered meanwhile
TOLD, ASKED = "I moved to Chengdu in March.", "Where did I move in March?"
PATHS = {
    "chat": "/openai/v1/chat/completions",
    "responses": "/openai/v1/responses",
    "messages": "/anthropic/v1/messages",
}


# -- a provider, a service ------------------------------------------------------------------------


@contextmanager
def provider() -> Iterator[str]:
    """The scripted provider in a process of its own: its address."""
    command = [sys.executable, __file__, "upstream"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True)
    try:
        yield process.stdout.readline().strip()
    finally:
        process.communicate("\n", timeout=60)


def upstream(_: argparse.Namespace) -> bool:
    with loopback.serve(Scripted()) as url:
        print(url, flush=True)
        sys.stdin.readline()
    return True


@contextmanager
def beside(memory: Any, **given: Any) -> Iterator[tuple[str, str, Scripted, Service]]:
    """Service and provider in this process: (address, key, provider, service)."""
    scripted = Scripted()
    with loopback.serve(scripted) as url:
        told = settings.load(
            {}, log="off", rate=0.0, openai_url=f"{url}/v1", anthropic_url=url, **given
        )
        made = service(memory, told)
        key, _ = made.keys.create(("proxy", "read", "write"), ("wei",))
        with loopback.serve(app.app(made)) as site:
            yield site, key, scripted, made


def body(kind: str, text: str, **more: Any) -> dict[str, Any]:
    """A request with one user turn."""
    if kind == "responses":
        return {"model": "words-3", "input": text, **more}
    most = {"max_tokens": 99} if kind == "messages" else {}
    return {"model": "words-3", "messages": [{"role": "user", "content": text}], **most, **more}


# -- sdks -----------------------------------------------------------------------------------------

FUNCTION = {
    "name": "weather",
    "description": "The weather of a city.",
    "parameters": {
        "type": "object",
        "properties": {"city": {"type": "string"}},
        "required": ["city"],
        "additionalProperties": False,
    },
    "strict": True,
}
TOOL = {"type": "function", "function": FUNCTION}


class City(BaseModel):
    """What the model is asked to say."""

    city: str


def user(text: str) -> list[Any]:
    return [{"role": "user", "content": text}]


def _streamed(stream: Any) -> str:
    return "".join(chunk.choices[0].delta.content or "" for chunk in stream if chunk.choices)


def _async_chat(client: openai.AsyncOpenAI, model: str, *, stream: bool) -> str:
    async def ask() -> str:
        async with client:
            said = await client.chat.completions.create(
                model=model, messages=user("hello"), max_tokens=8, stream=stream
            )
            if not stream:
                return said.choices[0].message.content
            return "".join([c.choices[0].delta.content or "" async for c in said if c.choices])

    return asyncio.run(ask())


def _async_messages(client: anthropic.AsyncAnthropic) -> str:
    async def ask() -> str:
        async with (
            client,
            client.messages.stream(model="words-3", max_tokens=9, messages=user("hello")) as stream,
        ):
            return "".join([text async for text in stream.text_stream])

    return asyncio.run(ask())


def _recalls(client: openai.OpenAI, model: str) -> bool:
    """A second chat is given what the first one said, and its provider reads that much more."""
    create = client.chat.completions.with_raw_response.create
    create(model=model, messages=user(TOLD), max_tokens=4)
    off = create(
        model=model, messages=user(ASKED), max_tokens=4, extra_headers={"x-remanence-memory": "off"}
    )
    on = create(model=model, messages=user(ASKED), max_tokens=4)
    assert on.headers["x-remanence-memory"].startswith("used="), on.headers
    assert on.headers["x-remanence-memory"] != "used=0"
    if model == "echo":
        return TOLD in on.parse().choices[0].message.content
    return on.parse().usage.prompt_tokens > off.parse().usage.prompt_tokens + 50


def _chat_ways(url: str, key: str, model: str) -> dict[str, Callable[[], Any]]:
    """What both providers can do."""
    base = {"base_url": f"{url}/openai/v1", "api_key": key, "max_retries": 0}
    chat = openai.OpenAI(**base)
    create = chat.chat.completions.create
    options: dict[str, Any] = {"model": model, "messages": user("hello"), "max_tokens": 8}
    return {
        "openai chat": lambda: create(**options).choices[0].message.content,
        "openai chat, stream": lambda: _streamed(create(**options, stream=True)),
        "openai chat, async": lambda: _async_chat(openai.AsyncOpenAI(**base), model, stream=False),
        "openai chat, async stream": lambda: _async_chat(
            openai.AsyncOpenAI(**base), model, stream=True
        ),
        "openai chat, tools offered": lambda: create(**options, tools=[TOOL]),
        "a second chat is given what the first said": lambda: _recalls(
            chat, "echo" if model.startswith("words") else model
        ),
    }


def _ways(url: str, key: str) -> dict[str, Callable[[], Any]]:
    """What only the scripted provider can do."""
    chat = openai.OpenAI(base_url=f"{url}/openai/v1", api_key=key, max_retries=0)
    claude = anthropic.Anthropic(base_url=f"{url}/anthropic", api_key=key, max_retries=0)
    lively = anthropic.AsyncAnthropic(base_url=f"{url}/anthropic", api_key=key, max_retries=0)
    block = {"name": "weather", "input_schema": FUNCTION["parameters"]}
    ask = user("weather?")

    def final(events: Any, name: str) -> Any:
        with events as stream:
            return getattr(stream, name)()

    return {
        "openai chat, n=3": lambda: len(
            chat.chat.completions.create(model="words-3", messages=ask, n=3).choices
        ) == 3,
        "openai chat, a tool called": lambda: chat.chat.completions.create(
            model="tools", messages=ask, tools=[TOOL]
        ).choices[0].message.tool_calls,
        "openai chat, a tool called in a stream": lambda: final(
            chat.chat.completions.stream(model="tools", messages=ask, tools=[TOOL]),
            "get_final_completion",
        ).choices[0].message.tool_calls,
        "openai chat, structured": lambda: chat.chat.completions.parse(
            model="json", messages=ask, response_format=City
        ).choices[0].message.parsed,
        "openai responses": lambda: chat.responses.create(model="words-3", input="hi").output_text,
        "openai responses, stream": lambda: final(
            chat.responses.stream(model="words-3", input="hi"), "get_final_response"
        ).output_text,
        "openai responses, a function called": lambda: chat.responses.create(
            model="tools", input="weather?", tools=[{"type": "function", **FUNCTION}]
        ).output[0].call_id,
        "openai responses, structured": lambda: chat.responses.parse(
            model="json", input="hi", text_format=City
        ).output_parsed,
        "openai models": chat.models.with_raw_response.list,
        "anthropic messages": lambda: claude.messages.create(
            model="words-3", max_tokens=9, messages=ask
        ).content[0].text,
        "anthropic messages, stream": lambda: final(
            claude.messages.stream(model="words-3", max_tokens=9, messages=ask), "get_final_text"
        ),
        "anthropic messages, async stream": lambda: _async_messages(lively),
        "anthropic messages, a tool used": lambda: claude.messages.create(
            model="tools", max_tokens=9, messages=ask, tools=[block]
        ).content[0].input,
        "anthropic messages, a tool used in a stream": lambda: final(
            claude.messages.stream(model="tools", max_tokens=9, messages=ask, tools=[block]),
            "get_final_message",
        ).content[0].input,
    }  # fmt: skip


SMALL = """
import sys, torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast
torch.set_num_threads(1)
torch.manual_seed(0)
pieces = Tokenizer(models.BPE())
pieces.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
pieces.decoder = decoders.ByteLevel()
alphabet = pre_tokenizers.ByteLevel.alphabet()
marks = ["<|end|>", "<|user|>", "<|assistant|>", "<|system|>"]
pieces.train_from_iterator(["hello"], trainers.BpeTrainer(vocab_size=300, special_tokens=marks, initial_alphabet=alphabet))
words = PreTrainedTokenizerFast(tokenizer_object=pieces, eos_token="<|end|>", pad_token="<|end|>")
words.chat_template = (
    "{% for m in messages %}<|{{ m['role'] }}|>{{ m['content'] if m['content'] is string else m['content'][0]['text'] }}<|end|>{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
config = LlamaConfig(vocab_size=len(words), hidden_size=32, intermediate_size=64, num_hidden_layers=1, num_attention_heads=2,
                     num_key_value_heads=2, max_position_embeddings=8192, bos_token_id=None, eos_token_id=0, pad_token_id=0)
LlamaForCausalLM(config).save_pretrained(sys.argv[1])
words.save_pretrained(sys.argv[1])
"""


@contextmanager
def transformers_serve(folder: Path) -> Iterator[str]:
    """`transformers serve` with a model of 20 thousand weights, made now: its address."""
    env = {**os.environ, "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1", "TQDM_DISABLE": "1"}
    subprocess.run([sys.executable, "-c", SMALL, str(folder)], check=True, env=env,
                   capture_output=True)  # fmt: skip
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    program = str(Path(sys.executable).parent / "transformers")
    command = [program, "serve", str(folder), "--host", "127.0.0.1", "--port", str(port),
               "--device", "cpu"]  # fmt: skip
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, env=env)
        try:
            deadline = time.monotonic() + 120
            while True:
                try:
                    httpx2.get(f"http://127.0.0.1:{port}/health", timeout=5).raise_for_status()
                    break
                except httpx2.HTTPError:
                    if time.monotonic() > deadline or process.poll() is not None:
                        raise
                    time.sleep(0.5)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=60)


def _tried(ways: dict[str, Callable[[], Any]], provider: str) -> list[list[Any]]:
    rows = []
    for name, way in ways.items():
        try:
            said = "pass" if way() else "no answer"
        except Exception as error:
            said = f"{type(error).__name__}: {error}"[:90]
        rows.append([name, provider, said])
    return rows


def sdks(args: argparse.Namespace) -> bool:
    rows: list[list[Any]] = []
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        memory = stack.enter_context(remanence.open(folder / "sdks.db", embedder="hash:64"))
        url, key, _, _ = stack.enter_context(beside(memory, memory_ms=5_000.0))
        rows += _tried(_chat_ways(url, key, "words-3") | _ways(url, key), "scripted")
        if not args.quick:
            small = folder / "small"
            small.mkdir()
            real = stack.enter_context(transformers_serve(small))
            fresh = stack.enter_context(remanence.open(folder / "real.db", embedder="hash:64"))
            told = settings.load({}, log="off", memory_ms=5_000.0, openai_url=f"{real}/v1")
            made = service(fresh, told)
            key, _ = made.keys.create(("proxy", "read", "write"), ("wei",))
            site = stack.enter_context(loopback.serve(app.app(made)))
            rows += _tried(_chat_ways(site, key, str(small)), "transformers serve")
    passed = sum(row[2] == "pass" for row in rows)
    versions = {"openai": openai.__version__, "anthropic": anthropic.__version__}
    report.show("SDKs through the proxy", ["way", "provider", "result"], rows, args,
                notes=[f"{passed} of {len(rows)} pass"], versions=versions)  # fmt: skip
    return passed == len(rows)


# -- latency --------------------------------------------------------------------------------------


def _store(size: int) -> Path:
    path = report.OUT / f"proxy-{size}.db"
    if not path.exists():
        report.OUT.mkdir(exist_ok=True)
        with remanence.open(path) as memory:
            memory.remember(list(corpus.turns(size, seed=5)), namespace="wei")
    return path


def _exchange(wire: server.Wire, raw: bytes) -> float:
    started = time.perf_counter()
    status, answer = wire.ask(raw)
    assert status == 200, answer
    return time.perf_counter() - started


def _raw(path: str, headers: dict[str, str], said: dict[str, Any]) -> bytes:
    data = json.dumps(said).encode()
    lines = [
        f"POST {path} HTTP/1.1",
        "host: localhost",
        "content-type: application/json",
        f"content-length: {len(data)}",
        *(f"{k}: {v}" for k, v in headers.items()),
    ]
    return "\r\n".join([*lines, "", ""]).encode() + data


def latency(args: argparse.Namespace) -> bool:
    size, count = (500, 40) if args.quick else (SIZE, 300)
    questions = corpus.questions(count + 20)
    told = [turn.text for turn in islice(corpus.turns(count + 20, seed=9), count + 20)]
    off = {"x-remanence-memory": "off"}
    cases: list[tuple[str, dict[str, str], list[str], str]] = [
        ("chat", {}, questions, "questions"),
        ("messages", {}, questions, "questions"),
        ("responses", {}, questions, "questions"),
        ("chat", {}, told, "statements"),
        ("chat", off, questions, "questions"),
    ]
    rows, missed = [], False
    with tempfile.TemporaryDirectory() as folder, provider() as url:
        path = Path(folder) / "latency.db"
        shutil.copy(_store(size), path)
        host, port = url.removeprefix("http://").split(":")
        environ = {"REMANENCE_OPENAI_URL": f"{url}/v1", "REMANENCE_ANTHROPIC_URL": url}
        with server.served(path, **environ) as served:
            direct = server.Wire(host, int(port))
            through = server.Wire(served.host, served.port)
            for kind, given, texts, turns in cases:
                took: list[tuple[float, float]] = []
                headers = {"authorization": f"Bearer {served.key}", **given}
                headers["x-remanence-namespace"] = "wei"
                for number, text in enumerate(texts):
                    said = body(kind, text)
                    plain = PATHS[kind].removeprefix("/openai").removeprefix("/anthropic")
                    pair = (
                        _exchange(direct, _raw(plain, {}, said)),
                        _exchange(through, _raw(PATHS[kind], headers, said)),
                    )
                    if number >= 20:
                        took.append(pair)
                    time.sleep(THINK)
                added = [(both - alone) * 1e3 for alone, both in took]
                p50, p99 = report.percentile(added, 0.5), report.percentile(added, 0.99)
                mode = given.get("x-remanence-memory", "on")
                alone, both = (report.median_ms(list(each)) for each in zip(*took, strict=True))
                rows.append([f"{kind}, {turns}", mode, alone, both, p50, p99])
                missed = missed or p50 > BAR_P50 or p99 > BAR_P99
            metrics = _metrics(served)
    report.show(
        f"What the proxy adds to a chat, one after another, {size:,} memories, ms",
        ["request", "memory", "alone p50", "through p50", "added p50", "added p99"],
        rows,
        args,
        notes=[
            (
                f"bars: p50 <= {BAR_P50:g}, p99 <= {BAR_P99:g}; added is the difference of "
                f"neighbours, {count} pairs in each row"
            ),
            f"recall without an answer in its time: {metrics}",
        ],
    )
    return not missed


def _metrics(served: server.Served) -> str:
    answer = httpx2.get(
        f"http://{served.host}:{served.port}/metrics",
        headers={"authorization": f"Bearer {served.key}", "host": "localhost"},
    )
    lines = [line for line in answer.text.splitlines() if "proxy_faults_total{" in line]
    return "; ".join(line.removeprefix("remanence_proxy_faults_total") for line in lines) or "none"


# -- faults ---------------------------------------------------------------------------------------


def _chats(url: str, key: str, count: int, model: str = "words-3") -> tuple[int, int]:
    """(chats that failed, chats that said that memory was degraded)."""
    failed = degraded = 0
    headers = {"authorization": f"Bearer {key}"}
    with httpx2.Client(base_url=url, headers=headers, timeout=60) as client:
        for number in range(count):
            kind = tuple(PATHS)[number % 3]
            stream = number // 3 % 2 == 1
            said = body(kind, f"What about number {number}?", model=model, stream=stream)
            try:
                answer = client.post(PATHS[kind], json=said)
                failed += (
                    answer.status_code != 200
                    or "w2" not in answer.text
                    or 'error":{' in answer.text
                )
                degraded += "degraded" in answer.headers["x-remanence-memory"]
            except httpx2.HTTPError:
                failed += 1
    return failed, degraded


def faults(args: argparse.Namespace) -> bool:
    count = 50 if args.quick else 1_000
    rows = []
    with (
        tempfile.TemporaryDirectory() as folder,
        remanence.open(Path(folder) / "faults.db", embedder="hash:64") as memory,
    ):
        memory.remember([f"number {n} is {n * 7}" for n in range(200)], namespace="wei")
        told = {"log": "off", "rate": 0.0, "memory_ms": 5.0}
        for kind in KINDS:
            faulty = Faulty(memory, [kind], seconds=0.02)
            share = count // len(KINDS)
            with ExitStack() as stack:
                scripted = stack.enter_context(loopback.serve(Scripted()))
                made = service(
                    memory,
                    settings.load({}, openai_url=f"{scripted}/v1", anthropic_url=scripted, **told),
                )
                key, _ = made.keys.create(("proxy", "read", "write"), ("wei",))
                site = stack.enter_context(loopback.serve(app.app(replace(made, memory=faulty))))
                failed, degraded = _chats(site, key, share)
            rows.append([f"memory: {kind}", share, sum(faulty.failed.values()), degraded, failed])
        rows.append(_locked(Path(folder) / "faults.db", 12 if args.quick else 60))
        lost = [row for row in rows if row[4]]
        control = Faulty(memory, KINDS, seconds=0.001)
        rows.append(["control: memory asked alone", count, count, None, _alone(control, count)])
        with beside(memory) as (site, key, _, _):
            rows.append(["control: the provider dies", 30, 0, 0, _chats(site, key, 30, "dies")[0]])
    report.show(
        "Chats while memory fails",
        ["what fails", "chats", "faults", "told degraded", "chats failed"],
        rows,
        args,
        notes=[
            "the controls must fail, all of them: they show that faults are real, and that a failed chat is seen",
            "each chat recalls and remembers: two faults, where it comes to both",
        ],
    )
    return not lost and rows[-2][4] == count and rows[-1][4] == 30


def _alone(faulty: Faulty, count: int) -> int:
    failed = 0
    for _ in range(count):
        try:
            faulty.recall("number 3?", namespace="wei", k=3)
        except Exception:
            failed += 1
    return failed


def _locked(path: Path, count: int) -> list[Any]:
    """No fault of a script: another connection holds the store's write lock all the while."""
    with (
        remanence.open(path, timeout=0.05) as mine,
        remanence.open(path, timeout=5) as other,
        ExitStack() as stack,
    ):
        site, key, _, made = stack.enter_context(beside(mine))
        mine.recall(
            "number 3?", namespace="wei", k=3
        )  # read once while nothing is locked, as in a running service

        def held(_: Any) -> tuple[int, int]:
            found = _chats(site, key, count)
            # the site ends when what it remembers has come to its end: while the lock is still held
            stack.close()
            return found

        failed, degraded = other.store.writing(held)
        busy = [
            int(float(line.rsplit(" ", 1)[1]))
            for line in made.metrics.exposition().decode().splitlines()
            if "proxy_faults_total" in line and "StoreBusy" in line
        ]
    return ["store: locked by another process", count, sum(busy), degraded, failed]


# -- identity -------------------------------------------------------------------------------------


def _generated(draw: random.Random) -> tuple[str, bytes]:
    """A request such as clients send: any spacing, any escapes, members that nobody knows."""
    kind = draw.choice(tuple(PATHS))
    letters = 'abc XYZ 0123 \n\t"\\/<>&é我住在成都😀'
    text = "".join(draw.choice(letters) for _ in range(draw.randrange(1, 60)))
    said = body(
        kind, text, model=draw.choice(["words-9", "echo", "gzip", "status-429", "status-500"])
    )
    said |= {
        "stream": draw.random() < 0.5,
        "temperature": draw.random(),
        f"x_{draw.randrange(9)}": [text, None, 1e-9],
    }
    order = list(said.items())
    draw.shuffle(order)
    raw = json.dumps(
        dict(order), indent=draw.choice([None, 1, 4]), ensure_ascii=draw.random() < 0.5
    )
    return kind, raw.encode()


def _bytes(client: httpx2.Client, url: str, raw: bytes, headers: dict[str, str]) -> Any:
    with client.stream("POST", url, content=raw, headers=headers) as answer:
        return answer.status_code, answer.headers.get("content-type"), b"".join(answer.iter_raw())


def identity(args: argparse.Namespace) -> bool:
    count = 100 if args.quick else 2_000
    draw = random.Random(7)
    rows = []
    with (
        tempfile.TemporaryDirectory() as folder,
        remanence.open(Path(folder) / "identity.db", embedder="hash:64") as memory,
    ):
        memory.remember("I live in Chengdu; 我住在成都。", namespace="wei")
        with beside(memory) as (site, key, scripted, _), httpx2.Client() as client:
            base = ""
            for mode in ("off", "read"):
                sent = came = 0
                total = count if mode == "off" else count // 10
                for _ in range(total):
                    kind, raw = _generated(draw)
                    headers = {"authorization": "Bearer sk-mine", "content-type": "application/json",
                               "x-remanence-key": key, "x-remanence-memory": mode}  # fmt: skip
                    through = _bytes(client, site + PATHS[kind], raw, headers)
                    got = scripted.got.pop()
                    sent += got.body != raw
                    base = base or _address(got)
                    path = PATHS[kind].removeprefix("/openai").removeprefix("/anthropic")
                    plain = {"authorization": "Bearer sk-mine", "content-type": "application/json"}
                    came += through != _bytes(client, base + path, raw, plain)
                    scripted.got.clear()
                rows.append([f"memory {mode}", total, sent, came])
    report.show(
        "Byte for byte",
        ["mode", "requests", "requests changed", "answers changed"],
        rows,
        args,
        notes=[
            "with memory off nothing may change; the other row is the control: memory changes what is sent"
        ],
    )
    return rows[0][2:] == [0, 0] and rows[1][2] > 0


def _address(got: Any) -> str:
    return f"http://{got.header('host')}"


# -- streams --------------------------------------------------------------------------------------


def streams(args: argparse.Namespace) -> bool:
    count, events = (40, 50) if args.quick else (1_000, 100)
    lost = 0
    with tempfile.TemporaryDirectory() as folder, provider() as url:
        path = Path(folder) / "streams.db"
        environ = {"REMANENCE_OPENAI_URL": f"{url}/v1", "REMANENCE_ANTHROPIC_URL": url,
                   "REMANENCE_WAITING": "2000"}  # fmt: skip
        with server.served(path, **environ) as served:
            started, cpu = time.perf_counter(), served.cpu()
            whole = asyncio.run(_all_streams(served, count, events))
            seconds, cpu = time.perf_counter() - started, served.cpu() - cpu
            told = _metrics(served)
    refused = [said for _, said in whole if said]
    lost = sum(events - each for each, said in whole if not said)
    rows = [[count, events, len(refused), lost, seconds, count * events / seconds, cpu]]
    report.show(
        "Streams at the same time",
        [
            "streams",
            "events each",
            "streams refused",
            "events lost",
            "seconds",
            "events/s",
            "CPU s",
        ],
        rows,
        args,
        notes=[
            "chat completions, each read to its end, in order; half remembered afterwards",
            f"faults of memory: {told}",
            *(f"refused: {said}" for said in refused[:3]),
        ],
    )
    return lost == 0 and not refused


async def _all_streams(served: server.Served, count: int, events: int) -> list[tuple[int, str]]:
    limits = httpx2.Limits(max_connections=None)
    headers = {"authorization": f"Bearer {served.key}", "host": "localhost"}
    address = f"http://{served.host}:{served.port}"
    async with httpx2.AsyncClient(
        base_url=address, headers=headers, limits=limits, timeout=300
    ) as client:
        return await asyncio.gather(*(_one_stream(client, n, events) for n in range(count)))


async def _one_stream(client: httpx2.AsyncClient, number: int, events: int) -> tuple[int, str]:
    """How many words came, in order; and the refusal, where it was refused."""
    said = body("chat", f"Tell me about number {number}.", model=f"words-{events}", stream=True)
    mode = {"x-remanence-memory": "off"} if number % 2 else {"x-remanence-user": f"u{number % 16}"}
    heard = []
    async with client.stream("POST", PATHS["chat"], json=said, headers=mode) as answer:
        if answer.status_code != 200:
            return 0, (await answer.aread()).decode()[:200]
        async for line in answer.aiter_lines():
            if line.startswith("data: {"):
                heard.append(json.loads(line[6:])["choices"][0]["delta"].get("content") or "")
    words = "".join(heard).split()
    return sum(word == f"w{n}" for n, word in enumerate(words)), ""


PARTS: dict[str, Callable[[argparse.Namespace], bool]] = {
    "sdks": sdks,
    "latency": latency,
    "faults": faults,
    "identity": identity,
    "streams": streams,
    "upstream": upstream,
}


def main() -> int:
    parser = report.arguments(__doc__)
    parser.add_argument("part", choices=PARTS, help="what to measure")
    args = parser.parse_args()
    started = time.process_time()
    passed = PARTS[args.part](args)
    if args.part != "upstream":
        report.say(f"{time.process_time() - started:.1f} CPU seconds in this process")
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
