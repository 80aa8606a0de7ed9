"""Which known names stand in a text, and at which tokens: by longest match in a trie, in any
language, over characters or token ids.

A name may name several things: all of them are given, and what reads them decides.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from remanence.errors import InvalidInput

Names = Iterable[tuple[str, int]]
Units = Sequence[Hashable]


@dataclass(frozen=True)
class Linked:
    """entities (B, T, E): numbers of what is named at a token; mask (B, T, E): which of the E
    places are taken.
    """

    entities: Tensor
    mask: Tensor

    def __post_init__(self) -> None:
        if self.entities.shape != self.mask.shape or self.entities.dim() != 3:
            raise InvalidInput(
                f"entities {tuple(self.entities.shape)} and mask {tuple(self.mask.shape)}: both "
                "are (B, T, E)"
            )
        if self.mask.dtype != torch.bool or self.entities.is_floating_point():
            raise InvalidInput(
                f"entities are {self.entities.dtype} and the mask {self.mask.dtype}; give integers "
                "and bool"
            )

    def to(self, device: torch.device | str) -> "Linked":
        """On another device."""
        return Linked(self.entities.to(device), self.mask.to(device))


@dataclass(frozen=True, slots=True)
class Mention:
    """A name found: the units [start, end) of the text, and what it names."""

    start: int
    end: int
    entities: tuple[int, ...]


class Trie:
    """Names as paths of units; `ends` finds those that begin at a place."""

    def __init__(self, names: Iterable[tuple[Units, int]]) -> None:
        self._root: dict[Any, Any] = {}
        for units, entity in names:
            if not len(units):
                raise InvalidInput(f"entity {entity} has an empty name; leave it out")
            node = self._root
            for unit in units:
                node = node.setdefault(unit, {})
            node.setdefault(_END, []).append(entity)

    def ends(self, units: Units, start: int) -> Iterator[Mention]:
        """All names that begin at `start`, shortest first."""
        node: Any = self._root
        for at in range(start, len(units)):
            node = node.get(units[at])
            if node is None:
                return
            if _END in node:
                yield Mention(start, at + 1, tuple(dict.fromkeys(node[_END])))


_END = object()


def leftmost(trie: Trie, units: Units, fits: Callable[[Mention], bool]) -> list[Mention]:
    """From left to right the longest name at each place that is not inside one found before."""
    found: list[Mention] = []
    at = 0
    while at < len(units):
        longest = None
        for each in trie.ends(units, at):
            longest = each if fits(each) else longest
        if longest:
            found.append(longest)
        at = longest.end if longest else at + 1
    return found


def ending(trie: Trie, units: Units, fits: Callable[[Mention], bool]) -> list[Mention]:
    """For each place the longest name that ends there.

    What comes after a place changes nothing about it.
    """
    best: dict[int, Mention] = {}
    for start in range(len(units)):
        for each in trie.ends(units, start):
            if fits(each):
                best.setdefault(each.end, each)  # an earlier start is a longer name
    return [best[end] for end in sorted(best)]


class TokenLinker:
    """Names as token ids: `names` are pairs of ids and the number of what they name.

    Where a tokenizer writes a name in several ways (with and without a space before it), give each.
    `causal`: a token is linked to the longest name that ends at it, so that nothing after a token
    decides what it is linked to; else every token of the longest match is linked, for encoders,
    which see both sides. `most`: things linked at a token at most, in the order of `names`.
    """

    def __init__(
        self, names: Iterable[tuple[Sequence[int], int]], *, causal: bool = False, most: int = 4
    ) -> None:
        _check_most(most)
        self.causal, self.most = causal, most
        self._trie = Trie(names)

    def __call__(self, ids: Tensor, mask: Tensor | None = None) -> Linked:
        """`ids` (B, T), `mask` (B, T) False where padded: what is named at each token."""
        rows = []
        for at, row in enumerate(ids.tolist()):
            # A padded token is a unit that no name has.
            seen = row if mask is None else _hidden(row, mask[at].tolist())
            search = ending if self.causal else leftmost
            rows.append(
                [
                    (token, each.entities)
                    for each in search(self._trie, seen, lambda _: True)
                    for token in range(each.end - 1 if self.causal else each.start, each.end)
                ]
            )
        return _linked(rows, ids.shape[1], self.most).to(ids.device)


class TextLinker:
    """Names as they are written, found in text.

    Case does not count. A name that begins or ends with a letter or digit of a script that puts
    spaces between words does not begin or end inside a word; Chinese, Japanese and Thai names do.

    `names` are pairs of a name and the number of what it names, or a mapping; `causal` and `most`
    as for `TokenLinker`.
    """

    def __init__(
        self, names: Names | Mapping[str, int], *, causal: bool = False, most: int = 4
    ) -> None:
        _check_most(most)
        self.causal, self.most = causal, most
        pairs = names.items() if isinstance(names, Mapping) else names
        self._trie = Trie((_folded(name), entity) for name, entity in pairs)

    def mentions(self, text: str) -> list[Mention]:
        """The names in `text`, by character.

        With `causal`, the longest that ends at each character where one does.
        """
        search = ending if self.causal else leftmost
        return search(self._trie, _folded(text), lambda each: _apart(text, each))

    def _at(self, found: Sequence[Mention], start: int, end: int) -> list[Mention]:
        """Return the mentions to link to a token:

        all that overlap it, or the last that ends in it.
        """
        if self.causal:
            return [each for each in found if start < each.end <= end][-1:]
        return [each for each in found if each.start < end and start < each.end]

    def __call__(self, texts: Sequence[str], offsets: Tensor) -> Linked:
        """`offsets` (B, T, 2), as a fast tokenizer of Hugging Face gives them
        (`return_offsets_mapping=True`): the characters of each token, 0 0 for padding and special
        tokens. A token is linked to the names that it shares a character with; with `causal`, to
        the last name that ends in it.
        """
        if offsets.dim() != 3 or len(offsets) != len(texts) or offsets.shape[-1] != 2:
            raise InvalidInput(
                f"offsets {tuple(offsets.shape)} of {len(texts)} texts; they are (texts, tokens, 2)"
            )
        rows = []
        for text, places in zip(texts, offsets.tolist(), strict=True):
            found = self.mentions(text)
            rows.append(
                [
                    (token, mention.entities)
                    for token, (start, end) in enumerate(places)
                    for mention in self._at(found, start, end)
                ]
            )
        return _linked(rows, offsets.shape[1], self.most).to(offsets.device)


def _linked(rows: list[list[tuple[int, tuple[int, ...]]]], tokens: int, most: int) -> Linked:
    """Pairs (token, what it names) of each row, as tensors; E is what the fullest token needs, 1 at
    least.
    """
    places: list[dict[int, list[int]]] = [{} for _ in rows]
    for row, place in zip(rows, places, strict=True):
        for token, named in row:
            taken = place.setdefault(token, [])
            taken += [each for each in named if each not in taken][: most - len(taken)]
    width = max((len(each) for place in places for each in place.values()), default=1)
    entities = torch.zeros(len(rows), tokens, width, dtype=torch.long)
    mask = torch.zeros(len(rows), tokens, width, dtype=torch.bool)
    for at, place in enumerate(places):
        for token, taken in place.items():
            entities[at, token, : len(taken)] = torch.tensor(taken)
            mask[at, token, : len(taken)] = True
    return Linked(entities, mask)


def _hidden(row: list[int], mask: list[bool]) -> list[int | None]:
    return [unit if kept else None for unit, kept in zip(row, mask, strict=True)]


def _folded(text: str) -> str:
    """Lower case, one character for one, so that places stay what they were."""
    return "".join(low if len(low := each.lower()) == 1 else each for each in text)


def _apart(text: str, found: Mention) -> bool:
    """That no word goes on across either end of the name."""
    return not any(
        0 < edge < len(text) and _spaced(text[edge - 1]) and _spaced(text[edge])
        for edge in (found.start, found.end)
    )


# First and last code point of the scripts that put no spaces between words.
_UNSPACED = (
    (0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF), (0x2E80, 0x30FF), (0x31F0, 0x31FF), (0x3400, 0x4DBF), (0x4E00, 0x9FFF),
    (0xF900, 0xFAFF), (0x20000, 0x323AF),
)  # fmt: skip


def _spaced(letter: str) -> bool:
    return (letter.isalnum() or letter == "_") and not any(
        first <= ord(letter) <= last for first, last in _UNSPACED
    )


def _check_most(most: int) -> None:
    if type(most) is not int or most < 1:
        raise InvalidInput(f"most={most!r:.40} is no number of things at a token, 1 or more")
