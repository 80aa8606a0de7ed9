"""No verb reads the whole log: every query finds its rows by an index."""

import apsw
import pytest

SCANS_ALLOWED = (
    "FROM meta",  # a handful of rows
    "sqlite_schema",
    "FROM event_mark LIMIT 1",  # one row, or none
)


@pytest.fixture
def plans(plain):
    """SQL -> its query plan, of all that runs while the test does."""
    seen: dict[str, list[str]] = {}
    explaining = apsw.Connection(plain.store.engine.path)

    def note(cursor, sql, bindings):
        if sql.split()[0].upper() in ("SELECT", "UPDATE", "DELETE") and sql not in seen:
            seen[sql] = [
                row[3] for row in explaining.execute("EXPLAIN QUERY PLAN " + sql, bindings)
            ]
        return True

    plain.store.engine._writer.exec_trace = note
    connect = plain.store.engine._connect

    def traced():
        connection = connect()
        connection.exec_trace = note
        return connection

    plain.store.engine._connect = traced
    plain.store.engine._idle.clear()
    yield seen
    explaining.close()


def test_every_query_of_every_verb_uses_an_index(plain, plans):
    for text in ("one", "one", "two", "long sentence. " * 500):
        plain.remember(text, id="a", session="s", speaker="w", metadata={"k": 1}, namespace="n")
    plain.recall("one", namespace="n", metadata={"k": 1}, speaker="w", since="2020-01-01")
    plain.context("one", namespace="n", session="s")
    plain.learn("Wei", "likes", "tea", namespace="n")
    plain.facts(namespace="n", subject="Wei")
    plain.facts(namespace="n", known_at="2020-01-01")
    plain.forget(namespace="n", subject="Wei")
    plain.facts(namespace="n")
    plain.forget(namespace="n", id="a")
    plain.forget(namespace="n", session="s")
    assert len(plans) > 12
    scans = {
        sql: plan
        for sql, plan in plans.items()
        if any(step.startswith("SCAN") for step in plan)
        and not any(part in sql for part in SCANS_ALLOWED)
    }
    assert scans == {}
