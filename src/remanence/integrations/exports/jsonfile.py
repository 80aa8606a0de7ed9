"""JSON files read record by record, however large: arrays, arrays inside an object, lines."""

import json
from collections.abc import Iterator
from typing import Any

from remanence.integrations.exports.entries import SourceFile
from remanence.integrations.incoming import Bad
from remanence.integrations.scan import Broken, Scanner


def array(entry: SourceFile, member: str | None = None) -> Iterator[tuple[int, Any]]:
    """Yield (number, item) of the array that a file holds, or that stands under `member` in it.

    A single object in the stead of an array counts as its only item. What cannot be parsed ends
    the sequence with a fatal `Bad`.
    """
    with entry.open() as source:
        scanner = Scanner(source)
        number = 0
        try:
            for item in _items(scanner, member):
                number += 1
                yield number, item
        except Broken as error:
            yield number + 1, Bad(f"{entry.name}, line {scanner.line:,}", str(error), fatal=True)


def _items(scanner: Scanner, member: str | None) -> Iterator[Any]:
    if scanner.peek() == "[":
        yield from scanner.items()
    elif member is None:
        yield scanner.value()
    else:
        for key in scanner.members():
            if key == member and scanner.peek() == "[":
                yield from scanner.items()
            else:
                scanner.value()


def objects(entry: SourceFile, key: str, what: str) -> Iterator[tuple[str, dict[str, Any]] | Bad]:
    """Yield (place, object) of each object of an array that has `key`; anything else is bad."""
    for number, record in array(entry):
        place = f"{what} {number:,}"
        if isinstance(record, Bad):
            yield record
        elif not isinstance(record, dict) or not record.get(key):
            yield Bad(place, f"has no `{key}`")
        else:
            yield place, record


def document(entry: SourceFile) -> Any:
    """Return the value of a whole JSON file, or a fatal `Bad`."""
    with entry.open() as source:
        try:
            return json.loads(source.read().decode("utf-8-sig"))
        except (ValueError, RecursionError) as error:
            return Bad(entry.name, f"is not JSON ({error})", fatal=True)


def records(entry: SourceFile) -> Iterator[tuple[int, dict[str, Any] | Bad]]:
    """Yield (line number, object) of a file of JSON lines; a line of another kind is bad."""
    with entry.open() as source:
        for number, raw in enumerate(source, start=1):
            line = raw.strip()
            if not line:
                continue
            try:
                record = json.loads(line.decode("utf-8-sig"))
            except (ValueError, RecursionError) as error:
                yield number, Bad(f"{entry.name}, line {number:,}", f"is not JSON ({error})")
                continue
            if isinstance(record, dict):
                yield number, record
            else:
                yield number, Bad(f"{entry.name}, line {number:,}", "is not a JSON object")
