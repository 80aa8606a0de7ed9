"""Resources, prompts and completions."""

import json
from urllib.parse import quote

import pytest
from mcp.shared.exceptions import MCPError
from mcp_types import PromptReference, ResourceTemplateReference

LONG = "成都的茶馆很多。" * 700


def fill(memory, many=3, namespace="小伟"):
    turns = [
        {"text": f"第{n}天我住在成都。", "speaker": "小伟", "id": f"d {n}/成都"}
        for n in range(many)
    ]
    memory.remember(turns, namespace=namespace, session="春节")


def test_every_page_of_the_list_is_reached_once_newest_first(talk, memory, era):
    fill(memory, 120)

    async def conversation(client):
        pages, cursor = [], None
        while True:
            page = await client.list_resources(cursor=cursor)
            pages.append([resource.name for resource in page.resources])
            if (cursor := page.next_cursor) is None:
                return pages

    pages = talk(conversation, mode=era)
    names = [name for page in pages for name in page]
    assert names == ["knowledge-graph", "graph", *(f"d {n}/成都" for n in reversed(range(120)))]
    assert max(map(len, pages)) <= 51


@pytest.mark.parametrize(
    "cursor", ["zz", "OTk6", "MTp4", "=", "茶", "MTotMQ==", "MTo5OTk5OTk5OTk5OTk5OTk5OTk5OTk5"]
)
def test_a_cursor_that_no_page_gave_is_refused(talk, cursor):
    async def conversation(client):
        with pytest.raises(MCPError) as caught:
            await client.list_resources(cursor=cursor)
        return caught.value.error.code

    assert talk(conversation) == -32602


def test_an_episode_is_read_by_its_id_however_it_is_written_and_a_long_one_whole(talk, memory):
    fill(memory)
    memory.remember(LONG, id="long", namespace="小伟")

    async def conversation(client):
        read = []
        for uri in ("d%201%2F成都", quote("d 1/成都", safe=""), "long"):
            result = await client.read_resource(f"memory://episode/{uri}")
            (content,) = result.contents
            assert content.mime_type == "application/json"
            read.append(json.loads(content.text))
        return read

    first, second, long = talk(conversation)
    assert first == second
    assert (first["id"], first["text"], first["session"]) == (
        "d 1/成都",
        "第1天我住在成都。",
        "春节",
    )
    assert long["text"] == LONG


def test_profile_and_graph_say_what_is_known_of_someone(talk, memory):
    fill(memory)
    memory.learn("小伟", "likes", "火锅", namespace="小伟")
    memory.learn("小伟", "lives_in", "成都", namespace="小伟")

    async def conversation(client):
        told = []
        for uri in ("profile/小伟", f"graph/{quote('火锅')}", "graph"):
            (content,) = (await client.read_resource(f"memory://{uri}")).contents
            told.append(json.loads(content.text))
        return told

    profile, around, graph = talk(conversation)
    assert profile["subject"] == "小伟"
    assert any("成都" in line["text"] for line in profile["sentences"])
    assert [fact["relation"] for fact in around["facts"]] == ["likes"]
    assert graph["total"] == len(graph["facts"]) == 2


@pytest.mark.parametrize(
    "uri",
    [
        "memory://episode/none",
        "memory://profile/nobody",
        "memory://graph/nobody",
        "memory://other/x",
        "memory://episode/",
        "memory://episode/%FF",
        "https://example.org/x",
        "file:///etc/passwd",
        "memory://episode/" + "x" * 600,
        "memory://episode/../profile",
        "memory://graph/",
    ],
)
def test_what_is_not_there_is_an_error_with_invalid_params(talk, memory, uri):
    fill(memory)

    async def conversation(client):
        with pytest.raises(MCPError) as caught:
            await client.read_resource(uri)
        return caught.value.error

    assert talk(conversation).code == -32602


def test_prompts_stand_on_memory_and_say_what_they_need(talk, memory, era):
    fill(memory)

    async def conversation(client):
        listed = {prompt.name: prompt for prompt in (await client.list_prompts()).prompts}
        recall = await client.get_prompt("recall", {"query": "谁住在成都？", "budget": "200"})
        handoff = await client.get_prompt("handoff", {"session": "春节", "about": "小伟"})
        for name, given in (
            ("recall", {}),
            ("recall", {"query": "茶", "budget": "many"}),
            ("no", {}),
        ):
            with pytest.raises(MCPError) as caught:
                await client.get_prompt(name, given)
            assert caught.value.error.code == -32602
        return listed, recall.messages, handoff.messages

    listed, recall, handoff = talk(conversation, mode=era)
    assert sorted(listed) == ["handoff", "recall"]
    assert [argument.required for argument in listed["recall"].arguments] == [True, False, False]
    assert all(message.role == "user" for message in [*recall, *handoff])
    assert "第1天我住在成都。" in recall[0].content.text
    assert recall[0].content.text.endswith("谁住在成都？")
    assert 'session="春节"' in handoff[0].content.text


def test_names_and_sessions_are_completed(talk, memory, era):
    fill(memory)
    memory.learn("小明", "friend_of", "小伟", namespace="小伟")
    memory.learn("Mallory", "likes", "tea", namespace="elsewhere")

    async def conversation(client):
        profile = ResourceTemplateReference(uri="memory://profile/{name}")
        handoff = PromptReference(name="handoff")
        found = []
        for ref, name, value in (
            (profile, "name", "小"),
            (handoff, "session", "春"),
            (handoff, "about", "Mal"),
            (handoff, "other", ""),
        ):
            result = await client.complete(ref, {"name": name, "value": value})
            found.append(result.completion.values)
        return found

    assert talk(conversation, mode=era) == [["小伟", "小明"], ["春节"], [], []]


def test_a_change_is_told_to_whoever_watches_and_nobody_else(talk):
    async def conversation(client):
        async with client.listen(resource_subscriptions=["memory://graph"]) as changes:
            await client.call_tool("recall", {"query": "茶"})
            await client.call_tool("remember", {"text": "茶"})
            event = await anext(aiter(changes))
        return event.uri

    assert talk(conversation, mode="2026-07-28") == "memory://graph"
