"""Six kinds of writing in which what the text needs was said in an earlier segment: dialogue,
summary, translation, answers, code, stories.

Each is a grammar that makes samples on the spot from a seed. What is said, asked and wanted are
texts; no tokens, no model here. Which combinations of values are held out, `held_out` says, from
the values alone: a pair of values that stand beside each other in a wanted text of the test stands
beside each other in none of training.
"""

import random
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from remanence.errors import ConfigError, InvalidInput
from remanence.lab.tasks import words as lists

SHARE: Final = 5  # one pair in so many is held out
TRIES: Final = 10_000
HARDEST: Final = 4


@dataclass(frozen=True)
class Sample:
    """said: the earlier segments.

    prompt, target: the last segment, and what is to be written after it. values: what `target` is
    made of that only `said` (and perhaps `prompt`) tells, in the order in which it stands there.
    """

    said: tuple[str, ...]
    prompt: str
    target: str
    values: tuple[str, ...]


Make = Callable[[random.Random, int], Sample]


@dataclass(frozen=True)
class Suite:
    """`make(random, level)` makes a sample; levels from 0, the easiest, to `levels` - 1 have more
    to remember, and more said between.
    """

    name: str
    language: str
    about: str
    make: Make
    levels: int = HARDEST + 1

    def sample(self, source: random.Random, level: int, *, test: bool) -> Sample:
        """A sample whose combination of values is one of the test's, or one of training's.

        Raises `InvalidInput` for a level that there is not.
        """
        if not 0 <= level < self.levels:
            raise InvalidInput(f"level={level!r:.40} of {self.name}; from 0 to {self.levels - 1}")
        for _ in range(TRIES):
            made = self.make(source, level)
            # One value has no neighbour: the easiest level has nothing to hold out.
            if held_out(self.name, made.values) == test or len(made.values) == 1:
                return made
        raise InvalidInput(
            f"{self.name} made {TRIES} samples and none for {'test' if test else 'training'}; its "
            "grammar has too few values"
        )


def held_out(suite: str, values: Sequence[str]) -> bool:
    """Tell whether one of the pairs of neighbours in `values` is held out: one pair in `SHARE` is,
    the same in every process.
    """
    return any(
        zlib.crc32("|".join((suite, *pair)).encode()) % SHARE == 0 for pair in pairwise(values)
    )


def suite(name: str) -> Suite:
    """The suite of a name. Raises `ConfigError` for one that there is not."""
    if name not in SUITES:
        raise ConfigError(f"suite={name!r:.40} is none of {', '.join(SUITES)}")
    return SUITES[name]


# -- the grammars
# ------------------------------------------------------------------------------------


def persona(source: random.Random, level: int) -> Sample:
    """Someone tells of themselves, on the highest level moves house, and later introduces
    themselves.
    """
    lots = (lists.JOBS, lists.CITIES, lists.PETS, lists.FOODS)
    forms = ("my job is {}", "my home is {}", "my pet is {}", "my food is {}")
    return _clauses(source, level, lots, forms, "please introduce yourself :", lists.CHAT, moved=1)


def summary(source: random.Random, level: int) -> Sample:
    """A report of a match, with what nobody needs to know in between; then its summary.

    On the highest level the score is corrected.
    """
    lots = (lists.TEAMS, lists.GUESTS, lists.CITIES, lists.NUMBERS, lists.NAMES)
    forms = ("home side {}", "against {}", "held in {}", "goals {}", "thanks to {}")
    return _clauses(source, level, lots, forms, "in one line :", lists.CROWD, moved=3)


def _clauses(
    source: random.Random,
    level: int,
    lots: Sequence[Sequence[str]],
    forms: Sequence[str],
    prompt: str,
    between: Sequence[str],
    moved: int,
) -> Sample:
    """Values told in any order, one of them (`moved`) anew on the highest level; then all of them
    in one sentence, in the order of `lots`.
    """
    count = (1, 2, len(lots), len(lots), len(lots))[level]
    chosen = sorted(source.sample(range(len(lots)), count))
    values = [source.choice(lots[at]) for at in chosen]
    target = " , ".join(forms[at].format(value) for at, value in zip(chosen, values, strict=True))
    told = [f"{forms[at].format(value)} ." for at, value in zip(chosen, values, strict=True)]
    if level == HARDEST:
        before = source.choice([each for each in lots[moved] if each != values[moved]])
        newest = told[moved]
        told[moved] = f"{forms[moved].format(before)} ."
        told.append(f"no , {newest}")
    said = _spread(source, told, level, between, last=int(level == HARDEST))
    return Sample(said, prompt, f"{target} .", tuple(values))


def translation(source: random.Random, level: int) -> Sample:
    """A glossary of terms and what they are in Chinese, new for every document; then a sentence
    that uses some of them.
    """
    count, used = ((1, 1), (2, 2), (3, 3), (4, 3), (6, 3))[level]
    terms = source.sample(lists.TERMS, count)
    meanings = source.sample(lists.PARTS_ZH, count)
    told = [f"{term} {meaning} ;" for term, meaning in zip(terms, meanings, strict=True)]
    said = _spread(source, told, level, lists.OFFICE)
    places = source.sample(range(count), used)
    verbs = source.sample(sorted(lists.VERBS_ZH), used - 1)
    asked = [f"the {terms[places[0]]}"]
    wanted = meanings[places[0]]
    for verb, at in zip(verbs, places[1:], strict=True):
        asked.append(f"{verb} the {terms[at]}")
        wanted += f"{lists.VERBS_ZH[verb]}{meanings[at]}"
    values = tuple(meanings[at] for at in places)
    return Sample(said, f"translate : {' '.join(asked)} .", f"{wanted}。", values)


@dataclass(frozen=True)
class _Rows:
    """Records of values, each told by `form`, the parts of it that the easiest level has; the first
    value is what is asked for by `prompt`.
    """

    lots: tuple[Sequence[str], ...]
    form: str
    short: str
    prompt: str
    between: Sequence[str]
    written: tuple[str, str] | None = (
        None  # on the easiest level and above, where it is not what was told
    )
    corrected: bool = False

    def make(self, source: random.Random, level: int) -> Sample:
        count = (1, 1, 2, 3, 4 - self.corrected)[level]
        form = self.short if level == 0 else self.form
        written = self.written[level > 0] if self.written else form
        rows = list(zip(*(source.sample(each, count) for each in self.lots), strict=True))
        at = source.randrange(count)
        told = [form.format(*row) for row in rows]
        if last := int(self.corrected and level == HARDEST):
            fresh = [source.choice(each) for each in self.lots[1:]]
            rows[at] = (rows[at][0], *fresh)
            told.append(form.format(*rows[at]))
        said = _spread(source, told, level, self.between, last)
        used = tuple(v for n, v in enumerate(rows[at]) if f"{{{n}}}" in written)
        return Sample(said, self.prompt.format(*rows[at]), written.format(*rows[at]), used)


question = _Rows(
    (lists.THINGS, lists.PLACES, lists.NAMES),
    "the {0} is in the {1} , left by {2} .",
    "the {0} is in the {1} .",
    "where is the {0} ?",
    lists.OFFICE,
).make
question_zh = _Rows(
    (lists.THINGS_ZH, lists.PLACES_ZH, lists.NAMES_ZH),
    "{0}在{1}里，是{2}放的。",
    "{0}在{1}里。",
    "{0}在哪里？",
    lists.OFFICE_ZH,
).make
code = _Rows(
    (lists.PURPOSES, lists.FUNCTIONS, lists.ARGUMENTS, lists.OTHERS),
    "# {0}\ndef {1} ( {2} , {3} ) :",
    "# {0}\ndef {1} ( ) :",
    "# {0}\nresult =",
    lists.CODE,
    written=("{1} ( )", "{1} ( {2} , {3} )"),
    corrected=True,
).make
story = _Rows(
    (lists.NAMES, lists.COLOURS, lists.ANIMALS, lists.HOMES),
    "{0} the {1} {2} from the {3} .",
    "{0} the {1} .",
    "the end of {0} :",
    lists.WEATHER,
).make


def _spread(
    source: random.Random, told: list[str], level: int, between: Sequence[str], last: int = 0
) -> tuple[str, ...]:
    """Sentences over segments: one on the two easiest levels, two above, and from level 3 on
    segments of `between` anywhere after the first.

    The order is drawn anew, but for the `last` ones, which stay behind.
    """
    head, tail = told[: len(told) - last], told[len(told) - last :]
    source.shuffle(head)
    told = [*head, *tail]
    cut = len(told) if level < 2 else (len(told) + 1) // 2
    segments = [" ".join(part) for part in (told[:cut], told[cut:]) if part]
    for _ in range((0, 0, 0, 1, 2)[level]):
        segments.insert(source.randint(1, len(segments)), " ".join(source.sample(between, 2)))
    return tuple(segments)


SUITES: Final[dict[str, Suite]] = {
    each.name: each
    for each in (
        Suite("persona", "en", "dialogue with a persona told earlier", persona),
        Suite("summary", "en", "summary of a report read earlier", summary),
        Suite("translation", "en-zh", "translation with a glossary given earlier", translation),
        Suite("question", "en", "answers to questions about what was said earlier", question),
        Suite("question-zh", "zh", "answers to questions in Chinese", question_zh),
        Suite("code", "en", "code that calls what was defined earlier", code),
        Suite("story", "en", "a story's end that keeps its attributes", story),
    )
}
