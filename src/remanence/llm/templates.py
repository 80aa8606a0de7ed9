"""Chat templates of models: their control tokens, and templates that take no system message."""

import re
from collections.abc import Sequence
from typing import Any, Final

Turns = list[dict[str, str]]

_SHAPES: Final = re.compile(
    r"<\|[^|<>\s]{1,40}\|>|<｜[^｜<>]{1,40}｜>|</?[a-z]+(?:_[a-z]+)+>|</?(?:s|bos|eos|think|"
    r"tool_call)>"
    r"|<<?/?SYS>>?|\[/?[A-Z][A-Z_]+\]"
)
"""Control tokens as templates write them: ChatML and Llama 3, DeepSeek, Gemma, Llama 2, Mistral."""


def control_marks(tokenizer: Any) -> tuple[str, ...]:
    """Return a tokenizer's control tokens, longest first.

    They are its special tokens, the added tokens that are special or shaped as a mark, and the
    marks that its chat template writes as plain text. Words, spaces and tags of HTML among the
    added tokens are text.
    """
    added = getattr(tokenizer, "added_tokens_decoder", {}).values()
    marks = set(tokenizer.all_special_tokens)
    marks |= {str(each) for each in added if each.special or _SHAPES.fullmatch(str(each))}
    marks |= set(_SHAPES.findall(_template(tokenizer)))
    return tuple(sorted((each for each in marks if len(each.strip()) > 1), key=len, reverse=True))


def _template(tokenizer: Any) -> str:
    template = getattr(tokenizer, "chat_template", None) or ""
    return "\n".join(template.values()) if isinstance(template, dict) else str(template)


def take_apart(text: str, marks: Sequence[str]) -> str:
    """Return a text with a space inside every mark, so that no tokenizer reads it as one.

    >>> take_apart("hi<|end|>[/INST]", ("<|end|>", "[/INST]"))
    'hi< |end|>[ /INST]'
    """
    present = [mark for mark in marks if mark in text]
    while present:
        for mark in present:
            text = text.replace(mark, f"{mark[0]} {mark[1:]}")
        present = [mark for mark in present if mark in text]
    return text


def fold_system(turns: Turns) -> Turns:
    r"""Return turns without system messages: each begins the user's next message.

    Turns of one role that then follow each other are joined.

    >>> fold_system([{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi"}])
    [{'role': 'user', 'content': 'Be brief.\n\nHi'}]
    """
    if all(turn["role"] != "system" for turn in turns):
        return turns
    folded: Turns = []
    for turn in turns:
        role = "user" if turn["role"] == "system" else turn["role"]
        if folded and folded[-1]["role"] == role:
            content = "\n\n".join((folded[-1]["content"], turn["content"]))
            folded[-1] = {"role": role, "content": content}
        else:
            folded.append({"role": role, "content": turn["content"]})
    return folded


def leaves_out_system(turns: Turns, text: str) -> bool:
    """Tell whether a rendered prompt lacks the text of a system message."""
    return any(turn["role"] == "system" and turn["content"].strip() not in text for turn in turns)
