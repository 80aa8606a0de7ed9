"""Single bits flipped in the file of a store: is an alteration found, and told without a traceback?

Each trial flips one bit of a sound, unencrypted store and then reads all of it by every way that
there is: recall, context, facts, every episode, export, and `doctor`. A trial is

    harmless   everything reads as it was, and nobody complains
    refused    a reader raised one of the library's errors
    doctor     the readers gave what was true, and `doctor` told of the damage
    altered    a reader gave another text, speaker, time or fact than was stored, and nobody told
    missing    a reader gave less than was stored, and nobody told
    bare       an exception that is none of the library's

Exit code 1 where anything was altered, missing or bare.
"""

import random
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import report

import remanence
from remanence import doctor
from remanence.errors import RemanenceError
from remanence.integrations import jsonl
from remanence.memory import Memory

NAMESPACE = "wei"
TEXTS = {
    f"e{n}": f"episode {n} of the river Min, tea number {n * n}, \u5c0f\u96e8" for n in range(300)
}
QUERY = "the river Min, tea and \u5c0f\u96e8"
BAD = ("altered", "missing", "bare")


def build(path: Path) -> None:
    """Write the sound store."""
    with remanence.open(path, embedder="hash:16") as memory:
        turns = [
            remanence.Turn(text, id=id, speaker="Zo\u00eb", session="s1", at="2025-03-01")
            for id, text in TEXTS.items()
        ]
        memory.remember(turns, namespace=NAMESPACE)
        for name in ("Ana", "Bo", "Cy"):
            memory.learn(name, "likes", f"tea of {name}", namespace=NAMESPACE)


def seen(memory: Memory) -> dict[str, Any]:
    """Return what every reader gives, as values that can be compared."""
    found = memory.recall(QUERY, namespace=NAMESPACE, k=2 * len(TEXTS))
    facts = memory.facts(namespace=NAMESPACE, history=True)
    lines = frozenset(jsonl.lines(memory))
    return {
        "recall": {(r.id, r.text, r.speaker, r.session, str(r.at)) for r in found},
        "facts": {(f.subject, f.relation, f.object, f.state) for f in facts},
        "context": memory.context(QUERY, namespace=NAMESPACE, budget=400).text,
        "export": lines,
    }


def trial(path: Path, whole: dict[str, Any]) -> tuple[str, str]:
    """Return the outcome of reading a damaged store, and its detail."""
    try:
        with remanence.open(path) as memory:
            got = seen(memory)
            told = doctor.verify(memory).problems
    except RemanenceError as error:
        return "refused", type(error).__name__
    except Exception as error:
        return "bare", f"{type(error).__name__}: {error}"[:120]
    unlike = [name for name in whole if got[name] != whole[name]]
    if told:
        return "doctor", ", ".join(unlike)
    if not unlike:
        return "harmless", ""
    sets = [name for name in ("recall", "facts") if got[name] - whole[name]]
    if sets or got["export"] - whole["export"]:
        return "altered", ", ".join(sets or ["export"])
    return "missing", ", ".join(unlike)


def main() -> int:
    parser = report.arguments(__doc__)
    parser.add_argument("--count", type=int, default=1_000, help="bits")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    count, rng = 40 if args.quick else args.count, random.Random(args.seed)
    outcomes, details = Counter[str](), Counter[str]()
    with tempfile.TemporaryDirectory() as folder:
        sound, path = Path(folder) / "sound.db", Path(folder) / "flipped.db"
        build(sound)
        data = sound.read_bytes()
        with remanence.open(sound) as memory:
            whole = seen(memory)
        for _ in range(count):
            place, bit = rng.randrange(len(data)), rng.randrange(8)
            flipped = bytearray(data)
            flipped[place] ^= 1 << bit
            for suffix in ("", "-wal", "-shm"):
                Path(f"{path}{suffix}").unlink(missing_ok=True)
            path.write_bytes(flipped)
            outcome, detail = trial(path, whole)
            outcomes[outcome] += 1
            if outcome in BAD:
                details[f"{outcome}, page {place // 4096}, byte {place}: {detail}"] += 1
    names = ("harmless", "refused", "doctor", *BAD)
    report.show(
        f"{count:,} single bits flipped in a store of {len(data):,} bytes",
        ("outcome", "trials"),
        [(name, outcomes[name]) for name in names],
        args,
        notes=sorted(details)[:40],
    )
    return int(any(outcomes[name] for name in BAD))


if __name__ == "__main__":
    sys.exit(main())
