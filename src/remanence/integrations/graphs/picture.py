"""A subject's neighbourhood as an SVG: entities as boxes, facts as labelled arrows, what no longer holds dashed and grey.

The picture stands alone: no script, no font, no link; it follows the reader's light or dark scheme, and every shortened name is whole in
its tooltip. `layout` says where things go.
"""

import math
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from remanence.encoding.relations import RELATIONS
from remanence.integrations.graphs import entities, graphml, layout
from remanence.integrations.graphs.entities import Entity
from remanence.integrations.graphs.layout import Box, Link
from remanence.types import Fact

NAME, WORD, FINE = 14.0, 11.5, 10.0  # font sizes: of names, of relations, of dates and the legend
CUT = 19.0  # widest name, in em; a longer one is cut
PAD = 11.0  # between a name and the edge of its box
MARGIN = 28.0
FACTS = 1.5  # at most so many facts are drawn for each name that may be
LEGEND = 26.0  # a line of it
FONT = (
    "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'Noto Sans CJK SC', 'PingFang SC', "
    "'Microsoft YaHei', sans-serif"
)
# kind -> fill and stroke by light, fill and stroke by dark
COLOURS = {
    "person": ("#dbeafe", "#2563eb", "#1e3a5f", "#60a5fa"),
    "place": ("#dcfce7", "#16803c", "#143d26", "#4ade80"),
    "organisation": ("#f3e8ff", "#8b3fd1", "#3b1f57", "#c084fc"),
    "work": ("#ffedd5", "#c2570c", "#4a2a12", "#fb923c"),
    "thing": ("#fef9c3", "#a16207", "#423608", "#facc15"),
    "value": ("#ffffff", "#94a3b8", "#1b222c", "#6b7787"),
    "": ("#f1f5f9", "#64748b", "#27303d", "#94a3b8"),
}
HOLDS, ENDED = "holds", "ended"
LINES = {HOLDS: "holds", ENDED: "holds no longer, or was denied"}
SHEET = ("#ffffff", "#11161d")
INK = ("#0f172a", "#e6edf3")
FAINT = ("#64748b", "#8d99a8")
LINE = ("#475569", "#a3b1c2")
NARROWEST = 420.0  # width of a picture: room for the legend
STEPS = 200  # at which a curve is looked at to see where it leaves a box
Point = tuple[float, float]
_JOINER = "\u200d"
_NARROW = frozenset("iljtfrI.,;:'|!()[]{} -")
_WIDE = frozenset("mwMW@%&")
_HAN = re.compile("[\u3400-\u9fff]")


@dataclass(frozen=True, slots=True)
class PictureView:
    """The drawn part of a neighbourhood: entities by distance, each with its parent."""

    names: Sequence[Entity]
    parents: Sequence[int | None]
    facts: Sequence[Fact]
    left_out: int  # entities that were within reach, beyond the limit
    untold: int  # facts among the entities drawn, beyond what a picture can hold


def svg(facts: Iterable[Fact], subject: str, depth: int = 2, limit: int = 40) -> str:
    """The entities up to `depth` facts away from `subject`, at most `limit` of them, as an SVG document.

    `facts` are of one namespace, those to prefer first. Where there is no fact of the subject, the
    picture shows it alone.
    """
    given = list(facts)
    view = neighbourhood(given, subject, depth, limit)
    kinds = {
        entity: "value" if kind in entities.VALUES else kind
        for entity, kind in entities.kinds(given).items()
    }
    boxes = [Box(_width(shown(entity.name), NAME) + 2 * PAD, 2 * NAME) for entity in view.names]
    numbers = {entity: number for number, entity in enumerate(view.names)}
    links = [
        Link(numbers[entities.subject(fact)], numbers[entities.object(fact)], _label_box(fact))
        for fact in view.facts
    ]
    layout.place(boxes, view.parents, links)
    drawn = [
        *(_line(boxes, link, fact) for link, fact in zip(links, view.facts, strict=True)),
        *(_words(link.label, fact) for link, fact in zip(links, view.facts, strict=True)),
        *(
            _node(box, entity.name, kinds.get(entity, ""), centre=not number)
            for number, (box, entity) in enumerate(zip(boxes, view.names, strict=True))
        ),
    ]
    extent = [*boxes, *(link.label for link in links)]
    for link in links:
        line = layout.curve(boxes[link.source], boxes[link.target], link.label)
        extent += [Box(0, 0, *_blend(*line, t, t)) for t in (0.25, 0.4, 0.6, 0.75)]
    return "".join(_document(view, subject, extent, drawn, kinds))


def _distinct(facts: Sequence[Fact]) -> dict[tuple[Entity, str | None, Entity], Fact]:
    """Return one fact for each relation of two entities, those that hold first."""
    distinct: dict[tuple[Entity, str | None, Entity], Fact] = {}
    for fact in sorted(facts, key=lambda fact: fact.state != "asserted"):
        one, other = entities.subject(fact), entities.object(fact)
        known = RELATIONS.get(fact.relation)
        mirrored = known is not None and (other, known.inverse, one) in distinct
        if one != other and not mirrored:
            distinct.setdefault((one, fact.relation, other), fact)
    return distinct


def neighbourhood(facts: Sequence[Fact], subject: str, depth: int, limit: int) -> PictureView:
    """Breadth first from the subject. Of facts that differ in time or direction only, the first is drawn."""
    namespace = facts[0].namespace if facts else ""
    distinct = _distinct(facts)
    beside: dict[Entity, dict[Entity, None]] = {}
    for one, _, other in distinct:
        beside.setdefault(one, {})[other] = None
        beside.setdefault(other, {})[one] = None
    names = [Entity(namespace, subject)]
    parents: list[int | None] = [None]
    far, seen, left_out = [0], set(names), 0
    for number, entity in enumerate(names):  # grows while it is walked
        for other in beside.get(entity, ()) if far[number] < depth else ():
            if other not in seen:
                seen.add(other)
                if len(names) < limit:
                    names.append(other)
                    parents.append(number)
                    far.append(far[number] + 1)
                else:
                    left_out += 1
    within = [fact for (one, _, other), fact in distinct.items() if {one, other} <= set(names)]
    drawn = _foremost(within, names, parents)[: math.ceil(FACTS * limit)]
    return PictureView(names, parents, drawn, left_out, len(within) - len(drawn))


def _foremost(
    facts: Sequence[Fact], names: Sequence[Entity], parents: Sequence[int | None]
) -> list[Fact]:
    """First what each name is reached by, then the rest of what is said of the subject, then the rest."""
    bonds = {
        frozenset((name, names[parent]))
        for name, parent in zip(names, parents, strict=True)
        if parent is not None
    }
    ranks = []
    for fact in facts:
        ends = frozenset((entities.subject(fact), entities.object(fact)))
        ranks.append(0 if ends in bonds else 1 if names[0] in ends else 2)
        bonds.discard(ends)
    order = sorted(range(len(facts)), key=ranks.__getitem__)
    return [facts[number] for number in order]


def shown(name: str) -> str:
    """A name on one line, cut where it is wider than `CUT`."""
    flat = " ".join("".join(map(_visible, entities.fit(name))).split()) or "?"
    if _width(flat, 1) <= CUT:
        return flat
    room, end = CUT - 1, 0
    while (room := room - _width(flat[end], 1)) >= 0:
        end += 1
    while end > 1 and (unicodedata.combining(flat[end]) or _JOINER in flat[end - 1 : end + 1]):
        end -= 1  # never between a letter and its accent
    return flat[:end].rstrip() + "…"


def _visible(char: str) -> str:
    """A character as it may stand in a label: no control, nothing that turns the text around."""
    category = unicodedata.category(char)
    if category == "Cf":
        return char if char == _JOINER else ""
    return " " if category in ("Cc", "Zl", "Zp") else char


def _width(text: str, size: float) -> float:
    """About how wide a text is, rather too wide: fonts differ."""
    return size * sum(map(_advance, text))


def _advance(char: str) -> float:
    if unicodedata.combining(char) or char == _JOINER:
        return 0.0
    if unicodedata.east_asian_width(char) in "WF":
        return 1.0
    if char in _NARROW:
        return 0.36
    if char in _WIDE:
        return 0.95
    return 0.72 if char.isupper() else 0.6 if char.isascii() else 0.75


def _word(fact: Fact) -> str:
    """A relation as it reads: in Chinese where either name is."""
    known = RELATIONS.get(fact.relation)
    if known is not None and _HAN.search(fact.subject + fact.object):
        middle = known.chinese.replace("{s}", "").replace("{o}", "…").strip("…")
        return middle.removeprefix("的").removesuffix("是") or middle
    return shown(fact.relation.replace("_", " "))


def _dates(fact: Fact) -> str:
    """Since when and until when, as days or months."""
    begin, end = (
        None if time is None else time[:10].removesuffix("-01")
        for time in (fact.valid_from, fact.valid_until)
    )
    if begin and end:
        return f"{begin} – {end}"
    if not (begin or end):
        return ""
    if _HAN.search(fact.subject + fact.object):
        return f"{begin} 起" if begin else f"至 {end}"
    return f"since {begin}" if begin else f"until {end}"


def _label_box(fact: Fact) -> Box:
    dates = _dates(fact)
    width = max(_width(_word(fact), WORD), _width(dates, FINE))
    return Box(width + 8, WORD + 5 + (FINE + 2 if dates else 0))


def _style(fact: Fact) -> str:
    return HOLDS if fact.state == "asserted" else ENDED


def _line(boxes: Sequence[Box], link: Link, fact: Fact) -> str:
    """A curve from box to box by way of the label, with its head."""
    source, target, label = boxes[link.source], boxes[link.target], link.label
    a, c, b = layout.curve(source, target, label)
    steps = [step / STEPS for step in range(STEPS + 1)]
    points = [_blend(a, c, b, t, t) for t in steps]
    begin = max(
        (t for t, at in zip(steps, points, strict=True) if _holds(source, at) and t < 0.5),
        default=0,
    )
    end = min(
        (t for t, at in zip(steps, points, strict=True) if _holds(target, at) and t > 0.5),
        default=1,
    )
    first, middle, last = (
        _blend(a, c, b, begin, begin),
        _blend(a, c, b, begin, end),
        _blend(a, c, b, end, end),
    )
    style = _style(fact)
    dash = ' stroke-dasharray="5 4"' if style == ENDED else ""
    colour = LINE if style == HOLDS else FAINT
    return (
        f'<path class="{style}" d="M{_at(first)}Q{_at(middle)} {_at(last)}" fill="none" '
        f'stroke="{colour[0]}" stroke-width="1.4"{dash}/>'
        f'<path class="{style}-head" d="{_head(middle, last)}" fill="{colour[0]}"/>\n'
    )


def _blend(a: Point, c: Point, b: Point, s: float, t: float) -> Point:
    """The blossom of a quadratic curve: its point at `t` where `s` equals `t`."""
    weights = ((1 - s) * (1 - t), s * (1 - t) + t * (1 - s), s * t)
    x, y = (sum(w * p[axis] for w, p in zip(weights, (a, c, b), strict=True)) for axis in (0, 1))
    return x, y


def _holds(box: Box, at: Point) -> bool:
    return abs(at[0] - box.x) <= box.width / 2 + 1 and abs(at[1] - box.y) <= box.height / 2 + 1


def _head(before: Point, tip: Point) -> str:
    dx, dy = tip[0] - before[0], tip[1] - before[1]
    length = math.hypot(dx, dy) or 1.0
    dx, dy = 8 * dx / length, 8 * dy / length
    left = (tip[0] - dx - dy / 2, tip[1] - dy + dx / 2)
    right = (tip[0] - dx + dy / 2, tip[1] - dy - dx / 2)
    return f"M{_at(tip)}L{_at(left)}L{_at(right)}Z"


def _at(point: Point) -> str:
    return f"{point[0]:.1f} {point[1]:.1f}"


def _words(box: Box, fact: Fact) -> str:
    """A label: what is said, since when; all that is known of the fact in its tooltip."""
    dates = _dates(fact)
    said = f"{fact.subject} {fact.relation.replace('_', ' ')} {fact.object}"
    support = "1 source" if fact.support == 1 else f"{fact.support} sources"
    whole = "; ".join(filter(None, (said, dates, fact.state, support)))
    up = (FINE + 2) / 2 if dates else 0
    style = _style(fact)
    ink = INK if style == HOLDS else FAINT
    text = _text(box.x, box.y - up + WORD * 0.36, _word(fact), WORD, ink, f"{style}-word")
    fine = _text(box.x, box.y + WORD * 0.36 + 7, dates, FINE, FAINT, "faint") if dates else ""
    return f"<g><title>{_xml(whole)}</title>{_rect(box)}{text}{fine}</g>\n"


def _node(box: Box, name: str, kind: str, *, centre: bool) -> str:
    fill, stroke = COLOURS[kind][:2]
    bold = ' font-weight="600"' if centre else ""
    return (
        f"<g{bold}><title>{_xml(name)}</title>"
        f'<rect class="k-{kind or "other"}" x="{box.x - box.width / 2:.1f}" y="{box.y - box.height / 2:.1f}" '
        f'width="{box.width:.1f}" height="{box.height:.1f}" rx="{box.height / 2:.1f}" '
        f'fill="{fill}" stroke="{stroke}" stroke-width="{2.4 if centre else 1.3}"/>'
        f"{_text(box.x, box.y + NAME * 0.35, shown(name), NAME, INK, 'ink')}</g>\n"
    )


def _rect(box: Box) -> str:
    """Return the backdrop of a label, so that lines do not run through it."""
    return (
        f'<rect class="sheet" x="{box.x - box.width / 2:.1f}" y="{box.y - box.height / 2:.1f}" '
        f'width="{box.width:.1f}" height="{box.height:.1f}" fill="{SHEET[0]}"/>'
    )


def _text(
    x: float,
    y: float,
    text: str,
    size: float,
    colour: tuple[str, str],
    style: str,
    anchor: str = "middle",
) -> str:
    return (
        f'<text class="{style}" x="{x:.1f}" y="{y:.1f}" font-size="{size:g}" text-anchor="{anchor}" '
        f'fill="{colour[0]}">{_xml(text)}</text>'
    )


def _xml(text: str) -> str:
    return graphml.escape(text)


def _document(
    view: PictureView,
    subject: str,
    boxes: Sequence[Box],
    drawn: Sequence[str],
    kinds: Mapping[Entity, str],
) -> Iterator[str]:
    left = min(box.x - box.width / 2 for box in boxes) - MARGIN
    right = max(box.x + box.width / 2 for box in boxes) + MARGIN
    top = min(box.y - box.height / 2 for box in boxes) - MARGIN
    bottom = max(box.y + box.height / 2 for box in boxes) + MARGIN
    if (lacking := NARROWEST - (right - left)) > 0:
        left, right = left - lacking / 2, right + lacking / 2
    present = {kinds.get(entity, "") for entity in view.names}
    styles = [style for style in LINES if style in map(_style, view.facts)]
    legend, height = _legend(
        [k for k in COLOURS if k in present], styles, _rest(view), (left, right, bottom)
    )
    width, height = right - left, bottom - top + height
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{left:.1f} {top:.1f} {width:.1f} {height:.1f}" '
        f'width="{width:.0f}" height="{height:.0f}" role="img" font-family="{FONT}">\n'
    )
    yield f"<title>{_xml(f'What is known of {shown(subject)}')}</title>\n<style>{_dark()}</style>\n"
    sheet = Box(width, height, left + width / 2, top + height / 2)
    yield _rect(sheet) + "\n"
    yield from drawn
    yield from legend
    yield "</svg>\n"


def _rest(view: PictureView) -> str:
    """Return a note of the entities within reach that are not drawn."""
    counts = ((view.left_out, "name"), (view.untold, "fact"))
    more = [f"{count:,} more {noun}{'s'[: count > 1]}" for count, noun in counts if count]
    return f"{' and '.join(more)} within reach, not drawn" if more else ""


def _legend(
    kinds: Sequence[str], styles: Sequence[str], rest: str, frame: tuple[float, float, float]
) -> tuple[list[str], float]:
    """The legend below the picture, as wide as it is, and how high it becomes."""
    left, right, y = frame
    entries = [
        *((_swatch, kind, kind or "other") for kind in kinds),
        *((_sample, style, LINES[style]) for style in styles),
    ]
    drawn: list[str] = []
    x = left + MARGIN
    for draw, key, words in entries:
        width = 34 + _width(words, FINE) + 14
        if x > left + MARGIN and x + width > right - MARGIN / 2:
            x, y = left + MARGIN, y + LEGEND
        drawn.append(
            draw(x, y, key) + _text(x + 34, y + 4, words, FINE, FAINT, "faint", "start") + "\n"
        )
        x += width
    if rest:
        y += LEGEND if entries else 0
        drawn.append(_text(left + MARGIN, y + 4, rest, FINE, FAINT, "faint", "start") + "\n")
    return drawn, y - frame[2] + MARGIN / 2 + 4


def _swatch(x: float, y: float, kind: str) -> str:
    fill, stroke = COLOURS[kind][:2]
    return (
        f'<rect class="k-{kind or "other"}" x="{x:.1f}" y="{y - 6:.1f}" width="26" height="12" rx="6" '
        f'fill="{fill}" stroke="{stroke}"/>'
    )


def _sample(x: float, y: float, style: str) -> str:
    colour, dash = (LINE, "") if style == HOLDS else (FAINT, ' stroke-dasharray="5 4"')
    return (
        f'<path class="{style}" d="M{x:.1f} {y:.1f}h26" fill="none" stroke="{colour[0]}" '
        f'stroke-width="1.4"{dash}/>'
    )


def _dark() -> str:
    """The colours of a dark scheme; those of a light one are attributes."""
    rules = [
        f".sheet{{fill:{SHEET[1]}}}.ink,.holds-word{{fill:{INK[1]}}}",
        f".faint,.ended-word,.ended-head{{fill:{FAINT[1]}}}.holds-head{{fill:{LINE[1]}}}",
        f".holds{{stroke:{LINE[1]}}}.ended{{stroke:{FAINT[1]}}}",
        *(f".k-{kind or 'other'}{{fill:{c[2]};stroke:{c[3]}}}" for kind, c in COLOURS.items()),
    ]
    return f"@media (prefers-color-scheme:dark){{{''.join(rules)}}}"
