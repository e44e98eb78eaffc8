"""Whoever cannot run the program is told so in a sentence, before anything is installed."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

TOOLS = Path(__file__).resolve().parents[3] / "tools"


@pytest.mark.skipif(not shutil.which("sh"), reason="needs a shell")
@pytest.mark.parametrize(
    ("has_apple_silicon", "words"),
    [
        (True, "install a Python for Apple silicon"),
        (False, "this program needs a Mac with Apple silicon, Windows or Linux."),
    ],
)
def test_an_intel_mac_is_told_that_it_cannot_run_the_program(
    tmp_path: Path, words: str, *, has_apple_silicon: bool
) -> None:
    commands, checkout = tmp_path / "bin", tmp_path / "checkout"
    commands.mkdir()
    (checkout / "tools").mkdir(parents=True)
    for name in ("prepare.sh", "find_python.sh"):
        shutil.copy(TOOLS / name, checkout / "tools")
    for name, does in (
        ("uname", "echo Darwin"),
        ("sysctl", f"echo {int(has_apple_silicon)}"),
        ("python3.12", 'case "$2" in *machine*) echo x86_64 ;; *) echo "$0" ;; esac'),
    ):
        (commands / name).write_text(f"#!/bin/sh\n{does}\n")
        (commands / name).chmod(0o755)
    done = subprocess.run(
        ["sh", checkout / "tools/prepare.sh"],
        env={"PATH": f"{commands}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert words in done.stderr
    assert [path.name for path in checkout.iterdir()] == ["tools"]
