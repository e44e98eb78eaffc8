"""The same jobs without a window.

Each sub-command with ``--json`` prints one JSON object on standard output and nothing else there.
Errors are one sentence on standard error; the exit code is 2 for bad input and 1 for a failed job.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from mnist_desktop import __version__, edition, formats
from mnist_desktop.digits.class_names import ClassNames
from mnist_desktop.digits.dataset import Dataset
from mnist_desktop.digits.download import DatasetRequest, fetch_mnist
from mnist_desktop.digits.find_dataset import SAMPLE
from mnist_desktop.digits.picture_ways import BY_SIZE, PICTURE_WAYS
from mnist_desktop.digits.turns import TURNS, parse_turn
from mnist_desktop.errors import (
    ImageFileError,
    InvalidInputError,
    JobCancelled,
    MnistDesktopError,
    as_reported,
)
from mnist_desktop.formats import percent
from mnist_desktop.paths import AppPaths
from mnist_desktop.printable import printable
from mnist_desktop.search_command import add_search, run_search
from mnist_desktop.terminal import (
    ProgressBar,
    _print,
    say_error,
    stopped_by_ctrl_c,
    suspended_by_the_system,
    use_utf8,
)

if TYPE_CHECKING:
    from mnist_desktop.runs.record import RunRecord
    from mnist_desktop.runs.training_job import TrainingContext, TrainingRequest

JsonObject = dict[str, Any]
Command = Callable[[argparse.Namespace, AppPaths], JsonObject]
Adder = Callable[[str, str, Command], argparse.ArgumentParser]

LAYERS_HELP = (
    'layers with semicolons between them, such as "conv 16 5x5 relu; pool; flatten", @FILE, or - '
    "for the standard input"
)
# What only MNIST Desktop does, and what it is called in the Reader's refusal.
TRAINING_COMMANDS = {
    "train": "Training",
    "resume": "Resuming a training",
    "search": "Searching for settings",
}
AUGMENT_HELP = (
    "how far the digits are changed at most, such as 'shift=2 rotate=8 scale=0.08' (also shear, "
    "elastic, stroke, noise, erase), or none or standard"
)


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one sentence, where argparse prints its full usage."""

    def error(self, message: str) -> NoReturn:
        raise InvalidInputError(
            f"{message[:1].upper()}{message[1:]}; '{self.prog} --help' lists what can be given."
        )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; without a sub-command, open the window.

    Returns
    -------
    int
        The exit code.
    """
    arguments = sys.argv[1:] if arguments is None else arguments
    if not arguments:
        from mnist_desktop.app import main as open_window

        return open_window()
    if sys.platform == "win32":
        use_utf8()
    # What libraries warn of is for the window's log and not for between our sentences.
    logging.getLogger().addHandler(logging.NullHandler())
    try:
        if arguments[0] in TRAINING_COMMANDS and not edition.can_train():
            raise InvalidInputError(edition.left_out(TRAINING_COMMANDS[arguments[0]]))
        options = _make_parser().parse_args(arguments)
        paths = AppPaths.from_environment()
        paths.prepare_libraries()
        output = options.run(options, paths)
    except KeyboardInterrupt:
        say_error("Interrupted.")
        return 130  # as shells have it
    except JobCancelled as error:
        say_error(str(error) or "Stopped; nothing was kept.")
        return 1
    except MnistDesktopError as error:
        say_error(str(error))
        return error.exit_code
    except Exception as error:  # noqa: BLE001 - a bug, reported in one sentence, too
        say_error(str(as_reported(error)))
        return 1
    code = int(output.pop("exit_code", 0))
    text = output.pop("text")
    for wrong in output.pop("errors", ()):  # with a part of the job; the rest was done
        say_error(wrong)
    return _print(json.dumps(output, indent=1) if options.json else text) or code


def _make_parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog=edition.command(),
        description=(
            "Train handwritten-digit networks and read digits. "
            if edition.can_train()
            else "Read handwritten digits. "
        )
        + "Without a command, the window opens.",
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    def command(name: str, text: str, run: Command) -> argparse.ArgumentParser:
        one = commands.add_parser(name, help=text, description=text)
        one.add_argument("--json", action="store_true", help="print one JSON object")
        one.set_defaults(run=run)
        return one

    if edition.can_train():
        _add_training_commands(commands, command)

    networks = command("networks", "list the networks, or check layers of your own", _networks)
    networks.add_argument("--layers", metavar="TEXT", help=LAYERS_HELP)

    evaluate = command("evaluate", "test a network on the test digits", _evaluate)
    evaluate.add_argument("model", metavar="MODEL", help="'bundled', a run's id or a model file")
    _add_digits(evaluate)
    evaluate.add_argument(
        "--figure", type=Path, help="write the confusion matrix: .png, .svg or .pdf"
    )
    evaluate.add_argument(
        "--mislabelled", type=int, metavar="N", help="list N digits that are probably mislabelled"
    )

    _add_predict(command("predict", "read pictures of digits, or pen strokes", _predict))
    command("runs", "list the runs that were kept", _runs)

    _add_export(command("export", "write a run's network, figure or report to a file", _export))
    data = command("data", "show which digits are available, or download MNIST", _data)
    _add_digits(data)
    data.add_argument("action", nargs="?", choices=("status", "fetch"), default="status")

    demo = command("demo", "play the main job in the real window", _demo)
    demo.add_argument("--output", type=Path, default=Path("demo-output"), help="for screenshots")

    command("self-test", "check this installation from end to end", _self_test)

    # What the program runs itself, in a child; without help they are not listed.
    probe = commands.add_parser("probe-model")
    probe.add_argument("file", type=Path)
    probe.set_defaults(run=_probe_model, json=False)
    reader = commands.add_parser("read-parquet")
    reader.add_argument("file", type=Path)
    reader.add_argument("pictures", choices=PICTURE_WAYS)
    reader.set_defaults(run=_read_parquet, json=False)
    return parser


def _add_training_commands(commands: argparse._SubParsersAction[_Parser], command: Adder) -> None:
    """Add what needs TensorFlow; see `TRAINING_COMMANDS`."""
    _add_train(command("train", "train a network, test it, keep the run", _train))
    resume = command("resume", "resume a training that was interrupted", _resume)
    _add_digits(resume)
    _add_keep_best(resume)
    search = commands.add_parser("search", help="find good settings by trying many")
    add_search(search, _add_digits, _search)


def _add_digits(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--data",
        help="a file of digits (CSV, Parquet, .npz, .npy or .mat), a folder of IDX or Parquet "
        "files or of pictures by digit, or 'sample', 'my-digits', 'mnist+my-digits'",
    )
    parser.add_argument(
        "--turn", default="", help=f"how its digits are to be turned: {', '.join(TURNS)}"
    )
    parser.add_argument(
        "--pictures",
        choices=PICTURE_WAYS,
        default=BY_SIZE,
        help="how its pictures are to be taken: "
        + "; ".join(f"{way}: {words}" for way, words in PICTURE_WAYS.items()),
    )


def _add_predict(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    help_for_files = "a picture, or - for the standard input"
    add("files", metavar="FILE", nargs="*", type=Path, help=help_for_files)
    add("--strokes", type=Path, help="a file of pen strokes, one digit a line, or -")
    add("--model", default="bundled", help="'bundled', a run's id or a model file")


def _add_export(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("run_id", metavar="RUN", help="a run's id")
    formats = "keras, litert, onnx, html, png, svg, pdf, csv, report, script or notebook"
    add("--format", required=True, help=formats)
    add(
        "--figure",
        default="",
        help="what png, svg and pdf show: matrix, the confusion matrix (as usual), or network, the "
        "diagram of its layers",
    )
    output = "the file to write; a report is HTML or .pdf"
    add("--output", type=Path, required=True, help=output)
    _add_digits(parser)


def _add_train(parser: argparse.ArgumentParser) -> None:
    """Give `train` its options; what is not given comes from the architecture's recipe."""
    parser.add_argument("--architecture", required=True, help="such as dense-100 or cnn")
    parser.add_argument("--epochs", type=int, help="passes over the training digits")
    parser.add_argument("--batch-size", type=int, help="digits per weight update")
    parser.add_argument("--learning-rate", type=float, help="step size, or the largest one")
    parser.add_argument("--schedule", help="constant, linear, cosine or one-cycle learning rate")
    parser.add_argument("--optimizer", help="adam, sgd, rmsprop or adamw")
    parser.add_argument(
        "--weight-decay",
        type=float,
        help="how much of each weight, times the learning rate, an update takes away (0 to 0.5)",
    )
    parser.add_argument("--loss", help="sparse or categorical (cross-entropy)")
    parser.add_argument(
        "--label-smoothing",
        type=float,
        help="how much of each label is spread over all classes (0 to 0.5)",
    )
    parser.add_argument("--hidden-units", help="for mlp: sizes of the hidden layers, such as 50,50")
    parser.add_argument("--layers", metavar="TEXT", help=f"for custom: {LAYERS_HELP}")
    parser.add_argument("--augment", metavar="SPEC", help=AUGMENT_HELP)
    parser.add_argument("--output-activation", help="sigmoid or softmax")
    parser.add_argument("--seed", type=int, help="same seed, same numbers")
    parser.add_argument(
        "--validation-share", type=float, help="fraction of the training digits held out"
    )
    _add_digits(parser)
    parser.add_argument("--name", default="", help="what to call the run")
    _add_keep_best(parser)


def _add_keep_best(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--keep-best",
        action="store_true",
        help="keep what read the validation digits best, not what was learnt last",
    )


def _networks(options: argparse.Namespace, _paths: AppPaths) -> JsonObject:
    from mnist_desktop.layer_options import described_layers, given_layers, listed_networks

    if options.layers is None:
        return listed_networks()
    return described_layers(given_layers(options.layers))


def _train(options: argparse.Namespace, paths: AppPaths) -> JsonObject:
    from mnist_desktop.layer_options import given_layers
    from mnist_desktop.runs.store import RunStore
    from mnist_desktop.runs.training_job import NewTraining, TrainingContext
    from mnist_desktop.training.architectures import architecture
    from mnist_desktop.training.augmentation import parse_augmentation
    from mnist_desktop.training.augmentation_limits import augmentation_warning
    from mnist_desktop.training.config import CUSTOM, parse_hidden_units

    names = (
        "epochs", "batch_size", "learning_rate", "schedule", "optimizer", "weight_decay", "loss",
        "label_smoothing", "output_activation", "seed", "validation_share",
    )  # fmt: skip
    changes = {name: getattr(options, name) for name in names if getattr(options, name) is not None}
    if options.hidden_units is not None and options.architecture != "mlp":
        raise InvalidInputError(
            f"Only the architecture mlp takes --hidden-units; {options.architecture} has its own."
        )
    if options.hidden_units is not None:
        changes["hidden_units"] = parse_hidden_units(options.hidden_units)
    if options.augment is not None:
        changes["augment"] = given = parse_augmentation(options.augment)
        if warning := augmentation_warning(given):
            say_error(warning)
    config = architecture(options.architecture).recipe.changed(**changes)
    if (options.layers is not None) != (options.architecture == CUSTOM):
        raise InvalidInputError(
            "The architecture custom and --layers belong together, such as --architecture custom "
            '--layers "conv 16 5x5 relu; pool; flatten; dense 64 relu".'
        )
    if options.layers is not None:
        config = config.changed(layers=given_layers(options.layers, config.output_activation))
    paths.check_writable()
    dataset = _find_dataset(options, paths)
    context = TrainingContext(dataset, RunStore(paths.runs))
    return _train_and_report(NewTraining(config, options.name), context, options)


def _resume(options: argparse.Namespace, paths: AppPaths) -> JsonObject:
    from mnist_desktop.runs.store import RunStore
    from mnist_desktop.runs.training_job import ResumedTraining, TrainingContext
    from mnist_desktop.runs.unfinished import find_unfinished

    found = find_unfinished(paths.runs)
    if not found:
        raise InvalidInputError("No training was interrupted; there is nothing to resume.")
    dataset = _find_dataset(options, paths)
    training = next((one for one in found if one.outline() is not None), found[0])
    context = TrainingContext(dataset, RunStore(paths.runs))
    return _train_and_report(ResumedTraining(training), context, options)


def _train_and_report(
    request: TrainingRequest, context: TrainingContext, options: argparse.Namespace
) -> JsonObject:
    """Train and report the result; when the program is asked to end, it can be resumed."""
    controls, dataset = context.controls, context.dataset
    controls.keeps_best = options.keep_best
    with (
        suspended_by_the_system(controls),
        stopped_by_ctrl_c() as should_stop,
        ProgressBar() as bar,
    ):
        record = request.run(context, on_progress=bar.show, should_stop=should_stop).record
    noun = record.dataset.classes.noun
    return {
        "run": record.id,
        "test_accuracy": record.test_accuracy,
        "test_loss": record.test_loss,
        "train_accuracy": record.train_accuracy,
        "train_loss": record.train_loss,
        "seconds": {"fit": record.fit_seconds, "total": record.total_seconds},
        "epochs": len(record.history),
        "stopped": record.stopped,
        "confusion_matrix": record.confusion.tolist(),
        "parameters": record.parameters,
        "dataset": record.dataset.name,
        "note": record.note,
        "text": (
            f"{record.name}: {percent(record.test_accuracy)} of "
            f"{formats.count(record.dataset.test, f'test {noun}')} read correctly "
            f"(loss {record.test_loss:.4f}; of a sample of the training {noun}s "
            f"{percent(record.train_accuracy)}), "
            f"{record.fit_seconds:.1f} s on {dataset.title}.\n"
            f"Kept as {printable(record.id)}"
        ),
    }


def _evaluate(options: argparse.Namespace, paths: AppPaths) -> JsonObject:
    from dataclasses import asdict

    from mnist_desktop.digits.splits import make_split
    from mnist_desktop.evaluation.figures.confusion import confusion_figure
    from mnist_desktop.evaluation.readings import Readings
    from mnist_desktop.exports.figures import write_figure
    from mnist_desktop.label_report import describe_disputed, list_mislabelled
    from mnist_desktop.runs.model_ref import find_model
    from mnist_desktop.runs.open_model import open_model
    from mnist_desktop.runs.reading_job import SplitReadings
    from mnist_desktop.runs.record import caveat
    from mnist_desktop.runs.store import RunStore

    if options.mislabelled is not None and options.mislabelled < 1:
        raise InvalidInputError(
            f"The number of digits to list must be at least 1, not {options.mislabelled}."
        )
    store = RunStore(paths.runs)
    model = find_model(options.model)
    predictor = open_model(model, store)
    dataset = _find_dataset(options, paths)
    caution = caveat(store.get(model.run_id).record if model.run_id else None, dataset.name)
    note = " ".join(filter(None, [caution, predictor.full_note]))
    readings = Readings(dataset.test.labels, predictor.scores(dataset.test.images))
    read = SplitReadings(model, make_split(dataset, "test", 0), readings)
    result, classes = read.evaluation, dataset.classes
    without_disputed, disputed_lines = describe_disputed(read)
    mislabelled, mislabelled_lines = list_mislabelled(read, dataset, store, options.mislabelled)
    wide = max(len(classes.kind), *map(len, classes.names))
    side = ">" if classes.are_digits else "<"
    if options.figure is not None:
        figure = confusion_figure(result.confusion, title=options.model, classes=classes)
        write_figure(figure, options.figure)
    lines = [
        f"{percent(result.accuracy)} of "
        f"{formats.count(len(dataset.test), f'test {classes.noun}')} of "
        f"{dataset.title} read correctly "
        f"(loss {result.loss:.4f})",
        *disputed_lines,
        *([note] if note else []),
        f"{classes.kind:{wide}}  precision   recall       F1  {classes.noun}s",
        *(
            f"{classes.of(one.digit):{side}{wide}}  {percent(one.precision):>9} "
            f"{percent(one.recall):>8} {percent(one.f1):>8} {one.support:7,}"
            for one in result.per_class
        ),
        *mislabelled_lines,
    ]
    return {
        "test_accuracy": result.accuracy,
        "test_loss": result.loss,
        "confusion_matrix": result.confusion.tolist(),
        "per_class": [{**asdict(one), **_name(classes, one.digit)} for one in result.per_class],
        "dataset": dataset.name,
        "note": note,
        **without_disputed,
        **mislabelled,
        "text": "\n".join(lines),
    }


def _name(classes: ClassNames, label: int | None) -> JsonObject:
    """What JSON says of a label in addition: the name of a class that is no digit."""
    return {} if classes.are_digits or label is None else {"name": classes.of(label)}


def _predict(options: argparse.Namespace, paths: AppPaths) -> JsonObject:
    from mnist_desktop.predict_files import read_pictures, read_strokes
    from mnist_desktop.runs.model_ref import find_model
    from mnist_desktop.runs.open_model import open_model
    from mnist_desktop.runs.store import RunStore

    if bool(options.files) == (options.strokes is not None):
        raise InvalidInputError("Give pictures to read, or one file with --strokes.")
    predictor = open_model(find_model(options.model), RunStore(paths.runs))
    errors: list[str] = []
    notes = [predictor.full_note] if predictor.note else []
    with ProgressBar() as bar:
        if options.strokes is not None:
            read = read_strokes(predictor, options.strokes, bar, errors)
        else:
            read = read_pictures(predictor, options.files, bar, errors, notes)
    if errors and not read:
        *others, last = errors
        for text in others:
            say_error(text)
        raise ImageFileError(last)
    predictions, lines = [], []
    for place, found in read:
        predictions.append(
            {
                **place,
                "label": found.label,
                **_name(found.classes, found.label),
                "accepted": found.accepted,
                "probabilities": list(found.probabilities),
            }
        )
        best = percent(max(found.probabilities), 1)
        name = ", ".join(str(value) for value in place.values())
        lines.append(f"{name}: {found.text}  {best}  {found.reason}".rstrip())
    return {
        "predictions": predictions,
        "notes": notes,
        "text": "\n".join([*lines, *notes]),
        "errors": errors,
        "exit_code": ImageFileError.exit_code if errors else 0,
    }


def _search(options: argparse.Namespace, paths: AppPaths) -> JsonObject:
    return run_search(options, paths, lambda: _find_dataset(options, paths))


def _runs(_options: argparse.Namespace, paths: AppPaths) -> JsonObject:
    from mnist_desktop.runs.store import RunStore

    records = [run.record for run in RunStore(paths.runs).runs()]
    return {
        "runs": [
            {
                "run": record.id,
                "name": record.name,
                "created": record.created,
                "architecture": record.config.architecture,
                "layers": record.config.layers,
                "epochs": len(record.history),
                "stopped": record.stopped,
                "parameters": record.parameters,
                "test_accuracy": record.test_accuracy,
                "test_loss": record.test_loss,
                "train_accuracy": record.train_accuracy,
                "seconds": {"fit": record.fit_seconds, "total": record.total_seconds},
                "dataset": record.dataset.name,
                "caveat": record.caveat,
            }
            for record in records
        ],
        "text": _listed(records) or _no_runs(),
    }


def _no_runs() -> str:
    if not edition.can_train():
        return f"There is no run here; {edition.FULL}, the full program, makes them."
    return "No run has been kept yet; 'mnist-desktop train --architecture dense-100' makes one."


def _listed(records: Sequence[RunRecord]) -> str:
    """Write a line for each run, with an asterisk where its test digits were not unseen."""
    lines = [
        f"{printable(one.id):40} {one.test_accuracy:8.2%}{'*' if one.caveat else ' '} {one.name}"
        for one in records
    ]
    return "\n".join([*lines, *sorted({f"* {one.caveat}" for one in records if one.caveat})])


def _export(options: argparse.Namespace, paths: AppPaths) -> JsonObject:
    from mnist_desktop.exports.export import export_run
    from mnist_desktop.runs.store import RunStore

    run = RunStore(paths.runs).get(options.run_id)
    dataset = None
    if options.format == "report":  # it shows digits; without the run's own it says so
        own = SAMPLE if run.record.dataset.name == SAMPLE else None
        dataset = _digits_at_hand(options, paths, own)
    output = export_run(run, options.format, options.output, dataset=dataset, figure=options.figure)
    return {"output": str(output), "text": f"Written to {output}"}


def _data(options: argparse.Namespace, paths: AppPaths) -> JsonObject:
    if options.action == "fetch" and not edition.can_train():
        raise InvalidInputError(edition.left_out("Downloading MNIST"))
    if options.action == "fetch":
        paths.check_writable()
        with stopped_by_ctrl_c() as should_stop, ProgressBar() as bar:
            dataset = fetch_mnist(
                DatasetRequest(paths.digits), on_progress=bar.show, should_stop=should_stop
            )
    else:
        dataset = _find_dataset(options, paths, download=False)
    return {
        "source": dataset.source,
        "dataset": dataset.name,
        "train": len(dataset.train),
        "test": len(dataset.test),
        "verified": dataset.verified,
        **({} if dataset.classes.are_digits else {"classes": dataset.classes.names}),
        "note": dataset.note,
        "turn": "+".join(dataset.offer),
        "text": f"{dataset.title} ({printable(dataset.source)})"
        + (", verified by content" if dataset.verified else ""),
    }


def _demo(options: argparse.Namespace, paths: AppPaths) -> JsonObject:
    from mnist_desktop.app import start_logging
    from mnist_desktop.demo import play_demo

    paths.check_writable()
    start_logging(paths)
    return play_demo(options.output, paths)


def _probe_model(options: argparse.Namespace, _paths: AppPaths) -> JsonObject:
    from mnist_desktop.foreign.litert_probe import probe

    use_utf8()  # as whoever started it reads it
    probe(options.file)
    return {"text": "It reads digits."}


def _read_parquet(options: argparse.Namespace, _paths: AppPaths) -> JsonObject:
    from mnist_desktop.digits.parquet_columns import read_for_parent

    read_for_parent(options.file, options.pictures)
    return {"text": ""}


def _self_test(_options: argparse.Namespace, paths: AppPaths) -> JsonObject:
    from mnist_desktop.self_test import run_self_test

    return run_self_test(paths)


def _find_dataset(
    options: argparse.Namespace,
    paths: AppPaths,
    *,
    otherwise: str | None = None,
    download: bool = True,
) -> Dataset:
    """Bring the digits that were chosen, or others, and say what is odd about them."""
    from mnist_desktop.runs.dataset_job import bring_digits

    request = DatasetRequest(
        paths.digits,
        options.data or otherwise,
        download,
        turn=parse_turn(options.turn),
        my_digits=paths.my_digits,
        pictures=options.pictures,
    )
    with stopped_by_ctrl_c() as should_stop, ProgressBar() as bar:
        dataset = bring_digits(request, on_progress=bar.show, should_stop=should_stop)
    if dataset.name == "custom" and dataset.note:
        say_error(dataset.note)
    if dataset.offer:
        say_error(f"To use them that way, give --turn {'+'.join(dataset.offer)} as well.")
    return dataset


def _digits_at_hand(
    options: argparse.Namespace, paths: AppPaths, otherwise: str | None
) -> Dataset | None:
    """Find digits without a download; none is no error unless they were asked for by name."""
    try:
        return _find_dataset(options, paths, otherwise=otherwise, download=False)
    except MnistDesktopError:
        if options.data or otherwise:
            raise
        return None
