"""The gated delta rule: token by token against chunks, forward and backward, and what one token
costs.

One thread. Every form is timed in turn, round after round, and the least CPU time of a round
counts; the gain is that of the token loop over the form. `naive` is `scan.recurrent`, the reference
of the tests.
"""

import time
from collections.abc import Callable
from typing import Any

import report
import torch
from torch import Tensor

from remanence.neural import scan

CHUNKS = (16, 32, 64, 128)
BATCH, HEADS, KEY, VALUE = 4, 4, 64, 64


def inputs(tokens: int, batch: int = BATCH) -> list[Tensor]:
    """q, k, v, erase, add, decay and a state, as a memory makes them."""
    random = torch.Generator().manual_seed(0)

    def normal(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=random)

    axes = (batch, tokens, HEADS)
    q, k = (torch.nn.functional.normalize(normal(*axes, KEY), dim=-1) for _ in range(2))
    made = [q, k, normal(*axes, VALUE)]
    made += [torch.sigmoid(normal(*axes, size)) for size in (KEY, VALUE)]
    made += [-torch.nn.functional.softplus(normal(*axes) - 6), normal(batch, HEADS, KEY, VALUE)]
    return [each.requires_grad_() for each in made]


def both_ways(
    form: Callable[..., tuple[Tensor, Tensor]], given: list[Tensor]
) -> tuple[float, float]:
    """CPU seconds of the forward pass, and of both."""
    for each in given:
        each.grad = None
    start = time.process_time()
    found, state = form(*given)
    half = time.process_time()
    torch.autograd.backward((found, state), (torch.ones_like(found), torch.ones_like(state)))
    return half - start, time.process_time() - start


def main() -> None:
    parser = report.arguments(__doc__)
    parser.add_argument("--tokens", type=int, nargs="*", help="lengths; 512 if absent")
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    torch.set_num_threads(1)
    rounds = 1 if args.quick else args.rounds
    rows = [row for tokens in args.tokens or [512] for row in measured(tokens, rounds)]
    rows.append(decoding(rounds))
    report.show(
        f"Gated delta rule, float32, B {BATCH}, H {HEADS}, K {KEY}, V {VALUE}",
        ["form", "tokens", "forward ms", "forward + backward ms", "gain"],
        rows,
        args,
        notes=[
            f"least CPU time of {rounds} rounds, one thread",
            "`step` is one token, forward, without a gradient",
        ],
        versions={"torch": torch.__version__},
    )


def measured(tokens: int, rounds: int) -> list[list[Any]]:
    """A row for each form at one length."""
    given = inputs(tokens)
    forms: dict[str, Callable[..., tuple[Tensor, Tensor]]] = {"naive": scan.recurrent}
    for size in CHUNKS:
        forms[f"chunks of {size}"] = lambda *x, size=size: scan.chunked(*x, chunk=size)
    least = dict.fromkeys(forms, (float("inf"), float("inf")))
    for turn in range(rounds + 1):
        report.say(f"  {tokens} tokens, round {turn} of {rounds}")
        for name, form in forms.items():
            taken = both_ways(form, given)
            if turn:  # the first warms up
                least[name] = min(least[name][0], taken[0]), min(least[name][1], taken[1])
    slow = least["naive"][1]
    return [
        [name, tokens, one * 1e3, both * 1e3, slow / both] for name, (one, both) in least.items()
    ]


def decoding(rounds: int) -> list[Any]:
    """One token: `step`."""
    *given, state = (each.detach() for each in inputs(1))
    given = [each[:, 0] for each in given]
    taken = []
    for _ in range(rounds * 20):
        start = time.process_time()
        for _ in range(10):
            scan.step(*given, state)
        taken.append((time.process_time() - start) / 10)
    return ["step", 1, min(taken) * 1e3, None, None]


if __name__ == "__main__":
    main()
