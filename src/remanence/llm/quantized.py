"""Weights in four bits (NF4: Dettmers et al., 2023, "QLoRA"): how transformers is told to pack
them, and what holds them still afterwards.

bitsandbytes packs and multiplies (extra `quantized`), on a GPU or here.
"""

import logging
import sys
from importlib import import_module
from typing import Any, Final

from remanence.errors import ConfigError, ModelError

LEAST: Final = "0.50"  # of bitsandbytes: what `settle` knows of its layers was read there
FETCHES: Final = "kernels"  # the package by which bitsandbytes would download


def packing(path: str) -> Any:
    """Return the configuration of transformers that packs a model's linear layers.

    Raises `ConfigError` where bitsandbytes is not installed, or is too old.
    """
    import torch
    import transformers
    from transformers.utils import import_utils

    if not import_utils.is_bitsandbytes_available(LEAST):
        raise ConfigError(
            f"'hf:{path:.200}' in four bits needs bitsandbytes {LEAST} or newer; "
            'pip install "remanence[quantized]"'
        )
    config: Any = transformers.BitsAndBytesConfig  # it has no types
    return config(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=torch.bfloat16,
    )


def ready() -> None:
    """Import bitsandbytes, where it is installed, without its asking a network: it looks there for
    a kernel that settled weights never use.
    """
    modules: dict[str, Any] = sys.modules
    logger = logging.getLogger("bitsandbytes")
    level, there = logger.level, modules.get(FETCHES)
    logger.setLevel(logging.ERROR)
    modules[FETCHES] = None  # Python does not find it
    try:
        import_module("bitsandbytes")
    except ImportError:
        return  # who needs it says so
    finally:
        logger.setLevel(level)
        del modules[FETCHES]
        if there is not None:
            modules[FETCHES] = there


def packed(model: Any) -> bool:
    """Tell whether a model's weights are in four bits, packed here or before it was saved."""
    return bool(getattr(model, "is_loaded_in_4bit", False))


def settle(model: Any, name: str) -> None:
    """Keep packed weights as they lie, whatever is asked of the model.

    Raises `ModelError` where they would be read wrongly.

    bitsandbytes changes them in place when a layer is first used: a bias becomes of the type that
    is computed in, and on processors with AVX512-BF16 the codes are laid out anew for a product
    that knows no gradient. An adapter is a change of weights that stay, and is trained through
    them.
    """
    linear = import_module("bitsandbytes.nn").Linear4bit
    for layer in (each for each in model.modules() if isinstance(each, linear)):
        layer.support_avx512bf16_for_cpu = False
        if layer.bias is not None and layer.compute_dtype is not None:
            layer.bias.data = layer.bias.data.to(layer.compute_dtype)
        block = layer.weight.quant_state.blocksize
        if layer.weight.device.type == "cpu" and layer.in_features % block:
            raise ModelError(
                f"{name!r:.200} has layers of {layer.in_features} inputs, and on a processor "
                "bitsandbytes reads four bits wrongly where that is no "
                f"multiple of {block}; load it whole, or on a GPU"
            )
