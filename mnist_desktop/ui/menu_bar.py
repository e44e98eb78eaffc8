"""The menus at the top of a Mac's screen; elsewhere the window has all it needs in itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMainWindow, QMenuBar

from mnist_desktop import edition

# Each menu's actions by their texts; an empty one is a line between them. What is not here, such as
# the pages, stays with its key alone.
MENUS: Mapping[str, Sequence[str]] = {
    "File": ("Open a network", "Open a picture …", "Save the drawing …", "Quit"),
    "Edit": ("Copy the drawing", "Paste a picture"),
    "Train": ("Train", "Pause or resume", "Stop"),
    "View": (
        "Show or hide training", "Show or hide drawing", "",
        "Larger text", "Smaller text", "Text in its usual size", "",
        "Switch between light and dark", "Full screen",
    ),
    "Help": ("Help",),
}  # fmt: skip
# Qt knows the first two by these names alone, and hands them on to the system's own dialogs while
# one is open: without them, no name could be pasted there (`QCocoaMenuItem`).
CALLED: Mapping[str, str] = {
    "Copy the drawing": "Copy",
    "Paste a picture": "Paste",
    "Quit": f"Quit {edition.title()}",
}


def make_menu_bar(window: QMainWindow, actions: Iterable[QAction]) -> QMenuBar:
    """Put actions into menus, which the system shows; Quit goes where it is on a Mac.

    Parameters
    ----------
    window : QMainWindow
        The window; it owns the menus.
    actions : iterable of QAction
        What can be done; of two with the same text, which differ in their keys, the first is taken.
    """
    by_text: dict[str, QAction] = {}
    for action in actions:
        by_text.setdefault(action.text().replace("&", ""), action)
    bar = QMenuBar(window)
    for title, texts in MENUS.items():
        menu = bar.addMenu(title)
        for text in texts:
            if not text:
                menu.addSeparator()
            elif text in by_text:
                menu.addAction(_named(by_text[text], text))
    return bar


def _named(action: QAction, text: str) -> QAction:
    """Call an action what a Mac calls it, and let Qt move none into the program's menu but Quit."""
    role = QAction.MenuRole
    action.setText(CALLED.get(text, text))
    if text == "Quit":
        action.setMenuRole(role.QuitRole)
    elif text not in CALLED:
        action.setMenuRole(role.NoRole)
    return action
