"""The left column: what to train and how, the two buttons, and how far it is."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal, Slot
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from mnist_desktop import formats
from mnist_desktop.errors import InvalidSettingError
from mnist_desktop.formats import percent
from mnist_desktop.progress import PhaseProgress
from mnist_desktop.runs.unfinished import UnfinishedTraining
from mnist_desktop.training.architectures import ARCHITECTURES, count_parameters
from mnist_desktop.training.config import (
    LOSSES,
    MAX_BATCH_SIZE,
    MAX_EPOCHS,
    MAX_SEED,
    OPTIMIZERS,
    OUTPUT_ACTIVATIONS,
    TrainingConfig,
    parse_hidden_units,
)
from mnist_desktop.training.memory import memory_needed
from mnist_desktop.training.progress import BatchProgress, EpochMetrics
from mnist_desktop.ui.parts.guarded import guarded
from mnist_desktop.ui.parts.shortcuts import add_shortcut
from mnist_desktop.ui.parts.theme import UNIT, Theme, label
from mnist_desktop.ui.train.live_curves import LiveCurves
from mnist_desktop.ui.train.unfinished_card import UnfinishedCard

MUCH_MEMORY = 1e9  # bytes; worth a word
PROGRESS_STEPS = 1000
# Focus that the user gave, not the window's opening.
TURNED_TO = (
    Qt.FocusReason.MouseFocusReason,
    Qt.FocusReason.TabFocusReason,
    Qt.FocusReason.BacktabFocusReason,
    Qt.FocusReason.ShortcutFocusReason,
)
TEXT_MARGINS = (6, 0, 0, 0)  # the style sheet's padding does not reach into spin boxes


@guarded
class TrainingPanel(QFrame):
    """Collects a `TrainingConfig` and shows the progress of a training.

    Signals
    -------
    train_requested(object)
        The user wants this `TrainingConfig` trained.
    stop_requested()
        The user wants the training to end, with what it has learnt kept.
    pause_toggled(bool)
        The training is to pause, or to resume.
    keep_best_toggled(bool)
        What it had learnt after its best epoch is to be kept in the end, or what it learnt last.
    approached()
        The user turns to a setting or to the button: a training is likely to be wanted soon.
    """

    approached = Signal()
    train_requested = Signal(object)
    stop_requested = Signal()
    pause_toggled = Signal(bool)
    keep_best_toggled = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("card", True)
        self._is_busy = False
        self._is_stopping = False
        self._shown = ARCHITECTURES["dense-100"].recipe
        self._make_settings()
        self._make_controls()
        self._lay_out()
        for box in (*self.findChildren(QComboBox), *self.findChildren(QAbstractSpinBox)):
            box.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            box.installEventFilter(self)
        self.train_button.installEventFilter(self)
        self.show_config(self._shown)
        self.set_busy(False)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let the wheel scroll the column, not settings without the focus; see who comes near."""
        if event.type() == QEvent.Type.MouseButtonPress or (
            isinstance(event, QFocusEvent) and event.gotFocus() and event.reason() in TURNED_TO
        ):
            self.approached.emit()
        if event.type() == QEvent.Type.Enter and watched is self.train_button:
            self.approached.emit()
        is_wheel = event.type() == QEvent.Type.Wheel
        if is_wheel and isinstance(watched, QWidget) and not watched.hasFocus():
            event.ignore()
            return True
        return super().eventFilter(watched, event)

    def _make_settings(self) -> None:
        self.architecture = QComboBox()
        self.architecture.setObjectName("architectureComboBox")
        for one in ARCHITECTURES.values():
            self.architecture.addItem(one.name, one.id)
        self.architecture.setToolTip("The kind of network to train")
        self.architecture.currentIndexChanged.connect(self._on_architecture_changed)
        self._description = label("", "muted", wrap=True)
        self._description.setMinimumHeight(3 * self.fontMetrics().lineSpacing())
        self._description.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._parameters = label("", "field", wrap=True)
        self._parameters.setObjectName("parametersLabel")

        self.hidden_units = QLineEdit()
        self.hidden_units.setObjectName("hiddenUnitsEdit")
        self.hidden_units.setProperty("input", True)
        self.hidden_units.setPlaceholderText("such as 128, 64")
        self.hidden_units.textChanged.connect(self._on_settings_changed)
        self.epochs = _spin_box("epochsSpinBox", 1, MAX_EPOCHS)
        self.batch_size = _spin_box("batchSizeSpinBox", 1, MAX_BATCH_SIZE)
        self.batch_size.valueChanged.connect(self._on_settings_changed)
        self.seed = _spin_box("seedSpinBox", 0, MAX_SEED)
        self.learning_rate = _LearningRateBox()
        self.learning_rate.setObjectName("learningRateSpinBox")
        self.learning_rate.lineEdit().setTextMargins(*TEXT_MARGINS)
        self.learning_rate.setDecimals(6)
        self.learning_rate.setRange(0.000001, 10)
        self.learning_rate.setStepType(QDoubleSpinBox.StepType.AdaptiveDecimalStepType)
        self.optimizer = _combo_box("optimizerComboBox", OPTIMIZERS)
        self.loss = _combo_box("lossComboBox", LOSSES)
        self.output_activation = _combo_box("outputActivationComboBox", OUTPUT_ACTIVATIONS)
        self.validation = QSpinBox()
        self.validation.setObjectName("validationSpinBox")
        self.validation.lineEdit().setTextMargins(*TEXT_MARGINS)
        self.validation.setRange(0, 50)
        self.validation.setSuffix("%")

    def _make_controls(self) -> None:
        self.train_button = QPushButton("&Train")
        self.train_button.setObjectName("trainButton")
        self.train_button.setProperty("primary", True)
        self.train_button.setToolTip("Train this network (Ctrl+Return)")
        self.train_button.clicked.connect(self._on_train_clicked)
        self.stop_button = QPushButton("&Stop")
        self.stop_button.setObjectName("stopButton")
        self.stop_button.setToolTip("End the training and keep what it has learnt (Ctrl+.)")
        self.stop_button.clicked.connect(self._on_stop_clicked)
        self.pause_button = QPushButton("Pause")
        self.pause_button.setObjectName("pauseButton")
        self.pause_button.setCheckable(True)
        self.pause_button.setToolTip("Pause the training; press again to resume it (Ctrl+Space)")
        self.pause_button.toggled.connect(self._on_pause_button_toggled)
        self.best_box = QCheckBox("Keep the best epoch")
        self.best_box.setObjectName("keepBestCheckBox")
        self.best_box.setToolTip(
            "At the end, or when you stop, keep what read the validation digits best"
        )
        self.best_box.toggled.connect(self.keep_best_toggled)
        self.progress_bar = QProgressBar()
        self.progress_bar.setObjectName("trainingProgressBar")
        self.progress_bar.setAccessibleName("Progress of the training")
        self.progress_bar.setRange(0, PROGRESS_STEPS)
        self.progress_bar.setTextVisible(False)
        self.status = label("", "muted", wrap=True)
        self.status.setObjectName("trainingStatusLabel")
        self.status.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.status.setMinimumHeight(2 * self.fontMetrics().lineSpacing())
        add_shortcut(self, "Ctrl+Return", self.train_button.click)
        add_shortcut(self, "Ctrl+.", self.stop_button.click)
        add_shortcut(self, "Ctrl+Space", self.pause_button.click)
        self.unfinished = UnfinishedCard()
        self.curves = LiveCurves()

    def _lay_out_settings(self) -> QGridLayout:
        settings = QGridLayout()
        settings.setHorizontalSpacing(UNIT * 2)
        settings.setVerticalSpacing(UNIT)
        self._hidden_field = _field("&Hidden layers", self.hidden_units, _HIDDEN_TIP)
        settings.addWidget(self._hidden_field, 0, 0, 1, 2)
        fields = (
            ("&Epochs", self.epochs, "How often the network goes through all training digits"),
            (
                "&Batch size",
                self.batch_size,
                "How many digits it reads before each correction",
            ),
            ("&Learning rate", self.learning_rate, "How large each correction is"),
            ("Optimi&zer", self.optimizer, "How a correction is made from the slope of the loss"),
            (
                "Loss (cross-entropy)",
                self.loss,
                "On labels as numbers, or as one-hot vectors",
            ),
            (
                "Out&put",
                self.output_activation,
                "Softmax: probabilities. Sigmoid: scores",
            ),
            (
                "&Validation",
                self.validation,
                "Fraction of the training digits held out for the curves",
            ),
            ("Seed", self.seed, "The same seed gives the same numbers again"),
        )
        for place, (text, widget, tip) in enumerate(fields):
            row, column = divmod(place, 2)
            settings.addWidget(_field(text, widget, tip), row + 1, column)
        settings.setColumnStretch(0, 1)
        settings.setColumnStretch(1, 1)
        return settings

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.setSpacing(UNIT)
        buttons.addWidget(self.train_button, 2)
        buttons.addWidget(self.pause_button, 1)
        buttons.addWidget(self.stop_button, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(UNIT * 2, UNIT * 2 - 4, UNIT * 2, UNIT * 2)
        layout.setSpacing(UNIT)
        layout.addWidget(label("Train", "title"))
        layout.addWidget(_field("&Architecture", self.architecture, "The kind of network to train"))
        layout.addWidget(self._description)
        layout.addWidget(self._parameters)
        layout.addLayout(self._lay_out_settings())
        layout.addWidget(self.best_box)
        layout.addWidget(self.unfinished)
        layout.addLayout(buttons)
        layout.addWidget(self.progress_bar)
        layout.addWidget(self.status)
        layout.addWidget(self.curves)
        layout.addStretch()

    def config(self) -> TrainingConfig:
        """Return the settings on the screen.

        Raises
        ------
        InvalidSettingError
            If the hidden layers cannot be read.
        """
        return self._shown.changed(
            epochs=self.epochs.value(),
            batch_size=self.batch_size.value(),
            learning_rate=self.learning_rate.value(),
            optimizer=self.optimizer.currentData(),
            loss=self.loss.currentData(),
            output_activation=self.output_activation.currentData(),
            hidden_units=self._hidden_units(),
            seed=self.seed.value(),
            validation_share=self.validation.value() / 100,
        )

    def show_config(self, config: TrainingConfig) -> None:
        """Put settings on the screen; what has no field there is kept as it is.

        Raises
        ------
        InvalidSettingError
            If the architecture is none that can be trained here.
        """
        place = self.architecture.findData(config.architecture)
        if place < 0:
            raise InvalidSettingError(
                "The bundled reader takes an hour and drawings to train, so its settings are not "
                "offered here; teach it your own digits on the page My digits instead."
            )
        self._shown = config
        self.architecture.blockSignals(True)
        self.architecture.setCurrentIndex(place)
        self.architecture.blockSignals(False)
        self.epochs.setValue(config.epochs)
        self.batch_size.setValue(config.batch_size)
        self.learning_rate.setValue(config.learning_rate)
        self.optimizer.setCurrentIndex(self.optimizer.findData(config.optimizer))
        self.loss.setCurrentIndex(self.loss.findData(config.loss))
        self.output_activation.setCurrentIndex(
            self.output_activation.findData(config.output_activation)
        )
        self.hidden_units.setText(", ".join(str(units) for units in config.hidden_units))
        self.seed.setValue(config.seed)
        self.validation.setValue(round(config.validation_share * 100))
        self._hidden_field.setVisible(config.architecture == "mlp")
        self._on_settings_changed()

    def offer_unfinished(self, unfinished: UnfinishedTraining | None) -> None:
        """Offer to resume an interrupted training, in place of the curves."""
        self.unfinished.offer(unfinished)
        self.curves.setVisible(unfinished is None)

    def set_theme(self, theme: Theme) -> None:
        """Wear the theme's colours."""
        self.curves.set_theme(theme)

    def set_busy(self, is_busy: bool, *, can_pause: bool = True) -> None:
        """Offer Stop while a training is under way, and Train otherwise; not all can wait."""
        self._is_busy = is_busy
        self._is_stopping = False
        self.train_button.setEnabled(not is_busy)
        self.stop_button.setEnabled(is_busy)
        self.pause_button.setEnabled(is_busy and can_pause)
        self.pause_button.setChecked(False)
        self.unfinished.setEnabled(not is_busy)
        self.progress_bar.setRange(0, PROGRESS_STEPS)
        if is_busy:
            self.progress_bar.setValue(0)
            self.curves.clear(self.epochs.value())

    def show_status(self, text: str, *, is_endless: bool = False) -> None:
        """Say what is going on; an endless bar moves while nothing can be counted."""
        self.status.setText(text)
        self.progress_bar.setRange(0, 0 if is_endless else PROGRESS_STEPS)

    @Slot(object)
    def show_progress(self, progress: object) -> None:
        """Show a progress record of the training."""
        if isinstance(progress, BatchProgress):
            self.progress_bar.setRange(0, PROGRESS_STEPS)
            self.progress_bar.setValue(round(progress.share * PROGRESS_STEPS))
            self.curves.add_batch(progress)
            if not self._is_stopping:
                self.status.setText(_describe(progress))
        elif isinstance(progress, EpochMetrics):
            self.curves.add_epoch(progress)
        elif isinstance(progress, PhaseProgress):
            self.status.setText(f"{progress.text} …")

    def _hidden_units(self) -> tuple[int, ...]:
        if self.architecture.currentData() != "mlp":
            return ()
        return parse_hidden_units(self.hidden_units.text())

    @Slot()
    def _on_architecture_changed(self) -> None:
        self.show_config(ARCHITECTURES[self.architecture.currentData()].recipe)

    @Slot()
    def _on_settings_changed(self) -> None:
        if not self._is_busy:
            self.status.clear()
        one = ARCHITECTURES[self.architecture.currentData()]
        self._description.setText(one.description)
        try:
            config = one.recipe.changed(
                hidden_units=self._hidden_units(), batch_size=self.batch_size.value()
            )
        except InvalidSettingError as error:
            self._parameters.setText(str(error))
            return
        count = count_parameters(config)
        needed = memory_needed(config, count)
        much = f", some {needed / 1e9:.1f} GB of memory to train" if needed > MUCH_MEMORY else ""
        self._parameters.setText(f"{formats.count(count, 'parameter')}{much}")

    @Slot()
    def _on_train_clicked(self) -> None:
        try:
            config = self.config()
        except InvalidSettingError as error:
            self.status.setText(str(error))
            self.hidden_units.setFocus()
            return
        self.train_requested.emit(config)

    @Slot(bool)
    def _on_pause_button_toggled(self, is_paused: bool) -> None:
        self.pause_button.setText("Resume" if is_paused else "Pause")
        self.pause_toggled.emit(is_paused)

    @Slot()
    def _on_stop_clicked(self) -> None:
        self._is_stopping = True
        self.stop_button.setEnabled(False)
        self.pause_button.setEnabled(False)
        self.status.setText("Stopping; what was learnt is kept …")
        self.stop_requested.emit()


_HIDDEN_TIP = "Sizes of the hidden layers, with commas between them"


def _describe(progress: BatchProgress) -> str:
    left = ""
    if progress.seconds_left is not None:
        minutes, seconds = divmod(round(progress.seconds_left), 60)
        left = f", {minutes}:{seconds:02} left"
    return (
        f"Epoch {progress.epoch} of {progress.epochs}, batch {progress.batch:,} of "
        f"{progress.batches:,}{left}\n"
        f"Loss {progress.loss:.4f}, accuracy {percent(progress.accuracy)}"
    )


@guarded
class _LearningRateBox(QDoubleSpinBox):
    """Shows 0.001 and not 0.001000."""

    def textFromValue(self, value: float) -> str:
        return self.locale().toString(value, "g", 6)


def _spin_box(name: str, low: int, high: int) -> QSpinBox:
    box = QSpinBox()
    box.setObjectName(name)
    box.lineEdit().setTextMargins(*TEXT_MARGINS)
    box.setRange(low, high)
    box.setGroupSeparatorShown(True)
    return box


def _combo_box(name: str, choices: object) -> QComboBox:
    box = QComboBox()
    box.setObjectName(name)
    # Long names must not widen the column; the list below opens as wide as it needs to be.
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    box.setMinimumContentsLength(8)
    assert isinstance(choices, dict)  # noqa: S101 - the tables of mnist_desktop.training.config
    for key, text in choices.items():
        box.addItem(text, key)
    box.view().setMinimumWidth(box.view().sizeHintForColumn(0) + 24)
    return box


def _field(text: str, widget: QWidget, tip: str) -> QWidget:
    """A label above an input, as one widget that can be hidden."""
    field = QWidget()
    layout = QVBoxLayout(field)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(2)
    name = label(text, "field")
    name.setBuddy(widget)
    widget.setToolTip(tip)
    widget.setAccessibleName(text.replace("&", ""))
    widget.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
    layout.addWidget(name)
    layout.addWidget(widget)
    return field
