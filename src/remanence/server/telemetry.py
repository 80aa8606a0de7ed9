"""Spans by OpenTelemetry's conventions for generative AI (memory operations, in development), where
its API is installed; else nothing.

Nothing leaves the process unless the program that embeds this one sets up an exporter. A span says
which operation, and a digest of the namespace; never what was asked or remembered.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import Any

from remanence.storage.audit import digest

try:
    from opentelemetry import trace
except ModuleNotFoundError:  # the extra [otel] is not installed
    _TRACER: Any = None
else:
    _TRACER = trace.get_tracer("remanence")


class Deed(StrEnum):
    """`gen_ai.operation.name`."""

    search = "search_memory"
    create = "create_memory"
    update = "update_memory"
    upsert = "upsert_memory"
    delete = "delete_memory"


@contextmanager
def span(deed: Deed, seal: bytes, namespace: str) -> Iterator[None]:
    """A span around an operation;

    what is raised inside marks it as failed, with the error's type alone.
    """
    if _TRACER is None or isinstance(trace.get_tracer_provider(), trace.ProxyTracerProvider):
        yield  # no program has set up where spans go
        return
    attributes = {
        "gen_ai.operation.name": deed.value,
        "gen_ai.provider.name": "remanence",
        "gen_ai.memory.store.id": digest(seal, namespace).hex(),
    }
    with _TRACER.start_as_current_span(
        deed.value, attributes=attributes, record_exception=False, set_status_on_exception=False
    ) as made:
        try:
            yield
        except BaseException as error:
            made.set_attribute("error.type", type(error).__name__)
            made.set_status(trace.StatusCode.ERROR)
            raise
