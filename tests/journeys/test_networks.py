"""Networks from files: sound ones of all kinds, hostile ones, and those opened at a bad moment."""

from __future__ import annotations

import io
import pickle
import shutil
import zipfile
from pathlib import Path

import pytest
from program import ONE, Program, Start

pytestmark = pytest.mark.timeout(300)


def open_network(program: Program, path: Path) -> None:
    """Open a network by the key and the file dialog."""
    program.press("ctrl+shift+o")
    program.answer_file(path)


def wait_opened(program: Program, path: Path) -> None:
    """Wait until drawings are read with a file's network, and let it read one."""
    program.wait_says(f"Drawings are read with {path.name} now.", 120)
    program.wait_text("modelComboBox", path.name)
    program.draw(ONE)
    program.wait_read(*map(str, range(10)), "?")
    program.click("Measure it on the test digits")
    program.wait_says("Test accuracy")


@pytest.mark.parametrize("kind", ["dense", "conv-softmax", "functional", "batchnorm-dropout"])
def test_a_network_of_keras_opened(start: Start, networks: Path, kind: str) -> None:
    program = start()
    path = networks / f"{kind}.keras"
    open_network(program, path)
    wait_opened(program, path)


@pytest.mark.parametrize("name", ["model.keras", "model.tflite"])
def test_a_network_of_this_program_opened_elsewhere(
    start: Start, home_with_runs: Path, tmp_path: Path, name: str
) -> None:
    (found, *_) = home_with_runs.rglob(f"runs/*-dense-100/{name}")
    path = tmp_path / f"from Anna {name}"
    shutil.copy(found, path)
    program = start()
    open_network(program, path)
    wait_opened(program, path)
    program.wait_read("1")


class Bad:
    def __reduce__(self) -> tuple[object, ...]:
        return (print, ("This must never be run.",))


def write_hostile(kind: str, path: Path, networks: Path) -> None:
    """Write a file that would harm whoever trusts it."""
    if kind == "lambda":
        shutil.copy(networks / "lambda.keras", path)
    elif kind == "pickle":
        path.write_bytes(pickle.dumps(Bad()))
    elif kind == "bomb":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name in ("config.json", "metadata.json", "model.weights.h5"):
                with archive.open(name, "w", force_zip64=True) as file:
                    for _ in range(300):
                        file.write(bytes(1 << 20))
    elif kind == "cut":
        path.write_bytes((networks / "dense.keras").read_bytes()[:-3000])
    elif kind == "noise":
        path.write_bytes(b"\x1c\0\0\0TFL3" + bytes(range(256)) * 20)
    else:
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w") as archive:
            archive.writestr("../../../.profile", "rm -r ~")
        path.write_bytes(content.getvalue())


@pytest.mark.parametrize("kind", ["bomb", "pickle", "lambda", "cut", "noise", "way out"])
def test_a_hostile_file_is_refused_and_the_window_goes_on(
    start: Start, networks: Path, tmp_path: Path, kind: str
) -> None:
    path = tmp_path / ("trojan.tflite" if kind == "noise" else "trojan.keras")
    write_hostile(kind, path, networks)
    program = start()
    open_network(program, path)
    program.wait_says("trojan", 120)
    program.wait_until("the refusal", lambda s: s.named("errorDialog"), 120)
    assert "cannot be opened" in str(program.see().get("errorDialog"))
    program.press("Return")
    program.wait_until("the dialog to go", lambda s: s.named("errorDialog") is None)
    assert program.text("modelComboBox").startswith("Bundled reader")
    program.draw(ONE)
    program.wait_read("1")
    assert not (program.home / ".profile").exists()


def test_a_network_opened_while_another_is_being_opened(
    start: Start, networks: Path, home_with_runs: Path
) -> None:
    (light, *_) = home_with_runs.rglob("runs/*-dense-100/model.tflite")
    program = start()
    open_network(program, networks / "conv-softmax.keras")
    open_network(program, light)
    program.wait_says("Drawings are read with model.tflite now.")
    program.draw(ONE)
    program.wait_read("1")
    assert program.text("modelComboBox") == "model.tflite"
    program.pick("modelComboBox", "conv-softmax.keras")
    program.wait_says("Drawings are read with conv-softmax.keras now.")


def test_a_network_opened_while_one_is_trained(start: Start, networks: Path) -> None:
    program = start()
    program.train("One hidden layer", 400)
    program.wait_until("the training", lambda s: "Epoch" in s.get("trainingStatusLabel"), 120)
    path = networks / "batchnorm-dropout.keras"
    open_network(program, path)
    program.wait_says(f"Drawings are read with {path.name} now.", 120)
    program.draw(ONE)
    program.wait_read(*map(str, range(10)), "?")
    program.press("ctrl+period")
    program.wait_kept()


def test_a_file_that_lost_its_place_is_told(start: Start, networks: Path, tmp_path: Path) -> None:
    path = tmp_path / "borrowed.keras"
    shutil.copy(networks / "dense.keras", path)
    program = start()
    open_network(program, path)
    program.wait_says(f"Drawings are read with {path.name} now.", 120)
    program.pick("modelComboBox", program.find("modelComboBox")["items"][0])
    path.unlink()
    program.click("modelComboBox")
    program.choose_entry("borrowed.keras")
    program.find("errorDialog")
    program.press("Return")
    program.wait_until("the dialog to go", lambda s: s.named("errorDialog") is None)
    assert "borrowed.keras" not in program.find("modelComboBox")["items"]
