"""The errors a user can act on.

Each message is one sentence that says what was expected, what was found and what to do.
``mnist_desktop.ui`` turns them into a dialog, ``mnist_desktop.cli`` into an exit code.
"""


class MnistDesktopError(Exception):
    """Base of every error that is told to the user in words.

    Attributes
    ----------
    exit_code : int
        What the command line exits with: 2 for bad input, 1 for a failed job.
    """

    exit_code = 1


class InvalidInputError(MnistDesktopError):
    """Something the user gave cannot be used."""

    exit_code = 2


class InvalidSettingError(InvalidInputError):
    """A training setting is outside what the program accepts."""


class DataFileError(InvalidInputError):
    """A file of digits is missing, cut short, or not what it should be."""


class ImageFileError(InvalidInputError):
    """A picture or a stroke file cannot be read as a drawn digit."""


class ModelFileError(InvalidInputError):
    """A model is missing, damaged, or does not read 28×28 digits."""


class RunNotFoundError(InvalidInputError):
    """No kept run has the given id."""


class StorageError(InvalidInputError):
    """A folder the program writes to is not writable."""


class DownloadError(MnistDesktopError):
    """MNIST could not be downloaded from any of its hosts."""


class EngineError(MnistDesktopError):
    """TensorFlow cannot be used on this machine."""


class TrainingError(MnistDesktopError):
    """A training could not be finished."""


class JobCancelled(Exception):  # noqa: N818 - a wish granted, not an error
    """A job ended because ``should_stop`` said so, with nothing to keep."""
