"""What mouse, keys and buttons do to the picture on the pad."""

from __future__ import annotations

import functools
from collections.abc import Callable
from enum import Enum, auto
from typing import Concatenate, ParamSpec

from PySide6.QtCore import QObject, QRectF, Signal

from mnist_desktop.digits.image_import import Picture
from mnist_desktop.digits.picture_boxes import Box, BoxDrag, join, nearest, nudged, split
from mnist_desktop.digits.picture_turns import LEAST_TURN, TurnDrag
from mnist_desktop.ui.draw.pad_content import PadContent
from mnist_desktop.ui.draw.painted_stroke import Point
from mnist_desktop.ui.draw.picture_page import page_place

UNIT_PAD = QRectF(0, 0, 1, 1)
BOX_REACH = 0.03  # of the pad's side: as near the edge of a picture's box is on it
NUDGE = 0.005  # of the page's longer side
CROP_MARGIN = 0.15  # of a box's longer side, around what is cropped to it
FINE_TURN = 1.0  # degrees

Given = ParamSpec("Given")
Step = Callable[Concatenate["PictureEditor", Given], None]


class DragMode(Enum):
    """What dragging does to a picture."""

    BOXES = auto()
    TURN = auto()
    CROP = auto()


def once_boxes_are_seen(step: Step[Given]) -> Step[Given]:
    """Have a step of the editor wait for the page that is awaited, if there is one."""

    @functools.wraps(step)
    def take(editor: PictureEditor, /, *args: Given.args, **options: Given.kwargs) -> None:
        editor.in_order(lambda: step(editor, *args, **options))

    return take


class PictureEditor(QObject):
    """Makes other pictures out of that on the pad; the pad shows them and can take them back.

    A page that is turned or cropped is looked through for digits on another thread. Until it is
    back, the page before is seen, and what else is done to boxes waits for the new ones.

    Signals
    -------
    content_made(object)
        A `PadContent` is to be shown, as a step that can be undone.
    box_chosen(int)
        Another box is to be chosen.
    look_changed()
        Another mode, selection or drag is to be painted.
    remarked(str)
        What became of a step that is not seen on the pad.

    Attributes
    ----------
    content : PadContent
        What is seen on the pad.
    awaited : PadContent or None
        What will be seen once its page has been looked through.
    chosen : int
        Which box is chosen.
    others : frozenset of int
        Boxes that are selected besides, to be joined or deleted with it.
    mode : DragMode
        What dragging does.
    """

    content_made = Signal(object)
    box_chosen = Signal(int)
    look_changed = Signal()
    remarked = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.content = PadContent()
        self.awaited: PadContent | None = None
        self._later: list[Callable[[], None]] = []  # steps for what is awaited
        self.chosen = 0
        self.others: frozenset[int] = frozenset()
        self.mode = DragMode.BOXES
        self._drag: BoxDrag | TurnDrag | None = None

    @property
    def picture(self) -> Picture | None:
        """The picture on the pad."""
        return self.content.picture

    @property
    def boxes(self) -> tuple[Box, ...]:
        """The boxes as they are seen, also while one is dragged."""
        if isinstance(self._drag, BoxDrag) and self.mode == DragMode.BOXES:
            return self._drag.boxes
        return self.picture.boxes if self.picture else ()

    @property
    def crop(self) -> Box | None:
        """What is being cropped to."""
        is_cropping = self.mode == DragMode.CROP and isinstance(self._drag, BoxDrag)
        return next(iter(self._drag.boxes), None) if is_cropping else None  # type: ignore[union-attr]

    @property
    def degrees(self) -> float:
        """How far the page is being turned, clockwise."""
        return self._drag.degrees if isinstance(self._drag, TurnDrag) else 0.0

    def show(self, content: PadContent) -> None:
        """Take over what is on the pad now, and take the steps that have waited for it."""
        self.content, self._drag, self.others = content, None, frozenset()
        self.awaited, self.mode = None, DragMode.BOXES
        self.look_changed.emit()
        waiting, self._later = self._later, []
        for step in waiting:
            self.in_order(step)

    def wait_for(self, content: PadContent) -> None:
        """Take over what will be on the pad once its page has been looked through."""
        self.awaited = content

    def in_order(self, step: Callable[[], None], *, needs_boxes: bool = True) -> None:
        """Take a step after all that were asked for before it.

        Parameters
        ----------
        step : callable
            The step.
        needs_boxes : bool, optional
            Whether it is one with the digits of the page that is awaited, if there is one.
        """
        if self._later or (needs_boxes and self.awaited is not None):
            self._later.append(step)
        else:
            step()

    def forget_steps(self) -> None:
        """Take none of the steps that wait: their picture goes."""
        self._later.clear()

    def choose(self, number: int) -> None:
        """Take over which box is chosen now, alone."""
        self.chosen, self.others = number, frozenset()
        self.look_changed.emit()

    def set_mode(self, mode: DragMode) -> None:
        """Let dragging do something else."""
        self.mode, self._drag = mode, None
        self.look_changed.emit()

    @once_boxes_are_seen
    def switch(self, mode: DragMode) -> None:
        """Let dragging do this, or boxes again."""
        self.set_mode(DragMode.BOXES if self.mode == mode else mode)

    # Dragging

    def _on_page(self, picture: Picture, place: Point) -> Point:
        """Turn a position on the pad into pixels of the page."""
        page, scale = page_place(picture, UNIT_PAD), self._page_scale(picture)
        return (place[0] - page.left()) * scale, (place[1] - page.top()) * scale

    def _page_scale(self, picture: Picture) -> float:
        """Pixels of the page in the pad's side."""
        return float(picture.page.shape[1] / page_place(picture, UNIT_PAD).width())

    def _drag_at(self, picture: Picture, place: Point) -> BoxDrag:
        boxes = picture.boxes if self.mode == DragMode.BOXES else ()
        reach = BOX_REACH * self._page_scale(picture)
        return BoxDrag(boxes, self._on_page(picture, place), reach, _size(picture))

    def press(self, place: Point, *, adds: bool = False) -> None:
        """Begin to drag at a place on the pad, or choose the box there, or one more.

        While another page is awaited, the pad does not show what would be dragged.
        """
        picture = self.picture
        if picture is None or self.awaited is not None:
            return
        if self.mode == DragMode.TURN:
            self._drag = TurnDrag(self._on_page(picture, place), _size(picture))
            return
        drag = self._drag_at(picture, place)
        if adds and drag.number is not None:
            self.others = (self.others ^ {drag.number}) - {self.chosen}
            self.look_changed.emit()
            return
        self._drag = drag
        if drag.number is not None and drag.number not in self.others:
            self.box_chosen.emit(drag.number)

    def move_to(self, place: Point) -> None:
        """Drag to another place on the pad."""
        if self._drag is not None and self.picture is not None and self.awaited is None:
            self._drag.move_to(self._on_page(self.picture, place))
            self.look_changed.emit()

    def release(self) -> None:
        """Have what was dragged stay where it is."""
        drag, picture, crop = self._drag, self.picture, self.crop
        if drag is None or picture is None or self.awaited is not None:
            return
        # What is turned or cropped looks as it was let go until its page is back.
        if isinstance(drag, TurnDrag) and abs(drag.degrees) >= LEAST_TURN:
            self.turn(drag.degrees)
        elif crop is not None:
            self._crop_to(picture, crop)
        else:
            self._drag = None
            self.look_changed.emit()
            if self.mode == DragMode.BOXES:
                self._drop(picture, drag)

    def _drop(self, picture: Picture, drag: BoxDrag | TurnDrag) -> None:
        if isinstance(drag, BoxDrag) and drag.boxes != picture.boxes:
            self._correct(picture, drag.boxes, -1 if drag.number is None else drag.number)

    # Boxes

    def _correct(
        self, picture: Picture, boxes: tuple[Box, ...], chosen: int, small_step: str = ""
    ) -> None:
        """Have other boxes read, and choose one of them, wherever it comes in reading order."""
        made = self.content.with_boxes(picture, boxes, small_step)
        found = made.picture.boxes if made.picture else ()
        self.box_chosen.emit(found.index(boxes[chosen]) if boxes else 0)
        self.content_made.emit(made)

    @property
    def _selected(self) -> set[int]:
        count = len(self.picture.boxes) if self.picture else 0
        return {number for number in (self.chosen, *self.others) if number < count}

    def box_at(self, place: Point) -> int | None:
        """Which box is at a place on the pad; none of those that are about to go."""
        if self.picture is None or self.awaited is not None:
            return None
        return self._drag_at(self.picture, place).number

    @once_boxes_are_seen
    def step(self, way: int) -> None:
        """Choose the box before (-1) or after (1)."""
        last = len(self.picture.boxes) - 1 if self.picture is not None else -1
        self.box_chosen.emit(min(max(self.chosen + way, 0), max(last, 0)))

    @once_boxes_are_seen
    def split(self, place: Point | None = None) -> None:
        """Split the chosen box at a place on the pad, or else where it is thinnest."""
        picture = self.picture
        if picture is None or self.chosen >= len(picture.boxes):
            return
        at = None if place is None else self._on_page(picture, place)[0]
        ink = picture.ink if picture.ink is not None else 1 - picture.page / 255
        boxes = split(picture.boxes, self.chosen, ink, at)
        if boxes == picture.boxes:
            self.remarked.emit("The box is too narrow to be split")
        else:
            self._correct(picture, boxes, self.chosen)

    @once_boxes_are_seen
    def join(self) -> None:
        """Join the selected boxes; one alone is joined with the nearest one."""
        picture, selected = self.picture, self._selected
        if picture is None or not selected:
            return
        if len(selected) == 1:
            near = nearest(picture.boxes, self.chosen)
            selected |= set() if near is None else {near}
        if len(selected) > 1:
            boxes, _ = join(picture.boxes, selected)
            self._correct(picture, boxes, -1)

    @once_boxes_are_seen
    def delete(self) -> None:
        """Delete the selected boxes; what is in them is not read."""
        picture, selected = self.picture, self._selected
        if picture is not None and selected:
            boxes = picture.boxes
            kept = tuple(boxes[n] for n in range(len(boxes)) if n not in selected)
            self._correct(picture, kept, min(self.chosen, len(kept) - 1))

    @once_boxes_are_seen
    def nudge(self, way: tuple[int, int], *, resizes: bool) -> None:
        """Move the chosen box a little, or its right and lower edge."""
        picture = self.picture
        if picture is None or self.chosen >= len(picture.boxes):
            return
        step = max(1, round(NUDGE * max(picture.page.shape)))
        boxes = list(picture.boxes)
        there = (way[0] * step, way[1] * step)
        boxes[self.chosen] = nudged(boxes[self.chosen], there, _size(picture), resizes=resizes)
        if tuple(boxes) != picture.boxes:
            self._correct(picture, tuple(boxes), self.chosen, f"box {self.chosen}")

    # The page

    def turn(self, degrees: float, small_step: str = "") -> None:
        """Turn the picture clockwise, also while another turn is under way.

        One that is being straightened may prove to be straight, and then that step is dropped.
        """
        request = None if self.awaited is None else self.awaited.request
        is_straightened = request is not None and request.ink is not None
        self.in_order(lambda: self._turn(degrees, small_step), needs_boxes=is_straightened)

    def _turn(self, degrees: float, small_step: str) -> None:
        if self.picture is not None:
            content = self.content if self.awaited is None else self.awaited
            self.content_made.emit(content.turned(degrees, small_step))

    def turn_finely(self, way: int) -> None:
        """Turn the picture by a degree, clockwise for 1, the other way for -1."""
        self.turn(way * FINE_TURN, "turn")

    @once_boxes_are_seen
    def straighten(self) -> None:
        """Turn the picture so that its lines are level, as far as that can be measured."""
        if self.picture is not None:
            self.content_made.emit(self.content.straightened(self.picture))

    @once_boxes_are_seen
    def crop_to_selected(self) -> None:
        """Crop the picture to the selected boxes and some paper around them."""
        picture, selected = self.picture, self._selected
        if picture is not None and selected:
            _, (left, top, right, bottom) = join(picture.boxes, selected)
            width, height = _size(picture)
            margin = max(1, round(CROP_MARGIN * max(right - left, bottom - top)))
            around = (
                *(max(left - margin, 0), max(top - margin, 0)),
                *(min(right + margin, width), min(bottom + margin, height)),
            )
            self._crop_to(picture, around)

    def _crop_to(self, picture: Picture, box: Box) -> None:
        self.content_made.emit(self.content.cropped(picture, box))


def _size(picture: Picture) -> tuple[int, int]:
    height, width = picture.page.shape
    return width, height
