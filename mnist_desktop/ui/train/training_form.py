"""The form of a training: a recipe on its first face, all other settings on its second."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeySequence
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
from mnist_desktop.networks.layer_cards import cards_of
from mnist_desktop.networks.layer_text import layers_text, parse_layers
from mnist_desktop.training.architectures import (
    ARCHITECTURES,
    OFFERED,
    READER,
    count_parameters,
    plan_of,
)
from mnist_desktop.training.augmentation import Augmentation, short_name
from mnist_desktop.training.config import (
    CUSTOM,
    LOSSES,
    MAX_BATCH_SIZE,
    MAX_DECAY,
    MAX_EPOCHS,
    MAX_SEED,
    MAX_SMOOTHING,
    OPTIMIZERS,
    OUTPUT_ACTIVATIONS,
    OWN_DECAY,
    SCHEDULES,
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
    DecimalBox,
    Field,
    NumberBox,
    combo_box,
    range_problem,
    set_look,
    spin_box,
    typed_number,
)
from mnist_desktop.ui.train.layer_document import LayerDocument
from mnist_desktop.ui.train.layer_text_face import LayerTextFace
from mnist_desktop.ui.train.recipe_box import RecipeBox
from mnist_desktop.ui.train.recipe_summary import MUCH_MEMORY, RecipeSummary

BASICS, MORE = 0, 1
# Why the settings of a run cannot be used here, by its architecture.
NOT_OFFERED = {
    READER.id: "The bundled reader takes an hour and drawings to train, so its settings are not "
    "offered here; teach it your own digits on the page My digits instead.",
}
FREE_UNITS = "mlp"  # the architecture with hidden layers of the user's own
DESCRIBED, UNITS, LAYERS = 0, 1, 2  # what stands below the recipe: words, or what is to be typed
# The second face: rows of two settings, and one of three short ones with their shares of the width.
PAIRS = (
    ("Batch size", "Learning rate"),
    ("Optimizer", "Schedule"),
    ("Loss", "Output activation"),
)
SMALL = {"Weight decay": 5, "Label smoothing": 6, "Validation digits": 5}


@guarded
class TrainingForm(QStackedWidget):
    """Collects a `TrainingConfig`; checks each setting as it is typed.

    Attributes
    ----------
    problem : str
        What is wrong with the settings, in a sentence; empty if they can be trained with.
    layers : LayerDocument
        The layers of a network of the user's own.

    Signals
    -------
    changed()
        A setting, or whether something is wrong, is another.
    layers_requested()
        The user wants to see and change the layers of the network.
    augmentation_requested(object)
        The user wants to see and change this `Augmentation`.
    """

    changed = Signal()
    layers_requested = Signal()
    augmentation_requested = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.problem = ""
        self.layers = LayerDocument(parent=self)
        self._shown = ARCHITECTURES["dense-100"].recipe
        self._is_filling = False
        self._make_inputs()
        self._make_fields()
        self._make_buttons()
        self.addWidget(self._lay_out_basics())
        self.addWidget(self._lay_out_more())
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
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
        self.layers_button = QPushButton("Edit its layers")
        self.layers_button.setObjectName("editLayersButton")
        self.layers_button.setProperty("link", "tight")
        self.layers_button.setShortcut(QKeySequence("Ctrl+L"))
        self.layers_button.setToolTip(
            "See the layers of this network as cards; once changed, it is one of your own (Ctrl+L)"
        )
        self._architecture_field = Field(
            "&Architecture",
            self.architecture,
            "The kind of network to train",
            beside=self.layers_button,
        )
        self.layer_text = LayerTextFace(self.layers)
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
        self._numbers: dict[str, NumberBox] = {
            "Epochs": self.epochs,
            "Batch size": self.batch_size,
            "Learning rate": self.learning_rate,
            "Weight decay": self.weight_decay,
            "Label smoothing": self.label_smoothing,
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
        self.back_button.setProperty("link", True)
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
        self._about.addWidget(self.layer_text)
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
        column.addWidget(self._about, 1)
        column.addLayout(row)
        column.addLayout(changes)
        return face

    def _lay_out_more(self) -> QWidget:
        head = QHBoxLayout()
        head.addWidget(self.back_button)
        head.addStretch()
        head.addWidget(self.best_box)
        grid = QGridLayout()
        grid.setHorizontalSpacing(UNIT * 2)
        grid.setVerticalSpacing(UNIT // 2)
        for row, pair in enumerate(PAIRS):
            for column, name in enumerate(pair):
                grid.addWidget(self._fields[name], row, column)
        small = QHBoxLayout()
        small.setSpacing(UNIT)
        for name, share in SMALL.items():
            small.addWidget(self._fields[name], share)
        grid.addLayout(small, len(PAIRS), 0, 1, 2)
        grid.addWidget(self._fields["Augmentation"], len(PAIRS) + 1, 0)
        grid.addWidget(self._fields["Seed"], len(PAIRS) + 1, 1)
        for column in (0, 1):
            grid.setColumnStretch(column, 1)
        face = QWidget()
        layout = QVBoxLayout(face)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(UNIT // 2)
        layout.addLayout(head)
        layout.addLayout(grid)
        layout.addStretch()
        return face

    def _connect(self) -> None:
        self.architecture.currentIndexChanged.connect(self._on_architecture_changed)
        self.hidden_units.textChanged.connect(self.check)
        self.optimizer.currentIndexChanged.connect(self._on_optimizer_changed)
        for choice in (self.schedule, self.loss, self.output_activation):
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
        self.layers_button.clicked.connect(self._on_layers_button_clicked)
        self.layer_text.checked.connect(self._on_layer_text_checked)

    # What it holds

    def config(self) -> TrainingConfig:
        """Return the settings on the screen.

        Raises
        ------
        InvalidSettingError
            If the hidden layers, or those of the user's own network, cannot be read.
        """
        decay = typed_number(self.weight_decay)
        return self._shown.changed(
            layers=self._own_layers(),
            epochs=int(typed_number(self.epochs)),
            batch_size=int(typed_number(self.batch_size)),
            learning_rate=typed_number(self.learning_rate),
            schedule=self.schedule.currentData(),
            optimizer=self.optimizer.currentData(),
            weight_decay=None if decay == self._usual_decay else decay,
            loss=self.loss.currentData(),
            label_smoothing=typed_number(self.label_smoothing),
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
            If the architecture is none that can be trained here, or its layers cannot be read.
        """
        name = config.architecture
        place = self.architecture.findData(name)
        if place < 0:
            unknown = (
                f"This version does not know the architecture “{config.architecture}”; open the "
                "run with the version that trained it."
            )
            raise InvalidSettingError(NOT_OFFERED.get(config.architecture, unknown))
        if config.architecture == CUSTOM:
            self.layers.load(parse_layers(config.layers), "show other settings")
        self._shown = config
        self._is_filling = True
        self.architecture.setCurrentIndex(place)
        self.epochs.setValue(config.epochs)
        self.batch_size.setValue(config.batch_size)
        self.learning_rate.setValue(config.learning_rate)
        self.schedule.setCurrentIndex(self.schedule.findData(config.schedule))
        self.optimizer.setCurrentIndex(self.optimizer.findData(config.optimizer))
        self.weight_decay.setValue(config.decay)
        self.loss.setCurrentIndex(self.loss.findData(config.loss))
        self.label_smoothing.setValue(config.label_smoothing)
        output = self.output_activation.findData(config.output_activation)
        self.output_activation.setCurrentIndex(output)
        self.hidden_units.setText(", ".join(str(units) for units in config.hidden_units))
        self.seed.setValue(config.seed)
        self.validation.setValue(round(config.validation_share * 100))
        self.show_augmentation(config.augment)
        self._is_filling = False
        self._description.setText(OFFERED[config.architecture].description)
        self._about.setCurrentIndex({FREE_UNITS: UNITS, CUSTOM: LAYERS}.get(name, DESCRIBED))
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
        if self.architecture.currentData() != FREE_UNITS:
            return ()
        return parse_hidden_units(self.hidden_units.text())

    def _own_layers(self) -> str:
        """The layers of the user's own network as text; nothing for all others."""
        if self.architecture.currentData() != CUSTOM:
            return ""
        if self.layer_text.problem:
            raise InvalidSettingError(self.layer_text.problem)
        return self.layers.text

    # What is wrong with it

    @Slot()
    def check(self) -> None:
        """Look at every setting, and show at each what is wrong with it or was changed."""
        if self._is_filling:
            return
        self.layers.set_output_activation(self.output_activation.currentData())
        problems = {name: range_problem(box) for name, box in self._numbers.items()}
        hidden, config = "", None
        try:
            config = self.config()
        except InvalidSettingError as error:
            hidden = str(error)
        memory = "" if config is None else _memory_problem(config)
        if memory and self.architecture.currentData() == FREE_UNITS:
            hidden = f"Fewer units or smaller batches, please: {memory}."
        elif memory:
            problems["Batch size"] = problems["Batch size"] or memory
        changes = {} if config is None else _changes(config)
        for name, field in self._fields.items():
            field.show_state(problems.get(name, ""), is_changed=name in changes)
        is_custom = self.architecture.currentData() == CUSTOM
        self._hidden_field.show_state("" if is_custom else hidden, is_changed=False)
        wrong = [f"{name}: {words}" for name, words in problems.items() if words]
        self.problem = hidden or next(iter(wrong), "")
        self._show_changes(changes, [one for one in wrong if not one.startswith("Epochs")])
        if config is not None:
            self.summary.show_config(config, is_changed=bool(changes))
        elif is_custom:
            self.summary.show_unbuilt()
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

    @Slot()
    def _on_architecture_changed(self) -> None:
        if not self._is_filling:
            self.show_config(self._recipe(self.architecture.currentData()))

    def _recipe(self, architecture: str) -> TrainingConfig:
        """The settings to begin with; layers of the user's own stay as they are."""
        recipe = OFFERED[architecture].recipe
        return recipe.changed(layers=self.layers.text) if architecture == CUSTOM else recipe

    @Slot()
    def _on_layer_text_checked(self) -> None:
        plan = self.layers.checked.plan
        if plan is not None:
            self.architecture.show_plan(CUSTOM, plan)
        self.check()

    @Slot()
    def _on_layers_button_clicked(self) -> None:
        """Have the network of a recipe be one of the user's own, with the same settings."""
        if self.architecture.currentData() != CUSTOM and not self.problem:
            config = self.config()
            layers = layers_text(cards_of(plan_of(config)))
            self.show_config(config.changed(architecture=CUSTOM, layers=layers, hidden_units=()))
        self.layers_requested.emit()

    @Slot()
    def _on_optimizer_changed(self) -> None:
        """Show the weight decay that belongs to the optimizer, in place of the last one's own."""
        last, self._usual_decay = self._usual_decay, OWN_DECAY[self.optimizer.currentData()]
        if not self._is_filling and self.weight_decay.value() == last:
            self.weight_decay.setValue(self._usual_decay)
        self.check()

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
    recipe = OFFERED[config.architecture].recipe
    # The layers are what these recipes leave to the user.
    own = recipe.changed(hidden_units=config.hidden_units, layers=config.layers)
    usual = describe_settings(own)
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
