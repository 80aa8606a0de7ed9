"""A Slack export: `users.json`, `channels.json` and a file a channel and day.

    general/2025-03-20.json  [{"type": "message", "user": "U1", "text": "Hi <@U2>",
                               "ts": "1742461200.000100", "thread_ts": "1742461200.000100"}]

User ids are replaced by names, in the speaker and in mentions. A thread is a session of its own;
what stands outside threads is a session a day.
"""

import html
import re
from collections.abc import Iterator
from typing import Any

from remanence.integrations.exports.entries import SourceFile
from remanence.integrations.exports.jsonfile import array, document
from remanence.integrations.exports.messages import ExportedMessage, Options, kept
from remanence.integrations.incoming import Bad, Incoming

LISTS = ("users.json", "channels.json", "groups.json", "dms.json", "mpims.json")
_REFERENCE = re.compile(r"<([@#!]?)([^|>]+)(?:\|([^>]*))?>")
_SPOKEN = frozenset({None, "thread_broadcast", "bot_message", "me_message", "file_share"})


def read(entries: list[SourceFile], options: Options) -> Iterator[Incoming | Bad]:
    """Yield the messages of every channel, by day."""
    users = _users(entries)
    for entry in sorted(entries, key=lambda item: item.name):
        if entry.path.name not in LISTS:
            yield from kept(_messages(entry, users), "slack", options)


def _messages(entry: SourceFile, users: dict[str, str]) -> Iterator[ExportedMessage | Bad]:
    channel, day = entry.path.parent.name, entry.path.stem
    for number, row in array(entry):
        place = f"{entry.name}, message {number:,}"
        if isinstance(row, Bad):
            yield row
        elif not isinstance(row, dict):
            yield Bad(place, f"is {type(row).__name__}, not an object")
        else:
            yield _message(row, place, channel, day, users)


def _message(
    row: dict[str, Any], place: str, channel: str, day: str, users: dict[str, str]
) -> ExportedMessage:
    stamp, thread = str(row.get("ts") or ""), row.get("thread_ts")
    return ExportedMessage(
        place,
        resolved(str(row.get("text") or ""), users),
        _name(row, users),
        stamp.partition(".")[0],
        f"slack:{channel}:{thread or day}",
        f"slack:{channel}:{stamp}",
        f"#{channel}",
        _role(row),
        {"thread": thread},
    )


def _name(row: dict[str, Any], users: dict[str, str]) -> str | None:
    user, profile = str(row.get("user") or ""), row.get("user_profile") or {}
    names = (users.get(user), profile.get("real_name"), row.get("username"), user)
    return next((name for name in names if name), None)


def _role(row: dict[str, Any]) -> str | None:
    if row.get("type") != "message" or row.get("subtype") not in _SPOKEN:
        return None
    return "assistant" if row.get("bot_id") or row.get("subtype") == "bot_message" else "user"


def _users(entries: list[SourceFile]) -> dict[str, str]:
    found: dict[str, str] = {}
    for entry in entries:
        if entry.path.name == "users.json":
            rows = document(entry)
            for row in rows if isinstance(rows, list) else []:
                profile = row.get("profile") or {}
                names = (
                    profile.get("display_name"),
                    profile.get("real_name"),
                    row.get("real_name"),
                    row.get("name"),
                )
                found[str(row.get("id"))] = next((name for name in names if name), str(row["id"]))
    return found


def resolved(text: str, users: dict[str, str]) -> str:
    """Return a message's text with mentions and links as people read them.

    >>> resolved("<@U1>, see <https://a.example|the page> &amp; <#C2|tea>", {"U1": "Lin"})
    '@Lin, see the page (https://a.example) & #tea'
    """

    def plain(found: re.Match[str]) -> str:
        sign, target, label = found[1], found[2], found[3]
        if sign == "@":
            return f"@{users.get(target, label or target)}"
        if sign:
            return f"{'#' if sign == '#' else '@'}{label or target}"
        return f"{label} ({target})" if label and label != target else target

    return html.unescape(_REFERENCE.sub(plain, text))
