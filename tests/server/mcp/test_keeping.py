"""What is noted of MCP, what is told of errors, and what no client can learn or hold up."""

import json
import sys
import threading
from dataclasses import replace

import anyio
import anyio.to_thread
import pytest
from mcp import Client

from remanence.server import app, settings
from remanence.server.caller import Caller
from remanence.server.logs import Log
from remanence.server.mcp.offer import Seen
from remanence.server.mcp.offers import offer
from remanence.server.mcp.serving import Nobody, server
from remanence.server.mcp.watching import Watchers
from remanence.server.service import service
from remanence.server.settings import Settings
from remanence.testing import asgi
from remanence.testing.faults import Faulty

ERA = "2026-07-28"


class Asking:
    """A service without a socket, asked in the newer era."""

    def __init__(self, made, site):
        self.service, self.site = made, site

    def key(self, *namespaces, scopes=("read", "write", "delete")):
        return self.service.keys.create(scopes, namespaces or ("*",))[0]

    def __call__(self, key, method, name=None, /, namespace=None, **params):
        raw = [
            (b"content-type", b"application/json"),
            (b"accept", b"application/json, text/event-stream"),
            (b"mcp-protocol-version", ERA.encode()),
            (b"mcp-method", method.encode()),
            (b"x-remanence-key", key.encode()),
        ]
        raw += [(b"mcp-name", name.encode())] if name else []
        about = {
            "io.modelcontextprotocol/protocolVersion": ERA,
            "io.modelcontextprotocol/clientCapabilities": {},
        }
        asked = {"jsonrpc": "2.0", "id": 1, "method": method, "params": {**params, "_meta": about}}
        if namespace is not None:
            raw.append((b"x-remanence-namespace", namespace.encode()))
        answer = self.site("POST", "/mcp", raw, json.dumps(asked).encode())
        text = answer.body.decode()
        lines = [line[5:] for line in text.splitlines() if line.startswith("data:")]
        return json.loads(lines[-1] if lines else text)

    def call(self, key, tool, namespace=None, **arguments):
        return self(key, "tools/call", tool, namespace, name=tool, arguments=arguments)["result"]

    def noted(self):
        self.service.audit.flush()
        with self.service.memory.store.reading() as connection:
            return list(connection.all("SELECT action, status FROM audit ORDER BY id"))


@pytest.fixture
def asking(memory):
    def asking(faults=None, log=None, **given):
        made = service(memory, settings.load({}, **given), log or Log(None))
        if faults is not None:
            made = replace(made, memory=Faulty(memory, faults))
        running = asgi.running(app.app(made))
        opened.append(running)
        return Asking(made, running.__enter__())

    opened = []
    yield asking
    for each in opened:
        each.__exit__(None, None, None)


def test_what_a_key_may_not_is_noted_as_over_rest(asking):
    ask = asking()
    reader = ask.key("小伟", scopes=("read",))
    assert ask.call(reader, "remember", text="茶")["isError"]
    assert ask.call(reader, "recall", "别人", query="茶")["isError"]
    assert ask.noted() == [("mcp remember", 403), ("mcp recall", 404)]


def test_an_error_of_the_store_tells_nothing_of_it_and_is_in_the_log(asking, capsys):
    ask = asking(faults=["corrupt"], log=Log(sys.stderr))
    told = ask.call(ask.key(), "recall", "小伟", query="茶")
    assert told["isError"] and "damaged" not in told["content"][0]["text"]
    assert '"error":"StoreCorrupt"' in capsys.readouterr().err


def test_a_namespace_may_be_named_in_any_script(asking, memory):
    ask = asking()
    ask.call(ask.key("团队/*"), "remember", "团队/小伟", text="小伟喜欢喝茶。")
    assert [each.text for each in memory.recall("茶", namespace="团队/小伟")] == ["小伟喜欢喝茶。"]


def test_a_cursor_tells_no_number_and_holds_for_its_own_namespace_alone(asking, memory):
    memory.remember([f"第{n}天" for n in range(60)], namespace="a")
    ask = asking()
    key = ask.key()
    one, other = (ask(key, "resources/list", None, "a")["result"]["nextCursor"] for _ in range(2))
    assert one != other
    rest = ask(key, "resources/list", None, "a", cursor=one)["result"]
    assert len(rest["resources"]) == 10
    assert ask(key, "resources/list", None, "b", cursor=one)["error"]["code"] == -32602


def test_with_several_processes_no_session_binds_a_client_to_one(asking):
    info = {
        "protocolVersion": "2025-11-25",
        "capabilities": {},
        "clientInfo": {"name": "a", "version": "1"},
    }
    begin = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": info}
    call = {"jsonrpc": "2.0", "id": 2, "method": "tools/list", "params": {}}
    ask = asking(workers=2)
    headers = {
        "x-remanence-key": ask.key("小伟"),
        "content-type": "application/json",
        "accept": "application/json, text/event-stream",
        "mcp-protocol-version": "2025-11-25",
    }
    begun = ask.site("POST", "/mcp", headers, json.dumps(begin).encode())
    assert begun.status == 200 and begun.header("mcp-session-id") is None
    listed = ask.site("POST", "/mcp", headers, json.dumps(call).encode())
    assert b'"remember"' in listed.body


def test_a_write_that_nobody_waits_for_any_more_is_noted(memory):
    noted = []
    held = threading.Event()
    limits = Settings()
    seen = Seen(memory, Caller("k", frozenset({"read", "write"}), ("小伟",)), "小伟", limits)

    class Noting(Nobody):
        async def done(self, seen, tool, scope, *, refused):
            noted.append((tool, refused))

    async def run():
        begun = anyio.Event()

        async def slow(verb, *arguments, **options):
            begun.set()
            return await anyio.to_thread.run_sync(
                lambda: held.wait(10) and verb(*arguments, **options)
            )

        built = server(offer(memory), lambda _: seen, slow, Watchers(), Noting())
        async with Client(built) as client, anyio.create_task_group() as group:
            group.start_soon(client.call_tool, "remember", {"text": "小伟喜欢喝茶。"})
            await begun.wait()
            group.cancel_scope.cancel()  # the client takes its call back
            held.set()

    anyio.run(run)
    assert noted == [("remember", False)]
    assert len(memory.recall("茶", namespace="小伟")) == 1


def test_a_session_that_does_not_read_holds_up_nobody():
    class Deaf:
        async def send_resource_updated(self, uri):
            await anyio.sleep_forever()

    class Ctx:
        request, session = None, Deaf()

    async def run():
        watchers = Watchers(patience=0.01)
        watchers.subscribe(Ctx(), "小伟", "memory://graph")
        with anyio.fail_after(5):
            await watchers.changed("小伟", ["memory://graph"])

    anyio.run(run)
