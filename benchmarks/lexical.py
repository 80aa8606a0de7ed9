"""Which text index: Remanence's own in memory, SQLite's FTS5, and (where installed) tantivy and
bm25s.

All index the same terms of the same turns, so that analysis is out of the picture, and answer the
same questions, whose words are mostly common ones, with the best 300 rows by BM25: that is what
recall asks of its lexical arm. "pruned" reads the rarest terms only, up to 400,000 postings, which
is how recall uses its own index; the same rule is tried on FTS5. R@10 is the share of an engine's
ten best rows whose exact score (all terms, its k1 and b) is no worse than the tenth best; formulas
of idf and rounding differ a little.
"""

import importlib.metadata
import importlib.util
import shutil
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import apsw
import corpus
import numpy as np
import report

from remanence.retrieval.candidates import POSTINGS, largest
from remanence.retrieval.lexical import Lexical
from remanence.retrieval.pool import K1, B
from remanence.storage.appending import POSTING
from remanence.text import words

WANTED = 300
JOINED = "_-.,@:/+''"  # marks inside our terms, where FTS5 must not cut; the quote is doubled twice
Search = Callable[[Sequence[str]], Sequence[int]]


@dataclass(frozen=True)
class Built:
    """An index, and what it cost."""

    seconds: float
    megabytes: float
    searches: dict[str, Search]  # variant -> rows, best first


def load(documents: list[list[str]]) -> tuple[Lexical, float]:
    """Our index and the seconds it took, from the stored postings, as when a namespace is loaded."""
    blobs = [_blob(terms) for terms in documents]
    started = time.perf_counter()
    index = Lexical()
    for start in range(0, len(blobs), 32_768):
        index.extend(blobs[start : start + 32_768])
    index.settle()
    return index, time.perf_counter() - started


def weighed(terms: Sequence[str]) -> list[tuple[int, float]]:
    """What `Lexical.scores` takes."""
    return [(words.hash32(term), 1.0) for term in terms]


def ours(documents: list[list[str]], _: Path) -> Built:
    """In memory."""
    index, seconds = load(documents)

    def search(terms: Sequence[str], budget: int) -> Sequence[int]:
        scores = index.scores(weighed(terms), K1, B, budget)
        rows = largest(scores, WANTED)
        best: list[int] = rows[np.argsort(-scores[rows], kind="stable")].tolist()
        return best

    searches: dict[str, Search] = {
        "pruned": lambda terms: search(terms, POSTINGS),
        "all terms": lambda terms: search(terms, 1 << 60),
    }
    return Built(seconds, index.nbytes / 1e6, searches)


def _blob(terms: list[str]) -> bytes:
    counts = Counter(map(words.hash32, terms))
    entries = np.empty(len(counts), POSTING)
    entries["term"] = list(counts)
    entries["count"] = list(counts.values())
    return entries.tobytes()


def fts5(documents: list[list[str]], folder: Path) -> Built:
    """SQLite's own at its kindest: contentless, no sync, one transaction, optimised, all cached."""
    path = folder / "fts5.db"
    started = time.perf_counter()
    connection = apsw.Connection(str(path))
    connection.execute("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF")
    connection.execute("PRAGMA cache_size = -2000000")
    tokenize = f"ascii tokenchars '{JOINED}'"
    connection.execute(f"CREATE VIRTUAL TABLE t USING fts5(x, content='', tokenize=\"{tokenize}\")")
    connection.execute("CREATE VIRTUAL TABLE v USING fts5vocab(t, row)")
    connection.execute("BEGIN")
    connection.executemany(
        "INSERT INTO t (rowid, x) VALUES (?, ?)",
        ((row, " ".join(terms)) for row, terms in enumerate(documents)),
    )
    connection.execute("COMMIT")
    connection.execute("INSERT INTO t (t) VALUES ('optimize')")
    seconds = time.perf_counter() - started

    def search(terms: Sequence[str]) -> Sequence[int]:
        either = " OR ".join(f'"{term}"' for term in terms)
        rows = connection.execute(
            "SELECT rowid FROM t WHERE t MATCH ? ORDER BY rank LIMIT ?", (either, WANTED)
        )
        return [row[0] for row in rows]

    def pruned(terms: Sequence[str]) -> Sequence[int]:
        marks = ",".join("?" * len(terms))
        known = connection.execute(f"SELECT doc, term FROM v WHERE term IN ({marks})", list(terms))
        kept: list[str] = []
        spent = 0
        for frequency, term in sorted(known):
            if kept and spent + frequency > POSTINGS:
                break
            kept.append(term)
            spent += frequency
        return search(kept) if kept else []

    searches: dict[str, Search] = {"pruned": pruned, "all terms": search}
    return Built(seconds, report.disk_bytes(path) / 1e6, searches)


def tantivy(documents: list[list[str]], folder: Path) -> Built:
    """The Rust engine: whitespace tokens, one thread, one commit."""
    import tantivy as engine

    path = folder / "tantivy"
    path.mkdir()
    builder = engine.SchemaBuilder()
    builder.add_unsigned_field("row", stored=True, fast=True)
    builder.add_text_field("x", tokenizer_name="whitespace", index_option="freq")
    schema = builder.build()
    started = time.perf_counter()
    index = engine.Index(schema, path=str(path))
    writer = index.writer(heap_size=512_000_000, num_threads=1)
    for row, terms in enumerate(documents):
        document = engine.Document()
        document.add_unsigned("row", row)
        document.add_text("x", " ".join(terms))
        writer.add_document(document)
    writer.commit()
    writer.wait_merging_threads()
    index.reload()
    seconds = time.perf_counter() - started
    searcher = index.searcher()

    def search(terms: Sequence[str]) -> Sequence[int]:
        each = [
            (engine.Occur.Should, engine.Query.term_query(schema, "x", term, "freq"))
            for term in terms
        ]
        hits = searcher.search(engine.Query.boolean_query(each), WANTED, count=False).hits
        return [searcher.doc(address)["row"][0] for _, address in hits]

    return Built(seconds, report.disk_bytes(path) / 1e6, {"all terms": search})


def bm25s(documents: list[list[str]], folder: Path) -> Built:
    """Scores worked out at indexing, kept as a sparse matrix."""
    import bm25s as engine

    started = time.perf_counter()
    index = engine.BM25(method="lucene", k1=K1, b=B)
    index.index(documents, show_progress=False)
    seconds = time.perf_counter() - started
    path = folder / "bm25s"
    index.save(str(path))

    def search(terms: Sequence[str]) -> Sequence[int]:
        known = [term for term in terms if term in index.vocab_dict]
        if not known:
            return []
        found, _ = index.retrieve([known], k=WANTED, show_progress=False, n_threads=0)
        best: list[int] = found[0].tolist()
        return best

    return Built(seconds, report.disk_bytes(path) / 1e6, {"all terms": search})


ENGINES = {
    "remanence": (ours, K1, B),
    "SQLite FTS5": (fts5, 1.2, 0.75),
    "tantivy": (tantivy, 1.2, 0.75),
    "bm25s": (bm25s, K1, B),
}
"""How each is made, and the parameters of BM25 that it uses (fixed in two of them)."""
OPTIONAL = ("tantivy", "bm25s")


def main() -> None:
    parser = report.arguments(__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", help="documents")
    args = parser.parse_args()
    sizes = args.sizes or ([10_000] if args.quick else [100_000, 1_000_000])
    missing = [name for name in OPTIONAL if importlib.util.find_spec(name) is None]
    notes = [f"skipped {name}: not installed (pip install {name})" for name in missing]
    rows: list[list[Any]] = []
    for size in sizes:
        rows += _size(size, 20 if args.quick else 100, missing, notes)
    header = ["engine", "documents", "built docs/s", "MB", "query p50 ms", "p95 ms", "R@10"]
    notes.append(f"a query asks for {WANTED} rows; ours is made from stored postings, in memory")
    notes.append(
        "a new document: ours and FTS5 show it at once, tantivy after a commit, bm25s after a "
        "rebuild"
    )
    there = {name: importlib.metadata.version(name) for name in OPTIONAL if name not in missing}
    report.show("Text indexes", header, rows, args, notes=notes, versions=there)


def _size(size: int, queries: int, missing: list[str], notes: list[str]) -> list[list[Any]]:
    report.say(f"{size:,} documents")
    texts = [turn.text for turn in corpus.turns(size)]
    started = time.perf_counter()
    documents = [words.terms(text) for text in texts]
    notes.append(f"{size:,}: text to terms {size / (time.perf_counter() - started):,.0f} turns/s")
    del texts
    asked = [list(dict.fromkeys(words.terms(text))) for text in corpus.questions(queries)]
    folder = report.OUT / "lexical"
    rows: list[list[Any]] = []
    judge, _ = load(documents)
    for name, (build, k1, b) in ENGINES.items():
        if name in missing:
            continue
        report.say(f"  {name}")
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        built = build(documents, folder)
        for variant, search in built.searches.items():
            line = [f"{name}, {variant}", size, size / built.seconds, built.megabytes]
            p50, p95, answers = _time(search, asked)
            right = [_right(judge, *pair, k1, b) for pair in zip(asked, answers, strict=True)]
            rows.append([*line, p50, p95, sum(right) / len(right)])
        del built
    shutil.rmtree(folder, ignore_errors=True)
    return rows


def _time(search: Search, asked: list[list[str]]) -> tuple[float, float, list[Sequence[int]]]:
    """Median and 95th percentile in milliseconds, and each answer's ten best."""
    for terms in asked[:3]:
        search(terms)
    took, answers = [], []
    for terms in asked:
        started = time.perf_counter()
        rows = search(terms)
        took.append(time.perf_counter() - started)
        answers.append(rows[:10])
    return report.median_ms(took), report.percentile(took, 0.95) * 1e3, answers


def _right(
    judge: Lexical, terms: Sequence[str], answer: Sequence[int], k1: float, b: float, k: int = 10
) -> float:
    """Share of `answer` that belongs among the best `k`; ties belong."""
    scores = judge.scores(weighed(terms), k1, b, 1 << 60)
    tenth = np.partition(scores, -k)[-k]
    return float((scores[list(answer)] >= tenth - 1e-5).sum()) / k


if __name__ == "__main__":
    main()
