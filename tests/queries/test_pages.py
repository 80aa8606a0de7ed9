"""Episodic memory read and mended: pages, versions, conditional writes, redaction, previews."""

import contextlib
import random
import threading

import pytest

import remanence
from remanence import Turn, queries
from remanence.errors import InvalidInput

WEI = "wei"


class Stale(Exception):
    pass


def anything(_before):
    return None


def texts(folder):
    """Everything that stands in the files of a store."""
    return b"".join(path.read_bytes() for path in sorted(folder.iterdir()))


def test_a_memory_is_read_back_by_its_id(plain):
    plain.remember("我三月搬到了成都。", id="m1", speaker="魏", namespace=WEI)
    assert queries.get(plain, WEI, "m1").text == "我三月搬到了成都。"
    assert queries.get(plain, WEI, "m2") is None
    assert queries.get(plain, "another", "m1") is None


def test_a_long_document_is_read_back_whole_and_each_part_by_its_own_id(plain):
    text = "第一章。" * 2_000
    parts = plain.remember(text, id="书", namespace=WEI)
    assert len(parts) > 1
    assert queries.get(plain, WEI, "书").text == text
    assert queries.get(plain, WEI, "书#2").text == parts[1].text


def test_pages_give_every_episode_once_while_others_come_and_go(plain):
    plain.remember([Turn(f"turn {n}", id=f"m{n}") for n in range(25)], namespace=WEI)
    seen, beyond = [], None
    while True:
        page = queries.page(plain, WEI, beyond=beyond, most=4)
        seen += [episode.id for _, episode in page.items]
        if not page.more:
            break
        beyond = page.items[-1][0]
        plain.remember("newer than all that is leafed through", namespace=WEI)
        plain.forget(namespace=WEI, id=seen[0])
    assert seen == [f"m{n}" for n in reversed(range(25))]


def test_a_page_holds_only_what_is_asked_for(plain):
    for n in range(6):
        plain.remember(f"早上好 {n}", session="早" if n % 2 else "晚", speaker="魏", namespace=WEI)
    found = queries.page(plain, WEI, session="早", speaker="魏", most=2, oldest_first=True)
    assert [episode.text for _, episode in found.items] == ["早上好 1", "早上好 3"]
    assert found.more
    assert not queries.page(plain, "another", session="早").items


def test_sessions_are_listed_by_when_they_began(plain):
    for n, session in enumerate("abcab"):
        plain.remember(f"turn {n}", session=session, namespace=WEI)
    first, beyond = queries.sessions(plain, WEI, most=2)
    rest, end = queries.sessions(plain, WEI, beyond=beyond, most=2)
    assert [(each.session, each.episodes) for each in (*first, *rest)] == [
        ("c", 1),
        ("b", 2),
        ("a", 2),
    ]
    assert end is None


def test_put_writes_only_over_what_its_writer_has_seen(plain):
    first = queries.put(plain, WEI, Turn("北京", id="m"), anything)
    seen = queries.tag(queries.get(plain, WEI, "m"))
    queries.put(plain, WEI, Turn("成都", id="m"), anything)

    def unchanged(before):
        if queries.tag(before) != seen:
            raise Stale

    with pytest.raises(Stale):
        queries.put(plain, WEI, Turn("上海", id="m"), unchanged)
    now = queries.get(plain, WEI, "m")
    assert (now.text, now.version, now.at) == ("成都", 2, first.at)


def test_of_many_writers_who_saw_the_same_exactly_one_writes(plain):
    queries.put(plain, WEI, Turn("0", id="m"), anything)
    seen = queries.tag(queries.get(plain, WEI, "m"))
    won = []

    def write(text):
        def unchanged(before):
            if queries.tag(before) != seen:
                raise Stale

        with contextlib.suppress(Stale):
            won.append(queries.put(plain, WEI, Turn(text, id="m"), unchanged).text)

    threads = [threading.Thread(target=write, args=(str(n),)) for n in range(1, 9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert won == [queries.get(plain, WEI, "m").text]


def test_put_takes_other_metadata_as_a_change_and_the_same_as_none(plain):
    turn = Turn("成都", id="m", metadata={"a": 1})
    queries.put(plain, WEI, turn, anything)
    assert queries.put(plain, WEI, turn, anything).version == 1
    changed = queries.put(plain, WEI, Turn("成都", id="m", metadata={"a": 2}), anything)
    assert (changed.version, changed.metadata) == (2, {"a": 2})
    (found,) = plain.recall("成都", namespace=WEI)
    assert found.metadata == {"a": 2}


def test_put_refuses_a_part_of_a_document(plain):
    plain.remember("第一章。" * 2_000, id="书", namespace=WEI)
    with pytest.raises(InvalidInput, match="part of"):
        queries.put(plain, WEI, Turn("x", id="书#1"), anything)


def test_a_tag_is_another_after_every_change_even_through_a_forgetting(plain):
    tags = set()
    for text in ("a", "b"):
        tags.add(queries.tag(queries.put(plain, WEI, Turn(text, id="m"), anything)))
    plain.forget(namespace=WEI, id="m")
    tags.add(queries.tag(queries.put(plain, WEI, Turn("a", id="m"), anything)))
    assert len(tags) == 3


def test_a_redacted_version_says_nothing_in_any_layer_and_its_row_stays(memory, tmp_path):
    memory.remember(
        "我住在格尔木市。", id="m", speaker="魏", namespace=WEI, metadata={"x": "柴达木"}
    )
    memory.remember("我住在成都市。", id="m", speaker="魏", namespace=WEI)
    assert "格尔木".encode() in texts(tmp_path)
    receipt = queries.redact(memory, WEI, "m", 1)
    assert (receipt.versions, receipt.episodes) == (1, 0)
    assert receipt.wal in ("emptied", "kept")
    assert receipt.vectors <= 1 <= receipt.terms
    held = texts(tmp_path)
    assert "格尔木".encode() not in held and "柴达木".encode() not in held
    newest, oldest = queries.versions(memory, WEI, "m")
    assert newest.current and not newest.redacted and newest.text == "我住在成都市。"
    assert oldest.redacted and oldest.text is None and oldest.version == 1
    assert not [
        fact for fact in memory.facts(namespace=WEI, history=True) if "格尔木" in fact.object
    ]


def test_after_a_redaction_the_store_is_sound_and_can_be_rebuilt(memory, tmp_path):
    from remanence import doctor

    memory.remember("我住在格尔木市。", id="m", namespace=WEI)
    memory.remember("我住在成都市。", id="m", namespace=WEI)
    queries.redact(memory, WEI, "m", 1)
    assert not doctor.verify(memory).problems
    doctor.rebuild(memory.store.engine.path)
    assert not doctor.verify(memory).problems
    assert queries.versions(memory, WEI, "m")[1].redacted


def test_a_redacted_version_is_exported_by_nobody_and_forgotten_with_the_rest(memory, tmp_path):
    from remanence.integrations import jsonl

    memory.remember("格尔木", id="乌图美仁", namespace=WEI)
    memory.remember("成都", id="乌图美仁", namespace=WEI)
    queries.redact(memory, WEI, "乌图美仁", 1)
    assert len(list(jsonl.lines(memory, [WEI], history=True))) == 1
    memory.forget(namespace=WEI, id="乌图美仁")
    assert "乌图美仁".encode() not in texts(tmp_path)
    assert queries.versions(memory, WEI, "乌图美仁") == []


def test_the_current_version_is_not_redacted_and_no_other_is_found(plain):
    plain.remember("成都", id="m", namespace=WEI)
    with pytest.raises(InvalidInput, match="remembered now"):
        queries.redact(plain, WEI, "m", 1)
    assert queries.redact(plain, WEI, "m", 7) is None
    assert queries.redact(plain, "another", "m", 1) is None


def test_redacting_twice_changes_nothing_the_second_time(plain):
    plain.remember("一", id="m", namespace=WEI)
    plain.remember("二", id="m", namespace=WEI)
    assert queries.redact(plain, WEI, "m", 1).versions == 1
    assert queries.redact(plain, WEI, "m", 1).versions == 0


SELECTORS = ("id", "session", "speaker", "subject", "everything")


@pytest.mark.parametrize("seed", range(8))
def test_a_preview_says_what_forgetting_then_does_and_changes_nothing(plain, seed):
    rng = random.Random(seed)
    names = ("魏", "Ann", "Bo")
    for n in range(30):
        who = rng.choice(names)
        plain.remember(
            rng.choice((f"{who} lives in Paris.", "我住在成都。", f"I met {who} at {n}.")),
            speaker=rng.choice(names),
            session=rng.choice("ab"),
            id=f"m{rng.randrange(20)}",
            namespace=WEI,
        )
    kind = SELECTORS[seed % len(SELECTORS)]
    values = {"id": "m3", "session": "a", "speaker": "魏", "subject": "Ann", "everything": True}
    before = [episode.id for _, episode in queries.page(plain, WEI, most=100).items]
    tried = queries.preview(plain, WEI, **{kind: values[kind]})
    assert [e.id for _, e in queries.page(plain, WEI, most=100).items] == before
    done = plain.forget(namespace=WEI, **{kind: values[kind]})
    fields = ("episodes", "versions", "terms", "vectors", "facts", "models", "states", "selector")
    assert [getattr(tried.receipt, f) for f in fields] == [getattr(done, f) for f in fields]
    after = {episode.id for _, episode in queries.page(plain, WEI, most=100).items}
    assert set(tried.ids) == set(before) - after


def test_a_preview_of_a_namespace_that_holds_nothing_is_empty(plain):
    assert queries.preview(plain, "another", everything=True).receipt.episodes == 0
    with pytest.raises(InvalidInput):
        queries.preview(plain, WEI)


def test_two_processes_of_the_same_store_see_each_others_pages(tmp_path):
    path = str(tmp_path / "m.db")
    with remanence.open(path, embedder="hash:64") as one, remanence.open(path) as other:
        one.remember("早", id="m", namespace=WEI)
        assert [e.id for _, e in queries.page(other, WEI).items] == ["m"]
