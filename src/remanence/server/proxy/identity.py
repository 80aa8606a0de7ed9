"""Whose memory a chat is about: the order of what may say so, and what a request wants of it.

A key's own namespace comes first, then what the client's headers say, then what the body says of its user. A caller may narrow what its key
reaches, never widen it. Nobody known: no memory. It knows no store.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from remanence import checks
from remanence.errors import InvalidInput
from remanence.server.caller import Caller
from remanence.server.headers import Header, one
from remanence.server.problems import Problem
from remanence.server.proxy import wire
from remanence.server.proxy.dialect import Asked

MODES = {"off": (False, False), "read": (True, False), "write": (False, True)}


@dataclass(frozen=True, slots=True)
class Wish:
    """What may be done for one request. `namespace` is None where nobody is known, or nothing is wanted."""

    namespace: str | None
    session: str | None
    read: bool
    write: bool

    @property
    def nothing(self) -> bool:
        return self.namespace is None or not (self.read or self.write)


def wish(caller: Caller, headers: Sequence[Header], asked: Asked) -> Wish:
    """What a request asks of memory, as far as its key allows.

    Raises `Problem` 400 for a word that means nothing, and `OutOfReach` for a namespace that is
    named and not the caller's: neither may pass for a wish.
    """
    mode = one(headers, wire.NAME)
    if mode is not None and mode.strip().lower() not in MODES:
        raise Problem(
            400,
            "memory-mode",
            f"{wire.NAME}: {mode!r:.80} is none of off, read, write; leave it out for both",
        )
    read, write = (True, True) if mode is None else MODES[mode.strip().lower()]
    read = read and "read" in caller.scopes
    write = write and "write" in caller.scopes and asked.store
    return Wish(
        namespace=whose(caller, headers, asked),
        session=_label(headers, "x-remanence-session"),
        read=read,
        write=write,
    )


def whose(caller: Caller, headers: Sequence[Header], asked: Asked) -> str | None:
    """The namespace of a request, or None. Raises `OutOfReach`, `Problem`."""
    named = _label(headers, "x-remanence-namespace")
    if named is not None:
        return caller.namespace(named)
    user = _label(headers, "x-remanence-user")
    if user is None:
        if caller.home is not None:
            return caller.home
        user = next(iter(asked.users), None)
    if user is None:
        return None
    try:
        found = caller.personal(user)
        return checks.optional_label(found, "namespace")
    except InvalidInput:  # a name from a body that no namespace can have: nobody
        return None


def _label(headers: Sequence[Header], name: str) -> str | None:
    value = one(headers, name)
    try:
        return checks.optional_label(value, name)
    except InvalidInput as error:
        raise Problem(400, "name", str(error)) from None
