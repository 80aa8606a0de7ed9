"""chat, models: a conversation that remembers, and what can speak in it."""

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from remanence import config
from remanence.cli import options, terminal
from remanence.cli.options import Db, Embedder, Json, Namespace, OneNamespace, examples
from remanence.errors import ConfigError, InvalidInput, RemanenceError

if TYPE_CHECKING:
    from remanence.chat import Answer, Chat

LEAVE = ("/quit", "/exit", "/bye")
_COMMAND = re.compile(r"/[a-z?]{1,20}")  # a path like /usr/bin is something to say

Said = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[TEXT...]",
        help="What you say; without it, a conversation: a line is a turn, /why shows what the last reply was made of, /quit ends it.",
    ),
]
ModelSpec = Annotated[
    str | None,
    typer.Option(
        "--model",
        metavar="SPEC",
        help="Who speaks (see `remanence models`); else $REMANENCE_MODEL, else answers are quoted from memory.",
    ),
]
Session = Annotated[
    str | None,
    typer.Option(
        "--session", metavar="NAME", help="The conversation to go on with; else a new one."
    ),
]
Speaker = Annotated[str, typer.Option("--speaker", metavar="NAME", help="Who you are.")]
Name = Annotated[
    str, typer.Option("--name", metavar="NAME", help="As whom replies are remembered.")
]
Budget = Annotated[
    int,
    typer.Option(
        "--budget", metavar="TOKENS", help="What memory may hand to the model for a turn."
    ),
]
Most = Annotated[int, typer.Option("--most", metavar="TOKENS", help="How long a reply may be.")]
Why = Annotated[
    bool, typer.Option("--why", help="Show what each reply was made of, and what it cites.")
]
Without = Annotated[
    list[str] | None,
    typer.Option(
        "--without",
        metavar="PART",
        help="Also show what the reply would have been without memories, facts, turns, state, adapter, or the memory of that id.",
    ),
]


def register(app: typer.Typer) -> None:
    """Hang the commands of this module on the application."""
    app.command(
        epilog=examples(
            'remanence chat "Where do I live?" --speaker Wei --why',
            "remanence chat --model http://localhost:11434/v1#qwen3 --session holidays",
            "remanence chat --model hf:./my-model --without facts",
        )
    )(chat)
    app.command(
        epilog=examples("remanence models", "remanence models --db assistant.db -n wei --json")
    )(models)


def chat(
    text: Said = None,
    model: ModelSpec = None,
    session: Session = None,
    speaker: Speaker = "user",
    name: Name = "assistant",
    budget: Budget = 800,
    most: Most = 512,
    why: Why = False,
    without: Without = None,
    namespace: Namespace = "default",
    db: Db = None,
    embedder: Embedder = None,
    json: Json = False,
) -> None:
    """Talk with what is remembered: every turn is kept, evidence recalled, and the reply kept too."""
    from remanence import llm
    from remanence.chat import Chat

    spec = config.setting(config.MODEL, model)
    with options.opened(db, embedder, make=True) as memory:
        speaks: Any = None if spec is None else llm.load(spec)
        if spec is not None and spec.startswith("hf:"):
            from remanence.consolidation import AdaptedModel

            speaks = AdaptedModel(speaks, memory, namespace)
        named = {} if session is None else {"session": session}
        talk = Chat(
            memory,
            speaks,
            namespace=namespace,
            speaker=speaker,
            name=name,
            budget=budget,
            most=most,
            **named,
        )
        try:
            if text:
                _turn(talk, " ".join(text), why=why, without=without or [], json=json)
            else:
                _converse(talk, why=why, without=without or [], json=json)
        finally:
            if speaks is not None:
                speaks.close()


def _converse(talk: "Chat", *, why: bool, without: list[str], json: bool) -> None:
    """Turn by turn, until there are no more lines. A turn that fails does not end the conversation."""
    person = sys.stdin.isatty()
    if person:
        speaks = "quoted from memory; no model" if talk.model is None else talk.model.name
        terminal.note(f"session {talk.session} ({speaks}); /why, /quit")
    last: Answer | None = None
    failed = False
    for line in _lines(talk.speaker if person else None):
        said = line.strip()
        if said in LEAVE:
            break
        if said == "/why":
            _explain(last) if last else terminal.note("nothing was said yet")
        elif said.startswith("/") and _COMMAND.fullmatch(said.split()[0]):
            terminal.note(f"{said.split()[0]:.40} is no command here; there are /why and /quit")
        elif said:
            try:
                last = _turn(talk, said, why=why, without=without, json=json)
            except RemanenceError as error:
                failed = True
                terminal.complain(error)
    if failed and not person:
        raise typer.Exit(terminal.FAILED)


def _lines(prompt: str | None) -> Iterator[str]:
    while True:
        if prompt is not None:
            sys.stderr.write(f"{prompt}> ")
            sys.stderr.flush()
        try:
            line = sys.stdin.readline()
        except UnicodeDecodeError as error:
            raise InvalidInput(
                f"what was typed is no UTF-8 ({error}); check the terminal's encoding"
            ) from None
        if not line:
            return
        yield line


def _turn(talk: "Chat", text: str, *, why: bool, without: list[str], json: bool) -> "Answer":
    saying = talk.say(text)
    for piece in saying:
        if not json:
            sys.stdout.write(piece)
            sys.stdout.flush()
    answer = saying.answer
    thinner = {part: talk.without(answer, part) for part in without}
    if json:
        terminal.as_document({**asdict(answer), **({"without": thinner} if thinner else {})})
        return answer
    terminal.say("")
    if why:
        _explain(answer)
    for part, reply in thinner.items():
        terminal.say(f"without {part}: {reply}")
    for reason in answer.degraded:
        terminal.note(f"degraded: {reason}")
    return answer


def _explain(answer: "Answer") -> None:
    """Print the parts of a reply: each memory with its arms, facts, turns, the state; `*` marks what it cites."""
    used = answer.used

    def mark(*ids: str) -> str:
        return "*" if any(each in answer.citations for each in ids) else " "

    for item in used.memories:
        head = f"{mark(item.id)} {item.score:.2f} {item.id} {item.at[:10]} {item.speaker or terminal.NONE}"
        terminal.say(f"{head} {terminal.why_line(item.why)} {' '.join(item.text.split()):.80}")
    for fact in used.facts:
        terminal.say(
            f"{mark(*fact.sources)} fact {fact.subject} {fact.relation} {fact.object} [{fact.sources[-1]}]"
        )
    parts: list[Any] = [f"{len(used.turns)} earlier turns"] if used.turns else []
    parts += ["the state of the memory inside the model"] if used.state else []
    parts += [used.adapter] if used.adapter else []
    parts += [f"{used.tokens} tokens"] if used.tokens else []
    parts += [] if answer.known else ["it says that it does not know"]
    if parts:
        terminal.say(f"  {', '.join(parts)}")


def models(
    db: Annotated[
        str | None,
        typer.Option(
            "--db", metavar="PATH", help="A store whose adapters are listed too; else none is."
        ),
    ] = None,
    namespace: OneNamespace = None,
    embedder: Embedder = None,
    json: Json = False,
) -> None:
    """List the models for a chat: those usable here, and the needs of the rest; with --db also the adapters of a store. Nothing is loaded or asked."""
    from remanence.cli.consolidation import held
    from remanence.llm.survey import survey

    if db is None and namespace is not None:
        raise ConfigError(
            f"-n {namespace!r:.80} narrows the adapters of a store; name it with --db"
        )
    kinds, adapters = survey(), None
    if db is not None:
        with options.opened(db, embedder) as memory:
            adapters = held(memory, namespace)
    if json:
        terminal.as_document({"models": [asdict(kind) for kind in kinds], "adapters": adapters})
        return
    terminal.table(
        ("spec", "usable", "what it is", "needs"),
        [
            (kind.spec, "yes" if kind.usable else "no", kind.what, kind.needs or terminal.NONE)
            for kind in kinds
        ],
    )
    if adapters is not None:
        terminal.say("")
        _show_adapters(adapters, "the store" if namespace is None else f"namespace {namespace}")


def _show_adapters(adapters: Sequence[Mapping[str, Any]], where: str) -> None:
    """Print a table of adapters."""
    if not adapters:
        terminal.say(f"{where} holds no adapters; `remanence consolidate` makes one")
        return
    terminal.table(
        ("namespace", "adapter", "in use", "for", "state", "made", "facts"),
        [
            (
                each["namespace"], each["adapter"], "yes" if each["in_use"] else "no", f"hf:{each['base']}", each["state"], each["made"], each["facts"],
            )
            for each in adapters
        ],
    )  # fmt: skip
