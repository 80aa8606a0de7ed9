"""Server-sent events as bytes (WHATWG HTML, 9.2.5): cut where an event ends, read, written."""

import json
import re
from collections.abc import Iterator
from typing import Any

_END = re.compile(rb"\r\n\r\n|\n\n|\r\r|\n\r\n")
_LINE = re.compile(rb"\r\n|\n|\r")
_IDLE = re.compile(rb"(?:(?::[^\r\n]*)?(?:\r\n|\n|\r(?!\Z)))+")  # comments and blank lines
_ENDS = (b"\r\n\r\n", b"\n\n", b"\r\r", b"\n\r\n")
MOST = 64 * 1024 * 1024  # bytes of one event that are held back; what is longer goes on in pieces


class Cutter:
    """Hands on whole events, and comments and blank lines at once.

    An event that never ends is kept from the client, so that a stream which breaks off in the
    middle of one can still be ended by an event that says so.
    """

    def __init__(self) -> None:
        self._held = bytearray()

    def cut(self, piece: bytes) -> bytes:
        """Return all events that are whole now, as the bytes that came."""
        look_from = max(0, len(self._held) - 3)
        self._held += piece
        end = max(
            place + len(mark) if (place := self._held.rfind(mark, look_from)) >= 0 else 0
            for mark in _ENDS
        )
        if not end and len(self._held) > MOST:
            end = len(self._held)
        idle = _IDLE.match(self._held, end)
        end = idle.end() if idle is not None else end
        whole = bytes(self._held[:end])
        del self._held[:end]
        return whole

    def rest(self) -> bytes:
        """Return what is left when the stream has ended as it should."""
        return bytes(self._held)


def events(whole: bytes) -> Iterator[Any]:
    """The JSON of each event's data;

    an event whose data is none ([DONE], a comment) is passed over.
    """
    for event in _END.split(whole):
        if b"data:" not in event:
            continue
        lines = [line[5:] for line in _LINE.split(event) if line.startswith(b"data:")]
        try:
            yield json.loads(b"\n".join(lines))
        except (ValueError, RecursionError):
            continue


def written(name: str, data: Any) -> bytes:
    """One event; without a name, its data alone."""
    said = data if isinstance(data, str) else json.dumps(data, separators=(",", ":"))
    return (f"event: {name}\n" if name else "").encode() + f"data: {said}\n\n".encode()
