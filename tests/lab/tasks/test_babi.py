"""bAbI stories are read whole, numbered, and cut into batches without losing or mixing anything."""

import random
from pathlib import Path

import pytest

from remanence.errors import InvalidInput
from remanence.lab.tasks.babi import (
    TASKS,
    UNKNOWN,
    Encoded,
    Lexicon,
    find,
    generated,
    read,
    words,
)

FOLDER = Path(__file__).parents[4] / "shared" / "data" / "babi" / "en-10k"
LINES = [
    "1 Mary got the milk.",
    "2 What is Mary carrying? \tmilk\t1",
    "3 Mary got the apple.",
    "4 What is Mary carrying? \tmilk,apple\t1 3",
    "1 John left.",
    "2 Who left?\tJohn\t1",
]


def test_a_question_comes_after_the_facts_told_so_far_and_is_no_fact() -> None:
    first, second = read(LINES)
    assert [len(first.facts), len(second.facts)] == [2, 1]
    assert [q.after for q in first.questions] == [1, 2]
    assert [q.answer for q in first.questions] == ["milk", "milk,apple"]


@pytest.mark.parametrize("line", ["Mary left.", "1", "", "x y"])
def test_a_line_of_another_format_is_refused_with_its_number(line: str) -> None:
    with pytest.raises(InvalidInput, match="line 2"):
        read(["1 Mary left.", line])


def test_a_file_that_begins_amid_a_story_is_refused() -> None:
    with pytest.raises(InvalidInput, match="begins at 1"):
        read(["2 Mary left."])


def test_words_are_lower_case_and_chinese_is_cut_into_characters() -> None:
    assert words("Is Mary there?") == ("is", "mary", "there")
    assert words("小明在Chengdu。") == ("小", "明", "在", "chengdu")


def test_what_training_never_said_is_the_unknown_word_and_an_unknown_answer() -> None:
    lexicon = Lexicon.of(generated(4, 0))
    (batch,) = Encoded(read(["1 Zoe went home.", "2 Where is Zoe?\tmoon\t1"]), lexicon).batches(1)
    assert batch.sentences[0, 0] == 1
    assert batch.answers.tolist() == [[UNKNOWN]]


def test_words_are_counted_as_often_as_they_are_said() -> None:
    stories = read(LINES)
    lexicon = Lexicon.of(stories)
    counts = Encoded(stories * 2, lexicon).counts(lexicon.size)
    said = dict(zip(("", "?", *lexicon.words), counts.tolist(), strict=True))
    assert {word: said[word] for word in ("", "?", "mary", "milk", "who", "left")} == {
        "": 0,
        "?": 0,
        "mary": 8,
        "milk": 2,
        "who": 2,
        "left": 4,
    }


@pytest.mark.parametrize("size", [1, 3, 7, 50])
def test_batches_hold_every_question_once_and_spell_the_stories_they_came_from(size: int) -> None:
    stories = generated(7, 1)
    lexicon = Lexicon.of(stories)
    names = ["", "?", *lexicon.words]
    found = []
    for batch in Encoded(stories, lexicon).batches(size, random.Random(0)):
        for row in range(len(batch.facts)):
            told = batch.facts[row][batch.told[row]]
            facts = tuple(tuple(names[w] for w in batch.sentences[f] if w) for f in told)
            asked = [int(a) for a in batch.answers[row] if a != UNKNOWN]
            found.append((facts, tuple(lexicon.answers[a] for a in asked)))
    assert sorted(found) == sorted((s.facts, tuple(q.answer for q in s.questions)) for s in stories)


@pytest.mark.skipif(not FOLDER.is_dir(), reason=f"{FOLDER} is absent")
def test_the_test_files_of_all_twenty_tasks_have_a_thousand_questions_each() -> None:
    for task in TASKS:
        path = find(FOLDER, task, "test")
        assert path is not None
        stories = read(path.read_text().splitlines())
        assert sum(len(story.questions) for story in stories) == 1000
