"""How a Keras file describes one layer or network: its class, where that is from, its settings.

Modules that a file names are compared with Keras's own names, old and new, and never looked up.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from mnist_desktop.foreign.keras_operations import OPERATIONS, TENSORFLOW
from mnist_desktop.foreign.keras_settings import Json, PlanError, quoted
from mnist_desktop.foreign.layer_catalogue import DANGEROUS, LAYERS, OLD_NAMES
from mnist_desktop.networks.layers import ATTENTIONS, MERGES

# Keras under all its names. Nothing is looked up there: other modules name other people's classes.
_KERAS = r"(keras|tf_keras|tensorflow\.keras|tensorflow\.python\.keras)(\.src)?"
_MODEL_MODULES = re.compile(_KERAS + r"(\.models|\.engine)?(\.sequential|\.functional|\.training)?")
_LAYER_MODULES = re.compile(_KERAS + r"\.(layers|engine)(\.[a-z_0-9]+){0,3}")
LAYER_KEYS = {
    "module", "class_name", "config", "registered_name", "build_config", "name", "inbound_nodes",
    "shared_object_id",
}  # fmt: skip
_OPERATION_MODULES = re.compile(_KERAS + r"\.ops(\.[a-z_0-9]+)?")
MODEL_KEYS = LAYER_KEYS | {"compile_config", "keras_version", "backend"}


@dataclass
class Described:
    """A layer as the file describes it: its class, its name in errors, and the description."""

    kind: str
    label: str
    item: Json
    operation: str = ""  # a key of `OPERATIONS`, for what is not a layer but plain arithmetic

    @property
    def is_network(self) -> bool:
        """Whether it is a network, which may serve as a layer."""
        return self.kind in ("Sequential", "Functional")

    @property
    def settings(self) -> Json:
        """Its settings as the file has them, unchecked."""
        found = self.item.get("config")
        if self.kind == "Sequential" and isinstance(found, list):  # as Keras 2.1 writes it
            return {"layers": found}
        return found if isinstance(found, dict) else {}

    @property
    def name(self) -> str:
        """Its name; empty if it has none."""
        found = self.settings.get("name", self.item.get("name"))
        return found if isinstance(found, str) else ""


def described(item: object, what: str, *keys: set[str]) -> Described:
    """Check how a layer or network is described, and refuse unknown kinds.

    Parameters
    ----------
    item : object
        The description.
    what : str
        What it should be, in errors.
    *keys : set of str
        Keys that it may have.

    Raises
    ------
    PlanError
        If it is anything else, or of a class that is not Keras's own.
    """
    if not isinstance(item, dict):
        raise PlanError(f"has {what} that is not described")
    kind, module, registered = (
        item.get(key) for key in ("class_name", "module", "registered_name")
    )
    label = f"a layer {quoted(kind)}"
    if not isinstance(kind, str):
        raise PlanError(f"has {what} without a class, where {quoted(kind)} stands")
    kind = OLD_NAMES.get(kind, kind)
    if kind in DANGEROUS:
        raise PlanError(f"has a {kind} layer, {DANGEROUS[kind]}")
    operation = _operation(item)
    is_network = kind in ("Sequential", "Functional", "Model")
    is_layer = kind in LAYERS or kind in MERGES or kind in ATTENTIONS or kind == "InputLayer"
    is_known = is_network or is_layer
    fit = _MODEL_MODULES if is_network else _LAYER_MODULES
    has_module = operation or module is None or (isinstance(module, str) and fit.fullmatch(module))
    if not has_module or registered not in (None, item["class_name"]):
        name = "" if registered in (None, kind) else f", registered as {quoted(registered)}"
        raise PlanError(
            f"has {label} from {quoted(module)}{name}, program code that would be loaded"
        )
    if not is_known and not operation and what == "a layer":
        raise PlanError(
            f"has {label}, and only plain layers such as Dense, Conv2D or Dropout can be opened"
        )
    unknown = set(item) - set().union(*keys)
    if unknown:
        raise PlanError(f"has {label} described with the unknown {quoted(min(unknown))}")
    return Described("Functional" if kind == "Model" else kind, label, item, operation)


def _operation(item: Json) -> str:
    """Name of the operation that an item describes; empty if it is none that can be planned."""
    kind, module, config = item["class_name"], item.get("module"), item.get("config")
    if kind == TENSORFLOW:
        function = config.get("function") if isinstance(config, dict) else None
        return function if isinstance(function, str) and function in OPERATIONS else ""
    if module is None:  # in an .h5 file, where layers say whether they learn and operations do not
        is_operation = isinstance(config, dict) and "trainable" not in config
    else:
        is_operation = isinstance(module, str) and bool(_OPERATION_MODULES.fullmatch(module))
    return kind if is_operation and kind in OPERATIONS else ""


def learns(one: Described) -> bool:
    """Whether a layer's weights change if the network is trained further."""
    config = one.item.get("config")
    return not (isinstance(config, dict) and config.get("trainable") is False)
