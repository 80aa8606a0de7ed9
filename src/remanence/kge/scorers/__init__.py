"""The models, by name.

Each is a few lines of mathematics over rows (`port` says what a scorer owes); which one suits what,
the docs tell.
"""

from typing import Final

from remanence.kge.scorers.bilinear import RESCAL, ComplEx, DistMult, TuckER
from remanence.kge.scorers.rotational import RotatE, RotE
from remanence.kge.scorers.scorer import Scorer
from remanence.kge.scorers.translational import TransD, TransE, TransH, TransR

SCORERS: Final[dict[str, type[Scorer]]] = {
    "transe": TransE,
    "transh": TransH,
    "transr": TransR,
    "transd": TransD,
    "rotate": RotatE,
    "rote": RotE,
    "distmult": DistMult,
    "complex": ComplEx,
    "rescal": RESCAL,
    "tucker": TuckER,
}

__all__ = ["SCORERS", "Scorer"]
