"""Writing a file that a user has asked for: it is there whole, or not at all."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from mnist_desktop.errors import StorageError
from mnist_desktop.paths import user_path


def write_whole(output: Path, write: Callable[[Path], None]) -> Path:
    """Write a file beside its place and rename it, so that it is there whole or not at all.

    Parameters
    ----------
    output : Path
        The file; one that exists is replaced. ``~`` is the user's home.
    write : callable
        Takes the path to write to, which ends in the same name.

    Returns
    -------
    Path
        The file's full path.

    Raises
    ------
    StorageError
        If the file cannot be written.
    """
    output = user_path(str(output)).absolute()
    try:
        with tempfile.TemporaryDirectory(prefix=".export-", dir=output.parent) as folder:
            beside = Path(folder) / output.name
            write(beside)
            beside.replace(output)
    except OSError as error:
        raise StorageError(
            f"{output} cannot be written ({error.strerror}); choose another place."
        ) from error
    return output
