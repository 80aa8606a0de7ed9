"""What consolidation teaches a language model, and what it costs: new facts, neighbours, old facts,
other texts, nights, forgetting, updates, a turn, both memories together.

The base model is built and pretrained on the spot: a GPT-2 of 3 layers, 96 wide, on the facts of
240 people (where they live, what they work as, which pet they have) in the phrasings that
consolidation uses, held-out ones too, so that it understands a question. 250 more people are known
by their pet alone; where they live and what they work as are the new facts, 150 in one night, or 50
a night for ten. A name is one made-up word, an answer one of 10 or 20. Answers are decoded greedily
and freely, in the held-out phrasing. No model is downloaded. Quick: 40 people, 20 strangers.
`group_facts` has a world and a model of its own, in `parametric_together.py` and
`parametric_reader.py`.
"""

import math
import random
import tempfile
import time
from pathlib import Path

import corpus
import parametric_together
import report
import torch
from parametric_world import (
    CITIES,
    KINDS,
    OPEN,
    World,
    base_of,
    example,
    say,
    told,
    with_live,
    world,
)

import remanence
from remanence.chat import Chat
from remanence.consolidation import AdapterRecipe, consolidate, phrasings
from remanence.consolidation.prompting import PromptFormat
from remanence.llm.scripted import ScriptedModel

PARTS = ("teach", "nights", "forget", "updates", "turn", "together")
NOTES = {
    "teach": [
        "general: relative rise of the loss on 60 whole texts of the base's world",
        "all old: every fact that the base knew, with the adapter on",
    ],
    "nights": ["shares told, with the night's adapter on"],
    "forget": ["a value by chance: 5 %; exposure by chance: 1.3 bits or so, at most 4.3"],
    "turn": [
        "remember, recall, facts, compose, remember: two durable writes; the model says one word"
    ],
}


def remembering(place: World, facts):
    """A memory that holds what the base knows, and these new facts."""
    memory = remanence.open(":memory:", embedder="hash:64")
    for key, value in {**place.old, **facts}.items():
        say(memory, key, value)
    return memory


def general_of(place: World, count: int):
    """Whole texts of the base's own world:

    what it is to stay good at, besides the facts that are replayed.
    """
    chance = random.Random(1)
    facts = [example(key, value) for key, value in chance.sample(list(place.old.items()), count)]
    return [f"{each.given} {each.answer}" for each in map(phrasings.held_out, facts)]


def nightly(memory, local, place, **changes):
    return consolidate(
        memory,
        "w",
        local,
        recipe=AdapterRecipe(**changes),
        gate=OPEN,
        general=general_of(place, 60),
    )


def teach(place, local, new):
    """150 new facts in one night, with replay and without."""
    prompt_format, rows = PromptFormat(local), []
    for name, changes in (
        ("as it is", {}),
        ("no replay, no KL", {"replay": 0, "kl": 0.0, "sample_texts": 0}),
    ):
        with remembering(place, new) as memory:
            before = told(prompt_format, new)
            run = nightly(memory, local, place, **changes)
            old = with_live(memory, local, lambda: told(prompt_format, place.old))
            s = run.scores
            rows.append(
                (
                    name,
                    run.taught,
                    before,
                    s["new"],
                    s["neighbours"],
                    s["older"],
                    old,
                    s["general"],
                    run.steps,
                    run.cpu,
                )
            )
    return (
        "New facts in one night",
        (
            "",
            "new",
            "before",
            "after",
            "neighbours",
            "older",
            "all old",
            "general",
            "steps",
            "CPU s",
        ),
        rows,
    )


def nights(place, local, new, each):
    """One night after another, each with facts of its own."""
    prompt_format, facts = PromptFormat(local), list(new.items())
    batches = [dict(facts[start : start + each]) for start in range(0, len(facts), each)]
    rows = []
    with remembering(place, {}) as memory:
        for training_state, batch in enumerate(batches, 1):
            for key, value in batch.items():
                say(memory, key, value)
            run = nightly(memory, local, place)
            first, old = with_live(
                memory,
                local,
                lambda: (told(prompt_format, batches[0]), told(prompt_format, place.old)),
            )
            report.say(f"night {training_state}: first night's {first:.0%}, base facts {old:.0%}")
            rows.append(
                (
                    training_state,
                    run.scores["new"],
                    first,
                    old,
                    run.scores["general"],
                    run.steps,
                    run.cpu,
                )
            )
    return (
        "Nights",
        ("night", "tonight's", "first night's", "base facts", "general", "steps", "CPU s"),
        rows,
    )


def exposure(prompt_format, facts) -> float:
    """Mean bits by which the true value is likelier than its rank by chance (Carlini et al., 2019,
    "The Secret Sharer"), among all values of its kind.
    """
    bits = []
    for (name, kind), value in facts.items():
        values = dict(KINDS)[kind]
        asked = [phrasings.held_out(example((name, kind), each)) for each in values]
        batch = prompt_format.batch([(each, 0) for each in asked])
        with torch.no_grad():
            likely = prompt_format.logits(batch).log_softmax(-1)
        there = batch.labels != -100
        scores = (
            likely.collect_facts(-1, batch.labels.clamp_min(0)[..., None])[..., 0] * there
        ).sum(1)
        rank = 1 + int((scores > scores[values.index(value)]).sum())
        bits.append(math.log2(len(values)) - math.log2(rank))
    return sum(bits) / len(bits)


def forget(place, local, new, count):
    """Forget some of what was taught; teach the rest again."""
    prompt_format = PromptFormat(local)
    gone = dict(random.Random(2).sample(list(new.items()), count))
    rest = {key: value for key, value in new.items() if key not in gone}

    def look():
        return (
            told(prompt_format, gone),
            exposure(prompt_format, gone),
            told(prompt_format, rest),
            told(prompt_format, place.old),
        )

    rows = [("never taught", *look())]
    with remembering(place, new) as memory:
        nightly(memory, local, place)
        rows.append(("taught", *with_live(memory, local, look)))
        hit = sum(
            memory.forget(namespace="w", id=f"{k[0]} {k[1]} {v}").adapters for k, v in gone.items()
        )
        rows.append((f"forgotten ({hit} adapter out of use)", *look()))
        nightly(memory, local, place)
        rows.append(("taught again without them", *with_live(memory, local, look)))
    with remembering(place, rest) as memory:
        nightly(memory, local, place)
        rows.append(("taught the rest alone, for comparison", *with_live(memory, local, look)))
    return (
        f"Forgetting {count} facts",
        ("", "they are told", "exposure, bits", "the rest", "base facts"),
        rows,
    )


def updates(place, local, new, count):
    """Some facts change; the next night tells the new value, not the old."""
    prompt_format, chance = PromptFormat(local), random.Random(3)
    changed = {}
    for key, value in chance.sample(
        [item for item in new.items() if item[0][1] == "lives_in"], count
    ):
        changed[key] = chance.choice([each for each in CITIES if each != value])
    was = {key: new[key] for key in changed}
    with remembering(place, new) as memory:
        nightly(memory, local, place)
        rows = [
            (
                "before",
                *with_live(
                    memory, local, lambda: (told(prompt_format, changed), told(prompt_format, was))
                ),
                1.0,
            )
        ]
        for key, value in changed.items():
            say(memory, key, value, at="2025-06-01")
        run = nightly(memory, local, place)
        found = with_live(
            memory, local, lambda: (told(prompt_format, changed), told(prompt_format, was))
        )
        rows.append(("after the next night", *found, run.scores["older"]))
    return (
        f"{count} updates",
        ("", "new value told", "old value told", "what was told still is"),
        rows,
    )


def turn(memories, turns):
    """A turn besides the model: remember, recall, facts, compose, remember."""
    with tempfile.TemporaryDirectory() as folder, remanence.open(Path(folder) / "t.db") as memory:
        memory.remember(corpus.turns(memories), namespace="t")
        talk = Chat(memory, ScriptedModel("Yes."), namespace="t", speaker="Ana", session="s")
        spent = []
        for question in corpus.questions(turns + 5):
            began = time.perf_counter()
            talk.say(question).answer  # noqa: B018  waits for the reply
            spent.append(time.perf_counter() - began)
    row = (memories, report.median_ms(spent[5:]), 1e3 * report.percentile(spent[5:], 0.95))
    return "A turn besides the model", ("memories", "p50 ms", "p95 ms"), [row]


def main() -> None:
    parser = report.arguments(__doc__)
    parser.add_argument("--part", nargs="*", choices=PARTS, default=list(PARTS))
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    torch.set_num_threads(1)
    people, strangers, steps, each = (40, 20, 300, 20) if args.quick else (240, 250, 1500, 50)
    place = world(args.seed, people, strangers)
    first = dict(list(place.new.items())[: 40 if args.quick else 150])
    jobs = {
        "teach": lambda local: teach(place, local, first),
        "nights": lambda local: nights(place, local, place.new, each),
        "forget": lambda local: forget(place, local, first, 5 if args.quick else 20),
        "updates": lambda local: updates(place, local, first, 5 if args.quick else 30),
    }
    local = None
    for part in args.part:
        if part == "together":
            for *shown, notes in parametric_together.tables(args):
                report.show(*shown, args, notes=notes)
            continue
        if part == "turn":
            table = turn(1_000 if args.quick else 10_000, 40 if args.quick else 400)
        else:
            local = local or base_of(
                place, args.seed, steps, report.OUT / f"parametric-{people}-{steps}-{args.seed}"
            )
            table = jobs[part](local)
        report.show(*table, args, notes=NOTES.get(part, ()))


if __name__ == "__main__":
    main()
