"""Keys that do something in a part of the window."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget


def add_shortcut(
    owner: QWidget,
    key: str | QKeySequence.StandardKey,
    act: Callable[[], object],
    context: Qt.ShortcutContext = Qt.ShortcutContext.WindowShortcut,
) -> None:
    """Let a key do something.

    Parameters
    ----------
    owner : QWidget
        The shortcut works while this can be seen and used, and goes with it.
    key : str or QKeySequence.StandardKey
        Such as ``"Ctrl+Return"``.
    act : callable
        What the key does.
    context : Qt.ShortcutContext, optional
        Where the keyboard's focus must be: anywhere in the window, on the owner, or inside it.
    """
    shortcut = QShortcut(QKeySequence(key), owner)
    shortcut.setContext(context)  # PySide 6.11 ignores the constructor's argument of that name
    shortcut.activated.connect(act)
