"""What several tools, prompts and resources ask of a memory, beyond its verbs.

It knows no protocol.
"""

from collections.abc import Iterable
from itertools import islice

from remanence import instants
from remanence.integrations.graphs import words
from remanence.integrations.graphs.words import Event
from remanence.memory import Memory
from remanence.storage import episodes, forgetting
from remanence.storage.database import Connection
from remanence.types import Episode, Fact

NAMES = 100_000  # statements looked through for names


def named(memory: Memory, namespace: str, ids: Iterable[str]) -> list[Episode]:
    """The current episodes of these ids, in their order;

    all parts of a long text. What does not exist is left out.
    """
    with memory.database.read() as connection:
        number = episodes.namespace_id(connection, namespace)
        if number is None:
            return []
        found = [row for id in ids for row in _current(connection, number, id)]
        return episodes.read(connection, namespace, found)


def _current(connection: Connection, namespace: int, id: str) -> list[int]:
    rows = forgetting.find(connection, namespace, forgetting.Selector(id=id))
    return sorted(row for row, state in rows if state == episodes.CURRENT)


def concerning(memory: Memory, namespace: str, subject: str | None) -> list[Fact]:
    """All facts ever, or those of one subject, as either end, each once."""
    if subject is None:
        return memory.facts(namespace=namespace, history=True)
    found = memory.facts(namespace=namespace, subject=subject, history=True)
    found += memory.facts(namespace=namespace, object=subject, history=True)
    return list({fact.id: fact for fact in found}.values())


def timeline(
    memory: Memory, namespace: str, subject: str | None, since: str | None, until: str | None
) -> list[Event]:
    """What began, ended or was said from `since` to `until`, oldest first.

    Raises `InvalidInput`.
    """
    begin, end = (
        None if time is None else instants.parse(time, name)
        for time, name in ((since, "since"), (until, "until"))
    )
    about = concerning(memory, namespace, subject)
    undated = {fact.sources[0]: None for fact in about if not fact.valid_from and fact.sources}
    said = {episode.id: episode.at for episode in named(memory, namespace, undated)}
    return words.timeline(about, said, begin, end)


def names(memory: Memory, namespace: str, beginning: str, most: int) -> list[str]:
    """Names of the graph that begin so, letters' case aside, in alphabetical order."""
    wanted = beginning.casefold()
    with memory.semantic.opened(namespace) as (graph, _):
        spelled = {
            graph.entities.name(graph.entities.root(key))
            for key, _ in islice(graph.stated(), NAMES)
        }
    return sorted(name for name in spelled if name.casefold().startswith(wanted))[:most]
