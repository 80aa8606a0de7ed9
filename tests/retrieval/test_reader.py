"""A reader corrects the order of the best candidates:

what it sees, what it says, and when it keeps out.
"""

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

import remanence
from remanence.embed import tensors
from remanence.embed.hashing import HashEmbedder
from remanence.embed.port import identity
from remanence.errors import ConfigError, EmbedderError
from remanence.retrieval import evidence, reader
from remanence.retrieval.evidence import ARMS, COLUMNS, RELATIONS, SEEN

PASSAGES = (
    "Ada Ames. Ada Ames is an engineer who was born in Dunmore in 1950.",
    "Ada Ames. Ada Ames won the Harbour Prize for her second bridge.",
    "Dunmore. Dunmore is a town on the River Lagan with two mills.",
    "River Lagan. The River Lagan rises in the Slieve Hills and is fifty miles long.",
    "Bruno Birch. Bruno Birch is a painter who lives in Dunmore.",
    "Harbour Prize. The Harbour Prize is given to engineers every second year.",
    "《长江大桥》是艾达设计的一座桥，位于武汉。",
    "Slieve Hills. The Slieve Hills are low and wet.",
    "Cole. Cole is a kind of coal.",
)
QUERIES = ("Which river runs through the birthplace of Ada Ames?", "谁设计了长江大桥？", "prize")


class Recorder:
    """Keeps every view and says what it was told to say."""

    titled = 0.0

    def __init__(self, say=lambda view: None):
        self.views, self.say = [], say

    def read(self, view):
        self.views.append(view)
        return self.say(view)


def passages(**options):
    memory = remanence.open(":memory:", embedder="hash:32", extract=False, **options)
    said = [{"text": text, "id": f"p{at}"} for at, text in enumerate(PASSAGES)]
    memory.remember(said, at="2025-01-01")
    return memory


def random_reader(members=3, width=5, hidden=7, hops=3, titled=0.0, scale=0.5):
    random = np.random.default_rng(0)
    weights = {
        name: (scale * random.standard_normal(shape)).astype(np.float32)
        for name, shape in reader.shapes(members, width, hidden, hops).items()
    }
    return reader.DynamicReader(weights, hops, identity(HashEmbedder(32)), titled)


@pytest.fixture(scope="module")
def views():
    recorder = Recorder()
    with passages(reader=recorder) as memory:
        for query in QUERIES:
            memory.recall(query)
    return recorder.views


def test_a_view_has_a_row_and_a_column_for_everything(views):
    assert len(views) == len(QUERIES)
    for view in views:
        k, t = view.has.shape
        assert view.scores.shape == (k,) and (np.diff(view.scores) <= 0).all()
        assert view.columns.shape == (k, len(COLUMNS)) and view.share.shape == (t,)
        assert view.relations.shape == (len(RELATIONS), k, k)
        assert {array.dtype for array in (view.scores, view.columns, view.has, view.relations)} == {
            np.dtype(np.float32)
        }
        assert not view.relations[:, np.arange(k), np.arange(k)].any()
        arms = view.columns[:, 3 : 3 + len(ARMS)].sum(axis=1) * evidence.ARM
        assert arms == pytest.approx(view.scores, abs=1e-4), "the arms are what makes the score"
    assert 0.5 < views[0].titled <= 1


def test_what_candidates_are_to_one_another_is_what_loops_over_pairs_find(views):
    """The products of incidences against one pair and one term at a time."""
    for view in views:
        k = len(view.scores)
        more, equal = np.zeros((k, k)), np.zeros((k, k))
        for i in range(k):
            for j in range(k):
                for term, share in enumerate(view.share):
                    if i != j and view.has[j, term]:
                        (equal if view.has[i, term] else more)[i, j] += share
        named = dict(zip(RELATIONS, view.relations, strict=True))
        assert named["answers more"] == pytest.approx(more, abs=1e-5)
        assert named["answers the same"] == pytest.approx(equal, abs=1e-5)
        assert np.array_equal(named["mentioned"], named["mentions"].T)
        assert np.array_equal(named["title"], named["title"].T)
        for name in ("mentions", "mentioned", "share a name"):
            assert named[f"{name}, more"] == pytest.approx(named[name] * more, abs=1e-5)


def test_a_passage_that_mentions_what_another_is_about_is_linked_to_it():
    recorder = Recorder()
    with passages(reader=recorder) as memory:
        found = [item.id for item in memory.recall(QUERIES[0], k=SEEN)]
    view = recorder.views[0]
    named = dict(zip(RELATIONS, view.relations, strict=True))
    born, town, river = found.index("p0"), found.index("p2"), found.index("p3")
    assert named["mentions"][born, town] > 0.5 and named["mentions"][town, river] > 0.5
    assert named["mentions"][born, river] == 0
    assert named["title"][born, found.index("p1")] == 1
    assert named["share a name"][born, found.index("p4")] > 0, "both mention Dunmore"


def test_numpy_reads_as_torch_does(views):
    torch = pytest.importorskip("torch")
    from remanence.neural import reader as network

    made = random_reader()
    twin = network.ReaderNetwork(reader.shapes(3, 5, 7, 3), made.hops, 0.1).eval()
    for name, array in made.weights.items():
        twin.arrays[name.replace(".", "_")].data = torch.from_numpy(array)
    assert all(np.array_equal(made.weights[n], array) for n, array in twin.export().items())
    batch = [
        network.Example(v.scores, v.columns, v.has, v.share, v.relations, v.scores > 0)
        for v in views
    ]
    for view, told in zip(views, network.told(twin, batch), strict=True):
        said = reader.forward(made.weights, made.hops, view).mean(axis=0)
        assert said == pytest.approx(told, abs=1e-4), "padding changes nothing either"


def test_a_reader_that_has_learnt_nothing_changes_nothing():
    pytest.importorskip("torch")
    from remanence.neural import reader as network

    fresh = network.ReaderNetwork(reader.shapes(2, 5, 7, 2), 2, 0.1).export()
    made = reader.DynamicReader(fresh, 2, identity(HashEmbedder(32)), 0.0)
    with passages() as plain, passages(reader=made) as memory:
        for query in QUERIES:
            found, before = memory.recall(query), plain.recall(query)
            assert [item.id for item in found] == [item.id for item in before]
            assert [item.score for item in found] == pytest.approx(
                [item.score for item in before], abs=2e-4
            )


def test_what_a_reader_adds_is_said_and_adds_up():
    with passages(reader=random_reader()) as memory:
        for query in QUERIES:
            found = memory.recall(query, k=9)
            assert any(item.why.get("reader") for item in found)
            assert all(sum(i.why.values()) == pytest.approx(i.score, abs=2e-3) for i in found)
            assert [i.score for i in found] == sorted((i.score for i in found), reverse=True)


def test_a_reader_turns_the_best_around_and_leaves_the_others_behind():
    turned = Recorder(lambda view: -2 * view.scores)
    texts = [f"Entry {n}. Entry {n} is about the copper mine, volume {n}." for n in range(SEEN + 9)]
    with (
        remanence.open(":memory:", embedder="hash:32", extract=False) as plain,
        remanence.open(":memory:", embedder="hash:32", extract=False, reader=turned) as memory,
    ):
        for each in (plain, memory):
            each.remember(texts)
        before = plain.recall("copper mine volume", k=SEEN + 9)
        after = memory.recall("copper mine volume", k=SEEN + 9)
    assert {item.text for item in after[:SEEN]} == {item.text for item in before[:SEEN]}
    assert [item.text for item in after[SEEN:]] == [item.text for item in before[SEEN:]]
    scores = [item.score for item in after]
    assert scores == sorted(scores, reverse=True)


def test_filters_hold_before_a_reader_sees_anything():
    recorder = Recorder()
    with passages(reader=recorder) as memory:
        memory.remember("Ada Ames. Ada Ames was in Dunmore.", id="x", metadata={"kind": "note"})
        found = memory.recall(QUERIES[0], metadata={"kind": "note"})
    assert [item.id for item in found] == ["x"] and len(recorder.views[0].scores) == 1


def test_a_reader_keeps_out_of_speech():
    said = [{"text": f"I saw {name} in Dunmore.", "speaker": "Wei"} for name in ("Ada", "Bob")]
    recorder = Recorder()
    for made in (random_reader(titled=0.5), recorder, None):
        with remanence.open(":memory:", embedder="hash:32", reader=made) as memory:
            memory.remember(said)
            found = memory.recall("Who was in Dunmore?")
            assert len(found) == 2 and not any("reader" in item.why for item in found)
    assert recorder.views[0].titled == 0


def test_without_vectors_a_reader_keeps_out_and_the_result_says_so():
    class Fails(HashEmbedder):
        def embed(self, texts, kind):
            if kind == "query":
                raise EmbedderError("the service is down")
            return super().embed(texts, kind)

    made = random_reader()
    with remanence.open(":memory:", embedder=Fails(32), reader=made) as memory:
        memory.remember(PASSAGES[0])
        found = memory.recall(QUERIES[0])
    assert len(found) == 1
    assert [reason.partition(":")[0] for reason in found.degraded] == ["dense", "reader"]


def test_a_reader_is_kept_in_a_file_and_read_back(tmp_path, monkeypatch):
    made, path = random_reader(), tmp_path / "r.safetensors"
    reader.save(made, path)
    again = reader.load(path)
    assert (again.hops, again.embedder, again.titled) == (3, made.embedder, 0.0)
    assert all(np.array_equal(again.weights[name], made.weights[name]) for name in made.weights)
    with passages(reader=made) as memory, passages(reader=path) as other:
        expected = memory.recall(QUERIES[0])
        assert other.recall(QUERIES[0]) == expected
    monkeypatch.setenv("REMANENCE_READER", str(path))
    with passages() as memory:
        assert memory.recall(QUERIES[0]) == expected


def test_recall_with_a_reader_needs_no_torch(tmp_path):
    reader.save(random_reader(), tmp_path / "r.safetensors")
    code = f"""
import sys, remanence
with remanence.open(":memory:", embedder="hash:32", reader={str(tmp_path / "r.safetensors")!r}) as memory:
    memory.remember({list(PASSAGES)!r})
    assert any("reader" in item.why for item in memory.recall({QUERIES[0]!r}))
assert "torch" not in sys.modules
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_a_file_that_holds_no_reader_is_refused(tmp_path):
    path = tmp_path / "r.safetensors"
    with pytest.raises(ConfigError, match=r"holds no reader .*No such file.*neural reader"):
        reader.load(path)
    path.write_bytes(b"not weights")
    with pytest.raises(ConfigError, match="holds no reader"):
        reader.load(path)
    made = random_reader()
    arrays = dict(made.weights)
    about = {"reader": reader.VERSION, "hops": "3", "embedder": made.embedder, "titled": "0.0"}
    nan = {**arrays, "say.bias": np.full_like(arrays["say.bias"], np.nan)}
    short = {**arrays, "see.weight": arrays["see.weight"][:, 1:]}
    for bad, said in (
        ((arrays, {**about, "reader": "0"}), "version 0"),
        (({"table": arrays["trust"]}, about), "see.weight"),
        ((short, about), "see.weight has shape"),
        ((nan, about), "not finite"),
        ((arrays, {**about, "hops": "4"}), "judge.weight"),
    ):
        tensors.write(path, *bad)
        with pytest.raises(ConfigError, match=f"not a reader that this version can use.*{said}"):
            reader.load(path)


def test_the_reader_that_ships_goes_with_the_default_embedder_and_finds_the_second_step():
    made = reader.load("passages")
    assert reader.SHIPPED["passages"].stat().st_size < 2_000_000
    with remanence.open(":memory:", extract=False, reader="passages") as memory:
        assert made.embedder == identity(memory.embedder)
        memory.remember(PASSAGES)
        found = memory.recall(QUERIES[0], k=3)
    assert all("reader" in item.why for item in found)
    assert {PASSAGES[0], PASSAGES[2]} <= {item.text for item in found}


def test_a_reader_of_another_embedder_is_refused(tmp_path):
    path = tmp_path / "r.safetensors"
    reader.save(replace(random_reader(), embedder="static 1 (256 dimensions)"), path)
    with pytest.raises(ConfigError, match=r"trained on static .*and this store has hash"):
        passages(reader=path)


def test_a_reader_that_cannot_be_written_is_an_error(tmp_path):
    with pytest.raises(ConfigError, match="cannot write the reader"):
        reader.save(random_reader(), tmp_path / "no" / "r.safetensors")
