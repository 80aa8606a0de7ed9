"""How many processor threads an operation is worth: below some size, threads that wait for each
other cost more than they compute.

On a busy machine a small training by two threads was measured a hundred times slower than by one.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import torch

SMALL = 20_000_000  # multiplications of one step, below which one thread does it


@contextmanager
def thread_count(work: int) -> Iterator[None]:
    """One thread where a step is `work` multiplications and that is little; as many as were set
    where it is much.
    """
    before = torch.get_num_threads()
    if work < SMALL and before > 1:
        torch.set_num_threads(1)
    try:
        yield
    finally:
        if torch.get_num_threads() != before:
            torch.set_num_threads(before)
