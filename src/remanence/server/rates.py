"""How often somebody may call:

a token bucket for each name (Turner, 1986). It knows names, numbers and a clock.
"""

import time
from collections import OrderedDict
from typing import Protocol

from remanence.server.shared import SharedTable

_HELD = (
    10_000  # buckets; the longest unused is dropped: it is full by then, or of one among very many
)


class Limit(Protocol):
    """How often somebody may call."""

    def wait(self, name: str) -> float:
        """Take one of a name's calls; 0, or after how many seconds there will be one again."""


def limit(rate: float, burst: float, kind: str, shared: SharedTable | None = None) -> Limit:
    """Return a limit of `rate` calls a second and `burst` saved up, over all workers where they
    share a table. `kind` tells limits in one table apart.
    """
    if shared is None or rate <= 0:
        return Rates(rate, burst)
    return SharedRates(shared, kind, rate, burst)


class SharedRates:
    """The same over several processes, by the generic cell rate algorithm (ITU-T I.371): a number a
    name, the time at which its bucket will be full again.
    """

    def __init__(self, table: SharedTable, kind: str, rate: float, burst: float) -> None:
        self._table, self._kind = table, kind
        self._rate, self._burst = rate, burst

    def wait(self, name: str) -> float:
        short = 0.0

        def taken(full: float, _: float) -> float | None:
            nonlocal short
            now = time.monotonic()
            due = max(full, now)
            short = max(0.0, due + 1 / self._rate - now - self._burst / self._rate)
            return None if short > 0 else due + 1 / self._rate

        self._table.change(f"{self._kind}\0{name}", taken)
        return short


class Rates:
    """Buckets that hold `burst` and gain `rate` a second;

    a rate of 0 is no limit. For one thread.
    """

    def __init__(self, rate: float, burst: float) -> None:
        self._rate, self._burst = rate, burst
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, name: str) -> float:
        """Take one; 0, or after how many seconds there will be one again."""
        if self._rate <= 0:
            return 0.0
        now = time.monotonic()
        held, since = self._buckets.pop(name, (self._burst, now))
        held = min(self._burst, held + (now - since) * self._rate)
        short = 1 - held
        self._buckets[name] = (held, now) if short > 0 else (held - 1, now)
        if len(self._buckets) > _HELD:
            self._buckets.popitem(last=False)
        return max(short, 0.0) / self._rate
