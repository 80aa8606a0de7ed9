"""The whole path, trained on the spot: a graph's embeddings (`remanence.kge`), an encoder,
knowledge fusion, a gated memory, a decoder.

    python examples/neural_path.py                   # every part, and what each kind of question loses without one
    python examples/neural_path.py --memory dynamic  # with a matrix in place of a few cells
    python examples/neural_path.py --quick           # a few steps: shows that it runs

Four kinds of question about a small world: told in the segment itself, told in an earlier one, told
nowhere but in the graph, and both; of one person, and "2" of one of two. Questions that the graph
are tested on pairs of city and relation that training never asks about.
`benchmarks/neural_fusion.py` does the same with several seeds.
"""

import argparse

import torch
from transformers.utils import logging

from remanence import kge
from remanence.lab.path_training import MEMORIES, PathPlan, table, train
from remanence.lab.tasks.graphs import World


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--memory", choices=MEMORIES[:-1], default=MEMORIES[0])
    parser.add_argument("--steps", type=int, default=PathPlan().steps)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    torch.set_num_threads(1)
    logging.set_verbosity_error()
    steps = 10 if args.quick else args.steps
    world = World(seed=args.seed)
    embedding = kge.train(world.triples, model="transe", dim=64, seed=args.seed, epochs=40)
    variants = {
        "all parts": (args.memory, True), "no graph": (args.memory, False), "no memory": ("none", True), "neither": ("none", False),
    }  # fmt: skip
    for number, (name, (memory, graph)) in enumerate(variants.items()):
        plan = PathPlan(memory=memory, graph=graph, steps=steps, seed=args.seed)
        trained = train(world, embedding, plan)
        found = table(trained, world)
        if not number:
            print(f"{'':12}" + "".join(f"{kind:>11}" for kind in found) + "    CPU s")
        cells = "".join(f"{value:11.1f}" for value in found.values())
        print(f"{name:12}{cells}{trained.seconds:9.0f}", flush=True)


if __name__ == "__main__":
    main()
