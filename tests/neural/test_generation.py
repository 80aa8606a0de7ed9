"""Generation with memory:

with a cache and without, greedy, in beams and by chance; and what is refused.
"""

import pytest

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

from transformers import DynamicCache, StaticCache  # noqa: E402

from remanence import neural  # noqa: E402
from remanence.errors import InvalidInput  # noqa: E402
from remanence.neural.cache import carried  # noqa: E402

from .conftest import APART, CACHE, CAUSAL, plain, stir  # noqa: E402

DYNAMIC = neural.DynamicMemoryConfig(layers=(0, 2), heads=2, key=8, value=8)
HOW = {"max_new_tokens": 5, "pad_token_id": 0, "eos_token_id": None}


@pytest.fixture(scope="module")
def made():
    known = {}

    def get(family):
        if family not in known:
            known[family] = stir(neural.attach_memory(plain(family), DYNAMIC)).eval()
        return known[family]

    return get


def ids(seed=3, rows=2, tokens=7):
    return torch.randint(3, 60, (rows, tokens), generator=torch.Generator().manual_seed(seed))


def told(model, rows=2):
    return model.memorize(ids(9, rows, 12))


@pytest.mark.parametrize("beams", [1, 3])
@pytest.mark.parametrize("family", CAUSAL)
def test_with_a_cache_or_without_it_says_the_same(made, family, beams):
    model = made(family)
    how = {**HOW, "num_beams": beams, "do_sample": False, "memory_state": told(model)}
    with_it, without = (model.generate(ids(), use_cache=cache, **how) for cache in (True, False))
    assert torch.equal(with_it, without)


@pytest.mark.parametrize("family", [*CAUSAL, *APART])
def test_what_was_memorized_is_read_and_changes_what_is_said(made, family):
    model = made(family)
    said = [
        model.generate(
            ids(),
            do_sample=False,
            output_scores=True,
            return_dict_in_generate=True,
            memory_state=state,
            **HOW,
        )
        for state in (None, told(model))
    ]
    assert not torch.allclose(said[0].scores[0], said[1].scores[0], atol=1e-3)


@pytest.mark.parametrize("family", CAUSAL)
def test_the_score_of_a_beam_is_that_of_its_text_read_again(made, family):
    model, state = made(family), told(made(family))
    out = model.generate(
        ids(),
        num_beams=4,
        num_return_sequences=2,
        do_sample=False,
        length_penalty=0.0,
        output_scores=True,
        return_dict_in_generate=True,
        memory_state=state,
        **HOW,
    )
    with torch.no_grad():
        logits = model(out.sequences, memory_state=state.repeat(2)).logits.log_softmax(-1)
    each = logits[:, 6:-1].gather(-1, out.sequences[:, 7:, None]).squeeze(-1)
    assert torch.allclose(each.sum(1), out.sequences_scores, atol=1e-3)


@pytest.mark.parametrize("family", [*CAUSAL, *APART])
def test_several_samples_of_a_prompt_come_back(made, family):
    torch.manual_seed(0)
    out = made(family).generate(
        ids(), do_sample=True, num_return_sequences=3, memory_state=told(made(family)), **HOW
    )
    assert len(out) == 6


@pytest.mark.parametrize("family", APART)
def test_beams_of_an_encoder_decoder_read_the_memory_of_its_encoder(made, family):
    model = made(family)
    how = {
        **HOW,
        "num_beams": 3,
        "do_sample": False,
        "output_scores": True,
        "return_dict_in_generate": True,
    }
    fresh, read = (model.generate(ids(), memory_state=s, **how) for s in (None, told(model)))
    assert not torch.allclose(fresh.sequences_scores, read.sequences_scores, atol=1e-4)


@pytest.mark.parametrize("family", CAUSAL)
def test_a_second_turn_goes_on_from_the_first_ones_cache(made, family):
    model, state = made(family), told(made(family))
    how = {**HOW, "do_sample": False}
    first = model.generate(ids(), memory_state=state, return_dict_in_generate=True, **how)
    text = torch.cat([first.sequences, ids(4, tokens=3)], 1)
    again = model.generate(text, **{CACHE: carried(first)}, **how)
    assert torch.equal(again, model.generate(text, memory_state=state, **how))


@pytest.mark.parametrize("chunk", [2, 3])
def test_a_prompt_in_chunks_is_the_same_prompt(made, chunk):
    model, state = made("llama"), told(made("llama"))
    whole = model.generate(ids(), memory_state=state, do_sample=False, **HOW)
    assert torch.equal(
        whole,
        model.generate(ids(), memory_state=state, do_sample=False, prefill_chunk_size=chunk, **HOW),
    )


@pytest.mark.parametrize(
    "more",
    [
        {"cache_implementation": "static"},
        {"prompt_lookup_num_tokens": 3},
        {"cache_implementation": "paged"},
    ],
    ids=str,
)
def test_what_would_have_to_take_a_state_back_is_refused(made, more):
    with pytest.raises(InvalidInput, match="detach the memory"):
        made("gpt2").generate(ids(rows=1), **more, **HOW)


def test_an_assistant_is_refused_and_so_is_a_cache_of_fixed_size(made):
    model = made("gpt2")
    with pytest.raises(InvalidInput, match="assisted"):
        model.generate(ids(rows=1), assistant_model=plain("gpt2"), **HOW)
    with pytest.raises(InvalidInput, match="StaticCache cannot carry"):
        model(ids(), **{CACHE: StaticCache(config=model.config, max_cache_len=20)})
    cache = carried(model(ids(), **{CACHE: DynamicCache(config=model.config)}))
    with pytest.raises(InvalidInput, match="take 2 tokens back"):
        cache.crop(2)


@pytest.mark.parametrize("beams", [1, 3])
def test_a_session_hears_prompt_and_reply_once_however_it_was_decoded(made, beams):
    model = made("gpt2")
    with model.session(["a", "b"]) as session:
        model.memorize(ids(9, tokens=12))
        before = session.state
        model.generate(ids(), memory_write=False, **HOW)
        assert session.state is before
        out = model.generate(ids(), num_beams=beams, do_sample=False, **HOW)
        heard = session.state
    wanted = model.memorize(out, memory_state=before)
    for path, tensor in wanted.tensors().items():
        assert torch.allclose(tensor, heard.tensors()[path], atol=1e-5)


GATED = neural.GatedMemoryConfig(layers=(0, 2), cells=4, size=16)


@pytest.mark.parametrize("family", CAUSAL)
def test_in_a_session_a_second_turn_with_its_cache_hears_every_token_once(made, family):
    """The token that the cache had not seen yet is read again, as it would have been read in the
    first turn: so every layer comes to the same.
    """
    model, how = made(family), {**HOW, "do_sample": False, "return_dict_in_generate": True}
    before = told(model)
    with model.session(["a", "b"]) as session:
        session.take(before)
        first = model.generate(ids(), **how)
        text = torch.cat([first.sequences, ids(4, tokens=3)], 1)
        second = model.generate(text, **{CACHE: carried(first)}, **how)
        more = model.generate(
            second.sequences, **{CACHE: carried(second)}, **how
        )  # and no new words
        heard = session.state
    once = model.generate(text, memory_state=before, **how)
    assert torch.equal(second.sequences, once.sequences)
    assert torch.equal(
        more.sequences, model.generate(once.sequences, memory_state=before, **how).sequences
    )
    wanted = model.memorize(more.sequences, memory_state=before)
    for path, tensor in wanted.tensors().items():
        assert torch.allclose(tensor, heard.tensors()[path], atol=1e-5), path


def assert_heard(heard, model, first, second, between):
    """By hand: the first turn's words once, then the rest from what the session had come to."""
    with torch.no_grad():
        cache = {CACHE: carried(model(first, use_cache=True))}
        wanted = model.memorize(second[:, first.shape[1] :], memory_state=between, **cache)
    for path, tensor in wanted.tensors().items():
        assert torch.allclose(tensor, heard.tensors()[path], atol=1e-5), path


def test_what_a_session_hears_between_two_turns_of_a_cache_does_not_reach_back(made):
    """The cache's last word belongs to the first turn, whatever was heard since."""
    model, how = made("llama"), {**HOW, "do_sample": False, "return_dict_in_generate": True}
    with model.session(["a", "b"]) as session:
        first = model.generate(ids(), **how)
        model.memorize(ids(8, tokens=6))
        between = session.state
        text = torch.cat([first.sequences, ids(4, tokens=3)], 1)
        second = model.generate(text, **{CACHE: carried(first)}, **how)
        heard = session.state
    assert_heard(heard, model, first.sequences, second.sequences, between)


def test_a_second_turn_of_a_memory_written_by_segment_is_a_second_segment():
    model = stir(neural.attach_memory(plain("gpt2"), GATED)).eval()
    how = {**HOW, "do_sample": False, "return_dict_in_generate": True}
    with model.session(["a", "b"]) as session:
        first = model.generate(ids(), **how)
        between = session.state
        text = torch.cat([first.sequences, ids(4, tokens=3)], 1)
        second = model.generate(text, **{CACHE: carried(first)}, **how)
        heard = session.state
    assert_heard(heard, model, first.sequences, second.sequences, between)


def test_a_reply_is_heard_up_to_its_end_and_padding_never(made):
    model = made("gpt2")
    free = model.generate(ids(), do_sample=False, **HOW)
    end = int(free[0, 8])  # the second word of the first reply ends it
    how = {**HOW, "eos_token_id": end, "do_sample": False}
    with model.session(["a", "b"]) as session:
        out = model.generate(ids(), **how)
    alone = model.memorize(out[:1, :9])
    for path, tensor in alone.tensors().items():
        assert torch.allclose(tensor[0], session.state.tensors()[path][0], atol=1e-5)


# -- models without a cache of keys and values ----------------------------------------------------


def without_cache(family):
    sizes = {"vocab_size": 60, "pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2}
    sizes |= {"hidden_size": 32, "num_hidden_layers": 3}
    match family:
        case "mamba":
            config = transformers.MambaConfig(**sizes, state_size=4)
            model = transformers.MambaForCausalLM(config)
        case "falcon-mamba":
            config = transformers.FalconMambaConfig(**sizes, state_size=4)
            model = transformers.FalconMambaForCausalLM(config)
        case "recurrent-gemma":
            config = transformers.RecurrentGemmaConfig(
                **sizes,
                intermediate_size=48,
                num_attention_heads=2,
                lru_width=32,
                attention_window_size=16,
            )
            model = transformers.RecurrentGemmaForCausalLM(config)
    config = neural.DynamicMemoryConfig(layers=(1,), heads=2, key=8, value=8)
    model = neural.attach_memory(model, config)
    stir(model, 0.2)
    return model.eval()


@pytest.mark.parametrize("family", ["mamba", "falcon-mamba", "recurrent-gemma"])
def test_a_model_that_could_not_carry_the_state_is_refused_and_right_without_a_cache(family):
    model = without_cache(family)
    prompt = torch.tensor([[5, 6, 7, 8], [9, 10, 11, 12]])
    state = model.memorize(torch.tensor([[20, 21, 22], [30, 31, 32]]))
    with pytest.raises(InvalidInput, match="use_cache=False"):
        model.generate(prompt, memory_state=state, max_new_tokens=4, do_sample=False)
    made = model.generate(
        prompt, memory_state=state, max_new_tokens=4, do_sample=False, use_cache=False,
        return_dict_in_generate=True, output_logits=True, eos_token_id=None,
    )  # fmt: skip
    with torch.no_grad():
        whole = model(made.sequences[:, :-1], memory_state=state).logits[:, 3:]
    assert torch.allclose(torch.stack(made.logits, 1), whole, atol=1e-4)
