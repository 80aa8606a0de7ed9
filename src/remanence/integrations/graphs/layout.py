"""The layout of a picture: boxes around a centre, ring by ring, none over another.

A link has a box too, its label, and is a curve from end to end by way of it. Boxes start on
ellipses, one a ring, each in the sector of its parent, in the order that keeps linked ones close;
overlaps are pushed apart until there are none; then labels move to where their curves run clear of
other boxes, if there is such a place. The same input gives the same layout.
"""

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

ASPECT = 1.45  # width to height of the whole: the shape of a screen
GAP = 9.0  # between any two boxes
RING = 64.0  # from one ring's boxes to the next, beside what labels need
PATIENCE, WIDER = 40, 1.06  # rounds of pushing after which everything is moved outward, by how much
SETTLING = 60  # rounds in which labels are also drawn to where they belong
TRIALS = 1_500  # orders of children that are tried
SAMPLES = np.linspace(0.04, 0.96, 25)  # of a curve, to see what it runs over
Children = dict[int, list[int]]


@dataclass(slots=True, eq=False)
class Box:
    """A rectangle by its centre."""

    width: float
    height: float
    x: float = 0.0
    y: float = 0.0
    fixed: bool = False

    def meets(self, other: "Box", gap: float = 0.0) -> bool:
        """Return whether less than `gap` lies between the two."""
        return (
            abs(self.x - other.x) < (self.width + other.width) / 2 + gap
            and abs(self.y - other.y) < (self.height + other.height) / 2 + gap
        )


@dataclass(frozen=True, slots=True)
class Link:
    """From box number `source` to box number `target`, with the box of its label."""

    source: int
    target: int
    label: Box


def place(boxes: Sequence[Box], parents: Sequence[int | None], links: Sequence[Link]) -> None:
    """Give every box and label its place, around box 0 at the origin.

    `parents` says by which box each is reached from box 0, whose own is None; a parent stands
    before its children.
    """
    boxes[0].fixed = True
    _on_rings(boxes, parents, links)
    for link in links:
        link.label.x, link.label.y = _middle(boxes, link)
    _apart([*boxes, *(link.label for link in links)], boxes, links)
    _clear(boxes, links)


def _on_rings(boxes: Sequence[Box], parents: Sequence[int | None], links: Sequence[Link]) -> None:
    depth, children = _tree(parents)
    across = [link for link in links if _crosses(link, parents)]
    angles = _ordered(children, depth, across)
    reach = 0.0
    widest_label = max((link.label.width for link in links), default=0.0)
    for ring in range(1, max(depth) + 1):
        members = [number for number in range(len(boxes)) if depth[number] == ring]
        needed = _perimeter([boxes[number] for number in members], [angles[n] for n in members])
        widest = max(boxes[number].width for number in members)
        step = (widest_label + widest) / ASPECT * 0.62 + RING
        reach = max(reach + step, needed / (2 * math.pi * math.sqrt(ASPECT)))
        for number in members:
            boxes[number].x = reach * ASPECT * math.cos(angles[number])
            boxes[number].y = reach * math.sin(angles[number])


def _tree(parents: Sequence[int | None]) -> tuple[list[int], Children]:
    children: Children = defaultdict(list)
    depth = [0] * len(parents)
    for number, parent in enumerate(parents):
        if parent is not None:
            children[parent].append(number)
            depth[number] = depth[parent] + 1
    return depth, children


def _crosses(link: Link, parents: Sequence[int | None]) -> bool:
    """Return whether a link joins two boxes neither of which is reached by the other."""
    return parents[link.source] != link.target and parents[link.target] != link.source


def _ordered(children: Children, depth: Sequence[int], across: Sequence[Link]) -> list[float]:
    """The angle of each box, with children exchanged as long as that shortens links across."""
    angles = _angles(children, depth)
    best = _strain(angles, depth, across)
    trials = TRIALS if across else 0
    better = True
    while better:
        better = False
        for brood in list(children.values()):
            for one in range(len(brood)):
                for other in range(one + 1, len(brood)):
                    if not (trials := trials - 1) > 0:
                        return angles
                    brood[one], brood[other] = brood[other], brood[one]
                    tried = _angles(children, depth)
                    strain = _strain(tried, depth, across)
                    if strain < best - 1e-9:
                        angles, best, better = tried, strain, True
                    else:
                        brood[one], brood[other] = brood[other], brood[one]
    return angles


def _strain(angles: Sequence[float], depth: Sequence[int], across: Sequence[Link]) -> float:
    return sum(
        math.dist(
            (depth[a] * math.cos(angles[a]), depth[a] * math.sin(angles[a])),
            (depth[b] * math.cos(angles[b]), depth[b] * math.sin(angles[b])),
        )
        for a, b in ((link.source, link.target) for link in across)
    )


def _angles(children: Children, depth: Sequence[int]) -> list[float]:
    """Each child has a share of its parent's sector, by how much room hangs on it.

    A ring is the longer the farther out: a box on ring 3 needs a third of the angle of one on ring
    1.
    """
    room = [1 / max(1, ring) for ring in depth]
    for number in reversed(range(len(depth))):
        room[number] = max(room[number], sum(room[child] for child in children.get(number, ())))
    angles = [0.0] * len(depth)
    waiting = [(0, -math.pi, math.pi)]
    while waiting:
        number, start, end = waiting.pop()
        angles[number] = (start + end) / 2
        brood = children.get(number, ())
        each = (end - start) / max(1e-9, sum(room[child] for child in brood))
        for child in brood:
            waiting.append((child, start, start + each * room[child]))
            start += each * room[child]
    return angles


def _perimeter(boxes: Sequence[Box], angles: Sequence[float]) -> float:
    """How long a ring must be for its boxes to stand beside each other."""
    return sum(
        (box.width + GAP) * abs(math.sin(angle)) + (box.height + GAP) * abs(math.cos(angle))
        for box, angle in zip(boxes, angles, strict=True)
    )


def _middle(boxes: Sequence[Box], link: Link) -> tuple[float, float]:
    source, target = boxes[link.source], boxes[link.target]
    dx, dy = target.x - source.x, target.y - source.y
    start, end = _inside(source, dx, dy), 1 - _inside(target, dx, dy)
    at = 0.5 if end <= start else (start + end) / 2
    return source.x + at * dx, source.y + at * dy


def _inside(box: Box, dx: float, dy: float) -> float:
    """The share of a line from the box's centre that lies in the box."""
    return min(
        box.width / 2 / abs(dx) if dx else math.inf, box.height / 2 / abs(dy) if dy else math.inf, 1
    )


def _apart(every: Sequence[Box], boxes: Sequence[Box], links: Sequence[Link]) -> None:
    """Push overlapping boxes apart until none overlap, on an ever wider sheet if it takes long."""
    round_ = 0
    while True:
        if round_ < SETTLING:
            pull = 0.25 * (1 - round_ / SETTLING)
            for link in links:
                x, y = _middle(boxes, link)
                link.label.x += pull * (x - link.label.x)
                link.label.y += pull * (y - link.label.y)
        elif round_ % PATIENCE == 0:
            for box in every:
                box.x *= WIDER
                box.y *= WIDER
        met = _meetings(every)
        for one, other in met:
            if every[one].meets(every[other], GAP):
                _push(every[one], every[other])
        round_ += 1
        if not met and round_ > SETTLING:
            return


def _meetings(every: Sequence[Box]) -> list[tuple[int, int]]:
    """Every pair of boxes with less than `GAP` between them."""
    frames = np.array([(box.x, box.y, box.width / 2, box.height / 2) for box in every])
    x, y, half_width, half_height = frames.T
    near = np.abs(x[:, None] - x) < half_width[:, None] + half_width + GAP
    near &= np.abs(y[:, None] - y) < half_height[:, None] + half_height + GAP
    return [(int(one), int(other)) for one, other in np.argwhere(np.triu(near, 1))]


def _push(one: Box, other: Box) -> None:
    """Part two boxes along the axis on which less is needed; a fixed box stays."""
    dx, dy = other.x - one.x, other.y - one.y
    over_x = (one.width + other.width) / 2 + GAP + 0.01 - abs(dx)
    over_y = (one.height + other.height) / 2 + GAP + 0.01 - abs(dy)
    shares = (0.0, 1.0) if one.fixed else (1.0, 0.0) if other.fixed else (0.5, 0.5)
    if over_x < over_y:
        step = math.copysign(over_x, dx)
        one.x -= shares[0] * step
        other.x += shares[1] * step
    else:
        step = math.copysign(over_y, dy)
        one.y -= shares[0] * step
        other.y += shares[1] * step


def curve(
    source: Box, target: Box, label: Box
) -> tuple[tuple[float, float], tuple[float, float], tuple[float, float]]:
    """The control points of the quadratic curve from centre to centre whose middle is the label's."""
    bend = (2 * label.x - (source.x + target.x) / 2, 2 * label.y - (source.y + target.y) / 2)
    return (source.x, source.y), bend, (target.x, target.y)


def _clear(boxes: Sequence[Box], links: Sequence[Link]) -> None:
    """Move each label to the free place from which its curve runs over the fewest boxes."""
    every = [*boxes, *(link.label for link in links)]
    frames = np.array([(box.x, box.y, box.width / 2, box.height / 2) for box in every])
    for number, link in enumerate(links, start=len(boxes)):
        others = np.ones(len(every), dtype=bool)
        others[[link.source, link.target, number]] = False
        rest, weights = (
            frames[others],
            np.where(np.arange(len(every)) < len(boxes), 4.0, 1.0)[others],
        )
        source, target, label = boxes[link.source], boxes[link.target], link.label
        best = _burden(source, target, label, rest, weights)
        if not best:
            continue
        for place in _places(source, target, label):
            away = math.dist((place.x, place.y), (label.x, label.y)) / 400
            ends = (place.meets(source, GAP / 2), place.meets(target, GAP / 2))
            if any(ends) or not _free(place, rest):
                continue
            burden = _burden(source, target, place, rest, weights) + away
            if burden < best - 1e-9:
                best = burden
                frames[number, :2] = place.x, place.y
        link.label.x, link.label.y = map(float, frames[number, :2])


def _places(source: Box, target: Box, label: Box) -> Iterator[Box]:
    """Return the places of a label: along its link, and beside it."""
    dx, dy = target.x - source.x, target.y - source.y
    length = math.hypot(dx, dy) or 1.0
    for along in (0.5, 0.4, 0.6, 0.3, 0.7):
        for aside in range(-8, 9):
            off = aside * max(12.0, length / 20)
            x = source.x + along * dx - off * dy / length
            y = source.y + along * dy + off * dx / length
            yield Box(label.width, label.height, x, y)


def _free(place: Box, rest: np.ndarray) -> bool:
    near_x = np.abs(rest[:, 0] - place.x) < rest[:, 2] + place.width / 2 + GAP / 2
    near_y = np.abs(rest[:, 1] - place.y) < rest[:, 3] + place.height / 2 + GAP / 2
    return not bool((near_x & near_y).any())


def _burden(source: Box, target: Box, label: Box, rest: np.ndarray, weights: np.ndarray) -> float:
    """The weight of the boxes that a curve runs over."""
    a, bend, b = (np.array(point) for point in curve(source, target, label))
    t = SAMPLES[:, None]
    points = (1 - t) ** 2 * a + 2 * t * (1 - t) * bend + t**2 * b
    over = (np.abs(points[:, None] - rest[None, :, :2]) < rest[None, :, 2:] + 2).all(axis=2)
    return float(weights[over.any(axis=0)].sum())
