"""The head of the AppImage, before an image of a few files that a shell script stands in for.

It is compiled here, so that what the packaged program's own size would make slow can be tried:
``pytest tests/packaged/test_appimage_runtime.py``. Some of it needs FUSE, some root.
"""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from screen import wait_for

from tools.package_appimage import missing_tools, write_appimage

APP_RUN = """\
#!/bin/sh
case "$1" in
tell) printf '%s\\n' "$APPDIR" "$APPIMAGE" "$ARGV0" "$OWD" "$2"; exit 7 ;;
leave) exec 3>&- 4>&- 5>&-; "$APPDIR/usr/bin/late" "$2" >/dev/null 2>&1 & ;;
wait) trap 'exit 5' TERM; : >"$2"; while :; do sleep 0.05; done ;;
esac
"""
# Outlives what has started it, and still finds its files.
LATE = """\
#!/bin/sh
sleep 1.2
cat "$APPDIR/usr/share/text" >"$1"
"""
HAS_FUSE = os.access("/dev/fuse", os.R_OK | os.W_OK)

pytestmark = [
    pytest.mark.skipif(bool(missing_tools()), reason="the runtime cannot be compiled here"),
    pytest.mark.timeout(60),
]
needs_fuse = pytest.mark.skipif(not HAS_FUSE, reason="nothing can be mounted here")


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small AppImage in a folder whose name is not plain."""
    root = tmp_path_factory.mktemp("root")
    for name, text in (("AppRun", APP_RUN), ("usr/bin/late", LATE), ("usr/share/text", "late")):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    for name in ("AppRun", "usr/bin/late"):
        (root / name).chmod(0o755)
    (root / "usr/share/large").write_bytes(bytes(range(256)) * 20_000)  # of several blocks
    (root / "link").symlink_to("usr/share/text")
    folder = tmp_path_factory.mktemp("downloads") / "Größe & 数"
    folder.mkdir()
    write_appimage(root, folder / "small.AppImage")
    return folder / "small.AppImage"


@pytest.fixture
def temporary() -> Iterator[Path]:
    """The folder for temporary files, which is to be empty in the end."""
    with tempfile.TemporaryDirectory(prefix="md-") as folder:
        yield Path(folder)


def run(
    words: Sequence[str | Path], temporary: Path, **environment: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        words,
        env={"PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "TMPDIR": str(temporary), **environment},
        cwd="/usr",
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )


def check_emptied(folder: Path) -> None:
    wait_for(f"an empty {folder}", lambda: not list(folder.iterdir()), 10)
    assert str(folder) not in Path("/proc/mounts").read_text("utf-8")


def test_is_marked_and_needs_no_library(image: Path) -> None:
    head = image.read_bytes()[:11]
    assert head[:4] == b"\x7fELF"
    assert head[8:] == b"AI\x02"
    told = subprocess.run(["readelf", "-d", image], capture_output=True, text=True, check=True)
    assert "There is no dynamic section" in told.stdout


@needs_fuse
@pytest.mark.parametrize("argument", ["", "two words"])
def test_mounts_and_becomes_the_program(image: Path, temporary: Path, argument: str) -> None:
    done = run([image, "tell", argument], temporary)
    assert done.returncode == 7, done.stderr
    folder, *told = done.stdout.splitlines()
    assert Path(folder).parent == temporary
    assert told == [str(image), str(image), "/usr", argument]
    check_emptied(temporary)


@needs_fuse
def test_stays_mounted_for_what_the_program_leaves(image: Path, temporary: Path) -> None:
    with tempfile.TemporaryDirectory() as elsewhere:
        written = Path(elsewhere, "written")
        assert run([image, "leave", written], temporary).returncode == 0
        assert list(temporary.iterdir())
        wait_for("what was left", lambda: written.exists() and written.read_text() == "late", 10)
    check_emptied(temporary)


@pytest.mark.parametrize("by_variable", [False, True])
def test_unpacks_runs_and_removes(image: Path, temporary: Path, by_variable: bool) -> None:
    option = [] if by_variable else ["--appimage-extract-and-run"]
    wish = {"APPIMAGE_EXTRACT_AND_RUN": "1"} if by_variable else {}
    done = run([image, *option, "tell", "a"], temporary, **wish)
    assert done.returncode == 7, done.stderr
    folder, *told = done.stdout.splitlines()
    assert Path(folder).parent == temporary
    assert told == [str(image), str(image), "/usr", "a"]
    assert not list(temporary.iterdir())


@pytest.mark.skipif(os.geteuid() != 0, reason="hides /dev/fuse from one process by a mount")
def test_unpacks_by_itself_where_nothing_can_be_mounted(image: Path, temporary: Path) -> None:
    hiding = 'test ! -e /dev/fuse || mount --bind /dev/null /dev/fuse; exec "$0" tell'
    done = run(["unshare", "--mount", "/bin/sh", "-c", hiding, image], temporary)
    assert done.returncode == 7
    assert "FUSE is missing" in done.stderr
    assert not list(temporary.iterdir())


@pytest.mark.parametrize(
    "option", [pytest.param("", marks=needs_fuse), "--appimage-extract-and-run"]
)
def test_a_signal_reaches_the_program(
    image: Path, temporary: Path, tmp_path: Path, option: str
) -> None:
    ready = tmp_path / "ready"
    process = subprocess.Popen(
        [image, *filter(None, [option]), "wait", ready],
        env={"PATH": "/usr/bin:/bin", "TMPDIR": str(temporary)},
    )
    try:
        wait_for("the program", ready.exists, 20)
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 5
    finally:
        process.kill()
    check_emptied(temporary)


def test_unpacks_for_good_what_fits_a_pattern(image: Path, tmp_path: Path) -> None:
    subprocess.run([image, "--appimage-extract"], cwd=tmp_path, check=True)
    unpacked = tmp_path / "squashfs-root"
    assert (unpacked / "AppRun").read_text() == APP_RUN
    assert stat.S_IMODE((unpacked / "AppRun").stat().st_mode) == 0o755
    assert stat.S_IMODE((unpacked / "usr/share/text").stat().st_mode) == 0o644
    assert (unpacked / "usr/share/large").read_bytes() == bytes(range(256)) * 20_000
    assert (unpacked / "link").readlink() == Path("usr/share/text")

    some = tmp_path / "some"
    some.mkdir()
    subprocess.run([image, "--appimage-extract", "usr/bin/*"], cwd=some, check=True)
    files = [path for path in some.rglob("*") if not path.is_dir()]
    assert files == [some / "squashfs-root/usr/bin/late"]


def test_says_what_is_wrong(image: Path, temporary: Path, tmp_path: Path) -> None:
    unknown = run([image, "--appimage-typo"], temporary)
    assert unknown.returncode == 127
    assert "--appimage-help" in unknown.stderr

    offset = int(run([image, "--appimage-offset"], temporary).stdout)
    content = image.read_bytes()
    assert content[offset : offset + 4] == b"hsqs"
    broken = tmp_path / "broken.AppImage"
    broken.write_bytes(content[: offset + 50])
    broken.chmod(0o755)
    done = run([broken, "--appimage-extract-and-run"], temporary)
    assert done.returncode == 127
    assert "Download it again" in done.stderr
    assert not list(temporary.iterdir())
