"""From settings to objects: the only module that names concrete back ends."""

import os
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

from remanence import config, embed, llm
from remanence.embed.port import Embedder, identity
from remanence.encoding.candidate import Candidate
from remanence.errors import ConfigError
from remanence.memory import Memory
from remanence.retrieval import reader as readers
from remanence.retrieval.arm import Arm, weighted
from remanence.retrieval.arms import ARMS, dense
from remanence.retrieval.reader import Reader
from remanence.storage import forgetting, notes
from remanence.storage.engines import StoreEngine, open_engine
from remanence.text import words
from remanence.types import Consolidation

DEFAULT_EMBEDDER = "static"
MAX_TIMEOUT = 86_400 * 365  # seconds
CUSTOM = "custom:"  # marks, in the store, an embedder that was handed in as an object
_NO_WEIGHTS = (
    "is no model on this machine, whose weights can be taught; name one, such as 'hf:PATH'"
)


def open(
    path: str | os.PathLike[str],
    *,
    embedder: str | Embedder | None = None,
    key: str | None = None,
    readonly: bool = False,
    timeout: float = 30.0,
    extract: bool = True,
    kin: bool | None = None,
    reader: str | os.PathLike[str] | Reader | None = None,
    arms: Sequence[Arm] = ARMS,
    weights: Mapping[str, float] | None = None,
) -> Memory:
    """Open a store, made if it does not exist.

    `path` is a file or ":memory:". `embedder` is a spec ("static", "st:NAME", "minilm",
    "http:URL#MODEL", "hash:256") or an object of your own; absent, it is `$REMANENCE_EMBEDDER`,
    else the one the store was made with, else "static". `key` (or `$REMANENCE_KEY`) encrypts the
    file. `timeout` is how many seconds a write waits for other processes. With `extract=False`
    nothing is read from what is remembered while this memory is open: `remember` is about twice as
    fast, and `facts` knows only what was learnt; `remanence doctor --rebuild` makes up for it.
    `reader` (or `$REMANENCE_READER`) looks at the best candidates together and corrects their
    order: "passages", which comes with the package, a file of `remanence neural reader`, or an
    object of your own; there is none by default (`docs/reader.md` has the figures). `arms` are the
    ways to find that recall uses, `remanence.retrieval.arms.ARMS` or some of your own beside them;
    `weights` changes the weights of some of their signals: `{"session": 0.0}` leaves one out.

    Raises `ConfigError` (also for a key that is empty: None means no encryption),
    `EmbedderMismatch`, `NotAStore`, `StoreTooNew`, `StorageError`.
    """
    if kin is not None:
        warnings.warn(
            "open(kin=) has no effect any more: no recall gained by that arm; leave it out",
            DeprecationWarning,
            stacklevel=2,
        )
    weights = weights or {}
    plain = weighted(arms, weights)
    store = database(path, key=key, readonly=readonly, timeout=timeout)
    try:
        chosen = _embedder_of(store, embedder, readonly=readonly)
        reading = load_reader(reader, identity(chosen))
    except BaseException:
        store.close()
        raise
    rules = by_rules if extract else None
    fitted = _fitted(plain, chosen) if "dense" not in weights else plain
    return Memory(
        store, chosen, extract=rules, reader=reading, arms=fitted, consolidate=by_adapters
    )


def _fitted(arms: Sequence[Arm], embedder: Embedder) -> Sequence[Arm]:
    """Return arms with the weight of the dense one that fits the embedder."""
    weight = dense.BY_EMBEDDER.get(embedder.name)
    if weight is None or not any("dense" in arm.weights for arm in arms):
        return arms
    return weighted(arms, {"dense": weight})


def _embedder_of(
    store: StoreEngine, embedder: str | Embedder | None, *, readonly: bool
) -> Embedder:
    """Return the embedder of a store, noted in it if it is new; finish an erasure left pending.

    Raises `ConfigError`, `EmbedderMismatch`.
    """
    with store.read() as rows:
        noted = notes.notes(rows)
    wanted = (
        embedder or config.setting(config.EMBEDDER) or noted.get("embedder_spec", DEFAULT_EMBEDDER)
    )
    chosen = wanted if not isinstance(wanted, str) else load_embedder(wanted)
    if "embedder" not in noted and not readonly:
        facts = {
            "embedder": identity(chosen),
            "embedder_spec": wanted if isinstance(wanted, str) else CUSTOM + wanted.name,
            "analyser": words.VERSION,
        }
        store.write(lambda rows: notes.note(rows, facts))
    if forgetting.PENDING in noted and not readonly:
        forgetting.erase_in_passing(store)
    with store.read() as rows:
        notes.check_identity(rows, identity(chosen))
        notes.check_analyser(rows, words.VERSION)
    return chosen


def by_rules(text: str, *, speaker: str | None, addressee: str | None, at: int) -> list[Candidate]:
    """`encoding.extraction.extract`, whose tables are loaded when the first text is remembered."""
    from remanence.encoding.extraction import extract

    return extract(text, speaker=speaker, addressee=addressee, at=at)


def by_adapters(memory: Memory, namespace: str, model: Any, **options: Any) -> Consolidation:
    """`consolidation.consolidate`, with the model that a spec names;

    without one, what there is to teach.
    """
    chosen = model if model is not None else config.setting(config.MODEL)
    if chosen is None:
        held = len(memory.facts(namespace=namespace))
        told = (
            f"{held:,} facts hold; to teach them, name a model on this machine, such as 'hf:PATH'"
        )
        return Consolidation(namespace, "no model", None, "", reasons=(told,))
    if isinstance(chosen, str) and not chosen.startswith("hf:"):
        raise ConfigError(f"{chosen!r:.200} {_NO_WEIGHTS}")
    from remanence.consolidation import AdaptedModel, consolidate
    from remanence.llm.local import LocalModel

    taught: Any = llm.load(chosen) if isinstance(chosen, str) else chosen
    taught = taught.local if isinstance(taught, AdaptedModel) else taught
    if not isinstance(taught, LocalModel):
        raise ConfigError(f"{getattr(taught, 'name', taught)!r:.200} {_NO_WEIGHTS}")
    try:
        return consolidate(memory, namespace, taught, **options)
    finally:
        if isinstance(chosen, str):
            taught.close()


def database(
    path: str | os.PathLike[str],
    *,
    key: str | None = None,
    readonly: bool = False,
    timeout: float = 30.0,
) -> StoreEngine:
    """Open the file alone, without asking which embedder made its vectors."""
    path = _path(path)
    if key is not None and (not key or "\0" in key):
        # An empty key would leave the file in the clear, one with NUL would be cut short.
        raise ConfigError(
            f"key= {'has a NUL character' if key else 'is empty'}; give a key, or None for no "
            f"encryption"
        )
    if isinstance(timeout, bool) or not isinstance(timeout, (int, float)):
        raise ConfigError(f"timeout={timeout!r:.80} is no number of seconds")
    if not (0 <= timeout <= MAX_TIMEOUT):
        raise ConfigError(
            f"timeout={timeout!r:.80} is not between 0 and {MAX_TIMEOUT:,} seconds; the default "
            f"is 30"
        )
    return open_engine(
        path, key=config.setting(config.KEY, key), readonly=readonly, timeout=timeout
    )


def _path(given: str | os.PathLike[str]) -> str:
    """A path as text. Raises `ConfigError`."""
    path = os.fspath(given) if isinstance(given, os.PathLike) else given
    if not isinstance(path, str):
        raise ConfigError(f"path is {type(path).__name__}, not text: {path!r:.80}")
    if not path:
        raise ConfigError('path is empty; give a file, or ":memory:" for a store that is not kept')
    if "\0" in path:
        raise ConfigError(f"path={path!r:.80} has a NUL character; no file can be called that")
    return path


def load_reader(given: str | os.PathLike[str] | Reader | None, embedder: str) -> Reader | None:
    """The reader that a path names, `$REMANENCE_READER` where none is given.

    Raises `ConfigError`.
    """
    given = config.setting(config.READER) if given is None else given
    if not isinstance(given, (str, os.PathLike)):
        return given
    found = readers.load(given)
    if found.embedder != embedder:
        raise ConfigError(
            f"the reader {os.fspath(given)!r} was trained on {found.embedder}, and this store "
            f"has {embedder}; "
            "train one for it with `remanence neural reader --embedder`, or open without a reader"
        )
    return found


def load_embedder(wanted: str) -> Embedder:
    """The embedder that a spec names. Raises `ConfigError`."""
    if wanted.startswith(CUSTOM):
        raise ConfigError(
            f"the store was made with an embedder of your own, {wanted.removeprefix(CUSTOM)!r}; "
            "pass it again as embedder="
        )
    return embed.load(wanted)
