"""The tasks that neural memory is trained and measured on, by name.

A new one is a file beside these and a line here.
"""

from dataclasses import fields, replace
from typing import Any, Final

from remanence.errors import ConfigError
from remanence.lab.tasks.documents import Documents
from remanence.lab.tasks.generation import GENERATION
from remanence.lab.tasks.haystack import Haystack
from remanence.lab.tasks.recall import Recall
from remanence.lab.tasks.task import UNASKED, Check, Segment, Task, cut

TASKS: Final[dict[str, Task]] = {
    "recall": Recall(),
    "overwrite": Recall(pairs=16, ways=64, overwrites=16, segments=4),
    "haystack": Haystack(),
    "documents": Documents(),
    **GENERATION,
}


def choose(name: str, **changed: Any) -> Task:
    """The task of that name, with some of its values changed.

    Raises `ConfigError` for names or values that cannot be.
    """
    if name not in TASKS:
        raise ConfigError(f"{name!r:.40} is no task; one of {', '.join(TASKS)}")
    task: Any = TASKS[name]
    if unknown := changed.keys() - {field.name for field in fields(task)}:
        raise ConfigError(f"the task {name} has no {', '.join(sorted(unknown))}")
    made: Task = replace(task, **changed)
    return made


__all__ = ["TASKS", "UNASKED", "Check", "Segment", "Task", "choose", "cut"]
