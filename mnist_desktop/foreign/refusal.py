"""The error for a foreign model file that is not opened: the reason, and what to do."""

from __future__ import annotations

from pathlib import Path

from mnist_desktop.errors import ModelFileError

ADVICE = (
    "choose a .keras, .h5 or .onnx file of plain layers, a .tflite file or a run of this program"
)


def refusal(path: Path, reason: object) -> ModelFileError:
    """Return the error that says why a file is not opened and what to do."""
    return ModelFileError(f"{path.name} cannot be opened: it {reason}; {ADVICE}.")
