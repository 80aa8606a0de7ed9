"""Questions with known answers, asked of a memory: the share answered right, by sort of question.

A folder holds `memories.jsonl` (id, at, text, speaker where there is one) and `questions.jsonl`
(question, answer, type; gold ids where there are any). Types: "count", "average", "argmax", "list",
"atomic", "why", "why not said". An answer of SQL rows is a list of lists.
"""

import json
import re
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from remanence import build
from remanence.apps.ask.answers import Answer
from remanence.apps.ask.asker import Asker
from remanence.errors import InvalidInput
from remanence.memory import Memory

NAMESPACE: Final = "questions"
_NUMBER_TOLERANCE: Final = 0.01
_DATE: Final = re.compile(r"^(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:[ T].*)?$")


@dataclass(slots=True)
class Tally:
    """The outcome of the questions of one type."""

    questions: int = 0
    """How many were asked."""
    score: float = 0.0
    """Sum of their scores, each in [0, 1]."""
    answered: int = 0
    """How many were answered at all."""
    invented: int = 0
    """How many gave a number that no cited row gives."""


@dataclass(slots=True)
class AskReport:
    """The outcome of a folder of questions."""

    tallies: dict[str, Tally] = field(default_factory=dict)
    """By type of question."""
    milliseconds: list[float] = field(default_factory=list)
    """Of each answer."""
    wrong: list[dict[str, Any]] = field(default_factory=list)
    """Questions that scored less than 1, with what was answered."""

    def as_json(self) -> dict[str, Any]:
        """Return the shares by type, and how long an answer took."""
        rows = {
            name: {**asdict(tally), "score": round(tally.score / max(1, tally.questions), 4)}
            for name, tally in sorted(self.tallies.items())
        }
        ordered = sorted(self.milliseconds)
        return {
            "types": rows,
            "p50_ms": round(_quantile(ordered, 0.50), 1),
            "p95_ms": round(_quantile(ordered, 0.95), 1),
        }

    def table(self) -> str:
        """Return the same as a table of text."""
        shown = self.as_json()
        lines = [f"{'type':<14}{'questions':>10}{'score':>8}{'answered':>10}{'invented':>10}"]
        lines += [
            f"{name:<14}{row['questions']:>10}{row['score']:>8.3f}"
            f"{row['answered']:>10}{row['invented']:>10}"
            for name, row in shown["types"].items()
        ]
        return "\n".join([*lines, f"p50 {shown['p50_ms']} ms, p95 {shown['p95_ms']} ms"])


def _quantile(ordered: Sequence[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


def run(
    folder: Path,
    *,
    at: str | None = None,
    store: str = ":memory:",
    embedder: str | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,  # noqa: ARG005
) -> AskReport:
    """Remember what a folder holds, ask its questions, and return the outcome.

    `at` is the instant at which they are asked; absent, the day after the last memory. Raises
    `InvalidInput` where the folder has no such files.
    """
    memories, asked = _lines(folder / "memories.jsonl"), _lines(folder / "questions.jsonl")
    latest = at or max(str(row["at"]) for row in memories)
    report = AskReport()
    with build.open(store, embedder=embedder) as memory:
        _remember(memory, memories)
        asker = Asker(memory)
        for done, row in enumerate(asked):
            began = time.perf_counter()
            answer = asker.ask(row["question"], namespace=NAMESPACE, at=latest)
            if done:  # the first reads the log for events
                report.milliseconds.append(1000 * (time.perf_counter() - began))
            _tally(report, row, answer)
            progress(done + 1, len(asked))
    return report


def _lines(path: Path) -> list[dict[str, Any]]:
    if not path.exists():
        raise InvalidInput(f"{path} is not there; a folder of questions has it")
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]


def _remember(memory: Memory, rows: Iterable[dict[str, Any]]) -> None:
    turns = [
        {"text": row["text"], "at": row["at"], "id": row["id"], "speaker": row.get("speaker")}
        for row in rows
    ]
    memory.remember(turns, namespace=NAMESPACE)


def _tally(report: AskReport, row: dict[str, Any], answer: Answer) -> None:
    tally = report.tallies.setdefault(row["type"], Tally())
    score = scored(row, answer)
    tally.questions += 1
    tally.score += score
    tally.answered += answer.known
    tally.invented += bool(answer.known and answer.number and not answer.citations)
    if score < 1:
        report.wrong.append(
            {"type": row["type"], "question": row["question"], "gold": row["answer"],
             "answer": answer.text, "known": answer.known, "plan": answer.plan, "score": score}
        )  # fmt: skip


def scored(row: dict[str, Any], answer: Answer) -> float:
    """Return the score of an answer, in [0, 1].

    A count or an average must be right to one percent; of a superlative, the winner must be among
    those named first (ties are all named); a list scores its F1; another answer must hold every
    part of the right one.
    """
    gold, kind = row["answer"], row["type"]
    if not answer.known:
        return float(kind == "why not said")
    if kind in ("count", "average"):
        if answer.number is None:
            return 0.0
        right = float(gold[0][0])
        return float(abs(answer.number - right) <= max(1e-9, _NUMBER_TOLERANCE * abs(right)))
    named = {_plain(value) for value in answer.values}
    if kind == "argmax":
        return _ranked(gold, named)
    if kind == "list":
        return _f1({_plain(str(each[0])) for each in gold}, named)
    if kind.startswith("why"):
        return _caused(gold, answer)
    return _atomic(str(gold), answer, named)


def _ranked(gold: Sequence[Sequence[str]], named: set[str]) -> float:
    if len(gold) > 1:
        return _f1({_plain(str(each[0])) for each in gold}, named)
    first = gold[0]
    if len(first) == 3 and first[0].isdigit():  # year, month, how often
        return float(f"{int(first[0]):04}-{int(first[1]):02}" in named)
    return float(_plain(str(first[0])) in named)


def _f1(gold: set[str], named: set[str]) -> float:
    both = len(gold & named)
    return 2 * both / (len(gold) + len(named)) if gold or named else 1.0


def _caused(gold: Any, answer: Answer) -> float:
    """Return whether every cause in `gold` is cited; an unstated cause must not be answered."""
    ids = {cited.id for cited in answer.citations}
    return float(bool(gold) and set(gold) <= ids)


def _atomic(gold: str, answer: Answer, named: set[str]) -> float:
    if gold.lower() in ("yes", "no"):
        return float(answer.number is not None and (answer.number > 0) == (gold.lower() == "yes"))
    if re.fullmatch(r"\d+ \w+", gold) and answer.number is not None:
        return float(float(gold.split(maxsplit=1)[0]) == answer.number)
    parts = [_plain(part) for part in re.split(r",\s*(?:and\s+)?", gold)]
    text = _plain(answer.text)
    return float(all(part in named or part in text for part in parts))


def _plain(text: str) -> str:
    """Return an answer without article, case and the form of a date."""
    dated = _DATE.match(text.strip())
    if dated:
        return f"{int(dated[1]):04}-{int(dated[2]):02}-{int(dated[3]):02}"
    folded = " ".join(text.replace("’", "'").casefold().split())
    return re.sub(r"^(?:a|an|the|and) ", "", folded).rstrip(".")
