"""REST: each verb over HTTP says what the library says."""

import itertools
import json

import pytest

from remanence.types import as_json

TURNS = [
    {"text": "我三月搬到了成都。", "speaker": "魏", "id": "m1", "session": "s1"},
    {"text": "I live in Paris.", "speaker": "Ann", "id": "m2", "session": "s2"},
    {"text": "我家的猫叫豆豆。", "speaker": "魏", "id": "m3", "session": "s1"},
]


@pytest.fixture
def full(client):
    client.json("POST", "/v1/episodes", {"turns": TURNS})
    return client


def test_one_turn_or_a_list_is_remembered_as_the_library_does(client, plain):
    one = client.json("POST", "/v1/episodes", {**TURNS[0], "metadata": {"话题": ["搬家"]}})
    several = client.json("POST", "/v1/episodes", {"turns": TURNS[1:], "at": "2025-03-20"})
    assert [e["id"] for e in (*one["episodes"], *several["episodes"])] == ["m1", "m2", "m3"]
    assert several["episodes"][0]["at"] == "2025-03-20T00:00:00Z"
    assert plain.recall("搬到了成都")[0].metadata == {"话题": ["搬家"]}


def test_recall_over_http_equals_recall_in_the_library(full, plain):
    asked = {"query": "魏的猫叫什么?", "k": 2, "at": "2026-01-01", "speaker": "魏"}
    over = full.json("POST", "/v1/recall", asked)
    inside = plain.recall(asked["query"], k=2, at="2026-01-01", speaker="魏")
    assert over == json.loads(json.dumps(as_json(inside)))
    assert over["recollections"][0]["id"] == "m3" and over["recollections"][0]["why"]


def test_context_over_http_equals_context_in_the_library(full, plain):
    asked = {"query": "Where does Ann live?", "budget": 200, "session": "s1", "facts": True}
    over = full.json("POST", "/v1/context", asked)
    inside = plain.context(asked["query"], budget=200, session="s1", facts=True)
    assert over == json.loads(json.dumps(as_json(inside)))


def test_facts_are_learnt_asked_as_of_a_time_and_paged(client, plain):
    for city, since in (("北京", "2020-01-01"), ("成都", "2024-01-01")):
        client.json(
            "POST",
            "/v1/facts",
            {"subject": "魏", "relation": "lives_in", "object": city, "valid_from": since},
        )
    now = client.json("GET", "/v1/facts?subject=%E9%AD%8F")["facts"]
    then = client.json("GET", "/v1/facts?subject=%E9%AD%8F&as_of=2021-01-01")["facts"]
    assert [f["object"] for f in (*now, *then)] == ["成都", "北京"]
    first = client.json("GET", "/v1/facts?history=true&limit=1")
    rest = client.json("GET", f"/v1/facts?history=true&limit=1&cursor={first['next']}")
    assert rest["next"] is None
    inside = json.loads(json.dumps(as_json(plain.facts(history=True))))
    assert first["facts"] + rest["facts"] == inside


def test_a_timeline_shows_all_and_says_what_held_then(client):
    for city, since in (("北京", "2020-01-01"), ("成都", "2024-01-01")):
        fact = {"subject": "魏", "relation": "lives_in", "object": city, "valid_from": since}
        client.json("POST", "/v1/facts", fact)
    told = client.json("GET", "/v1/timeline?subject=%E9%AD%8F&as_of=2021-01-01")
    assert [f["object"] for f in told["facts"]] == ["北京", "成都"]
    assert told["holding"] == [told["facts"][0]["id"]]
    profile = client.json("GET", "/v1/profile?subject=%E9%AD%8F")
    assert profile["entity"]["name"] == "魏" and profile["facts"][0]["object"] == "成都"
    assert client("GET", "/v1/profile?subject=nobody").status == 404


def test_a_neighbourhood_grows_by_its_depth_and_is_bounded(client):
    chain = ["魏", "Ann", "Bo", "Cy"]
    for one, other in itertools.pairwise(chain):
        client.json("POST", "/v1/facts", {"subject": one, "relation": "knows", "object": other})
    near = client.json("GET", "/v1/graph?subject=%E9%AD%8F")
    far = client.json("GET", "/v1/graph?subject=%E9%AD%8F&depth=3")
    assert {n["name"]: n["distance"] for n in far["nodes"]} == {"魏": 0, "Ann": 1, "Bo": 2, "Cy": 3}
    assert [n["name"] for n in near["nodes"]] == ["魏", "Ann"]
    cut = client.json("GET", "/v1/graph?subject=%E9%AD%8F&depth=3&limit=1")
    assert len(cut["facts"]) == 1 and cut["more"] and not far["more"]
    past = client.json("GET", "/v1/graph?subject=Ann&known_at=2126-01-01")
    assert len(past["facts"]) == 2
    assert client("GET", "/v1/graph?subject=nobody").status == 404


def test_pages_of_episodes_are_stable_while_others_write(full):
    seen, cursor = [], ""
    while True:
        page = full.json("GET", f"/v1/episodes?limit=1{cursor}")
        seen += [episode["id"] for episode in page["episodes"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
        full.json("POST", "/v1/episodes", {"text": "又一句"})
    assert seen == ["m3", "m2", "m1"]


def test_a_cursor_holds_only_for_its_own_question_and_tells_no_number(full):
    first = full.json("GET", "/v1/episodes?limit=1")["next"]
    again = full.json("GET", "/v1/episodes?limit=1")["next"]
    assert first != again
    for target in (
        f"/v1/episodes?limit=1&order=oldest&cursor={first}",
        f"/v1/episodes?limit=1&namespace=other&cursor={first}",
        f"/v1/sessions?cursor={first}",
        f"/v1/episodes?cursor={first[:-1]}",
        "/v1/episodes?cursor=%E9%AD%8F",
        "/v1/episodes?cursor=",
    ):
        assert full("GET", target).status == 400, target


def test_an_etag_changes_with_the_memory_and_guards_its_replacement(full):
    before = full("GET", "/v1/episodes/m1")
    tag = before.header("etag")
    assert full("GET", "/v1/episodes/m1", if_none_match=tag).status == 304
    body = {"text": "我四月搬到了成都。", "speaker": "魏", "session": "s1"}
    assert full("PUT", "/v1/episodes/m1", body).status == 428
    assert full("PUT", "/v1/episodes/m1", body, if_none_match="*").status == 412
    done = full("PUT", "/v1/episodes/m1", body, if_match=tag)
    assert done.status == 200 and json.loads(done.body)["version"] == 2
    assert done.header("etag") == full("GET", "/v1/episodes/m1").header("etag") != tag
    assert full("PUT", "/v1/episodes/m1", body, if_match=tag).status == 412
    assert full("PUT", "/v1/episodes/new", body, if_match="*").status == 412
    assert full("PUT", "/v1/episodes/new", body, if_none_match="*").status == 201


def test_versions_are_kept_and_an_older_one_can_be_redacted(full):
    full("PUT", "/v1/episodes/m1", {"text": "新的"}, if_match="*")
    assert full("DELETE", "/v1/episodes/m1/versions/2").status == 422
    receipt = full.json("DELETE", "/v1/episodes/m1/versions/1")["receipt"]
    assert receipt["versions"] == 1
    told = full.json("GET", "/v1/episodes/m1/versions")["versions"]
    assert [(v["version"], v["text"], v["redacted"]) for v in told] == [
        (2, "新的", False),
        (1, None, True),
    ]
    assert full("DELETE", "/v1/episodes/m1/versions/9").status == 404
    assert full("DELETE", "/v1/episodes/m1/versions/99999999999999999999").status == 404


@pytest.mark.parametrize("id", ["a/b", "报告#2", "50% ?&=+", "..", "a/versions"])
def test_an_id_of_any_letters_stands_in_a_path_in_escapes(client, id):
    from urllib.parse import quote

    client.json("POST", "/v1/episodes", {"text": "早", "id": id})
    target = f"/v1/episodes/{quote(id, safe='')}"
    assert client.json("GET", target)["id"] == id
    assert client.json("GET", f"{target}/versions")["versions"][0]["version"] == 1
    assert client.json("DELETE", target)["receipt"]["episodes"] == 1
    assert client("GET", target).status == 404


def test_forgetting_can_be_tried_first(full, plain):
    tried = full.json("POST", "/v1/forget", {"session": "s1", "dry_run": True})
    assert tried["dry_run"] and sorted(tried["ids"]) == ["m1", "m3"]
    assert full.json("GET", "/v1/episodes/m1")["id"] == "m1"
    done = full.json("POST", "/v1/forget", {"session": "s1"})
    assert done["receipt"]["episodes"] == tried["receipt"]["episodes"] == 2
    assert full("GET", "/v1/episodes/m1").status == 404
    assert full("POST", "/v1/forget", {}).status == 422


def test_sessions_and_namespaces_are_listed_within_reach(full):
    full.json("POST", "/v1/episodes", {"text": "x", "namespace": "team/魏"})
    told = full.json("GET", "/v1/sessions")["sessions"]
    assert [(s["session"], s["episodes"]) for s in told] == [("s2", 1), ("s1", 2)]
    every = full.json("GET", "/v1/namespaces?limit=1")
    rest = full.json("GET", f"/v1/namespaces?cursor={every['next']}")
    assert [n["namespace"] for n in every["namespaces"] + rest["namespaces"]] == [
        "default",
        "team/魏",
    ]
    bound = full.as_("read", namespaces=("team/*",))
    assert bound.json("GET", "/v1/namespaces")["namespaces"] == [
        {"namespace": "team/魏", "episodes": 1}
    ]


def test_a_key_bound_to_one_namespace_needs_not_name_it(full):
    bound = full.as_("read", "write", namespaces=("魏",))
    bound.json("POST", "/v1/episodes", {"text": "早上好", "id": "m1"})
    assert bound.json("GET", "/v1/episodes/m1")["namespace"] == "魏"
    several = full.as_("read", namespaces=("a", "b"))
    assert several("GET", "/v1/episodes").status == 403


def test_the_openapi_tells_of_every_route_and_the_limits(client):
    told = client.json("GET", "/openapi.json")
    assert told["openapi"].startswith("3.1")
    operations = {o["operationId"] for methods in told["paths"].values() for o in methods.values()}
    assert len(operations) == 29
    recall = told["components"]["schemas"]["RecallIn"]["properties"]
    assert recall["k"]["maximum"] == 200
    assert all(
        "application/problem+json" in o["responses"]["422"]["content"]
        for methods in told["paths"].values()
        for o in methods.values()
    )


def test_limits_of_the_settings_hold(client):
    assert client("POST", "/v1/recall", {"query": "x", "k": 201}).status == 422
    assert client("POST", "/v1/context", {"query": "x", "budget": 10**6}).status == 422
    assert client("POST", "/v1/episodes", {"text": "长" * 1_000_001}).status == 422
    assert client("POST", "/v1/episodes", {"turns": [{"text": "x"}] * 1_001}).status == 422
    assert client("GET", "/v1/episodes?limit=1001").status == 422


def test_a_header_names_the_namespace_where_the_request_does_not(client):
    given = {"x_remanence_namespace": "团队/ada".encode().decode("latin-1")}
    client.json("POST", "/v1/episodes", {"text": "小伟养蜜蜂。"}, **given)
    client.json("POST", "/v1/episodes", {"text": "elsewhere", "namespace": "bo"}, **given)
    listed = client.json("GET", "/v1/namespaces")["namespaces"]
    assert [each["namespace"] for each in listed] == ["团队/ada", "bo"]
    found = client.json("POST", "/v1/recall", {"query": "蜜蜂"}, **given)["recollections"]
    assert [each["text"] for each in found] == ["小伟养蜜蜂。"]


def test_a_header_reaches_no_further_than_the_key(client):
    bound = client.as_("read", "write", namespaces=("wei",))
    answer = bound("POST", "/v1/episodes", {"text": "x"}, x_remanence_namespace="bo")
    assert answer.status == bound("GET", "/v1/episodes?namespace=bo").status == 404


def test_a_question_is_answered_with_the_rows_that_give_it(client):
    client.json("POST", "/v1/episodes", {"text": "I went skiing.", "id": "s1", "at": "2024-01-01"})
    found = client.json("POST", "/v1/ask", {"question": "How many times did I go skiing?"})
    assert (found["number"], found["known"]) == (1.0, True)
    assert [line["id"] for line in found["citations"]] == ["s1"]
