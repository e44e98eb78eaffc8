"""The data page: which digits are in use, how to get others, and what one sees before training."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QMenu,
    QPushButton,
    QSizePolicy,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from mnist_desktop.digits.dataset import CLASSES, Dataset
from mnist_desktop.digits.picture_ways import AS_THEY_ARE, BY_SIZE, NORMALISED
from mnist_desktop.digits.splits import SPLITS, Split, make_split
from mnist_desktop.digits.statistics import describe_split, parse_indices
from mnist_desktop.errors import InvalidInputError
from mnist_desktop.evaluation.figures.digits import split_figure
from mnist_desktop.evaluation.figures.frame import Frame
from mnist_desktop.printable import printable
from mnist_desktop.runs.dataset_job import MNIST_AND_MINE, MY_DIGITS
from mnist_desktop.ui.parts.class_boxes import name_labels, name_splits
from mnist_desktop.ui.parts.digit_browser import DigitBrowser
from mnist_desktop.ui.parts.digit_model import GalleryModel
from mnist_desktop.ui.parts.figure_canvas import FigureHolder
from mnist_desktop.ui.parts.file_saver import FigureMenu
from mnist_desktop.ui.parts.fixed_lines import FixedLines
from mnist_desktop.ui.parts.menus import give_menu
from mnist_desktop.ui.parts.places import keep_place
from mnist_desktop.ui.parts.shortcuts import in_words
from mnist_desktop.ui.parts.theme import UNIT, Theme, label
from mnist_desktop.workers.figures import FigureController

FIGURE_HEIGHT = 170
WORDS_LINES = 3
WAYS = {
    BY_SIZE: "28×28 as they are, others normalised",
    AS_THEY_ARE: "All as they are, scaled to 28×28",
    NORMALISED: "All normalised",
}
MAX_SOURCE = 40  # characters of where digits come from; the tooltip has all
MINE = {"Only my digits": MY_DIGITS, "MNIST and my digits": MNIST_AND_MINE}


class DataView(QWidget):
    """Names the digits in use and shows those of each split.

    Parameters
    ----------
    figures : FigureController
        Has figures drawn.
    trains : bool
        Whether digits are wanted for training, and MNIST can be downloaded for that.

    Signals
    -------
    download_requested()
        The user wants MNIST downloaded, or tried again; in the Reader, MNIST used again.
    file_requested(), folder_requested()
        The user wants to choose a file or a folder of digits.
    digits_requested(str)
        The user wants digits by their name, as `DatasetRequest.chosen` takes it.
    turn_requested()
        The user wants the digits turned the way that was offered.
    pictures_requested(str)
        The user wants the pictures taken in this way of `picture_ways.PICTURE_WAYS`.
    stop_requested()
        The user wants the download to end.
    save_requested(object)
        A `FileRequest`.
    """

    download_requested = Signal()
    file_requested = Signal()
    folder_requested = Signal()
    digits_requested = Signal(str)
    turn_requested = Signal()
    pictures_requested = Signal(str)
    stop_requested = Signal()
    save_requested = Signal(object)

    def __init__(
        self, figures: FigureController, parent: QWidget | None = None, *, trains: bool = True
    ) -> None:
        super().__init__(parent)
        self.setObjectName("dataView")
        self.setAccessibleName("Digits in use")
        self._dataset: Dataset | None = None
        self._split: Split | None = None
        self._validation_share = 0.0
        self._title = label("Looking for digits …", "title")
        self._words = FixedLines("muted", WORDS_LINES)
        self._words.setObjectName("dataWordsLabel")
        self._make_source_buttons(trains)
        self._make_pictures_button()
        self.figure = FigureHolder("Class balance, mean digits and grey values", figures)
        self.figure.setFixedHeight(FIGURE_HEIGHT)
        self.menu = FigureMenu(self.figure, "digits", Frame(9.0, 2.4))
        self.menu.save_requested.connect(self.save_requested)
        self._gallery = GalleryModel()
        self.browser = DigitBrowser(self._gallery, "dataCountLabel", "the {}'s label")
        self._make_search()
        self._lay_out()

    def _make_source_buttons(self, trains: bool) -> None:
        self.download_button = QPushButton("Do&wnload MNIST" if trains else "Sho&w MNIST")
        self.download_button.setObjectName("downloadButton")
        self.download_button.setToolTip(
            "Download all 70,000 digits of MNIST (11 MB)"
            if trains
            else "Use MNIST again, which comes with the program"
        )
        self.download_button.clicked.connect(self.download_requested)
        self.stop_button = QPushButton("Stop no&w")
        self.stop_button.setObjectName("stopDownloadButton")
        self.stop_button.setToolTip(
            "End the download or the reading; the digits in use stay in use"
        )
        self.stop_button.clicked.connect(self.stop_requested)
        file_button = QPushButton("Choose a &file …")
        file_button.setToolTip(
            "Use digits from a file: CSV as Kaggle has it, Parquet, .npz, .npy, .mat"
        )
        file_button.clicked.connect(self.file_requested)
        folder_button = QPushButton("Choose a folder …")
        folder_button.setToolTip(
            in_words(
                "Use digits from a folder: IDX, .npy or Parquet files, or pictures by digit "
                "(Ctrl+Shift+D)"
            )
        )
        folder_button.setShortcut("Ctrl+Shift+D")
        folder_button.clicked.connect(self.folder_requested)
        self.turn_button = QPushButton("&Use them that way")
        self.turn_button.setObjectName("turnButton")
        self.turn_button.setToolTip(
            "Turn all digits the way in which the bundled reader reads them"
        )
        self.turn_button.clicked.connect(self.turn_requested)
        keep_place(self.turn_button)
        self.turn_button.hide()
        mine_button = QToolButton()
        mine_button.setText("My digits")
        mine_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        mine_button.setObjectName("useMyDigitsButton")
        mine_button.setToolTip("Use the drawings that you have kept, alone or with MNIST")
        menu = QMenu(mine_button)
        for words, name in MINE.items():
            menu.addAction(words, functools.partial(self.digits_requested.emit, name))
        give_menu(mine_button, menu)
        self._choosers = (file_button, folder_button, mine_button)
        self._download = QStackedWidget()  # one button in the other's place
        self._download.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._download.addWidget(self.download_button)
        self._download.addWidget(self.stop_button)

    def _make_pictures_button(self) -> None:
        self.pictures_button = QToolButton()
        self.pictures_button.setText("&Pictures")
        self.pictures_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.pictures_button.setObjectName("picturesButton")
        self.pictures_button.setAccessibleName("How pictures are taken")
        self.pictures_button.setToolTip(
            "How the pictures are taken: as they are, or brought to MNIST's size and place"
        )
        menu = QMenu(self.pictures_button)
        group = QActionGroup(menu)
        for way, words in WAYS.items():
            entry = menu.addAction(words, functools.partial(self.pictures_requested.emit, way))
            entry.setData(way)
            entry.setCheckable(True)
            group.addAction(entry)
        give_menu(self.pictures_button, menu)
        keep_place(self.pictures_button)
        self.pictures_button.hide()

    def _make_search(self) -> None:
        self.split_box = QComboBox()
        self.split_box.setObjectName("dataSplitComboBox")
        for name in ("training", "validation", "test"):
            self.split_box.addItem(f"{SPLITS[name]} digits", name)
        self.split_box.setToolTip("Learnt from, held out for the curves, or only tested on")
        self.split_box.setAccessibleName("Split")
        self.split_box.currentIndexChanged.connect(self._show_split)
        self.label_box = QComboBox()
        self.label_box.setObjectName("labelComboBox")
        self.label_box.addItems(["any label", *(str(digit) for digit in range(CLASSES))])
        self.label_box.setToolTip("Only digits with this label")
        self.label_box.setAccessibleName("Label")
        self.label_box.currentIndexChanged.connect(self._show_found)
        self.index_edit = QLineEdit()
        self.index_edit.setObjectName("indexEdit")
        self.index_edit.setProperty("input", True)
        self.index_edit.setPlaceholderText("index, such as 4821 or 100-199")
        self.index_edit.setToolTip("Only digits with these indices in their file")
        self.index_edit.setAccessibleName("Index")
        self.index_edit.setClearButtonEnabled(True)
        self.index_edit.textChanged.connect(self._show_found)

    def _lay_out(self) -> None:
        heading = QHBoxLayout()
        heading.addWidget(self._title, 1)
        heading.addWidget(self.pictures_button)
        heading.addWidget(self.turn_button)
        sources = QHBoxLayout()
        sources.setSpacing(UNIT)
        for part in (self._download, *self._choosers):
            sources.addWidget(part)
        sources.addStretch()
        search = QHBoxLayout()
        search.setSpacing(UNIT)
        search.addWidget(self.split_box)
        search.addWidget(self.label_box)
        search.addWidget(self.index_edit, 1)
        search.addWidget(self.menu)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(UNIT * 2, UNIT * 2 - 4, UNIT, UNIT)
        layout.setSpacing(UNIT)
        layout.addLayout(heading)
        layout.addWidget(self._words)
        layout.addLayout(sources)
        layout.addLayout(search)
        layout.addWidget(self.figure)
        layout.addWidget(self.browser, 1)

    def set_theme(self, theme: Theme) -> None:
        """Wear the theme's colours."""
        self.browser.set_theme(theme)
        self.figure.set_theme(theme)

    def set_searching(self, is_searching: bool) -> None:
        """Offer to stop while a search or download is under way."""
        self._download.setCurrentWidget(self.stop_button if is_searching else self.download_button)
        for button in (*self._choosers, self.turn_button, self.pictures_button):
            button.setEnabled(not is_searching)

    def show_dataset(self, dataset: Dataset) -> None:
        """Name the digits in use and show them."""
        self._dataset = dataset
        self._title.setText(dataset.title)
        classes = dataset.classes
        name_splits(self.split_box, classes)
        name_labels(self.label_box, classes)
        kinds = {
            "mnist": (
                "All of MNIST, verified byte for byte"
                if dataset.is_whole
                else "MNIST's test digits, verified byte for byte, and some of its training digits"
            ),
            "sample": "A sample of MNIST: good for trying things out, too small for high accuracy",
            "custom": (
                "Digits of your own; they are not MNIST's"
                if classes.are_digits
                else "Images of ten classes that are no digits"
            ),
        }
        note = f"\n{dataset.note}" if dataset.note else ""
        source, kind = printable(dataset.source), kinds[dataset.name]
        self._words.setText(f"{kind}. Source: {_short(source)}.{note}", f"Source: {source}.")
        self.download_button.setEnabled(not dataset.verified)
        self.turn_button.setVisible(bool(dataset.offer))
        self.show_pictures(dataset.pictures)
        self._show_split()

    def show_pictures(self, way: str) -> None:
        """Show how the pictures in use were taken; nothing where none are in use."""
        self.pictures_button.setVisible(bool(way))
        for entry in self.pictures_button.menu().actions():
            entry.setChecked(entry.data() == way)

    def set_validation_share(self, share: float) -> None:
        """Divide training and validation digits as the next training will."""
        if share != self._validation_share:
            self._validation_share = share
            if self.split_box.currentData() != "test":
                self._show_split()

    @Slot()
    def _show_split(self) -> None:
        if self._dataset is None:
            return
        name = self.split_box.currentData()
        split = make_split(self._dataset, name, self._validation_share)
        self._split = split
        self.browser.explain_readings(
            are_read=False, classes=split.classes, are_disputed=bool(split.disputed)
        )
        self.figure.show_figure(functools.partial(_make_figure, split))
        self._show_found()

    @Slot()
    def _show_found(self) -> None:
        """Show the digits that were searched for."""
        split = self._split
        if split is None:
            return
        wanted = np.ones(len(split), bool)
        if self.label_box.currentIndex() > 0:
            wanted &= split.digits.labels[split.indices] == self.label_box.currentIndex() - 1
        text = self.index_edit.text()
        try:
            if text.strip():
                wanted &= np.isin(split.indices, parse_indices(text, len(split.digits)))
        except InvalidInputError as error:
            self.browser.count.setText(str(error))
            return
        indices = np.flatnonzero(wanted)
        self._gallery.show(split, None, indices)
        self.browser.count.setText(f"{len(indices):,} of {split.count}")


def _short(source: str) -> str:
    """The end of a long path, for the line below it is for the note; words stay as they are."""
    is_path = "/" in source or "\\" in source
    return f"…{source[1 - MAX_SOURCE :]}" if is_path and len(source) > MAX_SOURCE else source


def _make_figure(split: Split, frame: Frame) -> Any:
    found = describe_split(split.digits, split.indices)
    return split_figure(found, classes=split.classes, frame=frame)
