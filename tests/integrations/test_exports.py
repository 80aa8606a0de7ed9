"""Exports of other programs come in whole: every message, with who wrote it, when, and where."""

import importlib.util
import io
import sys
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

import remanence
from remanence import queries
from remanence.integrations import catalogue, formats
from remanence.integrations.exports import whatsapp
from remanence.integrations.exports.messages import Options, instant, zone

_spec = importlib.util.spec_from_file_location("made_exports", Path(__file__).with_name("made.py"))
made = importlib.util.module_from_spec(_spec)
sys.modules[_spec.name] = made
_spec.loader.exec_module(made)


@pytest.fixture
def memory():
    with remanence.open(":memory:", embedder="hash:8") as opened:
        yield opened


def episodes(memory, namespace="default"):
    return [item for _, item in queries.page(memory, namespace, most=1000, oldest_first=True).items]


@pytest.mark.parametrize("name", made.EXPORTS)
def test_every_message_comes_in_with_speaker_time_session_and_id(memory, tmp_path, name):
    path, count = made.EXPORTS[name](tmp_path)
    done = formats.load_path(memory, path)
    assert (done.turns, done.new, done.skipped) == (count, count, 0)
    found = episodes(memory)
    assert all(item.id and item.session and item.at for item in found)
    assert len({item.id for item in found}) == count
    if name != "markdown":
        assert len({item.speaker for item in found}) == (1 if name == "discord-package" else 2)
    if name != "messages-jsonl":  # the one format here that has no times at all
        assert {item.at[:10] for item in found} <= {
            made.moment(number).date().isoformat() for number in range(count)
        }


@pytest.mark.parametrize("name", made.EXPORTS)
def test_a_second_import_changes_nothing(memory, tmp_path, name):
    path, count = made.EXPORTS[name](tmp_path)
    formats.load_path(memory, path)
    again = formats.load_path(memory, path)
    assert (again.new, again.known) == (0, count)


@pytest.mark.parametrize("name", made.EXPORTS)
def test_the_words_are_those_that_were_written(memory, tmp_path, name):
    path, count = made.EXPORTS[name](tmp_path)
    formats.load_path(memory, path)
    texts = "\n".join(item.text for item in episodes(memory))
    numbers = range(count // 2 if name == "markdown" else count)
    assert all(made.line(number) in texts for number in numbers)
    for unwanted in (
        "abandoned",
        "hidden profile",
        "tool output",
        "pondering",
        "secret thought",
        "listing",
        "be brief",
        "environment_context",
        "Media omitted",
        "encrypted",
        "joined",
        "Used Gemini",
    ):
        assert unwanted not in texts


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("chatgpt", {"user", "ChatGPT"}),
        ("claude", {"user", "Claude"}),
        ("gemini", {"user", "Gemini"}),
        ("codex", {"user", "Codex"}),
        ("whatsapp", {"Ana", "Ben Ó Sé"}),
        ("telegram", {"Ana", "Ben"}),
        ("slack", {"Ana", "Ben"}),
        ("discord", {"Ana", "Ben"}),
        ("discord-package", {"Ana"}),
        ("mbox", {"Ana", "Ben"}),
    ],
)
def test_speakers_are_named_as_people_know_them(memory, tmp_path, name, expected):
    path, _ = made.EXPORTS[name](tmp_path)
    formats.load_path(memory, path)
    assert {item.speaker for item in episodes(memory)} == expected


def test_the_owner_of_an_account_is_called_as_asked(memory, tmp_path):
    path, _ = made.chatgpt(tmp_path)
    formats.load_path(memory, path, options=Options(me="Ana"))
    assert {item.speaker for item in episodes(memory)} == {"Ana", "ChatGPT"}


@pytest.mark.parametrize("name", ["chatgpt", "claude", "openwebui", "messages"])
def test_words_of_a_model_are_marked_and_state_no_facts(tmp_path, name):
    with remanence.open(":memory:", embedder="hash:8") as memory:
        path, _ = made.EXPORTS[name](tmp_path)
        formats.load_path(memory, path)
        roles = {item.metadata["role"] for item in episodes(memory)}
        assert roles == {"user", "assistant"}
        assistants = {i.id for i in episodes(memory) if i.metadata["role"] == "assistant"}
        for fact in memory.facts(history=True):
            assert not assistants & set(fact.sources)


def test_conversations_are_sessions_with_their_titles(memory, tmp_path):
    path, _ = made.claude(tmp_path)
    formats.load_path(memory, path)
    found = {item.session: item.metadata["title"] for item in episodes(memory)}
    assert found == {"conv-0": "Chat 0", "conv-1": "Chat 1", "conv-2": "Chat 2"}


def test_a_thread_of_slack_is_a_session_and_mentions_are_names(memory, tmp_path):
    path, _ = made.slack(tmp_path)
    formats.load_path(memory, path)
    threads = [item for item in episodes(memory) if "thread" in item.metadata]
    assert len(threads) == made.PAIRS * 2 // 4
    assert len({item.session for item in threads}) == len(threads)
    assert all("@Ben & tea (https://tea.example)" in item.text for item in episodes(memory))


def test_a_slack_file_is_not_taken_for_another_format(tmp_path):
    path, _ = made.slack(tmp_path)
    day = next((tmp_path / "slack" / "general").glob("*.json"))
    assert set(formats.preview(path).formats) == {"slack"}
    assert set(formats.preview(day).formats) == {"slack-day"}


def test_sections_of_markdown_know_their_note_its_front_matter_and_links(memory, tmp_path):
    path, _ = made.markdown(tmp_path)
    formats.load_path(memory, path)
    first, second = sorted(
        (item for item in episodes(memory) if item.session == "d0/note-00.md"),
        key=lambda item: item.id,
    )
    assert first.metadata["title"] == "Note 0" and first.metadata["links"] == ["Other note"]
    assert first.metadata["front"]["tags"] == ["tea", "home"]
    assert second.metadata["heading"] == "Note 0 > Later" and "# not a heading" in second.text
    assert first.at == "2025-03-20T00:00:00Z"


def test_a_mail_thread_is_a_session_and_quoted_from_lines_come_back(memory, tmp_path):
    path, _ = made.mbox(tmp_path)
    formats.load_path(memory, path)
    found = episodes(memory)
    assert {item.session for item in found} == {f"mail:m{n}@x" for n in range(0, 60, 6)}
    assert all("\nFrom here on" in item.text and item.metadata["title"] == "Trip" for item in found)


@pytest.mark.parametrize(
    ("stamp", "order"),
    [
        ("{0:%d/%m/%Y, %H:%M} - ", "dmy"),
        ("{0:%m/%d/%y, %I:%M %p} - ", "mdy"),
        ("[{0:%d.%m.%y, %H:%M:%S}] ", "dmy"),
        ("[{0:%Y-%m-%d, %H:%M:%S}] ", "ymd"),
        ("\u200e[{0:%m/%d/%Y, %I:%M:%S\u202f%p}] ", "mdy"),
    ],
)
def test_whatsapp_dates_are_read_as_the_phone_wrote_them(memory, tmp_path, stamp, order):
    path, count = made.whatsapp(tmp_path, stamp)
    assert formats.load_path(memory, path).turns == count
    days = {made.moment(number).date().isoformat() for number in range(count)}
    assert {item.at[:10] for item in episodes(memory)} == days


@pytest.mark.parametrize(
    ("dates", "order"),
    [
        ([(2025, 3, 1)], "ymd"),
        ([(13, 3, 25)], "dmy"),
        ([(3, 13, 25)], "mdy"),
        ([(1, 3, 25), (2, 3, 25), (1, 4, 25)], "dmy"),
        ([(3, 1, 25), (3, 2, 25), (4, 1, 25)], "mdy"),
        ([(5, 5, 25)], "dmy"),
    ],
)
def test_the_order_of_day_and_month_follows_from_the_whole_chat(dates, order):
    assert whatsapp.date_order(dates) == order


@pytest.mark.parametrize(
    ("line", "clock"),
    [
        ("[2025/3/20 下午9:04:05] 小林: 吃饭", (21, 4, 5)),
        ("[2025/3/20 上午12:04:05] 小林: 睡了", (0, 4, 5)),
        ("3/20/25, 12:30 PM - Lin: lunch", (12, 30, 0)),
        ("3/20/25, 12:30 AM - Lin: late", (0, 30, 0)),
        ("20.03.25, 21:04 - Lin: Abendessen", (21, 4, 0)),
    ],
)
def test_the_half_of_the_day_is_read(line, clock):
    assert whatsapp._line(whatsapp.LINE.match(line)).clock == clock


def test_times_without_a_zone_are_of_the_zone_given(memory, tmp_path):
    path, _ = made.whatsapp(tmp_path)
    formats.load_path(memory, path, options=Options(timezone=zone("Asia/Shanghai")))
    assert min(item.at for item in episodes(memory)) == "2025-03-20T01:00:00Z"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1742461200, "2025-03-20T09:00:00Z"),
        (1742461200.5, "2025-03-20T09:00:00.500000Z"),
        (1742461200000, "2025-03-20T09:00:00Z"),
        ("1742461200", "2025-03-20T09:00:00Z"),
        ("2025-03-20T10:00:00+01:00", "2025-03-20T09:00:00Z"),
        ("2025-03-20 09:00:00", "2025-03-20T09:00:00Z"),
        ("", None),
        (None, None),
    ],
)
def test_a_time_is_read_in_the_forms_that_exports_have(value, expected):
    assert instant(value) == expected


@pytest.mark.parametrize("value", ["yesterday", [], 1e300])
def test_what_is_no_time_is_refused(value):
    with pytest.raises(remanence.InvalidInput, match="cannot be read"):
        instant(value)


def test_a_bad_time_names_its_place_and_can_be_skipped(memory, tmp_path):
    path = made.written(
        tmp_path / "h.json",
        [
            {"role": "user", "content": "one", "timestamp": "2025-01-01"},
            {"role": "user", "content": "two", "timestamp": "someday"},
            {"role": "user", "content": "three", "timestamp": "2025-01-02"},
        ],
    )
    with pytest.raises(remanence.InvalidInput, match="message 2"):
        formats.load_path(memory, path)
    done = formats.load_path(memory, path, skip_bad=True)
    assert (done.turns, done.skipped, done.bad[0].place) == (2, 1, "h.json, message 2")


def test_a_folder_of_several_formats_comes_in_and_what_is_unknown_is_named(memory, tmp_path):
    made.chatgpt(tmp_path)
    made.whatsapp(tmp_path)
    (tmp_path / "photo.jpg").write_bytes(b"\xff\xd8\xff\xe0junk")
    (tmp_path / "chatgpt.zip").unlink()
    done = formats.load_path(memory, tmp_path)
    assert done.format == "whatsapp" and done.unread == ("photo.jpg",)


def test_a_file_of_no_known_format_is_refused_by_name(memory, tmp_path):
    path = tmp_path / "photo.jpg"
    path.write_bytes(b"\xff\xd8\xff\xe0junk")
    with pytest.raises(remanence.InvalidInput, match=r"photo\.jpg.*give --format"):
        formats.load_path(memory, path)


def test_a_broken_file_among_others_does_not_keep_them_out(memory, tmp_path):
    made.written(tmp_path / "a.json", [{"role": "user", "content": "kept"}])
    made.written(tmp_path / "b.json", '[{"role": "user", "content": "kept too"}, {"role"')
    done = formats.load_path(memory, tmp_path, skip_bad=True)
    assert (done.turns, done.skipped) == (2, 1)


def test_a_cut_off_archive_is_refused(memory, tmp_path):
    path, _ = made.chatgpt(tmp_path)
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(remanence.InvalidInput):
        formats.load_path(memory, path)


def test_a_path_that_is_not_there_is_refused(memory, tmp_path):
    with pytest.raises(remanence.InvalidInput, match="cannot be read"):
        formats.load_path(memory, tmp_path / "nothing.json")


def test_a_preview_remembers_nothing(memory, tmp_path):
    path, _ = made.chatgpt(tmp_path)
    shown = formats.preview(path, most=10)
    assert len(shown.turns) == 10 and shown.formats == {"chatgpt": 1}
    assert shown.unread == ("user.json",)
    assert episodes(memory) == []


def test_an_edited_question_leaves_only_the_branch_that_is_shown(memory, tmp_path):
    def node(name, parent, role, text):
        message = {
            "id": name,
            "author": {"role": role},
            "create_time": 1.7e9,
            "content": {"content_type": "text", "parts": [text]},
        }
        return {"id": name, "message": message, "parent": parent, "children": []}

    nodes = {
        "a": node("a", None, "user", "first wording"),
        "b": node("b", "a", "assistant", "first answer"),
        "c": node("c", None, "user", "second wording"),
        "d": node("d", "c", "assistant", "second answer"),
    }
    path = made.written(
        tmp_path / "conversations.json",
        [{"title": "t", "mapping": nodes, "current_node": "d", "conversation_id": "x"}],
    )
    formats.load_path(memory, path)
    assert [item.text for item in episodes(memory)] == ["second wording", "second answer"]


def test_columns_of_a_table_can_be_named(memory, tmp_path):
    path = made.written(tmp_path / "t.csv", "Wann;Notiz\n2025-03-20;Umzug nach Köln\n")
    options = Options(columns={"text": "Notiz", "at": "Wann"})
    formats.load_path(memory, path, format="csv", options=options)
    (item,) = episodes(memory)
    assert (item.text, item.at) == ("Umzug nach Köln", "2025-03-20T00:00:00Z")


@pytest.mark.parametrize(
    ("columns", "message"),
    [({}, "no column"), ({"text": "Nichts"}, "columns are"), ({"mood": "Notiz"}, "fields are")],
)
def test_a_table_without_a_text_says_which_columns_there_are(memory, tmp_path, columns, message):
    path = made.written(tmp_path / "t.csv", "Wann;Notiz\n2025-03-20;Umzug\n")
    with pytest.raises(remanence.ConfigError, match=message):
        formats.load_path(memory, path, format="csv", options=Options(columns=columns))


def test_a_page_of_html_comes_in_as_its_text(memory, tmp_path):
    page = "<!doctype html><title>Tea</title><script>alert(1)</script><p>Green <b>tea</b></p>"
    formats.load_path(memory, made.written(tmp_path / "page.html", page))
    (item,) = episodes(memory)
    assert (item.text, item.metadata["title"]) == ("Green tea", "Tea")


def test_a_stream_of_any_format_is_read(memory, tmp_path):
    path, count = made.claude(tmp_path)
    data = (path / "conversations.json").read_bytes()
    read = []
    done = formats.load(memory, io.BytesIO(data), progress=read.append)
    assert (done.format, done.turns) == ("claude", count)
    assert read[-1] == len(data)


def test_every_format_is_known_by_one_name(tmp_path):
    names = list(catalogue.names())
    assert len(names) == len(set(names))
    assert {*made.EXPORTS} - {"messages-jsonl"} <= set(names)


def test_a_message_list_in_python_is_remembered(memory):
    memory.remember(
        [
            {"role": "system", "content": "Be kind."},
            {"role": "user", "content": "I moved to Lyon.", "name": "Ana"},
            {"role": "assistant", "content": [{"type": "text", "text": "Noted."}]},
            {"role": "tool", "content": "{}", "tool_call_id": "t"},
            {"role": "user", "content": "我对花生过敏。"},
        ],
        session="s1",
    )
    assert [(item.speaker, item.text, item.metadata["role"]) for item in episodes(memory)] == [
        ("Ana", "I moved to Lyon.", "user"),
        ("assistant", "Noted.", "assistant"),
        ("user", "我对花生过敏。", "user"),
    ]


def test_the_speaker_given_is_the_person_and_not_the_assistant(memory):
    messages = [{"role": "user", "content": "Hi."}, {"role": "assistant", "content": "Hello."}]
    memory.remember(messages, speaker="Wei")
    assert [item.speaker for item in episodes(memory)] == ["Wei", "assistant"]


@pytest.mark.parametrize(
    "item",
    [
        {"role": "wizard", "content": "x"},
        {"role": "user", "content": 7},
        {"role": "user"},
        {"content": "x"},
    ],
)
def test_what_is_no_message_is_refused(memory, item):
    with pytest.raises(remanence.InvalidInput):
        memory.remember([item])


def test_times_are_written_in_utc():
    assert datetime.fromisoformat(instant("2025-03-20T09:00:00")).tzinfo == UTC


def small_pdf(text):
    """A PDF of one page that shows one line of text."""
    stream = f"BT /F1 12 Tf 20 100 Td ({text}) Tj ET".encode()
    parts = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]/Contents 4 0 R"
        b"/Resources<</Font<</F1<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(stream), stream),
    ]
    data, places = b"%PDF-1.4\n", []
    for number, part in enumerate(parts, start=1):
        places.append(len(data))
        data += b"%d 0 obj%s endobj\n" % (number, part)
    start = len(data)
    data += b"xref\n0 5\n0000000000 65535 f \n"
    data += b"".join(b"%010d 00000 n \n" % place for place in places)
    return data + b"trailer<</Root 1 0 R/Size 5>>\nstartxref\n%d\n%%%%EOF" % start


def small_docx(paragraphs):
    """A Word document of plain paragraphs."""
    space = "http://schemas.openxmlformats.org"
    body = "".join(f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>" for text in paragraphs)
    main = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    files = {
        "[Content_Types].xml": f'<Types xmlns="{space}/package/2006/content-types">'
        f'<Override PartName="/word/document.xml" ContentType="{main}"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{space}/package/2006/relationships">'
        f'<Relationship Id="r1" Type="{space}/officeDocument/2006/relationships/officeDocument" '
        'Target="word/document.xml"/></Relationships>',
        "word/document.xml": f'<w:document xmlns:w="{space}/wordprocessingml/2006/main">'
        f"<w:body>{body}</w:body></w:document>",
    }
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return sink.getvalue()


def test_a_pdf_comes_in_page_by_page(memory, tmp_path):
    (tmp_path / "lease.pdf").write_bytes(small_pdf("The rent is 940 euros."))
    formats.load_path(memory, tmp_path / "lease.pdf")
    (item,) = episodes(memory)
    assert (item.text, item.metadata["page"]) == ("The rent is 940 euros.", 1)


def test_a_word_document_comes_in(memory, tmp_path):
    (tmp_path / "note.docx").write_bytes(small_docx(["Die Miete steigt.", "房租涨了。"]))
    formats.load_path(memory, tmp_path / "note.docx")
    (item,) = episodes(memory)
    assert item.text.split() == ["Die", "Miete", "steigt.", "房租涨了。"]


@pytest.mark.parametrize(("name", "data"), [("a.pdf", b"%PDF-1.4 junk"), ("a.docx", b"PKjunk")])
def test_a_damaged_document_is_refused(memory, tmp_path, name, data):
    (tmp_path / name).write_bytes(data)
    with pytest.raises(remanence.InvalidInput, match="not a readable"):
        formats.load_path(memory, tmp_path / name)
