"""With no provider, memory answers for itself, word for word, in the shapes that the SDKs know."""

import openai
import pytest

TOLD = "I moved to Chengdu in March."
PREFACE = "No model is configured here; this is quoted from memory."


@pytest.fixture
def alone(site):
    here = site(upstream=False)
    here.memory.remember(TOLD, namespace="wei", speaker="Wei", id="m1", at="2025-03-20T09:00:00Z")
    return here


def user(text):
    return [{"role": "user", "content": text}]


def test_every_shape_says_what_memory_says_and_that_it_is_no_model(alone):
    chat, claude = alone.openai(), alone.anthropic()
    ask = "Where did I move?"
    whole = chat.chat.completions.create(model="any", messages=user(ask), n=2)
    text = whole.choices[1].message.content
    assert text.startswith(PREFACE)
    assert f"Wei: {TOLD} [m1, 2025-03-20]" in text
    assert whole.model == "remanence-extractive"
    stream = chat.chat.completions.create(model="any", messages=user(ask), stream=True)
    said = "".join(chunk.choices[0].delta.content or "" for chunk in stream)
    assert TOLD in said
    assert TOLD in chat.responses.create(model="any", input=ask).output_text
    with chat.responses.stream(model="any", input=ask) as events:
        assert TOLD in events.get_final_response().output_text
    assert (
        TOLD
        in claude.messages.create(model="any", max_tokens=9, messages=user(ask)).content[0].text
    )
    with claude.messages.stream(model="any", max_tokens=9, messages=user(ask)) as events:
        assert TOLD in "".join(events.text_stream)
    kept = alone.settled()
    assert {each.speaker for each in kept} == {"Wei", "user"}, "a quote is not remembered again"


def test_chinese_is_answered_in_chinese(alone):
    chat = alone.openai()
    chat.chat.completions.create(model="any", messages=user("我住在成都锦江区。"))
    answer = chat.chat.completions.create(model="any", messages=user("我住在哪里？"))
    assert answer.choices[0].message.content.startswith("这里没有配置模型，以下摘自记忆。")
    assert "锦江区" in answer.choices[0].message.content


def test_memory_that_says_nothing_or_cannot_be_asked_is_told(site):
    for faults, words in (
        (None, "I do not know"),
        (["corrupt"], "could not be asked (StoreCorrupt)"),
    ):
        here = site(upstream=False, faults=faults)
        answer = here.openai().chat.completions.create(
            model="any", messages=user("Where do I live?")
        )
        assert words in answer.choices[0].message.content


def test_there_is_one_model_and_nothing_that_needs_another(alone):
    chat = alone.openai()
    assert [model.id for model in chat.models.list()] == ["remanence-extractive"]
    assert [model.id for model in alone.anthropic().models.list()] == ["remanence-extractive"]
    with pytest.raises(openai.NotFoundError, match="no upstream"):
        chat.embeddings.create(model="any", input="x")
    with pytest.raises(openai.BadRequestError, match="needs a model"):
        chat.chat.completions.create(
            model="any", messages=user("x"), response_format={"type": "json_object"}
        )


def test_what_is_told_is_said_to_be_kept_only_where_it_is(alone):
    def said(mode):
        answer = alone.openai(headers={"x-remanence-memory": mode}).chat.completions.create(
            model="any", messages=user("I have a cat.")
        )
        return answer.choices[0].message.content.rpartition("\n")[2]

    assert said("read") == "Nothing is kept of this."
    assert said("write") == "I will remember that."
