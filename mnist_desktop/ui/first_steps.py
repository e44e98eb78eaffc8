"""The three steps of a first visit: draw, train or teach, find the mistakes."""

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
from mnist_desktop.ui.training_side import TrainingSide

STEPS = {
    "draw": ("1 · Draw a digit", "See how the network at the top reads your drawing"),
    "train": ("2 · Train a network", "Teach a network of your own, and watch it learn"),
    "mistakes": ("3 · Find its mistakes", "See the test digits that it misread"),
}
# In the Reader, which does not train.
READER_STEPS = {
    "draw": STEPS["draw"],
    "teach": ("2 · Teach it by example", "Say what you drew: the next one like it is read so"),
    "mistakes": STEPS["mistakes"],
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
    trains : bool
        Whether a network can be trained, and not only taught by example.

    Signals
    -------
    requested(str)
        The user wants to do this step, one of `STEPS` or `READER_STEPS`.
    """

    requested = Signal(str)

    def __init__(self, settings: Settings, *, trains: bool = True) -> None:
        super().__init__()
        self.setObjectName("firstSteps")
        self._settings = settings
        known = str(settings.value("first/done", "")).split()
        self._steps = STEPS if trains else READER_STEPS
        self._done = [step for step in self._steps if step in known]
        self._buttons: dict[str, QPushButton] = {}
        row = QHBoxLayout(self)
        row.setContentsMargins(UNIT, 0, UNIT, 0)
        row.setSpacing(UNIT)
        for step, (text, tip) in self._steps.items():
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
        if len(self._done) == len(self._steps) or settings.value("first/closed"):
            self.hide()  # and never shown by itself: without a parent it would be a window

    def sizeHint(self) -> QSize:
        """Be as high as a line of text with some room, whatever the buttons ask for."""
        return QSize(super().sizeHint().width(), 2 * UNIT + self.fontMetrics().height())

    def minimumSizeHint(self) -> QSize:
        """Need the height, and the width of the buttons."""
        return QSize(super().minimumSizeHint().width(), self.sizeHint().height())

    def mark(self, step: str) -> None:
        """Tick a step off; finding mistakes counts once a network was trained or taught."""
        *_, learnt, mistakes = self._steps
        if step in self._done or (step == mistakes and learnt not in self._done):
            return
        self._done.append(step)
        self._settings.change(first_done=" ".join(self._done))
        self._show_done()

    def _show_done(self) -> None:
        for step, button in self._buttons.items():
            is_done = step in self._done
            button.setIcon(icon("done" if is_done else "open-step", QPalette.ColorRole.Link))
            button.setAccessibleName(f"{self._steps[step][0]}{', done' if is_done else ''}")

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
    columns, tabs, drawing
        Parts of the window.
    training : TrainingSide or None
        Its left side; None in the Reader.
    """

    def __init__(
        self,
        steps: FirstSteps,
        columns: Columns,
        *,
        tabs: PageTabs,
        drawing: DrawPanel,
        training: TrainingSide | None,
    ) -> None:
        super().__init__(steps)
        self._steps = steps
        self._columns = columns
        self._tabs = tabs
        self._training = training
        self._pad = drawing.pad
        steps.requested.connect(self._on_steps_requested)
        drawing.read.connect(self._on_drawing_read)
        if training is None:
            drawing.teach_requested.connect(self._on_drawing_teach_requested)
        else:
            training.presenter.kept.connect(self._on_presenter_kept)
        tabs.results.readings_shown.connect(self._on_readings_shown)

    @Slot(str)
    def _on_steps_requested(self, step: str) -> None:
        if step == "mistakes":
            self._tabs.results.show_mistakes()
        elif step == "train" and self._training is not None:
            self._columns.show_left()
            self._training.focus_train()
        else:  # a drawing is taught where it is made
            self._columns.show_right()
            self._pad.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot(object)
    def _on_drawing_read(self, reading: Reading) -> None:
        if reading.predictions[0].accepted:
            self._steps.mark("draw")

    @Slot()
    def _on_presenter_kept(self) -> None:
        self._steps.mark("train")

    @Slot()
    def _on_drawing_teach_requested(self) -> None:
        self._steps.mark("teach")

    @Slot()
    def _on_readings_shown(self) -> None:
        self._steps.mark("mistakes")
