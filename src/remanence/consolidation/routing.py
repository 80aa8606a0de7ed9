"""When an adapter speaks: where a turn is about somebody of whom it was taught, and nothing that it was taught of him has changed since.

The explicit memory is the router (Wang et al., 2024, "WISE", route by likeness of activations; an index of names is exact). Everywhere else the model is the
plain one, to the last bit. It knows the store and manifests; how a model generates, `llm.local` knows.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from remanence.consolidation import keeping, weights
from remanence.consolidation.lessons import Lesson
from remanence.consolidation.lessons import about as digest
from remanence.errors import InvalidInput
from remanence.llm.local import LocalModel, LocalSession
from remanence.llm.port import Piece, Request
from remanence.memory import Memory
from remanence.semantic import runs
from remanence.storage import adapters, episodes
from remanence.storage.adapters import Row

WORN: Final = "remanence_live"


@dataclass
class _Known:
    """What the adapter on the model was taught."""

    row: int
    salt: bytes
    facts: dict[str, str]  # digest -> place
    subjects: frozenset[str]


class AdaptedModel:
    """A `ChatModel` that speaks with a namespace's adapter where that is to speak. Looks at every turn which adapter is in use: one that was tainted is taken off.

    Raises `InvalidInput` where the adapter was made for another base, `CheckpointError` where it is damaged.
    """

    def __init__(self, local: LocalModel, memory: Memory, namespace: str) -> None:
        self.local = local
        self.memory = memory
        self.namespace = namespace
        self._known: _Known | None = None
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
        """The model within a session, with the adapter where the turn is about what that knows."""
        self._refresh()
        used = self._known is not None and self._concerns(self._known, about)
        label = f"adapter {self._known.row}" if used and self._known is not None else None
        return LocalSession(self.local, session, memory, namespace, label)

    def _concerns(self, known: _Known, about: str) -> bool:
        with self.memory.semantic.opened(self.namespace) as (graph, _):
            roots = {graph.entities.find(name) for name in runs(about)}
            keys = {root: graph.entities.members(root) | {root} for root in roots}
            names = [
                graph.entities.name(root)
                for root, members in keys.items()
                if any(digest(known.salt, key) in known.subjects for key in members)
            ]
        return bool(names) and not any(self._changed(known, name) for name in names)

    def _changed(self, known: _Known, name: str) -> bool:
        """Whether another fact stands by now in the place of one that was taught."""
        places = set(known.facts.values())
        for fact in self.memory.facts(namespace=self.namespace, subject=name):
            said = Lesson(fact.subject, fact.relation, fact.object, ())
            if said.place(known.salt) in places and said.digest(known.salt) not in known.facts:
                return True
        return False

    def _refresh(self) -> None:
        with self.memory.database.read() as connection:
            number = episodes.namespace_id(connection, self.namespace)
            at = None if number is None else adapters.live(connection, number)
            if at == (None if self._known is None else self._known.row):
                return
            row = (
                None
                if number is None or at is None
                else adapters.newest(connection, number, adapters.LIVE)
            )
        with self.local.speaking:
            weights.take_off(self.local.model, WORN)
            self._known = None if row is None else self._worn(row)

    def _worn(self, row: Row) -> _Known:
        manifest = keeping.manifest_of(row)
        if manifest.base_digest != weights.base_digest(self.local.model):
            raise InvalidInput(
                f"the adapter of namespace {self.namespace!r} changes the weights of {manifest.base!r}, not of {self.local.name!r}; "
                "talk with that model, or consolidate with this one"
            )
        tensors, salt = keeping.read(row)
        weights.put_on(self.local.model, WORN, manifest.recipe, tensors)
        self.local.model.disable_adapters()
        return _Known(row.id, salt, dict(manifest.facts), frozenset(manifest.subjects))
