"""Training the reader for recall: the network of `retrieval.reader` in torch, several members side
by side, on views with answers.

Every gold candidate is set against all that are none (a pairwise loss with the sum over the others
inside the logarithm, as in ListNet, Cao et al., 2007), on top of the score of fusion, from which
the network starts without a change. One collection teaches habits that are wrong in the next, so a
training also meets fusions of its own making: arms that count more or less, a graph that is silent,
question terms that are lost.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from remanence import _deprecated, checks
from remanence.errors import ConfigError

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Example:
    """One question's candidates, best first by fusion: `k` of them, `t` terms, `r` relations.

    scores: (k,). columns: (k, f), the first three being gap, spread and rank of the score. has: (k,
    t). share: (t,). relations: (r, k, k). gold: (k,) which ones answer.
    """

    scores: Floats
    columns: Floats
    has: Floats
    share: Floats
    relations: Floats
    gold: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class ReaderPlan:
    """How a reader is trained. Raises `ConfigError` for values that cannot be."""

    members: int = 3
    width: int = 24
    hidden: int = 32
    hops: int = 3
    epochs: int = 5
    batch: int = 32
    rate: float = 3e-3
    decay: float = 1e-3
    dropout: float = 0.1
    lost_terms: float = 0.15
    lost_columns: float = 0.1
    arms: float = 0.7  # standard deviation of ln(an arm's weight), where a fusion is made
    silent: float = 0.3  # how often such a fusion has no graph
    plain: float = 0.3  # how often fusion is left as it is
    shrink: float = 0.02  # of the square of what is added to a score
    seed: int = 0

    def __post_init__(self) -> None:
        wrong = checks.mistyped(self)
        for field in fields(self):
            value = getattr(self, field.name)
            if type(field.default) is int and field.name != "seed" and value < 1:
                wrong.append(f"{field.name}={value} is below 1")
            if type(field.default) is float and not 0 <= value < math.inf:
                wrong.append(f"{field.name}={value} is not a finite number from 0 on")
        if wrong:
            raise ConfigError("; ".join(wrong))


@dataclass(frozen=True, slots=True)
class Layout:
    """Places of the arms' columns, the graph's among them, and their divisors."""

    arms: slice
    graph: int
    scale: float


@dataclass(frozen=True, slots=True)
class PassageBatch:
    """Examples padded to one size: b questions, k candidates, t terms, r relations."""

    scores: Tensor  # (b, k)
    columns: Tensor  # (b, k, f)
    has: Tensor  # (b, k, t)
    share: Tensor  # (b, t)
    relations: Tensor  # (b, r, k, k)
    gold: Tensor  # (b, k)
    there: Tensor  # (b, k)


class ReaderNetwork(nn.Module):
    """`members` networks; every linear map is an array with a leading axis for them."""

    def __init__(self, shapes: dict[str, tuple[int, ...]], hops: int, dropout: float) -> None:
        super().__init__()
        self.hops, self.dropout = hops, dropout
        self.arrays = nn.ParameterDict()
        for name, shape in shapes.items():
            self.arrays[name.replace(".", "_")] = nn.Parameter(_initial(name, shape))

    def _linear(self, name: str, x: Tensor) -> Tensor:
        """From (e, b, ..., in) to (e, b, ..., out)."""
        weight, bias = self.arrays[f"{name}_weight"], self.arrays[f"{name}_bias"]
        flat = x.flatten(1, -2) @ weight + bias[:, None]
        found: Tensor = flat.unflatten(1, x.shape[1:-1])
        return found

    def forward(self, batch: PassageBatch) -> tuple[Tensor, Tensor]:
        """Scores (e, b, k), of which only differences within a question count; and what was added
        to those of fusion.
        """
        members = len(self.arrays["trust"])
        b, k = batch.scores.shape
        top = batch.scores.masked_fill(~batch.there, -math.inf).amax(1, keepdim=True)
        prior = self.arrays["trust"][:, None, None] * (batch.scores - top)  # (e, b, k)
        seen = torch.tanh(self._linear("see", batch.columns.expand(members, -1, -1, -1)))
        memory = seen.new_zeros(members, b, seen.shape[-1])
        answered = seen.new_zeros(members, b, batch.share.shape[1])
        found = seen.new_zeros(members, b, k)
        column = prior[..., None] / 4
        context: list[Tensor] = []
        said: list[Tensor] = []
        for hop in range(self.hops):
            known = torch.cat([seen, seen * memory[:, :, None], column, *context], -1)
            score = self._linear(f"weigh{hop}", self._hidden(f"attend{hop}", known))[..., 0]
            score = score + prior if hop == 0 else score
            logs = score.masked_fill(~batch.there, -1e4).log_softmax(-1)
            attention = logs.exp()
            said.append(logs.clamp(min=-10)[..., None] / 5)
            found = found + attention
            episode = (attention[:, :, None] @ seen)[:, :, 0]
            memory = torch.relu(self._linear(f"remember{hop}", torch.cat([memory, episode], -1)))
            answered = answered + (1 - answered) * torch.einsum(
                "ebk,bkt->ebt", attention, batch.has
            )
            led = torch.einsum("ebi,brij->ebjr", found / (hop + 1), batch.relations)
            rest = torch.einsum("ebt,bkt->ebk", batch.share * (1 - answered), batch.has)
            done = torch.einsum("ebt,bkt->ebk", batch.share * answered, batch.has)
            context = [led, rest[..., None], done[..., None]]
        known = torch.cat([seen, seen * memory[:, :, None], *context, *said, column], -1)
        added = self._linear("say", self._hidden("judge", known))[..., 0]
        return prior + added, added

    def _hidden(self, name: str, x: Tensor) -> Tensor:
        return functional.dropout(torch.relu(self._linear(name, x)), self.dropout, self.training)

    def export(self) -> dict[str, Floats]:
        """The arrays by the names that `retrieval.reader` has for them."""
        return {
            name.replace("_", "."): array.detach().numpy().astype(np.float32)
            for name, array in self.arrays.items()
        }


def _initial(name: str, shape: tuple[int, ...]) -> Tensor:
    """Uniform within 1 / sqrt(in); `say` begins at nothing, so that a fresh reader changes nothing,
    and trust at one.
    """
    if name == "trust":
        return torch.ones(shape)
    if name.startswith("say") or name.endswith("bias"):
        return torch.zeros(shape)
    bound = shape[1] ** -0.5
    return torch.empty(shape).uniform_(-bound, bound)


def fit(
    sets: Sequence[Sequence[Example]],
    shapes: dict[str, tuple[int, ...]],
    plan: ReaderPlan,
    layout: Layout,
    *,
    sizes: Sequence[int] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> ReaderNetwork:
    """Train on `sets` of examples, `sizes` questions of each an epoch (absent: as many as it has).

    Same seed, same weights.

    Examples without a gold candidate teach nothing and are left out. Raises `ValueError` where
    nothing is left.
    """
    useful = [[each for each in examples if each.gold.any()] for examples in sets]
    wanted = sizes or [len(some) for some in useful]
    counts = np.array([size if some else 0 for some, size in zip(useful, wanted, strict=True)])
    if not counts.sum():
        raise ValueError("no question has an answer among its candidates")
    random = np.random.default_rng(plan.seed)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(plan.seed)
        network = ReaderNetwork(shapes, plan.hops, plan.dropout)
        optimizer = torch.optim.AdamW(network.parameters(), plan.rate, weight_decay=plan.decay)
        steps = max(1, plan.epochs * int(counts.sum()) // plan.batch)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, plan.rate, total_steps=steps + 1)
        waiting: list[list[int]] = [[] for _ in useful]
        network.train()
        for step in range(steps):
            at = int(random.choice(len(useful), p=counts / counts.sum()))
            if not waiting[at]:
                waiting[at] = random.permutation(len(useful[at])).tolist()
            chosen, waiting[at] = waiting[at][: plan.batch], waiting[at][plan.batch :]
            batch = disturbed(padded([useful[at][one] for one in chosen]), plan, layout)
            scores, added = network(batch)
            loss = loss_of(scores, added, batch, plan.shrink)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            if progress:
                progress(step + 1, steps)
    return network.eval()


def loss_of(scores: Tensor, added: Tensor, batch: PassageBatch, shrink: float) -> Tensor:
    """The mean over members and questions of ln(1 + sum over others of exp(other - gold)), averaged
    over a question's golds.
    """
    scores = scores.masked_fill(~batch.there, -1e4)
    others = torch.logsumexp(scores.masked_fill(batch.gold, -1e4), -1, keepdim=True)
    each = functional.softplus(others - scores) * batch.gold
    per = each.sum(-1) / batch.gold.sum(-1).clamp(min=1)
    return per.mean() + shrink * (added.masked_fill(~batch.there, 0) ** 2).mean()


def padded(examples: Sequence[Example]) -> PassageBatch:
    """A batch; what pads it is not there."""
    k = max(len(each.scores) for each in examples)
    t = max(len(each.share) for each in examples)

    def stacked(name: str, *shape: int) -> Tensor:
        table = np.zeros((len(examples), *shape), np.float32)
        for row, each in zip(table, examples, strict=True):
            array = getattr(each, name)
            row[tuple(slice(size) for size in array.shape)] = array
        return torch.from_numpy(table)

    f, r = examples[0].columns.shape[1], len(examples[0].relations)
    there = torch.arange(k) < torch.tensor([len(each.scores) for each in examples])[:, None]
    return PassageBatch(
        scores=stacked("scores", k),
        columns=stacked("columns", k, f),
        has=stacked("has", k, t),
        share=stacked("share", t),
        relations=stacked("relations", r, k, k),
        gold=stacked("gold", k) > 0,
        there=there,
    )


def disturbed(batch: PassageBatch, plan: ReaderPlan, layout: Layout) -> PassageBatch:
    """`batch` with terms and columns lost, and most questions under a fusion whose arms count
    otherwise.
    """
    b, _, f = batch.columns.shape
    has = batch.has * (torch.rand(b, 1, batch.has.shape[2]) > plan.lost_terms)
    arms = batch.columns[..., layout.arms] * layout.scale
    weight = torch.exp(plan.arms * torch.randn(b, 1, arms.shape[2]))
    weight[..., layout.graph] *= torch.rand(b, 1) > plan.silent
    left = (torch.rand(b, 1) < plan.plain) | torch.tensor(plan.arms == 0)
    scores = torch.where(left, batch.scores, (arms * weight).sum(-1))
    columns = torch.cat([placed(scores, batch.there), batch.columns[..., 3:]], -1)
    columns = columns * (torch.rand(b, 1, f) > plan.lost_columns) * batch.there[..., None]
    return PassageBatch(scores, columns, has, batch.share, batch.relations, batch.gold, batch.there)


def placed(scores: Tensor, there: Tensor) -> Tensor:
    """Gap, spread and rank of scores (b, k) -> (b, k, 3), as `retrieval.evidence` has them."""
    low = scores.masked_fill(~there, -math.inf)
    count = there.sum(1, keepdim=True)
    mean = (scores * there).sum(1, keepdim=True) / count
    deviation = (((scores - mean) ** 2 * there).sum(1, keepdim=True) / count).sqrt()
    rank = low.argsort(dim=1, descending=True, stable=True).argsort(dim=1).float()
    gap = (scores - low.amax(1, keepdim=True)) / 4
    spread = (scores - mean) / deviation.clamp(min=0.25)
    found = torch.stack([gap, spread, torch.log1p(rank) / math.log(101)], -1)
    return found * there[..., None]


def told(network: ReaderNetwork, examples: Sequence[Example]) -> list[Floats]:
    """Return the members' mean score of each example's candidates: (k,) each."""
    found: list[Floats] = []
    with torch.no_grad():
        for start in range(0, len(examples), 64):
            some = examples[start : start + 64]
            scores: Any = network(padded(some))[0].mean(0).numpy()
            found += [row[: len(each.scores)] for row, each in zip(scores, some, strict=True)]
    return found


if not TYPE_CHECKING:

    def __getattr__(name: str) -> Any:
        return _deprecated.attribute(__name__, name)
