"""A language model that knows and reads: built and pretrained on the spot for
`parametric_together.py`.

An LFM2 of 4 layers, 64 wide: short convolutions and attention in turns, because such a model learns
to read in fewer steps than one of attention alone. It is trained on what it is to know, in the
phrasings of consolidation, and on prompts as `Chat` makes them, of random people with random
values: it answers what a quotation says, else what it knows; also over two steps ("the boss of
..."), of which either may be read or known. Whose value it is, is learnt first, from two bare
sentences, then six. It does not know what is measured.
"""

import random
import time
from dataclasses import dataclass

import report
import torch
from parametric_world import CITIES, JOBS, PETS, example, kept, tokenizer_of
from torch.nn import functional
from transformers import Lfm2Config, Lfm2ForCausalLM

from remanence.consolidation import phrasings
from remanence.consolidation.prompting import IGNORED, PromptFormat
from remanence.llm.local import LocalModel
from remanence.retrieval import context as composing
from remanence.text import fence
from remanence.types import Fact, Recollection

INSTRUCTIONS = "Answer from memory."
SPEAKER = "Zoe"
VALUES = {"lives_in": CITIES, "works_as": JOBS, "has_pet": PETS}
STATED = {
    "lives_in": ("{s} lives in {o}.", "{s} moved to {o}."),
    "works_as": ("{s} works as a {o}.", "{s} is a {o}."),
    "has_pet": ("{s} has a {o}.", "{s} feeds the {o}."),
    "boss": ("The boss of {s} is {o}.", "{s} works for {o}."),
}
AS_FACT = {
    "lives_in": "{s} lives in {o}",
    "works_as": "{s} works as {o}",
    "has_pet": "{s} has the pet {o}",
    "boss": "{s} works for {o}",
}
CHATTER = (
    "{s} saw a film with {o}.",
    "{s} asked {o} about the weather.",
    "{s} met {o} at the station.",
    "{s} was late again.",
    "{s} waited for {o} at the harbour.",
    "{s} told {o} about a storm.",
    "{s} danced with {o} until midnight.",
    "{s} slept badly.",
)
ASKED = {
    "lives_in": ("Where does {s} live?", "Where does the boss of {s} live?"),
    "works_as": ("What does {s} work as?", "What does the boss of {s} work as?"),
    "has_pet": ("What pet does {s} have?", "What pet does the boss of {s} have?"),
}
NEAR = 6  # tokens that a short convolution sees: a question, and a sentence of evidence
LAYERS = ["conv", "full_attention", "conv", "full_attention"]
WORDS = [INSTRUCTIONS, fence.fenced("x"), composing.FACTS_TITLE, composing.MEMORY_TITLE, SPEAKER]
WORDS += [each for ways in (*STATED.values(), *ASKED.values(), CHATTER) for each in ways]


@dataclass(frozen=True)
class Level:
    """What is read, up to a share of the steps:

    lines of evidence at most, prompts in a step. bare: facts alone, unquoted, so that reading is
    learnt soon.
    """

    until: float
    lines: int
    rows: int
    bare: bool = False


@dataclass(frozen=True)
class Sizes:
    """How large everything is."""

    known: int = 20
    strangers: int = 40
    chatter: int = 1_350
    one_step: int = 120
    two_steps: int = 80
    steps: int = 2_400  # of pretraining
    levels: tuple[Level, ...] = (
        Level(0.25, 2, 48, bare=True),
        Level(0.4, 6, 24, bare=True),
        Level(0.75, 4, 20),
        Level(1.0, 12, 10),
    )
    rows: int = 12  # of phrasings in a step
    wide: int = 64
    training_state: int = 800  # steps at most
    budgets: tuple[int, ...] = (1, 30, 60, 120, 240)  # tokens; a budget of 1 holds nothing


def statement(chance, kind, name, value):
    return chance.choice(STATED[kind]).format(s=name, o=value)


@dataclass(frozen=True)
class Scene:
    """Evidence, and what may be asked of it.

    told: (name, relation) -> value, as the evidence has it; bosses: whose boss is whose.
    """

    told: dict[tuple[str, str], str]
    bosses: dict[str, str]
    evidence: str


def bare(chance, world, level):
    """Facts of one kind alone, unquoted, each of somebody else:

    whose it is, is all that there is to find out.
    """
    kind = chance.choice(list(VALUES))
    cast = chance.sample([*world.people, *world.strangers], level.lines)
    said = {(name, kind): chance.choice(VALUES[kind]) for name in cast}
    lines = [statement(chance, kind, name, value) for (name, _), value in said.items()]
    return Scene(said, {}, " ".join(lines))


def scene(chance, world, level):
    """Random people, random values, in lines most of which are about few people."""
    if level.bare:
        return bare(chance, world, level)
    count = chance.randint(0, level.lines)
    cast = chance.sample([*world.people, *world.strangers], chance.randint(2, 5))
    cast = list(dict.fromkeys([*cast, *chance.sample(world.people, chance.randint(1, 3))]))
    chance.shuffle(cast)
    main = cast[: (len(cast) + 1) // 2]
    said, bosses, lines, sentences = {}, {}, [], []
    for _ in range(count):
        name = chance.choice(main if chance.random() < 0.7 else cast)
        other = chance.choice([each for each in cast if each != name])
        kind = chance.choices((*VALUES, "boss", "chatter"), (2, 2, 2, 3, 4))[0]
        if (name, kind) in said or (kind == "boss" and name in bosses):
            kind = "chatter"
        if kind == "chatter":
            lines.append(chance.choice(CHATTER).format(s=name, o=other))
            continue
        value = other if kind == "boss" else chance.choice(VALUES[kind])
        if kind == "boss":
            bosses[name] = value
        else:
            said[name, kind] = value
        fact = chance.random() < 0.3
        if fact:
            sentences.append(AS_FACT[kind].format(s=name, o=value))
        if not fact or chance.random() < 0.5:
            lines.append(statement(chance, kind, name, value))
    chance.shuffle(lines)
    return Scene(said, bosses, evidence_of(lines, sentences))


def evidence_of(lines, sentences):
    """As `Chat` quotes it."""
    found = [
        Recollection(f"{n:016x}", each, 1.0, SPEAKER, None, f"2025-01-{n + 1:02d}", {})
        for n, each in enumerate(lines)
    ]
    fact = Fact("f", "", "", "", "w", "asserted", 1.0, 1, ("0f",), "2025-01-01")
    return composing.evidence(found, [(fact, f"{each}.") for each in sentences])


def askable(place, known):
    """What the scene and what is known answer, by how."""
    ways = {"read": [], "known": [], "read, two steps": [], "read and known": []}
    people = {*place.bosses, *place.bosses.values(), *(name for name, _ in place.told)}
    for name in sorted(people):
        for kind, (one, two) in ASKED.items():
            boss = place.bosses.get(name)
            if (name, kind) in place.told:
                ways["read"].append((one.format(s=name), place.told[name, kind]))
            elif (name, kind) in known:
                ways["known"].append((one.format(s=name), known[name, kind]))
            if boss is not None and (boss, kind) in place.told:
                ways["read, two steps"].append((two.format(s=name), place.told[boss, kind]))
            elif boss is not None and (boss, kind) in known:
                ways["read and known"].append((two.format(s=name), known[boss, kind]))
    return ways


def prompt(evidence, question):
    """As `Chat` and a model without a template write it."""
    last = f"{fence.fenced(evidence)}\n\n{question}" if evidence else question
    return f"system: {INSTRUCTIONS}\nuser: {last}\nassistant:"


def asked_of(place, known, chance, most=4):
    """Up to `most` questions:

    one of each kind that the scene allows, in any order, then more that it answers. How, question,
    answer.
    """
    ways = {how: asked for how, asked in askable(place, known).items() if asked}
    name, kind = chance.choice(list(known))
    if (name, kind) not in place.told:
        ways.setdefault("known", [(ASKED[kind][0].format(s=name), known[name, kind])])
    first = [(how, *chance.choice(ways[how])) for how in chance.sample(sorted(ways), len(ways))]
    more = [(how, *each) for how, asked in ways.items() if how != "known" for each in asked]
    chance.shuffle(more)
    return (first + [each for each in more if each not in first])[:most]


def conversation(tokenizer, world, chance, level):
    """Ids and labels of evidence and some questions on it, the first as `Chat` asks it, the others
    as further turns.
    """
    asked = []
    while not asked:
        place = scene(chance, world, level)
        asked = asked_of(place, world.old, chance, 8 if level.bare else 4)
    ids, labels = [1] if chance.random() < 0.5 else [], []
    labels += [IGNORED] * len(ids)
    for n, (_, question, answer) in enumerate(asked):
        text = f"\nuser: {question}\nassistant:" if n else prompt(place.evidence, question)
        if level.bare and not n:
            text = f"user: {place.evidence}\n\n{question}\nassistant:"
        more, said = ids_of(tokenizer, text), ids_of(tokenizer, answer)
        ids += more + said
        labels += [IGNORED] * (len(more) - 1) + said + [2]  # the mark of the end is 2
    return ids, labels


def ids_of(tokenizer, text):
    return tokenizer(text, add_special_tokens=False)["input_ids"]


def reading(local, world, level, count, seed=9):
    """What the model answers rightly when it is asked one thing of a scene that it never saw:

    how -> share.
    """
    chance, asked = random.Random(seed), []
    while len(asked) < count:
        place = scene(chance, world, level)
        asked += [
            (how, prompt(place.evidence, q), a)
            for how, q, a in asked_of(place, world.old, chance)[:1]
        ]
    right = {}
    with torch.no_grad():
        for start in range(0, count, 32):
            some = asked[start : start + 32]
            rows = [ids_of(local.tokenizer, text) for _, text, _ in some]
            ids, _ = batch_of([(row, row) for row in rows])
            logits = local.model(input_ids=ids).logits  # (B, T, V)
            for row, (how, _, answer), said in zip(rows, some, logits, strict=True):
                best = int(said[len(row) - 1].argmax())
                right.setdefault(how, []).append(best == ids_of(local.tokenizer, answer)[0])
    return {how: sum(each) / len(each) for how, each in sorted(right.items())}


def batch_of(pairs, pad=0):
    width = max(len(ids) for ids, _ in pairs)
    ids = torch.tensor([[*each, *[pad] * (width - len(each))] for each, _ in pairs])  # (B, T)
    labels = torch.tensor([[*each, *[IGNORED] * (width - len(each))] for _, each in pairs])
    return ids, labels


def loss_of(logits, ids, labels):
    """Of answers, and a little of all the rest of a text."""
    answers = functional.cross_entropy(logits.flatten(0, 1), labels.flatten(), ignore_index=IGNORED)
    coming = ids[:, 1:].clone()
    coming[coming == 0] = IGNORED
    rest = functional.cross_entropy(
        logits[:, :-1].flatten(0, 1), coming.flatten(), ignore_index=IGNORED
    )
    return answers + 0.1 * rest, answers


def phrased(prompt_format, known, chance, rows):
    """What is known, in the phrasings of consolidation; as pairs of ids and labels."""
    facts, pairs = list(known.items()), []
    for key, value in chance.sample(facts, min(rows, len(facts))):
        fact = example(key, value)
        way = chance.choice([*phrasings.taught(fact), phrasings.held_out(fact)])
        given, answer = (
            prompt_format.given(way, chance.randrange(prompt_format.frames)),
            prompt_format.answer(way),
        )
        pairs.append((given + answer, [IGNORED] * (len(given) - 1) + answer + [IGNORED]))
    return pairs


def reader_of(world, sizes, seed, cache):
    """The base model; kept between runs."""
    tokenizer = tokenizer_of(*WORDS)
    cache = kept(cache, tokenizer)
    if cache is not None and (cache / "config.json").exists():
        model = Lfm2ForCausalLM.from_pretrained(cache)
        return LocalModel(model, tokenizer, name="base", plain=True)
    torch.manual_seed(seed)
    config = Lfm2Config(
        vocab_size=len(tokenizer),
        hidden_size=sizes.wide,
        intermediate_size=2 * sizes.wide,
        block_auto_adjust_ff_dim=False,
        num_hidden_layers=len(LAYERS),
        layer_types=LAYERS,
        conv_L_cache=NEAR,
        num_attention_heads=4,
        num_key_value_heads=4,
        max_position_embeddings=512,
        bos_token_id=1,
        eos_token_id=2,
        pad_token_id=0,
        initializer_range=0.05,
    )
    local = LocalModel(Lfm2ForCausalLM(config), tokenizer, name="base", plain=True)
    chance, prompt_format = random.Random(seed), PromptFormat(local)
    known = world.old
    local.model.train()
    optimizer = torch.optim.AdamW(
        local.model.parameters(), lr=3e-3, betas=(0.9, 0.95), weight_decay=0.01
    )
    began = time.process_time()
    for step in range(sizes.steps):
        done = step / sizes.steps
        for group in optimizer.param_groups:
            group["lr"] = 4e-3 * min(1.0, (step + 1) / 50, (1 - done) / 0.4)
        level = next(each for each in sizes.levels if done < each.until)
        read = [conversation(tokenizer, world, chance, level) for _ in range(level.rows)]
        told_of = {}
        for name, pairs in (
            ("read", read),
            ("known", phrased(prompt_format, known, chance, sizes.rows)),
        ):
            ids, labels = batch_of(pairs)
            loss, told_of[name] = loss_of(local.model(input_ids=ids).logits, ids, labels)
            loss.backward()
        torch.nn.utils.clip_grad_norm_(local.model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        if (step + 1) % 50 == 0:
            shown = ", ".join(f"{name} {each.item():.3f}" for name, each in told_of.items())
            spent = time.process_time() - began
            report.say(f"pretrain {step + 1}/{sizes.steps}: {shown}; {spent:.0f} CPU s")
        if (step + 1) % 100 == 0:  # every hundred a look at scenes of the level
            found = reading(local, world, level, 96)
            report.say("  " + ", ".join(f"{how} {share:.0%}" for how, share in found.items()))
    local.model.eval()
    if cache is not None:
        local.model.save_pretrained(cache)
    return local
