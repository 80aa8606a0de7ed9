"""Documents: Markdown, plain text, HTML, PDF and docx.

Markdown is cut at its headings, a PDF at its pages; each piece names the document in its session
and metadata. PDF and docx need the extra `files`.
"""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any
from zipfile import BadZipFile

from remanence.errors import ConfigError
from remanence.integrations.exports.entries import SourceFile
from remanence.integrations.exports.markup import parse_html
from remanence.integrations.exports.messages import ExportedMessage, Options, incoming
from remanence.integrations.incoming import Bad, Incoming

_FRONT = re.compile(r"\A---[ \t]*\r?\n(.*?)\r?\n(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.DOTALL)
_PAIR = re.compile(r"([A-Za-z_][\w -]*):(?:[ \t]+(.*))?$")
_HEADING = re.compile(r"(#{1,6})\s+(.*?)\s*#*$")
_FENCE = re.compile(r"\s*(```|~~~)")
_LINK = re.compile(r"\[\[([^\]|#]+)[^\]]*\]\]")
_DATES = ("date", "created", "created_at", "updated", "日期")


@dataclass(frozen=True, slots=True)
class Section:
    """A piece of a document."""

    heading: str
    """Headings that lead to it, joined by ` > `; empty before the first."""
    text: str
    """The piece itself, its own heading included."""


def read_markdown(entry: SourceFile, options: Options) -> Iterator[Incoming | Bad]:
    """Yield a turn a section; front matter and `[[links]]` go into the metadata."""
    text = _decoded(entry)
    front, body = front_matter(text)
    title = str(front.get("title") or entry.path.stem)
    at = next((front[key] for key in _DATES if isinstance(front.get(key), str)), None)
    about: dict[str, Any] = {"path": entry.name, **({"front": front} if front else {})}
    for number, section in enumerate(sections(body), start=1):
        links = sorted({link.strip() for link in _LINK.findall(section.text)})
        extra = {"heading": section.heading} if section.heading else {}
        piece = {**about, **extra, **({"links": links} if links else {})}
        yield _piece(entry, section.text, number, title, at, piece, "markdown", options)


def front_matter(text: str) -> tuple[dict[str, Any], str]:
    r"""Return (fields, rest) of a text that may begin with front matter between lines of `---`.

    Fields are flat: a text, or a list of texts in brackets or in lines that begin with `-`.

    >>> front_matter("---\ntitle: Tea\ntags: [a, b]\n---\nGreen.")
    ({'title': 'Tea', 'tags': ['a', 'b']}, 'Green.')
    """
    found = _FRONT.match(text)
    if not found:
        return {}, text
    fields: dict[str, Any] = {}
    name = ""
    for line in found[1].splitlines():
        pair = _PAIR.match(line)
        if pair:
            name = pair[1].strip()
            fields[name] = _value(pair[2] or "")
        elif name and line.strip().startswith("- "):
            before = fields[name] if isinstance(fields[name], list) else []
            fields[name] = [*before, line.strip()[2:].strip().strip("\"'")]
    return {key: value for key, value in fields.items() if value}, text[found.end() :]


def _value(raw: str) -> str | list[str]:
    raw = raw.strip()
    if raw.startswith("[") and raw.endswith("]"):
        return [item.strip().strip("\"'") for item in raw[1:-1].split(",") if item.strip()]
    return raw.strip("\"'")


def sections(text: str) -> list[Section]:
    """Cut Markdown at its headings, those inside fenced code aside."""
    found: list[Section] = []
    path: list[str] = []
    lines: list[str] = []
    fenced = False

    def close() -> None:
        body = "\n".join(lines).strip()
        if body and not (len(lines) == 1 and _HEADING.match(lines[0])):
            found.append(Section(" > ".join(part for part in path if part), body))

    for line in text.splitlines():
        fenced ^= bool(_FENCE.match(line))
        heading = None if fenced else _HEADING.match(line)
        if heading:
            close()
            depth = len(heading[1])
            path[depth - 1 :] = [""] * (depth - 1 - len(path)) + [heading[2]]
            lines.clear()
        lines.append(line)
    close()
    return found


def read_text(entry: SourceFile, options: Options) -> Iterator[Incoming | Bad]:
    """Yield a text file as one document."""
    text = _decoded(entry)
    if text.strip():
        yield _piece(entry, text, 1, entry.path.stem, None, {"path": entry.name}, "text", options)


def read_html(entry: SourceFile, options: Options) -> Iterator[Incoming | Bad]:
    """Yield the text of a page as one document."""
    title, text = parse_html(_decoded(entry))
    about = {"path": entry.name}
    if text.strip():
        yield _piece(entry, text, 1, title or entry.path.stem, None, about, "html", options)


def read_pdf(entry: SourceFile, options: Options) -> Iterator[Incoming | Bad]:
    """Yield a turn a page that has text."""
    _need("pypdf", entry)
    import pypdf
    from pypdf.errors import PyPdfError

    with entry.open() as source:
        data = io.BytesIO(source.read())
    try:
        pages = pypdf.PdfReader(data)
        title = str((pages.metadata and pages.metadata.title) or entry.path.stem)
        for number, page in enumerate(pages.pages, start=1):
            text = page.extract_text()
            about = {"path": entry.name, "page": number}
            if text.strip():
                yield _piece(entry, text, number, title, None, about, "pdf", options)
    except PyPdfError as error:
        yield Bad(entry.name, f"is not a readable PDF ({error})", fatal=True)


def read_docx(entry: SourceFile, options: Options) -> Iterator[Incoming | Bad]:
    """Yield a turn a section of a Word document."""
    _need("mammoth", entry)
    import mammoth

    with entry.open() as source:
        data = io.BytesIO(source.read())
    try:
        body = mammoth.convert_to_markdown(data).value
    except (ValueError, KeyError, OSError, BadZipFile) as error:
        yield Bad(entry.name, f"is not a readable docx file ({error})", fatal=True)
        return
    for number, section in enumerate(sections(re.sub(r"\\([-.!()#*_+])", r"\1", body)), start=1):
        about = {"path": entry.name, **({"heading": section.heading} if section.heading else {})}
        yield _piece(entry, section.text, number, entry.path.stem, None, about, "docx", options)


def _need(package: str, entry: SourceFile) -> None:
    if find_spec(package) is None:
        raise ConfigError(
            f"{entry.name}: reading it needs {package}; install the extra `files` "
            "(pip install 'remanence[files]', or pip install '.[files]' in a checkout)"
        )


def _decoded(entry: SourceFile) -> str:
    with entry.open() as source:
        data = source.read()
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else encoding)
        except UnicodeDecodeError:
            continue
    return data.decode("latin-1")


def _piece(
    entry: SourceFile,
    text: str,
    number: int,
    title: str,
    at: object,
    about: dict[str, Any],
    source: str,
    options: Options,
) -> Incoming | Bad:
    message = ExportedMessage(
        f"{entry.name}, part {number:,}",
        text,
        None,
        at or entry.modified,
        entry.name,
        f"{entry.name}#{number}",
        title,
        "document",
        about,
    )
    return incoming(message, source, options)
