"""Whose words a text holds, found by its structure."""

import pytest

from remanence.encoding.extraction.discourse import own, voices
from remanence.encoding.extraction.reading import reading

OTHERS = [
    ("quoted", 'She went "I moved to Porto and I hate it" and left.', "moved to Porto"),
    ("quoted", "the best line is 'i am your father' obviously", "father"),
    ("quoted", "他对我说「我住在西安」", "西安"),
    ("forwarded", "> I moved to Turin.\nok", "Turin"),
    ("forwarded", "see below\n\nFrom: Paul\nTo: me\n\nI moved to Turin.", "Turin"),
    ("forwarded", "Fwd: I am allergic to bees", "bees"),
    ("forwarded", "---------- Forwarded message ----------\nI work at Lidl", "Lidl"),
    ("forwarded", "On Mon, 3 March 2025, Paul wrote:\nI work at Lidl", "Lidl"),
    ("forwarded", "转发：我搬到苏州了", "苏州"),
    ("chat", "Amanda: i got a dog\nMe: nice", "dog"),
    ("chat", "[10:31] Amanda: i got a dog\n[10:32] Paul: wow", "dog"),
    ("chat", "李梅：我在上海\n我：哦", "上海"),
    ("code", "why does ```I live in Oslo``` not parse", "Oslo"),
    ("code", 'the test has user = "I live in Oslo" in it', "Oslo"),
    ("log", "2025-03-04 10:00:01 user moved to Oslo\nwhat is it", "Oslo"),
    ("table", "| name | city |\n| Ana | Oslo |", "Oslo"),
    ("document", "translate to Spanish: I live in Oslo", "Oslo"),
    ("document", "fix the grammar of this: i works at Lidl", "Lidl"),
    ("document", "here's the email I got:\nI work at Lidl", "Lidl"),
    ("document", "翻译成英文：我住在西安", "西安"),
]


@pytest.mark.parametrize(("kind", "text", "foreign"), OTHERS)
def test_the_words_of_others_are_blanked_at_the_same_offsets(kind, text, foreign):
    read = reading(text)
    left = own(read, "Wei")
    assert len(left) == len(text)
    assert foreign not in left
    assert kind in {voice.kind for voice in voices(read, "Wei")}


@pytest.mark.parametrize(
    "text",
    [
        "I told you I don't work for Lidl.",
        "My dog's called \"Rex\" and he's 3.",
        "Reminder: I moved to Turin.",
        "Allergies: peanuts",
        "It's Ana's birthday, it's the kids' turn",
        "I live at 5:30 am basically, lol",
        "备注：我对花生过敏",
        "my email is a.b@example.org, my site is https://example.org",
    ],
)
def test_the_authors_own_words_stay(text):
    assert own(reading(text), "Wei") == reading(text)


def test_in_a_pasted_chat_the_authors_own_lines_stay():
    assert "i live in Turin" in own("Amanda: where are you\nMe: i live in Turin", "Wei")
    assert "我住在西安" in own("李梅：你在哪\n我：我住在西安", "Wei")


@pytest.mark.parametrize(
    ("written", "read"),
    [("I’m “ok”", 'I\'m "ok"'), ("ＧＤＰ１２", "GDP12"), ("臺灣 – 對", "台湾 - 对")],
)
def test_the_reading_form_is_as_long_as_the_text(written, read):
    assert reading(written) == read
    assert len(written) == len(read)
