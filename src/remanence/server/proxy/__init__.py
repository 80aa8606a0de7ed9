"""Memory for any client of OpenAI or Anthropic that can be told another address.

A request comes in; what is remembered about its last user turn is put beside that turn, as fenced data; the request goes on to the
configured provider and its answer comes back as it was; then the exchange is remembered. `exchange` is that path, `routes` the doors to
it. `openai_chat`, `openai_responses` and `anthropic_messages` know one wire format each, and nothing of HTTP or of memory.
"""

from remanence.server.proxy.routes import Proxy, routes

__all__ = ["Proxy", "routes"]
