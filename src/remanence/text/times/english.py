"""English words of time, as tables: what each word is (its kind) and what it says.

`WORDS` maps a lower-case word or phrase to (kind, number, name); `LEXEMES` are the shapes that no
list can hold. Kinds are explained in `lexer`. Month names that are also words or first names (May,
March, April, June, August, and every abbreviation) are the weak kind "m", and lower-case may and
march the weakest, "v": rules ask for a cue beside them.
"""

Word = tuple[str, int, str]

_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_ONES = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
_TEENS = [
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
NUMBERS: dict[str, int] = {word: n for n, word in enumerate(_ONES + _TEENS, 1)}
NUMBERS |= {word: 10 * n for n, word in enumerate(_TENS, 2)}
NUMBERS |= {
    f"{ten}{joint}{one}": 10 * t + o
    for t, ten in enumerate(_TENS, 2)
    for o, one in enumerate(_ONES, 1)
    for joint in "- "
}
# How many units each vague count may be, fewest and most.
VAGUE: dict[str, tuple[int, int]] = {
    "couple": (2, 3),
    "few": (2, 5),
    "several": (3, 7),
    "dozen": (12, 12),
}
_ORDINALS = [
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
    "eleventh",
    "twelfth",
    "thirteenth",
    "fourteenth",
    "fifteenth",
    "sixteenth",
    "seventeenth",
    "eighteenth",
    "nineteenth",
    "twentieth",
]
_MONTHS = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]
_SHORT_MONTHS = {
    "jan": 1, "feb": 2, "mar": 3, "apr": 4, "jun": 6, "jul": 7, "aug": 8, "sep": 9, "sept": 9,
    "oct": 10, "nov": 11, "dec": 12,
}  # fmt: skip
_DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
_SHORT_DAYS = {
    "mon": 0, "tue": 1, "tues": 1, "wed": 2, "thu": 3, "thur": 3, "thurs": 3, "fri": 4, "sat": 5,
    "sun": 6,
}  # fmt: skip
UNITS: dict[str, str] = {
    "day": "x", "hour": "x", "minute": "x", "week": "U", "fortnight": "U", "month": "U",
    "quarter": "U", "decade": "U", "year": "A",
}  # fmt: skip

WORDS: dict[str, Word] = {}
WORDS |= {
    name: ("m" if name in {"march", "april", "may", "june", "august"} else "M", n, "")
    for n, name in enumerate(_MONTHS, 1)
}
WORDS |= {name: ("m", n, "") for name, n in _SHORT_MONTHS.items()}
WORDS |= {name: ("W", n, "") for n, name in enumerate(_DAYS)}
WORDS |= {name: ("z", n, "") for name, n in _SHORT_DAYS.items()}
WORDS |= {name: ("o", n, "") for n, name in enumerate(_ORDINALS, 1)}
WORDS |= {name: (kind, 1, name) for name, kind in UNITS.items()}
WORDS |= {
    word: (kind, n, name)
    for kind, n, name, words in [
        ("K", 0, "weekend", "weekend"),
        ("L", -1, "", "last previous"),
        ("L", 1, "", "next coming upcoming following"),
        ("T", 0, "", "this these current"),
        ("P", -1, "", "past"),
        ("G", 0, "", "ago back"),
        ("H", 0, "", "hence"),
        ("i", 0, "", "in within"),
        ("n", 0, "", "during over throughout"),
        ("4", 0, "", "for by around"),
        ("O", 0, "", "on at"),
        ("F", 0, "", "of"),
        ("B", -1, "", "before preceding"),
        ("B", 1, "", "after"),
        ("s", 0, "", "since"),
        ("u", 0, "", "until till"),
        ("b", 0, "", "between"),
        ("f", 0, "", "from"),
        ("&", 0, "", "and or"),
        ("纪", 0, "", "century"),
        ("t", 0, "", "to through thru"),
        ("Q", 0, "", "early"),
        ("g", 0, "", "beginning start"),
        ("Q", 1, "", "mid"),
        ("g", 1, "", "middle"),
        ("Q", 2, "", "late"),
        ("g", 2, "", "end"),
        ("y", -1, "", "yesterday"),
        ("y", 0, "", "today"),
        ("y", 1, "", "tomorrow"),
        ("y", 0, "night", "tonight"),
        ("p", 0, "morning", "morning"),
        ("p", 0, "noon", "noon midday"),
        ("p", 0, "afternoon", "afternoon"),
        ("p", 0, "evening", "evening"),
        ("p", 0, "night", "night"),
        ("S", 0, "spring", "spring springtime"),
        ("S", 0, "summer", "summer summertime"),
        ("S", 0, "autumn", "autumn fall"),
        ("S", 0, "winter", "winter wintertime"),
        ("R", 0, "", "recently lately"),
        ("Z", 0, "", "every each"),
        ("c", 0, "1225", "christmas xmas"),
        ("c", 0, "1031", "halloween"),
        ("c", 0, "thanksgiving", "thanksgiving"),
        ("c", 0, "easter", "easter"),
    ]
    for word in words.split()
}
# Phrases: written with straight apostrophes and single spaces.
WORDS |= {
    "prior to": ("B", -1, ""),
    "from now": ("H", 0, ""),
    "first half": ("g", 3, ""),
    "second half": ("g", 4, ""),
    "to now": ("来", 0, ""),
    "until now": ("来", 0, ""),
    "to the present": ("来", 0, ""),
    "christmas eve": ("c", 0, "1224"),
    "christmas day": ("c", 0, "1225"),
    "boxing day": ("c", 0, "1226"),
    "new year's eve": ("c", 0, "1231"),
    "new year's day": ("c", 0, "0101"),
    "new year's": ("c", 0, "0101"),
    "new years eve": ("c", 0, "1231"),
    "valentine's day": ("c", 0, "0214"),
    "valentines day": ("c", 0, "0214"),
    "st patrick's day": ("c", 0, "0317"),
    "st. patrick's day": ("c", 0, "0317"),
    "april fools' day": ("c", 0, "0401"),
    "independence day": ("c", 0, "0704"),
    "veterans day": ("c", 0, "1111"),
    "thanksgiving day": ("c", 0, "thanksgiving"),
    "black friday": ("c", 0, "black friday"),
    "mother's day": ("c", 0, "mother's day"),
    "father's day": ("c", 0, "father's day"),
    "labor day": ("c", 0, "labor day"),
    "memorial day": ("c", 0, "memorial day"),
    "good friday": ("c", 0, "good friday"),
    "easter sunday": ("c", 0, "easter"),
    "chinese new year": ("c", 0, "lunar new year"),
    "lunar new year": ("c", 0, "lunar new year"),
    "lantern festival": ("c", 0, "lantern"),
    "dragon boat festival": ("c", 0, "dragon boat"),
    "mid-autumn festival": ("c", 0, "mid-autumn"),
    "twenty-first": ("o", 21, ""),
    "thirty-first": ("o", 31, ""),
}
WORDS |= {
    f"twenty{joint}{name}": ("o", 20 + n, "")
    for n, name in enumerate(_ORDINALS[:9], 1)
    for joint in "- "
}
WORDS |= {"thirtieth": ("o", 30, ""), "thirty first": ("o", 31, "")}


# A unit and a half of it, in units that divide it evenly: how many of them it has.
HALVES = {"year": (12, "month"), "week": (7, "day"), "day": (24, "hour"), "hour": (60, "minute")}


def halved(count: int, unit: str) -> tuple[str, int, int, str]:
    """As in "two and a half years" -> ("q", 30, 30, "month"); a month and a half is a month."""
    parts, smaller = HALVES.get(unit, (1, unit))
    amount = count * parts + parts // 2
    return "q", amount, amount, smaller


def and_half(word: str) -> tuple[str, int, int, str]:
    """As in "two and a half years", "an hour and a half"."""
    said = word.split()
    unit = next(part.removesuffix("s") for part in said if part.removesuffix("s") in UNITS)
    count = "one" if said[0] in {"a", "an"} else said[0]
    return halved(int(count) if count.isdecimal() else NUMBERS[count], unit)


def weekdays(word: str) -> tuple[str, int, int, str]:
    """As in "three Fridays" -> ("J", 3, 4, "")."""
    *count, day = [part for part in word.split() if part not in {"of", "a"}]
    name = " ".join(count)
    number = int(name) if name.isdecimal() else VAGUE[name][0] if name in VAGUE else NUMBERS[name]
    return "J", number, _DAYS.index(day.removesuffix("s")), ""


def quantity(word: str) -> tuple[str, int, int, str]:
    """As in "a couple of weeks" -> ("q", 2, 3, "week"): fewest, most, and the unit."""
    *count, unit = [part for part in word.split() if part != "of"]
    unit = unit.removesuffix("s")
    unit = "week" if unit == "weekend" else unit
    if count[0] == "half":
        half = {
            "year": (6, "month"),
            "month": (15, "day"),
            "day": (12, "hour"),
            "hour": (30, "minute"),
        }
        amount, unit = half.get(unit, (1, unit))
        return "q", amount, amount, unit
    if count[0] in {"a", "an"}:
        count = count[1:] or ["one"]
    if count[0] in VAGUE:
        return "q", *VAGUE[count[0]], unit
    name = " ".join(count)
    amount = int(name) if name.isdecimal() else NUMBERS[name]
    return "q", amount, amount, unit


def decade(word: str) -> tuple[str, int, int, str]:
    """As in "1990s", "'90s", "90s" or "nineties" -> ("d", 1990, 0, "")."""
    digits = "".join(c for c in word if c.isdigit())
    if not digits:
        return "d", 1900 + 10 * (_TENS.index(word.replace("ties", "ty")) + 2), 0, ""
    short = int(digits)
    return "d", short if short > 99 else short + (2000 if short < 30 else 1900), 0, ""


def quarter(word: str) -> tuple[str, int, int, str]:
    """As in "Q2" -> ("季", 2, 0, "")."""
    return "季", int(word[1]), 0, ""


def clock(word: str) -> tuple[str, int, int, str]:
    """As in "3:30 pm" -> ("C", 15, 30, "minute"); the name says how wide it is, "?" where am or pm
    is open.

    "#" is a time there is not, such as 25:00.
    """
    half = "p" if "p" in word else "a" if "a" in word else ""
    digits = [int(part) for part in "".join(c if c.isdigit() else " " for c in word).split()]
    hour, minute = digits[0], digits[1] if len(digits) > 1 else 0
    if hour > (12 if half else 23) or minute > 59 or (half and hour == 0):
        return "#", 0, 0, ""
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    width = "minute" if ":" in word else "hour"
    return "C", hour, minute, width + ("" if half else "?")


_COUNT = rf"(?:{'|'.join(_TENS)})(?:[ -](?:{'|'.join(_ONES)}))?|{'|'.join(_TEENS + _ONES)}"
# Words that begin one of the shapes below.
HEADS = (
    *(_ONES + _TEENS + _TENS),
    *(*VAGUE, "half", "a", "an", "q"),
    *(ten.replace("ty", "ties") for ten in _TENS),
)
_APART = r"[ \t\u00a0]+"
_UNIT = "(?:hour|day|week|month|year)"
LEXEMES = [
    (
        and_half,
        (
            rf"(?:{_COUNT}|[0-9]{{1,2}}){_APART}and{_APART}a{_APART}half{_APART}{_UNIT}s?"
            rf"|(?:{_COUNT}|an?|[0-9]{{1,2}}){_APART}{_UNIT}s?{_APART}and{_APART}a{_APART}half"
        ),
    ),
    (
        weekdays,
        rf"(?:{_COUNT}|[0-9]{{1,2}}|a{_APART}couple{_APART}of){_APART}(?:{'|'.join(_DAYS)})s",
    ),
    (
        quantity,
        (
            rf"(?:half{_APART}an?|(?:an?{_APART})?(?:few|couple(?:{_APART}of)?|dozen)|several|an?"
            rf"|{_COUNT}|[0-9]{{1,3}}){_APART}"
            r"(?:minute|hour|day|weekend|week|fortnight|month|quarter|year|decade)s?"
        ),
    ),
    (decade, r"(?:'?[1-9]0|[12][0-9][0-9]0)'?s|(?:twen|thir|for|fif|six|seven|eigh|nine)ties"),
    (quarter, "q[1-4]"),
    (
        clock,
        (
            r"[0-9]{1,2}(?:[:.][0-9]{2})?[ ]?(?:[ap]m|[ap]\.m\.)|[0-9]{1,2}:[0-9]{2}"
            r"|[0-9]{1,2}[ ]o'clock"
        ),
    ),
]
