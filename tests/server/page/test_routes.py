"""The page's files: sent without a key, under a policy without inline, small, complete."""

import gzip
import json
import re

import pytest

from remanence import Turn
from remanence.server import page
from remanence.testing.asgi import Answer

MOST = 250 * 1024  # bytes gzipped of all that a browser may ask for


def keyless(client, target, method="GET", **headers) -> Answer:
    return client.site(method, target, {k.replace("_", "-"): v for k, v in headers.items()}, b"")


def document(client) -> str:
    return keyless(client, "/").body.decode()


def test_the_document_and_all_that_it_names_need_no_key(client):
    named = re.findall(r'(?:href|src)="([^"]+)"', document(client))
    assert len(named) >= 4  # icon, font, style, script
    for target in named:
        assert target.startswith("/page/"), "nothing is asked of another address"
        assert keyless(client, target).status == 200


@pytest.mark.parametrize("target", sorted(page.assets()))
def test_a_file_is_sent_under_a_policy_without_inline(client, target):
    answer = keyless(client, target)
    policy = answer.header("content-security-policy")
    assert answer.status == 200
    assert "default-src 'none'" in policy and "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy and "require-trusted-types-for 'script'" in policy
    assert answer.header("x-content-type-options") == "nosniff"
    assert answer.header("referrer-policy") == "no-referrer"


def test_the_document_has_no_inline_script_style_or_handler(client):
    text = document(client)
    assert re.findall(r"<script[^>]*>([^<]*)</script>", text) == [""]
    assert "<style" not in text and not re.search(r"\s(?:on\w+|style)=", text)


def test_the_files_ask_nothing_of_another_address():
    for target, asset in page.assets().items():
        if target.endswith((".js", ".css", ".svg")) or target == "/":
            found = set(re.findall(rb"https?://[\w.-]+", asset.body))
            assert found <= {b"http://www.w3.org", b"https://lucide.dev"}, target


def test_all_files_together_are_small():
    sent = [asset.packed or asset.body for asset in page.assets().values()]
    assert sum(map(len, sent)) <= MOST


def test_a_named_file_is_kept_for_ever_and_the_document_is_asked_for_again(client):
    script = re.search(r'src="([^"]+)"', document(client))[1]
    kept, asked = keyless(client, script), keyless(client, "/")
    assert "immutable" in kept.header("cache-control")
    assert asked.header("cache-control") == "no-cache"
    again = keyless(client, "/", if_none_match=asked.header("etag"))
    assert (again.status, again.body) == (304, b"")


def test_gzip_is_sent_where_it_is_taken(client):
    script = re.search(r'src="([^"]+)"', document(client))[1]
    plain, packed = keyless(client, script), keyless(client, script, accept_encoding="gzip, br")
    assert packed.header("content-encoding") == "gzip"
    assert gzip.decompress(packed.body) == plain.body
    assert keyless(client, script, "HEAD").body == b""


@pytest.mark.parametrize(
    ("method", "target", "status"),
    [
        ("POST", "/", 405),
        ("GET", "/page/", 404),
        ("GET", "/page/index.html", 404),
        ("GET", "/page/../settings.py", 404),
        ("GET", "/page/%2e%2e/__init__.py", 404),
        ("GET", "/pages", 401),
    ],
)
def test_nothing_else_is_sent(client, method, target, status):
    assert keyless(client, target, method).status == status


def test_a_page_of_another_origin_may_not_ask(client):
    assert keyless(client, "/", origin="https://example.org").status == 403


def test_the_link_hands_the_key_over_in_a_fragment():
    assert page.link("http://127.0.0.1:8765", "rmn_a_b") == "http://127.0.0.1:8765/#key=rmn_a_b"


# -- the routes that the page needs ------------------------------------------------------------


def test_a_key_learns_what_it_may_do_and_where(client):
    told = client.as_("read", "write", namespaces=("wei",)).json("GET", "/v1/caller")
    assert told["scopes"] == ["read", "write"]
    assert (told["namespaces"], told["default_namespace"]) == (["wei"], "wei")
    several = client.as_("read", namespaces=("team/*",)).json("GET", "/v1/caller")
    assert several["default_namespace"] is None
    assert client("GET", "/v1/caller", authorization="Bearer rmn_no").status == 401


@pytest.mark.parametrize("order", ["newest", "oldest"])
@pytest.mark.parametrize("filters", ["", "&speaker=Mira"])
@pytest.mark.parametrize("limit", [1, 3, 10, 11])
def test_an_outline_opens_the_pages_that_following_cursors_opens(client, order, filters, limit):
    client.service.memory.remember(
        Turn(f"句子 {n}", speaker="Mira" if n % 2 else "小伟", id=f"m{n}") for n in range(10)
    )
    target = f"/v1/episodes?order={order}&limit={limit}{filters}"
    walked, cursor = [], ""
    while cursor is not None:
        found = client.json("GET", f"{target}{cursor and '&cursor='}{cursor}")
        walked += [found["episodes"]]
        cursor = found["next"]
    outline = client.json("GET", target.replace("episodes", "outline"))
    assert outline["total"] == sum(map(len, walked)) == (5 if filters else 10)
    opened = [client.json("GET", target)["episodes"]]
    opened += [
        client.json("GET", f"{target}&cursor={each}")["episodes"] for each in outline["cursors"]
    ]
    assert [page for page in opened if page] == walked


def test_an_outline_stays_within_the_reach_of_a_key(client):
    client.json("POST", "/v1/episodes", {"text": "ours", "namespace": "a"})
    other = client.as_("read", namespaces=("b",))
    assert other("GET", "/v1/outline?namespace=a").status == 404
    assert other.json("GET", "/v1/outline")["total"] == 0


def test_what_is_stored_comes_back_as_json_and_never_as_a_document(client):
    text = "<script>alert(1)</script>\u202e"
    client.json("POST", "/v1/episodes", {"text": text, "id": "x"})
    answer = client("GET", "/v1/episodes/x")
    assert answer.header("content-type") == "application/json"
    assert json.loads(answer.body)["text"] == text
    assert answer.header("content-security-policy").startswith("default-src 'none'")
