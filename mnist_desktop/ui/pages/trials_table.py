"""The table of trials: painted by itself, so that thousands of them scroll smoothly."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QItemSelectionModel, QObject, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFontMetrics,
    QKeyEvent,
    QPainter,
    QPixmap,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
)

from mnist_desktop.search.study import (
    COMPLETE,
    FAILED,
    INTERRUPTED,
    PRUNED,
    RUNNING,
    WAITING,
    TrialSummary,
)
from mnist_desktop.search.wording import CURVE, NUMBER, STATE, TRIAL_COLUMNS
from mnist_desktop.ui.pages.trials_model import LAST, TRIAL, TrialsModel
from mnist_desktop.ui.parts.guarded import guarded
from mnist_desktop.ui.parts.icons import draw_icon
from mnist_desktop.ui.parts.model_index import Index
from mnist_desktop.ui.parts.sparkline import paint_sparkline
from mnist_desktop.ui.parts.theme import LIGHT, UNIT, Theme

ICON = 14  # pixels
STATE_ICONS = {
    COMPLETE: "done",
    PRUNED: "scissors",
    FAILED: "close",
    INTERRUPTED: "undo",
    RUNNING: "play",
    WAITING: "open-step",
}
# The widest text of each column; the settings have what is left, and at least so many pixels.
WIDEST = ("00000", "complete", "00.00%", "0,000,000", "0000.0 s", "", "")
CURVE_WIDTH, SETTINGS_WIDTH = UNIT * 9, UNIT * 13


@guarded
class TrialDelegate(QStyledItemDelegate):
    """Paints the cells of a trial, without the style sheet, which takes too long for each."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.theme: Theme = LIGHT
        self._icons: dict[tuple[str, str, float], QPixmap] = {}

    def sizeHint(self, option: QStyleOptionViewItem, _index: Index) -> QSize:
        """As high as a line of text."""
        return QSize(0, row_height(option.fontMetrics))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint the row's background, and what stands in the cell."""
        theme, trial, place = self.theme, index.data(TRIAL), index.column()
        area = option.rect
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(area, QColor(theme.selection))
        elif index.row() % 2:
            painter.fillRect(area, QColor(theme.window))
        inside = area.adjusted(UNIT, 0, -UNIT, 0)
        painter.save()
        if place == CURVE:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            paint_sparkline(painter, QRectF(inside.adjusted(0, 7, -2, -7)), trial.curve, theme)
        else:
            if place == STATE:
                self._paint_state(painter, trial, inside)
                inside.setLeft(inside.left() + ICON + 6)
            column = TRIAL_COLUMNS[place]
            side = Qt.AlignmentFlag.AlignRight if column.is_number else Qt.AlignmentFlag.AlignLeft
            text = option.fontMetrics.elidedText(
                column.text(trial), Qt.TextElideMode.ElideRight, inside.width()
            )
            painter.setFont(option.font)
            painter.setPen(QColor(theme.muted if place == LAST else theme.text))
            painter.drawText(inside, side | Qt.AlignmentFlag.AlignVCenter, text)
        painter.restore()

    def _paint_state(self, painter: QPainter, trial: TrialSummary, inside: QRect) -> None:
        theme = self.theme
        colours = {COMPLETE: theme.right, FAILED: theme.wrong, RUNNING: theme.accent}
        name, colour = STATE_ICONS[trial.state], colours.get(trial.state, theme.muted)
        ratio = painter.device().devicePixelRatio()
        picture = self._icons.get((name, colour, ratio))
        if picture is None:
            picture = self._icons[name, colour, ratio] = _picture(name, colour, ratio)
        painter.drawPixmap(inside.left(), inside.center().y() - ICON // 2 + 1, picture)


def _picture(name: str, colour: str, ratio: float) -> QPixmap:
    picture = QPixmap(QSize(ICON, ICON) * ratio)
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    draw_icon(painter, name, QRectF(0, 0, ICON, ICON), colour)
    painter.end()
    return picture


def row_height(metrics: QFontMetrics) -> int:
    """Pixels of a row: a line of text."""
    return metrics.height() + UNIT + 4


@guarded
class TrialsTable(QTableView):
    """Shows trials, of which one is selected; it stays so, and in its place, whatever arrives.

    Signals
    -------
    trial_chosen(int)
        The trial of this number was selected; -1 if none is any more.
    """

    trial_chosen = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("trialsTable")
        self.setAccessibleName("Trials of the search")
        self.trials = TrialsModel()
        self._delegate = TrialDelegate(self)
        self.setModel(self.trials)
        self.setItemDelegate(self._delegate)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)  # Tab leaves the table; the arrows move in it
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().hide()
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.setSortingEnabled(True)
        self.sortByColumn(NUMBER, Qt.SortOrder.DescendingOrder)
        header.sortIndicatorChanged.connect(self._on_header_sort_changed)
        self.selectionModel().selectionChanged.connect(self._on_selection_changed)
        self._fit()

    def set_theme(self, theme: Theme) -> None:
        """Wear the theme's colours."""
        self._delegate.theme = theme
        self.viewport().update()

    @property
    def chosen(self) -> TrialSummary | None:
        """The trial that is selected."""
        found = self.selectionModel().selectedRows()
        return self.trials.rows[found[0].row()] if found else None

    def choose(self, number: int) -> None:
        """Select the trial of this number, and bring it into view."""
        row = self.trials.row_of(number)
        if row >= 0:
            flags = QItemSelectionModel.SelectionFlag
            self.selectionModel().setCurrentIndex(
                self.trials.index(row, NUMBER), flags.ClearAndSelect | flags.Rows
            )

    def show_only(self, numbers: frozenset[int] | None) -> None:
        """Show only the trials of these numbers, or all; one that is selected stays so."""
        chosen = self.chosen
        self.trials.show_only(numbers)
        if chosen is not None:
            self.choose(chosen.number)

    def put(self, trials: Sequence[TrialSummary]) -> None:
        """Take in trials; what is looked at stays where it is, new ones come above or below it."""
        bar = self.verticalScrollBar()
        at = self.rowAt(0)
        is_looking = bar.value() > 0 or self.chosen is not None
        anchor = self.trials.rows[at].number if is_looking and at >= 0 else None
        offset = self.rowViewportPosition(at) if anchor is not None else 0
        self.trials.put(trials)
        if anchor is not None:
            self.updateGeometries()  # the bar's range is of the rows before
            bar.setValue(self.trials.row_of(anchor) * self._height - offset)

    @property
    def _height(self) -> int:
        return self.verticalHeader().defaultSectionSize()

    def _on_header_sort_changed(self) -> None:
        """Show what is selected, or else what is first now."""
        if self.chosen is None:
            self.scrollToTop()
        else:
            self.scrollTo(self.currentIndex())

    def _on_selection_changed(self) -> None:
        chosen = self.chosen
        self.trial_chosen.emit(-1 if chosen is None else chosen.number)

    def _fit(self) -> None:
        """Fit rows and columns to the size of the text, and to the width there is."""
        metrics = self.fontMetrics()
        self.verticalHeader().setDefaultSectionSize(row_height(metrics))
        left = self.viewport().width()
        for place, (column, widest) in enumerate(zip(TRIAL_COLUMNS, WIDEST, strict=True)):
            if place == LAST:
                break
            width = max(map(metrics.horizontalAdvance, (f"{column.name}   ▾", widest))) + UNIT * 2
            width += ICON + 6 if place == STATE else 0
            width = CURVE_WIDTH if place == CURVE else width
            self.setColumnWidth(place, width)
            left -= width
        self.setColumnWidth(LAST, max(left, SETTINGS_WIDTH))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the columns to the new width."""
        super().resizeEvent(event)
        self._fit()

    def showEvent(self, event: QShowEvent) -> None:
        """Fit the columns to the font, which is known only now."""
        super().showEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        """Fit rows and columns to the size of the text."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._fit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Select none on Escape, if one is selected."""
        if event.key() == Qt.Key.Key_Escape and self.chosen is not None:
            self.clearSelection()
        else:
            super().keyPressEvent(event)
