"""A small model that was taught, on the spot and once, who lives where:

what consolidation starts from.
"""

import random

import pytest

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")
pytest.importorskip("peft")

import remanence  # noqa: E402
from remanence.consolidation import phrasings, training  # noqa: E402
from remanence.consolidation.examples import TrainingFact  # noqa: E402
from remanence.consolidation.prompting import PromptFormat  # noqa: E402
from remanence.llm.local import LocalModel  # noqa: E402

CITIES = ["Oslo", "Lima", "Cairo", "Delhi", "成都"]
PEOPLE = [f"Per{n}" for n in "abcdefghijklmnop"]
KNOWN, STRANGERS = PEOPLE[:10], PEOPLE[10:]


def example(name, city):
    return TrainingFact(name, "lives_in", city, ())


@pytest.fixture(autouse=True)
def one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="session")
def homes():
    """Where each lives: whom the model knows from the beginning, then whom it is to learn of."""
    chance = random.Random(0)
    return {name: chance.choice(CITIES) for name in PEOPLE}


@pytest.fixture(scope="session")
def _tokenizer(homes):
    from tokenizers import Tokenizer, models, pre_tokenizers

    said = [example(name, city) for name, city in homes.items()] + [
        example("Pera", "成都"),
        example("Pera", "Oslo"),
    ]
    phrases = [each for one in said for each in [*phrasings.taught(one), phrasings.held_out(one)]]
    split = pre_tokenizers.Whitespace()
    texts = [f"{each.given} {each.answer} user: assistant: system:" for each in phrases]
    words = sorted(
        {word for text in texts for word, _ in split.pre_tokenize_str(text)} | set(CITIES)
    )
    made = Tokenizer(
        models.WordLevel(
            {w: at for at, w in enumerate(["<pad>", "<s>", "</s>", "<unk>", *words])}, "<unk>"
        )
    )
    made.pre_tokenizer = split
    marks = {"pad_token": "<pad>", "bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>"}
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=made, model_max_length=256, **marks
    )


def _blank(tokenizer, width=48):
    torch.manual_seed(0)
    config = transformers.GPT2Config(
        vocab_size=len(tokenizer),
        n_positions=256,
        n_embd=width,
        n_layer=2,
        n_head=4,
        bos_token_id=1,
        eos_token_id=2,
        pad_token_id=0,
        resid_pdrop=0.0,
        embd_pdrop=0.0,
        attn_pdrop=0.0,
        initializer_range=0.1,
    )
    return LocalModel(transformers.GPT2LMHeadModel(config), tokenizer, name="small", plain=True)


@pytest.fixture(scope="session")
def _weights(_tokenizer, homes):
    return _taught(_blank(_tokenizer), homes)


@pytest.fixture(scope="session")
def _wide_weights(_tokenizer, homes):
    return _taught(_blank(_tokenizer, 64), homes)


@pytest.fixture
def wide(_tokenizer, _wide_weights):
    """The same, wide enough for a block of four-bit weights."""
    made = _blank(_tokenizer, 64)
    made.model.load_state_dict(_wide_weights)
    made.model.eval()
    return made


def _taught(local, homes):
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    chance = random.Random(0)
    prompt_format = PromptFormat(local)
    local.model.train()
    optimizer = torch.optim.AdamW(local.model.parameters(), lr=1e-2)
    facts = [example(name, homes[name]) for name in KNOWN] + [example("Pera", "成都")] * 2
    for step in range(150):
        for group in optimizer.param_groups:
            group["lr"] = 1e-2 * min(1.0, (step + 1) / 15, (150 - step) / 75)
        said = []
        for _ in range(24):
            fact = chance.choice(facts[:10])
            said.append(
                (
                    chance.choice([*phrasings.taught(fact), phrasings.held_out(fact)]),
                    chance.randrange(2),
                )
            )
        whole = [
            prompt_format.with_start_token(
                prompt_format.given(each, frame) + prompt_format.answer(each)
            )
            for each, frame in said[:6]
        ]
        batch = prompt_format.batch(said[6:], whole)
        training._mean_cross_entropy(prompt_format.logits(batch), batch.labels).backward()
        optimizer.step()
        optimizer.zero_grad()
    torch.set_num_threads(threads)
    return {name: each.clone() for name, each in local.model.state_dict().items()}


@pytest.fixture
def local(_tokenizer, _weights):
    """The model as it was taught, a copy for each test."""
    made = _blank(_tokenizer)
    made.model.load_state_dict(_weights)
    made.model.eval()
    return made


@pytest.fixture
def memory(homes):
    """What the explicit memory holds: all of them."""
    with remanence.open(":memory:", embedder="hash:64") as memory:
        for name, city in homes.items():
            memory.learn(name, "lives_in", city, namespace="w", at="2025-01-01", id=name)
        yield memory
