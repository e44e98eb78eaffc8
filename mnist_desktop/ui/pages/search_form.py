"""A new search: what it is called, for what, how long, and where it looks."""

from __future__ import annotations

import os
from dataclasses import dataclass

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QSpinBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from mnist_desktop.errors import MnistDesktopError
from mnist_desktop.search.goal import PARAMETERS, SECONDS, Goal
from mnist_desktop.ui.parts.fixed_lines import FixedLines
from mnist_desktop.ui.parts.icons import icon
from mnist_desktop.ui.parts.theme import UNIT, label

ABOUT = (
    "A search trains many networks, each with other settings, and compares them by the validation "
    "digits. The best settings are trained again on three seeds, and only these networks are "
    "tested; you find them among the runs."
)
GOALS = {"": "Accuracy", PARAMETERS: "Accuracy and few parameters", SECONDS: "Accuracy and speed"}
FEW_PARAMETERS, MOST_PARAMETERS = 25_000, 100_000_000
USUAL_MINUTES, MOST_MINUTES = 15, 10_000
USUAL_SPACE = "The usual settings"
WIDTH = UNIT * 60
TEXT_MARGINS = (6, 0, 0, 0)  # the style sheet's padding does not reach into spin boxes


@dataclass(frozen=True)
class NewSearch:
    """What the user wants searched.

    Attributes
    ----------
    name : str
        What to call it.
    goal : Goal
        For what settings are searched.
    minutes : int
        How long.
    workers : int
        How many processes.
    space : str
        A TOML file that says where to look; empty for the usual settings.
    """

    name: str
    goal: Goal
    minutes: int
    workers: int
    space: str


def number_box(name: str, spoken: str, tip: str, most: int, suffix: str = "") -> QSpinBox:
    """Make an input for a number from 1."""
    box = QSpinBox()
    box.setObjectName(name)
    box.setAccessibleName(spoken)
    box.setToolTip(tip)
    box.setRange(1, most)
    box.setSuffix(suffix)
    box.setGroupSeparatorShown(True)
    box.lineEdit().setTextMargins(*TEXT_MARGINS)
    return box


def cores() -> int:
    """How many processes can work at the same time here."""
    return os.cpu_count() or 1


class SearchForm(QWidget):
    """Collects a `NewSearch`.

    Signals
    -------
    requested(object)
        The user wants this `NewSearch`.
    """

    requested = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("searchForm")
        self._space = ""
        self._make_inputs()
        self._lay_out()
        self._show_space()

    def _make_inputs(self) -> None:
        self.name_edit = QLineEdit()
        self.name_edit.setObjectName("searchNameEdit")
        self.name_edit.setProperty("input", True)
        self.name_edit.setToolTip("What the search is called; it is kept under this name")
        self.name_edit.returnPressed.connect(self._on_requested)
        self.goal_box = QComboBox()
        self.goal_box.setObjectName("searchGoalBox")
        self.goal_box.setToolTip("What is to be good at the same time")
        for front, words in GOALS.items():
            self.goal_box.addItem(words, front)
        self.limit_box = QCheckBox("At most")
        self.limit_box.setObjectName("searchLimitBox")
        self.limit_box.setToolTip("Try only networks with so many parameters")
        self.parameters_box = number_box(
            "searchParametersBox", "Most parameters", self.limit_box.toolTip(), MOST_PARAMETERS
        )
        self.parameters_box.setSuffix(" parameters")
        self.parameters_box.setValue(FEW_PARAMETERS)
        self.parameters_box.setSingleStep(1000)
        self.parameters_box.setEnabled(False)
        self.limit_box.toggled.connect(self.parameters_box.setEnabled)
        self.minutes_box = number_box(
            "searchMinutesBox", "Minutes", "How long to search", MOST_MINUTES, " min"
        )
        self.minutes_box.setValue(USUAL_MINUTES)
        self.workers_box = number_box(
            "searchWorkersBox",
            "Processes",
            "How many networks are trained at the same time, each with its part of the cores",
            cores(),
        )
        self.workers_box.setValue(cores())
        self._space_words = FixedLines("muted", 1)
        self._space_words.setObjectName("searchSpaceLabel")
        self.space_button = QPushButton("Choose a space …")
        self.space_button.setObjectName("searchSpaceButton")
        self.space_button.setToolTip("A TOML file that says which settings are tried")
        self.space_button.clicked.connect(self._on_space_button_clicked)
        self.usual_button = QToolButton()
        self.usual_button.setObjectName("searchUsualSpaceButton")
        self.usual_button.setProperty("plain", True)
        self.usual_button.setIcon(icon("close"))
        self.usual_button.setAccessibleName("The usual settings again")
        self.usual_button.setToolTip("Try the usual settings again")
        self.usual_button.clicked.connect(self._on_usual_button_clicked)
        self._problem = FixedLines("problem", 3)
        self._problem.setObjectName("searchProblemLabel")
        self.search_button = QPushButton("Search")
        self.search_button.setToolTip("Begin to try networks and settings")
        self.search_button.setObjectName("startSearchButton")
        self.search_button.setProperty("primary", True)
        self.search_button.clicked.connect(self._on_requested)

    def _lay_out(self) -> None:
        grid = QGridLayout()
        grid.setHorizontalSpacing(UNIT * 2)
        grid.setVerticalSpacing(UNIT)
        grid.setColumnStretch(1, 1)
        space = QHBoxLayout()
        space.setSpacing(UNIT)
        space.addWidget(self._space_words, 1)
        space.addWidget(self.usual_button)
        space.addWidget(self.space_button)
        rows: tuple[tuple[str | QWidget, QWidget | QHBoxLayout], ...] = (
            ("Name", self.name_edit),
            ("Search for", self.goal_box),
            (self.limit_box, self.parameters_box),
            ("Stop after", self.minutes_box),
            ("Processes", self.workers_box),
            ("What to try", space),
        )
        for row, (name, part) in enumerate(rows):
            words = label(name, "plain") if isinstance(name, str) else name
            grid.addWidget(words, row, 0)
            if isinstance(part, QHBoxLayout):
                grid.addLayout(part, row, 1)
                continue
            grid.addWidget(part, row, 1)
            part.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            if isinstance(name, str):
                part.setAccessibleName(name)
        about = label(ABOUT, "muted", wrap=True)
        inside = QWidget()
        inside.setMaximumWidth(WIDTH)
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(UNIT * 2)
        column.addWidget(about)
        column.addLayout(grid)
        foot = QHBoxLayout()
        foot.addWidget(self.search_button)
        foot.addStretch()
        column.addLayout(foot)
        column.addWidget(self._problem)
        column.addStretch()
        page = QHBoxLayout(self)
        page.setContentsMargins(0, UNIT, 0, 0)
        page.addWidget(inside, 1000)
        page.addStretch(1)

    def propose_name(self, name: str) -> None:
        """Put a name there that can be used."""
        self.name_edit.setText(name)
        self.show_problem("")

    def show_problem(self, words: str) -> None:
        """Say what is wrong with what was given; nothing if it can be used."""
        self._problem.setText(words)

    def _show_space(self) -> None:
        self._space_words.setText(self._space or USUAL_SPACE)
        self.usual_button.setEnabled(bool(self._space))

    @Slot()
    def _on_space_button_clicked(self) -> None:
        title, kinds = "Choose a search space", "Search spaces (*.toml);;All files (*)"
        path, _ = QFileDialog.getOpenFileName(self, title, self._space, kinds)
        if path:
            self._space = path
            self._show_space()

    @Slot()
    def _on_usual_button_clicked(self) -> None:
        self._space = ""
        self._show_space()

    @Slot()
    def _on_requested(self) -> None:
        most = self.parameters_box.value() if self.limit_box.isChecked() else None
        try:
            goal = Goal(max_parameters=most, front=self.goal_box.currentData())
        except MnistDesktopError as error:
            self.show_problem(str(error))
            return
        self.requested.emit(
            NewSearch(
                self.name_edit.text().strip(),
                goal,
                self.minutes_box.value(),
                self.workers_box.value(),
                self._space,
            )
        )
