"""The curriculum: where a training stands on a ladder of difficulty, and when it steps up.

It is not a refinement. A memory learns to be written only where a read already helps, and of many
pairs a read by an untrained key finds a blur: from the first level on the reference learns in 80
steps what it does not learn in 400 without.
"""

from dataclasses import dataclass, replace
from typing import Any, Self


@dataclass(frozen=True)
class Curriculum:
    """`level` of `levels`, from 1.

    `recent` are the newest accuracies at this level, `window` at most; `passed` the step in which
    the last level was passed.
    """

    levels: int
    threshold: float
    window: int
    level: int = 1
    recent: tuple[float, ...] = ()
    passed: int | None = None

    def after(self, step: int, accuracy: float) -> Self:
        """Return the place after a step whose batch was answered with `accuracy`."""
        recent = (*self.recent, accuracy)[-self.window :]
        if len(recent) < self.window or sum(recent) / len(recent) < self.threshold:
            return replace(self, recent=recent)
        if self.level < self.levels:
            return replace(self, level=self.level + 1, recent=())
        return replace(self, recent=recent, passed=step if self.passed is None else self.passed)

    def as_json(self) -> dict[str, Any]:
        """Return the changing values, ready for `json.dumps`."""
        return {"level": self.level, "recent": list(self.recent), "passed": self.passed}

    def at(self, saved: dict[str, Any]) -> Self:
        """Return the place that `as_json` recorded."""
        return replace(
            self, level=saved["level"], recent=tuple(saved["recent"]), passed=saved["passed"]
        )
