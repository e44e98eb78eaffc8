"""The data page: which digits are in use, how to get others, and a look at them."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from mnist_desktop.digits.dataset import Dataset
from mnist_desktop.ui.gallery_view import DigitList
from mnist_desktop.ui.theme import UNIT, Theme, label

SHOWN = 400


class DataView(QWidget):
    """Names the digits in use and shows some of those to learn from.

    Signals
    -------
    download_wished()
        The user wants MNIST downloaded, or tried again.
    file_wished(), folder_wished()
        The user wants to choose a ``.npz`` file, or a folder with the four MNIST files.
    stop_wished()
        The user wants the download to end.
    """

    download_wished = Signal()
    file_wished = Signal()
    folder_wished = Signal()
    stop_wished = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("dataView")
        self.setAccessibleName("Digits in use")
        self._title = label("Looking for digits …", "title")
        self._words = label("", "muted", wrap=True)
        self.download_button = QPushButton("Do&wnload MNIST")
        self.download_button.setObjectName("downloadButton")
        self.download_button.setToolTip("Download all 70,000 digits of MNIST (11 MB)")
        self.download_button.clicked.connect(self.download_wished)
        self.stop_button = QPushButton("Stop downloadin&g")
        self.stop_button.setObjectName("stopDownloadButton")
        self.stop_button.setToolTip("End the download; the digits in use stay in use")
        self.stop_button.clicked.connect(self.stop_wished)
        file_button = QPushButton("Choose a &file …")
        file_button.setToolTip("Use digits from a .npz file, such as Keras's mnist.npz")
        file_button.clicked.connect(self.file_wished)
        folder_button = QPushButton("Choose a folder …")
        folder_button.setToolTip(
            "Use digits from a folder with the four MNIST files (Ctrl+Shift+O)"
        )
        folder_button.setShortcut("Ctrl+Shift+O")
        folder_button.clicked.connect(self.folder_wished)
        self.stop_button.hide()
        row = QHBoxLayout()
        row.setSpacing(UNIT)
        self._choosers = (file_button, folder_button)
        for button in (self.download_button, self.stop_button, file_button, folder_button):
            row.addWidget(button)
        row.addStretch()
        self.list = DigitList()
        self._caption = label("", "field")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(UNIT * 2, UNIT * 2 - 4, UNIT, UNIT)
        layout.setSpacing(UNIT)
        layout.addWidget(self._title)
        layout.addWidget(self._words)
        layout.addLayout(row)
        layout.addWidget(self._caption)
        layout.addWidget(self.list, 1)

    def set_theme(self, theme: Theme) -> None:
        """Wear the theme's colours."""
        self.list.set_theme(theme)

    def set_searching(self, is_searching: bool) -> None:
        """Offer to stop while a search or download is under way."""
        self.stop_button.setVisible(is_searching)
        self.download_button.setVisible(not is_searching)
        for button in self._choosers:
            button.setEnabled(not is_searching)

    def show_dataset(self, dataset: Dataset) -> None:
        """Name the digits in use and show the first of those to learn from."""
        self._title.setText(dataset.title)
        kinds = {
            "mnist": "All of MNIST, verified byte for byte",
            "sample": "A sample of MNIST: good for trying things out, too small for high accuracy",
            "custom": "Digits of your own; they are not MNIST's",
        }
        note = f"\n{dataset.note}" if dataset.note else ""
        self._words.setText(
            f"{kinds[dataset.name]}. Source: {dataset.source}. {len(dataset.train):,} digits to "
            f"learn from, {len(dataset.test):,} to be tested on.{note}"
        )
        self.download_button.setEnabled(not dataset.verified)
        shown = min(SHOWN, len(dataset.train))
        self._caption.setText(f"The first {shown:,} digits to learn from, with their labels")
        self.list.gallery.show(dataset.train, None, np.arange(shown))
