"""Memory as a service: REST, a proxy for OpenAI's and Anthropic's clients, and MCP, over one store.

Each folder here speaks one protocol and knows nothing of the other two; what they share is who is
calling (`caller`), and the guard that every request passes. None of it knows how a memory is stored
or found.
"""
