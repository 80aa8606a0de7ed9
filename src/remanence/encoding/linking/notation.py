"""Candidates as the text that the store keeps, and back. It knows the notation, not who reads it.

A body is a JSON list with one list per candidate: its fields in the order of `Candidate`, without
the defaults at the end. The first three are always subject, relation, object.
"""

import json
from collections.abc import Iterable
from dataclasses import MISSING, fields

from remanence.encoding.candidate import Candidate

_FIELDS = tuple(field.name for field in fields(Candidate))
_DEFAULTS = tuple(field.default for field in fields(Candidate))
_NEEDED = sum(default is MISSING for default in _DEFAULTS)


def dump(candidates: Iterable[Candidate]) -> str | None:
    """The body of an episode's candidates; None where there are none."""
    rows = [_row(candidate) for candidate in candidates]
    return json.dumps(rows, ensure_ascii=False, separators=(",", ":")) if rows else None


def _row(candidate: Candidate) -> list[object]:
    row = [getattr(candidate, name) for name in _FIELDS]
    while len(row) > _NEEDED and row[-1] == _DEFAULTS[len(row) - 1]:
        row.pop()
    return row


def load(body: str) -> list[Candidate]:
    """The candidates of a body that `dump` wrote."""
    return [Candidate(*row) for row in json.loads(body)]
