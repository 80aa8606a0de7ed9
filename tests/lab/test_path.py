"""The whole path:

encoder, knowledge fusion, memory, decoder, over encoder-decoder models as transformers makes them.
"""

import numpy as np
import pytest
import torch
from transformers import (
    BertConfig,
    EncoderDecoderConfig,
    EncoderDecoderModel,
    GPT2Config,
    T5Config,
    T5ForConditionalGeneration,
)

from remanence.errors import InvalidInput
from remanence.lab.path import Path
from remanence.lab.tasks.graphs import END, KINDS, PAD, RELATIONS, START, World
from remanence.neural.configs import DynamicMemoryConfig, GatedMemoryConfig
from remanence.neural.dynamic import DynamicMemory
from remanence.neural.fusion import KnowledgeFusion, KnowledgeRead
from remanence.neural.gated import GatedMemory
from remanence.neural.linking import Linked, TokenLinker

SIZE, WORDS = 16, 40


def bert_to_gpt2():
    encoder = BertConfig(
        vocab_size=WORDS,
        hidden_size=SIZE,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=16,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
    )
    decoder = GPT2Config(
        vocab_size=WORDS,
        n_positions=8,
        n_embd=SIZE,
        n_layer=1,
        n_head=2,
        resid_pdrop=0.0,
        embd_pdrop=0.0,
        attn_pdrop=0.0,
        add_cross_attention=True,
        is_decoder=True,
        bos_token_id=START,
        eos_token_id=END,
        pad_token_id=PAD,
    )
    config = EncoderDecoderConfig.from_encoder_decoder_configs(encoder, decoder)
    config.decoder_start_token_id, config.pad_token_id, config.eos_token_id = START, PAD, END
    return EncoderDecoderModel(config=config)


def t5():
    config = T5Config(
        vocab_size=WORDS,
        d_model=SIZE,
        d_kv=8,
        d_ff=32,
        num_layers=2,
        num_heads=2,
        dropout_rate=0.0,
        decoder_start_token_id=START,
        pad_token_id=PAD,
        eos_token_id=END,
    )
    return T5ForConditionalGeneration(config)


MODELS = {"bert to gpt-2": bert_to_gpt2, "t5": t5}


@pytest.fixture(params=MODELS)
def model(request):
    torch.manual_seed(0)
    return MODELS[request.param]().eval()


def fusion(memory=0):
    random = torch.Generator().manual_seed(1)
    entities, relations = torch.randn(5, 6, generator=random), torch.randn(2, 6, generator=random)
    read = KnowledgeRead(SIZE, entities, relations, torch.tensor([[0, 0, 1], [2, 1, 3]]))
    return KnowledgeFusion(SIZE, read, memory)


def gated():
    return GatedMemory(GatedMemoryConfig(cells=4, size=8, heads=2), SIZE)


def whole(model, memory=None):
    """A path with both parts, no longer fresh: every weight is moved a little."""
    path = Path(model, knowledge=fusion(memory=SIZE), memory=gated() if memory is None else memory)
    random = torch.Generator().manual_seed(2)
    with torch.no_grad():
        for part in (path.knowledge, path.memory):
            for each in part.parameters():
                each.add_(torch.randn(each.shape, generator=random) * 0.3)
    return path.eval()


def tokens(rows, count, seed=0):
    return torch.randint(3, WORDS, (rows, count), generator=torch.Generator().manual_seed(seed))


LABELS = torch.tensor([[7, END, -100], [9, 8, END]])
LINKER = TokenLinker([([word], word % 5) for word in range(3, WORDS, 2)])


@pytest.mark.parametrize("parts", ["both", "memory", "knowledge", "neither"])
def test_a_fresh_path_answers_as_the_plain_model_does(model, parts):
    asked = tokens(2, 7)
    with torch.no_grad():
        wanted = model(
            input_ids=asked,
            attention_mask=torch.ones_like(asked),
            decoder_input_ids=model.prepare_decoder_input_ids_from_labels(labels=LABELS),
        ).logits
    memory = gated() if parts in ("both", "memory") else None
    knowledge = fusion(SIZE if memory else 0) if parts in ("both", "knowledge") else None
    path = Path(model, knowledge=knowledge, memory=memory).eval()
    with torch.no_grad():
        found = path(asked, linked=LINKER(asked), labels=LABELS)
    assert torch.equal(found.logits, wanted)
    assert (found.state is None) == (memory is None)


def test_the_loss_is_the_models_own(model):
    asked = tokens(2, 7)
    path = Path(model).eval()
    each = torch.nn.functional.cross_entropy(
        path(asked, labels=LABELS).logits.flatten(0, 1), LABELS.flatten()
    )
    assert path(asked, labels=LABELS).loss.item() == pytest.approx(each.item(), abs=1e-6)
    assert each.item() > 1


@pytest.mark.parametrize("memory", ["gated", "dynamic"])
def test_what_an_earlier_segment_said_changes_the_answer_and_has_a_gradient(model, memory):
    small = DynamicMemoryConfig(heads=2, key=8, value=8)
    path = whole(model, gated() if memory == "gated" else DynamicMemory(small, SIZE))
    asked = tokens(2, 7)
    losses = []
    for seed in (3, 4):
        said = tokens(2, 6, seed)
        state = path.remember(said, linked=LINKER(said))
        losses.append(path(asked, linked=LINKER(asked), state=state, labels=LABELS).loss)
    assert abs((losses[0] - losses[1]).item()) > 1e-5
    losses[0].backward()
    some = {name: each for name, each in path.memory.named_parameters() if each.numel()}
    assert [name for name, each in some.items() if each.grad is None] == []
    assert all(each.grad.isfinite().all() for each in some.values())


def test_what_is_linked_changes_the_answer_only_where_something_is(model):
    path = whole(model)
    asked = tokens(2, 7)
    linked = LINKER(asked)
    nothing = Linked(linked.entities, torch.zeros_like(linked.mask))
    one = path(asked, linked=linked, labels=LABELS).logits
    other = path(asked, linked=nothing, labels=LABELS).logits
    assert linked.mask.any()
    assert not torch.equal(one, other)


def test_padding_is_neither_answered_nor_remembered(model):
    path = whole(model)
    said = tokens(2, 6)
    padded = torch.cat([said, torch.full((2, 3), PAD)], 1)
    mask = torch.ones_like(padded).bool()
    mask[:, 6:] = False
    plain = path(said, linked=LINKER(said), labels=LABELS)
    found = path(padded, mask, linked=LINKER(padded, mask), labels=LABELS)
    torch.testing.assert_close(found.logits, plain.logits, rtol=1e-4, atol=1e-5)
    for name, tensor in plain.state.items():
        torch.testing.assert_close(found.state[name], tensor, rtol=1e-4, atol=1e-5)


def test_writing_follows_the_likeliest_token_and_keeps_the_state(model):
    path = whole(model)
    asked = tokens(2, 7)
    said = path.remember(asked, linked=LINKER(asked))
    written, state = path.write(
        asked, linked=LINKER(asked), state=said, max_new_tokens=1, do_sample=False
    )
    first = torch.tensor([[PAD], [PAD]])
    logits = path(asked, linked=LINKER(asked), state=said, labels=first).logits
    assert torch.equal(written[:, 1], logits[:, 0].argmax(-1))
    wanted = path.remember(asked, linked=LINKER(asked), state=said)
    for name, tensor in wanted.items():
        torch.testing.assert_close(state[name], tensor)


def test_a_path_without_memory_remembers_nothing(model):
    path = Path(model, knowledge=fusion())
    assert path.remember(tokens(2, 4)) is None


def test_what_cannot_be_is_said(model):
    with pytest.raises(InvalidInput, match="memory=16"):
        Path(model, knowledge=fusion(), memory=gated())
    with pytest.raises(InvalidInput, match="layer=2 of an encoder of 2 blocks"):
        Path(model, layer=2)
    path = Path(model, memory=gated())
    with pytest.raises(InvalidInput, match="no labels"):
        path(tokens(1, 3))
    with pytest.raises(InvalidInput, match="call the path"):
        model(input_ids=tokens(1, 3), decoder_input_ids=tokens(1, 2))


# -- the world that the example is trained in -----------------------------------------------------


def test_each_kind_of_question_has_its_answer_where_it_says():
    world = World(cities=30)
    asked = world.batch(np.random.default_rng(0), 200, people=2, gap=1)
    told = torch.cat(asked.said, 1)
    answer = asked.labels[:, :1]
    here, before = (asked.question == answer).any(1), (told == answer).any(1)
    kinds = [KINDS[at] for at in asked.kind.tolist()]
    assert set(kinds) == set(KINDS)
    for kind, now, then in zip(kinds, here.tolist(), before.tolist(), strict=True):
        if kind == "text":
            assert now
        else:
            assert not now
            assert then == (kind == "memory")
    stated = {(h, r): t for h, r, t in world.triples}
    for row, kind in enumerate(kinds):
        if kind == "graph":
            said = [world.words[at] for at in asked.question[row].tolist()]
            city, relation = said[-3], said[3]
            assert stated[city, relation] == world.words[answer[row, 0]]


@pytest.mark.parametrize("test", [False, True])
def test_pairs_of_the_test_are_asked_in_no_training(test):
    world = World(cities=30)
    asked = world.batch(np.random.default_rng(1), 300, test=test)
    seen = 0
    for row in asked.question[asked.kind == KINDS.index("graph")].tolist():
        said = [world.words[at] for at in row]
        assert world.out(world.city.index(said[-3]), RELATIONS.index(said[3])) == test
        seen += 1
    assert seen > 20
