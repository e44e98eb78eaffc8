"""The box in which a network is chosen: the bundled reader, a run, or a file that was opened."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QSignalBlocker,
    Qt,
)
from PySide6.QtWidgets import QComboBox, QListView, QWidget

from mnist_desktop.printable import printable
from mnist_desktop.runs.open_model import BUNDLED, bundled_test_accuracy
from mnist_desktop.runs.run import Run
from mnist_desktop.ui.parts.guarded import guarded

Index = QModelIndex | QPersistentModelIndex
MIN_WIDTH = 280  # pixels
MAX_SHOWN = 20  # networks in the open list, before it scrolls


@guarded
class NetworkList(QAbstractListModel):
    """Networks to choose from, with what each is called and the name the program knows it by."""

    def __init__(self) -> None:
        super().__init__()
        self.entries: list[tuple[str, str]] = []

    def show(self, entries: list[tuple[str, str]]) -> None:
        """Offer these, as pairs of both names."""
        self.beginResetModel()
        self.entries = entries
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        """Count the networks."""
        return 0 if parent.isValid() else len(self.entries)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """What a network is called, or the name the program knows it by."""
        text, model = self.entries[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return text
        return model if role == Qt.ItemDataRole.UserRole else None


@guarded
class ModelPicker(QComboBox):
    """Offers the networks, of which there may be thousands; its data are their names.

    `currentIndexChanged` is emitted when the user chooses; not when the program does.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("modelComboBox")
        self.setAccessibleName("Model")
        self.setToolTip("The network that reads your drawing and is shown in the middle")
        self.setMinimumWidth(MIN_WIDTH)
        self.setMaxVisibleItems(MAX_SHOWN)
        # Neither the box nor its list looks at each name to find out how wide it is.
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        view = self.view()
        assert isinstance(view, QListView)  # noqa: S101 - Qt's own
        view.setUniformItemSizes(True)
        self._bundled = (f"Bundled reader ({bundled_test_accuracy() * 100:.1f} %)", BUNDLED)
        self._networks = NetworkList()
        self.setModel(self._networks)
        self.offer((), ())

    def offer(self, runs: Sequence[Run], files: Sequence[Path]) -> None:
        """Offer the bundled reader, these runs and these files; the one that is chosen stays so."""
        records = (run.record for run in runs)
        entries = [
            self._bundled,
            *((f"{one.name} ({one.test_accuracy * 100:.1f} %)", one.id) for one in records),
            *((printable(file.name), str(file)) for file in files),
        ]
        if entries == self._networks.entries:
            return
        chosen = self.currentData() or BUNDLED
        with QSignalBlocker(self):
            self._networks.show(entries)
        self.choose(chosen)

    def offers(self, model: str) -> bool:
        """Whether there is a network of this name."""
        return any(name == model for _, name in self._networks.entries)

    def choose(self, model: str) -> None:
        """Choose a network; the bundled reader if there is none of this name."""
        names = [name for _, name in self._networks.entries]
        with QSignalBlocker(self):
            self.setCurrentIndex(names.index(model) if model in names else 0)
