"""From turns to drafts: checked, cut, analysed, embedded. Everything that can fail does so here,
before any lock is taken.

It knows text and the embedder; it does not know where drafts go.
"""

import json
import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Protocol

import numpy as np

from remanence import checks, instants
from remanence.embed.port import Embedder
from remanence.encoding import chat_messages, clocks
from remanence.encoding.candidate import Candidate
from remanence.encoding.linking import notation
from remanence.errors import InvalidInput
from remanence.storage.appending import POSTING, Document, Draft
from remanence.text import names, split, words
from remanence.types import Turn


@dataclass(frozen=True, slots=True)
class Projected:
    """The projections of one text, as recall reads them."""

    shape: int
    terms: bytes
    vector: bytes
    names: bytes


@dataclass(frozen=True, slots=True)
class _Checked:
    source: str
    fresh: bool
    pieces: list[str]
    speaker: str | None
    session: str | None
    at: int
    metadata: str | None
    expires: int | None


class Extract(Protocol):
    """Finds what a text says. `at` is when it was said, in microseconds."""

    def __call__(
        self, text: str, *, speaker: str | None, addressee: str | None, at: int
    ) -> Sequence[Candidate]: ...


def turns(items: Iterable[object], given: Mapping[str, Any]) -> list[Turn]:
    """Return the turns of what `remember` was given; messages of programs are left out.

    `given` fills in what a turn leaves open. Raises `InvalidInput`.
    """
    found = []
    for item in items:
        if isinstance(item, Mapping) and chat_messages.is_message(item):
            message = chat_messages.turn_of(item, given)
            found += [] if message is None else [message]
        else:
            found.append(turn(item, given))
    return found


def turn(item: object, given: Mapping[str, Any]) -> Turn:
    """One item of what `remember` was handed, with what it leaves open filled in."""
    if isinstance(item, Mapping):
        unknown = set(item) - {f.name for f in fields(Turn)}
        if unknown or "text" not in item:
            raise InvalidInput(
                "a turn has text, speaker, session, at, id, metadata, expires; "
                f"got {sorted(map(str, item))}"
            )
        item = Turn(**item)
    if isinstance(item, Turn):
        open_fields = {
            name: value
            for name, value in given.items()
            if value is not None and getattr(item, name) is None
        }
        return replace(item, **open_fields) if open_fields else item
    if isinstance(item, str):
        return Turn(item, **given)
    raise InvalidInput(
        f"cannot remember {type(item).__name__} {item!r:.60}; give text, a Turn, or a list of them"
    )


def documents(
    turns: Sequence[Turn], embedder: Embedder, now: int, extract: Extract | None = None
) -> list[Document]:
    """Drafts of every turn, in order; without `extract`, they state nothing.

    Raises `InvalidInput` naming the first turn that cannot be kept, `EmbedderError`.
    """
    checked = [_check(turn, number, now) for number, turn in enumerate(turns)]
    projected = iter(project([piece for turn in checked for piece in turn.pieces], embedder))
    return [_document(turn, [next(projected) for _ in turn.pieces], extract) for turn in checked]


def statements(
    extract: Extract, text: str, speaker: str | None, at: int, metadata: str | None
) -> str | None:
    """Return what a text states, as a body of `storage.facts`, by the episode alone.

    Days are those of the speaker's clock: of the offset that `at` had, which the metadata keep as
    "utc_offset", or of a "timezone" there. "addressee" in the metadata names the addressee. A
    reply, "role": "assistant", states nothing: a model's words are no evidence beside its sources.
    """
    if _said(metadata, "role") == "assistant":
        return None
    offset = clocks.offset(_said(metadata, "utc_offset"), _said(metadata, "timezone"), at)
    shift = offset * instants.MINUTE
    found = extract(text, speaker=speaker, addressee=addressed(metadata), at=at + shift)
    return notation.dump(clocks.universal(each, offset) for each in found)


def addressed(metadata: str | None) -> str | None:
    """To whom an episode was said, where its metadata (JSON) tell."""
    return _said(metadata, "addressee")


def _said(metadata: str | None, key: str) -> str | None:
    if metadata is None or f'"{key}"' not in metadata:
        return None
    given = json.loads(metadata).get(key)
    return given if isinstance(given, str) else None


def project(texts: Sequence[str], embedder: Embedder) -> list[Projected]:
    """The projections of each text: made here and nowhere else, so that a rebuild is equal."""
    vectors = embedder.embed(texts, "passage").astype(np.float16)  # (n, dim)
    known: list[bool] = np.any(vectors, axis=1).tolist()
    blob, width = vectors.tobytes(), vectors.shape[1] * 2
    return [
        Projected(
            words.shape(text),
            terms,
            blob[at * width : (at + 1) * width] if known[at] else b"",
            named,
        )
        for at, (text, terms, named) in enumerate(
            zip(texts, _postings(texts), _named(texts), strict=True)
        )
    ]


def _postings(texts: Sequence[str]) -> list[bytes]:
    """Each text's postings as the bytes of `POSTING`s."""
    return _packed([Counter(map(words.hash32, words.terms(text))) for text in texts])


def _named(texts: Sequence[str]) -> list[bytes]:
    """Each text's names and their kinds as the bytes of `POSTING`s."""
    return _packed(
        [
            {words.hash32(name): kind for name, kind in names.mentions(text).items()}
            for text in texts
        ]
    )


def _packed(found: Sequence[Mapping[int, int]]) -> list[bytes]:
    entries = np.empty(sum(map(len, found)), POSTING)
    entries["term"] = [term for counts in found for term in counts]
    entries["count"] = np.minimum([n for counts in found for n in counts.values()], 255)
    blob, start, cut = entries.tobytes(), 0, []
    for counts in found:
        end = start + len(counts) * POSTING.itemsize
        cut.append(blob[start:end])
        start = end
    return cut


def _check(turn: Turn, number: int, now: int) -> _Checked:
    try:
        return _Checked(
            source=_new_id() if turn.id is None else checks.label(turn.id, "id"),
            fresh=turn.id is None,
            pieces=split.split(checks.text(turn.text)),
            speaker=checks.optional_label(turn.speaker, "speaker"),
            session=checks.optional_label(turn.session, "session"),
            at=now if turn.at is None else instants.parse(turn.at),
            metadata=checks.metadata(clocks.stamped(turn.metadata, turn.at)),
            expires=None if turn.expires is None else instants.parse(turn.expires, "expires"),
        )
    except InvalidInput as error:
        if number:
            error.add_note(f"in turn {number} (counted from 0) of those handed in")
        raise


def _document(turn: _Checked, projected: list[Projected], extract: Extract | None) -> Document:
    whole = len(turn.pieces) == 1
    parts = tuple(
        Draft(
            source=turn.source,
            part=0 if whole else number,
            text=text,
            speaker=turn.speaker,
            session=turn.session,
            at=turn.at,
            metadata=turn.metadata,
            shape=made.shape,
            terms=made.terms,
            vector=made.vector,
            names=made.names,
            statements=None
            if extract is None
            else statements(extract, text, turn.speaker, turn.at, turn.metadata),
        )
        for number, (text, made) in enumerate(zip(turn.pieces, projected, strict=True), start=1)
    )
    return Document(parts, turn.fresh, turn.expires)


def _new_id() -> str:
    """64 random bits: short enough to cite, too many to meet twice."""
    return os.urandom(8).hex()
