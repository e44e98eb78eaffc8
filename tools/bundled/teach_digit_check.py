"""Trains the bundled check that distinguishes digits from everything else.

It has five outputs: one digit, several digits, a part of a digit, something else, a letter.
Letters and signs by people come from UNIPEN; `tools.bundled.non_digits` makes the other drawings
that are not digits. Some signs and all hands of some sites are held out, so that the results are
for signs and hands that the check has never seen.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from mnist_desktop.digits.dataset import SIDE, Digits, Images, Labels
from mnist_desktop.digits.image_import import normalise
from mnist_desktop.digits.ink import Ink, render
from mnist_desktop.networks.keras_network import build_network
from mnist_desktop.networks.presets import digit_check
from mnist_desktop.training.stroke_augmentation import distort, pen_width
from tools.bundled.glyphs import Glyph, glyphs
from tools.bundled.material import (
    Epoch,
    Material,
    Phase,
    distorted_images,
    probabilities,
    rendered,
    say,
    teach,
)
from tools.bundled.non_digits import LETTERS, SIGNS, begun, scribble, several, sign
from tools.bundled.printed import pictured, printed_digits

DIGIT, SEVERAL, BEGUN, OTHER, LETTER = range(5)
PHASES = (
    Phase(epochs=10, amount=0.5, learning_rate=0.002),
    Phase(epochs=7, amount=0.4, learning_rate=0.001),
)
VARIANTS = 8
DIGITS_PER_EPOCH = 40_000  # of MNIST
PRINTED = 9_000
PICTURED = 0.4  # of the drawings, digits and others, come as pictures do
# Fraction of held-out digits that the check may reject: people mind that more than a scribble that
# is read.
TURNED_AWAY = 0.005
SIGN_PARTS = {"test": tuple(sorted(SIGNS))[::6], "validation": tuple(sorted(SIGNS))[3::12]}
SIGN_PARTS["learnt"] = tuple(
    name for name in sorted(SIGNS) if not any(name in part for part in SIGN_PARTS.values())
)
# How many non-digits of each kind are drawn for training.
COUNTS = {
    "scribble": 12_000,
    "sign": 12_000,
    "sign of a font": 14_000,
    "listed letter": 4_000,
    "letter of a font": 18_000,
    "several": 14_000,
    "begun": 20_000,
}
KINDS = {
    "scribble": OTHER,
    "sign": OTHER,
    "sign of a font": OTHER,
    "listed letter": LETTER,
    "letter of a font": LETTER,
    "several": SEVERAL,
    "begun": BEGUN,
    "letter": LETTER,
    "written sign": OTHER,
}
# Letters and signs that many people write as they write a digit: they are read as it.
LIKE_DIGITS = frozenset("BDIOQSZbgijloqsz|/\\!'()[],.`")
LETTER_VARIANTS = 5  # of each letter and sign that somebody wrote
GLYPH_BLOCK = 18  # consecutive glyphs, some variants of each other, that are held out together
# An unfinished digit that is read with this confidence might as well be that digit. So might a
# glyph that is read as a zero or a one, since there are circles and bars among the glyphs.
TAKEN_FOR_DIGIT = 0.98

ReadImages = Callable[[Images], NDArray[np.float64]]


@dataclass(frozen=True)
class Operating:
    """How well the check rejects non-digits when it may reject some digits.

    Attributes
    ----------
    threshold : float
        The score that a drawing must reach.
    turned_away : Mapping of str to float
        Fraction of each kind of non-digit that is rejected.
    """

    threshold: float
    turned_away: Mapping[str, float]


def non_digits(
    digits: Sequence[Ink],
    part: str,
    counts: Mapping[str, int],
    seed: int,
    read: ReadImages,
) -> dict[str, Images]:
    """Draw images that are not digits.

    Parameters
    ----------
    digits : sequence of Ink
        Real digits, to combine and to cut short.
    part : {"learnt", "validation", "test"}
        Which signs and glyphs are drawn.
    counts : mapping of str to int
        How many of each kind, before unfinished digits and glyphs that look like a digit are
        left out.
    seed : int
        Seed of everything random.
    read : callable
        The reader: images to probabilities.

    Returns
    -------
    dict of str to ndarray of uint8, shape (n, 28, 28)
    """
    rng = np.random.default_rng(seed)
    of_fonts = glyphs_of(part)
    printed = {
        is_letter: [glyph.ink for glyph in of_fonts if glyph.text.isalpha() == is_letter]
        for is_letter in (True, False)
    }
    signs = [name for name in SIGN_PARTS[part] if name not in LETTERS]
    letters = [name for name in SIGN_PARTS[part] if name in LETTERS]

    def of_font(is_letter: bool) -> Ink:
        return distort(printed[is_letter][int(rng.integers(len(printed[is_letter])))], rng)

    makers: dict[str, Callable[[], Ink]] = {
        "scribble": lambda: scribble(rng),
        "sign": lambda: sign(rng, signs),
        "sign of a font": lambda: of_font(False),
        "listed letter": lambda: sign(rng, letters),
        "letter of a font": lambda: of_font(True),
        "several": lambda: several(rng, digits),
        "begun": lambda: begun(rng, digits),
    }
    images = {}
    for kind, count in counts.items():
        inks = [makers[kind]() for _ in range(count)]
        as_picture = round(PICTURED * count)
        drawn = [render(ink, pen_width=pen_width(rng, 0.7)) for ink in inks[as_picture:]]
        images[kind] = np.concatenate([pictured(inks[:as_picture], seed), np.stack(drawn)])
    images["begun"] = images["begun"][read(images["begun"]).max(axis=1) < TAKEN_FOR_DIGIT]
    for kind in ("sign of a font", "letter of a font"):
        images[kind] = images[kind][read(images[kind])[:, :2].max(axis=1) < TAKEN_FOR_DIGIT]
    return images


def written(material: Material, part: str, variants: int, seed: int) -> dict[str, Images]:
    """Render letters and signs that people wrote, but those of `LIKE_DIGITS`.

    Parameters
    ----------
    material : Material
        Holds them.
    part : {"learnt", "validation", "test"}
        Whose.
    variants : int
        How often each is drawn, distorted; 0 renders each once as it is.
    seed : int
        Seed of everything random.

    Returns
    -------
    dict of str to ndarray of uint8, shape (n, 28, 28)
        By kind: ``"letter"`` and ``"written sign"``.
    """
    rng = np.random.default_rng(seed)
    found: dict[str, list[Ink]] = {"letter": [], "written sign": []}
    for one in material.characters:
        if one.part == part and one.text not in LIKE_DIGITS:
            found["letter" if one.text.isalpha() else "written sign"].append(one.ink)
    if not variants:
        return {kind: np.stack([render(ink) for ink in inks]) for kind, inks in found.items()}
    images = {}
    for kind, inks in found.items():
        again = [distort(ink, rng) for ink in inks for _ in range(variants)]
        as_picture = round(PICTURED * len(again))
        rng.shuffle(again)  # type: ignore[arg-type]
        drawn = [render(ink, pen_width=pen_width(rng, 0.7)) for ink in again[as_picture:]]
        images[kind] = np.concatenate([pictured(again[:as_picture], seed), np.stack(drawn)])
    return images


def letters_passed(
    material: Material, part: str, passes: Callable[[Images], NDArray[np.bool_]]
) -> dict[str, list[int]]:
    """Count for each letter that people wrote how many there are, and how many pass the check."""
    table: dict[str, list[int]] = {}
    letters = sorted({one.text for one in material.characters if one.text.isalpha()})
    for letter in letters:
        inks = [o.ink for o in material.characters if o.part == part and o.text == letter]
        if inks:
            images = np.stack([render(ink) for ink in inks])
            table[letter] = [len(inks), int(passes(images).sum())]
    return table


def glyphs_of(part: str) -> list[Glyph]:
    """Return the glyphs for training, or those of every tenth block, which are held out."""
    from matplotlib import get_data_path

    found = glyphs(Path(get_data_path(), "fonts", "ttf"))
    held_out = {"test": 9, "validation": 4}

    def is_wanted(number: int) -> bool:
        block = number // GLYPH_BLOCK % 10
        return block == held_out[part] if part in held_out else block not in held_out.values()

    return [glyph for number, glyph in enumerate(found) if is_wanted(number)]


def several_of(digits: Digits, count: int, rng: Generator) -> Images:
    """Put two of MNIST's own digits next to each other, as in a photo of a number."""
    pairs = digits.images[rng.integers(0, len(digits), (count, 2))]
    gaps = rng.integers(-6, 4, count)
    images = np.empty((count, SIDE, SIDE), np.uint8)
    for number, ((left, right), gap) in enumerate(zip(pairs, gaps, strict=True)):
        page = np.zeros((SIDE, 2 * SIDE + 4))
        page[:, :SIDE] = left / 255
        start = SIDE + int(gap)
        page[:, start : start + SIDE] = np.maximum(page[:, start : start + SIDE], right / 255)
        images[number] = normalise(page)
    return images


def teach_check(material: Material, read: ReadImages, seed: int) -> Any:
    """Train the check and report each epoch; each phase has drawings of its own."""
    digits, others = judged(material, "validation", seed, read)
    validation = {
        "digits": Digits(digits, np.full(len(digits), DIGIT, np.uint8)),
        **{
            kind: Digits(some, np.full(len(some), KINDS[kind], np.uint8))
            for kind, some in others.items()
        },
    }
    network = build_network(digit_check())
    for number, phase in enumerate(PHASES):
        epoch = drawings_of_all_kinds(material, read, seed + number)
        teach(network, epoch, validation, phase=phase, seed=seed + number)
    return network


def drawings_of_all_kinds(material: Material, read: ReadImages, seed: int) -> Epoch:
    """Draw digits and what is none, and return what gives an epoch of them with their kinds."""
    drawn = distorted_images(material.drawings, VARIANTS, seed)
    inks = [one.ink for one in material.drawings]
    others = non_digits(inks, "learnt", COUNTS, seed, read)
    others |= written(material, "learnt", LETTER_VARIANTS, seed)
    rng = np.random.default_rng(seed)
    others["several"] = np.concatenate(
        [others["several"], several_of(material.learnt, COUNTS["several"] // 4, rng)]
    )
    say(f"{sum(map(len, others.values())):,} drawings that are not digits")
    printed = printed_digits("learnt", PRINTED, seed)
    painted = pictured(inks, seed)
    rest = np.concatenate(list(others.values()))
    kinds = np.concatenate([np.full(len(some), KINDS[kind]) for kind, some in others.items()])

    def epoch(rng: Generator) -> tuple[Images, Labels]:
        indices = rng.permutation(len(material.learnt))[:DIGITS_PER_EPOCH]
        chosen = rng.permuted(np.tile(np.arange(VARIANTS), (len(drawn), 1)), axis=1)[:, :3]
        pens = drawn[np.arange(len(drawn))[:, None], chosen].reshape(-1, SIDE, SIDE)
        images = np.concatenate([material.learnt.images[indices], pens, printed, painted, rest])
        digits = len(images) - len(rest)
        truth = np.concatenate([np.full(digits, DIGIT), kinds]).astype(np.uint8)
        order = rng.permutation(len(truth))
        return images[order], truth[order]

    return epoch


def judged(
    material: Material, part: str, seed: int, read: ReadImages
) -> tuple[Images, dict[str, Images]]:
    """Return digits and non-digits from the writers, signs and glyphs that were held out.

    Parameters
    ----------
    part : {"validation", "test"}
        Validation digits are drawings, the same in pictures, printed ones and held-out digits of
        MNIST; test digits are drawings.

    Returns
    -------
    ndarray of uint8, shape (n, 28, 28), and dict of str to such arrays
    """
    is_test = part == "test"
    drawings = material.test if is_test else material.validation
    counts = dict.fromkeys(COUNTS, 1500)
    others = non_digits(
        [one.ink for one in drawings],
        part,
        counts,
        seed + (2000 if is_test else 1000),
        read,
    )
    if material.characters:
        others |= written(material, part, 0, seed)
    images = rendered(drawings).images
    if is_test:
        return images, others
    inks = [one.ink for one in drawings]
    printed = printed_digits("validation", len(inks) // 3, seed)
    digits = [images, pictured(inks, seed), printed, material.held_out.images]
    return np.concatenate(digits), others


def at_share(
    share: float, digits: NDArray[np.float64], others: Mapping[str, NDArray[np.float64]]
) -> Operating:
    """Choose the threshold that rejects a fraction of digits; return what else it rejects.

    Parameters
    ----------
    share : float
        0 to 1.
    digits : ndarray of float64, shape (n,)
        Scores of digits; higher is more digit-like.
    others : mapping of str to ndarray of float64
        Scores of non-digits, by kind.
    """
    threshold = float(np.quantile(digits, share))
    return Operating(threshold, turned_away(threshold, others))


def turned_away(threshold: float, others: Mapping[str, NDArray[np.float64]]) -> Mapping[str, float]:
    """Fraction of each kind that is below a threshold, and their mean as ``all``."""
    fractions = {kind: float((scores < threshold).mean()) for kind, scores in others.items()}
    return {**fractions, "all": float(np.mean(list(fractions.values())))}


def digit_scores(network: Any, images: Images) -> NDArray[np.float64]:
    """The check's score that each image is one digit."""
    scores: NDArray[np.float64] = probabilities(network, images)[:, DIGIT]
    return scores
