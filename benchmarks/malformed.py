"""Requests that are wrong in every way that could be thought of, drawn from a seed: raw ASGI, for
REST, the proxies and MCP.

Most begin as a request that is right and are spoilt once or twice, because what is wrong throughout
gets no further than the first check.
"""

import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

REST = (
    (
        "POST",
        "/v1/episodes",
        {"text": "我住在成都。", "speaker": "魏", "id": "m1", "metadata": {"a": [1]}},
    ),
    ("POST", "/v1/episodes", {"turns": [{"text": "a"}, {"text": "b", "at": "2025-01-01"}]}),
    ("GET", "/v1/episodes?limit=3&order=oldest&session=s", None),
    ("GET", "/v1/episodes/m1", None),
    ("PUT", "/v1/episodes/m1", {"text": "新", "metadata": {}}),
    ("DELETE", "/v1/episodes/m9", None),
    ("GET", "/v1/episodes/m1/versions", None),
    ("DELETE", "/v1/episodes/m1/versions/1", None),
    ("GET", "/v1/sessions?limit=2", None),
    (
        "POST",
        "/v1/recall",
        {"query": "魏住在哪里?", "k": 3, "since": "2020-01-01", "metadata": {"a": 1}},
    ),
    ("POST", "/v1/context", {"query": "where?", "budget": 50, "facts": True, "session": "s"}),
    ("POST", "/v1/facts", {"subject": "魏", "relation": "lives_in", "object": "成都"}),
    ("GET", "/v1/facts?subject=Wei&as_of=2025-01-01&history=true", None),
    ("GET", "/v1/profile?subject=Wei", None),
    ("GET", "/v1/timeline?subject=Wei&known_at=2025-01-01", None),
    ("GET", "/v1/graph?subject=Wei&depth=2", None),
    ("POST", "/v1/forget", {"session": "none", "dry_run": True}),
    ("POST", "/v1/forget", {"id": "none"}),
    ("GET", "/v1/namespaces?limit=1", None),
    ("GET", "/v1/keys", None),
    ("POST", "/v1/keys", {"scopes": ["read"], "namespaces": ["x"], "expires": "2000-01-01"}),
    ("DELETE", "/v1/keys/abc", None),
    ("GET", "/v1/export?namespace=none", None),
    ("POST", "/v1/import", b'{"text":"a","id":"m2"}\n{"text":"b","at":"2025-01-01"}\n'),
    ("GET", "/openapi.json", None),
    ("GET", "/healthz", None),
)
_CHAT = {"model": "m", "messages": [{"role": "user", "content": "hello 你好"}], "user": "魏"}
PROXY = (
    ("POST", "/openai/v1/chat/completions", _CHAT),
    ("POST", "/openai/v1/chat/completions", {**_CHAT, "stream": True}),
    ("POST", "/openai/v1/responses", {"model": "m", "input": "hello", "stream": False}),
    ("GET", "/openai/v1/models", None),
    ("POST", "/openai/v1/embeddings", {"model": "m", "input": "x"}),
    ("POST", "/anthropic/v1/messages", {**_CHAT, "max_tokens": 5}),
    ("GET", "/anthropic/v1/models", None),
)
_CALL = {"name": "recall", "arguments": {"query": "where?"}}
_META = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientInfo": {"name": "c", "version": "1"},
    "io.modelcontextprotocol/clientCapabilities": {},
}
MCP = (
    (
        "POST",
        "/mcp",
        {
            "jsonrpc": "2.0",
            "id": 1,
            "method": "initialize",
            "params": {
                "protocolVersion": "2025-11-25",
                "capabilities": {},
                "clientInfo": {"name": "c", "version": "1"},
            },
        },
    ),
    (
        "POST",
        "/mcp",
        {"jsonrpc": "2.0", "id": 2, "method": "tools/list", "params": {"_meta": _META}},
    ),
    (
        "POST",
        "/mcp",
        {"jsonrpc": "2.0", "id": 3, "method": "tools/call", "params": {**_CALL, "_meta": _META}},
    ),
    (
        "POST",
        "/mcp/reference",
        {
            "jsonrpc": "2.0",
            "id": 4,
            "method": "tools/call",
            "params": {"name": "read_graph", "arguments": {}, "_meta": _META},
        },
    ),
    (
        "POST",
        "/mcp",
        {"jsonrpc": "2.0", "id": 5, "method": "server/discover", "params": {"_meta": _META}},
    ),
    ("DELETE", "/mcp", None),
)

ODD: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    -1,
    1.5,
    10**30,
    -(10**30),
    1e308,
    "",
    " ",
    "\u0000",
    "a\u0000b",
    "\u2028",
    "\u202e",
    "x" * 600,
    "长" * 600,
    "😀",
    "ﷺ",
    "' OR 1=1 --",
    "%00",
    "../../etc/passwd",
    "{{7*7}}",
    "<script>",
    "NaN",
    [],
    {},
    [[]],
    [None],
    {"": ""},
    {"a": {"b": {"c": []}}},
    [1] * 50,
    "2025-13-45",
    "9999-12-31T23:59:59-23:59",
    "0001-01-01",
    "٢٠٢٥",
    "1e999",
    "T",
    "-1",
    "namespace",
    ["read", "read"],
    {"$ref": "#"},
    "\ud83d",
)
RAW = (
    b"",
    b"{",
    b"}",
    b"[",
    b"]",
    b"null",
    b"1e999",
    b"-1e999",
    b"NaN",
    b"Infinity",
    b"-",
    b"\x00",
    b"\xff\xfe",
    b'"\\ud800"',
    b'{"query":"\\ud800"}',
    b'{"query":"\xed\xa0\x80"}',
    b'{"query": 1e999}',
    b"\xef\xbb\xbf{}",
    b'{"a":1,"a":2}',
    b"[" * 100_000,
    b'{"a":' * 50_000,
    b"1" * 5_000,
    b'"' + b"x" * 10_000,
    b"{}{}",
    b"{} {",
    b'{"text":"x","text":"y"}',
    b"\x1f\x8b\x08\x00",
    b"a=1&b=2",
    b"--x\r\n\r\n--x--",
    b'{"k":' + b"9" * 5_000 + b"}",
    '{"text":"é"}'.encode("latin-1"),
    '{"text":"魏"}'.encode("utf-16"),
    b"\\u0000",
    b'{"query":"\\u0000"}',
)
TYPES = (
    b"application/json",
    b"application/json; charset=utf-16",
    b"text/plain",
    b"application/x-ndjson",
    b"",
    b"\xff",
    b"json",
    b"application/x-www-form-urlencoded",
    b"multipart/form-data",
    b"multipart/form-data; boundary=",
    b"a" * 3_000,
    b"application/vnd.api+json",
    b"application/json;" * 50,
    b"text/event-stream",
)
HEADERS = (
    b"idempotency-key",
    b"if-match",
    b"if-none-match",
    b"accept",
    b"origin",
    b"host",
    b"content-length",
    b"transfer-encoding",
    b"content-encoding",
    b"mcp-session-id",
    b"mcp-protocol-version",
    b"x-remanence-namespace",
    b"x-remanence-user",
    b"x-remanence-session",
    b"x-remanence-memory",
    b"last-event-id",
    b"expect",
    b"connection",
    b"x-forwarded-for",
    b"range",
    b"cookie",
    b"mcp-method",
    b"mcp-name",
    b"anthropic-version",
    b"authorization",
    b"x-api-key",
    b"x-remanence-key",
)
VALUES = (
    b"",
    b"*",
    b'"1-abc"',
    b"\xff\xfe",
    b"a" * 5_000,
    b"0",
    b"-1",
    b"99999999999999999999",
    b"gzip",
    b"null",
    b"http://evil.example",
    b"localhost",
    b"localhost:99999",
    b"[::1]:1",
    b"[::1",
    b"@",
    b"127.0.0.1#",
    b"2025-11-25",
    b"2026-07-28",
    b"1999-01-01",
    "魏".encode(),
    b"\x00",
    b"chunked",
    b"Bearer ",
    b"Bearer rmn_x",
    b"Basic eDp5",
    b"text/event-stream, application/json",
    b"off",
)
METHODS = (
    "GET",
    "POST",
    "PUT",
    "DELETE",
    "PATCH",
    "HEAD",
    "OPTIONS",
    "TRACE",
    "CONNECT",
    "get",
    "",
    "X" * 300,
    "PRI",
)
PATHS = (
    b"",
    b"/",
    b"//",
    b"*",
    b"/v1",
    b"/v1/",
    b"/v1/episodes/",
    b"/v1//episodes",
    b"/v1/episodes/%00",
    b"/v1/episodes/%FF",
    b"/v1/episodes/%ED%A0%80",
    b"/v1/episodes/" + b"a" * 9_000,
    b"/v1/episodes/%2e%2e%2f",
    b"/v1/episodes/\xff",
    b"/mcp/",
    b"/v1/episodes/m1/versions/x",
    b"/v1/episodes/m1/versions/" + b"9" * 5_000,
    b"/v1/episodes/%",
    b"/v1/episodes/%zz",
    b"/mcp/x",
    b"/openai/v1/",
    b"/openai/v1/chat/completions/",
    b"/openai/",
    b"/openai/v2/x",
    b"/anthropic/v1/messages/x",
    b"/openai/v1/../v1",
    b"http://evil.example/v1/recall",
    b"/v1/episodes/m1#x",
    b"/v1/keys/%0d%0aX:y",
    b"/openai/v1/%FF",
    b"/metrics/",
    b"/readyz/x",
    b"/metrics",
)
QUERIES = (
    b"limit=1&limit=2",
    b"limit=x",
    b"limit=-1",
    b"limit=1e9",
    b"limit=" + b"9" * 5_000,
    b"cursor=x",
    b"cursor=%FF",
    b"%FF=1",
    b"=",
    b"&&&",
    b"a=" + b"x" * 20_000,
    b"&".join(b"p%d=1" % n for n in range(200)),
    b"namespace=%00",
    b"namespace=",
    b"namespace=%ED%A0%80",
    b"\xff",
    b"subject=%00",
    b"as_of=never",
    b"depth=99",
    b"history=maybe",
    b"order=sideways",
    b"namespace=a%0Ab",
    b"limit=%31%30",
    b"limit=1;x=2",
    b"cursor=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    b"limit=",
    b"limit= 1",
    b"limit=1_0",
    "subject=魏".encode(),
    b"depth=0x2",
    b"skip_bad=2",
)


@dataclass(frozen=True)
class Request:
    """One request, as an ASGI server would hand it on."""

    method: str
    target: bytes
    body: bytes
    headers: tuple[tuple[bytes, bytes], ...] = field(default=())


def requests(seed: int, key: str) -> "Source":
    """An endless source of requests, the same for the same seed."""
    return Source(random.Random(seed), key)


class Source:
    """Draws one request after the other."""

    def __init__(self, rng: random.Random, key: str) -> None:
        self._rng, self._key = rng, key.encode()
        self._spoilers: tuple[Callable[[Request, Any], Request], ...] = (
            self._value, self._value, self._value, self._raw, self._cut, self._flip,
            self._type, self._header, self._header, self._method, self._path, self._query,
        )  # fmt: skip

    def __iter__(self) -> "Source":
        return self

    def __next__(self) -> Request:
        method, target, body = self._rng.choice(self._rng.choice((REST, REST, PROXY, MCP)))
        made = Request(method, target.encode(), _encoded(body), self._usual(target, body))
        for _ in range(self._rng.choice((1, 1, 1, 2, 3))):
            made = self._rng.choice(self._spoilers)(made, body)
        return made

    def _usual(self, target: str, body: Any) -> tuple[tuple[bytes, bytes], ...]:
        headers = [(b"host", b"localhost:8765")]
        if self._rng.random() < 0.97:
            headers.append((b"authorization", b"Bearer " + self._key))
        if body is not None:
            kind = b"application/x-ndjson" if isinstance(body, bytes) else b"application/json"
            headers.append((b"content-type", kind))
        if target.startswith("/mcp"):
            headers.append((b"accept", b"application/json, text/event-stream"))
            if self._rng.random() < 0.6 and isinstance(body, dict):
                headers.append((b"mcp-protocol-version", b"2026-07-28"))
                headers.append((b"mcp-method", body["method"].encode()))
        return tuple(headers)

    def _value(self, request: Request, body: Any) -> Request:
        """Another value in the place of one, a field too many, or one too few."""
        if not isinstance(body, dict):
            return self._query(request, body)
        changed = json.loads(json.dumps(body))
        where = changed
        while self._rng.random() < 0.5:
            inner = [value for value in _inside(where) if isinstance(value, (dict, list)) and value]
            if not inner:
                break
            where = self._rng.choice(inner)
        odd = self._rng.choice(ODD)
        if isinstance(where, list):
            where[self._rng.randrange(len(where))] = odd
        else:
            name = self._rng.choice(
                [*where, self._rng.choice(("namespace", "id", "at", "x", "user"))]
            )
            if self._rng.random() < 0.15:
                where.pop(name, None)
            else:
                where[name] = odd
        return replace(request, body=_encoded(changed))

    def _raw(self, request: Request, _: Any) -> Request:
        return replace(request, body=self._rng.choice(RAW))

    def _cut(self, request: Request, _: Any) -> Request:
        at = self._rng.randrange(len(request.body) + 1)
        return replace(request, body=request.body[:at])

    def _flip(self, request: Request, _: Any) -> Request:
        flipped = bytearray(request.body or b"{}")
        for _ in range(self._rng.choice((1, 1, 4))):
            flipped[self._rng.randrange(len(flipped))] = self._rng.randrange(256)
        return replace(request, body=bytes(flipped))

    def _type(self, request: Request, _: Any) -> Request:
        others = tuple(pair for pair in request.headers if pair[0] != b"content-type")
        return replace(request, headers=(*others, (b"content-type", self._rng.choice(TYPES))))

    def _header(self, request: Request, _: Any) -> Request:
        pair = (self._rng.choice(HEADERS), self._rng.choice(VALUES))
        others = request.headers
        if self._rng.random() < 0.7:
            others = tuple(each for each in others if each[0] != pair[0])
        return replace(request, headers=(*others, pair))

    def _method(self, request: Request, _: Any) -> Request:
        return replace(request, method=self._rng.choice(METHODS))

    def _path(self, request: Request, _: Any) -> Request:
        return replace(request, target=self._rng.choice(PATHS))

    def _query(self, request: Request, _: Any) -> Request:
        joint = b"&" if b"?" in request.target else b"?"
        return replace(request, target=request.target + joint + self._rng.choice(QUERIES))


def _encoded(body: Any) -> bytes:
    if body is None or isinstance(body, bytes):
        return body or b""
    return json.dumps(body).encode()


def _inside(value: Any) -> list[Any]:
    return list(value.values()) if isinstance(value, dict) else list(value)
