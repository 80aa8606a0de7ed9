"""One turn of a conversation that remembers: what was said is kept, evidence recalled, a model
asked, its reply kept too.

The order is the promise: what the user says is durable before a model is asked, so that no failure
of a model loses it. Evidence is handed over as fenced data beside the user's words, never as
instructions, within a budget of tokens. Without a model the answer is quoted from the evidence
(`retrieval.answering`). It knows the verbs and the port of models; it does not know which model,
nor who asked for it.
"""

import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Final, Protocol, runtime_checkable

from remanence import checks
from remanence.encoding import learning
from remanence.errors import InvalidInput, RemanenceError
from remanence.llm.chat_model import ChatModel, Message, Piece, Reply, Request, Usage, gathered
from remanence.memory import CONTEXT_K, DEFAULT_NAMESPACE, Memory
from remanence.retrieval import answering, relevance
from remanence.retrieval import context as composing
from remanence.text import asking, fence, tokens
from remanence.text import query as questions
from remanence.text.words import terms
from remanence.types import Context, Episode, Fact, Recall, Recollection, Turn, When

BUDGET: Final = 800  # tokens of evidence and of the session's last turns
MOST: Final = 512  # tokens of a reply
SPARE: Final = 64  # tokens that a template may add
FACTS: Final = 20  # facts that compete for their share of the budget
LOOKED_THROUGH: Final = 200  # facts of those named, among which those are
SESSION_TURNS: Final = 200  # last turns of a session among which a continued message is looked for
_CITED: Final = re.compile(r"\[([^\[\]\n]{1,200})\]")
PARTS: Final = ("memories", "facts", "turns", "state", "adapter")
INSTRUCTIONS: Final = (
    "You talk with somebody whom you have known for some time. Quotations from memory may stand "
    "before the last message, each cited as "
    "[id date speaker]. Draw on them where they matter and cite them as [id]. If neither they "
    "nor the conversation say what you are asked, say that you do "
    "not know. Answer in the language of the last message."
)


class Listening(Protocol):
    """A model within a session of the memory inside it: it speaks out of what it heard there, and
    hears what is said. adapter: which one speaks, if any; degraded: why one that might does not.
    """

    @property
    def adapter(self) -> str | None: ...
    @property
    def degraded(self) -> tuple[str, ...]: ...
    def stream(self, request: Request) -> Iterator[Piece]: ...
    def hear(self, text: str) -> bool: ...


@runtime_checkable
class Hearing(Protocol):
    """What a model has besides `ChatModel` that has a memory inside (`llm.local`), or adapters
    (`consolidation.routing`).
    """

    def within(self, session: str, memory: Any, namespace: str, about: str) -> Listening: ...


@dataclass(frozen=True, slots=True)
class Used:
    """What had a part in a reply. said: the user's words. prompt: the messages as the model saw
    them. state: whether a memory inside the model had one. adapter: which one spoke. tokens: of the
    prompt, as the model counts them.
    """

    memories: tuple[Recollection, ...] = ()
    facts: tuple[Fact, ...] = ()
    turns: tuple[Episode, ...] = ()
    state: bool = False
    adapter: str | None = None
    said: str = ""
    prompt: tuple[Message, ...] = ()
    tokens: int = 0
    ranked: tuple[Recollection, ...] = ()
    """What recall brought, best first: memories, and turns of this session among them."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A reply. asked, id: the episodes of the user's turn and of the reply. known: False where it
    says that it does not know, as far as that can be told. finish: "stop", "length", ...; model:
    None where the answer is quoted from the evidence.
    """

    text: str
    asked: str
    id: str
    session: str
    used: Used
    citations: tuple[str, ...] = ()
    known: bool = True
    finish: str = "stop"
    model: str | None = None
    degraded: tuple[str, ...] = ()
    usage: Usage | None = None


@dataclass(frozen=True)
class Chat:
    """A conversation in a namespace. `session` goes on where it stopped, in any process; absent, a
    new one begins.

        chat = Chat(memory, llm.load("hf:PATH"), namespace="wei", speaker="Wei")
        for piece in (saying := chat.say("Where do I live?")):
            print(piece, end="")
        saying.answer.citations

    Raises `InvalidInput` where the model's window cannot hold the budget and a reply.
    """

    memory: Memory
    model: ChatModel | None = None
    namespace: str = DEFAULT_NAMESPACE
    session: str = field(default_factory=lambda: f"chat-{secrets.token_hex(4)}")
    speaker: str = "user"
    name: str = "assistant"
    budget: int = BUDGET
    most: int = MOST
    instructions: str = INSTRUCTIONS

    def __post_init__(self) -> None:
        for label in ("namespace", "session", "speaker", "name"):
            checks.label(getattr(self, label), label)
        checks.count(self.budget, "budget")
        checks.count(self.most, "most")
        if self.speaker == self.name:
            raise InvalidInput(f"speaker and name are both {self.name!r:.80}; tell the two apart")
        if self.model is None or self.model.window is None:
            return
        taken = self.budget + self.most + self.model.count(self.instructions) + SPARE
        if taken > self.model.window:
            raise InvalidInput(
                f"{self.model.name} has a window of {self.model.window} tokens; "
                f"budget={self.budget}, a reply of {self.most} and the instructions "
                f"need {taken}: give a smaller budget or most"
            )

    def say(self, text: str, *, at: When | None = None) -> "Saying":
        """Say something; iterate over what comes back for the reply, piece by piece. The user's
        turn is remembered when this returns.

        Raises `InvalidInput`, `StorageError`; the iterator raises `ModelError`: what was said is
        remembered all the same, and what came of the reply too, marked incomplete.
        """
        turn = Turn(
            text, speaker=self.speaker, session=self.session, at=at, metadata={"role": "user"}
        )
        (asked, *_) = self.memory.remember(turn, namespace=self.namespace)
        return Saying(self, asked, text, at)

    def evidence(self, text: str, *, at: When | None = None, but: str = "") -> Context:
        """Return what memory has for a turn, within the budget.

        `but` is the source of the turn itself, which is no evidence for its own answer.
        """
        return self.composed(text, at, but)[0]

    def composed(
        self, text: str, at: When | None, but: str
    ) -> tuple[Context, tuple[Recollection, ...]]:
        """Return the context of a turn, and what recall brought for it, best first."""

        def telling(found: Recall) -> list[Recollection]:
            return [i for i in found if i.source != but and not answering.says_nothing(i)]

        others, found = answering.telling(
            lambda k: self.memory.recall(text, namespace=self.namespace, k=k, at=at),
            CONTEXT_K,
            telling,
        )
        facts = [(fact, learning.told(fact)) for fact in self._known(text)]
        likely = [item for item in others if item.relevance >= relevance.MINIMUM]
        context = composing.compose(
            likely or others[:1], self._turns(but), self.budget, self.count, found.degraded, facts
        )
        near = () if self.model is not None else self._beside(others, but)
        return context, (*others, *near)

    def _beside(self, found: list[Recollection], but: str) -> tuple[Recollection, ...]:
        """Return the turns next to the best one in its session, and the last of this session.

        People say one thing in several messages; the others share no word with the question.
        """
        held = {item.id for item in found} | {but}
        people = [item for item in found if item.metadata.get("role") != "assistant"]
        sessions = [item.session for item in people[:1] if item.session is not None]
        turns = [
            turn
            for session in dict.fromkeys([self.session, *sessions])
            for turn in self.memory.last_turns(self.namespace, session, SESSION_TURNS, lambda _: 1)
        ]
        near = [_recollected(turn) for turn in turns if turn.id not in held]
        return tuple(item for item in near if not answering.says_nothing(item))

    def count(self, text: str) -> int:
        """Tokens, as the model counts them."""
        return tokens.count(text) if self.model is None else self.model.count(text)

    def without(self, answer: Answer, part: str) -> str:
        """What the reply would have been without a part: one of `PARTS`, or the id of a memory,
        with all that only it says. Nothing is remembered of it.

        A memory inside the model has heard by now what was said since, the reply too: it cannot be
        taken back to before. Raises `InvalidInput` for a part that had none in it, `ModelError`.
        """
        used = answer.used
        thinner = _thinned(used, part)
        if thinner is None:
            had = [name for name in PARTS if getattr(used, name)]
            raise InvalidInput(
                f"{part!r:.80} had no part in the reply; parts that had: "
                f"{', '.join(had) or 'none'}, or the id of a memory"
            )
        text = used.said
        if self.model is None:
            return self.quoted(text, thinner).text
        request = Request(self.messages(text, thinner), self.most)
        # A session of which nobody has heard anything is one without a state; it speaks with the
        # same adapter.
        session = f"{self.session[:64]} {secrets.token_hex(8)}" if part == "state" else self.session
        within = self.listening("" if part == "adapter" else text, session)
        return gathered((within or self.model).stream(request)).text

    # -- how a turn is made -------------------------------------------------------------------

    def _known(self, text: str) -> list[Fact]:
        """Facts of those whom a turn is about, first what it asks for;

        who speaks is one of them where it says "I".
        """
        about = self.memory.semantic.about(self.namespace, self._about(text), LOOKED_THROUGH)
        said = frozenset(terms(text))
        about.sort(key=lambda fact: -len(said & learning.wording(fact.relation)))
        return about[:FACTS]

    def _about(self, text: str) -> str:
        return f"{text} {self.speaker}" if questions.named(text, ("user",)) else text

    def _turns(self, but: str) -> list[Episode]:
        """The session's last turns within half the budget, oldest first, beginning with one of the
        user's.
        """
        kept = self.memory.last_turns(
            self.namespace,
            self.session,
            int(self.budget * composing.TURNS_SHARE),
            lambda turn: self.count(turn.text) + 4,
            but,
        )
        while kept and kept[0].speaker == self.name:  # templates want the user's turn first
            del kept[0]
        return kept

    def messages(self, text: str, used: Used) -> tuple[Message, ...]:
        messages = [Message("system", self.instructions)]
        for turn in used.turns:
            role = "assistant" if turn.speaker == self.name else "user"
            if messages[-1].role == role:  # a reply that failed left two of the user's in a row
                messages[-1] = replace(messages[-1], content=f"{messages[-1].content}\n{turn.text}")
            else:
                messages.append(Message(role, turn.text))
        told = composing.evidence(
            used.memories, [(fact, learning.told(fact)) for fact in used.facts]
        )
        if used.adapter and self._about(text) != text:
            text = asking.introduced(self.speaker, text)  # weights know who asks by his name
        last = f"{fence.fenced(told)}\n\n{text}" if told else text
        if messages[-1].role == "user":
            messages.append(Message("assistant", "..."))
        return (*messages, Message("user", last))

    def quoted(self, text: str, used: Used) -> answering.Extract:
        facts = [(fact, learning.told(fact)) for fact in used.facts]
        return answering.answer(text, used.ranked, facts, asker=self.speaker)

    def listening(self, text: str, session: str) -> Listening | None:
        """The model within a session, for a turn: where it has a memory inside, or adapters."""
        if not isinstance(self.model, Hearing):
            return None
        about = self._about(text) if text else ""
        return self.model.within(session, self.memory, self.namespace, about)


class Saying:
    """A turn under way:

    iterate over the reply's pieces; afterwards `answer` has the whole of it. There is one reply:
    who iterates again goes on in it.
    """

    def __init__(self, chat: Chat, asked: Episode, text: str, at: When | None) -> None:
        self._chat, self._asked, self._text, self._at = chat, asked, text, at
        self._answer: Answer | None = None
        self._failed: RemanenceError | None = None
        self._pieces = self._replying()

    @property
    def answer(self) -> Answer:
        """The reply. What was not listened to yet is waited for.

        Raises `ModelError`, again where the reply has failed; `InvalidInput` where it was broken
        off.
        """
        for _ in self._pieces:
            pass
        if self._failed is not None:
            raise self._failed
        if self._answer is None:
            raise InvalidInput(
                "the reply was not listened to, so that there is none; what came of it is "
                "remembered as incomplete"
            )
        return self._answer

    def __iter__(self) -> Iterator[str]:
        return self._pieces

    def _replying(self) -> Iterator[str]:
        try:
            yield from self._reply()
        except RemanenceError as error:
            error.add_note(f"what you said is remembered as {self._asked.id}")
            self._failed = error
            raise

    def _reply(self) -> Iterator[str]:
        chat = self._chat
        context, ranked = chat.composed(self._text, self._at, self._asked.source)
        used = Used(
            context.recollections, context.facts, context.turns, said=self._text, ranked=ranked
        )
        if chat.model is None:
            quoted = chat.quoted(self._text, used)
            yield quoted.text
            cited, known = quoted.citations, quoted.known
            self._keep(quoted.text, used, context, Reply(quoted.text), cited, known=known)
            return
        yield from self._spoken(chat.model, used, context)

    def _spoken(self, model: ChatModel, used: Used, context: Context) -> Iterator[str]:
        """Ask the model. Whatever happens, what came of its reply is remembered."""
        chat, within = self._chat, self._chat.listening(self._text, self._chat.session)
        used = replace(used, adapter=None if within is None else within.adapter)
        prompt = chat.messages(self._text, used)
        used = replace(used, prompt=prompt, tokens=sum(chat.count(each.content) for each in prompt))
        said: list[str] = []
        ends: list[Piece] = []
        try:
            for piece in (within or model).stream(Request(prompt, chat.most)):
                if piece.restart:
                    said.clear()
                if piece.text:
                    said.append(piece.text)
                    yield piece.text
                ends.append(replace(piece, text=""))
            reply = replace(gathered(ends), text="".join(said))
        except BaseException:  # also who stops listening, by closing the reply or by Ctrl-C
            if said:
                self._remembered("".join(said), {"incomplete": True})
            raise
        state, missed = self._heard(within, reply.text)
        used = replace(used, state=state)
        missed += () if within is None else within.degraded
        context = replace(context, degraded=context.degraded + missed)
        cited = _cited(reply.text, used)
        self._keep(reply.text, used, context, reply, cited, known=not answering.admits(reply.text))

    def _heard(self, within: Listening | None, reply: str) -> tuple[bool, tuple[str, ...]]:
        """Write the turn, and nothing that was only quoted, into the memory inside the model;

        what went wrong with that.
        """
        if within is None:
            return False, ()
        try:
            said = f"{self._chat.speaker}: {self._text}\n{self._chat.name}: {reply}\n"
            return within.hear(said), ()
        except (
            RemanenceError
        ) as error:  # the reply stands; the session inside the model has missed a turn
            return False, (f"state: {error}",)

    def _keep(
        self,
        text: str,
        used: Used,
        context: Context,
        reply: Reply,
        cited: tuple[str, ...],
        *,
        known: bool,
    ) -> None:
        about = {} if known else {"known": False}
        about |= {"incomplete": True} if reply.finish == "length" else {}
        kept = self._remembered(text, about) if text.strip() else None
        self._answer = Answer(
            text=text,
            asked=self._asked.id,
            id="" if kept is None else kept.id,
            session=self._chat.session,
            used=used,
            citations=cited,
            known=known,
            finish=reply.finish,
            model=None if self._chat.model is None else self._chat.model.name,
            degraded=context.degraded,
            usage=reply.usage,
        )

    def _remembered(self, text: str, about: dict[str, bool]) -> Episode:
        chat = self._chat
        turn = Turn(
            text,
            speaker=chat.name,
            session=chat.session,
            at=self._at,
            metadata={"role": "assistant", "reply_to": self._asked.id, **about},
        )
        return chat.memory.remember(turn, namespace=chat.namespace)[0]


def _recollected(turn: Episode) -> Recollection:
    """Return a turn of a session as evidence that no arm of recall brought."""
    return Recollection(
        turn.id, turn.text, 0.0, turn.speaker, turn.session, turn.at, {}, turn.source, turn.metadata
    )


def _cited(text: str, used: Used) -> tuple[str, ...]:
    """The memories that a reply cites, in its order."""
    known = {item.id for item in used.memories} | {turn.id for turn in used.turns}
    known |= {source for fact in used.facts for source in fact.sources}
    named = (found.split()[0].rstrip(",;") for found in _CITED.findall(text))
    return tuple(dict.fromkeys(name for name in named if name in known))


def _among(
    used: Used, kept: tuple[Recollection, ...] | tuple[Episode, ...]
) -> tuple[Recollection, ...]:
    names = {item.id for item in kept}
    return tuple(item for item in used.ranked if item.id in names)


def _thinned(used: Used, part: str) -> Used | None:
    """What had a part in a reply, without one; None where that had none."""
    without = {
        "memories": replace(used, memories=(), ranked=_among(used, used.turns)),
        "facts": replace(used, facts=()),
        "turns": replace(used, turns=(), ranked=_among(used, used.memories)),
        "state": replace(used, state=False),
        "adapter": replace(used, adapter=None),
    }
    of_one = replace(
        used,
        memories=tuple(item for item in used.memories if item.id != part),
        facts=tuple(fact for fact in used.facts if set(fact.sources) != {part}),
        turns=tuple(turn for turn in used.turns if turn.id != part),
        ranked=tuple(item for item in used.ranked if item.id != part),
    )
    thinner = without.get(part, of_one)
    return None if thinner == used else thinner
