"""What the graph arm adds to recall among many passages that all have titles and name one another:
its worst case.

A film names its director, a person names a town: seeded text, nothing from an evaluation set. Each
question needs two steps. The same questions are asked with the arm and with a graph that stays
silent, in turn, so that both see the same machine.
"""

import random
import time
from unittest.mock import PropertyMock, patch

import report

import remanence
from remanence.retrieval.graph import Graph

SYLLABLES = "ba ce di fo gu ha je ki lo mu na pe ri so tu va we xi yo zu".split()  # noqa: SIM905
FILLER = "It was received with interest, and is remembered in Northern Europe, Japan and Brazil."


def named(rng: random.Random) -> str:
    """Two invented words with capitals: a name that nothing else is called."""
    return " ".join("".join(rng.choices(SYLLABLES, k=4)).capitalize() for _ in range(2))


def passages(count: int) -> tuple[list[str], list[str]]:
    """`count` passages, films and their directors by turns, and the films' titles."""
    rng = random.Random(7)
    texts, films = [], []
    for year in range(count // 2):
        film, person, town = named(rng), named(rng), named(rng)
        films.append(film)
        texts.append(f"{film}. {film} is a {1920 + year % 100} film directed by {person}. {FILLER}")
        texts.append(f"{person}. {person} was born in {town} and studied law. {FILLER}")
    return texts, films


def main() -> None:
    """Fill, ask, print."""
    parser = report.arguments(__doc__)
    parser.add_argument("--size", type=int, default=100_000, help="passages")
    args = parser.parse_args()
    size, asked = (2_000, 20) if args.quick else (args.size, 200)
    texts, films = passages(size)
    questions = [
        f"Where was the director of {film} born?" for film in random.Random(3).sample(films, asked)
    ]
    with remanence.open(":memory:", extract=False) as memory:
        memory.remember(texts)
        took: dict[str, list[float]] = {"with": [], "silent": []}
        led = 0
        for question in questions:
            for arm, quiet in (("with", False), ("silent", True)):
                with patch.object(Graph, "silent", PropertyMock(return_value=quiet)):
                    memory.recall(question)  # both warm
                    started = time.perf_counter()
                    found = memory.recall(question)
                    took[arm].append(time.perf_counter() - started)
                led += any(item.via for item in found) if arm == "with" else 0
    added = [on - off for on, off in zip(took["with"], took["silent"], strict=True)]
    values = [report.median_ms(each) for each in (took["silent"], took["with"], added)]
    header = ["passages", "silent p50 ms", "with p50 ms", "added p50 ms", "questions led by names"]
    report.show(
        "The graph arm's share of recall", header, [[size, *values, f"{led} of {asked}"]], args
    )


if __name__ == "__main__":
    main()
