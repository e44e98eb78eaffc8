"""The program and the Reader, installed on one system from their packages.

``make test-package-reader`` runs these as root where both packages were built, on a machine that
may be changed: they are really installed, and removed in the end.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from commands import do

FULL, READER = "mnist-desktop", "mnist-desktop-reader"
DEBS = [os.environ.get(name, "") for name in ("MNIST_DESKTOP_DEB", "MNIST_DESKTOP_READER_DEB")]

pytestmark = [
    pytest.mark.skipif(not all(DEBS), reason="no two built packages are named"),
    pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="installs packages"),
    pytest.mark.timeout(600),
]


@pytest.fixture(scope="module")
def installed() -> Iterator[None]:
    """Both packages are installed; nothing is left of them afterwards."""
    for name in (FULL, READER):
        assert not Path("/usr/lib", name).exists(), f"{name} is installed here already."
    try:
        do("dpkg", "--install", *DEBS)
        yield
    finally:
        subprocess.run(["dpkg", "--purge", FULL, READER], check=False, capture_output=True)


@pytest.mark.usefixtures("installed")
def test_each_reads_the_runs_of_the_other_and_may_go_alone(tmp_path: Path) -> None:
    home = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "MNIST_DESKTOP_DATA": "sample"}
    for name in (FULL, READER):
        assert not do("dpkg", "--verify", name)
    words = ("train", "--architecture", "dense-10", "--epochs", "1", "--json")
    run = json.loads(do(FULL, *words, environment=home))["run"]
    told = json.loads(do(READER, "evaluate", run, "--json", environment=home))
    assert told["test_accuracy"] > 0.8
    do("dpkg", "--purge", FULL)
    assert run in do(READER, "runs", environment=home)
    assert not do("dpkg", "--verify", READER)
