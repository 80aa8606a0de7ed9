"""Prompts over a memory, and what their arguments may be completed to.

What was stored stands in them as quoted data, never in our own voice.
"""

from collections.abc import Sequence
from typing import Any

import mcp_types as types

from remanence import queries
from remanence.errors import InvalidInput
from remanence.memory import Memory
from remanence.server.mcp.offer import Prompt, Seen, ToolCall
from remanence.text import fence

BUDGET = 800  # tokens of evidence
COMPLETED = 200  # names looked for
LATEST = 1_000  # sessions looked through


def _message(text: str) -> types.PromptMessage:
    return types.PromptMessage(role="user", content=types.TextContent(text=text))


def _recall(seen: Seen, given: dict[str, str]) -> types.GetPromptResult:
    budget = _number(given.get("budget"), BUDGET)
    made = seen.memory.context(
        given["query"],
        namespace=seen.namespace,
        budget=budget,
        facts=True,
        session=given.get("session"),
    )
    evidence = fence.fenced(made.text) if made.text else "Nothing is remembered that bears on this."
    ask = (
        f"{evidence}\n\nAnswer from that where it bears on the question, citing the ids in "
        f"brackets; say so where it does not suffice.\n\n"
        f"Question: {given['query']}"
    )
    return types.GetPromptResult(
        description="A question with what is remembered about it", messages=[_message(ask)]
    )


def _handoff(seen: Seen, given: dict[str, str]) -> types.GetPromptResult:
    session, about = given.get("session"), given.get("about")
    query = about or "decisions, plans, open questions, next steps"
    made = seen.memory.context(
        query, namespace=seen.namespace, budget=2 * BUDGET, facts=about is not None, session=session
    )
    evidence = fence.fenced(made.text) if made.text else "Nothing is remembered yet."
    label = f' with session="{fence.harmless(session)}"' if session else ""
    ask = (
        f"{evidence}\n\nWrite a hand-off for whoever continues this work without having seen "
        f"this conversation: the aim, what was decided and "
        "why, the state of things, what is open, the next step, and the names and places that "
        "are needed. Use that and this conversation; "
        f"mark what is not sure. Then keep it: call `remember`{label}, and `learn` for each fact "
        f"that is certain."
    )
    return types.GetPromptResult(
        description="A hand-off to the next session", messages=[_message(ask)]
    )


def _number(given: str | None, default: int) -> int:
    if given is None:
        return default
    if not (given.isascii() and given.isdigit() and 0 < int(given[:7]) <= 100_000):
        raise InvalidInput(f"budget={given!r:.80} is no number of tokens from 1 to 100,000")
    return int(given)


def _asking(make: Any) -> Any:
    async def ask(asked: ToolCall[types.GetPromptRequestParams]) -> types.GetPromptResult:
        given = dict(asked.params.arguments or {})
        made: types.GetPromptResult = await asked.run(make, asked.seen, given)
        return made

    return ask


def _prompt(make: Any, title: str, description: str, *arguments: tuple[str, str, bool]) -> Prompt:
    name = make.__name__.lstrip("_")
    shown = types.Prompt(
        name=name,
        title=title,
        description=description,
        arguments=[
            types.PromptArgument(name=argument, description=told, required=needed)
            for argument, told, needed in arguments
        ],
    )
    return Prompt(shown, _asking(make))


def prompts() -> dict[str, Prompt]:
    """The prompts by name."""
    made = (
        _prompt(
            _recall,
            "Recall",
            "Answer a question from what is remembered, with citations",
            ("query", "The question", True),
            ("session", "A conversation whose last turns matter", False),
            ("budget", f"Tokens of evidence; {BUDGET} if left out", False),
        ),
        _prompt(
            _handoff,
            "Hand-off",
            "Write down the state of the work for the next session, and remember it",
            ("session", "The conversation to hand over", False),
            ("about", "What the work is about", False),
        ),
    )
    return {prompt.shown.name: prompt for prompt in made}


def complete(seen: Seen, params: types.CompleteRequestParams) -> Sequence[str]:
    """Names for what names someone, sessions for a session; nothing for the rest."""
    value = params.argument.value
    look = _COMPLETED.get(params.argument.name)
    return [] if look is None else look(seen.memory, seen.namespace, value, COMPLETED)


def _sessions(memory: Memory, namespace: str, beginning: str, most: int) -> list[str]:
    """The latest sessions whose name begins so."""
    latest, _ = queries.sessions(memory, namespace, most=LATEST)
    names = (each.session for each in latest)
    return [name for name in names if name.startswith(beginning)][:most]


_COMPLETED = {"name": queries.entity_names, "about": queries.entity_names, "session": _sessions}
