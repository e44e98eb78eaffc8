"""Which network is in use: the box in which it is chosen, and what follows from the choice."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QSignalBlocker,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QListView,
    QStyle,
    QStyleOptionComboBox,
    QStylePainter,
    QWidget,
)

from mnist_desktop import edition
from mnist_desktop.errors import MnistDesktopError, ModelFileError
from mnist_desktop.evaluation import bundled_reader
from mnist_desktop.formats import percent
from mnist_desktop.printable import printable
from mnist_desktop.runs.model_ref import BUNDLED, BUNDLED_NAME, ModelRef
from mnist_desktop.runs.record import RunRecord
from mnist_desktop.runs.run import Run
from mnist_desktop.ui.parts.guarded import guarded
from mnist_desktop.ui.parts.message import plain
from mnist_desktop.ui.parts.model_index import Index
from mnist_desktop.workers.prediction import ModelFailure, OpenedModel, PredictionController
from mnist_desktop.workers.runs import RunList

logger = logging.getLogger(__name__)

MIN_WIDTH = 280  # pixels
SEPARATOR = " · "  # between what a network is called and its accuracy
# What accuracy a network has on the test digits of its own training.
MEASURED = {
    "mnist": "{accuracy} test",
    "sample": "{accuracy} sample test",
    "custom": "{accuracy} on your digits",
}
NAMED = "{{accuracy}} on {}"  # of classes that are no digits
LEARNT = "{accuracy} sample learnt"  # where the test digits had been learnt from before
IN_USE = "The network that reads your drawing and is shown in the middle"
MARGIN = 4  # pixels that the style keeps free around the text
MAX_SHOWN = 20  # networks in the open list, before it scrolls


@guarded
class NetworkList(QAbstractListModel):
    """Networks to choose from, each with what it is called."""

    def __init__(self) -> None:
        super().__init__()
        self.entries: list[tuple[str, ModelRef]] = []

    def show(self, entries: list[tuple[str, ModelRef]]) -> None:
        """Offer these."""
        self.beginResetModel()
        self.entries = entries
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        """Count the networks."""
        return 0 if parent.isValid() else len(self.entries)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """What a network is called, or what the command line calls it."""
        text, model = self.entries[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return text
        return str(model) if role == Qt.ItemDataRole.UserRole else None


@guarded
class ModelPicker(QComboBox):
    """Offers the networks, of which there may be thousands.

    `currentIndexChanged` is emitted when the user chooses; not when the program does.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("modelComboBox")
        self.setAccessibleName("Model")
        self.show_note("")
        self.setMinimumWidth(MIN_WIDTH)
        self.setMaxVisibleItems(MAX_SHOWN)
        # Neither the box nor its list measures every name to find its width.
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        view = self.view()
        assert isinstance(view, QListView)  # noqa: S101 - Qt's own
        view.setUniformItemSizes(True)
        self._bundled = (_describe_bundled(), BUNDLED)
        self._networks = NetworkList()
        self.setModel(self._networks)
        self.offer((), ())

    def offer(self, runs: Sequence[Run], files: Sequence[Path]) -> None:
        """Offer the bundled reader, these runs and these files; the one that is chosen stays so."""
        entries = [
            self._bundled,
            *((_describe(run.record), ModelRef(run.record.id)) for run in runs),
            *((printable(file.name), ModelRef(file=file)) for file in files),
        ]
        if entries == self._networks.entries:
            return
        chosen = self.model_ref
        with QSignalBlocker(self):
            self._networks.show(entries)
        self.choose(chosen)

    def show_note(self, note: str) -> None:
        """Say below the mouse, and to a screen reader, what is special about the network in use."""
        self.setToolTip(plain("\n".join(filter(None, (IN_USE, note)))))
        self.setAccessibleDescription(note)

    def shown_text(self) -> str:
        """The chosen network as it is written in the box; a long name gives way to the accuracy."""
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        field = self.style().subControlRect(
            QStyle.ComplexControl.CC_ComboBox,
            option,
            QStyle.SubControl.SC_ComboBoxEditField,
            self,
        )
        name, dot, accuracy = self.currentText().rpartition(SEPARATOR)
        measured, metrics = dot + accuracy if name else "", self.fontMetrics()
        room = field.width() - MARGIN - metrics.horizontalAdvance(measured)
        return metrics.elidedText(name or accuracy, Qt.TextElideMode.ElideRight, room) + measured

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the box; with a style sheet, Qt would cut a long text off without a sign."""
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        option.currentText = self.shown_text()
        painter = QStylePainter(self)
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)

    @property
    def model_ref(self) -> ModelRef:
        """The network that is chosen."""
        index = self.currentIndex()
        return self._networks.entries[index][1] if index >= 0 else BUNDLED

    def offers(self, model: ModelRef) -> bool:
        """Whether this network is among them."""
        return any(one == model for _, one in self._networks.entries)

    def choose(self, model: ModelRef) -> None:
        """Choose a network; the bundled reader if it is not among them."""
        models = [one for _, one in self._networks.entries]
        with QSignalBlocker(self):
            self.setCurrentIndex(models.index(model) if model in models else 0)


def _describe(record: RunRecord) -> str:
    digits = record.dataset
    of_digits = LEARNT if record.caveat else MEASURED[digits.name]
    words = of_digits if digits.classes.are_digits else NAMED.format(digits.title)
    return _called(record.name, words, record.test_accuracy)


def _describe_bundled() -> str:
    """Name the bundled reader; without its accuracy if that is not known any more."""
    try:
        return _called(BUNDLED_NAME, MEASURED["mnist"], bundled_reader.accuracy_on_mnist())
    except ModelFileError:
        return BUNDLED_NAME


def _called(name: str, measured: str, accuracy: float) -> str:
    return f"{name}{SEPARATOR}{measured.format(accuracy=percent(accuracy))}"


class ModelChooser(QObject):
    """Has drawings read with the network that is chosen, whoever chooses it.

    If a network cannot be opened, the one that reads the pad is named again.

    Parameters
    ----------
    picker : ModelPicker
        The box in which the user chooses.
    runs : RunList
        The runs that there are.
    prediction : PredictionController
        Reads the pad.
    window : QWidget
        Above which files are chosen; it owns this object.

    Signals
    -------
    chosen(object)
        A `ModelRef`: this network is in use now.
    renamed(object)
        A `ModelRef`: the network in use is called something else now.
    said(str)
        What is going on, in words.
    failed(object)
        A `MnistDesktopError`: a network could not be opened.
    """

    chosen = Signal(object)
    renamed = Signal(object)
    said = Signal(str)
    failed = Signal(object)

    def __init__(
        self,
        picker: ModelPicker,
        runs: RunList,
        prediction: PredictionController,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._picker = picker
        self._runs = runs
        self._prediction = prediction
        self._window = window
        self._files: list[Path] = []  # that were opened, as long as the window is
        self._model = BUNDLED
        self._shown: ModelRef | None = None
        self._name = ""  # what it is called
        self._reads_with = BUNDLED  # what the pad was read with last
        picker.currentIndexChanged.connect(self._on_picker_current_index_changed)
        runs.changed.connect(self._on_runs_changed)
        prediction.model_opened.connect(self._on_prediction_model_opened)
        prediction.model_failed.connect(self._on_prediction_model_failed)

    @property
    def model(self) -> ModelRef:
        """The network in use."""
        return self._model

    @Slot(object)
    def select(self, model: ModelRef) -> None:
        """Use a network; the bundled reader if there is no such run or opened file."""
        self._model = model
        if model.run_id and not self._picker.offers(model):
            try:
                self._runs.read_one(model.run_id)  # before all others
            except MnistDesktopError as error:  # it was deleted
                logger.info("The network %r is not there: %s", model.run_id, error)
        self._show()

    def open_file(self, path: Path) -> None:
        """Use a network from a file, which may have changed since it was opened last."""
        if path not in self._files:
            self._files.append(path)
        self._shown = None
        self._offer()
        self.select(ModelRef(file=path))

    @Slot()
    def ask_for_file(self) -> None:
        """Let the user choose a file, and use the network in it."""
        onnx = " *.onnx" if edition.can_train() else ""
        kinds = f"Networks (*.keras *.h5 *.hdf5 *.json{onnx} *.tflite);;All files (*)"
        path, _ = QFileDialog.getOpenFileName(self._window, "Open a network", "", kinds)
        if path:
            self.open_file(Path(path))

    def _offer(self) -> None:
        self._picker.offer(self._runs.runs, self._files)

    def _show(self) -> None:
        """Use the chosen network, unless it is in use; a new list of the same ones is no change."""
        self._picker.choose(self._model)
        self._model = self._picker.model_ref
        if self._model != self._shown:
            self._shown, self._name = self._model, self._picker.currentText()
            self._prediction.open_model(self._model)
            self.chosen.emit(self._model)
        elif self._name != self._picker.currentText():
            self._name = self._picker.currentText()
            self.renamed.emit(self._model)

    @Slot()
    def _on_picker_current_index_changed(self) -> None:
        self.select(self._picker.model_ref)

    @Slot()
    def _on_runs_changed(self) -> None:
        self._offer()
        self._show()

    @Slot(object)
    def _on_prediction_model_opened(self, opened: OpenedModel) -> None:
        self._reads_with = opened.model
        self._picker.show_note(opened.predictor.full_note)
        if opened.model.file is not None:
            name = printable(opened.model.file.name)
            words = [f"Drawings are read with {name} now.", opened.predictor.note]
            self.said.emit(" ".join(filter(None, words)))

    @Slot(object)
    def _on_prediction_model_failed(self, failure: ModelFailure) -> None:
        self.failed.emit(failure.error)
        self._leave(failure.model)

    def _leave(self, model: ModelRef) -> None:
        """Name the network that reads the pad again, in place of one that could not be opened."""
        is_chosen = self._model == model
        if model.file in self._files:
            self._files.remove(model.file)
            self._offer()
        if is_chosen:
            self.select(self._reads_with if self._reads_with != model else BUNDLED)
