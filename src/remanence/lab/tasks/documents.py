"""Language modelling on documents that use names again: source files, cut into segments, split by
file.

The files are those of the Python that runs (or of a folder), read when they are first needed;
tokens are byte pairs learnt from the training files alone (`tokenizers`). A row of an episode is a
stretch of one file: what a later segment says again, an earlier one has said.
"""

import hashlib
import sysconfig
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from remanence.errors import ConfigError, InvalidInput, MissingExtra
from remanence.lab.tasks.task import Check, Segment, asked

PARTS: Final = ("train", "valid", "test")
_SHARES: Final = (80, 90)  # of a hundred: below, train; below, valid; test above
_LEFT_OUT: Final = ("test", "tests", "idlelib", "site-packages", "lib2to3")
_LEAST: Final = 6_000  # characters of a file; shorter ones have little to say again
_LEARNT: Final = 4_000_000  # characters that the vocabulary is learnt from


@dataclass(frozen=True)
class Corpus:
    """Token ids of each file, by part; `words` is the vocabulary in the JSON of `tokenizers`."""

    files: Mapping[str, tuple[NDArray[np.int32], ...]]
    words: str


@dataclass(frozen=True)
class Documents:
    """`segments` segments of `length` tokens from files under `folder` ("": the standard library of
    this Python), `vocabulary` tokens.
    """

    length: int = 128
    segments: int = 8
    vocabulary: int = 2048
    tested: int = 16
    folder: str = ""

    def __post_init__(self) -> None:
        least = {"length": 2, "segments": 1, "vocabulary": 300, "tested": 1}
        for name, bound in least.items():
            if getattr(self, name) < bound:
                raise ConfigError(f"{name}={getattr(self, name)} is below {bound}")

    @property
    def about(self) -> str:
        return (
            f"source files that use names again, {self.segments} segments of {self.length} tokens"
        )

    @property
    def whole(self) -> int:
        return self.length * self.segments

    @property
    def levels(self) -> int:
        return 1

    @property
    def chance(self) -> float:
        return 1 / self.vocabulary

    def episode(self, random: np.random.Generator, rows: int, level: int) -> list[Segment]:
        """Stretches of training files, each file as often as it has tokens; a label is the token
        after its position.
        """
        del level  # there is one
        files = self.files("train")
        sizes = np.array([len(file) for file in files], np.float64)
        chosen = random.choice(len(files), rows, p=sizes / sizes.sum())
        stretch = [
            files[n][int(random.integers(len(files[n]) - self.whole)) :][: self.whole + 1]
            for n in chosen
        ]
        return list(self._cut(np.stack(stretch)))

    def checks(self) -> Mapping[str, Check]:
        files = len(self.files("test"))
        rows = min(self.tested, files)
        return {"unseen files": Check(partial(self._opening, part="test"), rows=rows, rounds=1)}

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    def files(self, part: str) -> tuple[NDArray[np.int32], ...]:
        """The files of a part that have an episode's tokens.

        Raises `InvalidInput` where there is none.
        """
        found = tuple(file for file in self.corpus().files[part] if _long_enough(file, self.whole))
        if not found:
            raise InvalidInput(
                f"no {part} file has {self.whole + 1} tokens; choose another folder, or fewer "
                "segments"
            )
        return found

    def corpus(self) -> Corpus:
        """Read, learnt and cut, once a process for each folder and vocabulary."""
        return _corpus(self.folder, self.vocabulary)

    def opening(self, part: str, rows: int | None = None) -> list[Segment]:
        """The first segments of the first `rows` files of a part, a row each:

        what is measured on.
        """
        files = self.files(part)[:rows]
        return list(self._cut(np.stack([file[: self.whole + 1] for file in files])))

    def _opening(self, random: np.random.Generator, rows: int, *, part: str) -> Iterator[Segment]:
        del random  # the same files each time
        yield from self.opening(part, rows)

    def _cut(self, stretch: NDArray[np.int32]) -> Iterator[Segment]:
        for start in range(0, self.whole, self.length):
            part = stretch[:, start : start + self.length + 1]
            yield asked(part[:, :-1], part[:, 1:])


def _long_enough(file: NDArray[np.int32], whole: int) -> bool:
    """Tell whether a file has `whole` tokens and one after them."""
    return len(file) > whole


def part_of(name: str) -> str:
    """The part of a file, by its name alone:

    so a file never changes sides when others come or go.
    """
    share = int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "big") % 100
    return PARTS[sum(share >= bound for bound in _SHARES)]


def _text_of(path: Path) -> str | None:
    """Return a file's text; None in another encoding than UTF-8."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return None


def texts(folder: str = "") -> dict[str, list[str]]:
    """The files' texts by part, in the order of their names."""
    root = Path(folder or sysconfig.get_paths()["stdlib"])
    found: dict[str, list[str]] = {part: [] for part in PARTS}
    for path in sorted(root.rglob("*.py")):
        if not folder and set(path.relative_to(root).parts) & set(_LEFT_OUT):
            continue
        text = _text_of(path)
        if text is not None and (folder or len(text) >= _LEAST):
            found[part_of(path.relative_to(root).as_posix())].append(text)
    if not all(found.values()):
        counts = {part: len(each) for part, each in found.items()}
        raise InvalidInput(f"{root} gives {counts} files; every part needs one, so add files")
    return found


@cache
def _corpus(folder: str, vocabulary: int) -> Corpus:
    try:
        from tokenizers import ByteLevelBPETokenizer
    except ImportError as error:
        raise MissingExtra(
            f'documents need {error.name}, which is not installed; pip install "remanence[neural]"'
        ) from error
    found = texts(folder)
    words = ByteLevelBPETokenizer()
    order = np.random.default_rng(0).permutation(len(found["train"]))
    learnt, size = [], 0
    for n in order:
        if size < _LEARNT:
            learnt.append(found["train"][n])
            size += len(found["train"][n])
    words.train_from_iterator(learnt, vocab_size=vocabulary, show_progress=False)
    files = {
        part: tuple(np.array(each.ids, np.int32) for each in words.encode_batch(found[part]))
        for part in PARTS
    }
    return Corpus(files, words.to_str())


__all__ = ["Corpus", "Documents", "part_of", "texts"]
