"""Changes: the facts that began, ended or were first stated within a stretch of time."""

import re
from datetime import datetime
from typing import Final

from remanence import queries
from remanence.apps.ask import answers
from remanence.apps.ask.answers import Answer, Citation
from remanence.apps.ask.questions import window
from remanence.memory import Memory
from remanence.queries.wording import BEGINS, DENIED, ENDS, TimelineEvent

_ASKED: Final = re.compile(
    r"^\s*what(?:'s| is| has| have)? ?(?:changed|new\b|different)|^\s*what changes\b"
    r"|有(?:什么|哪些)(?:新?变化|改变|不同)|(?:什么|哪些)(?:变了|改变了|变化了)|发生了(?:什么|哪些)变化",
    re.IGNORECASE,
)
_ABOUT: Final = re.compile(r"\b(?:with|about|for|in|of) (?P<name>[A-Z][\w'-]*(?: [A-Z][\w'-]*)*)")
_MOST: Final = 50
_MARKS: Final = {
    BEGINS: ("from now on", "开始"),
    ENDS: ("no longer", "结束"),
    DENIED: ("not so", "否认"),
}


def asked(question: str) -> bool:
    """Return whether a question asks what changed.

    >>> asked("What changed since March?"), asked("今年有什么变化？"), asked("What did I eat?")
    (True, True, False)
    """
    return bool(_ASKED.search(question))


def changes(memory: Memory, question: str, namespace: str, reference: datetime) -> Answer:
    """Return the facts that changed in the time that a question names, oldest first."""
    words = answers.wording(question)
    since, until, _ = window(question, reference)
    found = _found(memory, question, namespace, since or None, until or None)
    stretch = f"{since or '...'}/{until or '...'}"
    if not found:
        return Answer(words.nothing, known=False, why=(stretch,))
    shown = found[-_MOST:]
    lines = [_line(event, words is answers.CHINESE) for event in shown]
    ids = dict.fromkeys(source for event in shown for source in event.fact.sources[-1:])
    cited = [
        Citation(one.id, one.at, one.text) for one in queries.named(memory, namespace, list(ids))
    ]
    why = (stretch, f"{len(found)} changes")
    return Answer("\n".join(lines), True, tuple(cited), tuple(lines), why=why)


def _found(
    memory: Memory, question: str, namespace: str, since: str | None, until: str | None
) -> list[TimelineEvent]:
    """Return the changes of a stretch of time, of whoever the question names, else of all."""
    named = _ABOUT.search(question)
    subject = named["name"] if named else None
    found = queries.timeline(memory, namespace, subject, since=since, until=until)
    if found or subject is None:
        return found
    return queries.timeline(memory, namespace, since=since, until=until)  # a month, not a name


def _line(event: TimelineEvent, chinese: bool) -> str:  # noqa: FBT001
    """Return a change as a dated line."""
    mark = _MARKS.get(event.event)
    said = f" ({mark[chinese]})" if mark else ""
    return f"{event.at[:10]}: {event.text}{said}"
