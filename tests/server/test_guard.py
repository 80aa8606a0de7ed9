"""The guard: who gets in, from where, how often, with what; and what every answer carries."""

import json
from functools import partial

import pytest

import remanence
from remanence.server import settings
from remanence.server.app import app
from remanence.server.logs import Log
from remanence.server.service import service
from remanence.testing.asgi import running

from .conftest import Client

# Every route: method, target, a body that is right, and the scope that it needs.
ROUTES = [
    ("POST", "/v1/episodes", {"text": "早"}, "write"),
    ("GET", "/v1/episodes", None, "read"),
    ("GET", "/v1/episodes/m1", None, "read"),
    ("PUT", "/v1/episodes/m1", {"text": "早"}, "write"),
    ("DELETE", "/v1/episodes/m1", None, "delete"),
    ("GET", "/v1/episodes/m1/versions", None, "read"),
    ("DELETE", "/v1/episodes/m1/versions/1", None, "delete"),
    ("GET", "/v1/sessions", None, "read"),
    ("GET", "/v1/outline", None, "read"),
    ("GET", "/v1/entities", None, "read"),
    ("GET", "/v1/traffic", None, "read"),
    ("POST", "/v1/recall", {"query": "早"}, "read"),
    ("POST", "/v1/context", {"query": "早"}, "read"),
    ("POST", "/v1/ask", {"question": "早"}, "read"),
    ("POST", "/v1/facts", {"subject": "魏", "relation": "knows", "object": "Ann"}, "write"),
    ("GET", "/v1/facts", None, "read"),
    ("GET", "/v1/profile?subject=Ann", None, "read"),
    ("GET", "/v1/timeline?subject=Ann", None, "read"),
    ("GET", "/v1/graph?subject=Ann", None, "read"),
    ("POST", "/v1/forget", {"id": "m1"}, "delete"),
    ("POST", "/v1/import", b'{"text":"x"}\n', "write"),
    ("POST", "/v1/import/file", b"[]", "write"),
    ("GET", "/v1/export", None, "read"),
    ("GET", "/v1/namespaces", None, "read"),
    ("GET", "/v1/caller", None, "read"),
    ("GET", "/v1/keys", None, "admin"),
    ("POST", "/v1/keys", {"namespaces": ["a"], "scopes": ["admin"]}, "admin"),
    ("DELETE", "/v1/keys/abc", None, "admin"),
    ("GET", "/metrics", None, "admin"),
]
ELSEWHERE = [  # of the other protocols: no scope of REST lets anybody in
    ("POST", "/openai/v1/chat/completions", {"model": "m", "messages": []}, "proxy"),
    ("GET", "/openai/v1/models", None, "proxy"),
    ("POST", "/anthropic/v1/messages", {"model": "m", "messages": [], "max_tokens": 1}, "proxy"),
]
SCOPES = ("read", "write", "delete", "admin", "proxy")
OF_A_NAMESPACE = [
    row
    for row in ROUTES
    if not row[1].startswith(("/v1/keys", "/v1/caller", "/v1/names", "/metrics"))
]


@pytest.fixture(scope="module")
def client():
    """One site for the whole table: its tests leave nothing that another looks at."""
    with remanence.open(":memory:", embedder="hash:64") as memory:
        made = service(memory, settings.load({}), Log(None))
        with running(app(made)) as site:
            key, _ = made.keys.create(("read", "write", "delete", "admin", "proxy"))
            yield Client(site, made, key)


def ids(rows):
    return [f"{method} {target}" for method, target, *_ in rows]


def ask(client, method, target, body, **headers):
    if isinstance(body, bytes):
        whole = target.startswith("/v1/import/file")
        headers["content_type"] = f"application/{'octet-stream' if whole else 'x-ndjson'}"
    return client(method, target, body, **headers)


def in_namespace(target, body, namespace):
    """The same request, with another namespace."""
    if isinstance(body, dict):
        return target, {**body, "namespace": namespace}
    return f"{target}{'&' if '?' in target else '?'}namespace={namespace}", body


def test_the_table_of_routes_is_whole(client):
    told = client.json("GET", "/openapi.json")["paths"]
    declared = {(method.upper(), path) for path, methods in told.items() for method in methods}
    tabled = {
        (m, t.partition("?")[0].replace("m1", "{id}").replace("abc", "{id}")) for m, t, *_ in ROUTES
    }
    tabled = {(m, t.replace("versions/1", "versions/{version}")) for m, t in tabled}
    hooks = {("POST", "/hooks/{client}")}  # needs two scopes, in a project's namespace: test_hooks
    assert tabled - {("GET", "/metrics")} == declared - hooks


@pytest.mark.parametrize("row", ROUTES + ELSEWHERE, ids=ids(ROUTES + ELSEWHERE))
def test_without_a_key_or_with_a_wrong_scope_nobody_gets_in(client, row):
    method, target, body, scope = row
    nobody = Client(client.site, client.service, "")
    assert ask(nobody, method, target, body).status == 401
    wrong = Client(client.site, client.service, "rmn_aaaaaaaaaaaa_" + "A" * 43)
    assert ask(wrong, method, target, body).status == 401
    others = client.as_(*(each for each in SCOPES if each != scope))
    assert ask(others, method, target, body).status == 403
    right = client.as_(scope)
    assert ask(right, method, target, body).status not in (401, 403)


@pytest.mark.parametrize("row", OF_A_NAMESPACE, ids=ids(OF_A_NAMESPACE))
def test_a_foreign_namespace_is_answered_like_one_that_does_not_exist(client, row):
    method, target, body, _ = row
    client.json("POST", "/v1/episodes", {"text": "秘密", "id": "m1", "namespace": "theirs"})
    mine = client.as_("read", "write", "delete", namespaces=("mine", "mine/*"))
    answers = []
    for namespace in ("theirs", "nowhere"):
        answer = ask(mine, method, *in_namespace(target, body, namespace))
        if target == "/v1/import":  # reads nothing of the body before it refuses
            assert answer.status == 404
        answers.append((answer.status, answer.body))
    assert answers[0] == answers[1] and answers[0][0] == 404
    assert client.json("GET", "/v1/episodes/m1?namespace=theirs")["text"] == "秘密"


BY_ID = [row for row in ROUTES if "m1" in row[1] and row[0] in ("GET", "DELETE")]


@pytest.mark.parametrize("row", BY_ID, ids=ids(BY_ID))
def test_a_foreign_id_is_answered_like_one_that_does_not_exist(client, row):
    method, target, body, _ = row
    client.json("POST", "/v1/episodes", {"text": "秘密", "id": "m1", "namespace": "theirs"})
    mine = client.as_("read", "write", "delete", namespaces=("mine",))
    foreign = ask(mine, method, target, body)
    absent = ask(mine, method, target.replace("m1", "m2"), body)
    assert (foreign.status, foreign.body) == (absent.status, absent.body)
    assert foreign.status == 404


def test_an_import_remembers_nothing_of_a_line_with_a_foreign_namespace(client):
    mine = client.as_("write", "read", namespaces=("alpha",))
    lines = b'{"text":"a"}\n{"text":"b","namespace":"beta"}\n'
    answer = ask(mine, "POST", "/v1/import?skip_bad=true", lines)
    done = json.loads(answer.body.splitlines()[-1])["done"]
    assert (done["turns"], done["skipped"], done["namespaces"]) == (1, 1, ["alpha"])
    assert client.json("GET", "/v1/episodes?namespace=beta")["episodes"] == []


@pytest.mark.parametrize("header", ["authorization", "x-api-key", "x-remanence-key"])
def test_a_key_may_come_in_any_of_three_headers(client, header):
    value = f"Bearer {client.key}" if header == "authorization" else client.key
    nobody = Client(client.site, client.service, "")
    assert nobody("GET", "/v1/keys", **{header: value}).status == 200


def test_health_needs_no_key_and_tells_nothing(client):
    nobody = Client(client.site, client.service, "")
    assert nobody.json("GET", "/healthz") == {"status": "ok"}
    assert nobody.json("GET", "/readyz") == {"status": "ready"}


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost", 200),
        ("127.0.0.1:8765", 200),
        ("[::1]:8765", 200),
        ("LOCALHOST.", 421),
        ("evil.example", 421),
        ("localhost.evil.example", 421),
        ("127.0.0.1@evil.example", 421),
        ("", 421),
        ("[::1", 421),
    ],
)
def test_only_its_own_names_are_answered_to(client, host, status):
    assert client("GET", "/healthz", host=host).status == status


def test_pages_of_other_origins_may_not_call(client):
    assert client("GET", "/v1/keys", origin="http://evil.example").status == 403
    assert client("GET", "/v1/keys", origin="null").status == 403
    same = client("GET", "/v1/keys", host="localhost:8765", origin="http://localhost:8765")
    assert same.status == 200 and same.header("access-control-allow-origin") is None


def test_an_origin_that_is_allowed_is_told_so_and_no_other(plain):
    made = service(plain, settings.load({}, allowed_origins=("https://app.example",)), Log(None))
    with running(app(made)) as site:
        key, _ = made.keys.create(("admin",))
        client = Client(site, made, key)
        answer = client("GET", "/v1/keys", origin="https://app.example")
        assert answer.header("access-control-allow-origin") == "https://app.example"
        preflight = Client(site, made, "")("OPTIONS", "/v1/keys", origin="https://app.example")
        assert preflight.status == 204 and preflight.header("access-control-allow-methods")
        assert client("OPTIONS", "/v1/keys", origin="https://other.example").status == 403


def test_every_answer_carries_the_headers_of_a_cautious_service(client):
    for method, target in (("GET", "/v1/keys"), ("GET", "/none"), ("GET", "/healthz")):
        answer = client(method, target)
        assert answer.header("x-content-type-options") == "nosniff"
        assert "default-src 'none'" in answer.header("content-security-policy")
        assert answer.header("cache-control") == "no-store"
        assert answer.header("x-remanence-request")


def test_a_key_that_asks_too_often_is_told_when_to_come_back(plain):
    made = service(plain, settings.load({}, rate=0.001, burst=3), Log(None))
    with running(app(made)) as site:
        one, _ = made.keys.create(("admin",))
        other, _ = made.keys.create(("admin",))
        client = Client(site, made, one)
        assert [client("GET", "/v1/keys").status for _ in range(4)] == [200, 200, 200, 429]
        assert int(client("GET", "/v1/keys").header("retry-after")) > 1
        assert Client(site, made, other)("GET", "/v1/keys").status == 200


def test_wrong_keys_from_one_address_are_slowed_down(plain):
    made = service(plain, settings.load({}), Log(None))
    with running(app(made)) as site:
        nobody = Client(site, made, "rmn_no")
        assert {nobody("GET", "/v1/keys").status for _ in range(130)} == {401, 429}
        somebody = Client(site, made, made.keys.create(("admin",))[0])
        assert somebody("GET", "/v1/keys").status == 200


def test_a_body_is_bounded_in_size_depth_and_time(plain):
    made = service(
        plain, settings.load({}, max_body=1_000, max_depth=5, body_seconds=0.05), Log(None)
    )
    with running(app(made)) as site:
        key, _ = made.keys.create()
        client = Client(site, made, key)
        assert client("POST", "/v1/episodes", {"text": "x" * 2_000}).status == 413
        deep = b'{"text":"x","metadata":{"a":[[[[[]]]]]}}'
        assert client("POST", "/v1/episodes", deep).status == 400
        brackets = {"text": '[[[[[[[[ in a text are no depth \\" ]'}
        assert client("POST", "/v1/episodes", brackets).status == 200
        head = {"authorization": f"Bearer {key}", "content-type": "application/json"}

        async def slow():
            import anyio

            from remanence.testing.asgi import scope

            said = []

            async def receive():
                await anyio.sleep_forever()

            async def send(message):
                said.append(message)

            raw = [(k.encode(), v.encode()) for k, v in {**head, "host": "localhost"}.items()]
            await site.app(scope("POST", "/v1/recall", raw), receive, send)
            return said[0]["status"]

        assert site.portal.call(slow) == 408


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 422),
        (b"{", 400),
        (b'{"query":"\xff"}', 400),
        (b'{"query":"x","k":1e999}', 400),
        (b'{"query":"x","k":NaN}', 400),
        (b'{"query":"x","k":' + b"9" * 5_000 + b"}", 400),
        (b'{"query":"x","query":"y"}', 400),
        (b'{"query":"\\ud800"}', 422),
        (b'{"query":"a\\u0000b"}', 422),
        (b'{"query":"x","k":true}', 422),
        (b'{"query":"x","k":"3"}', 422),
        (b'{"query":"x","odd":1}', 422),
        (b"[" * 200 + b"]" * 200, 400),
        (b'"' + b'\\"' * 10_000, 400),
        (b"null", 422),
    ],
)
def test_a_body_that_is_wrong_is_a_problem_that_quotes_nothing(client, body, status):
    answer = client("POST", "/v1/recall", body)
    problem = json.loads(answer.body)
    assert answer.status == status == problem["status"]
    assert answer.header("content-type") == "application/problem+json"
    assert problem["type"].startswith("urn:remanence:problem:") and problem["title"]


@pytest.mark.parametrize(
    ("target", "status"),
    [
        ("/v1/episodes?limit=1&limit=2", 400),
        ("/v1/episodes?limit=x", 422),
        ("/v1/episodes?odd=1", 422),
        ("/v1/episodes?session=%FF", 400),
        ("/v1/episodes/%FF", 400),
        ("/v1/episodes/%00", 400),
        ("/v1/episodes?since=never", 422),
        ("/v1/keys?limit=1", 422),
        ("/v1/nothing", 404),
        ("/v1", 404),
    ],
)
def test_a_target_that_is_wrong_is_a_problem(client, target, status):
    assert client("GET", target).status == status


def test_another_media_type_and_another_method_are_told_apart(client):
    assert client("POST", "/v1/recall", b"{}", content_type="text/plain").status == 415
    assert client("POST", "/v1/import", b"{}", content_type="application/json").status == 415
    wrong = client("PATCH", "/v1/recall")
    assert wrong.status == 405 and wrong.header("allow") == "POST"
    assert client("POST", "/healthz").status == 405


def test_a_header_given_twice_is_refused(client):
    pair = (b"authorization", f"Bearer {client.key}".encode())
    assert client.site("GET", "/v1/keys", [pair, pair]).status == 400


def test_each_protocol_is_refused_in_its_own_shape(client):
    nobody = Client(client.site, client.service, "")
    openai = json.loads(nobody("POST", "/openai/v1/chat/completions", {}).body)
    anthropic = json.loads(nobody("POST", "/anthropic/v1/messages", {}).body)
    assert openai["error"]["code"] == "key"
    assert anthropic["error"]["type"] == "authentication_error"
    assert nobody("POST", "/mcp", {}).status == 401


def test_whoever_has_no_key_is_not_waited_for(client):
    """What is sent to an open path is not read: a body that never comes holds no place."""
    raw = [(b"host", b"localhost"), (b"content-type", b"application/json")]

    async def slow():
        import anyio

        from remanence.testing.asgi import scope

        said = []

        async def send(message):
            said.append(message)

        with anyio.fail_after(5):
            await client.site.app(scope("POST", "/healthz", raw), anyio.sleep_forever, send)
        return said[0]["status"]

    assert client.site.portal.call(slow) == 405


def test_a_long_answer_is_broken_off_once_its_key_has_ended(client, monkeypatch):
    from remanence.server import guard
    from remanence.server.rest import bulk
    from remanence.testing.asgi import scope

    monkeypatch.setattr(guard, "AGAIN", 0.0)
    monkeypatch.setattr(bulk, "PAGE", 1)
    for number in range(5):
        client.json("POST", "/v1/episodes", {"text": f"第{number}句"})
    reader = client.as_("read")
    raw = [(b"host", b"localhost"), (b"authorization", f"Bearer {reader.key}".encode())]

    async def export(*, revoked):
        import anyio

        bodies = []

        async def send(message):
            if message["type"] == "http.response.body":
                bodies.append(message)
                if revoked:
                    client.service.keys.revoke(reader.key.split("_")[1])

        await client.site.app(scope("GET", "/v1/export", raw), anyio.sleep_forever, send)
        return [each["more_body"] for each in bodies if each.get("body")], bodies[-1]["more_body"]

    whole, goes_on = client.site.portal.call(partial(export, revoked=False))
    assert len(whole) > 1 and not goes_on
    assert client.site.portal.call(partial(export, revoked=True)) == ([True], True)


def test_every_answer_has_one_date(client):
    dates = [name for name, _ in client("GET", "/healthz").headers if name == b"date"]
    assert dates == [b"date"]


def test_a_browsers_sdk_may_send_its_headers_and_read_ours(plain):
    made = service(plain, settings.load({}, allowed_origins=("https://app.example",)), Log(None))
    wanted = "authorization, content-type, x-stainless-lang, x-remanence-session, openai-beta, mcp-session-id, evil"
    with running(app(made)) as site:
        page = Client(site, made, "")
        answer = page(
            "OPTIONS",
            "/openai/v1/chat/completions",
            origin="https://app.example",
            access_control_request_headers=wanted,
        )
        allowed = answer.header("access-control-allow-headers").split(", ")
        assert set(wanted.split(", ")) - set(allowed) == {"evil"}
        assert "x-remanence-memory" in answer.header("access-control-expose-headers")
        assert answer.header("access-control-allow-origin") == "https://app.example"


@pytest.mark.parametrize(
    "path",
    [
        "/.well-known/oauth-protected-resource",
        "/.well-known/oauth-protected-resource/mcp",
        "/.well-known/oauth-authorization-server",
        "/.well-known/openid-configuration",
        "/register",
    ],
)
def test_there_is_no_oauth_to_discover_and_no_key_is_needed_to_learn_that(client, path):
    nobody = Client(client.site, client.service, "")
    assert nobody("GET", path).status == 404


def test_an_upgrade_to_websockets_is_told_to_use_http(client):
    answer = client("GET", "/openai/v1/responses", upgrade="websocket", connection="Upgrade")
    assert answer.status == 426
    assert json.loads(answer.body)["error"]["code"] == "upgrade"


@pytest.mark.parametrize("path", ["/openai/chat/completions", "/anthropic/messages"])
def test_a_path_without_the_version_is_told_the_base_url_in_the_providers_shape(client, path):
    answer = client("POST", path, {"messages": []})
    assert answer.status == 404
    assert "base URL" in json.loads(answer.body)["error"]["message"]


def test_headers_are_bounded_in_number_and_size(client):
    many = [(b"x-a", b"1")] * 300
    large = [(b"x-a", b"1" * 70_000)]
    for headers in (many, large):
        assert client.site("GET", "/v1/keys", headers).status == 431


def test_one_key_cannot_hold_every_place(plain):
    made = service(plain, settings.load({}, key_waiting=2), Log(None))
    with running(app(made)) as site:
        key, _ = made.keys.create(("read",))
        other, _ = made.keys.create(("read",))

        async def flood():
            import anyio

            from remanence.testing.asgi import scope

            statuses = []
            entered, waiting = anyio.Event(), []

            def headers(token):
                given = {
                    "host": "localhost",
                    "authorization": f"Bearer {token}",
                    "content-type": "application/json",
                }
                return [(name.encode(), value.encode()) for name, value in given.items()]

            async def send(message):
                if message["type"] == "http.response.start":
                    statuses.append(message["status"])

            async def hold():
                waiting.append(1)
                if len(waiting) == 2:
                    entered.set()
                await anyio.sleep_forever()

            async with anyio.create_task_group() as group:
                for _ in range(2):
                    group.start_soon(
                        site.app, scope("POST", "/v1/recall", headers(key)), hold, send
                    )
                await entered.wait()
                with anyio.fail_after(30):
                    await site.app(scope("POST", "/v1/recall", headers(key)), hold, send)
                group.cancel_scope.cancel()
            return statuses

        assert site.portal.call(flood) == [429]
        assert Client(site, made, other)("GET", "/v1/episodes").status == 200
        assert Client(site, made, key)("GET", "/v1/episodes").status == 200
