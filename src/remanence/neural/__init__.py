"""Memory inside a language model: memories that attach to models of Hugging Face's transformers,
and sessions whose state lasts.

    model = neural.attach_memory(AutoModelForCausalLM.from_pretrained(path), neural.DynamicMemoryConfig(layers=(3, 6)))
    with model.session("alice", store="sessions"):
        model.memorize(**tokenizer("I live in Chengdu.", return_tensors="pt"))

`neural_memory` is the port of a memory, `modules` has the memories by name, `attach` puts them into
a model, `sessions` and `serialization` keep their states. Needs torch and transformers: the extra
`remanence[neural]`.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from remanence.errors import MissingExtra
from remanence.neural.configs import (
    DynamicMemoryConfig,
    GatedMemoryConfig,
    HashMemoryConfig,
    KNNMemoryConfig,
    MemoryConfig,
)

if TYPE_CHECKING:
    from remanence.neural.attach import attach_memory, detach_memory, from_pretrained
    from remanence.neural.cache import MemoryCache
    from remanence.neural.sessions import Session, SessionPool
    from remanence.neural.state import MemoryState

# What knows transformers is imported when it is first asked for: tasks and tables need none of it.
_LATE = {
    "MemoryCache": "cache",
    "MemoryState": "state",
    "Session": "sessions",
    "SessionPool": "sessions",
    "attach_memory": "attach",
    "detach_memory": "attach",
    "from_pretrained": "attach",
}


def __getattr__(name: str) -> Any:
    if name not in _LATE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        return getattr(import_module(f"{__name__}.{_LATE[name]}"), name)
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("remanence"):
            raise
        raise MissingExtra(
            f"memory inside a model needs {error.name}, which is not installed; pip install "
            f'"remanence[neural]"'
        ) from error


__all__ = [
    "DynamicMemoryConfig",
    "GatedMemoryConfig",
    "HashMemoryConfig",
    "KNNMemoryConfig",
    "MemoryCache",
    "MemoryConfig",
    "MemoryState",
    "Session",
    "SessionPool",
    "attach_memory",
    "detach_memory",
    "from_pretrained",
]
