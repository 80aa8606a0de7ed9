"""The rules, level by level: patterns over token kinds, their readings, and examples that are
tests.

Each level sees what the levels before it made: dates first, then parts and times of day, then
distances from a date, then ranges. Patterns separated by spaces are alternatives. The kinds are
listed in `lexer`, the form of an example in `values.Rule`.
"""

from remanence.text.times import joinings as join
from remanence.text.times import readings as read
from remanence.text.times.values import Rule

_YEAR = ",?F?Y|F?[LT]A"  # a year that follows: "May 5, 2023", "May of last year"

DATES = [
    Rule("D", read.numeric, "E", (
        "on [2023-05-07] => day! 2023-05-07",
        "at [2023-05-07T09:30:10Z] we => minute! 2023-05-07T09:30/2023-05-07T09:31",
        "[2023-05-07 09:30] => minute! 2023-05-07T09:30/2023-05-07T09:31",
        "[2023-05-07T09:30+08:00] => minute! 2023-05-07T01:30/2023-05-07T01:31",
        "in [2023-05] => month! 2023-05",
        "[2023/5/7]去的 => day! 2023-05-07",
        "[7/5/2023] => day! 2023-07-05",
        "[25/5/2023] => day! 2023-05-25",
        "[7.5.2023] => day! 2023-05-07",
        "the form of [7/5/23] => day! 2023-07-05",
        "version 2023-02-30 =>", "13/13/2023 =>", "at 2023-05-07T25:00 =>", "10.5.1 was released =>",
    )),
    Rule(rf"[Mmv][No](?:{_YEAR})?", read.date, "e", (
        "on [May 7, 2023] we => day! 2023-05-07",
        "on [May 7th] => day 2023-05-07",
        "[May 20] => day 2023-05-20",
        "[July 20] => day 2022-07-20",
        "on [may 5] i went => day 2023-05-05",
        "[Jan. 5] => day 2023-01-05",
        "[October 13, 2023]? => day! 2023-10-13",
        "[Dec 25 last year] => day 2022-12-25",
        "February 30 was odd =>", "Feb 29, 2023 =>", "[Feb 29, 2024] => day! 2024-02-29",
        "[Feb 29] => day 2020-02-29",
        "they may 2 days later march 5 hours =>",
    )),
    Rule(rf"[No]F?[Mmv](?:{_YEAR})?", read.date, "e", (
        "on [7 May] => day 2023-05-07",
        "the [first of March] => day 2023-03-01",
        "[8th December, 2022] => day! 2022-12-08",
        "on [twenty-first of April 2022] => day! 2022-04-21",
        "the [Fourth of July] => day 2022-07-04",
        "31 June =>",
    )),
    Rule("[年r]M日 M日", read.date, "e", (
        "[2023年5月7日]去过 => day! 2023-05-07",
        "我[5月7号]回来 => day 2023-05-07",
        "生日是[五月二十日] => day 2023-05-20",
        "[去年5月7日] => day 2022-05-07",
        "[二〇二三年三月五日] => day! 2023-03-05",
        "[12月25号] => day 2022-12-25",
        "[２０２３年５月７日] => day! 2023-05-07",
        "[23年5月7日] => day! 2023-05-07",
        "2月30日 =>", "13月5日 =>", "5月32号 =>",
    )),
    Rule("r日 oF?[LT]U", read.day_of_month, "E", (
        "[上个月7号] => day 2023-05-07", "[本月3日] => day 2023-06-03",
        "the [3rd of last month] => day 2023-05-03", "on the [20th of next month] => day 2023-07-20",
        "the [31st of last month] => day 2023-05-31",
    )),
    Rule("[LT]A,?[iO]?[Mmv][No]? [LT]A,?[iO]?[Sc] qG,?[iO]?[Mmv][No]? qG,?[iO]?[Sc]",
         read.within_year, "E", (
        "[last year in May] => month 2022-05", "[this year in March] => month 2023-03",
        "[two years ago in October] => month 2021-10", "[last year on May 5] => day 2022-05-05",
        "[three years ago at Christmas] => day 2020-12-25",
        "[last year in summer] => season 2022-06-01/2022-09-01",
    )),
    Rule("qGy ry", read.anniversary, "E", (
        "[a year ago today] => day 2022-06-14", "[two weeks ago yesterday] => day 2023-05-30",
        "[去年的今天] => day 2022-06-14", "[前年的昨天] => day 2021-06-13",
    )),
    Rule("周 UNF?Y", read.iso_week, "E", (
        "[2023-W10] => week! 2023-03-06/2023-03-13", "[week 10 of 2023] => week! 2023-03-06/2023-03-13",
        "2023-W54 =>",
    )),
    Rule("纪 o纪", read.century, "E", (
        "[20世纪]的书 => range! 1900-01-01/2000-01-01", "[二十一世纪] => range! 2000-01-01/2100-01-01",
        "in the [19th century] => range! 1800-01-01/1900-01-01", "a century =>",
    )),
    Rule("(?<![bf])[Mmv]&[Mm],?F?Y", read.months, "E", (
        "in [May or June 2022] => range! 2022-05-01/2022-07-01",
        "in [March and April of 2022] => range! 2022-03-01/2022-05-01",
    )),
    Rule(rf"f?[No][th][No]F?[Mmv](?:{_YEAR})? b[No]&[No]F?[Mmv](?:{_YEAR})?"
         rf" f?[Mmv][No][th][No](?:{_YEAR})? b?[Mmv][No]&[No](?:{_YEAR})?"
         " f?[年r]?M日?[th]?N?[th]日 f?[年r]?M日[th]日", read.dates, "e", (
        "[from 3 to 7 June] => range 2023-06-03/2023-06-08",
        "[June 3-7, 2022] => range! 2022-06-03/2022-06-08",
        "[between 3rd and 7th of May 2023] => range! 2023-05-03/2023-05-08",
        "[5月3日到7日] => range 2023-05-03/2023-05-08",
        "[从2023年5月3号至7号] => range! 2023-05-03/2023-05-08",
        "[5月3-7日] => range 2023-05-03/2023-05-08",
    )),
    Rule(r"[Mmv],?F?Y [Mm]F?[LT]A 年M rM", read.month, "E", (
        "in [May 2023] => month! 2023-05",
        "[september, 2022] => month! 2022-09",
        "[March of last year] => month 2022-03",
        "[2023年5月] => month! 2023-05", "[去年三月份] => month 2022-03",
        "[今年5月份] => month 2023-05", "[2022年十一月] => month! 2022-11",
        "2023年13月 =>",
    )),
    Rule("M (?<=[inLQsuBb4h])m (?<=f)m(?=[th来]) (?<=[iLQsBb])v (?<=[bf][Mmv][&th])[mv]"
         " (?<=Qh)[mv] (?<=gF)[mv] (?<=[oL][UxAK]F)[mv] [Mm](?=[th][Mm])"
         " (?<=[Mm][th])m", read.month, "e", (
        "in [September] => month 2022-09",
        "in [may] => month 2023-05",
        "since we met in [August] => month 2022-08",
        "[五月]去了成都 => month 2023-05", "[8月份]过生日 => month 2022-08", "[十二月] => month 2022-12",
        "may I come in? =>", "May I ask? =>", "They may march on to victory =>", "march on =>",
        "August came by with April and June =>", "wait a second =>", "I may =>", "in may we trust =>",
        "this may be it =>", "a mar on it =>", "13月 =>", "三个月亮 =>",
    )),
    Rule("L[Mmv] T[Mm]", read.beside_month, "E", (
        "what did I do [last May]? => month 2023-05",
        "[last June] => month 2022-06",
        "[next June] => month 2024-06",
        "[this May] => month 2023-05",
        "[next september] => month 2023-09",
    )),
    Rule(rf"S(?:{_YEAR}) 年S rS [LT]S (?<=[in4sBuQ])S", read.season, "E", (
        "the [summer of 2022] => season! 2022-06-01/2022-09-01",
        "[winter 2021] => season! 2021-12-01/2022-03-01",
        "[last summer] => season 2022-06-01/2022-09-01",
        "[next spring] => season 2024-03-01/2024-06-01",
        "[this fall] => season 2023-09-01/2023-12-01",
        "in the [spring] => season 2023-03-01/2023-06-01",
        "[summer last year] => season 2022-06-01/2022-09-01",
        "[去年夏天] => season 2022-06-01/2022-09-01", "[2021年冬天] => season! 2021-12-01/2022-03-01",
        "[今年春天] => season 2023-03-01/2023-06-01", "[去年秋季] => season 2022-09-01/2022-12-01",
        "[上个冬天] => season 2022-12-01/2023-03-01",
        "I fall and spring up =>", "夏天很热 =>",
    )),
    Rule(rf"c(?:{_YEAR})?期? [年rLT]c期?", read.feast, "e", (
        "at [Christmas] => day 2022-12-25", "[Christmas 2021] => day! 2021-12-25",
        "[last Christmas] => day 2022-12-25", "[next Halloween] => day 2023-10-31",
        "on [New Year’s Eve] => day 2022-12-31", "[Valentine's Day] => day 2023-02-14",
        "[Thanksgiving 2022] => day! 2022-11-24", "[Easter 2023] => day! 2023-04-09",
        "[Mother's Day] => day 2023-05-14", "[Memorial Day of 2023] => day! 2023-05-29",
        "[Christmas Eve last year] => day 2022-12-24", "[Chinese New Year] => day 2023-01-22",
        "[春节] => day 2023-01-22", "[2020年春节] => day! 2020-01-25", "[去年国庆节] => day 2022-10-01",
        "[国庆]去哪了 => day 2022-10-01", "[元旦] => day 2023-01-01", "[中秋节] => day 2022-09-10",
        "[端午] => day 2022-06-03", "[今年清明节] => day 2023-04-05", "[除夕] => day 2023-01-21",
        "[圣诞节] => day 2022-12-25", "[2024年七夕] => day! 2024-08-10", "[去年重阳节] => day 2022-10-04",
        "[元宵节] => day 2023-02-05", "[今年五一] => day 2023-05-01", "[五一假期] => range 2023-05-01/2023-05-08",
        "[去年国庆期间] => range 2022-10-01/2022-10-08", "他有五一个人 =>",
        "1950年春节 =>",
    )),
    Rule(rf"季(?:{_YEAR})? [年r]季", read.quarter, "E", (
        "in [Q1 2023] => range! 2023-01-01/2023-04-01", "[Q3] => range 2022-07-01/2022-10-01",
        "[2022年第一季度] => range! 2022-01-01/2022-04-01", "[去年四季度] => range 2022-10-01/2023-01-01",
    )),
    Rule("(?<=[inQsuBbfAF])Y (?<=Qh)Y (?<=[Yb][th&])Y (?<=Y&)Y Y(?=[th]Y) Y(?=[前后来]) 年", read.year, "E", (
        "in [2022] => year! 2022", "the year [2022] => year! 2022",
        "in ['98] => year! 1998", "back in [’05] => year! 2005", "the '98 model =>",
        "[零八年]毕业 => year! 2008", "[08年]奥运会 => year! 2008", "[22年]我在北京 => year! 2022",
        "我干了22年 =>",
        "[2023年] => year! 2023", "[二〇二二年]我在北京 => year! 2022", "[一九九八年] => year! 1998",
        "we sold 2022 units for $2000 =>", "room 1998 =>", "(1832-1922) =>", "in 12345 =>",
    )),
    Rule("d", read.decade, "E", (
        "in the [1990s] => decade! 1990-01-01/2000-01-01", "the ['80s] => decade! 1980-01-01/1990-01-01",
        "the [nineties] => decade! 1990-01-01/2000-01-01",
        "[90年代] => decade! 1990-01-01/2000-01-01", "[上世纪八十年代] => decade! 1980-01-01/1990-01-01",
        "[2010年代] => decade! 2010-01-01/2020-01-01", "[二十世纪九十年代] => decade! 1990-01-01/2000-01-01",
    )),
    Rule("[LT][UA](?!F) r", read.period, "E", (
        "[last week] => week 2023-06-05/2023-06-12", "[this month] => month 2023-06",
        "[next year] => year 2024", "[last quarter] => range 2023-01-01/2023-04-01",
        "[last decade] => decade 2010-01-01/2020-01-01", "[Next month]'s trip => month 2023-07",
        "[去年] => year 2022", "[今年] => year 2023", "[明年] => year 2024", "[前年] => year 2021",
        "[上个月] => month 2023-05", "[这个月] => month 2023-06", "[下个月] => month 2023-07",
        "[本月] => month 2023-06", "[上上个月] => month 2023-04", "[上周] => week 2023-06-05/2023-06-12",
        "[这周] => week 2023-06-12/2023-06-19", "[下下周] => week 2023-06-26/2023-07-03",
        "[上个星期] => week 2023-06-05/2023-06-12", "[上季度] => range 2023-01-01/2023-04-01",
        "他过去年轻 =>", "晚上周围很黑 =>", "the last day, at the last minute =>",
    )),
    Rule("[SWz]BL", read.second_last, "E", (
        "the [summer before last] => season 2021-06-01/2021-09-01",
        "the [Friday before last] => day 2023-06-02",
    )),
    Rule("gF[UA]", read.part_of_unit, "E", (
        "at the [end of the month] => range 2023-05-21/2023-06-01",
        "the [beginning of the year] => range 2023-01-01/2023-05-01", "the end of the day =>",
    )),
    Rule("[Wz],?F?[LT]U [LT]U,?O?[Wz]", read.weekday_of_period, "E", (
        "[Tuesday of last week] => day 2023-06-06", "on [Friday next week] => day 2023-06-23",
        "[last week on Thursday] => day 2023-06-08", "[next week, Monday] => day 2023-06-19",
    )),
    Rule("JG", read.counted_weekday, "E", (
        "[three Fridays ago] => day 2023-05-26", "[two wednesdays ago] => day 2023-05-31",
        "two Fridays of rest =>",
    )),
    Rule("[UA]BL", read.before_last, "E", (
        "the [week before last] => week 2023-05-29/2023-06-05", "[year before last] => year 2021",
    )),
    Rule("r?a 年a", read.part_of_period, "E", (
        "[年初]搬家 => range 2023-01-01/2023-05-01", "[去年年底] => range 2022-09-01/2023-01-01",
        "[月底] => range 2023-05-21/2023-06-01", "[上个月月初] => range 2023-05-01/2023-05-11",
        "[2022年上半年] => range! 2022-01-01/2022-07-01", "[去年下半年] => range 2022-07-01/2023-01-01",
    )),
    Rule("(?<!Z)W (?<=O)z", read.weekday, "w", (
        "on [Friday] => day 2023-06-09", "on [Wednesday] => day 2023-06-14", "on [Sun] => day 2023-06-11",
        "[周五] => day 2023-06-09", "[星期三] => day 2023-06-14", "[礼拜天]去的 => day 2023-06-11",
        "every Friday =>", "we sat in the sun =>", "每周五 =>", "逢星期日 =>", "on Mondays =>",
    )),
    Rule("[LT]P?[Wz]", read.weekday, "E", (
        "[last Monday] => day 2023-06-12", "[last Wednesday] => day 2023-06-07",
        "[next Friday] => day 2023-06-16", "[this past Friday] => day 2023-06-09",
        "[this Friday] => day 2023-06-16", "[next Wed] => day 2023-06-21",
    )),
    Rule("V", read.weekday_of_week, "E", (
        "[上周五]的 meeting => day 2023-06-09", "[下周二]我得去 => day 2023-06-20",
        "[下下周日] => day 2023-07-02", "[这周一] => day 2023-06-12", "[上个星期天] => day 2023-06-11",
        "[上周末] => range 2023-06-10/2023-06-12", "[这个周末] => range 2023-06-17/2023-06-19",
        "一到周末就吵 =>",
    )),
    Rule("[LT]P?K(?!F) PK (?<=[nOi])K 休", read.weekend, "k", (
        "[周末]去哪玩了 => range 2023-06-10/2023-06-12",
        "[last weekend] => range 2023-06-10/2023-06-12", "[this weekend] => range 2023-06-17/2023-06-19",
        "[next weekend] => range 2023-06-24/2023-06-26", "the [past weekend] => range 2023-06-10/2023-06-12",
        "over the [weekend] => range 2023-06-10/2023-06-12", "a weekend bag =>",
    )),
    Rule("y", read.near_day, "E", (
        "[yesterday] => day 2023-06-13", "[today]'s news => day 2023-06-14", "[tomorrow] => day 2023-06-15",
        "[tonight] => hour 2023-06-14T18:00/2023-06-15T06:00",
        "[昨天] => day 2023-06-13", "[前天] => day 2023-06-12", "[大前天] => day 2023-06-11",
        "[今天]天气真好 => day 2023-06-14", "[明天] => day 2023-06-15", "[后天] => day 2023-06-16",
        "说明天气好 =>", "发明天才 =>",
    )),
    Rule("[LT]p", read.near_part, "E", (
        "[this morning] => hour 2023-06-14T05:00/2023-06-14T12:00",
        "[last night] => hour 2023-06-13T18:00/2023-06-14T06:00",
    )),
    Rule("R", read.recent, "E", (
        "what did I read [recently]? => range 2023-05-15/2023-06-15",
        "[最近]怎么样 => range 2023-05-15/2023-06-15", "最近一次是什么时候 =>",
    )),
    Rule("[LPR]q PU PA Px TP[UA] [PR]?ql", read.rolling, "E", (
        "in the [last 3 days] => range 2023-06-11/2023-06-15",
        "the [past two weeks] => range 2023-05-31/2023-06-15",
        "over the [past year] => range 2022-06-14/2023-06-15",
        "the [next two weeks] => range 2023-06-15/2023-06-29",
        "the [past 2 hours] => range 2023-06-14T08:00/2023-06-14T10:00",
        "[近三个月] => range 2023-03-14/2023-06-15", "[最近几天] => range 2023-06-09/2023-06-15",
        "[未来三天] => range 2023-06-15/2023-06-18", "[接下来两周] => range 2023-06-15/2023-06-29",
        "[过去两年] => range 2021-06-14/2023-06-15", "[近三年来] => range 2020-06-14/2023-06-15",
        "half past 3 =>",
    )),
    Rule("Tq", read.these_few, "E", ("[这两天] => range 2023-06-13/2023-06-15",
                                       "[这几天] => range 2023-06-10/2023-06-15")),
    Rule("qG q前", read.ago, "E", (
        "[3 days ago] => day 2023-06-11", "[two weeks ago] => week 2023-05-29/2023-06-05",
        "[four years ago] => year 2019", "[a month ago] => month 2023-05", "[half a year ago] => month 2022-12",
        "[a couple of weeks ago] => range 2023-05-22/2023-06-05",
        "[a few months ago] => range 2023-01-01/2023-05-01", "[several days ago] => range 2023-06-07/2023-06-12",
        "[SEVEN Weeks Ago] => week 2023-04-24/2023-05-01", "[a dozen years ago] => year 2011", "[twenty-five years ago] => year 1998", "[ninety days ago] => day 2023-03-16",
        "[an hour ago] => hour 2023-06-14T09:00/2023-06-14T10:00", "1.5 hours ago =>", "[500 years ago] => year 1523",
        "[三天前]天气好 => day 2023-06-11", "[半年前] => month 2022-12", "[几个月前] => range 2023-01-01/2023-05-01",
        "[两周以前] => week 2023-05-29/2023-06-05", "[三年之前] => year 2020", "[10分钟前] => minute 2023-06-14T09:50/2023-06-14T09:51",
        "[两三天前] => range 2023-06-11/2023-06-13", "[三个多月前] => month 2023-03", "[三个半月前] => month 2023-03", "[一年多前] => year 2022",
        "[一年半前] => month 2021-12", "[三天半前] => hour 2023-06-10T22:00/2023-06-10T23:00",
        "[一个半小时前] => minute 2023-06-14T08:30/2023-06-14T08:31",
        "[two and a half years ago] => month 2020-12",
        "[an hour and a half ago] => minute 2023-06-14T08:30/2023-06-14T08:31",
        "[兩個月前] => month 2023-04", "[两个小时前] => hour 2023-06-14T08:00/2023-06-14T09:00",
        "我以前住北京 =>",
    )),
    Rule("iq(?![GHB前后]) qH q后", read.ahead, "E", (
        "[in two weeks] => week 2023-06-26/2023-07-03", "[a week from now] => week 2023-06-19/2023-06-26",
        "[两周后] => week 2023-06-26/2023-07-03", "[三天之后] => day 2023-06-17", "[一年后] => year 2024",
    )),
]  # fmt: skip

_E = "[Eewk]"

DATED = [
    Rule("w,?[Ee] [Ee],?w", join.dated_weekday, "E", (
        "on [Monday, June 5] => day 2023-06-05", "on [Monday (June 5]) => day 2023-06-05",
        "[2023-06-05 (Monday]) => day! 2023-06-05", "[6月5日，周一] => day 2023-06-05",
        "[2023年6月5日（星期一]） => day! 2023-06-05",
    )),
]  # fmt: skip

PARTS = [
    Rule(f"bN?C&C,?O?F?{_E} f?[NC][th]N?[Cp],?O?F?{_E}", join.hours_between, "E", (
        "[between 2pm and 4pm yesterday] => range 2023-06-13T14:00/2023-06-13T16:00",
        "[from 3AM to 12 noon yesterday] => range 2023-06-13T03:00/2023-06-13T12:00",
        "[from 3 to 5pm on Friday] => range 2023-06-09T15:00/2023-06-09T17:00",
    )),
    Rule(f"{_E},?p pO?F?{_E} {_E},?p?O?C CO?F?{_E} {_E}OC CpO?F?{_E} C{_E}p", join.hours, "e", (
        "[yesterday morning] => hour 2023-06-13T05:00/2023-06-13T12:00",
        "on the [evening of 7 July, 2022] => hour! 2022-07-07T17:00/2022-07-08",
        "[Friday night] => hour 2023-06-09T18:00/2023-06-10T06:00",
        "at [3pm on May 5] => hour 2023-05-05T15:00/2023-05-05T16:00",
        "[May 5 at 3PM] => hour 2023-05-05T15:00/2023-05-05T16:00", "[May 5, 2023 at 3:30 p.m.] => minute! 2023-05-05T15:30/2023-05-05T15:31",
        "[tonight at 8 o'clock] => hour 2023-06-14T20:00/2023-06-14T21:00",
        "[yesterday at 14:05] => minute 2023-06-13T14:05/2023-06-13T14:06",
        "[昨天下午三点半] => minute 2023-06-13T15:30/2023-06-13T15:31",
        "[下周六下午两点] => hour 2023-06-24T14:00/2023-06-24T15:00",
        "[昨晚八点] => hour 2023-06-13T20:00/2023-06-13T21:00",
        "[今晚] => hour 2023-06-14T17:00/2023-06-15", "[昨天晚上]做的 => hour 2023-06-13T17:00/2023-06-14",
        "[5月7日上午9点15分] => minute 2023-05-07T09:15/2023-05-07T09:16",
        "[今早] => hour 2023-06-14T05:00/2023-06-14T12:00", "at 3pm =>", "下午三点 =>", "在这一点上 =>",
    )),
    Rule(f"Qh?{_E} gF{_E} {_E}初", join.portion, "e", (
        "[early May] => range 2023-05-01/2023-05-11", "[mid-May 2022] => range! 2022-05-11/2022-05-21",
        "[late June] => range 2022-06-21/2022-07-01", "the [beginning of november 2022] => range! 2022-11-01/2022-11-11",
        "to start [yesterday] => day 2023-06-13",
        "the [end of last year] => range 2022-09-01/2023-01-01", "[early 2022] => range! 2022-01-01/2022-05-01",
        "[late 1990s] => range! 1996-09-01/2000-01-01",
        "[三月初] => range 2023-03-01/2023-03-11", "[五月中旬] => range 2023-05-11/2023-05-21",
        "[六月底] => range 2022-06-21/2022-07-01", "[2022年5月下旬] => range! 2022-05-21/2022-06-01",
        "[五月末] => range 2023-05-21/2023-06-01", "[去年底] => range 2022-09-01/2023-01-01",
        "[上月初] => range 2023-05-01/2023-05-11", "[2022年末] => range! 2022-09-01/2023-01-01",
    )),
    Rule(f"[UK]F{_E}", join.unit_of, "E", (
        "the [week of May 5] => week 2023-05-01/2023-05-08",
        "the [weekend of June 3, 2023] => range 2023-06-03/2023-06-05",
    )),
    Rule(f"[oL][UxAK]F{_E} {_E}j", join.nth, "E", (
        "the [first week of May] => week 2023-05-01/2023-05-08", "[last day of May 2022] => day! 2022-05-31",
        "the [second weekend of May] => range 2023-05-13/2023-05-15", "the [first quarter of 2022] => range! 2022-01-01/2022-04-01",
        "[last weekend of May] => range 2023-05-27/2023-05-29",
        "[五月第一周] => week 2023-05-01/2023-05-08", "[2022年的最后一天] => day! 2022-12-31", "[上个月第二个周末] => range 2023-05-13/2023-05-15",
    )),
]  # fmt: skip

_ON = "[Oi4]?"
_WORDS = "[^|#BEewkqYMDUA]{0,6}"  # "the wedding on", between a distance and its date

OFFSETS = [
    Rule("qf[wE] wU(?!F)", join.counted_from, "E", (
        "[a week from Friday] => day 2023-06-23", "[two weeks from tomorrow] => day 2023-06-29",
        "[Friday week] => day 2023-06-23",
    )),
    Rule(f"[qUAx]B{_WORDS}{_E} [UAxKwk]B{_ON}{_E}", join.offset, "E", (
        "[two weeks before the wedding on 2023-06-10] => week! 2023-05-27/2023-06-03",
        "the [week before 9 June 2023] => week! 2023-06-02/2023-06-09",
        "[three days after May 5] => day 2023-05-08", "the [day before yesterday] => day 2023-06-12",
        "the [day after tomorrow] => day 2023-06-16", "the [Sunday before October 3, 2022] => day! 2022-10-02",
        "[last weekend before April 10, 2023] => range! 2023-04-08/2023-04-10",
        "[a month before May 5] => month 2023-04-05/2023-05-05",
        "the [weekend after Christmas 2022] => range! 2022-12-31/2023-01-02",
        "[a few days before Christmas] => range 2022-12-20/2022-12-24",
        "[a week after May 2023] => week! 2023-06-01/2023-06-08",
        "the weekend after she left in [May 2022] => month! 2022-05",
        "the week before she came in [May 2022] => month! 2022-05",
        "two weeks before. Then came [May 5] => day 2023-05-05",
    )),
    Rule("[Ee]_?前q [Ee]_?后q", join.offset, "E", (
        "[国庆节前三天] => day 2022-09-28",
        "[2023年6月10日婚礼前两周] => week! 2023-05-27/2023-06-03",
        "[2022年前三个月] => range! 2022-01-01/2022-04-01", "[春节后一周] => week 2023-01-23/2023-01-30",
    )),
]  # fmt: skip

RANGES = [
    Rule(f"b{_E}&{_E} f{_E},?[th]{_E} {_E}[th]{_E}", join.between, "E", (
        "[between March and May 2023] => range! 2023-03-01/2023-06-01",
        "[from May 5, 2022 to June 3] => range! 2022-05-05/2022-06-04",
        "[from November to February 2023] => range! 2022-11-01/2023-03-01",
        "[between august 11 and august 15 2022] => range! 2022-08-11/2022-08-16",
        "[from Monday to Friday] => range 2023-06-05/2023-06-10", "[2019-2021] => range! 2019-01-01/2022-01-01",
        "[between 2019 and 2021] => range! 2019-01-01/2022-01-01", "[March-May 2023] => range! 2023-03-01/2023-06-01",
        "[从三月到五月] => range 2023-03-01/2023-06-01", "[2023年3月至5月] => range! 2023-03-01/2023-06-01",
        "[从去年五月到今年三月] => range 2022-05-01/2023-04-01", "[去年三月到五月] => range 2022-03-01/2022-06-01", "[从周一到周五] => range 2023-06-05/2023-06-10",
        "[2020年到2022年] => range! 2020-01-01/2023-01-01",
    )),
    Rule(f"s{_E}来? f?{_E}来 [sf]?{_E}起", join.onward, "E", (
        "[since March] => range 2023-03-01/..", "[since last Monday] => range 2023-06-12/..",
        "[since two weeks ago] => range 2023-05-29/..", "[三月以来] => range 2023-03-01/..",
        "[自2020年以来] => range! 2020-01-01/..", "[2023年3月至今] => range! 2023-03-01/..", "[从去年开始] => range 2022-01-01/..",
        "[从三月到现在] => range 2023-03-01/..", "[from March to now] => range 2023-03-01/..",
    )),
    Rule(f"u{_E}", join.until, "E", (
        "[until May 2023] => range! ../2023-06-01", "[直到昨天] => range ../2023-06-14",
    )),
    Rule(f"B{_E} {_E}前 {_E}后", join.beyond, "E", (
        "[before 2022] => range! ../2022-01-01", "[after June 2022] => range! 2022-07-01/..",
        "[prior to May 5, 2023] => range! ../2023-05-05", "after the trip in [August 2022] => month! 2022-08",
        "[2022年之前] => range! ../2022-01-01", "[五月以后] => range 2023-06-01/..", "[春节前] => range ../2023-01-22",
    )),
    Rule("前q", read.few_before, "E", ("[前几天] => range 2023-06-09/2023-06-14", "[前两天] => range 2023-06-12/2023-06-14")),
]  # fmt: skip

LEVELS = (DATES, DATED, PARTS, OFFSETS, RANGES)
