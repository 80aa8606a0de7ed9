"""What the conformance suite expects a server under test to offer, put into an `ServerSpec` as our
own tools are. It knows the suite's descriptions of its scenarios, nothing of memory.
"""

import base64
import json
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import anyio
import mcp_types as types
from mcp.server.request_state import RequestStateBoundary, RequestStateSecurity
from mcp.server.subscriptions import PromptsListChanged, ToolsListChanged
from mcp.shared.exceptions import MCPError

from remanence.server.mcp.offer import Prompt, Seen, ServerSpec, Tool, ToolCall, failed
from remanence.server.mcp.watching import Watchers

Call = ToolCall[types.CallToolRequestParams]
Answer = types.CallToolResult | types.InputRequiredResult
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg=="
SOUND = base64.b64encode(
    b"RIFF\x24\0\0\0WAVEfmt \x10\0\0\0\1\0\1\0\x40\x1f\0\0\x40\x1f\0\0\1\0\x08\0data\0\0\0\0"
).decode()
PAUSE = 0.05  # seconds between two notifications, as the suite asks
SIMPLE = "This is a simple text response for testing."


def text(said: str) -> types.CallToolResult:
    return types.CallToolResult(content=[types.TextContent(text=said)])


def embedded(uri: str, mime: str, said: str) -> types.EmbeddedResource:
    return types.EmbeddedResource(
        resource=types.TextResourceContents(uri=uri, mime_type=mime, text=said)
    )


def image() -> types.ImageContent:
    return types.ImageContent(data=PIXEL, mime_type="image/png")


# -- content ------------------------------------------------------------------------------------


def fixed(*content: Any) -> Callable[[Call], Awaitable[Answer]]:
    async def serve(_: Call) -> Answer:
        return types.CallToolResult(content=list(content))

    return serve


async def fails(_: Call) -> Answer:
    return failed("This tool intentionally returns an error for testing")


async def logs(asked: Call) -> Answer:
    for told in ("Tool execution started", "Tool processing data", "Tool execution completed"):
        note = types.LoggingMessageNotificationParams(level="info", data=told)
        if asked.ctx.protocol_version < "2026-07-28":
            await asked.ctx.session.send_notification(
                types.LoggingMessageNotification(params=note), asked.ctx.request_id
            )
        await anyio.sleep(PAUSE)
    return text("Logged three messages")


async def progresses(asked: Call) -> Answer:
    for done in (0, 50, 100):
        await asked.ctx.session.report_progress(done, 100)
        await anyio.sleep(PAUSE)
    return text("Reported progress three times")


# -- what a server asks of a client, up to 2025-11-25 --------------------------------------------


async def samples(asked: Call) -> Answer:
    given = (asked.params.arguments or {}).get("prompt", "")
    request = types.CreateMessageRequest(params=sampling(given))
    had = await asked.ctx.session.send_request(
        request, types.CreateMessageResult, metadata=related(asked)
    )
    return text(f"LLM response: {getattr(had.content, 'text', '')}")


def related(asked: Call) -> Any:
    from mcp.shared.message import ServerMessageMetadata

    return ServerMessageMetadata(related_request_id=asked.ctx.request_id)


def elicits(
    message: str, schema: dict[str, Any], begins: str
) -> Callable[[Call], Awaitable[Answer]]:
    async def serve(asked: Call) -> Answer:
        told = (asked.params.arguments or {}).get("message", message)
        had = await asked.ctx.session.elicit_form(told, schema, asked.ctx.request_id)
        return text(f"{begins}: action={had.action}, content={json.dumps(had.content)}")

    return serve


def form(*needed: str, **properties: Any) -> dict[str, Any]:
    made: dict[str, Any] = {"type": "object", "properties": properties}
    return {**made, "required": list(needed)} if needed else made


def string(**more: Any) -> dict[str, Any]:
    return {"type": "string", **more}


def choices(key: str, *titled: tuple[str, str]) -> dict[str, Any]:
    return {key: [{"const": value, "title": title} for value, title in titled]}


_USER = form(
    "username",
    "email",
    username=string(description="User's response"),
    email=string(description="User's email address"),
)
_DEFAULTS = form(
    name=string(default="John Doe"),
    age={"type": "integer", "default": 30},
    score={"type": "number", "default": 95.5},
    status=string(enum=["active", "inactive", "pending"], default="active"),
    verified={"type": "boolean", "default": True},
)
_THREE = ["option1", "option2", "option3"]
_ENUMS = form(
    untitledSingle=string(enum=_THREE),
    titledSingle=string(
        **choices("oneOf", ("value1", "First Option"), ("value2", "Second"), ("value3", "Third"))
    ),
    legacyEnum=string(
        enum=["opt1", "opt2", "opt3"], enumNames=["Option One", "Option Two", "Option Three"]
    ),
    untitledMulti={"type": "array", "items": string(enum=_THREE)},
    titledMulti={
        "type": "array",
        "items": choices("anyOf", ("value1", "First Choice"), ("value2", "Second Choice")),
    },
)

# -- what a server asks of a client, since 2026-07-28 ---------------------------------------------


def sampling(said: str, most: int = 100) -> types.CreateMessageRequestParams:
    message = types.SamplingMessage(role="user", content=types.TextContent(text=said))
    return types.CreateMessageRequestParams(messages=[message], max_tokens=most)


def elicit(message: str, name: str, kind: str = "string") -> types.ElicitRequest:
    schema = form(name, **{name: {"type": kind}})
    return types.ElicitRequest(
        params=types.ElicitRequestFormParams(message=message, requested_schema=schema)
    )


def sample(said: str, most: int = 100) -> types.CreateMessageRequest:
    return types.CreateMessageRequest(params=sampling(said, most))


def roots() -> types.ListRootsRequest:
    return types.ListRootsRequest()


def needing(
    requests: dict[str, Any], state: str | None = None, says: str = "Done"
) -> Callable[[Call], Awaitable[Answer]]:
    """Asks for everything that has not been answered yet; then says so, with what was answered."""

    async def serve(asked: Call) -> Answer:
        had = answers(asked, requests)
        if missing := {name: one for name, one in requests.items() if name not in had}:
            return types.InputRequiredResult(input_requests=missing, request_state=state)
        if state is not None and asked.params.request_state != state:
            raise MCPError(types.INVALID_PARAMS, "requestState is not what was given out")
        return text(f"{says} {' '.join(one.model_dump_json() for one in had.values())}")

    return serve


def answers(asked: Any, requests: dict[str, Any]) -> dict[str, Any]:
    """The answers that are of the kind asked for."""
    kinds = {
        "elicitation/create": types.ElicitResult,
        "sampling/createMessage": (types.CreateMessageResult, types.CreateMessageResultWithTools),
        "roots/list": types.ListRootsResult,
    }
    given = asked.params.input_responses or {}
    return {
        name: given[name]
        for name, one in requests.items()
        if name in given and isinstance(given[name], kinds[one.method])
    }


async def rounds(asked: Call) -> Answer:
    steps = {
        "step1": elicit("Step 1: What is your name?", "name"),
        "step2": elicit("Step 2: What is your favorite color?", "color"),
    }
    done = 1 if asked.params.request_state == "after 1" else 0
    names = list(steps)
    if names[done] in answers(asked, steps):
        if done:
            return text("Both steps are done")
        return types.InputRequiredResult(
            input_requests={"step2": steps["step2"]}, request_state="after 1"
        )
    state = "after 1" if done else "after 0"
    return types.InputRequiredResult(
        input_requests={names[done]: steps[names[done]]}, request_state=state
    )


async def within_capabilities(asked: Call) -> Answer:
    may = asked.ctx.session.client_capabilities or types.ClientCapabilities()
    every = {
        "elicitation": elicit("What is your name?", "name"),
        "sampling": sample("Say hello"),
        "roots": roots(),
    }
    asked_for = {name: one for name, one in every.items() if getattr(may, name) is not None}
    if not asked_for:
        return text("The client can be asked for nothing")
    return await needing(asked_for)(asked)


async def needs_sampling(asked: Call) -> Answer:
    may = asked.ctx.session.client_capabilities
    if may is None or may.sampling is None:
        needed = types.ClientCapabilities(sampling=types.SamplingCapability())
        data = types.MissingRequiredClientCapabilityErrorData(required_capabilities=needed)
        raise MCPError(
            types.MISSING_REQUIRED_CLIENT_CAPABILITY,
            "this tool needs a client that samples",
            data.model_dump(by_alias=True, mode="json", exclude_none=True),
        )
    return text("The client samples")


# -- the offer ----------------------------------------------------------------------------------


def _tools(watchers: Watchers) -> dict[str, Tool]:
    def triggers(event: Any) -> Callable[[Call], Awaitable[Answer]]:
        async def serve(asked: Call) -> Answer:
            await watchers.publish(asked.seen.namespace, event)
            return text("Told whoever listens")

        return serve

    name = elicit("What is your name?", "name")
    confirm = {"confirm": elicit("Please confirm", "ok", "boolean")}
    mixed = embedded(
        "test://mixed-content-resource", "application/json", '{"test":"data","value":123}'
    )
    static = embedded(
        "test://embedded-resource", "text/plain", "This is an embedded resource content."
    )
    sound = types.AudioContent(data=SOUND, mime_type="audio/wav")
    several = {
        "user_name": name,
        "greeting": sample("Generate a greeting", 50),
        "client_roots": roots(),
    }
    served: dict[str, Callable[[Call], Awaitable[Answer]]] = {
        "test_simple_text": fixed(types.TextContent(text=SIMPLE)),
        "test_image_content": fixed(image()),
        "test_audio_content": fixed(sound),
        "test_embedded_resource": fixed(static),
        "test_multiple_content_types": fixed(
            types.TextContent(text="Multiple content types test:"), image(), mixed
        ),
        "test_error_handling": fails,
        "test_tool_with_logging": logs,
        "test_logging_tool": logs,
        "test_tool_with_progress": progresses,
        "test_sampling": samples,
        "test_elicitation": elicits("", _USER, "User response"),
        "test_elicitation_sep1034_defaults": elicits(
            "Please fill in", _DEFAULTS, "Elicitation completed"
        ),
        "test_elicitation_sep1330_enums": elicits("Please choose", _ENUMS, "Elicitation completed"),
        "test_missing_capability": needs_sampling,
        "test_streaming_elicitation": needing({"user_name": name}),
        "test_trigger_tool_change": triggers(ToolsListChanged()),
        "test_trigger_prompt_change": triggers(PromptsListChanged()),
        "test_input_required_result_elicitation": needing({"user_name": name}, says="Hello,"),
        "test_input_required_result_sampling": needing(
            {"capital_question": sample("What is the capital of France?")}
        ),
        "test_input_required_result_list_roots": needing({"client_roots": roots()}),
        "test_input_required_result_request_state": needing(confirm, "given out", "state-ok"),
        "test_input_required_result_tampered_state": needing(confirm, "given out", "state-ok"),
        "test_input_required_result_multiple_inputs": needing(several, "several"),
        "test_input_required_result_multi_round": rounds,
        "test_input_required_result_capabilities": within_capabilities,
        "json_schema_2020_12_tool": fixed(types.TextContent(text="Done")),
        "test_custom_headers": fixed(types.TextContent(text="Done")),
    }
    return {name: Tool(_shown(name), "read", serve) for name, serve in served.items()}


_ARGUMENTS: dict[str, dict[str, Any]] = {
    "test_sampling": form("prompt", prompt=string(description="The prompt to send to the LLM")),
    "test_elicitation": form("message", message=string(description="The message to show")),
    "test_custom_headers": form(region=string(**{"x-mcp-header": "Region"})),
    "json_schema_2020_12_tool": {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "$defs": {
            "address": {
                "$anchor": "addressDef",
                "type": "object",
                "properties": {"street": string(), "city": string()},
            }
        },
        "properties": {
            "name": string(),
            "address": {"$ref": "#/$defs/address"},
            "contactMethod": string(enum=["phone", "email"]),
            "phone": string(),
            "email": string(),
        },
        "allOf": [{"anyOf": [{"required": ["phone"]}, {"required": ["email"]}]}],
        "if": {"properties": {"contactMethod": {"const": "phone"}}, "required": ["contactMethod"]},
        "then": {"required": ["phone"]},
        "else": {"required": ["email"]},
        "additionalProperties": False,
    },
}


def _shown(name: str) -> types.Tool:
    return types.Tool(
        name=name,
        description=f"Of the conformance suite: {name}",
        input_schema=_ARGUMENTS.get(name, {"type": "object", "properties": {}}),
    )


def _prompts() -> dict[str, Prompt]:
    context = {"user_context": elicit("What context should the prompt use?", "context")}

    def message(content: Any) -> types.PromptMessage:
        return types.PromptMessage(role="user", content=content)

    def made(*content: Any) -> types.GetPromptResult:
        return types.GetPromptResult(messages=[message(one) for one in content])

    async def simple(_: Any) -> Any:
        return made(types.TextContent(text="This is a simple prompt for testing."))

    async def arguments(asked: Any) -> Any:
        given = asked.params.arguments
        said = f"Prompt with arguments: arg1='{given['arg1']}', arg2='{given['arg2']}'"
        return made(types.TextContent(text=said))

    async def resource(asked: Any) -> Any:
        uri = asked.params.arguments["resourceUri"]
        return made(
            embedded(uri, "text/plain", "Embedded resource content for testing."),
            types.TextContent(text="Please process the embedded resource above."),
        )

    async def picture(_: Any) -> Any:
        return made(image(), types.TextContent(text="Please analyze the image above."))

    async def asks(asked: Any) -> Any:
        if not answers(asked, context):
            return types.InputRequiredResult(input_requests=context)
        return made(types.TextContent(text="A prompt with the context that was given"))

    table: tuple[tuple[str, Any, tuple[str, ...]], ...] = (
        ("test_simple_prompt", simple, ()),
        ("test_prompt_with_arguments", arguments, ("arg1", "arg2")),
        ("test_prompt_with_embedded_resource", resource, ("resourceUri",)),
        ("test_prompt_with_image", picture, ()),
        ("test_input_required_result_prompt", asks, ()),
    )
    return {
        name: Prompt(
            types.Prompt(
                name=name,
                description=f"Of the conformance suite: {name}",
                arguments=[types.PromptArgument(name=one, required=True) for one in needed],
            ),
            ask,
        )
        for name, ask, needed in table
    }


class Fixtures:
    """The suite's resources."""

    TEXT, BINARY, WATCHED = "test://static-text", "test://static-binary", "test://watched-resource"
    START, END = "test://template/", "/data"

    def templates(self) -> Sequence[types.ResourceTemplate]:
        uri = f"{self.START}{{id}}{self.END}"
        return [
            types.ResourceTemplate(uri_template=uri, name="template", mime_type="application/json")
        ]

    def page(self, _: Seen, __: int | None) -> tuple[Sequence[types.Resource], int | None]:
        told = ((self.TEXT, "text/plain"), (self.BINARY, "image/png"), (self.WATCHED, "text/plain"))
        return [
            types.Resource(uri=uri, name=uri.removeprefix("test://"), mime_type=mime)
            for uri, mime in told
        ], None

    def read(self, _: Seen, uri: str) -> Sequence[Any] | None:
        if uri == self.BINARY:
            return [types.BlobResourceContents(uri=uri, mime_type="image/png", blob=PIXEL)]
        if uri in (self.TEXT, self.WATCHED):
            said = "This is the content of the static text resource."
            return [types.TextResourceContents(uri=uri, mime_type="text/plain", text=said)]
        if uri.startswith(self.START) and uri.endswith(self.END):
            id = uri[len(self.START) : -len(self.END)]
            told = {"id": id, "templateTest": True, "data": f"Data for ID: {id}"}
            return [
                types.TextResourceContents(
                    uri=uri, mime_type="application/json", text=json.dumps(told)
                )
            ]
        return None


def fixtures(watchers: Watchers) -> ServerSpec:
    """The offer under test."""
    return ServerSpec(
        name="remanence-conformance",
        title="Remanence, with the fixtures of the conformance suite",
        instructions="For the conformance suite alone.",
        tools=_tools(watchers),
        resources=[Fixtures()],
        prompts=_prompts(),
        complete=lambda _, __: [],
        middleware=[
            RequestStateBoundary(RequestStateSecurity.ephemeral(), default_audience="remanence")
        ],
        logging=True,
    )
