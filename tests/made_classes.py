"""Images of ten classes that are no digits, in files called and laid out as Fashion-MNIST's."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.made_digit_files import idx_bytes

Array = NDArray[Any]
NAMES = (
    "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat",
    "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
)  # fmt: skip
COAT, SHIRT = 4, 6  # much alike
TORN = 0.12  # of the cells; so much that some are misread
# Silhouettes of 7×7 cells, which fill the image as real ones do.
SHAPES = (
    "11.1.11 1111111 .11111. .11111. .11111. .11111. .11111.",
    ".11111. .11111. .11.11. .11.11. .11.11. .11.11. .11.11.",
    ".11111. 1111111 1111111 1.111.1 1.111.1 1.111.1 1.111.1",
    "..1.1.. ..111.. ..111.. ..111.. .11111. .11111. .11111.",
    ".11.11. 111.111 111.111 111.111 111.111 111.111 111.111",
    "....... ....... .....1. ...11.1 ..1..11 11...11 1111111",
    ".11.11. 1111111 111.111 111.111 111.111 111.111 .11.11.",
    "....... ....... ....1.. ..1111. 1111111 1111111 .......",
    "..111.. .1...1. 1111111 1111111 1111111 1111111 1111111",
    "...111. ...111. ...111. ..1111. 1111111 1111111 11..111",
)


def images_of(labels: Array, seed: int) -> Array:
    """Draw an image, shape (28, 28), of each label's class, with holes and threads at random."""
    rng = np.random.default_rng(seed)
    shapes = np.array([[[cell == "1" for cell in row] for row in one.split()] for one in SHAPES])
    torn = shapes[labels] ^ (rng.random((len(labels), 7, 7)) < TORN)
    large = np.repeat(np.repeat(torn, 4, axis=1), 4, axis=2)
    cloth = rng.uniform(90, 230, (len(labels), 1, 1)) + rng.normal(0, 20, large.shape)
    return (large * cloth).clip(0, 255).astype(np.uint8)


def fashion_folder(parent: Path, train: int = 1000, test: int = 200) -> Path:
    """Write four IDX files into a folder, packed, and return the folder."""
    folder = parent / "fashion-mnist"
    folder.mkdir(parents=True)
    for number, (split, count) in enumerate((("train", train), ("t10k", test))):
        labels = np.random.default_rng(number).permutation(np.arange(count) % 10)
        images = images_of(labels, number)
        for name, array in (("images-idx3", images), ("labels-idx1", labels.astype(np.uint8))):
            content = gzip.compress(idx_bytes(array), mtime=0)
            (folder / f"{split}-{name}-ubyte.gz").write_bytes(content)
    return folder
