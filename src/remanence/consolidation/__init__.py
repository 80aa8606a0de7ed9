"""From explicit memory to implicit: what a namespace holds, taught to a language model as an adapter that knows what went in, and can lose it again.

    report = consolidate(memory, "wei", load_local("path/to/model"))

`lessons` says what is taught, `phrasings` and `writing` in which words, `planning` what is new tonight, `training` how, `nights` whether it may be used, `keeping` where it
lies, `routing` when it speaks. The explicit store makes it safe: it is the buffer that is replayed, the index that routes, and the list of what has to go when something is
forgotten. Needs torch, transformers and peft: the extra `remanence[neural]`.
"""

from remanence.consolidation.nights import consolidate
from remanence.consolidation.recipe import AdapterRecipe, Gate
from remanence.consolidation.routing import AdaptedModel
from remanence.types import Consolidation

__all__ = ["AdaptedModel", "AdapterRecipe", "Consolidation", "Gate", "consolidate"]
