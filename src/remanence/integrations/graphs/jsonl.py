"""Facts as JSON lines: each line is one `Fact` as `--json` shows it."""

import json
from collections.abc import Iterable, Iterator

from remanence.types import Fact, as_json


def pieces(facts: Iterable[Fact]) -> Iterator[str]:
    """A line for each fact, with its newline."""
    for fact in facts:
        yield json.dumps(as_json(fact), ensure_ascii=False, separators=(",", ":")) + "\n"
