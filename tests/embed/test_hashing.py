"""The data-free embedder."""

import numpy as np

from remanence.embed.hashing import HashEmbedder


def test_its_vectors_are_the_same_on_every_machine() -> None:
    row = HashEmbedder(8).embed(["Chengdu"], "passage")[0] * np.sqrt(8)
    assert row.round().astype(int).tolist() == [-1, -1, 1, -1, 1, 1, 1, -1]


def test_chinese_sentences_that_share_characters_are_nearer() -> None:
    query, near, far = HashEmbedder(256).embed(
        ["魏住在哪里？", "魏住在成都。", "今天下雨了。"], "passage"
    )
    assert query @ near > query @ far + 0.2


def test_words_that_differ_are_nearly_orthogonal() -> None:
    rows = HashEmbedder(1024).embed([f"word{i}" for i in range(50)], "passage")
    assert abs(rows @ rows.T - np.eye(50)).max() < 0.25
