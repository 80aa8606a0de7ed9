"""How good a text is that a model wrote: perplexity, BLEU, ROUGE-L, exact match.

All but perplexity are from 0 to 100.

BLEU is sacrebleu's, ROUGE-L is rouge_score's; what lives here is how text is cut for them, so that
Chinese counts.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import torch
from torch import Tensor

from remanence.errors import InvalidInput, MissingExtra

try:
    import sacrebleu
    from rouge_score import rouge_scorer  # type: ignore[import-untyped]
except ImportError as error:
    raise MissingExtra(
        f'scoring text needs {error.name}, which is not installed; pip install "remanence[neural]"'
    ) from error

_HAN: Final = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
_UNIT: Final = re.compile(rf"[{_HAN}]|[^\W{_HAN}]+(?:'[^\W{_HAN}]+)*")


@dataclass(frozen=True)
class TextScores:
    """bleu, rouge_l, exact: of `count` texts, each from 0 to 100."""

    bleu: float
    rouge_l: float
    exact: float
    count: int

    def as_json(self) -> dict[str, Any]:
        """Plain values, ready for `json.dumps`."""
        return asdict(self)


def units(text: str) -> list[str]:
    """Return the units that ROUGE-L compares: words in lower case, and each Chinese character by
    itself.

    rouge_score's own way drops all but a to z and digits.
    """
    return [each.lower() for each in _UNIT.findall(text)]


class _UnitTokenizer:
    """The form in which rouge_score takes a tokenizer."""

    def tokenize(self, text: str) -> list[str]:
        return units(text)


def score(found: Sequence[str], wanted: Sequence[str]) -> TextScores:
    """All measures of text at once.

    Raises `InvalidInput` where there are not as many texts found as wanted, or none.
    """
    return TextScores(bleu(found, wanted), rouge_l(found, wanted), exact(found, wanted), len(found))


def bleu(found: Sequence[str], wanted: Sequence[str]) -> float:
    """BLEU of the corpus (Papineni et al., 2002; sacrebleu, Post, 2018): words cut as mteval 13a
    does, each Chinese character by itself where a reference has one ("zh").
    """
    _check(found, wanted)
    cut = "zh" if any(re.search(f"[{_HAN}]", text) for text in wanted) else "13a"
    # The texts are sentences of their own, spaces before the stop included: sacrebleu's warning
    # about that says nothing here.
    made = sacrebleu.corpus_bleu(list(found), [list(wanted)], tokenize=cut, force=True)
    return float(made.score)


def rouge_l(found: Sequence[str], wanted: Sequence[str]) -> float:
    """Mean F1 of the longest common subsequence (Lin, 2004) over `units`."""
    _check(found, wanted)
    scorer = rouge_scorer.RougeScorer(["rougeL"], tokenizer=_UnitTokenizer())
    each = (scorer.score(w, f)["rougeL"].fmeasure for f, w in zip(found, wanted, strict=True))
    return 100 * float(sum(each)) / len(found)


def exact(found: Sequence[str], wanted: Sequence[str]) -> float:
    """Share of texts that are the wanted ones, but for the amount of white space."""
    _check(found, wanted)
    same = (f.split() == w.split() for f, w in zip(found, wanted, strict=True))
    return 100 * sum(same) / len(found)


def perplexity(logits: Tensor, targets: Tensor, ignored: int = -100) -> float:
    """The exp of the mean negative log-likelihood of `targets` (...,) under `logits` (..., V), in
    nats and natural numbers; targets that are `ignored` do not count. The logits of a token are
    those that foresaw it: nothing is shifted here.

    Raises `InvalidInput` where shapes differ or nothing counts.
    """
    if logits.shape[:-1] != targets.shape:
        raise InvalidInput(
            f"logits {tuple(logits.shape)} for targets {tuple(targets.shape)}; give one row of "
            "logits a target"
        )
    if not (targets != ignored).any():
        raise InvalidInput(f"all {targets.numel()} targets are ignored; there is nothing to score")
    loss = torch.nn.functional.cross_entropy(
        logits.flatten(0, -2).double(), targets.flatten(), ignore_index=ignored
    )
    return math.exp(float(loss))


def _check(found: Sequence[str], wanted: Sequence[str]) -> None:
    if len(found) != len(wanted) or not len(found):
        raise InvalidInput(
            f"{len(found)} texts found and {len(wanted)} wanted; give as many of both, and at "
            "least one"
        )
