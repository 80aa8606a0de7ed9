"""Deprecated names and their replacements: one table, which the release after this one removes.

Modules import from here in a `__getattr__`, and dataclasses take `renamed_fields`.
"""

import functools
import importlib
import sys
import warnings
from collections.abc import Callable, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any, Final, TypeVar

MODULES: Final = {
    "remanence.episodic": "remanence.queries",
    "remanence.encoding.learning": "remanence.encoding.assertions",
    "remanence.kge.keeping": "remanence.kge.serialization",
    "remanence.kge.scorers.port": "remanence.kge.scorers.scorer",
    "remanence.llm.port": "remanence.llm.chat_model",
    "remanence.neural.keeping": "remanence.neural.serialization",
    "remanence.neural.measure": "remanence.lab.measure",
    "remanence.neural.path": "remanence.lab.path",
    "remanence.neural.path_training": "remanence.lab.path_training",
    "remanence.neural.port": "remanence.neural.neural_memory",
    "remanence.neural.recipe": "remanence.lab.recipe",
    "remanence.neural.tasks": "remanence.lab.tasks",
    "remanence.neural.train": "remanence.lab.train",
    "remanence.server.direct": "remanence.testing.asgi",
    "remanence.server.loopback": "remanence.testing.loopback",
    "remanence.server.proxy.faulty": "remanence.testing.faults",
    "remanence.server.proxy.scripted": "remanence.testing.provider",
}
"""Old module -> new module."""

NAMES: Final = {
    "remanence.kge": {"Prediction": "LinkPrediction"},
    "remanence.knowledge": {
        "Offer": "Prediction",
        "Offers": "Predictions",
        "offers": "predict_facts",
    },
    "remanence.lab.recipe": {"Recipe": "StudentRecipe"},
    "remanence.neural.reader": {"Plan": "ReaderPlan"},
    "remanence.neural.serialization": {"Folder": "StateFolder", "File": "StateFile"},
}
"""Module -> old name -> new name in the same module."""

FIELDS: Final = {
    "AdapterRecipe": {"dreams": "sample_texts"},
}
"""Dataclass -> old field -> new field."""

T = TypeVar("T")


def _warn(old: str, new: str, depth: int = 3) -> None:
    warnings.warn(f"{old} is deprecated; use {new}", DeprecationWarning, stacklevel=depth)


def attribute(module: str, name: str) -> Any:
    """Return a module's attribute by its old name. Raises `AttributeError` for any other."""
    new = NAMES.get(module, {}).get(name)
    if new is None:
        raise AttributeError(f"module {module!r} has no attribute {name!r}")
    _warn(f"{module}.{name}", f"{module}.{new}")
    return getattr(sys.modules[module], new)


def renamed_fields(kind: type[T]) -> type[T]:
    """Decorate a dataclass so that its constructor accepts the old field names of `FIELDS`."""
    table = FIELDS[kind.__name__]
    plain: Callable[..., None] = kind.__init__

    @functools.wraps(plain)
    def accept(self: Any, *args: Any, **values: Any) -> None:
        for old in table.keys() & values.keys():
            _warn(f"{kind.__name__}({old}=)", f"{table[old]}=")
            values[table[old]] = values.pop(old)
        plain(self, *args, **values)

    kind.__init__ = accept  # type: ignore[method-assign]
    return kind


def current_fields(kind: str, stored: dict[str, Any]) -> dict[str, Any]:
    """Return stored fields of a dataclass under their current names."""
    table = FIELDS.get(kind, {})
    return {table.get(name, name): value for name, value in stored.items()}


class _Renamed(MetaPathFinder, Loader):
    """Import the new module under the old name of `MODULES`."""

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        del path, target
        return ModuleSpec(name, self) if _current(name) else None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        new = _current(spec.name)
        _warn(spec.name, new, depth=2)
        module = importlib.import_module(new)
        spec.loader_state = module.__spec__  # the import system overwrites it
        return module

    def exec_module(self, module: ModuleType) -> None:
        if module.__spec__ is not None:
            module.__spec__ = module.__spec__.loader_state


def _current(name: str) -> str:
    """Return the new name of an old module or of a module below one, or an empty string."""
    for old, new in MODULES.items():
        if name == old or name.startswith(f"{old}."):
            return new + name.removeprefix(old)
    return ""


def install() -> None:
    """Make the old modules importable. Calling it again changes nothing."""
    if not any(isinstance(each, _Renamed) for each in sys.meta_path):
        sys.meta_path.insert(0, _Renamed())
