"""The box of recipes, each with a picture of its network, its accuracy and its time."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter
from PySide6.QtWidgets import (
    QComboBox,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from mnist_desktop.networks.plan import NetworkPlan
from mnist_desktop.training.architectures import OFFERED
from mnist_desktop.ui.parts.guarded import guarded
from mnist_desktop.ui.parts.theme import UNIT
from mnist_desktop.ui.parts.two_lines import paint_behind, paint_two_lines
from mnist_desktop.ui.train.network_picture import ASPECT, paint_network

DETAIL = Qt.ItemDataRole.UserRole + 1  # what a recipe comes to and takes, in words
PLAN = Qt.ItemDataRole.UserRole + 2


@guarded
class RecipeBox(QComboBox):
    """Chooses a recipe; the data of an entry is its architecture's id."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("architectureComboBox")
        self.setMaxVisibleItems(len(OFFERED))
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(8)
        for one in OFFERED.values():
            self.addItem(one.name, one.id)
            self.setItemData(self.count() - 1, one.plan(one.recipe), PLAN)
        self._rows = _RecipeRows(self)
        self.setItemDelegate(self._rows)

    def show_details(self, details: Mapping[str, str]) -> None:
        """Say beside each recipe, by its id, what it comes to and how long it takes."""
        for row in range(self.count()):
            detail = details[self.itemData(row)]
            self.setItemData(row, detail, DETAIL)
            spoken = f"{self.itemText(row)}: {detail}"
            self.setItemData(row, spoken, Qt.ItemDataRole.AccessibleTextRole)

    def show_plan(self, architecture: str, plan: NetworkPlan) -> None:
        """Show another picture beside a recipe, whose layers are others now."""
        self.setItemData(self.findData(architecture), plan, PLAN)

    def showPopup(self) -> None:
        """Open the list as wide as its rows need."""
        self.view().setMinimumWidth(self.view().sizeHintForColumn(0) + UNIT)
        super().showPopup()


@guarded
class _RecipeRows(QStyledItemDelegate):
    """Paints a recipe as a picture beside two lines: its name, and what it comes to."""

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        """Leave room for both lines, whatever they say."""
        metrics = QFontMetrics(option.font)
        height = 2 * metrics.lineSpacing()
        texts = (index.data() or "", index.data(DETAIL) or "")
        text = max(metrics.horizontalAdvance(one) for one in texts)
        return QSize(round(ASPECT * height) + round(1.1 * text) + 5 * UNIT, height + 2 * UNIT)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Paint a row."""
        row = QStyleOptionViewItem(option)
        self.initStyleOption(row, index)
        paint_behind(painter, row)
        inside = row.rect.adjusted(UNIT, UNIT, -UNIT, -UNIT)
        picture = QRect(inside.topLeft(), QSize(round(ASPECT * inside.height()), inside.height()))
        paint_network(painter, QRectF(picture), index.data(PLAN), row.palette)
        words = inside.adjusted(picture.width() + 2 * UNIT, 0, 0, 0)
        paint_two_lines(painter, words, row, index, index.data(DETAIL) or "")
