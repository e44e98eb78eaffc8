"""The installer: silently into a folder with a strange name, an upgrade, and the removal."""

from __future__ import annotations

import contextlib
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from screen import Screen, wait_for
from under_wine import Windows
from wine import Wine

from mnist_desktop.edition import FULL, READER

pytestmark = pytest.mark.timeout(1800)

APPS = r"Software\Microsoft\Windows\CurrentVersion\Uninstall"
KEPT = f"{FULL}/runs/one/run.json"  # both editions have the same folder
# In JSON, as Windows' own `reg` tells other letters than Latin ones as question marks.
LOOK_UP = """
import json, sys, winreg
try:
    with winreg.OpenKey(winreg.HKEY_CURRENT_USER, sys.argv[1]) as key:
        values = [winreg.EnumValue(key, at) for at in range(winreg.QueryInfoKey(key)[1])]
except FileNotFoundError:
    values = []
print(json.dumps({name: value for name, value, _ in values}))
"""
STRANGE = r"C:\Прога мм 数字\MNIST D"
INSTALLING_S = 900
RUNNING = 2  # exit code


@pytest.fixture(scope="module")
def setup(program: Path) -> Path:
    """The installer."""
    (found,) = program.parent.glob(f"{program.name}-[0-9]*-windows-x64-setup.exe")
    return found


@pytest.fixture(scope="module")
def strange(prefix: Wine) -> Path:
    """The folder that the program is installed in, as it is called here."""
    return prefix.prefix / "drive_c" / STRANGE.removeprefix("C:\\").replace("\\", "/")


def title_of(program: Path) -> str:
    """What the program is called."""
    return READER if program.name.endswith("-reader") else FULL


def install(windows: Windows, setup: Path, *words: str) -> int:
    """Exit code of a silent installation."""
    return windows.run(setup, "/S", *words, seconds=INSTALLING_S).returncode


def entry(windows: Windows, python: Path, program: Path) -> dict[str, str | int]:
    """What Windows' list of programs knows; empty if the program is not in it."""
    done = windows.run(python, "-c", LOOK_UP, rf"{APPS}\{title_of(program)}", seconds=120)
    return dict(json.loads(done.stdout))


def shortcuts(windows: Windows, program: Path) -> list[str]:
    """Where shortcuts to the program are."""
    profile = windows.wine.profile
    found = profile.rglob(f"{title_of(program)}.lnk")
    return sorted(path.parent.name for path in found)


def files_of(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def has_window(screen: Screen, program: Path) -> bool:
    """Whether the program's window is there; xdotool fails if it finds none."""
    with contextlib.suppress(subprocess.CalledProcessError):
        return bool(screen.do("search", "--onlyvisible", "--name", f"^{title_of(program)}"))
    return False


@pytest.fixture
def running(windows: Windows, program: Path, strange: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The installed program with its window open."""
    process = windows.start(strange / f"{program.name}.exe")
    wait_for("the window", lambda: has_window(windows.screen, program), 180, pause=0.5)
    yield process
    windows.wine.stop()
    process.communicate(timeout=60)


# These follow one another, as the installations do.


def test_installs_silently_where_it_is_told_to(
    windows: Windows, setup: Path, program: Path, strange: Path, python: Path
) -> None:
    # NSIS takes all that follows /D= as the folder, and knows no quotation marks.
    assert install(windows, setup, "/DESKTOP", *f"/D={STRANGE}".split(" ")) == 0
    assert files_of(strange) == files_of(program) | {"Uninstall.exe"}
    assert shortcuts(windows, program) == ["Desktop", "Programs"]
    told = entry(windows, python, program)
    assert told["DisplayName"] == title_of(program)
    assert told["InstallLocation"] == STRANGE
    assert told["QuietUninstallString"] == rf'"{STRANGE}\Uninstall.exe" /S'
    size = sum(path.stat().st_size for path in program.rglob("*") if path.is_file())
    assert told["EstimatedSize"] == size // 1024


def test_works_from_there(windows: Windows, program: Path, strange: Path) -> None:
    console = strange / f"{program.name}-console.exe"
    done = windows.run(console, "self-test", "--json", seconds=900)
    assert json.loads(done.stdout)["ok"], done.stdout


def test_does_not_touch_a_running_program(
    windows: Windows, setup: Path, strange: Path, running: subprocess.Popen[bytes]
) -> None:
    before = files_of(strange)
    assert install(windows, setup) == RUNNING
    assert (
        windows.run(strange / "Uninstall.exe", "/S", *rf"_?={STRANGE}".split(" ")).returncode
        == RUNNING
    )
    assert files_of(strange) == before
    assert running.poll() is None


def test_upgrade_replaces_the_program_and_keeps_the_rest(
    windows: Windows, setup: Path, program: Path, strange: Path
) -> None:
    (strange / "_internal/of-an-older-version.dll").write_bytes(b"not known to the uninstaller")
    (strange / "mine.txt").write_text("a user's own")
    (strange / f"{program.name}.exe").write_bytes(b"an older one")
    kept = windows.wine.local_app_data / KEPT
    kept.parent.mkdir(parents=True)
    kept.write_text("{}")
    assert install(windows, setup) == 0
    found = files_of(strange)
    assert files_of(program) | {"Uninstall.exe", "mine.txt"} <= found
    new, installed = (folder / f"{program.name}.exe" for folder in (program, strange))
    assert installed.read_bytes() == new.read_bytes()
    assert shortcuts(windows, program) == ["Desktop", "Programs"]
    assert kept.read_text() == "{}"


def test_removal_leaves_what_is_the_users(
    windows: Windows, strange: Path, python: Path, program: Path
) -> None:
    kept = windows.wine.local_app_data / KEPT
    windows.run(strange / "Uninstall.exe", "/S")
    # It goes on as a copy of itself, or could not remove itself.
    wait_for("the removal", lambda: not (strange / "Uninstall.exe").exists(), 120)
    wait_for("its end", lambda: not entry(windows, python, program), 120)
    assert files_of(strange) == {"mine.txt", "_internal/of-an-older-version.dll"}
    assert shortcuts(windows, program) == []
    assert kept.read_text() == "{}"
