"""From recollections to a text that fits a token budget: near-duplicates out, each line cited, what
was cut named.

Pure. Maximal marginal relevance (Carbonell and Goldstein, SIGIR 1998), with the overlap of index
terms as the likeness, so that it holds in every language. It knows neither the store nor how
recollections were found.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from remanence.text.words import terms
from remanence.types import Context, Episode, Fact, Recollection

Count = Callable[[str], int]

RELEVANCE = 0.7  # lambda: what relevance weighs against novelty
SAME = 0.9  # likeness above which a line says nothing new
TURNS_SHARE = 0.5  # of the budget, at most, for the session's last turns
TURNS_TITLE = "Conversation so far:"
FACTS_TITLE = "Known facts:"
FACTS_SHARE = 0.25  # of the budget, at most, for facts
MEMORY_TITLE = "From memory:"


def cite(item: Recollection | Episode) -> str:
    """`[m1 2025-03-20 Wei]`: id, date, speaker where there is one."""
    speaker = f" {item.speaker}" if item.speaker else ""
    return f"[{item.id} {item.at[:10]}{speaker}]"


def line(item: Recollection | Episode) -> str:
    """One cited line. Further lines of a text are indented: none can pass for a citation."""
    return f"{cite(item)} " + "\n    ".join(item.text.strip().splitlines())


def compose(
    recollections: Sequence[Recollection],
    turns: Sequence[Episode],
    budget: int,
    count: Count,
    degraded: tuple[str, ...] = (),
    known: Sequence[tuple[Fact, str]] = (),
) -> Context:
    """A context of at most `budget` tokens; `turns` (oldest first) already fit their share.

    `known` are facts, each with its sentence, the most telling first; what fits a share is shown.

    Evidence is chosen by relevance and novelty, and printed in order of time.
    """
    said = {turn.id for turn in turns}
    head = "\n".join([TURNS_TITLE, *map(line, turns)]) if turns else ""
    used = count(head) if turns else 0
    candidates = [item for item in recollections if item.id not in said]
    chosen: list[Recollection] = []
    cut: list[str] = []
    facts, told = _fitting(known, int(budget * FACTS_SHARE), count)
    room = budget - used - count(told) - count(MEMORY_TITLE) - 6
    for item, likeness in _by_novelty(candidates):
        cost = count(line(item)) + 1
        if likeness >= SAME or cost > room:
            cut.append(item.id)
        else:
            chosen.append(item)
            room -= cost
    text = "\n\n".join(block for block in (head, told, _remembered(chosen)) if block)
    return Context(
        text=text,
        recollections=tuple(sorted(chosen, key=lambda item: -item.score)),
        turns=tuple(turns),
        cut=tuple(cut),
        tokens=count(text) if text else 0,
        budget=budget,
        degraded=degraded,
        facts=facts,
    )


def evidence(recollections: Sequence[Recollection], known: Sequence[tuple[Fact, str]] = ()) -> str:
    """Facts and recollections as `compose` shows them, without a session's turns:

    "" where there are none.
    """
    told = "\n".join([FACTS_TITLE, *(_fact(*each) for each in known)]) if known else ""
    return "\n\n".join(block for block in (told, _remembered(recollections)) if block)


def _remembered(recollections: Sequence[Recollection]) -> str:
    """Evidence in order of time, so that what changed reads in the order in which it changed."""
    body = sorted(recollections, key=lambda item: item.at)
    return "\n".join([MEMORY_TITLE, *map(line, body)]) if body else ""


def _fact(fact: Fact, sentence: str) -> str:
    return f"- {sentence} [{fact.sources[-1]}]"


def _fitting(
    known: Sequence[tuple[Fact, str]], room: int, count: Count
) -> tuple[tuple[Fact, ...], str]:
    """The first facts that fit, and the block that tells them, each with its latest source."""
    facts: list[Fact] = []
    block = FACTS_TITLE
    for fact, sentence in known:
        longer = f"{block}\n{_fact(fact, sentence)}"
        if count(longer) > room:
            break
        facts.append(fact)
        block = longer
    return tuple(facts), block if facts else ""


def _by_novelty(candidates: Sequence[Recollection]) -> list[tuple[Recollection, float]]:
    """Candidates in the order of marginal relevance, each with its likeness to those before it."""
    if not candidates:
        return []
    bags = [frozenset(terms(item.text)) or frozenset((item.text,)) for item in candidates]
    alike = _overlaps(bags)
    repeats = (1 - RELEVANCE) * alike  # what one of them takes from another
    best, worst = candidates[0].score, candidates[-1].score
    spread = (best - worst) or 1.0
    gain = RELEVANCE * np.array([(item.score - worst) / spread for item in candidates])
    taken = np.zeros(len(candidates))
    order = []
    for _ in candidates:
        at = int((gain - taken).argmax())
        order.append(at)
        gain[at] = -np.inf
        np.maximum(taken, repeats[at], out=taken)
    before = np.tril(alike[np.ix_(order, order)], -1).max(axis=1).tolist()
    return [(candidates[at], likeness) for at, likeness in zip(order, before, strict=True)]


def _overlaps(bags: Sequence[frozenset[str]]) -> NDArray[np.float64]:
    """(n, n) of n bags: the share of two bags' terms that both hold (Jaccard, 1901)."""
    if len(bags) == 1:
        return np.ones((1, 1))
    columns: dict[str, int] = {}
    at = [columns.setdefault(term, len(columns)) for bag in bags for term in bag]
    sizes = np.array([len(bag) for bag in bags])
    held = np.zeros((len(bags), len(columns)), np.float32)  # (n, distinct terms)
    held[np.repeat(np.arange(len(bags)), sizes), at] = 1
    shared = (held @ held.T).astype(np.float64)
    return np.asarray(shared / (sizes[:, None] + sizes - shared))
