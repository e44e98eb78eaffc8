"""What the layers come to in all, or why they cannot be a network, in a place of fixed height."""

from __future__ import annotations

import functools

from PySide6.QtCore import QEvent, QTimer, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QMenu,
    QPushButton,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from mnist_desktop import formats
from mnist_desktop.networks.blocks import totals_words
from mnist_desktop.networks.layer_check import CheckedNetwork
from mnist_desktop.networks.plan import NetworkPlan
from mnist_desktop.networks.repairs import Repair
from mnist_desktop.ui.parts.fixed_lines import FixedLines
from mnist_desktop.ui.parts.guarded import guarded
from mnist_desktop.ui.parts.menus import give_menu
from mnist_desktop.ui.parts.places import at_top
from mnist_desktop.ui.parts.theme import UNIT
from mnist_desktop.ui.train.card_layout import NARROW, sizes_of
from mnist_desktop.ui.train.card_widget import name_repair

NOTE_MS = 8000  # that a note stays if nothing is done
TOTALS, SENTENCE = 0, 1
GAP = UNIT // 2


class LayerTotals(QWidget):
    """The foot of the layer editor.

    Signals
    -------
    repair_requested(object)
        A `Repair` is wanted.
    """

    repair_requested = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("layerTotals")
        self._checked: CheckedNetwork | None = None
        self._draft = ""
        self.totals = FixedLines("strong", 1)
        self.totals.setObjectName("layerTotalsLabel")
        self.estimate = FixedLines("muted", 1)
        self.estimate.setObjectName("layerEstimateLabel")
        self.sentence = FixedLines("problem", 2)
        self.sentence.setObjectName("layerProblemLabel")
        self._words = QStackedWidget()
        self._words.addWidget(at_top(self.totals, self.estimate))
        self._words.addWidget(at_top(self.sentence))
        self.repairs = _Repairs()
        self.repairs.requested.connect(self.repair_requested)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GAP)
        self.train_button = QPushButton("Train")
        self.train_button.setObjectName("trainLayersButton")
        self.train_button.setProperty("primary", True)
        row = QHBoxLayout()
        row.setSpacing(UNIT)
        row.addWidget(self._words, 1)
        row.addWidget(self.train_button)
        layout.addLayout(row)
        layout.addWidget(self.repairs)
        self._note = QTimer(self, singleShot=True, interval=NOTE_MS)
        self._note.timeout.connect(self._on_note_timeout)

    def show_checked(self, checked: CheckedNetwork, draft: str = "") -> None:
        """Show what the layers come to, or what is wrong with them or with what is half typed."""
        self._checked, self._draft = checked, draft
        self._note.stop()
        problem = checked.problem
        self.repairs.show_repairs(problem.repairs if problem is not None else ())
        if draft:
            self.sentence.setText(f"Not used yet: {draft}")
            self._words.setCurrentIndex(SENTENCE)
        elif problem is not None:
            self.sentence.setText(
                _numbered(problem.index, len(checked.layers) - 1, problem.sentence)
            )
            self._words.setCurrentIndex(SENTENCE)
        elif checked.plan is not None:
            self.totals.setText(totals_of(checked.plan))
            self._words.setCurrentIndex(TOTALS)

    def show_estimate(self, text: str) -> None:
        """Say how long the network takes to train and what it needs, in a line."""
        self.estimate.setText(text)

    def show_note(self, sentence: str) -> None:
        """Say for a while why something was not done."""
        self.sentence.setText(sentence)
        self._words.setCurrentIndex(SENTENCE)
        self._note.start()

    @Slot()
    def _on_note_timeout(self) -> None:
        if self._checked is not None:
            self.show_checked(self._checked, self._draft)


def totals_of(plan: NetworkPlan) -> str:
    """Say how many layers, parameters and multiplications a network has."""
    return " · ".join((formats.count(len(plan.layers), "layer"), *totals_words(plan)))


def _numbered(index: int, cards: int, sentence: str) -> str:
    """Say at which card something is wrong, but for the outputs, whose sentence says so."""
    return sentence if index == cards else f"Layer {index + 1}: {sentence}"


@guarded
class _Repairs(QWidget):
    """Buttons in a place that is always reserved; what has no room there is in a menu."""

    requested = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("layerRepairs")
        self._repairs: tuple[Repair, ...] = ()
        self._buttons: list[QPushButton] = []
        self._more = QToolButton(self)
        self._more.setObjectName("moreRepairsButton")
        self._more.setText("More")
        self._more.setToolTip("Other changes after which the layers fit")
        self._more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        give_menu(self._more, QMenu(self._more))
        self._more.hide()
        self._fix_height()

    def show_repairs(self, repairs: tuple[Repair, ...]) -> None:
        """Offer these changes."""
        if repairs != self._repairs:
            self._repairs = repairs
            self._show()

    def _show(self) -> None:
        while len(self._buttons) < len(self._repairs):
            self._buttons.append(self._button(len(self._buttons)))
        for button, repair in zip(self._buttons, self._repairs, strict=False):
            name_repair(button, repair)
        shown = self._placed()
        for number, button in enumerate(self._buttons):
            button.setVisible(number < shown)
        self._more.setVisible(shown < len(self._repairs))
        self._more.menu().clear()
        for repair in self._repairs[shown:]:
            act = functools.partial(self.requested.emit, repair)
            self._more.menu().addAction(repair.sentence, act)

    def _button(self, number: int) -> QPushButton:
        button = QPushButton(self)
        button.setObjectName(f"repairButton{number + 1}")
        button.clicked.connect(lambda: self.requested.emit(self._repairs[number]))
        return button

    def _placed(self) -> int:
        """Place as many buttons as there is room for; return how many."""
        height, rows, room = sizes_of(self.font()).control, self._rows, self.width()
        row = x = shown = 0
        left = len(self._repairs)
        for button in self._buttons[:left]:
            width = min(button.sizeHint().width(), room)
            if x + width > room:
                row, x = row + 1, 0
            # The last row keeps room for the menu, unless this is the last button.
            is_last = shown == left - 1
            reserved = 0 if is_last or row < rows - 1 else self._more.sizeHint().width() + GAP
            if row == rows or x + width + reserved > room:
                break
            button.setGeometry(x, row * (height + GAP), width, height)
            x += width + GAP
            shown += 1
        size = self._more.sizeHint()
        self._more.setGeometry(x, (rows - 1) * (height + GAP), size.width(), height)
        return shown

    @property
    def _rows(self) -> int:
        """In how many rows there is room for what is usually offered."""
        return 2 if self.width() < NARROW * sizes_of(self.font()).line else 1

    def _fix_height(self) -> None:
        rows = self._rows
        self.setFixedHeight(rows * sizes_of(self.font()).control + (rows - 1) * GAP)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Place the buttons in the new width."""
        super().resizeEvent(event)
        self._fix_height()
        self._show()

    def changeEvent(self, event: QEvent) -> None:
        """Be as high as larger or smaller text needs."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._fix_height()
            self._show()
