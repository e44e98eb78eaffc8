"""The second face of the form of a training: how the network is taught."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QCheckBox,
    QGridLayout,
    QHBoxLayout,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from mnist_desktop.training.augmentation import Augmentation, short_name
from mnist_desktop.training.config import (
    LOSSES,
    MAX_BATCH_SIZE,
    MAX_DECAY,
    MAX_SEED,
    MAX_SMOOTHING,
    OPTIMIZERS,
    OUTPUT_ACTIVATIONS,
    OWN_DECAY,
    SCHEDULES,
    TrainingConfig,
)
from mnist_desktop.ui.parts.icons import icon
from mnist_desktop.ui.parts.theme import UNIT
from mnist_desktop.ui.train.fields import (
    DecimalBox,
    Field,
    NumberBox,
    combo_box,
    spin_box,
    typed_number,
)

# Rows of two settings, and one of three short ones with their shares of the width.
PAIRS = (
    ("Batch size", "Learning rate"),
    ("Optimizer", "Schedule"),
    ("Loss", "Output activation"),
)
SMALL = {"Weight decay": 5, "Label smoothing": 6, "Validation digits": 5}
LAST_PAIR = ("Augmentation", "Seed")


class MoreSettings(QWidget):
    """Inputs for everything but the network itself and the epochs, each below its label.

    Attributes
    ----------
    fields : dict of str to Field
        By the names that `describe_settings` gives settings.
    numbers : dict of str to NumberBox
        Those in which a number is typed, by the same names.
    back_button : QPushButton
        Leads back to the first face.

    Signals
    -------
    changed()
        A setting may be another now.
    augmentation_requested(object)
        The user wants to see and change this `Augmentation`.
    """

    changed = Signal()
    augmentation_requested = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._is_filling = False
        self._make_inputs()
        self.fields = self._make_fields()
        self.numbers: dict[str, NumberBox] = {
            "Batch size": self.batch_size,
            "Learning rate": self.learning_rate,
            "Weight decay": self.weight_decay,
            "Label smoothing": self.label_smoothing,
            "Validation digits": self.validation,
            "Seed": self.seed,
        }
        self._lay_out()
        self.optimizer.currentIndexChanged.connect(self._on_optimizer_changed)
        for choice in (self.schedule, self.loss, self.output_activation):
            choice.currentIndexChanged.connect(self.changed)
        self.augmentation.clicked.connect(self._on_augmentation_clicked)

    def _make_inputs(self) -> None:
        self.batch_size = spin_box("batchSizeSpinBox", 1, MAX_BATCH_SIZE)
        self.seed = spin_box("seedSpinBox", 0, MAX_SEED)
        self.learning_rate = DecimalBox("learningRateSpinBox", 0.000001, 10)
        self.schedule = combo_box("scheduleComboBox", SCHEDULES)
        self.optimizer = combo_box("optimizerComboBox", OPTIMIZERS)
        self.weight_decay = DecimalBox("weightDecaySpinBox", 0, MAX_DECAY, step=0.01)
        self._usual_decay = OWN_DECAY[self.optimizer.currentData()]
        self.loss = combo_box("lossComboBox", LOSSES)
        self.label_smoothing = DecimalBox("labelSmoothingSpinBox", 0, MAX_SMOOTHING, step=0.05)
        self.output_activation = combo_box("outputActivationComboBox", OUTPUT_ACTIVATIONS)
        self.augmentation = QPushButton()
        self.augmentation.setObjectName("augmentationButton")
        self.validation = spin_box("validationSpinBox", 0, 50, "%")
        self.best_box = QCheckBox("Keep the best epoch")
        self.best_box.setObjectName("keepBestCheckBox")
        self.best_box.setToolTip(
            "At the end, or when you stop, keep what read the validation digits best"
        )
        self.back_button = QPushButton("Back")
        self.back_button.setObjectName("basicSettingsButton")
        self.back_button.setIcon(icon("back"))
        self.back_button.setProperty("link", True)
        self.back_button.setToolTip("Back to the recipe (Esc)")

    def _make_fields(self) -> dict[str, Field]:
        return {
            "Batch size": Field(
                "&Batch size", self.batch_size, "How many digits it reads before each correction"
            ),
            "Learning rate": Field(
                "&Learning rate", self.learning_rate, "How large each correction is"
            ),
            "Schedule": Field(
                "Schedule",
                self.schedule,
                "How the learning rate changes: linear and cosine fall to zero, one-cycle rises "
                "before",
            ),
            "Optimizer": Field(
                "Optimi&zer", self.optimizer, "How a correction is made from the slope of the loss"
            ),
            "Weight decay": Field(
                "Weight decay",
                self.weight_decay,
                "How much each correction shrinks all weights, times the learning rate",
            ),
            "Loss": Field(
                "Loss (cross-entropy)", self.loss, "On labels as numbers, or as one-hot vectors"
            ),
            "Label smoothing": Field(
                "Label smoothing",
                self.label_smoothing,
                "How much of each label is spread over all classes; 0.1 is usual",
            ),
            "Output activation": Field(
                "Out&put", self.output_activation, "Softmax: probabilities. Sigmoid: scores"
            ),
            "Validation digits": Field(
                "&Validation",
                self.validation,
                "Fraction of the training digits held out for the curves",
            ),
            "Augmentation": Field(
                "Augmentation",
                self.augmentation,
                "How far training digits are changed: see and set it",
            ),
            "Seed": Field("Seed", self.seed, "The same seed gives the same numbers again"),
        }

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.addWidget(self.back_button)
        head.addStretch()
        head.addWidget(self.best_box)
        grid = QGridLayout()
        grid.setHorizontalSpacing(UNIT * 2)
        grid.setVerticalSpacing(UNIT // 2)
        for row, pair in enumerate(PAIRS):
            for column, name in enumerate(pair):
                grid.addWidget(self.fields[name], row, column)
        small = QHBoxLayout()
        small.setSpacing(UNIT)
        for name, share in SMALL.items():
            small.addWidget(self.fields[name], share)
        grid.addLayout(small, len(PAIRS), 0, 1, 2)
        for column, name in enumerate(LAST_PAIR):
            grid.addWidget(self.fields[name], len(PAIRS) + 1, column)
            grid.setColumnStretch(column, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(UNIT // 2)
        layout.addLayout(head)
        layout.addLayout(grid)
        layout.addStretch()

    # What it holds

    def settings(self) -> dict[str, Any]:
        """Return the settings on the screen, by their names in `TrainingConfig`."""
        decay = typed_number(self.weight_decay)
        return {
            "batch_size": int(typed_number(self.batch_size)),
            "learning_rate": typed_number(self.learning_rate),
            "schedule": self.schedule.currentData(),
            "optimizer": self.optimizer.currentData(),
            "weight_decay": None if decay == self._usual_decay else decay,
            "loss": self.loss.currentData(),
            "label_smoothing": typed_number(self.label_smoothing),
            "output_activation": self.output_activation.currentData(),
            "seed": int(typed_number(self.seed)),
            "validation_share": typed_number(self.validation) / 100,
            "augment": self._augment,
        }

    def show_config(self, config: TrainingConfig) -> None:
        """Put settings on the screen."""
        self._is_filling = True
        self.batch_size.setValue(config.batch_size)
        self.learning_rate.setValue(config.learning_rate)
        for box, value in (
            (self.schedule, config.schedule),
            (self.optimizer, config.optimizer),
            (self.loss, config.loss),
            (self.output_activation, config.output_activation),
        ):
            box.setCurrentIndex(box.findData(value))
        self.weight_decay.setValue(config.decay)
        self.label_smoothing.setValue(config.label_smoothing)
        self.seed.setValue(config.seed)
        self.validation.setValue(round(config.validation_share * 100))
        self.show_augmentation(config.augment)
        self._is_filling = False

    @Slot(object)
    def show_augmentation(self, augmentation: Augmentation) -> None:
        """Train with this augmentation, and name it on its button."""
        self._augment = augmentation
        name = short_name(augmentation)
        self.augmentation.setText(f"{name} …")
        self.augmentation.setAccessibleName(f"Augmentation: {augmentation.words or name}")
        self.changed.emit()

    def focus_first(self) -> None:
        """Let the first setting be typed into."""
        self.batch_size.setFocus(Qt.FocusReason.TabFocusReason)

    @Slot()
    def _on_optimizer_changed(self) -> None:
        """Show the weight decay that belongs to the optimizer, in place of the last one's own."""
        last, self._usual_decay = self._usual_decay, OWN_DECAY[self.optimizer.currentData()]
        if not self._is_filling and self.weight_decay.value() == last:
            self.weight_decay.setValue(self._usual_decay)
        self.changed.emit()

    @Slot()
    def _on_augmentation_clicked(self) -> None:
        self.augmentation_requested.emit(self._augment)
