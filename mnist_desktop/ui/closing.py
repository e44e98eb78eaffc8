"""What becomes of a training when the window closes."""

from __future__ import annotations

from enum import Enum, auto

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QAbstractButton, QMessageBox, QWidget

from mnist_desktop.ui.parts.message import Icon, message_box
from mnist_desktop.workers.training import TrainingController


class CloseAnswer(Enum):
    """What the user wants done with the training."""

    KEEP_GOING = auto()
    STOP_AND_KEEP = auto()
    GO_ON_LATER = auto()
    CANCEL = auto()


def ask_before_closing(window: QWidget, *, is_saved: bool) -> CloseAnswer:
    """Ask what should happen to the training that is running; Escape keeps it going.

    Parameters
    ----------
    window : QWidget
        The window that is to be closed.
    is_saved : bool
        Whether what it has learnt can be kept, or resumed later; not so while the user's digits are
        being taught, nor before a training has begun.
    """
    words = "A training is still running. What should happen to it?"
    box = message_box(Icon.Question, words, window, "closeDialog", "Training is running")
    box.setInformativeText(
        "Keep it running in the open window, stop it and keep what it has learnt as a run, resume "
        "it when you start the program again, or discard it."
        if is_saved
        else "Keep it running in the open window, or discard it; there is nothing to keep yet."
    )
    accept, reject = QMessageBox.ButtonRole.AcceptRole, QMessageBox.ButtonRole.RejectRole
    going = box.addButton("&Keep going", reject)
    answers: dict[QAbstractButton, CloseAnswer] = {going: CloseAnswer.KEEP_GOING}
    if is_saved:
        answers[box.addButton("&Stop and keep", accept)] = CloseAnswer.STOP_AND_KEEP
        answers[box.addButton("&Resume later", accept)] = CloseAnswer.GO_ON_LATER
    cancel = box.addButton("&Cancel training", QMessageBox.ButtonRole.DestructiveRole)
    answers[cancel] = CloseAnswer.CANCEL
    box.setDefaultButton(going)
    box.setEscapeButton(going)
    box.exec()
    answer = answers.get(box.clickedButton(), CloseAnswer.KEEP_GOING)
    box.deleteLater()
    return answer


class ClosingGuard(QObject):
    """Lets a window close only once it is settled what becomes of the training.

    Parameters
    ----------
    window : QWidget
        The window; it owns this object.
    training : TrainingController
        The training.

    Signals
    -------
    leaving()
        The window is to vanish: what is still waited for needs none.
    """

    leaving = Signal()

    def __init__(self, window: QWidget, training: TrainingController) -> None:
        super().__init__(window)
        self._window = window
        self._training = training
        self._close_when_done = False
        self._is_asking = False
        self._is_ending = False  # the system ends the session or the program
        training.failed.connect(self._on_training_failed)
        training.finished.connect(self._on_training_finished)

    def may_close(self) -> bool:
        """Whether the window may close now; the user is asked where a training is under way."""
        return not self._training.is_busy or self._is_ending or self._ask()

    def end_training(self) -> None:
        """Have a training end that the user was not asked about; it can be resumed."""
        if self._is_ending:
            self._training.suspend()

    @Slot()
    def close_without_question(self) -> None:
        """Close because the system ends the session; a training can be resumed later."""
        self._is_ending = True
        if not self._withdraw_question():
            self._window.close()

    def _ask(self) -> bool:
        """Ask; a training that is to be kept is waited for, with the window still alive."""
        training = self._training
        self._close_when_done = True  # should it end while we ask, and not fail
        self._is_asking = True
        answer = ask_before_closing(self._window, is_saved=training.is_saved)
        self._is_asking = False
        if self._is_ending:  # the session has ended while we asked
            return True
        closes, self._close_when_done = self._close_when_done, False
        if not training.is_busy:  # there is nothing left to decide
            return closes
        if answer == CloseAnswer.KEEP_GOING:
            return False
        if answer == CloseAnswer.STOP_AND_KEEP:
            training.stop()
            self._close_when_done = training.is_busy  # not with one that had not begun
            return not training.is_busy
        self.leaving.emit()
        if answer == CloseAnswer.GO_ON_LATER:
            training.suspend()
        else:
            training.cancel()
        return True

    @Slot()
    def _on_training_failed(self) -> None:
        self._close_when_done = False  # the window stays open to show what happened

    @Slot()
    def _on_training_finished(self) -> None:
        was_asking = self._withdraw_question()
        if self._close_when_done and not was_asking:
            self._close_when_done = False
            self._window.close()

    def _withdraw_question(self) -> bool:
        """Close the question of what to do with the training; `closeEvent` then continues.

        One that has been answered is still there for a moment.
        """
        question = self._window.findChild(QMessageBox, "closeDialog")
        if self._is_asking and question is not None:
            question.reject()
        return self._is_asking
