"""Cursors: where a page ended, sealed, so that nobody can read from one how much others have
written, nor make one up.

It knows numbers and a key; a cursor holds only for the very question that it was given for.
"""

import base64
import hmac
import secrets
from hashlib import blake2b

from remanence.server.problems import Problem

_NONCE, _NUMBER, _MAC = 6, 8, 8  # bytes


def _pad(key: bytes, nonce: bytes) -> bytes:
    return blake2b(b"pad" + nonce, key=key, digest_size=_NUMBER).digest()


def _mac(key: bytes, sealed: bytes, question: str) -> bytes:
    return blake2b(sealed + question.encode(), key=key, digest_size=_MAC).digest()


def seal(key: bytes, number: int, question: str) -> str:
    """A number as text that only `key` opens, for this question."""
    nonce = secrets.token_bytes(_NONCE)
    hidden = int.from_bytes(_pad(key, nonce), "big") ^ number
    sealed = nonce + hidden.to_bytes(_NUMBER, "big")
    return base64.urlsafe_b64encode(sealed + _mac(key, sealed, question)).decode().rstrip("=")


def unseal(key: bytes, cursor: str, question: str) -> int:
    """The number in a cursor. Raises `Problem` 400 for one that was not given for this question."""
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), b"-_", validate=True)
    except ValueError:  # also what is not ASCII
        raw = b""
    sealed, mac = raw[:-_MAC], raw[-_MAC:]
    if len(sealed) != _NONCE + _NUMBER or not hmac.compare_digest(mac, _mac(key, sealed, question)):
        raise Problem(
            400, "cursor", "this cursor was not given for this question; begin again without one"
        )
    nonce, hidden = sealed[:_NONCE], sealed[_NONCE:]
    return int.from_bytes(hidden, "big") ^ int.from_bytes(_pad(key, nonce), "big")
