"""What the memory's own facts make likely:

offered, never asserted, and gone with whatever is forgotten.
"""

import random
import re

import numpy as np
import pytest

import remanence
from remanence import knowledge
from remanence.errors import (
    CheckpointError,
    ConfigError,
    InvalidInput,
    StoreReadOnly,
    TrainingError,
)
from remanence.knowledge.graph import plausible_objects
from remanence.storage import models
from remanence.storage.store import find_namespace

FIRST = ["Ada", "Ben", "Cleo", "Dan", "Eva", "Finn", "Gwen", "Hugo", "Iris", "Jack"]
LAST = ["Adler", "Brooks", "Carver", "Dalton"]
GIVEN = ["建国", "志强", "丽华", "文博", "晓燕", "海涛", "雪梅", "思远", "佳怡", "俊杰"]
FAMILY = ["王", "李", "张", "刘"]
RECIPE = {"dim": 16, "epochs": 15, "precision": "float32"}


def people(language):
    """40 of them, each of one of four firms."""
    if language == "zh":
        return [family + given for given in GIVEN for family in FAMILY]
    return [f"{first} {last}" for first in FIRST for last in LAST]


def firm(language, at):
    return (
        (f"{'甲乙丙丁'[at]}天科技公司", f"{'甲乙丙丁'[at]}川镇")
        if language == "zh"
        else (
            f"Firm{'ABCD'[at]} Works",
            f"{'ABCD'[at]}ville",
        )
    )


def facts(language, leave=()):
    """Where one works tells where he lives, what he uses and speaks."""
    said = []
    for number, person in enumerate(people(language)):
        works, lives = firm(language, number % 4)
        said += [(person, "works_for", works), (person, "lives_in", lives)]
        said += [(person, "uses", f"{works} 软件"), (person, "speaks", f"{lives}话")]
    return [fact for fact in said if fact not in leave]


def learn(memory, triples, namespace):
    for subject, relation, value in triples:
        memory.learn(subject, relation, value, namespace=namespace)


def hidden(language):
    """What is not told: where the last person lives."""
    return (people(language)[-1], "lives_in", firm(language, 3)[1])


@pytest.fixture(scope="module", params=["en", "zh"])
def taught(request):
    """(memory, language):

    159 facts in `one`, a trained model; five other facts in `two`. Not to be changed.
    """
    with remanence.open(":memory:", embedder="hash:32") as memory:
        learn(memory, facts(request.param, leave=[hidden(request.param)]), "one")
        learn(memory, facts(request.param)[:5], "two")
        knowledge.train(memory, "one", **RECIPE)
        yield memory, request.param


@pytest.fixture
def changing(tmp_path):
    """(memory, path) as `taught` in English, in a file of its own."""
    path = tmp_path / "own.db"
    with remanence.open(path, embedder="hash:32") as memory:
        learn(memory, facts("en", leave=[hidden("en")]), "one")
        knowledge.train(memory, "one", **RECIPE)
        yield memory, path


def body(memory, namespace):
    with memory.store.reading() as connection:
        return models.read(connection, find_namespace(connection, namespace))


# -- offers -------------------------------------------------------------------------------------


def test_what_everybody_alike_has_is_offered_with_a_probability_and_reasons_in_words(taught):
    memory, language = taught
    subject, relation, value = hidden(language)
    (best, *_) = knowledge.predict_facts(memory, "one", subject, relation, k=3, least=0)
    assert (best.subject, best.relation, best.object, best.state) == (
        subject,
        relation,
        value,
        "predicted",
    )
    assert 0.2 < best.probability <= 1
    assert best.reasons
    assert all(
        (value in reason or subject in reason) and relation not in reason for reason in best.reasons
    )
    assert best.text in (f"{subject} lives in {value}.", f"{subject}住在{value}。")
    assert best.as_json()["reasons"] == best.reasons


def test_the_missing_fact_is_the_likeliest_of_all(taught):
    memory, language = taught
    offered = knowledge.predict_facts(memory, "one", k=50, least=0)
    assert [(o.subject, o.relation, o.object) for o in offered[:1]] == [hidden(language)]
    assert [o.probability for o in offered] == sorted(
        (o.probability for o in offered), reverse=True
    )


def test_no_offer_is_a_fact_or_becomes_one(taught):
    memory, _ = taught
    before = memory.facts(namespace="one", history=True)
    with memory.store.reading() as connection:
        seen = list(connection.all("SELECT count(*), max(id) FROM candidate"))
    offered = knowledge.predict_facts(memory, "one", k=100, least=0)
    assert offered
    assert memory.facts(namespace="one", history=True) == before
    known = set(knowledge.triples_of(memory, "one"))
    assert not known & {(o.subject, o.relation, o.object) for o in offered}
    with memory.store.reading() as connection:
        assert list(connection.all("SELECT count(*), max(id) FROM candidate")) == seen


def test_no_second_value_is_offered_where_there_can_be_but_one(taught):
    memory, language = taught
    for offer in knowledge.predict_facts(memory, "one", k=500, least=0):
        assert (
            offer.relation not in ("works_for", "lives_in") or offer.subject == hidden(language)[0]
        )
    assert knowledge.predict_facts(memory, "one", people(language)[0], "lives_in", least=0) == []


def test_objects_are_such_as_the_relation_has(taught):
    memory, _ = taught
    fits = plausible_objects(knowledge.triples_of(memory, "one"))
    for offer in knowledge.predict_facts(memory, "one", k=500, least=0):
        assert offer.object in fits[offer.relation]
    assert all("Works" not in name and "公司" not in name for name in fits["lives_in"])


def test_what_was_retracted_or_superseded_is_not_offered_again(changing):
    memory, _ = changing
    subject, relation, value = hidden("en")
    memory.learn(
        subject, relation, value, namespace="one", valid_from="2020-01-01", valid_until="2021-01-01"
    )
    offered = knowledge.predict_facts(memory, "one", subject, relation, k=10, least=0)
    assert offered
    assert value not in [offer.object for offer in offered]


def test_what_is_disliked_is_not_offered_as_liked():
    with remanence.open(":memory:", embedder="hash:32") as memory:
        said = [
            (person, "likes", thing)
            for person in people("en")
            for thing in ("chess", "tea", "jazz")
        ]
        subject = people("en")[0]
        learn(memory, [s for s in said if s != (subject, "likes", "jazz")], "n")
        memory.learn(subject, "dislikes", "jazz", namespace="n")
        knowledge.train(memory, "n", **RECIPE)
        assert "jazz" not in [
            o.object for o in knowledge.predict_facts(memory, "n", subject, "likes", least=0)
        ]


def test_a_small_graph_offers_nothing_and_says_why(taught):
    memory, _ = taught
    for namespace, count in (("two", 5), ("never used", 0)):
        offered = knowledge.predict_facts(memory, namespace)
        assert offered == []
        assert (
            f"{count} facts hold here; below {knowledge.LEAST_FACTS} nothing" in offered.withheld[0]
        )


def test_trained_is_on_what_holds_now():
    with remanence.open(":memory:", embedder="hash:32") as memory:
        memory.learn("Wei", "lives_in", "Chengdu", namespace="n", valid_from="2020-01-01")
        memory.learn("Wei", "lives_in", "Beijing", namespace="n", valid_from="2024-01-01")
        memory.remember("My name is Wei.", namespace="n", speaker="W")
        assert knowledge.triples_of(memory, "n") == [("Wei", "lives_in", "Beijing")]


# -- errors -------------------------------------------------------------------------------------


def test_an_empty_graph_is_no_graph_to_train_on(plain):
    with pytest.raises(InvalidInput, match=r"namespace 'nobody' holds no facts"):
        knowledge.train(plain, "nobody")
    plain.remember("hm", namespace="quiet")
    with pytest.raises(InvalidInput, match=r"namespace 'quiet' holds no facts"):
        knowledge.train(plain, "quiet")


def test_where_no_model_is_kept_it_is_said(taught):
    memory, _ = taught
    with pytest.raises(InvalidInput, match="no model is kept of namespace 'two'"):
        knowledge.load(memory, "two")


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"subject": "Nobody At All"}, "no fact that holds names"),
        ({"relation": "eats"}, "no fact that holds is one of 'eats'; there are lives_in"),
        ({"k": 0}, "k=0"),
        ({"least": 2}, "least=2 is no probability"),
        ({"subject": ""}, "subject is empty"),
    ],
)
def test_what_cannot_be_asked_is_refused(taught, given, says):
    with pytest.raises(InvalidInput, match=says):
        knowledge.predict_facts(taught[0], "one", **given)


def test_checkpoints_that_forgetting_would_not_reach_are_refused(taught, tmp_path):
    with pytest.raises(ConfigError, match="what forgetting does not reach"):
        knowledge.train(taught[0], "one", checkpoints=tmp_path)


def test_a_store_opened_read_only_trains_without_keeping(changing):
    _, path = changing
    with remanence.open(path, readonly=True) as reader:
        assert knowledge.predict_facts(reader, "one")
        with pytest.raises(StoreReadOnly):
            knowledge.train(reader, "one", **RECIPE)
        made = knowledge.train(reader, "one", keep=False, **RECIPE)
        assert knowledge.predict_facts(reader, "one", model=made)


def test_a_damaged_model_says_so(changing):
    memory, _ = changing
    memory.store.writing(lambda c: c.run("UPDATE model SET body = x'00' WHERE body IS NOT NULL"))
    with pytest.raises(CheckpointError, match="cannot be read.*train again"):
        knowledge.load(memory, "one")


# -- keeping ------------------------------------------------------------------------------------


def test_a_model_comes_back_as_it_was(taught):
    memory, language = taught
    made = knowledge.train(memory, "one", keep=False, **RECIPE)
    kept = knowledge.load(memory, "one")
    assert set(kept.graph.named()) == set(made.graph.named()) | set(
        knowledge.triples_of(memory, "one")
    )
    triple = facts(language)[0]
    assert kept.plausibility(triple) == pytest.approx(made.plausibility(triple), abs=1e-6)
    assert kept.similar(triple[0], 3) == [
        (n, pytest.approx(v, abs=1e-5)) for n, v in made.similar(triple[0], 3)
    ]


def test_the_kept_bytes_hold_no_word(taught):
    memory, language = taught
    kept = body(memory, "one")
    words = {word for fact in facts(language) for name in fact for word in re.split(r"[ _]", name)}
    for word in words:
        assert word in ("", "for", "in") or word.encode() not in kept.body
    assert b"relation" in kept.body, "the names of tensors, which are nobody's words"


def test_names_cannot_be_guessed_without_the_salt(changing):
    """Two models of the same facts have not one digest in common."""
    memory, _ = changing
    first = body(memory, "one")
    knowledge.train(memory, "one", **RECIPE)
    second = body(memory, "one")
    digests = [models.digest(kept.salt, "ada adler") for kept in (first, second)]
    assert digests[0] in first.body
    assert digests[1] in second.body
    assert digests[0] not in second.body
    assert second.id > first.id


def test_nothing_crosses_a_namespace(taught):
    memory, _ = taught
    first = body(memory, "one")
    assert body(memory, "two") is None
    learn(memory, [("Zed Zorn", "knows", "secret")], "three")
    knowledge.train(memory, "three", **RECIPE)
    assert body(memory, "one") == first
    assert "Zed Zorn" not in knowledge.load(memory, "one").graph.entities
    assert knowledge.load(memory, "three").graph.entities == ("Zed Zorn", "secret")
    memory.forget(namespace="three", everything=True)
    assert body(memory, "one") == first


def test_whoever_is_new_since_is_simply_unknown(changing):
    memory, _ = changing
    memory.learn("Newton Newman", "works_for", "FirmA Works", namespace="one")
    kept = knowledge.load(memory, "one")
    assert "Newton Newman" not in kept.graph.entities
    assert "Ada Adler" in kept.graph.entities
    assert knowledge.predict_facts(memory, "one", "Ada Adler").withheld == ()
    (why,) = knowledge.predict_facts(memory, "one", "Newton Newman").withheld
    assert "'Newton Newman' is newer than the model; train again" in why


def test_a_name_found_since_does_not_make_a_stranger(changing):
    memory, _ = changing
    for _ in range(8):
        memory.learn("Ada Adler", "also_known_as", "Countess Lovelace", namespace="one")
        memory.learn("Countess Lovelace", "plays", "the harp", namespace="one")
    assert ("Countess Lovelace", "works_for", "FirmA Works") in knowledge.triples_of(memory, "one")
    assert "Countess Lovelace" in knowledge.load(memory, "one").graph.entities


def test_an_encrypted_store_keeps_its_model_encrypted(tmp_path):
    path = tmp_path / "locked.db"
    with remanence.open(path, embedder="hash:32", key="k") as memory:
        learn(memory, facts("en")[:12], "one")
        knowledge.train(memory, "one", **RECIPE)
        kept = body(memory, "one")
        pieces = [kept.body[at : at + 32] for at in range(0, len(kept.body) - 32, 256)]
        stored = b"".join(file.read_bytes() for file in tmp_path.iterdir())
        assert not any(piece in stored for piece in pieces if piece.strip(b"\0 "))


# -- forgetting ---------------------------------------------------------------------------------


def on_disk(path):
    return b"".join(file.read_bytes() for file in path.parent.glob(path.name + "*"))


def test_forgetting_anything_takes_the_model_along_byte_for_byte(changing):
    memory, path = changing
    source = memory.facts(namespace="one", subject="Ada Adler", relation="lives_in")[0].sources[0]
    kept = body(memory, "one")
    pieces = {kept.body[at : at + 24] for at in range(0, len(kept.body) - 24, 24)} | {kept.salt}
    pieces = {piece for piece in pieces if len(set(piece)) > 8}
    assert any(piece in on_disk(path) for piece in pieces)
    receipt = memory.forget(namespace="one", id=source)
    assert (receipt.episodes, receipt.models, receipt.wal) == (1, 1, "emptied")
    assert not any(piece in on_disk(path) for piece in pieces)
    with pytest.raises(InvalidInput, match="something was forgotten since"):
        knowledge.load(memory, "one")
    assert memory.forget(namespace="one", speaker="nobody").models == 0


def test_what_matches_nothing_leaves_the_model(changing):
    memory, _ = changing
    assert memory.forget(namespace="one", id="none").models == 0
    assert memory.forget(namespace="other", everything=True).models == 0
    assert body(memory, "one") is not None


def test_a_model_whose_training_was_overtaken_by_forgetting_is_not_kept(changing):
    memory, _ = changing
    before = body(memory, "one")

    def watch(tick):
        if body(memory, "one") is not None:
            assert body(memory, "one") == before
            memory.forget(namespace="one", subject="Ben Brooks")

    with pytest.raises(TrainingError, match="something was forgotten in namespace 'one' while"):
        knowledge.train(memory, "one", watch=watch, **RECIPE)
    assert body(memory, "one") is None
    knowledge.train(memory, "one", **RECIPE)
    assert "Ben Brooks" not in knowledge.load(memory, "one").graph.entities


def test_a_model_held_on_to_offers_nothing_of_whom_was_forgotten(changing):
    memory, _ = changing
    held = knowledge.load(memory, "one")
    memory.forget(namespace="one", subject="Ada Adler")
    for offer in knowledge.predict_facts(memory, "one", k=500, least=0, model=held):
        assert "Ada Adler" not in f"{offer.subject} {offer.object} {offer.reasons}"


def test_fitting_objects_agree_with_the_slow_and_obvious_way():
    rng = random.Random(0)
    said = [
        (f"s{rng.randrange(9)}", f"r{rng.randrange(5)}", f"o{rng.randrange(12)}") for _ in range(40)
    ]
    own = {r: {o for _, q, o in said if q == r} for _, r, _ in said}
    for relation, found in plausible_objects(said).items():
        slow = set(own[relation])
        for other in own.values():
            shared = [o for o in other if o in own[relation]]
            if len(shared) >= 2 and len(shared) / min(len(other), len(own[relation])) >= 0.3:
                slow |= other
        assert found == slow


def test_one_query_scores_as_the_model_scores_it(taught):
    from remanence.knowledge import scoring

    memory, language = taught
    kept = knowledge.load(memory, "one")
    subject, relation, _ = facts(language)[0]
    at, kind = kept.graph.entities.index(subject), kept.graph.relations.index(relation)
    (mine,) = np.exp(scoring.evidence(kept, np.array([at]), kind))
    theirs = {
        p.tail: p.score for p in kept.predict(subject, relation, k=1000, known=True, reasons=False)
    }
    scores = np.array([theirs[name] for name in kept.graph.entities])
    np.testing.assert_allclose(mine, np.exp(scores) / np.exp(scores).sum(), rtol=1e-4, atol=1e-9)
