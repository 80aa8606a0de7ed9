"""The HTTP embedder against a service on loopback that answers from a script."""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import numpy as np
import pytest

from remanence.embed.service import ATTEMPTS, BATCH, ServiceEmbedder
from remanence.errors import EmbedderError


def good(count: int, dim: int = 4) -> dict[str, Any]:
    return {
        "data": [{"index": i, "embedding": [1.0 + i] + [0.0] * (dim - 1)} for i in range(count)]
    }


@dataclass
class Service:
    """Answers the next (status, body, headers) of `script`; with none left, as asked."""

    url: str = ""
    script: list[tuple[int, Any, dict[str, str]]] = field(default_factory=list)
    seen: list[tuple[str, dict[str, Any], str | None]] = field(default_factory=list)


@pytest.fixture
def service() -> Iterator[Service]:
    state = Service()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            state.seen.append((self.path, asked, self.headers["Authorization"]))
            script = state.script
            status, body, headers = (
                script.pop(0) if script else (200, good(len(asked["input"])), {})
            )
            content = json.dumps(body).encode()
            self.send_response(status)
            for name, value in {"Content-Type": "application/json", **headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        state.url = f"http://127.0.0.1:{server.server_port}"
        yield state
        server.shutdown()
        thread.join()


def make(
    service: Service, path: str = "/v1", key: str | None = None
) -> tuple[ServiceEmbedder, list[float]]:
    pauses: list[float] = []
    return ServiceEmbedder(service.url + path, "m", key, pauses.append), pauses


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        ("", "/v1/embeddings"),
        ("/v1", "/v1/embeddings"),
        ("/v1/", "/v1/embeddings"),
        ("/api/embeddings", "/api/embeddings"),
    ],
)
def test_the_address_may_be_given_in_short(service: Service, path: str, asked: str) -> None:
    make(service, path)[0].embed(["hello"], "query")
    assert {seen[0] for seen in service.seen} == {asked}


def test_the_key_and_the_model_are_sent(service: Service) -> None:
    make(service, key="secret")[0].embed(["hello"], "query")
    _, asked, authorization = service.seen[-1]
    assert asked["model"] == "m" and asked["input"] == ["hello"]
    assert authorization == "Bearer secret"


def test_many_texts_go_in_batches_and_blank_ones_are_not_sent(service: Service) -> None:
    rows = make(service)[0].embed(["", *["text"] * (BATCH + 1), " "], "passage")
    assert [len(asked["input"]) for _, asked, _ in service.seen[1:]] == [BATCH, 1]
    assert not rows[0].any() and not rows[-1].any() and rows[1:-1, 0].tolist() == [1] * (BATCH + 1)


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_failure_that_may_pass_is_tried_again(service: Service, status: int) -> None:
    embedder, pauses = make(service)
    service.script = [(status, {}, {}), (status, {}, {"Retry-After": "7"})]
    assert np.array_equal(embedder.embed(["hello"], "query")[0], [1, 0, 0, 0])
    assert pauses == [0.5, 7]


def test_it_gives_up_with_the_last_failure(service: Service) -> None:
    embedder, pauses = make(service)
    service.script = [(503, {"error": "overloaded"}, {"Retry-After": "9999"})] * ATTEMPTS
    with pytest.raises(EmbedderError, match=r"4 attempts.*503.*overloaded"):
        embedder.embed(["hello"], "query")
    assert pauses == [20.0] * (ATTEMPTS - 1)


def test_a_refusal_is_not_tried_again_and_shows_no_key(service: Service) -> None:
    embedder, pauses = make(service, key="secret")
    service.script = [(401, {"error": "bad key"}, {})]
    with pytest.raises(EmbedderError, match=r"401.*bad key.*REMANENCE_EMBED_KEY") as refusal:
        embedder.embed(["hello"], "query")
    assert pauses == [] and "secret" not in str(refusal.value)


def test_no_service_at_all_is_reported(service: Service) -> None:
    embedder = ServiceEmbedder("http://127.0.0.1:9", "m", pause=lambda seconds: None)
    with pytest.raises(EmbedderError, match="ConnectError"):
        embedder.embed(["hello"], "query")


@pytest.mark.parametrize(
    "body",
    [
        *[{}, [], None, {"data": []}, {"data": [{"index": 0}]}, good(2)],
        {"data": [{"index": 0, "embedding": [float("nan"), 1.0]}]},
        {"data": [{"index": 0, "embedding": []}]},
        {"data": [{"index": 0, "embedding": "AAAA"}]},
    ],
)
def test_an_answer_without_the_embeddings_is_refused(service: Service, body: Any) -> None:
    service.script = [(200, body, {})]
    with pytest.raises(EmbedderError, match="answered"):
        make(service)[0].embed(["hello"], "query")


def test_a_page_that_is_not_json_is_refused(service: Service) -> None:
    service.script = [(200, "<html>", {"Content-Type": "text/html"})]
    with pytest.raises(EmbedderError, match="OpenAI-compatible"):
        make(service)[0].embed(["hello"], "query")


def test_a_model_that_changes_its_dimension_is_refused(service: Service) -> None:
    embedder, _ = make(service)
    embedder.embed(["hello"], "query")
    service.script = [(200, good(1, dim=5), {})]
    with pytest.raises(EmbedderError, match="5 dimensions after 4"):
        embedder.embed(["hello"], "query")


def test_another_address_of_the_same_model_is_the_same_embedder(service: Service) -> None:
    assert make(service)[0].name == make(service, "/other/v1")[0].name == "m"


def test_a_password_in_the_address_is_not_shown(service: Service) -> None:
    url = service.url.replace("://", "://someone:hush@")
    service.script = [(404, {}, {})]
    with pytest.raises(EmbedderError, match="404") as refusal:
        ServiceEmbedder(url, "m").embed(["hello"], "query")
    assert "hush" not in str(refusal.value) and "127.0.0.1" in str(refusal.value)
