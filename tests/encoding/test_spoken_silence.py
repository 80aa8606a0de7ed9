"""A turn that is passed over at once states nothing when it is read whole, and is as a rule found."""

import pytest

from remanence.encoding.extraction.scene import Scene
from remanence.encoding.extraction.spoken import contacts
from remanence.encoding.extraction.spoken.reader import read, whole
from remanence.encoding.extraction.spoken.silence import silent
from remanence.encoding.extraction.spoken.subjects import Passage
from remanence.encoding.extraction.spoken.tokens import words

PASSED_OVER = [
    "haha that is so funny",
    "What do you do for a living?",
    "That sounds great! How did it all go?",
    "ok thanks, that is kind",
    "have you tried the new cafe on the corner?",
    "hey, how are you?",
    "it was the coffee again",
    "They left the door open and nobody noticed.",
    "cool cool cool",
    "the printer is out of paper",
]
READ = [
    "I live in Oslo",
    "im a nurse",
    "moved to Porto in May",
    "lol quit smoking last week",
    "Tom likes chess",
    "zora's brother is a vet",
    "my cat is called Miso",
    "mum moved to Lyon",
    "🎉 got promoted",
    "Honestly, can't stand olives",
    "allergic to nuts btw",
    "hobbies: chess and sewing",
    "Vegan since 2019",
    "We have two kids",
]


@pytest.mark.parametrize("text", PASSED_OVER)
def test_a_turn_without_anybody_in_it_is_passed_over(text: str) -> None:
    assert silent(words(text), None)


@pytest.mark.parametrize("text", READ)
def test_a_turn_with_a_subject_is_read(text: str) -> None:
    assert not silent(words(text), None)


@pytest.mark.parametrize("addressee", [None, "Sara"])
@pytest.mark.parametrize("text", PASSED_OVER + READ)
def test_passing_over_gives_what_reading_whole_gives(text: str, addressee: str | None) -> None:
    scene = Scene(text, "Wei", addressee)
    assert read(scene) == whole(scene, words(text))


def test_contacts_are_read_in_a_turn_that_is_passed_over() -> None:
    scene = Scene("reach us at zoe@example.org", "Wei", None)
    given = contacts.told(words(scene.text), Passage(scene))
    assert [one.object for one in given] == ["zoe@example.org"]
    assert [one.object for one in read(scene)] == ["zoe@example.org"]
