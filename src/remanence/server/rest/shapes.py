"""What REST takes and gives, as the OpenAPI tells it: strict on the way in, the value types on the way out.

It knows shapes. Whether a name or a time can be used is for the verbs to say.
"""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from remanence import checks
from remanence.types import Episode, Recollection

Label = Annotated[str, Field(min_length=1, max_length=checks.MAX_NAME)]
Text = Annotated[str, Field(min_length=1)]
Instant = Annotated[
    str, Field(max_length=64, description="RFC 3339, or a date; without an offset it is UTC.")
]
Meta = dict[str, Any]


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    namespace: Label | None = Field(
        None, description="Whose memory; else the key's own, else `default`."
    )


class TurnIn(BaseModel):
    """What was said."""

    model_config = ConfigDict(extra="forbid", strict=True)

    text: Text
    speaker: Label | None = None
    session: Label | None = None
    at: Instant | None = None
    id: Label | None = None
    metadata: Meta | None = None


class RememberIn(_In):
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


class Episodes(BaseModel):
    """Episodes, in order."""

    episodes: list[Episode]


class RecallIn(_In):
    """A question, and what an answer must be."""

    query: Text
    k: Annotated[int, Field(ge=1)] = 10
    speaker: Label | None = None
    session: Label | None = None
    since: Instant | None = None
    until: Instant | None = None
    metadata: Meta | None = None
    at: Instant | None = None


class RecallOut(BaseModel):
    """Recollections, best first; `degraded` names each arm that could not take part."""

    recollections: list[Recollection]
    degraded: list[str]
