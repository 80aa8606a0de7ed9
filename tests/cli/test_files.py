"""import and export, as typed."""

import json

import pytest

LINES = [
    {
        "text": "tea in Hangzhou",
        "id": "m1",
        "namespace": "wei",
        "speaker": "Wei",
        "at": "2025-03-20",
    },
    {"text": "成都的茶馆", "id": "m2", "namespace": "lin"},
    {"text": "just a text"},
]


def written(path, lines):
    path.write_text(
        "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8"
    )
    return str(path)


def without(text, *fields):
    """Lines of an export without the fields that a second store decides for itself."""
    rows = [json.loads(line) for line in text.splitlines()]
    return [{name: value for name, value in row.items() if name not in fields} for row in rows]


def test_an_export_is_imported_and_exported_the_same(run, tmp_path, monkeypatch):
    run("import", written(tmp_path / "in.jsonl", LINES))
    first = run("export").stdout
    assert [json.loads(line)["text"] for line in first.splitlines()] == [
        line["text"] for line in LINES
    ]
    monkeypatch.setenv("REMANENCE_DB", str(tmp_path / "second.db"))
    assert run("import", "-", input=first).exit_code == 0
    assert without(run("export").stdout, "recorded_at") == without(first, "recorded_at")


def test_an_import_counts_what_is_new(run, tmp_path):
    file = written(tmp_path / "in.jsonl", LINES[:2])
    assert run("import", file).stdout == (
        "imported 2 turns (jsonl) into wei, lin: 2 new episodes, 0 known already, 0 skipped\n"
    )
    report = json.loads(run("import", file, "--json").stdout)
    assert (report["new"], report["known"], report["namespaces"]) == (0, 2, ["wei", "lin"])


def test_a_namespace_overrides_the_file(run, tmp_path):
    run("import", written(tmp_path / "in.jsonl", LINES), "-n", "all")
    assert json.loads(run("namespaces", "--json").stdout) == {"all": 3}


def test_a_bad_line_is_named_and_those_before_it_are_kept(run, tmp_path):
    file = written(tmp_path / "in.jsonl", [*LINES[:2], {"text": 7}, LINES[2]])
    result = run("import", file)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "line 3: text is int, not str: 7 (turns before it, now remembered: 2)" in result.stderr
    assert json.loads(run("namespaces", "--json").stdout) == {"wei": 1, "lin": 1}


def test_bad_lines_are_skipped_and_listed_when_asked(run, tmp_path):
    path = tmp_path / "in.jsonl"
    path.write_bytes(
        b'{"text": "tea"}\nnot json\n\n{"text": "caf\xe9"}\n{"txt": 1}\n{"text": "end"}\n'
    )
    result = run("import", str(path), "--skip-bad")
    assert result.exit_code == 0
    assert [line.split(":")[0] for line in result.stderr.splitlines()] == [
        "skipped line 2",
        "skipped line 4",
        "skipped line 5",
    ]
    assert "2 new episodes, 0 known already, 3 skipped" in result.stdout


def test_an_export_to_a_file_is_whole_or_not_there(run, tmp_path):
    run("import", written(tmp_path / "in.jsonl", LINES))
    target = tmp_path / "out.jsonl"
    assert run("export", "-o", str(target), "-n", "nobody").exit_code == 2
    assert list(tmp_path.glob("out.jsonl*")) == []
    assert run("export", "-o", str(target)).stdout == f"exported 3 episodes to {target}\n"
    assert target.read_text(encoding="utf-8") == run("export").stdout
    assert json.loads(run("export", "-o", str(target), "--json").stdout)["episodes"] == 3


def test_an_export_can_be_of_some_namespaces(run, tmp_path):
    run("import", written(tmp_path / "in.jsonl", LINES))
    exported = run("export", "-n", "lin", "-n", "default").stdout
    assert [row["namespace"] for row in without(exported)] == ["lin", "default"]


def test_an_export_into_a_folder_that_is_not_there_is_an_error(run, tmp_path):
    run("remember", "tea")
    result = run("export", "-o", str(tmp_path / "no" / "out.jsonl"))
    assert result.exit_code == 2
    assert "cannot be written" in result.stderr


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ('{"results": [{"id": "1", "memory": "Alex is a vegetarian", "user_id": "alex"}]}', "mem0"),
        (
            '{"type": "entity", "name": "Wei", "entityType": "person", "observations": ["likes '
            'tea"]}',
            "mcp",
        ),
        ('{"text": "tea"}', "jsonl"),
        ("", "jsonl"),
    ],
)
def test_the_format_is_told_from_the_content(run, content, expected):
    assert json.loads(run("import", "-", "--json", input=content).stdout)["format"] == expected


def test_a_dry_run_shows_the_first_turns_and_remembers_nothing(run, tmp_path):
    rows = [{"role": "user", "content": f"tea number {number}"} for number in range(12)]
    file = tmp_path / "history.json"
    file.write_text(json.dumps(rows), encoding="utf-8")
    shown = run("import", str(file), "--dry-run")
    assert "messages: 1 file" in shown.stdout and "nothing was remembered" in shown.stdout
    assert "tea number 9" in shown.stdout and "tea number 10" not in shown.stdout
    assert not run("recall", "tea").stdout


def test_a_folder_comes_in_and_what_is_left_out_is_named(run, tmp_path):
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "a.md").write_text("# Tea\n\nGreen tea from Hangzhou.", encoding="utf-8")
    (tmp_path / "notes" / "b.bin").write_bytes(b"\x00\x01\x02")
    done = run("import", str(tmp_path / "notes"), "-n", "notes")
    assert done.exit_code == 0 and "left out b.bin" in done.stderr
    assert "imported 1 turn (markdown) into notes: 1 new episode" in done.stdout


def test_columns_are_named_as_pairs(run, tmp_path):
    file = tmp_path / "t.csv"
    file.write_text("Wann,Notiz\n2025-03-20,Umzug nach Köln\n", encoding="utf-8")
    done = run("import", str(file), "--columns", "text=Notiz,at=Wann", "--format", "csv")
    assert "imported 1 turn (csv)" in done.stdout
    assert "FIELD=COLUMN" in run("import", str(file), "--columns", "Notiz").stderr


def test_an_unknown_zone_is_refused(run, tmp_path):
    assert "Europe/Berlin" in run("import", str(tmp_path), "--timezone", "Mars/Olympus").stderr
