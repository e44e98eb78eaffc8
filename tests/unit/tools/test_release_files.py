"""Whoever downloads an archive can check it, and see what it holds."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def test_archives_get_their_sums_and_bills(tmp_path: Path) -> None:
    licences = tmp_path / "mnist-desktop/_internal/mnist_desktop/resources/licences"
    licences.mkdir(parents=True)
    about = {
        "component": {"version": "1.2.3"},
        "properties": [{"name": "mnist-desktop:platform", "value": "linux x86_64"}],
    }
    bill = json.dumps({"metadata": about})
    (licences / "bill-of-materials.cdx.json").write_text(bill)
    (tmp_path / "mnist-desktop_1.2.3_amd64.deb").write_bytes(b"an archive")

    for _ in range(2):  # its own sum is not in it the second time either
        command = [sys.executable, "-m", "tools.release_files", tmp_path]
        subprocess.run(command, cwd=ROOT, check=True)

    lines = (tmp_path / "SHA256SUMS").read_text().splitlines()
    assert lines == [
        f"{hashlib.sha256(bill.encode()).hexdigest()}  mnist-desktop-1.2.3-linux-x86_64.cdx.json",
        f"{hashlib.sha256(b'an archive').hexdigest()}  mnist-desktop_1.2.3_amd64.deb",
    ]
