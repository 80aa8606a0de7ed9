"""remember, recall, context, forget, as typed."""

import json

import pytest


def remembered(run, *pairs, **options):
    given = [word for name, value in options.items() for word in (f"--{name}", value)]
    for id, text in pairs:
        assert run("remember", text, "--id", id, *given).exit_code == 0


def ids(result):
    return [item["id"] for item in json.loads(result.stdout)["recollections"]]


# -- remember -------------------------------------------------------------------------------------


def test_what_is_remembered_is_recalled(run):
    assert (
        run("remember", "I moved to Chengdu in March.", "--id", "m1").stdout == "remembered: m1\n"
    )
    assert ids(run("recall", "Who moved to Chengdu?", "--json")) == ["m1"]


def test_words_need_no_quotes(run):
    run("remember", "I", "moved", "to", "Chengdu", "--id", "m1")
    found = json.loads(run("recall", "Chengdu", "--json").stdout)["recollections"]
    assert found[0]["text"] == "I moved to Chengdu"


def test_a_dash_reads_stdin_verbatim_but_for_the_last_newline(run):
    run("remember", "-", "--id", "m1", input="第一行\n\n  second line\n\n")
    found = json.loads(run("recall", "second line", "--json").stdout)["recollections"]
    assert found[0]["text"] == "第一行\n\n  second line\n"


def test_stdin_that_is_not_utf8_is_refused(run):
    result = run("remember", "-", input=b"caf\xe9")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "not UTF-8" in result.stderr


def test_the_same_again_is_known_and_other_text_is_a_version(run):
    assert run("remember", "tea", "--id", "m1").stdout == "remembered: m1\n"
    assert run("remember", "tea", "--id", "m1").stdout == "known already: m1\n"
    assert run("remember", "coffee", "--id", "m1").stdout == "remembered: m1, version 2\n"


def test_a_long_text_says_how_many_parts_it_has(run):
    result = run("remember", "-", "--id", "book", input="A sentence of a book. " * 400)
    assert result.stdout.startswith("remembered: book in ")
    assert result.stdout.endswith(" parts\n")


def test_every_field_is_kept(run):
    given = ("--speaker", "小伟", "--session", "s1", "--at", "2025-03-20T09:00:00+08:00")
    result = run("remember", "我搬到了成都", *given, "--metadata", '{"k": [1, "二"]}', "--json")
    (episode,) = json.loads(result.stdout)
    assert (episode["speaker"], episode["session"]) == ("小伟", "s1")
    assert episode["at"] == "2025-03-20T01:00:00Z"
    assert episode["metadata"] == {"k": [1, "二"]}


# -- recall ---------------------------------------------------------------------------------------


def test_a_pipe_gets_a_line_for_each_recollection(run):
    remembered(run, ("m1", "tea\tin the\nmorning"), speaker="Wei", at="2025-03-20")
    score, id, date, speaker, text = run("recall", "morning tea").stdout.rstrip("\n").split("\t")
    assert float(score) > 0
    assert (id, date, speaker, text) == ("m1", "2025-03-20", "Wei", "tea in the morning")


def test_why_names_the_arms(run):
    remembered(run, ("m1", "tea in the morning"))
    assert "lexical=" in run("recall", "morning tea", "--why").stdout.split("\t")[4]


def test_k_bounds_what_comes_back(run):
    remembered(run, *((f"m{n}", f"tea number {n}") for n in range(5)))
    assert len(run("recall", "tea", "-k", "2").stdout.splitlines()) == 2


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (("--speaker", "Wei"), ["a"]),
        (("--session", "s2"), ["b"]),
        (("--since", "2025-02-01"), ["b"]),
        (("--until", "2025-02-01"), ["a"]),
        (("--meta", "topic=work"), ["b"]),
        (("--meta", "topic=work", "--meta", "rank=1"), []),
        (("--meta", "rank=2", "--meta", 'topic="work"'), ["b"]),
    ],
)
def test_filters_hold(run, options, expected):
    run(
        "remember",
        "tea at home",
        "--id",
        "a",
        "--speaker",
        "Wei",
        "--session",
        "s1",
        "--at",
        "2025-01-01",
    )
    work = ("--metadata", '{"topic": "work", "rank": 2}')
    run(
        "remember",
        "tea at work",
        "--id",
        "b",
        "--speaker",
        "Lin",
        "--session",
        "s2",
        "--at",
        "2025-03-01",
        *work,
    )
    assert ids(run("recall", "tea", *options, "--json")) == expected


def test_an_unknown_namespace_finds_nothing_and_hears_which_there_are(run):
    remembered(run, ("m1", "tea"), namespace="wei")
    result = run("recall", "tea", "-n", "wie")
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "nothing found: namespace wie holds nothing; the store has wei\n"


def test_reading_makes_no_store(run, store):
    """A mistyped --db is an error, not an empty memory."""
    result = run("recall", "tea")
    assert result.exit_code == 2
    assert "there is no store yet" in result.stderr
    assert not store.exists()


# -- context --------------------------------------------------------------------------------------


def test_context_prints_cited_lines_within_the_budget(run):
    remembered(
        run, ("m1", "I drink green tea."), ("m2", "The tea is from Hangzhou."), at="2025-03-20"
    )
    text = run("context", "tea", "--budget", "100").stdout
    assert "[m1 2025-03-20] I drink green tea." in text
    assert json.loads(run("context", "tea", "--budget", "20", "--json").stdout)["tokens"] <= 20


# -- forget ---------------------------------------------------------------------------------------


def test_forget_prints_the_receipt(run):
    remembered(run, ("m1", "secret tea"), ("m2", "other tea"))
    assert run("forget", "--id", "m1", "--yes").stdout.startswith("forgot 1 episode (1 version, ")
    assert ids(run("recall", "tea", "--json")) == ["m2"]


@pytest.mark.parametrize(
    "selector",
    [("--session", "s1"), ("--speaker", "Wei"), ("--before", "2026-01-01"), ("--everything",)],
)
def test_a_dry_run_shows_what_would_go_and_keeps_it(run, selector):
    remembered(
        run, *((f"m{n}", f"茶 {n}") for n in range(7)), speaker="Wei", session="s1", at="2025-03-20"
    )
    result = run("forget", *selector, "--dry-run")
    assert "7 episodes" in result.stderr
    assert "m0  2025-03-20  Wei  茶 0" in result.stderr
    assert "... and 2 more" in result.stderr
    preview = json.loads(run("forget", *selector, "--dry-run", "--json").stdout)
    assert (preview["episodes"], preview["versions"]) == (7, 7)
    assert json.loads(run("forget", *selector, "--json", "--yes").stdout)["episodes"] == 7


def test_forgetting_what_is_not_there_is_no_error(run):
    remembered(run, ("m1", "tea"))
    result = run("forget", "--id", "m9", "--yes")
    assert result.exit_code == 0
    assert result.stdout == "nothing to forget: no episode of namespace default matches id m9\n"


# -- errors ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("remember", " "), "text is empty"),
        (("remember", "tea", "--at", "soon"), "at='soon' is no date"),
        (("remember", "tea", "--metadata", "{"), "is not JSON"),
        (("remember", "tea", "--metadata", "[1]"), "is not a JSON object"),
        (("remember", "tea", "-n", " "), "namespace is empty"),
        (("remember", "tea", "--embedder", "nonsense"), "nonsense"),
        (("recall", "tea", "--meta", "topic"), "is not KEY=VALUE"),
        (("recall", "tea", "-k", "0"), "k=0"),
        (("context", "tea", "--budget", "0"), "budget=0"),
        (("forget",), "forget needs to know what"),
        (("forget", "--everything", "--id", "m1"), "contradict"),
        (("forget", "--before", "soon", "--yes"), "before='soon' is no date"),
        (("import", "missing.jsonl"), "missing.jsonl: cannot be read"),
        (("export", "--json"), "give --output"),
        (("doctor", "--reembed"), "give --embedder"),
        (("recall", "tea", "--embedder", "hash:8"), "--reembed"),
    ],
)
def test_an_error_is_one_line_and_exit_code_2(run, arguments, message):
    remembered(run, ("m1", "tea"))
    result = run(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("error: ")
    assert message in result.stderr


@pytest.mark.parametrize(
    "arguments",
    [("recall",), ("recall", "tea", "--nonsense"), ("nonsense",), ("recall", "tea", "-k", "x")],
)
def test_a_mistyped_command_is_exit_code_2(run, arguments):
    result = run(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")


# -- machines -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments",
    [
        ("remember", "茶", "--id", "m2"),
        ("recall", "tea", "--why"),
        ("recall", "tea", "-n", "nobody"),
        ("context", "tea"),
        ("forget", "--id", "m1", "--yes"),
        ("forget", "--id", "m1", "--dry-run"),
        ("doctor",),
        ("doctor", "--rebuild", "--compact"),
        ("namespaces",),
        ("stats",),
        ("demo",),
    ],
)
def test_json_is_one_document_and_nothing_else(run, arguments):
    remembered(run, ("m1", "tea"))
    result = run(*arguments, "--json")
    assert (result.exit_code, result.stderr) == (0, "")
    json.loads(result.stdout)


def test_json_shows_chinese_as_it_is(run):
    assert "早上喝茶" in run("remember", "早上喝茶", "--json").stdout


def test_the_version_is_printed(run):
    import remanence

    assert run("--version").stdout == f"remanence {remanence.__version__}\n"


def test_forgetting_without_a_terminal_needs_a_yes(run):
    run("remember", "tea", "--id", "m1")
    refused = run("forget", "--everything")
    assert refused.exit_code == 2 and "give --yes" in refused.stderr
    assert "tea" in run("recall", "tea").stdout


def test_a_question_needs_no_quotes(run):
    run("remember", "My dog sleeps in the kitchen.", "--id", "m1")
    assert "m1" in run("recall", "where", "is", "my", "dog").stdout
    assert "m1" in run("context", "where", "is", "my", "dog").stdout


@pytest.mark.parametrize(
    ("since", "found"),
    [("2025", True), ("last week", True), ("yesterday", False), ("去年", True), ("2024-05", True)],
)
def test_times_are_taken_in_words(run, since, found):
    run("remember", "tea in Hangzhou", "--id", "m1", "--at", "2025-06-10")
    shown = run("recall", "tea", "--since", since, "--at", "2025-06-18").stdout
    assert ("m1" in shown) == found


def test_a_turn_is_remembered_of_a_day_in_words(run):
    run("remember", "tea", "--id", "m1", "--at", "去年三月")
    assert "-03-01" in run("recall", "tea").stdout


def test_what_is_no_time_says_how_to_write_one(run):
    run("remember", "tea", "--id", "m1")
    assert "yesterday or last week" in run("recall", "tea", "--since", "someday soonish").stderr
