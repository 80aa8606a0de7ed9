"""Remanence beside other memories, each with the same embedder (the static table that ships here),
on this machine, offline.

Each runs in a process of its own and in its kindest form: an index or collection per namespace
where it has no scope of its own, its list call for bulk, its default durability otherwise. Turns go
in as "speaker: text" (Remanence has fields for these). One at a time means: the call after which
the peer promises to have kept the turn. A peer that is not installed is skipped;
`peers-requirements.txt` has the versions measured.
"""

import argparse
import importlib.metadata
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

os.environ.update(
    HF_HUB_OFFLINE="1",
    TRANSFORMERS_OFFLINE="1",
    ANONYMIZED_TELEMETRY="False",
    MEM0_TELEMETRY="False",
    OPENAI_API_KEY="not-used",
    TOKENIZERS_PARALLELISM="false",
)

import corpus
import report

import remanence
from remanence import Turn, embed
from remanence.evals import metrics

EMBEDDER = embed.load("static")
CHUNK = 1_000  # turns handed over in one bulk call
SCOPE = "bench"  # the namespace of the timings
PATIENCE_S = 90.0  # after which a bulk load is measured as far as it came


def vectors(texts: Sequence[str]) -> Any:
    """(n, dim) float32."""
    return EMBEDDER.embed(list(texts), "passage")


def said(turn: Turn) -> str:
    return f"{turn.speaker}: {turn.text}" if turn.speaker else turn.text


class Peer(Protocol):
    """A memory under test. Ids are the caller's."""

    def add(self, namespace: str, turn: Turn) -> None: ...

    def add_many(self, namespace: str, turns: list[Turn]) -> None: ...

    def search(self, namespace: str, query: str, k: int) -> list[str]: ...

    def close(self) -> None: ...


class Remanence:
    """Durable: one synced commit a call, with the facts that the turn states."""

    extract = True

    def __init__(self, folder: Path) -> None:
        self._memory = remanence.open(str(folder / "memory.db"), extract=self.extract)

    def add(self, namespace: str, turn: Turn) -> None:
        self._memory.remember(turn, namespace=namespace)

    def add_many(self, namespace: str, turns: list[Turn]) -> None:
        self._memory.remember(turns, namespace=namespace)

    def search(self, namespace: str, query: str, k: int) -> list[str]:
        return [item.source for item in self._memory.recall(query, namespace=namespace, k=k)]

    def close(self) -> None:
        self._memory.close()


class RemanencePlain(Remanence):
    """The same without reading facts, which no peer here does."""

    extract = False


class Txtai:
    """Kept when saved: `save` writes the whole index, so one durable turn is upsert and save."""

    hybrid = False

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._indexes: dict[str, Any] = {}

    def _index(self, namespace: str) -> Any:
        from txtai import Embeddings

        if namespace not in self._indexes:
            self._indexes[namespace] = Embeddings(
                method="external", transform=vectors, content=True, hybrid=self.hybrid
            )
        return self._indexes[namespace]

    def add(self, namespace: str, turn: Turn) -> None:
        self.add_many(namespace, [turn])

    def add_many(self, namespace: str, turns: list[Turn]) -> None:
        index = self._index(namespace)
        index.upsert([(turn.id, said(turn), None) for turn in turns])
        index.save(str(self._folder / namespace))

    def search(self, namespace: str, query: str, k: int) -> list[str]:
        return [item["id"] for item in self._index(namespace).search(query, k)]

    def close(self) -> None:
        for index in self._indexes.values():
            index.close()


class TxtaiHybrid(Txtai):
    """The same, with its BM25 beside the vectors."""

    hybrid = True


class Chroma:
    """Persistent client; its SQLite commits each call."""

    def __init__(self, folder: Path) -> None:
        import chromadb

        settings = chromadb.Settings(anonymized_telemetry=False)
        self._client = chromadb.PersistentClient(str(folder), settings=settings)

    def _collection(self, namespace: str) -> Any:
        return self._client.get_or_create_collection(
            namespace, embedding_function=None, metadata={"hnsw:space": "cosine"}
        )

    def add(self, namespace: str, turn: Turn) -> None:
        self.add_many(namespace, [turn])

    def add_many(self, namespace: str, turns: list[Turn]) -> None:
        texts = [said(turn) for turn in turns]
        self._collection(namespace).add(
            ids=[str(turn.id) for turn in turns], documents=texts, embeddings=vectors(texts)
        )

    def search(self, namespace: str, query: str, k: int) -> list[str]:
        found = self._collection(namespace).query(query_embeddings=vectors([query]), n_results=k)
        ids: list[str] = found["ids"][0]
        return ids

    def close(self) -> None:
        pass


class LangGraph:
    """SqliteStore with its vector index (sqlite-vec); autocommit."""

    def __init__(self, folder: Path) -> None:
        _loadable_sqlite()
        from langgraph.store.sqlite import SqliteStore

        def listed(texts: Sequence[str]) -> list[list[float]]:
            made: list[list[float]] = vectors(texts).tolist()
            return made

        index = {"dims": EMBEDDER.dim, "embed": listed, "fields": ["text"]}
        self._scope = SqliteStore.from_conn_string(str(folder / "store.db"), index=index)
        self._store = self._scope.__enter__()
        self._store.setup()

    def add(self, namespace: str, turn: Turn) -> None:
        self._store.put((namespace,), str(turn.id), {"text": said(turn)})

    def add_many(self, namespace: str, turns: list[Turn]) -> None:
        from langgraph.store.base import PutOp

        self._store.batch(
            [PutOp((namespace,), str(turn.id), {"text": said(turn)}) for turn in turns]
        )

    def search(self, namespace: str, query: str, k: int) -> list[str]:
        return [item.key for item in self._store.search((namespace,), query=query, limit=k)]

    def close(self) -> None:
        self._scope.__exit__(None, None, None)


def _loadable_sqlite() -> None:
    """Where Python's sqlite3 cannot load extensions, put pysqlite3 in its stead."""
    import sqlite3

    if not hasattr(sqlite3.Connection, "enable_load_extension"):
        import pysqlite3

        sys.modules["sqlite3"] = pysqlite3


class Mem0:
    """infer=False (no LLM), Qdrant in its local mode, its history in SQLite."""

    def __init__(self, folder: Path) -> None:
        os.environ["MEM0_DIR"] = str(folder)
        from mem0 import Memory

        store = {"path": str(folder / "qdrant"), "on_disk": True, "collection_name": "m"}
        store["embedding_model_dims"] = EMBEDDER.dim  # type: ignore[assignment]
        self._memory = Memory.from_config(
            {
                "vector_store": {"provider": "qdrant", "config": store},
                "history_db_path": str(folder / "history.db"),
            }
        )
        self._memory.embedding_model = _Mem0Embedding()

    def add(self, namespace: str, turn: Turn) -> None:
        self._memory.add(said(turn), user_id=namespace, metadata={"ref": turn.id}, infer=False)

    def add_many(self, namespace: str, turns: list[Turn]) -> None:
        for turn in turns:  # its list call cannot tell the turns' ids apart
            self.add(namespace, turn)

    def search(self, namespace: str, query: str, k: int) -> list[str]:
        found = self._memory.search(query, filters={"user_id": namespace}, top_k=k, threshold=0.0)
        return [item["metadata"]["ref"] for item in found["results"]]

    def close(self) -> None:
        pass


class _Mem0Embedding:
    """Our embedder, as mem0 calls one: the second argument says whether to add or to search."""

    def embed(self, text: str, _: str | None = None) -> list[float]:
        made: list[float] = vectors([text])[0].tolist()
        return made

    def embed_batch(self, texts: list[str], _: str = "add") -> list[list[float]]:
        made: list[list[float]] = vectors(texts).tolist()
        return made


PEERS: dict[str, tuple[Any, str, str]] = {
    "Remanence": (Remanence, "remanence", "commit, synced"),
    "Remanence, extract=False": (RemanencePlain, "remanence", "commit, synced"),
    "txtai": (Txtai, "txtai", "upsert + save"),
    "txtai, hybrid": (TxtaiHybrid, "txtai", "upsert + save"),
    "Chroma": (Chroma, "chromadb", "its default"),
    "LangGraph SqliteStore": (LangGraph, "langgraph-checkpoint-sqlite", "its default"),
    "mem0, infer=False": (Mem0, "mem0ai", "its default"),
}
"""Name -> adapter, distribution, what one durable turn is."""


# -- measuring one ------------------------------------------------------------------------------


def numbered(count: int, seed: int) -> list[Turn]:
    """Turns with ids."""
    return [
        Turn(turn.text, turn.speaker, turn.session, turn.at, id=f"{seed}-{number}")
        for number, turn in enumerate(corpus.turns(count, seed))
    ]


def measure(name: str, data: Path, *, quick: bool) -> dict[str, float | None]:
    """Everything about one peer; meant for a process of its own."""
    make = PEERS[name][0]
    with tempfile.TemporaryDirectory(dir=report.OUT) as scratch:
        folders = [Path(scratch) / part for part in ("one", "many", "locomo")]
        for folder in folders:
            folder.mkdir()
        singles = _singles(make(folders[0]), numbered(20 if quick else 200, 7))
        loaded, rate, search_ms, peer = _many(make(folders[1]), 1_000 if quick else 10_000)
        peer.close()
        bytes_each = report.disk_bytes(folders[1]) / loaded
        found = None if not (data / "questions.jsonl").exists() else _locomo(make(folders[2]), data)
    return {
        "singles": singles,
        "bulk": rate,
        "loaded": loaded,
        "search": search_ms,
        "bytes": bytes_each,
        "locomo": found,
    }


def syncs(name: str, data: Path) -> float | None:
    """Calls of fsync and its kin that one turn causes, counted by strace; None without it.

    Two runs of different length are compared, so that opening and closing do not count.
    """
    if not shutil.which("strace"):
        return None
    counted = []
    for turns in (10, 60):
        with tempfile.TemporaryDirectory(dir=report.OUT) as scratch:
            log = Path(scratch) / "trace"
            trace = ["strace", "-f", "-qq", "-e", "trace=fsync,fdatasync,msync", "-o", str(log)]
            child = [sys.executable, __file__, "--child", name, "--data", str(data)]
            done = subprocess.run(
                [*trace, *child, "--turns", str(turns)], capture_output=True, check=False
            )
            if done.returncode:
                return None
            counted.append(sum("sync(" in line for line in log.read_text().splitlines()))
    return (counted[1] - counted[0]) / 50


def _singles(peer: Peer, turns: list[Turn]) -> float:
    peer.add(SCOPE, turns[0])
    peer.search(SCOPE, "warm", 1)
    started, done = time.perf_counter(), 0
    for turn in turns[1:]:
        peer.add(SCOPE, turn)
        done += 1
        if time.perf_counter() - started > PATIENCE_S / 3:
            break
    rate = done / (time.perf_counter() - started)
    peer.close()
    return rate


def _many(peer: Peer, count: int) -> tuple[int, float, float, Peer]:
    """How many were loaded, at what rate; the median search with them, in milliseconds."""
    turns = numbered(count, 8)
    started, loaded = time.perf_counter(), 0
    while loaded < count and time.perf_counter() - started < PATIENCE_S:
        peer.add_many(SCOPE, turns[loaded : loaded + CHUNK])
        loaded += len(turns[loaded : loaded + CHUNK])
    rate = loaded / (time.perf_counter() - started)
    took = []
    for number, question in enumerate(corpus.questions(110)):
        began = time.perf_counter()
        peer.search(SCOPE, question, 10)
        if number >= 10:
            took.append(time.perf_counter() - began)
    return loaded, rate, report.median_ms(took), peer


def _locomo(peer: Peer, data: Path) -> float:
    """R@10 without adversarial questions."""
    turns: dict[str, list[Turn]] = {}
    for line in (data / "memories.jsonl").read_text(encoding="utf-8").splitlines():
        item = json.loads(line)
        fields = {key: item.get(key) for key in ("text", "speaker", "session", "at", "id")}
        turns.setdefault(item["namespace"], []).append(Turn(**fields))
    for namespace, listed in turns.items():
        peer.add_many(namespace, listed)
    lines = (data / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    asked = [item for item in map(json.loads, lines) if item["type"] != "adversarial"]
    return sum(
        metrics.recall(peer.search(item["namespace"], item["question"], 10), item["gold"], 10)
        for item in asked
    ) / len(asked)


# -- the table ----------------------------------------------------------------------------------


def main() -> None:
    parser = report.arguments(__doc__)
    parser.add_argument("--data", type=Path, default=report.DATA / "locomo")
    parser.add_argument("--only", nargs="*", help="names of peers")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    parser.add_argument("--turns", type=int, help=argparse.SUPPRESS)
    args = parser.parse_args()
    report.OUT.mkdir(exist_ok=True)
    if args.child and args.turns:
        with tempfile.TemporaryDirectory(dir=report.OUT) as scratch:
            _singles(PEERS[args.child][0](Path(scratch)), numbered(args.turns, 7))
        return
    if args.child:
        print(json.dumps(measure(args.child, args.data, quick=args.quick)))
        return
    rows, notes, versions = [], [], {}
    for name in args.only or PEERS:
        _, distribution, promise = PEERS[name]
        try:
            version = importlib.metadata.version(distribution)
        except importlib.metadata.PackageNotFoundError:
            notes.append(f"skipped {name}: {distribution} is not installed")
            continue
        versions[distribution] = version
        report.say(f"  {name}")
        command = [sys.executable, __file__, "--child", name, "--data", str(args.data)]
        done = subprocess.run(
            command + ["--quick"] * args.quick, capture_output=True, text=True, check=False
        )
        if done.returncode:
            notes.append(f"{name} failed: {done.stderr.strip().splitlines()[-1][:200]}")
            continue
        found = json.loads(done.stdout.splitlines()[-1])
        rows.append([name, promise, syncs(name, args.data), *found.values()])
    header = [
        "memory",
        "kept by",
        "syncs/turn",
        "one at a time /s",
        "bulk /s",
        "loaded",
        "search p50 ms",
    ]
    header += ["disk B/memory", "LoCoMo R@10"]
    notes.append(f"the same embedder in all: {EMBEDDER.name}, {EMBEDDER.dim} dimensions")
    notes.append("syncs/turn: fsync and its kin, counted by strace")
    notes.append("mem0 without its optional BM25 and entity models, which it would download")
    notes.append("search at the number loaded; LoCoMo without adversarial questions")
    report.show("Beside other memories", header, rows, args, notes=notes, versions=versions)


if __name__ == "__main__":
    main()
