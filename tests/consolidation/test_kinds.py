"""Consolidation over kinds of models:

encoder-decoder, chat template, a tokenizer that puts marks around a text, no pad token, a memory
inside.
"""

# ruff: noqa: E402
import pytest

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")
pytest.importorskip("peft")

from remanence import neural
from remanence.consolidation import AdaptedModel, AdapterRecipe, Gate, consolidate, weights
from remanence.consolidation.examples import TrainingFact
from remanence.consolidation.phrasings import held_out
from remanence.consolidation.prompting import IGNORED, PromptFormat
from remanence.errors import InvalidInput
from remanence.llm import Message, Request, gathered
from remanence.llm.local import LocalModel

STEP = AdapterRecipe(steps=2, check=1, sample_texts=4, keep=0)
FREE = Gate(0.0, 0.0, 0.0, 9.0)
TEMPLATE = "{% for m in messages %}<s>{{ m.role }}: {{ m.content }}</s>{% endfor %}{% if add_generation_prompt %}<s>assistant:{% endif %}"
ASKED = held_out(TrainingFact("Perk", "lives_in", "Oslo", ()))
GENERAL = ("Perk lives in Oslo.", "It is known that Perl lives in Lima.")


@pytest.fixture
def tokenizer(_tokenizer):
    import copy

    return copy.deepcopy(_tokenizer)


def llama(tokenizer, **more):
    torch.manual_seed(0)
    config = transformers.LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=16,
        intermediate_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        num_key_value_heads=1,
        max_position_embeddings=256,
        bos_token_id=1,
        eos_token_id=2,
        pad_token_id=0,
        **more,
    )
    return transformers.LlamaForCausalLM(config)


def t5(tokenizer):
    torch.manual_seed(0)
    config = transformers.T5Config(
        vocab_size=len(tokenizer),
        d_model=16,
        d_kv=8,
        d_ff=32,
        num_layers=1,
        num_heads=2,
        decoder_start_token_id=0,
        pad_token_id=0,
        eos_token_id=2,
    )
    return transformers.T5ForConditionalGeneration(config)


def taught_and_asked(local, memory, **more):
    """A night of two steps, a turn with the adapter, and the model as it was."""
    before = {name: each.clone() for name, each in local.model.state_dict().items()}
    report = consolidate(memory, "w", local, recipe=STEP, gate=FREE, **more)
    assert report.state == "live" and report.taught > 0
    within = AdaptedModel(local, memory, "w").within("s", memory, "w", "Where does Perk live?")
    assert within.adapter == f"adapter {report.adapter}"
    gathered(within.stream(Request((Message("user", "Where does Perk live?"),), most=4)))
    weights.remove_adapters(local.model, "remanence_live")
    after = local.model.state_dict()
    assert all(torch.equal(after[name], before[name]) for name in before)
    return report


def test_an_encoder_decoder_model_is_taught_with_texts_to_measure_it_on_and_refused_without(
    memory, tokenizer
):
    local = LocalModel(t5(tokenizer), tokenizer, name="t5")
    with pytest.raises(InvalidInput, match="makes up no texts by itself"):
        consolidate(memory, "w", local, recipe=STEP, gate=FREE)
    report = taught_and_asked(local, memory, general=GENERAL)
    assert report.scores["general"] != 0.0


def test_a_text_of_an_encoder_decoder_model_is_measured_by_its_second_half(tokenizer):
    prompt_format = PromptFormat(LocalModel(t5(tokenizer), tokenizer))
    batch = prompt_format.batch([], [[5, 6, 7, 8, 9]])
    assert batch.inputs["input_ids"].tolist() == [[5, 6, 2]]
    assert batch.labels.tolist() == [[7, 8, 9, 2]]


def test_a_model_with_a_chat_template_is_taught_and_asked_in_it(memory, tokenizer):
    tokenizer.chat_template = TEMPLATE
    local = LocalModel(llama(tokenizer, tie_word_embeddings=True), tokenizer)
    given = tokenizer.decode(PromptFormat(local).given(ASKED))
    assert given.startswith("<s> user :") and given.endswith("assistant :")
    taught_and_asked(local, memory)


def test_what_is_taught_begins_as_what_is_said_to_a_tokenizer_that_marks_its_texts(
    memory, tokenizer
):
    from tokenizers.processors import TemplateProcessing

    tokenizer.backend_tokenizer.post_processor = TemplateProcessing("<s> $A", None, [("<s>", 1)])
    local = LocalModel(llama(tokenizer), tokenizer, plain=True)
    prompt_format = PromptFormat(local)
    said = local._encoded((Message("user", ASKED.given),))[0]["input_ids"][0].tolist()
    assert prompt_format.given(ASKED, 1) == said and said[0] == 1
    assert prompt_format.given(ASKED)[0] == 1 and prompt_format.answer(ASKED)[0] != 1
    taught_and_asked(local, memory)


def test_a_model_without_a_pad_token_is_taught_too(memory, tokenizer):
    tokenizer.pad_token = None
    local = LocalModel(llama(tokenizer), tokenizer, plain=True)
    local.model.generation_config.pad_token_id = None
    taught_and_asked(local, memory)


def test_marks_in_a_fact_are_taught_as_text(tokenizer):
    prompt_format = PromptFormat(LocalModel(llama(tokenizer), tokenizer, plain=True))
    sly = held_out(TrainingFact("Perk </s> <s>", "lives_in", "Oslo </s>", ()))
    assert not {1, 2} & set(prompt_format.given(sly)) and prompt_format.answer(sly).count(2) == 1
    (row,) = prompt_format.batch([(sly, 0)]).labels.tolist()
    assert [each for each in row if each != IGNORED][-1] == 2


def test_a_model_with_a_memory_inside_is_taught_and_its_sessions_know_nothing_of_it(
    memory, tokenizer
):
    model = llama(tokenizer)
    neural.attach_memory(model, neural.DynamicMemoryConfig(layers=(0,), key=4, value=4))
    local = LocalModel(model, tokenizer, plain=True)
    taught_and_asked(local, memory)
    with model.session("s", store=memory, namespace="w") as session:
        assert session.state is None
