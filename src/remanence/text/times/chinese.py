"""Chinese words of time, as tables: what each word is (its kind) and what it says.

`WORDS` maps a word to (kind, number, name); `LEXEMES` are the shapes that no list can hold: numbers
before 年, 月, 日, 周. Kinds are explained in `lexer`. Lookarounds keep out words that merely contain
a word of time: 说明天气, 三天前天气, 晚上周围.
"""

from remanence.text.times.english import Word, halved

DIGITS = {c: n for n, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2, "○": 0}
HEADS = "零〇一二两三四五六七八九十百几好数半些第最上下本这周星礼二正腊冬农阴"  # how one of the shapes below may begin
_NUMBER = "[零〇一二两三四五六七八九十百]"
UNITS = {
    "天": "day", "日": "day", "周": "week", "星期": "week", "礼拜": "week", "个星期": "week",
    "个礼拜": "week", "个周": "week", "个月": "month", "月": "month", "个季度": "quarter",
    "年": "year", "小时": "hour", "个小时": "hour", "个钟头": "hour", "分钟": "minute",
    "周末": "weekend", "个周末": "weekend",
}  # fmt: skip

WORDS: dict[str, Word] = {
    word: (kind, n, name)
    for kind, n, name, words in [
        ("y", -3, "", "大前天"),
        ("y", -2, "", "前天 前日 前儿个 前儿"),
        ("y", -1, "", "昨天 昨日 昨儿个 昨儿 昨"),
        ("y", 0, "", "今天 今日 今儿个 今儿 今"),
        ("y", 1, "", "明天 明日 明儿个 明儿 明"),
        ("y", 2, "", "后天 后儿个 后儿"),
        ("y", 3, "", "大后天"),
        ("r", -3, "year", "大前年"),
        ("r", -2, "year", "前年"),
        ("r", -1, "year", "去年 上一年 去"),
        ("r", 0, "year", "今年 本年"),
        ("r", 1, "year", "明年 下一年"),
        ("r", 2, "year", "后年"),
        ("a", 0, "year", "年初"),
        ("a", 1, "year", "年中"),
        ("a", 2, "year", "年底 年末"),
        ("a", 0, "month", "月初"),
        ("a", 1, "month", "月中"),
        ("a", 2, "month", "月底 月末"),
        ("a", 3, "year", "上半年"),
        ("a", 4, "year", "下半年"),
        ("p", 0, "small hours", "凌晨 半夜"),
        ("p", 0, "morning", "早上 早晨 清晨 上午 一早 早"),
        ("p", 0, "noon", "中午 正午"),
        ("p", 0, "afternoon", "下午 午后"),
        ("p", 0, "evening", "傍晚 晚上 夜晚 晚"),
        ("p", 0, "night", "夜里 深夜 夜间 夜"),
        ("S", 0, "spring", "春天 春季 春"),
        ("S", 0, "summer", "夏天 夏季 夏"),
        ("S", 0, "autumn", "秋天 秋季 秋"),
        ("S", 0, "winter", "冬天 冬季 冬"),
        ("c", 0, "0101", "元旦节 元旦"),
        ("c", 0, "0214", "情人节"),
        ("c", 0, "0308", "妇女节 三八节"),
        ("c", 0, "0501", "五一劳动节 劳动节 五一节 五一"),
        ("c", 0, "0601", "六一儿童节 儿童节 六一"),
        ("c", 0, "0910", "教师节"),
        ("c", 0, "1001", "国庆节 国庆 十一"),
        ("c", 0, "1031", "万圣节"),
        ("c", 0, "1111", "光棍节 双十一 双11"),
        ("c", 0, "1224", "平安夜 圣诞前夜"),
        ("c", 0, "1225", "圣诞节 圣诞"),
        ("c", 0, "1231", "跨年夜 跨年"),
        ("c", 0, "thanksgiving", "感恩节"),
        ("c", 0, "mother's day", "母亲节"),
        ("c", 0, "father's day", "父亲节"),
        ("c", 0, "easter", "复活节"),
        ("c", 0, "lunar new year", "大年初一 春节 过年 农历正月初一 正月初一"),
        ("c", 0, "lunar new year's eve", "大年三十 除夕夜 除夕"),
        ("c", 0, "lantern", "元宵节 元宵 农历正月十五 阴历正月十五 正月十五"),
        ("c", 0, "qingming", "清明节 清明"),
        ("c", 0, "dragon boat", "端午节 端午 农历五月初五 阴历五月初五 五月初五"),
        ("c", 0, "qixi", "七夕节 七夕 农历七月初七 阴历七月初七 七月初七"),
        ("c", 0, "mid-autumn", "中秋节 中秋 农历八月十五 阴历八月十五"),
        ("c", 0, "double ninth", "重阳节 重阳 农历九月初九 阴历九月初九 九月初九"),
        ("期", 0, "", "期间 假期 长假 小长假 黄金周"),
        ("初", 0, "", "初 上旬"),
        ("初", 1, "", "中旬 中"),
        ("初", 2, "", "下旬 底 末"),
        ("前", -1, "", "以前 之前 前"),
        ("后", 1, "", "以后 之后 后"),
        ("来", 0, "", "以来 至今 到现在 到如今 到目前"),
        ("l", 0, "", "来"),
        ("起", 0, "", "开始 起"),
        ("P", -1, "", "过去 近"),
        ("P", 1, "", "未来 接下来 今后 往后"),
        ("休", 0, "weekend", "周末"),
        ("T", 0, "", "这 本"),
        ("L", -1, "", "上个"),
        ("L", 1, "", "下个"),
        ("R", 0, "", "最近 近来 近期 近日"),
        ("s", 0, "", "自从 自"),
        ("u", 0, "", "直到 截至 截止"),
        ("f", 0, "", "从"),
        ("t", 0, "", "到 至"),
        ("&", 0, "", "和 与"),
    ]
    for word in words.split()
}

# What must stand before (<) or after (>) a word for it to be one; words not listed stand freely.
_MAIN = r"(?<![天周月年时钟日期个])"
_COUNTED = f"(?=的?(?:{_NUMBER}|[几半0-9]))"
GUARDS: dict[str, tuple[str, str]] = {
    **dict.fromkeys(("前儿", "昨儿", "今儿", "明儿", "后儿"), (_MAIN, "(?![子女童媳科])")),
    **dict.fromkeys(("未来", "接下来", "今后", "往后"), ("", _COUNTED)),
    "周末": ("(?<![一二两三四五六七八九十0-9个到每逢是])", "(?=[去要没干做在有又]|我|打算|准备|玩)"),
    "至今": ("", "(?![年天日晚早夜春夏秋冬])"),
    "前天": (_MAIN, ""), "后天": (_MAIN, ""), "前年": (_MAIN, "(?![轻])"), "后年": (_MAIN, ""),
    "去年": ("(?<!过)", "(?![轻级])"), "今年": ("", "(?!级)"), "明天": ("(?<![说发证声聪透])", ""),
    "明年": ("(?<![说发证声聪透])", ""), "今": ("", "(?=[晚早夜晨])"), "昨": ("", "(?=[晚早夜晨])"),
    "明": ("", "(?=[晚早])"), "去": ("(?<!过)", "(?=[春夏秋冬])"), "早": ("(?<=[今昨明])", ""),
    "晚": ("(?<=[今昨明天])", "(?!餐|饭|会|点|期)"), "夜": ("(?<=[今昨天])", ""),
    "春": ("(?<=[去今年])", "(?![节联])"), "夏": ("(?<=[去今年])", ""),
    "秋": ("(?<=[去今年])", ""), "冬": ("(?<=[去今年])", ""),
    "五一": ("(?:(?<=年)|(?=五一(?:期间|假期|长假|小长假|黄金周)))", ""), "六一": ("", "(?=期间|假期)"),
    "十一": ("", "(?=期间|假期|长假|黄金周)"), "初": ("(?<=[月年代])", ""),
    "中": ("(?<=月)", ""), "底": ("(?<=[月年代])", ""), "末": ("(?<=[月年代])", ""),
    "上旬": ("(?<=月)", ""), "中旬": ("(?<=月)", ""), "下旬": ("(?<=月)", ""),
    "这": ("", f"(?={_NUMBER}|几|[0-9])"), "本": ("", f"(?={_NUMBER}|[0-9])"),
    "近": ("", f"(?={_NUMBER}|[几半0-9])"), "来": ("(?<=[天周月年期拜])", "(?![的到了过一])"),
    "最近": ("", "(?!的?一次)"), "过去": ("", f"(?=的?(?:{_NUMBER}|[几半0-9]))"),
    "上个": ("", "(?=[春夏秋冬])"), "下个": ("", "(?=[春夏秋冬])"),
    "重阳": ("", "(?!木)"), "清明": ("", "(?!上河)"), "元宵": ("", "(?!馅)"),
    "前": ("(?<!目)(?<!提)", "(?!往|台|面|者|景|后|夕|辈|女|男|妻|夫|任)"),
    "后": ("(?<!然)(?<!最)", "(?!来|面|者|果|悔|台|辈|续)"),
}  # fmt: skip


def number(word: str) -> int:
    """A Chinese or Arabic whole number under a thousand: 二十三 -> 23, 两 -> 2, 2023 -> 2023."""
    if word.isdecimal():
        return int(word)
    if not any(c in "十百" for c in word):
        return int("".join(str(DIGITS[c]) for c in word))
    total, digit = 0, 0
    for c in word:
        if c in "十百":
            total, digit = total + (digit or 1) * (10 if c == "十" else 100), 0
        else:
            digit = DIGITS[c]
    return total + digit


def quantity(word: str) -> tuple[str, int, int, str]:
    """As in "三个月" -> ("q", 3, 3, "month"); 几 is 2 to 5, 半年 six months, 两三天 two to three days."""
    if "半" in word[1:]:
        whole = word.replace("半", "")
        kind, few, _, unit = quantity(whole)
        return (kind, few, few, unit) if unit == "month" else halved(few, unit)
    count = word.rstrip("个多天日周星期礼拜月季度年小时钟头分末")
    unit = UNITS[word[len(count) :].replace("多", "")]
    count = count.removeprefix("好")
    if count == "半":
        half = {
            "year": (6, "month"),
            "month": (15, "day"),
            "day": (12, "hour"),
            "hour": (30, "minute"),
        }
        amount, unit = half.get(unit, (1, unit))
        return "q", amount, amount, unit
    unit = "week" if unit == "weekend" else unit
    if count in {"几", "数", "些"}:
        return "q", 2, 5, unit
    if len(count) == 2 and all(c in DIGITS for c in count):
        return "q", DIGITS[count[0]], max(DIGITS[count[0]], DIGITS[count[1]]), unit
    return "q", number(count), number(count), unit


def year(word: str) -> tuple[str, int, int, str]:
    """As in "2023年", "二〇二三年", and before a month "23年" -> ("年", 2023, 0, "")."""
    value = number(word.removesuffix("年"))
    return "年", value if value > 99 else value + (2000 if value < 70 else 1900), 0, ""


def month(word: str) -> tuple[str, int, int, str]:
    """As in "五月", "5月份" -> ("M", 5, 0, "")."""
    return "M", number(word.removesuffix("份").removesuffix("月")), 0, ""


def day(word: str) -> tuple[str, int, int, str]:
    """As in "7号", "二十日" -> ("日", 7, 0, "")."""
    return "日", number(word.rstrip("日号")), 0, ""


_WEEKDAYS = {c: n for n, c in enumerate("一二三四五六日")} | {"天": 6, "末": 7}


def quarter(word: str) -> tuple[str, int, int, str]:
    """As in "第一季度" -> ("季", 1, 0, "")."""
    return "季", number(word.removeprefix("第").removesuffix("季度")), 0, ""


def near(word: str) -> tuple[str, int, int, str]:
    """As in "上个月" -> ("r", -1, 0, "month"); "下下周五" -> ("V", 2, 4, ""), 7 for its weekend."""
    offset = word.count("下") - word.count("上")
    if word[-1] in _WEEKDAYS:
        return "V", offset, _WEEKDAYS[word[-1]], ""
    unit = "quarter" if "季" in word else "month" if "月" in word else "week"
    return "r", offset, 0, unit


def weekday(word: str) -> tuple[str, int, int, str]:
    """As in "周五", "星期天" -> ("W", 4, 0, "")."""
    return "W", _WEEKDAYS[word[-1]], 0, ""


def nth(word: str) -> tuple[str, int, int, str]:
    """As in "第一个星期" -> ("j", 1, 0, "week"); "最后一天" -> ("j", -1, 0, "day")."""
    last = word.startswith("最后")
    body = word.removeprefix("最后一" if last else "第")
    count = "" if last else body.rstrip("个天周星期礼拜月末")
    return "j", -1 if last else number(count), 0, UNITS[body[len(count) :].removeprefix("个")]


def century(word: str) -> tuple[str, int, int, str]:
    """As in "20世纪", "二十一世纪" -> ("纪", 20, 0, "")."""
    return "纪", number(word.removesuffix("世纪")), 0, ""


def decade(word: str) -> tuple[str, int, int, str]:
    """As in "九十年代", "1990年代", "上世纪90年代" -> ("d", 1990, 0, "")."""
    count = word.removesuffix("年代")
    century = next(
        (c for c in ("上世纪", "上个世纪", "二十世纪", "20世纪") if count.startswith(c)), ""
    )
    value = number(count.removeprefix(century))
    if value < 100:
        value += 2000 if value < 30 and not century else 1900
    return ("d" if value % 10 == 0 else "#"), value, 0, ""


def clock(word: str) -> tuple[str, int, int, str]:
    """As in "三点半" -> ("C", 3, 30, "minute?"): whether it is before noon is not said."""
    hour, _, rest = word.replace("时", "点").partition("点")
    rest = rest.removeprefix("钟").removesuffix("分")
    minute = {"": 0, "半": 30, "一刻": 15, "三刻": 45}.get(rest)
    minute = number(rest) if minute is None else minute
    if number(hour) > 24 or minute > 59:
        return "#", 0, 0, ""
    return "C", number(hour), minute, "minute?" if rest else "hour?"


_N = rf"(?:[0-9]{{1,3}}|{_NUMBER}{{1,4}})"
_WEEK = "(?:周|星期|礼拜)"
# Words behind a year of two figures that a number of years does not have.
_OF_YEAR = (
    "[上下]半年|[底初末]|[春夏秋冬][天季]|春节|国庆|元旦|五一|中秋|端午|清明|暑假|寒假|高考|毕业|出生|结婚"
    "|入职|搬|我|他|她|在"
)
LEXEMES = [
    (decade, rf"(?:上个?世纪|二十世纪|20世纪)?(?:[0-9]{{4}}|[1-9]0|{_NUMBER}{{2,4}})年代"),
    (
        century,
        r"(?:[12]?[0-9]|二?十[一二三四五六七八九]?)世纪(?![0-9一二三四五六七八九十]{1,4}年代)",
    ),
    (
        year,
        (
            r"(?:[12][0-9]{3}|[一二][零〇○一二三四五六七八九]{3})年(?!级)"
            r"|[0-9]{2}年(?=(?:1[0-2]|[1-9]|0[1-9]|[一二三四五六七八九十]{1,2})月)"
            rf"|(?:0[0-9]|[零〇][一二三四五六七八九])年(?!级)|[0-9]{{2}}年(?={_OF_YEAR})"
        ),
    ),
    (
        quantity,
        (
            rf"(?<!月)(?:(?:{_N}|几)(?:个半(?:星期|礼拜|小时|钟头)|[年天周]半)(?!夜|路|价)"
            rf"|(?:{_N}|好?几|数|半|些)(?:个?多?(?:星期|礼拜|小时)|个季度|个?多?周(?!围|边|末?[一二三四五六])末?"
            r"|个半?多?月|多?年多?(?![级初底末中龄纪代])|多?天(?!气|空|津)|(?<=[0-9几])日(?=[前后来内间之以])|个多?钟头|多?分钟))"
        ),
    ),
    (quarter, "第?[一二三四1-4]季度"),
    (
        nth,
        rf"(?:第{_NUMBER}{{1,3}}|第[0-9]{{1,2}}|最后一)个?(?:{_WEEK}(?![一二三四五六日天])末?|天|月)",
    ),
    (month, rf"(?:[0-9]{{1,2}}|{_NUMBER}{{1,3}})月份?(?![饼亮球光薪])"),
    (day, r"(?:[0-9]{1,2}|[一二三四五六七八九十]{1,3})[日号](?![线楼院店])"),
    (
        near,
        (
            rf"(?:(?<![晚早以马路])上+|(?<!地)下+|本|这)个?(?:{_WEEK}[一二三四五六日天末]"
            rf"|{_WEEK}(?![围边到旋密折])|月(?![台份饼亮球])|季度)"
        ),
    ),
    (
        weekday,
        rf"(?<![每逢])(?<![一二两三四五六七八九十0-9个每]){_WEEK}[一二三四五六日天](?![年个])",
    ),
    (
        clock,
        (
            rf"(?:[01]?[0-9]|2[0-4]|[一二两三四五六七八九十]{{1,3}})(?:点钟?|时(?!候|间|刻|候|常))"
            rf"(?:半|[一三]刻|(?:[0-5][0-9]|{_NUMBER}{{1,3}})分?)?"
        ),
    ),
]
