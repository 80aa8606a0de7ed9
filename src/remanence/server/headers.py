"""Headers of a request as text. It knows pairs of bytes, and no header by name."""

from collections.abc import Iterable

Header = tuple[bytes, bytes]


def one(headers: Iterable[Header], name: str) -> str | None:
    """The value of a header, UTF-8 where it is (a name in any script), else Latin-1."""
    wanted = name.lower().encode()
    for key, value in headers:
        if key == wanted:
            try:
                return value.decode()
            except UnicodeDecodeError:
                return value.decode("latin-1")
    return None
