"""The memories, by the kind of their config."""

from collections.abc import Callable
from typing import Any, Final

from remanence.errors import ConfigError
from remanence.neural.configs import MemoryConfig
from remanence.neural.dynamic import DynamicMemory
from remanence.neural.gated import GatedMemory
from remanence.neural.gru import GRUMemory
from remanence.neural.hashing import HashMemory
from remanence.neural.knn import KNNMemory
from remanence.neural.neural_memory import NeuralMemory

MODULES: Final[dict[str, Callable[[Any, int], NeuralMemory]]] = {
    "gated": GatedMemory,
    "dynamic": DynamicMemory,
    "gru": GRUMemory,
    "hash": HashMemory,
    "knn": KNNMemory,
}


def build(config: MemoryConfig, size: int) -> NeuralMemory:
    """A fresh memory for hidden states of `size` numbers; an `nn.Module`.

    Raises `ConfigError` for a kind that there is not.
    """
    if config.kind not in MODULES:
        raise ConfigError(f"kind={config.kind!r} is no memory; one of {', '.join(sorted(MODULES))}")
    return MODULES[config.kind](config, size)
