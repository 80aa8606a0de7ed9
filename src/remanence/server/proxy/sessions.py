"""Which session a chat belongs to, and by which ids its turns are remembered.

A client sends the whole history with every turn, asks again when a line breaks, and goes round a
loop of tools: all of that must come to the same ids, so that nothing is remembered twice. And what
is said again on another day is said again: the first turn of a chat that names no session counts
for its day (UTC). Pure but for `ConversationNotes`, which is bounded and may forget: then a chat
goes on as a new session.
"""

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b

from remanence import checks
from remanence.server.proxy.dialect import Answer, ParsedRequest

HELD = 20_000  # notes of what a chat was, the longest unused dropped


class ConversationNotes:
    """Notes of chats under way: names by digests. For one event loop.

    Digests are keyed by the store's `seal`: an id that outlives what it was made of lets nobody try
    out words on it.
    """

    def __init__(self, seal: bytes = b"", most: int = HELD) -> None:
        self._seal, self._most = seal, most
        self._notes: OrderedDict[str, str] = OrderedDict()

    def note(self, value: str, *key: str) -> None:
        """Keep `value` under a key."""
        place = self.digest(*key)
        self._notes[place] = value
        self._notes.move_to_end(place)
        if len(self._notes) > self._most:
            self._notes.popitem(last=False)

    def noted(self, *key: str) -> str | None:
        """Return a note, None once it is dropped."""
        place = self.digest(*key)
        if place in self._notes:
            self._notes.move_to_end(place)
        return self._notes.get(place)

    def digest(self, *parts: str) -> str:
        """24 hexadecimal digits of texts, each for itself."""
        made = blake2b(digest_size=12, key=self._seal)
        for part in parts:
            encoded = part.encode("utf-8", "surrogatepass")
            made.update(len(encoded).to_bytes(8, "big") + encoded)
        return made.hexdigest()


@dataclass(frozen=True, slots=True)
class ExchangeIds:
    """The place of an exchange: its session, and the ids of the user's turn and of the answer."""

    session: str
    turn: str
    answer: str


def place(
    threads: ConversationNotes,
    namespace: str,
    given: str | None,
    request: ParsedRequest,
    day: str,
    found: str | None,
) -> ExchangeIds:
    """Return the place of an exchange.

    `given` is the session that the client names, `found` what the store knows of
    `request.previous`.
    """
    session = given or _session(threads, namespace, request, day, found)
    seed = request.previous or ""
    if request.conversation is not None:
        # Its history is upstream: what was answered last tells one "yes" from the next.
        seed = threads.noted(namespace, "last", request.conversation) or ""
    later = request.previous or any(role == "assistant" for role, _ in request.before)
    chain = [piece for pair in request.before for piece in pair]
    turn = threads.digest(
        session, seed, "" if later else day, *chain, "user", request.text, request.mark
    )
    step = f"-{len(request.after)}" if request.after else ""
    return ExchangeIds(session, f"turn-{turn}", f"turn-{turn}-answer{step}")


def _session(
    threads: ConversationNotes, namespace: str, request: ParsedRequest, day: str, found: str | None
) -> str:
    if request.conversation is not None:
        return _name(threads, request.conversation)
    if request.previous is not None:
        noted = threads.noted(namespace, "response", request.previous)
        return noted or found or _name(threads, request.previous)
    noted = threads.noted(namespace, "opening", *_opening(request.before))
    if noted is not None and request.before:
        return noted
    first = next(
        (text for role, text in request.before if role == "user"), request.text + request.mark
    )
    return f"chat-{threads.digest(first, day)}"


def keep(
    threads: ConversationNotes,
    namespace: str,
    place: ExchangeIds,
    request: ParsedRequest,
    answer: Answer,
) -> None:
    """Note what a later request of the same chat will name it by."""
    if answer.id is not None:
        threads.note(place.session, namespace, "response", answer.id)
        if request.conversation is not None:
            threads.note(answer.id, namespace, "last", request.conversation)
    said = (*request.before, ("user", request.text), ("assistant", answer.text))
    if answer.text or request.before:
        threads.note(place.session, namespace, "opening", *_opening(said))


def _opening(turns: Iterable[tuple[str, str]]) -> list[str]:
    """The first two turns, by which a chat is known; a client may have trimmed them."""
    return [piece.strip() for pair in list(turns)[:2] for piece in pair]


def _name(threads: ConversationNotes, id: str) -> str:
    fits = len(id) <= checks.MAX_NAME and id.isprintable()
    return id if fits else f"chat-{threads.digest(id)}"
