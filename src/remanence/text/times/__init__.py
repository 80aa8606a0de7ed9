"""Time expressions in English and Chinese text, resolved to UTC intervals.

    spans("What did I do last May?", reference)  ->  (Span(start=2022-05-01, end=2022-06-01, ...),)

How the ambiguous is read, always relative to a reference instant:

* Days are those of the reference's own time zone (UTC where it is naive); weeks begin on Monday.
* A date, month, season, feast or weekday without its year or week is the latest that does not begin
  after the reference, for memories are of the past: in June 2023, "May 20" is in 2023, "July" in
  2022, and "Friday" is the Friday just gone, or today.
* "last X" is the latest X that is over; "next X" the first X still to begin; "this X" that of the
  current week or year. "last week", "上个月" are calendar units; "the last 2 weeks", "近两周" run back
  from today and hold it. 上周五 is the Friday of last calendar week.
* "3 weeks ago" is the calendar week that holds that instant, "3 years ago" the calendar year. A
  couple is 2 to 3 units, a few and 几 are 2 to 5, several 3 to 7: the span runs from the farthest
  unit to the nearest. "recently", 最近 is the last 30 days.
* "two weeks before X" is one week wide and begins 14 days before X begins; "the week before X" is
  the seven days up to X; after X likewise from its end.
* 7/5/2023 is July 5: month first, unless there is no such month; 7.5.2023 is day first.
* Early, mid and late (初, 中, 底) are thirds; of a month days 1-10, 11-20 and from 21.
* Seasons are the northern meteorological ones; a winter is named for the year in which it begins.
* "before" and "until" begin at `datetime.min`, "after" and "since" end at `datetime.max`, both UTC.
* A time of day with no day ("at 3pm", 下午三点) is no span; "this morning", 今晚 are.
* Impossible dates (30 February, 13月) are no span, and neither are their parts.

How it works: `lexer` turns words of time into kinds (one letter each), `rules` are patterns over
the string of kinds, level by level, and `readings` and `joinings` turn what matched into intervals
with `almanac`.
"""

from remanence.text.times.moments import beginning, clock
from remanence.text.times.resolver import spans
from remanence.text.times.values import Span

__all__ = ["Span", "beginning", "clock", "spans"]
