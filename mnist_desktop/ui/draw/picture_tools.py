"""The buttons below a picture on the pad, and the menu with all that can be done to it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPoint, Qt, Slot
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QMenu, QToolButton, QWidget

from mnist_desktop.ui.draw.painted_stroke import Point
from mnist_desktop.ui.draw.picture_editor import DragMode, PictureEditor
from mnist_desktop.ui.parts.icons import icon
from mnist_desktop.ui.parts.shortcuts import in_words


class PictureTools(QWidget):
    """A strip of buttons; it lies on the pad's foot, where a picture leaves room for it.

    Parameters
    ----------
    editor : PictureEditor
        Does what is pressed.
    pad : QWidget
        The parent; the tools' keys work while it has the focus.
    """

    def __init__(self, editor: PictureEditor, pad: QWidget) -> None:
        super().__init__(pad)
        self.setObjectName("pictureTools")
        self.setCursor(Qt.CursorShape.ArrowCursor)
        self._editor = editor
        self._pad = pad
        self._place: Point | None = None  # where the menu was opened, on the pad
        self._layout = QHBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(1)
        self._menu = QMenu(self)
        self._menu.setObjectName("pictureMenu")
        self._make_box_actions()
        self._menu.addSeparator()
        self._make_page_actions()
        editor.look_changed.connect(self._on_editor_look_changed)
        self._on_editor_look_changed()

    def _make_box_actions(self) -> None:
        editor = self._editor
        self._split_here = self._menu.addAction("Split &here")
        self._split_here.triggered.connect(lambda: editor.split(self._place))
        self._split = self._add(
            "&Split the box", "S", editor.split, "scissors",
            "Split the chosen box where it is thinnest (S); double-click it to split it there",
        )  # fmt: skip
        self._join = self._add(
            "&Join boxes", "J", editor.join, "combine",
            "Join the selected boxes, or the chosen one with the nearest (J); Ctrl+click selects",
        )  # fmt: skip
        self._delete = self._add(
            "&Delete the box", "Delete", editor.delete, "delete",
            "Delete the selected boxes, which are not read then (Delete)",
        )  # fmt: skip

    def _make_page_actions(self) -> None:
        editor = self._editor
        self._add("Turn &left", "L", lambda: editor.turn(-90))
        self._add(
            "Turn &right", "R", lambda: editor.turn(90), "turn-right",
            "Turn the picture right by 90° (R); L turns it left, with Shift by 1°",
        )  # fmt: skip
        self._add("Turn left by 1°", "Shift+L", lambda: editor.turn_finely(-1), repeats=True)
        self._add("Turn right by 1°", "Shift+R", lambda: editor.turn_finely(1), repeats=True)
        self._turn = self._add(
            "&Turn by dragging", "T", lambda: editor.switch(DragMode.TURN), "turn",
            "Turn the picture by dragging it (T)",
        )  # fmt: skip
        self._add(
            "Str&aighten", "A", editor.straighten, "straighten",
            "Turn the picture until its line of digits is level (A)",
        )  # fmt: skip
        self._menu.addSeparator()
        self._crop = self._add(
            "&Crop", "C", lambda: editor.switch(DragMode.CROP), "crop",
            "Crop the picture: drag over what is to be kept (C); Shift+C keeps the selected boxes",
        )  # fmt: skip
        self._crop_to = self._add("Crop to the &box", "Shift+C", editor.crop_to_selected)
        for action in (self._turn, self._crop):
            action.setCheckable(True)

    def _add(
        self,
        text: str,
        key: str,
        act: Callable[[], None],
        picture: str = "",
        tip: str = "",
        *,
        repeats: bool = False,
    ) -> QAction:
        """Add to the menu, and with an icon to the buttons."""
        action = self._menu.addAction(text)
        action.setShortcut(QKeySequence(key))
        action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        action.setAutoRepeat(repeats)
        action.triggered.connect(lambda _is_checked=False: act())
        self._pad.addAction(action)
        if picture:
            action.setIcon(icon(picture))
            action.setToolTip(in_words(tip))
            button = QToolButton()
            button.setObjectName(f"{picture}PictureButton")
            button.setDefaultAction(action)
            button.setProperty("plain", True)
            button.setAccessibleName(text.replace("&", ""))
            button.setAccessibleDescription(in_words(tip))
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the keys to the pad
            self._layout.addWidget(button)
        return action

    def open_menu(self, at: QPoint, place: Point | None) -> None:
        """Open the menu on the screen; `place` is where it was asked for on the pad."""
        self._place = place
        self._split_here.setVisible(place is not None)
        self._menu.popup(at)

    @Slot()
    def _on_editor_look_changed(self) -> None:
        """Offer what can be done now."""
        picture = self._editor.picture
        count = len(picture.boxes) if picture is not None else 0
        for action in self._menu.actions():
            action.setEnabled(picture is not None)
        for action in (self._split, self._split_here, self._delete, self._crop_to):
            action.setEnabled(count > 0)
        self._join.setEnabled(count > 1)
        self._turn.setChecked(self._editor.mode == DragMode.TURN)
        self._crop.setChecked(self._editor.mode == DragMode.CROP)
        self.setVisible(picture is not None)
