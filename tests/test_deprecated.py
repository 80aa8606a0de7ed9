"""Old public names work for one release, with a warning that names the new one."""

import importlib
import subprocess
import sys

import pytest

from remanence import _deprecated
from remanence.consolidation.recipe import AdapterRecipe


@pytest.mark.parametrize(("old", "new"), _deprecated.MODULES.items())
def test_an_old_module_is_the_new_one(old, new):
    sys.modules.pop(old, None)
    with pytest.warns(DeprecationWarning, match=new):
        found = importlib.import_module(old)
    assert found is importlib.import_module(new)
    assert found.__spec__.name == new


@pytest.mark.parametrize(
    ("module", "old", "new"),
    [(module, *pair) for module, names in _deprecated.NAMES.items() for pair in names.items()],
)
def test_an_old_name_is_the_new_one(module, old, new):
    where = importlib.import_module(module)
    with pytest.warns(DeprecationWarning, match=new):
        assert getattr(where, old) is getattr(where, new)


def test_a_module_below_an_old_one_is_found():
    for name in ("remanence.neural.tasks.recall", "remanence.neural.tasks"):
        sys.modules.pop(name, None)
    with pytest.warns(DeprecationWarning, match="remanence.lab.tasks"):
        importlib.import_module("remanence.neural.tasks")
    with pytest.warns(DeprecationWarning, match="remanence.lab.tasks.recall"):
        from remanence.neural.tasks.recall import Recall
    assert Recall.__module__ == "remanence.lab.tasks.recall"


def test_a_name_that_never_was_is_refused():
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("remanence.neural.nothing")
    with pytest.raises(AttributeError, match="nothing"):
        _deprecated.attribute("remanence.neural.serialization", "nothing")


def test_a_recipe_takes_the_old_name_of_a_field():
    with pytest.warns(DeprecationWarning, match="sample_texts"):
        assert AdapterRecipe(dreams=5).sample_texts == 5
    assert _deprecated.current_fields("AdapterRecipe", {"dreams": 5}) == {"sample_texts": 5}


def test_the_table_costs_no_heavy_import():
    code = "import sys, remanence; print('torch' in sys.modules or 'numpy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
