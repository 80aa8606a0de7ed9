"""The shape of the house: budgets, names and layers that a reviewer should not have to check."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

import remanence

SOURCE = Path(remanence.__file__).parent
MODULES = sorted(SOURCE.rglob("*.py"))
BANNED = re.compile(r"Manager|Factory|Helper|Util", re.IGNORECASE)


def name(path):
    return str(path.relative_to(SOURCE))


@cache
def parsed(path):
    """The syntax tree of a module, and its nodes in a list."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return tree, tuple(ast.walk(tree))


def functions(nodes):
    return [n for n in nodes if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef))]


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_a_module_is_a_room(path):
    """It says what lives there, holds at most 420 lines, and no function runs past 60."""
    text = path.read_text(encoding="utf-8")
    tree, nodes = parsed(path)
    if text.strip():
        assert ast.get_docstring(tree), "says nothing about itself"
    assert text.count("\n") <= 420
    for function in functions(nodes):
        assert function.end_lineno - function.lineno < 60, function.name


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_no_name_says_less_than_nothing(path):
    _, nodes = parsed(path)
    names = [n.name for n in nodes if isinstance(n, (ast.ClassDef, ast.FunctionDef))]
    assert not [n for n in [*names, path.stem] if BANNED.search(n)]


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_nothing_is_swallowed(path):
    """A handler of everything raises again, or does something with what it caught."""
    for node in parsed(path)[1]:
        if isinstance(node, ast.ExceptHandler):
            broad = node.type is None or (
                isinstance(node.type, ast.Name) and node.type.id in ("Exception", "BaseException")
            )
            body = [type(inner) for inner in ast.walk(node)]
            used = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
            assert not broad or ast.Raise in body or node.name in used


def test_all_lists_exactly_the_public_names():
    for late in remanence.__all__:
        assert getattr(remanence, late)
    public = {n for n in vars(remanence) if not n.startswith("_")} - {
        "TYPE_CHECKING",
        "Any",
        "import_module",
    }
    modules = {n for n in public if isinstance(getattr(remanence, n), type(ast))}
    assert set(remanence.__all__) == public - modules


def test_memory_has_few_verbs():
    verbs = [n for n in vars(remanence.Memory) if not n.startswith("_")]
    assert len(verbs) <= 16


def test_every_error_is_in_the_tree_drawn_at_the_top():
    from remanence import errors

    drawn = set(re.findall(r"[|`]-- (\w+)", errors.__doc__))
    classes = {n for n, v in vars(errors).items() if isinstance(v, type)}
    assert drawn == classes - {"RemanenceError"}
