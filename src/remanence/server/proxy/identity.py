"""The namespace of a chat, and the use of memory that a request wants.

A header of ours comes first, then the key's one namespace, then the headers of a front end, then
the user in the body, then the key's default. A caller may narrow what its key reaches, never widen.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

from remanence import checks
from remanence.errors import InvalidInput
from remanence.server.caller import Caller
from remanence.server.headers import Header, one
from remanence.server.problems import Problem
from remanence.server.proxy import wire
from remanence.server.proxy.dialect import ParsedRequest
from remanence.server.settings import Settings

MODES = {"off": (False, False), "read": (True, False), "write": (False, True)}
NO_USER = "no-user"
"""The reason where nobody is known and the key has no default namespace."""

_PERSON_KEYS = ("account_uuid", "account_id", "user_id", "user", "email", "device_id", "id")
_SESSION_KEYS = ("session_id", "conversation_id", "session", "chat_id")
_COMPOSITE = re.compile(r"(?P<person>.+?)[_:|/]session[_:|/](?P<session>.+)", re.DOTALL)
_ACCOUNT = re.compile(r"user_.+?_account_(?P<account>.+)")
_NOBODY = re.compile(r"_account_$")


@dataclass(frozen=True, slots=True)
class MemoryAccess:
    """The use of memory that one request is allowed."""

    namespace: str | None
    """The namespace; None where nobody is known."""
    session: str | None
    """The session that the client names."""
    read: bool
    """True where memory may be recalled."""
    write: bool
    """True where the exchange may be remembered."""
    default: bool = False
    """True where the key's default namespace stands in for an unknown user."""


def access(
    caller: Caller,
    headers: Sequence[Header],
    request: ParsedRequest,
    settings: Settings | None = None,
) -> MemoryAccess:
    """Return what a request asks of memory, as far as its key allows.

    Raises `Problem` 400 for a mode that there is not, and `OutOfReach` for a namespace that is
    named and not the caller's: neither may pass unnoticed.
    """
    settings = settings or Settings()
    mode = one(headers, wire.NAME)
    if mode is not None and mode.strip().lower() not in MODES:
        raise Problem(
            400,
            "memory-mode",
            f"{wire.NAME}: {mode!r:.80} is none of off, read, write; leave it out for both",
        )
    read, write = (True, True) if mode is None else MODES[mode.strip().lower()]
    namespace = whose(caller, headers, request, settings)
    default = namespace is None and _default(caller, settings, headers) is not None
    return MemoryAccess(
        namespace=_default(caller, settings, headers) if default else namespace,
        session=_session(headers, request, settings),
        read=read and "read" in caller.scopes,
        write=write and "write" in caller.scopes and request.store,
        default=default,
    )


def whose(
    caller: Caller,
    headers: Sequence[Header],
    request: ParsedRequest,
    settings: Settings | None = None,
) -> str | None:
    """Return the namespace of the user whom a request names, None where it names nobody.

    Raises `OutOfReach` for a foreign namespace and `Problem` for a name that is none.
    """
    named = _label(headers, "x-remanence-namespace")
    if named is not None:
        return caller.namespace(named)
    user = _label(headers, "x-remanence-user")
    if user is None:
        if caller.home is not None:
            return caller.home
        told = _first(headers, (settings or Settings()).user_headers)
        user = told or next((person_of(each)[0] for each in request.users), None)
    if user is None:
        return None
    try:
        found = caller.personal(user)
        return checks.optional_label(found, "namespace")
    except InvalidInput:  # a name from a body that no namespace can have: nobody
        return None


def person_of(user: str) -> tuple[str, str | None]:
    """Return the person and the session of a user id: clients join the two in one text.

    >>> person_of('{"account_uuid": "1b7c", "session_id": "s-2"}')
    ('1b7c', 's-2')
    >>> person_of("user_9f_account_1b7c_session_s-2")
    ('1b7c', 's-2')
    >>> person_of("wei@example.org")
    ('wei@example.org', None)
    """
    if user.lstrip().startswith("{"):
        return _person_of_object(user)
    composite = _COMPOSITE.fullmatch(user)
    if composite is None:
        return user, None
    person = composite["person"]
    account = _ACCOUNT.fullmatch(person)
    return (account["account"] if account else _NOBODY.sub("", person)), composite["session"]


def _person_of_object(user: str) -> tuple[str, str | None]:
    try:
        parts = json.loads(user)
    except (ValueError, RecursionError):
        return user, None
    if not isinstance(parts, dict):
        return user, None
    texts = {key: str(value) for key, value in parts.items() if isinstance(value, str | int)}
    person = next((texts[key] for key in _PERSON_KEYS if texts.get(key)), user)
    return person, next((texts[key] for key in _SESSION_KEYS if texts.get(key)), None)


def _default(caller: Caller, settings: Settings, headers: Sequence[Header]) -> str | None:
    """Return the namespace for a request that names nobody, None where the key has none."""
    name = settings.default_namespace
    named = _label(headers, "x-remanence-user") is not None
    return name if name and not named and caller.reaches(name) else None


def _session(headers: Sequence[Header], request: ParsedRequest, settings: Settings) -> str | None:
    """Return the session that a client names: in our header, a front end's, or the user's id."""
    ours = _label(headers, "x-remanence-session")
    if ours is not None:
        return ours
    told = _first(headers, settings.session_headers)
    told = told or next(filter(None, (person_of(each)[1] for each in request.users)), None)
    try:
        return checks.optional_label(told, "session")
    except InvalidInput:
        return None


def _first(headers: Sequence[Header], names: Sequence[str]) -> str | None:
    """Return the first of these headers that says something."""
    values = (one(headers, name) for name in names)
    return next((value.strip() for value in values if value and value.strip()), None)


def _label(headers: Sequence[Header], name: str) -> str | None:
    value = one(headers, name)
    try:
        return checks.optional_label(value, name)
    except InvalidInput as error:
        raise Problem(400, "name", str(error)) from None
