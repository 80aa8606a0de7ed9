"""Several processes that train one model (`torchrun`), and how they agree: each takes its part of
every batch, gradients are added up.

Every process draws the same batch, from (seed, epoch), and makes the same update from the same sum,
so that they learn what one process would; what differs is the order of floating-point sums. It
knows torch.distributed, nothing of models.
"""

import atexit
import os
from dataclasses import dataclass

import torch
import torch.distributed as dist
from torch import Tensor

from remanence.errors import ConfigError


@dataclass(frozen=True)
class Processes:
    """A process among `world`, numbered `rank` from 0."""

    rank: int = 0
    world: int = 1

    @classmethod
    def present(cls) -> "Processes":
        """As `torchrun` has set up the environment; alone without it.

        Joins the group on the first call.
        """
        if not dist.is_available() or "RANK" not in os.environ or "WORLD_SIZE" not in os.environ:
            return cls()
        if not dist.is_initialized():
            cuda = torch.cuda.is_available()
            dist.init_process_group("cpu:gloo,cuda:nccl" if cuda else "gloo")
            atexit.register(dist.destroy_process_group)  # threads left behind abort the interpreter
        return cls(dist.get_rank(), dist.get_world_size())

    @property
    def first(self) -> bool:
        """Tell whether this one writes files and speaks."""
        return self.rank == 0

    def device(self, wanted: str) -> torch.device:
        """The device of this process: "cpu", "cuda" (each process its own) or "auto": a GPU where
        there is one.

        Raises `ConfigError` for what this machine does not have.
        """
        if wanted == "auto":
            wanted = "cuda" if torch.cuda.is_available() else "cpu"
        if wanted == "cuda" and self.world > 1:
            return torch.device("cuda", int(os.environ.get("LOCAL_RANK", self.rank)))
        try:
            return torch.empty(0, device=wanted).device
        except (RuntimeError, AssertionError) as error:
            raise ConfigError(
                f"device={wanted!r:.40} cannot be used here: {error!s:.100}"
            ) from None

    def add(self, values: Tensor) -> None:
        """Add up over all processes, in place."""
        if self.world > 1:
            dist.all_reduce(values)
