"""The graph of one namespace: rows and the names in them, and walks over it that answer a question
in several steps.

A row mentions names; a passage is also titled by one. A question names some titles outright. From
those rows, and from the best that the other arms found, a walk follows each name to the passages
that it titles (the strongest link) or that mention it too, and values where it arrives by how much
of the question's rest is answered there. This is a personalised random walk cut after two steps, as
in HippoRAG 2 (Gutierrez et al., 2025), with the strength of a link depending on the question.

Speech has no titles and shares names without meaning anything by it: there the graph is silent. It
knows hashes of names, rows and presences of terms; it does not know texts, scores of other arms, or
how its columns are weighed (fusion does).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from remanence.retrieval import sums
from remanence.retrieval.columns import Column
from remanence.retrieval.lexical import Lexical, ranges
from remanence.storage.appending import POSTING
from remanence.text import names

Floats = NDArray[np.float32]
Rows = NDArray[np.int64]
Mask = NDArray[np.bool_]
Present = Callable[[Rows], Mask]
"""Which of the query's t terms stand in which of `rows` (m,), ascending -> (m, t)."""


@dataclass(frozen=True, slots=True)
class Links:
    """The weight of a link; 1 is a name met whole whose one passage it titles."""

    alias: float = 0.8  # titled by the name but for what stands in parentheses
    part: float = 0.5  # met inside a longer name only
    mention: float = 0.8  # both mention it: over the square root of how many others do
    prior: float = 0.35  # of a passage that answers nothing more of the question
    second: float = 0.2  # of what two steps reach
    spread: float = 2.0  # in score: a start this far below the best counts 1/e of it
    faint: float = 0.1  # the best arrival counts in full from here on
    unnamed: float = 0.3  # of every path, where the question names no title
    slack: float = (
        0.3  # share of the question that the starts leave open, below which paths count less
    )


LINKS: Final = Links()
STARTS: Final = 12  # rows a walk starts from, those that the question names aside
NAMED: Final = 20  # of those
_LEADS: Final = 0.5  # worth of a start from which on it can leave nothing open
_ONWARD: Final = 10  # rows from which the next step starts
_COMMON: Final = 60  # rows that mention a name, above which it links nothing
_SAME_TITLE: Final = 500  # passages of one title, above which it names nothing
_EDGES: Final = 800  # followed in one step, the strongest
_CROWD: Final = 3  # passages of one title from which on each counts less


@dataclass(frozen=True, slots=True)
class Named:
    """The passages that a question names: `rows` (n,) titled so, ascending, with `strengths` (n,)
    in (0, 1]; the names' words as said; and the hashes of all its runs of words: no walk follows a
    name that the question holds already.
    """

    rows: Rows
    strengths: Floats
    phrases: tuple[str, ...]
    known: NDArray[np.uint32]


@dataclass(frozen=True, slots=True)
class Reached:
    """The end of a walk: `rows` (n,), ascending, what the best path to each is `worth` (n,) in [0,
    1], and the row before it on that path, `via` (n,).
    """

    rows: Rows
    worth: Floats
    via: Rows


@dataclass(frozen=True, slots=True)
class _Front:
    """The state of a walk: rows (s,), what each is worth (s,), the question's terms answered on the
    way (s, t), and the row each was come to from (s,).
    """

    rows: Rows
    worth: Floats
    answered: Mask
    via: Rows


@dataclass(frozen=True, slots=True)
class _Edges:
    """Links followed: (e,) position of the start, row of the end, and strength."""

    origin: Rows
    rows: Rows
    strength: Floats

    def __getitem__(self, chosen: Mask | Rows) -> "_Edges":
        return _Edges(self.origin[chosen], self.rows[chosen], self.strength[chosen])


class Graph:
    """Rows and names of one namespace. Rows are numbered by arrival."""

    def __init__(self, links: Links = LINKS) -> None:
        self.links = links
        self._mentioned = Lexical()  # name -> rows; the count of a posting is the mention's kind
        self._titled = Lexical()
        self._names = Column(np.uint32)  # row -> names: those of row i end at _ends[i]
        self._kinds = Column(np.uint8)
        self._ends = Column(np.int64)
        self._passage = Column(np.bool_)

    def __len__(self) -> int:
        return len(self._ends)

    @property
    def nbytes(self) -> int:
        """Bytes held."""
        columns = (self._names, self._kinds, self._ends, self._passage)
        return self._mentioned.nbytes + self._titled.nbytes + sum(c.nbytes for c in columns)

    @property
    def silent(self) -> bool:
        """Return whether no row has a title."""
        return not self._passage.values.any()

    def extend(self, blobs: Sequence[bytes], spoken: Mask) -> None:
        """Append rows, each the stored bytes of its `POSTING`s (name, kind);

        what is spoken has no title.
        """
        sizes = np.fromiter(map(len, blobs), np.int64, len(blobs)) // POSTING.itemsize
        entries = np.frombuffer(b"".join(blobs), POSTING)
        rows = np.repeat(np.arange(len(blobs)), sizes)
        about = (entries["count"] >= names.ALIAS) & ~spoken[rows]
        titles = np.bincount(rows[about], minlength=len(blobs))
        held = len(self._names)
        self._names.extend(entries["term"])
        self._kinds.extend(entries["count"])
        self._ends.extend(held + np.cumsum(sizes))
        self._passage.extend(titles > 0)
        self._mentioned.extend(blobs)
        self._titled.extend(_cut(entries[about].tobytes(), titles * POSTING.itemsize))

    def settle(self) -> None:
        """Worth it after a large load, before many queries."""
        self._mentioned.settle()
        self._titled.settle()
        for column in (self._names, self._kinds, self._ends, self._passage):
            column.trim()

    def names_of(self, rows: Rows) -> tuple[Rows, NDArray[np.uint32], NDArray[np.uint8]]:
        """Every name of `rows` (s,): (e,) position in `rows`, name, kind (see `text.names`)."""
        stops = self._ends.values[rows].astype(np.int64)
        starts = np.where(rows > 0, self._ends.values[rows - 1].astype(np.int64), 0)
        origin, at = ranges(starts, stops - starts)
        kinds = self._kinds.values[at].astype(np.uint8)
        return origin, self._names.values[at].astype(np.uint32), kinds

    def sizes(self, known: NDArray[np.uint32]) -> tuple[Rows, Rows]:
        """How many rows each of the names `known` (u,) titles, and how many it is met in -> (u,),
        (u,).
        """
        return self._titled.sizes(known), self._mentioned.sizes(known)

    def named(self, query: str, alive: Mask) -> Named:
        """The titles that `query` names, longest first:

        a name inside a longer known one is not looked at.
        """
        spans = names.spans(query)
        known = np.array([span.name for span in spans], np.uint32)
        which, rows, kinds, _ = self._titled.gather(known, _SAME_TITLE)
        mentions = self._mentioned.sizes(known)
        titled = np.bincount(which, minlength=len(spans))
        taken: set[int] = set()
        best: dict[int, float] = {}
        phrases = []
        for at, span in enumerate(spans):
            if not titled[at] and not (mentions[at] and span.text != span.text.lower()):
                continue
            if not taken.isdisjoint(range(span.start, span.end)):
                continue
            taken.update(range(span.start, span.end))
            if titled[at]:
                phrases.append(span.text)
                mine = which == at
                for row, strength in zip(
                    rows[mine].tolist(), self._strengths(kinds[mine]), strict=True
                ):
                    if alive[row]:
                        best[row] = max(best.get(row, 0.0), strength)
        found = np.array(sorted(best), np.int64)
        strengths = np.array([best[row] for row in found.tolist()], np.float32)
        return Named(found, strengths, tuple(phrases), known)

    def _strengths(self, kinds: NDArray[np.uint8]) -> list[float]:
        """Of the passages that one name titles:

        a full title beats an alias, one of a crowd counts less.
        """
        alias = self.links.alias if kinds.max() == names.TITLE else 1.0
        crowd = len(kinds) ** 0.25 if len(kinds) >= _CROWD else 1.0
        return [(1.0 if kind == names.TITLE else alias) / crowd for kind in kinds.tolist()]

    def walk(
        self,
        named: Named,
        rows: Rows,
        scores: Floats,
        importance: Floats,
        present: Present,
        alive: Mask,
    ) -> Reached:
        """Follow names for two steps, from what the question names and from the best of `rows`
        (n,), whose `scores` (n,) the other arms gave. `importance` (t,) is that of the question's
        terms; `alive` (len,) bars other rows.
        """
        share = importance / max(float(importance.sum()), 1e-9)
        front = self._start(named, rows, scores, present)
        trust = self._trust(named, front, share)
        steps = []
        for weight in (trust, trust * self.links.second):
            front = self._step(front, named.known, share, present, alive)
            steps.append(replace(front, worth=weight * front.worth))
            front = _best(front, _ONWARD)
        rows = np.concatenate([step.rows for step in steps])
        worth = np.concatenate([step.worth for step in steps])
        order = np.lexsort((-worth, rows))
        first = order[np.diff(rows[order], prepend=-1) > 0]
        via = np.concatenate([step.via for step in steps])
        return Reached(rows[first], worth[first].astype(np.float32), via[first])

    def _start(self, named: Named, rows: Rows, scores: Floats, present: Present) -> _Front:
        top = np.argsort(-scores, kind="stable")[:STARTS]
        worth = np.exp((scores[top] - scores[top[:1]]) / self.links.spread)
        start = dict(zip(rows[top].tolist(), worth.tolist(), strict=True))
        order = np.argsort(-named.strengths, kind="stable")[:NAMED]
        strengths = named.strengths[order].tolist()
        for row, strength in zip(named.rows[order].tolist(), strengths, strict=True):
            start[row] = max(start.get(row, 0.0), strength)
        at = np.array(sorted(start), np.int64)
        worths = np.array([start[row] for row in at.tolist()], np.float32)
        return _Front(at, worths, present(at), at)

    def _trust(self, named: Named, front: _Front, share: Floats) -> float:
        """How much any path counts:

        less where one start answers all, or nothing was named to start from.
        """
        answered = sums.weighted(front.answered[front.worth >= _LEADS], share)
        left = 1.0 - float(answered.max(initial=0.0))
        return min(1.0, left / self.links.slack) * (1.0 if len(named.rows) else self.links.unnamed)

    def _step(
        self, front: _Front, known: NDArray[np.uint32], share: Floats, present: Present, alive: Mask
    ) -> _Front:
        """Return the rows reached by one step along every link;

        the best arrival is worth 1 unless it is faint.
        """
        edges = self._edges(front, known, alive)
        if not len(edges.rows):
            return _best(front, 0)
        rows, at = np.unique(edges.rows, return_inverse=True)
        has = present(rows)
        rest = sums.overlaps(share * ~front.answered, has)  # (s, m)
        strength = edges.strength * (self.links.prior + rest[edges.origin, at])
        worth = np.zeros(len(rows), np.float32)
        np.maximum.at(worth, at, strength)
        came = np.zeros(len(rows), np.int64)
        best = strength == worth[at]
        came[at[best]] = edges.origin[best]
        worth /= max(float(worth.max()), self.links.faint)
        return _Front(rows, worth, has | front.answered[came], front.rows[came])

    def _edges(self, front: _Front, known: NDArray[np.uint32], alive: Mask) -> _Edges:
        """The strongest links out of `front`."""
        origin, via, whole = self._names_of(front.rows, known)
        worth = front.worth[origin] * np.where(whole, np.float32(1), np.float32(self.links.part))
        about = self._to_titled(origin, via, worth)
        beside = self._to_mentioning(origin, via, worth)
        # Speech shares names without meaning anything by it.
        passages = self._passage.values
        both = np.logical_and(passages[front.rows[beside.origin]], passages[beside.rows])
        beside = beside[both]
        edges = _Edges(
            np.concatenate([about.origin, beside.origin]),
            np.concatenate([about.rows, beside.rows]),
            np.concatenate([about.strength, beside.strength]),
        )
        edges = edges[(front.rows[edges.origin] != edges.rows) & alive[edges.rows]]
        if len(edges.rows) > _EDGES:
            edges = edges[np.argpartition(-edges.strength, _EDGES)[:_EDGES]]
        return edges

    def _to_titled(self, origin: Rows, via: NDArray[np.uint32], worth: Floats) -> _Edges:
        which, rows, kinds, sizes = self._titled.gather(via, _SAME_TITLE)
        strength = worth[which] / np.sqrt(sizes[which])
        strength *= np.where(kinds == names.TITLE, 1.0, self.links.alias)
        return _Edges(origin[which], rows, strength.astype(np.float32))

    def _to_mentioning(self, origin: Rows, via: NDArray[np.uint32], worth: Floats) -> _Edges:
        which, rows, kinds, sizes = self._mentioned.gather(via, _COMMON)
        fit = (kinds >= names.PART) & (kinds < names.ALIAS)
        which, rows, kinds = which[fit], rows[fit], kinds[fit]
        strength = self.links.mention * worth[which] / np.sqrt(np.maximum(sizes[which] - 1, 1))
        strength *= np.where(kinds >= names.WHOLE, 1.0, self.links.part)
        return _Edges(origin[which], rows, strength.astype(np.float32))

    def _names_of(
        self, rows: Rows, known: NDArray[np.uint32]
    ) -> tuple[Rows, NDArray[np.uint32], Mask]:
        """Names that `rows` (s,) mention, their own titles and what the question holds aside:
        (e,) position in `rows`, name, whether met whole.
        """
        origin, via, kinds = self.names_of(rows)
        fit = (kinds >= names.PART) & (kinds < names.ALIAS) & ~np.isin(via, known)
        return origin[fit], via[fit], kinds[fit] >= names.WHOLE


def _best(front: _Front, count: int) -> _Front:
    top = np.argsort(-front.worth, kind="stable")[:count]
    return _Front(front.rows[top], front.worth[top], front.answered[top], front.via[top])


def _cut(blob: bytes, sizes: Rows) -> list[bytes]:
    ends = np.cumsum(sizes).tolist()
    return [blob[start:end] for start, end in zip([0, *ends[:-1]], ends, strict=True)]
