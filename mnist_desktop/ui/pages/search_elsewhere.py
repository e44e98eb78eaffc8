"""The dialog that asks for a search which is kept elsewhere."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from mnist_desktop.errors import InvalidInputError
from mnist_desktop.search.known import elsewhere
from mnist_desktop.ui.parts.fixed_lines import FixedLines
from mnist_desktop.ui.parts.theme import UNIT, label

WHAT = (
    "A search in a folder that machines share, or in a database, can be watched here, and joined: "
    "this machine then makes trials as well."
)
WIDTH = UNIT * 60


class ElsewhereDialog(QDialog):
    """Asks where a search is kept, and what it is called.

    Signals
    -------
    chosen(object)
        A `SearchRef`.
    """

    chosen = Signal(object)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("searchElsewhereDialog")
        self.setWindowTitle("Open a search elsewhere")
        self.setMinimumWidth(WIDTH)
        self._place = _edit(
            "searchPlaceEdit",
            "Where it is kept",
            "A journal's file, or a URL such as postgresql://server/digits",
        )
        self._name = _edit(
            "searchPlaceNameEdit",
            "Name",
            "What the search is called; without a name, as its file",
        )
        browse = QPushButton("Browse …")
        browse.setObjectName("searchPlaceButton")
        browse.setToolTip("Choose the file of a search")
        browse.setAutoDefault(False)
        browse.clicked.connect(self._on_browse_clicked)
        self._problem = FixedLines("problem", 2)
        self._problem.setObjectName("searchPlaceProblemLabel")
        kinds = QDialogButtonBox.StandardButton
        buttons = QDialogButtonBox(kinds.Open | kinds.Cancel)
        buttons.accepted.connect(self._on_buttons_accepted)
        buttons.rejected.connect(self.reject)
        place = QHBoxLayout()
        place.setSpacing(UNIT)
        place.addWidget(self._place, 1)
        place.addWidget(browse)
        grid = QGridLayout()
        grid.setSpacing(UNIT)
        grid.addWidget(label("Where it is kept", "plain"), 0, 0)
        grid.addLayout(place, 0, 1)
        grid.addWidget(label("Name", "plain"), 1, 0)
        grid.addWidget(self._name, 1, 1)
        layout = QVBoxLayout(self)
        layout.setSpacing(UNIT)
        layout.addWidget(label(WHAT, "muted", wrap=True))
        layout.addLayout(grid)
        layout.addWidget(self._problem)
        layout.addWidget(buttons)

    @Slot()
    def _on_buttons_accepted(self) -> None:
        """Take what was typed, or say what is missing."""
        try:
            found = elsewhere(self._name.text().strip(), self._place.text().strip())
        except InvalidInputError as error:
            self._problem.setText(str(error))
            return
        self.accept()
        self.chosen.emit(found)

    @Slot()
    def _on_browse_clicked(self) -> None:
        kinds = "Searches (*.journal);;All files (*)"
        path, _ = QFileDialog.getOpenFileName(self, self.windowTitle(), "", kinds)
        if path:
            self._place.setText(path)


def _edit(name: str, spoken: str, tip: str) -> QLineEdit:
    made = QLineEdit()
    made.setObjectName(name)
    made.setProperty("input", True)
    made.setAccessibleName(spoken)
    made.setToolTip(tip)
    made.setPlaceholderText(tip)
    return made
