"""The prose and the density of the code, held to bars: habits that must not come back.

The bars are of the whole package, so that one good exception is possible and a habit is not.
`python benchmarks/code.py --worst 20` prints the measures and where to look.
"""

import ast
import importlib.util
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def code():
    """`benchmarks/code.py` as a module."""
    spec = importlib.util.spec_from_file_location("code_measures", ROOT / "benchmarks" / "code.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


MOST = {
    "complexity p95": 10,
    "complexity max": 30,
    "functions above 10": 195,
    "docstrings with a relative start, %": 0.2,
    "told/said/heard/asked per 1,000 docstring words": 3.9,
    "docstrings with 'It knows'": 70,
    "private metaphors in docstrings": 56,
    "lines above 100 columns": 1046,
    "class names in two or more files": 34,
}
LEAST = {"mean identifier length": 5.7, "tests : source, lines": 0.47}


@pytest.fixture(scope="module")
def measured(code):
    return code.measures()


@pytest.mark.parametrize("name", MOST)
def test_a_habit_does_not_come_back(measured, name):
    assert measured[name] <= MOST[name]


@pytest.mark.parametrize("name", LEAST)
def test_names_and_tests_do_not_shrink(measured, name):
    assert measured[name] >= LEAST[name]


@pytest.mark.parametrize(
    ("body", "count"),
    [
        ("return 1", 1),
        ("if a: return 1", 2),
        ("return 1 if a else 2", 2),
        ("return a and b and c", 3),
        ("return [x for x in a if x]", 3),
        ("for x in a:\n  while x: pass", 3),
        ("def inner():\n  if a: pass\nreturn inner", 1),
        ("try: pass\nexcept ValueError: pass", 2),
    ],
)
def test_complexity_counts_branches_operators_and_comprehensions(code, body, count):
    indented = "\n".join(f"  {line}" for line in body.splitlines())
    (function,) = ast.parse(f"def f():\n{indented}").body
    assert code.complexity(function) == count
