"""Inverted index of one namespace: BM25 over hashed terms.

Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009, equation
3.15, with the idf of Lucene, ln(1 + (N - df + 1/2) / (df + 1/2)), which is never negative. Postings
are numpy arrays, sorted by term, in segments that merge as they grow (O'Neil et al., "The
log-structured merge-tree", 1996); the newest rows stand in a dict.

Common words are what makes a query slow. Candidates are chosen by the rarest terms, up to a budget
of postings; for the candidates alone, every term is then looked up. It knows term hashes and rows,
not words.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from remanence.retrieval.columns import Column
from remanence.storage.appending import POSTING

_ROW_BITS, _COUNT_BITS = 26, 6
_MOST = (1 << _COUNT_BITS) - 1  # a count above 63 is 63, where BM25 has long been flat
_TAIL_ROWS = 2_048
_TAIL_TERM = 340  # bytes that a term of the tail takes: dict entry, tuple, two lists
_TAIL_POSTING = 48  # bytes of a posting in the tail: two places in lists, an int
_FANOUT = 8
_NOWHERE: tuple[list[int], list[int]] = ([], [])
_KEPT = 256  # terms whose postings are kept at hand until the index changes

Floats = NDArray[np.float32]
Rows = NDArray[np.int64]
Postings = list[tuple[NDArray[np.uint32], NDArray[np.uint8]]]


@dataclass(frozen=True, slots=True)
class Segment:
    """Postings of a range of rows: the rows of `terms[i]` are `rows[starts[i]:starts[i + 1]]`."""

    terms: NDArray[np.uint32]
    starts: NDArray[np.int64]
    rows: NDArray[np.uint32]
    counts: NDArray[np.uint8]

    def find(self, term: int) -> slice | None:
        """The place of the term's postings."""
        # Of the array's own type: for any other, numpy would convert the whole array first.
        index = int(np.searchsorted(self.terms, np.uint32(term)))
        if index == len(self.terms) or self.terms[index] != term:
            return None
        return slice(int(self.starts[index]), int(self.starts[index + 1]))


def idf(rows: int, frequency: int) -> float:
    """ln(1 + (N - df + 1/2) / (df + 1/2)): N rows, df of them with the term."""
    return math.log1p((rows - frequency + 0.5) / (frequency + 0.5))


def build(keys: NDArray[np.uint64]) -> Segment:
    """A segment from packed postings (term, row, count from the high bits down); sorts in place."""
    keys.sort()
    all_terms = (keys >> np.uint64(_ROW_BITS + _COUNT_BITS)).astype(np.uint32)
    firsts = np.flatnonzero(np.diff(all_terms, prepend=all_terms[:1] ^ np.uint32(1)))
    return Segment(
        terms=all_terms[firsts],
        starts=np.append(firsts, len(keys)),
        rows=((keys >> np.uint64(_COUNT_BITS)) & np.uint64((1 << _ROW_BITS) - 1)).astype(np.uint32),
        counts=(keys & np.uint64(_MOST)).astype(np.uint8),
    )


def pack(terms: NDArray[np.uint32], rows: Rows, counts: NDArray[np.uint8]) -> NDArray[np.uint64]:
    """Postings as sortable integers."""
    high = terms.astype(np.uint64) << np.uint64(_ROW_BITS + _COUNT_BITS)
    return high | (rows.astype(np.uint64) << np.uint64(_COUNT_BITS)) | counts


class Lexical:
    """BM25 over the rows of one namespace. Rows are numbered by arrival."""

    def __init__(self) -> None:
        self._segments: list[Segment] = []
        self._tail: dict[int, tuple[list[int], list[int]]] = {}
        self._tail_from = 0
        self._tail_postings = 0
        self._lengths = Column(np.float32)  # terms per row
        self._gone = Column(np.bool_)
        self._found: dict[int, Postings] = {}  # of the terms that were last asked for
        self._live = 0
        self._live_length = 0.0

    def __len__(self) -> int:
        return len(self._lengths)

    @property
    def lengths(self) -> Floats:
        """Terms per row (n,)."""
        return self._lengths.values  # type: ignore[return-value]

    @property
    def nbytes(self) -> int:
        """Bytes held."""
        arrays = (
            array.nbytes
            for segment in self._segments
            for array in (segment.terms, segment.starts, segment.rows, segment.counts)
        )
        tail = _TAIL_TERM * len(self._tail) + _TAIL_POSTING * self._tail_postings
        return sum(arrays) + self._lengths.nbytes + self._gone.nbytes + tail

    def extend(self, blobs: Sequence[bytes]) -> None:
        """Append rows, each the stored bytes of its `POSTING` postings."""
        self._found.clear()
        sizes = np.fromiter(map(len, blobs), np.int64, len(blobs)) // POSTING.itemsize
        entries = np.frombuffer(b"".join(blobs), POSTING)
        first = len(self)
        counts = np.minimum(entries["count"], _MOST)
        rows = np.repeat(np.arange(first, first + len(blobs)), sizes)
        lengths = np.bincount(rows - first, weights=entries["count"], minlength=len(blobs))
        self._lengths.extend(lengths.astype(np.float32))
        self._gone.extend(np.zeros(len(blobs), np.bool_))
        self._live += len(blobs)
        self._live_length += float(lengths.sum())
        if len(self) - self._tail_from > _TAIL_ROWS:
            self._seal(pack(entries["term"], rows, counts))
            return
        self._tail_postings += len(entries)
        for term, row, count in zip(
            entries["term"].tolist(), rows.tolist(), counts.tolist(), strict=True
        ):
            posting = self._tail.setdefault(term, ([], []))
            posting[0].append(row)
            posting[1].append(count)

    def _seal(self, keys: NDArray[np.uint64]) -> None:
        """Turn the tail and `keys` into a segment, and merge segments of like size."""
        if self._tail:
            sizes = [len(rows) for rows, _ in self._tail.values()]
            terms = np.repeat(np.fromiter(self._tail, np.uint32, len(self._tail)), sizes)
            rows = np.concatenate([np.array(rows) for rows, _ in self._tail.values()])
            counts = np.concatenate([np.array(c, np.uint8) for _, c in self._tail.values()])
            keys = np.concatenate((pack(terms, rows, counts), keys))
        self._tail, self._tail_from, self._tail_postings = {}, len(self), 0
        self._segments.append(build(keys))
        while len(self._segments) >= _FANOUT:
            newest = self._segments[-_FANOUT:]
            if len(newest[0].rows) > _FANOUT * len(newest[-1].rows):
                break
            self._segments[-_FANOUT:] = [build(np.concatenate([_unbuild(s) for s in newest]))]

    def settle(self) -> None:
        """Merge all into one segment: worth it after a large load, before many queries."""
        self._found.clear()
        if self._tail:
            self._seal(np.empty(0, np.uint64))
        if len(self._segments) > 1:
            self._segments = [build(np.concatenate([_unbuild(s) for s in self._segments]))]
        self._lengths.trim()
        self._gone.trim()

    def retire(self, row: int) -> None:
        """Leave a row out of every count and score."""
        self._gone.values[row] = True
        self._live -= 1
        self._live_length -= float(self.lengths[row])

    def _postings(self, term: int) -> Postings:
        """(rows, counts) of a term in each segment that has it.

        A query asks four times for each of its terms.
        """
        found = self._found.get(term)
        if found is None:
            found = [
                (segment.rows[where], segment.counts[where])
                for segment in self._segments
                if (where := segment.find(term)) is not None
            ]
            if term in self._tail:
                rows, counts = self._tail[term]
                found.append((np.array(rows, np.uint32), np.array(counts, np.uint8)))
            if len(self._found) >= _KEPT:
                self._found.clear()
            self._found[term] = found
        return found

    def frequency(self, term: int) -> int:
        """In how many live rows the term stands."""
        if self._live == len(self):
            return sum(len(rows) for rows, _ in self._postings(term))
        gone = self._gone.values
        return sum(
            len(rows) - int(np.count_nonzero(gone[rows])) for rows, _ in self._postings(term)
        )

    def idf(self, term: int) -> float:
        """The term's idf among live rows."""
        return idf(self._live, self.frequency(term))

    @property
    def mean_length(self) -> float:
        """Mean terms per live row."""
        return self._live_length / self._live if self._live else 0.0

    def scores(
        self, terms: Sequence[tuple[int, float]], k1: float, b: float, budget: int
    ) -> Floats:
        """BM25 of every row (n,) for weighted terms [(hash, weight)], commonest terms left out.

        Terms are taken from the rarest on, the first always; one that would bring the postings
        read above `budget` is skipped. These scores choose candidates; `counts` has all terms.
        """
        known = sorted(
            (frequency, term, weight)
            for term, weight in terms
            if (frequency := self.frequency(term))
        )
        scores = np.zeros(len(self), np.float32)
        spent = 0
        for frequency, term, weight in known:
            if spent and spent + frequency > budget:
                break
            spent += frequency
            gain = weight * idf(self._live, frequency)
            for rows, counts in self._postings(term):
                scores[rows] += self._gain(rows, counts, gain, k1, b)
        if self._live < len(self):
            scores[self._gone.values] = 0.0
        return scores

    def counts(self, terms: Sequence[int], rows: Rows) -> NDArray[np.uint8]:
        """How often each of `terms` (t,) stands in each of `rows` (m,), ascending -> (m, t)."""
        found = np.zeros((len(rows), len(terms)), np.uint8)
        narrow = rows.astype(np.uint32)
        for column, term in enumerate(terms):
            for posting, counts in self._postings(term):
                # The fewer are looked for among the more.
                if len(posting) < len(rows):
                    where, hit = _among(narrow, posting)
                    found[where[hit], column] = counts[hit]
                else:
                    where, hit = _among(posting, narrow)
                    found[hit, column] = counts[where[hit]]
        return found

    def sizes(self, terms: NDArray[np.uint32]) -> Rows:
        """In how many rows, retired ones included, each of `terms` (t,) stands -> (t,)."""
        return sum((n for _, n in self._spots(terms)), self._tail_sizes(terms))

    def gather(
        self, terms: NDArray[np.uint32], most: int
    ) -> tuple[Rows, Rows, NDArray[np.uint8], Rows]:
        """The postings of many terms at once, but for those of more than `most` rows.

        (e,) which of `terms` (t,), its row, its count there; and `sizes` of `terms`.
        """
        spots = self._spots(terms)
        in_tail = self._tail_sizes(terms)
        sizes = sum((n for _, n in spots), in_tail)
        fit = sizes <= most
        which: list[Rows] = []
        rows: list[NDArray[np.integer]] = []
        counts: list[NDArray[np.uint8]] = []
        for segment, (starts, found) in zip(self._segments, spots, strict=True):
            term, at = ranges(starts, np.where(fit, found, 0))
            which.append(term)
            rows.append(segment.rows[at])
            counts.append(segment.counts[at])
        for number in np.flatnonzero(fit & (in_tail > 0)).tolist():
            newest, times = self._tail[int(terms[number])]
            which.append(np.full(len(newest), number))
            rows.append(np.array(newest, np.int64))
            counts.append(np.array(times, np.uint8))
        if not rows:
            return np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.uint8), sizes
        return (
            np.concatenate(which),
            np.concatenate(rows).astype(np.int64),
            np.concatenate(counts),
            sizes,
        )

    def _spots(self, terms: NDArray[np.uint32]) -> list[tuple[Rows, Rows]]:
        """In each segment, where the postings of each term start (t,) and how many they are (t,)."""
        found = []
        for segment in self._segments:
            if not len(segment.terms):
                found.append((np.zeros(len(terms), np.int64), np.zeros(len(terms), np.int64)))
                continue
            at = np.searchsorted(segment.terms, terms)
            at[at == len(segment.terms)] = 0
            hit = segment.terms[at] == terms
            starts = segment.starts[at]
            found.append((starts, np.where(hit, segment.starts[at + 1] - starts, 0)))
        return found

    def _tail_sizes(self, terms: NDArray[np.uint32]) -> Rows:
        if not self._tail:
            return np.zeros(len(terms), np.int64)
        held = [len(self._tail.get(term, _NOWHERE)[0]) for term in terms.tolist()]
        return np.array(held, np.int64)

    def _gain(
        self,
        rows: NDArray[np.uint32],
        counts: NDArray[np.uint8],
        gain: float,
        k1: float,
        b: float,
    ) -> Floats:
        """Gain * tf (k1 + 1) / (tf + k1 (1 - b + b length / mean)), per posting."""
        weight = self.lengths[rows]
        weight *= k1 * b / max(self.mean_length, 1e-9)
        weight += k1 * (1.0 - b)
        frequency = counts.astype(np.float32)
        weight += frequency
        frequency *= gain * (k1 + 1.0)
        frequency /= weight
        return frequency


def _among(many: NDArray[np.uint32], few: NDArray[np.uint32]) -> tuple[Rows, NDArray[np.bool_]]:
    """Return the place of each of `few` (m,) in the ascending `many`, and whether it does -> (m,),
    (m,).
    """
    where = np.searchsorted(many, few)
    where[where == len(many)] = 0
    return where, many.take(where) == few


def ranges(starts: Rows, sizes: Rows) -> tuple[Rows, Rows]:
    """(e,) which range, and each position in it, of ranges from `starts` (n,) of `sizes` (n,)."""
    which = np.repeat(np.arange(len(starts)), sizes)
    return which, np.arange(len(which)) + np.repeat(starts - np.cumsum(sizes) + sizes, sizes)


def _unbuild(segment: Segment) -> NDArray[np.uint64]:
    terms = np.repeat(segment.terms, np.diff(segment.starts))
    return pack(terms, segment.rows.astype(np.int64), segment.counts)
