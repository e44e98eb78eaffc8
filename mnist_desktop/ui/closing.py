"""The question before the window closes on a training."""

from __future__ import annotations

from enum import Enum, auto

from PySide6.QtWidgets import QAbstractButton, QMessageBox, QWidget


class CloseAnswer(Enum):
    """What the user wants done with the training."""

    KEEP_GOING = auto()
    STOP_AND_KEEP = auto()
    GO_ON_LATER = auto()
    CANCEL = auto()


def ask_before_closing(window: QWidget) -> CloseAnswer:
    """Ask what is to become of the training that is under way; Escape keeps it going."""
    box = QMessageBox(
        QMessageBox.Icon.Question,
        "A training is under way",
        "What is to become of the training?",
        parent=window,
    )
    box.setObjectName("closeDialog")
    box.setInformativeText(
        "It can go on while the window stays open, be stopped with what it has learnt kept as a "
        "run, go on when the program is started again, or be thrown away."
    )
    accept, reject = QMessageBox.ButtonRole.AcceptRole, QMessageBox.ButtonRole.RejectRole
    going = box.addButton("&Keep going", reject)
    answers: dict[QAbstractButton, CloseAnswer] = {
        going: CloseAnswer.KEEP_GOING,
        box.addButton("&Stop and keep", accept): CloseAnswer.STOP_AND_KEEP,
        box.addButton("&Go on later", accept): CloseAnswer.GO_ON_LATER,
        box.addButton("&Cancel training", QMessageBox.ButtonRole.DestructiveRole): (
            CloseAnswer.CANCEL
        ),
    }
    box.setDefaultButton(going)
    box.setEscapeButton(going)
    box.exec()
    answer = answers.get(box.clickedButton(), CloseAnswer.KEEP_GOING)
    box.deleteLater()
    return answer
