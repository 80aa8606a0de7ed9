"""What a model thinks is no part of its reply, in whatever form it comes and however it is split."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remanence.text.thinking import PAIRS, ThoughtFilter, text_of, visible

HARMONY = "<|channel|>analysis<|message|>Hm.<|end|><|start|>assistant<|channel|>final<|message|>"

FORMS = [
    *(
        (f"{opening}Hm, 他没钱。\n\nSo.{closing}\n\nHello", "Hello")
        for opening, closing in PAIRS.items()
    ),
    ("Hm, so.</think>\nHello", "Hello"),
    ("Hello", "Hello"),
    ("", ""),
    ("<think>cut off in the mid", ""),
    ("  \n<think>Hm.</think>Hello", "  \nHello"),
    ("<think></think>Hello", "Hello"),
    ("<think>Hm.</think>One.\n<think>More.</think>Two.", "One.\nTwo."),
    ("<think>a <think> in it</think>你好", "你好"),
    (f"{HARMONY}Hello<|return|>", "Hello"),
    ("<|channel|>final<|message|>Hello<|end|>", "Hello"),
    (
        "<|channel|>commentary to=functions.f <|constrain|>json<|message|>{}<|call|>",
        "",
    ),
    ("<|channel|>analysis<|message|>cut", ""),
    ("<|start|>assistant<|message|>Hello<|end|>", "Hello"),
    (
        "Use the `<think>` tag and close it with `</think>`.",
        "Use the `<think>` tag and close it with `</think>`.",
    ),
    ("```xml\n<think>\nx\n</think>\n```\nDone", "```xml\n<think>\nx\n</think>\n```\nDone"),
    ("1 < 2 and <b>bold</b> <thin", "1 < 2 and <b>bold</b> <thin"),
]


@pytest.mark.parametrize(("reply", "shown"), FORMS)
def test_only_the_reply_is_visible(reply, shown):
    assert visible(reply) == shown


@pytest.mark.parametrize(("reply", "shown"), FORMS)
@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_a_stream_in_pieces_shows_what_the_whole_shows(reply, shown, size):
    assert streamed(reply[at : at + size] for at in range(0, len(reply), size)) == shown


@pytest.mark.parametrize("opening", ["<think>", "<think>\n"])
def test_a_thought_that_the_prompt_opened_ends_at_any_closing_mark(opening):
    assert visible("Hm.</think>Hello", thinking=True) == "Hello"
    assert visible("Hm, cut", thinking=True) == ""
    assert visible(opening + "Hm.</think>Hello", thinking=True) == "Hello"


def test_a_thought_that_nothing_opened_is_taken_back():
    reading = ThoughtFilter()
    assert reading.feed("Hm, so.") == "Hm, so." and not reading.restarted
    assert reading.feed("</think>\n") == "" and reading.restarted
    assert reading.feed("\nHello") == "Hello" and not reading.restarted


def test_text_is_passed_on_at_once_unless_it_may_begin_a_mark():
    reading = ThoughtFilter()
    assert reading.feed("Hello <") == "Hello "
    assert reading.feed("b> ") == "<b> "
    assert reading.feed("x") == "x"


@given(
    st.lists(st.sampled_from(["Hm", "\n", "<think>", "</think>", "`", "<", "你", "<|end|>", " "]))
)
def test_pieces_never_change_what_is_shown(parts):
    assert streamed(parts) == visible("".join(parts))


@given(st.text(alphabet=st.characters(exclude_characters="<◁[`")))
def test_text_without_marks_is_untouched(text):
    assert visible(text) == text


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("Hello", "Hello"),
        (None, ""),
        ([], ""),
        (["Hel", "lo"], "Hello"),
        ([{"type": "text", "text": "Hel"}, {"type": "text", "text": "lo"}], "Hello"),
        ([{"type": "thinking", "thinking": [{"type": "text", "text": "Hm"}]}], ""),
        ([{"type": "reasoning", "text": "Hm"}, {"type": "output_text", "text": "Hello"}], "Hello"),
        ([{"type": "image_url", "image_url": {"url": "x"}}], ""),
        ([{"type": "text", "text": None}], ""),
    ],
)
def test_a_list_of_parts_is_the_text_in_it(content, text):
    assert text_of(content) == text


@pytest.mark.parametrize("content", [5, {"text": "x"}])
def test_content_of_another_form_is_refused(content):
    with pytest.raises(TypeError, match="no text"):
        text_of(content)


def streamed(pieces):
    reading, shown = ThoughtFilter(), ""
    for piece in pieces:
        more = reading.feed(piece)
        shown = more if reading.restarted else shown + more
    return shown + reading.finish()
