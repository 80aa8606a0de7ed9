"""Settings of a consolidation: how an adapter is trained, and what it must reach to be used."""

from dataclasses import asdict, dataclass
from typing import Any, Final

from remanence import _deprecated, checks
from remanence.errors import ConfigError

_MINIMUM: Final = {
    **dict.fromkeys(("rank", "alpha", "steps", "check", "patience", "batch", "said"), 1),
    **dict.fromkeys(("replay", "kl", "sample_texts", "seed", "keep"), 0),
}


@_deprecated.renamed_fields
@dataclass(frozen=True)
class AdapterRecipe:
    """Low-rank adaptation (Hu et al., 2022) of every linear layer, with replay.

    Raises `ConfigError` for values of the wrong type or out of range.
    """

    rank: int = 8
    """Rank of the adapter's matrices."""
    alpha: int = 16
    """Scale of the adapter's change, divided by `rank`."""
    rate: float = 6e-3
    """Peak learning rate of AdamW: a linear rise over the first tenth of the steps, then a fall."""
    steps: int = 800
    """Maximum number of steps."""
    check: int = 50
    """Steps between two evaluations on held-out phrasings."""
    patience: int = 6
    """Evaluations without an improvement after which training ends."""
    batch: int = 32
    """Texts of new facts in a step."""
    replay: int = 24
    """Texts of known facts in a step."""
    kl: float = 5.0
    """Weight of the divergence from the model before this run (Li and Hoiem, 2016)."""
    sample_texts: int = 128
    """Texts sampled from the model itself, on which the divergence is measured too."""
    seed: int = 0
    """Seed of everything random."""
    keep: int = 100
    """Steps between two checkpoints in the store, 0 for none."""
    said: int = 200
    """Maximum number of utterances taught, the newest; above twice as many, training restarts."""

    def __post_init__(self) -> None:
        wrong = checks.mistyped(self) or [
            f"{name}={getattr(self, name)} is below {least}"
            for name, least in _MINIMUM.items()
            if not getattr(self, name) >= least
        ]
        if not wrong and not 0 < self.rate < 1:
            wrong = [f"rate={self.rate} is not between 0 and 1"]
        if wrong:
            raise ConfigError("; ".join(wrong))

    def as_json(self) -> dict[str, Any]:
        """Return plain values, ready for `json.dumps`."""
        return asdict(self)


@dataclass(frozen=True)
class Gate:
    """Thresholds that an adapter must reach to be used.

    Raises `ConfigError` for values of the wrong type.
    """

    new: float = 0.9
    """Share of the new facts recalled on held-out phrasings."""
    neighbours: float = 0.95
    """Share still recalled of the known facts about the subjects of new facts."""
    older: float = 0.95
    """Share still recalled of all other known facts."""
    general: float = 0.03
    """Maximum relative rise of the loss on other texts."""

    def __post_init__(self) -> None:
        if wrong := checks.mistyped(self):
            raise ConfigError("; ".join(wrong))
