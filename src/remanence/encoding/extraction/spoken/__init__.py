"""English as it is spoken and typed: from one turn to statements, a clause at a time.

`tokens` cuts a text into words, `clauses` finds subject and verb of each clause with its status,
`phrases` cuts objects out, `frames` is the table of what verbs state, `reader` puts them together.
"""

from remanence.encoding.extraction.spoken.reader import read

__all__ = ["read"]
