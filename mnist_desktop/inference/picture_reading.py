"""The digits of a picture read, with more doubt than those of the pad, and cut apart if they touch.

A picture was light and lens, paper and crop before it became 28×28 pixels, so a network has to be
surer of it than of a drawing.
"""

from __future__ import annotations

from dataclasses import replace

from mnist_desktop.digits.class_names import DIGITS
from mnist_desktop.digits.image_import import Picture, PictureSource, divided, read_picture
from mnist_desktop.digits.seams import cuts
from mnist_desktop.inference.predictor import Prediction, Predictor, one_of_several

# Below this score a digit of a picture is not accepted; half of those that are wrong are below it.
SURE_OF_PICTURE = 0.7
# Both halves of what is cut must be read with this score.
SURE_OF_HALVES = 0.97
# Ink so wide, in fractions of its height, may be two digits: narrower if it cannot be read as one,
# but not as narrow as a display's 6, whose left side would be a 1.
WIDE, WIDE_UNREAD = 1.15, 0.65
LEAST_HEIGHT = 0.65  # of both: what is lower is a piece of a digit
SEVERAL = "This looks like more than one digit."


def open_picture(predictor: Predictor | None, source: PictureSource, name: str = "This") -> Picture:
    """Find the digits of a picture, and cut those that touch apart if a network is open.

    Parameters
    ----------
    predictor : Predictor or None
        The network.
    source, name
        As for `mnist_desktop.digits.image_import.read_picture`, and so are the errors.
    """
    is_whole = predictor is not None and not predictor.classes.are_digits
    picture = read_picture(source, name, is_whole=is_whole)
    return picture if predictor is None else cut_apart(predictor, picture)


def read_digits(predictor: Predictor, picture: Picture) -> list[Prediction]:
    """Read the digits of a picture, in their order.

    Parameters
    ----------
    predictor : Predictor
        The network.
    picture : Picture
        The picture. One of MNIST's own is read as the digits of a dataset are, and so is one of
        other classes: whatever is doubtful about it, is so of digits.
    """
    read = predictor.read_many(picture.digits, [None] * len(picture.digits))
    if not (picture.boxes and predictor.classes.are_digits):
        return read
    doubts = picture.doubts or ("",) * len(read)
    return [_doubted(one, doubt, picture.hint) for one, doubt in zip(read, doubts, strict=True)]


def _doubted(prediction: Prediction, doubt: str, hint: str) -> Prediction:
    if doubt or (not prediction.is_digit and hint):
        return replace(prediction, accepted=False, reason=doubt or hint)
    if prediction.accepted and max(prediction.probabilities) < SURE_OF_PICTURE:
        return replace(prediction, accepted=False, reason=one_of_several(DIGITS))
    return prediction


def cut_apart(predictor: Predictor, picture: Picture) -> Picture:
    """Cut digits that touch apart, where a network reads both halves better than the whole.

    Parameters
    ----------
    predictor : Predictor
        The network.
    picture : Picture
        The picture as it was opened.

    Returns
    -------
    Picture
        The same one, or one with more digits; with doubts where both ways can be read.
    """
    if not predictor.classes.are_digits:
        return picture
    for number in range(len(picture.boxes) - 1, -1, -1):  # from the last, as cuts move the others
        picture = _cut_one(predictor, picture, number)
    return picture


def _cut_one(predictor: Predictor, picture: Picture, number: int) -> Picture:
    left, top, right, bottom = picture.boxes[number]
    wide = (right - left) / (bottom - top)
    if wide < WIDE_UNREAD or picture.owners is None:
        return picture
    whole = read_digits(predictor, picture)[number]
    if whole.accepted and wide < WIDE:
        return picture
    best, most = picture, SURE_OF_HALVES
    for side in cuts(picture.ink_of(number)):
        cut = divided(picture, number, side)
        boxes = cut.boxes[number : number + 2]
        if min(low - high for _, high, _, low in boxes) < LEAST_HEIGHT * (bottom - top):
            continue
        halves = read_digits(predictor, cut)[number : number + 2]
        sure = min(max(half.probabilities) for half in halves)
        if all(half.accepted for half in halves) and sure > most:
            best, most = cut, sure
    if best is not picture and whole.accepted:
        doubts = (*picture.doubts[:number], SEVERAL, *picture.doubts[number + 1 :])
        return replace(picture, doubts=doubts)
    return best
