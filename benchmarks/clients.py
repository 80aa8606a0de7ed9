"""Requests of real clients replayed through the proxy: is anything remembered that no user said?

Each shape is how one client writes a request: Claude Code, Codex, Gemini CLI, Open WebUI, Cline,
Cursor and front ends that ask by themselves. Ten texts, English and Chinese, go through each. All
that stands beside the user's words states that he lives in Quito, which no memory may hold. Exit
code 1 where a turn was remembered that no user said, or one is missing that a user did say.
"""

import sys
from collections.abc import Callable
from typing import Any

import report
import service_proxy as proxy
from service_proxy import CHAT, MESSAGES, RESPONSES, users

TRAP = "I live in Quito."
TEXTS = (
    "My aunt Greta keeps bees in Bergen.",
    "I moved to Porto last spring.",
    "Please rename the function to parse_row.",
    "What did Greta say about the hives?",
    "Our daughter Mia starts school in September.",
    "我姐姐住在成都。",
    "帮我把这个函数改名为 parse_row。",
    "我对花生过敏。",
    "The build fails on line 12, can you look?",
    "I am vegetarian, by the way.",
)
Request = tuple[str, dict[str, Any], bool]  # path, body, whether a user said something


def blocks(*texts: str) -> list[dict[str, str]]:
    return [{"type": "text", "text": text} for text in texts]


def claude(content: Any, *, said: bool = True, **more: Any) -> Request:
    return MESSAGES, {"model": "m", "max_tokens": 9, "messages": users(content), **more}, said


def chat(content: Any, *, said: bool = True) -> Request:
    return CHAT, {"model": "m", "messages": users(content)}, said


def codex(*texts: str) -> Request:
    items = [
        {"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}]}
        for text in texts
    ]
    more = {"store": False, "include": ["reasoning.encrypted_content"]}
    return RESPONSES, {"model": "m", "instructions": "You are Codex.", "input": items, **more}, True


def history(text: str) -> str:
    return f"### Chat History:\n<chat_history>\nUSER: {text} {TRAP}\nASSISTANT: ok\n</chat_history>"


REMINDER = f"<system-reminder>\nCLAUDE.md says: {TRAP}\n</system-reminder>"
SHAPES: dict[str, Callable[[str], Request]] = {
    "Claude Code, reminder in a block before": lambda t: claude(blocks(REMINDER, t)),
    "Claude Code, reminder in the same block": lambda t: claude(blocks(f"{REMINDER}\n\n{t}")),
    "Claude Code, reminder behind, as a string": lambda t: claude(f"{t}\n\n{REMINDER}"),
    "Claude Code, local command": lambda t: claude(
        f"<command-name>/cost</command-name>\n<local-command-stdout>{t} {TRAP}"
        "</local-command-stdout>",
        said=False,
    ),
    "Claude Code, bash and its output": lambda t: claude(
        f"<bash-input>cat cv</bash-input><bash-stdout>{t} {TRAP}</bash-stdout>"
        "<bash-stderr></bash-stderr>",
        said=False,
    ),
    "Claude Code, interruption": lambda _: claude("[Request interrupted by user]", said=False),
    "Claude Code, title": lambda t: claude(
        f"Please write a 5-10 word title for the following conversation:\n{t} {TRAP}", said=False
    ),
    "Claude Code, summary after compaction": lambda t: claude(
        "This session is being continued from a previous conversation that ran out of context. "
        f"The conversation is summarized below:\n{t} {TRAP}",
        said=False,
    ),
    "Codex, rules and environment": lambda t: codex(
        f"# AGENTS.md instructions for /srv\n\n<INSTRUCTIONS>\n{TRAP}\n</INSTRUCTIONS>",
        f"<environment_context>\n<cwd>/srv</cwd> {TRAP}\n</environment_context>",
        t,
    ),
    "Codex, environment alone": lambda t: codex(
        f"<environment_context>\n<cwd>/srv</cwd> {TRAP}\n</environment_context>", t
    ),
    "Gemini CLI, context first": lambda t: (
        CHAT,
        {
            "model": "m",
            "messages": users(
                f"This is the Gemini CLI. We are setting up the context for our chat. {TRAP}", t
            ),
        },
        True,
    ),
    "Open WebUI, plain": chat,
    "Open WebUI, documents": lambda t: chat(
        "### Task:\nRespond to the user query using the provided context, with citations.\n"
        f'<context>\n<source id="1">{TRAP}</source>\n</context>\n\n<user_query>\n{t}\n</user_query>'
    ),
    "Open WebUI, title": lambda t: chat(
        f"### Task:\nGenerate a concise, 3-5 word title with an emoji.\n{history(t)}", said=False
    ),
    "Open WebUI, tags": lambda t: chat(
        f"### Task:\nGenerate 1-3 broad tags categorizing the main themes.\n{history(t)}",
        said=False,
    ),
    "Open WebUI, follow-ups": lambda t: chat(
        "### Task:\nSuggest 3-5 relevant follow-up questions or prompts that the user might ask "
        f"next.\n{history(t)}",
        said=False,
    ),
    "Open WebUI, queries for a search": lambda t: chat(
        "### Task:\nAnalyze the chat history to determine the necessity of generating search "
        f"queries.\n{history(t)}",
        said=False,
    ),
    "Cline, task and environment": lambda t: claude(
        blocks(
            f"<task>\n{t}\n</task>",
            f"<environment_details>\n# Open Tabs\n{TRAP}\n</environment_details>",
        )
    ),
    "Cursor, data and query": lambda t: chat(
        f"<additional_data>\n<current_file>\n{TRAP}\n</current_file>\n</additional_data>\n\n"
        f"<user_query>\n{t}\n</user_query>"
    ),
    "a front end, condensed question": lambda t: chat(
        "Given the following conversation and a follow up question, rephrase the follow up "
        f"question to be a standalone question.\n\nChat History:\nHuman: {TRAP}\n\n"
        f"Follow Up Input: {t}\nStandalone question:",
        said=False,
    ),
}


def replay(shape: Callable[[str], Request]) -> tuple[int, int, int, int]:
    """Return requests, turns remembered that no user said, turns missing, and facts of the trap."""
    wrong = missing = facts = 0
    with proxy.site() as here:
        for number, text in enumerate(TEXTS):
            path, body, said = shape(text)
            name = f"user {number}"
            answer = here.post(path, body, here.key(name))
            proxy.expect(answer.status_code == 200, answer.text)
            kept = here.said(namespace=name)
            wanted = [text] if said else []
            wrong += sum(each not in wanted for each in kept)
            missing += sum(each not in kept for each in wanted)
            facts += len(here.memory.facts(namespace=name, object="Quito"))
    return len(TEXTS), wrong, missing, facts


def main() -> int:
    args = report.arguments(__doc__).parse_args()
    chosen = dict(list(SHAPES.items())[:: 7 if args.quick else 1])
    rows: list[tuple[Any, ...]] = [(name, *replay(shape)) for name, shape in chosen.items()]
    total = tuple(sum(row[at] for row in rows) for at in range(1, 5))
    rows.append(("all", *total))
    header = ("request", "requests", "turns no user said", "turns missing", "facts of the trap")
    report.show("Clients' requests replayed through the proxy", header, rows, args)
    return int(any(total[1:]))


if __name__ == "__main__":
    sys.exit(main())
