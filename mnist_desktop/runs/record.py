"""What a run was and its outcome: the record, and as JSON."""

from __future__ import annotations

import itertools
import platform
import re
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_desktop import __version__, formats
from mnist_desktop.digits.class_names import DIGITS, ClassNames
from mnist_desktop.digits.dataset import (
    CLASSES,
    DATASET_NAMES,
    MAX_DIGITS,
    Dataset,
    dataset_name,
)
from mnist_desktop.formats import percent
from mnist_desktop.inference.calibration import COLDEST, HOTTEST
from mnist_desktop.printable import printable
from mnist_desktop.training.architectures import READER
from mnist_desktop.training.config import (
    MAX_EPOCHS,
    MAX_LOSS,
    MAX_SECONDS,
    OPTIMIZERS,
    ROUNDING,
    TrainingConfig,
    check_amounts,
)
from mnist_desktop.training.progress import EpochMetrics
from mnist_desktop.training.trainer import TrainingResult

FORMAT = 1
MAX_NAME_LENGTH = 80
MAX_NOTE_LENGTH = 2000
MAX_SOURCE_LENGTH = 5000  # a path has at most 4096 bytes
SOURCE_READ = 500  # characters that are read of it; escaped they are at most ten times as many
MAX_VERSIONS = 50
MAX_VERSION_LENGTH = 100
MAX_PARAMETERS = 10**12
MAX_ARCHITECTURE = 24  # characters of it that are shown
EPOCHS_TOLD = 10
NUMBER = re.compile(r" [0-9]+$")


@dataclass(frozen=True)
class DatasetInfo:
    """Which digits a run was trained and tested on.

    Attributes
    ----------
    name : {"mnist", "sample", "custom"}
        Which digits they were.
    source : str
        Where they came from, in words.
    train, validation, test : int
        How many were learnt from, held out, and tested on.
    classes : ClassNames
        What their labels stand for.
    """

    name: str
    source: str
    train: int
    validation: int
    test: int
    classes: ClassNames = DIGITS

    def __post_init__(self) -> None:
        """Check what may come from another person's file."""
        if self.name not in DATASET_NAMES:
            raise ValueError(f"its digits have the unknown name {self.name!r:.40}")
        if not (isinstance(self.source, str) and len(self.source) <= MAX_SOURCE_LENGTH):
            raise ValueError("the text on where its digits came from is missing or too long")
        counts = (self.train, self.validation, self.test)
        if not all(type(count) is int and 0 <= count <= MAX_DIGITS for count in counts):
            raise ValueError(f"its digits cannot be counted: {counts!r:.80}")
        if not (self.train and self.test):
            raise ValueError("it has learnt from no digits, or was tested on none")

    @property
    def title(self) -> str:
        """What they are called on the screen."""
        return dataset_name(self.name, self.classes)

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON can hold it; digits have no names, as in the records of old."""
        values = asdict(self)
        del values["classes"]
        return values if self.classes.are_digits else {**values, "classes": self.classes.names}

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> DatasetInfo:
        """Rebuild it from `as_json`.

        Raises
        ------
        ValueError, TypeError, KeyError
            If something is missing or is not what it should be.
        """
        classes = DIGITS
        if "classes" in values:
            if not isinstance(values["classes"], list):
                raise ValueError("the names of its classes are no list")
            classes = ClassNames(tuple(values["classes"]))
        # The source is the path of a file, which may hold anything.
        source = printable(values["source"], SOURCE_READ)
        return cls(**{**values, "source": source, "classes": classes})


@dataclass(frozen=True)
class RunRecord:
    """What a run was and its outcome.

    Attributes
    ----------
    id : str
        Name of its folder, from the time and the architecture.
    name : str
        What the user calls it.
    created : str
        When it was kept, ISO 8601 in UTC.
    config : TrainingConfig
        Settings it was trained with.
    dataset : DatasetInfo
        Digits it was trained and tested on.
    parameters : int
        Weights of its network.
    history : tuple of EpochMetrics
        Its epochs.
    stopped : bool
        Whether it was ended before its last epoch was done.
    train_accuracy, train_loss : float
        On 10,000 of the digits it learnt from, after training.
    test_accuracy, test_loss : float
        On the test digits.
    confusion : ndarray of int64, shape (10, 10)
        On the test digits; row: true digit, column: predicted digit.
    fit_seconds, total_seconds : float
        Time in the fit, and with building and evaluating.
    versions : mapping of str to str
        Of Python and the libraries.
    temperature : float
        What its scores of drawings are calibrated with.
    note : str
        What the user has written about it.
    starred : bool
        Whether the user has given it a star.
    kept_epoch : int
        After which epoch its network was kept; 0 for the last one, as in runs of old.
    base_saw_test : bool
        Whether the network that it was fine-tuned from has, or may have, learnt from its test
        digits.
    """

    id: str
    name: str
    created: str
    config: TrainingConfig
    dataset: DatasetInfo
    parameters: int
    history: tuple[EpochMetrics, ...]
    stopped: bool
    train_accuracy: float
    train_loss: float
    test_accuracy: float
    test_loss: float
    confusion: NDArray[np.int64]
    fit_seconds: float
    total_seconds: float
    versions: Mapping[str, str]
    temperature: float = 1.0  # runs of version 0.1.0 were not calibrated
    note: str = ""
    starred: bool = False
    kept_epoch: int = 0
    base_saw_test: bool = False

    def __post_init__(self) -> None:
        """Check what may come from another person's file."""
        check_amounts("Its accuracies", self.train_accuracy, self.test_accuracy, most=1 + ROUNDING)
        check_amounts("Its losses", self.train_loss, self.test_loss, most=MAX_LOSS)
        check_amounts("Its seconds", self.fit_seconds, self.total_seconds, most=MAX_SECONDS)
        check_amounts("Its temperatures", self.temperature, most=HOTTEST + ROUNDING)
        if self.temperature < COLDEST - ROUNDING:
            raise ValueError(f"its temperature is below {COLDEST}")
        if type(self.parameters) is not int or not 0 <= self.parameters < MAX_PARAMETERS:
            raise ValueError(f"its parameters cannot be counted: {self.parameters!r:.40}")
        answers = (self.stopped, self.starred, self.base_saw_test)
        if not all(isinstance(one, bool) for one in answers):
            raise ValueError("whether it was stopped, has a star or saw its test is not known")
        self._check_texts()
        self._check_epochs()
        self._check_confusion()

    def _check_texts(self) -> None:
        versions = (*self.versions.keys(), *self.versions.values())
        try:
            "".join((self.name, self.note, *versions))
        except TypeError:
            raise ValueError("its name, note or versions are no text") from None
        is_short = len(self.name) <= MAX_NAME_LENGTH and len(self.note) <= MAX_NOTE_LENGTH
        longest = max(map(len, versions), default=0)
        if not is_short or len(self.versions) > MAX_VERSIONS or longest > MAX_VERSION_LENGTH:
            raise ValueError("its name, note or versions are longer than they can be")
        if not "".join(versions).isprintable():
            raise ValueError("its versions are no text that can be shown")
        datetime.fromisoformat(self.created).astimezone()  # which the year 1 has not everywhere

    def _check_epochs(self) -> None:
        """Not against the config: fine-tuning keeps the config of the network it started from."""
        numbers = [epoch.epoch for epoch in self.history]
        if len(numbers) > MAX_EPOCHS or numbers != list(range(1, len(numbers) + 1)):
            raise ValueError("its epochs are not numbered from 1 on")
        if type(self.kept_epoch) is not int or not 0 <= self.kept_epoch <= len(numbers):
            raise ValueError("its network is of none of its epochs")

    def _check_confusion(self) -> None:
        matrix, count = self.confusion, self.dataset.test
        if matrix.shape != (CLASSES, CLASSES) or matrix.min() < 0 or matrix.max() > MAX_DIGITS:
            raise ValueError("its confusion matrix holds what cannot be counted")
        if matrix.sum() != count:
            raise ValueError(
                f"its confusion matrix counts {formats.count(int(matrix.sum()), 'digit')}, but it "
                f"was tested on {count:,}"
            )
        if abs(np.trace(matrix) / count - self.test_accuracy) > ROUNDING:
            raise ValueError(
                f"its confusion matrix and its test accuracy of {self.test_accuracy:.4f} are not "
                "of the same test"
            )

    @property
    def kept_metrics(self) -> EpochMetrics | None:
        """The epoch after which its network was kept; None where no epoch was finished."""
        return self.history[(self.kept_epoch or len(self.history)) - 1] if self.history else None

    @property
    def caveat(self) -> str:
        """Why its test accuracy is none of unseen digits, in a sentence; usually empty."""
        return caveat(self, self.dataset.name)

    @property
    def validation_share(self) -> float:
        """Fraction of the training digits that were held out; fine-tuning holds none out."""
        return self.config.validation_share if self.dataset.validation else 0.0

    def changed(
        self, name: str | None = None, note: str | None = None, starred: bool | None = None
    ) -> RunRecord:
        """Return a copy with another name, note or star; what is None or no name stays."""
        return replace(
            self,
            name=clean_name(name or "") or self.name,
            note=self.note if note is None else clean_note(note),
            starred=self.starred if starred is None else starred,
        )


def caveat(record: RunRecord | None, digits: str) -> str:
    """Say so where a network has, or may have, learnt from the test digits of a dataset.

    The sample's digits are all of MNIST's training file. So the bundled reader has learnt from
    them, and so has what was made from it; a network that learnt from other digits than the sample,
    or whose digits are not known, may have.

    Parameters
    ----------
    record : RunRecord or None
        The run whose network it is; None for the bundled reader, or a file's.
    digits : {"mnist", "sample", "custom"}
        The name of the dataset.

    Returns
    -------
    str
        A sentence; empty where it has not.
    """
    is_unseen = (
        record is not None
        and record.dataset.name == "sample"
        and record.config.architecture != READER.id
        and not record.base_saw_test
    )
    if digits != "sample" or is_unseen:
        return ""
    return (
        "The sample is made of MNIST's training digits: a network trained on MNIST has learnt from "
        "them, and reads them a little better than unseen ones."
    )


def describe_test(record: RunRecord) -> str:
    """Say in a sentence without its full stop how well the test digits were read."""
    noun = record.dataset.classes.noun
    words = f"{percent(record.test_accuracy)} of the test {noun}s read correctly"
    return f"{words}, which it had learnt from before" if record.caveat else words


@dataclass(frozen=True)
class AccuracyCurve:
    """How the accuracy of a training went.

    Attributes
    ----------
    name : {"Validation", "Training"}
        Of which digits: those that were held out, where all epochs know it of them.
    values : tuple of float
        After each epoch, 0 to 1.
    """

    name: str
    values: tuple[float, ...]

    @property
    def text(self) -> str:
        """The curve in words; of many epochs the last ones."""
        if not self.values:
            return "No epoch was finished"
        last = self.values[-EPOCHS_TOLD:]
        beginning = "… " if len(self.values) > len(last) else ""
        return f"{self.name} accuracy by epoch: {beginning}{', '.join(map(percent, last))}"


def accuracy_curve(record: RunRecord) -> AccuracyCurve:
    """Collect the accuracy after each epoch, on the held-out digits where there are any."""
    held_out = tuple(one.val_accuracy for one in record.history if one.val_accuracy is not None)
    if len(held_out) == len(record.history):
        return AccuracyCurve("Validation", held_out)
    return AccuracyCurve("Training", tuple(one.accuracy for one in record.history))


def summary(record: RunRecord) -> str:
    """The settings in a few words, such as ``"cnn-fast · Adam 0.001"``."""
    config = record.config
    architecture_id = printable(config.architecture, MAX_ARCHITECTURE)
    return f"{architecture_id} · {OPTIMIZERS[config.optimizer]} {config.learning_rate:g}"


def clean_name(name: str) -> str:
    """Return what a name may hold of a text: one short line that can be shown."""
    beginning = name[: 10 * MAX_NAME_LENGTH]  # another person's file may hold megabytes
    return "".join(filter(str.isprintable, beginning)).strip()[:MAX_NAME_LENGTH]


def distinct_name(name: str, taken: Collection[str]) -> str:
    """Return a name that no other run has: one that is taken gets the next free number.

    Parameters
    ----------
    name : str
        As `clean_name` returns it.
    taken : collection of str
        Names that there are already.

    Returns
    -------
    str
        Such as ``"One hidden layer 2"``; the number replaces one that stands there.
    """
    if name not in taken:
        return name
    beginning = NUMBER.sub("", name)
    numbered = (
        f"{beginning[: MAX_NAME_LENGTH - len(ending)]}{ending}"
        for ending in (f" {number}" for number in itertools.count(2))
    )
    return next(one for one in numbered if one not in taken)


def clean_note(note: str) -> str:
    """Return what a note may hold of a text: lines that can be shown."""
    beginning = note[: 10 * MAX_NOTE_LENGTH]
    letters = (letter for letter in beginning if letter.isprintable() or letter in "\n\t")
    return "".join(letters).strip()[:MAX_NOTE_LENGTH]


def make_record(
    result: TrainingResult, dataset: Dataset, name: str, *, base_saw_test: bool = False
) -> RunRecord:
    """Write down what a training came to; the run's id is completed when it is kept."""
    return RunRecord(
        id=result.config.architecture,  # the time comes before it once the folder has its name
        name=name,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        config=result.config,
        dataset=DatasetInfo(
            name=dataset.name,
            source=dataset.source,
            train=result.train_count,
            validation=result.validation_count,
            test=len(dataset.test),
            classes=dataset.classes,
        ),
        parameters=result.parameters,
        history=result.history,
        stopped=result.stopped,
        train_accuracy=result.train.accuracy,
        train_loss=result.train.loss,
        test_accuracy=result.test.accuracy,
        test_loss=result.test.loss,
        confusion=result.test.confusion,
        fit_seconds=result.fit_seconds,
        total_seconds=result.total_seconds,
        versions=_versions(),
        temperature=result.temperature,
        note=result.note,
        kept_epoch=result.kept_epoch,
        base_saw_test=base_saw_test,
    )


def _versions() -> dict[str, str]:
    from importlib.metadata import PackageNotFoundError, version  # not before the first paint

    found = {"mnist-desktop": __version__, "python": platform.python_version()}
    for package in ("keras", "tensorflow-cpu", "tensorflow", "numpy", "ai-edge-litert"):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def record_as_json(record: RunRecord) -> dict[str, Any]:
    """Return all of a record but its epochs as JSON can hold it."""
    values = {
        name: getattr(record, name)
        for name in RunRecord.__dataclass_fields__
        if name not in ("id", "config", "dataset", "history", "confusion", "versions")
    }
    return {
        "format": FORMAT,
        **values,
        "config": record.config.as_json(),
        "dataset": record.dataset.as_json(),
        "confusion": record.confusion.tolist(),
        "versions": dict(record.versions),
    }


def record_from_json(values: dict[str, Any], history: list[dict[str, Any]]) -> RunRecord:
    """Rebuild a record from `record_as_json` and its epochs.

    Raises
    ------
    ValueError, KeyError, TypeError, AttributeError, MnistDesktopError
        If something is missing or is not what it should be.
    """
    if values.pop("format") != FORMAT:
        raise ValueError("it was written by another version of the program")
    confusion = np.array(values.pop("confusion"))
    if confusion.shape != (CLASSES, CLASSES) or confusion.dtype != np.int64:
        raise ValueError("its confusion matrix is not ten by ten integers")
    name, note, digits = values["name"], values.get("note", ""), values["dataset"]
    if not all(isinstance(text, str) for text in (name, note, digits["source"])):
        raise ValueError("its name, note or source are no text")
    return RunRecord(
        **{
            **values,
            "name": clean_name(name) or clean_name(printable(values["id"])),
            "note": clean_note(note),
            "config": TrainingConfig.from_json(values["config"]),
            "dataset": DatasetInfo.from_json(digits),
            "history": tuple(EpochMetrics(**epoch) for epoch in history),
            "confusion": confusion,
        }
    )
