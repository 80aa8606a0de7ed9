"""How an adapter is trained, and what it must pass before it is used: two values, checked when they are made."""

from dataclasses import asdict, dataclass
from typing import Any

from remanence import checks
from remanence.errors import ConfigError


@dataclass(frozen=True)
class AdapterRecipe:
    """Low-rank adaptation (Hu et al., 2022) of every linear layer, with replay.

    rank, alpha: of the adapter. rate: of AdamW, rising over the first tenth of the steps, then falling linearly to 0. steps: at most; check: between two
    looks at held-out phrasings; patience: looks without a better one after which it ends. batch: texts of what is new in a step; replay: texts of what is known beside
    them.

    kl: weight of the divergence from the model without tonight's changes, on what is replayed and on `dreams` texts that it made up itself (Li and Hoiem,
    2016, "Learning without forgetting"). seed: of everything random. keep: steps between two checkpoints in the store, 0 for none. said: of what people said, where that
    is taught too, the newest that are taught; an adapter that holds more than twice as many is begun anew.
    """

    rank: int = 8
    alpha: int = 16
    rate: float = 6e-3
    steps: int = 800
    check: int = 50
    patience: int = 6
    batch: int = 32
    replay: int = 24
    kl: float = 5.0
    dreams: int = 128
    seed: int = 0
    keep: int = 100
    said: int = 200

    def __post_init__(self) -> None:
        wrong = checks.mistyped(self)
        least = {
            "rank": 1,
            "alpha": 1,
            "steps": 1,
            "check": 1,
            "patience": 1,
            "batch": 1,
            "replay": 0,
            "kl": 0,
            "dreams": 0,
            "seed": 0,
            "keep": 0,
            "said": 1,
        }
        wrong = wrong or [
            f"{n}={getattr(self, n)} is below {low}"
            for n, low in least.items()
            if not getattr(self, n) >= low
        ]
        if not wrong and not 0 < self.rate < 1:
            wrong = [f"rate={self.rate} is not between 0 and 1"]
        if wrong:
            raise ConfigError("; ".join(wrong))

    def as_json(self) -> dict[str, Any]:
        """Plain values, ready for `json.dumps`."""
        return asdict(self)


@dataclass(frozen=True)
class Gate:
    """What an adapter must reach to be used. new: share of tonight's facts that it tells on phrasings it was not taught. neighbours, older: share of what was
    told before that still is, about the same subjects and about all others. general: relative rise of the loss on texts about nothing of it.
    """

    new: float = 0.9
    neighbours: float = 0.95
    older: float = 0.95
    general: float = 0.03

    def __post_init__(self) -> None:
        if wrong := checks.mistyped(self):
            raise ConfigError("; ".join(wrong))
