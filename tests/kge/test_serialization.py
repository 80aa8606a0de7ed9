"""A model as a file:

it comes back as it was, replaces the old one whole or not at all, and what is no model is refused
with words.
"""

import json
import struct
from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from remanence import kge
from remanence.errors import CheckpointError

NAMES = [
    ("王伟", "喜欢", "成都"),
    ("王伟", "住在", "北京\t大学\n"),
    ("Zoë's", "喜欢", "🙂"),
    ("\x00", "住在", "成都"),
]
TINY = {"dim": 8, "epochs": 2}


@pytest.fixture(scope="module")
def model(planted):
    return kge.train([*planted, *NAMES], "rotate", **TINY)


@pytest.fixture
def saved(model, tmp_path):
    return model.save(tmp_path / "model.safetensors")


def header(path):
    """The JSON of a safetensors file: it is length, JSON, numbers."""
    content = path.read_bytes()
    (size,) = struct.unpack("<Q", content[:8])
    return json.loads(content[8 : 8 + size])


def rewritten(path, change=lambda about: None, **tensors):
    """The file with what `change` did to its description, and other tensors;

    None takes one away.
    """
    about = json.loads(header(path)["__metadata__"]["remanence"])
    change(about)
    kept = {name: each for name, each in {**load_file(path), **tensors}.items() if each is not None}
    save_file(kept, path, {"remanence": json.dumps(about)})
    return path


def test_a_model_comes_back_as_it_was(model, saved):
    again = kge.load(saved)
    assert (again.recipe, again.graph.entities, again.graph.relations) == (
        model.recipe, model.graph.entities, model.graph.relations,
    )  # fmt: skip
    assert (again.calibration, again.curve, again.stopped) == (
        model.calibration,
        model.curve,
        model.stopped,
    )
    for name, table in model.tables.named().items():
        assert torch.equal(again.tables.named()[name], table)
    np.testing.assert_array_equal(again.graph.ids, model.graph.ids)


def test_it_answers_as_it_did(model, saved):
    again = kge.load(str(saved))
    for head, relation, _ in NAMES:
        found, before = (each.predict(head, relation, k=5, known=True) for each in (again, model))
        assert [replace(each, score=0, probability=0) for each in found] == [
            replace(each, score=0, probability=0) for each in before
        ]
        for one, two in zip(found, before, strict=True):
            assert (one.score, one.probability) == pytest.approx((two.score, two.probability))
        assert dict(again.similar(head)) == pytest.approx(dict(model.similar(head)), abs=1e-5)
    assert again.plausibility(NAMES[0]) == pytest.approx(model.plausibility(NAMES[0]))
    assert again.evaluate(NAMES) == model.evaluate(NAMES)


def test_a_model_without_calibration_or_held_out_comes_back(tmp_path):
    made = kge.train(NAMES, **TINY)
    again = kge.load(made.save(tmp_path / "deep" / "model"))
    assert again.calibration is None
    found, before = (each.predict("王伟", "喜欢") for each in (again, made))
    assert [replace(each, score=0) for each in found] == [replace(each, score=0) for each in before]
    assert [each.score for each in found] == pytest.approx([each.score for each in before])


def test_names_of_half_a_character_are_kept_too(tmp_path):
    made = kge.train([("\ud800 broken", "r", "b")], **TINY)
    assert kge.load(made.save(tmp_path / "model")).graph.entities == ("\ud800 broken", "b")


def test_a_folder_stands_for_the_model_in_it(saved):
    assert kge.load(saved.parent).recipe == kge.load(saved).recipe


def test_the_file_is_tensors_and_json(saved):
    about = header(saved)
    assert about.keys() == {"__metadata__", "entity", "relation", "shared", "triples"}
    assert json.loads(about["__metadata__"]["remanence"])["format"] == "remanence-kge 1"


def test_saving_again_replaces_the_file_and_leaves_nothing_beside(model, saved):
    before = saved.read_bytes()
    model.save(saved)
    assert saved.read_bytes() == before
    assert [path.name for path in saved.parent.iterdir()] == ["model.safetensors"]


@pytest.mark.parametrize("inside", [True, False])
def test_where_it_cannot_be_written_it_is_an_error_and_nothing_is_left(model, tmp_path, inside):
    taken = tmp_path / "taken"
    taken.write_text("a file") if inside else taken.mkdir()
    with pytest.raises(CheckpointError, match="cannot write .*taken"):
        model.save(taken / "model" if inside else taken)
    assert [path.name for path in tmp_path.iterdir()] == ["taken"]


@pytest.mark.parametrize("content", [b"", b"not a model at all", b"\x80\x04pickle", b"\xff" * 64])
def test_garbage_is_no_model(tmp_path, content):
    path = tmp_path / "model"
    path.write_bytes(content)
    with pytest.raises(CheckpointError, match="cannot read .*model as a model"):
        kge.load(path)


def test_what_is_missing_is_no_model(tmp_path):
    for path in (tmp_path / "absent", tmp_path):
        with pytest.raises(CheckpointError, match="cannot read"):
            kge.load(path)


def test_a_file_cut_short_is_no_model(saved):
    content = saved.read_bytes()
    for size in (4, 100, len(content) // 2, len(content) - 1):
        saved.write_bytes(content[:size])
        with pytest.raises(CheckpointError, match="cannot read"):
            kge.load(saved)


@pytest.mark.parametrize(
    "about", [None, {}, {"remanence": "{"}, {"remanence": "[]"}, {"remanence": '{"format": "2"}'}]
)
def test_tensors_of_others_are_no_model(tmp_path, about):
    save_file({"entity": torch.zeros(2, 2)}, tmp_path / "other", about)
    with pytest.raises(CheckpointError, match="kge train"):
        kge.load(tmp_path / "other")


@pytest.mark.parametrize(
    "change",
    [
        lambda about: about.pop("recipe"),
        lambda about: about.pop("stopped"),
        lambda about: about["recipe"].update(model="gnn"),
        lambda about: about["recipe"].update(dim="8"),
        lambda about: about["recipe"].update(depth=3),
        lambda about: about.update(calibration={"slope": 1}),
        lambda about: about.update(curve=[{"at": 1}]),
        lambda about: about.update(entities=None),
    ],
)
def test_a_description_that_is_not_ours_is_refused(saved, change):
    with pytest.raises(CheckpointError, match="model.safetensors"):
        kge.load(rewritten(saved, change))


@pytest.mark.parametrize(
    ("change", "table"),
    [
        (lambda about: about["recipe"].update(dim=16), "entity"),
        (lambda about: about["recipe"].update(model="complex"), "relation"),
        (
            lambda about: about["recipe"].update(reciprocal=not about["recipe"]["reciprocal"]),
            "relation",
        ),
        (lambda about: about["entities"].append("one more"), "entity"),
        (lambda about: about["relations"].pop(), "relation"),
    ],
)
def test_tables_of_another_model_are_refused(saved, change, table):
    with pytest.raises(CheckpointError, match=f"table '{table}' is .*another model"):
        kge.load(rewritten(saved, change))


def test_tables_that_are_not_whole_are_refused(saved, model):
    with pytest.raises(CheckpointError, match="lacks 'relation'"):
        kge.load(rewritten(saved, relation=None))
    broken = model.tables.entity.clone()
    broken[3, 1] = torch.nan
    model.save(saved)
    with pytest.raises(CheckpointError, match="not finite; it is damaged"):
        kge.load(rewritten(saved, entity=broken))


@pytest.mark.parametrize("ids", [[[0, 0, 10_000]], [[0, 99, 0]], [[-1, 0, 0]], [0, 1, 2]])
def test_triples_that_no_table_has_rows_for_are_refused(saved, ids):
    with pytest.raises(CheckpointError, match="triples"):
        kge.load(rewritten(saved, triples=torch.tensor(ids)))
