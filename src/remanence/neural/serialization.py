"""States that last: as bytes, bound to the weights that made them, in a folder or in a store.

A state means something to the memory that wrote it, over the hidden states that the model had then:
to other weights it is noise, and noise that is read looks like an answer. So what is kept says
whose it is, and is refused elsewhere.
"""

import errno
import hashlib
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol, runtime_checkable
from weakref import WeakKeyDictionary

import torch
from safetensors import SafetensorError
from safetensors.torch import load as parse
from safetensors.torch import save as render
from torch import nn

from remanence import _deprecated, checks, durable
from remanence.errors import (
    CheckpointError,
    InvalidInput,
    StorageError,
    StoreBusy,
    StoreFull,
    StoreReadOnly,
)
from remanence.neural.state import MemoryState

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

FORMAT: Final = "remanence-state 1"
_MEANINGS: Final = {
    errno.ENOSPC: StoreFull,
    getattr(errno, "EDQUOT", errno.ENOSPC): StoreFull,
    errno.EACCES: StoreReadOnly,
    errno.EROFS: StoreReadOnly,
}


class SavedState(Protocol):
    """Stored bytes of a session, None where there are none, and a token that changes with them."""

    @property
    def token(self) -> bytes: ...

    @property
    def body(self) -> bytes | None: ...


class StateStore(Protocol):
    """Keeps a session's bytes. All raise the `StorageError` tree."""

    def open(self, name: str) -> SavedState:
        """Return the stored bytes of a session, with the token that saving over them needs."""
        ...

    def save(self, name: str, body: bytes, token: bytes) -> bytes:
        """Keep `body`, whole or not at all; the token for the next time.

        Raises `StoreBusy` where `token` is not that of what is kept.
        """
        ...

    def drop(self, name: str) -> bool:
        """Keep nothing of a session; whether there was something."""
        ...


@runtime_checkable
class HasStates(Protocol):
    """A memory that keeps states beside its episodes."""

    def states(self, namespace: str) -> StateStore: ...


def store_of(given: Any, namespace: str | None) -> StateStore:
    """Return the store of sessions that an argument names. Raises `InvalidInput`."""
    if isinstance(given, HasStates):
        if namespace is None:
            raise InvalidInput("a memory keeps sessions in a namespace; give namespace=")
        return given.states(namespace)
    if namespace is not None:
        raise InvalidInput(
            f"namespace={namespace!r:.40} is for a store that is a remanence.Memory; a folder has "
            "none"
        )
    if isinstance(given, (str, os.PathLike)):
        return StateFolder(Path(given))
    raise InvalidInput(f"store={given!r:.80} is neither a folder nor an open remanence.Memory")


@dataclass(frozen=True)
class StateFile:
    """Implements `SavedState`."""

    token: bytes
    body: bytes | None


class StateFolder:
    """Implements `StateStore`: a file for each session, readable by its owner.

    A file's name is a digest of the session's, so that no name leaves the folder.

    A file is replaced whole or not at all (`remanence.durable`). Who saves holds a lock of the
    folder meanwhile, and has to have read what it replaces. Nothing is encrypted: that is what a
    store with a key is for.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def file(self, name: str) -> Path:
        """Return the path of a session's state."""
        digest = hashlib.blake2b(checks.label(name, "session").encode(), digest_size=16)
        return self.path / f"{digest.hexdigest()}.safetensors"

    def open(self, name: str) -> StateFile:
        with _storage_errors(self.path):
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            return _read(self.file(name))

    def save(self, name: str, body: bytes, token: bytes) -> bytes:
        file = self.file(name)
        with _storage_errors(self.path), self._locked():
            if _read(file).token != token:
                raise StoreBusy(
                    f"session {name!r:.80} was saved or dropped by somebody else since it was "
                    "opened here; nothing was written, open it again"
                )
            durable.write(file, body, mode=0o600)
        return _content_token(body)

    def drop(self, name: str) -> bool:
        file = self.file(name)
        found = file.exists()
        if found or durable.unfinished(file).exists():
            with _storage_errors(self.path), self._locked():
                durable.remove(file)
        return found

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Hold the folder's lock, so that no other process saves meanwhile.

        On Windows, where a folder cannot be locked, a file in it is.
        """
        if sys.platform == "win32":
            with (self.path / "lock").open("a+b") as held:
                held.seek(0)
                msvcrt.locking(held.fileno(), msvcrt.LK_LOCK, 1)
                try:
                    yield
                finally:
                    held.seek(0)
                    msvcrt.locking(held.fileno(), msvcrt.LK_UNLCK, 1)
        else:
            folder = os.open(self.path, os.O_RDONLY)
            try:
                fcntl.flock(folder, fcntl.LOCK_EX)
                yield
            finally:
                os.close(folder)


def _read(file: Path) -> StateFile:
    try:
        body = file.read_bytes()
    except FileNotFoundError:
        return StateFile(b"", None)
    return StateFile(_content_token(body), body)


def _content_token(body: bytes) -> bytes:
    return hashlib.blake2b(body, digest_size=16).digest()


@contextmanager
def _storage_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        kind = _MEANINGS.get(error.errno or 0, StorageError)
        raise kind(
            f"{path}: {error}; nothing was kept, make room or choose another folder"
        ) from error


def dump(state: MemoryState, name: str, binding: dict[str, str]) -> bytes:
    """One session's state as safetensors.

    Raises `InvalidInput` for numbers that are not finite: they are not worth keeping.
    """
    tensors = {path: t.detach().cpu().contiguous() for path, t in state.tensors().items()}
    for path, tensor in tensors.items():
        if not bool(torch.isfinite(tensor).all()):
            raise InvalidInput(
                f"the state {path} of session {name!r:.80} has numbers that are not finite, so it "
                "was not kept; what was kept before still is"
            )
    about = {"format": FORMAT, "session": name, **binding}
    return bytes(render(tensors, {"remanence": json.dumps(about, sort_keys=True)}))


def load(body: bytes, name: str, binding: dict[str, str]) -> MemoryState:
    """The state that `dump` wrote.

    Raises `CheckpointError` for other weights, another session, or damage.
    """
    anew = "fresh=True begins the session anew"
    try:
        size = int.from_bytes(body[:8], "little")
        about = json.loads(json.loads(body[8 : 8 + size])["__metadata__"]["remanence"])
        tensors = parse(body)
    except (SafetensorError, ValueError, KeyError, TypeError) as error:
        raise CheckpointError(
            f"what is kept of session {name!r:.80} is damaged ({error}); {anew}"
        ) from error
    wanted = {"format": FORMAT, "session": name, **binding}
    told = {
        "format": "in another format", "session": "of another session", "memory": "of a memory of other size or kind",
        "weights": "made by other weights, to which it means nothing",
    }  # fmt: skip
    for part, value in wanted.items():
        if about.get(part) != value:
            raise CheckpointError(
                f"what is kept of session {name!r:.80} is {told[part]}; load the model that wrote "
                f"it, or {anew}"
            )
    state = MemoryState.of(tensors)
    if not all(bool(torch.isfinite(each).all()) for each in tensors.values()):
        raise CheckpointError(f"what is kept of session {name!r:.80} is not finite; {anew}")
    return state


_weighed: "WeakKeyDictionary[Any, tuple[Any, str]]" = WeakKeyDictionary()


def binding(model: Any) -> dict[str, str]:
    """Return a digest of everything a state depends on: the configs of the memories, and the
    weights of memories and model, active adapters of PEFT included.

    An adapter that is there and not active says nothing and does not count: with all of them
    disabled it is the model without. Weights are hashed whole, about a second for a gigabyte, and
    again only after they have changed, or other adapters are active.
    """
    memories = "-".join(each.fingerprint() for each in model.memory_attached.memories)
    idle, active = _adapters(model)
    weights = {n: w for n, w in sorted(model.named_parameters()) if n not in idle}
    look = active, tuple((each.data_ptr(), each._version) for each in weights.values())  # noqa: SLF001
    known = _weighed.get(model)
    if known is None or known[0] != look:
        digest = hashlib.sha256(active.encode())
        for name, each in weights.items():
            bare = name.replace(".base_layer.", ".").replace(".original_module.", ".")
            digest.update(f"{bare} {each.dtype} {tuple(each.shape)}".encode())
            flat = each.detach().cpu().contiguous().view(-1)
            digest.update(flat.view(torch.uint8).numpy())
        known = _weighed[model] = (look, digest.hexdigest()[:32])
    return {"memory": memories, "weights": known[1]}


def _adapters(model: nn.Module) -> tuple[set[str], str]:
    """Weights of PEFT's adapters that are not active, by name; and which are active where, and how
    strongly. Nothing where there are none.
    """
    idle, active = set(), []
    for path, module in model.named_modules():
        named: Any = module
        layers = getattr(
            type(module), "adapter_layer_names", ()
        )  # PEFT's layers have it, and nothing else
        if not layers:
            continue
        used = [] if named.disable_adapters else list(named.active_adapters)
        scale = getattr(module, "scaling", {})
        if used:
            active.append(f"{path} {[(each, scale.get(each)) for each in used]}")
        for layer in (*layers, *named.other_param_names):
            held = getattr(module, layer, None)
            if isinstance(held, nn.ModuleDict | nn.ParameterDict):
                names = (name for name, _ in held.named_parameters())
                idle |= {f"{path}.{layer}.{n}" for n in names if n.partition(".")[0] not in used}
    return idle, "\n".join(active)


def initial_state(model: Any) -> MemoryState:
    """The state of one session in which nothing was said."""
    paths = model.memory_attached.paths
    with torch.no_grad():
        return MemoryState(
            {n: model.get_submodule(p).memory.cells.initial(1) for n, p in paths.items()}
        )


if not TYPE_CHECKING:

    def __getattr__(name: str) -> Any:
        return _deprecated.attribute(__name__, name)
