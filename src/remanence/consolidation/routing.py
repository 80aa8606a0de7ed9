"""When an adapter speaks: where a turn is about somebody of whom it was taught, and nothing that it
was taught of him has changed since.

The explicit memory is the router (Wang et al., 2024, "WISE", route by likeness of activations; an
index of names is exact). Everywhere else the model is the plain one, to the last bit.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final
from weakref import WeakKeyDictionary

from remanence.consolidation import examples, serialization, weights
from remanence.consolidation.examples import TrainingFact, subject_digest
from remanence.consolidation.serialization import Manifest
from remanence.encoding.linking import names
from remanence.errors import InvalidInput, ModelError
from remanence.llm.chat_model import Piece, Request
from remanence.llm.local import LocalModel, LocalSession
from remanence.memory import Memory
from remanence.semantic import name_candidates
from remanence.storage import adapters, lookup
from remanence.storage.adapters import Row
from remanence.storage.store import UNKNOWN

ACTIVE_ADAPTER: Final = "remanence_live"
AGAIN: Final = "consolidate again"


@dataclass(frozen=True, eq=False)
class _AdapterContents:
    """Facts that an adapter was trained on.

    facts: a subject as its manifest calls it -> digests of what it was taught of it. said: those
    that are what somebody said -> the episode; heard: the newest one then.
    """

    row: int
    salt: bytes
    facts: Mapping[str, frozenset[str]]
    said: Mapping[str, int]
    heard: int


# Whose adapter a model has on. Several namespaces may share a model, and only one of them can be on
# it.
_on: "WeakKeyDictionary[Any, _AdapterContents]" = WeakKeyDictionary()


class AdaptedModel:
    """A `ChatModel` that speaks with a namespace's adapter where that is to speak.

    Looks at every turn which adapter is in use: one that was tainted is taken off.

    Several may share a `LocalModel`, each for its namespace: the adapter that is on it changes with
    who speaks.

    Raises `InvalidInput` where the adapter was made for another base, `CheckpointError` where it is
    damaged.
    """

    def __init__(self, local: LocalModel, memory: Memory, namespace: str) -> None:
        self.local = local
        self.memory = memory
        self.namespace = namespace
        self._contents: _AdapterContents | None = None
        self._refresh()

    @property
    def name(self) -> str:
        return self.local.name

    @property
    def window(self) -> int | None:
        return self.local.window

    def count(self, text: str) -> int:
        return self.local.count(text)

    def stream(self, request: Request) -> Iterator[Piece]:
        return self.local.stream(request)

    def close(self) -> None:
        self.local.close()

    def within(self, session: str, memory: Memory, namespace: str, about: str) -> LocalSession:
        """The model within a session, with the adapter where the turn is about what that knows.

        Raises as `AdaptedModel` does.
        """
        self._refresh()
        plain = LocalSession(self.local, session, memory, namespace)
        known = self._contents
        if known is None:
            return plain
        mentioned, changed = self._mentioned(known, about)
        if changed:
            told = f"adapter {known.row} was taught otherwise of {', '.join(changed)} than holds now; {AGAIN}"
            return replace(plain, degraded=(told,))
        if not mentioned:
            return plain
        return replace(plain, adapter=f"adapter {known.row}", worn=partial(self._activated, known))

    def _mentioned(self, known: _AdapterContents, about: str) -> tuple[list[str], list[str]]:
        """Return the names in a text that the adapter was trained on, and those of them whose facts
        have changed since.
        """
        mentioned, changed = [], []
        with self.memory.semantic.opened(self.namespace) as (graph, _):
            found: dict[str, set[str]] = {}
            spelt: dict[str, str] = {}
            for run in name_candidates(about):
                spelt.setdefault(graph.entities.find(run), run)
            for root, run in spelt.items():
                members = graph.entities.members(root) | {root}
                if any(subject_digest(known.salt, key) in known.facts for key in members):
                    name = graph.entities.name(root)  # its key, where he has only spoken
                    found[run if name == root else name] = members
        for name, members in sorted(found.items()):
            mentioned.append(name)
            taught = {
                one
                for key in members
                for one in known.facts.get(subject_digest(known.salt, key), ())
            }
            if not self._still_holds(known, name, members, taught):
                changed.append(name)
        return mentioned, changed

    def _still_holds(
        self, known: _AdapterContents, name: str, members: set[str], taught: set[str]
    ) -> bool:
        """Tell whether all that was taught of somebody still is what holds."""
        said = {each for each in taught if each in known.said}
        return self._facts_hold(known, name, members, taught - said) and self._utterances_hold(
            known, members, said
        )

    def _facts_hold(
        self, known: _AdapterContents, name: str, members: set[str], taught: set[str]
    ) -> bool:
        facts = self.memory.facts(namespace=self.namespace, subject=name)
        held, _ = examples.group_facts((fact, ()) for fact in reversed(facts))
        if taught <= _digests(known.salt, held, members):
            return True
        # What nobody trusted says of him was never taught, and changes nothing. To tell it apart,
        # the log has to be looked through.
        held, _ = examples.collect_facts(self.memory, self.namespace, name)
        return taught <= _digests(known.salt, held, members)

    def _utterances_hold(
        self, known: _AdapterContents, members: set[str], taught: set[str]
    ) -> bool:
        """Tell whether what somebody is taught to have said on a day is what he said, in that
        order.
        """
        if not taught:
            return True
        with self.memory.namespace(self.namespace).reading() as (snapshot, number):
            numbers = [known.said[each] for each in taught]
            if number == UNKNOWN or lookup.undisturbed(snapshot, number, numbers, known.heard):
                return True
        # Another version, or something from before that was heard later: the log has to be looked
        # through.
        said = examples.collect_utterances(self.memory, self.namespace, members)
        return taught <= {example.digest(known.salt) for example in said}

    def _live(self) -> int | None:
        with self.memory.namespace(self.namespace).reading() as (snapshot, number):
            return adapters.live(snapshot, number)

    def _row(self) -> Row | None:
        with self.memory.namespace(self.namespace).reading() as (snapshot, number):
            return adapters.newest(snapshot, number, adapters.LIVE)

    def _refresh(self) -> None:
        if self._live() == (None if self._contents is None else self._contents.row):
            return
        with self.local.speaking:
            model = self.local.model
            if self._contents is not None and _on.get(model) is self._contents:
                weights.remove_adapters(model, ACTIVE_ADAPTER)
                del _on[model]
            self._contents, row = None, self._row()
            if row is not None:
                self._put_on(row, self._read(row))

    def _read(self, row: Row) -> Manifest:
        manifest = serialization.read_manifest(row)
        if manifest.base_digest != weights.base_digest(self.local.model):
            raise InvalidInput(
                f"the adapter of namespace {self.namespace!r} changes the weights of "
                f"{manifest.base!r}, not of {self.local.name!r}; "
                "talk with that model, or consolidate with this one"
            )
        return manifest

    def _put_on(self, row: Row, manifest: Manifest) -> None:
        """Put the adapter on the model, in the stead of one that may be on it, and leave it off.

        Hold `speaking`.
        """
        tensors, salt = serialization.load(row)
        model = self.local.model
        weights.remove_adapters(model, ACTIVE_ADAPTER)
        weights.add_adapter(model, ACTIVE_ADAPTER, manifest.recipe, tensors)
        model.disable_adapters()
        taught: dict[str, set[str]] = defaultdict(set)
        for fact, place in manifest.facts.items():
            taught[place.partition(" ")[0]].add(fact)
        facts = {subject: frozenset(some) for subject, some in taught.items()}
        self._contents = _on[model] = _AdapterContents(
            row.id, salt, facts, manifest.said, manifest.heard
        )

    @contextmanager
    def _activated(self, known: _AdapterContents) -> Iterator[None]:
        """With the adapter on, for one reply, while no other is made.

        Raises `ModelError` where it has gone out of use since it was chosen.
        """
        model = self.local.model
        there = _on.get(model) is self._contents and ACTIVE_ADAPTER in getattr(
            model, "peft_config", {}
        )
        row = None if there else self._row()
        if known.row != (self._live() if row is None else row.id):
            raise ModelError(
                f"adapter {known.row} went out of use while it was to speak; say it again"
            )
        if row is not None:
            self._put_on(row, self._read(row))
        model.enable_adapters()
        model.set_adapter(ACTIVE_ADAPTER)
        try:
            yield
        finally:
            model.disable_adapters()


def _digests(salt: bytes, held: list[TrainingFact], members: set[str]) -> set[str]:
    """Digests of what holds of somebody, under each of his names."""
    his = [example for example in held if names.key(example.subject) in members]
    return {replace(example, subject=key).digest(salt) for example in his for key in members}
