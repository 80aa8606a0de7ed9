"""Former names of `engine` and `values`, kept for this release."""

from remanence.storage.engine import Engine as Database
from remanence.storage.engine import Rows as Connection
from remanence.storage.values import Row

__all__ = ["Connection", "Database", "Row"]
