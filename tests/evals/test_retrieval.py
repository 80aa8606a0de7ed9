"""`run` on sets small enough to know what must come out."""

import json

import pytest

from remanence.errors import InvalidInput
from remanence.evals import retrieval

MEMORIES = [
    {"namespace": "wei", "id": "m1", "text": "I moved to Chengdu in March.", "speaker": "Wei"},
    {"namespace": "wei", "id": "m2", "text": "The violin lesson was cancelled.", "speaker": "Wei"},
    {"namespace": "wei", "id": "m3", "text": "Our tabby cat hides under the stove."},
    {"namespace": "zh", "id": "m1", "text": "我的猫叫豆豆，今年三岁。", "at": "2024-05-06"},
    {"namespace": "zh", "id": "m2", "text": "会议改到下周五上午。", "at": "2024-05-07"},
]
QUESTIONS = [
    {"namespace": "zh", "question": "猫叫什么名字？", "gold": ["m1"], "type": "plain"},
    {"namespace": "wei", "question": "violin lesson", "gold": ["m2"], "type": "plain"},
    {"namespace": "wei", "question": "tabby cat stove", "gold": ["m3"], "type": "adversarial"},
    {"namespace": "wei", "question": "the violin lesson", "gold": ["m2", "m3"], "type": "two"},
]


def write(folder, memories=MEMORIES, questions=QUESTIONS):
    folder.mkdir(exist_ok=True)
    for name, lines in (("memories", memories), ("questions", questions)):
        text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
        (folder / f"{name}.jsonl").write_text(text, encoding="utf-8")
    return folder


def test_a_memory_that_answers_is_found_and_counted(tmp_path):
    report = retrieval.run(write(tmp_path / "tiny"), embedder="hash:64", k=1)
    assert report.name == "tiny"
    assert (report.memories, report.namespaces, report.questions) == (5, 2, 4)
    assert report.groups["plain"].means == {"R@1": 1.0, "MRR": 1.0, "nDCG@1": 1.0}
    assert report.groups["two"].means == {"R@1": 0.5, "MRR": 1.0, "nDCG@1": 1.0}
    assert report.groups["all"].means["R@1"] == pytest.approx((1 + 1 + 1 + 0.5) / 4)
    assert report.groups["without adversarial"].means["R@1"] == pytest.approx(2.5 / 3)
    assert list(report.groups) == ["all", "without adversarial", "adversarial", "plain", "two"]


def test_what_comes_back_and_is_wrong_lowers_the_scores(tmp_path):
    """The gold of every question is the one memory that it does not speak of."""
    wrong = [{"namespace": "wei", "question": "violin lesson", "gold": ["m1"]}]
    report = retrieval.run(write(tmp_path, questions=wrong), embedder="hash:64", k=20)
    assert report.groups["all"].means["R@1"] == 0.0
    assert report.groups["all"].means["MRR"] < 1.0


def test_the_parts_of_a_document_are_that_document_once(tmp_path):
    long = " ".join(f"Chapter {n}: the lighthouse keeper counted {n} ships." for n in range(300))
    memories = [
        {"namespace": "n", "id": "book", "text": long},
        {"namespace": "n", "id": "note", "text": "The lighthouse keeper is called Ada."},
    ]
    questions = [
        {"namespace": "n", "question": "lighthouse keeper ships", "gold": ["book", "note"]}
    ]
    report = retrieval.run(write(tmp_path, memories, questions), embedder="hash:64", k=20)
    assert report.groups["all"].means["R@5"] == 1.0


def test_relative_times_mean_those_of_the_conversation(tmp_path):
    """Asked on the last day of the conversation, "yesterday" is the day before it."""
    days = [f"2019-03-{day:02}T10:00:00" for day in range(1, 29)]
    memories = [
        {"namespace": "n", "id": at, "text": "We met at the lake.", "at": at} for at in days
    ]
    questions = [{"namespace": "n", "question": "Who did we meet yesterday?", "gold": [days[-2]]}]
    report = retrieval.run(write(tmp_path, memories, questions), embedder="hash:64", k=5)
    assert report.groups["all"].means["R@1"] == 1.0


def test_a_report_is_json_and_a_table(tmp_path):
    report = retrieval.run(write(tmp_path / "tiny"), embedder="hash:64")
    assert json.loads(json.dumps(report.as_json()))["groups"]["all"]["questions"] == 4
    lines = report.table().splitlines()
    assert lines[0].startswith("tiny: 5 memories")
    assert lines[1].split() == ["n", "R@1", "R@5", "R@10", "R@20", "MRR", "nDCG@10"]
    assert len(lines) == 2 + len(report.groups)


def test_progress_tells_both_stages_to_their_end(tmp_path):
    told = []
    retrieval.run(write(tmp_path), embedder="hash:64", progress=lambda *step: told.append(step))
    assert told[-1] == ("recall", 4, 4)
    assert ("remember", 5, 5) in told


def test_a_store_that_holds_the_namespace_already_is_refused(tmp_path):
    store, folder = str(tmp_path / "m.db"), write(tmp_path / "set")
    retrieval.run(folder, embedder="hash:64", store=store)
    with pytest.raises(InvalidInput, match="'wei' already holds"):
        retrieval.run(folder, embedder="hash:64", store=store)


@pytest.mark.parametrize(
    ("memories", "questions", "message"),
    [
        ([], QUESTIONS, "memories.jsonl is empty"),
        (MEMORIES, [], "questions.jsonl is empty"),
        ([{"namespace": "wei", "id": "m1"}], QUESTIONS, "memories.jsonl:1: text=None"),
        ([{"namespace": "wei", "id": 7, "text": "x"}], QUESTIONS, "memories.jsonl:1: id=7"),
        ([*MEMORIES, MEMORIES[0]], QUESTIONS, "memories.jsonl:6: id 'm1' stands a second time"),
        (["text"], QUESTIONS, "memories.jsonl:1: .* no JSON object"),
        (MEMORIES, [{"namespace": "wei", "question": "q", "gold": []}], "questions.jsonl:1: gold="),
        (MEMORIES, [{"namespace": "wei", "question": "q", "gold": ["m9"]}], r"\['m9'\] are in no"),
        (MEMORIES, [{"namespace": "bo", "question": "q", "gold": ["m1"]}], "namespace 'bo'"),
    ],
)
def test_a_bad_line_is_named(tmp_path, memories, questions, message):
    with pytest.raises(InvalidInput, match=message):
        retrieval.run(write(tmp_path, memories, questions), embedder="hash:64")


def test_a_missing_folder_says_what_was_expected(tmp_path):
    with pytest.raises(
        InvalidInput, match=r"memories.jsonl.*No such file.*an evaluation is a folder"
    ):
        retrieval.run(tmp_path / "nowhere")


def test_a_line_that_is_no_json_is_named(tmp_path):
    write(tmp_path)
    (tmp_path / "questions.jsonl").write_text("\n{oops\n", encoding="utf-8")
    with pytest.raises(InvalidInput, match=r"questions.jsonl:2: '\{oops' is no JSON"):
        retrieval.run(tmp_path)


def test_a_file_that_is_no_text_is_named(tmp_path):
    write(tmp_path)
    (tmp_path / "memories.jsonl").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InvalidInput, match="is not UTF-8"):
        retrieval.run(tmp_path)
