"""Import and export over HTTP: lines that stream, and the same turns on both sides."""

import json

from remanence.integrations import jsonl


def lines(answer):
    return [json.loads(line) for line in answer.body.splitlines()]


def load(client, body, target="/v1/import"):
    return client("POST", target, body, content_type="application/x-ndjson")


def test_what_is_exported_is_imported_again_the_same(client, plain, tmp_path):
    turns = [{"text": f"第{n}句话。", "id": f"m{n}", "speaker": "魏"} for n in range(30)]
    client.json("POST", "/v1/episodes", {"turns": turns})
    client.json("POST", "/v1/episodes", {"text": "改过的第三句。", "id": "m3"})
    out = client("GET", "/v1/export?history=true")
    assert out.header("content-type") == "application/x-ndjson"
    assert out.body.decode().splitlines() == list(jsonl.lines(plain, ["default"], history=True))
    answer = load(client, out.body, "/v1/import?namespace=copy")
    done = lines(answer)[-1]["done"]
    assert (done["turns"], done["new"]) == (31, 31)
    strip = [
        {k: v for k, v in record.items() if k not in ("namespace", "recorded_at")}
        for record in map(json.loads, out.body.splitlines())
    ]
    again = [
        {k: v for k, v in record.items() if k not in ("namespace", "recorded_at")}
        for record in lines(client("GET", "/v1/export?namespace=copy&history=true"))
    ]
    assert again == strip
    assert lines(load(client, out.body, "/v1/import?namespace=copy"))[-1]["done"]["new"] == 0


def test_lines_are_read_wherever_the_network_cuts_them(client):
    body = "\n".join(
        json.dumps({"text": f"第{n}句"}, ensure_ascii=False) for n in range(5)
    ).encode()
    pieces = [body[at : at + 7] for at in range(0, len(body), 7)]
    headers = {"authorization": f"Bearer {client.key}", "content-type": "application/x-ndjson"}
    answer = client.site("POST", "/v1/import", headers, pieces)
    assert lines(answer)[-1]["done"]["turns"] == 5


def test_a_bad_line_ends_an_import_and_says_where_unless_it_is_to_go_on(client):
    body = b'{"text":"a","id":"1"}\n{"text":1e999}\nno json\n{"text":"b","id":"2"}\n'
    stopped = lines(load(client, body))[-1]
    assert stopped["problem"]["status"] == 422 and "line 2" in stopped["problem"]["detail"]
    went_on = lines(load(client, body, "/v1/import?skip_bad=true"))[-1]["done"]
    assert (went_on["turns"], went_on["skipped"], went_on["new"]) == (2, 2, 1)
    assert [bad["place"] for bad in went_on["bad"]] == ["line 2", "line 3"]


def test_a_line_that_never_ends_is_refused(client):
    answer = load(client, b'{"text":"' + b"x" * 5_000_000)
    assert answer.status == 200 and lines(answer)[-1]["problem"]["status"] == 413


def test_an_import_that_breaks_off_keeps_what_came_before(client, plain):
    from remanence.testing.asgi import scope

    body = b"".join(b'{"text":"x%d"}\n' % n for n in range(1_500))
    head = [(b"host", b"localhost"), (b"content-type", b"application/x-ndjson"),
            (b"authorization", f"Bearer {client.key}".encode())]  # fmt: skip
    said = []

    async def broken():
        messages = [
            {"type": "http.request", "body": body, "more_body": True},
            {"type": "http.disconnect"},
        ]

        async def receive():
            return messages.pop(0)

        async def send(message):
            said.append(message)

        await client.site.app(scope("POST", "/v1/import", head), receive, send)

    client.site.portal.call(broken)
    last = json.loads(said[-2]["body"])
    assert last["problem"]["status"] == 400
    with plain.store.reading() as connection:
        (count,) = connection.one("SELECT count(*) FROM episode")
    assert count == 1_000  # the batch that was whole


def test_an_export_of_nothing_is_empty(client):
    assert client("GET", "/v1/export").body == b""
