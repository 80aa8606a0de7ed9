"""What a memory costs a model: parameters, prefill, a training step, decoding with a cache, and the
bytes of a session.

The model is a GPT-2 of 30 million parameters (d = 512, 8 blocks), fresh from its config, and the
same with a dynamic memory in two blocks; what is timed does not depend on what the weights say.
Both do every job in turn, round after round, in an order that turns around; the median of CPU times
counts. One thread, float32. `prefill` asks for the last token's logits alone, as `generate` does;
`decoding` is one token after a prompt in the cache; `training` is forward, backward and AdamW over
one segment. The times of `generate` itself, with all that it does beside the model, stand below.
`--quick` takes a tiny model, beside which a memory is large: it shows that this runs, and no more.
"""

import copy
import inspect
import statistics
import time
from collections.abc import Callable
from typing import Any

import report
import torch
import transformers
from torch import Tensor

from remanence import neural
from remanence.neural import serialization
from remanence.neural.cache import NAMES, carried

BARS = {"parameters": 1.10, "prefill": 1.10, "training": 1.20, "decoding": 1.10}
STATE = 150_000  # bytes of a session
SIZES = {"vocab_size": 8192, "n_positions": 1024, "n_embd": 512, "n_layer": 8, "n_head": 8}
SMALL = {"vocab_size": 256, "n_positions": 1024, "n_embd": 64, "n_layer": 8, "n_head": 2}
PROMPT, SEGMENT, BATCH = 512, 256, 2  # tokens of a prefill, of a training segment, its rows
BEFORE, NEXT = 128, 32  # tokens in the cache before decoding, and tokens decoded

Job = Callable[[], float]
"""Does a job once: the CPU milliseconds that it took, by its unit."""


def main() -> None:
    parser = report.arguments(__doc__)
    parser.add_argument("--layers", type=int, nargs="*", default=[3, 6])
    for name in ("heads", "key", "value", "chunk", "hops"):
        default = getattr(neural.DynamicMemoryConfig, name)
        parser.add_argument(f"--{name}", type=int, default=default, help=f"{default} if absent")
    parser.add_argument("--job", nargs="*", choices=JOBS, default=list(JOBS), help="these alone")
    parser.add_argument("--rounds", type=int, default=7)
    args = parser.parse_args()
    torch.set_num_threads(1)
    rounds = 2 if args.quick else args.rounds
    config = neural.DynamicMemoryConfig(
        layers=tuple(args.layers), heads=args.heads, key=args.key, value=args.value,
        chunk=args.chunk, hops=args.hops,
    )  # fmt: skip
    plain, carrying = built(config, SMALL if args.quick else SIZES)
    counts = [sum(each.numel() for each in model.parameters()) for model in (plain, carrying)]
    rows = [row("parameters", *counts)]
    for name in args.job:
        unit, prepare = JOBS[name]
        taken = alternating(prepare(plain), prepare(carrying), rounds)
        rows.append(row(name, *taken, unit))
        report.say(f"  {name}: {taken[0]:.1f} and {taken[1]:.1f} ms")
    state = serialization.initial_state(carrying)
    kept = serialization.dump(state, "alice", serialization.binding(carrying))
    rows.append(["state of a session, bytes", None, state.nbytes, None, STATE])
    rows.append(["the same as kept, bytes", None, len(kept), None, None])
    report.show(
        f"GPT-2 without and with {config}",
        ["what", "plain", "with memory", "times", "bar"],
        rows,
        args,
        notes=[
            f"median CPU times of {rounds} rounds, plain and with memory in turn; one thread, float32"
        ],
        versions={"torch": torch.__version__, "transformers": transformers.__version__},
    )


def row(name: str, plain: float, carrying: float, unit: str = "") -> list[Any]:
    """What was counted of both models, and how many times the one is the other."""
    told = f"{name}, {unit}" if unit else name
    return [told, plain, carrying, f"{carrying / plain:.3f}", BARS.get(name)]


def built(config: neural.DynamicMemoryConfig, sizes: dict[str, int]) -> tuple[Any, Any]:
    """The plain model and the one with memory, of the same weights."""
    quiet = dict.fromkeys(("resid_pdrop", "embd_pdrop", "attn_pdrop"), 0.0)
    about = transformers.GPT2Config(**sizes, **quiet, bos_token_id=0, eos_token_id=0)
    plain = transformers.GPT2LMHeadModel(about).eval()
    return plain, neural.attach_memory(copy.deepcopy(plain), config)


def alternating(plain: Job, carrying: Job, rounds: int) -> tuple[float, float]:
    """Median milliseconds of both, after a round that warms up."""
    taken: dict[Job, list[float]] = {plain: [], carrying: []}
    for turn in range(rounds + 1):
        for job in (plain, carrying) if turn % 2 else (carrying, plain):
            ms = job()
            if turn:
                taken[job].append(ms)
    return statistics.median(taken[plain]), statistics.median(taken[carrying])


def spent(work: Callable[[], object], units: int = 1) -> float:
    """CPU milliseconds of `work`, by unit."""
    initial_state = time.process_time()
    work()
    return (time.process_time() - initial_state) * 1e3 / units


def ids(model: Any, rows: int, tokens: int) -> Tensor:
    """(rows, tokens): any, and the same for every model."""
    random = torch.Generator().manual_seed(1)
    return torch.randint(1, model.config.vocab_size, (rows, tokens), generator=random)


def prefill(model: Any) -> Job:
    prompt = ids(model, 1, PROMPT)

    @torch.no_grad()
    def job() -> float:
        return spent(lambda: model(prompt, use_cache=True, logits_to_keep=1))

    return job


def training(model: Any) -> Job:
    segment = ids(model, BATCH, SEGMENT)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-6)

    def step() -> None:
        model(segment, labels=segment, use_cache=False).loss.backward()
        optimizer.step()
        optimizer.zero_grad()

    return lambda: spent(step)


def decoding(model: Any) -> Job:
    prompt = ids(model, 1, BEFORE)
    following = ids(model, NEXT, 1)
    takes = inspect.signature(model.forward).parameters
    called = next(name for name in NAMES if name in takes)

    @torch.no_grad()
    def job() -> float:
        cache = carried(model(prompt, use_cache=True, logits_to_keep=1))

        def decode() -> None:
            for token in following:
                model(token[None], **{called: cache}, use_cache=True)

        return spent(decode, len(following))

    return job


def generating(model: Any) -> Job:
    prompt = ids(model, 1, BEFORE)
    given = {
        "attention_mask": torch.ones_like(prompt),
        "min_new_tokens": NEXT,
        "max_new_tokens": NEXT,
    }
    return lambda: spent(
        lambda: model.generate(prompt, do_sample=False, pad_token_id=0, **given), NEXT
    )


JOBS: dict[str, tuple[str, Callable[[Any], Job]]] = {
    "prefill": (f"ms of {PROMPT} tokens", prefill),
    "decoding": ("ms a token", decoding),
    "generate": ("ms a token, its prompt included", generating),
    "training": (f"ms of {BATCH} x {SEGMENT} tokens", training),
}


if __name__ == "__main__":
    main()
