"""What is done for a search, and what can be done next: a row of buttons and a bar."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QPushButton,
    QSizePolicy,
    QStackedWidget,
    QWidget,
)

from mnist_desktop.formats import time_left
from mnist_desktop.printable import printable
from mnist_desktop.search.messages import Outlook
from mnist_desktop.ui.pages.search_form import MOST_MINUTES, USUAL_MINUTES, cores, number_box
from mnist_desktop.ui.parts.theme import UNIT
from mnist_desktop.ui.parts.training_state import PROGRESS_STEPS, training_bar

IDLE, AT_WORK = 0, 1
KEEP = "Keep the best"
KEEP_TIP = "train the best settings again three times, test these networks, and keep them as runs"
PAUSED = "Paused"
WAITING = "Paused while your network trains"
STOPPING = "Stopping …"


@dataclass(frozen=True)
class Activity:
    """What is done for the search that is shown.

    Attributes
    ----------
    is_running : bool
        Whether it is worked on here.
    is_paused : bool
        Whether the user has paused it.
    waits : bool
        Whether it waits for a training of the user's.
    is_stopping : bool
        Whether it was asked to stop.
    outlook : Outlook or None
        How far it is.
    other : str
        Name of another search that is worked on; empty if there is none.
    """

    is_running: bool = False
    is_paused: bool = False
    waits: bool = False
    is_stopping: bool = False
    outlook: Outlook | None = None
    other: str = ""

    @property
    def words(self) -> str:
        """Say in a line how it goes."""
        outlook = self.outlook
        if not self.is_running:
            return f"“{printable(self.other)}” is being worked on" if self.other else "Stopped"
        if self.is_stopping:
            return STOPPING
        if self.is_paused or self.waits:
            return PAUSED if self.is_paused else WAITING
        if outlook is None:
            return "Starting …"
        if outlook.is_keeping:
            return f"{outlook.text} …"
        left = outlook.seconds_left
        return "Searching" if left is None else f"Searching, {time_left(left)}"

    @property
    def can_finish(self) -> bool:
        """Whether trials are being made."""
        is_keeping = self.outlook is not None and self.outlook.is_keeping
        return self.is_running and not (self.is_stopping or is_keeping)


class SearchControls(QWidget):
    """Lets a search be resumed, paused, finished and stopped.

    Signals
    -------
    resume_requested(int, int)
        It is to be worked on for so many minutes, by so many processes.
    keep_requested()
        The best settings of a search that is stopped are to be trained again, and nothing more.
    pause_toggled(bool)
        The work is to pause, or to go on.
    finish_requested(), stop_requested()
        No more trials are to be made, but the best settings trained again; nothing is to be done.
    """

    resume_requested = Signal(int, int)
    keep_requested = Signal()
    pause_toggled = Signal(bool)
    finish_requested = Signal()
    stop_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.resume_button = _button("resumeSearchButton", "Resume", "")
        self.resume_button.clicked.connect(self._on_resume_button_clicked)
        self.minutes_box = number_box(
            "resumeMinutesBox", "Minutes", "For how long", MOST_MINUTES, " min"
        )
        self.minutes_box.setValue(USUAL_MINUTES)
        self.workers_box = number_box(
            "resumeWorkersBox", "Processes", "How many processes work on it", cores()
        )
        self.workers_box.setPrefix("processes: ")
        self.workers_box.setValue(cores())
        self.pause_button = _button(
            "pauseSearchButton", "Pause", "Pause the search; press again to go on with it"
        )
        self.pause_button.setCheckable(True)
        self.pause_button.toggled.connect(self.pause_toggled)
        self.stop_button = _button(
            "stopSearchButton",
            "Stop",
            "Stop; the running trial begins anew when it is resumed",
        )
        self.stop_button.clicked.connect(self.stop_requested)
        self.finish_button = _button("finishSearchButton", KEEP, f"Make no more trials; {KEEP_TIP}")
        self.finish_button.clicked.connect(self.finish_requested)
        self.keep_button = _button("keepBestButton", KEEP, f"Make no more trials, but {KEEP_TIP}")
        self.keep_button.clicked.connect(self.keep_requested)
        self.bar = training_bar("searchProgressBar")
        self.bar.setAccessibleName("Progress of the search")
        self._lay_out()

    def _lay_out(self) -> None:
        self._faces = QStackedWidget()
        self._faces.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        at_work = (self.pause_button, self.stop_button, self.finish_button)
        for button in at_work:
            # "Pause" becomes "Resume", which must not move the others.
            button.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        idle = (self.resume_button, self.minutes_box, self.workers_box, self.keep_button)
        for parts in (idle, at_work):
            face = QWidget()
            row = QHBoxLayout(face)
            row.setContentsMargins(0, 0, 0, 0)
            row.setSpacing(UNIT)
            for part in parts:
                row.addWidget(part)
            self._faces.addWidget(face)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(UNIT)
        row.addWidget(self._faces)
        row.addWidget(self.bar, 1)

    def show_activity(self, activity: Activity, *, is_own: bool, has_best: bool) -> None:
        """Offer what can be done next.

        Parameters
        ----------
        activity : Activity
            What is done.
        is_own : bool
            Whether the search is among the program's own files.
        has_best : bool
            Whether there are settings that can be trained again.
        """
        focus = QApplication.focusWidget()
        face = AT_WORK if activity.is_running else IDLE
        # Stop stays enabled while it is heeded: the focus would go elsewhere, and come back astray.
        has_focus = focus is not None and self.isAncestorOf(focus)
        is_next = has_focus and self._faces.currentIndex() != face
        self._faces.setCurrentIndex(face)
        self.pause_button.blockSignals(True)
        self.pause_button.setChecked(activity.is_paused)
        self.pause_button.blockSignals(False)
        self.pause_button.setText("Resume" if activity.is_paused else "Pause")
        self.pause_button.setEnabled(not activity.is_stopping)
        self.finish_button.setEnabled(has_best and activity.can_finish)
        self.keep_button.setEnabled(is_own and has_best and not activity.other)
        self.resume_button.setText("Resume" if is_own else "Join")
        self.resume_button.setEnabled(not activity.other)
        self.resume_button.setToolTip(
            f"Wait for “{printable(activity.other)}”, or stop it first"
            if activity.other
            else "Go on with the search; nothing that was tried is lost"
        )
        outlook = activity.outlook
        share = outlook.share if outlook is not None and activity.is_running else None
        self.bar.setValue(round((share or 0.0) * PROGRESS_STEPS))
        if is_next:
            (self.pause_button if activity.is_running else self.resume_button).setFocus()

    @Slot()
    def _on_resume_button_clicked(self) -> None:
        self.resume_requested.emit(self.minutes_box.value(), self.workers_box.value())


def _button(name: str, text: str, tip: str) -> QPushButton:
    made = QPushButton(text)
    made.setObjectName(name)
    made.setToolTip(tip)
    return made
