"""The question before the window closes on a training."""

from __future__ import annotations

from enum import Enum, auto

from PySide6.QtWidgets import QAbstractButton, QMessageBox, QWidget

from mnist_desktop.ui.parts.message import Icon, message_box


class CloseAnswer(Enum):
    """What the user wants done with the training."""

    KEEP_GOING = auto()
    STOP_AND_KEEP = auto()
    GO_ON_LATER = auto()
    CANCEL = auto()


def ask_before_closing(window: QWidget, *, is_saved: bool) -> CloseAnswer:
    """Ask what is to become of the training that is under way; Escape keeps it going.

    Parameters
    ----------
    window : QWidget
        The window that is to be closed.
    is_saved : bool
        Whether what it has learnt can be kept, or taken up again later; not so with a lesson, and
        with a training that has not begun.
    """
    words = "What is to become of the training?"
    box = message_box(Icon.Question, words, window, "closeDialog", "A training is under way")
    box.setInformativeText(
        "It can go on while the window stays open, be stopped with what it has learnt kept as a "
        "run, go on when the program is started again, or be thrown away."
        if is_saved
        else "It can go on while the window stays open, or be thrown away; there is nothing yet "
        "that could be kept."
    )
    accept, reject = QMessageBox.ButtonRole.AcceptRole, QMessageBox.ButtonRole.RejectRole
    going = box.addButton("&Keep going", reject)
    answers: dict[QAbstractButton, CloseAnswer] = {going: CloseAnswer.KEEP_GOING}
    if is_saved:
        answers[box.addButton("&Stop and keep", accept)] = CloseAnswer.STOP_AND_KEEP
        answers[box.addButton("&Go on later", accept)] = CloseAnswer.GO_ON_LATER
    cancel = box.addButton("&Cancel training", QMessageBox.ButtonRole.DestructiveRole)
    answers[cancel] = CloseAnswer.CANCEL
    box.setDefaultButton(going)
    box.setEscapeButton(going)
    box.exec()
    answer = answers.get(box.clickedButton(), CloseAnswer.KEEP_GOING)
    box.deleteLater()
    return answer
