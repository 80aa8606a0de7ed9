"""How well recall brings back the memories that answer a question: one folder in, one `Report` out.

A folder holds two files, a JSON object a line. `memories.jsonl` has `namespace`, `id`, `text` and
may have `speaker`, `session`, `at`, in the order in which they were said. `questions.jsonl` has
`namespace`, `question`, `gold` (ids in that namespace) and may have `type`. Other keys are left
alone. Nothing here knows how recall works: it uses the verbs that any caller has.
"""

import json
import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from remanence import build, checks, instants
from remanence.errors import InvalidInput
from remanence.evals import metrics
from remanence.memory import Memory
from remanence.types import Turn

ALL, ADVERSARIAL = "all", "adversarial"
WITHOUT_ADVERSARIAL = "without adversarial"
CUTOFFS = (1, 5, 10, 20)
NDCG_AT = 10

Progress = Callable[[str, int, int], None]
"""Called with ("remember" or "recall", how many are done, of how many)."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question in a namespace, and the ids of the memories that answer it."""

    namespace: str
    text: str
    gold: frozenset[str]
    type: str


@dataclass(frozen=True, slots=True)
class Scores:
    """Means over `questions` questions, by name: "R@1", ..., "MRR", "nDCG@10"; each in [0, 1]."""

    questions: int
    means: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Report:
    """The scores of a run. `groups` has "all" first, then, where there is a type of that name, "without
    adversarial", then each type of question.

    `remembered_per_s` is memories a second, one list per namespace; `recall_ms` the median of one
    recall, warm. `degraded` names each arm of recall that could not take part, and why.
    """

    name: str
    embedder: str
    namespaces: int
    memories: int
    questions: int
    k: int
    groups: Mapping[str, Scores]
    remembered_per_s: float
    recall_ms: float
    degraded: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Plain dicts and lists, ready for `json.dumps`."""
        return asdict(self)

    def table(self) -> str:
        """The groups as a table of plain text, a line each."""
        names = list(self.groups[ALL].means)
        width = max(map(len, self.groups))
        lines = [
            (
                f"{self.name}: {self.memories:,} memories, {self.namespaces:,} namespaces, "
                f"{self.embedder}"
            ),
            f"{'':{width}}  {'n':>6}" + "".join(f"{name:>9}" for name in names),
        ]
        for group, scores in self.groups.items():
            cells = "".join(f"{scores.means[name]:9.3f}" for name in names)
            lines.append(f"{group:{width}}  {scores.questions:6,}{cells}")
        lines += [f"degraded: {reason}" for reason in self.degraded]
        return "\n".join(lines)


def run(
    directory: Path,
    *,
    embedder: str | None = None,
    k: int = 20,
    progress: Progress | None = None,
    store: str = ":memory:",
    reader: str | None = None,
    weights: Mapping[str, float] | None = None,
) -> Report:
    """Remember every memory of `directory`, ask every question, and compare what came back.

    A question is asked at the time of the newest memory of its namespace: "last week" in it is then
    a week of the conversation, not of the day of the measurement. A recollection counts by the id
    that was handed in (`Recollection.source`): the parts of a long document are that document,
    once, at the place of the best of them. `store` may be a file that does not hold these
    namespaces yet. `weights` are those of `remanence.open`.

    Raises `InvalidInput` when the folder or a file is missing, a line cannot be read, a gold id is
    in no memory of the question's namespace, or the store already holds one of the namespaces.
    """
    k = checks.count(k, "k")
    namespaces, questions = load(directory)
    tell = progress or _silent
    with build.open(store, embedder=embedder, reader=reader, weights=weights) as memory:
        _check_unused(memory, namespaces, store)
        started = time.perf_counter()
        _remember(memory, namespaces, tell)
        took = time.perf_counter() - started
        rows, milliseconds, degraded = _ask(memory, namespaces, questions, k, tell)
        name = memory.embedder.name
    held = sum(map(len, namespaces.values()))
    return Report(
        name=directory.resolve().name,
        embedder=name,
        namespaces=len(namespaces),
        memories=held,
        questions=len(questions),
        k=k,
        groups=_groups(questions, rows),
        remembered_per_s=held / took,
        recall_ms=statistics.median(milliseconds),
        degraded=degraded,
    )


def _silent(stage: str, done: int, total: int) -> None:
    pass


def _check_unused(memory: Memory, namespaces: Mapping[str, list[Turn]], store: str) -> None:
    for namespace, turns in namespaces.items():
        if found := memory.recall(turns[0].text, namespace=namespace, k=1):
            raise InvalidInput(
                f"{store}: namespace {namespace!r} already holds {found[0].id!r}, which would be "
                'ranked with the memories to measure; use a new file, or ":memory:"'
            )


def _remember(memory: Memory, namespaces: Mapping[str, list[Turn]], tell: Progress) -> None:
    total, done = sum(map(len, namespaces.values())), 0
    for namespace, turns in namespaces.items():
        memory.remember(turns, namespace=namespace)
        done += len(turns)
        tell("remember", done, total)


def _ask(
    memory: Memory,
    namespaces: Mapping[str, list[Turn]],
    questions: list[Question],
    k: int,
    tell: Progress,
) -> tuple[list[dict[str, float]], list[float], tuple[str, ...]]:
    """Each question's measures, each recall's milliseconds, and what was degraded."""
    rows: list[dict[str, float]] = []
    milliseconds: list[float] = []
    degraded: dict[str, None] = {}
    for namespace, group in groupby(questions, key=lambda question: question.namespace):
        at = newest(namespaces[namespace])
        memory.recall("warm", namespace=namespace, at=at)  # loading is not what is timed
        for question in group:
            started = time.perf_counter()
            found = memory.recall(question.text, namespace=namespace, k=k, at=at)
            milliseconds.append((time.perf_counter() - started) * 1e3)
            degraded.update(dict.fromkeys(found.degraded))
            rows.append(_measure(metrics.unique(item.source for item in found), question.gold, k))
            tell("recall", len(rows), len(questions))
    return rows, milliseconds, tuple(degraded)


def newest(turns: list[Turn]) -> str | None:
    """The latest time among the memories; None, which is now, where none has a time."""
    times = [instants.parse(turn.at) for turn in turns if turn.at is not None]
    return instants.render(max(times)) if times else None


def _measure(ranked: list[str], gold: frozenset[str], k: int) -> dict[str, float]:
    cutoffs = sorted({cutoff for cutoff in CUTOFFS if cutoff < k} | {k})
    depth = min(NDCG_AT, k)
    return {
        **{f"R@{cutoff}": metrics.recall(ranked, gold, cutoff) for cutoff in cutoffs},
        "MRR": metrics.reciprocal_rank(ranked, gold),
        f"nDCG@{depth}": metrics.ndcg(ranked, gold, depth),
    }


def _groups(questions: list[Question], rows: list[dict[str, float]]) -> dict[str, Scores]:
    by_type: dict[str, list[dict[str, float]]] = {}
    for question, row in zip(questions, rows, strict=True):
        by_type.setdefault(question.type, []).append(row)
    types = sorted(filter(None, by_type))
    chosen = {ALL: rows}
    if ADVERSARIAL in types and len(types) > 1:
        pairs = zip(questions, rows, strict=True)
        chosen[WITHOUT_ADVERSARIAL] = [
            row for question, row in pairs if question.type != ADVERSARIAL
        ]
    chosen |= {name: by_type[name] for name in types}
    return {name: _means(group) for name, group in chosen.items()}


def _means(rows: list[dict[str, float]]) -> Scores:
    return Scores(
        len(rows), {name: statistics.fmean(row[name] for row in rows) for name in rows[0]}
    )


# -- reading the files --------------------------------------------------------------------------


def memories(directory: Path) -> dict[str, list[Turn]]:
    """The turns of each namespace. Raises `InvalidInput` as `run` does."""
    return _memories(directory / "memories.jsonl")


def load(directory: Path) -> tuple[dict[str, list[Turn]], list[Question]]:
    """The turns of each namespace, and the questions. Raises `InvalidInput` as `run` does."""
    namespaces = memories(directory)
    return namespaces, _questions(directory / "questions.jsonl", namespaces)


def _memories(path: Path) -> dict[str, list[Turn]]:
    """The turns of each namespace, in the order of the file."""
    namespaces: dict[str, list[Turn]] = {}
    seen: set[tuple[str, str]] = set()
    for where, line in _lines(path):
        namespace, id = _text(line, "namespace", where), _text(line, "id", where)
        if (namespace, id) in seen:
            raise InvalidInput(
                f"{where}: id {id!r} stands a second time in namespace {namespace!r}; "
                "every memory needs an id of its own"
            )
        seen.add((namespace, id))
        turn = Turn(
            text=_text(line, "text", where),
            id=id,
            speaker=_text(line, "speaker", where, optional=True),
            session=_text(line, "session", where, optional=True),
            at=_text(line, "at", where, optional=True),
        )
        namespaces.setdefault(namespace, []).append(turn)
    if not namespaces:
        raise InvalidInput(f"{path} is empty; give one memory a line")
    return namespaces


def _gold(line: Mapping[str, Any], where: str) -> frozenset[str]:
    """Return the gold ids of a line. Raises `InvalidInput`."""
    gold = line.get("gold")
    if not isinstance(gold, list) or not gold or not all(isinstance(id, str) for id in gold):
        raise InvalidInput(f"{where}: gold={gold!r:.80} is not a list of at least one id")
    return frozenset(gold)


def _questions(path: Path, namespaces: Mapping[str, list[Turn]]) -> list[Question]:
    """The questions, those of one namespace together, each gold id checked."""
    known = {namespace: {turn.id for turn in turns} for namespace, turns in namespaces.items()}
    questions = []
    for where, line in _lines(path):
        namespace = _text(line, "namespace", where)
        gold = _gold(line, where)
        if unknown := gold - known.get(namespace, set()):
            raise InvalidInput(
                f"{where}: gold ids {sorted(unknown)} are in no memory of namespace {namespace!r}; "
                "correct them, or add the memories"
            )
        questions.append(
            Question(
                namespace=namespace,
                text=_text(line, "question", where),
                gold=gold,
                type=_text(line, "type", where, optional=True) or "",
            )
        )
    if not questions:
        raise InvalidInput(f"{path} is empty; give one question a line")
    order = {namespace: place for place, namespace in enumerate(namespaces)}
    return sorted(questions, key=lambda question: order[question.namespace])


def _lines(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """(where, object) of each line; `where` is "path:line"."""
    try:
        with path.open(encoding="utf-8") as file:
            for number, raw in enumerate(file, start=1):
                where = f"{path}:{number}"
                if not raw.strip():
                    continue
                try:
                    value = json.loads(raw)
                except ValueError as error:
                    raise InvalidInput(
                        f"{where}: {raw.strip()!r:.80} is no JSON: {error}"
                    ) from None
                if not isinstance(value, dict):
                    raise InvalidInput(f"{where}: {raw.strip()!r:.80} is no JSON object")
                yield where, value
    except OSError as error:
        raise InvalidInput(
            f"cannot read {path}: {error.strerror}; an evaluation is a folder with memories.jsonl "
            "and questions.jsonl"
        ) from error
    except UnicodeDecodeError as error:
        raise InvalidInput(f"{path} is not UTF-8: {error}") from error


def _text(line: dict[str, Any], key: str, where: str, *, optional: bool = False) -> Any:
    """The text under `key`; None where it may be missing and is."""
    value = line.get(key)
    if optional and value is None:
        return None
    if not isinstance(value, str) or not value.strip():
        raise InvalidInput(f"{where}: {key}={value!r:.80} is no text; every line needs it")
    return value
