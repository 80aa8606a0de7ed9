"""Consolidation: what is taught, what stays, what is kept of it, and what forgetting does to it."""

# ruff: noqa: E402
import json
import random
from dataclasses import replace

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("peft")

import remanence
from remanence import reading
from remanence.chat import Chat
from remanence.consolidation import (
    AdaptedModel,
    AdapterRecipe,
    Gate,
    consolidate,
    training,
    weights,
)
from remanence.consolidation.examples import TrainingFact, collect_facts
from remanence.consolidation.prompting import PromptFormat, answers_match
from remanence.consolidation.training import ReplayPools, replay
from remanence.errors import CheckpointError, ConfigError, InvalidInput, TrainingError
from remanence.llm.scripted import ScriptedModel
from remanence.storage import adapters
from remanence.storage.store import find_namespace

QUICK = AdapterRecipe(steps=120, check=20, sample_texts=32, keep=0, rate=1e-2)
STRANGERS = [f"Per{n}" for n in "klmnop"]


def examples(homes, names):
    return [TrainingFact(name, "lives_in", homes[name], ()) for name in names]


def share(local, homes, names):
    right = training.facts_recalled(PromptFormat(local), examples(homes, names))
    return sum(right) / len(right)


def with_adapter(local, memory, homes, names):
    adapted = AdaptedModel(local, memory, "w")
    local.model.enable_adapters()
    try:
        return share(local, homes, names)
    finally:
        local.model.disable_adapters()
        weights.remove_adapters(local.model, "remanence_live")
        del adapted


def rows(memory):
    with memory.store.reading() as connection:
        return adapters.every(connection, find_namespace(connection, "w"))


@pytest.mark.slow
def test_what_is_new_is_told_in_words_it_was_not_taught_in_and_what_was_known_still_is(
    local, memory, homes
):
    known = [name for name in homes if name not in STRANGERS]
    before = {name: each.clone() for name, each in local.model.state_dict().items()}
    assert share(local, homes, known) == 1.0 and share(local, homes, STRANGERS) < 0.7

    report = consolidate(memory, "w", local, recipe=QUICK, gate=Gate(general=0.5))

    assert (report.state, report.afresh, report.reasons) == ("live", True, ())
    assert report.scores["new"] >= 0.9 and report.scores["older"] >= 0.95
    assert with_adapter(local, memory, homes, STRANGERS) >= 0.9
    after = local.model.state_dict()
    assert after.keys() == before.keys() and all(
        torch.equal(after[name], before[name]) for name in before
    )


@pytest.mark.slow
def test_the_manifest_says_what_went_in_without_a_word_of_it(local, memory, homes):
    report = consolidate(memory, "w", local, recipe=QUICK, gate=Gate(general=0.5))
    (row,) = rows(memory)
    manifest = json.loads(row.manifest)
    assert row.id == report.adapter and len(manifest["facts"]) == len(homes) == len(row.sources)
    assert (
        manifest["recipe"]["seed"] == 0
        and manifest["base"] == "small"
        and manifest["scores"] == report.scores
    )
    assert not any(word in row.manifest for word in [*homes, *homes.values()])


@pytest.mark.slow
def test_the_next_night_goes_on_and_teaches_only_what_is_new(local, memory, homes):
    first = consolidate(memory, "w", local, recipe=QUICK, gate=Gate(general=0.5))
    assert consolidate(memory, "w", local, recipe=QUICK).state == "unchanged"
    memory.learn("Pera", "plays", "Chengdu Oslo Lima", namespace="w", id="tea")
    second = consolidate(memory, "w", local, recipe=QUICK, gate=Gate(new=0.0, general=9.0))
    assert (second.taught, second.afresh) == (1, False)
    assert [row.state for row in rows(memory)] == [adapters.LIVE, adapters.REPLACED]
    now, then = (json.loads(row.manifest) for row in rows(memory))
    assert now["continues"] == first.adapter
    assert (len(then["taught"]), len(now["taught"])) == (first.taught, first.taught + 1)
    assert set(then["taught"]) < set(now["taught"]) <= set(now["facts"])
    assert (
        first.scores["earlier"] == 1.0 and second.scores["earlier"] >= 0.9
    )  # of nothing; of the first night's


def test_half_of_what_is_replayed_is_what_fades_first_however_little_that_is():
    plain = [TrainingFact(f"Plain{n}", "lives_in", "Oslo", ()) for n in range(1_000)]
    previous = [TrainingFact("Early", "lives_in", "Lima", ())]
    neighbours = [TrainingFact("Early", "has_pet", "cat", ())]
    for kinds in (
        {"previous": previous},
        {"neighbours": neighbours},
        {"previous": previous, "neighbours": neighbours},
    ):
        pools = ReplayPools([], plain + previous + neighbours, **kinds)
        for count in (0, 1, 2, 7, 24):
            drawn = list(replay(pools, count, random.Random(0)))
            assert len(drawn) == count
            assert sum(each.subject == "Early" for each in drawn[: count // 2]) == count // 2
        assert {each.relation for each in drawn[:12]} == {
            each.relation for some in kinds.values() for each in some
        }
    assert len(set(replay(ReplayPools([], plain), 24, random.Random(0)))) > 12
    assert not list(replay(ReplayPools(plain, []), 24, random.Random(0)))


def test_an_adapter_that_does_not_pass_is_set_aside_with_the_reasons_and_never_used(local, memory):
    report = consolidate(memory, "w", local, recipe=replace(QUICK, steps=1, check=1), gate=Gate())
    assert report.state == "aside" and report.reasons[0].startswith("new: ")
    assert (
        AdaptedModel(local, memory, "w").within("s", memory, "w", "Where does Perk live?").adapter
        is None
    )


@pytest.mark.slow
def test_a_fact_that_has_changed_is_taught_anew(local, memory, homes):
    consolidate(memory, "w", local, recipe=QUICK, gate=Gate(general=0.5))
    new = "Delhi" if homes["Perk"] != "Delhi" else "Lima"
    memory.learn("Perk", "lives_in", new, namespace="w", at="2025-06-01", id="moved")
    stale = AdaptedModel(local, memory, "w")
    assert (
        stale.within("s", memory, "w", "Where does Perk live?").adapter is None
    )  # it knows better than to say the old
    assert stale.within("s", memory, "w", "Where does Perl live?").adapter is not None
    weights.remove_adapters(local.model, "remanence_live")
    report = consolidate(memory, "w", local, recipe=QUICK, gate=Gate(new=0.0, general=9.0))
    assert (report.taught, report.afresh) == (1, False)
    changed = {**homes, "Perk": new}
    assert with_adapter(local, memory, changed, ["Perk"]) == 1.0


@pytest.mark.slow
def test_forgetting_takes_the_weights_at_once_and_the_next_night_begins_from_the_plain_model(
    local, memory, homes
):
    consolidate(memory, "w", local, recipe=QUICK, gate=Gate(general=0.5))
    speaking = AdaptedModel(local, memory, "w")
    assert speaking.within("s", memory, "w", "Where does Perk live?").adapter is not None
    receipt = memory.forget(namespace="w", id="Perk")
    assert receipt.adapters == 1
    (row,) = rows(memory)
    assert (row.state, row.body) == (adapters.TAINTED, None)
    assert (
        speaking.within("s", memory, "w", "Where does Perl live?").adapter is None
    )  # in a process that had it on, too
    report = consolidate(memory, "w", local, recipe=QUICK, gate=Gate(general=0.5))
    assert report.afresh and report.state == "live"
    assert with_adapter(local, memory, homes, [n for n in STRANGERS if n != "Perk"]) >= 0.8
    with memory.store.reading() as connection:
        kept = adapters.newest(connection, find_namespace(connection, "w"), adapters.LIVE)
    assert len(kept.sources) == len(homes) - 1


def test_forgetting_what_is_not_in_it_leaves_an_adapter_alone(local, memory):
    consolidate(
        memory, "w", local, recipe=replace(QUICK, steps=1, check=1), gate=Gate(0.0, 0.0, 0.0, 9.0)
    )
    memory.remember("Nothing of note.", namespace="w", id="n")
    assert memory.forget(namespace="w", id="n").adapters == 0
    assert rows(memory)[0].state == adapters.LIVE
    assert memory.forget(namespace="w", everything=True).adapters == 1


@pytest.mark.slow
def test_a_fact_that_no_longer_holds_and_has_no_other_in_its_place_begins_it_all_anew(
    local, memory
):
    free = Gate(0.0, 0.0, 0.0, 9.0)
    memory.learn("Pera", "likes", "Lima", namespace="w", at="2025-01-01", id="likes")
    consolidate(memory, "w", local, recipe=replace(QUICK, steps=1, check=1), gate=free)
    memory.remember("Pera no longer likes Lima.", namespace="w", at="2025-03-01")
    memory.learn("Perb", "likes", "Oslo", namespace="w", id="more")
    if any(
        fact.relation == "likes" and fact.subject == "Pera" for fact in memory.facts(namespace="w")
    ):
        pytest.fail("the fact was to be retracted")
    assert consolidate(
        memory, "w", local, recipe=replace(QUICK, steps=1, check=1), gate=free
    ).afresh


def test_what_is_forgotten_while_it_is_taught_is_not_kept(local, memory):
    def meanwhile(what, done, total, standing):
        memory.forget(namespace="w", id="Perk")

    with pytest.raises(TrainingError, match="forgotten"):
        consolidate(memory, "w", local, recipe=replace(QUICK, steps=2, check=1), progress=meanwhile)
    assert rows(memory) == []
    assert not getattr(local.model, "peft_config", None)


@pytest.mark.slow
def test_an_interrupted_night_goes_on_where_it_stopped_and_ends_as_one_that_was_not(local, memory):
    # So slow that no look before the last ends it.
    recipe = replace(QUICK, steps=40, check=10, keep=10, patience=9, rate=1e-3)
    free = Gate(0.0, 0.0, 0.0, 9.0)

    class Killed(BaseException):
        pass

    def kill(what, done, total, standing):
        if done == 30:
            raise Killed

    with pytest.raises(Killed):
        consolidate(memory, "w", local, recipe=recipe, gate=free, progress=kill)
    resumed = consolidate(memory, "w", local, recipe=recipe, gate=free)
    assert resumed.resumed == 20
    number = 1  # of the namespace
    memory.store.writing(lambda connection: adapters.drop(connection, number, adapters.LIVE))
    whole = consolidate(memory, "w", local, recipe=recipe, gate=free)
    assert whole.resumed == 0 and whole.steps == resumed.steps
    assert resumed.scores == pytest.approx(whole.scores, abs=1e-3)


def test_facts_of_sources_that_nobody_trusts_are_left_out(memory):
    for origin in ("web", "tool", "assistant", "import"):
        memory.remember(f"Perq{origin} lives in Oslo.", namespace="w", metadata={"origin": origin})
    memory.remember("Perx lives in Oslo.", namespace="w", metadata={"origin": "user"})
    found, left = collect_facts(memory, "w")
    assert left == 4 and "Perx" in {each.subject for each in found}
    assert not any(each.subject.startswith("Perq") for each in found)


def test_what_a_model_said_is_left_out_whoever_has_read_it_and_an_origin_that_is_no_word(memory):
    noted = {
        "Perqa": {"role": "assistant"},
        "Perqb": {"role": "tool"},
        "Perqc": {"origin": ["web"]},
    }
    for name, each in noted.items():
        memory.remember(f"{name} 偏爱 Oslo", id=name, namespace="w", metadata=each)
    reading.read(memory, ScriptedModel(_read_all))
    found, left = collect_facts(memory, "w")
    assert left == 3 and not any(each.subject in noted for each in found)


def _read_all(request):
    """A reader that finds what is liked in each text that begins with Perq."""
    texts = json.loads(request.messages[-1].content)
    facts = [
        {"text": n, "subject": each["words"].split()[0], "relation": "likes", "object": "Oslo",
         "quote": each["words"], "confidence": 0.9}
        for n, each in enumerate(texts) if each["words"].startswith("Perq")
    ]  # fmt: skip
    return json.dumps({"facts": facts})


def test_nobody_is_called_as_only_those_call_him_whom_nobody_trusts():
    with remanence.open(":memory:", embedder="hash:64") as memory:
        memory.learn("Wei", "lives_in", "Chengdu", namespace="w", id="a")
        memory.learn("Ana", "married_to", "Wei", namespace="w", id="b")
        for page in ("lives in Paris", "likes tea", "is married to Bob"):
            memory.remember(f"Wei Zhang {page}.", namespace="w", metadata={"origin": "web"})
        assert {each.subject for each in memory.facts(namespace="w")} == {"Wei Zhang", "Ana"}
        found, _ = collect_facts(memory, "w")
        assert {(each.subject, each.object) for each in found} == {
            ("Wei", "Chengdu"),
            ("Ana", "Wei"),
        }
        memory.learn("Wei Zhang", "lives_in", "Chengdu", namespace="w", id="c")
        found, _ = collect_facts(memory, "w", "Wei")
        assert {each.subject for each in found if each.object == "Chengdu"} == {"Wei Zhang"}


@pytest.mark.slow
def test_forgetting_what_was_taught_and_then_taught_otherwise_takes_the_weights(local, memory):
    recipe, free = replace(QUICK, steps=1, check=1), Gate(0.0, 0.0, 0.0, 9.0)
    consolidate(memory, "w", local, recipe=recipe, gate=free)
    memory.learn("Pera", "lives_in", "Rome", namespace="w", at="2025-06-01")
    assert not consolidate(memory, "w", local, recipe=recipe, gate=free).afresh
    assert memory.forget(namespace="w", id="Pera").adapters == 1


def test_an_adapter_of_another_base_is_refused_by_its_name(local, memory):
    consolidate(
        memory, "w", local, recipe=replace(QUICK, steps=1, check=1), gate=Gate(0.0, 0.0, 0.0, 9.0)
    )
    with torch.no_grad():
        next(local.model.parameters()).add_(1)
    memory.learn("Pera", "likes", "Lima", namespace="w")
    for call in (lambda: consolidate(memory, "w", local), lambda: AdaptedModel(local, memory, "w")):
        with pytest.raises(InvalidInput, match="changes the weights of 'small'"):
            call()


def test_damaged_weights_are_said_to_be(local, memory):
    consolidate(
        memory, "w", local, recipe=replace(QUICK, steps=1, check=1), gate=Gate(0.0, 0.0, 0.0, 9.0)
    )
    memory.store.writing(lambda c: c.run("UPDATE adapter SET body = x'0102'"))
    with pytest.raises(CheckpointError, match="consolidate again"):
        AdaptedModel(local, memory, "w")


def test_an_empty_namespace_and_impossible_recipes_are_refused(local, memory):
    with pytest.raises(InvalidInput, match="holds no facts"):
        consolidate(memory, "nobody", local)
    for wrong in ({"rank": 0}, {"rate": 2.0}, {"steps": "many"}):
        with pytest.raises(ConfigError):
            AdapterRecipe(**wrong)


def test_without_a_model_the_report_says_what_there_is_to_teach(memory, homes, monkeypatch):
    monkeypatch.delenv("REMANENCE_MODEL", raising=False)
    report = memory.consolidate(namespace="w")
    assert report.state == "no model" and f"{len(homes)} facts hold" in report.reasons[0]
    with pytest.raises(ConfigError, match="no model on this machine"):
        memory.consolidate(namespace="w", model="http://host/v1#m")


@pytest.mark.slow
def test_a_chat_speaks_with_the_adapter_where_it_knows_whom_it_is_about_and_plainly_elsewhere(
    local, memory, homes
):
    consolidate(memory, "w", local, recipe=QUICK, gate=Gate(general=0.5))
    talk = Chat(
        memory,
        AdaptedModel(local, memory, "w"),
        namespace="w",
        speaker="Ana",
        budget=40,
        most=8,
        instructions="x",
    )
    answer = talk.say("Where does Perk live?").answer
    assert answer.used.adapter is not None
    assert talk.say("How are you?").answer.used.adapter is None
    assert isinstance(talk.without(answer, "adapter"), str)
    assert "I am" not in answer.used.prompt[-1].content


def test_a_chat_says_who_asks_where_an_adapter_speaks_of_him_and_nowhere_else(local, memory):
    consolidate(memory, "w", local, recipe=replace(QUICK, steps=1), gate=Gate(0.0, 0.0, 0.0, 9.0))

    def last(model, speaker, text):
        talk = Chat(
            memory, model, namespace="w", speaker=speaker, budget=20, most=2, instructions="x"
        )
        return talk.say(text).answer.used.prompt[-1].content

    adapted = AdaptedModel(local, memory, "w")
    assert last(adapted, "Perk", "Where do I live?").endswith("I am Perk. Where do I live?")
    assert last(adapted, "Perk", "我住在哪里？").endswith("我是Perk。我住在哪里？")
    assert last(adapted, "Perk", "Where does Perl live?").endswith("Where does Perl live?")
    assert "I am" not in last(adapted, "Nobody", "Where do I live?")
    assert "I am" not in last(local, "Perk", "Where do I live?")


@pytest.mark.parametrize(
    ("answer", "wanted", "right"),
    [
        ("成都", "成都", True),
        ("成都。好", "成都", True),
        ("成都市", "成都", False),
        ("Oslo\nuser", "Oslo", True),
        ("", "Oslo", False),
        ("oslo .", "Oslo", True),
    ],
)
def test_an_answer_is_what_is_wanted_and_no_more(answer, wanted, right):
    assert answers_match(answer, wanted) is right
