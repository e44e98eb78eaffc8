from __future__ import annotations

import contextlib
import gzip
import hashlib
import io
import os
import random
import struct
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from mnist_desktop.digits import dataset_file as dataset_file_module
from mnist_desktop.digits.dataset import Dataset, Digits, as_network_input
from mnist_desktop.digits.dataset_file import make_dataset, read_dataset
from mnist_desktop.digits.idx_file import IDX_NAMES, read_idx_images, read_idx_labels
from mnist_desktop.errors import DataFileError
from tests.made_digit_files import idx_bytes

Arrays = dict[str, NDArray[Any]]

# Read at import, as conftest.py does: every test hides it.
FULL_MNIST = os.environ.get("MNIST_DESKTOP_DATA")


def make_digits(count: int, seed: int = 0) -> Digits:
    """Noise with the labels 0, 1, 2, … in turn."""
    images = np.random.default_rng(seed).integers(0, 256, (count, 28, 28), dtype=np.uint8)
    return Digits(images, np.arange(count, dtype=np.uint8) % 10)


def idx_files(train: Digits, test: Digits) -> dict[str, bytes]:
    """The content of the four files, by their part."""
    return {
        "train_images": idx_bytes(train.images),
        "train_labels": idx_bytes(train.labels),
        "test_images": idx_bytes(test.images),
        "test_labels": idx_bytes(test.labels),
    }


def write_idx(folder: Path, train: Digits, test: Digits) -> Path:
    folder.mkdir(exist_ok=True)
    for part, content in idx_files(train, test).items():
        (folder / IDX_NAMES[part]).write_bytes(content)
    return folder


def as_arrays(train: Digits, test: Digits) -> Arrays:
    return {
        "x_train": train.images,
        "y_train": train.labels,
        "x_test": test.images,
        "y_test": test.labels,
    }


def assert_same(dataset: Dataset, train: Digits, test: Digits) -> None:
    for found, expected in ((dataset.train, train), (dataset.test, test)):
        np.testing.assert_array_equal(found.images, expected.images)
        np.testing.assert_array_equal(found.labels, expected.labels)
        assert found.images.dtype == found.labels.dtype == np.uint8


def assert_one_sentence(error: BaseException) -> None:
    text = str(error)
    assert "\n" not in text
    assert text.endswith(".")
    assert text[0].isupper() or text[0] in "/xyt"  # a path, or the name of an array


@contextlib.contextmanager
def no_more_than_a_megabyte() -> Iterator[None]:
    tracemalloc.start()
    try:
        yield
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 1_000_000


@pytest.fixture
def train() -> Digits:
    return make_digits(30, seed=1)


@pytest.fixture
def test() -> Digits:
    return make_digits(20, seed=2)


@pytest.fixture
def arrays(train: Digits, test: Digits) -> Arrays:
    """The same digits as in a ``.npz`` file."""
    return as_arrays(train, test)


@pytest.fixture
def folder(tmp_path: Path, train: Digits, test: Digits) -> Path:
    """Whole IDX files of 30 and 20 digits."""
    return write_idx(tmp_path / "idx", train, test)


# Reading what is whole


@pytest.mark.parametrize("gzipped", [False, True], ids=["plain", "gzipped"])
@pytest.mark.parametrize("mark", ["-idx", ".idx"], ids=["dash", "dot"])
def test_a_folder_of_idx_files_is_read_under_each_of_its_names(
    tmp_path: Path, train: Digits, test: Digits, gzipped: bool, mark: str
) -> None:
    for part, content in idx_files(train, test).items():
        name = IDX_NAMES[part].replace("-idx", mark)
        if gzipped:
            (tmp_path / f"{name}.gz").write_bytes(gzip.compress(content))
        else:
            (tmp_path / name).write_bytes(content)

    assert_same(read_dataset(tmp_path), train, test)


def test_gzip_is_known_by_its_content_and_not_by_its_name(
    folder: Path, train: Digits, test: Digits
) -> None:
    path = folder / IDX_NAMES["train_images"]
    path.write_bytes(gzip.compress(path.read_bytes()))

    assert_same(read_dataset(folder), train, test)


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed], ids=["stored", "deflated"])
@pytest.mark.parametrize("label_type", [np.uint8, np.int64, np.int32, np.uint64])
def test_an_npz_file_is_read_whatever_whole_numbers_its_labels_are(
    tmp_path: Path,
    train: Digits,
    test: Digits,
    save: Callable[..., None],
    label_type: type[np.integer[Any]],
) -> None:
    arrays = as_arrays(train, test)
    arrays["y_train"] = arrays["y_train"].astype(label_type)
    arrays["y_test"] = arrays["y_test"].astype(label_type)
    save(tmp_path / "digits.npz", **arrays)

    assert_same(read_dataset(tmp_path / "digits.npz"), train, test)


def test_an_npz_file_in_column_order_is_read_in_the_right_order(
    tmp_path: Path, train: Digits, test: Digits
) -> None:
    arrays = as_arrays(train, test)
    arrays["x_train"] = np.asfortranarray(arrays["x_train"])
    np.savez(tmp_path / "digits.npz", **arrays)

    assert_same(read_dataset(tmp_path / "digits.npz"), train, test)


def test_the_source_is_the_path_unless_it_is_told(folder: Path) -> None:
    assert read_dataset(folder).source == str(folder)
    assert read_dataset(folder, "a friend").source == "a friend"


def test_digits_cannot_be_written_to(folder: Path, tmp_path: Path, arrays: Arrays) -> None:
    np.savez(tmp_path / "digits.npz", **arrays)
    in_memory = Digits(np.zeros((5, 28, 28), np.uint8), np.zeros(5, np.uint8))
    kept, taken = in_memory.split(0.4, seed=1)

    for digits in (
        read_dataset(folder).train,
        read_dataset(tmp_path / "digits.npz").test,
        in_memory,
        kept,
        taken,
    ):
        for array in (digits.images, digits.labels):
            with pytest.raises(ValueError, match="read-only"):
                array[0] = 0


# Bad IDX files


def cut_header(content: bytes) -> bytes:
    return content[:6]


def cut_body(content: bytes) -> bytes:
    return content[:-1]


def add_a_byte(content: bytes) -> bytes:
    return content + b"\0"


def cut_gzip(content: bytes) -> bytes:
    packed = gzip.compress(content)
    return packed[: len(packed) // 2]


def damage_gzip(content: bytes) -> bytes:
    packed = bytearray(gzip.compress(content))
    packed[len(packed) // 2] ^= 0xFF
    return bytes(packed)


def announce_none(content: bytes) -> bytes:
    body = {0x803: 16, 0x801: 8}[int.from_bytes(content[:4])]
    return content[:4] + struct.pack(">I", 0) + content[8:body]


def wrong_magic(content: bytes) -> bytes:
    return b"\0\0\x0d\x03" + content[4:]  # floats


@pytest.mark.parametrize("part", IDX_NAMES)
@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (cut_header, "ends within its header"),
        (cut_body, "but holds"),
        (add_a_byte, "but holds more"),
        (cut_gzip, "cut short or damaged"),
        (damage_gzip, "cut short or damaged"),
        (announce_none, "announces 0 digits; 1 to 1,000,000 can be read"),
        (wrong_magic, "it begins with 0x00000d03"),
        (lambda _: b"", "ends within its header"),
        (lambda _: b"no digits at all, but a text", "is no IDX file of"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_a_damaged_idx_file_is_refused_by_name(
    folder: Path, part: str, damage: Callable[[bytes], bytes], said: str
) -> None:
    path = folder / IDX_NAMES[part]
    path.write_bytes(damage(path.read_bytes()))

    with pytest.raises(DataFileError, match=said) as caught:
        read_dataset(folder)

    assert str(path) in str(caught.value)
    assert_one_sentence(caught.value)


@pytest.mark.parametrize("part", IDX_NAMES)
def test_all_four_idx_files_are_needed(folder: Path, part: str) -> None:
    (folder / IDX_NAMES[part]).unlink()

    with pytest.raises(DataFileError, match=f"holds no {IDX_NAMES[part]}") as caught:
        read_dataset(folder)

    assert_one_sentence(caught.value)


def test_images_and_labels_cannot_be_swapped(folder: Path) -> None:
    images, labels = folder / IDX_NAMES["test_images"], folder / IDX_NAMES["test_labels"]
    with pytest.raises(DataFileError, match="no IDX file of images: it begins with 0x00000801"):
        read_idx_images(labels)
    with pytest.raises(DataFileError, match="no IDX file of labels: it begins with 0x00000803"):
        read_idx_labels(images)


@pytest.mark.parametrize(("rows", "columns"), [(29, 28), (28, 29), (32, 32), (0, 0), (784, 1)])
def test_images_of_another_size_are_refused(folder: Path, rows: int, columns: int) -> None:
    path = folder / IDX_NAMES["train_images"]
    path.write_bytes(struct.pack(">4I", 0x803, 5, rows, columns) + bytes(5 * rows * columns))

    with pytest.raises(DataFileError, match=f"{rows}×{columns} pixels; digits of 28×28") as caught:
        read_dataset(folder)

    assert_one_sentence(caught.value)


def test_as_many_labels_as_images_are_needed(folder: Path, train: Digits) -> None:
    (folder / IDX_NAMES["train_labels"]).write_bytes(idx_bytes(train.labels[:-1].copy()))

    with pytest.raises(DataFileError, match="30 images and 29 labels") as caught:
        read_dataset(folder)

    assert_one_sentence(caught.value)


def test_a_label_of_10_is_refused(folder: Path, test: Digits) -> None:
    labels = test.labels.copy()
    labels[7] = 10
    (folder / IDX_NAMES["test_labels"]).write_bytes(idx_bytes(labels))

    with pytest.raises(DataFileError, match="hold 10") as caught:
        read_dataset(folder)

    assert_one_sentence(caught.value)


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzipped"])
def test_a_header_that_announces_two_billion_digits_takes_no_memory(
    tmp_path: Path, packed: bool
) -> None:
    content = struct.pack(">4I", 0x803, 2_000_000_000, 28, 28) + bytes(1000)
    path = tmp_path / "images"
    path.write_bytes(gzip.compress(content) if packed else content)

    with (
        no_more_than_a_megabyte(),
        pytest.raises(DataFileError, match="announces 2,000,000,000 digits") as caught,
    ):
        read_idx_images(path)

    assert_one_sentence(caught.value)


@pytest.mark.parametrize("name", ["nowhere", "no/where.npz", "x" * 5000])
def test_a_path_where_nothing_is_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(DataFileError) as caught:
        read_dataset(tmp_path / name)

    assert_one_sentence(caught.value)


def test_a_single_idx_file_that_is_missing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataFileError, match="There is no file"):
        read_idx_labels(tmp_path / "labels")


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataFileError, match="holds no train-images-idx3-ubyte"):
        read_dataset(tmp_path)


# Bad .npz files


def test_every_array_of_an_npz_file_is_needed(tmp_path: Path, train: Digits, test: Digits) -> None:
    for name in ("x_train", "y_train", "x_test", "y_test"):
        arrays = as_arrays(train, test)
        del arrays[name]
        path = tmp_path / f"without_{name}.npz"
        np.savez(path, **arrays)
        with pytest.raises(DataFileError, match=f"holds no {name}") as caught:
            read_dataset(path)
        assert_one_sentence(caught.value)


@pytest.mark.parametrize(
    ("name", "array", "said"),
    [
        ("x_train", np.full((30, 28, 28), np.nan), "no numbers"),
        ("x_train", np.full((30, 28, 28), 70_000), "values from 70000 to 70000"),
        ("x_train", np.zeros((30, 28, 28), complex), "type complex128"),
        ("x_train", np.zeros((30, 28, 28), object), "type object"),
        ("x_test", np.zeros((20, 32, 32, 3), np.uint8), r"shape \(20, 32, 32, 3\)"),
        ("x_test", np.zeros((20, 28, 27), np.uint8), r"shape \(20, 28, 27\)"),
        ("x_test", np.zeros((20, 783), np.uint8), r"shape \(20, 783\)"),
        ("x_test", np.uint8(3), r"shape \(\)"),
        ("y_train", np.ones((30, 10)), "not one-hot"),
        ("y_train", np.full(30, 0.5), "type float64"),
        ("y_train", np.array(["seven"] * 30), "no digits"),
        ("y_train", np.array([None] * 30), "type object"),
        ("y_test", np.full(20, 10), "labels beyond 0 to 9"),
        ("y_test", np.full(20, -1), "labels beyond 0 to 9"),
        ("y_test", np.full(20, 256), "labels beyond 0 to 9"),
        ("y_test", np.zeros(19, np.int64), "20 images and 19 labels"),
    ],
)
def test_an_npz_file_with_an_unfit_array_is_refused(
    tmp_path: Path, arrays: Arrays, name: str, array: object, said: str
) -> None:
    np.savez(tmp_path / "digits.npz", **{**arrays, name: np.asarray(array)})

    with pytest.raises(DataFileError, match=said) as caught:
        read_dataset(tmp_path / "digits.npz")

    assert_one_sentence(caught.value)


def test_an_npz_file_without_digits_is_refused(tmp_path: Path, train: Digits) -> None:
    np.savez(tmp_path / "digits.npz", **as_arrays(train, make_digits(0)))

    with pytest.raises(DataFileError, match=r"The test digits of .* are empty"):
        read_dataset(tmp_path / "digits.npz")


class _Trap:
    """Leaves a file behind when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return Path.touch, (self._path,)


def test_a_pickle_in_an_npz_file_is_never_opened(
    tmp_path: Path, train: Digits, test: Digits
) -> None:
    sprung = tmp_path / "sprung"
    arrays = as_arrays(train, test)
    arrays["y_test"] = np.array([_Trap(sprung)] * len(test), dtype=object)
    np.savez(tmp_path / "digits.npz", **arrays)

    with pytest.raises(DataFileError, match="type object"):
        read_dataset(tmp_path / "digits.npz")

    assert not sprung.exists()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"no digits at all, but a text", "is a text without a table"),
        (bytes(1000), "no file of digits that is known"),
        (b"PK\x03\x04 and no more", "a zip file that is cut short"),
    ],
)
def test_a_file_that_is_no_archive_is_refused(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "digits.npz"
    path.write_bytes(content)

    with pytest.raises(DataFileError, match=said) as caught:
        read_dataset(path)

    assert_one_sentence(caught.value)


def test_an_archive_of_something_else_is_refused(
    tmp_path: Path, train: Digits, test: Digits
) -> None:
    path = tmp_path / "digits.npz"
    with zipfile.ZipFile(path, "w") as archive:
        for name in as_arrays(train, test):
            archive.writestr(f"{name}.npy", "a letter to a friend, and no array")

    with pytest.raises(DataFileError, match=r"x_train in .* is no NumPy array"):
        read_dataset(path)


def test_an_array_shorter_than_its_header_says_is_refused(
    tmp_path: Path, train: Digits, test: Digits
) -> None:
    path = tmp_path / "digits.npz"
    with zipfile.ZipFile(path, "w") as archive:
        for name, array in as_arrays(train, test).items():
            content = io.BytesIO()
            np.save(content, array)
            archive.writestr(f"{name}.npy", content.getvalue()[:-1])

    with pytest.raises(DataFileError, match=r"x_train in .* is cut short") as caught:
        read_dataset(path)

    assert_one_sentence(caught.value)


def test_an_array_that_announces_two_billion_digits_takes_no_memory(tmp_path: Path) -> None:
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        header, {"descr": "|u1", "fortran_order": False, "shape": (2_000_000_000, 28, 28)}
    )
    path = tmp_path / "digits.npz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x.npy", header.getvalue())
        archive.writestr("y.npy", header.getvalue())

    with (
        no_more_than_a_megabyte(),
        pytest.raises(DataFileError, match="holds 2,000,000,000 digits") as caught,
    ):
        read_dataset(path)

    assert_one_sentence(caught.value)


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning")  # NumPy's
def test_no_damage_to_an_npz_file_brings_another_error(
    tmp_path: Path, train: Digits, test: Digits
) -> None:
    whole = io.BytesIO()
    np.savez_compressed(whole, **as_arrays(train, test))
    rng = random.Random(5)  # noqa: S311
    path = tmp_path / "digits.npz"
    refused = 0
    for number in range(1500):
        content = bytearray(whole.getvalue())
        # The directory at the end and the first header matter most.
        places = (rng.randrange(len(content)), rng.randrange(300), -1 - rng.randrange(500))
        content[places[number % 3]] ^= 1 << rng.randrange(8)
        path.write_bytes(content)
        try:
            read_dataset(path)
        except DataFileError:
            refused += 1

    assert refused > 1000


@pytest.mark.parametrize(
    "fields",
    [(20, 0x1, 0), (20, 0x20, 0), (20, 0, 99), (99, 0, 0)],
    ids=["encrypted", "patch", "unknown compression", "version of the future"],
)
def test_an_archive_that_zipfile_cannot_unpack_is_refused(
    tmp_path: Path, arrays: Arrays, fields: tuple[int, int, int]
) -> None:
    stored = io.BytesIO()
    np.savez(stored, **arrays)
    content = bytearray(stored.getvalue())
    # Version, flags and method, in x_train's own header and in the directory.
    for place in (content.index(b"PK\x03\x04") + 4, content.index(b"PK\x01\x02") + 6):
        content[place : place + 6] = struct.pack("<3H", *fields)
    (tmp_path / "digits.npz").write_bytes(content)

    with pytest.raises(DataFileError, match=r"is not a complete \.npz file") as caught:
        read_dataset(tmp_path / "digits.npz")

    assert_one_sentence(caught.value)


# Whether it is MNIST


@pytest.fixture
def small_mnist(monkeypatch: pytest.MonkeyPatch, train: Digits, test: Digits) -> None:
    """Let the 30 and 20 digits pass as MNIST, so that the rule can be tested without it."""
    hashes = {
        part: hashlib.sha256(content).hexdigest()
        for part, content in idx_files(train, test).items()
    }
    monkeypatch.setattr(dataset_file_module, "MNIST_SHA256", hashes)


@pytest.mark.usefixtures("small_mnist")
def test_mnist_is_known_by_the_hashes_of_its_idx_files(
    folder: Path, tmp_path: Path, train: Digits, test: Digits
) -> None:
    np.savez(tmp_path / "digits.npz", **as_arrays(train, test))

    for path in (folder, tmp_path / "digits.npz"):
        found = read_dataset(path)
        assert found.verified
        assert found.name == "mnist"
        assert found.title == "MNIST 30/20"


@pytest.mark.usefixtures("small_mnist")
@pytest.mark.parametrize("part", IDX_NAMES)
def test_one_changed_value_makes_it_the_users_own_digits(folder: Path, part: str) -> None:
    path = folder / IDX_NAMES[part]
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)

    found = read_dataset(folder)

    assert not found.verified
    assert found.name == "custom"
    assert found.title == "Own digits 30/20"


@pytest.mark.usefixtures("small_mnist")
def test_exchanged_splits_are_not_mnist(train: Digits, test: Digits) -> None:
    assert make_dataset(train, test, "here").verified
    assert not make_dataset(test, train, "here").verified


def test_the_embedded_sample_is_not_taken_for_mnist(sample: Dataset) -> None:
    assert not sample.verified
    assert not make_dataset(sample.train, sample.test, "here").verified


@pytest.mark.skipif(FULL_MNIST is None, reason="MNIST_DESKTOP_DATA names no MNIST")
def test_the_real_mnist_is_verified_and_with_one_changed_pixel_is_not(dataset: Dataset) -> None:
    assert dataset.verified
    assert dataset.title == "MNIST 60,000/10,000"

    images = dataset.train.images.copy()
    images[59_999, 14, 14] ^= 1
    changed = make_dataset(Digits(images, dataset.train.labels), dataset.test, "here")

    assert not changed.verified
    assert changed.name == "custom"


# Digits in memory


@pytest.mark.parametrize(
    ("images", "labels"),
    [
        (np.zeros((3, 28, 28), np.float32), np.zeros(3, np.uint8)),
        (np.zeros((3, 784), np.uint8), np.zeros(3, np.uint8)),
        (np.zeros((3, 28, 29), np.uint8), np.zeros(3, np.uint8)),
        (np.zeros((28, 28), np.uint8), np.zeros(28, np.uint8)),
        (np.zeros((3, 28, 28), np.uint8), np.zeros(3, np.int64)),
        (np.zeros((3, 28, 28), np.uint8), np.zeros((3, 1), np.uint8)),
        (np.zeros((3, 28, 28), np.uint8), np.zeros(2, np.uint8)),
        (np.zeros((3, 28, 28), np.uint8), np.full(3, 10, np.uint8)),
    ],
)
def test_digits_check_themselves(images: NDArray[Any], labels: NDArray[Any]) -> None:
    with pytest.raises(DataFileError) as caught:
        Digits(images, labels)

    assert_one_sentence(caught.value)


def test_digits_are_taken_in_the_order_asked_for(train: Digits) -> None:
    taken = train.take(np.array([5, 3, 5]))

    assert taken.labels.tolist() == [5, 3, 5]
    np.testing.assert_array_equal(taken.images, train.images[[5, 3, 5]])


def numbered_digits(labels: NDArray[np.uint8]) -> Digits:
    """Digits whose first two pixels say which they are."""
    images = np.zeros((len(labels), 28, 28), np.uint8)
    images[:, 0, 0], images[:, 0, 1] = np.divmod(np.arange(len(labels)), 256)
    return Digits(images, labels)


def numbers_of(digits: Digits) -> list[int]:
    places = digits.images[:, 0, :2].astype(int)
    return (places[:, 0] * 256 + places[:, 1]).tolist()


def test_a_split_is_stratified_disjoint_complete_and_in_order() -> None:
    # Class 0 has 100 digits, class 9 has 10: each gives its own share.
    labels = np.repeat(np.arange(10, dtype=np.uint8), np.arange(100, 0, -10))
    np.random.default_rng(3).shuffle(labels)
    digits = numbered_digits(labels)

    kept, taken = digits.split(0.2, seed=1)

    assert np.bincount(taken.labels).tolist() == [20, 18, 16, 14, 12, 10, 8, 6, 4, 2]
    assert sorted(numbers_of(kept) + numbers_of(taken)) == list(range(len(digits)))
    for part in (kept, taken):
        assert numbers_of(part) == sorted(numbers_of(part))
        np.testing.assert_array_equal(part.labels, labels[numbers_of(part)])


def test_a_split_is_decided_by_its_seed() -> None:
    digits = numbered_digits(np.arange(500, dtype=np.uint16).astype(np.uint8) % 10)

    first, again, other = (digits.split(0.5, seed)[1] for seed in (1, 1, 2))

    assert numbers_of(first) == numbers_of(again)
    assert numbers_of(first) != numbers_of(other)


@pytest.mark.parametrize(("share", "count"), [(0, 0), (1, 30)])
def test_a_split_may_take_nothing_or_everything(train: Digits, share: float, count: int) -> None:
    kept, taken = train.split(share, seed=1)

    assert (len(kept), len(taken)) == (30 - count, count)


@pytest.mark.parametrize("shape", [(784,), (28, 28), (28, 28, 1)])
@pytest.mark.parametrize("count", [0, 1, 30])
def test_a_network_is_given_values_from_0_to_1(shape: tuple[int, ...], count: int) -> None:
    images = make_digits(count).images.copy()
    images[:, 0, 0], images[:, 0, 1] = 0, 255

    pixels = as_network_input(images, shape)

    assert pixels.shape == (count, *shape)
    assert pixels.dtype == np.float32
    np.testing.assert_allclose(pixels.reshape(count, 28, 28), images / 255, rtol=1e-6)
    flat = pixels.reshape(count, 784)
    assert (flat[:, 0] == 0).all()
    assert (flat[:, 1] == 1).all()


# Small files that announce or unpack to more than any memory should be asked for


def peak_of(read: Callable[[], object]) -> int:
    """Bytes that are taken at the most until the file is refused."""
    tracemalloc.start()
    try:
        with pytest.raises(DataFileError):
            read()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def packed_zeros(head: bytes, size: int) -> bytes:
    packer = zlib.compressobj(1, zlib.DEFLATED, 31)
    block = bytes(1_000_000)
    parts = [packer.compress(head), *(packer.compress(block) for _ in range(size // len(block)))]
    return b"".join(parts) + packer.flush()


def test_a_packed_file_is_not_unpacked_to_hundreds_of_times_its_size(tmp_path: Path) -> None:
    path = tmp_path / "images.gz"
    path.write_bytes(packed_zeros(struct.pack(">4I", 0x803, 200_000, 28, 28), 157_000_000))

    with pytest.raises(DataFileError, match=r"more than its .* packed bytes can hold"):
        read_idx_images(path)

    assert peak_of(lambda: read_idx_images(path)) < 5_000_000


def test_sorted_labels_pack_to_almost_nothing_and_are_read(tmp_path: Path) -> None:
    labels = np.repeat(np.arange(10, dtype=np.uint8), 50_000)
    path = tmp_path / "labels.gz"
    path.write_bytes(gzip.compress(idx_bytes(labels)))
    assert path.stat().st_size < 2_000

    np.testing.assert_array_equal(read_idx_labels(path), labels)


def test_images_are_not_read_where_there_are_fewer_labels(tmp_path: Path) -> None:
    for split in ("train", "t10k"):
        images, labels = f"{split}-images-idx3-ubyte", f"{split}-labels-idx1-ubyte"
        (tmp_path / labels).write_bytes(struct.pack(">2I", 0x801, 3) + bytes(3))
        content = struct.pack(">4I", 0x803, 10_000, 28, 28) + bytes(7_840_000)
        (tmp_path / images).write_bytes(content)

    with pytest.raises(DataFileError, match="10,000 images and 3 labels"):
        read_dataset(tmp_path)

    assert peak_of(lambda: read_dataset(tmp_path)) < 1_000_000


def npy(shape: str, body: bytes = b"") -> bytes:
    head = f"{{'descr': '|u1', 'fortran_order': False, 'shape': {shape}, }}\n".encode()
    return b"\x93NUMPY\1\0" + struct.pack("<H", len(head)) + head + body


def npz(path: Path, **members: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, content in members.items():
            archive.writestr(f"{name}.npy", content)
    return path


def test_an_archive_is_not_unpacked_to_hundreds_of_times_its_size(tmp_path: Path) -> None:
    images = npy("(100000, 28, 28)", bytes(78_400_000))
    labels = npy("(100000,)", bytes(100_000))
    path = npz(tmp_path / "x", x_train=images, x_test=images, y_train=labels, y_test=labels)

    with pytest.raises(DataFileError, match="more than so small a file can hold"):
        read_dataset(path)

    assert peak_of(lambda: read_dataset(path)) < 5_000_000


def test_an_archive_s_images_are_not_read_where_there_are_fewer_labels(tmp_path: Path) -> None:
    images, labels = npy("(10000, 28, 28)", bytes(7_840_000)), npy("(9999,)", bytes(9_999))
    whole = npy("(10000,)", bytes(10_000))
    path = npz(tmp_path / "x", x_train=images, x_test=images, y_train=whole, y_test=labels)

    with pytest.raises(DataFileError, match="10,000 images and 9,999 labels"):
        read_dataset(path)

    assert peak_of(lambda: read_dataset(path)) < 5_000_000


@pytest.mark.parametrize(
    "shape",
    ["(" + "-" * 9000 + "1,)", "(" * 150 + "1" + ")" * 150, "(1" + "+1" * 4000 + ",)"],
    ids=["signs", "brackets", "sum"],
)
def test_an_array_header_that_is_a_riddle_is_refused(tmp_path: Path, shape: str) -> None:
    path = npz(tmp_path / "x.npz", x_train=npy(shape))

    with pytest.raises(DataFileError, match=r"x_train in .* is no NumPy array"):
        read_dataset(path)


def test_an_array_of_less_than_nothing_is_refused(tmp_path: Path) -> None:
    path = npz(tmp_path / "x.npz", x=npy("(-1, 28, 28)"), y=npy("(5,)"))

    with pytest.raises(DataFileError, match="holds -1 digits"):
        read_dataset(path)


def test_an_archive_of_many_members_is_refused_before_they_are_listed(tmp_path: Path) -> None:
    count = 60_000
    entry = struct.pack("<4s6H3I5H2I", b"PK\1\2", *[0] * 9, 6, *[0] * 6) + b"m1.npy"
    end = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, count, count, count * len(entry), 0, 0)
    path = tmp_path / "many.npz"
    path.write_bytes(entry * count + end)

    with pytest.raises(DataFileError, match="more parts than are needed"):
        read_dataset(path)

    assert peak_of(lambda: read_dataset(path)) < 1_000_000


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no such pipes")
def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")

    for read in (read_dataset, read_idx_images, read_idx_labels):
        with pytest.raises(DataFileError):
            read(tmp_path / "pipe")
