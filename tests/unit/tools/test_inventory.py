"""What a packaged program holds is told, with its licences, in a form that other tools read."""

from __future__ import annotations

import json
import platform
import shutil
import sys
from importlib.metadata import PathDistribution, distribution
from pathlib import Path
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packaging.requirements import Requirement

from tests.wine import IS_WINE
from tools import inventory
from tools.inventory import licence_texts, oldest_macos, packages_of, plain, write_bill

ROOT = Path(__file__).resolve().parents[3]
MODULES = ("numpy.linalg", "PySide6/QtCore.abi3.so", "PIL._imaging", "google.protobuf.message")


def bill_of(folder: Path, *libraries: Path) -> dict[str, Any]:
    resources = [
        (path.relative_to(ROOT / "resources").as_posix(), path)
        for path in (ROOT / "resources").rglob("*")
        if path.is_file()
    ]
    output = write_bill(
        folder / "bill.json",
        "mnist-desktop",
        "1.2.3",
        packages=packages_of(MODULES),
        libraries=libraries,
        resources=resources,
    )
    return dict(json.loads(output.read_text(encoding="utf-8")))


def test_modules_lead_to_their_packages() -> None:
    found = packages_of([*MODULES, "mnist_desktop.app", "nobody_s.module"])
    assert found == ["numpy", "pillow", "protobuf", "pyside6-essentials"]


def test_the_bill_is_valid_cyclonedx(tmp_path: Path) -> None:
    libraries = [path for path in Path("/usr/lib").glob("*/lib[xz]*.so.*") if path.is_file()]
    bill = bill_of(tmp_path, *libraries[:5])
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(json.dumps(bill)) is None


def test_the_bill_names_packages_python_fonts_networks_and_digits(tmp_path: Path) -> None:
    bill = bill_of(tmp_path)
    parts = {part["name"]: part for part in bill["components"]}
    assert bill["metadata"]["component"]["version"] == "1.2.3"
    assert parts["numpy"]["purl"].startswith("pkg:pypi/numpy@2.")
    assert parts["CPython"]["version"] == ".".join(str(part) for part in sys.version_info[:3])
    assert parts["Inter"]["licenses"] == [{"expression": "OFL-1.1"}]
    networks = {part["name"] for part in parts["Bundled networks"]["components"]}
    assert "bundled.tflite" in networks
    assert len(parts["5,000 digits of MNIST"]["components"][0]["hashes"][0]["content"]) == 64


@pytest.mark.parametrize(
    ("system", "machine", "words"),
    [
        ("linux", "aarch64", "linux aarch64"),
        ("darwin", "arm64", "macos arm64"),
        ("win32", "AMD64", "windows x64"),
    ],
)
def test_the_bill_says_what_system_it_is_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, system: str, machine: str, words: str
) -> None:
    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setattr(platform, "machine", lambda: machine)
    properties = bill_of(tmp_path)["metadata"]["properties"]
    assert properties == [{"name": "mnist-desktop:platform", "value": words}]


def test_each_part_is_told_with_its_licence_or_where_that_stands(tmp_path: Path) -> None:
    for part in bill_of(tmp_path)["components"]:
        assert part.get("licenses"), part["name"]


@pytest.mark.skipif(not shutil.which("dpkg-query"), reason="only Debian knows its packages")
def test_a_library_of_the_system_is_told_by_its_debian_package(tmp_path: Path) -> None:
    library = next(Path("/usr/lib").glob("*/libz.so.1"))
    bill = bill_of(tmp_path, library)
    part = next(part for part in bill["components"] if part["name"] == "zlib1g")
    assert part["purl"].startswith("pkg:deb/debian/zlib1g@1")
    assert part["components"][0]["name"] == "libz.so.1"


def test_a_library_that_nobody_knows_is_told_by_its_hash(tmp_path: Path) -> None:
    library = tmp_path / "libof-my-own.so.9"
    library.write_bytes(b"made here")
    part = next(
        part for part in bill_of(tmp_path, library)["components"] if part["name"] == library.name
    )
    assert part["hashes"][0]["alg"] == "SHA-256"


def test_a_wheel_is_told_with_the_hash_that_pip_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    origin = {"archive_info": {"hashes": {"sha256": "ab" * 32}}}
    one = {
        "metadata": {"name": "NumPy", "version": distribution("numpy").version},
        "download_info": origin,
    }
    (tmp_path / ".wheels-1.json").write_text(json.dumps({"install": [one]}))
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    parts = {part["name"]: part for part in bill_of(tmp_path)["components"]}
    assert parts["numpy"]["hashes"] == [{"alg": "SHA-256", "content": "ab" * 32}]
    assert "hashes" not in parts["pillow"]


def needed_by(package: str, extra: str = "") -> set[str]:
    """All packages that one needs here, directly or through others."""
    found = set()
    for text in distribution(package).requires or ():
        needed = Requirement(text)
        if needed.marker is None or needed.marker.evaluate({"extra": extra}):
            found |= {plain(needed.name)} | needed_by(needed.name)
    return found


@pytest.mark.skipif(IS_WINE, reason="the program is not installed there")
def test_all_that_the_program_needs_has_a_licence_text() -> None:
    extras = ("", "parquet", "mysql", "postgresql")
    packages = sorted({one for extra in extras for one in needed_by("mnist-desktop", extra)})
    assert {"keras", "arro3-io", "pymysql", "shiboken6"} <= {*packages}
    texts = dict(licence_texts(packages))
    assert {place.split("/")[1] for place in texts} == {*packages, "python"}
    longest: dict[str, int] = {}
    for place, path in texts.items():
        package = place.split("/")[1]
        longest[package] = max(longest.get(package, 0), path.stat().st_size)
    assert min(longest.values()) > 300  # characters; no licence is shorter


def test_a_licence_that_is_not_taken_counts_for_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in the wheels of Qt for Python for Windows."""
    folder = tmp_path / "shiboken6-6.dist-info"
    commercial = folder / "licenses/LicenseRef-Qt-Commercial.txt"
    commercial.parent.mkdir(parents=True)
    commercial.write_text("Ask The Qt Company.")
    (folder / "RECORD").write_text(f"{commercial.relative_to(tmp_path).as_posix()},,\n")
    monkeypatch.setattr(inventory, "distribution", lambda _: PathDistribution(folder))
    names = {Path(place).name for place, _ in licence_texts(["shiboken6"])}
    assert names == {"LGPL-3.0.txt", "GPL-3.0.txt", "LICENSE.txt"}


def test_a_package_without_a_licence_text_ends_the_build(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inventory, "WITHOUT_TEXT", {})
    with pytest.raises(SystemExit, match=r"No licence text was found for pyside6-essentials; "):
        [*licence_texts(packages_of(MODULES))]


def test_the_oldest_macos_is_what_the_pickiest_wheel_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    class Wheel:
        def __init__(self, name: str) -> None:
            self._tags = {"one": "Tag: cp311-abi3-macosx_13_0_arm64", "two": "Tag: py3-none-any",
                          "three": "Tag: cp311-cp311-macosx_12_1_arm64"}[name]  # fmt: skip

        def read_text(self, _name: str) -> str:
            return self._tags

    monkeypatch.setattr(inventory, "distribution", Wheel)
    assert oldest_macos(["one", "two", "three"]) == "13.0"
    assert oldest_macos(["two"]) == "12.0"
