"""Untrusted LiteRT files, tried in a child process before they are opened in this one.

LiteRT is written in C++ and reads a file's numbers in place. A damaged file can crash the process
that opens it, and its computation may take any amount of time. The operators are therefore checked
first. Then a short-lived child process opens the file, with little memory and time and unable to
write files. Whatever ends the child is reported as an error message.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np

from mnist_desktop.digits.dataset import SIDE
from mnist_desktop.errors import ModelFileError
from mnist_desktop.files.child import feed, has_run_out_of_time, limit_this_process, start_child
from mnist_desktop.files.reading import read_small
from mnist_desktop.foreign.litert_operators import check_operators
from mnist_desktop.foreign.refusal import refusal
from mnist_desktop.inference.litert_file import DAMAGED, OperatorError
from mnist_desktop.inference.network import BATCH
from mnist_desktop.inference.predictor import Predictor

COMMAND = "probe-model"
MAX_FILE = 140_000_000  # bytes
PATIENCE = 20.0  # seconds in total, even with a slow disk
WORK_SECONDS = 1  # of processor time, once LiteRT is loaded
WORK_MEMORY = 800_000_000  # bytes of address space beyond what is in use by then
INK = 0.15  # fraction of a digit's pixels
TOO_SLOW = "takes too long to read a few digits"


def check_litert_file(path: Path) -> bytes:
    """Refuse a LiteRT file that cannot be read, or would crash or block the program.

    The check takes about a third of a second, nearly all of it to start the child.

    Returns
    -------
    bytes
        The content that was checked. Open this and not the file, which may change in between.

    Raises
    ------
    ModelFileError
        If it is damaged, reads no digits, or takes too long or too much memory.
    """
    content = read_litert_file(path)
    try:
        code, said = _tried(path, content)
    except subprocess.TimeoutExpired:
        raise refusal(path, TOO_SLOW) from None
    except OSError as error:
        raise refusal(path, f"could not be tested ({error.strerror})") from error
    if code == ModelFileError.exit_code:
        message = " ".join(said.decode("utf-8", errors="replace").split())
        raise ModelFileError(message[:400]) if message else refusal(path, DAMAGED)
    if has_run_out_of_time(code):
        raise refusal(path, TOO_SLOW)
    if code != 0:
        raise refusal(path, f"{DAMAGED} or needs too much memory: LiteRT stops when it reads it")
    return content


def _tried(path: Path, content: bytes) -> tuple[int, bytes]:
    """Have a child try a model; return its exit code and what it says of errors."""
    with start_child(
        COMMAND,
        str(path.absolute()),
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    ) as child:
        try:
            feed(child, content)
            _, said = child.communicate(timeout=PATIENCE)
        except BaseException:
            child.kill()
            raise
    return child.returncode, said


def read_litert_file(path: Path) -> bytes:
    """Read a LiteRT file and check its operators, without LiteRT.

    Raises
    ------
    ModelFileError
        If it is damaged, or uses operators that are not accepted.
    """
    try:
        content = read_small(path, MAX_FILE)
        check_operators(content)
    except OSError as error:
        raise refusal(path, f"cannot be read ({error.strerror})") from error
    except OperatorError as error:
        raise refusal(path, error) from error
    return content


def probe(path: Path) -> None:
    """Try a LiteRT model read from standard input; errors name `path`."""
    try_out(path, sys.stdin.buffer.read())


def try_out(path: Path, content: bytes) -> None:
    """Open a LiteRT model and read one image and many with it; run this in a separate process.

    Parameters
    ----------
    path : Path
        The file that errors name.
    content : bytes
        The model.

    Raises
    ------
    ModelFileError
        If it cannot be opened or reads no digits.
    """
    # Loaded before memory is limited.
    import ai_edge_litert.interpreter
    import ai_edge_litert.schema_py_generated  # noqa: F401

    limit_this_process(WORK_MEMORY, WORK_SECONDS)
    predictor = Predictor(path, content=content)
    rng = np.random.default_rng(1)
    images = rng.integers(0, 256, (BATCH, SIDE, SIDE)).astype(np.uint8)
    images[1::2] *= rng.random((BATCH // 2, SIDE, SIDE)) < INK  # noise, and mostly blank
    for count in (1, BATCH, 1):
        if not np.isfinite(predictor.scores(images[:count])).all():
            raise refusal(path, "gives scores that are not finite numbers")
