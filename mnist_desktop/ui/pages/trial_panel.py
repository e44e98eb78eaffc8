"""The trial that is selected: its settings, its curve, and what can be done with it."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from mnist_desktop import formats
from mnist_desktop.formats import percent
from mnist_desktop.search.study import TrialSummary
from mnist_desktop.search.wording import STATE_WORDS, network_words, training_words
from mnist_desktop.ui.parts.fixed_lines import FixedLines
from mnist_desktop.ui.parts.guarded import guarded
from mnist_desktop.ui.parts.sparkline import paint_sparkline
from mnist_desktop.ui.parts.theme import LIGHT, UNIT, Theme

NONE = "No trial is selected"
HOW = "Click a trial, or go to it with the arrow keys, to see its settings and its curve."
CURVE_SIZE = QSize(UNIT * 22, UNIT * 12)


@guarded
class TrialCurve(QWidget):
    """The curve of a trial, with its lowest and its highest value."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("trialCurve")
        self.setAccessibleName("Learning curve of the trial")
        self._theme: Theme = LIGHT
        self._values: tuple[float, ...] = ()
        self.setFixedWidth(CURVE_SIZE.width())
        self.setMinimumHeight(CURVE_SIZE.height())

    def set_theme(self, theme: Theme) -> None:
        """Wear the theme's colours."""
        self._theme = theme
        self.update()

    def show_values(self, values: tuple[float, ...]) -> None:
        """Show this curve; nothing for an empty one."""
        self._values = values
        words = ", ".join(map(percent, values))
        self.setAccessibleDescription(words)
        self.setToolTip(f"Accuracy on the validation digits: {words}" if words else "")
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the curve between two lines, which say what they stand for."""
        if not self._values:
            return
        theme, metrics = self._theme, self.fontMetrics()
        wide, high = metrics.horizontalAdvance("00.00%") + UNIT // 2, metrics.height()
        area = QRectF(self.rect()).adjusted(wide, high / 2, -4, -high / 2)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        least, most = min(self._values), max(self._values)
        for value, y in ((most, area.top()), (least, area.bottom())):
            painter.setPen(QPen(QColor(theme.line), 1))
            painter.drawLine(int(area.left()), int(y), int(area.right()), int(y))
            painter.setPen(QColor(theme.muted))
            place = QRectF(0, y - high / 2, wide - UNIT // 2, high)
            right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(place, int(right), percent(value))
            if least == most:
                break
        paint_sparkline(painter, area.adjusted(4, 0, -4, 0), self._values, theme)


class TrialPanel(QFrame):
    """Shows a trial, always as large as it is now.

    Signals
    -------
    train_requested(object), edit_requested(object)
        The network of this `TrialSummary` is to be trained as a run, or shown in the layer editor.
    """

    train_requested = Signal(object)
    edit_requested = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("trialPanel")
        self.setAccessibleName("The selected trial")
        self._trial: TrialSummary | None = None
        self._is_training = False
        self._title = FixedLines("strong", 1)
        self._title.setObjectName("trialTitleLabel")
        self._settings = FixedLines("muted", 5)
        self._settings.setObjectName("trialSettingsLabel")
        self._reason = FixedLines("problem", 1)
        self._reason.setObjectName("trialReasonLabel")
        self.curve = TrialCurve()
        self.train_button = QPushButton("Train it")
        self.train_button.setObjectName("trainTrialButton")
        self.train_button.clicked.connect(self._on_train_button_clicked)
        self.edit_button = QPushButton("Open in the editor")
        self.edit_button.setObjectName("editTrialButton")
        self.edit_button.setToolTip("See and change its layers; its settings come with them")
        self.edit_button.clicked.connect(self._on_edit_button_clicked)
        buttons = QHBoxLayout()
        buttons.setSpacing(UNIT)
        buttons.addWidget(self.train_button)
        buttons.addWidget(self.edit_button)
        buttons.addStretch()
        words = QVBoxLayout()
        words.setSpacing(2)
        for part in (self._title, self._settings, self._reason):
            words.addWidget(part)
        words.addStretch()
        words.addLayout(buttons)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, UNIT // 2, 0, 0)
        row.setSpacing(UNIT * 2)
        row.addLayout(words, 1)
        row.addWidget(self.curve)
        self.show_trial(None)

    def set_theme(self, theme: Theme) -> None:
        """Wear the theme's colours."""
        self.curve.set_theme(theme)

    def set_compact(self, is_compact: bool) -> None:
        """Leave out its settings and its curve where a plot needs the room."""
        for part in (self._settings, self._reason, self.curve):
            part.setVisible(not is_compact)

    def set_training(self, is_training: bool) -> None:
        """Offer no training while another one is under way."""
        self._is_training = is_training
        self._offer()

    def show_trial(self, trial: TrialSummary | None) -> None:
        """Show a trial, or how to select one."""
        self._trial = trial
        self._title.setText(NONE if trial is None else _title(trial))
        self._settings.setText(HOW if trial is None else _settings(trial))
        self._reason.setText("" if trial is None else trial.reason)
        self.curve.show_values(() if trial is None else trial.curve)
        self._offer()

    def _offer(self) -> None:
        trial = self._trial
        # What is being drawn, or could not be built, is no network.
        is_network = trial is not None and "epochs" in trial.settings and bool(trial.parameters)
        self.edit_button.setEnabled(is_network)
        self.train_button.setEnabled(is_network and not self._is_training)
        self.train_button.setToolTip(
            "Another training is under way"
            if self._is_training
            else "Train this network as a run of its own; a search that is running waits for it"
        )

    @Slot()
    def _on_train_button_clicked(self) -> None:
        self.train_requested.emit(self._trial)

    @Slot()
    def _on_edit_button_clicked(self) -> None:
        self.edit_requested.emit(self._trial)


def _title(trial: TrialSummary) -> str:
    found = [f"Trial {trial.number}: {STATE_WORDS[trial.state]}"]
    if trial.score is not None:
        found.append(percent(trial.score))
    if trial.parameters is not None:
        found.append(formats.count(trial.parameters, "parameter"))
    if trial.seconds is not None:
        found.append(formats.seconds(trial.seconds))
    return ", ".join(found)


def _settings(trial: TrialSummary) -> str:
    network, training = network_words(trial.settings), training_words(trial.settings)
    network = network[:1].upper() + network[1:]
    layers = trial.settings.get("layers", "")
    return "\n".join(filter(None, (network, training, layers))) or "Its settings are not drawn yet."
