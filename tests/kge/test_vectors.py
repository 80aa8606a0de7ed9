"""Vectors for other programs, and the picture of a training."""

import io
import json

import numpy as np
import pytest

from remanence import kge
from remanence.errors import InvalidInput
from remanence.kge import curves, vectors

NAMES = ["王伟", "a\tb \n c", "Zoë"]
TABLE = np.array([[0.5, -1.25], [1e-8, 3.0], [1 / 3, 0.0]], np.float32)


def written(form):
    return b"".join(vectors.FORMS[form](NAMES, TABLE))


def test_tsv_is_a_name_and_its_numbers_a_line():
    lines = written("tsv").decode().split("\n")
    assert lines[-1] == ""
    names, *columns = zip(*(line.split("\t") for line in lines[:-1]), strict=True)
    assert names == ("王伟", "a b c", "Zoë")
    np.testing.assert_allclose(np.array(columns, np.float32).T, TABLE, rtol=1e-6)


def test_jsonl_keeps_names_and_numbers_exactly():
    rows = [json.loads(line) for line in written("jsonl").decode().splitlines()]
    assert [row["name"] for row in rows] == NAMES
    np.testing.assert_array_equal(np.array([row["vector"] for row in rows], np.float32), TABLE)


def test_npz_is_an_archive_that_numpy_reads_without_pickle():
    with np.load(io.BytesIO(written("npz")), allow_pickle=False) as archive:
        assert archive["names"].tolist() == NAMES
        np.testing.assert_array_equal(archive["vectors"], TABLE)


@pytest.mark.parametrize("reciprocal", [True, False])
def test_every_row_of_relations_has_a_name(reciprocal):
    model = kge.train([("a", "likes", "b")], "complex", dim=4, epochs=1, reciprocal=reciprocal)
    names = vectors.relations(model)
    assert names == (["likes", "likes^-1"] if reciprocal else ["likes"])
    assert len(names) == len(model.tables.relation)


@pytest.mark.parametrize(
    ("suffix", "start"), [("svg", b"<?xml"), ("png", b"\x89PNG"), ("pdf", b"%PDF")]
)
def test_curves_are_a_picture(tmp_path, suffix, start, planted):
    curve = (
        kge.train(planted, "complex", dim=4, epochs=3, check=1).curve if suffix == "svg" else None
    )
    curve = curve or kge.train([("a", "likes", "b")], dim=4, epochs=1).curve
    path = curves.draw(curve, tmp_path / "deep" / f"curve.{suffix}", "a title")
    assert path.read_bytes().startswith(start)


def test_what_cannot_be_drawn_is_said(tmp_path):
    curve = kge.train([("a", "likes", "b")], dim=4, epochs=1).curve
    with pytest.raises(InvalidInput, match=r"cannot draw .*curve\.docx"):
        curves.draw(curve, tmp_path / "curve.docx", "a title")
    with pytest.raises(InvalidInput, match="no curve to draw"):
        curves.draw([], tmp_path / "curve.svg", "a title")
