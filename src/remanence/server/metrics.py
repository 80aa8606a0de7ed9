"""Counts and durations for Prometheus. No label names a tenant, a user or a key.

It knows names and numbers; who counts what is the business of whoever calls.
"""

import threading
from typing import Any, TypeVar

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

MEDIA = "text/plain; version=0.0.4; charset=utf-8"
_PREFIX = "remanence_"
_BANNED = frozenset({"namespace", "user", "key", "tenant", "session", "speaker", "id", "path"})
_BUCKETS = (
    0.001,
    0.0025,
    0.005,
    0.01,
    0.025,
    0.05,
    0.1,
    0.15,
    0.25,
    0.5,
    1.0,
    2.5,
    5.0,
    10.0,
    60.0,
)
_HELP = {
    "http_requests": "Requests answered, by protocol, route and status.",
    "http_request_seconds": "From a request's first byte to its answer's last.",
    "http_waiting": "Requests under way.",
    "remembered": "Episodes remembered.",
    "recall_seconds": "Recall and context, without HTTP.",
    "recollections": "Recollections handed out.",
    "forgotten": "Episodes forgotten.",
    "degraded": "Answers that an arm of recall took no part in.",
    "proxy_chats": "Chats through a proxy, by format and what memory did.",
    "proxy_recall_seconds": "What a chat waited for memory.",
    "proxy_faults": "Faults of memory that a chat went on without, by step and kind.",
    "proxy_upstream_errors": "Providers that failed a chat, by kind.",
    "mcp_calls": "Calls of MCP tools, by tool and outcome.",
    "audit_pending": "Rows of the audit not yet written.",
}


_Kind = TypeVar("_Kind", Counter, Histogram, Gauge)


class Metrics:
    """Instruments by name, made when first used. Safe to use from many threads."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._lock = threading.Lock()
        self._made: dict[str, Any] = {}

    def count(self, name: str, by: float = 1, **labels: str) -> None:
        """Add to a counter."""
        made = self._of(Counter, name, labels)
        (made.labels(**labels) if labels else made).inc(by)

    def observe(self, name: str, seconds: float, **labels: str) -> None:
        """Note a duration."""
        made = self._of(Histogram, name, labels)
        (made.labels(**labels) if labels else made).observe(seconds)

    def level(self, name: str, value: float) -> None:
        """Set a gauge."""
        self._of(Gauge, name, {}).set(value)

    def _of(self, kind: type[_Kind], name: str, labels: dict[str, str]) -> _Kind:
        made: _Kind | None = self._made.get(name)
        if made is None:
            with self._lock:
                made = self._made.get(name) or self._make(kind, name, labels)
                self._made[name] = made
        return made

    def _make(self, kind: type[_Kind], name: str, labels: dict[str, str]) -> _Kind:
        if banned := _BANNED & labels.keys():
            raise ValueError(f"the label {min(banned)} would tell who calls; count without it")
        options: dict[str, Any] = {"buckets": _BUCKETS} if kind is Histogram else {}
        told = _HELP.get(name, name)
        return kind(_PREFIX + name, told, tuple(labels), registry=self._registry, **options)

    def exposition(self) -> bytes:
        """Everything, as Prometheus reads it."""
        return generate_latest(self._registry)
