"""The pad on which digits are drawn with the mouse, a pen, a finger or the keyboard."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QDragEnterEvent,
    QDropEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QPointingDevice,
    QTabletEvent,
    QTransform,
)
from PySide6.QtWidgets import QWidget

from mnist_desktop.digits.image_import import Picture, with_boxes
from mnist_desktop.digits.ink import BRUSH, Ink
from mnist_desktop.digits.picture_boxes import BoxDrag
from mnist_desktop.ui.draw.pad_content import PadContent
from mnist_desktop.ui.draw.painted_stroke import (
    PaintedStroke,
    Point,
    as_points,
    distance,
    path_of,
)
from mnist_desktop.ui.draw.picture_page import page_place, paint_picture, paint_plain
from mnist_desktop.ui.parts.guarded import guarded
from mnist_desktop.ui.parts.theme import LIGHT, Theme

MIN_BRUSH, MAX_BRUSH = 0.025, 0.13  # of the pad's side
ERASER = 0.04
KEY_STEP, FINE_KEY_STEP = 0.05, 0.01
COPY_SIDE = 560  # pixels of a copied or saved drawing: twenty for each of the network's
HINT = "Draw a digit here"
DRAWING_TIP = (
    "Draw a digit: press, move, release. Ctrl+Z takes a stroke back; the right button "
    "erases. Keys: arrows move the pen, Space puts it down and lifts it."
)
PICTURE_TIP = (
    "Press a digit to choose it. Drag the edges of its box to correct it, or beside all boxes to "
    "add one; Delete removes the chosen one. Clear or Escape takes the picture away."
)
UNIT_PAD = QRectF(0, 0, 1, 1)
BOX_REACH = 0.03  # of the pad's side: as near the edge of a picture's box is on it

ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}
# Keys that mean something on the pad, whatever they mean on a page next to it.
OWN_KEYS = {*ARROWS, Qt.Key.Key_Space, Qt.Key.Key_Delete, Qt.Key.Key_Backspace, Qt.Key.Key_Escape}


@guarded
class PaintWidget(QWidget):
    """Keeps the strokes of a drawing as vectors, in fractions of the pad's side.

    So a drawing keeps its shape when the window is resized, and is rendered for the network from
    the strokes themselves, not from the screen's pixels. It can show a picture instead.

    Signals
    -------
    content_changed(object)
        Something else is on the pad, also while the pen moves: an `Ink` or a `Picture`.
    stroke_finished()
        The pen was lifted.
    history_changed()
        What can be undone or redone has changed.
    digit_chosen()
        Another one of several digits was chosen: `chosen`.
    picture_dropped(object)
        A picture was dropped onto the pad: a `QMimeData` that is valid during the signal.

    Attributes
    ----------
    chosen : int
        Which one of several digits is meant, from left to right.
    """

    content_changed = Signal(object)
    stroke_finished = Signal()
    history_changed = Signal()
    digit_chosen = Signal()
    picture_dropped = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("paintWidget")
        self.setAccessibleName("Drawing pad")
        self.setAccessibleDescription(
            "Draw a digit with the mouse, or with the arrow keys: the space bar puts the pen down "
            "and lifts it. Delete clears the pad."
        )
        self.setToolTip(DRAWING_TIP)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setProperty("showsFocus", True)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setAcceptDrops(True)
        self._theme = LIGHT
        self._brush = BRUSH
        self._is_eraser = False
        self._content = PadContent()
        self._pen: list[Point] = []
        self._pen_path = QPainterPath()
        self._erasing_from: PadContent | None = None  # the content before the eraser was put down
        self._key_place: Point | None = None  # where the arrow keys have moved the pen
        self._is_key_pen_down = False
        self._undo: list[PadContent] = []
        self._redo: list[PadContent] = []
        self.chosen = 0
        self._drag: BoxDrag | None = None  # of a picture's box

    # What is on the pad

    @property
    def ink(self) -> Ink:
        """The drawing, with the stroke that is being drawn."""
        strokes = tuple(stroke.points for stroke in self._content.strokes)
        return Ink((*strokes, as_points(self._pen)) if self._pen else strokes, self._brush)

    @property
    def content(self) -> Ink | Picture:
        """The picture if there is one, the drawing otherwise."""
        return self._content.picture or self.ink

    @property
    def can_undo(self) -> bool:
        """Whether there is a step to take back."""
        return bool(self._undo)

    @property
    def can_redo(self) -> bool:
        """Whether a step was taken back that can be done again."""
        return bool(self._redo)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to clear."""
        return not self._content

    def set_theme(self, theme: Theme) -> None:
        """Wear the theme's paper and ink."""
        self._theme = theme
        self.update()

    def set_brush(self, brush: float) -> None:
        """Show strokes this wide, relative to the pad's side; the network sees its own width."""
        self._brush = min(max(brush, MIN_BRUSH), MAX_BRUSH)
        self.update()
        if self._content.strokes:
            self.content_changed.emit(self.content)

    def set_eraser(self, is_eraser: bool) -> None:
        """Erase entire strokes with the left button, too."""
        self._is_eraser = is_eraser
        shape = Qt.CursorShape.PointingHandCursor if is_eraser else Qt.CursorShape.CrossCursor
        self.setCursor(shape)

    def show_picture(self, picture: Picture) -> None:
        """Show a picture instead of a drawing; `undo` brings the drawing back."""
        self._lift()
        self.choose(0)
        self._change(PadContent(picture=picture))

    def show_ink(self, ink: Ink) -> None:
        """Show another drawing, in fractions of the pad's side; `undo` brings this one back."""
        self._lift()
        self.choose(0)
        strokes = tuple(PaintedStroke(one, path_of(one.tolist())) for one in ink.strokes)
        self._change(PadContent(strokes))

    def choose(self, number: int) -> None:
        """Choose another one of several digits."""
        if number != self.chosen:
            self.chosen = number
            self.update()
            self.digit_chosen.emit()

    def clear(self) -> None:
        """Take all ink away; `undo` brings it back."""
        self._lift()
        self.choose(0)
        if self._content:
            self._change(PadContent())

    def undo(self) -> None:
        """Take the last step back: a stroke, an erasure, a picture, or a clearing."""
        self._lift()
        if self._undo:
            self._redo.append(self._content)
            self._set_content(self._undo.pop())

    def redo(self) -> None:
        """Do again what was taken back last."""
        self._lift()
        if self._redo:
            self._undo.append(self._content)
            self._set_content(self._redo.pop())

    def as_image(self) -> QImage:
        """The drawing as a picture of 560×560 pixels, black on white, to copy or to save."""
        image = QImage(COPY_SIDE, COPY_SIDE, QImage.Format.Format_Grayscale8)
        image.fill(Qt.GlobalColor.white)
        painter = QPainter(image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pad = QRectF(0, 0, COPY_SIDE, COPY_SIDE)
        if self._content.picture is None:
            self._paint_strokes(painter, pad, QColor("black"))
        else:
            paint_plain(painter, self._content.picture, pad)
        painter.end()
        return image

    def _change(self, content: PadContent) -> None:
        self._undo.append(self._content)
        self._redo.clear()
        self._set_content(content)

    def _set_content(self, content: PadContent) -> None:
        self._content, self._drag = content, None
        self.setToolTip(DRAWING_TIP if content.picture is None else PICTURE_TIP)
        self.update()
        self.history_changed.emit()
        self.content_changed.emit(self.content)

    # The pen and the eraser, wherever they come from

    def _put_down(self, place: Point, *, erases: bool) -> None:
        if self._content.picture is not None:  # one draws on an empty pad, not on a photo
            self._press_page(self._content.picture, place)
            return
        if erases:
            self._erasing_from = self._content
            self._erase(place)
            return
        self._pen, self._pen_path = [place], path_of([place])
        self.update()
        self.content_changed.emit(self.content)

    def _move_to(self, place: Point) -> None:
        if self._drag is not None and self._content.picture is not None:
            self._drag.move_to(self._on_page(self._content.picture, place))
            self.update()
        elif self._erasing_from is not None:
            self._erase(place)
        elif self._pen and place != self._pen[-1]:
            self._pen.append(place)
            if len(self._pen) > 2:
                self._pen_path.lineTo(*place)
            else:  # it is no dot any more
                self._pen_path = path_of(self._pen)
            self.update()
            self.content_changed.emit(self.content)

    def _lift(self) -> None:
        self._is_key_pen_down = False
        if self._drag is not None and self._content.picture is not None:
            self._release_page(self._content.picture, self._drag)
        elif self._erasing_from is not None:
            before, self._erasing_from = self._erasing_from, None
            if before != self._content:
                self._undo.append(before)
                self._redo.clear()
                self.history_changed.emit()
        elif self._pen:
            stroke = PaintedStroke(as_points(self._pen), self._pen_path)
            self._pen, self._pen_path = [], QPainterPath()
            self._change(replace(self._content, strokes=(*self._content.strokes, stroke)))
            self.stroke_finished.emit()

    def _erase(self, place: Point) -> None:
        """Take away every stroke that the eraser touches."""
        reach = ERASER + self._brush / 2
        kept = tuple(s for s in self._content.strokes if distance(place, s.points) > reach)
        if len(kept) < len(self._content.strokes):
            self._content = replace(self._content, strokes=kept)
            self.update()
            self.content_changed.emit(self.content)

    # The boxes of a picture

    def _on_page(self, picture: Picture, place: Point) -> Point:
        """Turn a position on the pad into pixels of the page."""
        page, scale = page_place(picture, UNIT_PAD), self._page_scale(picture)
        return (place[0] - page.left()) * scale, (place[1] - page.top()) * scale

    def _page_scale(self, picture: Picture) -> float:
        """Pixels of the page in the pad's side."""
        return float(picture.page.shape[1] / page_place(picture, UNIT_PAD).width())

    def _press_page(self, picture: Picture, place: Point) -> None:
        height, width = picture.page.shape
        reach = BOX_REACH * self._page_scale(picture)
        at = self._on_page(picture, place)
        self._drag = BoxDrag(picture.boxes, at, reach, (width, height))
        if self._drag.number is not None:
            self.choose(self._drag.number)

    def _release_page(self, picture: Picture, drag: BoxDrag) -> None:
        self._drag = None
        self.update()
        if drag.boxes != picture.boxes:
            dragged = drag.boxes[-1 if drag.number is None else drag.number]
            self.choose(sorted(drag.boxes).index(dragged))
            self._change(PadContent(picture=with_boxes(picture, drag.boxes)))

    def _press_page_key(self, picture: Picture, key: Qt.Key) -> bool:
        """Choose a box with the arrows, remove it with Delete; whether the key meant that."""
        last = len(picture.boxes) - 1
        if key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            way = 1 if key == Qt.Key.Key_Right else -1
            self.choose(min(max(self.chosen + way, 0), max(last, 0)))
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and last >= 0:
            place = min(self.chosen, last)
            kept = (*picture.boxes[:place], *picture.boxes[place + 1 :])
            self.choose(min(place, max(last - 1, 0)))
            self._change(PadContent(picture=with_boxes(picture, kept)))
        else:
            return key in ARROWS or key == Qt.Key.Key_Space
        return True

    # Mouse, tablet, keyboard; Qt turns one finger's touches into mouse events

    def _pad(self) -> QRectF:
        side = min(self.width(), self.height()) - 1
        return QRectF((self.width() - side) / 2, (self.height() - side) / 2, side, side)

    def _place(self, position: QPointF) -> Point:
        pad = self._pad()
        return (
            (position.x() - pad.left()) / pad.width(),
            (position.y() - pad.top()) / pad.height(),
        )

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Put the pen down, or the eraser with the right button; on a picture, press a box."""
        button = event.button()
        if self._content.picture is not None and button != Qt.MouseButton.LeftButton:
            return
        if button in (Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton) and not self._pen:
            erases = self._is_eraser or button == Qt.MouseButton.RightButton
            self._put_down(self._place(event.position()), erases=erases)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Draw while the pen is down."""
        if event.buttons() & (Qt.MouseButton.LeftButton | Qt.MouseButton.RightButton):
            self._move_to(self._place(event.position()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Lift the pen."""
        if event.button() in (Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton):
            self._lift()

    def tabletEvent(self, event: QTabletEvent) -> None:
        """Draw with a pen; its other end erases."""
        place = self._place(event.position())
        if event.type() == QTabletEvent.Type.TabletPress:
            is_other_end = event.pointerType() == QPointingDevice.PointerType.Eraser
            self._put_down(place, erases=self._is_eraser or is_other_end)
        elif event.type() == QTabletEvent.Type.TabletMove:
            self._move_to(place)
        else:
            self._lift()
        event.accept()

    def event(self, event: QEvent) -> bool:
        """Keep the pad's own keys, which may be shortcuts elsewhere in the window."""
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.key() in OWN_KEYS
            and not event.modifiers() & ~Qt.KeyboardModifier.ShiftModifier
        ):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move the pen with the arrows, put it down and lift it with Space; Delete clears.

        On a picture, choose a digit's box with the arrows; Delete removes it, Escape clears.
        """
        key, picture = Qt.Key(event.key()), self._content.picture
        if picture is not None and self._press_page_key(picture, key):
            return
        if key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.clear()
        elif key == Qt.Key.Key_Escape:
            self._key_place = None
            if self._pen:
                self._lift()
            else:
                self.clear()
        elif key in ARROWS:
            self._move_by_key(ARROWS[key], event.modifiers())
        elif key == Qt.Key.Key_Space:
            self._press_space()
        else:
            super().keyPressEvent(event)

    def _move_by_key(self, way: Point, modifiers: Qt.KeyboardModifier) -> None:
        is_fine = modifiers & Qt.KeyboardModifier.ShiftModifier
        step = FINE_KEY_STEP if is_fine else KEY_STEP
        x, y = self._key_place or (0.5, 0.5)
        self._key_place = (
            min(max(x + way[0] * step, 0.0), 1.0),
            min(max(y + way[1] * step, 0.0), 1.0),
        )
        if self._is_key_pen_down:
            self._move_to(self._key_place)
        self.update()

    def _press_space(self) -> None:
        if self._is_key_pen_down:
            self._lift()
            return
        self._key_place = self._key_place or (0.5, 0.5)
        self._is_key_pen_down = True
        self._put_down(self._key_place, erases=self._is_eraser)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take pictures and files."""
        data = event.mimeData()
        if data.hasImage() or any(url.isLocalFile() for url in data.urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Pass on what was dropped."""
        event.acceptProposedAction()
        self.picture_dropped.emit(event.mimeData())

    # What it looks like

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint paper, hint, and ink or picture."""
        theme, pad = self._theme, self._pad()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        edge = theme.accent if self.hasFocus() else theme.border
        painter.setPen(QPen(QColor(edge), 1.5 if self.hasFocus() else 1))
        painter.setBrush(QColor(theme.paper))
        painter.drawRoundedRect(pad.adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)
        if self._content.picture is not None:
            picture = self._content.picture
            boxes = picture.boxes if self._drag is None else self._drag.boxes
            paint_picture(painter, picture, pad, boxes, self.chosen, theme=theme)
        elif self._content.strokes or self._pen:
            painter.setClipRect(pad)
            self._paint_strokes(painter, pad, QColor(theme.ink))
        elif self._key_place is None:
            painter.setPen(QColor(theme.muted))
            painter.drawText(pad, Qt.AlignmentFlag.AlignCenter, HINT)
        is_drawing = self._content.picture is None
        if self._key_place is not None and self.hasFocus() and is_drawing:
            self._paint_key_pen(painter, pad)

    def _paint_strokes(self, painter: QPainter, pad: QRectF, colour: QColor) -> None:
        path = QPainterPath(self._pen_path)
        for stroke in self._content.strokes:
            path.addPath(stroke.path)
        scale = QTransform(pad.width(), 0, 0, pad.height(), pad.left(), pad.top())
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(
            QPen(
                colour,
                self._brush * pad.width(),
                Qt.PenStyle.SolidLine,
                Qt.PenCapStyle.RoundCap,
                Qt.PenJoinStyle.RoundJoin,
            )
        )
        painter.drawPath(scale.map(path))

    def _paint_key_pen(self, painter: QPainter, pad: QRectF) -> None:
        x, y = self._key_place or (0.5, 0.5)
        middle = QPointF(pad.left() + x * pad.width(), pad.top() + y * pad.height())
        painter.setPen(QPen(QColor(self._theme.accent), 2))
        painter.setBrush(
            QColor(self._theme.accent) if self._is_key_pen_down else QColor(0, 0, 0, 0)
        )
        painter.drawEllipse(middle, 6, 6)
