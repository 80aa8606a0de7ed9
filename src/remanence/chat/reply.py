"""A reply under way:

the model is asked, its words are passed on, and what came of it is remembered.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from remanence.chat.parts import Answer, Listening, Used, cited_ids
from remanence.errors import InvalidInput, RemanenceError
from remanence.llm.chat_model import ChatModel, Piece, Reply, Request, gathered
from remanence.retrieval import answering
from remanence.types import Context, Episode, Turn, When

if TYPE_CHECKING:
    from remanence.chat.conversation import Chat


class Saying:
    """A turn under way:

    iterate over the reply's pieces; afterwards `answer` has the whole of it. There is one reply:
    who iterates again goes on in it.
    """

    def __init__(self, chat: "Chat", asked: Episode, text: str, at: When | None) -> None:
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
        cited = cited_ids(reply.text, used)
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
