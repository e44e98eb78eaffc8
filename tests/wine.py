"""Whether the tests run under Wine, which takes some calls of Windows and does not obey them."""

from __future__ import annotations

import ctypes
import sys

IS_WINE = sys.platform == "win32" and hasattr(ctypes.WinDLL("ntdll"), "wine_get_version")
