"""Keys that do something in a part of the window, and what a Mac calls them.

Qt takes Ctrl for a Mac's Command key and Meta for its Control key. Some keys are other ones there:
those that the system keeps for itself, and those that its keyboards do not have.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

ON_A_MAC: Mapping[str, str] = {
    "Alt+Left": "Ctrl+[",  # Option with an arrow moves by words
    "Ctrl+Space": "Meta+Space",  # Command with the space bar is Spotlight's
    "Del": "Backspace",  # which its keyboards call delete
    "F1": "Ctrl+?",
    "F11": "Meta+Ctrl+F",  # F11 shows the desktop
    "Ins": "Ctrl+N",  # no keyboard of theirs has it
}
# The signs of a Mac's menus, in the order in which they stand there.
SIGNS: Mapping[str, str] = {"Meta": "⌃", "Alt": "⌥", "Shift": "⇧", "Ctrl": "⌘"}
NAMES: Mapping[str, str] = {
    "Alt+←": "Alt+Left",
    "Delete": "Del",
    "Insert": "Ins",
}
# A key with what is held with it, or a key with a name of its own, in the middle of a text.
KEY = re.compile(r"\b(?:(?:Ctrl|Alt|Shift)\+)+(?:\w+|[^\s<])|\b(?:F1|F11|Insert)\b")


def is_mac() -> bool:
    """Whether the keyboard is a Mac's."""
    return sys.platform == "darwin"


def key_here(key: str) -> str:
    """Return the key that does what another one does on Linux and Windows: itself, mostly."""
    return ON_A_MAC.get(key, key) if is_mac() else key


def keys_here(key: str | QKeySequence.StandardKey) -> list[QKeySequence]:
    """All keys that do here what one does on Linux and Windows: on a Mac, its own one as well."""
    if not isinstance(key, str):
        is_delete = is_mac() and key == QKeySequence.StandardKey.Delete
        return keys_here("Del") if is_delete else [QKeySequence(key)]
    return [QKeySequence(one) for one in dict.fromkeys((key_here(key), key))]


def in_words(text: str) -> str:
    """Write the keys in a text the way this system's keyboard has them: ``⌘Z`` for ``Ctrl+Z``."""
    if not is_mac():
        return text
    return re.sub(r"\bCtrl\b", "⌘", KEY.sub(lambda found: _signs(found[0]), text))


def _signs(key: str) -> str:
    *held, last = re.split(r"\+(?=.)", key_here(NAMES.get(key, key)))
    signs = "".join(sign for name, sign in SIGNS.items() if name in held)
    return f"{signs}-{last}" if last == "click" else f"{signs}{last}"


def is_key(event: QKeyEvent, key: str) -> bool:
    """Whether a key was pressed, such as ``"Ctrl+Space"``, wherever on the keyboard it is."""
    pressed = QKeySequence(event.keyCombination())
    # A Mac's arrows count as keys of the number pad.
    written = pressed.toString(QKeySequence.SequenceFormat.PortableText).replace("Num+", "")
    return written in (key, key_here(key))


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
    shortcut = QShortcut(owner)
    shortcut.setKeys(keys_here(key))
    shortcut.setContext(context)  # PySide 6.11 ignores the constructor's argument of that name
    shortcut.activated.connect(act)
