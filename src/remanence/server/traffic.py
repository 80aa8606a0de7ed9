"""The last exchanges of the proxies, for whoever looks after them: where and how, never what.

Kept in memory, by each process for itself, and gone with it.
"""

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

MOST: Final = 500  # exchanges that are kept


@dataclass(frozen=True, slots=True)
class ProxyExchange:
    """One chat through a proxy."""

    at: str
    """The time at which it began (RFC 3339)."""
    dialect: str
    """The format of the request, such as "openai.chat"."""
    model: str
    """The model that was asked for; empty where none was named."""
    namespace: str
    """The namespace whose memory was used."""
    session: str | None
    """The session in which it is remembered; None where nothing is."""
    memory: str
    """The state of memory, as in the answer's X-Remanence-Memory header."""
    status: int
    """The HTTP status of the answer; 0 where the client left before one."""
    milliseconds: int
    """The time from the request to the end of the answer."""


class Traffic:
    """The last `MOST` exchanges. Safe to use from many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: deque[ProxyExchange] = deque(maxlen=MOST)

    def add(self, exchange: ProxyExchange) -> None:
        """Keep an exchange; the oldest goes where there are too many."""
        with self._lock:
            self._held.append(exchange)

    def latest(self, most: int, reached: Callable[[str], bool]) -> list[ProxyExchange]:
        """Return at most `most` exchanges in namespaces that are `reached`, newest first."""
        with self._lock:
            held = list(self._held)
        return [one for one in reversed(held) if reached(one.namespace)][:most]

    def forget(self, namespace: str) -> None:
        """Drop the exchanges of a namespace: a session's name may be what was forgotten."""
        with self._lock:
            kept = [one for one in self._held if one.namespace != namespace]
            self._held = deque(kept, maxlen=MOST)
