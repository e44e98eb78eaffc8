"""How far digits can be changed until they mean something else, or nothing: as measured.

The bundled reader has read 3,000 of MNIST's validation digits, changed by random amounts up to a
largest one (``make bench-augmentation``). It had learnt from them as they are, so that what it no
longer reads was changed too far, with two reservations: it was taught bent and slanted drawings,
but neither noise nor holes. Of the digits as they are it reads 99.7%; below 95%, there is a
warning:

===========  ==========================================  ==============
change       still reads 95% or more up to               at the largest
===========  ==========================================  ==============
shift        5.5 pixels                                  34.9%
rotate       45°: a 6 is not yet a 9                     54.7%
scale        50%, the largest that can be set            98.9%
shear        60°, the largest that can be set            96.4%
elastic      3.5 pixels                                  47.0%
stroke       1 pixel, the largest that can be set        98.7%
noise        0.1                                         44.4%
erase        9 pixels                                    65.9%
===========  ==========================================  ==============

Several changes together harm more than each by itself: with ``shift=3 rotate=15 scale=0.15 shear=15
elastic=2 stroke=0.4 noise=0.1 erase=8`` it reads 87.8%, where the product of the fractions is
94.4%. So that product is taken for the best that can be hoped for.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from mnist_desktop.formats import percent
from mnist_desktop.training.augmentation import CHANGES, Augmentation

LEAST_READ = 0.95
UNCHANGED = 0.997
# What fraction is read, by the largest amount.
READ: Mapping[str, Mapping[float, float]] = {
    "shift": {
        2: 0.996, 3: 0.994, 4: 0.99, 5: 0.972, 5.5: 0.953, 6: 0.92, 7: 0.84, 8: 0.739, 10: 0.567,
        12: 0.427, 14: 0.349,
    },
    "rotate": {
        8: 0.997, 15: 0.995, 30: 0.99, 45: 0.962, 50: 0.945, 60: 0.894, 90: 0.707, 120: 0.606,
        180: 0.547,
    },
    "scale": {0.08: 0.995, 0.2: 0.995, 0.3: 0.994, 0.4: 0.993, 0.5: 0.989},
    "shear": {10: 0.996, 20: 0.997, 30: 0.996, 40: 0.994, 50: 0.987, 60: 0.964},
    "elastic": {
        1: 0.995, 2: 0.992, 3: 0.975, 3.5: 0.953, 4: 0.918, 5: 0.823, 6: 0.709, 8: 0.47,
    },
    "stroke": {0.2: 0.997, 0.5: 0.997, 0.8: 0.997, 0.9: 0.997, 1: 0.987},
    "noise": {
        0.05: 0.997, 0.1: 0.979, 0.12: 0.945, 0.15: 0.905, 0.2: 0.808, 0.3: 0.645, 0.4: 0.525,
        0.5: 0.444,
    },
    "erase": {
        4: 0.996, 6: 0.988, 8: 0.975, 9: 0.963, 10: 0.944, 12: 0.904, 16: 0.78, 20: 0.659,
    },
}  # fmt: skip
# Why fewer are read, of the changes that come to that.
REASONS: Mapping[str, str] = {
    "shift": "digits leave the image",
    "rotate": "a 6 becomes a 9",
    "elastic": "strokes tear and join others",
    "noise": "strokes can hardly be told from paper",
    "erase": "what is erased is often what makes the digit",
}


def read_fraction(name: str, amount: float) -> float:
    """What fraction of digits are still read that are changed in one way, up to an amount.

    Parameters
    ----------
    name : str
        The change, of `CHANGES`.
    amount : float
        The largest amount, within the range of the change.

    Returns
    -------
    float
        From 0 to 1, interpolated between what was measured.
    """
    measured = READ[name]
    return float(np.interp(amount, [0, *measured], [UNCHANGED, *measured.values()]))


def augmentation_warning(augmentation: Augmentation) -> str:
    """Say which changes make digits mean something else, or nothing.

    Parameters
    ----------
    augmentation : Augmentation
        How far digits are changed at most.

    Returns
    -------
    str
        Sentences, of the worst change first; empty if digits can still be read.
    """
    found = {name: read_fraction(name, amount) for name, amount in augmentation.amounts.items()}
    wrong = sorted((read, name) for name, read in found.items() if read < LEAST_READ)
    if wrong:
        return " ".join(_sentence(name, augmentation, read) for read, name in wrong)
    if math.prod(one / UNCHANGED for one in found.values()) * UNCHANGED < LEAST_READ:
        return (
            "Each of these changes may do, but not all together: the bundled reader then reads "
            f"fewer than {percent(LEAST_READ, 0)} of the digits."
        )
    return ""


def _sentence(name: str, augmentation: Augmentation, read: float) -> str:
    change, amount = CHANGES[name], augmentation.amounts[name]
    return (
        f"{change.title} {change.written(amount)} is too much: {REASONS[name]}, and the bundled "
        f"reader reads about {percent(read, 0)} of them."
    )
