"""The keys of a window, and who claims them."""

from __future__ import annotations

import re
from collections import defaultdict

from PySide6.QtGui import QAction, QShortcut
from PySide6.QtWidgets import QAbstractButton, QLabel, QTabBar, QWidget

from mnist_desktop.ui.main_window import MainWindow

MNEMONIC = re.compile(r"&([^& ])")


def mnemonic(text: str) -> str:
    found = MNEMONIC.search(text.replace("&&", ""))
    return f"Alt+{found[1].upper()}" if found else ""


def claims(window: MainWindow) -> dict[str, list[str]]:
    """Who claims each key of the window, of what can be seen and used now."""
    found: dict[str, list[str]] = defaultdict(list)

    def claim(key: str, who: object) -> None:
        if key:
            found[key].append(str(who))

    for widget in [window, *window.findChildren(QWidget)]:
        if not widget.isVisible() or not widget.isEnabled() or widget.window() is not window:
            continue
        for action in widget.actions():
            is_its_own = action.parent() is widget  # a menu shows the same action again
            if is_its_own and action.isEnabled() and isinstance(action, QAction):
                claim(action.shortcut().toString(), action.text())
        if isinstance(widget, QAbstractButton):  # a mnemonic is one of these
            claim(widget.shortcut().toString(), widget.text())
        elif isinstance(widget, QLabel) and widget.buddy() is not None:
            claim(mnemonic(widget.text()), widget.text())
        elif isinstance(widget, QTabBar):
            for index in range(widget.count()):
                claim(mnemonic(widget.tabText(index)), widget.tabText(index))
    for shortcut in window.findChildren(QShortcut):
        owner = shortcut.parent()
        if isinstance(owner, QWidget) and owner.isVisible() and shortcut.isEnabled():
            claim(shortcut.key().toString(), owner.objectName() or type(owner).__name__)
    return found
