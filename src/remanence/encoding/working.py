"""Working memory: the last turns of a session, verbatim, as many as a token budget holds.

Older turns are not lost: they are episodes, and recall brings them back when they matter. It knows
turns and tokens, no store.
"""

from collections.abc import Callable, Iterable

from remanence.types import Episode


def last_turns(
    newest_first: Iterable[Episode], budget: int, cost: Callable[[Episode], int]
) -> list[Episode]:
    """The longest unbroken run of latest turns within `budget` tokens, oldest first.

    A turn that does not fit ends the run: a conversation with a hole in it misleads.
    """
    kept: list[Episode] = []
    for turn in newest_first:
        budget -= cost(turn)
        if budget < 0:
            break
        kept.append(turn)
    return kept[::-1]
