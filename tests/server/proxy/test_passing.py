"""What is not memory's business passes: bytes on, bytes back."""

import gzip
import json

import httpx2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

OFF = {"x-remanence-memory": "off"}
PATHS = ("/openai/v1/chat/completions", "/openai/v1/responses", "/anthropic/v1/messages")
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
WORDS = st.fixed_dictionaries(
    {
        "model": st.sampled_from(["words-3", "gzip", "status-429", "status-500", "echo"]),
        "stream": st.booleans(),
        "messages": st.lists(
            st.builds(lambda t: {"role": "user", "content": t}, TEXT), min_size=1, max_size=3
        ),
        "input": TEXT,
    },
    optional={"temperature": st.floats(0, 2), "x": st.integers() | TEXT, "n": st.integers(1, 2)},
)
BODY = st.builds(
    lambda value, plain, indent: json.dumps(value, ensure_ascii=plain, indent=indent).encode(),
    WORDS,
    st.booleans(),
    st.sampled_from([None, 2]),
)
HOP = {"connection", "keep-alive", "transfer-encoding", "host"}
GUARDS = {"x-content-type-options", "referrer-policy", "cross-origin-resource-policy", "x-frame-options",
          "content-security-policy", "cache-control", "x-remanence-request", "x-remanence-memory",
          "date"}  # fmt: skip  # RFC 9110, 6.6.1: who hands an answer on without one, adds it; the script's have none


def raw(client, method, url, **options):
    """Status, headers and the very bytes of an answer."""
    with client.stream(method, url, **options) as answer:
        kept = [(k, v) for k, v in answer.headers.multi_items() if k not in HOP | GUARDS]
        return answer.status_code, kept, b"".join(answer.iter_raw())


def direct(here, path):
    """The provider's own address of a path."""
    settings_ = here.service.settings
    if path.startswith("/openai"):
        return settings_.openai_url + path.removeprefix("/openai/v1")
    return settings_.anthropic_url + path.removeprefix("/anthropic")


def test_with_memory_off_bytes_are_equal_both_ways(site):
    here = site()
    key = here.key()
    mine = {"authorization": "Bearer sk-mine", "content-type": "application/json", "x-any": "1"}
    with httpx2.Client() as client:

        @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
        @given(BODY, st.sampled_from(PATHS))
        def equal(body, path):
            # ids of the script count requests: both begin at the same number
            number = len(here.upstream.got)
            through = raw(
                client,
                "POST",
                here.url + path,
                content=body,
                headers={**mine, **OFF, "x-remanence-key": key},
            )
            got = here.upstream.got.pop()
            assert len(here.upstream.got) == number
            assert raw(client, "POST", direct(here, path), content=body, headers=mine) == through
            plain = here.upstream.got.pop()
            assert got.body == plain.body == body
            kept = [[h for h in each.headers if h[0].decode() not in HOP] for each in (got, plain)]
            assert kept[0] == kept[1]

        equal()
    with here.memory.store.reading() as connection:
        assert not list(connection.all("SELECT 1 FROM episode LIMIT 1"))


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/openai/v1/models?limit=2&x=%20y"),
        ("POST", "/openai/v1/embeddings"),
        ("GET", "/openai/v1/responses/resp_1/input_items"),
        ("DELETE", "/openai/v1/chat/completions/c1"),
        ("POST", "/openai/v1/some/thing/new"),
        ("GET", "/openai/v1/files/%E5%B0%8F%2F1"),
        ("GET", "/anthropic/v1/models"),
        ("POST", "/anthropic/v1/messages/count_tokens"),
        ("PUT", "/anthropic/v1/x"),
    ],
)
def test_every_other_path_goes_on_as_it_is(site, method, path):
    here = site()
    headers = {
        "x-remanence-key": here.key(),
        "x-api-key": "sk-mine",
        "content-type": "application/x-any",
    }
    body = b"\x00\xff not json" if method in ("POST", "PUT") else None
    with httpx2.Client() as client:
        through = raw(client, method, here.url + path, content=body, headers=headers)
        got = here.upstream.got[-1]
        assert through == raw(client, method, direct(here, path), content=body, headers=headers)
    assert (got.method, got.body) == (method, body or b"")
    assert path.endswith(
        got.path.removeprefix("/v1") + (f"?{got.query.decode()}" if got.query else "")
    )
    assert got.header("x-api-key") == "sk-mine"


def test_a_body_goes_on_in_pieces(site):
    here = site()
    pieces = [b"a" * 70_000, b"b" * 70_000]
    with httpx2.Client() as client:
        answer = client.post(
            f"{here.url}/openai/v1/files",
            content=iter(pieces),
            headers={"x-remanence-key": here.key()},
        )
    assert answer.status_code == 200
    assert here.upstream.got[-1].body == b"".join(pieces)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"\xff"',
        b'{"messages": 1}',
        b'{"model": "echo", "messages": [{"role": "user", "content": "\\ud800"}]}',
    ],
)
def test_a_body_that_is_none_of_ours_is_the_provider_s_to_refuse(site, body):
    here = site()
    headers = {"x-remanence-key": here.key(), "content-type": "application/json"}
    with httpx2.Client() as client:
        client.post(here.url + PATHS[0], content=body, headers=headers)
    assert here.upstream.got[-1].body == body


def test_an_answer_that_comes_compressed_all_the_same_passes_as_it_is_and_is_remembered(site):
    here = site()
    body = json.dumps({"model": "gzip", "messages": [{"role": "user", "content": "hello"}]})
    headers = {
        "x-remanence-key": here.key(),
        "content-type": "application/json",
        "accept-encoding": "gzip",
    }
    with httpx2.Client() as client:
        _, _, answer = raw(client, "POST", here.url + PATHS[0], content=body, headers=headers)
    assert json.loads(gzip.decompress(answer))["choices"]
    assert here.upstream.got[-1].header("accept-encoding") == "identity"
    told = json.loads(gzip.decompress(answer))["choices"][0]["message"]["content"]
    assert [each.text for each in here.settled()] == ["hello", told]


def test_a_compressed_request_is_read_and_what_no_decoder_knows_passes_unread(site):
    here = site()
    here.memory.remember("I moved to Chengdu in March.", namespace="wei")
    body = json.dumps(
        {"model": "echo", "messages": [{"role": "user", "content": "Where did I move?"}]}
    )
    headers = {"x-remanence-key": here.key(), "content-type": "application/json"}

    def ask(coding, content):
        with httpx2.Client() as client:
            given = {**headers, "content-encoding": coding}
            return client.post(here.url + PATHS[0], content=content, headers=given)

    packed = gzip.compress(body.encode())
    assert "Chengdu" in ask("gzip", packed).text
    assert here.upstream.got[-1].header("content-encoding") is None
    answer = ask("br", b"packed")
    assert here.upstream.got[-1].body == b"packed"
    assert answer.headers["x-remanence-memory"] == "none; reason=unreadable-body"


@pytest.mark.parametrize(
    ("path", "upstream"),
    [
        ("/openai/v1/chat/completions/", "/v1/chat/completions"),
        ("/openai/v1//chat/completions", "/v1/chat/completions"),
        ("/openai//v1/v1/responses", "/v1/responses"),
        ("/anthropic/v1/messages/", "/v1/messages"),
        ("/anthropic/v1/v1/messages", "/v1/messages"),
    ],
)
def test_a_variant_of_a_path_has_memory_too(site, path, upstream):
    here = site()
    body = {"model": "echo", "messages": [{"role": "user", "content": "hi"}], "input": "hi"}
    with httpx2.Client() as client:
        answer = client.post(here.url + path, json=body, headers={"api-key": here.key()})
    assert answer.headers["x-remanence-memory"] == "used=0"
    assert here.upstream.got[-1].path == upstream
    assert "hi" in [each.text for each in here.settled()]


@pytest.mark.parametrize("header", ["authorization", "api-key", "x-api-key", "x-goog-api-key"])
def test_a_bare_key_is_taken_in_every_header_of_clients_and_no_provider_sees_it(site, header):
    here = site()
    body = {"model": "echo", "messages": [{"role": "user", "content": "hi"}]}
    with httpx2.Client() as client:
        answer = client.post(here.url + PATHS[0], json=body, headers={header: here.key()})
    assert answer.status_code == 200
    assert not any(b"rmn_" in value for _, value in here.upstream.got[-1].headers)


def test_what_a_request_wants_less_of_it_gets_less_of(site):
    here = site()
    here.memory.remember("I moved to Chengdu in March.", namespace="wei", id="m1")
    client = here.openai()

    def ask(mode=None, **options):
        headers = {} if mode is None else {"x-remanence-memory": mode}
        create = client.chat.completions.with_raw_response.create
        messages = [{"role": "user", "content": f"Where did I move? {mode} {options}"}]
        answer = create(model="echo", messages=messages, extra_headers=headers, **options)
        count = len([each for each in here.settled() if each.speaker == "user"])
        return answer.headers["x-remanence-memory"].split(";")[0], count

    assert ask("off") == ("off", 0)
    assert ask("read") == ("used=1", 0)
    assert ask("write") == ("used=0", 1)
    told, count = ask(store=False)
    assert (told.startswith("used="), count) == (True, 1)
    assert ask()[1] == 2


def test_nobody_known_no_memory_and_a_foreign_namespace_is_not_there(site):
    here = site()
    here.memory.remember("Mia's secret is blue.", namespace="team/mia")
    here.memory.remember("The other team's secret is red.", namespace="other/x")
    client = here.openai(here.key("team/*"))
    create = client.chat.completions.with_raw_response.create

    def ask(user=None, **headers):
        messages = [{"role": "user", "content": "What is the secret?"}]
        named = {f"x-remanence-{name}": value for name, value in headers.items()}
        more = {} if user is None else {"user": user}
        raw = create(model="echo", messages=messages, extra_headers=named, **more)
        return raw.headers["x-remanence-memory"].split(";")[0], raw.parse().choices[
            0
        ].message.content

    assert ask() == ("none", "You said: What is the secret?")
    told, text = ask(user="mia")
    assert told == "used=1"
    assert "blue" in text
    assert "blue" not in ask(user="wei")[1]
    assert "blue" in ask(user="wei", user_="x", namespace="team/mia")[1]
    import openai

    for foreign in ("other/x", "other/nowhere", "*"):
        with pytest.raises(openai.NotFoundError):
            ask(namespace=foreign)


def test_a_key_that_may_only_proxy_has_chats_without_memory(site):
    here = site()
    here.memory.remember("I moved to Chengdu.", namespace="wei")
    client = here.openai(here.key(scopes=("proxy",)))
    create = client.chat.completions.with_raw_response.create
    raw = create(model="echo", messages=[{"role": "user", "content": "Where did I move?"}])
    assert raw.headers["x-remanence-memory"] == "off"
    assert "Chengdu" not in raw.parse().choices[0].message.content
    assert len(here.settled()) == 1
