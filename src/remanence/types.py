"""The values that go in and come out: the same nouns in Python, `--json`, HTTP and MCP.

All are frozen. Times are RFC 3339 strings in UTC. Nothing here knows how a memory is stored or
found.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any

ANSWERABLE = 0.5  # relevance from which a query counts as answerable
Metadata = Mapping[str, Any]
When = str | datetime | date


@dataclass(frozen=True, slots=True)
class Turn:
    """A turn of a conversation, or a document, to be remembered.

    `id` makes a retry harmless: the same id with the same text is remembered once, with other text
    it is a new version. `at` is RFC 3339 (or a `datetime`); without an offset it is UTC; absent, it
    is now. `expires` is the instant from which it is not to be seen, and is forgotten; given again
    with the same text, the later call counts.
    """

    text: str
    speaker: str | None = None
    session: str | None = None
    at: When | None = None
    id: str | None = None
    metadata: Metadata | None = None
    expires: When | None = None


@dataclass(frozen=True, slots=True)
class Episode:
    """A turn as it stands in the log: verbatim, with time, source and version."""

    id: str
    text: str
    speaker: str | None
    session: str | None
    at: str
    namespace: str
    recorded_at: str
    version: int = 1
    source: str = ""
    """The caller's id;

    differs from `id` for the parts `source#1`, `source#2` of a long document.
    """
    metadata: Metadata = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Recollection:
    """An episode brought back by a query; `why` maps an arm's name to its share of `score`."""

    id: str
    text: str
    score: float
    speaker: str | None
    session: str | None
    at: str
    why: Mapping[str, float]
    source: str = ""
    metadata: Metadata = field(default_factory=dict)
    via: str | None = None
    """Where the graph led here: the id of the episode whose names it followed."""
    relevance: float = 0.0
    """Probability, in [0, 1], that the episode bears on the query: comparable between queries."""
    similarity: float = 0.0
    """Cosine of the vectors of query and episode, in [0, 1]; 0 where there is no vector."""
    namespace: str = ""
    """The namespace in which the episode is remembered."""


class Remembered(list[Episode]):
    """The result of `remember`: the episodes as they are now, and which of them are new."""

    def __init__(self, episodes: Iterable[Episode] = (), new: Iterable[bool] = ()) -> None:
        super().__init__(episodes)
        self._new = tuple(new)

    @property
    def new(self) -> list[Episode]:
        """Those that were written by this call."""
        return [episode for episode, new in zip(self, self._new, strict=True) if new]

    @property
    def known(self) -> list[Episode]:
        """Those that the memory had already, with the same text under the same id."""
        return [episode for episode, new in zip(self, self._new, strict=True) if not new]


class Recall(list[Recollection]):
    """Recollections, best first. `degraded` names each arm that could not take part, and why."""

    def __init__(self, items: Iterable[Recollection] = (), degraded: tuple[str, ...] = ()) -> None:
        super().__init__(items)
        self.degraded = degraded

    @property
    def relevance(self) -> float:
        """Relevance of the most relevant recollection; 0 where there is none."""
        return max((item.relevance for item in self), default=0.0)

    @property
    def answerable(self) -> bool:
        """Return whether anything found is likely to answer the query."""
        return self.relevance >= ANSWERABLE


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact: a relation of a subject to an object, its time, and its sources.

    Two times: `valid_from` and `valid_until` say when it holds in the world (None: not known, or
    still so), `recorded_at` when the memory learnt it. `state` is "asserted", "superseded" or
    "retracted". `support` counts the episodes that say so, `sources` names them, newest last.
    """

    id: str
    subject: str
    relation: str
    object: str
    namespace: str
    state: str
    confidence: float
    support: int
    sources: tuple[str, ...]
    recorded_at: str
    valid_from: str | None = None
    valid_until: str | None = None
    superseded_by: str | None = None


@dataclass(frozen=True, slots=True)
class Context:
    """Evidence for a model, within a token budget.

    `text` is what to hand over: the session's last turns (`turns`), then what recall brought
    (`recollections`), each line cited as `[id date speaker]`. `cut` lists the ids that recall
    brought and the budget or a near-duplicate kept out. `facts` are those told beside the evidence.
    `degraded` names what did not work.
    """

    text: str
    recollections: tuple[Recollection, ...]
    turns: tuple[Episode, ...]
    cut: tuple[str, ...]
    tokens: int
    budget: int
    degraded: tuple[str, ...] = ()
    facts: tuple[Fact, ...] = ()

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Receipt:
    """The counts of a forgetting, layer by layer.

    `episodes` counts current episodes, `versions` also their older versions; `terms` the entries of
    the text index, `vectors` the embeddings, `facts` the facts that they stated, `models` what was
    learnt from the namespace's facts (see `knowledge`), `states` the neural sessions that were kept
    there (see `neural`), `adapters` those whose weights had been taught something of it (see
    `consolidation`). `wal` says whether the write-ahead log could be emptied at once ("emptied"),
    holds nothing ("none": memory only), is still read by another process ("pending": emptied by
    the next write or opening, of any process, after that reader is done), or is a database server's
    ("kept": its files have the words until `Memory.compact`, its write-ahead log, standbys and
    archives until they are recycled; see docs/scaling.md).
    """

    namespace: str
    selector: Mapping[str, str]
    episodes: int
    versions: int
    terms: int
    vectors: int
    wal: str
    at: str
    facts: int = 0
    models: int = 0
    states: int = 0
    adapters: int = 0


@dataclass(frozen=True, slots=True)
class Consolidation:
    """The result of a consolidation. state: "live", "aside" (`reasons` say why), "unchanged" (nothing new to
    teach), "no model".

    taught: facts that were new; replayed: that were known, and kept alive; left_out: of sources
    that nobody trusted, or long, or many. scores: shares told on held-out phrasings ("new before",
    "new", "neighbours", "older", "earlier": what earlier nights taught) and the relative rise of
    the loss on other texts ("general"). resumed: the step from which an interrupted night was taken
    up, 0 for none. afresh: whether it began from the plain model. written: questions and statements
    of a writer that were taught beside the tables' own; refused: those that were not, by reason;
    degraded: what went wrong on the way. said: of those taught and replayed, what people said;
    unsaid: what they said beyond the newest that are taught.
    """

    namespace: str
    state: str
    adapter: int | None
    base: str
    taught: int = 0
    replayed: int = 0
    left_out: int = 0
    scores: Mapping[str, float] = field(default_factory=dict)
    reasons: tuple[str, ...] = ()
    steps: int = 0
    resumed: int = 0
    afresh: bool = False
    cpu: float = 0.0
    written: int = 0
    refused: Mapping[str, int] = field(default_factory=dict)
    degraded: tuple[str, ...] = ()
    said: int = 0
    unsaid: int = 0


def as_json(value: Any) -> Any:
    """A value type (or a list of them) as plain dicts and lists, ready for `json.dumps`."""
    if isinstance(value, Recall):
        return {"recollections": [asdict(item) for item in value], "degraded": list(value.degraded)}
    if isinstance(value, (list, tuple)):
        return [as_json(item) for item in value]
    return asdict(value)
