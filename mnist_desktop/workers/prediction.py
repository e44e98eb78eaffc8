"""Reading the drawing on a thread of its own, the latest ink first."""

from __future__ import annotations

import logging
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal, Slot

from mnist_desktop.digits.dataset import Dataset
from mnist_desktop.digits.image_import import Picture, PictureSource
from mnist_desktop.digits.ink import Ink
from mnist_desktop.digits.picture_turns import PageRequest
from mnist_desktop.errors import ImageFileError, MnistDesktopError, as_reported
from mnist_desktop.inference.explanation import Explanation, explain, find_similar
from mnist_desktop.inference.picture_reading import open_picture
from mnist_desktop.inference.predictor import NO_INK, Prediction, Predictor
from mnist_desktop.inference.reading import NOTHING_READ, Readable, Reading, read_content
from mnist_desktop.inference.taught import MOST, TaughtDigits
from mnist_desktop.runs.model_ref import ModelRef
from mnist_desktop.runs.my_digits import MyDigits
from mnist_desktop.runs.open_model import open_model
from mnist_desktop.runs.store import RunStore
from mnist_desktop.workers.last_asked import LastAsked
from mnist_desktop.workers.thread import WorkerThread, end_thread

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class OpenedModel:
    """A network that drawings are read with from now on, and which it is."""

    model: ModelRef
    predictor: Predictor


@dataclass(frozen=True, eq=False)
class ModelFailure:
    """A network that could not be opened, and why."""

    model: ModelRef
    error: MnistDesktopError


@dataclass(frozen=True, eq=False)
class OpenedPicture:
    """A picture whose digits were found, and where it comes from."""

    source: PictureSource
    picture: Picture


@dataclass(frozen=True, eq=False)
class PictureFailure:
    """A picture that could not be opened, or a page that cannot be straightened, and why."""

    source: PictureSource
    error: MnistDesktopError


@dataclass(frozen=True, eq=False)
class ImageReading:
    """What an image was read as.

    Attributes
    ----------
    image : ndarray of uint8, shape (28, 28)
        The image; the very one that was to be read.
    prediction : Prediction
        What it was read as, without the pen's path.
    """

    image: NDArray[np.uint8]
    prediction: Prediction


class PredictionWorker(QObject):
    """Holds the open network and reads with it; lives in the prediction thread.

    Signals
    -------
    opened(object)
        A network is open: an `OpenedModel`.
    failed(object)
        A `ModelFailure`: the network could not be opened; the one before stays.
    read_finished(object)
        A `Reading`.
    picture_opened(object), picture_failed(object)
        An `OpenedPicture`, or a `PictureFailure`.
    image_read(object)
        An `ImageReading`.
    explained(object)
        An `Explanation`, or None where there is nothing to explain.
    similar_found(object)
        `SimilarDigits` of an image.
    """

    opened = Signal(object)
    failed = Signal(object)
    read_finished = Signal(object)
    picture_opened = Signal(object)
    picture_failed = Signal(object)
    image_read = Signal(object)
    explained = Signal(object)
    similar_found = Signal(object)

    def __init__(self, store: RunStore) -> None:
        super().__init__()
        self._store = store
        self._predictor: Predictor | None = None
        self._examples: TaughtDigits | None = None
        self._is_comparing = False

    @Slot(bool)
    def set_comparing(self, is_comparing: bool) -> None:
        """Read drawings only shrunk, too, as long as that is shown."""
        self._is_comparing = is_comparing

    @Slot(object)
    def open_model(self, model: ModelRef) -> None:
        """Open a network."""
        try:
            self._predictor = open_model(model, self._store)
            self._predictor.use_examples(self._examples)
        except Exception as error:
            if not isinstance(error, MnistDesktopError):
                logger.exception("A network could not be opened")
            self.failed.emit(ModelFailure(model, as_reported(error)))
        else:
            self.opened.emit(OpenedModel(model, self._predictor))

    @Slot(object)
    def use_examples(self, my_digits: MyDigits) -> None:
        """Read drawings by the user's digits as well; they are gone through here."""
        try:
            latest = my_digits.drawings[-MOST:]
            self._examples = TaughtDigits(latest) if latest else None
        except Exception:
            logger.exception("The user's digits could not be used as examples")
        if self._predictor is not None:
            self._predictor.use_examples(self._examples)

    @Slot(object)
    def read(self, content: Readable) -> None:
        """Read a drawing or a picture."""
        reading = NOTHING_READ
        try:
            reading = read_content(self._predictor, content, compares=self._is_comparing)
        except Exception:
            logger.exception("A drawing could not be read")
        self.read_finished.emit(reading)  # always: the next drawing waits for it

    @Slot(object)
    def open_picture(self, source: PictureSource) -> None:
        """Decode a picture or turn its page, and find its digits."""
        try:
            picture = open_picture(self._predictor, source)
        except MnistDesktopError as error:
            self.picture_failed.emit(PictureFailure(source, error))
        except Exception:
            logger.exception("A picture could not be opened")
            unknown = ImageFileError("The picture could not be opened; try another one.")
            self.picture_failed.emit(PictureFailure(source, unknown))
        else:
            self.picture_opened.emit(OpenedPicture(source, picture))

    @Slot(object)
    def read_image(self, image: NDArray[np.uint8]) -> None:
        """Read an image that is on no pad."""
        prediction = NO_INK
        try:
            if self._predictor is not None:
                prediction = self._predictor.read(image)
        except Exception:
            logger.exception("An image could not be read")
        self.image_read.emit(ImageReading(image, prediction))

    @Slot(object)
    def explain(self, image: NDArray[np.uint8]) -> None:
        """Find what speaks for the reading of an image."""
        explanation = None
        try:
            if self._predictor is not None and image.any():
                explanation = explain(self._predictor, image)
        except Exception:
            logger.exception("A reading could not be explained")
        self.explained.emit(explanation)

    @Slot(object, object)
    def find_similar(self, image: NDArray[np.uint8], dataset: Dataset) -> None:
        """Find the training digits most like an image."""
        try:
            found = find_similar(image, dataset.train, dataset.classes)
        except Exception:
            logger.exception("Similar digits could not be found")
        else:
            self.similar_found.emit(found)


class PredictionController(QObject):
    """Asks the prediction thread; of what comes in while it is busy, the last counts.

    Parameters
    ----------
    store : RunStore
        Where runs are kept.

    Signals
    -------
    model_opened(object)
        A network is open: an `OpenedModel`. Not emitted if another one was requested meanwhile.
    model_failed(object)
        A `ModelFailure`: the network could not be opened; the one before stays.
    read_finished(object)
        A `Reading` of the newest drawing or picture.
    picture_opened(object), picture_failed(object)
        An `OpenedPicture`, or a `PictureFailure`; of pages to be turned, of the newest.
    image_read(object)
        An `ImageReading` of the newest image.
    explained(object)
        An `Explanation` of the newest image, or None where there is nothing to explain.
    similar_found(object)
        `SimilarDigits` of an image.
    """

    model_opened = Signal(object)
    model_failed = Signal(object)
    read_finished = Signal(object)
    picture_opened = Signal(object)
    picture_failed = Signal(object)
    image_read = Signal(object)
    explained = Signal(object)
    similar_found = Signal(object)
    _comparing_wanted = Signal(bool)
    _examples_wanted = Signal(object)
    _open_wanted = Signal(object)
    _read_wanted = Signal(object)
    _picture_wanted = Signal(object)
    _image_wanted = Signal(object)
    _explanation_wanted = Signal(object)
    _similar_wanted = Signal(object, object)

    def __init__(self, store: RunStore, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._is_opening = False
        self._readings = LastAsked[Readable](self._read_wanted.emit)
        self._pages = LastAsked[PageRequest](self._picture_wanted.emit)
        self._images = LastAsked[NDArray[np.uint8]](self._image_wanted.emit)
        self._explanations = LastAsked[NDArray[np.uint8]](self._explanation_wanted.emit)
        self._next_model: ModelRef | None = None
        self._last: Readable = Ink()
        self._thread = WorkerThread(self)
        self._worker = PredictionWorker(store)
        self._worker.moveToThread(self._thread)
        self._comparing_wanted.connect(self._worker.set_comparing)
        self._examples_wanted.connect(self._worker.use_examples)
        self._open_wanted.connect(self._worker.open_model)
        self._read_wanted.connect(self._worker.read)
        self._picture_wanted.connect(self._worker.open_picture)
        self._image_wanted.connect(self._worker.read_image)
        self._explanation_wanted.connect(self._worker.explain)
        self._similar_wanted.connect(self._worker.find_similar)
        self._worker.opened.connect(self._on_worker_opened)
        self._worker.failed.connect(self._on_worker_failed)
        self._worker.read_finished.connect(self._on_worker_read_finished)
        self._worker.picture_opened.connect(self._on_worker_picture_opened)
        self._worker.picture_failed.connect(self._on_worker_picture_failed)
        self._worker.image_read.connect(self._on_worker_image_read)
        self._worker.explained.connect(self._on_worker_explained)
        self._worker.similar_found.connect(self.similar_found)
        self._thread.start()

    @property
    def is_busy(self) -> bool:
        """Whether something is being read."""
        return self._readings.is_busy

    def open_model(self, model: ModelRef) -> None:
        """Read with this network from now on, also what is on the pad.

        One that still waits for another to be opened is dropped.
        """
        if self._is_opening:
            self._next_model = model
            return
        self._is_opening = True
        self._open_wanted.emit(model)

    @Slot(object)
    def read(self, content: Readable) -> None:
        """Read a drawing or a picture; an older one that is still waiting is dropped."""
        self._last = content
        self._readings.ask(content)

    @Slot(bool)
    def set_comparing(self, is_comparing: bool) -> None:
        """Read drawings only shrunk, too, from now on, also what is on the pad; or no more."""
        self._comparing_wanted.emit(is_comparing)
        self.read(self._last)

    def use_examples(self, my_digits: MyDigits) -> None:
        """Read drawings like the user's as what they are said to be, also what is on the pad."""
        self._examples_wanted.emit(my_digits)
        self.read(self._last)

    @Slot(object)
    def open_picture(self, source: PictureSource) -> None:
        """Decode a picture file, or its content, and find its digits; or turn a page first.

        Of pages that are to be turned, an older one that is still waiting is dropped.
        """
        if isinstance(source, PageRequest):
            self._pages.ask(source)
        else:
            self._picture_wanted.emit(source)

    def read_image(self, image: NDArray[np.uint8]) -> None:
        """Read an image (28, 28) that is on no pad; an older one that is waiting is dropped."""
        self._images.ask(image)

    def explain(self, image: NDArray[np.uint8]) -> None:
        """Find what speaks for the reading of an image (28, 28); an older one is dropped."""
        self._explanations.ask(image)

    def find_similar(self, image: NDArray[np.uint8], dataset: Dataset) -> None:
        """Find the training digits of a dataset that are most like an image (28, 28)."""
        self._similar_wanted.emit(image, dataset)

    def close(self) -> None:
        """End the thread, wait for it, and say nothing more of what it did."""
        end_thread(self._thread, self)

    @Slot(object)
    def _on_worker_opened(self, opened: OpenedModel) -> None:
        if not self._open_next():
            self.model_opened.emit(opened)
            self.read(self._last)

    @Slot(object)
    def _on_worker_failed(self, failure: ModelFailure) -> None:
        self._open_next()
        self.model_failed.emit(failure)

    def _open_next(self) -> bool:
        """Open the network that waits, if there is one."""
        self._is_opening = False
        waiting, self._next_model = self._next_model, None
        if waiting is None:
            return False
        self.open_model(waiting)
        return True

    @Slot(object)
    def _on_worker_read_finished(self, reading: Reading) -> None:
        if self._readings.note_answer():
            self.read_finished.emit(reading)

    @Slot(object)
    def _on_worker_picture_opened(self, opened: OpenedPicture) -> None:
        if self._is_newest(opened.source):
            self.picture_opened.emit(opened)

    @Slot(object)
    def _on_worker_picture_failed(self, failure: PictureFailure) -> None:
        if self._is_newest(failure.source):
            self.picture_failed.emit(failure)

    def _is_newest(self, source: PictureSource) -> bool:
        """Whether no other page is to be turned instead of one; files are all opened."""
        return not isinstance(source, PageRequest) or self._pages.note_answer()

    @Slot(object)
    def _on_worker_image_read(self, reading: ImageReading) -> None:
        if self._images.note_answer():
            self.image_read.emit(reading)

    @Slot(object)
    def _on_worker_explained(self, explanation: Explanation | None) -> None:
        if self._explanations.note_answer():
            self.explained.emit(explanation)
