"""Names that begin like other words, denials of a whole sentence, one thing under two names."""

import pytest

import remanence
from remanence import instants
from remanence.encoding.extraction import extract
from remanence.text.bilingual import PLACES, same_organisation
from remanence.text.gazetteer import lies_in, place, same_place

AT = instants.parse("2025-03-20T09:00:00")


def said(text):
    found = extract(text, speaker="Wei", addressee=None, at=AT)
    return {(c.subject, c.relation, c.object): c for c in found}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("April Stone lives in Leeds.", "April Stone"),
        ("So Min works for Kia.", "So Min"),
        ("Can Demir works for Arcelik.", "Can Demir"),
        ("T. S. Hale works for Reuters.", "T. S. Hale"),
        ("Omar al-Sayed lives in Muscat.", "Omar al-Sayed"),
    ],
)
def test_a_full_name_is_read_whole_though_it_begins_like_another_word(text, name):
    assert {subject for subject, *_ in said(text)} == {name}


@pytest.mark.parametrize(
    ("text", "fact"),
    [
        ("My name is Ines, and my son is Teo.", ("Wei", "parent_of", "Teo")),
        ("My name isn't Laura, it's Lara.", ("Wei", "named", "Lara")),
        ("My doctor's name is Dr. Haddad.", ("Wei", "has_doctor", "Dr. Haddad")),
        ("My phone: 555-010-7788", ("Wei", "has_phone", "555-010-7788")),
        ("My name is Anthony (Tony) Marsh.", ("Wei", "named", "Anthony (Tony) Marsh")),
        ("I work for 3-Towers.", ("Wei", "works_for", "3-Towers")),
        ("It's not true that I work for Corvo.", ("Wei", "works_for", "Corvo")),
    ],
)
def test_a_fact_is_read_in_its_frame(text, fact):
    assert fact in said(text)


def test_what_is_said_not_to_be_true_is_denied():
    found = said("It's not true that I work for Corvo.")
    assert found["Wei", "works_for", "Corvo"].negated


@pytest.mark.parametrize(
    "text",
    [
        "It's not like I keep a horse.",
        "It's not because I hate opera that I left early.",
        "In five years I'm 40.",
        "I want to thank you.",
        "I'm going to bed.",
    ],
)
def test_nothing_is_read_of_what_is_left_open_or_of_the_talk_itself(text):
    assert not said(text)


@pytest.mark.parametrize("name", sorted(PLACES))
def test_a_chinese_name_of_a_place_is_one_of_the_gazetteer(name):
    assert place(name) is not None


def test_places_are_the_same_or_lie_in_one_another_in_both_languages():
    assert same_place("成都", "Chengdu")
    assert lies_in("深圳", "广东")
    assert lies_in("深圳", "Guangdong")
    assert lies_in("Brooklyn", "New York")
    assert not lies_in("成都", "广东")


def test_organisations_are_the_same_in_both_languages():
    assert same_organisation("西门子", "Siemens")
    assert not same_organisation("西门子", "Huawei")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("I live in Hangzhou.", "我住在杭州。"),
        ("我住在东莞。", "我住在广东。"),
        ("I live in Queens.", "I live in New York."),
        ("I work for Bosch.", "我在博世工作。"),
    ],
)
def test_the_same_or_a_wider_place_is_no_change(first, second):
    with remanence.open(":memory:") as memory:
        memory.remember(first, speaker="Wei", at="2025-01-02")
        memory.remember(second, speaker="Wei", at="2025-05-02")
        states = {fact.state for fact in memory.facts(subject="Wei", history=True)}
    assert states == {"asserted"}


def test_who_has_no_sister_no_longer_has_one_by_name():
    with remanence.open(":memory:") as memory:
        memory.remember("I have a sister, Ines.", speaker="Wei", at="2025-01-02")
        memory.remember("I don't have a sister.", speaker="Wei", at="2025-05-02")
        assert not memory.facts(subject="Wei", relation="sibling_of")


MORE = """
i live on my own now => Wei household alone
im going snowboarding next week => Wei plans_to going snowboarding
we're getting ready to go camping => Wei plans_to go camping
i've been trying to learn the banjo => Wei tries_to learn the banjo
i went to school to be a chemist => Wei studied_for chemist
born in 88 => Wei born_on 88
dr put me on sertraline => Wei takes_medicine sertraline
best mate Omar is moving to Cork => Wei friend_of Omar
hubby got transferred to Lisbon => Wei's hubby lives_in Lisbon
not at the library anymore => Wei works_for library
took the dog to the groomer => Wei has_pet dog
i'm half irish half french => Wei nationality french
i love bands like Portishead => Wei likes bands like Portishead
my brother arjan works for a bank => arjan works_for bank
every time i see my niece she is taller => Wei relative_of Wei's niece
the spare key's under the mat => Wei spare_key_kept under the mat
i play bass in a punk band => Wei member_of punk band
home is Ghent => Wei lives_in Ghent
"""
MISREAD = """
i drink way too much coffee, like five cups a day => likes
got into Glasgow! => likes
i've got a new flatmate => owns
the kids' ward is on the third floor => parent_of
i graduated with distinction => studied
i lost my keys on the bus => keys_kept
so i stopped taking it => quit
dentist on tuesday, root canal => supports
"""


@pytest.mark.parametrize("line", MORE.strip().splitlines())
def test_what_people_say_of_their_lives_is_read(line):
    text, _, fact = line.partition(" => ")
    assert fact in {" ".join(key) for key in said(text)}


@pytest.mark.parametrize("line", MISREAD.strip().splitlines())
def test_a_relation_is_not_read_where_its_words_mean_something_else(line):
    text, _, relation = line.partition(" => ")
    assert relation not in {key[1] for key in said(text)}
