"""Digests in the stead of words:

what a fact is called, and what a tombstone keeps. It knows statements and nothing else.
"""

from collections.abc import Iterator
from hashlib import blake2b

from remanence.encoding.linking.lifecycle import Statement


def fact_id(first: Statement) -> str:
    """A fact's id: of what its first statement says, and the episode that says it."""
    said = f"{first.subject}\0{first.relation}\0{first.object}\0{first.source}"
    return "fact:" + blake2b(said.encode(), digest_size=8).hexdigest()


def digests(said: Statement) -> Iterator[bytes]:
    """Under what a statement may be buried: either of its names, or all of it."""
    yield buried_name(said.subject)
    if said.object:
        yield buried_name(said.object)
        yield buried_fact(said.subject, said.relation, said.object)
    if said.replaces:
        yield buried_name(said.replaces)


def buried_name(key: str) -> bytes:
    """The trace of a forgotten name in a tombstone."""
    return blake2b(key.encode(), digest_size=12, person=b"name").digest()


def buried_fact(subject: str, relation: str, value: str) -> bytes:
    """The trace of a forgotten fact in a tombstone."""
    joined = f"{subject}\0{relation}\0{value}"
    return blake2b(joined.encode(), digest_size=12, person=b"fact").digest()
