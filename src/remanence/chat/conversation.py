"""A conversation: what was said is remembered, evidence is recalled, a model is asked.

What the user says is durable before a model is asked, so that no failure of a model loses it.
Evidence is handed over as fenced data beside the user's words, never as instructions, within a
budget of tokens. Without a model the answer is quoted from the evidence (`retrieval.answering`).
"""

import secrets
from dataclasses import dataclass, field, replace
from typing import Final

from remanence import checks
from remanence.chat.parts import PARTS, Answer, Hearing, Listening, Used, recollected, thinned
from remanence.chat.reply import Saying
from remanence.encoding import assertions
from remanence.errors import InvalidInput
from remanence.llm.chat_model import ChatModel, Message, Request, gathered
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
INSTRUCTIONS: Final = (
    "You talk with somebody whom you have known for some time. Quotations from memory may stand "
    "before the last message, each cited as "
    "[id date speaker]. Draw on them where they matter and cite them as [id]. If neither they "
    "nor the conversation say what you are asked, say that you do "
    "not know. Answer in the language of the last message."
)


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
        facts = [(fact, assertions.verbalise(fact)) for fact in self._known(text)]
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
        near = [recollected(turn) for turn in turns if turn.id not in held]
        return tuple(item for item in near if not answering.says_nothing(item))

    def count(self, text: str) -> int:
        """Tokens, as the model counts them."""
        return tokens.count(text) if self.model is None else self.model.count(text)

    def without(self, answer: Answer, part: str) -> str:
        """Return the reply as it would have been without a part: one of `PARTS`, or the id of a
        memory, with all that only it says. Nothing is remembered of it.

        A memory inside the model has heard by now what was said since, the reply too: it cannot be
        taken back to before. Raises `InvalidInput` for a part that had none in it, `ModelError`.
        """
        used = answer.used
        thinner = thinned(used, part)
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
        about.sort(key=lambda fact: -len(said & assertions.wording(fact.relation)))
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
            used.memories, [(fact, assertions.verbalise(fact)) for fact in used.facts]
        )
        if used.adapter and self._about(text) != text:
            text = asking.introduced(self.speaker, text)  # weights know who asks by his name
        last = f"{fence.fenced(told)}\n\n{text}" if told else text
        if messages[-1].role == "user":
            messages.append(Message("assistant", "..."))
        return (*messages, Message("user", last))

    def quoted(self, text: str, used: Used) -> answering.Extract:
        facts = [(fact, assertions.verbalise(fact)) for fact in used.facts]
        return answering.answer(text, used.ranked, facts, asker=self.speaker)

    def listening(self, text: str, session: str) -> Listening | None:
        """The model within a session, for a turn: where it has a memory inside, or adapters."""
        if not isinstance(self.model, Hearing):
            return None
        about = self._about(text) if text else ""
        return self.model.within(session, self.memory, self.namespace, about)
