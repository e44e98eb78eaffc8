"""Reading digits with a converted network, and saying when it is not sure.

Drawing neither waits for TensorFlow nor disturbs a training.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import repeat
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mnist_desktop.digits.class_names import DIGITS, ClassNames
from mnist_desktop.digits.dataset import CLASSES, SIDE, Images
from mnist_desktop.digits.ink import Ink
from mnist_desktop.digits.labels import best_labels
from mnist_desktop.errors import ModelFileError
from mnist_desktop.inference.calibration import at_temperature
from mnist_desktop.inference.digit_check import DigitCheck, Verdict
from mnist_desktop.inference.litert_file import output_activation
from mnist_desktop.inference.network import BATCH, LiteRTNetwork, read_model
from mnist_desktop.inference.path_reader import PathReader, combined, has_path
from mnist_desktop.inference.pixel_scale import ZERO_TO_ONE, PixelScale
from mnist_desktop.inference.scores import as_scores
from mnist_desktop.inference.taught import TaughtDigits

# Below this score for the best digit the answer is "not sure": it is more often wrong than right.
SURE = 0.5
# The same where the image and the pen's way were both asked. With it, 0.1% of the validation
# drawings are misread and accepted and 98.9% accepted; with 0.5 these are 0.4% and 99.6%.
SURE_OF_DRAWING = 0.8


@dataclass(frozen=True)
class Prediction:
    """What one image was read as.

    Attributes
    ----------
    label : int or None
        The digit with the highest score; None when there is no ink.
    accepted : bool
        Whether the network is sure enough to say so.
    probabilities : tuple of float
        Ten scores that add up to 1; all 0 when there is no ink.
    reason : str
        Why it is not accepted, in words; empty when it is.
    is_digit : bool
        Whether it passed the digit check. The scores of what was rejected mean nothing.
    classes : ClassNames
        What the labels stand for.
    """

    label: int | None
    accepted: bool
    probabilities: tuple[float, ...]
    reason: str = ""
    is_digit: bool = True
    classes: ClassNames = DIGITS

    @property
    def text(self) -> str:
        """The digit or the class's name, ``?`` when not sure, ``–`` when there is no ink."""
        if self.label is None:
            return "–"
        return self.classes.of(self.label) if self.accepted else "?"

    @property
    def best_two(self) -> tuple[int, int]:
        """The two digits with the highest scores, the higher one first."""
        order = sorted(range(CLASSES), key=lambda digit: -self.probabilities[digit])
        return order[0], order[1]


def _prediction(
    label: int, scores: NDArray[np.float64], sure: float, verdict: Verdict, classes: ClassNames
) -> Prediction:
    reason = verdict.reason
    if verdict.is_digit and scores[label] < sure:
        reason = one_of_several(classes)
    shares = tuple(scores.tolist())
    return Prediction(label, not reason, shares, reason, verdict.is_digit, classes)


def one_of_several(classes: ClassNames) -> str:
    """Say why a prediction of low confidence is not accepted."""
    return f"It could be one of several {classes.kinds}."


NO_INK = Prediction(None, False, (0.0,) * CLASSES, "There is no ink.")


def no_ink(classes: ClassNames) -> Prediction:
    """What a network for these classes says where there is no ink."""
    return replace(NO_INK, classes=classes)


class Predictor:
    """A network that reads 28×28 images, loaded from a LiteRT file.

    It may be used from several threads, one at a time.

    Parameters
    ----------
    path : Path
        A ``.tflite`` file that takes one image of 784, 28×28 or 28×28×1 pixels and gives ten
        outputs.
    temperature : float
        What its scores of drawings are calibrated with.
    check : DigitCheck, optional
        Asked whether an image is a digit at all.
    path_reader : PathReader, optional
        Gives a second opinion on drawings.
    taught : TaughtDigits, optional
        What the user has taught this network: drawings like these need no other opinion.
    classes : ClassNames, optional
        What its outputs stand for.
    threads : int
        How many of the processor's cores it may use.
    batch : int
        How many images it takes at once; fewer need less memory.
    content : bytes, optional
        What the file holds, where it has been read already; it is not read again.

    Attributes
    ----------
    temperature : float
        As given.
    classes : ClassNames
        As given.
    input_shape : tuple of int
        Shape of one image as the network takes it.
    pixel_scale : PixelScale
        What the network takes for grey values; 0 to 1 unless `use_pixels` was called.
    note : str
        What is worth knowing about it, in a short sentence; empty where nothing is.
    output_activation : {"logits", "sigmoid", "softmax"}
        What its outputs pass through last; inferred from the outputs where the file does not say.

    Raises
    ------
    ModelFileError
        If the file is missing, damaged, or reads no digits.
    """

    def __init__(
        self,
        path: Path,
        *,
        temperature: float = 1.0,
        check: DigitCheck | None = None,
        path_reader: PathReader | None = None,
        taught: TaughtDigits | None = None,
        classes: ClassNames = DIGITS,
        threads: int = 1,
        batch: int = BATCH,
        content: bytes | None = None,
    ) -> None:
        content = read_model(path) if content is None else content
        self._network = LiteRTNetwork(path, CLASSES, threads=threads, batch=batch, content=content)
        self.temperature = temperature
        self.classes = classes
        self._check = check
        self._path_reader = path_reader
        self._taught = taught
        self._examples: TaughtDigits | None = None
        self.input_shape = self._network.input_shape
        self.pixel_scale = ZERO_TO_ONE
        self.note = self._details = ""
        self.output_activation = self._find_output_activation(path.name, content)

    @property
    def input_range(self) -> tuple[float, float] | None:
        """The least and the largest number that an 8-bit input can hold; None if it has no end."""
        return self._network.input_range

    @property
    def work(self) -> int:
        """How many multiplications an image takes, roughly; 0 where the file does not tell."""
        return self._network.work

    def use_pixels(self, scale: PixelScale, note: str = "", details: str = "") -> None:
        """Take other numbers for grey values from now on, and note why in a short sentence."""
        self.pixel_scale, self.note, self._details = scale, note, details

    @property
    def full_note(self) -> str:
        """The note with all its details; empty without a note."""
        return f"{self.note} {self._details}".strip()

    def use_examples(self, examples: TaughtDigits | None) -> None:
        """Read a drawing like one of these as what it is said to be, from now on.

        They have no say where the classes are no digits.
        """
        self._examples = examples if self.classes.are_digits else None

    def scores(self, images: Images, scale: PixelScale | None = None) -> NDArray[np.float64]:
        """Read many images.

        Parameters
        ----------
        images : ndarray of uint8, shape (n, 28, 28)
            Grey values, 0 paper to 255 ink.
        scale : PixelScale, optional
            What the network takes for them this time.

        Returns
        -------
        ndarray of float64, shape (n, 10)
            As the network gives them; each row adds up to 1.
        """
        if len(images) == 0:
            return np.zeros((0, CLASSES))
        outputs = self._network.outputs(images, scale or self.pixel_scale)
        return as_scores(outputs, self.output_activation)

    def read(self, image: NDArray[np.uint8], ink: Ink | None = None) -> Prediction:
        """Read one image: as it is read among many, or with calibrated scores if it is drawn.

        Parameters
        ----------
        image : ndarray of uint8, shape (28, 28)
            Grey values, 0 paper to 255 ink.
        ink : Ink, optional
            The drawing, if the image is one. Without it the scores are those of `scores`, so that
            a digit of a dataset has the same ones on every page.
        """
        return self.read_many(image[np.newaxis], [ink])[0]

    def read_many(self, images: Images, inks: Sequence[Ink | None]) -> list[Prediction]:
        """Read many images, each as `read` reads it alone, in less time.

        Parameters
        ----------
        images : ndarray of uint8, shape (n, 28, 28)
            Grey values, 0 paper to 255 ink.
        inks : sequence of Ink or None
            The drawing that each is an image of, if it is of one.
        """
        inked = np.flatnonzero(images.any(axis=(1, 2))).tolist()
        found = [no_ink(self.classes)] * len(images)
        if inked:
            read = self._read_inked(images[inked], [inks[place] for place in inked])
            for place, prediction in zip(inked, read, strict=True):
                found[place] = prediction
        return found

    def _read_inked(self, images: Images, inks: Sequence[Ink | None]) -> list[Prediction]:
        scores = self.scores(images)
        are_drawn = np.array([ink is not None for ink in inks])
        scores[are_drawn] = at_temperature(scores[are_drawn], self.temperature)
        verdicts, sure = [Verdict(True)] * len(images), [SURE] * len(images)
        new, drawn = [], []  # what was not taught, and which of that came with its ink
        for place, ink in enumerate(inks):
            recalled = self._recall(ink)
            if recalled is not None:
                scores[place] = combined(scores[[place]], recalled[np.newaxis])[0]
            else:
                new.append(place)
                if ink is not None and has_path(ink):
                    drawn.append((place, ink))
        if drawn and self._path_reader is not None:
            rows = [row for row, _ in drawn]
            scores[rows] = self._path_reader.second(scores[rows], [ink for _, ink in drawn])
            for row in rows:
                sure[row] = SURE_OF_DRAWING
        if new and self._check is not None:
            for place, verdict in zip(new, self._check.judge(images[new]), strict=True):
                verdicts[place] = verdict
        labels = best_labels(scores).tolist()
        return list(map(_prediction, labels, scores, sure, verdicts, repeat(self.classes)))

    def _recall(self, ink: Ink | None) -> NDArray[np.float64] | None:
        """Scores for a drawing like one that the user has shown; None for any other."""
        if ink is None:
            return None
        memories = (one for one in (self._examples, self._taught) if one is not None)
        return next((found for one in memories if (found := one.recall(ink)) is not None), None)

    def _find_output_activation(self, name: str, content: bytes) -> str:
        """Find out what scores are made of, if need be from some outputs."""
        rng = np.random.default_rng(0)
        probes = rng.integers(0, 256, (4, SIDE, SIDE)).astype(np.uint8)
        probes[0] = 0
        outputs = self._network.outputs(probes)
        if not np.isfinite(outputs).all():
            raise ModelFileError(
                f"{name} gives scores that are not finite numbers; choose another network."
            )
        if outputs.min() < -0.001 or outputs.max() > 1.001:
            return "logits"
        add_up = bool(np.allclose(outputs.sum(axis=1), 1, atol=1e-3))
        return output_activation(content) or ("softmax" if add_up else "sigmoid")
