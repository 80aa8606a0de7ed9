"""Kinds of Chinese values: the expression of a slot of a frame, and the values in its words."""

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from remanence.encoding.extraction.chinese_talk import things, values
from remanence.encoding.extraction.chinese_talk.kin import KINS
from remanence.encoding.extraction.chinese_talk.lexicon import ANIMAL, LEXICON, NUMBER, TIME

__all__ = ["KINDS", "Kind"]


class Kind(NamedTuple):
    """One kind of value."""

    expression: str
    """Regular expression of the slot."""
    values: Callable[[str], list[str]]
    """Values in the words that the slot matched, empty where they are of another kind."""


_MONEY: Final = LEXICON["MONEY"]
_DATE: Final = LEXICON["DATE"]
_WHEN: Final = rf"(?:{TIME}|的|\d{{1,2}}[点:]\d{{0,2}}|[上下]午|左右)+"


_PHRASE: Final = "[^，。]{1,24}?"
KINDS: Final[Mapping[str, Kind]] = {
    "place": Kind("[^，。]{2,16}?", values.place),
    "known": Kind("[^，。]{2,12}?", values.known_place),
    "places": Kind("[^，。]{2,30}?", values.places),
    "home": Kind("[^，。]{2,12}?", values.home),
    "org": Kind("[^，。]{2,20}?", values.org),
    "school": Kind(LEXICON["A_SCHOOL"], values.school),
    "job": Kind("[^，。]{1,16}?", values.job),
    "student": Kind("[^，。]{1,16}?", values.student),
    "trait": Kind("[^，。]{1,14}?", values.trait),
    "fan": Kind("[^，。]{1,14}?", values.fan),
    "titled": Kind("[^，。]{2,6}?", values.titled),
    "called": Kind("[^，。]{1,16}?", values.called),
    "animal": Kind("[^，。]{1,24}?", values.animal),
    "condition": Kind("[^，。]{1,20}?", values.condition),
    "drug": Kind("[^，。]{1,24}?", values.drug),
    "instruments": Kind("[^，。]{1,24}?", things.instruments),
    "languages": Kind("[^，。]{1,24}?", values.languages),
    "thing": Kind("[^，。]{1,20}?", things.thing),
    "money": Kind(_MONEY, values.measured),
    "date": Kind(_DATE, values.measured),
    "when": Kind(_WHEN, values.measured),
    "age": Kind(rf"(?:\d{{1,3}}|{NUMBER})(?:周?岁半?|岁多)", values.measured),
    "number": Kind(NUMBER, values.measured),
    "phone": Kind(r"\+?(?:\(\d{2,5}\)\s?)?\d[\d\- ]{5,}\d(?:转\d+)?", values.measured),
    "email": Kind(r"[A-Za-z0-9.+_-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+", values.measured),
    "code": Kind(r"[A-Za-z0-9_@.#*\-]{3,30}", values.measured),
    "address": Kind(
        r"[^，。]{2,20}?(?:\d|[一二三四五六七八九十]+(?:号|栋|楼|室|单元))[^，。]{0,14}?",
        values.measured,
    ),
    "np": Kind(_PHRASE, values.single),
    "foods": Kind("[^，。]{1,20}?", values.foods),
    "service": Kind("[^，。]{1,14}?", things.service),
    "nps": Kind("[^，。]{1,30}?", values.items),
    "vp": Kind("[^，。]{1,24}?", values.verbal),
    "firm": Kind("[^，。]{1,16}?", things.firm),
    "employer": Kind("[^，。]{1,12}?", things.firm),
    "field": Kind("[^，。]{1,14}?", things.field),
    "subject": Kind("[^，。]{1,14}?", things.subject),
    "shop": Kind("[^，。]{1,16}?", things.shop),
    "short": Kind("[^，。]{2,8}?", things.short),
    "faith": Kind("[^，。]{1,6}?", things.faith),
    "skillnoun": Kind("[^，。]{1,12}?", things.learnt),
    "dropped": Kind("[^，。]{1,12}?", things.dropped),
    "newhabit": Kind("[^，。]{1,12}?", things.newhabit),
    "bought": Kind("[^，。]{1,18}?", things.bought),
    "car": Kind("[^，。]{1,16}?", things.car),
    "tool": Kind("[^，。]{1,16}?", things.tool),
    "occasion": Kind("[^，。]{1,18}?", things.occasion),
    "team": Kind("[^，。]{1,16}?", things.team),
    "prize": Kind("[^，。]{1,14}?", things.prize),
    "style": Kind("[^，。]{1,14}?", things.style),
    "ananimal": Kind(f"(?:小|大|老)?(?:{ANIMAL})", values.animal),
    "kin": Kind(rf"(?:{KINS})(?:们)?", values.measured),
}
