"""Models in four bits:

what is needed is said before anything is read; packed, a model speaks as nearly as it did, and
stays as it was packed.
"""

import subprocess
import sys

import pytest

pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

from transformers.utils import import_utils  # noqa: E402

from remanence import llm, neural  # noqa: E402
from remanence.errors import ConfigError, ModelError  # noqa: E402
from remanence.llm import Message, Request, ask  # noqa: E402

HELLO = Request((Message("system", "memory"), Message("user", "Where do I live ?")), most=8)


@pytest.fixture
def folder(wide, tokenizer, tmp_path):
    wide.save_pretrained(tmp_path)
    tokenizer.save_pretrained(tmp_path)
    return tmp_path


def test_without_bitsandbytes_four_bits_are_refused_with_what_to_install(monkeypatch):
    monkeypatch.setattr(import_utils, "is_bitsandbytes_available", lambda least: False)
    with pytest.raises(ConfigError, match=r'pip install "remanence\[quantized\]"'):
        llm.load("hf:./nowhere#4bit")
    with pytest.raises(ConfigError, match="needs bitsandbytes 0"):
        llm.load("hf:./nowhere#plain,4bit")


def test_a_packed_model_speaks_by_template_and_in_lines_within_its_window(folder):
    pytest.importorskip("bitsandbytes")
    for form in ("4bit", "4bit,plain"):
        model = llm.load(f"hf:{folder}#{form}")
        assert model.plain == ("plain" in form) and model.window == 64
        assert model.name == f"{folder}#4bit"
        assert ask(model, HELLO) == ask(model, HELLO)
        assert ask(model, HELLO).usage.reply > 0
        model.close()


def test_a_packed_model_without_a_template_is_told_its_spec(folder, tokenizer):
    pytest.importorskip("bitsandbytes")
    (folder / "chat_template.jinja").unlink()
    with pytest.raises(ConfigError, match=f"'hf:{folder}#4bit,plain' writes messages as lines"):
        llm.load(f"hf:{folder}#4bit")


def test_a_packed_model_computes_what_a_whole_one_of_its_rounded_weights_does(folder, wide):
    """The naive twin: GPT-2 keeps its weights turned, and square ones could be read either way."""
    torch = pytest.importorskip("torch")
    functional = pytest.importorskip("bitsandbytes").functional
    packed = llm.load(f"hf:{folder}#4bit").model
    rounded = 0
    with torch.no_grad():
        for name, each in packed.named_parameters():
            if each.dtype != torch.uint8:
                continue
            near = functional.dequantize_4bit(each, each.quant_state).T
            whole = wide.get_parameter(name)
            assert (near - whole).norm() / whole.norm() < 0.15
            whole.copy_(near)
            rounded += 1
        assert rounded == 8  # four linear layers in each of two blocks
        ids = torch.arange(3, 23)[None]
        wanted, found = wide.eval()(ids).logits, packed(ids).logits
    assert (wanted - found).norm() / wanted.norm() < 0.03  # it multiplies in bfloat16


def test_speaking_leaves_packed_weights_as_they_lie(folder):
    """Bitsandbytes would lay them out anew, and cast biases, when they are first used."""
    torch = pytest.importorskip("torch")
    pytest.importorskip("bitsandbytes")
    model = llm.load(f"hf:{folder}#4bit")
    before = {name: each.clone() for name, each in model.model.named_parameters()}
    ask(model, HELLO)
    for name, each in model.model.named_parameters():
        assert each.dtype == before[name].dtype and torch.equal(each, before[name]), name


def test_layers_that_would_be_read_wrongly_are_refused(causal, tokenizer, tmp_path):
    torch = pytest.importorskip("torch")
    pytest.importorskip("bitsandbytes")
    if torch.cuda.is_available():
        pytest.skip("a GPU reads them rightly")
    causal.save_pretrained(tmp_path)
    tokenizer.save_pretrained(tmp_path)
    with pytest.raises(ModelError, match="16 inputs.*no multiple of 64; load it whole"):
        llm.load(f"hf:{tmp_path}#4bit")


def test_a_model_that_was_saved_packed_is_loaded_packed_and_held_still(folder, tmp_path):
    pytest.importorskip("bitsandbytes")
    first = llm.load(f"hf:{folder}#4bit")
    first.model.save_pretrained(tmp_path / "packed")
    first.tokenizer.save_pretrained(tmp_path / "packed")
    again = llm.load(f"hf:{tmp_path / 'packed'}")
    assert ask(again, HELLO) == ask(first, HELLO)
    assert not any(
        getattr(layer, "support_avx512bf16_for_cpu", False) for layer in again.model.modules()
    )


def test_nothing_is_asked_of_a_network_for_a_packed_model():
    """As bitsandbytes is imported, it has a package that downloads, where that is installed, fetch
    a kernel.
    """
    pytest.importorskip("bitsandbytes")
    code = (
        "import sys, types\n"
        "fetched = []\n"
        "kernels = types.ModuleType('kernels')\n"
        "kernels.get_kernel = lambda *a, **k: fetched.append(a)\n"
        "sys.modules['kernels'] = kernels\n"
        "from remanence.llm import quantized\n"
        "quantized.ready()\n"
        "assert 'bitsandbytes' in sys.modules and not fetched, fetched\n"
        "assert sys.modules['kernels'] is kernels\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_model_with_a_memory_inside_is_not_packed(causal, tokenizer, tmp_path):
    pytest.importorskip("bitsandbytes")
    neural.attach_memory(causal, neural.DynamicMemoryConfig(layers=(1,), key=4, value=4))
    causal.save_pretrained(tmp_path)
    tokenizer.save_pretrained(tmp_path)
    with pytest.raises(ConfigError, match="memory inside, which is not packed"):
        llm.load(f"hf:{tmp_path}#4bit")
