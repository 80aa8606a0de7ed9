"""Questions about a memory, answered by counting, ranking and listing events, by stated causes, or
by quoting.

    Asker(memory).ask("How many times did I go climbing in 2024?")

`english`, `chinese` read sentences for what happened; `events` derives rows from episodes;
`questions`, `chinese_questions` make a `Plan` of a question; `selecting` and `running` run it as
SQL; `causes` and `reasons` answer why; `answers` words the result; `asker` is the door.
"""

from remanence.apps.ask.answers import Answer, Citation
from remanence.apps.ask.asker import Asker, Planner, parse
from remanence.apps.ask.plan import Operation, Plan, Target, load

__all__ = [
    "Answer",
    "Asker",
    "Citation",
    "Operation",
    "Plan",
    "Planner",
    "Target",
    "load",
    "parse",
]
