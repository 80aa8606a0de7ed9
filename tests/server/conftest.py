"""What tests of the service share:

a whole site over an empty memory, called without a socket, and keys to it.
"""

import json
from dataclasses import dataclass
from typing import Any

import pytest

from remanence.server import settings
from remanence.server.app import app
from remanence.server.logs import Log
from remanence.server.service import Service, service
from remanence.testing.asgi import Answer, Direct, running


@dataclass(frozen=True)
class Client:
    """A site, and the key that calls it."""

    site: Direct
    service: Service
    key: str

    def __call__(
        self, method: str, target: str | bytes, body: Any = None, **headers: str
    ) -> Answer:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.key:
            given.setdefault("authorization", f"Bearer {self.key}")
        raw = b""
        if body is not None:
            given.setdefault("content-type", "application/json")
            raw = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
        return self.site(method, target, given, raw)

    def json(self, method: str, target: str, body: Any = None, **headers: str) -> Any:
        answer = self(method, target, body, **headers)
        assert answer.status in (200, 201), (answer.status, answer.body)
        return json.loads(answer.body)

    def as_(self, *scopes: str, namespaces: tuple[str, ...] = ("*",)) -> "Client":
        """The same site, called with another key."""
        made, _ = self.service.keys.create(scopes or ("read", "write", "delete"), namespaces)
        return Client(self.site, self.service, made)


@pytest.fixture
def client(plain):
    """A site over an empty memory, and a key that may do everything."""
    made = service(plain, settings.load({}), Log(None))
    with running(app(made)) as site:
        key, _ = made.keys.create(("read", "write", "delete", "admin", "proxy"))
        yield Client(site, made, key)
