"""Idempotency-Key:

what is sent again is done once and answered again, and keeps no word that is forgotten.
"""

import json

import pytest

import remanence
from remanence.server import settings
from remanence.server.app import app
from remanence.server.logs import Log
from remanence.server.rest import once
from remanence.server.service import service
from remanence.testing.asgi import running

from .conftest import Client

TURNS = {
    "turns": [{"text": "我住在成都。"}, {"text": "豆豆是我的猫。", "id": "m2"}],
    "speaker": "魏",
}
FACT = {"subject": "魏", "relation": "lives_in", "object": "成都"}


def test_the_same_request_is_done_once_and_answered_the_same(client, plain):
    first = client("POST", "/v1/episodes", TURNS, idempotency_key="k1")
    again = client("POST", "/v1/episodes", TURNS, idempotency_key="k1")
    assert first.status == again.status == 200 and first.body == again.body
    assert len(client.json("GET", "/v1/episodes")["episodes"]) == 2
    another = client("POST", "/v1/episodes", TURNS, idempotency_key="k2")
    assert (
        json.loads(another.body)["episodes"][0]["id"] != json.loads(first.body)["episodes"][0]["id"]
    )


def test_the_same_key_with_another_body_is_refused(client):
    client("POST", "/v1/episodes", TURNS, idempotency_key="k")
    assert client("POST", "/v1/episodes", {"text": "x"}, idempotency_key="k").status == 422
    assert client("POST", "/v1/facts", FACT, idempotency_key="k").status == 200


def test_keys_of_different_callers_do_not_meet(client):
    one, other = client.as_("write"), client.as_("write")
    first = one.json("POST", "/v1/episodes", TURNS, idempotency_key="k")
    second = other.json("POST", "/v1/episodes", {"text": "y"}, idempotency_key="k")
    assert first["episodes"][0]["id"] != second["episodes"][0]["id"]


def test_a_fact_and_a_forgetting_are_answered_again_too(client):
    facts = [client("POST", "/v1/facts", FACT, idempotency_key="f") for _ in range(2)]
    assert facts[0].body == facts[1].body and facts[0].status == 200
    forgotten = [
        client("POST", "/v1/forget", {"subject": "成都"}, idempotency_key="g") for _ in range(2)
    ]
    assert forgotten[0].body == forgotten[1].body
    assert json.loads(forgotten[0].body)["receipt"]["episodes"] == 1


def test_an_answer_outlives_the_process_and_then_its_time(tmp_path):
    def once_more(hours):
        with remanence.open(str(tmp_path / "m.db"), embedder="hash:64") as memory:
            made = service(memory, settings.load({}, idempotency_hours=hours), Log(None))
            key = keys[0] if keys else made.keys.create(("write",))[0]
            keys.append(key)
            with running(app(made)) as site:
                return Client(site, made, key)(
                    "POST", "/v1/episodes", body, idempotency_key="k"
                ).body

    keys, body = [], {"text": "又"}
    first = once_more(1.0)
    assert once_more(1.0) == first
    body = {"text": "另"}
    with remanence.open(str(tmp_path / "m.db")) as memory:
        memory.store.writing(lambda c: c.run("UPDATE idempotency SET expires = 1"))
    assert json.loads(once_more(1.0))["episodes"][0]["text"] == "另"


def test_what_was_forgotten_is_not_told_again(client):
    client("POST", "/v1/episodes", TURNS, idempotency_key="k")
    client("POST", "/v1/facts", FACT, idempotency_key="f")
    client.json("POST", "/v1/forget", {"everything": True})
    assert client("POST", "/v1/episodes", TURNS, idempotency_key="k").status == 410
    assert client("POST", "/v1/facts", FACT, idempotency_key="f").status == 410


def test_a_forgotten_word_is_in_no_file_whatever_the_service_kept_beside_it(tmp_path):
    with remanence.open(str(tmp_path / "m.db"), embedder="hash:64") as memory:
        made = service(memory, settings.load({}, audit="all"), Log(None))
        with running(app(made)) as site:
            client = Client(site, made, made.keys.create(("read", "write", "delete"))[0])
            said = {"text": "乌图美仁的秘密", "id": "格尔木-id", "namespace": "柴达木"}
            client.json("POST", "/v1/episodes", said, idempotency_key="大柴旦".encode().hex())
            client.json("POST", "/v1/recall", {"query": "乌图美仁", "namespace": "柴达木"})
            client.json("GET", "/v1/episodes?session=%E4%B9%8C%E5%9B%BE%E7%BE%8E%E4%BB%81")
            done = client.json("POST", "/v1/forget", {"everything": True, "namespace": "柴达木"})
            made.audit.flush()
            assert done["receipt"]["wal"] == "emptied"
    held = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    for word in ("乌图美仁", "格尔木", "柴达木"):
        assert word.encode() not in held


def test_after_a_crash_between_the_deed_and_its_note_nothing_is_done_twice(client, monkeypatch):
    class Crash(Exception):
        pass

    def crash(self, answer):
        raise Crash

    with monkeypatch.context() as broken:
        broken.setattr(once.Once, "keep", crash)
        assert client("POST", "/v1/episodes", TURNS, idempotency_key="k").status == 500
    again = client.json("POST", "/v1/episodes", TURNS, idempotency_key="k")
    stored = client.json("GET", "/v1/episodes?order=oldest")["episodes"]
    assert again["episodes"] == stored and len(stored) == 2


@pytest.mark.parametrize("key", ["", "a b", "x" * 256])
def test_what_is_no_idempotency_key_is_refused(client, key):
    assert client("POST", "/v1/episodes", TURNS, idempotency_key=key).status == 400


def test_kept_answers_are_numbers_alone(client, plain):
    client("POST", "/v1/episodes", TURNS, idempotency_key="k")
    client("POST", "/v1/forget", {"speaker": "魏"}, idempotency_key="g")
    with plain.store.reading() as connection:
        rows = [row[0] for row in connection.all("SELECT answer FROM idempotency")]
    assert len(rows) == 2

    def numbers(value):
        inner = value.values() if isinstance(value, dict) else value
        return isinstance(value, int) or all(map(numbers, inner))

    assert all(numbers(json.loads(row)) for row in rows)


def test_the_same_key_for_another_namespace_in_the_header_is_another_request(client):
    ada, bo = ({"x_remanence_namespace": name, "idempotency_key": "k"} for name in ("ada", "bo"))
    assert client("POST", "/v1/episodes", TURNS, **ada).status == 200
    assert client("POST", "/v1/episodes", TURNS, **bo).status == 422
    assert client("POST", "/v1/episodes", TURNS, **ada).status == 200
