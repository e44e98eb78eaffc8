"""What a file of digits held, before it is known what is for training and what for testing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from mnist_desktop.digits.array_names import ALL, Header, name_parts, pair_arrays
from mnist_desktop.digits.dataset import Digits, check_counts
from mnist_desktop.digits.usual_forms import Array, as_images, as_labels, image_form, label_count


@dataclass(frozen=True)
class FoundDigits:
    """Digits of one file or folder.

    Attributes
    ----------
    train : Digits
        The training digits, or all where the file does not divide them.
    test : Digits or None
        The test digits; None where the file has none of its own.
    notes : tuple of str
        What was changed in reading, a sentence each.
    pictures : str
        How pictures were taken, of `picture_ways.PICTURE_WAYS`; empty where there were none.
    """

    train: Digits
    test: Digits | None = None
    notes: tuple[str, ...] = ()
    pictures: str = ""


def find_digits(
    headers: Mapping[str, Header], read: Callable[[str], Array], path: Path
) -> FoundDigits:
    """Find images with labels among named arrays and read them.

    Parameters
    ----------
    headers : mapping
        Of each array's name to its shape and type.
    read : callable
        Reads the array of a name, once all headers have been found fit.
    path : Path
        The file, for messages.

    Raises
    ------
    DataFileError
        If there are none, or they are in no usual form.
    """
    pairs = pair_arrays(headers, path)
    for pair in pairs.values():
        images, labels = (f"{name} in {path}" for name in pair)
        form = image_form(*headers[pair[0]], images)
        check_counts(form.count, label_count(*headers[pair[1]], labels))
    notes: list[str] = []
    found = {
        split: Digits(
            as_images(read(images), f"{images} in {path}", notes),
            as_labels(read(labels), f"{labels} in {path}", notes),
        )
        for split, (images, labels) in pairs.items()
    }
    if "test" in pairs and name_parts(pairs["test"][0]) == ("validation", "images"):
        notes.append("Its validation digits are used as test digits.")
    return FoundDigits(found.get("train") or found[ALL], found.get("test"), tuple(notes))
