"""The small worlds that `parametric.py` and `parametric_together.py` teach to language models:
people, what is true of them, words for all of it, and models that know it.

A name is one made-up word, a value one of 10 or 20. No model is downloaded. It does not know what
is measured.
"""

import random
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

import report
import torch
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import GPT2Config, GPT2LMHeadModel, PreTrainedTokenizerFast

from remanence.consolidation import AdaptedModel, Gate, phrasings, training, weights
from remanence.consolidation.examples import TrainingFact
from remanence.consolidation.prompting import PromptFormat
from remanence.consolidation.routing import ACTIVE_ADAPTER
from remanence.llm.local import LocalModel


def manifest_entries(text):
    return text.split()


FIRST = manifest_entries(
    "Ana Ben Cleo Dan Eva Finn Gia Hugo Ida Jon Kai Lea Max Nia Otto Pia Quin Rosa Sam Tia Uma "
    "Vera Wim Xia Yan"
)
LAST = manifest_entries(
    "Ash Berg Cole Dahl Ek Frost Gale Holt Ives Jansen Kern Lund Moor Nash Orr Park Quist Rye "
    "Stone Thorn"
)
NAMES = [f"{first}{last.lower()}" for first in FIRST for last in LAST]  # a word each
CITIES = manifest_entries(
    "Oslo Lima Cairo Delhi Paris Tokyo Quito Dakar Hanoi Perth Sofia Turin Utrecht Vigo Warsaw "
    "Xian Yerevan Zagreb Bonn Cork"
)
JOBS = manifest_entries(
    "baker pilot nurse judge farmer tailor painter miner chemist sailor broker dancer editor "
    "florist glazier hunter jockey locksmith mason notary"
)
PETS = manifest_entries("cat dog parrot rabbit turtle hamster ferret gecko canary goat")
KINDS = (("lives_in", CITIES), ("works_as", JOBS), ("has_pet", PETS))
UNKNOWN = "<unk>"
OPEN = Gate(
    new=0.0, neighbours=0.0, older=0.0, general=9.0
)  # what is measured here is used, whatever it is


@dataclass
class World:
    """People and what is true of them:

    (name, relation) -> value, for those whom the base knows wholly, and for those whom it knows by
    their pet.
    """

    old: dict[tuple[str, str], str]
    new: dict[tuple[str, str], str]
    people: list[str]
    strangers: list[str]


def world(seed: int, people: int, strangers: int) -> World:
    chance = random.Random(seed)
    names = sorted(NAMES)
    chance.shuffle(names)
    known, unknown = names[:people], names[people : people + strangers]
    old = {(name, kind): chance.choice(values) for name in known for kind, values in KINDS}
    old |= {(name, "has_pet"): chance.choice(PETS) for name in unknown}
    new = {(name, kind): chance.choice(values) for name in unknown for kind, values in KINDS[:2]}
    return World(old, new, known, unknown)


def example(key, value):
    return TrainingFact(key[0], key[1], value, ())


def tokenizer_of(*more: str):
    """A token for each word of what these worlds say, and of `more`."""
    marks = ["<pad>", "<s>", "</s>", "<unk>"]
    frames = [
        each
        for relation, _ in KINDS
        for each in phrasings.taught(TrainingFact("x", relation, "y", ()))
    ]
    frames += [phrasings.held_out(TrainingFact("x", relation, "y", ())) for relation, _ in KINDS]
    made = Tokenizer(models.WordLevel())
    made.pre_tokenizer = pre_tokenizers.Whitespace()
    texts = [each.given for each in frames] + NAMES + CITIES + JOBS + PETS
    texts += [
        (
            "user: assistant: system: Between the marks stand quotations memory data [m] / < > . "
            ", ? "
            "I do not know"
        )
    ]
    texts += [*more, *(str(n) for n in range(10))]
    words = {word for text in texts for word, _ in made.pre_tokenizer.pre_tokenize_str(text)}
    vocabulary = {word: at for at, word in enumerate([*marks, *sorted(words)])}
    made = Tokenizer(models.WordLevel(vocabulary, UNKNOWN))
    made.pre_tokenizer = pre_tokenizers.Whitespace()
    return PreTrainedTokenizerFast(
        tokenizer_object=made,
        pad_token="<pad>",  # noqa: S106
        bos_token="<s>",  # noqa: S106
        eos_token="</s>",  # noqa: S106
        unk_token="<unk>",  # noqa: S106
        model_max_length=512,
    )


def kept(cache: Path | None, tokenizer) -> Path | None:
    """Where a model of these words is kept:

    another place where facts are told, or words numbered, otherwise.
    """
    if cache is None:
        return None
    frames = [
        str(each)
        for relation, _ in KINDS
        for each in phrasings.taught(TrainingFact("x", relation, "y", ()))
    ]
    said = "\0".join([*frames, *map(str, sorted(tokenizer.get_vocab().items()))])
    return cache.with_name(f"{cache.name}-{blake2b(said.encode(), digest_size=4).hexdigest()}")


def base_of(place: World, seed: int, steps: int, cache: Path | None) -> LocalModel:
    """A model that knows the old facts; kept between runs."""
    tokenizer = tokenizer_of()
    cache = kept(cache, tokenizer)
    if cache is not None and (cache / "config.json").exists():
        return LocalModel(
            GPT2LMHeadModel.from_pretrained(cache), tokenizer, name="base", plain=True
        )
    torch.manual_seed(seed)
    config = GPT2Config(
        vocab_size=len(tokenizer),
        n_positions=512,
        n_embd=96,
        n_layer=3,
        n_head=4,
        bos_token_id=1,
        eos_token_id=2,
        pad_token_id=0,
        resid_pdrop=0.0,
        embd_pdrop=0.0,
        attn_pdrop=0.0,
        initializer_range=0.1,
    )
    local = LocalModel(GPT2LMHeadModel(config), tokenizer, name="base", plain=True)
    prompt_format = PromptFormat(local)
    chance = random.Random(seed)
    facts = [example(key, value) for key, value in place.old.items()]
    local.model.train()
    optimizer = torch.optim.AdamW(local.model.parameters(), lr=3e-3, weight_decay=0.01)
    for step in range(steps):
        for group in optimizer.param_groups:
            group["lr"] = 3e-3 * min(1.0, (step + 1) / 100, (steps - step) / (0.5 * steps))
        said = []
        for _ in range(48):
            fact = chance.choice(facts)
            ways = [*phrasings.taught(fact), phrasings.held_out(fact)]
            said.append((chance.choice(ways), chance.randrange(prompt_format.frames)))
        ways = [
            prompt_format.given(each, frame) + prompt_format.answer(each) for each, frame in said
        ]
        batch = prompt_format.batch(said[:40], [[1, *each] for each in ways[40:]])
        loss = training._mean_cross_entropy(prompt_format.logits(batch), batch.labels)  # noqa: SLF001
        loss.backward()
        torch.nn.utils.clip_grad_norm_(local.model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        if (step + 1) % 500 == 0:
            report.say(f"pretrain {step + 1}/{steps}: loss {loss.item():.3f}")
    local.model.eval()
    if cache is not None:
        local.model.save_pretrained(cache)
    return local


def say(memory, key, value, at="2025-01-01"):
    memory.learn(key[0], key[1], value, namespace="w", at=at, id=f"{key[0]} {key[1]} {value}")


def told(prompt_format, facts) -> float:
    """The share of facts that the model tells, asked in the held-out phrasing."""
    right = training.facts_recalled(
        prompt_format, [example(key, value) for key, value in facts.items()]
    )
    return sum(right) / len(right) if right else 1.0


def with_live(memory, local, job):
    """What `job` finds while the adapter in use is on."""
    adapted = AdaptedModel(local, memory, "w")
    with local.speaking:
        local.model.enable_adapters()
        try:
            return job()
        finally:
            local.model.disable_adapters()
            weights.remove_adapters(local.model, ACTIVE_ADAPTER)
            del adapted
