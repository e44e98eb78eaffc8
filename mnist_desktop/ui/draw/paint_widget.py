"""The pad on which digits are drawn with the mouse, a pen, a finger or the keyboard."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
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
    QResizeEvent,
    QTabletEvent,
    QTransform,
)
from PySide6.QtWidgets import QWidget

from mnist_desktop.digits.class_names import ClassNames
from mnist_desktop.digits.image_import import Picture
from mnist_desktop.digits.ink import BRUSH, Ink
from mnist_desktop.digits.picture_turns import PageRequest
from mnist_desktop.ui.draw.pad_content import PadContent, PadHistory
from mnist_desktop.ui.draw.painted_stroke import (
    PaintedStroke,
    Point,
    as_points,
    distance,
    path_of,
)
from mnist_desktop.ui.draw.picture_editor import DragMode, PictureEditor
from mnist_desktop.ui.draw.picture_page import (
    paint_crop,
    paint_picture,
    paint_plain,
    paint_turned,
    paint_words,
    tools_place,
)
from mnist_desktop.ui.draw.picture_tools import PictureTools
from mnist_desktop.ui.parts.guarded import guarded
from mnist_desktop.ui.parts.shortcuts import in_words
from mnist_desktop.ui.parts.theme import LIGHT, Theme

MIN_BRUSH, MAX_BRUSH = 0.025, 0.13  # of the pad's side
ERASER = 0.04
KEY_STEP, FINE_KEY_STEP = 0.05, 0.01
COPY_SIDE = 560  # pixels of a copied or saved drawing: twenty for each of the network's
HINT = "Draw a digit here"
CLASS_HINT = "Draw or drop a picture here"  # for a network that reads no digits
DRAWING_TIP = (
    "Draw: press, move, release. Ctrl+Z takes a stroke back; the right button "
    "erases. Keys: arrows move the pen, Space puts it down and lifts it."
)
DRAWING_WORDS = (
    "Draw with the mouse, or with the arrow keys: the space bar puts the pen down and "
    "lifts it. Delete clears the pad."
)
PICTURE_TIP = (
    "Press a digit to choose it. Drag its box or the box's edges to correct it, or beside all "
    "boxes to add one; double-click a box to split it. The right button shows what else can be "
    "done. Clear or Escape takes the picture away."
)
DRAG_WORDS = {
    DragMode.TURN: "Drag to turn the picture; Esc ends it",
    DragMode.CROP: "Drag over what to keep; Esc ends it",
}

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
    page_requested(object)
        The page of this `PageRequest` is to be looked through for digits; `show_page` shows it.
    picture_dropped(object)
        A picture was dropped onto the pad: a `QMimeData` that is valid during the signal.

    Attributes
    ----------
    editor : PictureEditor
        Corrects, turns and crops the picture.
    chosen : int
        Which one of several digits is meant, from left to right.
    """

    content_changed = Signal(object)
    stroke_finished = Signal()
    history_changed = Signal()
    digit_chosen = Signal()
    page_requested = Signal(object)
    picture_dropped = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("paintWidget")
        self.setAccessibleName("Drawing pad")
        self.setAccessibleDescription(DRAWING_WORDS)
        self.setToolTip(in_words(DRAWING_TIP))
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
        self._is_erasing = False
        self._key_place: Point | None = None  # where the arrow keys have moved the pen
        self._is_key_pen_down = False
        self._history = PadHistory()
        self.chosen = 0
        self._hint = HINT
        self.editor = PictureEditor(self)
        self.editor.content_made.connect(self._change)
        self.editor.box_chosen.connect(self.choose)
        self.editor.look_changed.connect(self.update)
        self._tools = PictureTools(self.editor, self)

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
        return self._history.can_undo

    @property
    def can_redo(self) -> bool:
        """Whether a step was taken back that can be done again."""
        return self._history.can_redo

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
        self._replace(PadContent(picture=picture))

    def show_page(self, request: PageRequest, picture: Picture) -> None:
        """Show a page that was requested, now that its digits are found, if it is still wanted."""
        if self._history.now.request is request:
            self._history.now = replace(self._history.now, picture=picture, request=None)
            self.choose(0)
            self._set_content(self._history.now)

    def drop_page(self, request: PageRequest) -> None:
        """Go back to what was there before a page was requested that cannot be shown."""
        if self._history.now.request is request:
            self._history.drop()
            self._follow_history()

    def show_ink(self, ink: Ink) -> None:
        """Show another drawing, in fractions of the pad's side; `undo` brings this one back."""
        strokes = tuple(PaintedStroke(one, path_of(one.tolist())) for one in ink.strokes)
        self._replace(PadContent(strokes))

    def choose(self, number: int) -> None:
        """Choose another one of several digits."""
        self.editor.choose(number)
        if number != self.chosen:
            self.chosen = number
            self.update()
            self.digit_chosen.emit()

    def clear(self) -> None:
        """Take all ink away; `undo` brings it back."""
        self._lift()
        if self._history.now:
            self._replace(PadContent())

    def _replace(self, content: PadContent) -> None:
        """Show something that does not come from what is on the pad."""
        self._lift()
        self.editor.forget_steps()
        self.choose(0)
        self._change(content)

    def undo(self) -> None:
        """Take the last step back: a stroke, an erasure, a picture, or a clearing."""
        self._lift()
        self.editor.in_order(self._undo, needs_boxes=False)

    def _undo(self) -> None:
        if self._history.can_undo:
            self._history.undo()
            self._follow_history()

    def redo(self) -> None:
        """Do again what was taken back last."""
        self._lift()
        self.editor.in_order(self._redo, needs_boxes=False)

    def _redo(self) -> None:
        if self._history.can_redo:
            self._history.redo()
            self._follow_history()

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
        self._history.add(content)
        self._follow_history()

    def _follow_history(self) -> None:
        """Show what the history has come to, once its page has been looked through."""
        now = self._history.now
        if now.request is None:
            self._set_content(now)
            return
        self.editor.wait_for(now)
        self.history_changed.emit()
        self.page_requested.emit(now.request)

    def _set_content(self, content: PadContent) -> None:
        self._content = content
        if content.picture is None and self._tools.isAncestorOf(self.focusWidget() or self):
            self.setFocus()  # before the button that has it is hidden
        self.editor.show(content)
        if content.picture is not None:  # undo may bring back fewer boxes
            self.choose(min(self.chosen, max(len(content.picture.boxes) - 1, 0)))
        is_drawing = content.picture is None
        self.setToolTip(in_words(DRAWING_TIP if is_drawing else PICTURE_TIP))
        self.setAccessibleDescription(DRAWING_WORDS if is_drawing else PICTURE_TIP)
        self.history_changed.emit()
        self.content_changed.emit(self.content)

    # The pen and the eraser, wherever they come from

    def _put_down(self, place: Point, *, erases: bool) -> None:
        if self._content.picture is not None:  # one draws on an empty pad, not on a photo
            self.editor.press(place)
            return
        if erases:
            self._is_erasing = True
            self._erase(place)
            return
        self._pen, self._pen_path = [place], path_of([place])
        self.update()
        self.content_changed.emit(self.content)

    def _move_to(self, place: Point) -> None:
        if self._content.picture is not None:
            self.editor.move_to(place)
        elif self._is_erasing:
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
        if self._content.picture is not None:
            self.editor.release()
        elif self._is_erasing:
            self._is_erasing = False
            if self._content != self._history.now:
                self._history.add(self._content)
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

    # A picture

    def _press_page_key(self, key: Qt.Key, modifiers: Qt.KeyboardModifier) -> bool:
        """Choose, move or resize a box with the arrows; whether the key meant that."""
        is_moved = bool(modifiers & Qt.KeyboardModifier.ControlModifier)
        is_resized = bool(modifiers & Qt.KeyboardModifier.ShiftModifier)
        picture = self._content.picture
        last = len(picture.boxes) - 1 if picture is not None else -1
        if key in ARROWS and (is_moved or is_resized):
            self.editor.nudge(ARROWS[key], resizes=is_resized)
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self.editor.step(1 if key == Qt.Key.Key_Right else -1)
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and last >= 0:
            self.editor.delete()
        elif key == Qt.Key.Key_Escape and self.editor.mode != DragMode.BOXES:
            self.editor.set_mode(DragMode.BOXES)
        else:
            return key in ARROWS or key == Qt.Key.Key_Space
        return True

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Split a picture's box there; on a drawing, it is a press like any other."""
        place = self._place(event.position())
        is_split = event.button() == Qt.MouseButton.LeftButton and (
            self.editor.mode == DragMode.BOXES and self.editor.box_at(place) == self.chosen
        )
        if is_split:
            self.editor.split(place)
        else:
            self.mousePressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Open the menu of what can be done to a picture, and to the box that was pressed."""
        if self._content.picture is None:
            super().contextMenuEvent(event)
            return
        place, number = self._place(QPointF(event.pos())), None
        if event.reason() == QContextMenuEvent.Reason.Mouse:
            number = self.editor.box_at(place)
        if number is not None and number not in self.editor.others:
            self.choose(number)
        self._tools.open_menu(event.globalPos(), None if number is None else place)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the buttons for a picture at its foot."""
        super().resizeEvent(event)
        self._tools.setGeometry(tools_place(self._pad()).toAlignedRect().adjusted(2, 0, -2, -2))

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
        if self._content.picture is not None:
            if button == Qt.MouseButton.LeftButton:
                adds = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
                self.editor.press(self._place(event.position()), adds=adds)
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
            and not event.modifiers() & ~self._own_modifiers()
        ):
            event.accept()
            return True
        return super().event(event)

    def _own_modifiers(self) -> Qt.KeyboardModifier:
        """Keys that may be held with the pad's own ones; Ctrl moves a picture's box."""
        shift, control = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier
        always = shift | Qt.KeyboardModifier.KeypadModifier  # which a Mac's arrows have
        return always if self._content.picture is None else always | control

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move the pen with the arrows, put it down and lift it with Space; Delete clears.

        On a picture, choose a digit's box with the arrows, move it with Ctrl and resize it with
        Shift; Delete removes it, Escape clears.
        """
        key, picture = Qt.Key(event.key()), self._content.picture
        if picture is not None and self._press_page_key(key, event.modifiers()):
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

    def show_classes(self, classes: ClassNames) -> None:
        """Ask for what the network in use reads, and have a picture looked through as that."""
        hint = HINT if classes.are_digits else CLASS_HINT
        if hint == self._hint:
            return
        self._hint = hint
        self.update()
        now = self._history.now
        if now.page is not None and now.request is None:
            self._history.now = now.looked_through_again()
            self._follow_history()

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
            self._paint_picture(painter, self._content.picture, pad)
        elif self._content.strokes or self._pen:
            painter.setClipRect(pad)
            self._paint_strokes(painter, pad, QColor(theme.ink))
        elif self._key_place is None:
            painter.setPen(QColor(theme.muted))
            painter.drawText(pad, Qt.AlignmentFlag.AlignCenter, self._hint)
        is_drawing = self._content.picture is None
        if self._key_place is not None and self.hasFocus() and is_drawing:
            self._paint_key_pen(painter, pad)

    def _paint_picture(self, painter: QPainter, picture: Picture, pad: QRectF) -> None:
        editor, theme = self.editor, self._theme
        if editor.degrees:
            paint_turned(painter, picture, pad, editor.degrees, theme=theme)
        else:
            chosen = {self.chosen, *editor.others}
            paint_picture(painter, picture, pad, editor.boxes, chosen, theme=theme)
        if editor.crop is not None:
            paint_crop(painter, picture, pad, editor.crop, theme=theme)
        if editor.mode in DRAG_WORDS:
            paint_words(painter, pad, DRAG_WORDS[editor.mode], theme=theme)

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
