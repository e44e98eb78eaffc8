"""Which parts of the ink on a page are digits, which belong together, and in which order they come.

What surrounds digits on real pictures is left out first: ruled lines, frames and what is outside
them, edges of the page, specks. Then parts are put together to digits, row by row.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from mnist_desktop.digits.picture_boxes import Box
from mnist_desktop.digits.picture_ink import grown, shrunk
from mnist_desktop.digits.picture_parts import Mask, Part, find_parts, runs_of

Ink = NDArray[np.float64]
Labels = NDArray[np.int32]

# A part with less ink than this fraction of the largest one's is a speck.
SPECK = 0.03
# Lines of digits are thinner than this fraction of their longer side: bold ones 0.2, disks 0.4.
SLENDER = 0.26
# How much a part counts that touches the edge of the page, or that is no line: it may be a digit
# that was cropped too narrowly, but whatever lies inside is more likely one.
AT_EDGE = BULKY = 0.25
LINE_WIDTH = 0.15  # of a part's longer side: lines of digits are rarely wider
FATNESSES = (0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.55, 0.75)
EDGE_CONTACT = 0.35  # of a part's longer side: what touches more of the edge lies along it
# Ruled lines, in sides of the page: how long their pieces are; how long they are at least, a digit
# written over one parts it; how long some of them are; and how long these are together.
LINE_LENGTH = 1 / 14
LEAST_LINE = 0.2
WHOLE_LINE = 0.5
LEAST_LINES = 1.6
# Parts as high as this fraction of the highest are digits of their own, the others bits of some.
WHOLE = 0.45
# A part whose width overlaps another's by this fraction stands over or under it.
OVERLAP = 0.35
BAR = 1.7  # times as broad as it is thick: straight lines 1 to 1.4, as slanted ones seem thinner
PIECES_APART = 1.5  # times their breadth: segments of a display, dots of a line
CRACK = 0.35  # of the lines' thickness
# Of the breadth of a display's segments: narrower gaps between them are filled, or a six with thin
# ones is read as a five. Wider squares close the openings of a three.
BRIDGE = 0.85
LEAST_DOTS = 4  # of a dotted line
GAP = 0.04  # of the digits' height: pieces of a broken line are as near
NEAR = 0.25  # of the digits' height: the bar of a five is as near to it
SIGN = 0.3  # of the digits' height: points and other signs are smaller
LEANING = 0.38  # of its height: a slash is wider; few ones lean so much and are higher, too
MAX_DIGITS = 50
MAX_PARTS = 400  # each is compared with each; fifty dotted digits have fewer


@dataclass(frozen=True)
class Layout:
    """Digits on a page, in reading order: row by row, from left to right.

    Attributes
    ----------
    digits : tuple of tuple of Part
        The parts of each.
    labels : ndarray of int32, shape (height, width)
        Which part each pixel belongs to, 0 on paper; gaps between a display's segments belong to
        one of them.
    score : float
        How much they look like written digits: the length of their lines, in pixels.
    has_signs : bool
        Whether something beside them was left out that is no speck.
    is_crowded : bool
        Whether there is so much else that it may be the wrong thing.
    has_surroundings : bool
        Whether something around them was left out: a frame, lines, what comes from the edge.
    """

    digits: tuple[tuple[Part, ...], ...]
    labels: Labels
    score: float = 0.0
    has_signs: bool = False
    is_crowded: bool = False
    has_surroundings: bool = False

    def owners(self) -> NDArray[np.uint8]:
        """Which digit each pixel belongs to, counted from 1; 0 is paper and what was left out."""
        owner = np.zeros(int(self.labels.max()) + 1, np.uint8)
        for number, parts in enumerate(self.digits, start=1):
            owner[[part.number for part in parts]] = number
        return owner[self.labels]


@dataclass
class _Group:
    """Parts that are taken for one digit."""

    parts: list[Part] = field(default_factory=list)
    is_crossed: bool = False  # by an upright line that goes beyond it on both sides, as a dollar

    @property
    def box(self) -> Box:
        return box_of(self.parts)

    @property
    def height(self) -> int:
        return self.box[3] - self.box[1]


def box_of(parts: Sequence[Part]) -> Box:
    """The smallest box around some parts."""
    lefts, tops, rights, bottoms = zip(*(part.box for part in parts), strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)


def lay_out(ink: Ink) -> Layout:
    """Find the digits of a page.

    Parameters
    ----------
    ink : ndarray of float64, shape (height, width)
        0 paper to 1 ink.
    """
    parts, labels = find_parts(ink)
    inside = _without_specks(parts)
    frame = _innermost_frame(inside, labels)
    if frame is not None:
        without = ink
        parts, inside = _within(parts, frame), _within(inside, frame)
    else:
        without = _without_lines(ink)
        parts, labels = find_parts(without)
        inside = _without_specks(parts)
    if len(inside) > MAX_PARTS:
        return Layout((tuple(inside),), labels, is_crowded=True)
    kept = _without_edges(inside, labels)
    if not kept:
        return Layout((), labels)
    single = [_Group([part], _is_crossed(part, labels)) for part in kept]
    rows, has_signs = _rows(_joined_cracks(_joined_pieces(single, labels), labels))
    digits = tuple(tuple(group.parts) for row in rows for group in row)
    if len(digits) > MAX_DIGITS:
        return Layout((tuple(kept),), labels, is_crowded=True)
    has_dots = any(_is_dot(part, kept) for part in parts[:MAX_PARTS])
    return Layout(
        digits,
        _bridged(labels, digits),
        _score(kept, labels),
        has_signs or has_dots,
        has_surroundings=(frame is not None or without is not ink or len(kept) < len(inside)),
    )


def _score(parts: list[Part], labels: Labels) -> float:
    """How long the lines are; less if they are none, as paper is that ink cuts up."""
    lengths = [part.area / part.thickness for part in parts]
    thinness = [min(1.0, (LINE_WIDTH / _fatness(part, labels)) ** 3) for part in parts]
    edges = [AT_EDGE if touches_edge(part.box, labels.shape) else 1.0 for part in parts]
    thin = sum(map(operator.mul, lengths, thinness))
    inside = sum(map(operator.mul, lengths, edges)) / sum(lengths)
    covered = np.count_nonzero(labels) / labels.size
    return float(thin**2 / sum(lengths) * inside * (1 - covered) ** 4)


def _mask_of(part: Part, labels: Labels) -> Mask:
    """The pixels of a part, as large as its box."""
    left, top, right, bottom = part.box
    mask: Mask = labels[top:bottom, left:right] == part.number
    return mask


def _is_crossed(part: Part, labels: Labels) -> bool:
    """Whether it begins and ends with an upright line in its middle."""
    mask = _mask_of(part, labels)
    deep = max(1, round(0.05 * part.height))
    for end in (mask[:deep], mask[-deep:]):
        columns = np.flatnonzero(end.any(axis=0))
        is_narrow = columns[-1] - columns[0] < max(0.25 * part.width, 2 * part.thickness)
        if not is_narrow or not 0.25 < columns.mean() / part.width < 0.75:
            return False
    return True


def _fatness(part: Part, labels: Labels) -> float:
    """Side of the largest square that fits into a part, in fractions of its longer side."""
    mask = _mask_of(part, labels)
    fits = [side for side in FATNESSES if shrunk(mask, max(2, round(side * part.side))).any()]
    return max(fits, default=FATNESSES[0])


def _weight(part: Part, labels: Labels) -> float:
    """How much a part counts: the length of its lines, less where it looks like no digit."""
    weight = part.area / part.thickness
    if touches_edge(part.box, labels.shape):
        weight *= AT_EDGE if _contact(part, labels) <= EDGE_CONTACT else AT_EDGE**3
    return weight * (BULKY if part.slenderness > SLENDER else 1)


def _contact(part: Part, labels: Labels) -> float:
    """How much of the edge of the page a part touches, in fractions of its longer side."""
    rims = (labels[0], labels[-1], labels[:, 0], labels[:, -1])
    return max(np.count_nonzero(rim == part.number) for rim in rims) / part.side


def touches_edge(box: Box, shape: tuple[int, ...]) -> bool:
    """Whether a box reaches the edge of a page of a shape (height, width)."""
    left, top, right, bottom = box
    return left == 0 or top == 0 or right == shape[1] or bottom == shape[0]


# What is no digit


def _run_lengths(mask: Mask) -> NDArray[np.int32]:
    """How long the run of ink is, along its row, that each pixel belongs to; 0 on paper."""
    _, starts, ends = runs_of(mask)
    lengths = ends - starts
    found = np.zeros(mask.shape, np.int32)
    found[mask] = np.repeat(lengths, lengths)
    return found


def _without_lines(ink: Ink) -> Ink:
    """Leave out ruled lines, thin and nearly level or upright, but not what is written over them.

    As in removing the staves of music, only those pixels of a line go above and below which there
    is paper at once.
    """
    if min(ink.shape) < 96:
        return ink
    mask = ink > 0
    level, across = _long_lines(mask)
    upright, down = _long_lines(mask.T)
    return np.where(level | upright.T, 0, ink) if across + down >= LEAST_LINES else ink


def _long_lines(mask: Mask) -> tuple[Mask, float]:
    """Thin lines along the rows that go on over much of the page, and how many pages they fill."""
    height, width = mask.shape
    is_long = _run_lengths(mask) >= max(24, LINE_LENGTH * width)
    thick = _run_lengths(mask.T).T
    thicknesses = thick[is_long & (thick < height / 40)]
    if len(thicknesses) == 0:
        return np.zeros(mask.shape, bool), 0.0
    usual = int(np.bincount(thicknesses).argmax())
    pieces = is_long & (thick <= 1.5 * usual + 1)
    # A tilted line is many pieces, and what crosses it parts them.
    parts, labels = find_parts(grown(pieces, 8 * usual + 25, usual + 2).astype(np.float64))
    lines = [part for part in parts if _is_line(part, pieces, mask)]
    found = pieces & np.isin(labels, [part.number for part in lines])
    return found, sum(part.width for part in lines if part.width >= WHOLE_LINE * width) / width


def _is_line(part: Part, pieces: Mask, mask: Mask) -> bool:
    """Whether some pieces are one long line, and not the bars of several digits in a row."""
    left, top, right, bottom = part.box
    mine = pieces[top:bottom, left:right]
    is_thin = int(mine.sum(axis=0).max()) < part.width / 12
    is_long = part.width >= LEAST_LINE * mask.shape[1]
    inked = float(mask[top:bottom, left:right].any(axis=0).mean())  # also where others cross it
    return is_thin and is_long and inked > 0.9 and float(mine.any(axis=0).mean()) > 0.4


def _without_specks(parts: list[Part]) -> list[Part]:
    slender = [part.mass for part in parts if part.slenderness <= SLENDER]
    largest = max(slender or [part.mass for part in parts], default=0.0)
    return [part for part in parts if part.mass >= SPECK * largest]


def _innermost_frame(parts: list[Part], labels: Labels) -> Part | None:
    """The innermost frame around something, if there is one."""
    if len(parts) > MAX_PARTS:
        return None
    for part in sorted(parts, key=lambda part: part.side):
        if _within(parts, part) and _is_frame(part, labels):
            return part
    return None


def _within(parts: list[Part], frame: Part) -> list[Part]:
    """The parts that lie in the box of another one."""
    left, top, right, bottom = frame.box
    return [
        part
        for part in parts
        if left < part.box[0] and top < part.box[1]
        and part.box[2] < right and part.box[3] < bottom
    ]  # fmt: skip


def _is_frame(part: Part, labels: Labels) -> bool:
    """Whether nearly all of a part lies along the sides of its box."""
    deep = round(max(2.5 * part.thickness, 0.04 * part.side)) + 1
    if min(part.width, part.height) <= 4 * deep:
        return False
    is_part = _mask_of(part, labels)
    inside = is_part[deep:-deep, deep:-deep].sum()
    sides = (is_part[:deep], is_part[-deep:], is_part[:, :deep].T, is_part[:, -deep:].T)
    return bool(inside <= 0.03 * part.area and all(side.any(axis=0).mean() > 0.9 for side in sides))


def _without_edges(parts: list[Part], labels: Labels) -> list[Part]:
    """Leave out what comes from beyond the edge of the page, unless it is the main thing on it."""
    if not parts:
        return []
    main = max(parts, key=lambda part: _weight(part, labels))
    return [part for part in parts if part is main or not _is_edge(part, main, labels)]


def _is_edge(part: Part, main: Part, labels: Labels) -> bool:
    """Whether a part lies along the edge, or does not look like the main one."""
    if not touches_edge(part.box, labels.shape):
        return False
    is_like_main = part.height >= 0.6 * main.height and part.slenderness <= SLENDER
    is_along = _contact(part, labels) > EDGE_CONTACT
    return is_along or not is_like_main or part.side > 1.6 * main.side


# What belongs together


def _rows(groups: list[_Group]) -> tuple[list[list[_Group]], bool]:
    """Digits of each row, and whether there are signs that are none."""
    highest = max(group.height for group in groups)
    whole = [group for group in groups if group.height >= WHOLE * highest]
    bits = [group for group in groups if group.height < WHOLE * highest]
    rows: list[list[_Group]] = []
    for group in sorted(whole, key=lambda group: group.box[1]):
        row = max(rows, key=lambda row: _shared_rows(row, group), default=None)
        if row is not None and _shared_rows(row, group) >= OVERLAP:
            row.append(group)
        else:
            rows.append([group])
    rows = [_joined_columns(row) for row in rows]
    lost = [bit for bit in bits if not _add_to_digit(bit, rows)]
    rows = _joined_rows(rows)
    signs = [(row, group) for row in rows for group in row if _is_sign_of_its_own(group, row)]
    if len(signs) < sum(map(len, rows)):  # of a sign alone, the check says that it is no digit
        for row, group in signs:
            row.remove(group)
    rows = [row for row in rows if row]
    rows.sort(key=lambda row: min(group.box[1] for group in row))
    return [sorted(row, key=lambda group: group.box[0]) for row in rows], bool(lost or signs)


def _is_dot(part: Part, kept: list[Part]) -> bool:
    """Whether something that was left out as a speck is as large as the pen is wide: a point."""
    largest = max(kept, key=lambda one: one.mass)
    left, top, right, bottom = box_of(kept)
    low = top + 0.6 * (bottom - top)
    is_beside = left < part.box[0] and part.box[2] < right + (bottom - top) / 2
    is_on_line = low < part.box[1] and part.box[3] < bottom + 0.1 * (bottom - top)
    is_large = 0.7 * largest.thickness < min(part.width, part.height) < 2.5 * largest.thickness
    return is_beside and is_on_line and is_large and part not in kept


def _is_bar(part: Part) -> bool:
    """Whether it is one straight line."""
    return part.breadth < BAR * part.thickness


def _joined_cracks(groups: list[_Group], labels: Labels) -> list[_Group]:
    """Put together what only a crack parts that is much narrower than the lines."""

    def are_near(one: Part, other: Part) -> bool:
        crack = CRACK * min(one.thickness, other.thickness)
        return _apart(one.box, other.box) <= crack and _distance(one, other, labels) <= crack

    return _joined_if(groups, are_near)


def _joined_if(groups: list[_Group], are_one: Callable[[Part, Part], bool]) -> list[_Group]:
    """Put groups together of which two parts belong to one."""
    joined: list[_Group] = []
    for group in groups:
        near = [
            one
            for one in joined
            if any(are_one(part, other) for part in group.parts for other in one.parts)
        ]
        parts = [*group.parts, *(part for one in near for part in one.parts)]
        joined = [one for one in joined if all(one is not other for other in near)]
        joined.append(_Group(parts, group.is_crossed and not near))
    return joined


def _joined_pieces(groups: list[_Group], labels: Labels) -> list[_Group]:
    """Put segments of a display and dots of a dotted line together: gaps are hardly wider."""
    parts = [part for group in groups for part in group.parts]
    pieces = [part for part in parts if _is_bar(part) or part.slenderness > SLENDER]
    if len(pieces) < 2 or len(pieces) < 0.6 * len(groups):
        return groups

    def are_near(one: Part, other: Part) -> bool:
        return _distance(one, other, labels) < min(_reach(one, pieces), _reach(other, pieces))

    return _joined_if(groups, are_near)


def _bridged(labels: Labels, digits: Sequence[Sequence[Part]]) -> Labels:
    """Fill narrow gaps between the segments of a display: a closing of each digit."""
    filled = labels.copy()
    for parts in digits:
        if len(parts) > 1 and all(map(_is_bar, parts)):
            left, top, right, bottom = box_of(parts)
            there = filled[top:bottom, left:right]
            side = round(BRIDGE * float(np.median([part.breadth for part in parts]))) | 1
            mask = np.pad(np.isin(there, [part.number for part in parts]), side)
            closed = shrunk(grown(mask, side, side), side)[side:-side, side:-side]
            there[closed & (there == 0)] = parts[0].number
    return filled


def _reach(part: Part, pieces: list[Part]) -> float:
    """How far apart the next piece may be: of many dots, as far as they are long."""
    is_dot = part.side < 3 * part.breadth and len(pieces) >= LEAST_DOTS
    return part.side * 1.2 if is_dot else PIECES_APART * part.breadth


def _distance(one: Part, other: Part, labels: Labels) -> float:
    """How far two parts are apart at the nearest pixels of their edges, at most 400 of each."""
    if _apart(one.box, other.box) > 2 * max(one.side, other.side):
        return float("inf")
    places = []
    for part in (one, other):
        mask = _mask_of(part, labels)
        found = np.argwhere(mask & ~shrunk(mask, 3))
        start = np.array([part.box[1], part.box[0]], np.float64)
        places.append(found[:: -(-len(found) // 400)] + start)
    ways = places[0][:, np.newaxis] - places[1][np.newaxis]
    return float(np.hypot(ways[..., 0], ways[..., 1]).min())


def _shared_rows(row: list[_Group], group: _Group) -> float:
    """Which fraction of the lower one's height a row and a group have in common."""
    best = 0.0
    for one in row:
        common = min(one.box[3], group.box[3]) - max(one.box[1], group.box[1])
        best = max(best, common / min(one.height, group.height))
    return best


def _overlap(one: Box, other: Box) -> float:
    """Fraction of the narrower box's width that both have in common."""
    common = min(one[2], other[2]) - max(one[0], other[0])
    return common / max(1, min(one[2] - one[0], other[2] - other[0]))


def _apart(one: Box, other: Box) -> int:
    """How far two boxes are apart, in pixels."""
    return max(0, one[0] - other[2], other[0] - one[2], one[1] - other[3], other[1] - one[3])


def _joined_columns(row: list[_Group]) -> list[_Group]:
    """Put together what stands over or under another part of the same row."""
    joined: list[_Group] = []
    for group in sorted(row, key=lambda group: group.box[0]):
        if joined and _are_one(joined[-1], group):
            joined[-1].parts += group.parts
        else:
            joined.append(group)
    return joined


def _are_one(left: _Group, right: _Group) -> bool:
    """Whether two parts of a row are one digit: the strokes of a four, neither of them whole."""
    both = box_of([*left.parts, *right.parts])
    height = both[3] - both[1]
    is_whole = min(left.height, right.height) >= 0.8 * height
    return _overlap(left.box, right.box) >= 0.55 or (
        not is_whole and _apart(left.box, right.box) <= GAP * height
    )


def _joined_rows(rows: list[list[_Group]]) -> list[list[_Group]]:
    """Put together single parts that are hardly apart: the halves of a broken line."""
    if len(rows) != 2 or len(rows[0]) != 1 or len(rows[1]) != 1:
        return rows
    one, other = rows[0][0], rows[1][0]
    height = max(one.box[3], other.box[3]) - min(one.box[1], other.box[1])
    if _apart(one.box, other.box) <= GAP * height and _overlap(one.box, other.box) > 0:
        return [[_Group([*one.parts, *other.parts])]]
    return rows


def _add_to_digit(bit: _Group, rows: list[list[_Group]]) -> bool:
    """Give a small part to the digit that it is a bit of; a sign belongs to none."""
    every = [group for row in rows for group in row]
    nearest = min(
        every, key=lambda group: (_apart(bit.box, group.box), -_overlap(bit.box, group.box))
    )
    distance = _apart(bit.box, nearest.box)
    over = _overlap(bit.box, nearest.box) >= OVERLAP
    if distance <= (NEAR if over else GAP) * nearest.height or (
        distance <= NEAR * nearest.height and not _is_sign(bit, nearest)
    ):
        nearest.parts += bit.parts
        return True
    return False


def _is_sign(bit: _Group, digit: _Group) -> bool:
    """Whether it is a point, a comma or a minus beside a digit."""
    left, top, right, bottom = bit.box
    middle = ((top + bottom) / 2 - digit.box[1]) / digit.height
    is_dot = max(right - left, bottom - top) < SIGN * digit.height and middle > 0.65
    is_dash = right - left > 1.5 * (bottom - top) and 0.3 < middle < 0.7
    return is_dot or is_dash


def _is_sign_of_its_own(group: _Group, row: list[_Group]) -> bool:
    """Whether something as high as a digit is a slash, a percent sign or a dollar."""
    others = [one.height for one in row if one is not group]
    if _is_percent(group):
        return True
    is_high = bool(others) and group.height > 1.1 * float(np.median(others))
    is_wide = group.box[2] - group.box[0] > LEANING * group.height
    is_line = len(group.parts) == 1 and _is_bar(group.parts[0])
    return is_high and is_wide and (is_line or group.is_crossed)


def _is_percent(group: _Group) -> bool:
    """Whether it is a leaning line with a small ring on either side."""
    bar, *rings = sorted(group.parts, key=lambda part: -part.height)
    if len(rings) != 2 or not _is_bar(bar):
        return False
    left, right = sorted(rings, key=lambda part: part.box[0])
    middle = (bar.box[1] + bar.box[3]) / 2
    is_small = max(left.side, right.side) < 0.55 * bar.height
    return (
        is_small
        and left.box[3] < middle + 0.1 * bar.height
        and right.box[1] > middle - 0.1 * bar.height
    )
