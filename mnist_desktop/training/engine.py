"""Loading TensorFlow and Keras: seconds that are spent once, never before the window is up."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import importlib.util
import logging
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from mnist_desktop.errors import EngineError
from mnist_desktop.native import has_avx, import_library, native_stderr_hushed, one_at_a_time
from mnist_desktop.progress import OnProgress, PhaseProgress, ShouldStop

# In the order in which they need one another: Linux, macOS, Windows.
LIBRARIES = (
    "libtensorflow_framework.*",
    "libtensorflow_cc.*",
    "python/lib_pywrap_tensorflow_common.*",
    "python/_pywrap_tensorflow_common.dll",
)
# Where they are installed, Keras imports them for conveniences that are not used here: a second of
# its two and a half.
NOT_NEEDED = ("sklearn", "scipy", "pandas", "matplotlib.pyplot")
LOAD_WITH_ALTERED_SEARCH_PATH = 0x8
M_ARENA_MAX = -8  # malloc.h
# XLA keeps to vectors of 256 bits, even on a processor that has 512. With those, an epoch of
# `dense-100` takes a tenth less: what it does beside matrix products is mostly Adam's update.
WIDE_VECTORS = "--xla_cpu_prefer_vector_width=512"


def load_keras() -> Any:
    """Import Keras on TensorFlow and return the module; later calls cost nothing.

    Raises
    ------
    EngineError
        If this processor cannot run TensorFlow.
    """
    if not is_loaded():
        if not has_avx():
            raise EngineError(
                "TensorFlow needs a processor with AVX instructions, and this one has none; "
                "networks cannot be trained here, but drawing and reading work."
            )
        with native_stderr_hushed():
            _share_heaps()
            _widen_vectors()
            with one_at_a_time:
                _load_libraries()
            # It goes through NumPy's table of types, to which TensorFlow adds some. On another
            # thread, where matplotlib may import it meanwhile, the table would change under it.
            import_library("numpy.ma")
            with _hidden(NOT_NEEDED):
                import keras
            # AutoGraph writes a module for each function that Keras has it convert into the folder
            # of temporary files, and removes that, but not what Python would keep of it.
            sys.dont_write_bytecode = True
    import keras

    keras.config.disable_interactive_logging()
    # Each training traces functions of its own; TensorFlow takes that for a mistake.
    logging.getLogger("tensorflow").setLevel(logging.ERROR)
    return keras


def _load_libraries() -> None:
    """Load TensorFlow's shared libraries without holding the interpreter's lock.

    Python's ``import`` and ``ctypes.CDLL`` hold it while the system maps and links a gigabyte: for
    a fifth of a second at best, for seconds from a cold disk, and the window stands still. A
    foreign call does not hold it, and the import then finds the libraries loaded. Where one is not
    found or not to be loaded, the import says why.
    """
    found = importlib.util.find_spec("tensorflow")
    if found is None or found.origin is None:
        return
    folder = Path(found.origin).parent
    for pattern in LIBRARIES:
        for path in sorted(folder.glob(pattern)):
            if sys.platform == "win32":
                load = ctypes.WinDLL("kernel32").LoadLibraryExW
                load.argtypes = (ctypes.c_wchar_p, ctypes.c_void_p, ctypes.c_uint32)
                load.restype = ctypes.c_void_p
                load(str(path), None, LOAD_WITH_ALTERED_SEARCH_PATH)
            else:
                load = ctypes.CDLL(None).dlopen
                load.argtypes = (ctypes.c_char_p, ctypes.c_int)
                load.restype = ctypes.c_void_p
                load(os.fsencode(path), os.RTLD_NOW | os.RTLD_LOCAL)


def _share_heaps() -> None:
    """Let all threads use two heaps.

    The GNU C library gives nearly every thread a heap of its own, and what was freed in one is
    not used for another: the program would grow by eight megabytes with each training.
    """
    set_option = getattr(ctypes.CDLL(None), "mallopt", None) if os.name == "posix" else None
    if set_option is not None:
        set_option(M_ARENA_MAX, 2)


def _widen_vectors() -> None:
    """Let XLA use the widest vectors; the user's own flags come last, and so may overrule this."""
    flags = os.environ.get("XLA_FLAGS", "")
    if WIDE_VECTORS not in flags:  # from a program that started this one
        os.environ["XLA_FLAGS"] = f"{WIDE_VECTORS} {flags}".strip()


@contextlib.contextmanager
def _hidden(names: Sequence[str]) -> Iterator[None]:
    """Let the modules seem not to be installed, those that are not yet imported."""
    hidden = [name for name in names if name not in sys.modules]
    for name in hidden:
        sys.modules[name] = None  # type: ignore[assignment] # which makes an import fail
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]


def forget_gradients() -> None:
    """Let the graphs of trainings that are over be freed.

    Keras's optimizers add up gradients over replicas, also where there is one, with a function
    that TensorFlow registers under a new name each time it is traced. The register is never
    emptied and holds the whole graph: sixty megabytes a training (TensorFlow 2.21).
    """
    from tensorflow.python.framework import ops

    register = getattr(getattr(ops, "gradient_registry", None), "_registry", {})
    for name in [name for name in register if name.startswith("CustomGradient-")]:
        del register[name]


def is_loaded() -> bool:
    """Whether training can begin without waiting for the import."""
    return "keras" in sys.modules and hasattr(sys.modules["keras"], "Sequential")


def load_engine(_config: None, *, on_progress: OnProgress, should_stop: ShouldStop) -> str:  # noqa: ARG001
    """Load TensorFlow as a job of its own.

    Returns
    -------
    str
        What was loaded, for example ``"TensorFlow 2.21.0, Keras 3.15.1"``.
    """
    on_progress(PhaseProgress("Loading TensorFlow"))
    is_new = not is_loaded()
    keras = load_keras()
    import tensorflow as tf

    if is_new:  # a million objects that stay; collecting garbage need not look at them again
        gc.freeze()
    return f"TensorFlow {tf.__version__}, Keras {keras.__version__}"
