"""The form of a training: a recipe on its first face, all other settings on its second."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
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
    CUSTOM_LAYERS,
    OFFERED,
    READER,
    count_parameters,
    plan_of,
)
from mnist_desktop.training.config import (
    CUSTOM,
    MAX_EPOCHS,
    TrainingConfig,
    describe_settings,
    parse_hidden_units,
)
from mnist_desktop.training.memory import free_memory, memory_needed
from mnist_desktop.ui.parts.fixed_lines import FixedLines
from mnist_desktop.ui.parts.guarded import guarded
from mnist_desktop.ui.parts.icons import icon
from mnist_desktop.ui.parts.places import at_top, keep_place
from mnist_desktop.ui.parts.shortcuts import in_words
from mnist_desktop.ui.parts.theme import UNIT, label
from mnist_desktop.ui.train.fields import (
    Field,
    NumberBox,
    range_problem,
    set_look,
    spin_box,
    typed_number,
)
from mnist_desktop.ui.train.layer_document import LayerDocument
from mnist_desktop.ui.train.layer_text_face import LayerTextFace
from mnist_desktop.ui.train.more_settings import MoreSettings
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


@guarded
class TrainingForm(QStackedWidget):
    """Collects a `TrainingConfig`; checks each setting as it is typed.

    Attributes
    ----------
    problem : str
        What is wrong with the settings, in a sentence; empty if they can be trained with.
    layers : LayerDocument
        The layers of a network of the user's own.
    more : MoreSettings
        The second face.

    Signals
    -------
    changed()
        A setting, or whether something is wrong, is another.
    layers_requested()
        The user wants to see and change the layers of the network.
    """

    changed = Signal()
    layers_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.problem = ""
        self.layers = LayerDocument(parent=self)
        self.layers.settings_now = self._state
        self._shown = ARCHITECTURES["dense-100"].recipe
        self._start = CUSTOM_LAYERS.recipe  # what the user's own network began with
        self._is_filling = False
        self._make_inputs()
        self._make_fields()
        self._make_buttons()
        self.addWidget(self._lay_out_basics())
        self.addWidget(self.more)
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
        self.more = MoreSettings()

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
            in_words(
                "See the layers of this network as cards; once changed, it is one of your own "
                "(Ctrl+L)"
            )
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
            **self.more.fields,
        }
        self._numbers: dict[str, NumberBox] = {"Epochs": self.epochs, **self.more.numbers}

    def _make_buttons(self) -> None:
        self.more_button = QPushButton("More settings")
        self.more_button.setObjectName("moreSettingsButton")
        self.more_button.setIcon(icon("settings"))
        self.more_button.setShortcut(QKeySequence("Ctrl+,"))
        self.more_button.setToolTip(
            in_words("Batch size, learning rate, optimizer and more (Ctrl+,)")
        )
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
        self._about.addWidget(at_top(self._description))
        self._about.addWidget(at_top(self._hidden_field, self._hidden_message, spacing=2))
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

    def _connect(self) -> None:
        self.architecture.currentIndexChanged.connect(self._on_architecture_changed)
        self.hidden_units.textChanged.connect(self.check)
        self.more.changed.connect(self.check)
        for box in self._numbers.values():
            box.lineEdit().textChanged.connect(self.check)  # typed; what Qt writes is not told
            box.valueChanged.connect(self.check)
            box.editingFinished.connect(self.check)
        self.more.validation.valueChanged.connect(self.summary.show_validation_share)
        self.more_button.clicked.connect(self._on_more_button_clicked)
        self.more.back_button.clicked.connect(self._on_back_button_clicked)
        self.reset_button.clicked.connect(self._on_architecture_changed)
        self.summary.details_changed.connect(self.architecture.show_details)
        self.layers_button.clicked.connect(self._on_layers_button_clicked)
        self.layer_text.checked.connect(self._on_layer_text_checked)
        self.layers.draft_changed.connect(self.check)
        self.layers.output_requested.connect(self._on_layers_output_requested)
        self.layers.settings_requested.connect(self._on_layers_settings_requested)

    # What it holds

    def config(self) -> TrainingConfig:
        """Return the settings on the screen.

        Raises
        ------
        InvalidSettingError
            If the hidden layers, or those of the user's own network, cannot be read.
        """
        return self._shown.changed(
            layers=self._own_layers(),
            epochs=int(typed_number(self.epochs)),
            hidden_units=self._hidden_units(),
            **self.more.settings(),
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
            start = self._start.changed(started_from=config.started_from)
            cards = parse_layers(config.layers)
            if cards != self.layers.cards:  # with a step, which leads here again
                self.layers.load(cards, "use other settings", (self._state(), (config, start)))
                return
            self._start = start
        self._shown = config
        self._is_filling = True
        self.architecture.setCurrentIndex(place)
        self.epochs.setValue(config.epochs)
        self.hidden_units.setText(", ".join(str(units) for units in config.hidden_units))
        self.more.show_config(config)
        self._is_filling = False
        self._description.setText(OFFERED[config.architecture].description)
        self._about.setCurrentIndex({FREE_UNITS: UNITS, CUSTOM: LAYERS}.get(name, DESCRIBED))
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
        problem = self.layers.draft or self.layer_text.problem
        if problem:
            raise InvalidSettingError(problem)
        return self.layers.text

    # What is wrong with it

    @Slot()
    def check(self) -> None:
        """Look at every setting, and show at each what is wrong with it or was changed."""
        if self._is_filling:
            return
        self.layers.set_output_activation(self.more.output_activation.currentData())
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
        changes = {} if config is None else _changes(config, self._recipe(config.architecture))
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
        text = "With the recipe's own settings" if not self.problem else ""
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
        if architecture == CUSTOM:
            return self._start.changed(layers=self.layers.text)
        return OFFERED[architecture].recipe

    @Slot()
    def _on_layer_text_checked(self) -> None:
        plan = self.layers.checked.plan
        if plan is not None:
            self.architecture.show_plan(CUSTOM, plan)
        self.check()

    @Slot(str, object)
    def start_from(self, name: str, config: TrainingConfig) -> None:
        """Have the user's own network begin with layers and settings of another of this name."""
        config = config.changed(started_from=name)
        cards = parse_layers(config.layers)
        self.layers.load(cards, f"start from {name}", (self._state(), (config, config)))
        self._on_layers_settings_requested((config, config))

    @Slot()
    def use_layers(self) -> None:
        """Train the user's own network from now on, with the settings there are."""
        if self.architecture.currentData() != CUSTOM:
            config = self._settings_now()
            own = config.changed(
                architecture=CUSTOM,
                layers=self.layers.text,
                hidden_units=(),
                started_from=self._start.started_from,
            )
            self._on_layers_settings_requested((own, own))

    def _state(self) -> tuple[TrainingConfig, TrainingConfig]:
        """The settings there are, and what the layers began with."""
        return self._settings_now(), self._start

    def _settings_now(self) -> TrainingConfig:
        """The settings on the screen, without what is half typed."""
        is_custom = self._shown.architecture == CUSTOM
        try:
            units = self._hidden_units()
        except InvalidSettingError:
            units = self._shown.hidden_units
        return self._shown.changed(
            layers=self.layers.text if is_custom else "",
            epochs=int(typed_number(self.epochs)),
            hidden_units=units,
            **self.more.settings(),
        )

    @Slot(str)
    def _on_layers_output_requested(self, name: str) -> None:
        box = self.more.output_activation
        box.setCurrentIndex(box.findData(name))

    @Slot(object)
    def _on_layers_settings_requested(
        self, settings: tuple[TrainingConfig, TrainingConfig]
    ) -> None:
        """Show the settings that belong to the layers now, and what these began with."""
        config, self._start = settings
        self.show_config(config)

    @Slot()
    def _on_layers_button_clicked(self) -> None:
        """Have the network of a recipe be one of the user's own, with the same settings."""
        if self.architecture.currentData() != CUSTOM:
            config = self._settings_now()
            layers = layers_text(cards_of(plan_of(config)))
            own = config.changed(architecture=CUSTOM, layers=layers, hidden_units=())
            self.start_from(OFFERED[config.architecture].name, own)
        self.layers_requested.emit()

    @Slot()
    def _on_more_button_clicked(self) -> None:
        self.setCurrentIndex(MORE)
        self.more.focus_first()

    @Slot()
    def _on_back_button_clicked(self) -> None:
        self.show_basics()
        self.more_button.setFocus(Qt.FocusReason.TabFocusReason)


def _changes(config: TrainingConfig, recipe: TrainingConfig) -> dict[str, str]:
    """Say of each setting that is not the recipe's what it is instead, by its name."""
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
