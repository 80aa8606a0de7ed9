"""What trains models of transformers trains one with memory too: Trainer, accelerate, DDP, PEFT,
torch.compile. Nothing is left untrained, nothing is lost on the way to a checkpoint and back, and
whose memory is frozen stays as it was.
"""

import copy
import pickle

import pytest

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")
accelerate = pytest.importorskip("accelerate")
peft = pytest.importorskip("peft")

from remanence import neural  # noqa: E402
from remanence.errors import CheckpointError  # noqa: E402

from .conftest import plain, stir  # noqa: E402

DYNAMIC = neural.DynamicMemoryConfig(layers=(0, 2), heads=2, key=8, value=8)
GATED = neural.GatedMemoryConfig(layers=(1,), cells=4, size=16, heads=2)
AUTO = {"gpt2": transformers.AutoModelForCausalLM, "t5": transformers.AutoModelForSeq2SeqLM}

# PEFT 0.21 asks a model for an attribute that transformers 5.23 calls by another name; on any
# model, memory or not.
pytestmark = pytest.mark.filterwarnings(
    "ignore:`is_gradient_checkpointing` is deprecated:FutureWarning"
)


def fresh(family="gpt2", config=DYNAMIC):
    return stir(neural.attach_memory(plain(family), config)).eval()


def ids(seed=3, rows=2, tokens=8):
    return torch.randint(3, 60, (rows, tokens), generator=torch.Generator().manual_seed(seed))


def says(model, text=None, **given):
    with torch.no_grad():
        return model(input_ids=ids() if text is None else text, **given).logits


def apart(one, two):
    """The largest difference between two models' weights."""
    mine, theirs = one.state_dict(), two.state_dict()
    assert mine.keys() == theirs.keys()
    return max(float((mine[n] - theirs[n]).abs().max()) for n in mine if mine[n].numel())


def learn(model, steps=2):
    """Some steps over two segments, the second with what the first has written."""
    weights = [each for each in model.parameters() if each.requires_grad]
    optimizer = torch.optim.SGD(weights, 0.05)
    model.train()
    for step in range(steps):
        first = model(input_ids=ids(step), labels=ids(step))
        state = first.memory_state
        second = model(input_ids=ids(step + 9), labels=ids(step + 9), memory_state=state)
        (first.loss + second.loss).backward()
        optimizer.step()
        optimizer.zero_grad()
    return model.eval()


# -- Trainer and accelerate -----------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("family", AUTO)
def test_a_trainer_trains_evaluates_predicts_and_resumes_to_the_same_weights(family, tmp_path):
    rows = [{"input_ids": r, "attention_mask": torch.ones_like(r), "labels": r, "topic": "none of forward's"}
            for r in ids(1, rows=8)]  # fmt: skip

    def trainer(folder):
        settings = transformers.TrainingArguments(
            output_dir=folder,
            per_device_train_batch_size=4,
            per_device_eval_batch_size=4,
            max_steps=4,
            save_steps=2,
            learning_rate=1e-2,
            seed=3,
            report_to=[],
            disable_tqdm=True,
            use_cpu=True,
            dataloader_pin_memory=False,
        )
        return transformers.Trainer(
            model=fresh(family), args=settings, train_dataset=rows, eval_dataset=rows
        )

    whole = trainer(tmp_path / "a")
    before = whole.evaluate()["eval_loss"]
    whole.train()
    assert whole.evaluate()["eval_loss"] < before
    initial_state = dict(fresh(family).named_parameters())
    ours = {n: w for n, w in whole.model.named_parameters() if ".memory." in n and w.numel()}
    assert len(ours) > 20
    for name, weight in ours.items():
        assert not torch.equal(weight, initial_state[name]), f"{name} was not trained"
    found = whole.predict(rows).predictions
    logits = torch.tensor(found[0] if isinstance(found, tuple) else found)
    told = whole.model.eval()
    some = {"labels": ids(1, rows=8), "attention_mask": torch.ones(8, 8, dtype=torch.long)}
    assert torch.allclose(logits, says(told, ids(1, rows=8), **some), atol=1e-5)

    halfway = trainer(tmp_path / "b")
    halfway.train(resume_from_checkpoint=str(tmp_path / "a" / "checkpoint-2"))
    assert apart(whole.model, halfway.model) == 0.0
    kept = neural.from_pretrained(AUTO[family], tmp_path / "a" / "checkpoint-4")
    assert apart(whole.model, kept) == 0.0


def test_accelerate_saves_and_loads_what_it_prepared(tmp_path):
    one, model = accelerate.Accelerator(cpu=True), fresh()
    model, optimizer = one.prepare(model, torch.optim.AdamW(model.parameters(), 1e-2))

    def step():
        state = model(input_ids=ids(1)).memory_state
        one.backward(model(input_ids=ids(2), labels=ids(2), memory_state=state).loss)
        optimizer.step()
        optimizer.zero_grad()

    step()
    one.save_state(tmp_path)
    step()
    wanted = copy.deepcopy(model.state_dict())
    one.load_state(tmp_path)
    step()
    assert all(torch.equal(each, wanted[name]) for name, each in model.state_dict().items())
    assert not any("memory_state" in name for name in wanted), "no session is in a checkpoint"


# -- DDP ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    """A group of one process."""
    file = tmp_path_factory.mktemp("gloo") / "meet"
    torch.distributed.init_process_group("gloo", init_method=f"file://{file}", rank=0, world_size=1)
    yield
    torch.distributed.destroy_process_group()


@pytest.mark.parametrize("segments", [1, 2])
@pytest.mark.parametrize("config", [DYNAMIC, GATED], ids=["dynamic", "gated"])
@pytest.mark.parametrize("how", ["plainly", "find_unused_parameters", "static_graph"])
def test_ddp_gives_the_gradients_that_there_are_without(alone, how, config, segments):
    if (how, config, segments) == ("plainly", GATED, 1):
        pytest.skip("what writes once a segment is not trained by one: DDP has to be told")
    how = {} if how == "plainly" else {how: True}
    bare = fresh(config=config).train()
    wrapped = torch.nn.parallel.DistributedDataParallel(copy.deepcopy(bare), **how)
    for step in range(3):  # DDP tells only at the next step that it has waited for a gradient
        for model in (bare, wrapped):
            state, losses = None, []
            for at in range(segments):
                text = ids(step * 5 + at)
                out = model(input_ids=text, labels=text, memory_state=state)
                state = out.memory_state
                losses.append(out.loss)
            sum(losses).backward()
    grads = {n: w.grad for n, w in wrapped.module.named_parameters()}
    for name, weight in bare.named_parameters():
        if weight.grad is not None and weight.grad.any():
            assert torch.allclose(weight.grad, grads[name], atol=1e-6), name


def test_an_answer_is_of_its_models_class_and_can_be_copied_and_sent():
    model, plainly = fresh(), plain("gpt2")
    with torch.no_grad():
        out, kind = model(input_ids=ids()), type(plainly(input_ids=ids()))
    assert isinstance(out, kind)
    assert type(out).__name__ == kind.__name__
    assert list(out)[-1] == "memory_state"
    for other in (copy.deepcopy(out), pickle.loads(pickle.dumps(out))):  # noqa: S301
        assert torch.equal(other.logits, out.logits)
        assert torch.equal(
            other["memory_state"].layers["0"]["matrix"], out.memory_state.layers["0"]["matrix"]
        )
    with torch.no_grad():
        assert isinstance(model(input_ids=ids(), return_dict=False)[-1], neural.MemoryState)


# -- PEFT -----------------------------------------------------------------------------------------


def lora(**more):
    more = {"target_modules": ["c_attn", "c_fc"], "fan_in_fan_out": True, **more}
    return peft.LoraConfig(r=4, task_type="CAUSAL_LM", **more)


@pytest.fixture(scope="module")
def adapted():
    """A model with LoRA and a memory, both trained."""
    return learn(peft.get_peft_model(fresh(), lora(modules_to_save=["memory"])))


def test_lora_with_a_memory_is_kept_and_read_again(adapted, tmp_path):
    trained = {n for n, w in adapted.named_parameters() if w.requires_grad}
    assert any(".memory." in name for name in trained)
    assert any("lora_" in name for name in trained)
    wanted = says(adapted)
    assert (wanted - says(fresh())).abs().max() > 1e-2
    adapted.save_pretrained(tmp_path)
    again = peft.PeftModel.from_pretrained(fresh(), tmp_path).eval()
    assert torch.equal(says(again), wanted)
    with adapted.disable_adapter():
        assert torch.equal(says(adapted), says(fresh()))
    assert torch.equal(says(adapted), wanted)


def test_lora_merges_into_a_model_with_memory(adapted, tmp_path):
    wanted = says(adapted)
    merged = copy.deepcopy(adapted).merge_and_unload().eval()
    assert torch.allclose(says(merged), wanted, atol=1e-4)
    merged.save_pretrained(tmp_path)
    again = neural.from_pretrained(transformers.AutoModelForCausalLM, tmp_path).eval()
    assert torch.equal(says(again), says(merged))
    assert not isinstance(neural.detach_memory(merged), type(again))


def test_lora_alone_leaves_the_memory_as_it_was():
    model = peft.get_peft_model(fresh(), lora())
    assert not any(w.requires_grad for n, w in model.named_parameters() if ".memory." in n)
    initial_state = {n: w.clone() for n, w in model.named_parameters() if ".memory." in n}
    learn(model)
    assert initial_state
    for name, weight in model.named_parameters():
        assert name not in initial_state or torch.equal(weight, initial_state[name]), name


# One setting cannot fit both GPT-2's Conv1D and the memory's Linear: PEFT corrects it for each, and
# says so.
@pytest.mark.filterwarnings("ignore:fan_in_fan_out is set to (True|False) but the target module")
def test_lora_on_every_linear_layer_adapts_those_of_the_memory_too():
    everywhere = lora(target_modules="all-linear", fan_in_fan_out=False)
    model = learn(peft.get_peft_model(fresh(), everywhere))
    inside = [n for n, _ in model.named_parameters() if ".memory." in n and "lora_B" in n]
    moved = [n for n in inside if model.get_parameter(n).any()]
    assert len(moved) > 4
    assert torch.isfinite(says(model)).all()


def test_sessions_and_pools_are_of_the_model_inside(adapted, tmp_path):
    with adapted.session(["a", "b"], store=tmp_path):
        state = adapted.memorize(ids(5))
    adapted.add_adapter("other", lora())
    pools = {}
    for name in ("inside", "outside", "disabled", "other"):
        if name == "inside":
            pools[name] = neural.SessionPool(adapted.get_base_model())
        elif name == "disabled":
            with adapted.disable_adapter():
                pools[name] = neural.SessionPool(adapted)
        else:
            adapted.set_adapter("other" if name == "other" else "default")
            pools[name] = neural.SessionPool(adapted)
    adapted.set_adapter("default")
    adapted.delete_adapter("other")
    for name, pool in pools.items():
        pool.scatter(["a", "b"], state)
        found = pool.stack(["b", "a", "new"])
        assert len(found) == 3, name
        again = says(adapted, ids(6), memory_state=found.select([1, 0]))
        assert torch.equal(again, says(adapted, ids(6), memory_state=state)), name
    with adapted.session(["b", "new"], store=tmp_path) as session:
        assert torch.equal(session.state.tensors()["0/matrix"][0], state.tensors()["0/matrix"][1])


def test_a_session_is_of_the_adapters_that_are_active(tmp_path):
    model = fresh()
    with model.session("plain", store=tmp_path):
        model.memorize(ids(5, 1))
    adapted = learn(peft.get_peft_model(model, lora(modules_to_save=["memory"])))
    with adapted.session("mine", store=tmp_path):
        adapted.memorize(ids(5, 1))
    adapted.add_adapter("other", lora(init_lora_weights=False))
    with adapted.session(
        "mine", store=tmp_path
    ):  # one more that is not active is nobody's business
        pass
    adapted.set_adapter("other")
    with (
        pytest.raises(CheckpointError, match="made by other weights"),
        adapted.session("mine", store=tmp_path),
    ):
        pass
    with (
        pytest.raises(CheckpointError, match="made by other weights"),
        adapted.session("plain", store=tmp_path),
    ):
        pass
    with adapted.disable_adapter():  # the model that it was, to the session too
        with adapted.session("plain", store=tmp_path) as session:
            assert session.state is not None
        with pytest.raises(CheckpointError), adapted.session("mine", store=tmp_path):
            pass
    adapted.set_adapter("default")
    with adapted.session("mine", store=tmp_path) as session:
        assert session.state is not None
    for module in adapted.modules():
        if isinstance(module, peft.tuners.lora.LoraLayer):
            module.set_scale("default", 0.5)
    with pytest.raises(CheckpointError), adapted.session("mine", store=tmp_path):
        pass


PROMPTS = {
    "prompt": peft.PromptTuningConfig,
    "prefix": peft.PrefixTuningConfig,
    "cartridge": peft.CartridgeConfig,
}


# PEFT says so of any model that `generate` gives positions.
@pytest.mark.filterwarnings("ignore:Position ids are not supported for parameter efficient tuning")
@pytest.mark.parametrize("beams", [1, 3])
@pytest.mark.parametrize("kind", PROMPTS)
def test_a_learnt_prompt_stands_before_a_memory_that_is_still_read(kind, beams):
    model = peft.get_peft_model(fresh(), PROMPTS[kind](task_type="CAUSAL_LM", num_virtual_tokens=3))
    learnt = {n: w.clone() for n, w in model.named_parameters() if w.requires_grad}
    learn(model, steps=1)
    assert not any(torch.equal(model.get_parameter(n), w) for n, w in learnt.items())
    how = {
        "input_ids": ids(),
        "attention_mask": torch.ones_like(ids()),
        "max_new_tokens": 4,
        "do_sample": False,
        "num_beams": beams,
        "eos_token_id": None,
        "pad_token_id": 0,
        "output_scores": True,
        "return_dict_in_generate": True,
    }
    state = model.memorize(ids(5, tokens=12))
    bare, told = (model.generate(**how, memory_state=each) for each in (None, state))
    assert not torch.allclose(bare.scores[0], told.scores[0], atol=1e-3)
    with torch.no_grad():
        read = model(input_ids=ids(), attention_mask=torch.ones_like(ids()), memory_state=state)
    first = read.logits[:, -1].log_softmax(-1)[:, None].expand(-1, beams, -1).flatten(0, 1)
    assert torch.allclose(told.scores[0].log_softmax(-1), first, atol=1e-4)


# -- torch.compile --------------------------------------------------------------------------------


# Dynamo looks at the .grad of what it guards, GPT-2's embeddings among it, leaf or not; and it
# makes an object of an autograd function to trace it.
@pytest.mark.filterwarnings(
    "ignore:<class 'torch.autograd.function.Function'> should not be "
    "instantiated:DeprecationWarning"
)
@pytest.mark.filterwarnings("ignore:The .grad attribute of a Tensor that is not a leaf")
@pytest.mark.filterwarnings("ignore:`torch.jit.script_method` is deprecated")
@pytest.mark.parametrize(
    "backend",
    [
        "eager",
        pytest.param("aot_eager", marks=pytest.mark.slow),
        pytest.param("inductor", marks=pytest.mark.slow),
    ],
)
def test_a_compiled_model_says_the_same_and_has_the_same_gradients(backend):
    torch._dynamo.reset()
    model = fresh().train()
    state = model.memorize(ids(5))
    found = []
    for each in (model, torch.compile(model, backend=backend)):
        model.zero_grad()
        out = each(input_ids=ids(), labels=ids(), memory_state=state)
        out.loss.backward()
        grads = {n: w.grad.clone() for n, w in model.named_parameters() if w.grad is not None}
        found.append((out.logits.detach(), out.memory_state.detach().tensors(), grads))
    (logits, after, grads), (compiled, written, theirs) = found
    assert torch.allclose(logits, compiled, atol=1e-5)
    for path, tensor in after.items():
        assert torch.allclose(tensor, written[path], atol=1e-5), path
    assert grads.keys() == theirs.keys()
    for name, grad in grads.items():
        assert torch.allclose(grad, theirs[name], atol=1e-5), name
