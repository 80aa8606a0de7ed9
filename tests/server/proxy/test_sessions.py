"""Ids of turns: the same for what is sent again, another for what is said again."""

from hypothesis import given, settings
from hypothesis import strategies as st

from remanence.server.proxy import sessions
from remanence.server.proxy.dialect import Answer, ParsedRequest
from remanence.server.proxy.openai_chat import OpenAIChat
from remanence.server.proxy.sessions import ConversationNotes

TURNS = st.lists(st.tuples(st.sampled_from(["user", "assistant"]), st.text(max_size=4)), max_size=4)


def place(asked, *, threads=None, given=None, day="2026-11-25", found=None, namespace="wei"):
    return sessions.place(threads or ConversationNotes(), namespace, given, asked, day, found)


@settings(max_examples=40)
@given(TURNS, st.text(max_size=4))
def test_what_is_sent_again_has_the_same_ids(before, text):
    asked = ParsedRequest(text=text, before=tuple(before))
    assert place(asked) == place(asked)
    assert place(asked, given="s1") == place(asked, given="s1")


@given(TURNS, TURNS, st.text(max_size=4), st.text(max_size=4))
def test_what_stands_elsewhere_or_says_otherwise_has_another_id(one, other, text, words):
    left = ParsedRequest(text=text, before=tuple(one))
    right = ParsedRequest(text=words, before=tuple(other))
    assert (place(left, given="s").turn == place(right, given="s").turn) == (
        (left.text, left.before) == (right.text, right.before)
    )


def test_a_first_turn_counts_for_its_day_and_a_later_one_for_what_went_before():
    first = ParsedRequest(text="I live in Paris.")
    assert place(first).turn != place(first, day="2026-11-26").turn
    later = ParsedRequest(text="yes", before=(("user", "a"), ("assistant", "b")))
    one, other = place(later, given="s"), place(later, given="s", day="2026-11-26")
    assert one == other


def test_a_loop_of_tools_is_one_turn_with_an_answer_for_each_step():
    first = ParsedRequest(text="weather?")
    second = ParsedRequest(text="weather?", after=("assistant", "tool"))
    assert place(first).turn == place(second).turn
    assert place(first).answer != place(second).answer


def test_a_chat_without_a_name_stays_one_session_even_past_midnight():
    threads = ConversationNotes()
    first = ParsedRequest(text="Hi")
    begun = place(first, threads=threads)
    sessions.keep(threads, "wei", begun, first, Answer("Hello!", "stop", complete=True, id="c1"))
    second = ParsedRequest(text="bye", before=(("user", "Hi"), ("assistant", "Hello! ")))
    assert place(second, threads=threads, day="2026-11-26").session == begun.session
    assert place(first, threads=threads, day="2026-11-26").session != begun.session


def test_previous_response_names_the_session_of_its_answer():
    threads = ConversationNotes()
    first = ParsedRequest(text="Hi")
    begun = place(first, threads=threads, given="s1")
    sessions.keep(threads, "wei", begun, first, Answer("Hello!", id="resp_1"))
    second = ParsedRequest(text="more", previous="resp_1")
    assert place(second, threads=threads).session == "s1"
    assert place(second, threads=threads, namespace="mia").session != "s1", "nothing crosses"
    assert place(second, found="s9").session == "s9", "what the store still knows"
    assert place(second).session == "resp_1", "or it begins there"


def test_in_a_conversation_kept_upstream_yes_after_another_answer_is_another_yes():
    threads = ConversationNotes()
    yes = ParsedRequest(text="yes", conversation="conv_1")
    one = place(yes, threads=threads)
    assert one.session == "conv_1"
    assert place(yes, threads=threads) == one, "asked again before it was answered"
    sessions.keep(threads, "wei", one, yes, Answer("ok", id="resp_1"))
    assert place(yes, threads=threads).turn != one.turn


def test_an_id_lets_nobody_without_the_seal_try_out_words():
    asked = ParsedRequest(text="my PIN is 1234")
    one, other = (place(asked, threads=ConversationNotes(seal)) for seal in (b"one", b"other"))
    assert one.turn != other.turn and one.session != other.session
    assert place(asked, threads=ConversationNotes(b"one")) == one


def test_notes_are_bounded_and_the_longest_unused_goes():
    threads = ConversationNotes(most=2)
    threads.note("1", "a")
    threads.note("2", "b")
    assert threads.noted("a") == "1"
    threads.note("3", "c")
    assert [threads.noted(name) for name in "abc"] == ["1", None, "3"]


def test_an_endless_or_unprintable_name_becomes_a_digest():
    for name in ("x" * 2_000, "a\nb"):
        assert place(ParsedRequest(text="hi", conversation=name)).session.startswith("chat-")


def test_two_pictures_without_a_word_are_two_turns():
    chat = OpenAIChat()

    def parse(url):
        part = {"type": "image_url", "image_url": {"url": url}}
        return chat.parse({"messages": [{"role": "user", "content": [part]}]})

    assert place(parse("data:a")) == place(parse("data:a"))
    assert place(parse("data:a")).answer != place(parse("data:b")).answer
    words = {"messages": [{"role": "user", "content": [{"type": "text", "text": "hi"}]}]}
    assert place(chat.parse(words)).turn == place(ParsedRequest(text="hi")).turn
