"""The error for a foreign model file that is not opened: the reason, and what to do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mnist_desktop.errors import ModelFileError

ADVICE = (
    "choose a .keras, .h5 or .onnx file of plain layers, a .tflite file or a run of this program"
)


def refusal(path: Path, reason: object) -> ModelFileError:
    """Return the error that says why a file is not opened and what to do."""
    return ModelFileError(f"{path.name} cannot be opened: it {reason}; {ADVICE}.")


@contextmanager
def refusing(path: Path, *errors: type[Exception]) -> Iterator[None]:
    """Turn errors of reading a file, and those that say what it is not, into its refusal."""
    try:
        yield
    except OSError as error:
        raise refusal(path, f"cannot be read ({error.strerror})") from error
    except errors as error:
        raise refusal(path, error) from error
