"""Phrasings as a model reads them: token ids, what is given and what is to come; and what the model
answers, decoded freely.

A model with a chat template is taught and asked in its template, one without as plain text and as
the lines of a chat, an encoder-decoder model with what is given on one side and the answer on the
other.

Axes: B texts, T tokens, V words of the vocabulary.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor

from remanence.consolidation.phrasings import Phrasing
from remanence.llm.local import LocalModel, hushed

AT_ONCE: Final = 64  # texts that are answered together
MORE: Final = 4  # tokens beyond the longest answer, so that going on shows
IGNORED: Final = -100  # in labels: what no loss counts
_END: Final = re.compile(r"[\n.。!！?？]")
_HAN: Final = re.compile("[\u3400-\u9fff]")


@dataclass(frozen=True)
class TokenBatch:
    """inputs: what a model is called with.

    labels (B, T): the token to come at each place, `IGNORED` where nothing is taught.
    """

    inputs: dict[str, Tensor]
    labels: Tensor


class PromptFormat:
    """How one model is spoken to."""

    def __init__(self, local: LocalModel) -> None:
        self.local = local
        self._tokenizer = local.tokenizer
        end = self._tokenizer.eos_token_id
        self._end: list[int] = [] if end is None else [end]
        pad = self._tokenizer.pad_token_id
        self._pad: int = pad if pad is not None else (end or 0)
        # What the tokenizer puts around a text by itself: what is given has to begin as it does
        # when somebody talks with the model.
        around, alone = (
            list(self._tokenizer("x", add_special_tokens=each)["input_ids"])
            for each in (True, False)
        )
        at = next((n for n in range(len(around)) if around[n : n + len(alone)] == alone), 0)
        self._before = around[:at]

    @property
    def frames(self) -> int:
        """In how many ways a phrasing is put to the model."""
        return 2 if self.local.plain and not self.local.apart else 1

    def given(self, phrasing: Phrasing, frame: int = 0) -> list[int]:
        """The ids of what is given."""
        if not self.local.plain and phrasing.asks:
            turns = [{"role": "user", "content": self.local.harmless(phrasing.given)}]
            told = self._tokenizer.apply_chat_template(
                turns, add_generation_prompt=True, return_dict=True
            )
            return list(told["input_ids"])
        if frame and phrasing.asks:
            return self._before + self.ids(f"user: {phrasing.given}\nassistant:")
        return self._before + self.ids(phrasing.given) + (self._end if self.local.apart else [])

    def answer(self, phrasing: Phrasing) -> list[int]:
        """The ids of what is to come, and the end."""
        close = not self.local.plain and phrasing.asks
        glued = (
            close
            or self.local.apart
            or _HAN.search(phrasing.given[-1:] or "x")
            or not phrasing.given
        )
        return self.ids(phrasing.answer if glued else f" {phrasing.answer}") + self._end

    def batch(
        self, said: Sequence[tuple[Phrasing, int]], sample_texts: Sequence[Sequence[int]] = ()
    ) -> TokenBatch:
        """Phrasings, each in a frame, and after them texts that are all to come; of an
        encoder-decoder model their second half, given the first.
        """
        pairs = [(self.given(each, frame), self.answer(each)) for each, frame in said]
        if self.local.apart:
            halves = [(list(each), len(each) // 2) for each in sample_texts]
            pairs += [(each[:at] + self._end, each[at:] + self._end) for each, at in halves]
            inputs, mask = self._padded([given for given, _ in pairs])
            labels, _ = self._padded([answer for _, answer in pairs], IGNORED)
            return TokenBatch(
                {"input_ids": inputs, "attention_mask": mask, "labels": labels}, labels
            )
        rows = [given + answer for given, answer in pairs] + [list(each) for each in sample_texts]
        ids, mask = self._padded(rows)
        labels = torch.full_like(ids, IGNORED)  # (B, T)
        for row, (given, answer) in enumerate(pairs):
            labels[row, len(given) - 1 : len(given) - 1 + len(answer)] = torch.tensor(answer)
        for row, each in enumerate(sample_texts, start=len(pairs)):
            labels[row, : len(each) - 1] = torch.tensor(each[1:])
        return TokenBatch({"input_ids": ids, "attention_mask": mask}, labels)

    def logits(self, batch: TokenBatch) -> Tensor:
        """(B, T, V), in float32."""
        found: Tensor = self.local.model(**batch.inputs).logits
        return found.float()

    def answers(self, asked: Sequence[Phrasing]) -> list[str]:
        """Return the model's answers, decoded greedily, up to the end of the first line or
        sentence.
        """
        said: list[str] = []
        for start in range(0, len(asked), AT_ONCE):
            said += self._answers(asked[start : start + AT_ONCE])
        return said

    def _answers(self, asked: Sequence[Phrasing]) -> list[str]:
        rows = [self.given(each) for each in asked]
        longest = max(map(len, rows))
        ids = torch.tensor([[self._pad] * (longest - len(row)) + row for row in rows])
        mask = torch.tensor([[0] * (longest - len(row)) + [1] * len(row) for row in rows])
        most = max(len(self.answer(each)) for each in asked) + MORE
        device = self.local.model.device
        with torch.no_grad():
            output = self.local.model.generate(
                input_ids=ids.to(device),
                attention_mask=mask.to(device),
                max_new_tokens=most,
                do_sample=False,
                pad_token_id=self._pad,
            )
        new = output if self.local.apart else output[:, longest:]
        return [self._tokenizer.decode(row, skip_special_tokens=True).strip() for row in new]

    def sample_texts(self, count: int, length: int, seed: int) -> list[list[int]]:
        """Texts that the model makes up from nothing, as ids: what it would say anyway."""
        if self.local.apart or not count:
            return []
        (first,) = self.with_start_token([])
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            with_start_token = torch.full((count, 1), first, device=self.local.model.device)
            with (
                torch.no_grad(),
                hushed(),
            ):  # it takes the padding behind a text's end for a lacking mask
                made = self.local.model.generate(
                    with_start_token,
                    attention_mask=torch.ones_like(with_start_token),
                    max_new_tokens=length,
                    do_sample=True,
                    top_k=0,
                    pad_token_id=self._pad,
                )
        rows = [row.tolist() for row in made.cpu()]
        cut = [
            row[: 1 + next((at for at, one in enumerate(row[1:], 1) if one in self._end), len(row))]
            for row in rows
        ]
        return [row for row in cut if len(row) > 2]

    def with_start_token(self, ids: Sequence[int]) -> list[int]:
        """Ids behind the mark with which a text begins."""
        first = self._tokenizer.bos_token_id
        return [first if first is not None else (self._end or [self._pad])[0], *ids]

    def ids(self, text: str) -> list[int]:
        """A text as ids, without marks around it; one that stands in it is text."""
        return list(
            self._tokenizer(self.local.harmless(text), add_special_tokens=False)["input_ids"]
        )

    def _padded(
        self, rows: Sequence[Sequence[int]], pad: int | None = None
    ) -> tuple[Tensor, Tensor]:
        width = max(map(len, rows))
        fill = self._pad if pad is None else pad
        ids = torch.tensor(
            [[*row, *[fill] * (width - len(row))] for row in rows], device=self.local.model.device
        )
        mask = torch.tensor(
            [[1] * len(row) + [0] * (width - len(row)) for row in rows], device=ids.device
        )
        return ids, mask


def answers_match(answer: str, wanted: str) -> bool:
    """Tell whether an answer is what is wanted: that and no more before the end of the sentence.

    >>> answers_match("Chengdu.", "Chengdu"), answers_match("Chengdu, I think", "Chengdu"), answers_match("Chengduan", "Chengdu")
    (True, False, False)
    """
    said, sought = answer.strip().casefold(), wanted.strip().casefold()
    rest = said[len(sought) :].lstrip(" ")
    return bool(sought) and said.startswith(sought) and (not rest or bool(_END.match(rest)))
