"""Documents: split by file, cut without a gap, each label the token after its position, and the
words those of the files.
"""

import numpy as np
import pytest
import torch

from remanence.errors import ConfigError, InvalidInput
from remanence.lab.tasks.documents import PARTS, Documents, part_of, texts

pytest.importorskip("tokenizers")
SIZES = {"length": 7, "segments": 3, "vocabulary": 320, "tested": 2}


def named(part, count):
    """The first `count` file names that belong to a part."""
    numbers = (f"模块{n}.py" for n in range(10_000))
    return [name for name, _ in zip((n for n in numbers if part_of(n) == part), range(count))]  # noqa: B905


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    root = tmp_path_factory.mktemp("documents")
    for part, count in zip(PARTS, (4, 2, 3), strict=True):
        for n, name in enumerate(named(part, count)):
            line = f"def 读取_{part}{n}(名字):\n    return 名字 + '记忆{n}'\n"
            (root / name).write_text(line * 8, encoding="utf-8")
    (root / named("train", 5)[-1]).write_bytes(b"\xff\xfe caf\xe9")  # no UTF-8: left out
    (root / "short.py").write_text("x\n", encoding="utf-8")  # too short for an episode
    return str(root)


@pytest.fixture(scope="module")
def task(folder):
    return Documents(folder=folder, **SIZES)


def spelled(task, tokens):
    from tokenizers import Tokenizer

    return Tokenizer.from_str(task.corpus().words).decode(list(map(int, tokens)))


def test_a_label_is_the_token_after_its_position_across_segments_too(task):
    for episode in (task.episode(np.random.default_rng(0), 5, 1), task.opening("test")):
        assert [each.tokens.shape[1] for each in episode] == [7, 7, 7]
        tokens = torch.cat([each.tokens for each in episode], 1)
        labels = torch.cat([each.labels for each in episode], 1)
        assert torch.equal(tokens[:, 1:], labels[:, :-1])
        assert tokens.dtype == labels.dtype == torch.int64
        assert int(tokens.max()) < task.vocabulary


def test_tokens_spell_the_files_again(task, folder):
    read = texts(folder)
    for part in PARTS:
        spellings = [spelled(task, each) for each in task.corpus().files[part]]
        assert spellings == read[part]
    assert "读取_train0(名字)" in read["train"][0] + read["train"][1]


def test_a_file_is_of_one_part_whatever_else_there_is(folder, task):
    test = {file.tobytes() for file in task.files("test")}
    assert len(test) == 3
    assert not test & {file.tobytes() for file in task.files("train")}
    assert [part_of(name) for name in named("valid", 3)] == ["valid"] * 3
    shares = np.unique([part_of(f"{n}.py") for n in range(5_000)], return_counts=True)[1] / 5_000
    np.testing.assert_allclose(shares, [0.1, 0.8, 0.1], atol=0.02)  # test, train, valid


def test_training_sees_training_files_alone(task):
    files = [spelled(task, each) for each in task.files("train")]
    for seed in range(3):
        episode = task.episode(np.random.default_rng(seed), 4, 1)
        for row in torch.cat([each.tokens for each in episode], 1):
            said = spelled(task, row).strip("\ufffd")  # a stretch may begin inside a character
            assert any(said in file for file in files)


def test_the_same_numbers_make_the_same_episode(task):
    one, two, other = (task.episode(np.random.default_rng(seed), 4, 1) for seed in (1, 1, 2))
    assert all(torch.equal(a.tokens, b.tokens) for a, b in zip(one, two, strict=True))
    assert any(not torch.equal(a.tokens, b.tokens) for a, b in zip(one, other, strict=True))


def test_the_check_is_the_opening_of_unseen_files(task):
    check = task.checks()["unseen files"]
    assert (check.rows, check.rounds) == (2, 1)  # `tested`, of the 3 that there are
    found = list(check.stream(np.random.default_rng(0), check.rows))
    assert [len(each.tokens) for each in found] == [2, 2, 2]
    start = torch.cat([each.tokens for each in found], 1)[0].numpy()
    np.testing.assert_array_equal(start, task.files("test")[0][:21])


def test_files_without_an_episode_are_left_out_and_none_at_all_is_said(folder):
    longer = Documents(folder=folder, **{**SIZES, "segments": 1_000})
    with pytest.raises(InvalidInput, match="no test file has 7001 tokens"):
        longer.files("test")


def test_a_folder_that_lacks_a_part_says_how_many_there_are(tmp_path):
    (tmp_path / named("train", 1)[0]).write_text("名字 = 1\n" * 9, encoding="utf-8")
    with pytest.raises(InvalidInput, match="'valid': 0"):
        Documents(folder=str(tmp_path), **SIZES).corpus()


@pytest.mark.slow
def test_the_standard_library_has_every_part():
    found = texts()
    assert all(len(found[part]) >= 10 for part in PARTS)
    assert all(len(text) >= 6_000 for part in PARTS for text in found[part])


@pytest.mark.parametrize(("name", "value"), [("length", 1), ("segments", 0), ("vocabulary", 299)])
def test_values_that_cannot_be_are_refused(name, value):
    with pytest.raises(ConfigError, match=f"{name}={value}"):
        Documents(**{name: value})


def test_what_it_says_of_itself(task, folder):
    assert task.as_json() == {**SIZES, "folder": folder}
    assert (task.whole, task.levels, task.chance) == (21, 1, 1 / 320)
    assert "3 segments of 7" in task.about
