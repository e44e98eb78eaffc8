"""Where the focus is, and where it goes."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QRectF, Qt, Slot
from PySide6.QtGui import QPainter, QPaintEvent, QPalette, QPen, QWindow
from PySide6.QtWidgets import QApplication, QScrollArea, QTabBar, QWidget
from shiboken6 import isValid

from mnist_desktop.ui.parts.guarded import guarded

RING = 2  # pixels wide
GAP = 1  # pixels between it and what it goes around, so that it stands out on any colour
RADIUS = 8  # of its corners, in pixels: that of buttons, the gap and half of its width
PRESSES = (QEvent.Type.MouseButtonPress, QEvent.Type.TouchBegin)
MOVES = (QEvent.Type.Move, QEvent.Type.Resize, QEvent.Type.Show, QEvent.Type.Hide)


def focus_first(parent: QWidget) -> bool:
    """Give the focus to the first part of a widget that the Tab key reaches, if there is one."""
    for part in parent.findChildren(QWidget):
        takes_it = part.focusPolicy() & Qt.FocusPolicy.TabFocus
        if takes_it and part.isVisible() and part.isEnabled():
            part.setFocus(Qt.FocusReason.ShortcutFocusReason)
            return True
    return False


@guarded
class FocusRing(QWidget):
    """One ring around whatever has the focus, while keys are used.

    Who uses the mouse needs none, and knows what was pressed. Widgets with the property
    ``showsFocus`` show it themselves.

    Parameters
    ----------
    window : QWidget
        In which the focus is shown; it owns this widget.
    """

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setObjectName("focusRing")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()
        self._window = window
        self._around: QWidget | None = None
        self._watched: list[QWidget] = []
        self._handle: QWindow | None = None
        self._by_key = False
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusChanged.connect(self._on_focus_changed)

    def follow(self, handle: QWindow) -> None:
        """See whether keys or the mouse are used in a window that is on the screen."""
        if handle is not self._handle:
            self._handle = handle
            handle.installEventFilter(self)

    @Slot(QWidget, QWidget)
    def _on_focus_changed(self, _old: QWidget | None, now: QWidget | None) -> None:
        is_meant = now is not None and self._by_key and not isinstance(now, QScrollArea)
        is_meant = is_meant and not now.property("showsFocus")  # type: ignore[union-attr]
        self._go_to(now if is_meant else None)

    def _go_to(self, widget: QWidget | None) -> None:
        """Go around a widget of the window, or away; watch it, and what it moves with."""
        for one in self._watched:
            if isValid(one):
                one.removeEventFilter(self)
        is_inside = widget is not None and self._window.isAncestorOf(widget)
        self._around = widget if is_inside else None
        self._watched = []
        part = self._around
        while part is not None and part is not self._window:
            part.installEventFilter(self)
            self._watched.append(part)
            part = part.parentWidget()
        self._place()

    def _place(self) -> None:
        """Go around the widget, a little way off."""
        widget = self._around
        self.setVisible(widget is not None and widget.isVisible())
        if widget is not None and widget.isVisible():
            off = RING + GAP
            inside = QRect(QPoint(), widget.size())
            if isinstance(widget, QTabBar):
                inside = widget.tabRect(widget.currentIndex())
            place = inside.translated(widget.mapTo(self._window, QPoint()))
            self.setGeometry(place.adjusted(-off, -off, off, off))
            self.raise_()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Go where the widget goes, and away when the mouse is used."""
        kind = event.type()
        if watched is self._handle:
            if kind == QEvent.Type.KeyPress:
                self._by_key = True
            elif kind in PRESSES:
                self._by_key = False
                self._go_to(None)
        elif kind in MOVES:
            self._place()
        return False

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the ring, in the accent colour."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self.palette().color(QPalette.ColorRole.Accent), RING))
        half = RING / 2
        around = QRectF(self.rect()).adjusted(half, half, -half, -half)
        painter.drawRoundedRect(around, RADIUS, RADIUS)
