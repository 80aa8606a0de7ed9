"""The official client, in process, over HTTP and over stdio, in both eras of the protocol."""

import sys
from contextlib import asynccontextmanager

import anyio
import httpx2
import pytest
from mcp import Client, StdioServerParameters, stdio_client
from mcp.client.streamable_http import streamable_http_client

import remanence
from remanence.server import app, settings
from remanence.server.mcp.offers import offer
from remanence.server.mcp.stdio import served
from remanence.server.service import service
from remanence.testing import loopback

ERAS = ("legacy", "2026-07-28")


@pytest.fixture(params=ERAS)
def era(request):
    return request.param


@pytest.fixture
def memory():
    with remanence.open(":memory:", embedder="hash:64") as opened:
        yield opened


@pytest.fixture
def talk(memory):
    """`talk(conversation)` runs a coroutine function with a client of a server in this process."""

    def talk(conversation, *, tools="both", namespace="小伟", mode="auto"):
        async def run():
            built, _ = served(offer(memory, tools), memory, namespace)
            async with Client(built, mode=mode) as client:
                return await conversation(client)

        return anyio.run(run)

    return talk


class Site:
    """A service on loopback."""

    def __init__(self, url, service):
        self.url, self.service = url, service

    def key(self, *namespaces, scopes=("read", "write", "delete")):
        return self.service.keys.create(scopes, namespaces or ("*",))[0]

    @asynccontextmanager
    async def client(self, key, *, mode="auto", path="/mcp", namespace=None):
        headers = {"Authorization": f"Bearer {key}"}
        headers |= {} if namespace is None else {"X-Remanence-Namespace": namespace}
        async with (
            httpx2.AsyncClient(headers=headers, timeout=20) as http,
            Client(streamable_http_client(self.url + path, http_client=http), mode=mode) as client,
        ):
            yield client


@pytest.fixture
def site(memory):
    made = service(memory, settings.load({}, log="off"))
    with loopback.serve(app.app(made)) as url:
        yield Site(url, made)


@pytest.fixture
def command(tmp_path):
    """The arguments that start a server over stdio on a file."""
    path = tmp_path / "memory.db"
    started = ["-W", "error", "-m", "remanence", "mcp", "--db", str(path), "--embedder", "hash:64"]

    def command(*more):
        return [sys.executable, *started, *more]

    command.path = path
    return command


@pytest.fixture
def spawn(command):
    """`spawn(conversation, *arguments)` runs it with a client of a server in a process of its own."""

    def spawn(conversation, *arguments, mode="auto"):
        program, *rest = command(*arguments)

        async def run():
            server = StdioServerParameters(command=program, args=rest)
            async with Client(stdio_client(server), mode=mode) as client:
                return await conversation(client)

        return anyio.run(run)

    return spawn
