"""A model that says what it was told to say: for tests, demonstrations and dry runs.

Deterministic, needs nothing.
"""

import re
from collections.abc import Callable, Iterable, Iterator

from remanence.errors import ModelCutShort
from remanence.llm.chat_model import Piece, Request, Usage, without_thoughts
from remanence.text import tokens

_WORDS = re.compile(r"\S+\s*|\s+")
Speak = Callable[[Request], str]


class ScriptedModel:
    """Answers the lines of a script in turn, the last one again and again; or what a function makes
    of the request.

        ScriptedModel("Yes.", "No.")
        ScriptedModel(lambda request: request.messages[-1].content.upper())

    `asked` keeps the requests. `dies_after` pieces it falls silent, as a connection that breaks.
    """

    def __init__(
        self,
        *script: str | Speak,
        name: str = "scripted",
        window: int | None = None,
        dies_after: int | None = None,
    ) -> None:
        self.name = name
        self.window = window
        self.asked: list[Request] = []
        self._script: tuple[str | Speak, ...] = script or ("I was given nothing to say.",)
        self._dies_after = dies_after

    def count(self, text: str) -> int:
        return tokens.count(text)

    def stream(self, request: Request) -> Iterator[Piece]:
        line = self._script[min(len(self.asked), len(self._script) - 1)]
        self.asked.append(request)
        said = line if isinstance(line, str) else line(request)
        yield from without_thoughts(self._spoken(said, request))

    def _spoken(self, said: str, request: Request) -> Iterator[Piece]:
        words = _WORDS.findall(said)
        spoken: list[str] = []
        for number, word in enumerate(words):
            if number == self._dies_after:
                raise ModelCutShort(
                    f"{self.name} fell silent after {number} words, as it was told to",
                    partial="".join(spoken),
                )
            if request.most is not None and self.count("".join([*spoken, word])) > request.most:
                yield Piece(finish="length", usage=self._usage(request, spoken))
                return
            spoken.append(word)
            yield Piece(word)
        yield Piece(finish="stop", usage=self._usage(request, spoken))

    def _usage(self, request: Request, spoken: Iterable[str]) -> Usage:
        asked = sum(self.count(message.content) for message in request.messages)
        return Usage(asked, self.count("".join(spoken)))

    def close(self) -> None:
        """Holds nothing."""
