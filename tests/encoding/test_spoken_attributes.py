"""What is of a thing in spoken English: days, amounts, offices, venues; and how things end."""

import pytest

from remanence import instants
from remanence.encoding.extraction import extract
from remanence.encoding.relations import is_functional

AT = instants.parse("2025-03-20T09:00:00")


def said(text):
    found = extract(text, speaker="Wei", addressee=None, at=AT)
    return {(c.subject, c.relation, c.object): c for c in found}


GIVEN = """
the launch date is may 3 => Wei launch_date may 3
exam's on friday => Wei exam_date friday
deadline for the essay is the 12th => Wei essay_deadline the 12th
standup is 9:15 => Wei standup_time 9:15
violin lessons on tuesdays => Wei violin_lessons_date tuesdays
budget for the bathroom is 9k => Wei's bathroom budget 9k
rent is 940 => Wei rent 940
bus pass costs 65 => Wei's bus pass costs 65
our captain is Nadia => Wei has_captain Nadia
my blood type is B positive => Wei blood_type B positive
my lease ends in june => Wei lease_expires june
the viva is in room 12 btw, defense is in the library => Wei's defense venue library
dentist on monday at 4 => Wei has_appointment dentist
my cousin's wedding is on 9 may => Wei cousin_wedding_date 9 may
"""
CHANGED = """
launch is may 17 now => Wei launch_date may 17
the essay deadline got pushed back to the 19th => Wei essay_deadline the 19th
the council put the rent up to 1010 => Wei rent 1010
they had to raise the bathroom budget to 12k => Wei's bathroom budget 12k
my rent went up from 940 to 1010 => Wei rent 1010
Omar is captain now => Wei has_captain Omar
got a raise! 19.50 an hour => Wei salary 19.50 an hour
made me team lead, promoted! senior analyst as of today => Wei works_as senior analyst
promoted! lead surveyor from monday => Wei works_as lead surveyor
got promoted: head gardener now => Wei works_as head gardener
"""
ENDED = """
bye glasses => Wei wears glasses
my keto days are over => Wei diet keto
ditched Chrome => Wei uses Chrome
last day at the bakery today => Wei works_for bakery
someone stole my scooter => Wei owns scooter
my car got totaled => Wei owns car
Noor and I aren't together anymore => Wei dating Noor
Dr. Bello retired => Wei has_doctor Dr. Bello
the lisbon trip is off => Wei plans_to lisbon trip
"""
NOTHING = """
when is the exam?
if the rent goes up to 1000 we move
my sister says the deadline is friday
bye everyone
those were the days
the meeting was fun
no more questions for me please
last day of school was fun
"""


def rows(table):
    for line in table.strip().splitlines():
        text, _, fact = line.partition(" => ")
        yield text, fact


def facts(text):
    return {" ".join(key): one for key, one in said(text).items()}


@pytest.mark.parametrize(("text", "fact"), [*rows(GIVEN), *rows(CHANGED)])
def test_a_value_is_read_with_what_it_is_of(text, fact):
    assert fact in facts(text)


@pytest.mark.parametrize(("text", "fact"), list(rows(CHANGED)))
def test_a_change_begins_the_new_value(text, fact):
    assert facts(text)[fact].change == "begin"


@pytest.mark.parametrize(("text", "fact"), list(rows(ENDED)))
def test_an_ending_is_read_without_a_verb_of_its_own(text, fact):
    assert facts(text)[fact].change == "end"


@pytest.mark.parametrize("text", NOTHING.strip().splitlines())
def test_no_value_is_read_into_a_question_a_report_or_a_greeting(text):
    assert not said(text)


@pytest.mark.parametrize("relation", ["exam_date", "standup_time", "essay_deadline", "has_captain"])
def test_of_an_attribute_outside_the_table_one_value_holds(relation):
    assert is_functional(relation)


def test_the_divorce_ends_the_marriage_whoever_it_was_with():
    found = facts("the divorce came through")
    assert found["Wei relationship_status divorced"].change == "begin"
    assert found["Wei married_to "].change == "end"


def test_an_engagement_called_off_cancels_no_plan():
    assert not [key for key in facts("Tomas and I called the engagement off") if "plans_to" in key]
