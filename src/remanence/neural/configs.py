"""Configurations of memories: one frozen dataclass a kind, with defaults, checked when it is made.

Without torch.

A config says which layers have the memory and how large it is; it goes into a model's config.json
and into the fingerprint that binds a session's file to the memory that wrote it. How a kind works,
its own file says.
"""

import hashlib
import json
from dataclasses import asdict, dataclass, fields
from typing import Any, ClassVar, Final

from remanence.errors import ConfigError


@dataclass(frozen=True)
class MemoryConfig:
    """layers: the blocks, counted from 0 (from the end where negative), after which the memory
    reads and writes; of an encoder-decoder model those of its encoder.
    """

    kind: ClassVar[str]
    tokenwise: ClassVar[bool] = True  # writes at every token: one pass or many come to the same

    layers: tuple[int, ...] = (0,)

    def __post_init__(self) -> None:
        given = self.layers
        if not isinstance(given, list | tuple) or any(type(layer) is not int for layer in given):
            raise ConfigError(
                f"layers={given!r:.80} are no numbers of layers; give some, as (3, 6)"
            )
        object.__setattr__(self, "layers", tuple(given))
        if not given or len(set(given)) < len(given):
            raise ConfigError(f"layers={self.layers}: name each layer once, and at least one")
        self._require_types()

    def _require_types(self) -> None:
        """Raise `ConfigError` for a field that is not of the type of its default."""
        for field in fields(self):
            value = getattr(self, field.name)
            if type(field.default) is int and not (type(value) is int and value >= 1):
                raise ConfigError(f"{field.name}={value!r} is no number from 1 on")
            if type(field.default) is bool and type(value) is not bool:
                raise ConfigError(f"{field.name}={value!r} is neither True nor False")

    def as_json(self) -> dict[str, Any]:
        """Plain values, ready for `json.dumps`."""
        return {"kind": self.kind, **asdict(self), "layers": list(self.layers)}

    def fingerprint(self) -> str:
        """16 hexadecimal digits that differ where the values do."""
        text = json.dumps(self.as_json(), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


@dataclass(frozen=True)
class GatedMemoryConfig(MemoryConfig):
    """Short-term memory, `gated`: `cells` vectors of `size` numbers, read by `heads`, written once
    a segment through a gate.
    """

    kind = "gated"
    tokenwise = False

    cells: int = 16
    size: int = 64
    heads: int = 4


@dataclass(frozen=True)
class DynamicMemoryConfig(MemoryConfig):
    """Dynamic memory, `dynamic`: a matrix `key` by `value` in each of `heads`, erased and added to
    at every token.

    hops: reads of a query, each with what the one before found. chunk: tokens that the parallel
    form takes at once. kernel: tokens that the convolution before keys sees. erases: False leaves
    the erase gate out, which makes it additive but for its decay.
    """

    kind = "dynamic"

    heads: int = 4
    key: int = 64
    value: int = 64
    hops: int = 1
    chunk: int = 32
    kernel: int = 4
    erases: bool = True


@dataclass(frozen=True)
class KNNMemoryConfig(MemoryConfig):
    """Attention over an external matrix, `knn`: one row a token, a key of `key` and a value of
    `value` numbers, read by `heads`.

    rows: the newest that a session's state holds. nearest: rows that a head reads for a token.
    """

    kind = "knn"

    heads: int = 4
    key: int = 32
    value: int = 32
    rows: int = 1024
    nearest: int = 32


@dataclass(frozen=True)
class HashMemoryConfig(MemoryConfig):
    """Hash memory, `hash`: a table of `rows` rows of `value` numbers in each of `heads`, found by a
    hash of `key` numbers of its own.

    probes: rows that one token reads, and writes. chunk: tokens that the parallel form takes at
    once. kernel: tokens that the convolution before keys sees.
    """

    kind = "hash"

    heads: int = 4
    key: int = 32
    value: int = 32
    rows: int = 64
    probes: int = 2
    chunk: int = 16
    kernel: int = 4


@dataclass(frozen=True)
class GRUMemoryConfig(MemoryConfig):
    """A baseline, `gru`: a recurrent network whose state has `size` numbers."""

    kind = "gru"

    size: int = 256


CONFIGS: Final[dict[str, type[MemoryConfig]]] = {
    config.kind: config
    for config in (
        GatedMemoryConfig,
        DynamicMemoryConfig,
        GRUMemoryConfig,
        HashMemoryConfig,
        KNNMemoryConfig,
    )
}


def read(values: dict[str, Any]) -> MemoryConfig:
    """The config whose `as_json()` these are.

    Raises `ConfigError` for a kind or a value that there is not.
    """
    kind = values.get("kind")
    if not isinstance(kind, str) or kind not in CONFIGS:
        raise ConfigError(f"kind={kind!r:.40} is no memory; one of {', '.join(sorted(CONFIGS))}")
    given = {name: value for name, value in values.items() if name != "kind"}
    known = {field.name for field in fields(CONFIGS[kind])}
    if unknown := given.keys() - known:
        raise ConfigError(f"a {kind} memory has no {', '.join(sorted(unknown))}; leave it out")
    return CONFIGS[kind](**given)
