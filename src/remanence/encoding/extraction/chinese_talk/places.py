"""Places by their Chinese names: a compact gazetteer with containment, and the forms of a name.

`places.txt` has a line for each region: its name, then what lies in it. It was written for
this package from general knowledge: provinces and prefectures, well-known districts, countries and
large cities abroad.
"""

import re
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Final

__all__ = ["bare", "container", "known", "place_shaped", "regions"]

_SUFFIX: Final = re.compile(r"(?:特别行政区|维吾尔自治区|壮族自治区|回族自治区|自治区|省|市)$")
_SHAPED: Final = re.compile(
    r"[\u4e00-\u9fffA-Za-z0-9]{1,12}(?:省|市|区|县|镇|乡|村|州|岛|旗|街道|小区|花园|新村|家园|公寓|"
    r"大厦|广场|路|街|巷|胡同|弄|号|栋|幢|室|苑|湾|半岛|开发区|新区|科技园|科学园区|园区|"
    r"县城|省城|老城|城区|郊区|市区|农村|乡下|屯|庄|寨)"
)


@cache
def regions() -> Mapping[str, str]:
    """Each place -> the region that it lies in; the outermost lie in 世界."""
    text = (resources.files(__package__) / "places.txt").read_text(encoding="utf-8")
    inside: dict[str, str] = {}
    for line in text.splitlines():
        region, _, places = line.partition(":")
        inside.setdefault(region, "世界")
        inside.update((place, region) for place in places.split() if place != region)
    return inside


def bare(name: str) -> str:
    """`name` without the suffix of a province or city, where the rest is known: 成都市 is 成都.

    >>> bare("成都市"), bare("沙市")
    ('成都', '沙市')
    """
    short = _SUFFIX.sub("", name)
    return short if short in regions() else name


def known(name: str) -> bool:
    """Return whether `name` is a known place, or known places from the larger to the smaller:

    甘肃天水.
    """
    name = bare(name)
    if name in regions():
        return True
    heads = (name[:cut] for cut in range(min(len(name) - 1, 6), 1, -1))
    return any(
        bare(head) in regions() and (known(name[len(head) :]) or place_shaped(name[len(head) :]))
        for head in heads
    )


def container(name: str) -> str | None:
    """The region that a known place lies in, None for the others.

    >>> container("深圳市"), container("海口"), container("某地")
    ('广东', '海南', None)
    """
    return regions().get(bare(name))


def place_shaped(name: str) -> bool:
    """Return whether `name` ends as names of places do (区, 县, 小区, 路), known or not."""
    return _SHAPED.fullmatch(name) is not None
