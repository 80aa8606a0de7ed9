"""Recipes that are known to do well, by model and by what the graph is like.

Data: a new one is a line here.

Three kinds of graph: `DENSE`, where entities have many facts each (FB15k-237: 19), `SPARSE`, where
they have few (WN18RR: 2), and `SMALL`, where there is little to learn from and regularisation
counts most. What each reaches, `benchmarks/kge.py` prints.
"""

from typing import Any, Final

from remanence.errors import ConfigError
from remanence.kge.recipe import Recipe
from remanence.kge.scorers import SCORERS
from remanence.kge.triples import Split

LEAST: Final = 20_000  # triples from which on a graph is not small
FEW: Final = 5.0  # triples for each entity, below which a graph is sparse

# A distance, its root and all, pushed past a margin: each answer has a loss that ends, and overfits
# later than by a softmax. Negatives that
# count most are few among many, so there are thousands of candidates; and one product serves all
# queries of a batch.
_DISTANCE: Final = Recipe(
    model="transe", dim=512, norm="l2", scale=2.5, loss="self-adversarial", margin=9.0, epochs=24, batch=1024, rate=0.3, warm=1.0,
    initial=0.1, negatives="shared", count=4096, check=4,
)  # fmt: skip
# A squared distance by a softmax gets as far as it can in a third of the time: for what has to be
# quick.
_SQUARED: Final = Recipe(
    model="transe", dim=256, scale=1.5, epochs=10, batch=4096, rate=0.05, warm=2.0, initial=0.01, reciprocal=False,
    negatives="shared", count=4096, n3=0.2, check=2,
)  # fmt: skip
_BILINEAR: Final = Recipe(
    model="complex",
    dim=512,
    epochs=14,
    batch=512,
    rate=0.1,
    initial=0.001,
    negatives="all",
    n3=0.05,
    check=2,
)
_LITTLE: Final = Recipe(
    dim=64, epochs=40, batch=256, rate=0.1, warm=5.0, initial=0.1, n3=0.1, check=5
)

DENSE: Final[dict[str, Recipe]] = {
    "transe": _DISTANCE.but(margin=7.0, epochs=44),
    "transh": _DISTANCE.but(model="transh", dim=256, blocks=32, epochs=16),
    "transr": _DISTANCE.but(
        model="transr", dim=256, blocks=64, epochs=16, still=11, reciprocal=False
    ),
    "transd": _DISTANCE.but(model="transd", dim=256, blocks=32, epochs=20),
    "rotate": _DISTANCE.but(model="rotate", dim=400, margin=7.0, epochs=40),
    "rote": _SQUARED.but(model="rote"),
    "distmult": _BILINEAR.but(model="distmult", links=4.0),
    "complex": _BILINEAR.but(
        dim=1024, batch=1024, negatives="shared", count=4096, links=4.0, epochs=32, check=4
    ),
    "rescal": _BILINEAR.but(model="rescal", dim=128),
    "tucker": _BILINEAR.but(model="tucker", dim=128, space=64, initial=0.05, n3=0.0, dropout=0.3),
}
_SAMPLED: Final[dict[str, Any]] = {
    "negatives": "shared", "count": 2048, "batch": 2048, "epochs": 20, "initial": 0.01, "check": 4,
}  # fmt: skip
_FEW_EACH: Final = _SQUARED.but(epochs=16, rate=0.1, count=2048, n3=0.1, scale=3.0, check=4)
SPARSE: Final[dict[str, Recipe]] = {
    **DENSE,
    "transe": _FEW_EACH,
    "transh": _FEW_EACH.but(model="transh"),
    "transr": _FEW_EACH.but(model="transr", dim=100, batch=2048, blocks=128),
    "transd": _FEW_EACH.but(model="transd", dim=200),
    "rotate": _DISTANCE.but(model="rotate", dim=400, margin=6.0, epochs=16),
    "rote": _FEW_EACH.but(model="rote"),
    "distmult": _BILINEAR.but(model="distmult", n3=0.1, **_SAMPLED),
    "complex": _BILINEAR.but(n3=0.1, **_SAMPLED),
    "rescal": _BILINEAR.but(model="rescal", n3=0.1, **{**_SAMPLED, "dim": 128}),
}
SMALL: Final[dict[str, Recipe]] = {
    name: _LITTLE.but(
        model=name, reciprocal=name == "tucker" or name in ("complex", "distmult", "rescal")
    )
    for name in SCORERS
}
FAST: Final = _SQUARED.but(
    dim=100, scale=3.0, batch=2048, count=2048, n3=0.1, epochs=8, check=1, patience=0
)
"""TransE to a good MRR on a dense graph in the least time."""


def choose(model: str, graph: Split) -> Recipe:
    """The recipe of a model for a graph. Raises `ConfigError` for a model that there is not."""
    if model not in SCORERS:
        raise ConfigError(f"model={model!r:.40} is none of {', '.join(SCORERS)}")
    if len(graph.train) < LEAST:
        return SMALL[model]
    dense = len(graph.train) >= FEW * len(graph.entities)
    return (DENSE if dense else SPARSE)[model]
