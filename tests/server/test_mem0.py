"""mem0's interface: its client of PyPI as it is, where it is installed, and the routes by hand."""

import pytest

from remanence.errors import InvalidInput
from remanence.integrations import mem0_verbs


def said(text, role="user"):
    return {"role": role, "content": text}


@pytest.fixture
def wei(client):
    body = {"messages": [said("The red kettle leaks."), said("Which one?", "assistant")],
            "user_id": "wei", "metadata": {"kind": "fault", "stars": 2}}  # fmt: skip
    return [each["id"] for each in client.json("POST", "/mem0/v3/memories/add/", body)["results"]]


def found(client, query="What leaks?", **filters):
    body = {"query": query, "filters": filters}
    return client.json("POST", "/mem0/v3/memories/search/", body)["results"]


def test_what_is_added_is_found_by_its_user_alone(client, wei):
    (first, *_) = found(client, user_id="wei")
    assert (first["id"], first["memory"]) == (wei[0], "The red kettle leaks.")
    assert (first["user_id"], first["metadata"]["kind"]) == ("wei", "fault")
    assert 0 < first["score"] <= 1
    assert found(client, user_id="yan") == []


@pytest.mark.parametrize(
    ("filters", "number"),
    [
        ({"AND": [{"user_id": "wei"}, {"stars": {"gte": 2}}]}, 2),
        ({"OR": [{"user_id": "yan"}, {"metadata": {"kind": "fault"}}]}, 2),
        ({"NOT": [{"user_id": "wei"}]}, 0),
        ({"user_id": "*"}, 2),
        ({"agent_id": "*"}, 0),
        ({"user_id": {"in": ["wei", "yan"]}}, 2),
        ({"metadata": {"kind": {"contains": "aul"}}}, 2),
        ({"created_at": {"gte": "2020-01-01", "lt": "2999-01-01"}}, 2),
        ({}, 2),
    ],
)
def test_filters_mean_what_they_do_there(client, wei, filters, number):
    listed = client.json("POST", "/mem0/v3/memories/", {"filters": filters})
    assert (listed["count"], len(listed["results"])) == (number, number)


def test_pages_are_counted(client, wei):
    listed = client.json("POST", "/mem0/v3/memories/?page=2&page_size=1", {"filters": {}})
    assert (listed["count"], len(listed["results"]), listed["next"]) == (2, 1, None)
    assert listed["results"][0]["id"] == wei[0]


def test_a_memory_is_updated_and_its_history_told(client, wei):
    path = f"/mem0/v1/memories/{wei[0]}/"
    assert client.json("PUT", path, {"text": "It was mended."})["memory"] == "It was mended."
    told = client.json("GET", f"{path}history/")
    assert [each["event"] for each in told] == ["ADD", "UPDATE"]
    assert told[1]["old_memory"] == "The red kettle leaks."


def test_a_memory_is_forgotten_and_then_not_there(client, wei):
    path = f"/mem0/v1/memories/{wei[0]}/"
    client.json("DELETE", path)
    assert client("GET", path).status == 404
    assert client("DELETE", path).status == 404


def test_entities_are_listed_and_forgotten(client, wei):
    (entity,) = client.json("GET", "/mem0/v1/entities/")["results"]
    assert (entity["name"], entity["type"], entity["total_memories"]) == ("wei", "user", 2)
    client.json("DELETE", "/mem0/v2/entities/user/wei/")
    assert client.json("GET", "/mem0/v1/entities/")["results"] == []


def test_several_are_updated_and_forgotten_at_once(client, wei):
    both = [{"memory_id": id, "text": f"mended {id}"} for id in wei]
    client.json("PUT", "/mem0/v1/batch/", {"memories": both})
    assert client.json("GET", f"/mem0/v1/memories/{wei[1]}/")["memory"] == f"mended {wei[1]}"
    client.json("DELETE", "/mem0/v1/batch/", {"memories": [{"memory_id": id} for id in wei]})
    assert client.json("POST", "/mem0/v3/memories/", {})["count"] == 0


def test_what_has_expired_is_not_there(client):
    body = {"messages": [said("gone")], "user_id": "wei", "expiration_date": "2020-01-01"}
    client.json("POST", "/mem0/v3/memories/add/", body)
    assert client.json("POST", "/mem0/v3/memories/", {})["count"] == 0


def test_a_key_may_come_as_a_token(client):
    bare = type(client)(client.site, client.service, "")
    headers = {"authorization": f"Token {client.key}"}
    assert bare.json("GET", "/mem0/v1/ping/", **headers)["status"] == "ok"


def test_a_key_of_one_namespace_has_its_memories_there(client, wei):
    mine = client.as_("read", "write", "delete", namespaces=("team",))
    assert mine.json("POST", "/mem0/v3/memories/", {})["count"] == 0
    mine.json("DELETE", "/mem0/v1/memories/")
    assert client.json("POST", "/mem0/v3/memories/", {})["count"] == 2


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "v3/memories/add/", {"messages": [said("x")]}, 422),
        ("POST", "v3/memories/add/", {"user_id": "wei"}, 422),
        ("POST", "v3/memories/", {"filters": {"stars": {"near": 1}}}, 422),
        ("POST", "v3/memories/?page=0", {}, 422),
        ("POST", "v1/summary/", {}, 501),
        ("DELETE", "v2/entities/planet/mars/", None, 404),
        ("PUT", "v1/batch/", {"memories": [{"memory_id": "none"}]}, 404),
    ],
)
def test_what_cannot_be_done_is_said(client, method, path, body, status):
    assert client(method, f"/mem0/{path}", body).status == status


def test_reading_keys_do_not_write(client, wei):
    reader = client.as_("read")
    assert reader("DELETE", "/mem0/v1/memories/").status == 403
    assert reader("POST", "/mem0/v3/memories/add/", {}).status == 403


def test_filters_that_are_no_object_are_refused():
    with pytest.raises(InvalidInput, match="no object"):
        mem0_verbs.condition([1])
