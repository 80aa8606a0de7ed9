"""From explicit memory to implicit: what a namespace holds, taught to a language model as an adapter that knows what went in, and can lose it again.

    report = consolidate(memory, "wei", load_local("path/to/model"))

`examples` says what is taught, `phrasings` and `writing` in which words, `planning` what is new tonight, `training` how, `nights` whether it may be used, `keeping` where it
lies, `routing` when it speaks. The explicit store makes it safe: it is the buffer that is replayed, the index that routes, and the list of what has to go when something is
forgotten. Needs torch, transformers and peft: the extra `remanence[neural]`.
"""

from importlib.util import find_spec

from remanence.errors import MissingExtra

if _missing := [name for name in ("torch", "transformers", "peft") if find_spec(name) is None]:
    raise MissingExtra(
        f'teaching a model needs {_missing[0]}, which is not installed; pip install "remanence[neural]"'
    )

from remanence.consolidation.recipe import AdapterRecipe, Gate
from remanence.consolidation.routing import AdaptedModel
from remanence.consolidation.runs import consolidate
from remanence.types import Consolidation

__all__ = ["AdaptedModel", "AdapterRecipe", "Consolidation", "Gate", "consolidate"]
