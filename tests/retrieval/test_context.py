"""Composing a context: pure, so that it can be told exactly."""

from remanence.retrieval.context import cite, compose, line
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


def test_a_turn_of_the_session_is_not_brought_again():
    turn = Episode("t", "hello there", None, "s", "2025-01-01", "n", "2025-01-01")
    context = compose([found("t", "hello there", 1), found("u", "other", 0.5)], [turn], 100, words)
    assert [item.id for item in context.recollections] == ["u"]
    assert context.text.count("[t ") == 1
