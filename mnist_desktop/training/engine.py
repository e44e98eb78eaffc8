"""Loading TensorFlow and Keras: seconds that are spent once, never before the window is up."""

from __future__ import annotations

import gc
import logging
import sys
from typing import Any

from mnist_desktop.quiet import native_stderr_hushed
from mnist_desktop.training.config import OnProgress, PhaseProgress, ShouldStop


def load_keras() -> Any:
    """Import Keras on TensorFlow and return the module; later calls cost nothing."""
    if not is_loaded():
        with native_stderr_hushed():
            import keras
    import keras

    keras.config.disable_interactive_logging()
    # Each training traces functions of its own; TensorFlow takes that for a mistake.
    logging.getLogger("tensorflow").setLevel(logging.ERROR)
    return keras


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
    keras = load_keras()
    import tensorflow as tf

    gc.freeze()  # a million objects that stay; collecting garbage need not look at them again
    return f"TensorFlow {tf.__version__}, Keras {keras.__version__}"
