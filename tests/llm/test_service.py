"""A model behind HTTP, against a service on loopback that answers, refuses, lies, hangs and dies as
the script says.
"""

import pytest

pytest.importorskip("openai")

from remanence import llm
from remanence.errors import ModelCutShort, ModelError, ModelRefused
from remanence.llm import Message, Request, Tool, ask
from remanence.llm.service import ServiceModel

HELLO = Request((Message("user", "你好"),))
USAGE = {"prompt_tokens": 7, "completion_tokens": 2, "total_tokens": 9}


@pytest.fixture
def model(service):
    made = ServiceModel(service.url, "m", key="secret", timeout=5, retries=0)
    yield made
    made.close()


def test_the_answer_comes_piece_by_piece_with_its_end_and_its_cost(service, model, chunk):
    service.script = [
        [chunk("你"), chunk("好！"), chunk(finish="stop"), chunk(usage=USAGE), "[DONE]"]
    ]
    pieces = list(model.stream(HELLO))
    assert [piece.text for piece in pieces if piece.text] == ["你", "好！"]
    assert pieces[-1].usage == llm.Usage(7, 2)
    sent = service.asked[0]
    assert sent["messages"] == [{"role": "user", "content": "你好"}]
    assert (sent["model"], sent["stream"], sent["max_tokens"]) == ("m", True, 512)
    assert service.keys == ["Bearer secret"]


def test_tools_are_offered_and_calls_put_together_from_their_fragments(service, model, chunk):
    first = [
        {"index": 0, "id": "t1", "type": "function", "function": {"name": "look", "arguments": ""}}
    ]
    more = [{"index": 0, "function": {"arguments": '{"word": "茶"}'}}]
    service.script = [[chunk(calls=first), chunk(calls=more), chunk(finish="tool_calls"), "[DONE]"]]
    tool = Tool("look", "Looks a word up.", {"type": "object"})
    reply = ask(model, Request((Message("user", "茶?"),), tools=(tool,)))
    assert reply.finish == "tool_calls" and reply.calls[0].read() == {"word": "茶"}
    assert service.asked[0]["tools"][0]["function"]["name"] == "look"


def test_the_answer_to_a_call_goes_back_with_its_id(service, model, chunk):
    service.script = [[chunk("ok", finish="stop"), "[DONE]"]]
    call = llm.Call("t1", "look", "{}")
    messages = (Message("assistant", "", calls=(call,)), Message("tool", "tea", answers="t1"))
    ask(model, Request(messages))
    assistant, tool = service.asked[0]["messages"]
    assert assistant["tool_calls"][0]["id"] == tool["tool_call_id"] == "t1"


def test_a_schema_is_sent_and_a_reply_that_lies_about_json_is_found_out(service, model, chunk):
    service.script = [
        [chunk('{"a": 1}', finish="stop"), "[DONE]"],
        [chunk("Sure!", finish="stop"), "[DONE]"],
    ]
    asked = Request(HELLO.messages, schema={"type": "object"})
    assert ask(model, asked).read() == {"a": 1}
    assert service.asked[0]["response_format"]["json_schema"]["schema"] == {"type": "object"}
    with pytest.raises(ModelError, match="is no JSON"):
        ask(model, asked).read()


@pytest.mark.parametrize(
    ("status", "kind", "words"),
    [
        (401, ModelRefused, "check the URL, the model's name and its key"),
        (404, ModelRefused, "HTTP 404"),
        (429, ModelRefused, "try again later"),
        (503, ModelError, "try again later"),
    ],
)
def test_a_refusal_says_which_and_what_to_do(service, model, status, kind, words):
    service.script = [
        (status, {"error": {"message": "no", "type": "t", "param": None, "code": None}})
    ]
    with pytest.raises(kind, match=words):
        ask(model, HELLO)


def test_what_may_pass_is_tried_again(service, chunk):
    service.script = [(503, {"error": {"message": "busy"}}), [chunk("ok", finish="stop"), "[DONE]"]]
    model = ServiceModel(service.url, "m", timeout=5, retries=1)
    assert ask(model, HELLO).text == "ok"
    model.close()


@pytest.mark.parametrize("status", [408, 409, 429, 500, 503])
def test_a_service_that_says_when_to_come_back_is_asked_again_then(
    service, chunk, status, monkeypatch
):
    pauses = []
    monkeypatch.setattr("time.sleep", pauses.append)
    busy, said = (status, {"error": {"message": "busy"}}), [chunk("ok", finish="stop"), "[DONE]"]
    service.headers["Retry-After"] = "7"
    service.script = [busy, busy, said, busy, busy, busy]
    model = ServiceModel(service.url, "m", timeout=5)
    assert ask(model, HELLO).text == "ok"
    assert pauses == [7, 7]
    with pytest.raises(ModelError, match="try again|check"):
        ask(model, HELLO)
    assert not service.script  # three times, and no more
    model.close()


@pytest.mark.parametrize("tail", ["", "/", "/v1", "/v1/", "/v1/chat/completions"])
def test_a_host_alone_means_its_v1_and_the_whole_address_is_taken_too(service, chunk, tail):
    service.script = [[chunk("ok", finish="stop"), "[DONE]"]]
    model = ServiceModel(service.url.removesuffix("/v1") + tail, "m", timeout=5, retries=0)
    assert ask(model, HELLO).text == "ok"
    assert service.paths == ["/v1/chat/completions"]
    model.close()


def test_a_reply_may_be_as_long_as_the_service_likes(service, model, chunk):
    def refused(name):
        return (400, {"error": {"message": "no", "type": "t", "param": name, "code": None}})

    said = [chunk("ok", finish="stop"), "[DONE]"]
    service.script = [refused("max_tokens"), said, said]
    assert ask(model, HELLO).text == "ok"
    assert ask(model, Request(HELLO.messages, most=None)).text == "ok"
    assert not {"max_tokens", "max_completion_tokens"} & service.asked[-1].keys()


def test_an_answer_without_an_end_is_cut_off(service, model, chunk, monkeypatch):
    from remanence.llm import service as module

    monkeypatch.setattr(module, "LARGEST", 100)
    service.script = [[chunk("x" * 60), chunk("x" * 60), chunk(finish="stop")]]
    with pytest.raises(ModelCutShort, match="without an end") as caught:
        ask(model, HELLO)
    assert caught.value.partial == "x" * 60


@pytest.mark.parametrize("content", [7, [7], {"a": 1}])
def test_an_answer_that_is_no_text_is_said_to_be_none(service, model, chunk, content):
    service.script = [[chunk(content, finish="stop"), "[DONE]"]]
    with pytest.raises(ModelError, match="answered no chat completion"):
        ask(model, HELLO)


def test_what_a_model_refuses_by_its_name_is_said_otherwise(service, model, chunk):
    def refused(name):
        return (400, {"error": {"message": "no", "type": "t", "param": name, "code": None}})

    said = [chunk("ok", finish="stop"), "[DONE]"]
    service.script = [refused("max_tokens"), refused("temperature"), said, said]
    assert ask(model, HELLO).text == ask(model, HELLO).text == "ok"
    assert len(service.asked) == 4
    for sent in service.asked[2:]:
        assert sent["max_completion_tokens"] == 512
        assert not {"max_tokens", "temperature"} & sent.keys()
    service.script = [refused("temperature")]
    with pytest.raises(ModelRefused):
        ask(model, HELLO)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (400, {"error": {"message": "Unsupported parameter: 'stream_options'", "param": None}}),
        (400, {"error": {"message": "gateway: stream_options is not known", "param": "None"}}),
        (422, {"detail": [{"loc": ["body", "stream_options"], "msg": "extra fields"}]}),
    ],
)
def test_a_parameter_refused_in_the_message_alone_is_left_out(service, model, chunk, status, body):
    service.script = [(status, body), [chunk("ok", finish="stop"), "[DONE]"]]
    assert ask(model, HELLO).text == "ok"
    assert "stream_options" not in service.asked[1] and "max_tokens" in service.asked[1]


def test_a_refusal_that_names_no_parameter_is_not_asked_again(service, model):
    service.script = [(422, {"detail": "the model is not loaded"})]
    with pytest.raises(ModelRefused, match="422"):
        ask(model, HELLO)


@pytest.mark.parametrize("error", [{"message": "no such model"}, "no such model"])
def test_an_error_inside_a_200_is_told(service, model, error):
    service.script = [(200, {"error": error})]
    with pytest.raises(ModelError, match="no such model"):
        ask(model, HELLO)


def test_a_completion_in_one_document_is_a_reply_too(service, model):
    function = {"name": "look", "arguments": "{}"}
    message = {
        "role": "assistant",
        "content": "<think>Hm.</think>Hello",
        "tool_calls": [{"id": "t", "type": "function", "function": function}],
    }
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    service.script = [(200, {"id": "c", "choices": [choice], "usage": USAGE})]
    reply = ask(model, HELLO)
    assert (reply.text, reply.finish, reply.usage) == ("Hello", "stop", llm.Usage(7, 2))
    assert reply.calls == (llm.Call("t", "look", "{}"),)


@pytest.mark.parametrize(
    "pieces",
    [
        ["<thi", "nk>He is broke.</th", "ink>\n\nHello"],
        ["He is broke.", "</think>Hello"],
        [[{"type": "thinking", "thinking": "x"}], [{"type": "text", "text": "Hello"}]],
        [
            "<|channel|>analysis<|message|>x<|end|><|start|>assistant<|channel|>final<|mess",
            "age|>Hello",
        ],
    ],
)
def test_what_a_model_thinks_is_no_part_of_the_reply(service, model, chunk, pieces):
    service.script = [[*map(chunk, pieces), chunk(finish="stop"), "[DONE]"]]
    assert ask(model, HELLO).text == "Hello"


def test_an_answer_cut_short_keeps_no_thought(service, model, chunk):
    service.script = [[chunk("<think>x</think>Half"), None]]
    with pytest.raises(ModelCutShort) as caught:
        ask(model, HELLO)
    assert caught.value.partial == "Half"


def test_calls_without_an_end_are_cut_off(service, model, chunk, monkeypatch):
    from remanence.llm import service as module

    monkeypatch.setattr(module, "LARGEST", 100)
    part = [
        {
            "index": 0,
            "id": "t",
            "type": "function",
            "function": {"name": "f", "arguments": "x" * 60},
        }
    ]
    service.script = [[chunk(calls=part), chunk(calls=part), chunk(finish="tool_calls")]]
    with pytest.raises(ModelCutShort, match="without an end"):
        ask(model, HELLO)


@pytest.mark.parametrize("rest", [[], ["[DONE]"], [None]])
def test_an_answer_that_breaks_off_is_no_answer_and_what_came_is_kept(service, model, chunk, rest):
    service.script = [[chunk("half an "), chunk("answer"), *rest]]
    with pytest.raises(ModelCutShort) as caught:
        ask(model, HELLO)
    assert caught.value.partial == "half an answer"


def test_an_error_in_the_middle_of_a_stream_is_an_answer_cut_short(service, model, chunk):
    service.script = [[chunk("half"), '{"error": {"message": "boom"}}']]
    with pytest.raises(ModelCutShort, match="boom"):
        ask(model, HELLO)


@pytest.mark.parametrize("body", [b"<html>hello</html>", b"{}", b"[]", b"null"])
def test_a_page_that_is_no_service_is_said_to_be_none(service, model, body):
    service.script = [(200, body)]
    with pytest.raises(ModelError, match="answered"):
        ask(model, HELLO)


def test_chunks_that_are_no_chunks_are_said_to_be_none(service, model):
    service.script = [["not json at all"]]
    with pytest.raises(ModelError, match="answered no chat completion"):
        ask(model, HELLO)


def test_a_service_that_is_not_there_cannot_be_reached():
    model = ServiceModel("http://127.0.0.1:9/v1", "m", retries=0)
    with pytest.raises(ModelError, match="cannot be reached"):
        ask(model, HELLO)
    model.close()


def test_a_service_that_hangs_is_given_up(service):
    import threading

    release = threading.Event()

    class Late(list):
        def __iter__(self):
            release.wait(5)
            return iter([])

    service.script = [Late()]
    model = ServiceModel(service.url, "m", timeout=0.2, retries=0)
    with pytest.raises(ModelError, match="did not answer in time"):
        ask(model, HELLO)
    release.set()
    model.close()
