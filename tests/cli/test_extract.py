"""extract, as typed: against a service on loopback."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

pytest.importorskip("openai")

TEXT = "Ana 偏爱 jazz"
FACT = {
    "text": 0, "subject": "Ana", "relation": "likes", "object": "jazz",
    "quote": TEXT, "confidence": 0.9,
}  # fmt: skip


@pytest.fixture
def service():
    """A chat service on loopback:

    its address, the (status, reply) to give, and what it was asked.
    """
    script, seen = [], []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            seen.append((asked["model"], self.headers["Authorization"]))
            status, reply = script.pop(0)
            choice = {"index": 0, "delta": {"content": reply}, "finish_reason": "stop"}
            chunk = json.dumps({"id": "c", "object": "chat.completion.chunk", "choices": [choice]})
            content = f"data: {chunk}\n\ndata: [DONE]\n\n".encode()
            self.send_response(status)
            self.send_header("Content-Type", "text/event-stream")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format, *args):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/v1", script, seen
        server.shutdown()
        thread.join()


def test_a_model_reads_what_none_has_read(run, service, monkeypatch):
    url, script, seen = service
    monkeypatch.setenv("REMANENCE_LLM_KEY", "secret")
    run("remember", TEXT, "--id", "a")
    script += [(401, ""), (200, json.dumps({"facts": [FACT, {**FACT, "object": "gold"}]}))]
    refused = run("extract", "--model", f"{url}#small")
    assert refused.exit_code == 1
    assert "HTTP 401" in refused.stderr
    assert "secret" not in refused.output
    assert "1 episode unread" in refused.stderr
    done = run("extract", "--model", f"{url}#small")
    assert (done.exit_code, done.stdout) == (0, "read 1 episode: 1 statement\n")
    assert done.stderr == "rejected: 1 (object not in the text)\n"
    assert seen == [("small", "Bearer secret")] * 2
    assert json.loads(run("facts", "--json").stdout)[0]["object"] == "jazz"
    again = json.loads(run("extract", "--model", f"{url}#small", "--json").stdout)
    assert again == {"read": 0, "statements": 0, "unread": 0, "rejected": {}, "failures": []}


@pytest.mark.parametrize(
    ("model", "words"),
    [
        ("gpt", "unknown model"),
        ("file:///etc#m", "unknown model"),
        ("http://localhost/v1", "is not URL#MODEL"),
        ("http://#m", "is not URL#MODEL"),
        ("hf:./anything", "cannot be held to a schema"),
    ],
)
def test_a_model_that_cannot_read_is_refused_before_anything_is(run, model, words):
    result = run("extract", "--model", model)
    assert result.exit_code == 2
    assert words in result.stderr


def test_a_dry_run_reads_with_a_script(run):
    run("remember", TEXT, "--id", "a")
    done = run("extract", "--model", "scripted:" + json.dumps({"facts": [FACT]}))
    assert (done.exit_code, done.stdout) == (0, "read 1 episode: 1 statement\n")


def test_a_namespace_that_holds_nothing_is_said_to(run, service):
    run("remember", TEXT)
    result = run("extract", "--model", f"{service[0]}#small", "-n", "typo")
    assert result.exit_code == 0
    assert "namespace typo holds nothing" in result.stderr
