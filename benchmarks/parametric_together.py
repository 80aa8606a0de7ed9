"""What the two memories do together: one model, asked through `Chat` with evidence alone and with
an adapter too, at budgets from nothing to 240 tokens of evidence.

The model is that of `parametric_reader.py`: it knows where 20 people live, what they work as and
which pet they have, and it reads. 40 strangers are talked about in 1,500 turns: 120 state something
new, 30 what the model knows, the rest is chatter; a night teaches what the memory made facts of.
Afterwards it is said who is the boss of whom, which is in the explicit memory alone. Of 200
questions 120 ask for a fact, 80 for one of somebody's boss. Both replies to a question are made of
the same evidence: `Chat.without(answer, "adapter")` is the second.
"""

import random
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path

import report
from parametric_reader import (
    ASKED,
    CHATTER,
    INSTRUCTIONS,
    SPEAKER,
    VALUES,
    Level,
    Sizes,
    asked_of,
    prompt,
    reader_of,
    reading,
    scene,
    statement,
)
from parametric_world import NAMES, OPEN, World, told, with_live

import remanence
from remanence.chat import Chat
from remanence.consolidation import AdaptedModel, AdapterRecipe, consolidate
from remanence.consolidation.prompting import PromptFormat, answers_match

MOST = 4  # tokens of a reply
QUICK = Sizes(
    30,
    10,
    60,
    6,
    4,
    steps=12,
    levels=(Level(1.0, 3, 4),),
    rows=4,
    wide=32,
    training_state=10,
    budgets=(1, 60),
)


@dataclass(frozen=True)
class Question:
    """text asks for `answer`, which is true of `about`;

    steps: 1, or 2 for what is true of somebody's boss.
    """

    text: str
    answer: str
    steps: int
    about: str

    def stands_in(self, text: str) -> bool:
        """Whether a line of a text says it."""
        lines = (re.findall(r"\w+", line) for line in text.splitlines())
        return any(self.about in words and self.answer in words for words in lines)


def world_of(seed, sizes):
    """Whom the model knows and whom it does not, and what is true of either."""
    chance = random.Random(seed)
    names = sorted(NAMES)
    chance.shuffle(names)
    people, strangers = names[: sizes.known], names[sizes.known : sizes.known + sizes.strangers]
    old, new = (
        {(name, kind): chance.choice(values) for name in some for kind, values in VALUES.items()}
        for some in (people, strangers)
    )
    return World(old, new, people, strangers)


def said(chance, world, sizes):
    """Turns: what is new, half of what the model knows, chatter, in any order."""
    old = chance.sample(sorted(world.old), len(world.old) // 2)
    facts = [*world.new.items(), *((key, world.old[key]) for key in old)]
    lines = [statement(chance, kind, name, value) for (name, kind), value in facts]
    for _ in range(sizes.chatter):
        one = chance.choice(world.strangers)
        other = chance.choice([each for each in world.people + world.strangers if each != one])
        lines.append(chance.choice(CHATTER).format(s=one, o=other))
    chance.shuffle(lines)
    return lines


def remembered(memory, lines, year, session):
    memory.remember(
        [
            remanence.Turn(
                each,
                speaker=SPEAKER,
                session=f"{session}{n // 10}",
                at=f"{year}-{1 + n * 12 // len(lines):02d}-{1 + n % 28:02d}",
            )
            for n, each in enumerate(lines)
        ],
        namespace="w",
    )


def questions_of(chance, new, bosses, sizes):
    """What is asked: for a fact of one of the strangers, and for one of somebody's boss."""
    one = [
        Question(ASKED[kind][0].format(s=name), value, 1, name)
        for (name, kind), value in new.items()
    ]
    two = [
        Question(ASKED[kind][1].format(s=name), new[boss, kind], 2, boss)
        for name, boss in bosses.items()
        for kind in VALUES
    ]
    return chance.sample(one, sizes.one_step) + chance.sample(two, sizes.two_steps)


def answered(memory, local, questions, budget):
    """Right answers with the adapter and without it, of the same evidence:

    (steps, both, explicit alone, whether it has the answer), and tokens of a prompt.
    """
    model, found, tokens = AdaptedModel(local, memory, "w"), [], 0
    for n, question in enumerate(questions):
        talk = Chat(
            memory,
            model,
            namespace="w",
            session=f"question {n}",
            speaker=SPEAKER,
            budget=budget,
            most=MOST,
            instructions=INSTRUCTIONS,
        )
        answer = talk.say(question.text, at="2026-02-01").answer
        plain = answer.text if answer.used.adapter is None else talk.without(answer, "adapter")
        right = [answers_match(each, question.answer) for each in (answer.text, plain)]
        found.append((question.steps, *right, question.stands_in(answer.used.prompt[-1].content)))
        tokens += answer.used.tokens
        memory.forget(namespace="w", session=talk.session)  # no memory full of questions
    return found, tokens / len(questions)


def shares(found):
    """Right of all, of one step, of two, with the explicit memory alone and with both;

    and of how many of one step the evidence has the answer.
    """

    def share(at, steps):
        some = [each[at] for each in found if each[0] in steps]
        return sum(some) / len(some)

    right = [share(at, steps) for at in (2, 1) for steps in ((1, 2), (1,), (2,))]
    return [*right, share(3, (1,))]


def read_training_state(memory, local, world, args, sizes):
    """Turns, a night over them, and what stands in the notes:

    what it changed of what the model knows and of how it reads.
    """
    chance = random.Random(args.seed + 1)
    prompt_format, deepest = PromptFormat(local), sizes.levels[-1]
    remembered(memory, said(chance, world, sizes), 2025, "day")
    general = []
    while len(general) < 60:
        place = scene(chance, world, deepest)
        for _, question, answer in asked_of(place, world.old, chance)[:1]:
            general.append(f"{prompt(place.evidence, question)} {answer}")

    def look():
        reads = reading(local, world, deepest, 400)
        shown = ", ".join(f"{how} {share:.1%}" for how, share in reads.items())
        return f"new facts told {told(prompt_format, world.new):.1%}, what it knew {told(prompt_format, world.old):.1%}; of evidence: {shown}"

    before = look()
    recipe = AdapterRecipe(steps=sizes.training_state)
    run = consolidate(memory, "w", local, recipe=recipe, gate=OPEN, general=general)
    after = with_live(memory, local, look)
    return [
        f"before the night: {before}",
        f"after it: {after}; {run.taught} facts in {run.steps} steps, {run.cpu:.0f} CPU s",
        f"the gate's scores, which is held open here: {run.scores}",
    ]


def measured(local, memory, world, args, sizes):
    """A night, then bosses, then the questions at each budget. Rows, and notes."""
    notes = read_training_state(memory, local, world, args, sizes)
    chance = random.Random(args.seed + 2)
    bosses = {
        name: chance.choice([each for each in world.strangers if each != name])
        for name in world.strangers
    }
    remembered(memory, [statement(chance, "boss", *each) for each in bosses.items()], 2026, "today")
    questions = questions_of(chance, world.new, bosses, sizes)
    rows = []
    for budget in sizes.budgets:
        found, tokens = answered(memory, local, questions, budget)
        rows.append((budget, round(tokens), *shares(found)))
        report.say(f"budget {budget}: {rows[-1][1:]}")
    return rows, notes


def same(rows):
    """For what both reach:

    the tokens of evidence that the explicit memory alone takes to reach it.
    """
    bare = rows[0][1]
    found = []
    for budget, tokens, _, _, _, both, *_ in rows:
        reached = [(each[0], each[1] - bare) for each in rows if each[2] >= both]
        least, spent = reached[0] if reached else (None, None)
        found.append((both, budget, tokens - bare, least, spent))
    return found


def tables(args):
    """The tables of the part, ready to be shown: title, header, rows, notes."""
    sizes = QUICK if args.quick else Sizes()
    world = world_of(args.seed, sizes)
    cache = report.OUT / f"parametric-together-{sizes.known}-{sizes.steps}-{args.seed}"
    local = reader_of(world, sizes, args.seed, cache)
    with (
        tempfile.TemporaryDirectory() as folder,
        remanence.open(Path(folder) / "w.db", embedder="hash:64") as memory,
    ):
        rows, notes = measured(local, memory, world, args, sizes)
    alone, both = ("alone", "one step", "two steps"), ("both", "one step, both", "two steps, both")
    yield (
        "Both memories together",
        ("budget", "prompt tokens", *alone, *both, "one step, in evidence"),
        rows,
        [
            *notes,
            (
                "alone: the explicit memory; a budget of 1 holds nothing, so that both there is "
                "the "
                "implicit memory alone"
            ),
        ],
    )
    yield (
        "Tokens at the same accuracy",
        (
            "accuracy",
            "budget, both",
            "evidence tokens, both",
            "budget, explicit alone",
            "evidence tokens, explicit alone",
        ),
        same(rows),
        ["-: not reached at any budget measured"],
    )
