"""The Reader's stand-in for OpenBLAS computes what NumPy expects of it, and fails where it says."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

SOURCES = Path(__file__).parents[3] / "tools/standins"
COMPILER = shutil.which("cc")

pytestmark = [
    pytest.mark.skipif(COMPILER is None, reason="There is no C compiler."),
    pytest.mark.skipif(sys.platform != "linux", reason="replaces a library of NumPy's Linux wheel"),
]

# Runs in a process whose NumPy has the stand-in.
CHECKS = """
import numpy as np

rng = np.random.default_rng(0)
KINDS = {np.float32: 1e-4, np.float64: 1e-10, np.complex64: 1e-4, np.complex128: 1e-10}


def made(kind, *shape):
    real = rng.normal(size=shape)
    is_complex = np.issubdtype(kind, np.complexfloating)
    return (real + 1j * rng.normal(size=shape) if is_complex else real).astype(kind)


def product(a, b):
    return (a[:, :, None] * b[None]).sum(axis=1)


def alike(found, expected, kind):
    np.testing.assert_allclose(found, expected, atol=10 * KINDS[kind], rtol=KINDS[kind])


for kind in KINDS:
    for m, k, n in ((1, 1, 1), (3, 5, 7), (20, 31, 17)):
        a, b, x, y = made(kind, m, k), made(kind, k, n), made(kind, k), made(kind, m)
        for left in (a, np.asfortranarray(a), made(kind, k, m).T):
            for right in (b, np.asfortranarray(b), made(kind, n, k).T):
                alike(left @ right, product(left, right), kind)
        alike(a @ a.T, product(a, a.T), kind)
        alike(a.T @ a, product(a.T, a), kind)
        alike(a @ x, (a * x).sum(axis=1), kind)
        alike(y @ a, (y[:, None] * a).sum(axis=0), kind)
        alike(x[::-1] @ x, (x[::-1] * x).sum(), kind)
        alike(a[:, ::-1] @ x[::-1], (a * x).sum(axis=1), kind)
        alike(np.vdot(x, x), (x.conj() * x).sum(), kind)
    for side in (1, 3, 20):
        b, matrix = made(kind, side, 2), made(kind, side, side)
        matrix += 3 * side * np.eye(side, dtype=kind)
        alike(product(matrix, np.linalg.solve(matrix, b)), b, kind)
        alike(product(np.linalg.inv(matrix), matrix), np.eye(side), kind)
    alike(np.linalg.det(np.array([[0, 2], [3, 0]], kind)), -6, kind)
    four = made(kind, 4, 4)
    for decompose in (
        lambda: np.linalg.inv(np.zeros((2, 2), kind)),
        lambda: np.linalg.svd(four),
        lambda: np.linalg.eig(four),
        lambda: np.linalg.eigh(four),
        lambda: np.linalg.qr(four),
        lambda: np.linalg.cholesky(np.eye(3, dtype=kind)),
        lambda: np.linalg.lstsq(four, four),
    ):
        try:
            decompose()
        except np.linalg.LinAlgError:
            continue
        raise SystemExit(f"{decompose} does not fail")
print("all is well")
"""


def compiled(target: Path, source: str, *options: str) -> None:
    command = [str(COMPILER), "-shared", "-fPIC", "-Wall", "-Wextra", "-Werror", *options]
    subprocess.run([*command, "-o", target, SOURCES / source, "-lm"], check=True)


def test_numpy_computes_with_it(tmp_path: Path) -> None:
    package = Path(np.__file__).parent
    for folder in (package, package.with_name("numpy.libs")):
        shutil.copytree(
            folder, tmp_path / folder.name,
            ignore=shutil.ignore_patterns("tests", "__pycache__", "lib*fortran*", "libquadmath*"),
        )  # fmt: skip
    (library,) = (tmp_path / "numpy.libs").glob("libscipy_openblas64_*")
    library.unlink()
    compiled(library, "blas.c", "-O2", "-fopenmp-simd")
    done = subprocess.run(
        [sys.executable, "-c", CHECKS],
        env={"PYTHONPATH": str(tmp_path)}, cwd="/", capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stdout == "all is well\n", done.stderr


def test_everything_that_qt_asks_of_icu_and_kerberos_is_there(tmp_path: Path) -> None:
    import PySide6

    folder = Path(PySide6.__file__).parent / "Qt/lib"
    (icu,) = folder.glob("libicuuc.so.*")
    version = icu.suffix[1:]
    for library, source, mark, options in (
        ("libQt6Core.so.6", "icu.c", f"_{version}", [f"-DICU_VERSION={version}"]),
        ("libQt6Network.so.6", "gssapi.c", "gss", [f"-Wl,--version-script={SOURCES}/gssapi.map"]),
    ):
        made = tmp_path / f"{source}.so"
        compiled(made, source, *options)
        asked = names(folder / library, "--undefined-only", mark)
        assert asked
        assert asked <= names(made, "--defined-only", mark)


def names(library: Path, which: str, mark: str) -> set[str]:
    """Names of functions that a library asks for, or has."""
    told = subprocess.run(
        ["nm", "--dynamic", which, library], capture_output=True, text=True, check=True
    ).stdout
    found = {line.split()[-1].replace("@@", "@") for line in told.splitlines()}
    return {name for name in found if mark in name.lower()}
