"""E-mail: a message in a file (`.eml`), or many in one (`mbox`).

A thread is a session. The text is the plain part, or the text of the HTML part where there is none;
attachments are named in the metadata and not read.
"""

import email
import email.policy
import email.utils
from collections.abc import Iterator
from email.message import EmailMessage

from remanence.integrations.exports.entries import SourceFile
from remanence.integrations.exports.markup import text_of_html
from remanence.integrations.exports.messages import (
    ExportedMessage,
    Options,
    digest,
    incoming,
    rfc3339,
)
from remanence.integrations.incoming import Bad, Incoming

_REPLIES = ("re:", "fwd:", "fw:", "aw:", "wg:", "sv:", "回复:", "回复：", "转发:", "转发：")


def recognise(head: bytes) -> str:
    """Return `mbox`, `eml` or an empty string."""
    if head.startswith(b"From ") and b"\nFrom:" in head:
        return "mbox"
    top = head.partition(b"\n\n")[0].partition(b"\r\n\r\n")[0].lower()
    names = {line.partition(b":")[0] for line in top.splitlines() if b":" in line}
    return (
        "eml" if {b"from", b"date"} <= names and names & {b"subject", b"to", b"message-id"} else ""
    )


def read_eml(entry: SourceFile, options: Options) -> Iterator[Incoming | Bad]:
    """Yield the one message of a file."""
    with entry.open() as source:
        yield from _turn(source.read(), entry.name, options)


def read_mbox(entry: SourceFile, options: Options) -> Iterator[Incoming | Bad]:
    """Yield the messages of a mailbox, one held at a time;

    `>From ` at a line's start is `From `.
    """
    lines: list[bytes] = []
    number, blank = 0, True
    with entry.open() as source:
        for line in source:
            if line.startswith(b"From ") and blank:
                if number:
                    yield from _turn(b"".join(lines), f"{entry.name}, message {number:,}", options)
                number, lines = number + 1, []
            elif number:
                unquoted = (
                    line.removeprefix(b">") if line.lstrip(b">").startswith(b"From ") else line
                )
                lines.append(unquoted)
            blank = not line.strip()
    if number:
        yield from _turn(b"".join(lines), f"{entry.name}, message {number:,}", options)


def _turn(raw: bytes, place: str, options: Options) -> Iterator[Incoming | Bad]:
    mail = email.message_from_bytes(raw, policy=email.policy.default)
    subject = str(mail.get("Subject") or "").strip()
    text = _body(mail).strip() or subject
    if not text:
        yield Bad(place, "has neither subject nor text")
        return
    name, address = email.utils.parseaddr(str(mail.get("From") or ""))
    identity = str(mail.get("Message-ID") or "").strip("<> ") or digest(raw)
    message = ExportedMessage(
        place,
        text,
        name or address or None,
        _date(mail),
        f"mail:{_thread(mail) or identity}"[:200],
        f"mail:{identity}"[:200],
        _plain_subject(subject),
        metadata={"from": address, "to": _receivers(mail), "files": _files(mail)},
    )
    yield incoming(message, "mail", options)


def _thread(mail: EmailMessage) -> str:
    """Return the id of the message that began the thread; empty for one that begins it."""
    before = str(mail.get("References") or mail.get("In-Reply-To") or "").split()
    return before[0].strip("<>") if before else ""


def _receivers(mail: EmailMessage) -> list[str]:
    return [address for _, address in email.utils.getaddresses([str(mail.get("To") or "")])]


def _files(mail: EmailMessage) -> list[str]:
    return [name for part in mail.iter_attachments() if (name := part.get_filename())]


def _body(mail: EmailMessage) -> str:
    part = mail.get_body(preferencelist=("plain", "html"))
    if part is None:
        return ""
    try:
        content = str(part.get_content())
    except (LookupError, UnicodeDecodeError):  # an unknown or wrong character set
        content = bytes(part.get_payload(decode=True) or b"").decode("utf-8", "replace")
    return text_of_html(content) if part.get_content_type() == "text/html" else content


def _date(mail: EmailMessage) -> str | None:
    try:
        return rfc3339(email.utils.parsedate_to_datetime(str(mail["Date"])))
    except (TypeError, ValueError):
        return None


def _plain_subject(subject: str) -> str:
    while subject.lower().startswith(_REPLIES):
        subject = subject[subject.find("：" if "：" in subject[:4] else ":") + 1 :].strip()
    return subject
