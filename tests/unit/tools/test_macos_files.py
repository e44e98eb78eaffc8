"""What a Mac's program is made with can be read there, as far as that can be seen elsewhere."""

from __future__ import annotations

import plistlib
from pathlib import Path

import numpy as np
from PIL import Image

FOLDER = Path(__file__).resolve().parents[3] / "tools/macos"


def test_the_entitlements_are_two_and_have_no_comments() -> None:
    content = (FOLDER / "entitlements.plist").read_bytes()
    assert plistlib.loads(content) == {
        "com.apple.security.cs.allow-jit": True,
        "com.apple.security.cs.allow-unsigned-executable-memory": True,
    }
    assert b"<!--" not in content  # the system's reader of entitlements refuses them


def test_the_icon_has_all_sizes_and_the_margin_of_a_macs_icons() -> None:
    with Image.open(FOLDER / "mnist-desktop.icns") as icon:
        sizes = {(width * scale, height * scale) for width, height, scale in icon.info["sizes"]}
        assert {(side, side) for side in (32, 64, 128, 256, 512, 1024)} <= sizes
        solid = np.asarray(icon.convert("RGBA"))[:, :, 3] > 128
    assert solid.shape == (1024, 1024)
    columns = np.flatnonzero(solid.any(axis=0))
    assert abs((columns[-1] - columns[0] + 1) - 824) <= 8  # of 1,024, as Apple's template has it
