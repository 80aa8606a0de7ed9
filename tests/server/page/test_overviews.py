"""Routes that people's views need: names, traffic of the proxies, import of exported files."""

import io
import json
import zipfile

import pytest

EXPORT = [
    {
        "uuid": "c1",
        "name": "Moving",
        "created_at": "2026-02-01T09:00:00Z",
        "updated_at": "2026-02-01T09:05:00Z",
        "account": {"uuid": "a"},
        "chat_messages": [
            {
                "uuid": f"m{n}",
                "text": f"{said} {n}",
                "sender": "human" if n % 2 == 0 else "assistant",
                "created_at": f"2026-02-01T09:{n:02d}:00Z",
                "attachments": [],
                "files": [],
            }
            for n, said in enumerate(["I moved to Lisbon.", "Congratulations!", "谢谢。"])
        ],
    }
]


def upload(client, raw, target="/v1/import/file?name=conversations.json", **headers):
    headers.setdefault("content_type", "application/octet-stream")
    answer = client("POST", target, raw, **headers)
    return answer, [json.loads(line) for line in answer.body.splitlines()]


def test_an_exported_file_is_recognised_and_remembered_once(client):
    raw = json.dumps(EXPORT, ensure_ascii=False).encode()
    _, lines = upload(client, raw)
    assert (lines[-1]["done"]["format"], lines[-1]["done"]["new"]) == ("claude", 3)
    _, again = upload(client, raw)
    assert (again[-1]["done"]["new"], again[-1]["done"]["known"]) == (0, 3)
    found = client.json("POST", "/v1/recall", {"query": "Where did I move?"})
    assert "Lisbon" in found["recollections"][0]["text"]


def test_an_archive_is_read_and_a_name_leads_out_of_no_folder(client):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("data/conversations.json", json.dumps(EXPORT))
    _, lines = upload(client, packed.getvalue(), "/v1/import/file?name=..%2F..%2Fexport.zip")
    assert lines[-1]["done"]["new"] == 3


@pytest.mark.parametrize("raw", [b"\x00\x01\x02\x03", b"PK\x03\x04 broken", b""])
def test_what_no_format_recognises_is_a_problem_in_the_last_line(client, raw):
    _, lines = upload(client, raw, "/v1/import/file?name=x.bin")
    told = lines[-1]
    assert told.get("problem", {}).get("status") == 422 or told["done"]["turns"] == 0


def test_a_file_goes_where_the_key_reaches_whatever_it_says(client):
    line = {"id": "m1", "text": "hello", "namespace": "other", "at": "2026-01-01T00:00:00Z"}
    bound = client.as_("read", "write", namespaces=("wei",))
    _, lines = upload(bound, json.dumps(line).encode() + b"\n", "/v1/import/file?name=a.jsonl")
    assert lines[-1]["done"]["namespaces"] == ["wei"]
    answer, _ = upload(bound, b"[]", "/v1/import/file?namespace=other")
    assert answer.status == 404


def test_a_file_is_sent_as_bytes(client):
    assert upload(client, b"{}", content_type="application/json")[0].status == 415


def test_names_are_found_by_their_beginning(client):
    for subject in ("Mira", "Miriam", "Tom", "小伟"):
        body = {"subject": subject, "relation": "lives_in", "object": "Lisbon"}
        client.json("POST", "/v1/facts", body)
    found = client.json("GET", "/v1/entities?prefix=mir")
    assert found == {"names": ["Mira", "Miriam"], "more": False}
    assert client.json("GET", "/v1/entities?limit=1")["more"]


def test_a_timeline_has_its_facts_in_words(client):
    body = {"subject": "小伟", "relation": "lives_in", "object": "成都", "valid_from": "2026-03-01"}
    client.json("POST", "/v1/facts", body)
    told = client.json("GET", "/v1/timeline?subject=%E5%B0%8F%E4%BC%9F")
    assert len(told["sentences"]) == len(told["facts"]) == 1 and "成都" in told["sentences"][0]


def test_a_chat_through_a_proxy_is_noted_without_a_word_of_it(client):
    body = {"model": "m", "messages": [{"role": "user", "content": "My cat is called Nutmeg."}]}
    client("POST", "/openai/v1/chat/completions", body)
    (told,) = client.json("GET", "/v1/traffic")["exchanges"]
    assert (told["dialect"], told["model"], told["status"]) == ("openai.chat", "m", 200)
    assert told["session"] and "Nutmeg" not in json.dumps(told)
    other = client.as_("read", namespaces=("b",))
    assert other.json("GET", "/v1/traffic")["exchanges"] == []
    client.json("POST", "/v1/forget", {"everything": True})
    assert client.json("GET", "/v1/traffic")["exchanges"] == []
