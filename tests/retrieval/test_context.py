"""Composing a context: pure, so that it can be told exactly."""

import random

import pytest

from remanence.retrieval.context import RELEVANCE, _by_novelty, cite, compose, line
from remanence.text.words import terms
from remanence.types import Episode, Recollection


def found(id, text, score, at="2025-01-01T00:00:00Z", speaker=None):
    return Recollection(id, text, score, speaker, None, at, {})


def words(text):
    return len(text.split())


def test_a_citation_has_id_date_and_speaker():
    assert cite(found("m1", "x", 1, "2025-03-20T09:00:00Z", "Wei")) == "[m1 2025-03-20 Wei]"
    assert cite(found("m1", "x", 1)) == "[m1 2025-01-01]"


def test_lines_after_the_first_are_indented():
    assert line(found("m1", " a\nb\r\nc ", 1)) == "[m1 2025-01-01] a\n    b\n    c"


def test_evidence_is_printed_in_order_of_time_and_kept_in_order_of_score():
    items = [found("b", "later words", 2, "2025-02-01"), found("a", "earlier other", 1)]
    context = compose(items, [], 100, words)
    assert context.text.index("[a ") < context.text.index("[b ")
    assert [item.id for item in context.recollections] == ["b", "a"]


def test_what_does_not_fit_is_cut_and_smaller_evidence_still_fits():
    items = [found("big", "alpha " * 50, 3), found("small", "beta gamma", 2)]
    context = compose(items, [], 20, words)
    assert [item.id for item in context.recollections] == ["small"]
    assert context.cut == ("big",)
    assert context.tokens <= 20


def test_novelty_goes_before_a_little_more_relevance():
    items = [
        found("a", "red apple on the table", 1.0),
        found("b", "red apple on a table", 0.95),
        found("c", "blue whale song", 0.9),
        found("d", "nothing much", 0.0),
    ]
    context = compose(items, [], 22, words)
    chosen = {item.id for item in context.recollections}
    assert {"a", "c"} <= chosen
    assert "b" in context.cut


def one_by_one(candidates):
    """Maximal marginal relevance as it is written down:

    each against all that were chosen before it.
    """
    bags = {item.id: set(terms(item.text)) or {item.text} for item in candidates}
    best, worst = candidates[0].score, candidates[-1].score
    left, chosen = list(candidates), []

    def likeness(item):
        own = bags[item.id]
        others = (bags[each.id] for each, _ in chosen)
        return max((len(own & other) / len(own | other) for other in others), default=0.0)

    def worth(item):
        relevance = (item.score - worst) / ((best - worst) or 1.0)
        return RELEVANCE * relevance - (1 - RELEVANCE) * likeness(item)

    while left:
        item = max(left, key=worth)
        left.remove(item)
        chosen.append((item, likeness(item)))
    return chosen


@pytest.mark.parametrize("n", [1, 2, 3, 7, 60])
@pytest.mark.parametrize(
    "alphabet", [("red", "fox", "den"), ("红", "the", ""), tuple("abcdefghij")]
)
def test_novelty_agrees_with_a_slow_twin(n, alphabet):
    chance = random.Random(n)
    texts = [" ".join(chance.choices(alphabet, k=chance.randrange(8))) for _ in range(n)]
    scores = sorted((chance.choice([1.0, 2.0, chance.random()]) for _ in range(n)), reverse=True)
    items = [
        found(str(at), text, score)
        for at, (text, score) in enumerate(zip(texts, scores, strict=True))
    ]
    assert _by_novelty(items) == one_by_one(items)


def test_a_turn_of_the_session_is_not_brought_again():
    turn = Episode("t", "hello there", None, "s", "2025-01-01", "n", "2025-01-01")
    context = compose([found("t", "hello there", 1), found("u", "other", 0.5)], [turn], 100, words)
    assert [item.id for item in context.recollections] == ["u"]
    assert context.text.count("[t ") == 1
