"""Realistic conversation of any length, the same for the same seed, with questions about it.

Turns are recombined from sentence frames, whose common words stand in the proportions of English,
and from a vocabulary of more than 60,000 content words drawn by Zipf's law (Zipf-Mandelbrot,
exponent 1.05). A session of twenty turns has two speakers, a day, and a topic: half of its content
words come from forty that it keeps coming back to. Real words come from the token list of the
shipped embedding table, which stands in order of frequency; the rest are their derived forms.
Nothing here comes from an evaluation set.
"""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache

import numpy as np

from remanence import Turn
from remanence.embed import tensors
from remanence.embed.static import TABLE
from remanence.text.words import STOP_WORDS

VERSION = 1  # part of the name of a kept store: raise it when the text changes
SESSION = 20  # turns
TOPIC = 40  # words that a session keeps coming back to
_BLOCK = 1_024  # sessions drawn at a time
_GAP = "\x00"
_START = datetime(2015, 1, 1, 9, tzinfo=UTC)

NAMES = tuple(
    """
    Alice Bruno Carmen Daniel Elena Farid Grace Hiro Ingrid Jonas Katya Liam Maya Nikhil Olga Pedro
    Quinn Rosa Samuel Tara Umar Vera Walter Ximena Yusuf Zoe Amara Bjorn Chiara Dmitri Esther Felix
    """.split()  # noqa: SIM905 - a list is easier to read in prose
)
MONTHS = tuple(
    """
    January February March April May June July August September October November December
    """.split()  # noqa: SIM905 - a list is easier to read in prose
)
FRAMES = (
    "I went to the {w} with {n} yesterday and we talked about the {w} for hours.",
    "Have you seen the {w} that {n} brought back from {w}?",
    "We are going to meet at the {w} on {m} {d}, right after the {w}.",
    "My {w} is finally working again, it was only the {w}.",
    "That sounds great! How did the {w} go?",
    "To be honest I was a bit worried about the {w}, but the {w} turned out fine.",
    "{n} told me that the {w} costs {d} dollars now, can you believe it?",
    "I have been reading about {w} and {w} lately.",
    "The {w} was so {w} that I had to sit down for a moment.",
    "Do you remember when we found that {w} in {m} {y}?",
    "Thanks, that means a lot to me.",
    "She said the {w} will be ready by {m}.",
    "We need to buy {w}, {w} and some {w} before the weekend.",
    "It took me {d} days to finish the {w}.",
    "What do you think about the {w}?",
    "My sister works at a {w} near the {w} now.",
    "I am trying to learn more about {w}, it helps with the {w}.",
    "No, I would rather have the {w} than the {w}.",
    "The doctor told {n} to avoid {w} until {m}.",
    "You should really try the {w} next time you are in town.",
    "In {y} we moved here because of the {w}, and I have never regretted it.",
    "There is something about the {w} that I cannot explain.",
    "He left the {w} on the table and nobody noticed.",
    "Good morning! Did {n} call you about the {w}?",
)
QUESTIONS = (
    "What did {n} say about the {a}?",
    "When did {n} go to the {a} with the {b}?",
    "Where did we find the {a} in {m} {y}?",
    "Who told me about the {a} and the {b}?",
    "What was the problem with the {a}?",
    "How much is the {a} that {n} wanted to buy?",
    "What happened with the {a} on {m} {d}, {y}?",
    "Is the {a} better than the {b}?",
)


@cache
def vocabulary() -> tuple[str, ...]:
    """Content words, commonest first; more than 60,000."""
    arrays, _ = tensors.read(TABLE)
    tokens = arrays["tokens"].tobytes().decode().split("\n")
    real = [token for token in tokens if token.isascii() and token.isalpha() and len(token) > 3]
    real = [token for token in real if token not in STOP_WORDS][100:]  # the frames have those
    ending = ("s", "ing", "ness", "er")
    derived = [word + ending[place % 4] for place, word in enumerate(real)]
    rare = [f"{word}{ending[(place + 1) % 4]}" for place, word in enumerate(real)]
    compound = [a + b for a, b in zip(real, real[7:], strict=False) if len(a) + len(b) < 12]
    return tuple(dict.fromkeys(real + derived + rare + compound))


@cache
def _zipf() -> np.ndarray:
    """Cumulated weights of the ranks."""
    return np.cumsum(1 / (np.arange(1, len(vocabulary()) + 1) + 2.7) ** 1.05)


def _draws(count: int, generator: np.random.Generator) -> np.ndarray:
    """Ranks by Zipf's law."""
    return np.searchsorted(_zipf(), generator.random(count) * _zipf()[-1])


def turns(count: int, seed: int = 1) -> Iterator[Turn]:
    """`count` turns, in order of time."""
    words = vocabulary()
    generator, rng = np.random.default_rng(seed), random.Random(seed)
    made = session = 0
    while made < count:
        topics = _draws(_BLOCK * TOPIC, generator).reshape(_BLOCK, TOPIC).tolist()
        commons = _draws(_BLOCK * SESSION * 6, generator).reshape(_BLOCK, -1).tolist()
        for topic, general in zip(topics, commons, strict=True):
            speakers = rng.sample(NAMES, 2)
            day = _START + timedelta(hours=session * 3)
            common = iter([words[i] for i in general])
            own = [words[i] for i in topic]
            for number in range(min(SESSION, count - made)):
                yield Turn(
                    text=_turn(rng, common, own, speakers),
                    speaker=speakers[number % 2],
                    session=f"s{session}",
                    at=day + timedelta(minutes=number),
                )
            made += min(SESSION, count - made)
            session += 1
            if made >= count:
                return


def _turn(rng: random.Random, common: Iterator[str], own: list[str], names: list[str]) -> str:
    """One to three sentences."""

    def word() -> str:
        drawn = next(common, None) if rng.random() < 0.5 else None
        return drawn or rng.choice(own)

    text = " ".join(rng.choices(FRAMES, k=rng.choice((1, 2, 2, 3))))
    filled = text.format(
        n=rng.choice(names),
        m=rng.choice(MONTHS),
        d=rng.randint(1, 28),
        y=rng.randint(2005, 2024),
        w=_GAP,
    ).split(_GAP)
    return "".join([filled[0], *(word() + piece for piece in filled[1:])])


def questions(count: int, seed: int = 2) -> list[str]:
    """Questions with common words, names and dates, over words as common as those of the turns."""
    words, rng = vocabulary(), random.Random(seed)
    drawn = [words[i] for i in _draws(2 * count, np.random.default_rng(seed)).tolist()]
    return [
        QUESTIONS[place % len(QUESTIONS)].format(
            n=rng.choice(NAMES),
            a=drawn[2 * place],
            b=drawn[2 * place + 1],
            m=rng.choice(MONTHS),
            d=rng.randint(1, 28),
            y=rng.randint(2015, 2024),
        )
        for place in range(count)
    ]
