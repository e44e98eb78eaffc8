"""The first page: the matrix of the network in use or, while one is learning, how that goes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QStackedWidget, QToolButton

from mnist_desktop.digits.class_names import DIGITS, ClassNames
from mnist_desktop.training.progress import EpochMetrics
from mnist_desktop.ui.parts.page import Page
from mnist_desktop.ui.parts.places import keep_place
from mnist_desktop.ui.parts.theme import Theme
from mnist_desktop.ui.parts.training_state import TrainingState

if TYPE_CHECKING:
    from mnist_desktop.ui.pages.confusion_view import ConfusionView
    from mnist_desktop.ui.pages.live_view import LiveView


class MatrixStack(QStackedWidget):
    """Holds the matrix and the live view, one of them in sight.

    Parameters
    ----------
    matrix : Page
        The page of the confusion matrix.

    Attributes
    ----------
    live_button : QToolButton
        Leads back to the live view; it is there while a network is learning.

    Signals
    -------
    live_requested()
        The live view is to be seen.
    pause_requested(), stop_requested()
        The training is to pause or to resume; to end with what it has learnt kept.
    """

    live_requested = Signal()
    pause_requested = Signal()
    stop_requested = Signal()

    def __init__(self, matrix: Page[ConfusionView]) -> None:
        super().__init__()
        self._matrix = matrix
        self._live = Page("liveView", self._make, lambda _view: None)
        self.addWidget(matrix)
        self.addWidget(self._live)
        self.live_button = QToolButton()
        self.live_button.setObjectName("liveButton")
        self.live_button.setText("Live")
        self.live_button.setToolTip("Show how the training is going")
        self.live_button.clicked.connect(self.live_requested)
        keep_place(self.live_button)
        self.live_button.hide()

    def _make(self) -> LiveView:
        from mnist_desktop.ui.pages.live_view import LiveView  # not needed to start the window

        view = LiveView()
        view.matrix_requested.connect(self.show_matrix)
        view.pause_requested.connect(self.pause_requested)
        view.stop_requested.connect(self.stop_requested)
        return view

    def set_theme(self, theme: Theme) -> None:
        """Wear the theme's colours."""
        self._matrix.set_theme(theme)
        self._live.set_theme(theme)

    def begin(
        self,
        title: str,
        epochs: int,
        history: Sequence[EpochMetrics],
        classes: ClassNames = DIGITS,
    ) -> None:
        """Show a training from its start; `LiveView.begin` has the parameters."""
        self._live.view.begin(title, epochs, history, classes)
        self.live_button.show()
        self.show_live()

    def end(self) -> None:
        """Show the matrix again: nothing is learning any more."""
        self.live_button.hide()
        self.show_matrix()

    @Slot(object)
    def show_progress(self, progress: object) -> None:
        """Show what a training reports."""
        self._live.view.show_progress(progress)

    @Slot(object)
    def show_state(self, state: TrainingState) -> None:
        """Show what can be done with a training now."""
        self._live.view.show_state(state)

    @Slot()
    def show_matrix(self) -> None:
        """Show the matrix of the network in use."""
        self.setCurrentWidget(self._matrix)

    def show_live(self) -> None:
        """Show how the training is going."""
        self.setCurrentWidget(self._live)
