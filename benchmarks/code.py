"""Measures of the code itself: complexity, docstrings, names, line lengths, tests beside source.

    python benchmarks/code.py [--json] [--worst N]

`tests/test_language.py` holds the same measures to bars. Complexity is McCabe's, with boolean
operators, conditional expressions and comprehensions counted as branches.
"""

import argparse
import ast
import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import mean

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "remanence"

RELATIVE_START = re.compile(r"(What|Who|Whom|Whose|Where|Whether|Nobody)\b")
HEARSAY = re.compile(r"\b(told|said|heard|asked)\b", re.IGNORECASE)
IGNORANCE = re.compile(r"\b(It|This module) knows\b")
RETIRED = re.compile(
    r"\b(tongues?|lessons?|nights?|kinship|dreams?|shel(?:f|ves)|spells?|woven|weaving|rooms?)\b",
    re.IGNORECASE,
)
WIDTH = 100

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_BRANCHES = (
    ast.If,
    ast.For,
    ast.AsyncFor,
    ast.While,
    ast.ExceptHandler,
    ast.IfExp,
    ast.Assert,
    ast.match_case,
)
Place = tuple[str, str]  # file and line, and the name or text that stands there


@dataclass(frozen=True)
class Module:
    """One source file: its path below `src/remanence`, its text and its syntax tree."""

    name: str
    text: str
    nodes: tuple[ast.AST, ...]


def modules() -> list[Module]:
    """Every module of the package, in order of path."""
    found = []
    for path in sorted(SOURCE.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        found.append(Module(str(path.relative_to(SOURCE)), text, tuple(ast.walk(ast.parse(text)))))
    return found


def complexity(function: ast.AST) -> int:
    """Cyclomatic complexity of a function, without the functions defined inside it."""
    count, open_nodes = 1, list(ast.iter_child_nodes(function))
    while open_nodes:
        node = open_nodes.pop()
        if isinstance(node, (*_FUNCTIONS, ast.Lambda)):
            continue
        if isinstance(node, _BRANCHES):
            count += 1
        elif isinstance(node, ast.BoolOp):
            count += len(node.values) - 1
        elif isinstance(node, ast.comprehension):
            count += 1 + len(node.ifs)
        open_nodes.extend(ast.iter_child_nodes(node))
    return count


def complexities(source: list[Module]) -> list[tuple[int, str]]:
    """(complexity, place) of every function, the simplest first."""
    return sorted(
        (complexity(node), f"{module.name}:{node.lineno} {node.name}")
        for module in source
        for node in module.nodes
        if isinstance(node, _FUNCTIONS)
    )


def docstrings(source: list[Module]) -> Iterator[Place]:
    """Every docstring: of modules, classes and functions."""
    for module in source:
        for node in module.nodes:
            if isinstance(node, (ast.Module, ast.ClassDef, *_FUNCTIONS)):
                text = ast.get_docstring(node)
                if text:
                    yield f"{module.name}:{getattr(node, 'lineno', 1)}", text


def identifiers(source: list[Module]) -> Iterator[str]:
    """The distinct names that each module defines: functions, classes, arguments, variables."""
    for module in source:
        names = set()
        for node in module.nodes:
            if isinstance(node, (*_FUNCTIONS, ast.ClassDef)):
                names.add(node.name)
            elif isinstance(node, ast.arg):
                names.add(node.arg)
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                names.add(node.id)
        yield from (name.strip("_") for name in names if name.strip("_"))


def repeated_classes(source: list[Module]) -> list[str]:
    """Names of classes that are defined in two or more modules."""
    count: Counter[str] = Counter()
    for module in source:
        count.update({n.name for n in module.nodes if isinstance(n, ast.ClassDef)})
    return sorted(name for name, modules_with_it in count.items() if modules_with_it > 1)


def wide_lines(root: Path = ROOT) -> list[str]:
    """Lines above 100 columns in source, tests, benchmarks, examples and tools."""
    found = []
    for folder in ("src", "tests", "benchmarks", "examples", "tools"):
        for path in sorted((root / folder).rglob("*.py")):
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
                if len(line) > WIDTH:
                    found.append(f"{path.relative_to(root)}:{number}")
    return found


def lines(folder: Path) -> int:
    """Physical lines of Python below a folder; 0 where there is none."""
    return sum(path.read_text(encoding="utf-8").count("\n") for path in folder.rglob("*.py"))


def measures() -> dict[str, float]:
    """Every measure by its name."""
    source = modules()
    counts = [count for count, _ in complexities(source)]
    texts = [text for _, text in docstrings(source)]
    words = sum(len(text.split()) for text in texts)
    table: dict[str, float] = {
        "complexity p95": counts[int(0.95 * len(counts))],
        "complexity max": counts[-1],
        "functions above 10": sum(count > 10 for count in counts),
        "docstrings with a relative start, %": 100
        * mean(bool(RELATIVE_START.match(text)) for text in texts),
        "told/said/heard/asked per 1,000 docstring words": 1000
        * sum(len(HEARSAY.findall(text)) for text in texts)
        / words,
        "docstrings with 'It knows'": sum(bool(IGNORANCE.search(text)) for text in texts),
        "private metaphors in docstrings": sum(len(RETIRED.findall(text)) for text in texts),
        "mean identifier length": mean(map(len, identifiers(source))),
        "lines above 100 columns": len(wide_lines()),
        "class names in two or more files": len(repeated_classes(source)),
        "tests : source, lines": lines(ROOT / "tests") / lines(SOURCE),
    }
    for part in ("encoding", "text", "retrieval", "storage", "cli"):
        table[f"tests : source, {part}"] = lines(ROOT / "tests" / part) / lines(SOURCE / part)
    return table


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print the measures as JSON")
    parser.add_argument("--worst", type=int, default=0, help="list this many places of each kind")
    options = parser.parse_args()
    table = measures()
    if options.json:
        print(json.dumps(table, indent=2))
        return
    for name, value in table.items():
        print(f"{name:50} {value:8.2f}".rstrip("0").rstrip("."))
    if options.worst:
        source, most = modules(), options.worst
        print(
            "\ncomplexity:",
            *(f"{c} {place}" for c, place in complexities(source)[-most:]),
            sep="\n  ",
        )
        starts = [place for place, text in docstrings(source) if RELATIVE_START.match(text)]
        print("\nrelative starts:", *starts[:most], sep="\n  ")
        print("\nwide lines:", *wide_lines()[:most], sep="\n  ")
        print("\nclasses:", *repeated_classes(source)[:most], sep="\n  ")


if __name__ == "__main__":
    main()
