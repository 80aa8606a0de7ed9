"""The SQL that PostgreSQL has of its own, and the shared SQL as PostgreSQL takes it."""

import re
from functools import lru_cache
from typing import Final

from remanence.storage.engine import Dialect

POSTGRES: Final = Dialect(
    name="postgresql",
    numbers="SELECT nextval('{table}_id_seq') FROM generate_series(1, :count)",
    last_given="SELECT number FROM given WHERE name = :table",
    resume="SELECT setval('{table}_id_seq', (SELECT coalesce(max(id), 0) + 1 FROM {table}), false)",
    contains="strpos({text}, {part}) > 0",
    lock=" FOR UPDATE",
    alone="LOCK TABLE namespace IN EXCLUSIVE MODE",  # whoever writes locks a row of it first
)

_TOKENS: Final = re.compile(r"'[^']*'|::\w+|:([A-Za-z_]\w*)")
_STATEMENTS: Final = 1_024  # translations kept


@lru_cache(maxsize=_STATEMENTS)
def positional(sql: str) -> tuple[bytes, tuple[str, ...]]:
    """Return SQL with `$1`, `$2`, ... for its `:names`, and the names in that order."""
    names: dict[str, int] = {}

    def placeholder(token: re.Match[str]) -> str:
        name = token[1]
        if name is None:
            return token[0]
        return f"${names.setdefault(name, len(names) + 1)}"

    return _TOKENS.sub(placeholder, sql).encode(), tuple(names)
