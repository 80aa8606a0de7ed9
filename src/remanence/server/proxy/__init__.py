"""Memory for any client of OpenAI or Anthropic whose base_url can be set.

A request comes in; what is remembered about its last user turn is put beside that turn, as fenced
data; the request goes on to the configured provider and its answer comes back as it was; then the
exchange is remembered. `exchange` is that path and `routes` its entry. A provider is one file and a
row of `providers`; a wire format implements the port of `dialect`.
"""
