"""A reader learns from questions with answers, from made ones too, and what it gains is measured on
others.
"""

import json
from random import Random

import numpy as np
import pytest

import remanence
from remanence import embed
from remanence.errors import ConfigError, InvalidInput
from remanence.evals import making, reader, retrieval
from remanence.retrieval import reader as reading
from remanence.types import Turn

network = pytest.importorskip("remanence.neural.reader", exc_type=ImportError)

TOWNS = [
    "Dunmore",
    "Ashby",
    "Corley",
    "Elstow",
    "Farnham",
    "Girton",
    "Hexham",
    "Ilkley",
    "Kelso",
    "Ludlow",
    "Melrose",
    "Norham",
]
GIVEN = ["Ada", "Bruno", "Clara", "Dora", "Emil", "Felix", "Greta", "Hugo"]
FAMILY = ["Ames", "Birch", "Cole", "Dole"]
TRADES = ["painter", "engineer", "baker", "sailor", "tailor", "farmer"]
PLAN = network.ReaderPlan(members=2, width=8, hidden=12, hops=2, epochs=20, batch=8)


def write(folder, *, questions=True):
    """People, each born in a town; towns, whose passages say in other words what is asked of them;
    and passages that share the words of every question and answer none.
    """
    random = Random(0)
    memories, asked = [], []

    def add(id, text):
        memories.append({"namespace": "n", "id": id, "text": text})

    for town in TOWNS:
        crop = random.choice(("barley", "apples", "hops", "wool"))
        add(
            town,
            f"{town}. {town} sells {crop} every autumn. The crossing has {random.randint(3, 9)} spans.",
        )
    for number in range(6):
        add(
            f"b{number}",
            f"Bridge {number}. Bridge {number} has how many arches a bridge has in theory. Nobody counted them.",
        )
    for at, name in enumerate(f"{given} {family}" for given in GIVEN for family in FAMILY):
        town, trade = TOWNS[at % len(TOWNS)], random.choice(TRADES)
        add(
            name,
            f"{name}. {name} is a {trade} with two sisters. The {trade} comes from {town} and never left.",
        )
        text = f"How many arches has the bridge in the birthplace of {name}?"
        asked.append({"namespace": "n", "question": text, "gold": [name, town]})
    folder.mkdir(exist_ok=True)
    for name, lines in (("memories", memories), ("questions", asked)):
        if questions or name == "memories":
            text = "".join(json.dumps(line) + "\n" for line in lines)
            (folder / f"{name}.jsonl").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write(tmp_path_factory.mktemp("reader") / "towns")


@pytest.fixture(scope="module")
def views(folder):
    return reader.views(folder, embedder="hash:64")


@pytest.fixture(scope="module")
def trained(views):
    return reader.train([views.half(odd=False)], PLAN)


def test_recall_over_views_is_recall_over_memories(folder, views):
    """What fusion alone finds is the same number, measured either way."""
    report = retrieval.run(folder, embedder="hash:64")
    alone = reader.gains(reading.SILENT, views)[5]
    assert alone == pytest.approx([report.groups["all"].means["R@5"]] * 2)


def test_what_was_learnt_helps_with_questions_that_were_not_asked(trained, views):
    alone, read = reader.gains(trained, views.half(odd=True))[2]
    assert read > alone + 0.1


def test_the_gain_is_there_in_recall(folder, trained, tmp_path):
    path = tmp_path / "r.safetensors"
    reading.save(trained, path)
    alone = retrieval.run(folder, embedder="hash:64", k=2).groups["all"].means["R@2"]
    read = (
        retrieval.run(folder, embedder="hash:64", k=2, reader=str(path)).groups["all"].means["R@2"]
    )
    assert read > alone + 0.1


def test_the_same_seed_makes_the_same_reader_and_another_seed_another(trained, views):
    again = reader.train([views.half(odd=False)], PLAN)
    assert all(np.array_equal(trained.weights[n], again.weights[n]) for n in trained.weights)
    other = reader.train([views.half(odd=False)], network.ReaderPlan(2, 8, 12, 2, epochs=1, seed=1))
    assert not np.array_equal(trained.weights["see.weight"], other.weights["see.weight"])


def test_training_leaves_the_random_state_of_torch_alone(views):
    import torch

    torch.manual_seed(3)
    expected = torch.rand(2)
    torch.manual_seed(3)
    reader.train([views], network.ReaderPlan(1, 4, 4, 1, epochs=1))
    assert torch.equal(torch.rand(2), expected)


def test_padding_changes_no_score_and_no_gradient(views):
    """A question beside a larger one, against the question alone: odd sizes on purpose."""
    import torch

    large, small = reader.examples(views, 0.5)[:2]
    small = network.Example(
        small.scores[:17], small.columns[:17], small.has[:17, :5], small.share[:5],
        small.relations[:, :17, :17], np.arange(17) == 3,
    )  # fmt: skip
    twins = []
    for batch, at in (([small], 0), ([large, small], 1)):
        torch.manual_seed(0)
        made = network.ReaderNetwork(reading.shapes(3, 5, 7, 3), 3, 0.0)
        torch.nn.init.normal_(made.arrays["say_weight"])
        together = network.padded(batch)
        scores, added = made(together)
        one = network.padded([small])
        loss = network.loss_of(scores[:, at : at + 1, :17], added[:, at : at + 1, :17], one, 0.02)
        loss.backward()
        twins.append((scores[:, at, :17].detach(), [each.grad for each in made.parameters()]))
    (alone, gradients), (beside, others) = twins
    assert torch.allclose(alone, beside, atol=1e-5)
    assert all(torch.allclose(a, b, atol=1e-5) for a, b in zip(gradients, others, strict=True))


def test_a_fusion_that_was_made_up_is_described_as_a_real_one_is(views):
    """Gap, spread and rank computed in torch for made scores are those that a view has for its own."""
    import torch

    batch = network.padded(reader.examples(views, 0.5)[:3])
    placed = network.placed(batch.scores, batch.there)
    assert torch.allclose(placed, batch.columns[..., :3], atol=1e-4)
    still = network.ReaderPlan(lost_terms=0, lost_columns=0, arms=0.0, silent=0)
    layout = network.Layout(slice(3, 12), 8, 4.0)
    same = network.disturbed(batch, still, layout)
    assert torch.allclose(same.columns, batch.columns, atol=1e-4)
    assert torch.equal(same.scores, batch.scores) and torch.equal(same.has, batch.has)


def test_questions_are_made_from_passages_that_mention_one_another(folder):
    turns = retrieval.memories(folder)["n"]
    chosen = embed.load("hash:32")
    parted, questions = making.make(turns, 40, chosen, namespace="n", seed=1)
    assert making.make(turns, 40, chosen, namespace="n", seed=1) == (parted, questions)
    assert making.make(turns, 40, chosen, namespace="n", seed=2)[1] != questions
    texts = {part.id: part.text for part in parted}
    assert len(texts) == len(parted) > len(turns), "some passages are cut, each part with an id"
    assert all(
        any(turn.text.split(".")[0] == text.split(".")[0] for turn in turns)
        for text in texts.values()
    )
    assert len(questions) == 40
    for question in questions:
        assert question.namespace == "n" and question.gold <= set(texts) and len(question.gold) > 1
        assert question.text.endswith("?")


def test_a_reader_learns_from_passages_alone(tmp_path):
    passages = write(tmp_path / "alone", questions=False)
    made = reader.made_views(passages, 60, embedder="hash:64")
    assert made.name == "alone, made" and len(made.seen) == 60
    assert reader.train([made], network.ReaderPlan(1, 4, 4, 1, epochs=1)).embedder == made.embedder


def test_passages_that_lead_nowhere_make_no_question():
    turns = [Turn("I was late.", id="a"), Turn("猫叫豆豆。", id="b")]
    with pytest.raises(InvalidInput, match="none mentions a title of another"):
        making.make(turns, 5, embed.load("hash:32"), namespace="n")


def test_where_there_is_nothing_to_learn_from_it_is_said(tmp_path, views):
    lines = [
        {"namespace": "n", "id": f"m{at}", "text": f"I saw a {what}.", "speaker": "Wei"}
        for at, what in enumerate(("heron", "badger", "猫"))
    ]
    asked = [{"namespace": "n", "question": "heron", "gold": ["m0"]}]
    for name, rows in (("memories", lines), ("questions", asked)):
        (tmp_path / f"{name}.jsonl").write_text("\n".join(map(json.dumps, rows)))
    speech = reader.views(tmp_path, embedder="hash:64")
    assert speech.read(0.5) == 0 and speech.read(0) == 1
    with pytest.raises(InvalidInput, match="have a title; a lower --titled"):
        reader.train([speech], PLAN)
    assert reader.train([speech], network.ReaderPlan(1, 4, 4, 1, epochs=1), titled=0.0).titled == 0
    with pytest.raises(InvalidInput, match="vectors of one embedder"):
        reader.train([views, reader.Views("x", "other", speech.seen)], PLAN)


@pytest.mark.slow
def test_a_reader_from_a_shell(folder, tmp_path):
    from typer.testing import CliRunner

    from remanence.cli import app

    path = tmp_path / "r.safetensors"
    command = [
        "neural",
        "reader",
        str(folder),
        "-o",
        str(path),
        "--embedder",
        "hash:64",
        "--made",
        "30",
        "--epochs",
        "1",
    ]
    done = CliRunner().invoke(app, [*command, "--json"])
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert told["reader"] == str(path) and path.stat().st_size < 2_000_000
    assert set(told["held_out"]["towns"]) == {"R@2", "R@5", "R@10"}
    with remanence.open(":memory:", embedder="hash:64", reader=path) as memory:
        assert memory.recall("nothing") == []
    report = CliRunner().invoke(
        app, ["eval", "retrieval", str(folder), "--embedder", "hash:64", "--reader", str(path)]
    )
    assert report.exit_code == 0 and "R@5" in report.stdout, report.output
    for wrong, said in (
        (["--titled", "2"], "share"),
        (["--made", "-1"], "made"),
        (["--epochs", "0"], "epochs"),
    ):
        refused = CliRunner().invoke(app, [*command, *wrong])
        assert refused.exit_code == 2 and said in refused.stderr, refused.output


def test_a_plan_that_cannot_be_followed_is_refused():
    with pytest.raises(ConfigError, match="members"):
        network.ReaderPlan(members=0)
    with pytest.raises(ConfigError, match="rate"):
        network.ReaderPlan(rate=float("nan"))
