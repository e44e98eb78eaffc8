"""Dialogs and tooltips with words that may hold anything: a file's name is no HTML."""

from __future__ import annotations

import html

from PySide6.QtCore import Qt
from PySide6.QtGui import Qt as GuiQt
from PySide6.QtWidgets import QMessageBox, QWidget

from mnist_desktop import edition
from mnist_desktop.errors import MAX_MESSAGE
from mnist_desktop.printable import printable

Icon = QMessageBox.Icon
Button = QMessageBox.StandardButton


def message_box(
    icon: Icon, text: str, parent: QWidget | None, name: str, title: str = ""
) -> QMessageBox:
    """Make a dialog that shows plain text.

    Parameters
    ----------
    icon : QMessageBox.Icon
        How grave it is.
    text : str
        What it says.
    parent : QWidget or None
        Above which it is shown.
    name : str
        Its object name.
    title : str, optional
        Of its window; the program's name otherwise.
    """
    words = printable(text, MAX_MESSAGE, keep="\n")
    box = QMessageBox(icon, title or edition.title(), words, parent=parent)
    box.setObjectName(name)
    box.setTextFormat(Qt.TextFormat.PlainText)
    return box


def ask(
    parent: QWidget | None,
    text: str,
    name: str,
    *,
    yes: Button = Button.Yes,
    no: Button = Button.No,
) -> bool:
    """Ask a question and wait for the answer; Escape means ``no``."""
    box = message_box(Icon.Question, text, parent, name)
    box.setStandardButtons(yes | no)
    box.setDefaultButton(yes)
    box.setEscapeButton(no)
    answer = box.exec()
    box.deleteLater()
    return answer == yes


def plain(text: str) -> str:
    """Make text that Qt shows as it is, in tooltips and in the labels of its own dialogs."""
    if not GuiQt.mightBeRichText(text):
        return text
    return f"<qt>{html.escape(text)}</qt>".replace("\n", "<br>")
