"""Common parts of readers of conversations: options, times, ids, the turn of one message."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from hashlib import blake2b
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from remanence.errors import ConfigError, InvalidInput
from remanence.integrations.incoming import Bad, Incoming, make

ASSISTANTS = frozenset({"assistant", "model", "ai", "bot", "gemini", "claude", "chatgpt"})
USERS = frozenset({"user", "human", "me"})
_MILLISECONDS = 1e11  # a number above is no second of this millennium
_MICROSECONDS = 1e14


@dataclass(frozen=True, slots=True)
class Options:
    """Choices of whoever imports."""

    me: str = "user"
    """Name given to the owner of the account where an export does not have it."""
    timezone: tzinfo = UTC
    """Time zone of times that are written without one."""
    columns: Mapping[str, str] = field(default_factory=dict)
    """Field of a turn -> column of a CSV file."""


def zone(name: str) -> tzinfo:
    """Return the time zone of an IANA name. Raises `ConfigError`."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise ConfigError(
            f"timezone {name!r} is not known; give a name such as Europe/Berlin or Asia/Shanghai"
        ) from None


def rfc3339(moment: datetime) -> str:
    """Write a time with an offset as RFC 3339 in UTC."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def instant(value: object, options: Options = Options()) -> str | None:
    """Return a time as RFC 3339: of seconds, milli- or microseconds since 1970, or of ISO 8601.

    Returns None for an absent value. Raises `InvalidInput` for anything else.
    """
    if value is None or value == "":
        return None
    try:
        if isinstance(value, str) and not _number(value):
            moment = datetime.fromisoformat(value.strip().replace(" UTC", "+00:00"))
            local = moment if moment.tzinfo else moment.replace(tzinfo=options.timezone)
            return rfc3339(local)
        seconds = float(value)  # type: ignore[arg-type]
        if seconds > _MILLISECONDS:
            seconds /= 1e6 if seconds > _MICROSECONDS else 1e3
        return rfc3339(datetime.fromtimestamp(seconds, UTC))
    except (ValueError, OverflowError, OSError, TypeError) as error:
        raise InvalidInput(f"time {value!r:.60} cannot be read ({error})") from None


def _number(text: str) -> bool:
    return bool(re.fullmatch(r"\d{9,}(?:\.\d+)?", text.strip()))


def digest(*parts: object) -> str:
    """Return an id of 16 hexadecimal digits for a message that has none: equal for equal parts."""
    joined = "\x1f".join(str(part) for part in parts)
    return blake2b(joined.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def label(value: object) -> str | None:
    """Return a name as one line of at most 200 characters, or None when nothing is left."""
    line = " ".join(str(value).split()) if value is not None else ""
    printable = "".join(character for character in line if character.isprintable())
    return printable[:200].strip() or None


@dataclass(frozen=True, slots=True)
class ExportedMessage:
    """One message of a conversation, as a reader found it."""

    place: str
    """Where it stands in the export, for people."""
    text: str
    """The words, already free of markup."""
    speaker: str | None
    """Display name."""
    at: object
    """Time in any form that `instant` reads."""
    session: str | None
    """Id of the conversation."""
    id: str | None
    """Id of the message in the export."""
    title: str | None = None
    """Title of the conversation."""
    role: str | None = "user"
    """`assistant` for words of a model, `user` for a person's; None where they are nobody's."""
    metadata: Mapping[str, Any] = field(default_factory=dict)
    """What else the export says of the message; empty values are left out."""


def kept(
    found: Iterable[ExportedMessage | Bad], source: str, options: Options
) -> Iterator[Incoming | Bad]:
    """Yield the turns of messages that have words of a person or a model, and what is bad."""
    for item in found:
        if isinstance(item, Bad):
            yield item
        elif item.role is not None and item.text.strip():
            yield incoming(item, source, options)


def incoming(message: ExportedMessage, source: str, options: Options) -> Incoming | Bad:
    """Return the turn of a message, with its source, role and title in the metadata."""
    about = {"origin": source, "role": message.role, "title": label(message.title)}
    about.update(message.metadata)
    try:
        at = instant(message.at, options)
    except InvalidInput as error:
        return Bad(message.place, str(error))
    return make(
        message.place,
        clean(message.text),
        speaker=label(message.speaker),
        session=label(message.session),
        at=at,
        id=label(message.id),
        metadata={name: value for name, value in about.items() if value},
    )


def day(at: object, options: Options) -> str:
    """Return the day of a time in the time zone of the options: 2025-03-20, or `undated`."""
    try:
        found = instant(at, options)
    except InvalidInput:  # reported with the message itself
        found = None
    if found is None:
        return "undated"
    return datetime.fromisoformat(found).astimezone(options.timezone).date().isoformat()


def speaker(role: str | None, model: str, options: Options) -> str:
    """Return the name of a model for the role `assistant`, else that of the owner of the export."""
    return model if role == "assistant" else options.me


def clean(text: str) -> str:
    """Return a text without the characters that a store refuses, and without marks of direction."""
    return re.sub("[\u0000\u200e\u200f\u202a-\u202e\ud800-\udfff]", "", text).strip()


def role_of(value: object) -> str | None:
    """Return `assistant` or `user` for a role's name, None for system, tool and unknown ones."""
    name = str(value).lower()
    if name in ASSISTANTS:
        return "assistant"
    return "user" if name in USERS else None
