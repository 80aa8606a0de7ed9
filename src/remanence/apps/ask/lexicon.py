"""Words of everyday life: kinds, synonyms, units, people, places, as `lexicon.toml` lists them."""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Final

from remanence.text.words import STOP_WORDS, normal, terms

DESTINATION: Final = "destination"  # kind of a place that the gazetteer has
VERSION: Final = 1  # of the reading of texts for events; raise it whenever events would differ


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of measure."""

    number: int
    """Its number in the store."""
    name: str
    """Its name: "kilometre"."""
    base: str
    """Name of the unit in which it is summed."""
    factor: float
    """How many of those it is."""


@dataclass(frozen=True, slots=True)
class EverydayLexicon:
    """The tables, by the forms in which words are compared."""

    kinds: dict[tuple[str, ...], tuple[str, ...]]
    """Stems of a phrase -> the kinds that it belongs to."""
    asked: dict[str, str]
    """Stem of a word for a kind -> the kind."""
    synonyms: dict[tuple[str, ...], tuple[tuple[str, ...], ...]]
    """Stems of a phrase -> the phrases of its meaning, as stems."""
    implied: dict[tuple[str, ...], str]
    """Stems of a phrase, or a kind -> the stem of the verb that it implies beside a light one."""
    always: dict[tuple[str, ...], str]
    """Stems of a phrase -> the stem of the verb that it implies beside any."""
    errands: dict[str, frozenset[str]]
    """Kind of an errand -> the kinds of what is bought on it."""
    light: frozenset[str]
    """Stems of verbs that say nothing by themselves."""
    verbs: frozenset[str]
    """Stems of verbs."""
    units: dict[str, Unit]
    """Written form -> unit."""
    people: frozenset[str]
    """Nouns for people, in lower case."""
    places: frozenset[str]
    """Nouns for places, in lower case."""

    def unit_named(self, name: str) -> Unit:
        """Return a unit by its name."""
        return next(unit for unit in self.units.values() if unit.name == name)

    def unit_numbered(self, number: int) -> Unit | None:
        """Return the unit of a number in the store; None for no unit."""
        return next((unit for unit in self.units.values() if unit.number == number), None)

    def kinds_of(self, phrase: str) -> tuple[str, ...]:
        """Return the kinds of a phrase: of all of it, else of its head.

        >>> lexicon().kinds_of("mango juice"), lexicon().kinds_of("ripe mangos")
        (('drink',), ('fruit',))
        """
        stems = stemmed(phrase)
        for start in range(len(stems)):
            found = self.kinds.get(stems[start:])
            if found is not None:
                return found
        return ()


def stemmed(phrase: str) -> tuple[str, ...]:
    """Return the index terms of a phrase, stop words aside.

    >>> stemmed("the weight lifting")
    ('weight', 'lift')
    """
    return tuple(term for term in terms(phrase) if term not in STOP_WORDS)


def _phrases(text: str) -> list[str]:
    return [phrase.strip() for phrase in text.replace("\n", " ").split(",") if phrase.strip()]


def _units(rows: dict[str, str]) -> dict[str, Unit]:
    found = {}
    for number, (name, row) in enumerate(rows.items(), 1):
        base, factor, *written = _phrases(row)
        unit = Unit(number, name, base, float(factor))
        found.update(dict.fromkeys([name, *written], unit))
    found.pop("pound", None)  # a weight as often as money
    return found


def _implied(rows: dict[str, str]) -> dict[tuple[str, ...], str]:
    return {
        (phrase,) if phrase.startswith("kind:") else stemmed(phrase): stemmed(verb)[0]
        for verb, row in rows.items()
        for phrase in _phrases(row)
    }


def _synonyms(groups: Iterable[str]) -> dict[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    found: dict[tuple[str, ...], list[tuple[str, ...]]] = {}
    for group in groups:
        members = [
            (phrase,) if phrase.startswith("kind:") else stemmed(phrase)
            for phrase in _phrases(group)
        ]
        members = list(dict.fromkeys(member for member in members if member))
        for member in members:
            known = found.setdefault(member, [])
            known += [each for each in members if each not in known]
    return {stems: tuple(members) for stems, members in found.items()}


def _kinds(
    rows: dict[str, dict[str, str]],
) -> tuple[dict[tuple[str, ...], tuple[str, ...]], dict[str, str]]:
    """Return the kinds of each phrase, and the kind that each word asks for."""
    kinds: dict[tuple[str, ...], list[str]] = {}
    asked: dict[str, str] = {}
    for kind, row in rows.items():
        for phrase in _phrases(row["asked"]):
            asked.setdefault("".join(stemmed(phrase)) or normal(phrase), kind)
        for phrase in _phrases(row["members"]):
            kinds.setdefault(stemmed(phrase), []).append(kind)
    kept = {stems: tuple(dict.fromkeys(found)) for stems, found in kinds.items() if stems}
    return kept, asked


@cache
def lexicon() -> EverydayLexicon:
    """Return the tables, read once."""
    file = resources.files("remanence.apps.ask") / "lexicon.toml"
    raw = tomllib.loads(file.read_text(encoding="utf-8"))
    kinds, asked = _kinds(raw["kinds"])
    verbs = map(stemmed, _phrases(",".join(raw["verbs"].values())))
    return EverydayLexicon(
        kinds=kinds,
        asked=asked,
        synonyms=_synonyms([*raw["verbs"].values(), *raw["nouns"].values()]),
        implied=_implied(raw["implied"]),
        always=_implied(raw["always"]),
        errands={name: frozenset(_phrases(row)) for name, row in raw["errands"].items()},
        light=frozenset(stem for word in _phrases(raw["light"]["words"]) for stem in terms(word)),
        verbs=frozenset(stems[0] for stems in verbs if stems),
        units=_units(raw["units"]),
        people=frozenset(map(normal, _phrases(raw["people"]["words"]))),
        places=frozenset(map(normal, _phrases(raw["places"]["words"]))),
    )
