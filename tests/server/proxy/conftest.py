"""A scripted provider and the whole service on loopback, and the SDKs pointed at it, unmodified."""

from contextlib import ExitStack
from dataclasses import dataclass, replace

import anthropic
import openai
import pytest

import remanence
from remanence.server import app, settings
from remanence.server.service import service
from remanence.storage import episodes
from remanence.storage.store import find_namespace
from remanence.testing import loopback
from remanence.testing.faults import Faulty
from remanence.testing.provider import Scripted

SCOPES = ("proxy", "read", "write")


@dataclass
class Site:
    """A running service: its address, its memory, its keys, and what its provider got."""

    url: str
    memory: object
    service: object
    upstream: Scripted
    stack: ExitStack

    def key(self, *namespaces, scopes=SCOPES):
        return self.service.keys.create(scopes, namespaces or ("wei",))[0]

    def openai(self, key=None, headers=None, **options):
        made = {"max_retries": 0, "timeout": 20, **options}
        client = openai.OpenAI(
            base_url=f"{self.url}/openai/v1",
            api_key=key or self.key(),
            default_headers=headers,
            **made,
        )
        return self.stack.enter_context(client)

    def anthropic(self, key=None, headers=None):
        client = anthropic.Anthropic(
            base_url=f"{self.url}/anthropic",
            api_key=key or self.key(),
            default_headers=headers,
            max_retries=0,
            timeout=20,
        )
        return self.stack.enter_context(client)

    def settled(self, namespace="wei", key=None):
        """What is remembered there. A chat that only reads waits for what is being written."""
        got = len(self.upstream.got)
        key = key or self.key(namespace)
        self.openai(key, {"x-remanence-memory": "read"}).chat.completions.create(
            model="words-1", messages=[{"role": "user", "content": "?"}]
        )
        del self.upstream.got[got:]
        with self.memory.store.reading() as connection:
            number = find_namespace(connection, namespace)
            if number is None:
                return []
            return list(episodes.log(connection, number, namespace, history=True))


@pytest.fixture
def site(tmp_path):
    """`site(...)` starts a service with such settings;

    `upstream=False` leaves it without a provider.
    """
    with ExitStack() as stack:

        def start(*, upstream=True, memory=None, faults=None, timeout=30.0, **given):
            opened = memory or stack.enter_context(
                remanence.open(str(tmp_path / "proxy.db"), embedder="hash:64", timeout=timeout)
            )
            scripted = Scripted()
            if upstream:
                address = stack.enter_context(loopback.serve(scripted))
                given |= {"openai_url": f"{address}/v1", "anthropic_url": address}
                given = {"openai_key": "sk-up", "anthropic_key": "sk-ant-up", **given}
            made = service(
                opened, settings.load({}, **{"log": "off", "memory_ms": 30_000.0, **given})
            )
            if faults is not None:
                opened = Faulty(opened, faults)
                made = replace(made, memory=opened)
            url = stack.enter_context(loopback.serve(app.app(made)))
            if faults is not None:
                stack.callback(opened.released.set)
            return Site(url, opened, made, scripted, stack)

        yield start
