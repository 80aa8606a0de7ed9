"""A reader: a small dynamic memory network that looks at recall's best candidates together, in
several hops, and corrects their order.

Kumar et al., "Ask Me Anything" (2016), and Xiong et al., DMN+ (2016): an episode is what attention
finds, a memory is what the episodes have left, and each further hop attends by what the last ones
found. Here a hop also knows what the candidates are to one another (`evidence`): whom the passages
found so far mention, and which part of the question they leave open.

What lives here: the forward pass in numpy, and the file of weights. It is trained elsewhere
(`neural.reader`, with torch); it does not know texts, the store, or how the scores that it corrects
came about.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from remanence.embed import tensors
from remanence.errors import ConfigError, EmbedderError
from remanence.retrieval.evidence import COLUMNS, RELATIONS, View
from remanence.retrieval.pool import Floats

VERSION: Final = "1"
SHIPPED: Final = {"passages": Path(__file__).with_name("data") / "passages.safetensors"}
"""Readers that come with the package, by name (`data/PROVENANCE.md`)."""
TITLED: Final = 0.5  # share of the candidates with a title, below which a reader keeps out
_PRIOR: Final = 4.0  # what a score is divided by where it is a column

Weights = Mapping[str, Floats]
Array = NDArray[np.floating[Any]]


class Reader(Protocol):
    """Reads a view and says what to add to each candidate's score -> (k,); None where it keeps out,
    as it does where fewer than a share `titled` of the candidates have a title.
    """

    @property
    def titled(self) -> float: ...

    def read(self, view: View) -> Floats | None: ...


@dataclass(frozen=True, slots=True)
class DynamicReader:
    """Weights of `members` networks that were trained side by side; what they say is averaged.

    `weights` has an array for each linear map, (members, in, out), and its bias, (members, out):
    `see`; for each hop `attend`, `weigh` and `remember`; `judge` and `say`; and `trust` (members,),
    how much the score of fusion counts. `embedder` is the identity of the one whose likenesses it
    was trained on; `titled` the share of candidates with a title from which on it reads.
    """

    weights: Weights
    hops: int
    embedder: str
    titled: float = TITLED

    def read(self, view: View) -> Floats | None:
        if len(view.scores) < 2 or view.titled < self.titled:
            return None
        gap = view.scores - view.scores[:1]
        said = forward(self.weights, self.hops, view)
        return np.asarray(said.mean(axis=0) - gap, np.float32)


SILENT: Final = DynamicReader({}, 0, "", titled=2.0)
"""A reader that keeps out everywhere."""


def forward(weights: Weights, hops: int, view: View) -> Array:
    """Return each member's reading of each candidate: scores (e, k), of which only the differences
    count.

    e: members, k: candidates, t: terms, d: width of a memory, r: relations.
    """

    def linear(name: str, x: Array) -> Array:  # (e, k, in) -> (e, k, out), or without the k
        bias = weights[f"{name}.bias"]
        if x.ndim == 2:
            return np.asarray((x[:, None] @ weights[f"{name}.weight"])[:, 0] + bias)
        return np.asarray(x @ weights[f"{name}.weight"] + bias[:, None])

    k = len(view.scores)
    prior = weights["trust"][:, None] * (view.scores - view.scores[:1])  # (e, k)
    seen = np.tanh(linear("see", view.columns[None]))  # (e, k, d)
    members, _, width = seen.shape
    relations = view.relations.transpose(1, 2, 0).reshape(k, -1)  # (k, k * r)
    memory: Array = np.zeros((members, width), np.float32)
    answered: Array = np.zeros((members, len(view.share)), np.float32)
    found: Array = np.zeros((members, k), np.float32)
    context: list[Array] = []
    said: list[Array] = []
    column = prior[..., None] / _PRIOR
    for hop in range(hops):
        known = np.concatenate([seen, seen * memory[:, None], column, *context], axis=2)
        score = linear(f"weigh{hop}", np.maximum(linear(f"attend{hop}", known), 0))[..., 0]
        logs = _log_softmax(score + prior if hop == 0 else score)
        attention = np.exp(logs)  # (e, k)
        said.append(np.maximum(logs, -10)[..., None] / 5)
        found = found + attention
        episode = (attention[:, None] @ seen)[:, 0]  # (e, d)
        memory = np.maximum(linear(f"remember{hop}", np.concatenate([memory, episode], axis=1)), 0)
        answered = answered + (1 - answered) * (attention @ view.has)
        led = ((found / (hop + 1)) @ relations).reshape(members, k, -1)  # (e, k, r)
        rest = ((1 - answered) * view.share) @ view.has.T  # (e, k)
        done = (answered * view.share) @ view.has.T
        context = [led, rest[..., None], done[..., None]]
    known = np.concatenate([seen, seen * memory[:, None], *context, *said, column], axis=2)
    return prior + linear("say", np.maximum(linear("judge", known), 0))[..., 0]


def _log_softmax(x: Array) -> Array:
    shifted = x - x.max(axis=1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True)))


def shapes(members: int, width: int, hidden: int, hops: int) -> dict[str, tuple[int, ...]]:
    """The shape of every array of weights, by name."""
    linked = len(RELATIONS) + 2
    maps = {"see": (len(COLUMNS), width), "judge": (2 * width + linked + hops + 1, hidden)}
    maps["say"] = (hidden, 1)
    for hop in range(hops):
        maps[f"attend{hop}"] = (2 * width + 1 + (linked if hop else 0), hidden)
        maps[f"weigh{hop}"] = (hidden, 1)
        maps[f"remember{hop}"] = (2 * width, width)
    found: dict[str, tuple[int, ...]] = {"trust": (members,)}
    for name, (inward, outward) in maps.items():
        found[f"{name}.weight"] = (members, inward, outward)
        found[f"{name}.bias"] = (members, outward)
    return found


def save(reader: DynamicReader, path: Path) -> None:
    """Write the file. Raises `ConfigError` where it cannot be written."""
    about = {
        "reader": VERSION,
        "hops": str(reader.hops),
        "embedder": reader.embedder,
        "titled": repr(reader.titled),
    }
    arrays = {name: np.asarray(array, np.float32) for name, array in reader.weights.items()}
    try:
        tensors.write(path, arrays, about)
    except OSError as error:
        raise ConfigError(f"cannot write the reader {path}: {error.strerror}") from error


def load(path: str | os.PathLike[str]) -> DynamicReader:
    """The reader in a file, or one of `SHIPPED`.

    Raises `ConfigError` where there is none, or one that this version cannot use.
    """
    try:
        arrays, about = tensors.read(SHIPPED.get(os.fspath(path), Path(path)))
    except EmbedderError as error:
        raise ConfigError(
            f"{os.fspath(path)!r} holds no reader ({error.__cause__}); `remanence neural reader` "
            f"makes one"
        ) from error
    try:
        return _checked(arrays, about)
    except (KeyError, ValueError, IndexError) as error:
        raise ConfigError(
            f"{os.fspath(path)!r} is not a reader that this version can use ({error}); "
            "train it again: `remanence neural reader`"
        ) from error


def _checked(arrays: Mapping[str, NDArray[Any]], about: Mapping[str, str]) -> DynamicReader:
    """A reader of `arrays`, if they are the weights of one. Raises `KeyError` or `ValueError`."""
    if about["reader"] != VERSION:
        raise ValueError(f"version {about['reader']}, not {VERSION}")
    hops = int(about["hops"])
    members, _, width = arrays["see.weight"].shape
    wanted = shapes(members, width, arrays["judge.bias"].shape[1], hops)
    for name, shape in wanted.items():
        if arrays[name].shape != shape or not np.isfinite(arrays[name]).all():
            raise ValueError(
                f"{name} has shape {arrays[name].shape}, not {shape}, or is not finite"
            )
    weights = {name: np.array(arrays[name], np.float32) for name in wanted}
    return DynamicReader(weights, hops, about["embedder"], float(about["titled"]))
