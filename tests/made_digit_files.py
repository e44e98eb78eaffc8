"""Files of digits as people have them, and files that are taken for such; all made from a sample.

Each maker writes a file or a folder and returns what is to be chosen. `READ` are to be read, each
of `REFUSED` is to be refused by what it is.
"""

from __future__ import annotations

import gzip
import io
import pickle
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.io import savemat

from mnist_desktop.digits.dataset import Digits

Array = NDArray[Any]
Make = Callable[[Path, Digits], Path]
NAMES = ("x_train", "y_train", "x_test", "y_test")


def npz(
    names: tuple[str, ...] = NAMES,
    images: Callable[[Array], Array] = lambda x: x,
    labels: Callable[[Array], Array] = lambda y: y,
) -> Make:
    def make(folder: Path, digits: Digits) -> Path:
        step = len(names) // 2  # the sample is sorted by label
        x, y = images(digits.images), labels(digits.labels)
        parts = (x[::step], y[::step], x[1::step], y[1::step])[: len(names)]
        np.savez_compressed(folder / "digits.npz", **dict(zip(names, parts, strict=True)))
        return folder / "digits.npz"

    return make


def csv(
    mark: str = ",", *, heading: str = "", is_last: bool = False, is_packed: bool = False,
    images: Callable[[Array], Array] = lambda x: x,
) -> Make:  # fmt: skip
    def make(folder: Path, digits: Digits) -> Path:
        lines = []
        flat = images(digits.images).reshape(len(digits), -1)
        for label, row in zip(digits.labels.tolist(), flat.tolist(), strict=True):
            lines.append(mark.join(map(str, [*row, label] if is_last else [label, *row])))
        if heading:
            pixels = [f"pixel{number}" for number in range(flat.shape[1])]
            lines.insert(0, mark.join([*pixels, heading] if is_last else [heading, *pixels]))
        content = ("\n".join(lines) + "\n").encode()
        path = folder / ("digits.csv.gz" if is_packed else "digits.csv")
        path.write_bytes(gzip.compress(content) if is_packed else content)
        return path

    return make


def two_csvs(test_has_labels: bool) -> Make:
    def make(folder: Path, digits: Digits) -> Path:
        path = csv(heading="label")(folder, digits)
        path.rename(folder / "mnist_train.csv")
        rows = (folder / "mnist_train.csv").read_text().splitlines()
        first = 0 if test_has_labels else 1
        lines = [",".join(row.split(",")[first:]) for row in rows]
        (folder / "mnist_test.csv").write_text("\n".join(lines))
        return folder

    return make


def npy(*names: str) -> Make:
    def make(folder: Path, digits: Digits) -> Path:
        for name in names:
            is_labels = "label" in name or name.startswith("y")
            np.save(folder / f"{name}.npy", digits.labels if is_labels else digits.images)
        return folder / f"{names[0]}.npy"

    return make


def mat(layout: Callable[[Array, Array], dict[str, Any]], *, is_packed: bool = True) -> Make:
    def make(folder: Path, digits: Digits) -> Path:
        content = layout(digits.images.reshape(-1, 784), digits.labels)
        savemat(folder / "digits.mat", content, do_compression=is_packed)
        return folder / "digits.mat"

    return make


def emnist_mat(x: Array, y: Array) -> dict[str, Any]:
    turned = x.reshape(-1, 28, 28).transpose(0, 2, 1).reshape(-1, 784)
    part = {"images": turned, "labels": y[:, None]}
    return {"dataset": {"train": part, "test": part}}


def classes_mat(x: Array, y: Array) -> dict[str, Any]:
    return {f"{split}{n}": x[y == n] for split in ("train", "test") for n in range(10)}


def usps_mat(x: Array, y: Array) -> dict[str, Any]:
    images = x.reshape(-1, 28, 28)[:, 6:22, 6:22].reshape(-1, 256)
    return {"data": np.stack([images[y == (n + 1) % 10][:10].T for n in range(10)], axis=2)}


def idx_bytes(array: Array) -> bytes:
    """Write bytes or big-endian 32-bit integers as an IDX file holds them."""
    kind = {"|u1": 8, ">i4": 12}[array.dtype.str]
    head = struct.pack(f">{1 + array.ndim}I", (kind << 8) + array.ndim, *array.shape)
    return head + array.tobytes()


def idx(family: str, test: str = "t10k", *, is_packed: bool = True, wide: bool = False) -> Make:
    def make(folder: Path, digits: Digits) -> Path:
        table = np.stack([digits.labels] * 8, axis=1).astype(">i4")
        labels = ("labels-idx2-int", table) if wide else None
        for split in ("train", test):
            for name, array in (
                ("images-idx3-ubyte", digits.images),
                labels or ("labels-idx1-ubyte", digits.labels),
            ):
                content = idx_bytes(array)
                path = folder / f"{family}{split}-{name}{'.gz' if is_packed else ''}"
                path.write_bytes(gzip.compress(content) if is_packed else content)
        return folder

    return make


def pictures(name: str, side: int = 28, ending: str = "png", *splits: str) -> Make:
    def make(folder: Path, digits: Digits) -> Path:
        for split in splits or (".",):
            for number, label in enumerate(digits.labels[::5]):
                image = Image.fromarray(digits.images[number * 5])
                path = folder / split / name.format(label) / f"{number}.{ending}"
                path.parent.mkdir(parents=True, exist_ok=True)
                image.resize((side, side), Image.Resampling.BICUBIC).save(path)
        return folder

    return make


def png(image: Array) -> bytes:
    packed = io.BytesIO()
    Image.fromarray(image).save(packed, "PNG")
    return packed.getvalue()


def parquet(layout: Callable[[Digits], dict[str, Any]], *names: str, codec: str = "snappy") -> Make:
    def make(folder: Path, digits: Digits) -> Path:
        from arro3.core import Table
        from arro3.io import write_parquet

        for name in names or ("digits.parquet",):
            path = folder / name
            path.parent.mkdir(exist_ok=True)
            write_parquet(Table.from_pydict(layout(digits)), path, compression=codec)
        return folder if names else folder / "digits.parquet"

    return make


def hub_columns(digits: Digits) -> dict[str, Any]:
    """As Hugging Face has pictures: the file's bytes and its name, and the class."""
    from arro3.core import Array, DataType, Field, struct_array

    kinds = {"bytes": DataType.binary(), "path": DataType.utf8()}
    parts = [
        Array([png(image) for image in digits.images], kinds["bytes"]),
        Array([None] * len(digits), kinds["path"]),
    ]
    fields = [Field(name, kind, nullable=True) for name, kind in kinds.items()]
    return {"image": struct_array(parts, fields=fields), "label": whole(digits.labels)}


def png_columns(digits: Digits) -> dict[str, Any]:
    from arro3.core import Array, DataType

    pictures = Array([png(image) for image in digits.images], DataType.binary())
    return {"name": whole(np.arange(len(digits))), "image": pictures, "label": whole(digits.labels)}


def list_columns(
    values: Callable[[Array], Array], *, is_fixed: bool = True, is_nested: bool = False
) -> Callable[[Digits], dict[str, Any]]:
    def columns(digits: Digits) -> dict[str, Any]:
        from arro3.core import Array, fixed_size_list_array, list_array

        def lists(inner: Any, size: int) -> Any:
            if is_fixed:
                return fixed_size_list_array(inner, size)
            ends = np.arange(0, len(inner) + 1, size, dtype=np.int32)
            return list_array(Array.from_numpy(ends), inner)

        images = Array.from_numpy(np.ascontiguousarray(values(digits.images)).reshape(-1))
        for size in (28, 28) if is_nested else (784,):
            images = lists(images, size)
        return {"image": images, "label": Array.from_numpy(digits.labels)}

    return columns


def pixel_columns(label: str, *, is_last: bool = False) -> Callable[[Digits], dict[str, Any]]:
    def columns(digits: Digits) -> dict[str, Any]:
        pixels = digits.images.reshape(-1, 784).T
        found = {f"pixel{number}": whole(values) for number, values in enumerate(pixels)}
        labels = {label: whole(digits.labels)}
        index = {"__index_level_0__": whole(np.arange(len(digits)))}
        return {**found, **labels, **index} if is_last else {**labels, **found}

    return columns


def whole(values: Array) -> Any:
    from arro3.core import Array

    return Array.from_numpy(np.ascontiguousarray(values, np.int64))


def text_columns(digits: Digits) -> dict[str, Any]:
    from arro3.core import Array, DataType

    return {"text": Array(["seven"] * len(digits), DataType.utf8()), "label": whole(digits.labels)}


def path_columns(digits: Digits) -> dict[str, Any]:
    from arro3.core import Array, DataType, Field, struct_array

    paths = Array(["7.png"] * len(digits), DataType.utf8())
    image = struct_array([paths], fields=[Field("path", DataType.utf8(), nullable=True)])
    return {"image": image, "label": whole(digits.labels)}


def content(name: str, data: bytes) -> Make:
    def make(folder: Path, _digits: Digits) -> Path:
        (folder / name).write_bytes(data)
        return folder / name

    return make


def zipped(name: str, *members: str) -> Make:
    def make(folder: Path, _digits: Digits) -> Path:
        with zipfile.ZipFile(folder / name, "w") as archive:
            for member in members:
                archive.writestr(member, "content")
        return folder / name

    return make


def one_hot(y: Array) -> Array:
    return np.eye(10)[y]


READ: dict[str, Make] = {
    "Keras's npz": npz(),
    "npz, capital X": npz(("X_train", "Y_train", "X_test", "Y_test")),
    "npz, images and labels": npz(("train_images", "train_labels", "test_images", "test_labels")),
    "npz, x and y": npz(("x", "y")),
    "npz, arr_0": npz(("arr_0", "arr_1")),
    "npz, arr_0 to arr_3": npz(("arr_0", "arr_1", "arr_2", "arr_3")),
    "npz, float": npz(images=lambda x: (x / 255).astype(np.float32)),
    "npz, flat": npz(images=lambda x: x.reshape(-1, 784)),
    "npz, channel last": npz(images=lambda x: x[..., None]),
    "npz, channel first": npz(images=lambda x: x[:, None]),
    "npz, 0 and 1": npz(images=lambda x: (x > 127).astype(np.uint8)),
    "npz, standardised": npz(images=lambda x: (x / 255 - 0.13) / 0.31),
    "npz, one-hot": npz(labels=one_hot),
    "npz, column": npz(labels=lambda y: y[:, None].astype(np.int64)),
    "npz, USPS": npz(("data", "target"), images=lambda x: x[:, 6:22, 6:22] / 127.5 - 1),
    "npy beside": npy("images", "labels"),
    "npy of two splits": npy("x_train", "y_train", "x_test", "y_test"),
    "Kaggle's csv": csv(heading="label"),
    "csv": csv(),
    "csv, gzipped": csv(heading="label", is_packed=True),
    "csv, label last": csv(heading="class", is_last=True),
    "csv, label last, no heading": csv(is_last=True),
    "csv, semicolons": csv(";"),
    "tsv": csv("\t"),
    "csv, fractions": csv(images=lambda x: (x / 255).round(4)),
    "csv, USPS": csv(" ", images=lambda x: (x[:, 6:22, 6:22] / 127.5 - 1).round(3)),
    "csv, UCI": csv(images=lambda x: x[:, 6:22:2, 6:22:2] // 16),
    "csv, transposed": csv(images=lambda x: x.transpose(0, 2, 1)),
    "a folder of two csvs": two_csvs(True),
    "Kaggle's folder": two_csvs(False),
    "EMNIST mat": mat(emnist_mat),
    "mnist_all mat": mat(classes_mat, is_packed=False),
    "mnist-original mat": mat(lambda x, y: {"data": x.T, "label": y[None].astype(float)}),
    "USPS mat": mat(usps_mat),
    "IDX": idx("", is_packed=False),
    "IDX, gzipped": idx(""),
    "EMNIST idx": idx("emnist-digits-", "test"),
    "QMNIST idx": idx("qmnist-", "test", wide=True),
    "Parquet, Hugging Face's": parquet(
        hub_columns, "train-00000-of-00001.parquet", "test-00000-of-00001.parquet"
    ),
    "Parquet, in folders": parquet(hub_columns, "train/0000.parquet", "test/0000.parquet"),
    "Parquet, pictures": parquet(png_columns, codec="zstd(3)"),
    "Parquet, lists": parquet(list_columns(lambda x: x, is_fixed=False)),
    "Parquet, lists of rows": parquet(
        list_columns(lambda x: x.astype(np.int64), is_fixed=False, is_nested=True), codec="gzip(6)"
    ),
    "Parquet, fractions": parquet(
        list_columns(lambda x: (x / 255).astype(np.float32)), codec="uncompressed"
    ),
    "Parquet, 0 and 1": parquet(list_columns(lambda x: x > 127)),
    "Parquet, pixels": parquet(pixel_columns("label")),
    "Parquet, pixels, label last": parquet(pixel_columns("class", is_last=True)),
    "Parquet, pixels, no names": parquet(pixel_columns("0")),
    "pictures": pictures("{}"),
    "pictures, large, of two splits": pictures("digit_{}", 64, "jpg", "train", "test"),
}
REFUSED: dict[str, tuple[Make, str]] = {
    "pickle": (content("mnist.pkl", pickle.dumps([1, 2])), "is a pickle"),
    "pickle, gzipped": (content("mnist.pkl.gz", gzip.compress(pickle.dumps([1]))), "is a pickle"),
    "PyTorch": (zipped("training.pt", "training/data.pkl", "training/data/0"), "PyTorch file"),
    "Excel": (zipped("digits.xlsx", "[Content_Types].xml", "xl/workbook.xml"), "spreadsheet"),
    "zip": (zipped("digits.zip", "a.png", "b.png"), "zip file without arrays"),
    "text": (content("digits.txt", b"A letter, and no digits.\n"), "is a text"),
    "JSON": (content("digits.json", b'{"digits": [1, 2, 3]}'), "is a text"),
    "empty": (content("digits.npz", b""), "is empty"),
    "CIFAR": (npz(images=lambda x: np.zeros((len(x), 32, 32, 3), np.uint8)), "in colour"),
    "SVHN": (
        mat(lambda _, y: {"X": np.zeros((32, 32, 3, len(y)), np.uint8), "y": y[:, None] + 1}),
        "in colour",
    ),
    "weights": (
        npz(("w", "b"), lambda _: np.zeros((784, 10)), lambda _: np.zeros(10)), "it holds w, b",
    ),
    "npy of objects": (
        content("x.npy", b"\x93NUMPY\1\0F\0" + str(
            {"descr": "|O", "fortran_order": False, "shape": ()}).ljust(69).encode() + b"\n"),
        "is a pickle",
    ),
    "letters": (npz(labels=lambda y: y + 10), "beyond 0 to 9"),
    "Parquet, cut short": (content("train.parquet", b"PAR1" + bytes(50)), "that is cut short"),
    "Parquet, damaged": (content("x.parquet", b"PAR1" + bytes(50) + b"PAR1"), "is damaged"),
    "Parquet, texts": (parquet(text_columns), "it holds text, label"),
    "Parquet, paths": (parquet(path_columns), "pictures' bytes are needed"),
    "Parquet, too few pixels": (
        parquet(lambda digits: {
            name: column for name, column in pixel_columns("label")(digits).items()
            if not name.startswith("pixel7")
        }),
        "grey images of shape",
    ),
    "HDF5": (content("digits.h5", b"\x89HDF\r\n\x1a\n" + bytes(50)), "HDF5 file"),
    "MATLAB 7.3": (content("x.mat", b"MATLAB 7.3 MAT-file" + bytes(200)), "MATLAB 7.3"),
    "tar": (content("x.tar", bytes(257) + b"ustar" + bytes(250)), "unpacked first"),
    "tar, gzipped": (
        content("x.tar.gz", gzip.compress(bytes(257) + b"ustar" + bytes(250))), "unpacked first",
    ),
    "npy, gzipped": (content("x.npy.gz", gzip.compress(b"\x93NUMPY")), "unpacked first"),
    "ARFF": (content("x.arff", b"% MNIST\n@RELATION mnist_784\n"), "an ARFF file"),
    "LIBSVM": (content("usps", b"7 1:-1 2:0.5 3:1\n"), "a LIBSVM file"),
    "picture": (content("7.png", b"\x89PNG\r\n\x1a\n" + bytes(50)), "one picture"),
    "Kaggle's test.csv": (
        content("test.csv", b"\n".join([b",".join([b"0"] * 784)] * 3)), "no labels",
    ),
    "damaged npz": (content("digits.npz", b"PK\x03\x04x_train.npy" + bytes(99)), "complete .npz"),
}  # fmt: skip
