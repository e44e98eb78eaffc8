"""One browser for all tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from chromium import Chromium, find_chromium, open_chromium


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    """A running browser with a fresh profile."""
    try:
        program = find_chromium()
    except LookupError as error:
        pytest.exit(str(error), returncode=1)  # no test here can do without
    with open_chromium(program, tmp_path_factory.mktemp("browser")) as running:
        yield running
