"""The assertion status of a clause: what its author does with it. Neutral between languages."""

from dataclasses import dataclass
from enum import Enum


class Status(Enum):
    """One row for each thing that a clause can do; only `ASSERTED` states a fact."""

    ASSERTED = "asserted"
    QUESTION = "question"
    SUPPOSED = "supposed"  # if, would, maybe, imagine
    WISHED = "wished"
    REPORTED = "reported"  # somebody else's word or belief
    FICTION = "fiction"
    IRONIC = "ironic"
    COMMAND = "command"


@dataclass(frozen=True, slots=True)
class Clause:
    """A stretch of one sentence with one verb at most, and its status."""

    start: int  # in characters of the text
    end: int
    status: Status
