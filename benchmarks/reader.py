"""What a reader gains on sets that it has not seen: trained on the questions of all other sets and
on questions made from their passages, for several seeds, and measured on the one left out.

Where fewer than half of the candidates have a title, which is so in speech, the reader keeps out,
and nothing changes; `--titled 0` lets it read there too. The sets are not part of the project;
`--data` says where the folders are (see `quality.py`). Needs torch.
"""

import argparse
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import report

from remanence.errors import InvalidInput
from remanence.evals import reader, retrieval
from remanence.evals.reader import Views
from remanence.retrieval import reader as reading

SETS = ("musique", "2wiki-train", "cmrc2018-zh", "locomo", "madial-en", "memdaily-zh")
QUICK = ("madial-en", "musique", "2wiki-train")
MOST = 500  # questions of a set, evenly spread
LEARNT = 400  # questions of another set in an epoch
MADE = 3_200  # questions made from the passages of a set; and of those of all others in an epoch
HEADER = [
    "set",
    "questions",
    "read",
    "R@5 without",
    "R@5 gain, worst seed",
    "mean",
    "best",
    "R@2 gain, mean",
    "R@10 gain, mean",
]


def main() -> None:
    parser = report.arguments(__doc__)
    parser.add_argument("--data", type=Path, default=report.DATA, help="folder of the sets")
    parser.add_argument("--seeds", type=int, default=3, help="trainings for each set")
    parser.add_argument(
        "--titled", type=float, default=reading.TITLED, help="as in `neural reader`"
    )
    parser.add_argument(
        "--own",
        action="store_true",
        help="also with half of the set's own questions, measured on the other half",
    )
    parser.add_argument("sets", nargs="*", help="sets to leave out, one by one; default: all")
    args = parser.parse_args()
    if not args.data.is_dir():
        report.say(f"skipped: {args.data} is not there; give --data a folder of evaluation sets")
        return
    import torch

    torch.set_num_threads(1)
    _show(args)


def _show(args: argparse.Namespace) -> None:
    known = QUICK if args.quick else SETS
    there = [name for name in known if (args.data / name).is_dir()]
    notes = [
        f"skipped {name}: {args.data / name} is not there" for name in known if name not in there
    ]
    notes.append(
        f"at most {MOST} questions of a set, evenly spread; read: the share of them at which the reader does not keep out"
    )
    given, made = _views(there, args, notes)
    rows: list[list[Any]] = []
    spent = time.process_time()
    kept: dict[str, reading.DynamicReader] = {}
    for name in [each for each in there if not args.sets or each in args.sets]:
        others = [views for other, views in [*given.items(), *made.items()] if other != name]
        if not given[name].read(args.titled):
            rows.append(_row(given[name], args, []))
        elif not any(views.read(args.titled) for views in others):
            notes.append(f"{name}: there is no other set to learn from")
        else:
            readers = _trained(others, args, name)
            kept[name] = readers[0]
            rows.append(_row(given[name], args, readers))
            if args.own:
                half = _trained([*others, given[name].half(odd=False)], args, name)
                rows.append(_row(given[name].half(odd=True), args, half, ", half of it learnt"))
    notes.append(f"trainings: {time.process_time() - spent:,.0f} CPU-s")
    for name, first in list(kept.items())[:1]:
        notes.append(_latency(args.data / name, first))
    report.show("A reader on sets that it has not seen", HEADER, rows, args, notes=notes)


def _views(
    there: list[str], args: argparse.Namespace, notes: list[str]
) -> tuple[dict[str, Views], dict[str, Views]]:
    """What a reader sees of each set's questions, and of those made from its passages where they
    have titles.
    """
    given: dict[str, Views] = {}
    made: dict[str, Views] = {}
    for name in there:
        report.say(f"  {name}: reading")
        given[name] = reader.views(args.data / name, most=40 if args.quick else MOST)
        if given[name].read(reading.TITLED):
            try:
                made[name] = reader.made_views(args.data / name, 60 if args.quick else MADE)
            except InvalidInput as error:
                notes.append(str(error))
    return given, made


def _trained(
    others: list[Views], args: argparse.Namespace, name: str
) -> list[reading.DynamicReader]:
    """A reader for each seed.

    Of a large set a part is met in each epoch: it does not crowd out the others.
    """
    from remanence.neural.reader import ReaderPlan

    made = sum(each.name.endswith(reader.MADE) for each in others)
    sizes = [
        min(MADE // made if each.name.endswith(reader.MADE) else LEARNT, len(each.seen))
        for each in others
    ]
    found = []
    for seed in range(args.seeds):
        report.say(f"  {name}: seed {seed}")
        plan = ReaderPlan(seed=seed, epochs=1) if args.quick else ReaderPlan(seed=seed)
        found.append(reader.train(others, plan, titled=args.titled, sizes=sizes))
    return found


def _row(
    views: Views, args: argparse.Namespace, readers: list[reading.DynamicReader], how: str = ""
) -> list[Any]:
    """Of no reader at all: one that keeps out everywhere."""
    found = [reader.gains(each, views) for each in readers] or [reader.gains(reading.SILENT, views)]
    gain = {
        cutoff: [100 * (each[cutoff][1] - each[cutoff][0]) for each in found]
        for cutoff in reader.CUTOFFS
    }
    mean = {cutoff: sum(values) / len(values) for cutoff, values in gain.items()}
    gained = (min(gain[5]), mean[5], max(gain[5]), mean[2], mean[10])
    start = [views.name + how, len(views.seen), f"{views.read(args.titled):.0%}"]
    return [*start, round(found[0][5][0], 3), *(f"{value:+.1f}" for value in gained)]


def _latency(folder: Path, made: reading.DynamicReader) -> str:
    """What a reader adds to one recall: medians over a set's questions, warm."""
    with TemporaryDirectory() as kept:
        path = Path(kept) / "reader.safetensors"
        reading.save(made, path)
        size = path.stat().st_size
        without = retrieval.run(folder).recall_ms
        along = retrieval.run(folder, reader=str(path)).recall_ms
    return f"{folder.name}: median recall {without:.1f} ms without, {along:.1f} ms with a reader of {size / 1e6:.2f} MB"


if __name__ == "__main__":
    main()
