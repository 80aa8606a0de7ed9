"""Probes of the proxies, of a service's model and of chat, for `service_cases`.

A probe raises where the outcome is another than the case describes. The texts are
our own; what the user says is `WORDS`.
"""

import gzip
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import anyio
import httpx2

import remanence
from remanence.server import app, settings
from remanence.server.service import Service, service
from remanence.storage import episodes
from remanence.storage.store import find_namespace
from remanence.testing import loopback

Probe = Callable[[], None]
WORDS = "My aunt Greta keeps bees in Bergen."
ASKED = "What does Greta keep in Bergen?"
CHAT, MESSAGES, RESPONSES = (
    "/openai/v1/chat/completions",
    "/anthropic/v1/messages",
    "/openai/v1/responses",
)
JSON_TYPE, STREAM_TYPE = "application/json", "text/event-stream"


@dataclass(frozen=True)
class Scripted:
    """An answer of the upstream: status, type, pieces (a number is a pause), more headers."""

    pieces: tuple[bytes | float, ...] = ()
    status: int = 200
    media: str = JSON_TYPE
    headers: dict[str, str] = field(default_factory=dict)


def chat_body(content: Any = "ok", **message: Any) -> bytes:
    said = {"role": "assistant", "content": content, **message}
    choice = {"index": 0, "message": said, "finish_reason": "stop"}
    return json.dumps(
        {"id": "c1", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice]}
    ).encode()


def message_body(content: str = "ok") -> bytes:
    return json.dumps(
        {
            "id": "msg_1",
            "type": "message",
            "role": "assistant",
            "model": "m",
            "content": [{"type": "text", "text": content}],
            "stop_reason": "end_turn",
            "usage": {"input_tokens": 1, "output_tokens": 1},
        }
    ).encode()


def response_body(content: str = "ok") -> bytes:
    part = {"type": "output_text", "text": content}
    item = {"type": "message", "role": "assistant", "content": [part]}
    return json.dumps({"id": "r1", "status": "completed", "output": [item]}).encode()


def events(*deltas: dict[str, Any], finish: str = "stop") -> bytes:
    """Return the chunks of a streamed completion."""
    ends: list[tuple[dict[str, Any], str | None]] = [(each, None) for each in deltas]
    ends.append(({}, finish))
    lines = [
        {"id": "c1", "choices": [{"index": 0, "delta": each, "finish_reason": end}]}
        for each, end in ends
    ]
    return (
        b"".join(f"data: {json.dumps(line)}\n\n".encode() for line in lines) + b"data: [DONE]\n\n"
    )


@dataclass
class Upstream:
    """An ASGI application that answers by a list; the last answer is given again."""

    answers: list[Scripted] = field(default_factory=list)
    got: list[dict[str, Any]] = field(default_factory=list)
    gone: threading.Event = field(default_factory=threading.Event)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        path = scope["raw_path"].decode()
        self.got.append(
            {
                "method": scope["method"],
                "path": path,
                "headers": dict(scope["headers"]),
                "body": body,
            }
        )
        said = self._next(path)
        await self._say(said, receive, send)

    def _next(self, path: str) -> Scripted:
        if not self.answers:
            whole = message_body() if "messages" in path else chat_body()
            return Scripted((response_body() if "responses" in path else whole,))
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    async def _say(self, said: Scripted, receive: Any, send: Any) -> None:
        headers = [(b"content-type", said.media.encode())]
        headers += [(key.encode(), value.encode()) for key, value in said.headers.items()]
        async with anyio.create_task_group() as group:

            async def watch() -> None:
                while (await receive())["type"] != "http.disconnect":
                    pass
                self.gone.set()
                group.cancel_scope.cancel()

            group.start_soon(watch)
            pieces = list(said.pieces)
            if isinstance(pieces[0], float):
                await anyio.sleep(float(pieces.pop(0)))
            await send({"type": "http.response.start", "status": said.status, "headers": headers})
            for piece in pieces:
                if isinstance(piece, float):
                    await anyio.sleep(piece)
                    continue
                await send({"type": "http.response.body", "body": piece, "more_body": True})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
            group.cancel_scope.cancel()

    @property
    def chats(self) -> list[dict[str, Any]]:
        return [json.loads(each["body"]) for each in self.got if each["body"]]


@dataclass
class Site:
    """A service, its memory and its upstream, on loopback."""

    url: str
    memory: Any
    service: Service
    upstream: Upstream
    http: httpx2.Client

    def key(self, *grants: str, scopes: tuple[str, ...] = ("proxy", "read", "write")) -> str:
        return self.service.keys.create(scopes, grants or ("wei",))[0]

    def post(self, path: str, body: Any, key: str = "", **headers: str) -> httpx2.Response:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        given = {"content-type": JSON_TYPE, "x-remanence-key": key or self.key()}
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        return self.http.post(self.url + path, content=raw, headers=given)

    def chat(self, *texts: Any, key: str = "", **more: Any) -> httpx2.Response:
        return self.post(CHAT, {"model": "m", "messages": users(*texts), **more}, key)

    def kept(self, namespace: str = "wei", least: int = 0) -> list[Any]:
        """Return what is remembered there, once nothing is being written any more."""
        answers, got = self.upstream.answers, list(self.upstream.got)
        self.upstream.answers = [Scripted((chat_body(),))]
        self.post(CHAT, {"messages": users("?")}, self.key(namespace), x_remanence_memory="read")
        self.upstream.answers, self.upstream.got = answers, got
        deadline = time.monotonic() + 5
        while True:
            with self.memory.store.reading() as connection:
                number = find_namespace(connection, namespace)
                found = list(episodes.log(connection, number, namespace, history=True))
            if len(found) >= least or time.monotonic() > deadline:
                return found
            time.sleep(0.05)

    def said(self, speaker: str = "user", namespace: str = "wei") -> list[str]:
        return [each.text for each in self.kept(namespace) if each.speaker == speaker]


@contextmanager
def site(*answers: Scripted, upstream: str = "", **given: Any) -> Iterator[Site]:
    """A service whose upstream gives these answers."""
    with ExitStack() as stack:
        memory = stack.enter_context(remanence.open(":memory:", embedder="hash:64"))
        scripted = Upstream(list(answers))
        address = upstream or stack.enter_context(loopback.serve(scripted))
        given = {"openai_url": f"{address}/v1", "anthropic_url": address, **given}
        made = service(memory, settings.load({}, **{"log": "off", "memory_ms": 10_000.0, **given}))
        url = stack.enter_context(loopback.serve(app.app(made)))
        http = stack.enter_context(httpx2.Client(timeout=30))
        yield Site(url, memory, made, scripted, http)


def users(*texts: Any) -> list[dict[str, Any]]:
    return [{"role": "user", "content": text} for text in texts]


def expect(holds: object, seen: Any = "") -> None:
    """Raise with what was seen unless something holds."""
    if not holds:
        raise AssertionError(f"{seen!r:.300}")


# -- whose words --------------------------------------------------------------------------------

NOTE = "<system-reminder>\nCLAUDE.md: I live in Quito.\n</system-reminder>"


def blocks(*texts: str) -> list[dict[str, str]]:
    return [{"type": "text", "text": text} for text in texts]


def own(path: str, content: Any, kept: list[str]) -> None:
    """The user's own words of a request are remembered, and no fact of what stands beside them."""
    with site() as here:
        body = {"model": "m", "max_tokens": 9, "messages": users(content)}
        expect(here.post(path, body).status_code == 200)
        expect(here.said() == kept, here.said())
        facts = [
            (each.subject, each.relation, each.object)
            for each in here.memory.facts(namespace="wei")
        ]
        expect(not any("Quito" in str(each) for each in facts), facts)


def background() -> None:
    history = f"<chat_history>\nUSER: {WORDS}\nASSISTANT: How many?\n</chat_history>"
    prompts = (
        f"### Task:\nGenerate 1-3 broad tags for the main themes.\n### Chat History:\n{history}",
        (
            "### Task:\nSuggest 3-5 relevant follow-up questions or prompts that the user might "
            f"naturally ask next.\n### Chat History:\n{history}"
        ),
    )
    with site() as here:
        here.chat(WORDS)
        for prompt in prompts * 2:
            here.chat(prompt)
        expect(here.said() == [WORDS], here.said())
        here.chat(ASKED)
        last = here.upstream.chats[-1]["messages"][-1]["content"]
        expect("bees in Bergen" in last and "### Task" not in last, last)


def handed_over(text: str) -> None:
    """A text that is handed over to be worked on states no fact of its bearer."""
    with remanence.open(":memory:", embedder="hash:64") as memory:
        memory.remember(text, speaker="user", at="2025-06-01")
        facts = [(each.subject, each.relation, each.object) for each in memory.facts()]
        expect(not facts, facts)


WRAPPED = {
    "V01-openwebui-rag": (
        (
            "### Task:\nRespond to the user query using the provided context, with citations "
            "like [1]."
            '\n<context>\n<source id="1">CV. I live in Quito and work for Borealis.</source>\n'
            "</context>\n\n<user_query>\nSum this up.\n</user_query>"
        ),
        ["Sum this up."],
    ),
    "V03-cursor-wrap": (
        (
            "<additional_data>\nSome information that may help.\n<current_file>\nPath: b.py\n"
            f"</current_file>\n</additional_data>\n\n<user_query>\n{WORDS}\n</user_query>"
        ),
        [WORDS],
    ),
    "V07-interrupted": ("[Request interrupted by user for tool use]", []),
}


def rules_stay() -> None:
    """Rules that stand in the user's message without a mark of their own stay in it."""
    rules = "# *SEARCH/REPLACE block* Rules:\n\nEvery *SEARCH/REPLACE block* must use this format."
    with site() as here:
        here.chat(f"Add an option --slow.\n\n{rules}")
        expect("Add an option --slow." in here.said()[0], here.said())


# -- what a model thinks ------------------------------------------------------------------------


def thought(content: Any, kept: list[str]) -> None:
    """What a model thinks is not kept, answered whole or in pieces."""
    pieces = [{"content": content[at : at + 3]} for at in range(0, len(content), 3)]
    streamed = Scripted((events(*pieces),), media=STREAM_TYPE)
    for answer, more in ((Scripted((chat_body(content),)), {}), (streamed, {"stream": True})):
        with site(answer) as here:
            here.chat("Hello, who is it?", **more)
            expect(here.said("assistant") == kept, here.said("assistant"))


def thought_later() -> None:
    answer = chat_body("<think>Surely Greta is 77 years old.</think>Bees, how lovely!")
    with site(Scripted((answer,))) as here:
        here.chat(WORDS)
        here.kept()
        here.chat("What did we say about Greta?")
        placed = here.upstream.chats[-1]["messages"][-1]["content"]
        expect("bees" in placed and "77" not in placed, placed)


def thought_apart(answer: Scripted, more: dict[str, Any]) -> None:
    with site(answer) as here:
        here.chat("Hello, who is it?", **more)
        expect(here.said("assistant") == ["Hello Wei!"], here.said("assistant"))


FIELDS = {
    "P09-reasoning_content": (
        Scripted(
            (
                events(
                    {"reasoning_content": "I think"},
                    {"reasoning": "so"},
                    {"content": "Hello "},
                    {"content": "Wei!"},
                ),
            ),
            media=STREAM_TYPE,
        ),
        {"stream": True},
    ),
    "P10-mistral-content-list": (
        Scripted(
            (
                chat_body(
                    [
                        {"type": "thinking", "thinking": [{"type": "text", "text": "so"}]},
                        {"type": "text", "text": "Hello Wei!"},
                    ]
                ),
            )
        ),
        {},
    ),
    "P11-mistral-content-list-stream": (
        Scripted(
            (
                events(
                    {
                        "content": [
                            {"type": "thinking", "thinking": [{"type": "text", "text": "so"}]}
                        ]
                    },
                    {"content": [{"type": "text", "text": "Hello Wei!"}]},
                ),
            ),
            media=STREAM_TYPE,
        ),
        {"stream": True},
    ),
}


# -- who ----------------------------------------------------------------------------------------


def sessions(grant: str, *, old: bool) -> None:
    """Two sessions of one user of Claude Code share one memory."""
    with site() as here:
        key = here.key(grant)

        def say(text: str, session: str) -> None:
            composite = {"device_id": "9f8e", "account_uuid": "1b7c", "session_id": session}
            user = f"user_9f8e_account_1b7c_session_{session}" if old else json.dumps(composite)
            body = {"model": "m", "max_tokens": 9, "messages": users(text)}
            here.post(MESSAGES, {**body, "metadata": {"user_id": user}}, key)

        say(WORDS, "s-1")
        say(ASKED, "s-2")
        expect("bees" in str(here.upstream.chats[-1]["messages"][-1]), here.upstream.chats[-1])


def front_end() -> None:
    with site() as here:
        key = here.key("team/*")
        for name in ("ada", "bo"):
            body = {"model": "m", "messages": users(f"{WORDS} says {name}")}
            here.post(CHAT, body, key, x_openwebui_user_id=name)
        for name in ("ada", "bo"):
            expect(here.said(namespace=f"team/{name}") == [f"{WORDS} says {name}"], name)


def numbered() -> None:
    with site() as here:
        answer = here.chat(WORDS, key=here.key("team/*"), user=4711)
        told = answer.headers["x-remanence-memory"]
        expect(told.startswith("none") or here.said(namespace="team/4711") == [WORDS], told)


def twice_named() -> None:
    raw = json.dumps({"model": "m", "messages": users("no")})[:-1]
    raw += f', "messages": {json.dumps(users(WORDS))}}}'
    with site() as here:
        answer = here.post(CHAT, raw.encode())
        expect(answer.status_code == 200, answer.text)
        sent = here.upstream.got[-1]["body"]
        expect(sent == raw.encode() or here.said() == [WORDS], sent)


# -- forms --------------------------------------------------------------------------------------


def surrogate() -> None:
    """A lone surrogate in what is said: the turn is kept with a replacement, memory takes part."""
    forms = ((CHAT, "messages"), (RESPONSES, "input"))
    for path, name in forms:
        with site() as here:
            here.chat("I like \u6210\u90fd tea.")
            here.kept()
            answer = here.post(path, {"model": "m", name: users("Greta \ude00 likes tea?")})
            told = answer.headers["x-remanence-memory"]
            expect(answer.status_code == 200 and told.startswith("used="), told)
            expect("Greta \ufffd likes tea?" in here.said(), here.said())


def surrogate_before() -> None:
    history = [*users("Greta \ud83d"), {"role": "assistant", "content": "ok"}, *users(WORDS)]
    with site() as here:
        body = json.dumps({"model": "m", "max_tokens": 9, "messages": history}).encode()
        answer = here.post(MESSAGES, body)
        expect(answer.status_code == 200 and here.upstream.got[-1]["body"] == body, answer.text)
        expect(WORDS in here.said(), here.said())


def variant(path: str) -> None:
    """Another way to write a path has memory, or an answer that says so."""
    with site() as here:
        body = {"model": "m", "max_tokens": 9, "messages": users(WORDS)}
        answer = here.post(path, body)
        worked = answer.headers.get("x-remanence-memory", "").startswith("used=")
        expect((worked and here.said() == [WORDS]) or answer.status_code == 404, answer.headers)


def passes(status: int, headers: dict[str, str]) -> None:
    error = b'{"error":{"message":"slow down","type":"overloaded_error"}}'
    ok = Scripted((chat_body(),))
    with site(Scripted((error,), status, headers=headers), ok) as here:
        answer = here.chat(WORDS)
        expect(answer.status_code == status and answer.content == error, answer.text)
        for name, value in headers.items():
            expect(answer.headers.get(name) == value, dict(answer.headers))
        here.chat(WORDS)
        expect(here.said() == [WORDS], here.said())


def compressed() -> None:
    body = gzip.compress(json.dumps({"model": "m", "messages": users(WORDS)}).encode())
    with site() as here:
        answer = here.post(CHAT, body, content_encoding="gzip")
        told = answer.headers.get("x-remanence-memory", "")
        sent = here.upstream.got[-1]["body"]
        expect(told and (sent == body or here.said() == [WORDS]), (told, sent[:50]))


def blanks() -> None:
    """Blank lines that keep a slow answer alive reach the client at once."""
    slow: tuple[bytes | float, ...] = (b"\n", 0.4, b"\n", 0.4, b"\n", 0.4, chat_body())
    with site(Scripted(slow)) as here:
        began = time.monotonic()
        headers = {"x-remanence-key": here.key(), "content-type": JSON_TYPE}
        body = json.dumps({"model": "m", "messages": users(WORDS)})
        with here.http.stream("POST", here.url + CHAT, content=body, headers=headers) as answer:
            first = time.monotonic() - began
            whole = b"".join(answer.iter_raw())
        expect(first < 0.35, f"the first bytes came after {first:.2f} s")
        expect(json.loads(whole)["choices"], whole)
        expect(here.said("assistant") == ["ok"], here.said("assistant"))


def leaves() -> None:
    with site(Scripted((5.0, chat_body()))) as here:
        body = json.dumps({"model": "m", "messages": users(WORDS)}).encode()
        host, port = here.url.removeprefix("http://").split(":")
        head = (
            f"POST {CHAT} HTTP/1.1\r\nHost: {host}:{port}\r\nX-Remanence-Key: {here.key()}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        ).encode()
        with socket.create_connection((host, int(port))) as connection:
            connection.sendall(head + body)
            deadline = time.monotonic() + 5
            while not here.upstream.got and time.monotonic() < deadline:
                time.sleep(0.02)
        expect(here.upstream.gone.wait(2), "the upstream's request went on")
        expect([each.text for each in here.kept(least=1)] == [WORDS], here.said())


def unknown_path() -> None:
    with site() as here:
        for path, kind in (
            ("/openai/chat/completions", "openai"),
            ("/anthropic/messages", "anthropic"),
        ):
            answer = here.post(path, {"model": "m", "messages": users(WORDS)})
            error = answer.json()
            expect(answer.status_code == 404 and error["error"]["message"], answer.text)
            expect(kind == "openai" or error["type"] == "error", error)
            expect("/v1" in error["error"]["message"], error)


def cached() -> None:
    """Memory stands behind all that the client marked for the cache."""
    mark = {"cache_control": {"type": "ephemeral", "ttl": "1h"}}
    with site() as here:
        here.chat(WORDS)
        here.kept()
        system = [{"type": "text", "text": f"Rule {n}.", **mark} for n in range(3)]
        content = [{"type": "text", "text": ASKED, **mark}]
        body = {"model": "m", "max_tokens": 9, "system": system, "messages": users(content)}
        raw = json.dumps(body).encode()
        here.post(MESSAGES, raw)
        sent = here.upstream.got[-1]["body"]
        expect(sent.count(b"cache_control") == 4 and len(sent) > len(raw), sent)
        expect(sent.startswith(raw[: raw.rindex(b"]}]")]), sent)


def developer() -> None:
    with site() as here:
        messages = [{"role": "developer", "content": "I live in Quito."}, *users(WORDS)]
        here.post(CHAT, {"model": "m", "messages": messages})
        expect([each.text for each in here.kept() if each.speaker != "assistant"] == [WORDS])
        expect(not here.memory.facts(namespace="wei", object="Quito"))


def probes_pass() -> None:
    with site() as here:
        key = {"x-remanence-key": here.key()}
        head = here.http.head(f"{here.url}/anthropic/v1/models", headers=key)
        options = here.http.request("OPTIONS", f"{here.url}{CHAT}", headers=key)
        expect(head.status_code < 500 and options.status_code < 500, options.status_code)


def websocket() -> None:
    with site() as here:
        headers = {"x-remanence-key": here.key(), "connection": "Upgrade", "upgrade": "websocket"}
        headers |= {"sec-websocket-key": "dGhlIHNhbXBsZQ==", "sec-websocket-version": "13"}
        answer = here.http.get(here.url + RESPONSES, headers=headers)
        expect(answer.status_code == 426 and not here.upstream.got, answer.status_code)


def choices() -> None:
    lines = [
        {"id": "c", "choices": [{"index": index, "delta": {"content": word}, "finish_reason": end}]}
        for index, word, end in (
            (1, "No ", None), (0, "Yes ", None), (1, "way.", None), (0, "indeed.", None),
            (1, "", "stop"), (0, "", "stop"),
        )
    ]  # fmt: skip
    raw = b"".join(f"data: {json.dumps(line)}\n\n".encode() for line in lines) + b"data: [DONE]\n\n"
    with site(Scripted((raw,), media=STREAM_TYPE)) as here:
        here.chat(WORDS, stream=True, n=2)
        expect(here.said("assistant") == ["Yes indeed."], here.said("assistant"))


def error_in_200() -> None:
    error = b'{"error": {"message": "no capacity", "code": 502}}'
    with site(Scripted((error,))) as here:
        answer = here.chat(WORDS)
        expect(answer.content == error and here.said("assistant") == [], here.said("assistant"))


def regenerated() -> None:
    first, second = Scripted((chat_body("Seven hives."),)), Scripted((chat_body("Nine hives."),))
    with site(first, second) as here:
        here.chat(WORDS)
        here.kept()
        here.chat(WORDS)
        kept = here.kept()
        latest = {each.id: each for each in kept}
        told = [each.text for each in latest.values() if each.speaker == "assistant"]
        expect([e.text for e in latest.values() if e.speaker == "user"] == [WORDS], kept)
        expect(told == ["Nine hives."], told)


def at_once() -> None:
    with site() as here:
        key = here.key()
        answers: list[int] = []
        threads = [
            threading.Thread(target=lambda: answers.append(here.chat(WORDS, key=key).status_code))
            for _ in range(8)
        ]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
        expect(answers == [200] * 8, answers)
        expect(len(set(here.said())) == 1 == len(here.said()), here.said())


def prefilled() -> None:
    with site() as here:
        here.chat(WORDS)
        here.kept()
        messages = [*users(ASKED), {"role": "assistant", "content": "{"}]
        here.post(MESSAGES, {"model": "m", "max_tokens": 9, "messages": messages})
        sent = here.upstream.chats[-1]["messages"]
        expect([each["role"] for each in sent] == ["user", "assistant"], sent)
        expect("bees" in str(sent[0]) and sent[1] == messages[1], sent)


def batches() -> None:
    raw = b'{"requests": [ {"custom_id": "a",  "params": {}} ]}'
    with site() as here:
        here.post("/anthropic/v1/messages/batches", raw)
        got = here.upstream.got[-1]
        expect(got["body"] == raw and got["path"] == "/v1/messages/batches", got)


def reasoning_pair() -> None:
    """Memory stands behind the user's item; a reasoning item stays before its call."""
    items = [
        {"type": "message", "role": "user", "content": ASKED},
        {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "gAAA"},
        {"type": "function_call", "call_id": "c1", "name": "look", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "c1", "output": "bees"},
    ]
    with site() as here:
        here.chat(WORDS)
        here.kept()
        here.post(RESPONSES, {"model": "m", "input": items})
        sent = here.upstream.chats[-1]["input"]
        expect("Bergen" in json.dumps(sent[:-3]), sent)
        expect(sent[-3:] == items[1:], sent)


def result_then_text() -> None:
    with site() as here:
        here.chat(WORDS)
        here.kept()
        call = {"type": "tool_use", "id": "t1", "name": "look", "input": {}}
        content = [{"type": "tool_result", "tool_use_id": "t1", "content": "x"}, *blocks(ASKED)]
        messages = [*users("Look."), {"role": "assistant", "content": [call]}, *users(content)]
        here.post(MESSAGES, {"model": "m", "max_tokens": 9, "messages": messages})
        sent = here.upstream.chats[-1]["messages"][-1]["content"]
        expect(sent[:2] == content and "bees" in sent[-1]["text"], sent)


def unreachable() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}"
    with site(upstream=address) as here:
        began = time.monotonic()
        answer = here.chat(WORDS)
        took = time.monotonic() - began
        expect(answer.status_code == 502 and took < 2, (answer.status_code, took))
        expect("reach" in answer.text, answer.text)
        with here.memory.store.reading():
            pass
        found = here.memory.recall(ASKED, namespace="wei", k=1)
        deadline = time.monotonic() + 5
        while not found and time.monotonic() < deadline:
            time.sleep(0.05)
            found = here.memory.recall(ASKED, namespace="wei", k=1)
        expect(found and found[0].text == WORDS, found)


def pasted_address() -> None:
    for end in ("/v1/chat/completions", ""):
        told = Upstream()
        with loopback.serve(told) as address, site(openai_url=address + end) as here:
            answer = here.chat(WORDS)
            expect(answer.status_code == 200, answer.text)
            expect(told.got[-1]["path"] == "/v1/chat/completions", told.got[-1]["path"])


_LIMIT = {"retry-after": "7", "x-ratelimit-remaining-requests": "0"}
OF_INPUT = {"text handed over to be worked on": handed_over}
"""Kind of case -> the probe that takes the case's own input."""
PROBES: dict[str, Probe] = {
    "P02-claude-code-userid": lambda: sessions("team/*", old=False),
    "P02-first-key": lambda: sessions("*", old=False),
    "P03-claude-code-userid-old": lambda: sessions("team/*", old=True),
    "P05-openwebui-tags-followups": background,
    "P07-cut": partial(thought, "<think>She is surely 77 and then", []),
    "P07-harmony": partial(
        thought,
        "<|channel|>analysis<|message|>She is 77.<|end|><|start|>assistant<|channel|>final"
        "<|message|>Good day!",
        ["Good day!"],
    ),
    "P07-kimi": partial(thought, "◁think▷She is 77.◁/think▷Good day!", ["Good day!"]),
    "P07-recall-effect": thought_later,
    "P07-think-start": partial(
        thought, "<think>She lives in Bergen; is she 77?</think>\n\nGood day!", ["Good day!"]
    ),
    **{id: partial(thought_apart, *given) for id, given in FIELDS.items()},
    "P12-surrogate-history": surrogate_before,
    "P12-surrogate-openai": surrogate,
    "Q01-reminder-one-block": partial(own, MESSAGES, blocks(f"{NOTE}\n\n{WORDS}"), [WORDS]),
    "Q02-reminder-string": partial(own, MESSAGES, f"{WORDS}\n\n{NOTE}", [WORDS]),
    "Q03-reminder-openai": partial(own, CHAT, blocks(NOTE, WORDS), [WORDS]),
    "Q07-cline-env": partial(
        own,
        MESSAGES,
        blocks(
            f"<task>\n{WORDS}\n</task>",
            "<environment_details>\n# Open Tabs\nI live in Quito.\n</environment_details>",
        ),
        [WORDS],
    ),
    "Q08-claude-local-command": partial(
        own,
        MESSAGES,
        "<command-name>/cost</command-name>\n<command-message>cost</command-message>\n"
        "<local-command-stdout>I live in Quito</local-command-stdout>",
        [],
    ),
    "Q10-path-anthropic-trailing": partial(variant, "/anthropic/v1/messages/"),
    "Q10-path-double-slash": partial(variant, "/openai/v1//chat/completions"),
    "Q10-path-double-v1-anthropic": partial(variant, "/anthropic/v1/v1/messages"),
    "Q20-429-retry-after": partial(passes, 429, _LIMIT),
    "Q21-529": partial(passes, 529, {"retry-after": "7"}),
    "Q23-gzip-request": compressed,
    "Q27-deepseek-blank-lines": blanks,
    "Q28-abort-before-first-token": leaves,
    "R01-404-shape": unknown_path,
    "R03-cache-control-4": cached,
    "R07-developer-role": developer,
    "R09-head-probe": probes_pass,
    "R10-websocket": websocket,
    "R11-n-choices-stream": choices,
    "R13-dup-json-keys": twice_named,
    "R20-error-200-json": error_in_200,
    "R21-regenerate": regenerated,
    "R23-concurrent-same": at_once,
    "R24-prefill": prefilled,
    "R25-batches": batches,
    **{id: partial(own, CHAT, text, kept) for id, (text, kept) in WRAPPED.items()},
    "V09-aider-rules": rules_stay,
    "Y01-openwebui-user-headers": front_end,
    "Y02-responses-reasoning-pair": reasoning_pair,
    "Y03-tool_result-then-text": result_then_text,
    "Y06-ephemeral-user-number": numbered,
    "Y08-upstream-down": unreachable,
    "Y09-upstream-url-with-chat": pasted_address,
}
