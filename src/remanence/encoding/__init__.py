"""Writing: from a turn to the rows that stand for it."""
