"""The whole path, trained on the spot: a graph's embeddings (`remanence.kge`), an encoder, knowledge fusion, a gated memory, a decoder.

    python examples/neural_path.py            # every part, and what each kind of question loses without one
    python examples/neural_path.py --quick    # a few steps: shows that it runs

Four kinds of question about a small world: told in the segment itself, told in an earlier one, told nowhere but in the graph, and both. Questions that
need the graph are tested on pairs of city and relation that training never asks about.
"""

import argparse
import time
from typing import Any

import numpy as np
import torch
from transformers import BertConfig, EncoderDecoderConfig, EncoderDecoderModel, GPT2Config
from transformers.utils import logging

from remanence import kge
from remanence.neural.configs import GatedMemoryConfig
from remanence.neural.fusion import KnowledgeFusion
from remanence.neural.gated import GatedMemory
from remanence.neural.linking import TokenLinker
from remanence.neural.path import Path
from remanence.neural.tasks.graphs import END, KINDS, PAD, START, World

SIZE = 64
VARIANTS = {"all parts": (True, True), "no graph": (False, True), "no memory": (True, False), "neither": (False, False)}  # fmt: skip


def build(world: World, embedding: kge.KnowledgeEmbedding, graph: bool, memory: bool) -> Path:
    count = len(world.words)
    encoder = BertConfig(
        vocab_size=count, hidden_size=SIZE, num_hidden_layers=3, num_attention_heads=4, intermediate_size=128,
        max_position_embeddings=16, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0,
    )  # fmt: skip
    decoder = GPT2Config(
        vocab_size=count, n_positions=8, n_embd=SIZE, n_layer=1, n_head=4, resid_pdrop=0.0, embd_pdrop=0.0, attn_pdrop=0.0,
        add_cross_attention=True, is_decoder=True, bos_token_id=START, eos_token_id=END, pad_token_id=PAD,
    )  # fmt: skip
    config = EncoderDecoderConfig.from_encoder_decoder_configs(encoder, decoder)
    config.decoder_start_token_id, config.pad_token_id, config.eos_token_id = START, PAD, END
    model = EncoderDecoderModel(config=config)
    knowledge = (
        KnowledgeFusion.of(embedding, SIZE, memory=SIZE * memory, heads=4) if graph else None
    )
    cells = GatedMemory(GatedMemoryConfig(cells=16, size=64, heads=4), SIZE) if memory else None
    return Path(model, layer=1, knowledge=knowledge, memory=cells)


def answered(path: Path, linker: TokenLinker, asked: Any) -> Any:
    state = None
    for segment in asked.said:
        state = path.remember(segment, linked=linker(segment), state=state)
    return path(asked.question, linked=linker(asked.question), state=state, labels=asked.labels)


def train(path: Path, linker: TokenLinker, world: World, steps: int, seed: int) -> float:
    source = np.random.default_rng(seed + 1)
    optimiser = torch.optim.AdamW(path.parameters(), lr=2e-3)
    rate = torch.optim.lr_scheduler.OneCycleLR(optimiser, 2e-3, total_steps=steps, pct_start=0.1)
    started = time.process_time()
    for step in range(steps):
        # One person and no gap at first: a memory learns to be written only where a read already helps.
        people, gap = (1, 0) if step < steps // 3 else (2, int(source.integers(2)))
        loss = answered(path, linker, world.batch(source, 64, people=people, gap=gap)).loss
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(path.parameters(), 1.0)
        optimiser.step()
        rate.step()
    return time.process_time() - started


@torch.no_grad()
def accuracy(path: Path, linker: TokenLinker, world: World, rows: int = 512) -> dict[str, float]:
    path.eval()
    asked = world.batch(np.random.default_rng(999), rows, test=True)
    logits = answered(path, linker, asked).logits
    right = logits[:, 0].argmax(-1) == asked.labels[:, 0]
    path.train()
    return {
        kind: 100 * float(right[asked.kind == n].float().mean()) for n, kind in enumerate(KINDS)
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--steps", type=int, default=900)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--variants", default=",".join(VARIANTS))
    args = parser.parse_args()
    torch.set_num_threads(1)
    logging.set_verbosity_error()
    steps = 20 if args.quick else args.steps
    world = World(seed=args.seed)
    embedding = kge.train(
        world.triples, model="transe", dim=32, seed=args.seed, epochs=5 if args.quick else 40
    )
    number = {name: at for at, name in enumerate(embedding.graph.entities)}
    linker = TokenLinker([([world.number[name]], at) for name, at in number.items()])
    print(f"{'':12}" + "".join(f"{kind:>9}" for kind in KINDS) + "    CPU s", flush=True)
    for name in args.variants.split(","):
        torch.manual_seed(args.seed)
        path = build(world, embedding, *VARIANTS[name])
        spent = train(path, linker, world, steps, args.seed)
        found = accuracy(path, linker, world)
        print(
            f"{name:12}" + "".join(f"{found[kind]:9.1f}" for kind in KINDS) + f"{spent:9.0f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
