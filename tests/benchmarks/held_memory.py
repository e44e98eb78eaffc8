"""Memory that a benchmark holds at a moment; `memory` tells the highest point instead."""

from __future__ import annotations

import os
from pathlib import Path


def held_megabytes() -> float:
    """Memory of this process (Linux only)."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6
