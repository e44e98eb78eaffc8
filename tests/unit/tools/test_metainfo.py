"""The AppStream metainfo that packages carry."""

from __future__ import annotations

import re
import shutil
import time
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from tools import package_linux

HEADINGS = """\
# Changelog
## [Unreleased]
## [1.1.0] - 2027-02-03
### Added
## [1.0.0] - 2027-01-02
"""


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout of what metainfo is made of."""
    for name in (f"tools/desktop/{package_linux.METAINFO}", "mnist_desktop/__init__.py"):
        (tmp_path / name).parent.mkdir(parents=True)
        shutil.copy(package_linux.ROOT / name, tmp_path / name)
    (tmp_path / "CHANGELOG.md").write_text(HEADINGS)
    monkeypatch.setattr(package_linux, "ROOT", tmp_path)
    return tmp_path


def releases() -> list[tuple[str | None, str | None, str | None]]:
    found = ET.fromstring(package_linux.metainfo()).iterfind("releases/release")  # noqa: S314
    return [(one.get("version"), one.get("date"), one.get("type")) for one in found]


def test_releases_are_the_dated_headings_of_the_changelog(root: Path) -> None:
    (root / "mnist_desktop/__init__.py").write_text('__version__ = "1.1.0"\n')
    assert releases() == [("1.1.0", "2027-02-03", None), ("1.0.0", "2027-01-02", None)]


def test_a_version_without_a_heading_is_a_development_release_of_today(root: Path) -> None:
    (root / "mnist_desktop/__init__.py").write_text('__version__ = "1.2.0"\n')
    version, date, kind = releases()[0]
    assert (version, kind) == ("1.2.0", "development")
    assert date is not None
    assert abs(time.time() - time.mktime(time.strptime(date, "%Y-%m-%d"))) < 3 * 86_400
    assert len(releases()) == 3


def test_names_the_desktop_entry_icon_and_program_that_are_installed(root: Path) -> None:
    component = ET.fromstring(package_linux.metainfo())  # noqa: S314
    entry = Path(__file__).parents[3] / "tools/desktop" / str(component.findtext("launchable"))
    keys = dict(re.findall(r"(?m)^(\w+)=(.*)$", entry.read_text("utf-8")))
    assert component.findtext("icon") == keys["Icon"]
    assert component.findtext("provides/binary") == keys["Exec"]
    assert component.findtext("name") == keys["Name"]
    categories = [one.text for one in component.iterfind("categories/category")]
    assert categories == keys["Categories"].strip(";").split(";")
