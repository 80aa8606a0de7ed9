"""API keys: made, checked, listed, ended.

A key is `rmn_<public name>_<secret>`. The store has the SHA-256 of the secret: with 256 random bits
nothing slower is needed. What was checked is believed for a second, so that a key that another
process has revoked ends within that; one revoked here ends at once.
"""

import hashlib
import hmac
import re
import secrets
import string
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from remanence import checks, instants
from remanence.errors import InvalidInput
from remanence.server.caller import ANY, SCOPES, Caller
from remanence.storage import keys as rows
from remanence.storage.engine import Engine, Rows
from remanence.types import When

PREFIX = "rmn_"
BELIEVED = 1.0  # seconds
NOTED = 60.0  # seconds between two notes of when a key was used
MOST_GRANTS = 100
_HELD = 10_000  # keys believed at the same time
_SHAPE = re.compile(r"rmn_([a-z0-9]{12})_([A-Za-z0-9]{43})")
_NAME = string.ascii_lowercase + string.digits
_SECRET = string.ascii_letters + string.digits
_NOBODY = bytes(rows.HASH)


@dataclass(frozen=True, slots=True)
class Info:
    """The public part of a key. Times are RFC 3339."""

    id: str
    scopes: tuple[str, ...]
    namespaces: tuple[str, ...]
    label: str | None
    created: str
    expires: str | None
    last_used: str | None
    revoked: bool


@dataclass(frozen=True, slots=True)
class _CheckedKey:
    caller: Caller
    until: float  # monotonic seconds


class Keys:
    """The keys of one store. Safe to use from many threads. Raises the `StorageError` tree."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lock = threading.Lock()
        self._believed: dict[bytes, _CheckedKey] = {}
        self._used: dict[str, int] = {}
        self._noted: dict[str, float] = {}
        self._ended: set[str] = set()  # revoked here: not to be believed by who has just read it

    # -- making and ending ----------------------------------------------------------------------

    def create(
        self,
        scopes: Sequence[str] = ("read", "write"),
        namespaces: Sequence[str] = (ANY,),
        *,
        label: str | None = None,
        expires: When | None = None,
    ) -> tuple[str, Info]:
        """A new key, and what may be told of it. The key is nowhere else: it cannot be shown again.

        Raises `InvalidInput` for a scope that there is not, a namespace that is no name, or an
        instant that has passed.
        """
        now = instants.now()
        name = "".join(secrets.choice(_NAME) for _ in range(12))
        secret = "".join(secrets.choice(_SECRET) for _ in range(43))
        key = rows.Key(
            name=name,
            hash=_hash(secret),
            created=now,
            used=None,
            expires=_expiry(expires, now),
            scopes=_scopes(scopes),
            grants=_grants(namespaces),
            label=checks.optional_label(label, "label"),
        )
        self._engine.write(partial(rows.add, key=key))
        return f"{PREFIX}{name}_{secret}", _info(key)

    def revoke(self, name: str) -> bool:
        """End a key, by its public name; whether there was one to end."""
        ended = self._engine.write(partial(rows.revoke, name=name))
        with self._lock:
            if ended:
                self._ended.add(name)
            self._believed = {
                digest: each for digest, each in self._believed.items() if each.caller.key != name
            }
        return ended

    def every(self) -> list[Info]:
        """All keys, oldest first, the revoked ones too."""
        with self._engine.read() as snapshot:
            return [_info(key) for key in rows.every(snapshot)]

    def any(self) -> bool:
        """Return whether there is a key that can be used."""
        with self._engine.read() as snapshot:
            return rows.usable(snapshot, instants.now())

    # -- checking -------------------------------------------------------------------------------

    def believed(self, token: str) -> Caller | None:
        """Return the caller of a key checked within the last second, else None. Reads no store."""
        with self._lock:
            known = self._believed.get(_hash(token))
            if known is None or known.until < time.monotonic():
                return None
            self._used[known.caller.key] = instants.now()
            return known.caller

    def check(self, token: str) -> Caller | None:
        """Return the caller of a key; None for an unknown, revoked or expired one."""
        shape = _SHAPE.fullmatch(token)
        name, secret = (shape[1], shape[2]) if shape else ("", "")
        with self._engine.read() as snapshot:
            key = rows.find(snapshot, name)
        same = hmac.compare_digest(_hash(secret), _NOBODY if key is None else key.hash)
        if key is None or not same or key.revoked:
            return None
        now = instants.now()
        if key.expires is not None and key.expires <= now:
            return None
        caller = Caller(key.name, frozenset(key.scopes), key.grants)
        lasting = BELIEVED if key.expires is None else min(BELIEVED, (key.expires - now) / 1e6)
        with self._lock:
            if key.name in self._ended:
                return None
            if len(self._believed) >= _HELD:
                self._believed.clear()
            self._believed[_hash(token)] = _CheckedKey(caller, time.monotonic() + lasting)
            self._used[key.name] = now
        return caller

    def uses(self, *, all: bool = False) -> list[tuple[str, int]]:
        """(name, instant) of keys whose use is to be noted:

        not more than once a minute, unless `all`.
        """
        moment = time.monotonic()
        with self._lock:
            due = [
                (name, used)
                for name, used in self._used.items()
                if all or moment - self._noted.get(name, -NOTED) >= NOTED
            ]
            for name, _ in due:
                self._noted[name] = moment
                del self._used[name]
        return due


def note_uses(transaction: Rows, uses: Sequence[tuple[str, int]]) -> None:
    """Write what `Keys.uses` gave."""
    rows.note_use(transaction, uses)


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


def _scopes(wanted: Sequence[str]) -> tuple[str, ...]:
    if odd := [scope for scope in wanted if scope not in SCOPES]:
        raise InvalidInput(f"scope {odd[0]!r:.80} is none of {', '.join(SCOPES)}")
    if not wanted:
        raise InvalidInput(
            f"a key without a scope can do nothing; give some of {', '.join(SCOPES)}"
        )
    return tuple(scope for scope in SCOPES if scope in wanted)


def _grants(wanted: Sequence[str]) -> tuple[str, ...]:
    grants = tuple(dict.fromkeys(checks.label(each, "namespace") for each in wanted))
    if not 1 <= len(grants) <= MOST_GRANTS:
        raise InvalidInput(
            f"a key reaches 1 to {MOST_GRANTS} namespaces, not {len(grants)}; "
            'a name that ends with "*" is every namespace that begins so'
        )
    return grants


def _expiry(expires: When | None, now: int) -> int | None:
    if expires is None:
        return None
    instant = instants.parse(expires, "expires")
    if instant <= now:
        raise InvalidInput(f"expires={expires!r:.80} has passed; give an instant that is to come")
    return instant


def _info(key: rows.Key) -> Info:
    return Info(
        id=key.name,
        scopes=key.scopes,
        namespaces=key.grants,
        label=key.label,
        created=instants.render(key.created),
        expires=None if key.expires is None else instants.render(key.expires),
        last_used=None if key.used is None else instants.render(key.used),
        revoked=key.revoked,
    )
