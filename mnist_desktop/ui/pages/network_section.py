"""The part of the report that shows of which layers the network consists."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from mnist_desktop.digits.class_names import ClassNames
from mnist_desktop.evaluation.figures.network import CAPTION
from mnist_desktop.ui.parts.file_saver import FigureMenu
from mnist_desktop.ui.parts.network_figure import NetworkFigure
from mnist_desktop.ui.parts.places import keep_place
from mnist_desktop.ui.parts.theme import UNIT, Theme, label
from mnist_desktop.workers.figures import FigureController
from mnist_desktop.workers.plans import FoundPlan


class NetworkSection(QWidget):
    """Title, a sentence and the diagram; or the reason why there is none.

    Parameters
    ----------
    figures : FigureController
        Has figures drawn.

    Signals
    -------
    save_requested(object)
        A `FileRequest` or a `CopyRequest`.
    """

    save_requested = Signal(object)

    def __init__(self, figures: FigureController) -> None:
        super().__init__()
        self.setObjectName("networkSection")
        self.figure = NetworkFigure(figures)
        keep_place(self.figure)
        self.menu = FigureMenu(self.figure, "network", self.figure.file_frame)
        self.menu.setAccessibleName("Copy or save the diagram")
        self.menu.save_requested.connect(self.save_requested)
        self._words = label("", "muted", wrap=True)
        self._words.setObjectName("networkWordsLabel")
        head = QHBoxLayout()
        head.addWidget(label("The network", "title"))
        head.addStretch()
        head.addWidget(self.menu)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(UNIT)
        layout.addLayout(head)
        layout.addWidget(self._words)
        layout.addWidget(self.figure)
        self.begin("network")

    def set_theme(self, theme: Theme) -> None:
        """Wear the theme's colours."""
        self.figure.set_theme(theme)

    def begin(self, name: str) -> None:
        """Wait for the layers of a network; a file of its diagram may be called by this name."""
        self.menu.name = name
        self.figure.clear()
        self._show("Reading its layers …", is_known=False)

    def show_found(self, found: FoundPlan, classes: ClassNames) -> None:
        """Show of which layers the network consists, or say why that is not known."""
        if found.plan is None:
            self.figure.forget()
            self._show(f"There is no diagram of this network. {found.reason}", is_known=False)
            return
        self.figure.show_plan(found.plan, classes)
        self.menu.frame = self.figure.file_frame
        self._show(CAPTION, is_known=True)

    def _show(self, words: str, *, is_known: bool) -> None:
        self._words.setText(words)
        self.figure.setVisible(is_known)
        self.menu.setEnabled(is_known)
