"""Which network is meant: the bundled reader, a run's, or one from a file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from mnist_desktop.files.naming import special_kind
from mnist_desktop.paths import user_path


@dataclass(frozen=True)
class ModelRef:
    """Which network is meant; made where it is chosen, and never taken apart again.

    Without any of the two attributes it is the bundled reader.

    Attributes
    ----------
    run_id : str
        The run whose network it is, or an empty string.
    file : Path or None
        The ``.keras``, ``.h5``, ``.onnx`` or ``.tflite`` file that holds it.
    """

    run_id: str = ""
    file: Path | None = None

    @property
    def is_bundled(self) -> bool:
        """Whether it is the reader that ships with the program."""
        return not self.run_id and self.file is None

    def __str__(self) -> str:
        """Write it as the command line takes it: ``"bundled"``, a run's id or a file's path."""
        return self.run_id or ("bundled" if self.file is None else str(self.file))


BUNDLED = ModelRef()
BUNDLED_NAME = "Bundled reader"


def find_model(text: str) -> ModelRef:
    """Find out which network a user of the command line means.

    Parameters
    ----------
    text : str
        ``"bundled"``, the path of a file, or a run's id; in this order.
    """
    if text == str(BUNDLED):
        return BUNDLED
    path = user_path(text)
    return ModelRef(file=path) if _is_there(path) else ModelRef(text)


def _is_there(path: Path) -> bool:
    """Whether a user means this path: anything but a folder that holds no model."""
    if special_kind(path):  # it is refused when it is opened
        return True
    try:
        return _holds_a_model(path) if path.is_dir() else path.exists()
    except OSError:  # a name that is too long for any file
        return False


def _holds_a_model(folder: Path) -> bool:
    names = ("saved_model.pb", "saved_model.pbtxt", "keras_metadata.pb", "config.json")
    return any((folder / name).is_file() for name in names)
