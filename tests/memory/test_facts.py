"""`learn`, `facts` and `forget(subject=...)`: what a caller may rely on."""

import json
import random
import re
import threading
from dataclasses import asdict

import pytest

import remanence
from remanence import Turn, build, doctor
from remanence.encoding.candidate import Candidate
from remanence.errors import InvalidInput
from remanence.memory import Memory

DAY = 86_400_000_000


def tiny(text, *, speaker, addressee, at):
    """Finds statements written as `subject | relation | object`, `!` before what is denied, `-`
    before what ended.
    """
    found = []
    for said in re.finditer(r"\s*([!-]?)([^|;]+?) \| (\w+) \| ([^|;]+)", text):
        mark, subject, relation, value = said.groups()
        found.append(
            Candidate(
                subject=subject.strip().replace("I", speaker or "I")
                if subject == "I"
                else subject.strip(),
                relation=relation,
                object=value.strip(),
                confidence=0.9,
                start=said.start(),
                end=said.end(),
                negated=mark == "!",
                change="end" if mark == "-" else "",
            )
        )
    return found


def opened(path):
    base = remanence.open(str(path), embedder="hash:32")
    return Memory(base.store.engine, base.embedder, extract=tiny)


@pytest.fixture
def told(tmp_path):
    """A memory that reads `subject | relation | object`."""
    with opened(tmp_path / "told.db") as memory:
        yield memory


def objects(facts):
    return [fact.object for fact in facts]


# -- learn and facts ------------------------------------------------------------------------------


def test_what_is_learnt_is_a_fact_and_an_episode(plain):
    fact = plain.learn(
        "Wei", "lives_in", "Chengdu", namespace="wei", valid_from="2025-03-01", id="l1"
    )
    assert (fact.subject, fact.relation, fact.object, fact.state) == (
        "Wei",
        "lives_in",
        "Chengdu",
        "asserted",
    )
    assert (fact.valid_from, fact.support, fact.sources, fact.confidence) == (
        "2025-03-01T00:00:00Z",
        1,
        ("l1",),
        1.0,
    )
    assert plain.facts(namespace="wei", subject="wei", as_of="2025-06-01") == [fact]
    (found,) = plain.recall("Where does Wei live?", namespace="wei")
    assert (found.id, found.text) == ("l1", "Wei lives in Chengdu (from 2025-03-01).")
    assert plain.facts(namespace="other") == []


def test_chinese_is_learnt_in_chinese(plain):
    plain.learn("小伟", "lives_in", "成都", namespace="n", valid_from="2025-03-01")
    (found,) = plain.recall("小伟住在哪里", namespace="n")
    assert found.text == "小伟住在成都（从2025-03-01）。"


def test_a_relation_of_ones_own_may_hold_of_several(plain):
    for place in ("Rome", "Oslo"):
        plain.learn("Wei", "dreams_of", place, namespace="n")
    assert sorted(objects(plain.facts(namespace="n", relation="dreams_of"))) == ["Oslo", "Rome"]
    assert objects(plain.facts(namespace="n", object="oslo")) == ["Oslo"]


def test_a_new_value_supersedes_the_old_one_and_history_shows_both(plain):
    old = plain.learn("Wei", "lives_in", "Xi'an", namespace="n", valid_from="2018-01-01")
    new = plain.learn("Wei", "lives_in", "Chengdu", namespace="n", valid_from="2025-03-01")
    assert plain.facts(namespace="n") == [new]
    assert objects(plain.facts(namespace="n", as_of="2020-01-01")) == ["Xi'an"]
    assert plain.facts(namespace="n", as_of="2017-01-01") == []
    now, was = plain.facts(namespace="n", history=True)
    assert now == new
    assert (was.id, was.state, was.superseded_by) == (old.id, "superseded", new.id)
    assert was.valid_until == "2025-03-01T00:00:00Z"


def test_older_news_that_comes_late_finds_its_place_in_the_past(plain):
    plain.learn("Wei", "lives_in", "Chengdu", namespace="n", valid_from="2025-03-01")
    late = plain.learn("Wei", "lives_in", "Xi'an", namespace="n", valid_from="2018-01-01")
    assert (late.state, late.valid_until) == ("superseded", "2025-03-01T00:00:00Z")
    assert objects(plain.facts(namespace="n")) == ["Chengdu"]
    assert objects(plain.facts(namespace="n", as_of="2019-01-01")) == ["Xi'an"]


def test_what_stands_since_long_ago_outweighs_what_was_merely_said_before(plain):
    """Nobody said since when Xi'an; Chengdu is said to hold, now, since March."""
    plain.learn("Wei", "lives_in", "Xi'an", namespace="n")
    plain.learn("Wei", "lives_in", "Chengdu", namespace="n", valid_from="2025-03-01")
    assert objects(plain.facts(namespace="n")) == ["Chengdu"]


def test_a_change_to_come_leaves_the_present_as_it_is(plain):
    plain.learn("Wei", "lives_in", "Chengdu", namespace="n", valid_from="2020-01-01")
    plain.learn("Wei", "lives_in", "Rome", namespace="n", valid_from="2999-01-01")
    assert objects(plain.facts(namespace="n")) == ["Chengdu"]
    assert objects(plain.facts(namespace="n", as_of="2999-02-01")) == ["Rome"]


def test_known_at_answers_with_what_had_been_told_by_then(plain):
    first = plain.learn("Wei", "lives_in", "Xi'an", namespace="n", valid_from="2018-01-01")
    plain.learn("Wei", "lives_in", "Chengdu", namespace="n", valid_from="2019-01-01")
    then = plain.facts(namespace="n", known_at=first.recorded_at, as_of="2024-01-01")
    assert [(fact.object, fact.state) for fact in then] == [("Xi'an", "asserted")]
    assert objects(plain.facts(namespace="n", as_of="2024-01-01")) == ["Chengdu"]
    assert plain.facts(namespace="n", known_at="2000-01-01") == []


def test_known_at_sees_the_version_of_then(told):
    (first,) = told.remember("Wei | likes | tea", id="a", namespace="n")
    told.remember("Wei | likes | coffee", id="a", namespace="n")
    assert objects(told.facts(namespace="n")) == ["coffee"]
    assert objects(told.facts(namespace="n", known_at=first.recorded_at)) == ["tea"]


def test_support_is_counted_by_episode(told):
    told.remember(["Wei | likes | tea; Wei | likes | tea", "Wei's | likes | Tea."], namespace="n")
    (fact,) = told.facts(namespace="n")
    assert (fact.support, len(fact.sources), fact.confidence) == (2, 2, 0.99)


def test_the_newest_comes_first(told):
    for year, thing in ((2021, "tea"), (2023, "jazz"), (2022, "snow")):
        told.remember(f"Wei | likes | {thing}", at=f"{year}-01-01", namespace="n")
    assert objects(told.facts(namespace="n")) == ["jazz", "snow", "tea"]


def test_what_is_denied_is_retracted_and_what_ended_is_superseded(told):
    told.remember("Wei | likes | tea; Wei | likes | jazz", at="2021-01-01", namespace="n")
    told.remember("!Wei | likes | tea; -Wei | likes | jazz", at="2022-01-01", namespace="n")
    assert told.facts(namespace="n") == []
    assert len(told.facts(namespace="n", as_of="2021-06-01")) == 2
    states = {fact.object: fact.state for fact in told.facts(namespace="n", history=True)}
    assert states == {"tea": "retracted", "jazz": "superseded"}


@pytest.mark.parametrize(
    ("subject", "relation", "value", "more", "says"),
    [
        ("", "likes", "tea", {}, "empty"),
        ("x" * 5000, "likes", "tea", {}, "5,000 characters"),
        ("Wei", "Likes", "tea", {}, "small letters"),
        ("Wei", "likes; DROP", "tea", {}, "small letters"),
        ("Wei", "likes", "?!", {}, "names nothing"),
        ("Wei", "knows", "wei", {}, "joins two things"),
        ("Wei", "likes", "tea", {"valid_from": "2025", "valid_until": "2024-01-01"}, "valid_from"),
        (
            "Wei",
            "likes",
            "tea",
            {"valid_from": "2025-01-01", "valid_until": "2024-01-01"},
            "not after",
        ),
    ],
)
def test_what_is_no_fact_is_not_learnt(plain, subject, relation, value, more, says):
    with pytest.raises(InvalidInput, match=says):
        plain.learn(subject, relation, value, namespace="n", **more)
    assert plain.facts(namespace="n", history=True) == []


def test_learning_again_with_the_same_id_changes_nothing(plain):
    first = plain.learn("Wei", "likes", "tea", namespace="n", id="a")
    assert plain.learn("Wei", "likes", "tea", namespace="n", id="a") == first
    plain.learn("Wei", "likes", "coffee", namespace="n", id="a")
    assert objects(plain.facts(namespace="n")) == ["coffee"]


def test_facts_that_read_alike_are_told_apart_under_one_id(plain):
    plain.learn("P likes", "b", "C", namespace="n", id="w")
    taught = plain.learn("P", "likes_b", "C", namespace="n", id="w")
    assert (taught.state, taught.sources) == ("asserted", ("w",))
    assert plain.facts(namespace="n") == [taught]
    plain.remember("A foo bar X.", namespace="n", id="q")
    plain.learn("A", "foo_bar", "X", namespace="n", id="q")
    assert objects(plain.facts(namespace="n", subject="A")) == ["X"]
    (again,) = plain.remember("A foo bar X.", namespace="n", id="q")
    assert again.version == 2, "plain words again change nothing"


@pytest.mark.parametrize("relation", ["also_known_as", "named", "same_as"])
@pytest.mark.parametrize(
    "names", [("Zed Zorn", "Abe Abbott"), ("Abe Abbott", "Zed Zorn"), ("赵敏", "阿敏")]
)
def test_another_name_is_told_back_whichever_name_its_entity_goes_by(plain, relation, names):
    subject, other = names
    fact = plain.learn(subject, relation, other, namespace="n")
    assert (fact.subject, fact.relation, fact.object) == (subject, relation, other)
    assert fact in plain.facts(namespace="n", subject=other)


def test_two_names_of_one_are_learnt_as_a_fact_and_as_one(plain):
    fact = plain.learn("Beth", "also_known_as", "Elizabeth Orr", namespace="n")
    assert (fact.subject, fact.object, fact.state) == ("Beth", "Elizabeth Orr", "asserted")
    plain.learn("Elizabeth Orr", "likes", "tea", namespace="n")
    assert len(plain.facts(namespace="n", subject="Beth")) == 2
    joined = plain.learn("Beth", "knows", "Elizabeth Orr", namespace="n")
    assert joined.state == "candidate", "a relation of a thing to itself says nothing"


# -- a pure fold ----------------------------------------------------------------------------------


def dump(memory):
    return json.dumps([asdict(fact) for fact in memory.facts(namespace="n", history=True)])


@pytest.mark.parametrize("seed", range(6))
def test_following_equals_reading_afresh_equals_rebuilding(tmp_path, seed):
    """Random remembering, new versions, learning and forgetting, with looks in between."""
    rng = random.Random(seed)
    names = ["Wei", "Wei Zhang", "Wei Li", "Ana", "王伟", "小王", "I"]
    relations = {"lives_in": ["Rome", "Oslo", "成都"], "likes": ["tea", "Ana"], "named": names[:6]}

    def statement():
        relation = rng.choice(sorted(relations))
        value = rng.choice(relations[relation])
        return f"{rng.choice(['', '', '!', '-'])}{rng.choice(names)} | {relation} | {value}"

    path = tmp_path / "store.db"
    with opened(path) as memory, opened(path) as reader:
        for _ in range(40):
            act = rng.random()
            if act < 0.6:
                turns = [
                    Turn(
                        "; ".join(statement() for _ in range(rng.randint(1, 3))),
                        id=f"e{rng.randint(0, 30)}",
                        speaker=rng.choice(names[:5]),
                        at=f"20{rng.randint(10, 24)}-01-01",
                    )
                    for _ in range(rng.randint(1, 5))
                ]
                memory.remember(turns, namespace="n")
            elif act < 0.75:
                memory.learn("Wei", "lives_in", rng.choice(["Rome", "Oslo"]), namespace="n")
            elif act < 0.95:
                memory.forget(namespace="n", id=f"e{rng.randint(0, 30)}")
            else:
                memory.forget(namespace="n", subject=rng.choice(["Ana", "王伟"]))
            assert dump(memory) == dump(reader)
        followed = dump(memory)
    with opened(path) as fresh:
        assert dump(fresh) == followed
    database = build.database(str(path))
    doctor._remake(database, build.load_embedder("hash:32"), "hash:32", doctor.silent, tiny)
    database.close()
    with opened(path) as rebuilt:
        assert dump(rebuilt) == followed


def test_facts_are_read_while_they_are_written(told):
    """Readers and a writer at once: every look sees whole batches."""
    seen, stop = [], threading.Event()

    def look():
        while not stop.is_set():
            seen.append(len(told.facts(namespace="n")))

    readers = [threading.Thread(target=look) for _ in range(3)]
    for reader in readers:
        reader.start()
    for number in range(30):
        told.remember([f"Wei | likes | thing{number}x{n}" for n in range(5)], namespace="n")
    stop.set()
    for reader in readers:
        reader.join()
    assert all(count % 5 == 0 for count in seen)
    assert len(told.facts(namespace="n")) == 150


# -- forgetting -----------------------------------------------------------------------------------


def test_a_forgotten_episode_takes_its_facts_and_names_with_it(told):
    told.remember("Beth | named | Elizabeth Orr; Beth | likes | tea", id="a", namespace="n")
    told.remember("Elizabeth Orr | lives_in | Rome", id="b", namespace="n")
    receipt = told.forget(namespace="n", id="a")
    assert (receipt.episodes, receipt.facts) == (1, 2)
    assert objects(told.facts(namespace="n", subject="Beth", history=True)) == []
    assert told.semantic.entity("n", "Beth") is None
    assert objects(told.facts(namespace="n", subject="Elizabeth Orr")) == ["Rome"]


def test_a_supporting_episode_can_go_and_the_fact_stays(told):
    told.remember(
        [Turn("Wei | likes | tea", id="a"), Turn("Wei | likes | tea", id="b")], namespace="n"
    )
    told.forget(namespace="n", id="a")
    (fact,) = told.facts(namespace="n")
    assert fact.sources == ("b",)


def test_forgetting_what_superseded_brings_back_what_held_before(told):
    told.remember("Wei | lives_in | Rome", at="2020-01-01", namespace="n")
    told.remember("Wei | lives_in | Oslo", at="2021-01-01", id="x", namespace="n")
    assert objects(told.facts(namespace="n")) == ["Oslo"]
    told.forget(namespace="n", id="x")
    assert objects(told.facts(namespace="n")) == ["Rome"]


def test_a_forgotten_subject_is_gone_by_every_name(told):
    told.remember(
        [
            Turn("Ana Lopez | lives_in | Rome", id="by name"),
            Turn("Wei's sister | likes | tea; Wei's sister | named | Ana Lopez", id="by role"),
            Turn("the weather is fine", id="by voice", speaker="ana lopez"),
            Turn("yesterday ANA  LOPEZ called", id="by mention"),
            Turn("nothing here", id="by metadata", metadata={"with": "Ana Lopez"}),
            Turn("Analopez is a brand | of | tea", id="not her"),
            Turn("Wei | likes | jazz", id="not her either"),
        ],
        namespace="n",
    )
    told.remember("Ana Lopez | lives_in | Rome", namespace="other")
    receipt = told.forget(namespace="n", subject="Ana Lopez")
    assert (receipt.episodes, receipt.facts, receipt.selector) == (5, 3, {"subject": "Ana Lopez"})
    left = {r.id for r in told.recall("tea jazz weather rome called", namespace="n", k=50)}
    assert left <= {"not her", "not her either"}
    assert told.facts(namespace="n", subject="Ana Lopez", history=True) == []
    assert objects(told.facts(namespace="other")) == ["Rome"]


def test_a_forgotten_subject_comes_back_only_by_what_is_said_later(told):
    """An old episode that speaks of her by pronoun is read again, by a better extractor, say."""
    told.remember("she moved there", id="old", namespace="n")
    told.remember("Ana | likes | tea", id="named", namespace="n")
    told.forget(namespace="n", subject="Ana")
    body = '[["Ana","lives_in","Rome",0.9,0,1]]'

    def reread(connection):
        (row,) = connection.all("SELECT namespace, id FROM episode WHERE source = 'old'")
        connection.many(
            "INSERT INTO candidate (namespace, episode, extractor, body) "
            "VALUES (:namespace, :episode, 4, :body)",
            [(*row, body)],
        )

    told.store.writing(reread)
    assert told.facts(namespace="n", history=True) == []
    told.remember("Ana | likes | jazz", namespace="n")
    assert objects(told.facts(namespace="n", subject="Ana")) == ["jazz"]


def test_a_subject_within_a_session_is_not_buried(told):
    told.remember(
        [Turn("Ana | likes | tea", session="s"), Turn("Ana | likes | jazz")], namespace="n"
    )
    assert told.forget(namespace="n", subject="Ana", session="s").episodes == 1
    assert objects(told.facts(namespace="n")) == ["jazz"]


MARK = re.compile(rb"zq[0-9]{6}qz")


@pytest.mark.parametrize("seed", range(3))
def test_a_forgotten_name_is_in_no_file(tmp_path, seed, monkeypatch):
    """Random statements of marked names, several forgotten;

    then a look at the bytes, statements and all.
    """
    monkeypatch.setattr("remanence.storage.forgetting.SPARSE", 10**9)  # blanking alone must do
    rng = random.Random(seed)
    path = tmp_path / "store.db"
    people = [f"zq{n:06d}qz" for n in range(40)]
    with opened(path) as memory:
        gone = set()
        for _ in range(12):
            turns = [
                Turn(
                    " ".join(
                        f"{rng.choice(people)} | likes | {rng.choice(people)};"
                        for _ in range(rng.choice([1, 2, 30]))
                    ),
                    id=f"e{rng.randint(0, 400)}",
                    speaker=rng.choice(people),
                    metadata={"of": rng.choice(people)},
                )
                for _ in range(rng.randint(1, 60))
            ]
            memory.remember(turns, namespace="n")
            memory.learn(rng.choice(people), "likes", "tea", namespace="n")
            name = rng.choice(people)
            assert memory.forget(namespace="n", subject=name).wal == "emptied"
            files = b"".join(file.read_bytes() for file in tmp_path.iterdir())
            assert name.encode() not in files
            gone.add(name)
        for name in gone:
            memory.forget(namespace="n", subject=name)
        files = b"".join(file.read_bytes() for file in tmp_path.iterdir())
        assert {found.decode() for found in MARK.findall(files)}.isdisjoint(gone)


def test_a_context_tells_what_is_known_beside_the_evidence(memory):
    memory.remember("I live in Chengdu.", speaker="Wei", id="m1", at="2025-03-01", namespace="n")
    memory.remember("我住在北京。", speaker="小林", id="m2", at="2025-03-02", namespace="n")
    memory.remember("I live in Xi'an now.", speaker="Wei", id="m3", at="2025-06-01", namespace="n")
    context = memory.context("Where does Wei live?", namespace="n", facts=True)
    assert [(fact.subject, fact.object) for fact in context.facts] == [("Wei", "Xi'an")]
    assert "- Wei lives in Xi'an" in context.text
    assert "[m3]" in context.text
    assert context.tokens <= context.budget
    chinese = memory.context("小林住在哪里？", namespace="n", facts=True)
    assert [(fact.subject, fact.object) for fact in chinese.facts] == [("小林", "北京")]
    assert memory.context("Where does Wei live?", namespace="n").facts == ()
    assert memory.context("Where does Zoe live?", namespace="n", facts=True).facts == ()


@pytest.mark.parametrize(
    ("named", "moved", "name", "place"),
    [
        ("My sister Ana works for Bosch.", "My sister moved to Lyon.", "Ana", "Lyon"),
        ("我妹妹小美在博世工作。", "我妹妹搬到里昂了。", "小美", "里昂"),
    ],
)
def test_a_role_is_whoever_was_named_in_it(plain, named, moved, name, place):
    """Until a second one is named: then nobody knows which of them moved."""
    plain.remember([Turn(named, speaker="Wei"), Turn(moved, speaker="Wei")])
    assert objects(plain.facts(subject=name, relation="lives_in")) == [place]
    other = named.replace("Ana", "Ida").replace("小美", "小丽")
    plain.remember(other, speaker="Wei", id="other")
    assert plain.facts(subject=name, relation="lives_in") == []
    plain.forget(namespace="default", id="other")
    assert objects(plain.facts(subject=name, relation="lives_in")) == [place]
