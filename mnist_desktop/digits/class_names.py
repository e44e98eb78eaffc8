"""What the ten labels of a dataset stand for: the digits, or classes with names of their own.

Whatever is shown of a label is worded here, so that all of the program calls a class the same.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_desktop.files.reading import open_regular
from mnist_desktop.formats import a_digit
from mnist_desktop.paths import resource

LONGEST = 40  # letters of a name
# A name begins with a letter or a digit and has nothing that a web page, a table or a spreadsheet
# would take for more than text: it may come in another person's run.
NAME = re.compile(r"[^\W_](?:[\w .,:'’/()+-]*[\w.)])?")
LARGEST_LABELS = 100_000  # bytes of a packed file of labels; those that are known have 30,000
MOST_FILES = 8  # of labels that are looked at
LABELS = "*labels*.gz"


@dataclass(frozen=True)
class ClassNames:
    """The names of ten classes, in the order of their labels.

    Attributes
    ----------
    names : tuple of str
        Ten different ones: ``"0"`` to ``"9"`` for digits.

    Raises
    ------
    ValueError
        If they are not ten, not different, or no names.
    """

    names: tuple[str, ...]

    def __post_init__(self) -> None:
        """Check what may come from another person's file."""
        names = self.names
        if not isinstance(names, tuple) or not all(isinstance(name, str) for name in names):
            raise ValueError("the names of its classes are no texts")
        if len(names) != 10 or len(set(names)) != 10:
            raise ValueError("its classes do not have ten different names")
        if not all(len(name) <= LONGEST and NAME.fullmatch(name) for name in names):
            raise ValueError("a name of its classes is too long, or none that can be shown")

    @property
    def are_digits(self) -> bool:
        """Whether each label is the digit that it names."""
        return self == DIGITS

    @property
    def title(self) -> str:
        """What the dataset of these classes is called; empty for digits and unknown ones."""
        found = (title for title, one in _known().items() if tuple(one["classes"]) == self.names)
        return next(found, "")

    @property
    def noun(self) -> str:
        """What one example is called: ``"digit"`` or ``"image"``."""
        return "digit" if self.are_digits else "image"

    @property
    def article(self) -> str:
        """The article of `noun`."""
        return "a" if self.are_digits else "an"

    @property
    def kind(self) -> str:
        """What a label says: ``"digit"`` or ``"class"``."""
        return "digit" if self.are_digits else "class"

    @property
    def kinds(self) -> str:
        """What several labels say: ``"digits"`` or ``"classes"``."""
        return "digits" if self.are_digits else "classes"

    def of(self, label: int) -> str:
        """The name of a class, such as ``"7"`` or ``"Coat"``."""
        return self.names[label]

    def one(self, label: int) -> str:
        """The name of one of its examples: ``"a 7"``, ``"an 8"`` or ``"Coat"``."""
        return a_digit(label) if self.are_digits else self.of(label)

    def all_of(self, label: int) -> str:
        """All of its examples in words: ``"all 7s"`` or ``"the class Coat"``."""
        return f"all {label}s" if self.are_digits else f"the class {self.of(label)}"

    def listed(self, label: int) -> str:
        """The name as it stands in a list, behind its label: ``"7"`` or ``"4  Coat"``."""
        return str(label) if self.are_digits else f"{label}  {self.of(label)}"

    def fitted(self, fits: Callable[[str], bool]) -> tuple[str, ...]:
        """Return ten different names, each as long as there is room for.

        Parameters
        ----------
        fits : callable
            Whether there is room for a text.

        Returns
        -------
        tuple of str
            Of a name that is too long its first word, or its beginning with a full stop; the
            labels where there is no room for these, or they would not differ.
        """
        short = tuple(_fitted(name, fits) for name in self.names)
        return short if all(short) and len(set(short)) == len(short) else DIGITS.names

    def shortened(self, most: int) -> tuple[str, ...]:
        """Return ten different names of at most so many letters; as `fitted`."""
        return _shortened(self, most)

    def short(self, label: int, most: int = 8) -> str:
        """One of the names that `shortened` gives."""
        return self.shortened(most)[label]


DIGITS = ClassNames(tuple("0123456789"))


@cache
def _shortened(classes: ClassNames, most: int) -> tuple[str, ...]:
    return classes.fitted(lambda text: len(text) <= most)


def _fitted(name: str, fits: Callable[[str], bool]) -> str:
    """The longest form of a name that fits; empty if none does."""
    first = re.split(r"[ /]", name)[0]
    beginnings = (f"{name[:end].rstrip(' /-')}." for end in range(len(name) - 1, 0, -1))
    return next(filter(fits, (name, first, *beginnings)), "")


def find_classes(path: Path, labels: NDArray[np.uint8]) -> ClassNames:
    """Find out what the labels of a file or a folder stand for.

    That is told by what is known of the content: the checksums of the packed files of labels that
    the makers of Fashion-MNIST and of Kuzushiji-MNIST have published, and the first training
    labels of Fashion-MNIST; else by the names of the files, their folder, and its folder.

    Parameters
    ----------
    path : Path
        What was chosen.
    labels : ndarray of uint8, shape (n,)
        Of the training digits, in their order.

    Returns
    -------
    ClassNames
        Those of the digits for what is not known.
    """
    for one in _known().values():
        first = one["first_labels"]
        if first and "".join(map(str, labels[: len(first)].tolist())) == first:
            return ClassNames(tuple(one["classes"]))
    names = [path.name, path.parent.name]
    names += [file.name for file in path.glob("*")] if path.is_dir() else []
    sums = _md5_of_labels(path)
    for one in _known().values():
        if sums.intersection(one["md5_of_labels"]):
            return ClassNames(tuple(one["classes"]))
    for one in _known().values():
        if any(one["told_by"] in name.lower() for name in names):
            return ClassNames(tuple(one["classes"]))
    return DIGITS


def _md5_of_labels(path: Path) -> set[str]:
    """Checksums of the files of labels that are packed as they were published."""
    folder = path if path.is_dir() else path.parent
    is_idx = path.is_dir() or "ubyte" in path.name  # whose labels are in the file beside it
    files = islice(folder.glob(LABELS), MOST_FILES) if is_idx else ()
    sums = set()
    for file in files:
        with contextlib.suppress(OSError), open_regular(file) as content:
            start = content.read(LARGEST_LABELS)
            sums.add(hashlib.md5(start, usedforsecurity=False).hexdigest())
    return sums


@cache
def _known() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(
        resource("digits", "class-names.json").read_text(encoding="utf-8")
    )
    return found
