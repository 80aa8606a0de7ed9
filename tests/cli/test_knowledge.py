"""facts, learn, profile, timeline, graph and forget --subject, as typed."""

import json
from xml.etree import ElementTree as ET

import pytest


@pytest.fixture
def told(run):
    """A store that knows where Wei lives and lived, whom Wei married, and where 小伟 works."""
    for arguments in (
        ("Wei", "lives_in", "Beijing", "--from", "2019-06-15", "--id", "f1"),
        ("Wei", "lives_in", "Chengdu", "--from", "2025-03-01", "--id", "f2"),
        ("Wei", "married_to", "Lin", "--at", "2024-05-01", "--id", "f3"),
        ("Lin", "likes", "jazz", "--at", "2024-05-02", "--id", "f4"),
        ("Lin", "likes", "green tea", "--at", "2024-05-02", "--id", "f5"),
        ("小伟", "works_for", "灯笼机器人公司", "--at", "2024-05-03", "--id", "f6"),
    ):
        assert run("learn", *arguments).exit_code == 0
    return run


def rows(result):
    assert (result.exit_code, result.stderr) == (0, "")
    return [line.split("\t") for line in result.stdout.splitlines()]


# -- learn and facts ------------------------------------------------------------------------------


def test_what_is_learned_comes_back_in_words(run):
    given = ("Wei", "lives_in", "Chengdu", "--from", "2025-03-01", "--until", "2026-01-01")
    assert run("learn", *given).stdout.startswith(
        "learned: Wei lives in Chengdu (from 2025-03-01, until 2026-01-01). ["
    )
    assert run("learn", "小伟", "lives_in", "成都").stdout.startswith("learned: 小伟住在成都。 [")


def test_what_is_learned_late_says_that_it_is_superseded(told):
    late = ("Wei", "lives_in", "Shanghai", "--from", "2020-01-01", "--at", "2020-01-02")
    assert "[superseded, 1 source]" in told("learn", *late).stdout


def test_a_pipe_gets_a_line_for_each_fact(told):
    assert rows(told("facts", "--subject", "Wei", "--relation", "lives_in", "--history")) == [
        ["Wei", "lives_in", "Chengdu", "2025-03-01", "-", "asserted", "f2"],
        ["Wei", "lives_in", "Beijing", "2019-06-15", "2025-03-01", "superseded", "f1"],
    ]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (("--relation", "lives_in"), ["Chengdu"]),
        (("--relation", "lives_in", "--as-of", "2020-01-01"), ["Beijing"]),
        (("--relation", "lives_in", "--known-at", "2020-01-01"), []),
        (("--object", "jazz"), ["jazz"]),
        (("--subject", "小伟"), ["灯笼机器人公司"]),
        (("--subject", "Nobody"), []),
    ],
)
def test_filters_hold(told, options, expected):
    found = json.loads(told("facts", *options, "--json").stdout)
    assert [fact["object"] for fact in found] == expected


def test_nothing_found_is_no_error_and_names_the_namespaces(told):
    result = told("facts", "-n", "wie")
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "nothing found: namespace wie holds nothing; the store has default\n"


# -- profile and timeline -------------------------------------------------------------------------


def test_a_profile_is_sentences_with_their_sources(told):
    shown = told("profile", "lin").stdout
    assert shown.startswith("Lin (person)\n")
    assert "  Wei is married to Lin. [f3]\n" in shown
    assert "jazz" in shown
    assert " and " in shown  # two likes, one sentence
    assert "[f4, f5]" in shown or "[f5, f4]" in shown


def test_a_profile_is_of_its_time(told):
    assert "Beijing" in told("profile", "Wei", "--as-of", "2020-01-01").stdout
    assert "Beijing" not in told("profile", "Wei").stdout


def test_a_profile_as_json_has_the_facts(told):
    found = json.loads(told("profile", "小伟", "--json").stdout)
    assert (found["subject"], found["kind"], found["names"]) == ("小伟", "person", ["小伟"])
    assert found["sentences"] == [{"text": "小伟在灯笼机器人公司工作。", "sources": ["f6"]}]
    assert [fact["sources"] for fact in found["facts"]] == [["f6"]]


def test_a_timeline_is_in_order_and_ends_before_it_begins(told):
    assert rows(told("timeline", "--subject", "Wei")) == [
        ["2019-06-15", "begins", "f1", "Wei lives in Beijing."],
        ["2024-05-01", "said", "f3", "Wei is married to Lin."],
        ["2025-03-01", "ends", "f1", "Wei lives in Beijing."],
        ["2025-03-01", "begins", "f2", "Wei lives in Chengdu."],
    ]


def test_a_timeline_lies_between_its_times(told):
    between = ("--since", "2024-05-02", "--until", "2024-05-03")
    assert [row[2] for row in rows(told("timeline", *between))] == ["f4", "f5"]
    assert told("timeline", "--since", "2030-01-01").stderr == "nothing found\n"
    found = json.loads(told("timeline", *between, "--json").stdout)
    assert {(event["event"], event["fact"]["subject"]) for event in found} == {("said", "Lin")}


# -- graph ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("format", "sign"), [("graphml", "<graphml"), ("turtle", "@prefix")])
def test_the_graph_is_exported_to_a_file_or_a_pipe(told, tmp_path, format, sign):
    target = tmp_path / "graph"
    shown = told("graph", "export", "--format", format)
    assert (shown.exit_code, shown.stderr) == (0, "")
    assert sign in shown.stdout
    assert told("graph", "export", "--format", format, "-o", str(target)).stdout == (
        f"exported 5 facts to {target}\n"
    )
    assert target.read_text(encoding="utf-8") == shown.stdout


def test_exported_lines_are_the_facts(told):
    lines = told("graph", "export", "--format", "jsonl", "--history").stdout.splitlines()
    assert [json.loads(line) for line in lines] == json.loads(
        told("facts", "--history", "--json").stdout
    )


def test_a_picture_shows_the_neighbourhood(told, tmp_path):
    target = tmp_path / "wei.svg"
    assert told("graph", "picture", "wei", "-o", str(target)).stdout == f"drew Wei to {target}\n"
    words = "".join(ET.parse(target).getroot().itertext())  # noqa: S314
    assert all(name in words for name in ("Wei", "Chengdu", "Beijing", "Lin", "jazz"))
    assert "小伟" not in words
    assert "jazz" not in told("graph", "picture", "Wei", "--depth", "1").stdout


# -- forget ---------------------------------------------------------------------------------------


def test_a_subject_is_previewed_and_forgotten(told):
    preview = told("forget", "--subject", "Lin", "--dry-run").stderr
    assert preview.startswith("what matches in namespace default: 3 episodes\n")
    assert "3 facts" in told("forget", "--subject", "Lin", "--yes").stdout
    assert "Lin" not in told("facts", "--history").stdout
    assert told("profile", "Lin").stderr == "nothing found\n"


# -- errors and machines --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("learn", "Wei", "Lives In", "Chengdu"), "write it like lives_in"),
        (("learn", "Wei", "likes", "wei"), "a fact joins two things"),
        (("learn", "!?", "likes", "tea"), "names nothing"),
        (("learn", "Wei", "likes", "tea", "--from", "soon"), "valid_from='soon' is no date"),
        (("facts", "--as-of", "soon"), "as_of='soon' is no date"),
        (("facts", "--known-at", "soon"), "known_at='soon' is no date"),
        (("timeline", "--since", "soon"), "since='soon' is no date"),
        (("graph", "export", "--json"), "give --output"),
        (("graph", "picture", "Wei", "--json"), "give --output"),
        (("graph", "picture", "Nobody"), "nothing is known of 'Nobody'"),
        (("graph", "picture", "Wei", "--depth", "0"), "depth=0"),
        (("graph", "picture", "Wei", "--limit", "0"), "limit=0"),
        (("graph", "picture", "Wei", "-o", "/nowhere/x.svg"), "cannot be written"),
        (("forget", "--everything", "--subject", "Wei"), "contradict"),
    ],
)
def test_an_error_is_one_line_and_exit_code_2(told, arguments, message):
    result = told(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("error: ")
    assert result.stderr.count("\n") == 1
    assert message in result.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("facts",),
        ("facts", "--subject", "Nobody"),
        ("learn", "Wei", "likes", "茶"),
        ("profile", "Wei"),
        ("profile", "Nobody"),
        ("timeline",),
        ("timeline", "-n", "nobody"),
        ("graph", "export", "-o", "facts.graphml"),
        ("graph", "picture", "Wei", "-o", "wei.svg"),
        ("forget", "--subject", "Lin", "--yes"),
        ("forget", "--subject", "Lin", "--dry-run"),
    ],
)
def test_json_is_one_document_and_nothing_else(told, tmp_path, monkeypatch, arguments):
    monkeypatch.chdir(tmp_path)
    result = told(*arguments, "--json")
    assert (result.exit_code, result.stderr) == (0, "")
    json.loads(result.stdout)
