"""A trained model asked by name:

what it offers, what it leans on, how sure it is, and what it says to names that it does not know.
"""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from remanence import kge
from remanence.errors import CheckpointError, ConfigError, InvalidInput
from remanence.kge.ranking import naive_ranks

HOW = {
    "model": "complex",
    "dim": 32,
    "epochs": 30,
    "batch": 32,
    "rate": 0.3,
    "initial": 0.05,
    "check": 10,
    "n3": 0.01,
}
TINY = {"dim": 8, "epochs": 2}


@pytest.fixture(scope="module")
def model(planted):
    return kge.train(planted, **HOW)


@pytest.fixture(scope="module")
def small():
    """Below 100 triples: nothing is held out."""
    return kge.train([("a", "likes", "b"), ("b", "likes", "c"), ("c", "owns", "a")], **TINY)


# -- predict --------------------------------------------------------------------------------------


def test_it_predicts_what_follows_the_rule_both_ways(model):
    right = [
        model.predict(f"p{n}", "lives_in", k=1, known=True, reasons=False)[0].tail == f"city{n % 6}"
        for n in range(48)
    ]
    assert np.mean(right) > 0.9
    heads = model.predict(tail="city1", relation="lives_in", k=8, known=True)
    assert np.mean([int(each.head[1:]) % 6 == 1 for each in heads]) > 0.8
    assert {(each.relation, each.tail) for each in heads} == {("lives_in", "city1")}


def test_best_comes_first_and_surest(model):
    found = model.predict("p3", "knows", k=20, known=True)
    scores, likely = ([getattr(each, name) for each in found] for name in ("score", "probability"))
    assert scores == sorted(scores, reverse=True)
    assert likely == sorted(likely, reverse=True)
    assert all(0 <= each <= 1 for each in likely)
    assert len(found) == 20


def test_what_the_graph_states_is_left_out_unless_asked_for(model):
    stated = set(model.graph.named())
    for query in ({"head": "p3"}, {"tail": "p3"}):
        new = model.predict(relation="knows", k=1000, **query)
        both = model.predict(relation="knows", k=1000, known=True, **query)
        assert not any(each.known for each in new)
        assert not stated & {(each.head, each.relation, each.tail) for each in new}
        assert len(both) == len(model.graph.entities)
        known = {(each.head, each.relation, each.tail) for each in both if each.known}
        assert known == {
            t for t in stated if t[1] == "knows" and (t[0] if "head" in query else t[2]) == "p3"
        }
        assert len(new) == len(both) - len(known)


def test_typed_answers_are_those_that_answer_the_relation_somewhere(model):
    tails = model.predict("p3", "lives_in", k=1000, known=True, typed=True)
    assert {each.tail for each in tails} == {f"city{n}" for n in range(6)}
    heads = model.predict(tail="province0", relation="lies_in", k=1000, known=True, typed=True)
    assert {each.head for each in heads} == {h for h, r, _ in model.graph.named() if r == "lies_in"}


def test_reasons_are_known_facts_that_say_the_same_of_another(model):
    stated = set(model.graph.named())
    for each in model.predict("p3", "lives_in", k=5, known=True):
        assert 0 < len(each.reasons) <= 3
        for head, relation, tail in each.reasons:
            assert (head, relation, tail) in stated
            assert relation == "lives_in"
            assert (head == each.head) != (tail == each.tail)
    assert model.predict("p3", "lives_in", k=1, reasons=False)[0].reasons == ()


def test_a_prediction_is_json(model):
    document = json.loads(
        json.dumps([each.as_json() for each in model.predict("p0", "knows", k=2)])
    )
    assert document[0].keys() >= {"head", "relation", "tail", "probability", "reasons", "known"}


@pytest.mark.parametrize("given", [{}, {"head": "p0", "tail": "p1"}])
def test_one_side_is_asked_for(model, given):
    with pytest.raises(InvalidInput, match="one of them"):
        model.predict(relation="knows", **given)


@pytest.mark.parametrize("k", [0, -1, 1.5, "3", True, None])
def test_a_count_is_a_whole_number_from_one_up(model, k):
    with pytest.raises(InvalidInput, match="k="):
        model.predict("p0", "knows", k=k)
    with pytest.raises(InvalidInput, match="k="):
        model.similar("p0", k=k)


def test_a_count_may_be_numpys(model):
    assert len(model.predict("p0", "knows", k=np.int64(2), reasons=False)) == 2


def test_unknown_names_are_told_with_those_that_come_close(model):
    with pytest.raises(
        InvalidInput, match=r"entity 'citty1' is not in the graph; did you mean 'city1'"
    ):
        model.predict("citty1", "lies_in")
    with pytest.raises(InvalidInput, match=r"relation 'livesin' .*did you mean 'lives_in'"):
        model.predict("p0", "livesin")
    with pytest.raises(
        InvalidInput, match=r"entity '火星' is not in the graph; it has 56, such as 'city0'"
    ):
        model.similar("火星")
    with pytest.raises(InvalidInput, match=r"did you mean 'city1'"):
        replace(model, calibration=None).plausibility(("p0", "lives_in", "citty1"))
    with pytest.raises(InvalidInput, match="relation '' is not in the graph"):
        model.predict("p0")


# -- similar --------------------------------------------------------------------------------------


def test_those_are_alike_who_are_said_the_same_of(model):
    """A neighbour of a person shares the city far oftener than one in six."""
    shared = [
        int(name[1:]) % 6 == n % 6
        for n in range(48)
        for name, _ in model.similar(f"p{n}", k=4)
        if name.startswith("p") and name[1:].isdigit()
    ]
    assert np.mean(shared) > 0.5


def test_likeness_is_a_cosine_nearest_first_without_oneself(model):
    found = model.similar("p0", k=1000)
    assert len(found) == len(model.graph.entities) - 1
    assert "p0" not in dict(found)
    cosines = [cosine for _, cosine in found]
    assert cosines == sorted(cosines, reverse=True)
    assert all(-1.001 <= cosine <= 1.001 for cosine in cosines)


# -- plausibility ---------------------------------------------------------------------------------


def test_what_is_true_is_more_plausible_than_what_is_corrupted(model, planted):
    random = np.random.default_rng(0)
    names, stated = model.graph.entities, set(planted)
    true = [planted[at] for at in random.permutation(len(planted))[:60]]
    false = [(h, r, names[random.integers(len(names))]) for h, r, _ in true]
    false = [each for each in false if each not in stated]
    likely, rare = ([model.plausibility(each) for each in part] for part in (true, false))
    assert all(0 <= each <= 1 for each in [*likely, *rare])
    assert np.mean([a > b for a in likely for b in rare]) > 0.95
    assert np.mean(likely) > 0.5 > np.mean(rare)


def test_plausibility_rises_with_the_prior(model):
    found = [
        model.plausibility(("p0", "knows", "p7"), prior) for prior in (0.001, 0.1, 0.5, 0.9, 0.999)
    ]
    assert found == sorted(found)
    assert found[0] < found[-1]


def test_without_a_prior_a_statement_is_as_rare_as_the_base(model):
    triple = ("p0", "knows", "p7")
    assert model.plausibility(triple, None) == pytest.approx(
        model.plausibility(triple, model.calibration.base)
    )


@pytest.mark.parametrize("prior", [0, 1, -0.1, 1.1, float("nan"), True])
def test_a_prior_is_a_probability_and_neither_certainty(model, prior):
    with pytest.raises(InvalidInput, match="prior="):
        model.plausibility(("p0", "knows", "p6"), prior)


@pytest.mark.parametrize(
    "triple", [("p0", "knows"), "p0 knows p6", ("p0", "knows", "nobody"), ("p0", "bites", "p6")]
)
def test_what_is_no_triple_of_the_graph_has_no_plausibility(model, triple):
    with pytest.raises(InvalidInput, match=r"not \(head, relation, tail\)|not in the graph"):
        model.plausibility(triple)


def test_where_nothing_was_held_out_there_is_no_probability(small):
    assert small.calibration is None
    assert [each.probability for each in small.predict("a", "likes")] == [None] * 2
    with pytest.raises(InvalidInput, match=r"nothing was held out .*valid="):
        small.plausibility(("a", "likes", "b"))


def test_a_model_measures_its_own_held_out_cases(model):
    """A case of each confirmed answer, and weights that add up to every entity that is no known
    answer.
    """
    held, others = model.graph.ids[:20], model.graph.ids[20:]
    evidence, confirmed, weight = model.cases(held)
    assert confirmed.sum() == 2 * len(held)
    assert evidence.max() <= 0
    queries = {(h, r, 0) for h, r, _ in held.tolist()} | {(t, r, 1) for _, r, t in held.tolist()}
    stated = sum(((others[:, 2 * side] == a) & (others[:, 1] == r)).sum() for a, r, side in queries)
    assert weight.sum() == pytest.approx(len(queries) * len(model.graph.entities) - stated)


# -- evaluate -------------------------------------------------------------------------------------


def test_evaluation_is_of_the_naive_ranks_with_known_ones_filtered(model):
    test, known = [("p0", "knows", "p7"), ("p1", "lives_in", "city3")], [("p0", "knows", "p8")]
    found = model.evaluate([*test, test[0]], known)
    e, r = model.graph.entities, model.graph.relations
    ids = kge.number(test, e, r).ids
    every = np.concatenate([model.graph.ids, ids, kge.number(known, e, r).ids])
    ranks = naive_ranks(model.recipe.scorer(), model.tables, len(r), ids, every)
    assert found.overall == kge.Quality.of(ranks.ravel())
    assert found.side["tail"] == kge.Quality.of(ranks[:, 0])
    assert found.unseen == 0
    assert found.seen == found.overall


def test_typed_ranks_are_among_fewer_and_never_worse(model):
    test = [("p0", "knows", "p7"), ("p1", "lives_in", "city3"), ("p2", "from", "province1")]
    loose, typed = (model.evaluate(test, typed=typed) for typed in (False, True))
    assert typed.overall.mrr >= loose.overall.mrr
    assert typed.overall.mr < loose.overall.mr
    assert model.evaluate([("p0", "lies_in", "p1")], typed=True).overall.count == 2


def test_names_that_are_unseen_are_counted_and_ranked_as_the_mean_of_all(model):
    test = [("p0", "knows", "p7"), ("stranger", "lives_in", "city1"), ("p2", "knows", "stranger")]
    found = model.evaluate(test)
    assert found.unseen == 2
    assert found.overall.count == 6
    assert found.seen == model.evaluate(test[:1], test[1:]).overall
    assert all(np.isfinite([found.overall.mrr, found.overall.mr]))


def test_a_relation_that_is_unseen_cannot_be_ranked(model):
    with pytest.raises(InvalidInput, match="relation 'bites' is not in the graph"):
        model.evaluate([("p0", "bites", "p1")])


def test_nothing_to_evaluate_has_quality_zero(model):
    assert model.evaluate([]).overall.count == 0


def test_progress_of_an_evaluation_is_told(model):
    told = []
    model.evaluate([("p0", "knows", "p7")], progress=lambda done, of: told.append((done, of)))
    assert told[-1] == (2, 2)


# -- train ----------------------------------------------------------------------------------------


def test_the_same_seed_is_the_same_model(planted):
    one, two = (kge.train(planted, **{**HOW, "epochs": 3}) for _ in range(2))
    assert torch.equal(one.tables.entity, two.tables.entity)
    assert one.calibration == two.calibration


def test_a_graph_comes_from_names_a_file_a_folder_or_a_split(tmp_path, planted):
    lines = "\n".join("\t".join(triple) for triple in planted[:40])
    (tmp_path / "train.txt").write_text(lines, encoding="utf-8")
    made = [
        kge.train(source, **TINY)
        for source in (planted[:40], tmp_path / "train.txt", str(tmp_path), kge.read(tmp_path))
    ]
    for each in made[1:]:
        assert torch.equal(each.tables.entity, made[0].tables.entity)
        assert each.graph.named() == planted[:40]


def test_valid_is_held_out_and_calibrates(planted):
    made = kge.train(planted[:-30], valid=planted[-30:], **{**HOW, "epochs": 10})
    assert made.calibration.cases == 60
    assert made.curve[-1].mrr is not None


def test_what_was_held_out_is_known_and_not_offered_as_news(planted):
    made = kge.train(planted[:-30], valid=planted[-30:], **{**HOW, "epochs": 10})
    assert sorted(made.graph.named()) == sorted(planted)
    head, relation, tail = planted[-1]
    assert tail not in [each.tail for each in made.predict(head, relation, k=100)]


def test_training_goes_on_from_its_checkpoint(tmp_path, planted):
    class Stop(Exception):
        pass

    def watch(tick):
        if tick.epoch == 3:
            raise Stop

    how = {**HOW, "epochs": 6, "check": 2}
    with pytest.raises(Stop):
        kge.train(planted, checkpoints=tmp_path, watch=watch, **how)
    resumed = kge.train(planted, checkpoints=str(tmp_path), **how)
    assert torch.equal(resumed.tables.entity, kge.train(planted, **how).tables.entity)
    with pytest.raises(CheckpointError, match="another recipe"):
        kge.train(planted, checkpoints=tmp_path, **{**how, "dim": 16})


def test_what_is_wrong_is_told_before_anything_is_trained(planted):
    with pytest.raises(InvalidInput, match="no triples to train on"):
        kge.train([])
    with pytest.raises(ConfigError, match="'word2vec' is none of transe"):
        kge.train(planted, "word2vec")
    with pytest.raises(ConfigError, match="has no deepness"):
        kge.train(planted, deepness=3)
    with pytest.raises(InvalidInput, match="cannot read"):
        kge.train("no such file")
    with pytest.raises(InvalidInput, match="triple 1"):
        kge.train(["a b c"])


@pytest.mark.parametrize("name", ["transe", "tucker"])
def test_one_entity_and_one_relation_are_a_graph(name):
    made = kge.train([("我", "是", "我")], name, **TINY)
    assert made.predict("我", "是") == []
    assert made.predict(tail="我", relation="是", known=True)[0].head == "我"
    assert made.similar("我") == []
    assert made.evaluate([("我", "是", "我")]).overall.mrr == 1


def test_a_model_of_every_name_can_be_asked(planted):
    for name in kge.SCORERS if hasattr(kge, "SCORERS") else ("transh", "transr", "rotate", "rote"):
        made = kge.train(planted[:60], name, **{**TINY, "epochs": 1})
        assert len(made.predict("p0", "knows", k=3)) == 3
        assert made.evaluate(planted[:5]).overall.count == 10
