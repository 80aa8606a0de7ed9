"""The reference memory server's nine tools, as its clients know them.

`benchmarks/mcp_reference.py` compares with the original itself.
"""

import json

import anyio
import pytest
from mcp import Client

from remanence.server.mcp.offers import offer
from remanence.server.mcp.stdio import served

NINE = [
    *("create_entities", "create_relations", "add_observations", "delete_entities"),
    *("delete_observations", "delete_relations", "read_graph", "search_nodes", "open_nodes"),
]
WEI = {"name": "小伟", "entityType": "人", "observations": ["住在成都", "Speaks Spanish"]}
TEA = {"name": "Tea", "entityType": "drink", "observations": []}
LIKES = {"from": "小伟", "to": "Tea", "relationType": "喜欢"}
INVALID = "MCP error -32602: Input validation error: Invalid arguments for tool "


def calls(talk, *made, tools="reference", mode="auto"):
    async def conversation(client):
        return [await client.call_tool(name, arguments) for name, arguments in made]

    return talk(conversation, tools=tools, mode=mode)


def test_both_sets_stand_side_by_side(talk):
    async def conversation(client):
        return [tool.name for tool in (await client.list_tools()).tools]

    assert talk(conversation, tools="reference") == NINE
    assert len(talk(conversation, tools="both")) == 18


def test_what_is_created_is_told_and_found(talk, era):
    made, again, related, found, opened, graph = calls(
        talk,
        ("create_entities", {"entities": [WEI, TEA]}),
        ("create_entities", {"entities": [{**WEI, "observations": []}]}),
        ("create_relations", {"relations": [LIKES]}),
        ("search_nodes", {"query": "SPAN"}),
        ("open_nodes", {"names": ["Tea", "nobody"]}),
        ("read_graph", {}),
        mode=era,
    )
    assert made.structured_content == {"entities": [WEI, TEA]}
    assert made.content[0].text == json.dumps([WEI, TEA], ensure_ascii=False, indent=2)
    assert again.structured_content == {"entities": []}
    assert related.structured_content == {"relations": [LIKES]}
    assert found.structured_content == {"entities": [WEI], "relations": [LIKES]}
    assert opened.structured_content == {"entities": [TEA], "relations": [LIKES]}
    assert graph.structured_content == {"entities": [WEI, TEA], "relations": [LIKES]}


def test_what_is_deleted_is_gone_and_deleting_nothing_succeeds(talk):
    *_, cut, gone, unknown, graph = calls(
        talk,
        ("create_entities", {"entities": [WEI, TEA]}),
        ("create_relations", {"relations": [LIKES]}),
        (
            "delete_observations",
            {"deletions": [{"entityName": "小伟", "observations": ["住在成都"]}]},
        ),
        ("delete_entities", {"entityNames": ["Tea"]}),
        ("delete_relations", {"relations": [LIKES]}),
        ("read_graph", {}),
    )
    assert cut.structured_content == {
        "success": True,
        "message": "Observations deleted successfully",
    }
    assert gone.content[0].text == "Entities deleted successfully"
    assert not unknown.is_error
    left = {**WEI, "observations": ["Speaks Spanish"]}
    assert graph.structured_content == {"entities": [left], "relations": []}


@pytest.mark.parametrize(
    ("name", "arguments", "told"),
    [
        (
            "add_observations",
            {"observations": [{"entityName": "小明", "contents": ["x"]}]},
            "Entity with name 小明 not found",
        ),
        ("no_such", {}, "MCP error -32602: Tool no_such not found"),
        (
            "create_entities",
            {"entities": [{"name": 1, "observations": ["a", None]}, 5]},
            INVALID
            + "create_entities: Invalid input: expected string, received number at entities[0].name\n"
            "Invalid input: expected string, received undefined at entities[0].entityType\n"
            "Invalid input: expected string, received null at entities[0].observations[1]\n"
            "Invalid input: expected object, received number at entities[1]",
        ),
        (
            "search_nodes",
            {},
            INVALID + "search_nodes: Invalid input: expected string, received undefined at query",
        ),
    ],
)
def test_errors_read_as_the_original_has_them(talk, name, arguments, told):
    (result,) = calls(talk, (name, arguments))
    assert result.is_error
    assert result.content[0].text == told
    assert result.structured_content is None


def test_what_one_set_writes_the_other_reads(talk):
    _, _, recalled, facts, _, graph = calls(
        talk,
        ("create_entities", {"entities": [WEI, TEA]}),
        ("create_relations", {"relations": [LIKES]}),
        ("recall", {"query": "成都"}),
        ("facts", {"subject": "小伟"}),
        ("forget", {"subject": "Tea"}),
        ("read_graph", {}),
        tools="both",
    )
    assert recalled.structured_content["recollections"][0]["text"] == "小伟: 住在成都"
    known = [(fact["relation"], fact["object"]) for fact in facts.structured_content["facts"]]
    assert ("likes", "Tea") in known
    assert graph.structured_content == {"entities": [WEI], "relations": []}


def test_the_graph_is_a_resource_and_a_change_of_it_is_told(talk):
    uri = "memory://knowledge-graph"

    async def conversation(client):
        await client.call_tool("create_entities", {"entities": [WEI]})
        (content,) = (await client.read_resource(uri)).contents
        async with client.listen(resource_subscriptions=[uri]) as changes:
            await client.call_tool("add_observations", {"observations": []})
            event = await anext(aiter(changes))
        return json.loads(content.text), event.uri

    read, changed = talk(conversation, tools="reference", mode="2026-07-28")
    assert read == {"entities": [WEI], "relations": []}
    assert changed == uri


@pytest.mark.filterwarnings("ignore:resources/:mcp.shared.exceptions.MCPDeprecationWarning")
def test_a_session_of_the_older_era_subscribes_and_unsubscribes(memory):
    uri = "memory://knowledge-graph"
    heard = []

    async def hear(message):
        heard.append(getattr(message, "method", None))

    async def run():
        built, _ = served(offer(memory, "reference"), memory, "小伟")
        async with Client(built, mode="legacy", message_handler=hear) as client:
            await client.subscribe_resource(uri)
            await client.call_tool("create_entities", {"entities": [WEI]})
            await client.call_tool("read_graph", {})
            await client.unsubscribe_resource(uri)
            await client.call_tool("delete_entities", {"entityNames": ["小伟"]})
            await client.call_tool("read_graph", {})

    anyio.run(run)
    assert heard == ["notifications/resources/updated"]
