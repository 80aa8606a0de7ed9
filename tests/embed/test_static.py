"""The static table's fast path against a naive twin, and the claims that are its own."""

import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers

from remanence.embed import segmentation, tensors
from remanence.embed.static import REMEMBERED, TABLE, StaticEmbedder
from remanence.errors import EmbedderError

TEXTS = [
    "",
    "Hello, world!",
    "HELLO   world\u00a0\u3000again\ttab\nline",
    "don't re-enter antidisestablishmentarianism-like floccinaucinihilipilification",
    "Zoë’s naïve café in Ångström; İstanbul, STRASSE, straße, Łódź, Đorđe, ﬁne ½ ²",
    "我去年搬到了成都，住在 Chunxi Road 附近。",
    "ｆｕｌｌ ｗｉｄｔｈ　１２３",
    "Привет мир, مرحبا, नमस्ते, こんにちは, 안녕",
    "happy🙂birthday 👩‍👩‍👧 ok",
    "a\u0301 e\u0300bc x\u200by",
    "3.14159 2023-05-08T13:56:00 $1,000 50% v2.0",
    "mail me at someone@example.org or https://example.org/a_b?c=d#e",
    "x" * 99 + " " + "x" * 100 + " " + "x" * 101,
    "the " * 5000,
    "_under_score_ --- ... ???",
]


class Twin:
    """Hugging Face's own tokenizer, one text at a time, rows widened and summed in float64."""

    def __init__(self) -> None:
        arrays, _ = tensors.read(TABLE)
        tokens = arrays["tokens"].tobytes().decode().split("\n")
        vocabulary = {"[UNK]": 0} | {token: i for i, token in enumerate(tokens, start=1)}
        self.vocabulary = vocabulary
        self.rows, self.scale = arrays["rows"].astype(np.float64), arrays["scale"]
        self.tokenizer = Tokenizer(
            models.WordPiece(vocabulary, unk_token="[UNK]", max_input_chars_per_word=100)  # noqa: S106
        )
        self.tokenizer.normalizer = normalizers.Sequence(
            [normalizers.NFKD(), normalizers.StripAccents(), normalizers.Lowercase()]
        )
        self.tokenizer.pre_tokenizer = pre_tokenizers.Split(
            Regex("[^0-9a-z\u00df-\u00f6\u00f8-\u024f]+"), "removed"
        )

    def embed(self, texts: list[str]) -> NDArray[np.float64]:
        out = np.zeros((len(texts), self.rows.shape[1]))
        for i, text in enumerate(texts):
            ids = [*self.tokenizer.encode(text).ids]
            for word in segmentation.words(text):
                if ord(word[0]) >= 0x370:
                    ids += segmentation.token_ids(word, self.vocabulary)
            for token in ids:
                out[i] += self.rows[token]
            out[i] *= self.scale
            length = np.linalg.norm(out[i])
            out[i] /= length or 1
        return out


@pytest.fixture(scope="module")
def static() -> StaticEmbedder:
    return StaticEmbedder()


@pytest.fixture(scope="module")
def twin() -> Twin:
    return Twin()


@pytest.mark.parametrize("count", [0, 1, 2, len(TEXTS), 7 * len(TEXTS)])
def test_it_agrees_with_the_naive_twin(static: StaticEmbedder, twin: Twin, count: int) -> None:
    texts = (TEXTS * 7)[:count]
    assert np.allclose(static.embed(texts, "passage"), twin.embed(texts), atol=2e-6)


def test_it_agrees_with_the_naive_twin_on_random_text(static: StaticEmbedder, twin: Twin) -> None:
    """Letters of many scripts, marks, spaces and signs in random order, three hundred texts."""
    source = random.Random(5)
    alphabet = "abcdefghiklmnoprstuw ABZ 0123 .,'-_ éÜñßøıİǆǅ ﬀ²½ ﾟ\u0301\u200d 中文字 яΣς 🙂\ufeff"
    texts = ["".join(source.choices(alphabet, k=source.randrange(80))) for _ in range(300)]
    assert np.allclose(static.embed(texts, "query"), twin.embed(texts), atol=2e-6)


def test_where_the_blocks_are_cut_changes_nothing(static: StaticEmbedder) -> None:
    texts = [f"turn {i} says {'again ' * (i % 90)}" for i in range(200)]
    together = static.embed(texts, "passage")
    alone = np.vstack([static.embed([text], "passage") for text in texts])
    assert np.array_equal(together, alone)


def test_text_of_unknown_scripts_is_a_zero_row(static: StaticEmbedder) -> None:
    texts = ["ฉันย้ายบ้านแล้ว", "ამინდი კარგია", "🙂", "\ud800", "..."]
    assert not static.embed(texts, "passage").any()
    assert {"latin", "han", "hangul", "cyrillic"} <= static.scripts
    assert "thai" not in static.scripts


@pytest.mark.parametrize(
    ("query", "near", "far"),
    [
        ("狗生病了", "小狗不舒服，带它去看兽医", "我的车是红色的"),
        ("my dog is ill", "小狗不舒服，带它去看兽医", "我的车是红色的"),
        ("小狗不舒服", "the puppy felt sick", "my car is red"),
        ("犬が病気です", "the puppy felt sick", "my car is red"),
        ("собака больна", "the puppy felt sick", "my car is red"),
        ("Der Hund ist krank", "the puppy felt sick", "my car is red"),
        ("el perro está enfermo", "the puppy felt sick", "my car is red"),
        ("le chien est malade", "the puppy felt sick", "my car is red"),
        ("الكلب مريض", "the puppy felt sick", "my car is red"),
        ("कुत्ता बीमार है", "the puppy felt sick", "my car is red"),
        ("개가 병원에 갔어요", "the puppy saw a vet at the clinic", "my car is red"),
    ],
)
def test_languages_share_one_space(static: StaticEmbedder, query: str, near: str, far: str) -> None:
    first, second, third = static.embed([query, near, far], "passage")
    assert first @ second > first @ third + 0.1


def test_traditional_and_simplified_characters_have_one_vector(static: StaticEmbedder) -> None:
    traditional, simple = static.embed(["我對花生過敏", "我对花生过敏"], "passage")
    assert np.array_equal(traditional, simple)
    assert simple.any()


def test_english_beside_an_unknown_script_keeps_its_vector(static: StaticEmbedder) -> None:
    mixed, plain = static.embed(["ฉัน Python ამინდი music", "python music"], "passage")
    assert np.array_equal(mixed, plain)


def test_a_lone_surrogate_separates_words(static: StaticEmbedder) -> None:
    broken, plain = static.embed(["hello\ud800world", "hello world"], "passage")
    assert np.array_equal(broken, plain)


def test_meaning_beats_shared_words(static: StaticEmbedder) -> None:
    query, near, far = static.embed(
        ["my dog is ill", "the puppy felt sick", "my car is red"], "passage"
    )
    assert query @ near > query @ far


def test_more_distinct_words_than_it_remembers_change_no_vector(static: StaticEmbedder) -> None:
    before = static.embed(TEXTS, "passage")
    static.embed([" ".join(f"w{i}" for i in range(REMEMBERED + 100))], "passage")
    assert np.array_equal(static.embed(TEXTS, "passage"), before)
    assert len(static._chunks) <= REMEMBERED


def test_the_table_is_small_and_its_licence_travels_with_it() -> None:
    assert TABLE.stat().st_size < 24 * 2**20
    assert {"PROVENANCE.md", "LICENSE.apache-2.0", "LICENSE.mit"} <= {
        path.name for path in TABLE.parent.iterdir()
    }


@pytest.mark.parametrize("content", [b"", b"short", b"\xff" * 64, b"\2" + bytes(7) + b"{}"])
def test_a_damaged_table_is_reported_with_its_path(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "table.safetensors"
    path.write_bytes(content)
    with pytest.raises(EmbedderError, match=r"table\.safetensors"):
        StaticEmbedder(path)


def test_an_absent_table_is_reported_with_its_path(tmp_path: Path) -> None:
    with pytest.raises(EmbedderError, match=r"absent\.safetensors"):
        StaticEmbedder(tmp_path / "absent.safetensors")


def test_it_imports_neither_torch_nor_a_tokenizer() -> None:
    code = (
        "import sys; from remanence.embed import load; load().embed(['hello'], 'query'); "
        "print(sorted({'torch', 'transformers', 'tokenizers', 'httpx'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
