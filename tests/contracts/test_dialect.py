"""Contract of a wire format of the proxy: every dialect of every provider keeps it."""

import json

import pytest

from remanence.server.proxy.dialect import MODEL, ParsedRequest, Quote
from remanence.server.proxy.providers import PROVIDERS

DIALECTS = [
    pytest.param(dialect, id=dialect.name)
    for provider in PROVIDERS
    for dialect in provider.dialects.values()
]
WORDS = "My aunt keeps bees in 卑尔根."
NOTE = "<system-reminder>\nThe list is empty.\n</system-reminder>"
MEMORY = '<remanence_memory>\n{"text": "\\"quoted\\" 成都"}\n</remanence_memory>'


def body(dialect, *turns, **more):
    """A request of a dialect with these (role, content) turns."""
    messages = [{"role": role, "content": content} for role, content in turns]
    return {"model": "m", "input" if "responses" in dialect.name else "messages": messages, **more}


def part(dialect, text):
    return {"type": "input_text" if "responses" in dialect.name else "text", "text": text}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_last_user_turn_and_what_stands_before_it_are_read(dialect):
    request = dialect.parse(body(dialect, ("user", "hi"), ("assistant", "ho"), ("user", WORDS)))
    assert request.text == WORDS
    assert request.before == (("user", "hi"), ("assistant", "ho"))
    assert request.background == ""


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("layout", ["one text", "parts", "a message of its own"])
def test_what_a_client_adds_is_not_the_users(dialect, layout):
    turns = {
        "one text": [("user", f"{NOTE}\n\n{WORDS}")],
        "parts": [("user", [part(dialect, NOTE), part(dialect, WORDS)])],
        "a message of its own": [("user", WORDS), ("user", NOTE)],
    }
    request = dialect.parse(body(dialect, *turns[layout]))
    assert request.text == WORDS


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_request_of_the_clients_own_is_told_as_such(dialect):
    prompt = "### Task:\nGenerate 1-3 broad tags.\n<chat_history>\nUSER: hi\n</chat_history>"
    request = dialect.parse(body(dialect, ("user", prompt)))
    assert (request.background, request.text) == ("tags", "")
    assert dialect.parse(body(dialect, ("user", NOTE))).background == "client-note"


@pytest.mark.parametrize("dialect", DIALECTS)
def test_characters_that_cannot_be_stored_are_replaced(dialect):
    request = dialect.parse(body(dialect, ("user", "a\x00b \ud83d")))
    assert request.text == "a\ufffdb \ufffd"


@pytest.mark.parametrize("dialect", DIALECTS)
def test_thoughts_in_the_history_are_no_words_of_the_assistant(dialect):
    turns = (("user", "hi"), ("assistant", "<think>He is broke.</think>Hello!"), ("user", WORDS))
    assert dialect.parse(body(dialect, *turns)).before[1] == ("assistant", "Hello!")


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("content", ["text", "parts"])
def test_memory_is_put_in_at_one_place_behind_the_last_user_turn(dialect, content):
    told = WORDS if content == "text" else [part(dialect, WORDS)]
    raw = json.dumps(
        body(dialect, ("user", "hi"), ("assistant", "ho"), ("user", told), ("user", NOTE))
    )
    placed = dialect.place(raw, MEMORY)
    before = raw.index('"ho"')
    assert placed.startswith(raw[:before])
    assert json.dumps(MEMORY, ensure_ascii=False)[1:-1] in placed
    assert json.dumps(WORDS)[1:-1] in placed
    assert placed.endswith(raw[raw.rindex(", {") :])


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_request_without_a_user_turn_stays_as_it_is(dialect):
    raw = json.dumps(body(dialect, ("system", "Be brief.")))
    assert dialect.place(raw, MEMORY) == raw
    assert dialect.parse(json.loads(raw)).text == ""


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_quote_is_read_back_whole_and_as_a_stream(dialect):
    whole, events = dialect.quote(Quote("Bruno is a dog.", "1", 0, ParsedRequest()))
    reader = dialect.stream()
    streamed = list(events)
    for _, data in streamed:
        reader.feed(data)
    assert dialect.answer(json.loads(json.dumps(whole))).text == "Bruno is a dog."
    assert dialect.answer(whole).complete and reader.answer().complete
    assert reader.answer().text == "Bruno is a dog."
    assert whole["model"] == MODEL
    last = json.dumps(streamed[-1][1]).encode()
    assert any(end in last for end in dialect.ends)


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("value", [None, 1, "x", [], [1], {"choices": 1}, {"output": {"a": 1}}])
def test_an_answer_of_any_shape_is_read(dialect, value):
    reader = dialect.stream()
    reader.feed(value)
    assert dialect.answer(value).text == reader.answer().text == ""


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_stream_that_breaks_off_ends_with_an_event_of_an_error(dialect):
    name, data = dialect.broken("upstream-broken", "it broke off", {"error": {}}, b"")
    assert isinstance(name, str)
    assert "error" in json.dumps(data) + name


@pytest.mark.parametrize("provider", PROVIDERS, ids=lambda provider: provider.name)
def test_variants_of_a_path_name_the_same_request(provider):
    for path in provider.dialects:
        here = f"/{provider.name}{path}"
        for variant in (
            here,
            f"{here}/",
            here.replace("/v1/", "/v1//"),
            here.replace("/v1", "/v1/v1"),
        ):
            assert provider.canonical(variant.encode()) == path.encode()
        assert provider.without_base(here.replace("/v1", "").encode())
        assert not provider.without_base(here.encode())
    other = f"/{provider.name}/v1/some//thing/".encode()
    assert provider.canonical(other) == b"/v1/some//thing/"
