"""Puts beside the archives in ``dist/`` what a release's page shows with them.

``python -m tools.release_files FOLDER`` copies the bill of materials of each program out of it, and
writes ``SHA256SUMS``, against which anybody can check what they downloaded (``sha256sum --check``).
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

from tools.inventory import BILL

BILLS = f"*/_internal/mnist_desktop/resources/licences/{BILL}"
SUMS = "SHA256SUMS"


def main() -> None:
    """Complete a folder of archives."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="where the archives are, dist/")
    folder = parser.parse_args().folder
    for bill in sorted(folder.glob(BILLS)):
        program = bill.relative_to(folder).parts[0]
        shutil.copyfile(bill, folder / f"{program}-{_what_for(bill)}.cdx.json")
    lines = [*sums(folder)]
    (folder / SUMS).write_text("".join(lines), encoding="utf-8", newline="\n")
    print(f"{SUMS}: {len(lines)} files")  # noqa: T201 - this is a command


def sums(folder: Path) -> Iterator[str]:
    """Lines as ``sha256sum`` reads them, one for each file of a folder."""
    for path in sorted(folder.iterdir()):
        if path.is_file() and path.name != SUMS:
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            yield f"{digest}  {path.name}\n"


def _what_for(bill: Path) -> str:
    """Version and platform that a bill of materials is for, such as ``0.1.0-linux-x86_64``."""
    about = json.loads(bill.read_text(encoding="utf-8"))["metadata"]
    platform = next(one["value"] for one in about["properties"] if one["name"].endswith("platform"))
    return f"{about['component']['version']}-{platform.replace(' ', '-')}"


if __name__ == "__main__":
    main()
