"""A screen with a window manager, homes, networks and runs for journeys.

``pytest tests/journeys`` drives the source tree; where ``MNIST_DESKTOP_PACKAGED`` names the folder
of a packaged program, that one is driven instead. With ``MNIST_DESKTOP_UNDER_WINE`` it is the
Windows program, from source or packaged, with what ``make prepare-windows`` has made. What a
failed journey saw, a picture and all texts, is kept in the test's temporary folder
(``pytest --basetemp=FOLDER`` says where).
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from filelock import FileLock
from program import SAMPLE, Installed, Program, Start
from screen import Screen, managed, open_screen
from windows_program import WindowsProgram, windows_program

UNDER_WINE = bool(os.environ.get("MNIST_DESKTOP_UNDER_WINE"))
BUILT = os.environ.get("MNIST_DESKTOP_PACKAGED", "")
SOURCE = Path(__file__).resolve().parents[2]
SIZE = "2000x900"  # room for a second window beside the program's

passed_key = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """Remember whether a journey went well, for what is to be done at its end."""
    report = yield
    if call.when == "call":
        item.stash[passed_key] = report.passed  # type: ignore[attr-defined]
    return report


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give journeys under Wine more time."""
    for item in items if UNDER_WINE else ():
        limit = item.get_closest_marker("timeout")
        if limit is not None:
            item.add_marker(
                pytest.mark.timeout(WindowsProgram.slower * limit.args[0]), append=False
            )


@pytest.fixture(scope="session")
def screen() -> Iterator[Screen]:
    """A screen of this worker's own, with a window manager."""
    with open_screen(SIZE) as found, managed(found):
        yield found


@pytest.fixture(scope="session")
def installed(screen: Screen) -> Iterator[Installed]:
    """The packaged program if one is named, this source tree otherwise."""
    with tempfile.TemporaryDirectory(prefix="md-") as folder:
        session = {"XDG_RUNTIME_DIR": folder}  # a login has one, for sockets
        if UNDER_WINE:
            with windows_program(screen, BUILT, SOURCE) as found:
                yield found
        elif BUILT:
            program = Path(BUILT).resolve()
            command = [str(program / program.name)]
            yield Installed(command, command, session)
        else:
            command = [sys.executable, "-m", "mnist_desktop"]
            yield Installed(command, command, {**session, "PYTHONPATH": str(SOURCE)})


@pytest.fixture
def empty_home(tmp_path: Path) -> Path:
    """The home of somebody who has never started the program."""
    home = tmp_path / "Zuhause – дом 家 naïve"
    home.mkdir()
    return home


@pytest.fixture
def start(
    screen: Screen,
    installed: Installed,
    empty_home: Path,
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> Iterator[Start]:
    """Start the program with the sample's digits, or with what the environment says."""
    programs: list[Program] = []

    def begin(home: Path | None = None, **environment: str) -> Program:
        program = installed.kind(
            screen,
            installed.command,
            home or empty_home,
            {**installed.environment, **SAMPLE, **environment},
        )
        programs.append(program)
        program.wait_placed()
        return program

    yield begin
    try:
        if request.node.stash.get(passed_key, False):
            for program in reversed(programs):
                program.leave()
        else:
            for program in programs:
                print(program.last_words())
            screen.save(tmp_path / "screen.png")
            running = [one for one in programs if one.process.poll() is None]
            for number, program in enumerate(running):
                texts = tmp_path / f"seen-{number}.json"
                texts.write_text(json.dumps(program.see().windows, indent=1, ensure_ascii=False))
    finally:
        for program in programs:
            program.forget()


@pytest.fixture(scope="session")
def shared(
    tmp_path_factory: pytest.TempPathFactory, worker_id: str
) -> Callable[[str, Callable[[Path], None]], Path]:
    """Make a folder once for all workers of this session."""
    root = tmp_path_factory.getbasetemp()
    if worker_id != "master":
        root = root.parent

    def make(name: str, fill: Callable[[Path], None]) -> Path:
        folder = root / f"shared-{name}"
        with FileLock(f"{folder}.lock"):
            if not folder.exists():
                beside = folder.with_suffix(".new")
                beside.mkdir()
                fill(beside)
                beside.rename(folder)
        return folder

    return make


Shared = Callable[[str, Callable[[Path], None]], Path]


@pytest.fixture(scope="session")
def home_with_runs(installed: Installed, shared: Shared) -> Path:
    """A home with two finished trainings on the sample; a master copy."""

    def fill(home: Path) -> None:
        environment = {
            **installed.kind.environment_of(home),
            "PATH": os.environ["PATH"],
            **installed.environment,
        }
        for architecture, epochs in (("dense-10", 2), ("dense-100", 3)):
            words = ["train", "--architecture", architecture, "--epochs", str(epochs)]
            subprocess.run(
                [*installed.console, *words, "--data", "sample"],
                env=environment,
                cwd="/",
                check=True,
                capture_output=True,
                timeout=300,
            )

    return shared("home-with-runs", fill)


@pytest.fixture
def lived_in(home_with_runs: Path, empty_home: Path) -> Path:
    """The home of somebody who has trained two networks."""
    shutil.copytree(home_with_runs, empty_home, dirs_exist_ok=True)
    return empty_home


MAKE_NETWORKS = """
import sys
import tempfile
import keras
from keras import layers

def save(name, model):
    model.compile(loss="sparse_categorical_crossentropy", optimizer="adam")
    model.save(f"{sys.argv[1]}/{name}.keras")

keras.utils.set_random_seed(1)
save("dense", keras.Sequential([
    keras.Input((784,)), layers.Dense(32, activation="relu"),
    layers.Dense(10, activation="softmax"),
]))
save("conv-softmax", keras.Sequential([
    keras.Input((28, 28, 1)), layers.Conv2D(4, 3, activation="relu"), layers.MaxPooling2D(),
    layers.Flatten(), layers.Dense(10, activation="softmax"),
]))
pixels = keras.Input((28, 28))
x = layers.Dense(16, activation="relu")(layers.Flatten()(pixels))
save("functional", keras.Model(pixels, layers.Dense(10, activation="softmax")(x)))
save("batchnorm-dropout", keras.Sequential([
    keras.Input((28, 28, 1)), layers.Conv2D(4, 5, strides=2), layers.BatchNormalization(),
    layers.Activation("relu"), layers.Flatten(), layers.Dropout(0.3),
    layers.Dense(10, activation="softmax"),
]))
lambda_model = keras.Sequential([
    keras.Input((784,)), layers.Lambda(lambda x: x * 2), layers.Dense(10, activation="softmax"),
])
save("lambda", lambda_model)
"""


@pytest.fixture(scope="session")
def networks(shared: Shared) -> Path:
    """A folder of ``.keras`` files as Keras writes them, one of a kind."""

    def fill(folder: Path) -> None:
        environment = {"PATH": os.environ["PATH"], "KERAS_HOME": str(folder), "HOME": str(folder)}
        subprocess.run(
            [sys.executable, "-c", MAKE_NETWORKS, folder],
            env={**environment, "TF_CPP_MIN_LOG_LEVEL": "3"},
            check=True,
            capture_output=True,
            timeout=300,
        )

    return shared("networks", fill)
