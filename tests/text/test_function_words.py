"""The function words of a text betray its language; terms follow it."""

import pytest

from remanence.text.function_words import FUNCTION_WORDS, TELLING, language
from remanence.text.words import REQUEST, STOP_WORDS, shape, terms


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("mi primo vende quesos en el mercado", "spanish"),
        ("minha prima vende queijos", "portuguese"),
        ("mon cousin vend des fromages", "french"),
        ("mio cugino vende il formaggio", "italian"),
        ("was hat meine tante gekauft", "german"),
        ("wat heeft mijn tante gekocht", "dutch"),
        ("my cousin sells cheese", "english"),
        ("trip to los angeles with van gogh", "english"),
        ("he was in the war as a man", "english"),
        ("cheddar", "english"),
        ("", "english"),
    ],
)
def test_the_language_of_a_text(text, expected):
    assert language(text.split(), STOP_WORDS) == expected


@pytest.mark.parametrize(
    ("question", "memory"),
    [
        ("¿Dónde vende quesos mi primo?", "mis primos vendían queso en la plaza"),
        ("Wann kauft meine Tante Häuser?", "meine Tante kaufte im Mai ein Haus"),
        ("Où habitent mes cousins ?", "mon cousin habite à Nantes"),
        ("Dove lavorano le mie cugine?", "mio cugino e mia cugina lavorano a Bari"),
        ("Когда звонила моя тётя?", "тётя звонит мне по пятницам"),
        ("मेरी मौसी कहाँ रहती है?", "मौसी जयपुर में रहती हैं"),
    ],
)
def test_a_question_meets_its_memory_by_stems_and_by_no_function_word(question, memory):
    shared = set(terms(question)) & set(terms(memory))
    assert len(shared) >= 2 or (shared and not question.isascii())
    assert len(terms(question)) <= 4


def test_english_is_read_as_before():
    assert terms("The foxes were running to Los Angeles") == ["fox", "run", "los", "angel"]


def test_what_betrays_a_language_is_no_english_function_word():
    assert TELLING.isdisjoint(STOP_WORDS)
    for words in FUNCTION_WORDS.values():
        assert words & TELLING


@pytest.mark.parametrize(
    "text",
    [
        "give me five names for a boat",
        "Please translate this",
        "ok so what's a good soup",
        "how do I poach an egg",
        "下雪天吃什么",
        "帮我写一首诗",
        "这个怎么做？",
    ],
)
def test_a_turn_that_asks_for_something_is_known_without_a_mark(text):
    assert shape(text) & REQUEST


@pytest.mark.parametrize(
    "text",
    ["we gave them five names", "I know what soup is", "下雪了，吃了火锅", "把诗写完了"],
)
def test_a_turn_that_tells_is_no_request(text):
    assert not shape(text) & REQUEST
