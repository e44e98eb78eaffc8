"""The three steps of a first visit: draw, train, find the mistakes."""

from __future__ import annotations

from PySide6.QtCore import QObject, QSize, Qt, Signal, Slot
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QSizePolicy, QToolButton

from mnist_desktop.inference.reading import Reading
from mnist_desktop.ui.columns import Columns
from mnist_desktop.ui.draw.draw_panel import DrawPanel
from mnist_desktop.ui.pages.page_tabs import PageTabs
from mnist_desktop.ui.parts.guarded import guarded
from mnist_desktop.ui.parts.icons import icon
from mnist_desktop.ui.parts.settings import Settings
from mnist_desktop.ui.parts.theme import UNIT
from mnist_desktop.ui.train.training_panel import TrainingPanel
from mnist_desktop.ui.train.training_presenter import TrainingPresenter

STEPS = {
    "draw": ("1 · Draw a digit", "See how the network at the top reads your drawing"),
    "train": ("2 · Train a network", "Teach a network of your own, and watch it learn"),
    "mistakes": ("3 · Find its mistakes", "See the test digits that it misread"),
}


@guarded
class FirstSteps(QFrame):
    """Offers the steps one after the other, and ticks off what was done.

    It goes when it is closed; once all is done, it is not there at the next start. So nothing below
    it ever moves by itself.

    Parameters
    ----------
    settings : Settings
        Remembers what was done.

    Signals
    -------
    requested(str)
        The user wants to do this step, one of `STEPS`.
    """

    requested = Signal(str)

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self.setObjectName("firstSteps")
        self._settings = settings
        known = str(settings.value("first/done", "")).split()
        self._done = [step for step in STEPS if step in known]
        self._buttons: dict[str, QPushButton] = {}
        row = QHBoxLayout(self)
        row.setContentsMargins(UNIT, 0, UNIT, 0)
        row.setSpacing(UNIT)
        for step, (text, tip) in STEPS.items():
            button = QPushButton(text)
            button.setObjectName(f"{step}StepButton")
            button.setProperty("link", True)
            button.setToolTip(tip)
            button.clicked.connect(self._on_button_clicked)
            row.addWidget(button)
            self._buttons[step] = button
        row.addStretch()
        close = QToolButton()
        close.setObjectName("closeStepsButton")
        close.setProperty("plain", True)
        close.setIcon(icon("close"))
        close.setAccessibleName("Close the first steps")
        close.setToolTip("Close the first steps for good")
        close.clicked.connect(self._on_close_clicked)
        row.addWidget(close)
        self._show_done()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        if len(self._done) == len(STEPS) or settings.value("first/closed"):
            self.hide()  # and never shown by itself: without a parent it would be a window

    def sizeHint(self) -> QSize:
        """Be as high as a line of text with some room, whatever the buttons ask for."""
        return QSize(super().sizeHint().width(), 2 * UNIT + self.fontMetrics().height())

    def minimumSizeHint(self) -> QSize:
        """Need the height, and the width of the buttons."""
        return QSize(super().minimumSizeHint().width(), self.sizeHint().height())

    def mark(self, step: str) -> None:
        """Tick a step off; finding mistakes counts once a network was trained."""
        if step in self._done or (step == "mistakes" and "train" not in self._done):
            return
        self._done.append(step)
        self._settings.change(first_done=" ".join(self._done))
        self._show_done()

    def _show_done(self) -> None:
        for step, button in self._buttons.items():
            is_done = step in self._done
            button.setIcon(icon("done" if is_done else "open-step", QPalette.ColorRole.Link))
            button.setAccessibleName(f"{STEPS[step][0]}{', done' if is_done else ''}")

    @Slot()
    def _on_button_clicked(self) -> None:
        button = self.sender()
        self.requested.emit(next(step for step, one in self._buttons.items() if one is button))

    @Slot()
    def _on_close_clicked(self) -> None:
        self._settings.change(first_closed=True)
        self.hide()


class FirstVisit(QObject):
    """Leads to where each of the first steps is done, and has it ticked off.

    Parameters
    ----------
    steps : FirstSteps
        The strip; it owns this object.
    columns, tabs, presenter, training, drawing
        Parts of the window.
    """

    def __init__(
        self,
        steps: FirstSteps,
        columns: Columns,
        *,
        tabs: PageTabs,
        presenter: TrainingPresenter,
        training: TrainingPanel,
        drawing: DrawPanel,
    ) -> None:
        super().__init__(steps)
        self._steps = steps
        self._columns = columns
        self._tabs = tabs
        self._train_button = training.train_button
        self._pad = drawing.pad
        steps.requested.connect(self._on_steps_requested)
        drawing.read.connect(self._on_drawing_read)
        presenter.kept.connect(self._on_presenter_kept)
        tabs.results.readings_shown.connect(self._on_readings_shown)

    @Slot(str)
    def _on_steps_requested(self, step: str) -> None:
        if step == "draw":
            self._columns.show_right()
            self._pad.setFocus(Qt.FocusReason.OtherFocusReason)
        elif step == "train":
            self._columns.show_left()
            self._train_button.setFocus(Qt.FocusReason.ShortcutFocusReason)
        else:
            self._tabs.results.show_mistakes()

    @Slot(object)
    def _on_drawing_read(self, reading: Reading) -> None:
        if reading.predictions[0].accepted:
            self._steps.mark("draw")

    @Slot()
    def _on_presenter_kept(self) -> None:
        self._steps.mark("train")

    @Slot()
    def _on_readings_shown(self) -> None:
        self._steps.mark("mistakes")
