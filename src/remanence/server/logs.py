"""One JSON object a line on stderr: what happened, never what was said.

Paths, queries, bodies and messages of errors may have words of a memory in them; a line has the
route as it is declared, the key's public name, numbers, and of an error its type and where it
arose.
"""

import json
import logging
import sys
import traceback
from collections.abc import Mapping
from typing import Any, TextIO

from remanence import instants


class Log:
    """Writes lines; with `sink=None`, none."""

    def __init__(self, sink: TextIO | None) -> None:
        self._sink = sink

    def write(self, event: str, **fields: Any) -> None:
        """One line."""
        if self._sink is not None:
            line = {"at": instants.render(instants.now()), "event": event, **fields}
            self._sink.write(json.dumps(line, separators=(",", ":")) + "\n")
            self._sink.flush()

    def failed(self, event: str, error: BaseException, **fields: Any) -> None:
        """One line of an error: its type and its frames, without its message."""
        frames = traceback.extract_tb(error.__traceback__)[-8:]
        where = [f"{frame.filename.rpartition('remanence/')[2]}:{frame.lineno}" for frame in frames]
        self.write(event, error=type(error).__name__, where=where, **fields)


def to_stderr(kind: str) -> Log:
    """The log that a setting names: "json" or "off"."""
    return Log(sys.stderr if kind == "json" else None)


class Passing(logging.Handler):
    """Logging of libraries in lines of ours:

    their warnings and errors, with the type alone of what was raised.
    """

    def __init__(self, log: Log) -> None:
        super().__init__(logging.WARNING)
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        """One line."""
        raised = record.exc_info[0] if record.exc_info else None
        more: Mapping[str, Any] = {} if raised is None else {"error": raised.__name__}
        self._log.write("library", logger=record.name, level=record.levelname, **more)
