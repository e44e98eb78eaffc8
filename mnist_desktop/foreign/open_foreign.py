"""Opening a model file from an untrusted source."""

from __future__ import annotations

from pathlib import Path

from mnist_desktop import edition
from mnist_desktop.errors import ModelFileError
from mnist_desktop.files.naming import special_kind
from mnist_desktop.files.reading import open_regular
from mnist_desktop.foreign.h5_model_file import read_h5_model_file
from mnist_desktop.foreign.hdf5_file import SIGNATURE
from mnist_desktop.foreign.input_range import find_input_range
from mnist_desktop.foreign.keras_archive import folder_reason, is_onnx, what_it_is
from mnist_desktop.foreign.keras_config import ending_in_scores
from mnist_desktop.foreign.keras_file import read_keras_file
from mnist_desktop.foreign.litert_probe import check_litert_file
from mnist_desktop.foreign.onnx_network import read_onnx_file
from mnist_desktop.foreign.refusal import refusal
from mnist_desktop.foreign.tfjs_file import read_tfjs_file
from mnist_desktop.inference.digit_check import DigitCheck
from mnist_desktop.inference.network import BATCH
from mnist_desktop.inference.predictor import Predictor
from mnist_desktop.networks.litert.network import litert_file
from mnist_desktop.networks.litert.schema import MARK
from mnist_desktop.networks.plan import Array, NetworkPlan

ZIP_MARK = b"PK\x03\x04"
MAX_BATCH_VALUES = 50_000_000  # 200 MB, if LiteRT keeps the output of every layer


def open_foreign(path: Path) -> Predictor:
    """Open a model file; its first bytes decide its format, not its name.

    Raises
    ------
    ModelFileError
        If it is damaged, or not a network of plain layers that reads digits.
    """
    predictor = _open(path)
    find_input_range(predictor)
    return predictor


def read_plan(path: Path) -> NetworkPlan:
    """Read of which layers the network in a model file consists, as the file has them.

    Raises
    ------
    ModelFileError
        If the file is refused, or is a LiteRT file, which does not say.
    """
    found = _read(path)
    if found is None:
        raise ModelFileError(
            f"{path.name} does not say which layers its network was made of, as no LiteRT file "
            "does; open the .keras, .h5 or .onnx file that it was made from to see them."
        )
    return found[0]


def _open(path: Path) -> Predictor:
    found = _read(path)
    if found is None:
        return Predictor(path, check=DigitCheck(), content=check_litert_file(path))
    return _open_network(path, *found)


def _read(path: Path) -> tuple[NetworkPlan, list[Array]] | None:
    """Read the layers and weights of a model file; None for a LiteRT file."""
    if not special_kind(path) and path.is_dir():
        raise refusal(path, folder_reason(path))
    try:
        with open_regular(path) as file:
            start = file.read(8)
    except OSError as error:
        raise refusal(path, f"cannot be read ({error.strerror})") from error
    if start[4:8] == MARK:
        return None
    if is_onnx(start) and not edition.can_train():
        raise ModelFileError(edition.left_out("Reading ONNX files"))
    if is_onnx(start):
        return read_onnx_file(path)
    if start == SIGNATURE:
        return read_h5_model_file(path)
    if start.lstrip().startswith(b"{"):
        return read_tfjs_file(path)
    if start.startswith(ZIP_MARK):
        return read_keras_file(path)
    raise refusal(path, what_it_is(start))


def _open_network(path: Path, plan: NetworkPlan, weights: list[Array]) -> Predictor:
    plan = ending_in_scores(plan)
    batch = max(1, min(BATCH, MAX_BATCH_VALUES // plan.values))
    content = bytes(litert_file(plan, weights))
    return Predictor(path, check=DigitCheck(), batch=batch, content=content)
