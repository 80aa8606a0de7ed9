"""Malformed requests, requests made from the OpenAPI, and namespaces side by side:

`benchmarks/server.py` in small.
"""

import json
import subprocess
import sys
from pathlib import Path

import anyio
import pytest

from remanence.server import settings
from remanence.server.app import app
from remanence.server.logs import Log
from remanence.server.service import service
from remanence.testing.asgi import ask, running, scope
from remanence.testing.loopback import serve

BENCHMARKS = str(Path(__file__).parents[2] / "benchmarks")


@pytest.fixture
def tools(monkeypatch):
    monkeypatch.syspath_prepend(BENCHMARKS)
    import malformed
    import tenants

    return malformed, tenants


@pytest.mark.parametrize("seed", [1, 2])
def test_no_malformed_request_is_a_failure_or_hangs(plain, tools, seed):
    malformed, _ = tools
    made = service(plain, settings.load({}, rate=0.0), Log(None))
    key, _ = made.keys.create(("read", "write", "delete", "admin", "proxy"))
    site = app(made)

    async def attack():
        found = []
        for request, _ in zip(malformed.requests(seed, key), range(500), strict=False):
            about = scope(request.method, request.target, request.headers)
            with anyio.fail_after(20):
                answer = await ask(site, about, request.body)
            if answer.status >= 500 or answer.status == 0 or answer.error is not None:
                found.append((answer, request))
        return found

    with running(site) as direct:
        assert direct.portal.call(attack) == []


def test_a_bug_would_be_found_by_such_requests(plain, tools, monkeypatch):
    malformed, _ = tools
    made = service(plain, settings.load({}, rate=0.0), Log(None))
    key, _ = made.keys.create(("read", "write", "delete"))
    monkeypatch.setattr(type(plain), "recall", lambda *_, **__: 1 / 0)
    seen = set()
    with running(app(made)) as direct:
        for request, _ in zip(malformed.requests(1, key), range(200), strict=False):
            seen.add(direct(request.method, request.target, request.headers, request.body).status)
    assert 500 in seen


def test_namespaces_of_near_identical_texts_side_by_side_do_not_leak(plain, tools):
    _, tenants = tools
    made = service(plain, settings.load({}, rate=0.0), Log(None))
    with running(app(made)) as direct:
        report = tenants.crowd(made, direct, namespaces=12, rounds=3)
    assert report.leaks == [] and report.checked > 300


def test_the_check_for_leaks_finds_one(plain, tools, monkeypatch):
    _, tenants = tools
    made = service(plain, settings.load({}, rate=0.0), Log(None))
    recall = type(plain).recall

    def leaky(self, query, *, namespace="default", **options):
        return recall(self, query, namespace="tenant-00", **options)

    monkeypatch.setattr(type(plain), "recall", leaky)
    with running(app(made)) as direct:
        assert tenants.crowd(made, direct, namespaces=3, rounds=1).leaks


@pytest.mark.slow
def test_requests_made_from_the_openapi_meet_no_failure_and_no_untold_answer(plain, tools):
    _, tenants = tools
    made = service(plain, settings.load({}, rate=0.0), Log(None))
    key, _ = made.keys.create(("read", "write", "delete", "admin"))
    with serve(app(made)) as url:
        assert tenants.from_openapi(url, key, examples=3) == []


def test_every_route_answers_for_a_foreign_namespace_as_for_one_that_does_not_exist(client, tools):
    _, tenants = tools
    assert tenants.foreign(client.service, client.site) == []


@pytest.mark.slow
def test_the_load_benchmark_runs_and_every_answer_is_right(tmp_path):
    words = ("load", "--quick", "--json", "--workers", "1", "--clients", "4")
    done = subprocess.run(
        [sys.executable, f"{BENCHMARKS}/server.py", *words],
        capture_output=True,
        text=True,
        timeout=300,
    )
    (row,) = json.loads(done.stdout)["rows"]
    assert row["other_than_200"] == 0 and row["requests"] > 10, done.stderr
