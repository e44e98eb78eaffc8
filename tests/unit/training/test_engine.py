"""How TensorFlow is set up before it is loaded."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from mnist_desktop.training.engine import WIDE_VECTORS, _widen_vectors


@pytest.mark.parametrize(
    ("theirs", "expected"),
    [
        ("", [WIDE_VECTORS]),
        # The last of two values counts.
        ("--xla_cpu_prefer_vector_width=256", [WIDE_VECTORS, "--xla_cpu_prefer_vector_width=256"]),
    ],
)
def test_xla_uses_the_widest_vectors_unless_the_user_says_otherwise(
    theirs: str, expected: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XLA_FLAGS", theirs)
    _widen_vectors()
    _widen_vectors()  # a program that this one starts has the flags already
    assert os.environ["XLA_FLAGS"].split() == expected


def test_numpys_table_of_types_is_gone_through_before_tensorflow_changes_it() -> None:
    program = """
import os, sys
class Finder:
    def find_spec(self, name, *_):
        if name in ("keras", "ml_dtypes"):
            print(name, "numpy.ma" in sys.modules, flush=True)
            os._exit(0)
sys.meta_path.insert(0, Finder())
from mnist_desktop.training.engine import load_keras
load_keras()
"""
    told = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True, timeout=120
    )
    assert told.stdout.split() == ["keras", "True"]
