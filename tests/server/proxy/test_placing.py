"""Where memory goes in a request:

beside the last user turn, everything before it equal to the byte, no pair of calls and results
parted.
"""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from remanence.server.proxy.anthropic_messages import AnthropicMessages
from remanence.server.proxy.dialect import storable
from remanence.server.proxy.openai_chat import OpenAIChat
from remanence.server.proxy.openai_responses import OpenAIResponses

MEMORY = '<remanence_memory>\n{"text": "我住在成都 \\"quoted\\""}\n</remanence_memory>'
TEXT = st.text(max_size=12).filter(lambda text: "remanence" not in text)
SPACING = st.sampled_from([{}, {"indent": 1}, {"separators": (",", ":")}, {"ensure_ascii": False}])


# -- chat ---------------------------------------------------------------------------------------

CHAT_CONTENT = TEXT | st.lists(
    st.builds(lambda text: {"type": "text", "text": text}, TEXT)
    | st.just({"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}),
    max_size=3,
)


def chat_loop(number, calls):
    """An assistant's calls of tools, and their results."""
    ids = [f"call_{number}_{n}" for n in range(calls)]
    function = {"name": "f", "arguments": "{}"}
    made = [{"id": id, "type": "function", "function": function} for id in ids]
    results = [{"role": "tool", "tool_call_id": id, "content": "r"} for id in ids]
    return [{"role": "assistant", "content": None, "tool_calls": made}, *results]


CHAT_TURN = st.one_of(
    st.builds(lambda content: [{"role": "user", "content": content}], CHAT_CONTENT),
    st.builds(lambda content: [{"role": "assistant", "content": content}], TEXT),
    st.builds(
        lambda role, content: [{"role": role, "content": content}],
        st.sampled_from(["system", "developer"]),
        TEXT,
    ),
    st.builds(chat_loop, st.integers(0, 9), st.integers(1, 3)),
)
CHAT = st.lists(CHAT_TURN, max_size=6).map(lambda turns: [each for turn in turns for each in turn])


@settings(max_examples=40)
@given(CHAT, SPACING)
def test_chat_messages_stay_as_they_are_but_for_the_end_of_the_last_user_turn(messages, spacing):
    body = {"temperature": 1.10, "messages": messages, "model": "m", "unknown": [1e3]}
    raw = json.dumps(body, **spacing)
    placed = OpenAIChat().place(raw, MEMORY)
    after = json.loads(placed)
    last = max((n for n, each in enumerate(messages) if each["role"] == "user"), default=None)
    if last is None:
        assert placed == raw
        return
    assert after["messages"][:last] == messages[:last]
    assert after["messages"][last + 1 :] == messages[last + 1 :]
    assert {**after, "messages": 0} == {**body, "messages": 0}
    was, content = messages[last]["content"], after["messages"][last]["content"]
    if isinstance(was, str):
        assert content == f"{was}\n\n{MEMORY}"
    else:
        assert content == [*was, {"type": "text", "text": MEMORY}]
    equal_around(raw, placed)


def equal_around(raw, placed):
    """All bytes stand as they did, before and behind the one place where something was put in."""
    front = next((n for n, (x, y) in enumerate(zip(raw, placed, strict=False)) if x != y), len(raw))
    pairs = zip(reversed(raw), reversed(placed), strict=False)
    back = next((n for n, (x, y) in enumerate(pairs) if x != y), len(raw))
    assert front + back >= len(raw)


@given(CHAT)
def test_the_last_user_turn_of_a_chat_is_what_is_asked(messages):
    asked = OpenAIChat().parse({"messages": messages, "model": "m"})
    users = [n for n, each in enumerate(messages) if each["role"] == "user"]
    if not users:
        assert asked.text == ""
        return
    content = messages[users[-1]]["content"]
    texts = [content] if isinstance(content, str) else [part.get("text") for part in content]
    assert asked.text == storable("\n".join(text for text in texts if text))
    assert len(asked.after) == len(messages) - users[-1] - 1


# -- messages -----------------------------------------------------------------------------------


def block_loop(number, calls, more):
    """An assistant's uses of tools, and a message of their results, perhaps with words behind them."""
    ids = [f"toolu_{number}_{n}" for n in range(calls)]
    uses = [{"type": "tool_use", "id": id, "name": "f", "input": {}} for id in ids]
    results = [{"type": "tool_result", "tool_use_id": id, "content": "r"} for id in ids]
    words = [{"type": "text", "text": more}] if more else []
    return [{"role": "assistant", "content": uses}, {"role": "user", "content": results + words}]


BLOCKS = st.lists(
    st.builds(
        lambda text, cached: (
            {"type": "text", "text": text}
            | ({"cache_control": {"type": "ephemeral"}} if cached else {})
        ),
        TEXT,
        st.booleans(),
    ),
    min_size=1,
    max_size=3,
)
MESSAGES = st.lists(
    st.one_of(
        st.builds(lambda content: [{"role": "user", "content": content}], TEXT | BLOCKS),
        st.builds(lambda content: [{"role": "assistant", "content": content}], TEXT),
        st.builds(
            block_loop,
            st.integers(0, 9),
            st.integers(1, 3),
            st.sampled_from(["", "go on", "<system-reminder>x</system-reminder>"]),
        ),
    ),
    max_size=6,
).map(lambda turns: [each for turn in turns for each in turn])


def is_turn(message):
    content = message["content"]
    return message["role"] == "user" and (
        isinstance(content, str)
        or any(
            b["type"] == "text" and not b["text"].startswith("<system-reminder>") for b in content
        )
    )


@given(MESSAGES, SPACING)
def test_anthropic_memory_is_one_block_more_behind_results_and_cached_blocks(messages, spacing):
    body = {
        "model": "m",
        "system": [{"type": "text", "text": "s", "cache_control": {}}],
        "messages": messages,
    }
    raw = json.dumps(body, **spacing)
    placed = AnthropicMessages().place(raw, MEMORY)
    after = json.loads(placed)
    last = max((n for n, each in enumerate(messages) if is_turn(each)), default=None)
    if last is None:
        assert placed == raw
        return
    assert {**after, "messages": 0} == {**body, "messages": 0}
    assert after["messages"][:last] == messages[:last]
    assert after["messages"][last + 1 :] == messages[last + 1 :]
    was = messages[last]["content"]
    blocks = [{"type": "text", "text": was}] if isinstance(was, str) else was
    assert after["messages"][last] == {
        "role": "user",
        "content": [*blocks, {"type": "text", "text": MEMORY}],
    }


def test_a_message_of_results_alone_is_no_turn():
    messages = [
        {"role": "user", "content": "What is the weather?"},
        *block_loop(1, 2, "<system-reminder>be brief</system-reminder>"),
    ]
    asked = AnthropicMessages().parse({"messages": messages})
    assert asked.text == "What is the weather?"
    assert asked.after == ("assistant", "user")


# -- responses ----------------------------------------------------------------------------------


def item_loop(number):
    """What a model thought, its call, and the output: none of them may be parted."""
    return [
        {"type": "reasoning", "id": f"rs_{number}", "summary": []},
        {"type": "function_call", "call_id": f"c{number}", "name": "f", "arguments": "{}"},
        {"type": "function_call_output", "call_id": f"c{number}", "output": "r"},
    ]


INPUT = TEXT | st.lists(
    st.one_of(
        st.builds(lambda text: [{"role": "user", "content": text}], TEXT),
        st.builds(
            lambda text: [
                {
                    "type": "message",
                    "role": "user",
                    "content": [{"type": "input_text", "text": text}],
                }
            ],
            TEXT,
        ),
        st.builds(
            lambda text: [
                {
                    "type": "message",
                    "role": "assistant",
                    "content": [{"type": "output_text", "text": text}],
                }
            ],
            TEXT,
        ),
        st.builds(item_loop, st.integers(0, 9)),
    ),
    max_size=6,
).map(lambda turns: [each for turn in turns for each in turn])


@given(INPUT, SPACING)
def test_responses_memory_is_an_item_behind_the_last_user_item(given_, spacing):
    body = {"instructions": "be kind", "input": given_, "previous_response_id": "resp_1"}
    raw = json.dumps(body, **spacing)
    placed = OpenAIResponses().place(raw, MEMORY)
    after = json.loads(placed)
    item = {"type": "message", "role": "user", "content": MEMORY}
    if isinstance(given_, str):
        assert after == {**body, "input": [{"role": "user", "content": given_}, item]}
        return
    last = max((n for n, each in enumerate(given_) if each.get("role") == "user"), default=None)
    if last is None:
        assert placed == raw
        return
    assert after == {**body, "input": [*given_[: last + 1], item, *given_[last + 1 :]]}
    equal_around(raw, placed)


# -- any shape ----------------------------------------------------------------------------------

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "messages",
                    "input",
                    "content",
                    "role",
                    "type",
                    "text",
                    "name",
                    "output",
                    "choices",
                ]
            ),
            inner | st.sampled_from(["user", "assistant", "text", "message", "tool_result"]),
            max_size=4,
        )
    ),
    max_leaves=15,
)


@pytest.mark.parametrize(
    "dialect", [OpenAIChat(), OpenAIResponses(), AnthropicMessages()], ids=lambda d: d.name
)
@settings(max_examples=40)
@given(value=JSON)
def test_a_body_of_any_shape_is_read_and_placed_without_an_error(dialect, value):
    body = value if isinstance(value, dict) else {"messages": value, "input": value}
    asked = dialect.parse(body)
    assert isinstance(asked.text, str)
    assert json.loads(dialect.place(json.dumps(body), MEMORY)) is not None
    dialect.answer(value)
    listener = dialect.stream()
    listener.feed(value)
    listener.feed({"type": "response.completed", "response": value})
    listener.feed({"type": "content_block_delta", "delta": value})
    assert isinstance(listener.answer().text, str)


def test_types_that_are_no_text_are_read_like_unknown_ones():
    odd = [
        {"type": ["text"], "text": "a"},
        {"type": {}, "text": "b"},
        {"type": "text", "text": "c"},
    ]
    body = {
        "messages": [{"role": "user", "content": odd}],
        "input": [{"role": "user", "content": odd}],
    }
    for dialect in (OpenAIChat(), OpenAIResponses(), AnthropicMessages()):
        assert dialect.parse(body).text == "c"
