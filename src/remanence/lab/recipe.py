"""How a small model with a memory is trained on a task: one value, checked when it is made, and
what suits which task. Without torch.
"""

from dataclasses import asdict, dataclass, fields, replace
from typing import TYPE_CHECKING, Any, Final, Self

from remanence import _deprecated, checks
from remanence.errors import ConfigError

MEMORIES: Final = ("dynamic", "gated", "gru", "additive", "hash", "knn", "none", "full")


@dataclass(frozen=True)
class StudentRecipe:
    """A model and its training.

    memory: a name of `MEMORIES`; "additive" is dynamic without its erase gate, "knn" attention over
    a row of each of the newest tokens, "none" a model that sees its segment alone, "full" one that
    attends to everything so far. size, depth, attention: width, blocks and attention heads of the
    model. layer: the block after which the memory stands. heads, key, value, hops: of a dynamic
    memory; cells: of a gated one.

    steps, batch: most updates, and rows of each. rate: AdamW's, rising over `warm` steps, then
    constant, and falling to 0 over the last `settle`. gates: how many times faster the gates of a
    memory learn, without weight decay (those of Infini-attention did not converge at the rate of
    the rest); decay: weight decay of every other matrix. clip: longest gradient. quiet: weight of
    the penalty for what a segment changes in the state (`train.stir`), which teaches gates to stay
    shut for what is worth nothing. truncate: segments that backpropagation goes through.

    threshold, window: a level of the curriculum is passed when the mean accuracy of `window`
    batches reaches it. A run that has passed the last level settles: it ends `settle` steps later.
    curriculum: False begins with the last level. keep: steps between two points of the curve, and
    between two checkpoints. seed: of everything random.
    """

    memory: str = "dynamic"
    size: int = 64
    depth: int = 2
    attention: int = 4
    layer: int = 0
    heads: int = 2
    key: int = 32
    value: int = 32
    hops: int = 1
    cells: int = 16
    steps: int = 600
    batch: int = 64
    rate: float = 3e-3
    warm: int = 20
    settle: int = 60
    gates: float = 5.0
    decay: float = 0.01
    clip: float = 1.0
    quiet: float = 0.0
    truncate: int = 16
    threshold: float = 0.9
    window: int = 4
    curriculum: bool = True
    keep: int = 10
    seed: int = 0

    def __post_init__(self) -> None:
        if wrong := checks.mistyped(self) or _violations(self):
            raise ConfigError("; ".join(wrong))

    def but(self, **changed: Any) -> Self:
        """The same with some values changed.

        Raises `ConfigError` for names or values that cannot be.
        """
        if unknown := changed.keys() - {field.name for field in fields(self)}:
            raise ConfigError(f"a recipe has no {', '.join(sorted(unknown))}")
        return replace(self, **changed)

    def as_json(self) -> dict[str, Any]:
        """Plain values, ready for `json.dumps`."""
        return asdict(self)


def _too_small(recipe: StudentRecipe) -> list[str]:
    """Return the numbers below their least value, each as a sentence."""
    found = []
    for field in fields(recipe):
        value = getattr(recipe, field.name)
        least = 0 if field.name in ("layer", "warm", "settle", "seed") else 1
        if type(field.default) is int and value < least:
            found.append(f"{field.name}={value} is below {least}")
        if type(field.default) is float and not value >= 0:
            found.append(f"{field.name}={value} is below 0")
    return found


def _violations(recipe: StudentRecipe) -> list[str]:
    """All that cannot be, each as a sentence."""
    found = []
    if recipe.memory not in MEMORIES:
        found.append(f"memory={recipe.memory!r} is none of {', '.join(MEMORIES)}")
    found += _too_small(recipe)
    if not found and recipe.size % recipe.attention:
        found.append(f"size={recipe.size} is no multiple of attention={recipe.attention}")
    if not found and recipe.layer >= recipe.depth:
        found.append(f"layer={recipe.layer} is none of depth={recipe.depth}; they count from 0")
    if not recipe.threshold <= 1:
        found.append(f"threshold={recipe.threshold} is above 1, and no accuracy reaches it")
    return found


PLAIN: Final = StudentRecipe()
WRITING: Final = ("persona", "summary", "translation", "question", "question-zh", "code", "story")
"""Tasks that ask for texts."""

SUITED: Final[dict[str, dict[str, Any]]] = {
    **{task: {"key": 48, "value": 48, "steps": 450} for task in WRITING},
    "recall": {"quiet": 0.03},
    "overwrite": {"key": 64, "value": 64, "quiet": 0.03, "settle": 120},
    "haystack": {"quiet": 0.03},
    "documents": {"size": 96, "batch": 4, "steps": 350, "settle": 200, "warm": 30, "truncate": 8},
}
"""What a task needs beside the plain recipe."""

FULL: Final = {"rate": 1e-3, "times": 5}
"""Attention over everything learns slower:

a rate that suits it, and so many times as many steps.
"""


def choose(task: str, memory: str) -> StudentRecipe:
    """The recipe that suits a task and a memory."""
    recipe = PLAIN.but(memory=memory, **SUITED.get(task, {}))
    if memory == "none" and task in WRITING:
        # It would pass no level but the last, and be tested on what it has never seen.
        return recipe.but(curriculum=False)
    if memory == "knn":  # it keeps every token, whatever it is worth
        return recipe.but(quiet=0.0)
    if memory == "full":
        return recipe.but(rate=FULL["rate"], steps=recipe.steps * int(FULL["times"]))
    return recipe


if not TYPE_CHECKING:

    def __getattr__(name: str) -> Any:
        return _deprecated.attribute(__name__, name)
