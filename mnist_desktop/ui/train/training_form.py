"""The form of a training: a recipe on its first face, all other settings on its second."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QCheckBox,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from mnist_desktop.errors import InvalidSettingError
from mnist_desktop.training.architectures import ARCHITECTURES, READER, count_parameters
from mnist_desktop.training.augmentation import Augmentation, short_name
from mnist_desktop.training.config import (
    CUSTOM,
    LOSSES,
    MAX_BATCH_SIZE,
    MAX_EPOCHS,
    MAX_SEED,
    OPTIMIZERS,
    OUTPUT_ACTIVATIONS,
    TrainingConfig,
    describe_settings,
    parse_hidden_units,
)
from mnist_desktop.training.memory import free_memory, memory_needed
from mnist_desktop.ui.parts.fixed_lines import FixedLines
from mnist_desktop.ui.parts.guarded import guarded
from mnist_desktop.ui.parts.icons import icon
from mnist_desktop.ui.parts.places import keep_place
from mnist_desktop.ui.parts.theme import UNIT, label
from mnist_desktop.ui.train.fields import (
    Field,
    LearningRateBox,
    NumberBox,
    combo_box,
    range_problem,
    set_look,
    spin_box,
    typed_number,
)
from mnist_desktop.ui.train.recipe_box import RecipeBox
from mnist_desktop.ui.train.recipe_summary import MUCH_MEMORY, RecipeSummary

BASICS, MORE = 0, 1
# Why the settings of a run cannot be used here, by its architecture.
NOT_OFFERED = {
    READER.id: "The bundled reader takes an hour and drawings to train, so its settings are not "
    "offered here; teach it your own digits on the page My digits instead.",
    CUSTOM: "Layers such as this run's are trained on the command line, with mnist-desktop train "
    "--architecture custom.",
}
FREE_LAYERS = "mlp"  # the architecture with hidden layers of the user's own


@guarded
class TrainingForm(QStackedWidget):
    """Collects a `TrainingConfig`; checks each setting as it is typed.

    Attributes
    ----------
    problem : str
        What is wrong with the settings, in a sentence; empty if they can be trained with.

    Signals
    -------
    changed()
        A setting, or whether something is wrong, is another.
    augmentation_requested(object)
        The user wants to see and change this `Augmentation`.
    """

    changed = Signal()
    augmentation_requested = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.problem = ""
        self._shown = ARCHITECTURES["dense-100"].recipe
        self._is_filling = False
        self._make_inputs()
        self._make_fields()
        self._make_buttons()
        self.addWidget(self._lay_out_basics())
        self.addWidget(self._lay_out_more())
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._connect()
        self.show_config(self._shown)

    # Its parts

    def _make_inputs(self) -> None:
        self.architecture = RecipeBox()
        self.summary = RecipeSummary()
        self.hidden_units = QLineEdit()
        self.hidden_units.setObjectName("hiddenUnitsEdit")
        self.hidden_units.setProperty("input", True)
        self.hidden_units.setPlaceholderText("such as 128, 64")
        self.epochs = spin_box("epochsSpinBox", 1, MAX_EPOCHS)
        self.batch_size = spin_box("batchSizeSpinBox", 1, MAX_BATCH_SIZE)
        self.seed = spin_box("seedSpinBox", 0, MAX_SEED)
        self.learning_rate = LearningRateBox()
        self.optimizer = combo_box("optimizerComboBox", OPTIMIZERS)
        self.loss = combo_box("lossComboBox", LOSSES)
        self.output_activation = combo_box("outputActivationComboBox", OUTPUT_ACTIVATIONS)
        self.augmentation = QPushButton()
        self.augmentation.setObjectName("augmentationButton")
        self.validation = spin_box("validationSpinBox", 0, 50, "%")
        self.best_box = QCheckBox("Keep the best epoch")
        self.best_box.setObjectName("keepBestCheckBox")
        self.best_box.setToolTip(
            "At the end, or when you stop, keep what read the validation digits best"
        )

    def _make_fields(self) -> None:
        """Put each input below its label; settings are called as `describe_settings` does."""
        self._hidden_message = FixedLines("problem", 2)
        self._hidden_message.setObjectName("hiddenUnitsMessage")
        self._hidden_field = Field(
            "&Hidden layers",
            self.hidden_units,
            "Sizes of the hidden layers, with commas between them",
            self._hidden_message,
        )
        self._architecture_field = Field(
            "&Architecture", self.architecture, "The kind of network to train"
        )
        self._fields = {
            "Epochs": Field(
                "&Epochs", self.epochs, "How often the network goes through all training digits"
            ),
            "Batch size": Field(
                "&Batch size", self.batch_size, "How many digits it reads before each correction"
            ),
            "Learning rate": Field(
                "&Learning rate", self.learning_rate, "How large each correction is"
            ),
            "Optimizer": Field(
                "Optimi&zer", self.optimizer, "How a correction is made from the slope of the loss"
            ),
            "Loss": Field(
                "Loss (cross-entropy)", self.loss, "On labels as numbers, or as one-hot vectors"
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
        self._numbers: dict[str, NumberBox] = {
            "Epochs": self.epochs,
            "Batch size": self.batch_size,
            "Learning rate": self.learning_rate,
            "Validation digits": self.validation,
            "Seed": self.seed,
        }

    def _make_buttons(self) -> None:
        self.more_button = QPushButton("More settings")
        self.more_button.setObjectName("moreSettingsButton")
        self.more_button.setIcon(icon("settings"))
        self.more_button.setShortcut(QKeySequence("Ctrl+,"))
        self.more_button.setToolTip("Batch size, learning rate, optimizer and more (Ctrl+,)")
        self.back_button = QPushButton("Back")
        self.back_button.setObjectName("basicSettingsButton")
        self.back_button.setIcon(icon("back"))
        self.back_button.setToolTip("Back to the recipe (Esc)")
        self._changes = label("", "field")
        self._changes.setObjectName("settingsChangedLabel")
        self._changes.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.reset_button = QPushButton("Reset")
        self.reset_button.setObjectName("resetSettingsButton")
        self.reset_button.setProperty("link", True)
        self.reset_button.setToolTip("Go back to the recipe's own settings")
        keep_place(self.reset_button)

    def _lay_out_basics(self) -> QWidget:
        self._about = QStackedWidget()  # what the recipe is, or the layers that are the user's own
        self._description = FixedLines("muted", 4)
        self._description.setObjectName("architectureDescription")
        self._about.addWidget(_at_top(self._description))
        self._about.addWidget(_at_top(self._hidden_field, self._hidden_message))
        row = QHBoxLayout()
        row.setSpacing(UNIT * 2)
        row.addWidget(self._fields["Epochs"], 1)
        row.addWidget(self.more_button, 1, Qt.AlignmentFlag.AlignBottom)
        changes = QHBoxLayout()
        changes.setSpacing(UNIT)
        changes.addWidget(self._changes, 1)
        changes.addWidget(self.reset_button)
        face = QWidget()
        column = QVBoxLayout(face)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(UNIT)
        column.addWidget(self._architecture_field)
        column.addWidget(self.summary)
        column.addWidget(self._about)
        column.addLayout(row)
        column.addLayout(changes)
        column.addStretch()
        return face

    def _lay_out_more(self) -> QWidget:
        head = QHBoxLayout()
        head.setSpacing(UNIT * 2)
        head.addWidget(self.back_button)
        head.addStretch()
        head.addWidget(self.best_box)
        grid = QGridLayout()
        grid.setHorizontalSpacing(UNIT * 2)
        grid.setVerticalSpacing(UNIT // 2)
        fields = [field for name, field in self._fields.items() if name != "Epochs"]
        for place, field in enumerate(fields):
            grid.addWidget(field, *divmod(place, 2))
        for column in (0, 1):
            grid.setColumnStretch(column, 1)
        face = QWidget()
        layout = QVBoxLayout(face)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(UNIT)
        layout.addLayout(head)
        layout.addLayout(grid)
        layout.addStretch()
        return face

    def _connect(self) -> None:
        self.architecture.currentIndexChanged.connect(self._on_architecture_changed)
        self.hidden_units.textChanged.connect(self.check)
        for choice in (self.optimizer, self.loss, self.output_activation):
            choice.currentIndexChanged.connect(self.check)
        for box in self._numbers.values():
            box.lineEdit().textChanged.connect(self.check)  # typed; what Qt writes is not told
            box.valueChanged.connect(self.check)
            box.editingFinished.connect(self.check)
        self.validation.valueChanged.connect(self.summary.show_validation_share)
        self.augmentation.clicked.connect(self._on_augmentation_clicked)
        self.more_button.clicked.connect(self._on_more_button_clicked)
        self.back_button.clicked.connect(self._on_back_button_clicked)
        self.reset_button.clicked.connect(self._on_architecture_changed)
        self.summary.details_changed.connect(self.architecture.show_details)

    # What it holds

    def config(self) -> TrainingConfig:
        """Return the settings on the screen.

        Raises
        ------
        InvalidSettingError
            If the hidden layers cannot be read.
        """
        return self._shown.changed(
            epochs=int(typed_number(self.epochs)),
            batch_size=int(typed_number(self.batch_size)),
            learning_rate=typed_number(self.learning_rate),
            optimizer=self.optimizer.currentData(),
            loss=self.loss.currentData(),
            output_activation=self.output_activation.currentData(),
            hidden_units=self._hidden_units(),
            seed=int(typed_number(self.seed)),
            validation_share=typed_number(self.validation) / 100,
            augment=self._augment,
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
            unknown = (
                f"This version does not know the architecture “{config.architecture}”; open the "
                "run with the version that trained it."
            )
            raise InvalidSettingError(NOT_OFFERED.get(config.architecture, unknown))
        self._shown = config
        self._is_filling = True
        self.architecture.setCurrentIndex(place)
        self.epochs.setValue(config.epochs)
        self.batch_size.setValue(config.batch_size)
        self.learning_rate.setValue(config.learning_rate)
        self.optimizer.setCurrentIndex(self.optimizer.findData(config.optimizer))
        self.loss.setCurrentIndex(self.loss.findData(config.loss))
        output = self.output_activation.findData(config.output_activation)
        self.output_activation.setCurrentIndex(output)
        self.hidden_units.setText(", ".join(str(units) for units in config.hidden_units))
        self.seed.setValue(config.seed)
        self.validation.setValue(round(config.validation_share * 100))
        self.show_augmentation(config.augment)
        self._is_filling = False
        self._description.setText(ARCHITECTURES[config.architecture].description)
        self._about.setCurrentIndex(config.architecture == FREE_LAYERS)
        self.check()

    @Slot(object)
    def show_augmentation(self, augmentation: Augmentation) -> None:
        """Train with this augmentation, and name it on its button."""
        self._augment = augmentation
        name = short_name(augmentation)
        self.augmentation.setText(f"{name} …")
        self.augmentation.setAccessibleName(f"Augmentation: {augmentation.words or name}")
        self.check()

    def show_basics(self) -> None:
        """Turn to the face with the recipe; a number that is half typed gives way to the last."""
        self.setCurrentIndex(BASICS)
        self.check()

    def _hidden_units(self) -> tuple[int, ...]:
        if self.architecture.currentData() != FREE_LAYERS:
            return ()
        return parse_hidden_units(self.hidden_units.text())

    # What is wrong with it

    @Slot()
    def check(self) -> None:
        """Look at every setting, and show at each what is wrong with it or was changed."""
        if self._is_filling:
            return
        problems = {name: range_problem(box) for name, box in self._numbers.items()}
        hidden, config = "", None
        try:
            config = self.config()
        except InvalidSettingError as error:
            hidden = str(error)
        memory = "" if config is None else _memory_problem(config)
        if memory and self.architecture.currentData() == FREE_LAYERS:
            hidden = f"Fewer units or smaller batches, please: {memory}."
        elif memory:
            problems["Batch size"] = problems["Batch size"] or memory
        changes = {} if config is None else _changes(config)
        for name, field in self._fields.items():
            field.show_state(problems.get(name, ""), is_changed=name in changes)
        self._hidden_field.show_state(hidden, is_changed=False)
        wrong = [f"{name}: {words}" for name, words in problems.items() if words]
        self.problem = hidden or next(iter(wrong), "")
        self._show_changes(changes, [one for one in wrong if not one.startswith("Epochs")])
        if config is not None:
            self.summary.show_config(config, is_changed=bool(changes))
        self.changed.emit()

    def _show_changes(self, changes: dict[str, str], wrong: list[str]) -> None:
        """Say on the first face what is wrong, or was changed, on the second."""
        count = len(changes)
        text = "With the recipe's own settings"
        if wrong:
            text = wrong[0]
        elif count:
            text = f"{count} {'setting' if count == 1 else 'settings'} changed"
        self._changes.setText(text)
        self._changes.setToolTip("\n".join(wrong) or "\n".join(changes.values()))
        role = "problem" if wrong else "field"
        if self._changes.property("role") != role:
            set_look(self._changes, role=role)
        self.reset_button.setVisible(bool(changes or wrong))

    # What is done with it

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go back to the recipe on Escape."""
        if event.key() == Qt.Key.Key_Escape and self.currentIndex() == MORE:
            self._on_back_button_clicked()
        else:
            super().keyPressEvent(event)

    @Slot()
    def _on_architecture_changed(self) -> None:
        if not self._is_filling:
            self.show_config(ARCHITECTURES[self.architecture.currentData()].recipe)

    @Slot()
    def _on_augmentation_clicked(self) -> None:
        self.augmentation_requested.emit(self._augment)

    @Slot()
    def _on_more_button_clicked(self) -> None:
        self.setCurrentIndex(MORE)
        self.batch_size.setFocus(Qt.FocusReason.TabFocusReason)

    @Slot()
    def _on_back_button_clicked(self) -> None:
        self.show_basics()
        self.more_button.setFocus(Qt.FocusReason.TabFocusReason)


def _changes(config: TrainingConfig) -> dict[str, str]:
    """Say of each setting that is not the recipe's what it is instead, by its name."""
    recipe = ARCHITECTURES[config.architecture].recipe
    # The hidden layers are what that recipe leaves to the user.
    usual = describe_settings(recipe.changed(hidden_units=config.hidden_units))
    found = describe_settings(config)
    return {
        name: f"{name}: {found.get(name, 'none')} (recipe: {usual.get(name, 'none')})"
        for name in {**usual, **found}
        if usual.get(name) != found.get(name)
    }


def _memory_problem(config: TrainingConfig) -> str:
    """Say that there is not enough memory for a training, if so."""
    needed = memory_needed(config, count_parameters(config))
    if needed <= MUCH_MEMORY or needed <= (free := free_memory()):
        return ""
    return f"{needed / 1e9:.1f} GB needed, {free / 1e9:.1f} free"


def _at_top(*widgets: QWidget) -> QWidget:
    page = QWidget()
    column = QVBoxLayout(page)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(2)
    for one in widgets:
        column.addWidget(one)
    column.addStretch()
    return page
