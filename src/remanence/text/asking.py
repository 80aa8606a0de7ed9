"""The asker's own words:

a question about somebody as he asks it of himself, and who he is before it. It knows words; it
knows nobody.
"""

import re
from typing import Final

_HAN: Final = re.compile("[\u3400-\u9fff]")
# What stands around the name in a question -> what stands there where the name is "I". In this
# order: the first that fits is taken.
_OWN: Final = tuple(
    (re.compile(found), put)
    for found, put in (
        (r"\b[Dd]oes \{s\}", "do I"),
        (r"\b[Dd]id \{s\}", "did I"),
        (r"\b[Ii]s \{s\}", "am I"),
        (r"\b[Ww]as \{s\}", "was I"),
        (r"\b[Hh]as \{s\}", "have I"),
        (r"\bthat \{s\} said\b", "that I said"),
        (r"\bthe ([\w' -]+?) of \{s\}", r"my \1"),
        (r"\b(an? [\w -]+?) of \{s\}", r"\1 of mine"),
    )
)


def own(question: str) -> str | None:
    """A question about {s} as {s} asks it; None where that cannot be told.

    >>> own("Where does {s} live?"), own("What is the phone number of {s}?"), own("Who is a friend of {s}?")
    ('Where do I live?', 'What is my phone number?', 'Who is a friend of mine?')
    >>> own("{s}住在哪里？"), own("Who wrote {s}?")
    ('我住在哪里？', None)
    """
    if _HAN.search(question):
        return question.replace("{s}", "我")
    for found, put in _OWN:
        asked, count = found.subn(put, question)
        if count:
            return None if "{s}" in asked else asked
    return None


def introduced(name: str, text: str) -> str:
    """Return a text preceded by the speaker's name.

    >>> introduced("Wei", "Where do I live?"), introduced("小伟", "我住在哪里？")
    ('I am Wei. Where do I live?', '我是小伟。我住在哪里？')
    """
    return f"我是{name}。{text}" if _HAN.search(text) else f"I am {name}. {text}"
