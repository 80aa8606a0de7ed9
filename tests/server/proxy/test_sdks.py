"""The SDKs, unmodified, through the proxy:

what works without it works with it, and a second chat knows what the first one said.
"""

import asyncio
import json

import anthropic
import openai
import pytest
from pydantic import BaseModel

TOLD = "I moved to Chengdu in March."
ASKED = "Where did I move in March?"
TOOL = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "The weather of a city.",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}},
            "required": ["city"],
            "additionalProperties": False,
        },
        "strict": True,
    },
}
FLAT = {"type": "function", **TOOL["function"]}
BLOCK = {"name": "weather", "input_schema": TOOL["function"]["parameters"]}


def user(text):
    return [{"role": "user", "content": text}]


class City(BaseModel):
    city: str


# -- chat completions ---------------------------------------------------------------------------


def test_a_second_chat_knows_what_the_first_one_said(site):
    here = site()
    client = here.openai()
    client.chat.completions.create(model="echo", messages=user(TOLD))
    raw = client.chat.completions.with_raw_response.create(model="echo", messages=user(ASKED))
    assert TOLD in raw.parse().choices[0].message.content
    assert raw.headers["x-remanence-memory"].startswith("used=")
    sent = here.upstream.got[-1]
    assert sent.header("authorization") == "Bearer sk-up"
    assert not [name for name, _ in sent.headers if name.startswith(b"x-remanence")]
    assert [each["role"] for each in sent.json["messages"]] == ["user"]


def test_chinese_is_remembered_and_recalled(site):
    here = site()
    client = here.openai()
    client.chat.completions.create(model="echo", messages=user("我三月搬到了成都，住在锦江区。"))
    answer = client.chat.completions.create(model="echo", messages=user("我搬到了哪里？"))
    assert "锦江区" in answer.choices[0].message.content
    assert "锦江区" in here.upstream.got[-1].body.decode(), "as it is written, not as escapes"


def test_what_anthropic_s_client_said_openai_s_client_knows(site):
    here = site()
    key = here.key()
    here.anthropic(key).messages.create(model="echo", max_tokens=99, messages=user(TOLD))
    answer = here.openai(key).responses.create(model="echo", input=ASKED)
    assert TOLD in answer.output_text


def test_chat_streams_with_usage_and_several_choices(site):
    here = site()
    client = here.openai()
    stream = client.chat.completions.create(
        model="words-5",
        messages=user(TOLD),
        n=3,
        stream=True,
        stream_options={"include_usage": True},
    )
    said, usage = ["", "", ""], None
    for chunk in stream:
        usage = chunk.usage or usage
        for choice in chunk.choices:
            said[choice.index] += choice.delta.content or ""
    assert said == ["w0 w1 w2 w3 w4"] * 3
    assert usage.total_tokens == 12
    whole = client.chat.completions.create(model="words-5", messages=user(TOLD), n=3)
    assert len(whole.choices) == 3
    texts = [each.text for each in here.settled()]
    assert texts == [TOLD, said[0]], (
        "one of the choices is remembered, and a second request adds nothing"
    )


def test_chat_async_streams_side_by_side(site):
    here = site()

    async def one(client, number):
        stream = await client.chat.completions.create(
            model=f"words-{number}", messages=user(f"number {number}"), stream=True
        )
        return "".join([chunk.choices[0].delta.content or "" async for chunk in stream])

    async def all_of_them():
        async with openai.AsyncOpenAI(
            base_url=f"{here.url}/openai/v1", api_key=here.key(), max_retries=0
        ) as client:
            return await asyncio.gather(*(one(client, number) for number in range(1, 9)))

    said = asyncio.run(all_of_them())
    assert said == [" ".join(f"w{n}" for n in range(number)) for number in range(1, 9)]


@pytest.mark.parametrize("stream", [False, True])
def test_a_chat_s_loop_of_tools_is_whole_and_one_turn(site, stream):
    here = site()
    client = here.openai()
    client.chat.completions.create(model="echo", messages=user("I like rain in Chengdu."))
    messages = user("What is the weather in Chengdu?")

    def ask():
        options = {"model": "tools", "messages": messages, "tools": [TOOL]}
        if not stream:
            return client.chat.completions.create(**options).choices[0].message
        with client.chat.completions.stream(**options) as events:
            return events.get_final_completion().choices[0].message

    message = ask()
    call = message.tool_calls[0]
    assert json.loads(call.function.arguments) == {"city": "Chengdu"}
    messages.append(
        {"role": "assistant", "content": None, "tool_calls": [
            {"id": call.id, "type": "function",
             "function": {"name": call.function.name, "arguments": call.function.arguments}}]}
    )  # fmt: skip
    messages.append({"role": "tool", "tool_call_id": call.id, "content": "rain"})
    assert ask().content == "The tool says: rain"
    first, second = (got.json["messages"] for got in here.upstream.got[-2:])
    assert second[0] == first[0], "the prompt of a loop stays equal, its memory too"
    assert "I like rain" in first[0]["content"]
    assert [each["role"] for each in second] == ["user", "assistant", "tool"]
    texts = [each.text for each in here.settled()]
    assert texts.count("What is the weather in Chengdu?") == 1
    assert texts[-1] == "The tool says: rain"


def test_structured_output_parses(site):
    client = site().openai()
    parsed = client.chat.completions.parse(
        model="json", messages=user("Where?"), response_format=City
    )
    assert parsed.choices[0].message.parsed == City(city="Chengdu")
    response = client.responses.parse(model="json", input="Where?", text_format=City)
    assert response.output_parsed == City(city="Chengdu")


def test_history_sent_again_is_not_remembered_again(site):
    here = site()
    client = here.openai()
    messages = user(TOLD)
    for text in ("And I like tea.", "And I have a cat."):
        answer = client.chat.completions.create(model="words-2", messages=messages)
        messages += [
            {"role": "assistant", "content": answer.choices[0].message.content},
            *user(text),
        ]
    for _ in range(3):  # a retry
        client.chat.completions.create(model="words-2", messages=messages)
    told = [each for each in here.settled() if each.speaker == "user"]
    assert [each.text for each in told] == [TOLD, "And I like tea.", "And I have a cat."]
    assert len({each.session for each in told}) == 1, "and it is one session, that nobody has named"


def test_memory_that_the_conversation_says_already_is_not_said_twice(site):
    here = site()
    client = here.openai()
    answer = client.chat.completions.create(model="words-3", messages=user(TOLD))
    history = [*user(TOLD), {"role": "assistant", "content": answer.choices[0].message.content}]
    raw = client.chat.completions.with_raw_response.create(
        model="words-3", messages=[*history, *user(ASKED)]
    )
    assert raw.headers["x-remanence-memory"] == "used=0"


# -- responses ----------------------------------------------------------------------------------


def test_responses_stream_and_go_on_in_one_session(site):
    here = site()
    client = here.openai()
    with client.responses.stream(model="words-3", input=TOLD) as stream:
        kinds = [event.type for event in stream]
        first = stream.get_final_response()
    assert kinds[0] == "response.created"
    assert kinds[-1] == "response.completed"
    second = client.responses.create(
        model="words-2",
        input="And I like tea.",
        previous_response_id=first.id,
        instructions="be kind",
    )
    assert second.output_text == "w0 w1"
    assert here.upstream.got[-1].json["instructions"] == "be kind"
    kept = here.settled()
    assert [each.text for each in kept] == [TOLD, "w0 w1 w2", "And I like tea.", "w0 w1"]
    assert len({each.session for each in kept}) == 1


def test_a_session_of_responses_outlives_the_process(site):
    here = site()
    first = here.openai(headers={"X-Remanence-Session": "s1"}).responses.create(
        model="words-2", input=TOLD
    )
    again = site(memory=here.memory)
    again.openai().responses.create(model="words-2", input="more", previous_response_id=first.id)
    assert {each.session for each in again.settled()} == {"s1"}


def test_a_loop_of_function_calls_keeps_its_items_together(site):
    here = site()
    client = here.openai()
    client.responses.create(model="echo", input="I like rain in Chengdu.")
    items = user("What is the weather in Chengdu?")
    first = client.responses.create(model="tools", input=items, tools=[FLAT])
    call = first.output[0]
    items += [
        {"type": "reasoning", "id": "rs_1", "summary": []},
        {
            "type": "function_call",
            "call_id": call.call_id,
            "name": call.name,
            "arguments": call.arguments,
        },
        {"type": "function_call_output", "call_id": call.call_id, "output": "rain"},
    ]
    second = client.responses.create(model="tools", input=items, tools=[FLAT])
    assert second.output_text == "The tool says: rain"
    sent = here.upstream.got[-1].json["input"]
    assert sent[0] == items[0]
    assert sent[2:] == items[1:]
    assert "I like rain" in sent[1]["content"]
    assert sent[1]["role"] == "user"
    only = client.responses.create(
        model="tools", input=items[3:], tools=[FLAT], previous_response_id=first.id
    )
    assert here.upstream.got[-1].json["input"] == items[3:]
    assert only.output_text == "The tool says: rain"


# -- anthropic ----------------------------------------------------------------------------------


def test_anthropic_streams_and_knows(site):
    here = site()
    client = here.anthropic()
    client.messages.create(model="echo", max_tokens=99, messages=user(TOLD))
    with client.messages.stream(model="echo", max_tokens=99, messages=user(ASKED)) as stream:
        said = "".join(stream.text_stream)
        final = stream.get_final_message()
    assert TOLD in said
    assert final.stop_reason == "end_turn"
    assert here.upstream.got[-1].header("x-api-key") == "sk-ant-up"
    assert here.upstream.got[-1].header("anthropic-version")


def test_anthropic_async_and_cached_blocks_stay_as_they_are(site):
    here = site()
    cached = {"cache_control": {"type": "ephemeral"}}
    block = {"type": "text", "text": ASKED, **cached}
    system = [{"type": "text", "text": "be kind", **cached}]

    async def run():
        async with anthropic.AsyncAnthropic(
            base_url=f"{here.url}/anthropic", api_key=here.key(), max_retries=0
        ) as client:
            await client.messages.create(model="words-1", max_tokens=9, messages=user(TOLD))
            return await client.messages.create(
                model="words-1", max_tokens=9, system=system, messages=user([block])
            )

    asyncio.run(run())
    sent = here.upstream.got[-1].json
    assert sent["system"] == system
    assert sent["messages"][0]["content"][0] == block
    assert TOLD in sent["messages"][0]["content"][1]["text"]
    assert "cache_control" not in sent["messages"][0]["content"][1]


@pytest.mark.parametrize("stream", [False, True])
def test_anthropic_s_loop_of_tools_keeps_results_first(site, stream):
    here = site()
    client = here.anthropic()
    client.messages.create(model="echo", max_tokens=99, messages=user("I like rain in Chengdu."))
    messages = user("What is the weather in Chengdu?")

    def ask():
        options = {"model": "tools", "max_tokens": 99, "messages": messages, "tools": [BLOCK]}
        if not stream:
            return client.messages.create(**options)
        with client.messages.stream(**options) as events:
            return events.get_final_message()

    used = ask().content[0]
    assert used.input == {"city": "Chengdu"}
    result = {"type": "tool_result", "tool_use_id": used.id, "content": "rain"}
    messages += [
        {
            "role": "assistant",
            "content": [
                {"type": "tool_use", "id": used.id, "name": used.name, "input": used.input}
            ],
        },
        {"role": "user", "content": [result]},
    ]
    assert ask().content[0].text == "The tool says: rain"
    first, second = (got.json["messages"] for got in here.upstream.got[-2:])
    assert second[0] == first[0]
    assert second[1:] == messages[1:]
    texts = [each.text for each in here.settled()]
    assert texts.count("What is the weather in Chengdu?") == 1


# -- errors, in each SDK's own words ------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, "BadRequestError"),
        (401, "AuthenticationError"),
        (404, "NotFoundError"),
        (429, "RateLimitError"),
        (500, "InternalServerError"),
    ],
)
def test_the_provider_s_refusals_reach_the_client_as_they_are(site, status, kind):
    here = site()
    for module, ask in (
        (
            openai,
            lambda: here.openai().chat.completions.create(
                model=f"status-{status}", messages=user("hi")
            ),
        ),
        (
            anthropic,
            lambda: here.anthropic().messages.create(
                model=f"status-{status}", max_tokens=9, messages=user("hi")
            ),
        ),
    ):
        with pytest.raises(getattr(module, kind)) as caught:
            ask()
        assert f"no: {status}" in str(caught.value)
    assert [each.text for each in here.settled()] == ["hi"], (
        "what the user said is remembered, once"
    )


def test_a_stream_that_breaks_off_ends_as_an_error_and_is_kept_as_incomplete(site):
    here = site()
    with pytest.raises(openai.APIError, match="broke off"):
        for _ in here.openai().chat.completions.create(
            model="dies", messages=user("tell me"), stream=True
        ):
            pass
    with pytest.raises(anthropic.APIStatusError, match="broke off"):
        for _ in here.anthropic().messages.create(
            model="dies", max_tokens=9, messages=user("tell me more"), stream=True
        ):
            pass
    events = list(here.openai().responses.create(model="dies", input="tell me all", stream=True))
    assert events[-1].type == "error"
    assert events[-1].sequence_number == events[-2].sequence_number + 1
    answers = [each for each in here.settled() if each.speaker == "assistant"]
    assert answers
    assert all(each.metadata["incomplete"] is True for each in answers)


def test_a_whole_answer_that_breaks_off_is_an_error_and_not_half_a_json(site):
    here = site()
    with pytest.raises(openai.InternalServerError, match="broke off") as caught:
        here.openai().chat.completions.create(model="dies", messages=user("tell me"))
    assert caught.value.status_code == 502
    with pytest.raises(anthropic.InternalServerError) as caught:
        here.anthropic().messages.create(model="dies", max_tokens=9, messages=user("tell me"))
    assert caught.value.body["type"] == "error"


def test_a_provider_that_cannot_be_reached_is_told_as_such(site):
    here = site(
        upstream=False, openai_url="http://127.0.0.1:9/v1", anthropic_url="http://127.0.0.1:9"
    )
    with pytest.raises(openai.InternalServerError, match="reached") as caught:
        here.openai().chat.completions.create(model="m", messages=user("hi"))
    assert caught.value.code == "upstream-unreachable"
    with pytest.raises(anthropic.APIStatusError, match="reached"):
        here.anthropic().messages.create(model="m", max_tokens=9, messages=user("hi"))


def test_a_provider_that_says_nothing_is_given_up_on(site):
    here = site(upstream_seconds=0.2)
    with pytest.raises(openai.InternalServerError) as caught:
        here.openai().chat.completions.create(model="wait", messages=user("hi"))
    assert caught.value.status_code == 504
    assert here.upstream.left.wait(10)


def test_a_client_that_goes_takes_its_request_along(site):
    here = site()
    with pytest.raises(openai.APITimeoutError):
        here.openai(timeout=0.5).chat.completions.create(model="wait", messages=user("never mind"))
    assert here.upstream.left.wait(10), "the provider sees that nobody waits any more"
    answer = here.openai().chat.completions.create(
        model="echo", messages=user("What did I never mind?")
    )
    assert "never mind" in answer.choices[0].message.content


def test_a_client_that_goes_in_the_middle_leaves_what_had_come_marked_incomplete(site):
    here = site()
    stream = here.openai().chat.completions.create(
        model="pause", messages=user("count"), stream=True
    )
    with stream:
        for chunk in stream:
            if chunk.choices[0].delta.content == "w2 ":
                break
    assert here.upstream.left.wait(10)
    answer = here.settled()[-1]
    assert answer.text.startswith("w0 w1")
    assert "w7" not in answer.text
    assert answer.metadata["incomplete"] is True


def test_a_stream_goes_on_while_its_end_is_still_to_come(site):
    here = site()
    stream = here.openai().chat.completions.create(
        model="pause", messages=user("count"), stream=True
    )
    said = ""
    for chunk in stream:
        said += chunk.choices[0].delta.content or ""
        if said.endswith("w2 "):
            here.upstream.release()  # only now: what came before was not held back
    assert said == "w0 w1 w2 w3 w4 w5 w6 w7"


def test_no_key_and_a_wrong_key_are_refused_in_the_protocol_s_shape(site):
    here = site()
    with pytest.raises(openai.AuthenticationError) as caught:
        here.openai("sk-not-ours").chat.completions.create(model="m", messages=user("hi"))
    assert caught.value.body["type"] == "invalid_request_error"
    with pytest.raises(anthropic.AuthenticationError) as caught:
        here.anthropic("wrong").messages.create(model="m", max_tokens=9, messages=user("hi"))
    assert caught.value.body["error"]["type"] == "authentication_error"
    with pytest.raises(openai.PermissionDeniedError, match="may not proxy"):
        here.openai(here.key(scopes=("read",))).models.list()
    assert not here.upstream.got
