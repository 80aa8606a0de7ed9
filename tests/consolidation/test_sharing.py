"""Adapters among others:

several namespaces on one model, what changes while one is in use, whose weights they are, and what
kills a night.
"""

# ruff: noqa: E402
import os
import signal
import subprocess
import sys
from dataclasses import replace

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("peft")

import remanence
from remanence.consolidation import AdaptedModel, AdapterRecipe, Gate, consolidate, weights
from remanence.consolidation.examples import MAX_OBJECT_LENGTH, collect_facts
from remanence.consolidation.routing import ACTIVE_ADAPTER
from remanence.errors import ConfigError, InvalidInput, ModelError
from remanence.llm import Message, Request, gathered
from remanence.llm.scripted import ScriptedModel
from remanence.storage import adapters
from remanence.storage.store import find_namespace

STEP = AdapterRecipe(steps=1, check=1, sample_texts=4, keep=0)
FREE = Gate(0.0, 0.0, 0.0, 9.0)


def within(model, about="Where does Perk live?"):
    return model.within("s", model.memory, model.namespace, about)


def loud(memory, namespace, seed):
    """Change the adapter in use so that nobody mistakes what it says for another's."""
    from remanence.consolidation import serialization

    with memory.store.reading() as connection:
        number = find_namespace(connection, namespace)
        row = adapters.newest(connection, number, adapters.LIVE)
    tensors, salt = serialization.load(row)
    chance = torch.Generator().manual_seed(seed)
    noisy = {name: torch.randn(each.shape, generator=chance) for name, each in tensors.items()}
    body = serialization.dump(noisy, salt)
    memory.store.writing(
        lambda c: c.run("UPDATE adapter SET body = :body WHERE id = :id", body=body, id=row.id)
    )


def answer_unlike(known, local, memory, namespace, asked):
    """Noise for the adapter under which its answer is none of those known, and that answer.

    A model as small as this one says the same under many a noise, and which differs by machine.
    """
    for seed in range(20):
        loud(memory, namespace, seed)
        answer = gathered(within(AdaptedModel(local, memory, namespace)).stream(asked)).text
        if answer not in known:
            return answer
    raise AssertionError(f"20 noises left the answer as it was: {answer}")


def test_two_namespaces_on_one_model_each_speak_with_their_own_adapter(local, memory, homes):
    memory.learn("Perk", "lives_in", "Lima", namespace="v", at="2025-01-01", id="v")
    asked = Request((Message("user", "Where does Perk live?"),), most=8)
    plain = gathered(local.stream(asked)).text
    alone = {}
    for namespace in ("w", "v"):
        consolidate(memory, namespace, local, recipe=STEP, gate=FREE)
        alone[namespace] = answer_unlike({plain, *alone.values()}, local, memory, namespace, asked)
    first, second = (AdaptedModel(local, memory, namespace) for namespace in ("w", "v"))
    for model in (first, second, first, first, second):
        assert gathered(within(model).stream(asked)).text == alone[model.namespace]
        assert gathered(local.stream(asked)).text == plain
    chosen = within(first)
    memory.forget(namespace="w", id="Perk")
    with pytest.raises(ModelError, match="went out of use"):
        gathered(chosen.stream(asked))


@pytest.mark.slow
def test_where_one_of_several_that_it_was_taught_holds_no_longer_it_is_silent_and_says_so(
    local, memory
):
    for thing in ("Lima", "Oslo"):
        memory.learn("Pera", "likes", thing, namespace="w", at="2025-01-01", id=thing)
    examples, _ = collect_facts(memory, "w")
    assert [each.object for each in examples if each.relation == "likes"] == ["Lima and Oslo"]
    first = consolidate(memory, "w", local, recipe=STEP, gate=FREE)
    model = AdaptedModel(local, memory, "w")
    assert within(model, "What does Pera like?").adapter == f"adapter {first.adapter}"
    memory.remember(
        "Pera likes Cairo.", namespace="w", at="2025-02-01", metadata={"origin": "web"}, id="page"
    )
    assert within(model, "What does Pera like?").adapter  # a page cannot silence it
    memory.remember("Pera no longer likes Lima.", namespace="w", at="2025-03-01")
    stale = within(model, "What does Pera like?")
    assert stale.adapter is None and "taught otherwise of Pera" in stale.degraded[0]
    assert within(model).adapter  # Perk is another
    second = consolidate(memory, "w", local, recipe=STEP, gate=FREE)
    assert (second.taught, second.afresh) == (1, False)
    assert within(model, "What does Pera like?").adapter == f"adapter {second.adapter}"


def test_a_retracted_fact_is_not_spoken_of_before_the_next_night(local, memory):
    memory.learn("Pera", "likes", "Lima", namespace="w", at="2025-01-01", id="likes")
    consolidate(memory, "w", local, recipe=STEP, gate=FREE)
    model = AdaptedModel(local, memory, "w")
    memory.remember("Pera no longer likes Lima.", namespace="w", at="2025-03-01")
    assert within(model, "What does Pera like?").adapter is None


def test_what_is_long_is_left_out(memory):
    memory.learn("Pera", "likes", "x" * (MAX_OBJECT_LENGTH + 1), namespace="w", id="long")
    examples, left = collect_facts(memory, "w")
    assert left == 1 and "likes" not in {each.relation for each in examples}


def test_forgetting_an_episode_takes_what_was_taught_of_its_older_version_too(local, memory):
    memory.remember("Pera likes Lima.", namespace="w", at="2025-01-01", id="note")
    consolidate(memory, "w", local, recipe=STEP, gate=FREE)
    memory.remember("Pera likes Oslo.", namespace="w", at="2025-01-01", id="note")
    assert within(AdaptedModel(local, memory, "w"), "What does Pera like?").adapter is None
    assert memory.forget(namespace="w", id="note").adapters == 1


def test_a_model_with_an_adapter_of_somebody_elses_is_refused_and_left_alone(local, memory):
    from peft import LoraConfig

    local.model.add_adapter(
        LoraConfig(r=2, target_modules=["c_attn"], fan_in_fan_out=True), adapter_name="mine"
    )
    with pytest.raises(InvalidInput, match="an adapter of its own, 'mine'"):
        consolidate(memory, "w", local, recipe=STEP, gate=FREE)
    assert list(local.model.peft_config) == ["mine"]


@pytest.mark.slow
def test_a_model_speaks_as_before_after_a_night_while_an_adapter_is_on_it(local, memory):
    consolidate(memory, "w", local, recipe=STEP, gate=FREE)
    model = AdaptedModel(local, memory, "w")
    memory.learn("Pera", "likes", "Lima", namespace="w", id="more")
    asked = Request((Message("user", "Where does Perk live?"),), most=8)
    plain = gathered(local.stream(asked)).text
    report = memory.consolidate(namespace="w", model=model, recipe=STEP, gate=FREE)
    assert gathered(local.stream(asked)).text == plain
    assert within(model).adapter == f"adapter {report.adapter}"
    assert list(local.model.peft_config) == [ACTIVE_ADAPTER]


def test_only_a_model_whose_weights_are_here_can_be_taught(memory):
    with pytest.raises(ConfigError, match="no model on this machine"):
        memory.consolidate(namespace="w", model=ScriptedModel("x"))


@pytest.mark.slow
def test_with_dropout_the_same_seed_still_gives_the_same_adapter(local, memory):
    for each in local.model.modules():
        if isinstance(each, torch.nn.Dropout):
            each.p = 0.5
    recipe, found = replace(STEP, steps=3, check=3), []
    for _ in range(2):
        consolidate(memory, "w", local, recipe=recipe, gate=FREE)
        with memory.store.reading() as connection:
            number = find_namespace(connection, "w")
            row = adapters.newest(connection, number, adapters.LIVE)
        memory.store.writing(lambda c: adapters.drop(c, number, adapters.LIVE))
        from remanence.consolidation import serialization

        found.append(serialization.load(row)[0])
    assert all(torch.equal(found[0][name], found[1][name]) for name in found[0])


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_a_model_is_handed_back_with_the_very_weights_it_had(local, dtype):
    model = local.model.to(dtype)
    digest, tied = weights.base_digest(model), model.lm_head.weight is model.transformer.wte.weight
    modules = {name: type(each) for name, each in model.named_modules()}
    weights.add_adapter(model, weights.CANDIDATE, STEP)
    assert weights.base_digest(model) == digest
    weights.remove_adapters(model, weights.CANDIDATE)
    assert {name: type(each) for name, each in model.named_modules()} == modules
    assert (model.lm_head.weight is model.transformer.wte.weight) == tied
    assert all(each.requires_grad for each in model.parameters())
    with torch.no_grad():
        next(model.parameters()).mul_(2)
    assert weights.base_digest(model) != digest


NIGHT = """
import sys
sys.path.insert(0, sys.argv[1])
import torch
torch.set_num_threads(1)
import remanence
from remanence.consolidation import AdapterRecipe, Gate, consolidate
from remanence.llm.local import load_local
def progress(what, done, total, standing):
    print(done, flush=True)
    if done == 3:
        sys.stdin.read()  # and here it is killed
with remanence.open(sys.argv[2], embedder="hash:64") as memory:
    consolidate(memory, "w", load_local(sys.argv[3], plain=True), progress=progress,
        recipe=AdapterRecipe(steps=4, check=1, keep=2, sample_texts=4, patience=9), gate=Gate(0.0, 0.0, 0.0, 9.0))
"""


@pytest.mark.slow
def test_a_night_killed_in_one_process_goes_on_in_another(local, homes, tmp_path):
    from remanence.llm.local import load_local

    local.model.save_pretrained(tmp_path / "model")
    local.tokenizer.save_pretrained(tmp_path / "model")
    with remanence.open(tmp_path / "m.db", embedder="hash:64") as memory:
        for name, city in homes.items():
            memory.learn(name, "lives_in", city, namespace="w", at="2025-01-01", id=name)
    command = [sys.executable, "-c", NIGHT, os.getcwd(), tmp_path / "m.db", tmp_path / "model"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as training_state:
        for line in training_state.stdout:
            if line.strip() == "3":
                training_state.send_signal(signal.SIGKILL)
    assert training_state.returncode == -signal.SIGKILL
    recipe = AdapterRecipe(steps=4, check=1, keep=2, sample_texts=4, patience=9)
    with remanence.open(tmp_path / "m.db", embedder="hash:64") as memory:
        model = load_local(str(tmp_path / "model"), plain=True)
        report = consolidate(memory, "w", model, recipe=recipe, gate=FREE)
    assert (report.resumed, report.steps, report.state) == (2, 4, "live")
