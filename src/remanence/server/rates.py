"""How often somebody may call:

a token bucket for each name (Turner, 1986). It knows names, numbers and a clock.
"""

import time
from collections import OrderedDict

_HELD = (
    10_000  # buckets; the longest unused is dropped: it is full by then, or of one among very many
)


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
