"""WhatsApp's exported chats: text, a line a message, dates as the phone writes them.

    [20/03/2025, 21:04:05] Lin: Dinner at eight?
    3/20/25, 9:04 PM - Lin: Dinner at eight?
    [2025/3/20 下午9:04:05] 小林: 八点吃饭？

The order of day and month is found from the whole file: by numbers above twelve, else by the order
in which time runs forward. A message may have several lines; notices and placeholders of media that
was left out are skipped. The times are of the phone's zone (`--timezone`).
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from remanence.integrations.exports.entries import SourceFile
from remanence.integrations.exports.messages import ExportedMessage, Options, digest, kept, rfc3339
from remanence.integrations.incoming import Bad, Incoming

_MARKS = str.maketrans({"\u200e": None, "\u200f": None, "\u202f": " ", "\xa0": " "})
_HALF = r"(?P<half>[ap]\.?\s?m\.?|上午|下午|中午|凌晨|早上|晚上|午前|午後|오전|오후)"
LINE = re.compile(
    r"\[?(?P<a>\d{1,4})[./-](?P<b>\d{1,2})[./-](?P<c>\d{2,4}),?\s+"
    + _HALF.replace("half", "before")
    + r"?\s*(?P<hour>\d{1,2})[:.](?P<minute>\d{2})(?:[:.](?P<second>\d{2}))?\s*"
    + _HALF
    + r"?\]?(?:\s+-)?\s+(?P<rest>.*)",
    re.IGNORECASE,
)
_SPEAKER = re.compile(r"(?P<speaker>[^:]{1,80}?): ?(?P<text>.*)", re.DOTALL)
_LEFT_OUT = re.compile(
    r"<(?:media omitted|medien ausgeschlossen|multimedia omitido|médias omis|省略多媒体文件|已省略媒体)>|"
    r"<attached: [^>]*>|(?:image|video|audio|sticker|gif|document|contact card) omitted|"
    r"(?:this|you deleted this) message(?: was deleted)?\.?|null",
    re.IGNORECASE,
)
_AFTERNOON = re.compile(r"p\.?\s?m|下午|晚上|中午|午後|오후", re.IGNORECASE)
_FIRST_NAME = re.compile(
    r"(?:WhatsApp Chat (?:with|-) |WhatsApp-Chat mit |与|和)(.*?)(?:的 ?WhatsApp.*)?$"
)


@dataclass(frozen=True, slots=True)
class ChatLine:
    """The first line of a message: the numbers of its date, its time of day and the rest."""

    date: tuple[int, int, int]
    """Numbers as they stand, from left to right."""
    clock: tuple[int, int, int]
    """Hour of 24, minute, second."""
    rest: str
    """Speaker and text, or a notice."""


def recognise(text: str) -> bool:
    """Return whether the first lines of a text are those of an exported chat."""
    lines = [line for line in text.translate(_MARKS).splitlines()[:30] if line.strip()]
    found = [match for line in lines if (match := LINE.match(line))]
    spoken = any(_SPEAKER.match(match["rest"]) for match in found)
    return bool(lines) and bool(LINE.match(lines[0])) and spoken and 3 * len(found) >= len(lines)


def read(entry: SourceFile, options: Options) -> Iterator[Incoming | Bad]:
    """Yield the messages of one chat."""
    return kept(_messages(entry, options), "whatsapp", options)


def _messages(entry: SourceFile, options: Options) -> Iterator[ExportedMessage | Bad]:
    with entry.open() as source:
        text = source.read().decode("utf-8-sig", "replace").translate(_MARKS)
    lines = _gathered(text.splitlines())
    order = date_order([line.date for line, _ in lines])
    title = _title(entry)
    seen: Counter[str] = Counter()
    for line, number in lines:
        place = f"{entry.name}, line {number:,}"
        spoken = _SPEAKER.match(line.rest)
        if not spoken or _LEFT_OUT.fullmatch(spoken["text"].strip()):
            continue
        try:
            moment = datetime(*_dated(line.date, order), *line.clock, tzinfo=options.timezone)
        except ValueError as error:
            yield Bad(place, f"date {line.date} cannot be read ({error})")
            continue
        key = digest(title, moment.isoformat(), spoken["speaker"], spoken["text"])
        seen[key] += 1  # the same words twice within a second
        yield ExportedMessage(
            place,
            spoken["text"],
            spoken["speaker"].strip("~ "),
            rfc3339(moment),
            f"whatsapp:{title}:{moment.date()}",
            f"whatsapp:{key}" if seen[key] == 1 else f"whatsapp:{key}:{seen[key]}",
            title,
        )


def _title(entry: SourceFile) -> str:
    """Return the name of a chat: of its file, else of the archive that the file lay in."""
    stem = entry.path.stem if entry.path.stem.strip("_") != "chat" else entry.origin
    named = _FIRST_NAME.match(stem)
    return (named[1] if named else stem) or "WhatsApp"


def _gathered(lines: Sequence[str]) -> list[tuple[ChatLine, int]]:
    """Join continued lines to the message before them; drop what stands before the first."""
    found: list[tuple[ChatLine, int]] = []
    for number, raw in enumerate(lines, start=1):
        match = LINE.match(raw)
        if match:
            found.append((_line(match), number))
        elif found:
            last, at = found[-1]
            found[-1] = (ChatLine(last.date, last.clock, f"{last.rest}\n{raw}"), at)
    return found


def _line(match: re.Match[str]) -> ChatLine:
    hour, half = int(match["hour"]), match["half"] or match["before"]
    if half:
        hour = hour % 12 + (12 if _AFTERNOON.match(half) else 0)
    date = (int(match["a"]), int(match["b"]), int(match["c"]))
    return ChatLine(date, (hour, int(match["minute"]), int(match["second"] or 0)), match["rest"])


def date_order(dates: Sequence[tuple[int, int, int]]) -> str:
    """Return the order of the numbers of dates: `ymd`, `dmy` or `mdy`.

    A number above 31 is a year, one above 12 a day. Where neither decides, the order in which the
    dates run forward is taken, and day before month where both do.
    """
    if any(first > 31 for first, _, _ in dates):
        return "ymd"
    if any(first > 12 for first, _, _ in dates):
        return "dmy"
    if any(second > 12 for _, second, _ in dates):
        return "mdy"
    steps = {order: _backward_steps(dates, order) for order in ("dmy", "mdy")}
    return min(steps, key=lambda order: steps[order])


def _backward_steps(dates: Sequence[tuple[int, int, int]], order: str) -> int:
    ordered = [_dated(date, order) for date in dates]
    return sum(later < earlier for earlier, later in pairwise(ordered))


def _dated(date: tuple[int, int, int], order: str) -> tuple[int, int, int]:
    """Return (year, month, day)."""
    parts = dict(zip(order, date, strict=True))
    year = parts["y"] + (2000 if parts["y"] < 100 else 0)
    return year, parts["m"], parts["d"]
