"""`remanence mcp`: a process of its own, with the official client and with plain lines."""

import json
import os
import signal
import subprocess
import sys
import threading

import anyio
import pytest

import remanence
from remanence.server.mcp import conversation
from remanence.server.mcp.conversation import converse
from remanence.server.mcp.offers import offer
from remanence.server.mcp.stdio import served

INITIALIZE = {
    "protocolVersion": "2025-11-25",
    "capabilities": {},
    "clientInfo": {"name": "test", "version": "1"},
}


class Lines:
    """A server that is spoken to line by line."""

    def __init__(self, command):
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        self.process = subprocess.Popen(command, **pipes)
        self.number = 0
        self.ask("initialize", INITIALIZE)
        self.say({"jsonrpc": "2.0", "method": "notifications/initialized"})

    def raw(self, data):
        self.process.stdin.write(data + b"\n")
        self.process.stdin.flush()

    def say(self, message):
        self.raw(json.dumps(message).encode())

    def send(self, method, params):
        self.number += 1
        self.say({"jsonrpc": "2.0", "id": self.number, "method": method, "params": params})

    def hear(self):
        return json.loads(self.process.stdout.readline())

    def ask(self, method, params):
        self.send(method, params)
        return self.hear()

    def end(self):
        """What was still said, what went to stderr, and the exit code."""
        out, err = self.process.communicate(timeout=30)
        return (
            [json.loads(line) for line in out.splitlines()],
            err.decode(),
            self.process.returncode,
        )


@pytest.fixture
def lines(command):
    started = []

    def start(*arguments):
        started.append(Lines(command(*arguments)))
        return started[-1]

    yield start
    for each in started:
        if each.process.poll() is None:
            each.process.kill()
            each.process.wait()
        for stream in (each.process.stdin, each.process.stdout, each.process.stderr):
            if stream is not None and not stream.closed:
                stream.close()


def call(name, **arguments):
    return {"name": name, "arguments": arguments}


def remembered(command, namespace="default"):
    with remanence.open(str(command.path)) as memory:
        return {found.text for found in memory.recall("茶 word", namespace=namespace, k=200)}


def test_the_official_client_speaks_to_it_and_what_it_says_is_kept(spawn, command):
    async def conversation(client):
        await client.call_tool("remember", {"text": "小伟喜欢喝茶。"})
        found = await client.call_tool("recall", {"query": "茶"})
        async with anyio.create_task_group() as group:  # at the same time, on one connection
            for number in range(20):
                group.start_soon(client.call_tool, "remember", {"text": f"word {number}"})
        return found.structured_content["recollections"][0]["text"]

    assert spawn(conversation, "-n", "小伟") == "小伟喜欢喝茶。"
    kept = {"小伟喜欢喝茶。", *(f"word {number}" for number in range(20))}
    assert remembered(command, "小伟") == kept
    assert remembered(command) == set()


@pytest.mark.slow
def test_requests_under_way_at_the_end_of_stdin_are_answered(lines, command):
    server = lines()
    for number in range(12):
        server.send("tools/call", call("remember", text=f"word {number}"))
    server.process.stdin.close()
    server.process.stdin = None
    said, err, code = server.end()
    assert (code, err) == (0, "")
    assert sorted(message["id"] for message in said) == list(range(2, 14))
    assert not any(message["result"].get("isError") for message in said)
    assert remembered(command) == {f"word {number}" for number in range(12)}


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT"])
def test_a_signal_ends_it_in_order_with_a_client_that_keeps_the_pipe_open(lines, command, name):
    server = lines()
    acknowledged = set()
    for number in range(5):
        answer = server.ask("tools/call", call("remember", text=f"word {number}"))
        acknowledged.add(answer["result"]["structuredContent"]["episodes"][0]["text"])
    for number in range(5, 9):
        server.send("tools/call", call("remember", text=f"word {number}"))
    server.process.send_signal(getattr(signal, name))
    assert server.process.wait(30) == 0
    said, err, _ = server.end()
    for message in said:
        for episode in message.get("result", {}).get("structuredContent", {}).get("episodes", []):
            acknowledged.add(episode["text"])
    assert err == ""
    assert len(acknowledged) >= 5
    assert acknowledged <= remembered(command)


BAD = [
    (b"{", -32700, None),
    (b'{"jsonrpc":"2.0","id":7,"method":"tools/list"', -32700, None),
    (b"\xff\xfe", -32700, None),
    (b"[" * 100_000, -32700, None),
    (b'{"jsonrpc":"2.0","id":8,"method":5}', -32600, 8),
    (b'{"jsonrpc":"1.0","id":"a","method":"ping"}', -32600, "a"),
    (b'{"id":[1],"method":"ping"}', -32600, None),
    (b'[{"jsonrpc":"2.0","id":1,"method":"ping"}]', -32600, None),
    (b'"ping"', -32600, None),
    (b"1e999", -32600, None),
    (b'{"jsonrpc":"2.0","id":9,"method":"no/such"}', -32601, 9),
    (b'{"jsonrpc":"2.0","id":10,"method":"tools/call","params":{"name":5}}', -32602, 10),
    (b'{"jsonrpc":"2.0","id":11,"method":"tools/call","params":[]}', -32600, 11),
    (
        b'{"jsonrpc":"2.0","id":12,"method":"tools/call","params":{"name":"recall","arguments":[]}}',
        -32602,
        12,
    ),
    (b'{"jsonrpc":"2.0","id":13,"method":"resources/read","params":{}}', -32602, 13),
    (b"[" * 100_000 + rb'"\ud800"', -32700, None),
]


class Piped:
    """A conversation in this process, over two pipes."""

    def __init__(self, memory):
        built, watchers = served(offer(memory), memory, "小伟")
        source, self.to_server = os.pipe()
        self.from_server, sink = os.pipe()
        self.answers = os.fdopen(self.from_server, "rb")
        arguments = (converse, built, source, sink, watchers.close)
        self.thread = threading.Thread(target=anyio.run, args=arguments)
        self.thread.start()
        self.ends = (source, sink)
        self.say(
            json.dumps(
                {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": INITIALIZE}
            ).encode()
        )
        self.hear()

    def say(self, line):
        conversation._write(self.to_server, line + b"\n")

    def hear(self):
        return json.loads(self.answers.readline())

    def end(self):
        os.close(self.to_server)
        self.thread.join(30)
        self.answers.close()
        for each in self.ends:
            os.close(each)


@pytest.fixture
def piped(memory):
    made = Piped(memory)
    yield made
    made.end()


def test_what_is_no_message_is_answered_and_the_conversation_goes_on(piped):
    piped.say(b"")  # a blank line is nothing
    for line, code, id in BAD:
        piped.say(line)
        answer = piped.hear()
        assert (answer["error"]["code"], answer["id"]) == (code, id), (line[:80], answer)
        assert "Traceback" not in json.dumps(answer)
    piped.say(b'{"jsonrpc":"2.0","id":99,"method":"tools/call","params":{"name":"facts"}}')
    assert "structuredContent" in piped.hear()["result"]


def test_half_a_character_in_a_call_is_replaced_and_the_call_answered_under_its_id(piped):
    line = r'{"jsonrpc":"2.0","id":7,"method":"tools/call","params":%s}'
    piped.say((line % r'{"name":"remember","arguments":{"text":"茶 \ud83d word"}}').encode())
    answer = piped.hear()
    assert answer["id"] == 7
    assert answer["result"]["structuredContent"]["episodes"][0]["text"] == "茶 \ufffd word"


def test_a_message_that_is_too_long_is_refused_and_the_next_one_is_heard(piped, monkeypatch):
    monkeypatch.setattr(conversation, "LONGEST", 100_000)
    for extra in (1, 200_000):
        piped.say(b'"' + b"x" * (100_000 + extra) + b'"')
        told = piped.hear()["error"]
        assert told == {"code": -32700, "message": "a message has more than 100,000 bytes"}
        piped.say(b'{"jsonrpc":"2.0","id":"%d","method":"ping"}' % extra)
        assert piped.hear()["id"] == str(extra)


def test_a_request_that_the_client_takes_back_does_not_hold_up_the_end(piped):
    piped.say(b'{"jsonrpc":"2.0","id":5,"method":"subscriptions/listen","params":{}}')
    piped.hear()  # it is of the newer era
    piped.say(b'{"jsonrpc":"2.0","id":6,"method":"tools/call","params":{"name":"facts"}}')
    piped.say(b'{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":6}}')


@pytest.mark.slow
def test_a_client_that_goes_away_ends_it(lines, command):
    server = lines()
    server.process.stdout.close()
    server.send("tools/call", call("remember", text="word"))
    assert server.process.wait(30) == 0
    assert remembered(command) == {"word"}


def test_nothing_but_the_protocol_reaches_stdout(command):
    """What a part of the process prints, in Python or below it, goes to stderr."""
    code = (
        "import os, sys\n"
        "from remanence.server.mcp.conversation import alone\n"
        "with alone() as (source, sink):\n"
        "    print('from Python', flush=True); os.write(1, b'from below\\n')\n"
        "    os.write(sink, b'protocol\\n'); assert os.read(0, 1) == b''\n"
        "print('after')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, input="x"
    )
    assert done.stdout == "protocol\nafter\n"
    assert done.stderr == "from Python\nfrom below\n"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "told"),
    [(("-n", ""), "namespace is empty"), (("--db", "/dev/null/x"), "x")],
)  # fmt: skip
def test_what_cannot_be_served_is_said_on_stderr_before_the_first_word(command, arguments, told):
    done = subprocess.run(
        command(*arguments), capture_output=True, text=True, check=False, input=""
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert told in done.stderr
    assert "Traceback" not in done.stderr
