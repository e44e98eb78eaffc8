"""Where files live: the program's resources, and the folders it writes to."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from mnist_desktop.edition import FULL, READER, can_train
from mnist_desktop.errors import StorageError

PACKAGE_DIR = Path(__file__).resolve().parent
MATPLOTLIB_FOLDER = "MPLCONFIGDIR"  # where matplotlib keeps its list of fonts

ON_WINDOWS = os.name == "nt"
EXPOSED = (
    "Other users of this computer may be able to read them: they are outside your user profile."
)

_own_folders: set[str] = set()  # that matplotlib was pointed to


def resource(*parts: str) -> Path:
    """Path of a bundled resource, for example ``resource("models", "bundled.tflite")``.

    An installed wheel and a packaged program hold ``resources/`` inside the package, the source
    tree next to it.
    """
    inside = PACKAGE_DIR / "resources"
    root = inside if inside.is_dir() else PACKAGE_DIR.parent / "resources"
    return root.joinpath(*parts)


def is_matplotlib_ours() -> bool:
    """Whether matplotlib keeps its files in the program's folder; see `prepare_libraries`.

    Not so where somebody else's Python program or notebook uses a part of this one.
    """
    return os.environ.get(MATPLOTLIB_FOLDER) in _own_folders


def user_path(text: str) -> Path:
    """Path of what a user typed; ``~`` is their home, and stays as it is where that is unknown.

    `Path.expanduser` fails there, and for ``~nobody``.
    """
    return Path(os.path.expanduser(text))  # noqa: PTH111


def make_private(folder: Path) -> None:
    """Make a folder, and those it is to be in, for this user alone; one that exists stays as it is.

    Windows has rights of another kind: there it is as private as the folder it is in.

    Parameters
    ----------
    folder : Path
        The folder.

    Raises
    ------
    OSError
        If it cannot be made, or something else is in its place.
    """
    for one in (*reversed(folder.parents), folder):
        if not one.is_dir():
            one.mkdir(mode=0o700, exist_ok=True)


@dataclass(frozen=True)
class AppPaths:
    """The folders the program writes to; each is made when it is first needed.

    Attributes
    ----------
    data : Path
        Kept for good: runs and drawings.
    cache : Path
        Can be deleted at any time: downloaded digits, matplotlib's fonts.
    settings : Path
        Window state and preferences.
    logs : Path
        The rotating log.
    """

    data: Path
    cache: Path
    settings: Path
    logs: Path

    @classmethod
    def from_environment(cls) -> AppPaths:
        """Take ``MNIST_DESKTOP_HOME`` when it is set, the system's own folders otherwise.

        Both editions of the program see the same runs, drawings and digits. Each has its own
        settings and logs: their windows differ, and may be open at the same time.
        """
        home = os.environ.get("MNIST_DESKTOP_HOME")
        if home:
            root = user_path(home).absolute()
            own = root if can_train() else root / "reader"
            return cls(root / "data", root / "cache", own / "settings", own / "logs")
        # On Windows %LOCALAPPDATA%, which stays on this computer; data and settings share a folder.
        full, reader = (
            platformdirs.PlatformDirs(name, appauthor=False, roaming=False)
            for name in (FULL, READER)
        )
        own_dirs = full if can_train() else reader
        return cls(
            full.user_data_path,
            full.user_cache_path,
            own_dirs.user_config_path,
            own_dirs.user_log_path,
        )

    @property
    def are_exposed(self) -> bool:
        """Whether other users may be able to read what is kept; `EXPOSED` says so.

        Only the rights of a folder above decide that on Windows, where `make_private` protects
        nothing: those of the user's profile keep others out, and those of other folders mostly do
        not.
        """
        private = (user_path("~"), platformdirs.user_data_path(FULL, appauthor=False))
        return ON_WINDOWS and not any(self.data.is_relative_to(one) for one in private)

    @property
    def runs(self) -> Path:
        """Folder of the kept runs."""
        return self.data / "runs"

    @property
    def my_digits(self) -> Path:
        """File of the user's own digits."""
        return self.data / "my-digits.jsonl"

    @property
    def digits(self) -> Path:
        """Folder of the downloaded digits."""
        return self.cache / "digits"

    @property
    def settings_file(self) -> Path:
        """File of window state and preferences."""
        return self.settings / "settings.ini"

    @property
    def start_mark(self) -> Path:
        """File that is there while the window comes up."""
        return self.settings / "starting"

    def check_writable(self) -> None:
        """Make the folders and make sure that they can be written to.

        Drawings and runs are nobody else's business: what is made here is for the user alone.

        Raises
        ------
        StorageError
            If a folder cannot be made or written to.
        """
        for folder in (self.data, self.cache, self.settings, self.logs):
            try:
                make_private(folder)
                # Which the system removes: on Windows, a scanner may have it open just then.
                tempfile.TemporaryFile(prefix=".write-test-", dir=folder).close()
            except OSError as error:
                raise StorageError(
                    f"The program needs a folder it can write to, but {folder} cannot be "
                    f"written ({error.strerror}); set MNIST_DESKTOP_HOME to another folder."
                ) from error

    def prepare_libraries(self) -> None:
        """Point matplotlib and Keras to the program's own folders, before they are imported.

        A user's ``~/.keras/keras.json`` or matplotlib style must not change this program, and a
        progress bar printed by Keras would fail where there is no standard output.
        """
        os.environ[MATPLOTLIB_FOLDER] = str(self.cache / "matplotlib")
        _own_folders.add(os.environ[MATPLOTLIB_FOLDER])
        os.environ["KERAS_HOME"] = str(self.cache / "keras")
        os.environ["KERAS_BACKEND"] = "tensorflow"
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
        for name in ("KERAS_MAX_EPOCHS", "KERAS_MAX_STEPS_PER_EPOCH"):
            os.environ.pop(name, None)
