"""Recommendation on small graphs written here:

whom it suits, why, and that it says nothing else.
"""

import itertools
import subprocess
import sys

import numpy as np
import pytest

from remanence.errors import CheckpointError, InvalidInput

pytest.importorskip("torch")

from remanence.apps import recommend

GENRES = ("jazz", "grunge")
PEOPLE, RECORDS = 12, 8  # of each taste


def two_tastes():
    """People who like five of the eight records of one genre each, and the records' genres."""
    likes = [
        (f"{genre} lover {person}", f"{genre} record {(person + step) % RECORDS}")
        for genre in GENRES
        for person in range(PEOPLE)
        for step in range(5)
    ]
    told = [(f"{genre} record {at}", "genre", genre) for genre in GENRES for at in range(RECORDS)]
    return likes, told


@pytest.fixture(scope="module")
def trained():
    """Read only: tests that change a recommender train their own."""
    return recommend.train(*two_tastes())


def small(**options):
    likes = [
        ("Wei", "Kind of Blue"),
        ("Ana", "Kind of Blue"),
        ("Ana", "Blue Train"),
        ("Tom", "Nevermind"),
        ("Tom", "In Utero"),
    ]
    told = [
        ("Kind of Blue", "genre", "jazz"),
        ("Blue Train", "genre", "jazz"),
        ("Nevermind", "genre", "grunge"),
        ("In Utero", "genre", "grunge"),
    ]
    return recommend.train(likes, told, **options)


def names(found):
    return [each.item for each in found]


# -- whom it suits -------------------------------------------------------------------------------


@pytest.mark.parametrize("genre", GENRES)
def test_recommendations_come_from_the_users_own_community(trained, genre):
    for person in range(PEOPLE):
        first = names(trained.recommend(f"{genre} lover {person}", k=3))
        assert len(first) == 3
        assert all(item.startswith(genre) for item in first)


def test_a_count_may_be_numpys(trained):
    assert len(trained.recommend("jazz lover 0", k=np.int64(2), reasons=False)) == 2


def test_what_the_user_has_is_not_recommended(trained):
    had = set(trained.profile("jazz lover 0").items)
    assert len(had) == 5
    assert not had & set(names(trained.recommend("jazz lover 0", k=100)))


def test_scores_agree_with_the_order_of_recommendations_and_are_likelihoods(trained):
    found = trained.recommend("jazz lover 1", k=11, reasons=False)
    assert [each.score for each in found] == sorted((each.score for each in found), reverse=True)
    for each in found:
        assert each.score == pytest.approx(trained.score("jazz lover 1", each.item))
    shares = np.exp(trained.scores("jazz lover 1")) / len(trained.items)
    assert shares.sum() == pytest.approx(1)


def test_the_weights_were_chosen_by_held_out_interactions(trained):
    assert trained.weights.cases > 0
    assert min(trained.weights.walk, trained.weights.embedding) >= 0


@pytest.mark.parametrize(
    "parts", [("walk",), ("embedding",), ("walk", "popularity"), ("embedding", "popularity")]
)
def test_each_part_alone_tells_the_communities_apart(parts):
    made = recommend.train(*two_tastes(), parts=parts)
    assert names(made.recommend("grunge lover 2", k=1))[0].startswith("grunge")


def test_the_same_arguments_make_the_same_recommender(trained):
    again = recommend.train(*two_tastes())
    assert again.recommend("jazz lover 3", k=9) == trained.recommend("jazz lover 3", k=9)
    assert again.weights == trained.weights


def test_dislikes_count_against_the_item_and_what_is_like_it():
    likes, told = two_tastes()
    likes += [("Wei", "jazz record 0"), ("Wei", "grunge record 0")]
    against = [("Wei", "grunge record 1"), ("Wei", "grunge record 2")]
    plain = recommend.train(likes, told)
    made = recommend.train(likes, told, dislikes=against)
    assert not {"grunge record 1", "grunge record 2"} & set(names(made.recommend("Wei", k=100)))
    assert names(made.recommend("Wei", k=1))[0].startswith("jazz")
    margin = [
        each.score("Wei", "jazz record 3") - each.score("Wei", "grunge record 3")
        for each in (plain, made)
    ]
    assert margin[1] > margin[0]


def test_a_user_and_an_item_of_one_name_are_two():
    made = recommend.train([("0", "1"), ("1", "1"), ("1", "0"), ("2", "2")])
    assert names(made.recommend("0", k=1)) == ["0"]


# -- newcomers -----------------------------------------------------------------------------------


def test_a_new_item_ranks_high_for_those_who_like_its_facts_and_low_for_others():
    made = recommend.train(*two_tastes())
    made.add_item("new jazz record", [("genre", "jazz")])
    for person in range(PEOPLE):
        assert made.score(f"jazz lover {person}", "new jazz record") > made.score(
            f"grunge lover {person}", "new jazz record"
        )
    assert "new jazz record" in names(made.recommend("jazz lover 0", k=4))


def test_an_item_that_nobody_has_is_known_by_its_facts_from_the_start():
    likes, told = two_tastes()
    made = recommend.train(likes, [*told, ("unheard", "genre", "grunge")])
    assert "unheard" in made.items
    assert "unheard" in names(made.recommend("grunge lover 0", k=4))


def test_a_new_user_is_known_by_a_history():
    made = recommend.train(*two_tastes())
    made.add_user("Ana", items=["jazz record 0", "jazz record 1"])
    assert all(item.startswith("jazz") for item in names(made.recommend("Ana", k=5)))


def test_a_new_user_is_known_by_facts():
    likes, told = two_tastes()
    towns = [
        (f"{genre} lover {at}", "lives_in", f"{genre} town")
        for genre in GENRES
        for at in range(PEOPLE)
    ]
    made = recommend.train(likes, told + towns)
    made.add_user("Ana", facts=[("lives_in", "grunge town")])
    assert all(item.startswith("grunge") for item in names(made.recommend("Ana", k=5)))
    assert made.profile("Ana").facts == (("lives_in", "grunge town"),)


def test_what_is_learnt_of_a_known_user_moves_the_recommendations():
    made = small()
    before = made.score("Wei", "In Utero")
    made.add_user("Wei", items=["Nevermind"])
    assert made.score("Wei", "In Utero") > before
    assert made.profile("Wei").items == ("Kind of Blue", "Nevermind")


def test_somebody_known_by_facts_becomes_a_user_with_them():
    made = recommend.train([("Ana", "Blue Train")], [("Lin", "lives_in", "Oslo")])
    made.add_user("Lin", items=["Blue Train"])
    assert made.profile("Lin").facts == (("lives_in", "Oslo"),)
    assert made.profile("Lin").items == ("Blue Train",)


def test_a_profile_says_what_the_items_share(trained):
    assert trained.profile("grunge lover 4").tastes == (("genre", "grunge", 1.0),)


# -- reasons -------------------------------------------------------------------------------------


def test_reasons_are_paths_in_words():
    best = small().recommend("Wei", k=1)[0]
    assert best.item == "Blue Train"
    assert set(best.reasons) == {
        "Wei likes Kind of Blue, and 1 other chose both Kind of Blue and Blue Train",
        "Wei likes Kind of Blue, Kind of Blue's genre is jazz and Blue Train's genre is jazz",
    }


def test_reasons_in_chinese_where_the_names_are():
    likes = [("小明", "三体"), ("小红", "三体"), ("小红", "流浪地球"), ("小刚", "红楼梦")]
    told = [
        ("三体", "written_by", "刘慈欣"),
        ("流浪地球", "written_by", "刘慈欣"),
        ("红楼梦", "written_by", "曹雪芹"),
    ]
    best = recommend.train(likes, told).recommend("小明", k=1)[0]
    assert best.item == "流浪地球"
    assert set(best.reasons) == {
        "小明喜欢三体，另有1人同时选择了三体和流浪地球",
        "小明喜欢三体，三体由刘慈欣创作，流浪地球由刘慈欣创作",
    }


def test_a_relation_given_with_an_interaction_stands_in_its_reason():
    made = recommend.train(
        [("Wei", "owns", "Canon R5"), ("Ana", "owns", "Canon R5"), ("Ana", "bought", "EF 50mm")]
    )
    assert made.reasons("Wei", "EF 50mm") == (
        "Wei owns Canon R5, and 1 other chose both Canon R5 and EF 50mm",
    )


def test_a_fact_of_the_user_is_a_reason():
    made = recommend.train(
        [("Ana", "Blue Train")], [("Wei", "likes", "jazz"), ("Blue Train", "genre", "jazz")]
    )
    assert made.reasons("Wei", "Blue Train") == ("Wei likes jazz and Blue Train's genre is jazz",)


def test_reasons_state_edges_of_the_graph_alone(trained):
    likes, told = two_tastes()
    true = {f"{user} likes {item}" for user, item in likes} | {
        f"{item}'s {relation} is {value}" for item, relation, value in told
    }
    both = {}
    for user, item in likes:
        both.setdefault(item, set()).add(user)
    checked = 0
    for person, genre in itertools.product(range(PEOPLE), GENRES):
        user = f"{genre} lover {person}"
        for found in trained.recommend(user, k=11):
            for reason in found.reasons:
                if " chose both " in reason:
                    first, rest = reason.split(", and ")
                    count, pair = rest.split(" chose both ")
                    one, other = pair.split(" and ")
                    others = (both[one] & both[other]) - {user}
                    assert int(count.split()[0]) == len(others)
                    assert other == found.item
                    said = [first]
                elif reason.endswith(f"chose {found.item}"):
                    assert reason.startswith(f"{len(both[found.item])} ")
                    said = []
                else:
                    said = reason.replace(" and ", ", ").split(", ")
                assert set(said) <= true, reason
                checked += 1
    assert checked > 100


def test_other_users_are_not_named_in_reasons(trained):
    for found in trained.recommend("jazz lover 0", k=11):
        for reason in found.reasons:
            assert reason.count(" lover ") <= 1


def test_where_no_path_leads_the_reason_is_how_many_have_it():
    made = small()
    assert made.reasons("Wei", "Nevermind") == ("another user chose Nevermind",)


def test_a_longer_path_is_told_where_there_is_no_short_one():
    made = recommend.train(
        [("Wei", "A"), ("Ana", "A"), ("Ana", "B"), ("Tom", "Z")],
        [("B", "genre", "jazz"), ("C", "genre", "jazz")],
        items=["C"],
    )
    assert made.reasons("Wei", "C") == (
        "Wei likes A, another user likes A, another user likes B, B's genre is jazz and C's "
        "genre is jazz",
    )


# -- keeping and errors --------------------------------------------------------------------------


@pytest.mark.parametrize("parts", [("walk", "embedding", "factors", "popularity"), ("walk",)])
def test_a_saved_recommender_says_the_same_when_loaded(tmp_path, parts):
    made = small(parts=parts)
    made.add_item("In Bloom", [("genre", "grunge")])
    made.add_user("小明", items=["Nevermind"], dislikes=["Blue Train"])
    loaded = recommend.load(made.save(tmp_path / "kept"))
    for user in made.users:
        assert loaded.recommend(user) == made.recommend(user)
    loaded.add_user("Lin", items=["In Bloom"])
    assert names(loaded.recommend("Lin"))


def test_a_damaged_folder_is_refused(tmp_path):
    folder = small().save(tmp_path / "kept")
    (folder / "graph.json").write_text("{}")
    with pytest.raises(CheckpointError, match="no recommender of ours"):
        recommend.load(folder)
    with pytest.raises(CheckpointError, match="cannot read"):
        recommend.load(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("ask", "told"),
    [
        (lambda made: made.recommend("Wie"), "did you mean 'Wei'"),
        (lambda made: made.recommend("Blue Train"), "is not known"),
        (lambda made: made.score("Wei", "Blue Trian"), "did you mean 'Blue Train'"),
        (lambda made: made.score("Wei", "jazz"), "item 'jazz' is not known"),
        (lambda made: made.recommend("Wei", k=0), "k"),
        (lambda made: made.add_user("Lin"), "nothing is told of user 'Lin'"),
        (lambda made: made.add_user("Lin", items=["nowhere"]), "item 'nowhere' is not known"),
        (lambda made: made.add_user("Lin", items="Blue Train"), "is one text"),
        (lambda made: made.add_item("In Bloom"), "nothing is told of item 'In Bloom'"),
        (lambda made: made.add_item("In Bloom", [("genre",)]), "is not (relation, value)"),
        (lambda _: recommend.train([]), "no interactions"),
        (lambda _: recommend.train([("Wei",)]), "is not (user, item)"),
        (lambda _: recommend.train(["Wei likes jazz"]), "is not (user, item)"),
        (lambda _: recommend.train([("Wei", " ")]), "blank"),
        (lambda _: recommend.train([(1, 2)]), "no text"),
        (lambda _: recommend.train([("Wei", "x")], [("x", "genre")]), "is not (subject, relation"),
        (lambda _: recommend.train([("Wei", "x")], items="x"), "is one text"),
        (lambda _: recommend.train([("Wei", "x")], parts=("magic",)), "magic"),
    ],
)  # fmt: skip
def test_what_cannot_be_says_why(ask, told):
    made = small(parts=("walk",))
    before = made.recommend("Wei")
    with pytest.raises(InvalidInput) as raised:
        ask(made)
    assert told in str(raised.value)
    assert made.recommend("Wei") == before


def test_without_torch_the_extra_is_named():
    code = (
        "import sys; sys.modules['torch'] = None\n"
        "from remanence.errors import MissingExtra\n"
        "try:\n    import remanence.apps.recommend\n"
        "except MissingExtra as error:\n    print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert 'pip install "remanence[kge]"' in done.stdout, done.stderr
