"""Offers of a memory's own facts: how many of the untold facts are offered, and how well
calibrated.

A tenth of what is known is never told. How much of that is offered, and whether probabilities are
what they say, for a company made up in English and in Chinese, and for the facts of a public set.
The sets are no part of the project; `--data` gives the folder that holds theirs.
"""

import argparse
import json
import random
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import report
import torch

import remanence
from remanence import knowledge
from remanence.kge import calibration
from remanence.memory import Memory

SIZES = (100, 300, 1_000, 3_000)
PROGRESS_INTERVAL = 0.9  # share of the facts that is told
NS = "bench"


def lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        yield from map(json.loads, file)


def remember(memory: Memory, folder: Path) -> None:
    turns = defaultdict(list)
    for row in lines(folder / "memories.jsonl"):
        fields = {name: row.get(name) for name in ("id", "text", "speaker", "session", "at")}
        turns[row["namespace"]].append(remanence.Turn(**fields))
    for namespace, listed in turns.items():
        memory.remember(listed, namespace=namespace)


ENGLISH = {
    "first": [
        "Ada",
        "Ben",
        "Cleo",
        "Dan",
        "Eva",
        "Finn",
        "Gwen",
        "Hugo",
        "Iris",
        "Jack",
        "Kira",
        "Liam",
        "Mona",
        "Nils",
        "Olga",
        "Paul",
        "Rosa",
        "Sean",
        "Tess",
        "Vera",
    ],
    "last": [
        "Adler",
        "Brooks",
        "Carver",
        "Dalton",
        "Ellis",
        "Foster",
        "Garner",
        "Hobbs",
        "Irwin",
        "Jarvis",
        "Keller",
        "Lowell",
        "Mercer",
        "Norris",
        "Osborn",
        "Porter",
    ],
    "company": "{} Works",
    "city": "{}ville",
    "state": "{} Province",
    "tool": "{} Suite",
    "club": "{} Society",
    "stem": [
        "Arlen",
        "Bexley",
        "Corrin",
        "Dunmore",
        "Esker",
        "Farrow",
        "Glaston",
        "Harwick",
        "Inver",
        "Jarrow",
        "Kelso",
        "Lorton",
    ],
    "language": ["English", "Spanish", "Welsh", "Dutch"],
    "hobby": [
        "chess",
        "climbing",
        "sailing",
        "pottery",
        "archery",
        "cycling",
        "baking",
        "fencing",
        "rowing",
        "knitting",
    ],
}
CHINESE = {
    "first": [
        "建国",
        "志强",
        "丽华",
        "文博",
        "晓燕",
        "海涛",
        "雪梅",
        "思远",
        "佳怡",
        "俊杰",
        "雅琴",
        "振宇",
        "美玲",
        "国栋",
        "欣然",
        "立新",
        "春晖",
        "子涵",
        "永康",
        "秀英",
    ],
    "last": list("王李张刘陈杨黄赵吴周徐孙马朱胡郭"),
    "company": "{}科技公司",
    "city": "{}市",
    "state": "{}地区",
    "tool": "{}软件",
    "club": "{}协会",
    "stem": [
        "安澜",
        "博远",
        "长宁",
        "德庆",
        "恩平",
        "丰原",
        "广宁",
        "海晏",
        "吉安",
        "开阳",
        "临泽",
        "明溪",
    ],
    "language": ["英语", "法语", "粤语", "日语"],
    "hobby": ["象棋", "登山", "划船", "陶艺", "射箭", "骑行", "烘焙", "击剑", "书法", "编织"],
}


def company(words: dict[str, Any], size: int, seed: int = 0) -> list[tuple[str, str, str]]:
    """About `size` facts of people who work for firms:

    where one works says much of where he lives, what he uses, likes and speaks.
    """
    rng = random.Random(seed)
    people = [
        a + b if words is CHINESE else f"{b} {a}" for a in words["last"] for b in words["first"]
    ]
    rng.shuffle(people)
    firms = max(3, min(len(words["stem"]), size // 60))
    facts: dict[tuple[str, str, str], None] = {}
    for at in range(firms):
        city = words["city"].format(words["stem"][at])
        facts[words["company"].format(words["stem"][at]), "headquartered_in", city] = None
        facts[city, "located_in", words["state"].format(words["stem"][at // 3])] = None
    for number, person in enumerate(people):
        if len(facts) >= size:
            break
        at = number % firms
        home = at if rng.random() < 0.85 else rng.randrange(firms)
        facts[person, "works_for", words["company"].format(words["stem"][at])] = None
        facts[person, "lives_in", words["city"].format(words["stem"][home])] = None
        facts[
            person,
            "speaks",
            words["language"][home % 4 if rng.random() < 0.9 else rng.randrange(4)],
        ] = None
        facts[person, "member_of", words["club"].format(words["stem"][at])] = None
        for hobby in rng.sample(range(3), 2):
            facts[person, "likes", words["hobby"][(at * 2 + hobby) % 10]] = None
        facts[
            person, "uses", words["tool"].format(words["stem"][(at + rng.randrange(2)) % firms])
        ] = None
        if number >= firms:
            facts[person, "colleague_of", people[number - firms]] = None
    return list(facts)[:size]


def offered(facts: list[tuple[str, str, str]], args: argparse.Namespace) -> list[Any]:
    """Tell most of `facts`, and see what is offered of the rest."""
    rng = random.Random(1)
    order = rng.sample(facts, len(facts))
    cut = round(PROGRESS_INTERVAL * len(order))
    with remanence.open(":memory:", embedder="hash:32") as memory:
        for subject, relation, value in order[:cut]:
            memory.learn(subject, relation, value, namespace=NS)
        started = time.process_time()
        model = knowledge.train(memory, NS, args.model, **args.recipe)
        seconds = time.process_time() - started
        known = set(knowledge.triples_of(memory, NS))
        named = {name for s, _, o in known for name in (s, o)}
        hidden = {f for f in order[cut:] if f[0] in named and f[2] in named and f not in known}
        all_of_them = knowledge.predict_facts(
            memory, NS, k=10**6, least=knowledge.LEAST, model=model
        )
        if all_of_them.withheld:
            return [len(known), len(hidden), *[None] * 8, round(seconds, 1)]
        chances = np.array([each.probability for each in all_of_them])
        right = np.array(
            [(o.subject, o.relation, o.object) in hidden for o in all_of_them], np.bool_
        )
        bins = calibration.reliability(chances, right, np.ones(len(chances)))
        places = []
        for subject, relation, value in sorted(hidden)[:300]:
            few = knowledge.predict_facts(memory, NS, subject, relation, k=3, least=0, model=model)
            places.append(
                [each.object for each in few].index(value)
                if value in [e.object for e in few]
                else 9
            )
        top = chances >= 0.5
        figures = [
            float(np.mean(np.array(places) < 1)),
            float(np.mean(np.array(places) < 3)),
            len(chances),
            float(chances.mean()) if len(right) else None,
            float(right.mean()) if len(right) else None,
            int(top.sum()),
            float(right[top].mean()) if top.any() else None,
            calibration.error(bins),
        ]
    return [
        len(known),
        len(hidden),
        *(round(f, 3) if isinstance(f, float) else f for f in figures),
        round(seconds, 1),
    ]


def offers(args: argparse.Namespace) -> None:
    rows: list[list[Any]] = []
    notes = [
        (
            "a tenth of the facts is never told; hits: of these, how many are the first offer (the "
            "first three) for their subject and relation"
        ),
        (
            f"offers: of probability {knowledge.LEAST} and more; confirmed: how many of them, or "
            f"of "
            f"those of 0.5 and more, were not told"
        ),
        (
            "calibration error: mean gap between probability and share confirmed, over tenths of "
            "probability, weighted by offers (Guo et al., 2017)"
        ),
        f"model {args.model}, {torch.get_num_threads()} torch threads, seconds of CPU",
    ]
    for words, language in ((ENGLISH, "English"), (CHINESE, "Chinese")):
        for size in args.sizes:
            rows.append([f"company, {language}", *offered(company(words, size), args)])
            report.say(f"  {rows[-1]}")
    folder = args.data / "2wiki-train"
    if args.quick or not folder.is_dir():
        notes.append(
            f"without the facts of {folder.name}: "
            f"{'--quick' if args.quick else f'{folder} is not there'}"
        )
    else:
        with remanence.open(":memory:", embedder="hash:32") as memory:
            remember(memory, folder)
            namespace = next(lines(folder / "questions.jsonl"))["namespace"]
            facts = knowledge.triples_of(memory, namespace)
        rows.append(["2wiki-train", *offered(facts, args)])
    header = [
        "memory",
        "facts",
        "untold",
        "hit@1",
        "hit@3",
        "offers",
        "mean p",
        "confirmed",
        "of 0.5+",
        "confirmed",
        "calibration error",
        "train s",
    ]
    report.show("Predictions", header, rows, args, notes=notes)


def main() -> None:
    parser = report.arguments(__doc__)
    parser.add_argument("--data", type=Path, default=report.DATA, help="folder of the sets")
    parser.add_argument("--model", default="transe")
    parser.add_argument("--dim", type=int, default=64)
    parser.add_argument("--epochs", type=int, default=0, help="default: the preset's")
    args = parser.parse_args()
    args.sizes = SIZES[:2] if args.quick else SIZES
    args.recipe = {"dim": args.dim, **({"epochs": args.epochs} if args.epochs else {})}
    torch.set_num_threads(1)
    offers(args)


if __name__ == "__main__":
    main()
