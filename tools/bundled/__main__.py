"""Make the networks that come with the program: ``python -m tools.bundled``.

The *reader* recognises which digit a drawing is. It learns from MNIST's training digits and from
pen strokes of writers in several countries, rendered by the program's own code. Both are bent,
slanted and thickened differently in each epoch. Its scores are calibrated on held-out digits and
drawings. The *check* decides whether a drawing is a digit at all
(`tools.bundled.teach_digit_check`).

Set ``MNIST_DESKTOP_DATA`` to MNIST, and pass the strokes (UCI Pen-Based Recognition of Handwritten
Digits, as lines of the program's stroke format with a ``writer``) and the characters
(`tools.bundled.unipen`) as arguments. The networks are written to ``resources/models/``, each with
a card that gives its data, method and results. This takes about two hours on two cores; with
``--continue-reader``, which trains the reader that is there further, about one and a half.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.random import Generator

from mnist_desktop.digits.dataset import SIDE, Dataset, Digits, Images, Labels
from mnist_desktop.digits.download import DatasetRequest
from mnist_desktop.digits.find_dataset import find_dataset
from mnist_desktop.digits.labels import best_labels
from mnist_desktop.digits.stroke_file import Drawing
from mnist_desktop.evaluation import bundled_reader
from mnist_desktop.evaluation.reliability import expected_calibration_error
from mnist_desktop.inference.calibration import at_temperature, fit_temperature
from mnist_desktop.inference.path_reader import combined
from mnist_desktop.inference.predictor import Predictor
from mnist_desktop.paths import AppPaths, resource
from mnist_desktop.training.architectures import READER
from mnist_desktop.training.conversion import write_keras
from mnist_desktop.training.engine import load_keras
from mnist_desktop.training.stroke_augmentation import distort
from tools.bundled import teach_digit_check as digit_check
from tools.bundled import teach_path_reader as path_reader
from tools.bundled.eight_bits import write_eight_bits
from tools.bundled.material import (
    TEST_WRITERS,
    VALIDATION_WRITERS,
    Material,
    Phase,
    distorted_images,
    gather,
    probabilities,
    rendered,
    say,
    teach,
)
from tools.bundled.printed import pictured, printed_digits

SEED = 1
MEMBERS = 2  # networks whose logits are averaged: they seldom make the same mistake
# First a long phase on digits distorted as much as people differ, then a short one with little
# distortion.
PHASES = (
    Phase(epochs=30, amount=1.0, learning_rate=0.002),
    Phase(epochs=5, amount=0.4, learning_rate=0.0007),
)
# With ``--continue-reader``: at the first rate again, as a low one learns little of the hands of
# other countries.
FURTHER_PHASES = (
    Phase(epochs=12, amount=1.0, learning_rate=0.002),
    Phase(epochs=4, amount=0.4, learning_rate=0.0006),
)
FURTHER_SEED = 101
# What is learnt further costs a little of what was known before. Weights between those before and
# after keep most of both (M. Wortsman and others, Robust fine-tuning of zero-shot models, 2022).
# Chosen on validation digits: the largest share of the new weights, in tenths, with which the loss
# on MNIST's rises by less than 1%.
NEW_SHARE = 0.6
VARIANTS = 12  # of each drawing; each epoch uses two
STROKES_DATA = (
    "the training part of UCI Pen-Based Recognition of Handwritten Digits (E. Alpaydin, "
    "F. Alimoglu; CC BY 4.0) and sites apb, ibm, syn and val of UNIPEN train_r01_v07 "
    "(International Unipen Foundation; CC BY 4.0)"
)
VALIDATION = f"UCI's writers {sorted(VALIDATION_WRITERS)}, UNIPEN's site apa and a third of ibm's"
DATA = f"MNIST training digits (Y. LeCun, C. Cortes, C. Burges; CC BY-SA 3.0) and {STROKES_DATA}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Train the networks, write the files, and print the results."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("strokes", type=Path, help="pen strokes, one JSON object a line")
    parser.add_argument("characters", type=Path, help="UNIPEN's characters, likewise")
    parser.add_argument(
        "--keep-reader", action="store_true", help="keep the network that reads images"
    )
    parser.add_argument(
        "--continue-reader", action="store_true", help="train the one that is there further"
    )
    parser.add_argument(
        "--keep-path-reader", action="store_true", help="keep the network that reads pen paths"
    )
    options = parser.parse_args(arguments)
    paths = AppPaths.from_environment()
    paths.prepare_libraries()
    dataset = find_dataset(
        DatasetRequest(paths.digits), on_progress=lambda _: None, should_stop=lambda: False
    )
    if not dataset.verified:
        say("The bundled networks are trained on MNIST; set MNIST_DESKTOP_DATA to it.")
        return 2
    material = gather(options.strokes, options.characters, dataset)
    keras = load_keras()
    keras.utils.set_random_seed(SEED)
    models = resource("models")
    is_known = options.keep_reader or options.continue_reader
    before = keras.models.load_model(models / "bundled.keras") if is_known else None
    if options.keep_reader:
        reader = before
    else:
        first = members_of(before) if options.continue_reader else [None] * MEMBERS
        phases = FURTHER_PHASES if options.continue_reader else PHASES
        seed = FURTHER_SEED if options.continue_reader else SEED
        members = [
            teach_member(material, seed + number, phases, member)
            for number, member in enumerate(first)
        ]
        reader = averaged(members)
        if options.continue_reader:
            mix(reader, before)
        temperature = calibrate(reader, material)
        method = f"each learnt for {told(phases)}; seed {seed}"
        if options.continue_reader:
            method += f"; {NEW_SHARE} of these weights and {1 - NEW_SHARE:.1f} of the reader's "
            method += f"before ({card_of('bundled')['method']})"
        write(reader, "bundled", reader_card(reader, material, temperature, method))

    keep_test_readings(dataset)

    if not options.keep_path_reader:
        path = path_reader.teach_path_reader(material.drawings, SEED)
        write(path, "bundled-path", path_card(reader, path, material))

    def read(images: Images) -> Any:
        return probabilities(reader, images)

    check = digit_check.teach_check(material, read, SEED)
    write(check, "digit-check", check_card(check, material, read))
    return 0


def held_out(material: Material) -> dict[str, tuple[Drawing, ...]]:
    """Name the drawings that nothing was learnt from or chosen by."""
    sites = {f"UNIPEN's site {site}, held out": some for site, some in material.sites.items()}
    zeros = tuple(
        one
        for some in material.sites.values()
        for one in some
        if one.label == 0 and len(one.ink.strokes) == 2
    )
    return {
        f"UCI's writers {sorted(TEST_WRITERS)}, held out": material.test,
        **sites,
        "zeros of two strokes of these sites": zeros,
    }


def keep_test_readings(dataset: Dataset) -> None:
    """Keep how the reader's LiteRT file reads the test digits; its card takes its results."""
    test = dataset.test
    scores = Predictor(bundled_reader.litert_file()).scores(test.images)
    kept = np.round(scores * bundled_reader.STEPS).astype(np.uint16)
    np.savez_compressed(bundled_reader.scores_file(), scores=kept, labels=test.labels)
    of_file = figures(scores, test.labels)
    card = card_of("bundled")
    card |= {"test_accuracy": of_file["accuracy"], "test_loss": of_file["loss"]}
    card["results"]["MNIST test, as the program reads it"] = of_file
    write_card("bundled", card)


def members_of(reader: Any) -> list[Any]:
    """Take a reader apart into the networks whose logits it averages."""
    members = []
    for number in range(1, MEMBERS + 1):
        network = READER.build(READER.recipe)
        network.set_weights(reader.get_layer(f"member_{number}").get_weights())
        members.append(network)
    return members


def mix(reader: Any, before: Any) -> None:
    """Take back a part of what a reader's weights changed."""
    pairs = zip(before.get_weights(), reader.get_weights(), strict=True)
    reader.set_weights([old + NEW_SHARE * (new - old) for old, new in pairs])


def teach_member(material: Material, seed: int, phases: Sequence[Phase], member: Any = None) -> Any:
    """Train one of the reader's networks, or train it further, and report each epoch."""
    import keras

    keras.utils.set_random_seed(seed)
    variants = distorted_images(material.drawings, VARIANTS, seed)
    labels = np.array([one.label for one in material.drawings], np.uint8)
    say(f"{variants.shape[0]:,} drawings rendered {variants.shape[1]} times")

    def epoch(rng: Generator) -> tuple[Images, Labels]:
        """Return all of MNIST and two variants of each drawing, newly shuffled."""
        rows = np.arange(len(labels))
        drawn = [variants[rows, rng.integers(0, VARIANTS, len(labels))] for _ in range(2)]
        images = np.concatenate([material.learnt.images, *drawn])
        truth = np.concatenate([material.learnt.labels, labels, labels])
        order = rng.permutation(len(truth))
        return images[order], truth[order]

    validation = {"MNIST": material.held_out, "drawings": rendered(material.validation)}
    network = READER.build(READER.recipe) if member is None else member
    for number, phase in enumerate(phases):
        teach(network, epoch, validation, phase=phase, seed=10 * seed + number)
    return network


def averaged(members: Sequence[Any]) -> Any:
    """Join several networks into one: the softmax of their mean logits."""
    import keras
    from keras import layers

    pixels = keras.Input((SIDE, SIDE, 1), name="pixels")
    logits = []
    for number, member in enumerate(members, start=1):
        last = layers.Dense(10, name=f"logits_{number}")
        body = keras.Sequential(
            [keras.Input((SIDE, SIDE, 1)), *member.layers[:-1], last], name=f"member_{number}"
        )
        last.set_weights(member.layers[-1].get_weights())
        logits.append(body(pixels))
    scores = layers.Softmax(name="scores")(layers.Average(name="logits")(logits))
    return keras.Model(pixels, scores, name="reader")


def calibrate(reader: Any, material: Material) -> float:
    """Divide the reader's logits by the temperature that fits the validation digits best."""
    drawings = rendered(material.validation)
    images = np.concatenate([material.held_out.images, drawings.images])
    labels = np.concatenate([material.held_out.labels, drawings.labels])
    temperature = fit_temperature(probabilities(reader, images), labels)
    for number in range(1, MEMBERS + 1):
        last = reader.get_layer(f"member_{number}").get_layer(f"logits_{number}")
        last.set_weights([weights / temperature for weights in last.get_weights()])
    return temperature


def told(phases: Sequence[Phase]) -> str:
    """Say how long networks were trained on what is distorted how much."""
    return (
        f"{' and '.join(str(phase.epochs) for phase in phases)} epochs with affine, elastic and "
        f"stroke-width distortion of {' and '.join(str(one.amount) for one in phases)} times what "
        "is usual"
    )


def reader_card(reader: Any, material: Material, temperature: float, method: str) -> dict[str, Any]:
    """Describe the reader, and its results on test digits, which nothing was chosen by."""

    def accuracy(digits: Digits) -> dict[str, float]:
        return figures(probabilities(reader, digits.images), digits.labels)

    on_test = accuracy(material.dataset.test)
    return {
        "name": "Bundled reader",
        "made_by": "python -m tools.bundled",
        "data": DATA,
        "learnt": {"MNIST": len(material.learnt), "drawings": len(material.drawings)},
        "method": f"mean logits of {MEMBERS} networks, divided by {temperature:.3f}; {method}",
        "parameters": reader.count_params(),
        "test_accuracy": on_test["accuracy"],
        "test_loss": on_test["loss"],
        "results": {
            "MNIST, held-out training digits (for calibration)": accuracy(material.held_out),
            f"{VALIDATION} (for calibration)": accuracy(rendered(material.validation)),
            "MNIST test": on_test,
            **{name: accuracy(rendered(some)) for name, some in held_out(material).items()},
        },
        "limits": "Learnt on single digits. It takes everything for a digit: ask the digit check "
        "first.",
    }


def path_card(reader: Any, path: Any, material: Material) -> dict[str, Any]:
    """Describe the path reader, and the results of both networks together."""

    def together(drawings: Sequence[Drawing]) -> tuple[Any, Any, Labels]:
        digits = rendered(drawings)
        alone = path_reader.path_probabilities(path, drawings)
        return combined(probabilities(reader, digits.images), alone), alone, digits.labels

    # The writers' own drawings are all read correctly, so that no confidence would be too high. The
    # same drawings, distorted as others might have drawn them, are not.
    rng = np.random.default_rng(SEED)
    harder = [
        replace(one, ink=distort(one.ink, rng)) for one in material.validation for _ in range(4)
    ]
    scores, _, labels = together(harder)
    temperature = fit_temperature(scores, labels)

    def results(drawings: Sequence[Drawing]) -> dict[str, Any]:
        scores, alone, labels = together(drawings)
        return {
            "by the pen's way alone": figures(alone, labels),
            "by image and way": figures(at_temperature(scores, temperature), labels),
        }

    return {
        "name": "Path reader",
        "made_by": "python -m tools.bundled",
        "data": STROKES_DATA,
        "learnt": len(material.drawings),
        "method": f"{path_reader.EPOCHS} epochs on distorted drawings, some with their strokes in "
        f"another order or backwards, seed {SEED}",
        "parameters": path.count_params(),
        "temperature": temperature,
        "results": {
            f"{VALIDATION} (for calibration)": results(material.validation),
            **{name: results(some) for name, some in held_out(material).items()},
        },
        "limits": "Says nothing of pictures, which have no pen's way.",
    }


def figures(scores: Any, labels: Labels) -> dict[str, float]:
    """How many digits were evaluated, and the results."""
    return {
        "digits": len(labels),
        "accuracy": float((best_labels(scores) == labels).mean()),
        "loss": float(-np.log(scores[np.arange(len(labels)), labels] + 1e-300).mean()),
        "calibration_error": expected_calibration_error(scores, labels),
    }


def check_card(check: Any, material: Material, read: digit_check.ReadImages) -> dict[str, Any]:
    """Describe the check, its threshold, and its results on held-out drawings."""
    ways: dict[str, digit_check.ReadImages] = {
        "highest score of the reader": lambda images: read(images).max(axis=1),
        "check": lambda images: digit_check.digit_scores(check, images),
        "check times highest score": lambda images: (
            digit_check.digit_scores(check, images) * read(images).max(axis=1)
        ),
    }
    digits, others = digit_check.judged(material, "validation", SEED, read)
    test_digits, test_others = digit_check.judged(material, "test", SEED, read)
    in_pictures = {
        "drawings in pictures": pictured([one.ink for one in material.test], SEED),
        "printed": printed_digits("test", 1200, SEED),
    }

    def results(share: float, score: digit_check.ReadImages) -> dict[str, Any]:
        scored = {kind: score(images) for kind, images in others.items()}
        chosen = digit_check.at_share(share, score(digits), scored)
        away = {
            "drawings": float((score(test_digits) < chosen.threshold).mean()),
            **{
                f"digits of {site}": float((score(rendered(some).images) < chosen.threshold).mean())
                for site, some in material.sites.items()
            },
            "MNIST test": float((score(material.dataset.test.images) < chosen.threshold).mean()),
            **{
                kind: float((score(images) < chosen.threshold).mean())
                for kind, images in in_pictures.items()
            },
            **digit_check.turned_away(
                chosen.threshold, {kind: score(images) for kind, images in test_others.items()}
            ),
        }
        return {
            "threshold": chosen.threshold,
            "validation": {"digits": share, **chosen.turned_away},
            "test": away,
        }

    used = results(digit_check.TURNED_AWAY, ways["check"])
    letters = digit_check.letters_passed(
        material, "test", lambda images: ways["check"](images) >= used["threshold"]
    )
    return {
        "name": "Digit check",
        "made_by": "python -m tools.bundled",
        "data": f"{DATA} with their letters and signs; scribbles, signs, several digits and begun "
        "digits made by tools.bundled.non_digits, glyphs of the fonts that come with matplotlib, "
        "and digits of these fonts and of displays",
        "parameters": check.count_params(),
        "threshold": used["threshold"],
        "turned away": used,
        "turned away where one digit in a hundred is": {
            name: results(0.01, score) for name, score in ways.items()
        },
        "letters of the held-out sites: how many, and how many pass": letters,
        "letters and signs that many write like a digit, left out": "".join(
            sorted(digit_check.LIKE_DIGITS)
        ),
        "signs held out for testing": digit_check.SIGN_PARTS["test"],
        "limits": "Of what is no digit, only letters and signs were written by people.",
    }


def write(network: Any, name: str, card: dict[str, Any]) -> None:
    """Write a network for LiteRT with 8-bit weights, and its card; the reader also for Keras."""
    models = resource("models")
    write_eight_bits(network, models / f"{name}.tflite")
    if name == "bundled":  # which can be fine-tuned
        write_keras(network, models / f"{name}.keras")
    write_card(name, card)


def card_of(name: str) -> dict[str, Any]:
    """Read a network's card."""
    card: dict[str, Any] = json.loads(
        resource("models", f"{name}.json").read_text(encoding="utf-8")
    )
    return card


def write_card(name: str, card: dict[str, Any]) -> None:
    """Write a network's card, and print it."""
    text = json.dumps(card, indent=1, ensure_ascii=False)
    resource("models", f"{name}.json").write_text(text + "\n", encoding="utf-8")
    sys.stdout.write(text + "\n")


if __name__ == "__main__":
    sys.exit(main())
