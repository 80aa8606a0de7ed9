"""A memory attached to models of every family:

nothing changes at first, everything that worked still does, and each row is its own session.
"""

import copy
import io
import logging
import pickle

import pytest

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

from remanence import neural  # noqa: E402
from remanence.errors import InvalidInput  # noqa: E402
from remanence.neural.cache import carried  # noqa: E402

from .conftest import CACHE, CAUSAL, FAMILIES, plain, stir  # noqa: E402

AUTO = {
    "bert": transformers.AutoModelForMaskedLM,
    "t5": transformers.AutoModelForSeq2SeqLM,
    "bert2gpt": transformers.EncoderDecoderModel,
}
MEMORIES = {
    "dynamic": neural.DynamicMemoryConfig(layers=(0, -1), heads=2, key=8, value=8),
    "gated": neural.GatedMemoryConfig(layers=(1,), cells=4, size=16, heads=2),
}


@pytest.fixture(scope="module")
def made():
    """(family, kind) -> a stirred model with memory, made once."""
    known = {}

    def get(family, kind="dynamic"):
        if (family, kind) not in known:
            model = neural.attach_memory(plain(family), MEMORIES[kind])
            known[family, kind] = stir(model).eval()
        return known[family, kind]

    return get


def batch(model, rows=2, tokens=9, seed=3, **more):
    generator = torch.Generator().manual_seed(seed)
    ids = torch.randint(3, 60, (rows, tokens), generator=generator)
    given = {"input_ids": ids, "attention_mask": torch.ones_like(ids), **more}
    if model.config.is_encoder_decoder:
        given["decoder_input_ids"] = ids[:, :4]
    return given


def answers(model, **given):
    with torch.no_grad():
        return model(**given)


@pytest.mark.parametrize("kind", MEMORIES)
@pytest.mark.parametrize("family", FAMILIES)
def test_a_fresh_memory_changes_nothing_and_detaching_leaves_nothing(family, kind):
    model = plain(family)
    cls, attributes, config = type(model), set(vars(model)), copy.deepcopy(vars(model.config))
    names, given = set(dict(model.named_parameters())), batch(model)
    before = answers(model, **given).logits
    assert neural.attach_memory(model, MEMORIES[kind]) is model
    assert isinstance(model, cls)
    assert type(model).__name__ == cls.__name__
    assert torch.equal(answers(model, **given).logits, before)
    assert neural.detach_memory(model) is model
    assert type(model) is cls
    assert set(vars(model)) == attributes
    assert vars(model.config) == config
    assert set(dict(model.named_parameters())) == names
    assert not any(module._forward_hooks for module in model.modules())
    assert torch.equal(answers(model, **given).logits, before)


@pytest.mark.parametrize("kind", MEMORIES)
@pytest.mark.parametrize("family", FAMILIES)
def test_what_was_read_before_changes_the_answer(made, family, kind):
    model = made(family, kind)
    state = model.memorize(**{k: v for k, v in batch(model, seed=5).items() if k[:3] != "dec"})
    given = batch(model)
    fresh, told = answers(model, **given), answers(model, **given, memory_state=state)
    assert (fresh.logits - told.logits).abs().max() > 1e-3
    read = answers(model, **given, memory_state=state, memory_write=False)
    for path, tensor in read.memory_state.tensors().items():
        assert torch.equal(tensor, state.tensors()[path]), "reads only"


@pytest.mark.parametrize("family", FAMILIES)
def test_rows_are_sessions_that_know_nothing_of_one_another(made, family):
    model = made(family)
    given = batch(model, rows=3)
    whole = answers(model, **given)
    for row in range(3):
        alone = answers(model, **{name: each[row : row + 1] for name, each in given.items()})
        assert torch.allclose(alone.logits[0], whole.logits[row], atol=2e-5)
        for path, tensor in alone.memory_state.tensors().items():
            assert torch.allclose(tensor[0], whole.memory_state.tensors()[path][row], atol=2e-5)


@pytest.mark.parametrize("kind", MEMORIES)
@pytest.mark.parametrize("family", FAMILIES)
def test_padding_on_the_left_is_not_written(made, family, kind):
    if family in ("bert", "bert2gpt"):
        pytest.skip("BERT counts positions from the padding on, memory or not")
    model = made(family, kind)
    ids = batch(model)["input_ids"][:1]
    padded = torch.cat([torch.zeros(1, 4, dtype=torch.long), ids], 1)
    mask = torch.cat([torch.zeros(1, 4, dtype=torch.long), torch.ones_like(ids)], 1)
    bare, wide = model.memorize(ids), model.memorize(padded, mask)
    for path, tensor in bare.tensors().items():
        assert torch.allclose(tensor, wide.tensors()[path], atol=2e-5), path


@pytest.mark.parametrize("family", CAUSAL)
def test_a_text_token_by_token_comes_to_the_same_as_in_one_pass(made, family):
    model = made(family)
    ids = batch(model)["input_ids"]
    whole = answers(model, input_ids=ids)
    cache, state, said = None, None, []
    for part in (ids[:, :4], ids[:, 4:5], ids[:, 5:]):
        out = answers(model, input_ids=part, **{CACHE: cache}, use_cache=True)
        cache, state = carried(out), out.memory_state
        said.append(out.logits)
    assert torch.allclose(torch.cat(said, 1), whole.logits, atol=1e-4)
    for path, tensor in whole.memory_state.tensors().items():
        assert torch.allclose(tensor, state.tensors()[path], atol=1e-4)


@pytest.mark.parametrize("kind", MEMORIES)
@pytest.mark.parametrize("family", FAMILIES)
def test_a_saved_model_is_loaded_with_its_memory_and_by_others_without(
    made, tmp_path, family, kind
):
    model, auto = made(family, kind), AUTO.get(family, transformers.AutoModelForCausalLM)
    given = batch(model)
    model.save_pretrained(tmp_path)
    again = neural.from_pretrained(auto, tmp_path).eval()
    one, two = answers(model, **given), answers(again, **given)
    assert torch.equal(one.logits, two.logits)
    assert type(again).__name__ == type(model).__name__
    bare = auto.from_pretrained(tmp_path).eval()
    assert not isinstance(bare, type(model))
    assert torch.isfinite(answers(bare, **given).logits).all()
    plainly = neural.detach_memory(again)
    assert torch.equal(answers(plainly, **given).logits, answers(bare, **given).logits)


@pytest.mark.parametrize("family", FAMILIES)
def test_copies_and_pickles_have_memories_of_their_own(made, family):
    model = made(family)
    given = batch(model)
    before = answers(model, **given).logits
    file = io.BytesIO()
    pickle.dump(model, file)
    file.seek(0)
    for other in (copy.deepcopy(model), pickle.load(file)):  # noqa: S301
        assert type(other) is type(model)
        assert torch.equal(answers(other, **given).logits, before)
        with torch.no_grad():
            for name, weight in other.named_parameters():
                if ".memory." in name:
                    weight.zero_()
        assert not torch.equal(answers(other, **given).logits, before)
        assert torch.equal(answers(model, **given).logits, before)


@pytest.mark.parametrize("kind", MEMORIES)
@pytest.mark.parametrize("family", FAMILIES)
def test_gradients_flow_from_a_segment_to_the_one_before(made, family, kind):
    model = copy.deepcopy(made(family, kind))
    first = batch(model, seed=1)
    state = model(**first).memory_state
    name = next(iter(state.tensors()))
    state.tensors()[name].retain_grad()
    model(**batch(model, seed=2), memory_state=state).logits.pow(2).sum().backward()
    assert state.tensors()[name].grad.abs().sum() > 0
    assert state.detach().tensors()[name].grad_fn is None


@pytest.mark.parametrize("family", FAMILIES)
def test_checkpointed_gradients_are_those_without(made, family):
    found = []
    for checkpoints in (False, True):
        model = copy.deepcopy(made(family)).train()
        if checkpoints:
            model.activation_checkpointing_enable()
        state = model(**batch(model, seed=1)).memory_state
        model(**batch(model, seed=2), memory_state=state).logits.pow(2).mean().backward()
        found.append({n: w.grad for n, w in model.named_parameters() if w.grad is not None})
    assert found[0].keys() == found[1].keys()
    for name, grad in found[0].items():
        assert torch.allclose(grad, found[1][name], rtol=1e-4, atol=1e-5), name


@pytest.mark.parametrize("family", FAMILIES)
def test_a_model_in_bfloat16_has_its_state_in_float32(made, family):
    model = copy.deepcopy(made(family)).to(torch.bfloat16)
    out = answers(model, **batch(model))
    assert out.logits.dtype == torch.bfloat16
    assert torch.isfinite(out.logits).all()
    assert {tensor.dtype for tensor in out.memory_state.tensors().values()} == {torch.float32}


def test_several_memories_stand_in_several_layers():
    model = neural.attach_memory(plain("gpt2"), MEMORIES["gated"], MEMORIES["dynamic"])
    assert sorted(answers(model, **batch(model)).memory_state.layers) == ["0", "1", "2"]


# -- bad input ------------------------------------------------------------------------------------


def test_what_cannot_be_attached_to_is_refused():
    model = plain("gpt2")
    with pytest.raises(InvalidInput, match="no layer 3; it has 3"):
        neural.attach_memory(model, neural.DynamicMemoryConfig(layers=(3,)))
    with pytest.raises(InvalidInput, match="named twice"):
        neural.attach_memory(model, neural.DynamicMemoryConfig(layers=(2, -1)))
    with pytest.raises(InvalidInput, match="no configs"):
        neural.attach_memory(model)
    with pytest.raises(InvalidInput, match="no model of transformers"):
        neural.attach_memory(torch.nn.Linear(2, 2), MEMORIES["gated"])
    with pytest.raises(InvalidInput, match="no memory to detach"):
        neural.detach_memory(model)
    neural.attach_memory(model, MEMORIES["gated"])
    with pytest.raises(InvalidInput, match="a memory already"):
        neural.attach_memory(model, MEMORIES["gated"])


def test_a_state_that_is_not_of_this_model_is_refused(made):
    model = made("gpt2")
    given = batch(model)
    state = answers(model, **given).memory_state
    with pytest.raises(InvalidInput, match="another model's"):
        model(**given, memory_state=answers(made("gpt2", "gated"), **given).memory_state)
    wide = neural.attach_memory(
        plain("gpt2"), neural.DynamicMemoryConfig(layers=(0, 2), heads=2, key=8, value=16)
    )
    with pytest.raises(InvalidInput, match="not one of"):
        wide(**given, memory_state=state)
    with pytest.raises(InvalidInput, match="holds 2 sessions, the batch has 3"):
        model(**batch(model, rows=3), memory_state=state)
    with pytest.raises(InvalidInput, match="not finite"):
        model(**given, memory_state=state.map(lambda t: t * float("nan")))
    with pytest.raises(InvalidInput, match="not a MemoryState"):
        model(**given, memory_state={})


@pytest.mark.parametrize("family", ["gpt2", "bert"])
def test_more_tokens_than_positions_are_refused(made, family):
    with pytest.raises(InvalidInput, match="64 positions"):
        made(family)(**batch(made(family), tokens=65))


def test_a_block_called_past_its_model_is_refused(made):
    with pytest.raises(InvalidInput, match="past the model"):
        made("gpt2").transformer(torch.ones(1, 3, dtype=torch.long))


@pytest.fixture
def loading():
    """What transformers reports while it loads a model."""
    told = []

    class Listening(logging.Handler):
        def emit(self, record):
            told.append(record.getMessage())

    handler, logger = Listening(), logging.getLogger("transformers")
    level = transformers.logging.get_verbosity()
    transformers.logging.set_verbosity_warning()
    logger.addHandler(handler)
    yield told
    logger.removeHandler(handler)
    transformers.logging.set_verbosity(level)


def test_weights_of_the_memory_are_not_reported_as_unexpected(made, tmp_path, loading):
    auto = transformers.AutoModelForCausalLM
    made("llama").save_pretrained(tmp_path)
    neural.from_pretrained(auto, tmp_path)
    assert not [each for each in loading if "LOAD REPORT" in each]
    auto.from_pretrained(tmp_path)
    assert [each for each in loading if "LOAD REPORT" in each and "UNEXPECTED" in each]


def test_weights_that_are_missing_beside_a_memory_are_reported(made, tmp_path, loading):
    model = made("llama")
    without = {name: at for name, at in model.state_dict().items() if "mlp.up_proj" not in name}
    model.save_pretrained(tmp_path, state_dict=without)
    neural.from_pretrained(transformers.AutoModelForCausalLM, tmp_path)
    assert [each for each in loading if "MISSING" in each]


def test_a_model_saved_without_a_memory_is_not_loaded_with_one(tmp_path):
    plain("gpt2").save_pretrained(tmp_path)
    with pytest.raises(InvalidInput, match="saved without a memory"):
        neural.from_pretrained(transformers.AutoModelForCausalLM, tmp_path)
