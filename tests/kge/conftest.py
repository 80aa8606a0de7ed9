"""What these tests share:

one thread, and a small graph that follows rules, so that there is something to be learnt.
"""

import os

import pytest
import torch

torch.set_num_threads(1)

PEOPLE, CITIES, PROVINCES = 48, 6, 2


def _planted():
    """People live in cities, cities lie in provinces, who lives in a city is from its province and
    knows who lives there.
    """
    triples = []
    for n in range(CITIES):
        triples.append((f"city{n}", "lies_in", f"province{n % PROVINCES}"))
    for n in range(PEOPLE):
        city = n % CITIES
        triples.append((f"p{n}", "lives_in", f"city{city}"))
        triples.append((f"p{n}", "from", f"province{city % PROVINCES}"))
        for step in (1, 2):
            triples.append((f"p{n}", "knows", f"p{(n + step * CITIES) % PEOPLE}"))
            triples.append((f"p{(n + step * CITIES) % PEOPLE}", "knows", f"p{n}"))
    return triples


@pytest.fixture(scope="session")
def planted():
    """Triples (head, relation, tail) by name."""
    return list(dict.fromkeys(_planted()))


@pytest.fixture(scope="session")
def alone():
    """An environment for a process of its own: one thread, and no word of other processes."""
    strange = ("RANK", "WORLD_SIZE", "LOCAL_RANK", "MASTER_ADDR", "MASTER_PORT")
    kept = {name: value for name, value in os.environ.items() if name not in strange}
    return {**kept, "OMP_NUM_THREADS": "1"}
