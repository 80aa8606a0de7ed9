"""Whatever happens to memory, the chat goes on, and says so."""

import pytest

import remanence
from remanence.errors import RemanenceError
from remanence.testing.faults import KINDS, Faulty

NAMES = {
    "locked": "StoreBusy",
    "full": "StoreFull",
    "corrupt": "StoreCorrupt",
    "bug": "ZeroDivisionError",
    "timeout": "timeout",
}


def user(text):
    return [{"role": "user", "content": text}]


def chats(here):
    """A chat of each kind; the header of each."""
    chat, claude = here.openai(), here.anthropic()
    for stream in (False, True):
        for create, options in (
            (chat.chat.completions.with_raw_response.create, {"messages": user("Hi there")}),
            (chat.responses.with_raw_response.create, {"input": "Hi there"}),
            (
                claude.messages.with_raw_response.create,
                {"messages": user("Hi there"), "max_tokens": 9},
            ),
        ):
            raw = create(model="words-3", stream=stream, **options)
            said = raw.parse()
            text = "".join(map(str, said)) if stream else str(said)
            assert "w2" in text
            yield raw.headers["x-remanence-memory"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_fault_of_memory_breaks_no_chat_and_is_told_and_counted(site, kind):
    here = site(faults=[kind], memory_ms=30.0)
    assert list(chats(here)) == [f"degraded={NAMES[kind]}"] * 6
    counted = here.service.metrics.exposition().decode()
    assert f'remanence_proxy_faults_total{{kind="{NAMES[kind]}",step="recall"}} 6.0' in counted
    assert here.memory.failed[f"recall {kind}"] == 6
    assert b"remanence" not in here.upstream.got[-1].body


def test_the_same_faults_break_whoever_asks_memory_alone(tmp_path):
    """The control: these faults are real to whoever does not go on without memory."""
    with remanence.open(tmp_path / "m.db", embedder="hash:64") as memory:
        faulty = Faulty(memory, KINDS, seconds=0.001)
        for _ in KINDS:
            with pytest.raises((RemanenceError, ZeroDivisionError)):
                faulty.recall("anything", namespace="wei", k=3)


def test_only_so_many_recalls_are_left_hanging(site):
    here = site(faults=["timeout"], memory_ms=60.0)
    client = here.openai()
    create = client.chat.completions.with_raw_response.create
    said = [
        create(
            model="words-1", messages=user(f"Hi {n}"), extra_headers={"x-remanence-memory": "read"}
        )
        for n in range(20)
    ]
    told = [raw.headers["x-remanence-memory"] for raw in said]
    assert told == ["degraded=timeout"] * 16 + ["degraded=busy"] * 4


def test_a_store_that_another_process_has_locked_is_read_and_the_chat_goes_on(site, tmp_path):
    here = site(timeout=0.1)
    here.memory.remember("I moved to Chengdu in March.", namespace="wei")
    client = here.openai()
    key = here.key()
    with remanence.open(tmp_path / "proxy.db", timeout=0.1) as other:

        def locked(_):
            asked = user("Where did I move in March?")
            answer = client.chat.completions.create(model="echo", messages=asked)
            return answer.choices[0].message.content, len(here.settled(key=key))

        text, kept = other.store.writing(locked)
    assert "Chengdu" in text
    assert kept == 1
    counted = here.service.metrics.exposition().decode()
    assert 'proxy_faults_total{kind="StoreBusy",step="remember"} 1.0' in counted


def test_what_cannot_be_stored_is_replaced_and_the_turn_is_kept(site):
    here = site()
    said = here.openai().chat.completions.create(model="words-2", messages=user("a NUL \0 in it"))
    assert said.choices[0].message.content == "w0 w1"
    assert [each.text for each in here.settled()] == ["a NUL \ufffd in it", "w0 w1"]


def test_a_provider_that_refuses_memory_is_asked_again_without(site):
    here = site()
    here.memory.remember("I moved to Chengdu in March.", namespace="wei")
    create = here.openai().chat.completions.with_raw_response.create
    raw = create(model="picky", messages=user("Where did I move?"))
    assert raw.parse().choices[0].message.content == "You said: Where did I move?"
    assert raw.headers["x-remanence-memory"] == "degraded=refused"
    assert len(here.upstream.got) == 2


def test_what_was_forgotten_meanwhile_is_not_told_in_the_same_turn_again(site):
    here = site()
    here.memory.remember("I moved to Chengdu in March.", namespace="wei", id="m1")
    client = here.openai()

    def ask():
        answer = client.chat.completions.create(model="echo", messages=user("Where did I move?"))
        return "Chengdu" in answer.choices[0].message.content

    assert ask()
    here.memory.forget(namespace="wei", id="m1")
    assert not ask()


def test_what_was_told_meanwhile_is_known_when_the_same_is_asked_again(site):
    here = site()
    client = here.openai()

    def ask():
        answer = client.chat.completions.create(model="echo", messages=user("Where did I move?"))
        return "Chengdu" in answer.choices[0].message.content

    assert not ask()
    here.memory.remember("I moved to Chengdu in March.", namespace="wei", id="m1")
    assert ask()
