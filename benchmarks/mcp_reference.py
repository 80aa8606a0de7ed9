"""The same calls to the reference memory server and to ours: are the answers equal?

Sequences of calls are drawn from a seed over a small vocabulary, so that names meet, repeat and
differ by case alone; some of it is Chinese, empty, or long, and some calls have arguments of the
wrong kind. Both servers speak over stdio, one process each; ours keeps a file. Every sequence ends
with the whole graph read and everything deleted. Compared are text, structured content and whether
it is an error; once also the tools and the resource. Left out, because ours refuses them: NUL
characters, lone surrogates, and metadata above 256,000 characters.
"""

import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

import mcp_node
import report

VERSION = "2026.8.31"
PROTOCOL = "2025-06-18"
NAMES = (
    *("Wei", "wei", "WEI", "小伟", "Tidewater", "Ana María", "", " ", "成都", "a/b#1", "😀 Ltd."),
    *("John_Smith", "İstanbul", "ΣΑΣ", "straße", "x" * 700, "line\nbreak", "</memory>"),
)
KINDS = ("person", "Person", "company", "公司", "", "place of work", "人")
TEXTS = (
    *(
        "lives in Chengdu",
        "Lives in chengdu",
        "住在成都",
        "is allergic to peanuts",
        "",
        " ",
        "tea",
        "喜欢喝茶。",
    ),
    *(
        "Speaks fluent Spanish",
        '"quoted" \\ back',
        "tab\there",
        "ẞ and ß",
        "long " * 900,
        "\u2028",
        "0",
    ),
)
RELATIONS = ("works_at", "knows", "喜欢", "lives_in", "", "reports to", "WORKS_AT")
QUERIES = (
    "",
    "wei",
    "CHENGDU",
    "成都",
    "e",
    "ß",
    "ς",
    "i̇",
    "person",
    "no such thing",
    "😀",
    "\n",
    " ",
)
WRONG = (None, 3, 2.5, True, "text", ["list"], {"an": "object"}, [], {})
Call = tuple[str, dict[str, Any]]


class Server:
    """A process that answers lines of JSON-RPC."""

    def __init__(self, command: list[str], **environment: str) -> None:
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, **environment},
        )
        self._number = 0
        self.ask(
            "initialize",
            protocolVersion=PROTOCOL,
            capabilities={},
            clientInfo={"name": "benchmark", "version": "1"},
        )
        self.say({"jsonrpc": "2.0", "method": "notifications/initialized"})

    def say(self, message: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(message).encode() + b"\n")
        self._process.stdin.flush()

    def send(self, method: str, **params: Any) -> None:
        self._number += 1
        self.say({"jsonrpc": "2.0", "id": self._number, "method": method, "params": params})

    def hear(self) -> dict[str, Any]:
        """The answer to what was sent last; notifications are passed over."""
        assert self._process.stdout is not None
        while line := self._process.stdout.readline():
            message: dict[str, Any] = json.loads(line)
            if message.get("id") == self._number:
                return message
        raise SystemExit(f"a server ended with {self._process.wait()}")

    def ask(self, method: str, **params: Any) -> dict[str, Any]:
        self.send(method, **params)
        return self.hear()

    def cpu(self) -> float:
        """Seconds of processor that the process has used."""
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(30)


def sequence(rng: random.Random) -> Iterator[Call]:
    """Some calls; what they name is drawn from a few names, so that they meet."""
    names = rng.sample(NAMES, rng.randint(2, 5))
    texts = rng.sample(TEXTS, rng.randint(2, 5))
    kinds = rng.sample(RELATIONS, 2)
    for _ in range(rng.randint(3, 9)):
        name, arguments = _call(rng, names, texts, kinds)
        if rng.random() < 0.06:
            _spoil(rng, arguments)
        yield ("no_such_tool" if rng.random() < 0.005 else name), arguments
    yield "read_graph", {}
    yield "delete_entities", {"entityNames": list(NAMES)}


def _call(rng: random.Random, names: list[str], texts: list[str], kinds: list[str]) -> Call:
    def some(pool: list[str], most: int) -> list[str]:
        return [rng.choice(pool) for _ in range(rng.randint(0, most))]

    def relation() -> dict[str, str]:
        return {
            "from": rng.choice(names),
            "to": rng.choice(names),
            "relationType": rng.choice(kinds),
        }

    def entity() -> dict[str, Any]:
        made = {
            "name": rng.choice(names),
            "entityType": rng.choice(KINDS),
            "observations": some(texts, 3),
        }
        return {**made, "unknown": 1} if rng.random() < 0.05 else made

    match rng.choices(range(9), (5, 3, 4, 1, 2, 2, 1, 3, 2))[0]:
        case 0:
            return "create_entities", {"entities": [entity() for _ in range(rng.randint(0, 3))]}
        case 1:
            return "create_relations", {"relations": [relation() for _ in range(rng.randint(0, 3))]}
        case 2:
            told = [
                {"entityName": rng.choice(names), "contents": some(texts, 3)}
                for _ in range(rng.randint(0, 2))
            ]
            return "add_observations", {"observations": told}
        case 3:
            return "delete_entities", {"entityNames": some(names, 2)}
        case 4:
            gone = [
                {"entityName": rng.choice(names), "observations": some(texts, 2)}
                for _ in range(rng.randint(0, 2))
            ]
            return "delete_observations", {"deletions": gone}
        case 5:
            return "delete_relations", {"relations": [relation() for _ in range(rng.randint(0, 2))]}
        case 6:
            return "read_graph", {}
        case 7:
            return "search_nodes", {"query": rng.choice((*QUERIES, *names, *texts))}
        case _:
            return "open_nodes", {"names": some(names, 3)}


def _spoil(rng: random.Random, arguments: dict[str, Any]) -> None:
    """Something of the wrong kind, or missing, somewhere in the arguments."""
    at: Any = arguments
    while isinstance(at, (dict, list)) and at:
        key = rng.choice(list(at) if isinstance(at, dict) else range(len(at)))
        inner = at[key]
        if not isinstance(inner, (dict, list)) or not inner or rng.random() < 0.4:
            if isinstance(at, dict) and rng.random() < 0.3:
                del at[key]
            else:
                at[key] = rng.choice(WRONG)
            return
        at = inner


def answer(message: dict[str, Any]) -> Any:
    """What of an answer is compared."""
    result = message.get("result")
    if result is None:
        return {"error": message["error"]["code"]}
    return {
        "content": [{"type": one["type"], "text": one.get("text")} for one in result["content"]],
        "structured": result.get("structuredContent"),
        "error": bool(result.get("isError")),
    }


def shown(server: Server) -> Any:
    """The tools and resources that a server lists, as far as clients act on them."""
    keys = ("name", "title", "description", "inputSchema", "outputSchema", "annotations")
    tools = server.ask("tools/list")["result"]["tools"]
    resources = server.ask("resources/list")["result"]["resources"]
    read = server.ask("resources/read", uri="memory://knowledge-graph")["result"]["contents"]
    return [{key: tool.get(key) for key in keys} for tool in tools], resources, read


def compare(theirs: Server, ours: Server, sequences: int, seed: int) -> tuple[int, list[str]]:
    """How many calls were made, and the first difference."""
    rng = random.Random(seed)
    calls = 0
    if shown(theirs) != shown(ours):
        return calls, ["the tools or resources differ"]
    for number in range(sequences):
        done: list[Call] = []
        for name, arguments in sequence(rng):
            done.append((name, arguments))
            for server in (theirs, ours):
                server.send("tools/call", name=name, arguments=arguments)
            calls += 1
            wanted, had = answer(theirs.hear()), answer(ours.hear())
            if wanted != had:
                told = json.dumps(done, ensure_ascii=False)
                return calls, [f"sequence {number}: {told}", f"theirs: {wanted}", f"ours: {had}"]
        if number and number % 500 == 0:
            report.say(f"{number:,} sequences, {calls:,} calls, equal so far")
    return calls, []


def main() -> None:
    parser = report.arguments(__doc__)
    parser.add_argument("--sequences", type=int, default=5_000)
    parser.add_argument("--seed", type=int, default=7)
    args = parser.parse_args()
    sequences = 60 if args.quick else args.sequences
    try:
        program = (
            mcp_node.package("@modelcontextprotocol/server-memory", VERSION) / "dist" / "index.js"
        )
        node = mcp_node.node()
    except mcp_node.Absent as absent:
        report.show("The reference memory server beside ours", ["skipped"], [[str(absent)]], args)
        return
    started = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="remanence-mcp-") as folder:
        ours = [
            sys.executable,
            "-m",
            "remanence",
            "mcp",
            "--tools",
            "reference",
            "--embedder",
            "hash:8",
        ]
        with (
            Server([node, str(program)], MEMORY_FILE_PATH=f"{folder}/memory.jsonl") as theirs,
            Server([*ours, "--db", f"{folder}/memory.db"], OMP_NUM_THREADS="1") as mine,
        ):
            calls, difference = compare(theirs, mine, sequences, args.seed)
            cpu = (theirs.cpu(), mine.cpu())
    report.show(
        "The same calls to the reference memory server and to ours",
        ["sequences", "calls", "equal", "seconds", "theirs, CPU s", "ours, CPU s"],
        [[sequences, calls, "NO" if difference else "yes", time.perf_counter() - started, *cpu]],
        args,
        notes=difference,
        versions={"server-memory": VERSION},
    )
    if difference:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
