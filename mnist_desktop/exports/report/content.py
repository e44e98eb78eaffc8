"""What the report of a run says: one list of blocks for the web page and for paper."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mnist_desktop import formats
from mnist_desktop.digits.class_names import ClassNames
from mnist_desktop.digits.dataset import Dataset, Images
from mnist_desktop.digits.disputed_labels import (
    EXPLANATION,
    DisputedLabel,
    describe_accuracy,
    find_disputed,
)
from mnist_desktop.errors import ModelFileError
from mnist_desktop.evaluation.confusion import most_confused
from mnist_desktop.evaluation.figures.confusion import confusion_figure
from mnist_desktop.evaluation.figures.curves import curves_figure
from mnist_desktop.evaluation.figures.digits import mistakes_figure
from mnist_desktop.evaluation.figures.frame import Frame
from mnist_desktop.evaluation.figures.network import CAPTION, network_figure, network_frame
from mnist_desktop.evaluation.figures.reliability import reliability_figure
from mnist_desktop.evaluation.metrics import Evaluation, describe_overfitting, per_class
from mnist_desktop.evaluation.readings import Readings
from mnist_desktop.evaluation.reliability import Reliability, reliability
from mnist_desktop.exports.report.blocks import (
    INNER_WIDTH,
    Block,
    Cards,
    Illustration,
    KeyFigures,
    Listing,
    Pairs,
    Paragraph,
    Section,
    Table,
    Title,
)
from mnist_desktop.formats import percent
from mnist_desktop.networks.blocks import describe_blocks
from mnist_desktop.networks.plan import NetworkPlan
from mnist_desktop.printable import printable
from mnist_desktop.progress import OnProgress, ShouldStop
from mnist_desktop.runs.network_plan import plan_of_run
from mnist_desktop.runs.reading_job import SplitRequest, is_same_dataset, read_split
from mnist_desktop.runs.record import RunRecord
from mnist_desktop.runs.run import Run, learning_curves
from mnist_desktop.training.config import describe_settings
from mnist_desktop.training.network_names import name_of
from mnist_desktop.training.trainer import TRAIN_DIGITS_EVALUATED

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MISTAKES = 24
MISTAKES_A_ROW = 8
MISTAKE_HEIGHT = 1.0  # inches of a row
NAMED_HEIGHT = 1.15  # of one with names of classes
MISTAKE_FONT = 7.0  # points
TALLEST = 8.2  # inches: a diagram fits on a sheet of paper
PAIRS = 6
LONGEST_HALF = 60  # characters of a setting's value beside another one
FEW_EPOCHS = 3  # fewer make no curve: their batches are drawn, too
PACKAGES = {
    "mnist-desktop": "MNIST Desktop",
    "python": "Python",
    "keras": "Keras",
    "tensorflow-cpu": "TensorFlow",
    "tensorflow": "TensorFlow",
    "numpy": "NumPy",
    "ai-edge-litert": "LiteRT",
}


@dataclass(frozen=True, eq=False)
class RunReport:
    """What the report of a run is made of.

    Attributes
    ----------
    run : Run
        The run.
    readings : Readings
        The test digits as its network read them.
    images : ndarray of uint8, shape (n, 28, 28), or None
        The test digits; None if they are not available.
    training : Evaluation or None
        Of all digits it learnt from; None if they are not available.
    plan : NetworkPlan or None
        Its layers; None if they cannot be read.
    """

    run: Run
    readings: Readings
    images: Images | None = None
    training: Evaluation | None = None
    plan: NetworkPlan | None = None

    @property
    def record(self) -> RunRecord:
        """The run's record."""
        return self.run.record

    @property
    def classes(self) -> ClassNames:
        """What the labels stand for."""
        return self.record.dataset.classes

    @cached_property
    def test(self) -> Evaluation:
        """What the record says about the test digits."""
        record = self.record
        classes = per_class(record.confusion)
        return Evaluation(record.test_accuracy, record.test_loss, record.confusion, classes)

    @cached_property
    def reliability(self) -> Reliability:
        """Confidence and accuracy on the test digits."""
        return reliability(self.readings.scores, self.readings.labels)

    @cached_property
    def disputed(self) -> Mapping[int, DisputedLabel]:
        """The test digits whose label people dispute, by their indices."""
        return find_disputed(self.record.dataset.name, self.readings.labels)

    @cached_property
    def mistakes(self) -> NDArray[np.intp]:
        """Indices of all misread test digits, the highest loss first."""
        return self.readings.sort(self.readings.find(kind="wrong"), "loss", descending=True)


def gather_report(
    run: Run, dataset: Dataset | None, *, on_progress: OnProgress, should_stop: ShouldStop
) -> RunReport:
    """Read what the report of a run needs: its scores, and its digits if they are available.

    Parameters
    ----------
    run : Run
        A kept run.
    dataset : Dataset or None
        The available digits; those of another run are left alone.
    on_progress : callable
        Called with a `PhaseProgress`.
    should_stop : callable
        Asked twenty times a second.

    Raises
    ------
    JobCancelled
        If it was stopped.
    ModelFileError, StorageError
        If the run's network or its scores cannot be read.
    """
    if dataset is None or not is_same_dataset(run, dataset, "test"):
        scores, labels = run.test_scores()
        return RunReport(run, Readings(labels, scores), plan=_plan(run))
    read = functools.partial(read_split, on_progress=on_progress, should_stop=should_stop)
    test, training = read(SplitRequest(run, dataset, "test")), None
    if is_same_dataset(run, dataset):
        training = read(SplitRequest(run, dataset, "training")).evaluation
    return RunReport(run, test.readings, dataset.test.images, training, _plan(run))


def _plan(run: Run) -> NetworkPlan | None:
    try:
        return plan_of_run(run)
    except ModelFileError:  # the rest of the report does not need it
        return None


def report_blocks(report: RunReport) -> Iterator[Block]:
    """Say all that the report says, in the order in which it is read."""
    record = report.record
    yield Title(record.name)
    yield Paragraph(_made_on(report), "made")
    yield Paragraph(_summarise(report), "summary")
    if record.note:
        yield Paragraph(record.note, "note")
    yield Section("figures", "Key figures", tuple(_figures(report)))
    yield Section("settings", "Settings", tuple(_by_length(_settings(report))))
    kind, noun = report.classes.kind, report.classes.noun
    columns = (kind.capitalize(), "Precision", "Recall", "F1", f"{noun.capitalize()}s")
    table = Table(columns, _class_rows(report), _class_caption(report.classes))
    yield Section("classes", f"Each {kind}", (table,))
    yield _network(report)
    yield _curves(report)
    yield _matrix(report)
    yield _calibration(report)
    yield _worst_mistakes(report)
    yield Section("making", "How it was made", (Pairs(_making(report)),))


def _figures(report: RunReport) -> Iterator[Cards | Paragraph]:
    """The key figures, and what is to be known of them."""
    yield Cards(tuple(_key_figures(report)))
    if report.record.caveat:
        yield Paragraph(report.record.caveat)
    elif report.training is not None:
        yield Paragraph(describe_overfitting(report.training, report.test, report.classes))
    if report.disputed:
        accuracy = report.readings.accuracy_without(tuple(report.disputed))
        words = describe_accuracy(accuracy, len(report.disputed))
        yield Paragraph(f"Test accuracy: {words}. {EXPLANATION}")


def day_and_time(moment: datetime) -> str:
    """Write a moment in local time, for example ``"21 November 2026, 12:16"``."""
    local = moment.astimezone()
    return f"{local.day} {local:%B %Y, %H:%M}"


def _made_on(report: RunReport) -> str:
    """When the run was kept, in words."""
    return f"Trained on {day_and_time(datetime.fromisoformat(report.record.created))}"


def _summarise(report: RunReport) -> str:
    """Say in a sentence or two what the network is and what it reached."""
    record, (low, high) = report.record, report.test.interval
    epochs, planned = len(record.history), record.config.epochs
    passes, noun = formats.count(epochs, "epoch"), report.classes.noun
    text = (
        f"This network of {formats.count(record.parameters, 'parameter')} reads "
        f"{percent(record.test_accuracy)} of {formats.count(report.test.count, f'test {noun}')} "
        f"right (95% interval: {percent(low)} to {percent(high)})."
    )
    taught = len(report.run.taught())
    if taught:
        drawings = formats.count(taught, "drawing")
        return f"{text} It was taught {drawings} of the user's, for {passes}."
    learnt = formats.count(record.dataset.train, noun)
    text += f" It learnt from {learnt} of {_digits_name(record)} for {passes}."
    if record.stopped:
        text += f" The training was stopped in epoch {epochs:,} of {planned:,}."
    return text


def _digits_name(record: RunRecord) -> str:
    known = {"mnist": "MNIST", "sample": "the MNIST sample"}
    own = record.dataset.classes.title or "the user's own"
    return known.get(record.dataset.name, own)


def _key_figures(report: RunReport) -> Iterator[KeyFigures]:
    """Put training, validation and test side by side; validation only if digits were held out."""
    record, training, noun = report.record, report.training, report.classes.noun
    if training is None:
        accuracy, loss = record.train_accuracy, record.train_loss
        count = min(record.dataset.train, TRAIN_DIGITS_EVALUATED)
    else:
        accuracy, loss, count = training.accuracy, training.loss, training.count
    yield KeyFigures(
        "Training",
        percent(accuracy),
        f"{formats.count(count, noun)} it learnt from",
        (("Loss", f"{loss:.4f}"),),
    )
    kept = record.kept_metrics
    if kept is not None and kept.val_accuracy is not None and kept.val_loss is not None:
        yield KeyFigures(
            "Validation",
            percent(kept.val_accuracy),
            f"{formats.count(record.dataset.validation, noun)} held out",
            (("Loss", f"{kept.val_loss:.4f}"), ("Measured after epoch", f"{kept.epoch:,}")),
        )
    low, high = report.test.interval
    seen = "had learnt from before" if record.caveat else "never saw"
    yield KeyFigures(
        "Test",
        percent(record.test_accuracy),
        f"{formats.count(report.test.count, noun)} it {seen}",
        (
            ("Loss", f"{record.test_loss:.4f}"),
            ("95% interval", f"{percent(low)} – {percent(high)}"),
            ("Calibration error", percent(report.reliability.error)),
        ),
    )


def _by_length(rows: dict[str, str]) -> Iterator[Pairs]:
    """Give names and values two columns, and those whose value is too long for half a page rows."""
    long = {name: value for name, value in rows.items() if len(value) > LONGEST_HALF}
    yield Pairs({name: value for name, value in rows.items() if name not in long}, "halves")
    if long:
        yield Pairs(long)


def _settings(report: RunReport) -> dict[str, str]:
    """Names and values of what the network was trained with."""
    record = report.record
    config = record.config.changed(validation_share=record.validation_share)
    return {
        "Architecture": name_of(record.config),
        "Parameters": f"{record.parameters:,}",
        **describe_settings(config),
    }


def _network(report: RunReport) -> Section:
    """The diagram of its layers."""
    plan, classes = report.plan, report.classes
    block: Paragraph | Illustration
    if plan is None:
        block = Paragraph("Its layers could not be read when this report was made.")
    else:
        block = Illustration(
            lambda frame: network_figure(plan, classes=classes, frame=frame),
            CAPTION,
            height=min(network_frame(plan, INNER_WIDTH, classes).height, TALLEST),
            description=describe_blocks(plan, classes.names),
        )
    return Section("network", "The network", (block,))


def _class_caption(classes: ClassNames) -> str:
    these = f"{classes.noun}s"
    return (
        f"Precision: of the {these} read as this one, the fraction that is one. Recall: of the "
        f"{these} that are this one, the fraction read as it. F1: the harmonic mean of the two."
    )


def _class_rows(report: RunReport) -> tuple[tuple[str, ...], ...]:
    """How each digit was read."""
    return tuple(
        (
            report.classes.of(one.digit),
            percent(one.precision),
            percent(one.recall),
            percent(one.f1),
            f"{one.support:,}",
        )
        for one in report.test.per_class
    )


def _curves(report: RunReport) -> Section:
    """Loss and accuracy by epoch."""
    curves = learning_curves(report.run, batches=len(report.record.history) < FEW_EPOCHS)
    batches = len(curves.batch_places) > 0
    these = f"{report.classes.noun}s"
    caption = f"Loss and accuracy by epoch: on the training {these} while they were learnt"
    caption += f", and on the validation {these} after each epoch." if len(curves.val_loss) else "."
    if batches:
        caption += " The pale line shows single batches."
    figure = Illustration(
        lambda frame: curves_figure([curves], batches=batches, frame=frame), caption, height=2.9
    )
    return Section("curves", "Learning curves", (figure,))


def _matrix(report: RunReport) -> Section:
    """What each digit was read as, and the most frequent mistakes in words."""
    confusion, classes, noun = report.record.confusion, report.classes, report.classes.noun
    pairs = tuple(pair.text for pair in most_confused(confusion, PAIRS, classes))
    figure = Illustration(
        lambda frame: confusion_figure(confusion, classes=classes, frame=frame),
        f"Row: what {classes.article} {noun} is; column: what it was read as. Blue {noun}s were "
        "read correctly, orange ones misread. Percentages are of the row.",
        width=5.0,
        height=4.6,
        beside=Listing("Most often confused", pairs) if pairs else None,
    )
    return Section("matrix", "Confusion matrix", (figure,))


def _calibration(report: RunReport) -> Section:
    """Whether scores mean what they say."""
    figure = Illustration(
        lambda frame: reliability_figure(report.reliability, frame=frame),
        f"Test {report.classes.noun}s by the highest score they got, in steps of a fifteenth. "
        "Bars: the part read correctly; dots: the mean score. Dots below the dotted line promise "
        "too much, dots above it too little. The expected calibration error, the mean distance "
        f"from the line, is {percent(report.reliability.error)}.",
        width=5.0,
        height=3.1,
    )
    return Section("calibration", "Calibration", (figure,))


def _worst_mistakes(report: RunReport) -> Section:
    """The digits that were misread worst."""
    shown, count = report.mistakes[:MISTAKES], len(report.mistakes)
    classes, noun = report.classes, report.classes.noun
    misread = formats.count(count, f"test {noun} was", f"test {noun}s were") + " misread"
    block: Paragraph | Illustration
    if count == 0:
        block = Paragraph(f"No test {noun} was misread.")
    elif report.images is None:
        block = Paragraph(
            f"{misread}. The {noun}s themselves were not available when this "
            "report was made, so there are no pictures of them."
        )
    else:
        images, readings = report.images[shown], report.readings
        block = Illustration(
            lambda frame: _mistakes(images, readings, shown, classes, frame),
            misread
            + (f"; these {MISTAKES} have the highest loss. " if count > MISTAKES else ". ")
            + f"The arrow leads from what {classes.article} {noun} is to what it was read as; the "
            f"percentage is the score that the wrong {classes.kind} got.{_disputed_among(report)}",
            height=(MISTAKE_HEIGHT if classes.are_digits else NAMED_HEIGHT)
            * -(-len(shown) // MISTAKES_A_ROW),
        )
    return Section("mistakes", "Worst mistakes", (block,))


def _disputed_among(report: RunReport) -> str:
    """Say how many of the misread digits have a disputed label, if any."""
    number = len(np.intersect1d(report.mistakes, list(report.disputed)))
    label = "a label that people dispute"
    have = formats.count(number, f"misread digit has {label}", f"misread digits have {label}")
    return f" {have}." if number else ""


def _mistakes(
    images: Images,
    readings: Readings,
    indices: NDArray[np.intp],
    classes: ClassNames,
    frame: Frame,
) -> Figure:
    figure = mistakes_figure(
        images,
        readings.labels[indices],
        readings.scores[indices],
        columns=MISTAKES_A_ROW,
        classes=classes,
        frame=frame,
    )
    for axes in figure.axes:  # on paper, 100.0% has to fit above its digit
        axes.title.set_fontsize(MISTAKE_FONT)
    return figure


def _making(report: RunReport) -> dict[str, str]:
    """How the run was made, and with what."""
    record, digits = report.record, report.record.dataset
    held_out = f"{digits.validation:,} held out" if digits.validation else "none held out"
    rows = {
        "Run": printable(record.id),
        "Digits": (
            f"{digits.title}: {digits.train:,} learnt from, {held_out}, {digits.test:,} tested on"
        ),
        # A path of this machine is nothing to send around.
        "Source": printable(Path(digits.source).name) if digits.name == "custom" else "",
        "Time": (
            f"{record.fit_seconds:,.1f} s of training, {record.total_seconds:,.1f} s with building "
            "and testing"
        ),
        "Versions": ", ".join(
            f"{PACKAGES.get(name, name)} {number}" for name, number in record.versions.items()
        ),
    }
    return {name: value for name, value in rows.items() if value}
