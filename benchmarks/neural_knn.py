"""Attention over an external store: perplexity on files that use names again, and how long a lookup
among a million keys takes.

`quality`: a GPT-2 that sees a window, the same with `KNNMemory` (the plain one widened until the
totals are equal), and each mixed with a kNN-LM over training files, whose share and temperature are
tuned on other files. Files are of this Python's standard library, split by file. `lookup`: one
query, one thread, the top 32 of keys of 64 numbers, and the share of the exact top 32 that was
found.
"""

import json
import math
import time
from pathlib import Path
from typing import Any

import numpy as np
import report
import torch
from torch import Tensor, nn
from torch.nn import functional
from transformers import GPT2Config, GPT2LMHeadModel

from remanence.lab.tasks.documents import Documents
from remanence.neural import knn_lm
from remanence.neural.configs import KNNMemoryConfig
from remanence.neural.fuse import Fuse
from remanence.neural.index import Exact, Lists, recall
from remanence.neural.knn import KNNMemory

KINDS = ("plain", "knn")
MEMORY = KNNMemoryConfig(layers=(0,), heads=2, key=32, value=32, rows=1024, nearest=32)
SIZE, DEPTH, HEADS = 96, 2, 4
ROWS, RATE, WARM = 4, 3e-3, 30
STORED, NEAREST = 50_000, 64  # contexts of the datastore; neighbours of each


class Student(nn.Module):
    """A GPT-2, and after its first block a memory where there is one."""

    def __init__(self, kind: str, task: Documents) -> None:
        super().__init__()
        self.memory = KNNMemory(MEMORY, SIZE) if kind == "knn" else None
        self.fuse = Fuse(SIZE, SIZE, MEMORY.heads) if kind == "knn" else None
        inner = 4 * SIZE
        if kind == "plain":  # as many numbers more as the memory would have
            more = sum(
                p.numel()
                for m in (KNNMemory(MEMORY, SIZE), Fuse(SIZE, SIZE, MEMORY.heads))
                for p in m.parameters()
            )
            inner += -(-more // (DEPTH * (2 * SIZE + 1)))
        config = GPT2Config(
            vocab_size=task.vocabulary,
            n_positions=task.length,
            n_embd=SIZE,
            n_layer=DEPTH,
            n_head=HEADS,
            n_inner=inner,
            resid_pdrop=0.0,
            embd_pdrop=0.0,
            attn_pdrop=0.0,
            bos_token_id=None,
            eos_token_id=None,
        )
        self.body = GPT2LMHeadModel(config)
        self.state: Any = None
        self.body.transformer.h[0].register_forward_hook(self._remember)

    def _remember(self, _module: nn.Module, _args: Any, output: Any) -> Any:
        if self.memory is None or self.fuse is None:
            return output
        hidden = output[0] if isinstance(output, tuple) else output
        found, self.state = self.memory.through(self.state, hidden)
        said = self.fuse(hidden, found)
        return (said, *output[1:]) if isinstance(output, tuple) else said

    def start(self, rows: int) -> None:
        """A new episode."""
        self.state = self.memory.initial(rows) if self.memory is not None else None

    def forward(self, tokens: Tensor) -> Tensor:
        """Contexts (B, T, D) of a segment."""
        return self.body.transformer(input_ids=tokens, use_cache=False).last_hidden_state


def trained(kind: str, task: Documents, seed: int, steps: int) -> tuple[Student, float]:
    """A model after `steps` steps, and the CPU seconds they took."""
    torch.manual_seed(seed)
    model = Student(kind, task)
    optimiser = torch.optim.AdamW(model.parameters(), lr=RATE, betas=(0.9, 0.99), weight_decay=0.01)
    rate = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda s: min((s + 1) / WARM, 0.5 + 0.5 * math.cos(math.pi * s / steps))
    )
    started, seen = time.process_time(), []
    for step in range(steps):
        episode = task.episode(np.random.default_rng([seed, step]), ROWS, 1)
        model.start(ROWS)
        losses = [
            functional.cross_entropy(
                model.body.lm_head(model(each.tokens)).flatten(0, 1), each.labels.flatten()
            )
            for each in episode
        ]
        loss = torch.stack(losses).mean()
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        rate.step()
        seen.append(float(loss.detach()))
        if step % 50 == 49:
            report.say(
                f"  {kind} seed {seed} step {step + 1}: {np.mean(seen[-50:]):.3f}, "
                f"{time.process_time() - started:.0f} CPU-s"
            )
    return model.eval(), time.process_time() - started


@torch.no_grad()
def told(model: Student, segments: list[Any]) -> tuple[Tensor, Tensor, Tensor]:
    """Contexts (Q, D), next tokens (Q) and the model's log-probabilities of these (Q), for all
    positions.
    """
    contexts, labels, chances = [], [], []
    model.start(len(segments[0].tokens))
    for each in segments:
        hidden = model(each.tokens)
        scores = torch.log_softmax(model.body.lm_head(hidden), -1)
        contexts.append(hidden.flatten(0, 1))
        labels.append(each.labels.flatten())
        chances.append(scores.gather(-1, each.labels[..., None]).flatten())
    return torch.cat(contexts), torch.cat(labels), torch.cat(chances)


@torch.no_grad()
def overlapping(model: Student, segments: list[Any]) -> float:
    """Perplexity of a window that moves by half its length, so that every token past the first
    window sees at least half of one.
    """
    tokens = torch.cat([each.tokens for each in segments], 1)
    labels = torch.cat([each.labels for each in segments], 1)
    wide, total, count = segments[0].tokens.shape[1], 0.0, 0
    for start in range(0, tokens.shape[1] - wide + 1, wide // 2):
        fresh = slice(0, wide) if start == 0 else slice(wide // 2, wide)
        model.start(len(tokens))
        scores = model.body.lm_head(model(tokens[:, start : start + wide])[:, fresh])
        asked = labels[:, start : start + wide][:, fresh]
        total += float(
            functional.cross_entropy(scores.flatten(0, 1), asked.flatten(), reduction="sum")
        )
        count += asked.numel()
    return math.exp(total / count)


def measured(kind: str, task: Documents, seed: int, steps: int, stored: int) -> dict[str, Any]:
    """Everything there is to say of one model."""
    model, cpu = trained(kind, task, seed, steps)
    per = task.whole
    random = np.random.default_rng([seed, 10**6])
    parts = [told(model, task.episode(random, 10, 1)) for _ in range(-(-stored // (10 * per)))]
    store = knn_lm.Datastore(torch.cat([p[0] for p in parts]), torch.cat([p[1] for p in parts]))
    contexts, labels, chances = told(model, task.opening("valid", min(10, task.tested)))
    mixture = knn_lm.tune(chances, store.nearest(contexts, NEAREST), labels)
    test = task.opening("test", task.tested)
    contexts, labels, chances = told(model, test)
    found = store.nearest(contexts, NEAREST)
    return {
        "kind": kind,
        "seed": seed,
        "parameters": sum(p.numel() for p in model.parameters()),
        "steps": steps,
        "train cpu s": cpu,
        "tokens tested": len(labels),
        "contexts stored": len(store),
        "perplexity": math.exp(-float(chances.mean())),
        "overlapping": overlapping(model, test) if kind == "plain" else None,
        "with kNN-LM": math.exp(knn_lm.loss(chances, found, labels, mixture)),
        "share": mixture.share,
        "temperature": mixture.temperature,
    }


def quality(args: Any) -> None:
    """Perplexities, of each seed the models beside each other."""
    task = Documents(tested=64)
    if args.quick:  # our own files: few, and learnt from in a second
        folder = str(report.HERE.parent / "src")
        task = Documents(64, segments=4, vocabulary=512, tested=4, folder=folder)
    stored = 5_000 if args.quick else STORED
    results = [one for each in args.merge for one in json.loads(Path(each).read_text())]
    if not results:
        results = [
            measured(kind, task, seed, args.steps, stored)
            for seed in range(args.first, args.first + args.seeds)
            for kind in args.model or KINDS
        ]
    if args.keep:
        Path(args.keep).write_text(json.dumps(results))
    rows: list[list[Any]] = []
    for each in results:
        plain = [
            r["perplexity"] for r in results if r["kind"] == "plain" and r["seed"] == each["seed"]
        ]
        lower = [
            None if not plain else 100 * (1 - each[name] / plain[0])
            for name in ("perplexity", "with kNN-LM")
        ]
        rows.append(
            [
                each["kind"],
                each["seed"],
                each["parameters"],
                each["perplexity"],
                lower[0],
                each["overlapping"],
                each["with kNN-LM"],
                lower[1],
                f"{each['share']} {each['temperature']}",
                each["train cpu s"],
            ]
        )
    header = [
        "model",
        "seed",
        "parameters",
        "perplexity",
        "% lower",
        "half-window steps",
        "with kNN-LM",
        "% lower than plain",
        "mixture",
        "train CPU s",
    ]
    report.show(
        "Files that use names again",
        header,
        rows,
        args,
        notes=[
            (
                f"{results[-1]['tokens tested']:,} tokens of unseen files; {results[-1]['steps']} "
                f"steps of {ROWS} x {task.whole} tokens"
            ),
            f"{results[-1]['contexts stored']:,} contexts of training files for the kNN-LM",
        ],
    )


def unit(vectors: np.ndarray) -> np.ndarray:
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def keys(kind: str, count: int) -> np.ndarray:
    """Unit keys (count, 64): random ones, or in 5,000 clusters whose sizes fall as a power."""
    random = np.random.default_rng(0)
    noise = random.standard_normal((count, 64), dtype=np.float32)
    if kind == "random":
        return unit(noise)
    sizes = 1 / np.arange(1, 5_001) ** 0.8
    centres = random.standard_normal((5_000, 64)).astype(np.float32)
    return unit(centres[random.choice(5_000, count, p=sizes / sizes.sum())] + 0.5 * noise)


def lookup(args: Any) -> None:
    """Time and recall of the index."""
    rows: list[list[Any]] = []
    for count in (20_000,) if args.quick else (100_000, 1_000_000):
        for kind in ("clustered", "random"):
            made = keys(kind, count + 200)
            stored, asked = made[:count], made[count:]
            started = time.process_time()
            index, exact = Lists(64), Exact(64)
            index.add(np.arange(count), stored)
            built = time.process_time() - started
            exact.add(np.arange(count), stored)
            rows.append(
                [
                    kind,
                    count,
                    index.lists,
                    index.probes,
                    *clocked(index, asked),
                    clocked(exact, asked[:50])[0],
                    recall(index, exact, asked, 32),
                    built,
                ]
            )
    header = [
        "keys",
        "rows",
        "lists",
        "probed",
        "median ms",
        "p95 ms",
        "scan of all ms",
        "recall@32",
        "build CPU s",
    ]
    report.show("Top 32 of keys of 64 numbers, one thread", header, rows, args)


def clocked(index: Any, asked: np.ndarray) -> tuple[float, float]:
    """Median and 95th percentile of CPU milliseconds a search."""
    spent = []
    for query in asked:
        started = time.process_time()
        index.search(query, 32)
        spent.append(time.process_time() - started)
    return report.median_ms(spent), report.percentile(spent, 0.95) * 1e3


def main() -> None:
    parser = report.arguments(__doc__)
    parser.add_argument("--part", choices=("quality", "lookup"), action="append")
    parser.add_argument("--model", choices=KINDS, action="append")
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--steps", type=int, default=240)
    parser.add_argument("--keep", help="write what was measured to this file, for `--merge`")
    parser.add_argument(
        "--merge", nargs="*", default=[], help="make the table from files kept before"
    )
    args = parser.parse_args()
    if args.quick:
        args.steps, args.seeds = 5, 1
    torch.set_num_threads(1)
    for part in args.part or ("quality", "lookup"):
        {"quality": quality, "lookup": lookup}[part](args)


if __name__ == "__main__":
    main()
