"""Consolidation of a model in four bits:

an adapter is trained through packed weights that stay, and belongs to them alone.
"""

# ruff: noqa: E402
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("peft")
pytest.importorskip("bitsandbytes")

from remanence.consolidation import AdaptedModel, AdapterRecipe, Gate, consolidate, weights
from remanence.errors import InvalidInput
from remanence.llm import Message, Request, ask
from remanence.llm.local import load_local

QUICK = AdapterRecipe(steps=60, check=20, sample_texts=16, keep=0, rate=1e-2)


@pytest.fixture
def folder(wide, tmp_path):
    wide.model.save_pretrained(tmp_path)
    wide.tokenizer.save_pretrained(tmp_path)
    return tmp_path


def test_a_night_over_packed_weights_teaches_an_adapter_of_these_weights_alone(
    wide, folder, memory
):
    packed = load_local(str(folder), plain=True, four_bits=True)
    before = weights.base_digest(packed.model)

    report = consolidate(memory, "w", packed, recipe=QUICK, gate=Gate(general=0.5))

    assert (report.state, report.reasons) == ("live", ())
    assert report.scores["new"] >= 0.9 and report.scores["older"] >= 0.95
    adapted = AdaptedModel(packed, memory, "w")
    assert adapted.within("s", memory, "w", "Where does Perk live?").adapter is not None
    assert weights.base_digest(packed.model) == before
    again = load_local(str(folder), plain=True, four_bits=True)
    assert weights.base_digest(again.model) == before
    whole = load_local(str(folder), plain=True)
    with pytest.raises(InvalidInput, match=r"changes the weights of '.*#4bit', not of"):
        AdaptedModel(whole, memory, "w")


def test_a_digest_tells_models_of_the_same_codes_apart(wide, folder):
    """Four bits hold a weight relative to its block:

    of weights twice as large they are the same.
    """
    packed = load_local(str(folder), plain=True, four_bits=True)
    with torch.no_grad():
        for name, each in wide.model.named_parameters():
            if "attn.c_attn.weight" in name:
                each.mul_(2)
    wide.model.save_pretrained(folder)
    louder = load_local(str(folder), plain=True, four_bits=True)
    codes = [dict(model.model.named_parameters()) for model in (packed, louder)]
    for name, each in codes[0].items():
        assert torch.equal(each, codes[1][name]), name
    assert weights.base_digest(packed.model) != weights.base_digest(louder.model)


def test_taking_an_adapter_off_leaves_the_packed_model_to_the_bit(folder):
    packed = load_local(str(folder), plain=True, four_bits=True)
    hello = Request((Message("user", "Where does Pera live?"),), most=6)
    before, flags = ask(packed, hello), [p.requires_grad for p in packed.model.parameters()]
    recipe = AdapterRecipe()
    weights.add_adapter(packed.model, weights.CANDIDATE, recipe)
    with torch.no_grad():
        for each in weights.trainable_parameters(packed.model, weights.CANDIDATE):
            each.normal_()
    assert ask(packed, hello) != before
    weights.remove_adapters(packed.model, weights.CANDIDATE)
    assert ask(packed, hello) == before
    assert [p.requires_grad for p in packed.model.parameters()] == flags
