"""Bodies and queries of REST, as in its OpenAPI: strict on the way in, value types on the way out.

It knows shapes. Whether a name or a time can be used is for the verbs to say; what the settings
limit is told by `openapi`.
"""

from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    WithJsonSchema,
    model_validator,
)

from remanence import checks
from remanence.queries import MemoryVersion, Session
from remanence.server.keys import Info
from remanence.types import Episode, Fact, Receipt, Recollection

Label = Annotated[str, Field(min_length=1, max_length=checks.MAX_NAME)]
Text = Annotated[str, Field(min_length=1)]
# A date or an instant; written so for whoever makes requests from the OpenAPI. Other forms of ISO
# 8601 are read too.
Instant = Annotated[
    str,
    Field(max_length=64),
    WithJsonSchema(
        {
            "type": "string",
            "maxLength": 64,
            "description": "RFC 3339, or a date; without an offset it is UTC.",
            "examples": ["2025-03-20T09:00:00Z", "2025-03-20"],
        }
    ),
]
Meta = dict[str, Any]
Scope = Literal["read", "write", "delete", "admin", "proxy"]
_STRICT = ConfigDict(extra="forbid", strict=True)


def _whole(value: Any) -> Any:
    """Return 3 for 3.0: JSON has one kind of number."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


Whole = Annotated[int, BeforeValidator(_whole)]
_NAMESPACE = "Whose memory; else the key's own, else `default`."
_CURSOR = "`next` of the page before this one, for the same question."


class In(BaseModel):
    """A body: no field that is not known, no value of another type."""

    model_config = _STRICT

    namespace: Label | None = Field(None, description=_NAMESPACE)


class NamespaceQuery(BaseModel):
    """A query: no parameter that is not known."""

    model_config = ConfigDict(extra="forbid")

    namespace: Label | None = Field(None, description=_NAMESPACE)


class Paged(NamespaceQuery):
    """A query whose answer comes in pages."""

    limit: Annotated[int, Field(ge=1)] = 100
    cursor: Annotated[str, Field(max_length=64)] | None = Field(None, description=_CURSOR)


class TurnIn(BaseModel):
    """One turn."""

    model_config = _STRICT

    text: Text
    speaker: Label | None = None
    session: Label | None = None
    at: Instant | None = None
    id: Label | None = None
    metadata: Meta | None = None


class RememberIn(In):
    """One turn (`text`, ...), or several (`turns`), which the other fields then complete."""

    text: Text | None = None
    turns: Annotated[list[TurnIn], Field(min_length=1)] | None = None
    speaker: Label | None = None
    session: Label | None = None
    at: Instant | None = None
    id: Label | None = None
    metadata: Meta | None = None

    @model_validator(mode="after")
    def _one_or_several(self) -> "RememberIn":
        if (self.text is None) == (self.turns is None):
            raise ValueError("give either text or turns")
        if self.turns is not None and self.id is not None:
            raise ValueError("id cannot name several turns; give each its own")
        return self


class PutIn(In):
    """The new version of a memory, whole:

    what is left out is empty, but for `at`, which then stays.
    """

    text: Text
    speaker: Label | None = None
    session: Label | None = None
    at: Instant | None = None
    metadata: Meta | None = None


class EpisodesAsked(Paged):
    """Which episodes."""

    session: Label | None = None
    speaker: Label | None = None
    since: Instant | None = Field(None, description="Said at that time or later.")
    until: Instant | None = Field(None, description="Said before that time.")
    order: Literal["newest", "oldest"] = "newest"


class Episodes(BaseModel):
    """Episodes, in order."""

    episodes: list[Episode]


class EpisodePage(Episodes):
    """A page of episodes; `next` is null on the last."""

    next: str | None


class OutlineAsked(NamespaceQuery):
    """Which episodes, and how many stand on a page."""

    session: Label | None = None
    speaker: Label | None = None
    since: Instant | None = None
    until: Instant | None = None
    order: Literal["newest", "oldest"] = "newest"
    limit: Annotated[int, Field(ge=1)] = 100


class Outline(BaseModel):
    """How many episodes there are, and the cursor of each page but the first."""

    total: int
    limit: int
    cursors: list[str]


class Versions(BaseModel):
    """The versions of a memory, newest first."""

    versions: list[MemoryVersion]


class SessionPage(BaseModel):
    """A page of sessions, the latest begun first."""

    sessions: list[Session]
    next: str | None


class RecallIn(In):
    """A question, and what an answer must be."""

    query: Text
    k: Annotated[Whole, Field(ge=1)] = 10
    speaker: Label | None = None
    session: Label | None = None
    since: Instant | None = None
    until: Instant | None = None
    metadata: Meta | None = None
    at: Instant | None = Field(None, description='What "yesterday" is relative to; else now.')


class RecallOut(BaseModel):
    """Recollections, best first; `degraded` names each arm that could not take part."""

    recollections: list[Recollection]
    degraded: list[str]


class ContextIn(In):
    """A question, and how many tokens its evidence may have."""

    query: Text
    budget: Annotated[Whole, Field(ge=1)] = 800
    facts: bool = False
    speaker: Label | None = None
    session: Label | None = None
    since: Instant | None = None
    until: Instant | None = None
    metadata: Meta | None = None
    at: Instant | None = None


class ContextOut(BaseModel):
    """Evidence within a budget; `text` is what to hand to a model."""

    text: str
    recollections: list[Recollection]
    turns: list[Episode]
    cut: list[str]
    tokens: int
    budget: int
    degraded: list[str]
    facts: list[Fact]


class LearnIn(In):
    """A fact."""

    subject: Label
    relation: Label
    object: Label
    valid_from: Instant | None = None
    valid_until: Instant | None = None
    speaker: Label | None = None
    at: Instant | None = None
    id: Label | None = None


class FactsAsked(Paged):
    """Which facts."""

    subject: Label | None = None
    relation: Label | None = None
    object: Label | None = None
    as_of: Instant | None = Field(None, description="What held then in the world; else now.")
    known_at: Instant | None = Field(None, description="What the memory had been told by then.")
    history: bool = Field(False, description="Also what is superseded, retracted or yet to come.")


class FactPage(BaseModel):
    """A page of facts, newest first."""

    facts: list[Fact]
    next: str | None


class EntityAsked(NamespaceQuery):
    """Of whom, and of what time."""

    subject: Label = Field(description="Any name that is known of whoever is meant.")
    as_of: Instant | None = None
    known_at: Instant | None = None


class EntityOut(BaseModel):
    """An entity: its preferred name, its kind, and every name with the episodes that use it."""

    name: str
    kind: str
    names: dict[str, list[str]]


class ProfileOut(BaseModel):
    """The facts of an entity at a time."""

    entity: EntityOut
    facts: list[Fact]


class TimelineOut(BaseModel):
    """All that was ever so of somebody, oldest first;

    `holding` has the ids of the facts that held at the time asked for; `sentences` the facts in
    words, in their order.
    """

    entity: EntityOut
    facts: list[Fact]
    holding: list[str]
    sentences: list[str]


class GraphAsked(EntityAsked):
    """The centre of a neighbourhood, its depth, and the most facts."""

    depth: Annotated[Whole, Field(ge=1, le=4)] = 1
    limit: Annotated[int, Field(ge=1)] = 200


class Node(BaseModel):
    """An entity, and in how many steps it is reached."""

    name: str
    kind: str
    distance: int


class GraphOut(BaseModel):
    """Entities and the facts between them; `more` where the limit left some out."""

    nodes: list[Node]
    facts: list[Fact]
    more: bool


class ForgetIn(In):
    """The selectors of a forgetting:

    every given selector must match. With `dry_run`, only what would go is told.
    """

    id: Label | None = None
    session: Label | None = None
    speaker: Label | None = None
    subject: Label | None = None
    before: Instant | None = None
    everything: bool = False
    dry_run: bool = False


class ForgetOut(BaseModel):
    """The receipt; after a dry run, `ids` of some of the episodes that would go."""

    receipt: Receipt
    dry_run: bool
    ids: list[str]


class ReceiptOut(BaseModel):
    """The receipt of a forgetting, layer by layer."""

    receipt: Receipt


class NamespaceOut(BaseModel):
    """A namespace, and how many episodes it holds, older versions included."""

    namespace: str
    episodes: int


class NamespacePage(BaseModel):
    """A page of namespaces, in order of first use."""

    namespaces: list[NamespaceOut]
    next: str | None


class PageAsked(BaseModel):
    """Which page."""

    model_config = ConfigDict(extra="forbid")

    limit: Annotated[int, Field(ge=1)] = 100
    cursor: Annotated[str, Field(max_length=64)] | None = Field(None, description=_CURSOR)


class CallerOut(BaseModel):
    """A key as its bearer may see it, and the service that it opens."""

    key: str
    scopes: list[Scope]
    namespaces: list[str]
    default_namespace: str | None
    version: str
    upstreams: list[str]


class KeyIn(BaseModel):
    """The scopes, namespaces and expiry of a new key.

    A namespace that ends with * is every one that begins so.
    """

    model_config = _STRICT

    scopes: Annotated[list[Scope], Field(min_length=1, max_length=5)] = ["read", "write"]
    namespaces: Annotated[list[Label], Field(min_length=1, max_length=100)]
    label: Label | None = None
    expires: Instant | None = None


class KeyOut(BaseModel):
    """A new key. `key` is told this once."""

    key: str
    info: Info


class Keys(BaseModel):
    """Keys, oldest first, the revoked ones too."""

    keys: list[Info]


class Error(BaseModel):
    """An error of a body or a query: its place and kind."""

    where: str
    what: str


class ProblemOut(BaseModel):
    """RFC 9457."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[Error] = []
