"""What was said, taught as such:

what is chosen, how it is asked for, and what becomes of it when the log changes.
"""

# ruff: noqa: E402
import json
from dataclasses import replace

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("peft")

import remanence
from remanence.consolidation import AdaptedModel, AdapterRecipe, Gate, consolidate, phrasings
from remanence.consolidation.examples import (
    MAX_OBJECT_LENGTH,
    UTTERANCE,
    TrainingFact,
    collect_utterances,
)
from remanence.errors import InvalidInput
from remanence.llm.scripted import ScriptedModel
from remanence.queries import redact
from remanence.storage import adapters
from remanence.storage.store import find_namespace

STEP = AdapterRecipe(steps=1, check=1, sample_texts=4, keep=0)
FREE = Gate(0.0, 0.0, 0.0, 9.0)
DAY = "2025-03-20"


@pytest.fixture
def log():
    """A namespace in which Wei and Ana have spoken, three things on two days."""
    with remanence.open(":memory:", embedder="hash:64") as memory:
        say(memory, "The bridge was closed", at=f"{DAY}T09:00:00", id="a")
        say(memory, "I took the ferry", at=f"{DAY}T10:00:00", id="b")
        say(memory, "Rain again", at="2025-03-21", speaker="Ana", id="c")
        yield memory


def say(memory, text, at=DAY, speaker="Wei", id=None, **metadata):
    memory.remember(text, namespace="w", speaker=speaker, at=at, id=id, metadata=metadata or None)


def training_state(local, log, episodes=True, recipe=STEP, **more):
    return consolidate(log, "w", local, recipe=recipe, gate=FREE, episodes=episodes, **more)


def within(local, log, about):
    return AdaptedModel(local, log, "w").within("s", log, "w", about)


def live(log):
    with log.store.reading() as connection:
        return adapters.newest(connection, find_namespace(connection, "w"), adapters.LIVE)


def test_what_was_said_is_asked_for_by_speaker_day_and_place(log):
    say(log, "我搬到成都了", at=DAY, speaker="小伟")
    assert [(phrasings.question(each), each.object) for each in collect_utterances(log, "w")] == [
        ("小伟在2025年3月20日说了什么？", "我搬到成都了"),
        ("What was the first thing that Wei said on 20 March 2025?", "The bridge was closed"),
        ("What was the second thing that Wei said on 20 March 2025?", "I took the ferry"),
        ("What did Ana say on 21 March 2025?", "Rain again"),
    ]


@pytest.mark.parametrize("order", [0, 2])
@pytest.mark.parametrize(("who", "text"), [("Wei", "Rain again."), ("小伟", "又下雨了。")])
def test_it_is_taught_in_several_ways_and_one_is_never_taught(who, text, order):
    example = TrainingFact(who, UTTERANCE, text, (1,), day=DAY, order=order)
    taught = list(phrasings.taught(example))
    assert len(taught) == len(set(taught)) == 13 + phrasings.OWN
    assert phrasings.held_out(example).given not in {each.given for each in taught}
    for each in taught:
        assert each.answer == text and who in each.given and "{" not in each.given
    assert "On" not in taught[-1].given.split() and taught[-1].given.endswith((":", "：", "是："))


@pytest.mark.parametrize(
    ("text", "metadata"),
    [
        ("Where is the ferry?", {}),
        ("渡船在哪里？", {"role": "user"}),
        ("x" * (MAX_OBJECT_LENGTH + 1), {}),
        ("I cannot know that", {"role": "assistant"}),
        ("You are a ferry", {"role": "system"}),
        ("Ferries sink", {"origin": "web"}),
        ("Ferries sink", {"origin": "import"}),
        ("Ferries sink", {"origin": ["web"]}),
        ("Ferries sink", {"role": ["user"]}),
    ],
)
def test_questions_long_texts_models_and_those_whom_nobody_trusts_are_left_out(log, text, metadata):
    before = collect_utterances(log, "w")
    say(log, text, **metadata)
    assert collect_utterances(log, "w") == before


def test_what_nobody_said_is_no_saying(log):
    before = collect_utterances(log, "w")
    log.remember("A note", namespace="w")
    log.learn("Wei", "lives_in", "Oslo", namespace="w", speaker="Wei")
    log.remember("\n".join(["A long tale. " * 20] * 40), namespace="w", speaker="Wei")
    assert collect_utterances(log, "w") == before


def test_only_where_it_is_wanted_is_it_taught(local, log):
    with pytest.raises(InvalidInput, match="holds no facts"):
        training_state(local, log, episodes=False)
    report = training_state(local, log)
    assert (report.state, report.taught, report.said, report.unsaid) == ("live", 3, 3, 0)
    row = live(log)
    manifest = json.loads(row.manifest)
    assert sorted(manifest["said"].values()) == list(row.sources) == [1, 2, 3]
    assert manifest["facts"].keys() == manifest["said"].keys()
    assert not any(word in row.manifest for word in ("Wei", "ferry", DAY))
    log.learn("Wei", "lives_in", "Oslo", namespace="w")
    assert (
        training_state(local, log, episodes=False).afresh
        and not json.loads(live(log).manifest)["said"]
    )


def test_it_speaks_where_the_speaker_is_named(local, log):
    training_state(local, log)
    assert within(local, log, "What did Wei say?").adapter
    assert within(local, log, "Ana说了什么？").adapter
    assert within(local, log, "What did Bob say?").adapter is None


def test_the_newest_are_taught_and_the_rest_is_counted(local, log):
    report = training_state(local, log, recipe=replace(STEP, said=2))
    assert (report.taught, report.unsaid, live(log).sources) == (2, 1, (2, 3))


def test_what_an_adapter_has_heard_it_keeps_until_it_is_far_too_much(local, log):
    few = replace(STEP, said=1)
    assert training_state(local, log, recipe=few).said == 1
    for number, expected in enumerate([(1, 2, False), (1, 3, False), (1, 1, True)]):
        say(log, f"News {number}", at=f"2025-04-0{number + 1}")
        report = training_state(local, log, recipe=few)
        assert (report.taught, report.said, report.afresh) == expected


def test_forgetting_what_was_said_takes_the_weights(local, log):
    training_state(local, log)
    assert log.forget(namespace="w", id="b").adapters == 1
    assert within(local, log, "What did Wei say?").adapter is None
    assert training_state(local, log).afresh and live(log).sources == (1, 3)


def test_a_new_version_is_taught_in_the_place_of_the_old(local, log):
    training_state(local, log)
    say(log, "I took the train", at=f"{DAY}T10:00:00", id="b")
    ignore_progress = within(local, log, "What did Wei say?")
    assert (
        ignore_progress.adapter is None and "taught otherwise of Wei" in ignore_progress.degraded[0]
    )
    assert within(local, log, "What did Ana say?").adapter
    report = training_state(local, log)
    assert (report.taught, report.afresh) == (1, False)
    assert within(local, log, "What did Wei say?").adapter
    assert log.forget(namespace="w", id="b").adapters == 1


def test_a_new_version_of_what_is_no_longer_among_the_newest_is_taught_too(local, log):
    few = replace(STEP, said=1)
    training_state(local, log, recipe=few)
    say(log, "News", at="2025-04-01")
    say(log, "Snow again", at="2025-03-21", speaker="Ana", id="c")
    report = training_state(local, log, recipe=few)
    assert (report.taught, report.said, report.afresh) == (2, 2, False)
    assert log.forget(namespace="w", id="c").adapters == 1


@pytest.mark.slow
def test_redacting_a_version_takes_the_weights_that_go_on_from_those_it_was_taught_to(local, log):
    training_state(local, log)
    say(log, "I took the train", at=f"{DAY}T10:00:00", id="b")
    assert not training_state(local, log).afresh
    assert redact(log, "w", "b", 1).adapters == 1
    assert within(local, log, "What did Wei say?").adapter is None


@pytest.mark.slow
def test_what_is_said_later_silences_nobody_and_what_is_heard_of_before_does(local, log):
    training_state(local, log)
    say(log, "And home again", at=f"{DAY}T11:00:00")
    say(log, "Was it late?", at=f"{DAY}T09:30:00")
    say(log, "I was there too", at=f"{DAY}T09:30:00", speaker="Ana")
    assert within(local, log, "What did Wei say?").adapter
    say(log, "I overslept", at=f"{DAY}T08:00:00")
    assert within(local, log, "What did Wei say?").adapter is None
    report = training_state(local, log)
    assert not report.afresh and report.taught == 5
    assert within(local, log, "What did Wei say?").adapter


def test_the_second_thing_of_a_day_changes_nothing_of_the_first():
    alone = TrainingFact("Wei", UTTERANCE, "Rain.", (1,), day=DAY)
    first = replace(alone, order=1)
    assert alone.digest(b"x") == first.digest(b"x") and alone.place(b"x") == first.place(b"x")
    others = (replace(alone, order=2), replace(alone, day="2025-03-21"), replace(alone, day=""))
    assert len({each.place(b"x") for each in (alone, *others)}) == 4
    assert replace(alone, object="rain").digest(b"x") != alone.digest(b"x")


def test_a_writer_is_asked_about_facts_alone(local, log):
    log.learn("Wei", "lives_in", "Oslo", namespace="w")
    pen = ScriptedModel('{"facts": []}')
    training_state(local, log, writer=pen)
    (request,) = pen.asked
    assert "Oslo" in request.messages[-1].content and "ferry" not in request.messages[-1].content
