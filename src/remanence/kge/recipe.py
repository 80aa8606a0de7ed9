"""How a model is trained: one value, checked when it is made.

Which values suit which graph, `presets` knows.
"""

from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Final, Self

from remanence import checks
from remanence.errors import ConfigError
from remanence.kge.objectives import OBJECTIVES
from remanence.kge.scorers import SCORERS, Scorer

NEGATIVES: Final = ("all", "shared", "own")
CORRUPTIONS: Final = ("uniform", "bernoulli")
PRECISIONS: Final = ("auto", "float32", "bfloat16")
DECAYS: Final = ("linear", "none")


@dataclass(frozen=True)
class Recipe:
    """A model and its training.

    model: a name of `SCORERS`. dim: size of an entity's vector in real numbers; space: of a
    relation's own space (TransR, TuckER), 0 as dim. norm, scale: of a distance, where the model has
    them ("" and 0: the model's default).

    epochs, batch: a batch counts queries (head, relation), or triples where negatives are "own".
    rate, decay: of Adagrad, falling linearly to 0 or constant; still: first epochs in which what a
    model projects by stays as drawn, the identity, so that it learns as TransE does (Lin et al.,
    2015, section 4.2, begin TransR with TransE's result). warm: epochs in which it rises to its
    height first, since Adagrad's first step is as long as the rate, whatever the slope. initial:
    standard deviation of new tables. reciprocal: inverse relations have rows of their own.

    negatives: "all" entities, `count` "shared" by a batch, or `count` "own" for each triple;
    corruption: which side "own" ones replace. loss: a name of `OBJECTIVES`; margin, temperature:
    its. blocks: queries of one relation that stay together in a batch, 0 for any order. together:
    answers of one query that one batch takes at most, 0 for all.

    subsampling: power of 1 / frequency by which each triple counts, 0 for all alike
    (`batches.subsampled`).

    n3: weight of the nuclear 3-norm (Lacroix et al., 2018, equation 7). dropout: of what the query
    is made of. links: weight of the loss of the relation between two entities (Chen et al., 2021).

    patience: checks without a better validation MRR after which training stops, 0 for never; check:
    epochs between two. checked: most validation triples that a check ranks. seed: of everything
    random. precision: of the large products; "auto" is bfloat16 where the processor multiplies it
    natively.
    """

    model: str = "transe"
    dim: int = 128
    space: int = 0
    norm: str = ""
    scale: float = 0.0
    epochs: int = 20
    batch: int = 512
    rate: float = 0.1
    decay: str = "linear"
    still: int = 0
    warm: float = 0.0
    initial: float = 0.1
    reciprocal: bool = True
    negatives: str = "all"
    count: int = 512
    corruption: str = "uniform"
    loss: str = "softmax"
    margin: float = 6.0
    temperature: float = 1.0
    blocks: int = 0
    together: int = 0
    subsampling: float = 0.0
    n3: float = 0.0
    dropout: float = 0.0
    links: float = 0.0
    patience: int = 5
    check: int = 5
    checked: int = 5_000
    seed: int = 0
    precision: str = "auto"

    def __post_init__(self) -> None:
        if wrong := checks.mistyped(self) or _violations(self):
            raise ConfigError("; ".join(wrong))
        scorer = self.scorer()
        if self.still and not scorer.begins:
            raise ConfigError(
                f"still={self.still}: {self.model} does not begin as a simpler model (TransR does "
                "where space is 0 or dim); set still=0"
            )
        if not self.reciprocal and type(scorer).inverse is Scorer.inverse:
            raise ConfigError(f"reciprocal=False: {self.model} has no inverse of a relation")

    def scorer(self) -> Scorer:
        """The mathematics that this names. Raises `ConfigError`."""
        kind = SCORERS[self.model]
        known = {field.name for field in fields(kind)}
        given = {
            name: value
            for name, value in (("space", self.space), ("norm", self.norm), ("scale", self.scale))
            if value
        }
        if extra := given.keys() - known:
            raise ConfigError(f"{self.model} has no {', '.join(sorted(extra))}; leave it out")
        return kind(self.dim, **given)

    def but(self, **changed: Any) -> Self:
        """The same with some values changed.

        Raises `ConfigError` for names or values that cannot be.
        """
        if unknown := changed.keys() - {field.name for field in fields(self)}:
            raise ConfigError(f"a recipe has no {', '.join(sorted(unknown))}")
        return replace(self, **changed)

    def rate_at(self, step: int, steps: int) -> float:
        """The rate of a step, counted from 0 over all epochs of `steps` steps."""
        left = 1 - step / (steps * self.epochs) if self.decay == "linear" else 1.0
        rising = min(1.0, (step + 1) / (self.warm * steps)) if self.warm else 1.0
        return self.rate * left * rising

    def as_json(self) -> dict[str, Any]:
        """Plain values, ready for `json.dumps`."""
        return asdict(self)


def _violations(recipe: Recipe) -> list[str]:
    """All that cannot be, each as a sentence."""
    chosen = (
        ("model", SCORERS), ("loss", OBJECTIVES), ("negatives", NEGATIVES), ("corruption", CORRUPTIONS),
        ("precision", PRECISIONS), ("decay", DECAYS),
    )  # fmt: skip
    found = [
        f"{name}={getattr(recipe, name)!r} is none of {', '.join(known)}"
        for name, known in chosen
        if getattr(recipe, name) not in known
    ]
    found += [
        f"{name}={getattr(recipe, name)} is below {least}"
        for name, least in (
            ("dim", 1), ("epochs", 1), ("batch", 1), ("count", 1), ("check", 1), ("space", 0), ("blocks", 0), ("together", 0),
            ("patience", 0), ("checked", 1), ("subsampling", 0), ("n3", 0), ("links", 0), ("initial", 0), ("rate", 0), ("scale", 0), ("warm", 0),
            ("seed", 0), ("still", 0),
        )
        if not getattr(recipe, name) >= least
    ]  # fmt: skip
    if not 0 <= recipe.dropout < 1:
        found.append(f"dropout={recipe.dropout} is not in [0, 1)")
    return found
