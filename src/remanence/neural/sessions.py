"""Sessions: whose memory it is. One that is open, with its state; and a pool of many, a row each.

How a state is kept, and whether a kept one is this model's, `serialization` knows.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar, Token
from types import TracebackType
from typing import Any, Self

import torch
from torch import Tensor

from remanence import checks
from remanence.errors import InvalidInput
from remanence.neural import serialization
from remanence.neural.state import MemoryState, stack

_open: ContextVar[tuple["Session", ...]] = ContextVar("remanence_sessions", default=())


def current(model: Any) -> "Session | None":
    """The session of this model that is open here: in this thread, or in this task of asyncio.

    The innermost.
    """
    return next((each for each in reversed(_open.get()) if each.model is model), None)


class Session:
    """One conversation's memory, or a batch of several; open inside `with`.

        with model.session("alice", store=folder) as session:
            model.memorize(**tokenizer("I live in Chengdu.", return_tensors="pt"))

    `store` is a folder, or an open `remanence.Memory` with a `namespace`; without one, the state
    ends with the `with`. A clean exit saves, as `save` does in between; after an exception, what
    was not saved is gone. `fresh=True` begins anew, whatever is kept.

    state: what has been heard; None where nothing was. Raises `InvalidInput` for a name or a store
    that cannot be, `CheckpointError` where what is kept was written by other weights or is damaged,
    `StoreBusy` (on saving) where somebody else has saved the session meanwhile, `StorageError`
    where the namespace was told to forget meanwhile; nothing is kept then.
    """

    def __init__(
        self,
        model: Any,
        name: str | Sequence[str],
        *,
        store: Any = None,
        namespace: str | None = None,
        fresh: bool = False,
    ) -> None:
        self.model = model
        names = (name,) if isinstance(name, str) else tuple(name)
        self.names = tuple(checks.label(each, "session") for each in names)
        if not names or len(set(names)) < len(names):
            raise InvalidInput(f"sessions {names!r:.80}: name each once, and at least one")
        self.state: MemoryState | None = None
        self._store = None if store is None else serialization.store_of(store, namespace)
        self._fresh = fresh
        self._tokens: dict[str, bytes] = {}
        self._kept: MemoryState | None = None
        self._entered: Token[tuple[Session, ...]] | None = None

    def take(self, state: MemoryState) -> None:
        """Go on from this state."""
        if len(state) != len(self.names):
            raise InvalidInput(
                f"a state of {len(state)} rows is not one of the {len(self.names)} sessions "
                f"{', '.join(self.names):.80}; give a batch with a row each"
            )
        self.state = state.detach()

    def save(self) -> None:
        """Keep the state as it is now.

        Does nothing without a store, or where nothing was heard since.
        """
        if self._store is None or self.state is None or self.state is self._kept:
            return
        binding = serialization.binding(self.model)
        bodies = {
            name: serialization.dump(self.state.select([row]), name, binding)
            for row, name in enumerate(self.names)
        }
        for name, body in bodies.items():
            self._tokens[name] = self._store.save(name, body, self._tokens[name])
        self._kept = self.state

    @contextmanager
    def apart(self) -> Iterator[None]:
        """As if the session were not open: what is tried out inside is not heard."""
        token = _open.set(tuple(each for each in _open.get() if each is not self))
        try:
            yield
        finally:
            _open.reset(token)

    def __enter__(self) -> Self:
        if self._entered is not None:
            raise InvalidInput(f"session {self.names[0]!r} is open already; open one anew")
        if self._store is not None:
            self._load(self._store)
        self._entered = _open.set((*_open.get(), self))
        return self

    def _load(self, store: serialization.StateStore) -> None:
        kept = {name: store.open(name) for name in self.names}
        self._tokens = {name: each.token for name, each in kept.items()}
        if self._fresh or all(each.body is None for each in kept.values()):
            return
        binding = serialization.binding(self.model)
        rows = [
            serialization.initial_state(self.model)
            if each.body is None
            else serialization.load(each.body, name, binding)
            for name, each in kept.items()
        ]
        self.state = self._kept = stack(rows).to(self.model.device)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._entered is not None:
            _open.reset(self._entered)
            self._entered = None
        if kind is None:
            self.save()


class SessionPool:
    """The states of many sessions, in memory: a row each of one tensor per part, on the CPU.

        state = pool.stack(["alice", "bob"])
        pool.scatter(["alice", "bob"], model(**batch, memory_state=state).memory_state)

    A session that was never scattered is one in which nothing was said. Not safe to change from
    several threads at once.
    """

    def __init__(self, model: Any) -> None:
        self._begun = serialization.initial_state(model).to("cpu").detach()
        self._rows: dict[str, int] = {}
        self._free: list[int] = []
        self._slabs: dict[str, Tensor] = {
            path: tensor[:0].clone() for path, tensor in self._begun.tensors().items()
        }

    def __len__(self) -> int:
        """How many sessions were scattered."""
        return len(self._rows)

    def __contains__(self, name: str) -> bool:
        return name in self._rows

    def stack(self, names: Sequence[str]) -> MemoryState:
        """The states of these sessions, a row each, in this order: a copy."""
        unknown = [at for at, name in enumerate(names) if name not in self._rows]
        index = torch.tensor([self._rows.get(name, 0) for name in names], dtype=torch.long)
        initial_state = self._begun.tensors()
        taken: dict[str, Tensor] = {}
        for path, slab in self._slabs.items():
            if len(unknown) == len(names):
                taken[path] = initial_state[path].expand(len(names), *slab.shape[1:]).clone()
                continue
            rows = slab.index_select(0, index)
            if unknown:
                rows[unknown] = initial_state[path]
            taken[path] = rows
        return MemoryState.of(taken)

    def scatter(self, names: Sequence[str], state: MemoryState) -> None:
        """Keep row b of `state` as that of session b.

        Raises `InvalidInput` where they do not fit, and keeps nothing then.
        """
        tensors = state.tensors()
        shapes = {path: tensor.shape[1:] for path, tensor in tensors.items()}
        if len(state) != len(names) or len(set(names)) < len(names):
            raise InvalidInput(
                f"{len(state)} rows are not one for each of {len(names)} sessions, each named once"
            )
        if shapes != {path: slab.shape[1:] for path, slab in self._slabs.items()}:
            raise InvalidInput(
                "the state is another model's; scatter what this model's passes gave"
            )
        index = torch.tensor([self._row(name) for name in names], dtype=torch.long)
        for path, tensor in tensors.items():
            self._slabs[path].index_copy_(0, index, tensor.detach().to("cpu"))

    def drop(self, name: str) -> bool:
        """Forget a session; whether it was there. Its numbers are overwritten at once."""
        row = self._rows.pop(name, None)
        if row is None:
            return False
        for slab in self._slabs.values():
            slab[row].zero_()
        self._free.append(row)
        return True

    def _row(self, name: str) -> int:
        row = self._rows.get(name)
        if row is None:
            if not self._free:
                self._grow()
            row = self._rows[name] = self._free.pop()
        return row

    def _grow(self) -> None:
        size = len(next(iter(self._slabs.values())))
        for path, slab in self._slabs.items():
            self._slabs[path] = torch.cat([slab, slab.new_zeros(max(16, size), *slab.shape[1:])])
        self._free = list(range(size + max(16, size) - 1, size - 1, -1))
