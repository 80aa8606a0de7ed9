"""Questions about a memory that are more than one lookup, and edits of single memories.

Functions over an open `Memory`, and the values that they return. The command line, REST, MCP, the
chat and the proxy call them: nothing else counts or composes.

    queries.page(memory, "wei", most=20)                      # the log, page by page
    queries.timeline(memory, "wei", "Wei", since="2025-01-01")
    queries.neighbourhood(memory, "wei", "Wei", depth=2, most=100)
    queries.preview(memory, "wei", speaker="Yan")             # what `forget` would remove
"""

from remanence.queries.edits import edit, put, redact
from remanence.queries.neighbourhoods import Neighbourhood, Node, neighbourhood
from remanence.queries.pages import (
    MemoryVersion,
    Page,
    Session,
    get,
    named,
    outline,
    page,
    sessions,
    tag,
    versions,
)
from remanence.queries.previews import ForgetPlan, Preview, plan, preview
from remanence.queries.profiles import EntityProfile, entity_names, profile
from remanence.queries.timelines import FactHistory, concerning, fact_history, timeline
from remanence.queries.wording import Sentence, TimelineEvent

__all__ = [
    "EntityProfile",
    "FactHistory",
    "ForgetPlan",
    "MemoryVersion",
    "Neighbourhood",
    "Node",
    "Page",
    "Preview",
    "Sentence",
    "Session",
    "TimelineEvent",
    "concerning",
    "edit",
    "entity_names",
    "fact_history",
    "get",
    "named",
    "neighbourhood",
    "outline",
    "page",
    "plan",
    "preview",
    "profile",
    "put",
    "redact",
    "sessions",
    "tag",
    "timeline",
    "versions",
]
