"""The service's small parts: depth of JSON, token buckets, cursors, metrics, the log, spans."""

import io
import json
import random
import threading

import pytest

from remanence.errors import EmbedderError
from remanence.server import bodies, cursors, problems, settings
from remanence.server.app import app
from remanence.server.logs import Log
from remanence.server.metrics import Metrics
from remanence.server.problems import Problem
from remanence.server.rates import Rates
from remanence.server.rest.calls import plain as told
from remanence.server.service import service
from remanence.testing.asgi import running
from remanence.types import Episode, as_json


def depth(text):
    """The naive twin of `bodies.depth`: letter by letter."""
    most = now = 0
    quoted = escaped = False
    for letter in text:
        if quoted:
            escaped, quoted = letter == "\\" and not escaped, letter != '"' or escaped
        elif letter == '"':
            quoted = True
        elif letter in "[{":
            now += 1
            most = max(most, now)
        elif letter in "]}":
            now -= 1
    return most


@pytest.mark.parametrize("seed", range(20))
def test_the_depth_of_json_is_that_of_counting_letter_by_letter(seed):
    rng = random.Random(seed)
    for size in (0, 1, 2, 3, 17, 64, 255):
        text = "".join(rng.choices('[]{}"\\,:a魏', k=size))
        assert bodies.depth(text.encode()) == depth(text), text


def test_the_depth_is_the_same_wherever_a_long_text_is_cut(monkeypatch):
    text = "".join(random.Random(0).choices("[]{}", k=301))
    monkeypatch.setattr(bodies, "_BLOCK", 7)
    assert bodies.depth(text.encode()) == depth(text)
    assert bodies.depth(b"[" * 100, enough=10) <= 17


def test_an_unclosed_string_of_escapes_is_measured_in_time():
    assert bodies.depth(b'"' + b'\\"' * 2_000_000) == 0
    assert bodies.depth(b"[" * 2_000_000) == 2_000_000


def test_a_bucket_is_spent_and_fills_again(monkeypatch):
    now = [100.0]
    monkeypatch.setattr("remanence.server.rates.time.monotonic", lambda: now[0])
    rates = Rates(rate=2.0, burst=3)
    assert [rates.wait("a") for _ in range(4)] == [0, 0, 0, 0.5]
    assert rates.wait("b") == 0
    now[0] += 0.5
    assert rates.wait("a") == 0 and rates.wait("a") == 0.5
    now[0] += 1_000
    assert [rates.wait("a") for _ in range(4)] == [0, 0, 0, 0.5]
    assert Rates(0, 1).wait("a") == Rates(0, 1).wait("a") == 0


@pytest.mark.parametrize("number", [0, 1, 255, 2**40, 2**63 - 1])
def test_a_cursor_opens_with_its_key_and_question_alone(number):
    key, other = b"k" * 32, b"o" * 32
    sealed = cursors.seal(key, number, "问")
    assert cursors.unseal(key, sealed, "问") == number
    for k, c, q in (
        (other, sealed, "问"),
        (key, sealed, "答"),
        (key, sealed[:-2], "问"),
        (key, "", "问"),
    ):
        with pytest.raises(Problem):
            cursors.unseal(k, c, q)
    assert len({cursors.seal(key, number, "问") for _ in range(50)}) == 50


def test_no_metric_names_who_calls():
    metrics = Metrics()
    metrics.count("requests", route="GET /v1/facts")
    metrics.observe("seconds", 0.1)
    assert b'remanence_requests_total{route="GET /v1/facts"} 1.0' in metrics.exposition()
    for label in ("namespace", "user", "key"):
        with pytest.raises(ValueError, match=label):
            metrics.count("others", **{label: "x"})


def test_a_line_of_the_log_has_no_word_of_what_was_said():
    sink = io.StringIO()
    try:
        raise ValueError("秘密")
    except ValueError as error:
        Log(sink).failed("failed", error, request="r1")
    line = json.loads(sink.getvalue())
    assert line["error"] == "ValueError" and "秘密" not in sink.getvalue()
    assert line["where"] and "test_parts.py" in line["where"][-1]


def test_no_request_leaves_a_word_in_the_log(client):
    sink = io.StringIO()
    object.__setattr__(client.service.log, "_sink", sink)
    client("POST", "/v1/episodes", {"text": "乌图美仁", "id": "格尔木", "namespace": "柴达木"})
    client("GET", "/v1/episodes/%E6%A0%BC%E5%B0%94%E6%9C%A8?namespace=%E6%9F%B4%E8%BE%BE%E6%9C%A8")
    client("GET", "/wutumeiren")
    lines = sink.getvalue()
    assert [json.loads(line)["route"] for line in lines.splitlines()] == [
        "POST /v1/episodes",
        "GET /v1/episodes/{id}",
        "GET *",
    ]
    for word in ("乌图美仁", "格尔木", "柴达木", "wutumeiren", "%E6"):
        assert word not in lines and word.encode("unicode_escape").decode() not in lines


def test_an_error_of_the_store_tells_callers_no_path():
    from remanence.errors import StoreBusy, StoreFull

    for error, status in ((StoreFull("/home/魏/m.db: full"), 507), (StoreBusy("/x"), 503)):
        told = problems.of(error)
        assert told.status == status and "/" not in told.detail


def test_a_full_disk_is_507_and_a_locked_store_503(client, monkeypatch):
    from remanence.errors import StoreBusy, StoreFull

    for error, status in ((StoreFull("full"), 507), (StoreBusy("busy"), 503)):

        def fail(*_, error=error, **__):
            raise error

        monkeypatch.setattr(type(client.service.memory), "remember", fail)
        answer = client("POST", "/v1/episodes", {"text": "早"})
        assert answer.status == status and json.loads(answer.body)["status"] == status


def test_a_value_is_told_as_the_library_tells_it():
    episode = Episode("m1", "早", "魏", None, "a", "n", "b", 1, "m1", {"话题": ["x"]})
    assert told(episode) == as_json(episode)


def test_a_verb_is_a_span_that_names_nobody(client):
    trace = pytest.importorskip("opentelemetry.sdk.trace")
    from opentelemetry import trace as api
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    from remanence.server import telemetry

    exporter, provider = InMemorySpanExporter(), trace.TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(api, "get_tracer_provider", lambda: provider)
        patch.setattr(telemetry, "_TRACER", provider.get_tracer("remanence"))
        client.json("POST", "/v1/recall", {"query": "乌图美仁", "namespace": "柴达木"})
        client("POST", "/v1/facts", {"subject": "a", "relation": "乌图", "object": "b"})
    good, bad = exporter.get_finished_spans()
    assert good.name == good.attributes["gen_ai.operation.name"] == "search_memory"
    assert bad.attributes["error.type"] == "InvalidInput"
    told = str([span.to_json() for span in (good, bad)])
    assert "柴达木" not in told and "乌图美仁" not in told and "\\\\u" not in told


def test_every_metric_says_what_it_is():
    import re
    from pathlib import Path

    from remanence.server import metrics

    sources = Path(metrics.__file__).parent.rglob("*.py")
    call = re.compile(r"\.(?:count|observe|level)\(\s*\"([a-z_]+)\"")
    named = {name for path in sources for name in call.findall(path.read_text(encoding="utf-8"))}
    assert {"mcp_calls", "proxy_faults"} <= named
    assert not named - metrics._HELP.keys()


def test_what_the_first_chat_needs_is_read_before_anybody_is_answered(plain, monkeypatch):
    asked = []
    kind = type(plain.embedder)
    embed = kind.embed

    def heard(self, texts, kind):
        asked.append(kind)
        return embed(self, texts, kind)

    monkeypatch.setattr(kind, "embed", heard)
    with running(app(service(plain, settings.load({}), Log(None)))):
        assert "passage" in asked


def test_an_embedder_that_fails_at_the_start_keeps_nobody_from_being_served(plain, monkeypatch):
    def fails(self, texts, kind):
        raise EmbedderError("no such model")

    monkeypatch.setattr(type(plain.embedder), "embed", fails)
    lines = io.StringIO()
    with running(app(service(plain, settings.load({}), Log(lines)))) as site:
        assert site("GET", "/healthz").status == 200
    assert '"event":"warm","error":"EmbedderError"' in lines.getvalue()


def test_what_is_large_is_parsed_in_a_thread_and_what_is_small_is_not(plain, monkeypatch):
    threads, parse = [], bodies.parse

    def parsing(body):
        threads.append(threading.get_ident())
        return parse(body)

    monkeypatch.setattr(bodies, "parse", parsing)
    made = service(plain, settings.load({}), Log(None))
    with running(app(made)) as site:
        key, _ = made.keys.create(("write",))
        headers = {"authorization": f"Bearer {key}", "content-type": "application/json"}
        for text in ("茶", "茶" * bodies.LARGE):
            body = json.dumps({"text": text}).encode()
            assert site("POST", "/v1/episodes", headers, body).status == 200
        loop = site.portal.call(threading.get_ident)
    assert threads[0] == loop != threads[1]
