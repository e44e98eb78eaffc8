"""Buttons that open a menu."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Slot
from PySide6.QtGui import QCursor
from PySide6.QtWidgets import QApplication, QMenu, QPushButton, QToolButton

Button = QPushButton | QToolButton


def give_menu(button: Button, menu: QMenu) -> None:
    """Have a button open a menu, and look as usual once that is closed.

    While a menu is open it has the mouse: the button under it is not told that the mouse leaves it,
    and would look as if it still lay over the button for as long as the mouse goes elsewhere.
    """
    button.setMenu(menu)
    _HoverEnd(button, menu)


class _HoverEnd(QObject):
    """Tells a button that the mouse has left it, if that has happened while its menu was open."""

    def __init__(self, button: Button, menu: QMenu) -> None:
        super().__init__(button)
        self._button = button
        # Later: Qt looks once more where the mouse is after the menu has said that it closes.
        menu.aboutToHide.connect(self._on_menu_about_to_hide, Qt.ConnectionType.QueuedConnection)

    @Slot()
    def _on_menu_about_to_hide(self) -> None:
        button = self._button
        is_over = button.rect().contains(button.mapFromGlobal(QCursor.pos()))
        if button.underMouse() and not is_over:
            QApplication.sendEvent(button, QEvent(QEvent.Type.Leave))
            button.setAttribute(Qt.WidgetAttribute.WA_UnderMouse, False)
            button.update()
