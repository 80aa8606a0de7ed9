"""The providers that the proxy serves: one row each."""

from typing import Final

from remanence.server.proxy.anthropic import ANTHROPIC
from remanence.server.proxy.openai import OPENAI
from remanence.server.proxy.provider import Provider

PROVIDERS: Final[tuple[Provider, ...]] = (OPENAI, ANTHROPIC)


def provider_of(path: str) -> Provider | None:
    """Return the provider whose paths begin as `path` does, None where there is none."""
    return next((each for each in PROVIDERS if path.startswith(each.prefix)), None)
