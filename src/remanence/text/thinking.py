r"""Separation of a model's reasoning from its reply, as the text streams in.

Known forms: tags in pairs (`<think>` of DeepSeek and Qwen, `<thinking>`, Kimi's and Seed's own),
the channels of OpenAI's harmony format, and content given as a list of typed parts.

    >>> visible("<think>He is surely broke.</think>\n\nHello Wei!")
    'Hello Wei!'
    >>> visible("He is surely broke.</think>Hello Wei!")
    'Hello Wei!'
"""

import re
from collections.abc import Mapping, Sequence
from typing import Final

PAIRS: Final = {
    "<think>": "</think>",
    "<thinking>": "</thinking>",
    "<thought>": "</thought>",
    "<reasoning>": "</reasoning>",
    "<seed:think>": "</seed:think>",
    "◁think▷": "◁/think▷",
    "[THINK]": "[/THINK]",
    "<|begin_of_thought|>": "<|end_of_thought|>",
    "<|START_THINKING|>": "<|END_THINKING|>",
}
"""Opening mark of a thought -> its closing mark."""

HEADERS: Final = ("<|start|>", "<|channel|>")
"""Marks after which harmony names a role and a channel, up to `MESSAGE`."""

MESSAGE: Final = "<|message|>"
FINAL: Final = "final"
ENDS: Final = ("<|end|>", "<|return|>", "<|call|>")
"""Marks that end a message of harmony."""

_CLOSING: Final = frozenset(PAIRS.values())
_OUTSIDE: Final = (*PAIRS, *_CLOSING, *HEADERS, *ENDS)
_FENCE: Final = re.compile(r"^\s{0,3}(?:```|~~~)", re.MULTILINE)
_HIDDEN_TYPES: Final = (
    "thinking",
    "redacted_thinking",
    "reasoning",
    "reasoning_content",
    "thought",
)


class ThoughtFilter:
    """Passes on the visible text of one reply. `thinking`: the prompt has opened a thought already.

    An opening tag counts at the beginning of a line outside a fenced block, so that a reply can
    name the tag. A closing tag that nothing opened makes a thought of all before it: `restarted`
    is then true after that `feed`, and the caller discards what it had.
    """

    def __init__(self, *, thinking: bool = False) -> None:
        self.restarted = False
        self._close: str | None = "" if thinking else None  # None: visible; "": any closing mark
        self._header: str | None = None  # of harmony, while one is read
        self._held = ""  # what may be the beginning of a mark
        self._shown = ""
        self._opened = thinking

    def feed(self, piece: str) -> str:
        """Return the visible part of what is known so far beyond what was returned before."""
        self.restarted = False
        text, self._held = self._held + piece, ""
        visible: list[str] = []
        while text:
            text = self._advance(text, visible)
        return "".join(visible)

    def finish(self) -> str:
        """Return what was held back and turned out to be text. A thought without an end is none."""
        held, self._held = self._held, ""
        return "" if self._hidden else self._show(held)

    @property
    def _hidden(self) -> bool:
        return self._close is not None or self._header is not None

    def _advance(self, text: str, visible: list[str]) -> str:
        """Consume up to the next mark; return the rest, empty where more has to come."""
        marks = self._awaited()
        start, mark = _first(text, marks)
        if mark is None:
            kept = _partial(text, marks)
            text, self._held = text[: len(text) - kept], text[len(text) - kept :]
            self._take(text, visible)
            return ""
        self._take(text[:start], visible)
        self._pass(mark, visible)
        return text[start + len(mark) :]

    def _awaited(self) -> tuple[str, ...]:
        if self._header is not None:
            return (MESSAGE,)
        if self._close is None:
            return _OUTSIDE
        return (self._close,) if self._close else tuple(_CLOSING)

    def _take(self, text: str, visible: list[str]) -> None:
        if self._header is not None:
            self._header += text
        elif self._close is None:
            visible.append(self._show(text))

    def _pass(self, mark: str, visible: list[str]) -> None:
        """Change the state at a mark."""
        if mark == MESSAGE:
            channel = re.search(r"<\|channel\|>\s*(\w+)", self._header or "")
            thought = channel is not None and channel[1] != FINAL
            self._header, self._close = None, "<|end|>" if thought else None
        elif self._close is not None:
            self._close = None
        elif mark in HEADERS:
            self._header, self._opened = mark, True
        elif mark in PAIRS and self._may_open():
            self._close, self._opened = PAIRS[mark], True
        elif mark in _CLOSING and not self._opened and not self._quoted():
            self._shown, self._opened, self.restarted = "", True, True
            visible.clear()
        elif mark not in ENDS:
            visible.append(self._show(mark))

    def _show(self, text: str) -> str:
        if self._opened and not self._shown:
            text = text.lstrip()
        self._shown += text
        return text

    def _may_open(self) -> bool:
        line = self._shown.rpartition("\n")[2]
        return not line.strip() and not self._quoted()

    def _quoted(self) -> bool:
        """Tell whether the text so far ends within a fenced block or a code span."""
        line = self._shown.rpartition("\n")[2]
        return len(_FENCE.findall(self._shown)) % 2 == 1 or line.count("`") % 2 == 1


def _first(text: str, marks: Sequence[str]) -> tuple[int, str | None]:
    """Return place and name of the first mark in a text; the longest of those that start there."""
    found = [(text.find(mark), -len(mark), mark) for mark in marks if mark in text]
    return (min(found)[0], min(found)[2]) if found else (len(text), None)


def _partial(text: str, marks: Sequence[str]) -> int:
    """Return how many characters at the end of a text may begin a mark."""
    longest = min(len(text), max(map(len, marks)) - 1)
    return next(
        (
            size
            for size in range(longest, 0, -1)
            if any(mark.startswith(text[-size:]) for mark in marks)
        ),
        0,
    )


def visible(text: str, *, thinking: bool = False) -> str:
    """Return a whole reply without the thoughts in it, wherever they stand."""
    reading = ThoughtFilter(thinking=thinking)
    return reading.feed(text) + reading.finish()


def text_of(content: object) -> str:
    """Return the text of a message's content: a string, nothing, or a list of typed parts.

    Parts of a thought are left out, as are parts that hold no text. Raises `TypeError` for content
    of any other form.

    >>> text_of([{"type": "thinking", "thinking": []}, {"type": "text", "text": "Hello"}])
    'Hello'
    """
    if content is None:
        return ""
    if isinstance(content, str):
        return content
    if isinstance(content, Sequence):
        return "".join(_part(each) for each in content)
    raise TypeError(f"{content!r:.80} is no text")


def _part(part: object) -> str:
    if isinstance(part, str):
        return part
    fields = part if isinstance(part, Mapping) else vars(part)
    text = fields.get("text")
    hidden = fields.get("type") in _HIDDEN_TYPES
    return text if isinstance(text, str) and not hidden else ""
