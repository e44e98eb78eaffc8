"""Runs of somebody else, broken in thousands of ways, before the real window in fresh processes.

``MUTATIONS`` says how many (100 unless told), ``FOREIGN_SEED`` from which number on. Each has its
own number as its seed, so it can be made again. Fifty at a time lie in one store, beside one sound
run. A window is opened on it, lists them, selects each, shows it on every page, and is closed; then
another one starts with what the first one remembered.
"""

from __future__ import annotations

import copy
import io
import json
import os
import random
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mnist_desktop.runs.run import Run

MUTATIONS = int(os.environ.get("MUTATIONS", "100"))
SEED = int(os.environ.get("FOREIGN_SEED", "0"))
STORE = 50
VISITOR = Path(__file__).with_name("visit_runs.py")
ARRAYS = ("test-scores.npz", "batches.npz", "validation-scores.npz", "state.npz")
BEYOND = "@beyond@"  # stands for a number that no float holds

NUMBERS = (
    10**308, -(10**308), 10**30, 2**63, 2**31, 10**12, -1, 0, 1, 2, 0.5, 1.5, -0.0, 1e308, -1e308,
    5e-324, float("nan"), float("inf"), -float("inf"), BEYOND,
)  # fmt: skip
TEXTS = (
    "", "x", " ", "1", "\u202eabc\u2066", "\x1b[2J\x1b]0;owned\x07", "a\nb\rc", "\ud800", "\x00",
    "<img src='//host/x'>", "{{title}}", "9" * 400, "../../etc/passwd", "ä" * 300, "😀" * 90,
    "cnn", "mnist", "0001-01-01T00:00:00", "9999-12-31T23:59:59-23:59", "2026-01-01",
)  # fmt: skip
OTHERS: tuple[Any, ...] = (None, True, False, [], {}, [1], {"a": 1}, [[[[1]]]], [None] * 10)
FOLDER_NAMES = (
    b"run\x1b[2J", b"a\nb", b"\xff\xfe broken", b"\xe2\x80\xaereversed", b"-rf", b"a b  c",
    b"'quoted\" & <b>", b"x" * 240, b"%s%n{}", "ünï 数字 👩\u200d🔬".encode(), b"\x7f\x01",
)  # fmt: skip


def any_value(rng: random.Random) -> Any:
    if rng.random() < 0.02:
        return "long " * rng.choice((2_000, 200_000, 600_000))
    if rng.random() < 0.02:
        return list(range(rng.choice((300, 100_000))))
    return rng.choice(rng.choice((NUMBERS, NUMBERS, TEXTS, OTHERS)))


def places(value: Any, place: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where a JSON value holds others."""
    inner = (
        value.items() if isinstance(value, dict)
        else enumerate(value) if isinstance(value, list)
        else ()
    )  # fmt: skip
    return [place, *(one for key, held in inner for one in places(held, (*place, key)))]


def holder(whole: Any, place: tuple[Any, ...]) -> Any:
    for key in place[:-1]:
        whole = whole[key]
    return whole


def some_place(rng: random.Random, whole: Any) -> tuple[Any, ...]:
    """One of the places; a cell of the confusion matrix is not likelier than a name."""
    found = places(whole)[1:]
    short = [place for place in found if len(place) < 3]
    return rng.choice(found if rng.random() < 0.3 else short)


def replace_values(rng: random.Random, whole: Any) -> None:
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        place = some_place(rng, whole)
        holder(whole, place)[place[-1]] = any_value(rng)


def change_keys(rng: random.Random, whole: Any) -> None:
    place = some_place(rng, whole)
    held = holder(whole, place)
    if isinstance(held, list):
        held.insert(rng.randrange(len(held) + 1), copy.deepcopy(held[place[-1]]))
    elif rng.random() < 0.6:
        del held[place[-1]]
    else:
        held[rng.choice(TEXTS)] = any_value(rng)


def change_plausibly(rng: random.Random, whole: Any) -> None:
    """Another number of the same kind, such as somebody might have written to look better."""
    place = some_place(rng, whole)
    old = holder(whole, place)[place[-1]]
    if isinstance(old, float):
        holder(whole, place)[place[-1]] = rng.choice((old * 1.01, old * 0.5, 1 - old, old * 1e30))
    elif type(old) is int:
        holder(whole, place)[place[-1]] = rng.choice((old + 1, max(old - 1, 0), old * 1000))
    elif isinstance(old, str):
        holder(whole, place)[place[-1]] = rng.choice(TEXTS)


def mutate_json(rng: random.Random, path: Path) -> None:
    whole = json.loads(path.read_text(encoding="utf-8"))
    rng.choice((replace_values, replace_values, change_keys, change_plausibly))(rng, whole)
    text = json.dumps(whole).replace(f'"{BEYOND}"', "1e400")
    if rng.random() < 0.05:  # the same key twice
        text = text.replace("{", '{"epoch": 2, "name": "twice", ', 1)
    path.unlink()
    path.write_text(text, encoding="utf-8")


def mutate_matrix(rng: random.Random, path: Path) -> None:
    """A confusion matrix whose sum may even be right."""
    whole = json.loads(path.read_text(encoding="utf-8"))
    matrix = np.array(whole["confusion"])
    how = rng.randrange(6)
    if how == 0:
        matrix[:] = 0
    elif how == 1:
        matrix[rng.randrange(10)] *= -1
    elif how == 2:
        matrix[0, 0] += 5
        matrix[1, 1] -= 5
    elif how == 3:
        matrix = matrix[rng.sample(range(10), 10)]
        whole["test_accuracy"] = float(np.trace(matrix) / matrix.sum())
    elif how == 4:
        matrix[0, 0] = 2**62
        whole["dataset"]["test"] = int(matrix.sum())
    else:
        matrix[:] = 0
        matrix[3, 5] = whole["dataset"]["test"]
        whole["test_accuracy"] = 0.0
    whole["confusion"] = matrix.tolist()
    path.unlink()
    path.write_text(json.dumps(whole), encoding="utf-8")


def mutate_bytes(rng: random.Random, path: Path) -> None:
    content = bytearray(path.read_bytes())
    how = rng.randrange(5)
    if how == 0:
        del content[rng.randrange(len(content)) :]
    elif how == 1:
        for _ in range(rng.choice((1, 10, 200))):
            content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
    elif how == 2:
        content = bytearray(rng.choice((b"", b"null", b"[" * 100_000, b"\xff\xfe", b"{}", b"NaN")))
    elif how == 3:
        at = rng.randrange(len(content))
        content[at:at] = content[: rng.randrange(2000)]
    else:
        content += b"\0" * rng.choice((1, 1000))
    path.unlink()
    path.write_bytes(content)


def mutate_array(rng: random.Random, path: Path) -> None:
    with np.load(path) as found:
        arrays = {name: found[name] for name in found.files}
    name = rng.choice(sorted(arrays))
    old = arrays[name]
    flat = old.astype(np.float64) if old.dtype.kind in "iuf" and old.size < 10**6 else None
    how = rng.randrange(10)
    if how == 0:
        del arrays[name]
    elif how == 1:
        arrays[name] = old[: rng.choice((0, 1, len(old) // 2))] if old.ndim else old
    elif how == 2:
        arrays[name] = old.reshape(-1)
    elif how == 3:
        arrays[name] = old.astype(rng.choice((bool, np.complex64, "U5", np.float16, np.int8)))
    elif how == 4:
        arrays[name] = np.zeros(rng.choice(((), (0,), (1, 1, 1, 1), (0, 10), (3, 0))), old.dtype)
    elif how == 5 and flat is not None and flat.size:
        value = rng.choice((np.nan, np.inf, -np.inf, -1, 1e308, 255, 11, 0.5))
        flat.flat[rng.randrange(flat.size)] = value
        arrays[name] = flat
    elif how == 6 and flat is not None:
        arrays[name] = np.full(flat.shape, rng.choice((np.nan, 0, -1, 1e30, 0.1)))
    elif how == 7 and flat is not None:
        with np.errstate(all="ignore"):
            arrays[name] = (flat * rng.choice((2, -1, 1e300))).astype(np.float64)
    elif how == 8:
        arrays[name] = np.concatenate([old, old]) if old.ndim else old
    else:
        arrays[rng.choice(TEXTS[:4])] = np.arange(5)
    buffer = io.BytesIO()
    with np.errstate(all="ignore"):
        np.savez(buffer, **arrays)  # type: ignore[arg-type]
    path.unlink()
    path.write_bytes(buffer.getvalue())


def remove(rng: random.Random, path: Path) -> None:
    path.unlink()
    if rng.random() < 0.3:
        path.mkdir()


def mutate(number: int, run: Run, root: Path) -> str:
    """Put a broken copy of a run into a store; returns what kind it is."""
    rng = random.Random(number)
    folder = root / f"{run.record.id}-{number}"
    shutil.copytree(run.folder, folder, copy_function=os.link)
    record, history = folder / "run.json", folder / "history.json"
    array = folder / rng.choice(ARRAYS)
    anything = folder / rng.choice(sorted(one.name for one in folder.iterdir()))
    kinds: list[tuple[str, int, Callable[[random.Random, Path], None], Path]] = [
        ("run.json", 35, mutate_json, record),
        ("history.json", 15, mutate_json, history),
        ("matrix", 6, mutate_matrix, record),
        ("array", 25, mutate_array, array),
        ("bytes", 10, mutate_bytes, anything),
        ("removed", 3, remove, anything),
        ("name", 6, lambda _rng, _path: None, record),
    ]
    kind, _, change, path = rng.choices(kinds, [weight for _, weight, *_ in kinds])[0]
    change(rng, path)
    if kind == "name" or rng.random() < 0.05:
        folder.rename(root / os.fsdecode(rng.choice(FOLDER_NAMES) + str(number).encode()))
    return kind


def open_window(home: Path, *arguments: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, str(VISITOR), *arguments],
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
        timeout=600,
        env={
            **os.environ,
            "QT_QPA_PLATFORM": "offscreen",
            "MNIST_DESKTOP_DATA": "sample",
            "MNIST_DESKTOP_HOME": str(home),
        },
    )
    assert done.returncode == 0, f"it ended with {done.returncode}: {done.stderr[-4000:]}"
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    unexpected = [text for text in found["told"] if "unexpected" in text]
    assert found["faults"] == [], "\n".join(found["faults"])
    assert unexpected == []
    assert not any("did not come up" in text for text in found["told"])
    return found


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such folder names")
@pytest.mark.timeout(600 + 10 * MUTATIONS)
def test_no_run_of_somebody_else_ends_the_window_or_keeps_it_from_starting(
    kept: Run, tmp_path: Path
) -> None:
    counts: Counter[str] = Counter()
    failed = []
    for first in range(SEED, SEED + MUTATIONS, STORE):
        home = tmp_path / f"home-{first}"
        root = home / "data" / "runs"
        root.mkdir(parents=True)
        shutil.copytree(kept.folder, root / kept.record.id, copy_function=os.link)
        numbers = range(first, min(first + STORE, SEED + MUTATIONS))
        counts.update(mutate(number, kept, root) for number in numbers)
        try:
            found = open_window(home)
            assert found["listed"] + found["damaged"] == len(numbers) + 1
            again = open_window(home, "--only-start")
            assert again["listed"] == found["listed"]
            counts["listed"] += found["listed"]
            counts["damaged"] += found["damaged"]
        except (AssertionError, subprocess.TimeoutExpired) as error:
            failed.append(f"runs {first} to {numbers[-1]}: {error}")
            print(failed[-1], flush=True)
            continue
        shutil.rmtree(home)
    print(f"\n{MUTATIONS} broken runs from {SEED} on: {dict(counts)}; {len(failed)} stores failed")
    assert not failed, "\n\n".join(failed)
