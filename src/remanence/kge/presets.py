"""Recipes that are known to do well, by model and by what the graph is like. Data: a new one is a line here, with the figure that it reaches.

The figures and how they were found stand in `benchmarks/kge.py` and the documentation.
"""

from typing import Final

from remanence.errors import ConfigError
from remanence.kge.recipe import Recipe
from remanence.kge.scorers import SCORERS
from remanence.kge.triples import Split

PRESETS: Final[dict[str, Recipe]] = {}


def choose(model: str, graph: Split) -> Recipe:
    """The recipe of a model for a graph."""
    if model not in SCORERS:
        raise ConfigError(f"model={model!r:.40} is none of {', '.join(SCORERS)}")
    return Recipe(model=model)
