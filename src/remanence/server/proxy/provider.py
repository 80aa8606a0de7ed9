"""The record of a provider: its paths, its formats, its credentials, its errors."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from remanence.server.proxy.dialect import Dialect

_SLASHES = re.compile(rb"/{2,}")
_VERSIONS = re.compile(rb"(?:/v1){2,}(?=/|$)")


@dataclass(frozen=True, slots=True)
class Provider:
    """One provider. Its settings are `{name}_url` and `{name}_key`."""

    name: str
    """The first segment of its paths here, like "openai" in /openai/v1/models."""
    base: str
    """What stands behind that segment in the address that its SDKs take: "/v1" or ""."""
    dialects: Mapping[str, Dialect]
    """Path below the first segment -> format, for the requests that go through memory."""
    credential: tuple[str, str]
    """The header of its key, and what stands before the key in it."""
    error: Callable[[int, str, str], Any]
    """(status, kind, detail) -> body of an error, as its SDKs read it."""
    models: Any
    """The body of the list of models where no upstream is configured."""

    @property
    def prefix(self) -> str:
        """The beginning of its paths here."""
        return f"/{self.name}/"

    def canonical(self, path: bytes) -> bytes:
        """Return the path below the first segment: slashes and versions once, none at the end.

        Unchanged where that names none of the formats: what is not ours to read passes as it came.
        """
        below = path[len(self.name) + 1 :]
        plain = _VERSIONS.sub(b"/v1", _SLASHES.sub(b"/", below)).rstrip(b"/")
        return plain if plain.decode("latin-1") in self.dialects else below

    def without_base(self, path: bytes) -> bool:
        """Tell whether a path lacks the base that the SDK's address should have."""
        below = _SLASHES.sub(b"/", path[len(self.name) + 1 :]).rstrip(b"/").decode("latin-1")
        return not below.startswith("/v1") and f"/v1{below}" in self.dialects
