r"""Separation of a user's own words from what a client program writes beside them.

Coding agents, chat front ends and retrieval libraries put notes, command output, documents and
prompts of their own into messages with the user's role. They are known by their structure; the
tables in `client_table` hold one row each.

    >>> own_words("<system-reminder>The list is empty.</system-reminder>\nMy cat is called Ada.")
    'My cat is called Ada.'
    >>> background_prompt("Please write a 5-10 word title for the following conversation:\nhi")
    'title'
"""

import re
from dataclasses import dataclass
from typing import Final

from remanence.text.client_table import (
    BACKGROUND,
    DOCUMENT_PROMPT,
    KEPT_NAMES,
    MARKUP_NAMES,
    NOTES,
    OTHER_LABEL,
    QUESTION_LABEL,
    SECTIONS,
    SYSTEM_BACKGROUND,
    WRAPPERS,
)

_TAG: Final = re.compile(r"<(/?)([A-Za-z][\w:.-]{0,60})(?:\s[^<>]{0,500})?(/?)>")
_CODE: Final = re.compile(r"```|~~~|`[^`\n]+`")
_SIGNS: Final = re.compile(r"<[A-Za-z]|\[(?:Req|Image|Past)|---|# Context|ttached")
_COMPOUND: Final = re.compile(r"\w[_-]\w|[a-z][A-Z]")
_TRANSCRIPT: Final = re.compile(
    r"(?im)<(?:chat_history|conversation(?:_history)?|messages|transcript|session)\b|"
    r"^[#* ]*(?:chat history|conversation(?: history)?|对话(?:记录|历史)|聊天记录)\s*[:：]"
)
_SPEAKERS: Final = (
    re.compile(r"(?im)^\W{0,3}(?:user|human|用户)\W{0,3}[:：]"),
    re.compile(r"(?im)^\W{0,3}(?:assistant|ai|助手)\W{0,3}[:：]"),
)
_USER_QUERY: Final = re.compile(r"(?is)<user_query>(.*?)</user_query>")
_CONTEXT_END: Final = "</context>"
_NEAR: Final = 200  # characters of a line that are looked at beside an element
_BLANKS: Final = re.compile(r"\n{3,}")


def own_words(text: str) -> str:
    """Return what the user said in a message, "" where a client wrote all of it.

    A wrapper of the user's words is removed and its content kept; a wrapper of a client's notes is
    removed with its content. A tag of no table goes with its content where it stands as a block
    and its name is a compound, as clients name theirs; any other markup is the user's.
    """
    if NOTES.match(text):
        return ""
    own = _document_question(text) if DOCUMENT_PROMPT.match(text) else text
    if not _SIGNS.search(own):
        return own
    for section in SECTIONS:
        own = section.sub("", own)
    own = _unwrapped(own)
    if own == text:
        return text
    return _BLANKS.sub("\n\n", own).strip()


def background_prompt(text: str, system: str = "") -> str | None:
    """Return the kind of a prompt that a client asks by itself, or None for a user's message.

    `text` is the last message with the user's role, `system` the system prompt. Known prompts are
    rows of `BACKGROUND`; any other request for a title, tags, follow-ups or a standalone question
    counts where it carries the transcript of a conversation.
    """
    start = text.lstrip()[:2_000]
    for row in BACKGROUND:
        if row.pattern.match(start) and (not row.transcript or _has_transcript(text)):
            return row.kind
    head = system.lstrip()[:2_000]
    return next((row.kind for row in SYSTEM_BACKGROUND if row.pattern.match(head)), None)


def _has_transcript(text: str) -> bool:
    return bool(_TRANSCRIPT.search(text)) or all(label.search(text) for label in _SPEAKERS)


def _document_question(text: str) -> str:
    """Return the question of a retrieval template; a text without documents unchanged."""
    wrapped = _USER_QUERY.search(text)
    if wrapped is not None:
        return wrapped[1].strip()
    labels = list(QUESTION_LABEL.finditer(text))
    context_end = text.lower().rfind(_CONTEXT_END)
    if context_end >= 0:
        rest = text[context_end + len(_CONTEXT_END) :]
        return QUESTION_LABEL.sub("", _before_label(rest)).strip()
    return _before_label(text[labels[-1].end() :]).strip() if labels else text


def _before_label(text: str) -> str:
    found = OTHER_LABEL.search(text)
    return text[: found.start()] if found else text


def _unwrapped(text: str) -> str:
    tags = list(_TAG.finditer(text))
    return _Walk(text, tags, _pairs(tags)).kept() if tags else text


def _pairs(tags: list[re.Match[str]]) -> dict[int, re.Match[str]]:
    """Return the closing tag of each opening one, by where the opening one stands.

    Balanced where the text is; an opening tag without its own ends with the last of its name.
    """
    waiting: dict[str, list[re.Match[str]]] = {}
    last: dict[str, re.Match[str]] = {}
    pairs: dict[int, re.Match[str]] = {}
    for tag in tags:
        opened = waiting.setdefault(tag[2].lower(), [])
        if not tag[1] and not tag[3]:
            opened.append(tag)
        elif tag[1]:
            last[tag[2].lower()] = tag
            if opened:
                pairs[opened.pop().start()] = tag
    for name, left in waiting.items():
        end = last.get(name)
        pairs |= {each.start(): end for each in left if end and end.start() > each.start()}
    return pairs


class _Walk:
    """One pass over the elements of a text, outermost first."""

    def __init__(
        self, text: str, tags: list[re.Match[str]], pairs: dict[int, re.Match[str]]
    ) -> None:
        self._text, self._tags, self._pairs = text, tags, pairs
        self._next = 0
        self._start = len(text) - len(text.lstrip())
        self._code = _CODE.search(text)
        self._opened: set[int] = set()  # closing tags of elements whose content is kept

    def kept(self) -> str:
        """Return what is the user's."""
        pieces: list[str] = []
        place = 0
        while (tag := self._tag(place)) is not None:
            pieces.append(self._text[place : tag.start()])
            place = self._consume(tag, pieces)
        pieces.append(self._text[place:])
        return "".join(pieces)

    def _tag(self, place: int) -> re.Match[str] | None:
        """Return the next tag outside code."""
        while self._next < len(self._tags):
            tag = self._tags[self._next]
            if tag.start() < place:
                self._next += 1
                continue
            code = self._code_from(place)
            if code is None or code.start() > tag.start():
                return tag
            end = _code_end(self._text, code)
            if end < 0:
                return tag
            place = end
        return None

    def _code_from(self, place: int) -> re.Match[str] | None:
        if self._code is not None and self._code.start() < place:
            self._code = _CODE.search(self._text, place)
        return self._code

    def _consume(self, tag: re.Match[str], pieces: list[str]) -> int:
        """Append what is the user's of the element at `tag`; return where the rest begins."""
        self._next += 1
        treatment = _treatment(tag[2])
        if treatment is None:
            pieces.append(tag[0])
            return tag.end()
        if tag[1] or tag[3]:
            removed = treatment.known or tag.start() in self._opened
            pieces.append("\n" if removed else tag[0])
            return tag.end()
        closing = self._pairs.get(tag.start())
        if not self._counts(tag, closing, known=treatment.known):
            pieces.append(tag[0])
            return tag.end()
        if treatment.kept:
            self._opened.add(-1 if closing is None else closing.start())
            pieces.append("\n")
            return tag.end()
        return len(self._text) if closing is None else closing.end()

    def _counts(self, tag: re.Match[str], closing: re.Match[str] | None, *, known: bool) -> bool:
        """Tell whether an element is a client's: closed, and a block where no row names it."""
        if closing is None:
            return known and tag.start() == self._start
        return known or _stands_alone(self._text, tag.start(), closing.end())


def _code_end(text: str, code: re.Match[str]) -> int:
    """Return where a code span or fenced block ends; -1 for a block that never does."""
    if code[0] not in ("```", "~~~"):
        return code.end()
    end = text.find(code[0], code.end())
    return end if end < 0 else end + 3


@dataclass(frozen=True, slots=True)
class _Treatment:
    """How to treat an element."""

    kept: bool
    """True where its content is the user's words."""
    known: bool
    """True where a row names it."""


def _treatment(name: str) -> _Treatment | None:
    """Return how to treat an element by its name; None for markup that the user may write."""
    plain = name.lower()
    row = WRAPPERS.get(plain)
    if row is not None:
        return _Treatment(kept=row.kept, known=True)
    if plain in MARKUP_NAMES or not _COMPOUND.search(name):
        return None
    return _Treatment(kept=bool(KEPT_NAMES.search(plain)), known=False)


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Tell whether an element begins a line and ends one."""
    before = text[max(0, start - _NEAR) : start].rpartition("\n")[2]
    after = text[end : end + _NEAR].partition("\n")[0]
    return not before.strip() and not after.strip()
