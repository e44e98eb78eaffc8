"""A run of somebody else is whole and of one piece, or it is damaged, with the reason in words."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mnist_desktop.errors import StorageError
from mnist_desktop.evaluation.confusion import confusion_matrix
from mnist_desktop.runs.run import MAX_REASON, Run
from mnist_desktop.runs.store import RunStore

Copied = Callable[..., Path]


def edit(folder: Path, name: str, change: Callable[[Any], object]) -> None:
    """Change what a JSON file of a run holds."""
    values = json.loads((folder / name).read_text(encoding="utf-8"))
    change(values)
    (folder / name).write_text(json.dumps(values), encoding="utf-8")


def the_reason(store: RunStore) -> str:
    """Why the only run is not listed."""
    assert store.runs() == []
    (damaged,) = store.damaged
    return damaged.reason


def put(*place: Any, value: Any) -> Callable[[Any], None]:
    def change(values: Any) -> None:
        for key in place[:-1]:
            values = values[key]
        values[place[-1]] = value

    return change


def zero(values: Any) -> None:
    values["confusion"] = [[0] * 10] * 10
    values["dataset"]["test"] = 0
    values["test_accuracy"] = 0.0


def uncountable(values: Any) -> None:
    values["confusion"][0][0] += 2**61
    values["dataset"]["test"] += 2**61


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (put("train_accuracy", value=10**308), "Its accuracies must be numbers from 0 to 1, not"),
        (put("test_accuracy", value=10**308), "Its accuracies must be numbers from 0 to 1"),
        (put("test_accuracy", value=0.5), "are not of the same test"),
        (put("test_accuracy", value=True), "Its accuracies must be numbers"),
        (put("test_loss", value=float("inf")), "Its losses must be numbers from 0"),
        (put("train_loss", value=-1e-3), "Its losses must be numbers from 0"),
        (put("train_loss", value=10**30), "Its losses must be numbers"),
        (put("fit_seconds", value=float("nan")), "Its seconds must be numbers from 0"),
        (put("total_seconds", value=1e300), "Its seconds must be numbers from 0"),
        (put("temperature", value=0), "its temperature is below"),
        (put("temperature", value=1e9), "Its temperatures must be numbers from 0 to 20"),
        (put("parameters", value=-1), "its parameters cannot be counted"),
        (put("stopped", value="no"), "whether it was stopped, has a star or saw its test"),
        (put("kept_epoch", value=9), "its network is of none of its epochs"),
        (put("kept_epoch", value="1"), "its network is of none of its epochs"),
        (put("base_saw_test", value=1), "whether it was stopped, has a star or saw its test"),
        (put("confusion", 3, 5, value=-7), "its confusion matrix holds what cannot be counted"),
        (put("confusion", 3, 5, value=10**6), "digits, but it was tested on 1,000"),
        (put("confusion", 3, 5, value=0.5), "not ten by ten integers"),
        (put("confusion", 3, 5, value=2**63), "not ten by ten integers"),
        (put("confusion", 3, value=[1]), "inhomogeneous"),
        (put("confusion", value=[[True] * 10] * 10), "not ten by ten integers"),
        (uncountable, "its digits cannot be counted"),
        (zero, "it has learnt from no digits, or was tested on none"),
        (put("dataset", "test", value=999), "counts 1,000 digits, but it was tested on 999"),
        (put("dataset", "name", value="m" * 3_000_000), "its digits have the unknown name"),
        (put("config", "architecture", value="x" * 3_000_000), "Architecture must be a name"),
        (put("config", "architecture", value="cnn\x1b[2J"), "Architecture must be a name"),
        (put("config", "learning_rate", value=10**400), "Learning rate must be above 0"),
        (put("config", "learning_rate", value=True), "Learning rate must be above 0"),
        (put("config", "beta_1", value="0.9"), "Beta 1 must be from 0 to below 1"),
        (put("config", "weight_decay", value="0.1"), "Weight decay must be from 0 to 0.5"),
        (put("config", "augment", value={"a": 1}), "Augmentation must be text"),
        (put("config", "augment", value="shift=99"), "shift must be a number from 0 to 14"),
        (put("config", "epochs", value="9" * 3_000_000), "Epochs must be an integer"),
        (put("versions", "numpy", value="2" * 200), "longer than they can be"),
        (put("versions", "numpy\u202e", value="2"), "no text that can be shown"),
        (put("versions", value={str(n): "1" for n in range(60)}), "longer than they can be"),
        (put("name", value=["a", "b"]), "its name, note or source are no text"),
        (put("note", value=None), "its name, note or source are no text"),
        (put("dataset", "source", value=7), "its name, note or source are no text"),
        (put("dataset", "classes", value="0123456789"), "names of its classes are no list"),
        (put("dataset", "classes", value=list("012345678")), "do not have ten different names"),
        (put("dataset", "classes", value=["a", ["b"]]), "names of its classes are no texts"),
        (put("dataset", "classes", value=[*"abcdefghi", "<b>"]), "none that can be shown"),
        (put("dataset", "classes", value=[*"abcdefghi", "x" * 3_000_000]), "is too long"),
        (put("created", value="yesterday"), "Invalid isoformat string"),
        (put("format", value=2), "written by another version of the program"),
        (lambda values: values.pop("parameters"), "does not hold what it should"),
        (lambda values: values.pop("confusion"), "it holds no confusion"),
    ],
)
def test_a_record_that_is_not_right_is_damaged_with_its_reason(
    change: Callable[[Any], object], reason: str, store: RunStore, copied: Copied
) -> None:
    edit(copied(), "run.json", change)
    found = the_reason(store)
    assert reason in found
    assert found.isprintable()
    assert len(found) <= MAX_REASON


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (put(0, "epoch", value=2), "its epochs are not numbered from 1 on"),
        (lambda epochs: epochs.append(epochs[0]), "its epochs are not numbered from 1 on"),
        (put(1, "epoch", value=10**30), "Epoch must be an integer"),
        (put(0, "loss", value=10**308), "An epoch's losses must be numbers"),
        (put(0, "accuracy", value=1.5), "An epoch's accuracies must be numbers from 0 to 1"),
        (put(0, "val_loss", value=None), "An epoch's losses must be numbers"),
        (put(0, "val_accuracy", value=-0.5), "An epoch's accuracies must be numbers"),
        (put(0, "seconds", value=float("inf")), "An epoch's seconds must be numbers"),
    ],
)
def test_epochs_that_are_not_right_damage_a_run(
    change: Callable[[Any], object], reason: str, store: RunStore, copied: Copied
) -> None:
    edit(copied(), "history.json", change)
    assert reason in the_reason(store)


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("run.json", b"", "it is no JSON text"),
        ("run.json", b"\xff\xfe", "it is no JSON text"),
        ("run.json", b"[]", "run.json holds no run"),
        ("history.json", b"{}", "history.json holds no run"),
        ("history.json", b"[" * 100_000, "it does not hold what it should"),
        ("run.json", None, "run.json: "),  # and the reason in the system's words
        ("test-scores.npz", None, "it holds no test-scores.npz"),
    ],
)
def test_a_file_that_holds_no_run_is_told(
    name: str, content: bytes | None, reason: str, store: RunStore, copied: Copied
) -> None:
    path = copied() / name
    path.unlink() if content is None else path.write_bytes(content)
    assert reason in the_reason(store)


def test_a_folder_whose_name_is_no_text_is_damaged(store: RunStore, copied: Copied) -> None:
    folder = copied()
    try:
        folder.rename(folder.with_name("broken \udcff"))
    except (OSError, UnicodeError):
        pytest.skip("this file system has no such names")
    assert the_reason(store) == "its folder's name is no text; give it another"


def test_a_source_of_any_kind_is_cut_and_escaped(store: RunStore, copied: Copied) -> None:
    source = "/data/\u202eone\n\x1b[2J" + "x" * 3_000_000
    edit(copied(), "run.json", put("dataset", "source", value=source))
    (run,) = store.runs()
    shown = run.record.dataset.source
    assert shown.startswith("/data/\\u202eone\\n\\x1b[2Jxxx")
    assert len(shown) < 6000


def test_a_run_without_a_name_is_called_as_its_folder_whatever_that_holds(
    store: RunStore, copied: Copied
) -> None:
    try:
        folder = copied("a\x1b[2J\nb")
    except OSError:
        pytest.skip("Windows has no such names")
    edit(folder, "run.json", put("name", value=""))
    (run,) = store.runs()
    assert run.record.name == "a\\x1b[2J\\nb"
    assert store.get("a\x1b[2J\nb").folder == run.folder


# Arrays


def write(folder: Path, name: str, **changes: Any) -> None:
    """Write a file of arrays anew with some changed; None takes one out."""
    with np.load(folder / name) as found:
        arrays = {key: found[key] for key in found.files} | changes
    np.savez(folder / name, **{key: one for key, one in arrays.items() if one is not None})


def one_changed(array: Any, value: float) -> Any:
    changed = array.astype(np.float64)
    changed.flat[7] = value
    return changed


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda scores, labels: (one_changed(scores, np.nan), labels), "not from 0 to 1"),
        (lambda scores, labels: (one_changed(scores, np.inf), labels), "not from 0 to 1"),
        (lambda scores, labels: (one_changed(scores, 1e30), labels), "not from 0 to 1"),
        (lambda scores, labels: (one_changed(scores, -0.5), labels), "not from 0 to 1"),
        (lambda scores, labels: (scores * 0.5, labels), "do not add up to 1"),
        (lambda scores, labels: (scores[:0], labels[:0]), "not of 1,000 digits"),
        (lambda scores, labels: (scores[:, :9], labels), "for 1,000 digits"),
        (lambda scores, labels: (scores, labels.astype(float)), "not of 1,000 digits"),
        (lambda scores, labels: (scores, labels + 10), "labels that are no digits"),
        (lambda scores, labels: (scores, np.roll(labels, 100)), "not those that the confusion"),
        (lambda scores, labels: (scores[::-1], labels), "not those that the confusion"),
        (lambda scores, labels: (scores.astype("U5"), labels), "it holds no numbers"),
        (lambda _, labels: (None, labels), "it holds no scores"),
    ],
)
def test_test_scores_that_are_not_right_are_told_in_words(
    change: Callable[[Any, Any], Any], reason: str, store: RunStore, copied: Copied
) -> None:
    folder = copied()
    (run,) = store.runs()
    scores, labels = run.test_scores()
    changed, others = change(scores, labels)
    write(folder, "test-scores.npz", scores=changed, labels=others)
    with pytest.raises(StorageError, match="is damaged") as caught:
        run.test_scores()
    assert reason in str(caught.value)


def test_scores_that_are_the_same_in_fewer_bits_are_no_damage(
    store: RunStore, copied: Copied
) -> None:
    """Two that differed in 64 bits can be read as the other digit once they are kept in 32."""
    folder = copied()
    (run,) = store.runs()
    scores, labels = run.test_scores()
    tied = scores.copy()
    tied[-3:] = 0.1
    write(folder, "test-scores.npz", scores=tied)
    found, _ = run.test_scores()
    np.testing.assert_array_equal(found, tied)
    assert (confusion_matrix(labels, found.argmax(axis=1)) != run.record.confusion).any()


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("places", "in no order"),
        ("loss", "no batch can come to"),
        ("accuracy", "no batch can come to"),
    ],
)
def test_batches_that_are_not_right_are_told(
    name: str, reason: str, store: RunStore, copied: Copied
) -> None:
    folder = copied()
    (run,) = store.runs()
    batches = run.batch_metrics()
    wrong = (
        batches.places[::-1] if name == "places" else one_changed(getattr(batches, name), np.nan)
    )
    write(folder, "batches.npz", **{name: wrong})
    with pytest.raises(StorageError, match=reason):
        run.batch_metrics()
    write(folder, "batches.npz", **{name: wrong[:3]})
    with pytest.raises(StorageError, match="columns of different lengths"):
        run.batch_metrics()


@pytest.mark.parametrize("epochs", [[0, 1], [1, 3], [2, 1], [1, 1], [1.0, 2.0], [[1, 2]]])
def test_epochs_of_validation_scores_are_epochs_of_the_run(
    epochs: list[Any], store: RunStore, copied: Copied
) -> None:
    folder = copied()
    (run,) = store.runs()
    assert run.validation_epochs() == (1, 2)
    write(folder, "validation-scores.npz", epochs=np.array(epochs))
    with pytest.raises(StorageError, match="is damaged"):
        run.validation_epochs()


def test_validation_scores_are_those_of_the_held_out_digits(
    store: RunStore, copied: Copied
) -> None:
    folder = copied()
    (run,) = store.runs()
    scores = run.validation_scores(2)
    assert scores.shape == (run.record.dataset.validation, 10)
    fewer = np.stack([scores[:-1], scores[:-1]])
    write(folder, "validation-scores.npz", scores=fewer)
    with pytest.raises(StorageError, match="shape"):
        run.validation_scores(2)
    write(folder, "validation-scores.npz", scores=np.stack([scores, one_changed(scores, -1)]))
    run.validation_scores(1)
    with pytest.raises(StorageError, match="not from 0 to 1"):
        run.validation_scores(2)


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("batches", np.zeros(3, np.float32)),
        ("batches", np.zeros((4, 2), np.float32)),
        ("running_means", np.zeros((0, 7), np.float32)),
        ("scores", np.zeros((2, 5), np.float16)),
        ("epochs", np.array([2, 1])),
        ("v0", np.array(["a"])),
        ("words", np.frombuffer(b'{"config": 7}', np.uint8)),
        ("words", np.frombuffer(b"[]", np.uint8)),
        ("words", None),
    ],
)
def test_a_state_that_is_not_right_is_told(
    name: str, wrong: Any, store: RunStore, copied: Copied
) -> None:
    folder = copied()
    (run,) = store.runs()
    assert run.state() is not None
    write(folder, "state.npz", **{name: wrong})
    with pytest.raises(StorageError, match=r"cannot be trained on: .* is damaged \("):
        run.state()


@pytest.mark.parametrize(
    "changes",
    [
        {"epochs_done": 7}, {"chunks_done": -1}, {"chunks_done": 10**30}, {"best_epoch": 9},
        {"best_epoch": 0}, {"seconds": -1}, {"seconds": 1e400}, {"history": []},
    ],
)  # fmt: skip
def test_the_words_of_a_state_are_of_one_piece(
    changes: dict[str, Any], store: RunStore, copied: Copied
) -> None:
    folder = copied()
    (run,) = store.runs()
    with np.load(folder / "state.npz") as found:
        words = json.loads(found["words"].tobytes()) | changes
    write(folder, "state.npz", words=np.frombuffer(json.dumps(words).encode(), np.uint8))
    with pytest.raises(StorageError, match="is damaged"):
        run.state()


def test_what_this_program_has_kept_is_right(saved: Run, tmp_path: Path) -> None:
    """Every file of a run that nobody has touched passes every look."""
    store = RunStore(tmp_path)
    shutil.copytree(saved.folder, tmp_path / saved.record.id)
    (run,) = store.runs()
    assert store.damaged == ()
    assert len(run.test_scores()[0]) == run.record.dataset.test
    assert len(run.batch_metrics().places)
    assert [run.validation_scores(epoch).shape[1] for epoch in run.validation_epochs()] == [10, 10]
    assert run.state() is not None
