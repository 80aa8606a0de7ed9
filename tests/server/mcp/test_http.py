"""MCP over streamable HTTP behind the guard:

who may do what where, in both eras, and whatever else reaches the address.
"""

import json
import random

import anyio
import httpx2
import pytest
from mcp.shared.exceptions import MCPError
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

TYPES = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}
META = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": {},
}


def modern(method, name=None, /, **params):
    """Headers and body of a request of the newer era."""
    headers = {**TYPES, "Mcp-Protocol-Version": "2026-07-28", "Mcp-Method": method}
    headers |= {"Mcp-Name": name} if name else {}
    body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": {**params, "_meta": META}}
    return headers, json.dumps(body).encode()


def speak(site, conversation, *keyed, **options):
    async def run():
        async with site.client(*keyed, **options) as client:
            return await conversation(client)

    return anyio.run(run)


async def texts(client):
    result = await client.call_tool("recall", {"query": "茶"})
    if result.is_error:
        return result.content[0].text
    return [each["text"] for each in result.structured_content["recollections"]]


def test_the_verbs_work_behind_the_guard_and_are_counted_and_noted(site, memory, era):
    async def conversation(client):
        await client.call_tool("remember", {"text": "小伟喜欢喝茶。"})
        found = await texts(client)
        await client.call_tool("forget", {"speaker": "nobody"})
        listed = await client.list_resources()
        return found, [resource.name for resource in listed.resources][:1]

    key = site.key("小伟")
    assert speak(site, conversation, key, mode=era) == (["小伟喜欢喝茶。"], ["graph"])
    assert [found.text for found in memory.recall("茶", namespace="小伟")] == ["小伟喜欢喝茶。"]
    answer = httpx2.get(
        f"{site.url}/metrics", headers={"X-Remanence-Key": site.key(scopes=("admin",))}
    )
    assert 'remanence_mcp_calls_total{outcome="done",tool="remember"} 1.0' in answer.text
    with memory.store.reading() as connection:
        actions = [action for (action,) in connection.all("SELECT action FROM audit")]
    assert "mcp forget" in actions


def test_the_ten_tools_have_an_address_of_their_own(site):
    async def conversation(client):
        return len((await client.list_tools()).tools)

    key = site.key("小伟")
    many = [
        speak(site, conversation, key, path=f"/mcp{end}") for end in ("", "/reference", "/both")
    ]
    assert many == [9, 9, 18]


def test_a_key_reaches_its_own_namespaces_and_no_others(site, memory, era):
    for namespace in ("team/a", "team/b", "elsewhere"):
        memory.remember(f"茶 of {namespace}", namespace=namespace)
    one, several = site.key("team/a"), site.key("team/*")
    assert speak(site, texts, one, mode=era) == ["茶 of team/a"]
    assert speak(site, texts, several, mode=era, namespace="team/b") == ["茶 of team/b"]
    for key, namespace, told in (
        (one, "team/b", "no namespace 'team/b'"),
        (several, "elsewhere", "no namespace 'elsewhere'"),
        (several, "nowhere", "no namespace 'nowhere'"),
        (several, None, "several namespaces"),
    ):
        assert told in speak(site, texts, key, mode=era, namespace=namespace)


def test_a_foreign_episode_reads_as_one_that_does_not_exist(site, memory):
    memory.remember("茶", id="theirs", namespace="theirs")

    async def conversation(client):
        told = []
        for id in ("theirs", "none"):
            with pytest.raises(MCPError) as caught:
                await client.read_resource(f"memory://episode/{id}")
            told.append((caught.value.error.code, caught.value.error.message))
        return told

    foreign, absent = speak(site, conversation, site.key("mine"))
    assert foreign == absent


def test_a_key_may_do_what_its_scopes_say_and_is_shown_no_more(site, era):
    async def conversation(client):
        shown = [tool.name for tool in (await client.list_tools()).tools]
        wrote = await client.call_tool("remember", {"text": "茶"})
        forgot = await client.call_tool("forget", {"everything": True})
        read = await client.call_tool("recall", {"query": "茶"})
        return shown, [result.is_error for result in (wrote, forgot, read)], forgot.content[0].text

    reader = site.key("小伟", scopes=("read",))
    shown, refused, told = speak(site, conversation, reader, mode=era)
    assert shown == ["recall", "facts", "timeline", "context", "why", "ask"]
    assert refused == [True, True, False]
    assert "may not delete" in told
    writer = site.key("小伟", scopes=("write",))
    assert speak(site, conversation, writer, mode=era)[1] == [False, True, True]


def test_a_session_is_of_no_use_to_another_key(site):
    def ask(key, body, **headers):
        given = {**TYPES, "X-Remanence-Key": key, **headers}
        return httpx2.post(f"{site.url}/mcp", headers=given, content=json.dumps(body))

    mine, theirs = site.key("mine"), site.key("theirs")
    info = {
        "protocolVersion": "2025-11-25",
        "capabilities": {},
        "clientInfo": {"name": "a", "version": "1"},
    }
    begun = ask(mine, {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": info})
    session = {"Mcp-Session-Id": begun.headers["mcp-session-id"]}
    ping = {"jsonrpc": "2.0", "id": 2, "method": "ping"}
    assert ask(mine, ping, **session).status_code == 200
    foreign, unknown = (
        ask(theirs, ping, **session),
        ask(theirs, ping, **{"Mcp-Session-Id": "0" * 32}),
    )
    assert foreign.status_code == unknown.status_code == 404
    assert foreign.content == unknown.content


def test_a_change_is_told_within_its_namespace_alone(site):
    async def run():
        heard = []

        async def watch(key, ready):
            async with (
                site.client(key, mode="2026-07-28") as client,
                client.listen(resource_subscriptions=["memory://graph"]) as changes,
            ):
                ready.set()
                async for _ in changes:
                    heard.append(key)

        mine, theirs = site.key("mine"), site.key("theirs")
        async with anyio.create_task_group() as group:
            for key in (mine, theirs):
                ready = anyio.Event()
                group.start_soon(watch, key, ready)
                await ready.wait()
            async with site.client(mine) as client:
                for number in range(3):
                    await client.call_tool("remember", {"text": f"茶 {number}"})
            with anyio.fail_after(10):
                while len(heard) < 1:
                    await anyio.lowlevel.checkpoint()
            group.cancel_scope.cancel()
        return set(heard) == {mine}

    assert anyio.run(run)


@pytest.mark.slow
def test_many_clients_at_the_same_time_see_only_their_own(site):
    async def one(number, found):
        key = site.key(f"n{number}")
        async with site.client(key, mode=("legacy", "2026-07-28")[number % 2]) as client:
            await client.call_tool("remember", {"text": f"茶 of {number}"})
            found[number] = await texts(client)

    async def run():
        found = {}
        async with anyio.create_task_group() as group:
            for number in range(8):
                group.start_soon(one, number, found)
        return found

    assert anyio.run(run) == {number: [f"茶 of {number}"] for number in range(8)}


def test_without_a_key_or_with_a_wrong_one_nothing_is_served(site):
    headers, body = modern("tools/list")
    for key in ({}, {"X-Remanence-Key": "rmn_wrong"}, {"Authorization": "Bearer x"}):
        answer = httpx2.post(f"{site.url}/mcp", headers={**headers, **key}, content=body)
        assert answer.status_code == 401
        assert answer.json()["error"]["code"] < 0


def test_malformed_requests_are_refused_and_none_is_a_fault_of_the_server(site):
    """Bodies, headers, methods and paths that no client sends;

    the server's own fault is a status of 500 or more.
    """
    rng = random.Random(5)
    key = {"X-Remanence-Key": site.key("小伟")}
    headers, good = modern("tools/call", "recall", name="recall", arguments={"query": "茶"})
    bodies = [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"x"',
        b"1e999",
        b"\xff",
        b"[" * 5_000,
        b'{"a":"\\ud800"}',
        good[:-1],
    ]
    bodies += [good.replace(b"tools/call", b"\\u0000"), good.replace(b'"2.0"', b"2"), good + good]
    for _ in range(150):
        body = bytearray(rng.choice([good, *bodies]))
        for _ in range(rng.randint(0, 3)):
            if body:
                body[rng.randrange(len(body))] = rng.randrange(256)
        bodies.append(bytes(body))
    spoilt = [{}, {"Mcp-Method": "x"}, {"Mcp-Protocol-Version": "1999-01-01"}, {"Mcp-Name": "x"}]
    spoilt += [
        {"Accept": "text/html"},
        {"Content-Type": "text/plain"},
        {"Mcp-Session-Id": "x" * 99},
    ]
    statuses = set()
    with httpx2.Client(base_url=site.url, timeout=20) as http:
        for number, body in enumerate(bodies):
            given = {**headers, **key, **spoilt[number % len(spoilt)]}
            path = ("/mcp", "/mcp/reference", "/mcp/", "/mcp/none")[number % 29 % 4]
            method = ("POST", "POST", "POST", "PUT", "DELETE", "PATCH")[number % 37 % 6]
            answer = http.request(method, path, headers=given, content=body)
            assert answer.status_code < 500, (method, path, body, answer.text)
            assert "Traceback" not in answer.text
            statuses.add(answer.status_code)
        assert http.post("/mcp", headers={**headers, **key}, content=good).status_code == 200
    assert {400, 404, 405} <= statuses


def test_the_client_finds_the_newer_era_by_itself(site):
    async def conversation(client):
        return client.protocol_version

    assert speak(site, conversation, site.key("小伟")) == "2026-07-28"
    assert speak(site, conversation, site.key("小伟"), mode="legacy") == "2025-11-25"


def test_a_tool_is_a_span_of_the_memory_conventions_without_a_word_of_what_was_said(site):
    provider = trace.get_tracer_provider()
    if isinstance(provider, trace.ProxyTracerProvider):
        provider = TracerProvider()
        trace.set_tracer_provider(provider)
    kept = InMemorySpanExporter()
    provider.add_span_processor(SimpleSpanProcessor(kept))

    async def conversation(client):
        await client.call_tool("remember", {"text": "茶", "speaker": "小伟"})
        await texts(client)

    speak(site, conversation, site.key("小伟"))
    spans = {span.name: span for span in kept.get_finished_spans()}
    assert {"create_memory", "search_memory"} <= spans.keys()
    assert spans["search_memory"].attributes["gen_ai.operation.name"] == "search_memory"
    told = " ".join(span.to_json(indent=None) for span in spans.values())
    for word in ("茶", "小伟"):
        assert json.dumps(word)[1:-1] not in told


def test_one_key_opens_no_more_sessions_than_its_share(site):
    allowed = site.service.settings.key_sessions
    object.__setattr__(site.service.settings, "key_sessions", 2)

    def ask(key, body, **headers):
        given = {**TYPES, "X-Remanence-Key": key, **headers}
        return httpx2.post(f"{site.url}/mcp", headers=given, content=json.dumps(body))

    info = {
        "protocolVersion": "2025-11-25",
        "capabilities": {},
        "clientInfo": {"name": "a", "version": "1"},
    }
    begin = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": info}
    mine, theirs = site.key("mine"), site.key("theirs")
    first, second, third = (ask(mine, begin) for _ in range(3))
    assert (first.status_code, second.status_code, third.status_code) == (200, 200, 429)
    assert "end one with DELETE" in third.json()["error"]["message"]
    assert ask(theirs, begin).status_code == 200
    headers, body = modern("tools/list")
    newer = httpx2.post(
        f"{site.url}/mcp", headers={**headers, "X-Remanence-Key": mine}, content=body
    )
    assert newer.status_code == 200
    session = {"Mcp-Session-Id": first.headers["mcp-session-id"], "X-Remanence-Key": mine}
    httpx2.delete(f"{site.url}/mcp", headers={**TYPES, **session})
    assert ask(mine, begin).status_code == 200
    assert allowed == 256
