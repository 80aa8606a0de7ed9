"""How much of what is said the rules read, and how much of what they read is said: precision and
recall over labelled sentences, and turns a second.

The sentences lie in `tests/data/facts`: `tune.jsonl` was used while the rules were written,
`test.jsonl` was not. A fact counts when subject, relation, object and polarity (denied or ended, or
not) are those of the label, apart from case, articles and marks.
"""

import json
import re
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import report

from remanence import instants
from remanence.encoding.candidate import Candidate
from remanence.encoding.extraction import extract
from remanence.encoding.relations import RELATIONS

LABELLED = Path(__file__).resolve().parent.parent / "tests" / "data" / "facts"
SPLITS = ("tune", "test")
REPEATS = 20
SILENT = (
    (
        "Hmm, no idea, sounds complicated if you ask me, but whatever makes everyone happy is "
        "probably fine, so let us wait and see."
    ),
    "嗯，不知道，听起来挺复杂的，不过大家高兴就好，再等等看吧。",
)
Key = tuple[str, str, str, bool]


def normal(text: str) -> str:
    text = re.sub(r"[\"“”《》,.;!?]", "", text.casefold().replace("’", "'")).strip(" '()")
    return " ".join(re.sub(r"^(?:a|an|the|some) ", "", text).split())


def key(subject: str, relation: str, value: str, *, over: bool) -> Key:
    """A fact as it is compared: normalised, said from the side that comes first."""
    subject, value = normal(subject), normal(value)
    inverse = RELATIONS[relation].inverse if relation in RELATIONS else None
    if inverse and (inverse, value) < (relation, subject):
        subject, relation, value = value, inverse, subject
    return subject, relation, value, over


def labelled(split: str) -> Iterator[dict[str, Any]]:
    for line in (LABELLED / f"{split}.jsonl").read_text(encoding="utf-8").splitlines():
        yield json.loads(line)


def given(row: dict[str, Any]) -> set[Key]:
    found = extract(
        row["text"],
        speaker=row["speaker"],
        addressee=row.get("addressee"),
        at=instants.parse(row["at"]),
    )
    said = {
        key(c.subject, c.relation, c.object, over=c.negated or c.change == "end")
        for c in found
        if labelled_kind(c)
    }
    return said - stated(row.get("also", ()))


def labelled_kind(candidate: Candidate) -> bool:
    """Whether the labels speak of such facts at all: of their relations, and of named people.

    They leave out endings without a value, and that "my sister" is one.
    """
    return (
        candidate.relation in _relations()
        and candidate.object != ""
        and not candidate.object.startswith(f"{candidate.subject}'s ")
    )


@cache
def _relations() -> frozenset[str]:
    """The relations of the labels: those that the table had when they were written."""
    return frozenset(
        fact["relation"] for split in SPLITS for row in labelled(split) for fact in row["gold"]
    )


def wanted(row: dict[str, Any]) -> set[Key]:
    return stated(row["gold"])


def stated(facts: Iterable[dict[str, Any]]) -> set[Key]:
    """Labelled facts as they are compared; those of `also` may be given or not."""
    return {
        key(
            fact["subject"],
            fact["relation"],
            fact["object"],
            over=fact.get("negated", False) or fact.get("change") == "end",
        )
        for fact in facts
    }


def rows_of(split: str) -> list[list[Any]]:
    """A line for all of a split, then one for each language and kind."""
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for row in labelled(split):
        said, gold = given(row), wanted(row)
        for group in (split, f"  {row['lang']} {row['kind']}"):
            for place, value in enumerate((1, len(gold), len(said), len(said & gold))):
                counts[group][place] += value
    return [
        [
            group,
            *numbers,
            round(numbers[3] / max(numbers[2], 1), 3),
            round(numbers[3] / max(numbers[1], 1), 3),
        ]
        for group, numbers in counts.items()
    ]


def microseconds(turns: list[tuple[str, str | None]], repeats: int) -> float:
    """Mean time of one turn, the best of three rounds."""
    at = instants.parse("2025-03-20T09:00:00")
    best = float("inf")
    for _ in range(3):
        start = time.perf_counter()
        for _ in range(repeats):
            for text, speaker in turns:
                extract(text, speaker=speaker, addressee=None, at=at)
        best = min(best, (time.perf_counter() - start) / repeats / len(turns))
    return best * 1e6


def main() -> None:
    args = report.arguments(__doc__).parse_args()
    repeats = 1 if args.quick else REPEATS
    rows = [row for split in SPLITS for row in rows_of(split)]
    notes = []
    for kind in ("dialogue", "prose"):
        for lang in ("en", "zh"):
            turns = [
                (row["text"], row["speaker"])
                for split in SPLITS
                for row in labelled(split)
                if (row["lang"], row["kind"]) == (lang, kind)
            ]
            taken = microseconds(turns, repeats)
            size = sum(len(text) for text, _ in turns) / len(turns)
            notes.append(
                f"{lang} {kind}: {taken:.0f} us a text of {size:.0f} characters, "
                f"{1e6 / taken:,.0f} a second"
            )
    for text in SILENT:
        taken = microseconds([(text, "Wei")], 50 * repeats)
        notes.append(f"a turn that states nothing, {len(text)} characters: {taken:.0f} us")
    header = ["split", "texts", "facts", "given", "right", "precision", "recall"]
    report.show("Facts read by rules", header, rows, args, notes=notes)


if __name__ == "__main__":
    main()
