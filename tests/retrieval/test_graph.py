"""The graph arm: a walk agrees with one done link by link, and finds what no single step finds."""

import random

import numpy as np
import pytest

import remanence
from remanence.retrieval.graph import LINKS, Graph, Named
from remanence.retrieval.lexical import Lexical
from remanence.storage.appending import POSTING
from remanence.text import names
from remanence.text.names import ALIAS, PART, TITLE, WHOLE
from remanence.text.words import hash32


def blob(kinds):
    return np.array(sorted(kinds.items()), POSTING).tobytes() if kinds else b""


def graph_of(rows, spoken=(), step=3):
    graph = Graph()
    for start in range(0, len(rows), step):
        block = rows[start : start + step]
        said = np.array([start + at in spoken for at in range(len(block))])
        graph.extend([blob(row) for row in block], said)
    return graph


def texts_graph(texts):
    """A graph of texts as the engine would store them."""
    rows = [{hash32(name): kind for name, kind in names.mentions(t).items()} for t in texts]
    return graph_of(rows)


def strength_of(rows, titled, start, end, name, size, mentioned):
    """What one link is worth before the question is looked at; 0 where there is none."""
    part = 1.0 if rows[start][name] >= WHOLE else LINKS.part
    if titled:
        return part * (1.0 if rows[end][name] == TITLE else LINKS.alias) / np.sqrt(size)
    kind = 1.0 if rows[end][name] >= WHOLE else LINKS.part
    return LINKS.mention * part * kind / np.sqrt(max(mentioned - 1, 1))


def naive_step(rows, spoken, front, known, share, present):
    """row -> (worth, terms answered on the way), link by link over the whole graph."""
    passage = [
        r not in spoken and max(row.values(), default=0) >= ALIAS for r, row in enumerate(rows)
    ]
    best = {}
    for start, (worth, answered) in front.items():
        for name, kind in rows[start].items():
            if name in known or not PART <= kind < ALIAS:
                continue
            mentioned = sum(name in row for row in rows)
            titled = [r for r, row in enumerate(rows) if passage[r] and row.get(name, 0) >= ALIAS]
            for end, row in enumerate(rows):
                if end == start or row.get(name, 0) < PART:
                    continue
                is_title = end in titled
                if not is_title and (row[name] >= ALIAS or not (passage[start] and passage[end])):
                    continue
                rest = float(share[present[end] & ~answered].sum())
                link = strength_of(rows, is_title, start, end, name, len(titled), mentioned)
                value = worth * link * (LINKS.prior + rest)
                if value > best.get(end, (0.0, None))[0]:
                    best[end] = (value, present[end] | answered)
    top = max([worth for worth, _ in best.values()] + [LINKS.faint])
    return {row: (worth / top, terms) for row, (worth, terms) in best.items()}


def random_rows(rng, n):
    return [
        {
            rng.randrange(1, 30) * 7919: rng.choice([1, 2, 2, 3, 3, 3, 4, 5])
            for _ in range(rng.randint(0, 5))
        }
        for _ in range(n)
    ]


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("tail", [2, 10_000])
def test_one_step_is_that_of_every_link_by_itself(monkeypatch, seed, tail):
    """Rows in the tail or in segments, some spoken, some names common to half of all."""
    monkeypatch.setattr("remanence.retrieval.lexical._TAIL_ROWS", tail)
    rng = random.Random(seed)
    rows = random_rows(rng, rng.choice([1, 2, 7, 33]))
    n, spoken = len(rows), {r for r in range(len(rows)) if rng.random() < 0.2}
    graph = graph_of(rows, spoken, step=n)
    present = np.array([[rng.random() < 0.4 for _ in range(5)] for _ in rows])
    importance = np.array([rng.random() for _ in range(5)], np.float32)
    start = rng.randrange(n)
    known = np.array([rng.randrange(1, 30) * 7919 for _ in range(4)], np.uint32)
    named = Named(np.array([start]), np.array([0.9], np.float32), ("x",), known)
    reached = graph.walk(
        named,
        np.array([start]),
        np.zeros(1, np.float32),
        importance,
        lambda at: present[at],
        np.ones(n, bool),
    )
    share = importance / importance.sum()
    front = {start: (1.0, present[start])}
    first = naive_step(rows, spoken, front, set(known.tolist()), share, present)
    trust = min(1.0, (1 - share[present[start]].sum()) / LINKS.slack)
    second = naive_step(
        rows,
        spoken,
        dict(sorted(first.items(), key=lambda x: -x[1][0])[:10]),
        set(known.tolist()),
        share,
        present,
    )
    wanted = {row: trust * worth for row, (worth, _) in first.items()}
    got = dict(zip(reached.rows.tolist(), reached.worth.tolist(), strict=True))
    assert set(got) >= set(wanted)
    for row, worth in wanted.items():
        assert got[row] >= worth - 1e-5
        if row not in second:
            assert got[row] == pytest.approx(worth, abs=1e-5)


@pytest.mark.parametrize("tail", [2, 10_000])
def test_gathered_postings_are_those_of_each_term(monkeypatch, tail):
    monkeypatch.setattr("remanence.retrieval.lexical._TAIL_ROWS", tail)
    rng = random.Random(4)
    rows = random_rows(rng, 41)
    index = Lexical()
    for start in range(0, 41, 5):
        index.extend([blob(row) for row in rows[start : start + 5]])
    terms = np.array([term * 7919 for term in range(40)], np.uint32)
    which, found, counts, sizes = index.gather(terms, 6)
    holders = [[r for r, row in enumerate(rows) if term in row] for term in terms.tolist()]
    assert sizes.tolist() == [len(held) for held in holders]
    assert sorted(zip(which.tolist(), found.tolist(), counts.tolist(), strict=True)) == [
        (at, r, rows[r][int(terms[at])])
        for at, held in enumerate(holders)
        if len(held) <= 6
        for r in held
    ]


FILMS = (
    "Silver Tide. Silver Tide is a 1931 drama film directed by Ada Quist and starring Tom Bell.",
    "Ada Quist. Ada Marie Quist (born 3 May 1890 in Lund) was a painter and film maker.",
    "Tom Bell. Tom Bell was a stage actor.",
    "Red Tide (film). Red Tide is a film about the sea, directed by nobody.",
    "Moon. The tides of all seas follow it, a director of a museum says.",
)


def test_the_longest_title_in_a_question_is_what_it_names():
    graph = texts_graph(FILMS)
    alive = np.ones(len(FILMS), bool)
    assert graph.named("Who directed Silver Tide?", alive).rows.tolist() == [0]
    assert graph.named("Who directed Red Tide (Film)?", alive).strengths.tolist() == [1.0]
    assert not len(graph.named("who sings at night?", alive).rows)
    alive[0] = False
    assert not len(graph.named("Who directed Silver Tide?", alive).rows)


def test_a_walk_tells_which_passage_led_where():
    graph = texts_graph(FILMS)
    alive = np.ones(len(FILMS), bool)
    named = graph.named("When was the director of Silver Tide born?", alive)
    nothing = np.zeros((len(FILMS), 1), bool)
    reached = graph.walk(
        named,
        named.rows,
        np.zeros(1, np.float32),
        np.ones(1, np.float32),
        lambda at: nothing[at],
        alive,
    )
    led = dict(zip(reached.rows.tolist(), reached.via.tolist(), strict=True))
    assert led[1] == led[2] == 0


def test_speech_has_no_titles_and_the_graph_is_silent():
    rows = [{hash32("lund"): WHOLE, hash32("ada"): TITLE}, {hash32("lund"): WHOLE}]
    graph = graph_of(rows, spoken={0, 1}, step=2)
    assert graph.silent
    assert not graph_of(rows, step=2).silent


@pytest.fixture
def films(plain):
    plain.remember([{"text": text, "id": f"f{at}"} for at, text in enumerate(FILMS)])
    return plain


def test_recall_follows_a_name_to_the_passage_it_titles(films):
    """Nothing in the second passage but its title is connected with the question."""
    found = films.recall("When was the director of Silver Tide born?", k=2)
    assert [item.id for item in found] == ["f0", "f1"]
    assert found[1].why["graph"] > 0


def test_no_walk_leads_through_what_was_forgotten_or_replaced(films):
    films.remember({"text": "Silver Tide. It is a film by a stranger.", "id": "f0"})
    second = films.recall("When was the director of Silver Tide born?", k=5)
    assert "graph" not in next(item for item in second if item.id == "f1").why
    films.forget(namespace="default", id="f0")
    third = films.recall("When was the director of Silver Tide born?", k=5)
    assert "graph" not in next(item for item in third if item.id == "f1").why


def test_chinese_titles_are_named_without_marks(plain):
    plain.remember(
        [
            {"text": "《长夜》是一部小说，作者在《归途》里也写过。", "id": "a"},
            {"text": "《归途》是一部回忆录，一九三五年出版。", "id": "b"},
            {"text": "今天天气很好，我们去公园散步。", "id": "c"},
        ]
    )
    assert plain.recall("归途是哪一年出版的？", k=1)[0].id == "b"
    assert "graph" in plain.recall("归途是哪一年出版的？", k=1)[0].why


def test_names_are_a_projection(tmp_path):
    """Made at `remember`, blanked by `forget`, made again by `doctor --rebuild`."""
    from remanence import doctor

    path = str(tmp_path / "memory.db")
    with remanence.open(path, embedder="hash:64") as memory:
        memory.remember([{"text": FILMS[0], "id": "x"}, {"text": FILMS[1], "id": "y"}])
        memory.forget(namespace="default", id="y")

        def stored():
            with memory.store.reading() as connection:
                return list(connection.all("SELECT names FROM projection ORDER BY id"))

        before = stored()
    assert len(before[0][0]) > 0
    assert before[1][0] == b""
    doctor.rebuild(path)
    with remanence.open(path, embedder="hash:64") as memory:
        assert stored()[0] == before[0]
