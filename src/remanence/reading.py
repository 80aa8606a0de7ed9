"""Reading by a model, on demand: what current episodes say is asked of a `ChatModel` and kept
beside what the rules found.

Never on the way of `remember`. A block of episodes is asked, then written in one transaction, so
that reading can be interrupted at any time and goes on where it stopped. What a model found is part
of the log: a rebuild keeps it.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial

from remanence import checks
from remanence.encoding import drafting
from remanence.encoding.candidate import Candidate
from remanence.encoding.extraction import llm
from remanence.encoding.linking import notation
from remanence.llm.chat_model import ChatModel
from remanence.memory import Memory
from remanence.storage import facts
from remanence.storage.engine import Rows
from remanence.storage.store import list_namespaces
from remanence.storage.values import Row

Progress = Callable[[int, int], None]  # done, of how many

BLOCK = llm.BATCH  # episodes that are asked and written together
PATIENCE = 3  # blocks in a row that cannot be asked before the rest is left for another time
NOTHING = "[]"  # the body of an episode that was read and states nothing


def silent(done: int, total: int) -> None:
    """Progress that nobody watches."""


@dataclass(frozen=True, slots=True)
class Report:
    """The result of `read`.

    Episodes that are `unread` had no usable answer; the next `read` tries them again.
    """

    read: int  # episodes
    statements: int
    unread: int  # episodes
    rejected: Mapping[str, int]  # reason -> statements or whole replies
    failures: tuple[str, ...]


@dataclass(slots=True)
class _Tally:
    read: int = 0
    statements: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)


def read(
    memory: Memory, model: ChatModel, *, namespace: str | None = None, progress: Progress = silent
) -> Report:
    """Have `model` read every current episode that no model has read yet, in one namespace or in
    all.

    A reply that cannot be used, and a model that cannot be reached, leave their episodes unread;
    after `PATIENCE` blocks in a row that could not be asked, nothing more is. Episodes that were
    forgotten or have a new version by the time of the answer keep nothing of it. Raises
    `InvalidInput`, `StorageError`, and what `model` raises outside the `RemanenceError` tree.
    """
    if namespace is not None:
        checks.label(namespace, "namespace")
    with memory.store.reading() as snapshot:
        numbers = [
            number for number, name in list_namespaces(snapshot) if namespace in (None, name)
        ]
        total = sum(facts.count_unread(snapshot, number) for number in numbers)
    tally, done, failed = _Tally(), 0, 0
    for number, block in _blocks(memory, numbers):
        before = len(tally.failures)
        _read(memory, model, number, block, tally)
        failed = failed + 1 if len(tally.failures) > before else 0
        if failed == PATIENCE:
            break
        done += len(block)
        progress(min(done, total), total)
    with memory.store.reading() as snapshot:
        unread = sum(facts.count_unread(snapshot, number) for number in numbers)
    return Report(tally.read, tally.statements, unread, dict(tally.rejected), tuple(tally.failures))


def _blocks(memory: Memory, namespaces: list[int]) -> Iterator[tuple[int, list[Row]]]:
    """Each namespace's rows of `facts.unread`, each once, those of episodes that arrive meanwhile
    too.
    """
    for namespace in namespaces:
        last = 0
        while True:
            with memory.store.reading() as snapshot:
                block = facts.unread(snapshot, namespace, last, BLOCK)
            if not block:
                break
            yield namespace, block
            last = block[-1][0]


def _read(
    memory: Memory, model: ChatModel, namespace: int, block: list[Row], tally: _Tally
) -> None:
    sources = [
        llm.Source(text, speaker, drafting.addressed(metadata), at)
        for _, text, speaker, at, metadata in block
    ]
    outcome = llm.extract(sources, model, batch=BLOCK)
    tally.rejected.update(outcome.rejected)
    tally.failures += outcome.failures
    found = {
        row[0]: candidates
        for place, (row, candidates) in enumerate(zip(block, outcome.candidates, strict=True))
        if place not in outcome.unread
    }
    if not found:
        return
    kept = memory.store.writing(partial(_keep, namespace, found))
    tally.read += len(kept)
    tally.statements += sum(len(found[number]) for number in kept)


def _keep(
    namespace: int, found: Mapping[int, tuple[Candidate, ...]], transaction: Rows
) -> list[int]:
    """Write what was found in the episodes that are still current and unread; which those are."""
    still = facts.unread(transaction, namespace, min(found) - 1, BLOCK)
    kept = [row[0] for row in still if row[0] in found]
    rows = [
        (namespace, number, facts.MODEL, notation.dump(found[number]) or NOTHING) for number in kept
    ]
    facts.append(transaction, rows)
    return kept
