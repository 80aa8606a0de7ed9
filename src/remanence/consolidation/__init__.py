"""Consolidation: the facts of a namespace, trained into a language model as an adapter.

    report = consolidate(memory, "wei", load_local("path/to/model"))

`examples` collects the facts, `phrasings` and `paraphrasing` word them, `planning` sorts new from
known ones, `training` trains, `runs` decides whether the adapter may be used, `serialization`
stores it and `routing` switches it on. The explicit store is the replay buffer, the index that
routes, and the list of what has to go when something is forgotten. Needs torch, transformers and
peft: the extra `remanence[neural]`.
"""

from importlib.util import find_spec

from remanence.errors import MissingExtra

if _missing := [name for name in ("torch", "transformers", "peft") if find_spec(name) is None]:
    raise MissingExtra(
        f"teaching a model needs {_missing[0]}, which is not installed; pip install "
        f'"remanence[neural]"'
    )

from remanence.consolidation.recipe import AdapterRecipe, Gate
from remanence.consolidation.routing import AdaptedModel
from remanence.consolidation.runs import consolidate
from remanence.types import Consolidation

__all__ = ["AdaptedModel", "AdapterRecipe", "Consolidation", "Gate", "consolidate"]
