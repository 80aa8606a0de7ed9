"""Idempotency-Key: a request that is sent again is answered again, and done once
(draft-ietf-httpapi-idempotency-key-header).

What is kept of an answer is numbers, from which it is made again: a word that is forgotten
meanwhile is in no kept answer. Ids that a request leaves open are derived from its key, so that
even after a crash between the deed and its note a second sending changes nothing. It knows no verb.
"""

import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from hashlib import blake2b
from typing import Any

from remanence import instants
from remanence.server.problems import Problem
from remanence.server.rest.calls import Call
from remanence.storage import idempotency
from remanence.storage.idempotency import StoredAnswer as Kept

_KEY = re.compile(r"[\x21-\x7e]{1,255}")
_HOUR = 3_600_000_000  # microseconds


class Once:
    """One request's key, if it has one.

    Raises `Problem` 400 for what is no key, 422 where its body is another than before.
    """

    _under_way: set[bytes] = set()  # noqa: RUF012 - of this process, shared on purpose
    _lock = threading.Lock()

    def __init__(self, call: Call, body: bytes, route: str) -> None:
        self._call = call
        self.key = call.request.headers.get("idempotency-key")
        if self.key is None:
            return
        if not _KEY.fullmatch(self.key):
            raise Problem(
                400, "idempotency-key", "an Idempotency-Key is 1 to 255 visible ASCII characters"
            )
        said = f"{call.caller.key}\0{route}\0{self.key}".encode()
        self._request = blake2b(said, key=call.service.seal, digest_size=16).digest()
        # Keyed by what is not kept: nobody can try out bodies on this digest.
        inner = blake2b(self.key.encode(), digest_size=32).digest()
        place = call.header_namespace
        bound = body if place is None else body + b"\0" + place.encode("utf-8", "replace")
        self._body = blake2b(bound, key=inner, digest_size=16).digest()

    def id(self, number: int) -> str | None:
        """The id of the turn with that number, if the request leaves it open;

        None without a key.
        """
        if self.key is None:
            return None
        return blake2b(self._request + number.to_bytes(4, "big"), digest_size=8).hexdigest()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Exclude the same request meanwhile in this process. Raises `Problem` 409."""
        if self.key is None:
            yield
            return
        with Once._lock:
            if self._request in Once._under_way:
                raise Problem(
                    409,
                    "under-way",
                    "the same request is being done; ask again for its answer",
                    headers={"Retry-After": "1"},
                )
            Once._under_way.add(self._request)
        try:
            yield
        finally:
            with Once._lock:
                Once._under_way.discard(self._request)

    def before(self) -> Mapping[str, Any] | None:
        """The numbers of the answer that was given, if it was."""
        if self.key is None:
            return None
        with self._call.memory.store.reading() as snapshot:
            kept = idempotency.find(snapshot, self._request, instants.now())
        if kept is None:
            return None
        if kept.body != self._body:
            raise Problem(
                422,
                "idempotency-body",
                "this Idempotency-Key was used with another body; take a new one",
            )
        return kept.answer

    def keep(self, answer: Mapping[str, Any]) -> None:
        """Keep the numbers of an answer."""
        if self.key is None:
            return
        now = instants.now()
        expires = now + int(self._call.settings.idempotency_hours * _HOUR)
        kept = Kept(self._body, answer)
        job = partial(idempotency.keep, request=self._request, kept=kept, now=now, expires=expires)
        self._call.memory.store.writing(job)


def gone() -> Problem:
    """Return the answer for a result that was forgotten since."""
    return Problem(410, "forgotten", "this was done, and what it wrote has been forgotten since")
