"""Probes of MCP and of REST, for `service_cases`. A probe raises where the outcome is another."""

import atexit
import json
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache, partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

from service_proxy import CHAT, Probe, expect

import remanence
from remanence.server import app, settings
from remanence.server.logs import Log
from remanence.server.service import service
from remanence.testing.asgi import Answer, Direct, running

VERSION = "2025-11-25"
ALL = ("read", "write", "delete", "admin", "proxy")
MCP_TYPES = {"content-type": "application/json", "accept": "application/json, text/event-stream"}


# -- MCP on two pipes ---------------------------------------------------------------------------


class Pipe:
    """`remanence mcp` in a process of its own, spoken to in lines."""

    def __init__(self, tools: str = "both") -> None:
        self.folder = tempfile.TemporaryDirectory()
        store = str(Path(self.folder.name) / "memory.db")
        command = [sys.executable, "-m", "remanence", "mcp", "--db", store, "--tools", tools]
        pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        self.process = subprocess.Popen(
            [*command, "--embedder", "hash:64"], **pipes, stderr=subprocess.DEVNULL
        )
        self.number = 0
        about = {"protocolVersion": VERSION, "capabilities": {}}
        self.ask("initialize", {**about, "clientInfo": {"name": "probe", "version": "1"}})
        self.say({"jsonrpc": "2.0", "method": "notifications/initialized"})

    def raw(self, data: bytes) -> None:
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def say(self, message: dict[str, Any]) -> None:
        self.raw(json.dumps(message).encode() + b"\n")

    def hear(self) -> Any:
        """Return the next message.

        Raises `TimeoutError` after 20 seconds, `EOFError` at its end.
        """
        found: list[bytes] = []
        reader = threading.Thread(
            target=lambda: found.append(self.process.stdout.readline()), daemon=True
        )
        reader.start()
        reader.join(20)
        if not found:
            raise TimeoutError("no answer on the pipe")
        if not found[0]:
            raise EOFError("the server has ended")
        return json.loads(found[0])

    def send(self, method: str, params: Any) -> int:
        self.number += 1
        self.say({"jsonrpc": "2.0", "id": self.number, "method": method, "params": params})
        return self.number

    def ask(self, method: str, params: Any) -> Any:
        number = self.send(method, params)
        while (answer := self.hear()).get("id") != number:
            pass
        return answer

    def call(self, name: str, **arguments: Any) -> Any:
        return self.ask("tools/call", {"name": name, "arguments": arguments})

    def close(self) -> None:
        self.process.stdin.close()
        self.process.wait(30)
        self.process.stdout.close()
        self.folder.cleanup()


@cache
def pipe() -> Pipe:
    made = Pipe()
    atexit.register(close)
    return made


def close() -> None:
    """End the process of `pipe`, if there is one."""
    if pipe.cache_info().currsize:
        made = pipe()
        pipe.cache_clear()
        made.close()


def works(name: str, arguments: dict[str, Any]) -> None:
    """Arguments as models send them are taken where their meaning is plain."""
    answer = pipe().call(name, **arguments)
    result = answer.get("result", {})
    expect(result and not result.get("isError"), answer)


def burst() -> None:
    here = pipe()
    calls: list[tuple[str, Any]] = []
    for n in range(14):
        calls.append(
            ("create_entities",
             {"entities": [{"name": f"Hive {n}", "entityType": "hive", "observations": ["new"]}]})
        )  # fmt: skip
    for n in range(13):
        calls.append(
            ("add_observations",
             {"observations": [{"entityName": f"Hive {n}", "contents": [f"weight {n}"]}]})
        )  # fmt: skip
        relation = {"from": f"Hive {n}", "to": f"Hive {n + 1}", "relationType": "stands beside"}
        calls.append(("create_relations", {"relations": [relation]}))
    numbers = {here.send("tools/call", {"name": n, "arguments": a}) for n, a in calls}
    while numbers:
        answer = here.hear()
        expect("result" in answer and not answer["result"].get("isError"), answer)
        numbers.discard(answer["id"])
    graph = here.call("read_graph")["result"]["structuredContent"]
    names = {each["name"] for each in graph["entities"]}
    expect({f"Hive {n}" for n in range(14)} <= names, names)
    expect(len(graph["relations"]) >= 13, graph["relations"])


def memory_file() -> None:
    graph = {
        "entities": [{"name": "Hive", "entityType": "hive", "observations": ["blue"]}],
        "relations": [],
    }
    lines = [{"type": "entity", **graph["entities"][0]}]
    with tempfile.TemporaryDirectory() as folder:
        for number, content in enumerate((graph, lines)):
            path = Path(folder) / f"memory{number}.json"
            path.write_text(json.dumps(content))
            store = str(Path(folder) / f"{number}.db")
            command = [sys.executable, "-m", "remanence", "import", str(path), "--db", store]
            done = subprocess.run(
                [*command, "--embedder", "hash:64"],
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
            )
            told = done.stdout + done.stderr
            expect("Traceback" not in told, told[-300:])
            expect(done.returncode == 0 or "form" in told or "JSON" in told, told)


def separators() -> None:
    text = "Bees\u2028swarm\u0085here 👩‍🌾 𠀀"
    here = pipe()
    body = {"name": "remember", "arguments": {"text": text}}
    for escaped in (True, False):
        here.number += 1
        message = {"jsonrpc": "2.0", "id": here.number, "method": "tools/call", "params": body}
        data = json.dumps(message, ensure_ascii=escaped).encode() + b"\n"
        for at in range(0, len(data), 3):
            here.raw(data[at : at + 3])
        answer = here.hear()
        expect(answer["id"] == here.number and "result" in answer, answer)
    found = here.call("recall", query=text, k=1)["result"]["structuredContent"]
    expect(found["recollections"][0]["text"] == text, found)


def surrogate_line() -> None:
    here = pipe()
    here.number += 1
    call = {"name": "remember", "arguments": {"text": "A bee \ud83d flies"}}
    here.say({"jsonrpc": "2.0", "id": here.number, "method": "tools/call", "params": call})
    answer = here.hear()
    expect(answer["id"] == here.number, answer)
    expect("result" in here.ask("tools/list", {}))


def framing() -> None:
    here = pipe()
    here.raw(b"\n")
    here.raw(b"\r\n")
    ping = {"jsonrpc": "2.0", "id": "crlf", "method": "ping"}
    here.raw(json.dumps(ping).encode() + b"\r\n")
    expect(here.hear()["id"] == "crlf")
    here.raw(b"\xef\xbb\xbf" + json.dumps({**ping, "id": "bom"}).encode() + b"\n")
    here.hear()
    here.raw(b"Content-Length: 5\n")
    expect("error" in here.hear())
    here.raw(json.dumps([{**ping, "id": "b1"}, {**ping, "id": "b2"}]).encode() + b"\n")
    here.hear()
    deadline = 5
    number = here.send("ping", {})
    while deadline and here.hear().get("id") != number:
        deadline -= 1
    expect(deadline, "no answer after the batch")


def cancelled() -> None:
    here = pipe()
    for id in ("never", here.number):
        about = {"requestId": id, "reason": "test"}
        here.say({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": about})
    meta = {"progressToken": "p1", "com.example/more": {"a": 1}}
    call = {"name": "recall", "arguments": {"query": "bees"}, "_meta": meta}
    answer = here.ask("tools/call", call)
    expect("result" in answer, answer)


def odd_calls() -> None:
    here = pipe()
    for params in ({"name": "read_graph", "arguments": None}, {"name": "read_graph"}):
        answer = here.ask("tools/call", params)
        expect("result" in answer or "error" in answer, answer)
    answer = here.call("no_such_tool")
    expect("error" in answer or answer["result"]["isError"], answer)
    expect("result" in here.ask("ping", {}))


# -- HTTP, without a socket ---------------------------------------------------------------------


class Client:
    """A site, and a key that may do everything."""

    def __init__(self, site: Direct, made: Any) -> None:
        self.site, self.service = site, made
        self.key = made.keys.create(ALL)[0]

    def __call__(
        self, method: str, target: str, body: Any = None, key: str | None = None, **headers: str
    ) -> Answer:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        if key is None:
            given.setdefault("authorization", f"Bearer {self.key}")
        raw = b""
        if body is not None:
            given.setdefault("content-type", "application/json")
            raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.site(method, target, given, raw)

    def json(self, method: str, target: str, body: Any = None, **headers: str) -> Any:
        answer = self(method, target, body, **headers)
        expect(answer.status in (200, 201), answer)
        return json.loads(answer.body)


@contextmanager
def client(**given: Any) -> Iterator[Client]:
    with ExitStack() as stack:
        memory = stack.enter_context(remanence.open(":memory:", embedder="hash:64"))
        made = service(memory, settings.load({}, **given), Log(None))
        yield Client(stack.enter_context(running(app.app(made))), made)


def initialize(version: str = VERSION) -> dict[str, Any]:
    about = {"protocolVersion": version, "capabilities": {}}
    params = {**about, "clientInfo": {"name": "probe", "version": "1"}}
    return {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params}


def challenge() -> None:
    with client() as here:
        answer = here("POST", "/mcp", initialize(), key="", **MCP_TYPES)
        expect(answer.status == 401 and answer.header("www-authenticate"), answer)
        expect(json.loads(answer.body)["jsonrpc"] == "2.0", answer)


def unknown_session() -> None:
    listed = {"jsonrpc": "2.0", "id": 2, "method": "tools/list", "params": {}}
    with client() as here:
        headers = {**MCP_TYPES, "mcp-session-id": "gone", "mcp-protocol-version": VERSION}
        answer = here("POST", "/mcp", listed, **headers)
        expect(answer.status == 404, answer)
        again = here("POST", "/mcp", initialize(), **{**MCP_TYPES, "mcp-session-id": "gone"})
        expect(again.status in (200, 404), again)


def bad_version() -> None:
    with client() as here:
        begun = here("POST", "/mcp", initialize(), **MCP_TYPES)
        session = {"mcp-session-id": begun.header("mcp-session-id") or ""}
        listed = {"jsonrpc": "2.0", "id": 2, "method": "tools/list", "params": {}}
        headers = {**MCP_TYPES, **session, "mcp-protocol-version": "1999-01-01"}
        answer = here("POST", "/mcp", listed, **headers)
        expect(answer.status == 400 and answer.body, answer)


def browser() -> None:
    page = "https://chat.example.org"
    wanted = "authorization, content-type, x-stainless-lang, x-stainless-retry-count, x-remanence-session, openai-beta"
    with client(allowed_origins=(page,)) as here:
        answer = here("OPTIONS", CHAT, key="", origin=page, access_control_request_method="POST",
                      access_control_request_headers=wanted)  # fmt: skip
        allowed = (answer.header("access-control-allow-headers") or "").lower()
        names = {each.strip() for each in allowed.split(",")}
        expect({each.strip() for each in wanted.split(",")} <= names or "*" in names, allowed)
        got = here("GET", "/openai/v1/models", origin=page)
        expect(
            "x-remanence-memory" in (got.header("access-control-expose-headers") or "").lower(), got
        )


def docker_host() -> None:
    host = "host.docker.internal:8765"
    with client() as here:
        answer = here("GET", "/healthz", host=host)
        expect(answer.status == 421 and b"allowed_hosts" in answer.body, answer)
    with client(allowed_hosts=("host.docker.internal",)) as here:
        expect(here("GET", "/healthz", host=host).status == 200)


def surrogate_http() -> None:
    with client() as here:
        begun = here("POST", "/mcp", initialize(), **MCP_TYPES)
        call = {"name": "remember", "arguments": {"text": "A bee \ud83d flies"}}
        body = {"jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": call}
        session = {"mcp-session-id": begun.header("mcp-session-id") or ""}
        headers = {**MCP_TYPES, **session, "mcp-protocol-version": VERSION}
        answer = here("POST", "/mcp", body, **headers)
        expect(answer.status == 400 or b'"id":7' in answer.body.replace(b" ", b""), answer)


def trailing_slash() -> None:
    with client() as here:
        expect(here("POST", "/mcp/", initialize(), **MCP_TYPES).status == 200)


def paging() -> None:
    with client() as here:
        turns = [{"text": f"Hive number {n}.", "id": f"old{n}"} for n in range(25)]
        here.json("POST", "/v1/episodes", {"namespace": "wei", "turns": turns})
        seen: list[str] = []
        cursor, page, deleted = None, 0, {"old22", "old23", "old24"}
        while True:
            end = "" if cursor is None else f"&cursor={quote(cursor)}"
            told = here.json("GET", f"/v1/episodes?namespace=wei&limit=7{end}")
            seen += [each["id"] for each in told["episodes"]]
            if page == 0:
                more = [{"text": f"A new hive {n}.", "id": f"new{n}"} for n in range(5)]
                here.json("POST", "/v1/episodes", {"namespace": "wei", "turns": more})
                gone = sorted(deleted - set(seen))
                for id in gone:
                    here.json("DELETE", f"/v1/episodes/{id}?namespace=wei")
                deleted = set(gone)
            cursor, page = told.get("next"), page + 1
            if cursor is None:
                break
        old = [each for each in seen if each.startswith("old")]
        wanted = {f"old{n}" for n in range(25)} - deleted
        expect(len(old) == len(set(old)) and wanted <= set(old), (old, wanted - set(old)))


def race() -> None:
    with client() as here:
        body = {"namespace": "wei", "text": "Greta sold a hive."}
        answers: list[Answer] = []

        def post() -> None:
            answers.append(here("POST", "/v1/episodes", body, idempotency_key="k-1"))

        threads = [threading.Thread(target=post) for _ in range(8)]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
        good = {each.body for each in answers if each.status in (200, 201)}
        expect({each.status for each in answers} <= {200, 201, 409}, answers)
        expect(len(good) == 1, good)
        found = here.json("GET", "/v1/episodes?namespace=wei")["episodes"]
        expect(len(found) == 1, found)


def odd_ids() -> None:
    ids = ["a/b", "..", "x%2Fy", "信 3", "🐝", "a?b#c"]
    with client() as here:
        turns = [{"text": f"Turn {n}.", "id": id} for n, id in enumerate(ids)]
        here.json("POST", "/v1/episodes", {"namespace": "wei", "turns": turns})
        for n, id in enumerate(ids):
            found = here.json("GET", f"/v1/episodes/{quote(id, safe='')}?namespace=wei")
            expect((found.get("episode") or found)["text"] == f"Turn {n}.", found)


def numbers() -> None:
    with client() as here:
        metadata = {"n": 12345678901234567890, "f": 1.0, "e": 1e3}
        turn = {"text": "A hive.", "metadata": metadata}
        here.json("POST", "/v1/episodes", {"namespace": "wei", "turns": [turn]})
        found = here.json("POST", "/v1/recall", {"namespace": "wei", "query": "hive", "k": 3.0})
        expect(found["recollections"][0]["metadata"] == metadata, found)
        answer = here("POST", "/v1/recall", {"namespace": "wei", "query": "hive", "k": "3"})
        expect(answer.status == 422 and b"k" in answer.body, answer)


def unstorable() -> None:
    with client() as here:
        for text in ("a \u0000 b", "a \ud83d b"):
            answer = here("POST", "/v1/episodes", {"namespace": "wei", "text": text})
            expect(answer.status == 422, answer)


def imported() -> None:
    lines = [json.dumps({"namespace": "wei", "text": f"Hive {n}."}) for n in range(2)]
    body = b"\xef\xbb\xbf" + "\r\n\r\n".join(lines).encode() + b"\r\n"
    with client() as here:
        answer = here("POST", "/v1/import?namespace=wei", body, content_type="application/x-ndjson")
        expect(answer.status == 200, answer)
        found = here.json("GET", "/v1/episodes?namespace=wei")["episodes"]
        expect(len(found) == 2, found)


def monitored() -> None:
    with client() as here:
        told = [
            here(method, path, key="").status
            for method, path in (("HEAD", "/healthz"), ("GET", "/readyz"), ("GET", "/metrics"))
        ]
        expect(told == [200, 200, 401], told)


def key_forms() -> None:
    with client() as here:
        forms = (f"Bearer  {here.key} ", f"bearer {here.key}", f'Bearer "{here.key}"')
        told = [here("GET", "/v1/namespaces", authorization=form).status for form in forms]
        expect(told == [200, 200, 401], told)


def named_in_utf8() -> None:
    name = "团队/ada"
    with client() as here:
        raw = [(b"authorization", f"Bearer {here.key}".encode()),
               (b"content-type", b"application/json"),
               (b"x-remanence-namespace", name.encode())]  # fmt: skip
        answer = here.site("POST", "/v1/episodes", raw, b'{"text": "A hive."}')
        expect(answer.status in (200, 201), answer)
        listed = here.json("GET", "/v1/namespaces")["namespaces"]
        expect([each["namespace"] for each in listed] == [name], listed)


PROBES: dict[str, Probe] = {
    "M01-bool-as-string": partial(works, "context", {"query": "bees", "facts": "true"}),
    "M01-int-as-float": partial(works, "recall", {"query": "bees", "k": 5.0}),
    "M01-int-as-string": partial(works, "recall", {"query": "bees", "k": "5"}),
    "M01-list-as-string": partial(works, "remember", {"turns": '[{"text": "I keep bees."}]'}),
    "M03-parallel-writes": burst,
    "M06-json-array-import": memory_file,
    "M07-unicode-separators": separators,
    "M08-lone-surrogate": surrogate_line,
    "M09-framing": framing,
    "M13-cancel": cancelled,
    "M16-unknown-tool-and-args-null": odd_calls,
    "N02-401-challenge": challenge,
    "N03-unknown-session": unknown_session,
    "N06-bad-version-header": bad_version,
    "N08-cors-openai-browser": browser,
    "N13-docker-host": docker_host,
    "N14-surrogate-http": surrogate_http,
    "N16-trailing-slash": trailing_slash,
    "S02-pagination-under-writes": paging,
    "S03-idempotency-race": race,
    "S04-odd-ids": odd_ids,
    "S05-numbers": numbers,
    "S07-surrogate-nul": unstorable,
    "S08-bulk-import-crlf-bom": imported,
    "S09-head-options": monitored,
    "S10-expired-key-shapes": key_forms,
    "S11-ns-encoding": named_in_utf8,
}
