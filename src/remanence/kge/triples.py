"""Triples: a graph as numbers.

Reading and checking files, the known answers of a query, and what kind each relation is.

Entities and relations are numbered in the order of their names' first mention.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from remanence.errors import InvalidInput

Ids = NDArray[np.int64]
Triple = tuple[str, str, str]
CATEGORIES: Final = ("1-1", "1-N", "N-1", "N-N")
# tails a head has on average, below which a side counts as one (Bordes et al., 2013, section 4.3)
ONE: Final = 1.5


@dataclass(frozen=True)
class Triples:
    """A graph: `ids` (n, 3) of head, relation, tail, each triple once, and the names that the
    numbers stand for.
    """

    ids: Ids
    entities: tuple[str, ...]
    relations: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.ids)

    def named(self) -> list[Triple]:
        """The triples by name."""
        e, r = self.entities, self.relations
        return [(e[h], r[k], e[t]) for h, k, t in self.ids.tolist()]


def number(
    triples: Iterable[Sequence[str]],
    entities: Sequence[str] = (),
    relations: Sequence[str] = (),
) -> Triples:
    """Triples by name as a graph; names that are not among `entities` and `relations` are numbered
    after them.

    Raises `InvalidInput` for what is no triple of names that are not blank.
    """
    of_entity = {name: at for at, name in enumerate(entities)}
    of_relation = {name: at for at, name in enumerate(relations)}
    rows: dict[tuple[int, int, int], None] = {}
    for count, triple in enumerate(triples, 1):
        if isinstance(triple, str) or len(triple) != 3:
            raise InvalidInput(f"triple {count}, {triple!r:.80}, is not (head, relation, tail)")
        for name in triple:
            if not isinstance(name, str) or not name.strip():
                raise InvalidInput(
                    f"triple {count}, {tuple(triple)!r:.80}, has a name that is blank or no text: "
                    f"{name!r:.40}"
                )
        head, relation, tail = triple
        key = (
            of_entity.setdefault(head, len(of_entity)),
            of_relation.setdefault(relation, len(of_relation)),
            of_entity.setdefault(tail, len(of_entity)),
        )
        rows[key] = None
    ids = np.array(list(rows), np.int64).reshape(-1, 3)
    return Triples(ids, tuple(of_entity), tuple(of_relation))


def lines(path: Path) -> Iterable[list[str]]:
    """The triples of a file: head TAB relation TAB tail, one a line, UTF-8; blank lines are left
    out.

    Raises `InvalidInput` naming the file and line.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise InvalidInput(f"cannot read {path}: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise InvalidInput(f"{path} is not UTF-8 at byte {error.start}; convert it first") from None
    for count, line in enumerate(text.split("\n"), 1):
        columns = line.rstrip("\r").split("\t")
        if len(columns) == 1 and not columns[0].strip():
            continue
        if len(columns) != 3 or not all(name.strip() for name in columns):
            raise InvalidInput(
                f"{path}, line {count}: {len(columns)} columns in {line!r:.80}, "
                "where head TAB relation TAB tail is wanted, none of them blank"
            )
        yield columns


@dataclass(frozen=True)
class Split:
    """A graph cut in three, all numbered alike.

    What only `valid` or `test` mention has numbers after the rest.
    """

    train: Triples
    valid: Ids = field(default_factory=lambda: np.empty((0, 3), np.int64))
    test: Ids = field(default_factory=lambda: np.empty((0, 3), np.int64))
    entities: tuple[str, ...] = ()
    relations: tuple[str, ...] = ()

    def known(self) -> Ids:
        """Every triple of the three parts (n, 3)."""
        return np.concatenate([self.train.ids, self.valid, self.test])

    def unseen(self, ids: Ids) -> NDArray[np.bool_]:
        """Which of `ids` (n, 3) name an entity or a relation that `train` does not mention."""
        seen_entity = np.zeros(len(self.entities), np.bool_)
        seen_entity[self.train.ids[:, [0, 2]].ravel()] = True
        seen_relation = np.zeros(len(self.relations), np.bool_)
        seen_relation[self.train.ids[:, 1]] = True
        return ~(seen_entity[ids[:, 0]] & seen_entity[ids[:, 2]] & seen_relation[ids[:, 1]])


def split(
    train: Iterable[Sequence[str]],
    valid: Iterable[Sequence[str]] = (),
    test: Iterable[Sequence[str]] = (),
) -> Split:
    """Three lists of triples by name as a `Split`.

    Raises `InvalidInput`, also where nothing is to be trained on.
    """
    first = number(train)
    if not len(first):
        raise InvalidInput("there are no triples to train on; a graph needs at least one")
    second = number(valid, first.entities, first.relations)
    third = number(test, second.entities, second.relations)
    whole = Triples(first.ids, third.entities, third.relations)
    return Split(whole, second.ids, third.ids, third.entities, third.relations)


def read(path: Path | str) -> Split:
    """A folder with `train.txt` and perhaps `valid.txt` and `test.txt`, or one file of triples to
    train on.

    Raises `InvalidInput` where a file is missing, cannot be read, or has a line that is no triple.
    """
    path = Path(path)
    if path.is_dir():
        parts = [path / f"{name}.txt" for name in ("train", "valid", "test")]
        if not parts[0].exists():
            raise InvalidInput(
                f"{path} has no train.txt; give a folder that has, or one file of triples"
            )
        return split(*(lines(part) if part.exists() else () for part in parts))
    return split(lines(path))


def hold_out(triples: Triples, share: float, seed: int) -> Split:
    """`share` of the triples set apart for validation, at random, none whose entity or relation
    would be unseen.
    """
    ids = triples.ids
    order = np.random.default_rng(seed).permutation(len(ids))
    entity = np.bincount(ids[:, [0, 2]].ravel(), minlength=len(triples.entities))
    relation = np.bincount(ids[:, 1], minlength=len(triples.relations))
    apart: list[int] = []
    for at in order.tolist():
        if len(apart) >= share * len(ids):
            break
        head, kind, tail = ids[at].tolist()
        needed = 3 if head == tail else 2
        if min(entity[head], entity[tail]) >= needed and relation[kind] >= 2:
            entity[[head, tail]] -= 1 if head != tail else 2
            relation[kind] -= 1
            apart.append(at)
    left = np.ones(len(ids), np.bool_)
    left[apart] = False
    train = Triples(ids[left], triples.entities, triples.relations)
    return Split(train, ids[np.sort(apart)] if apart else ids[:0], ids[:0], *names(triples))


def names(triples: Triples) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Its entities and its relations."""
    return triples.entities, triples.relations


def both_ways(ids: Ids, relations: int) -> Ids:
    """(n, 3) -> (2n, 3): each triple, and its inverse (t, r + relations, h), so that only tails are
    ever asked for.
    """
    turned = np.stack([ids[:, 2], ids[:, 1] + relations, ids[:, 0]], 1)
    return np.concatenate([ids, turned])


@dataclass(frozen=True)
class Answers:
    """Queries (head, relation) and their answers: those of query q are `tails[starts[q] : starts[q
    + 1]]`, ascending.
    """

    heads: Ids
    relations: Ids
    starts: Ids
    tails: Ids

    def __len__(self) -> int:
        return len(self.heads)


def group(ids: Ids) -> Answers:
    """The queries of `ids` (n, 3), each once, ordered by relation, then by head."""
    ids = _by_query(ids)
    same = np.all(ids[1:] == ids[:-1], axis=1) if len(ids) else np.empty(0, np.bool_)
    ids = ids[np.append(True, ~same)] if len(ids) else ids
    change = np.any(ids[1:, :2] != ids[:-1, :2], axis=1) if len(ids) else np.empty(0, np.bool_)
    first = np.flatnonzero(np.append(True, change)) if len(ids) else np.empty(0, np.int64)
    starts = np.append(first, len(ids)).astype(np.int64)
    return Answers(ids[first, 0], ids[first, 1], starts, ids[:, 2].copy())


def _by_query(ids: Ids) -> Ids:
    """`ids` (n, 3) by relation, head, tail.

    As one number each where that fits: sorting numbers takes a tenth of the time.
    """
    most = int(ids.max(initial=0)) + 1
    if most**3 > np.iinfo(np.int64).max or ids.min(initial=0) < 0:
        return ids[np.lexsort((ids[:, 2], ids[:, 0], ids[:, 1]))]
    pairs, tails = np.divmod(np.sort((ids[:, 1] * most + ids[:, 0]) * most + ids[:, 2]), most)
    kinds, heads = np.divmod(pairs, most)
    return np.stack([heads, kinds, tails], 1)


def categories(train: Ids, relations: int) -> list[str | None]:
    """For each relation its category, "1-1" to "N-N" (heads-tails), by tails a head has and heads a
    tail has on average.

    A side is one below an average of 1.5 (Bordes et al., 2013). None for a relation without
    triples.
    """
    found: list[str | None] = []
    for kind in range(relations):
        ids = train[train[:, 1] == kind]
        if not len(ids):
            found.append(None)
            continue
        tails = len(ids) / len(np.unique(ids[:, 0]))  # a head has on average
        heads = len(ids) / len(np.unique(ids[:, 2]))
        found.append(f"{'1' if heads < ONE else 'N'}-{'1' if tails < ONE else 'N'}")
    return found


def ranges(ids: Ids, relations: int) -> dict[int, Ids]:
    """For each relation and each inverse (numbers from `relations` on), the entities that answer
    it, ascending.
    """
    known = group(both_ways(ids, relations))
    ends = known.starts[np.searchsorted(known.relations, np.arange(2 * relations + 1))]
    return {
        kind: np.unique(known.tails[ends[kind] : ends[kind + 1]]) for kind in range(2 * relations)
    }


def index(names: Sequence[str]) -> Mapping[str, int]:
    """Name -> number."""
    return {name: at for at, name in enumerate(names)}
