"""Tiny models of every family, made from their configs; nothing is loaded from anywhere."""

from inspect import signature

import pytest

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

WORDS, WIDE = 60, 32
# What a cache is called as an argument: by transformers 5.24, and before.
CACHE = next(
    name
    for name in ("cache", "past_key_values")
    if name in signature(transformers.LlamaModel.forward).parameters
)


def plain(family):
    """A model of three layers, whose answers differ from token to token."""
    torch.manual_seed(7)
    t, sizes = (
        transformers,
        {"vocab_size": WORDS, "pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2},
    )
    llama = {**sizes, "hidden_size": WIDE, "intermediate_size": 48, "num_hidden_layers": 3, "num_attention_heads": 2,
             "num_key_value_heads": 2, "max_position_embeddings": 64, "head_dim": 16}  # fmt: skip
    gpt2 = {
        **sizes,
        "n_embd": WIDE,
        "n_layer": 3,
        "n_head": 2,
        "n_positions": 64,
        "resid_pdrop": 0.0,
        "embd_pdrop": 0.0,
        "attn_pdrop": 0.0,
    }
    bert = {
        "vocab_size": WORDS,
        "hidden_size": WIDE,
        "num_hidden_layers": 3,
        "num_attention_heads": 2,
        "intermediate_size": 48,
        "max_position_embeddings": 64,
        "hidden_dropout_prob": 0.0,
        "attention_probs_dropout_prob": 0.0,
    }
    match family:
        case "gpt2":
            model = t.GPT2LMHeadModel(t.GPT2Config(**gpt2))
        case "llama":
            model = t.LlamaForCausalLM(t.LlamaConfig(**llama))
        case "qwen2":
            model = t.Qwen2ForCausalLM(t.Qwen2Config(**llama))
        case "qwen3":
            model = t.Qwen3ForCausalLM(t.Qwen3Config(**llama))
        case "bert":
            model = t.BertForMaskedLM(t.BertConfig(**bert))
        case "t5":
            config = t.T5Config(
                vocab_size=WORDS,
                d_model=WIDE,
                d_kv=16,
                d_ff=48,
                num_layers=3,
                num_heads=2,
                dropout_rate=0.0,
                decoder_start_token_id=0,
                pad_token_id=0,
                eos_token_id=2,
            )
            model = t.T5ForConditionalGeneration(config)
        case "bert2gpt":
            both = t.EncoderDecoderConfig.from_encoder_decoder_configs(
                t.BertConfig(**bert), t.GPT2Config(**gpt2)
            )
            model = t.EncoderDecoderModel(config=both)
            model.config.decoder_start_token_id, model.config.pad_token_id = 1, 0
            model.generation_config.decoder_start_token_id = 1
            model.generation_config.pad_token_id, model.generation_config.eos_token_id = 0, 2
    stir(model)
    return model.eval()


def stir(model, scale=0.25):
    """Weights as after some training: large enough that every token matters, a memory's too."""
    torch.manual_seed(11)
    with torch.no_grad():
        for weight in model.parameters():
            if weight.dim() > 1:
                weight.normal_(0, scale)
    return model


CAUSAL = ["gpt2", "llama", "qwen2", "qwen3"]
APART = ["t5", "bert2gpt"]
FAMILIES = [*CAUSAL, "bert", *APART]
