"""What desktops read of an installed program: its entry, and its page in software centres."""

from __future__ import annotations

import subprocess
import xml.etree.ElementTree as ET
from pathlib import Path

METAINFO = "usr/share/metainfo/org.mnist_desktop.app.metainfo.xml"
ENTRY = "usr/share/applications/mnist-desktop.desktop"


def check_desktop_files(root: Path, version: str) -> None:
    """Have both validated, and see that they belong together and to a version."""
    assert complaints("desktop-file-validate", root / ENTRY) == []
    told = complaints("appstreamcli", "validate", "--no-net", root / METAINFO)
    # The program has no page of its own on the web yet, which newer versions warn of.
    assert [line for line in told if "url-homepage-missing" not in line] == []
    component = ET.parse(root / METAINFO).getroot()  # noqa: S314 - a file of this program's own
    assert component.findtext("launchable") == Path(ENTRY).name
    releases = [one.get("version") for one in component.iterfind("releases/release")]
    assert releases[0] == version


def complaints(*words: str | Path) -> list[str]:
    """What a check says, but for remarks, which appstreamcli begins with an I."""
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    lines = (done.stdout + done.stderr).splitlines()
    told = [line for line in lines if line.startswith(("E:", "W:")) or "error" in line]
    assert told or done.returncode == 0, lines
    return told
