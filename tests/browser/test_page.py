"""The exported web page in a real browser: it draws, sees and reads as this program does."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Callable, Iterator, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from chromium import Chromium, Page, Point
from numpy.typing import NDArray
from PIL import Image

from mnist_desktop.digits.dataset import Dataset, as_network_input
from mnist_desktop.digits.ink import Ink, render
from mnist_desktop.digits.stroke_file import read_drawings
from mnist_desktop.exports.check import EXACT, check_digits, keras_scores
from mnist_desktop.exports.export import export_run
from mnist_desktop.exports.web_page import write_web_page
from mnist_desktop.inference.predictor import Prediction, Predictor
from mnist_desktop.networks.steps import Step, network_steps
from mnist_desktop.runs.run import Run
from mnist_desktop.training.architectures import ARCHITECTURES, plan_of
from tools.bundled.glyphs import as_strokes, thinned

# A file of real pen strokes, if one is at hand; digits of the sample are traced otherwise.
STROKES = os.environ.get("MNIST_DESKTOP_STROKES")
DRAWINGS = 200
ONE_DOT = 4  # grey levels: a pixel is made of 64 dots
READ = """
(images => {
  const network = JSON.parse(document.getElementById("network").textContent);
  const steps = network.steps.map(s => ({ ...s, weights: s.weights.map(decode) }));
  return images.map(image => Array.from(run(steps, Float32Array.from(image))));
})
"""
RENDER = """
(drawings => {
  const { ink } = JSON.parse(document.getElementById("network").textContent);
  return drawings.map(strokes => Array.from(render(strokes, ink)));
})
"""
Open = Callable[..., Page]
Images = NDArray[np.uint8]


@pytest.fixture(scope="session")
def page_file(kept: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of a trained network, in a folder with a name that must be quoted in addresses."""
    folder = tmp_path_factory.mktemp("exported") / "für Großmutter, #1"
    folder.mkdir()
    return export_run(kept, "html", folder / "pad 100 %.html")


@pytest.fixture
def open_page(browser: Chromium) -> Iterator[Open]:
    """Open pages, and see at the end that none of them had anything to complain about."""
    pages: list[Page] = []

    def open_one(path: Path, **values: Any) -> Page:
        pages.append(browser.open(path, **values))
        return pages[-1]

    yield open_one
    for page in pages:
        assert complaints(page) == []
        asked = page.told("Network.requestWillBeSent")
        assert {one["request"]["url"] for one in asked} <= {page.url, "data:,"}
        page.close()


@pytest.fixture
def page(open_page: Open, page_file: Path) -> Page:
    """The page of a trained network."""
    return open_page(page_file)


@pytest.fixture(scope="session")
def drawings(sample: Dataset) -> list[Ink]:
    """Two hundred drawn digits."""
    if STROKES:
        found = [drawing.ink for drawing in read_drawings(Path(STROKES))]
        inks = found[:: len(found) // DRAWINGS][:DRAWINGS]
        return [Ink(tuple(stroke / np.float32(500) for stroke in ink.strokes)) for ink in inks]
    images = sample.test.images[:: len(sample.test) // DRAWINGS]
    larger = [np.kron(image > 100, np.ones((2, 2), bool)) for image in images]
    traced = [as_strokes(thinned(image)) for image in larger]
    return [Ink(tuple(stroke / np.float32(56) for stroke in ink.strokes)) for ink in traced]


def complaints(page: Page) -> list[Any]:
    """Errors and warnings of the console, and what the page's own rules have refused."""
    console = [one for one in page.told("Runtime.consoleAPICalled") if one["type"] != "log"]
    refused = [
        one
        for one in page.told("Audits.issueAdded")
        if one["issue"]["code"] == "ContentSecurityPolicyIssue"
    ]
    return [*page.told("Runtime.exceptionThrown"), *page.told("Log.entryAdded"), *console, *refused]


def scores_in(page: Page, images: Images) -> NDArray[np.float64]:
    """What the page's network gives for images."""
    pixels = as_network_input(images, (784,)).tolist()
    return np.array(page.evaluate(f"{READ}({json.dumps(pixels)})"))


def canvas(page: Page, element: str) -> Images:
    """What is painted on a canvas: red, green, blue and opacity of its own pixels."""
    address = page.evaluate(f"document.getElementById({element!r}).toDataURL()")
    with Image.open(BytesIO(base64.b64decode(address.partition(",")[2]))) as picture:
        return np.asarray(picture.convert("RGBA"))


def seen(page: Page) -> Images:
    """The image that the page shows as seen by the network, shape (28, 28)."""
    return canvas(page, "seen")[..., 0]


def on_screen(page: Page, ink: Ink) -> list[list[Point]]:
    """Where on the screen to draw ink that is in shares of the pad, in whole pixels."""
    left, top, side, _ = page.place_of("pad")
    return [
        [(round(left + x * side), round(top + y * side)) for x, y in stroke.tolist()]
        for stroke in ink.strokes
    ]


def drawn_ink(page: Page, strokes: Sequence[Sequence[Point]]) -> Ink:
    """The ink that such a drawing leaves, in shares of the pad."""
    left, top, side, _ = page.place_of("pad")
    return Ink.from_points(
        [[((x - left) / side, (y - top) / side) for x, y in stroke] for stroke in strokes]
    )


def predicted(kept: Run, image: Images) -> Prediction:
    """What this program reads with the run's network alone, if the image is drawn."""
    predictor = Predictor(kept.checked_litert_file(), temperature=kept.record.temperature)
    return predictor.read(image, Ink())


SEVEN = Ink.from_points([[[0.28, 0.2], [0.5, 0.2], [0.72, 0.2], [0.58, 0.5], [0.44, 0.88]]])


@pytest.mark.parametrize("name", list(ARCHITECTURES))
def test_the_page_computes_what_keras_does_for_every_architecture(
    name: str, open_page: Open, tmp_path: Path
) -> None:
    model, images = fresh_network(name), check_digits()
    write_web_page(steps_of(model, name), name, "Fresh weights", tmp_path / "page.html")
    found = scores_in(open_page(tmp_path / "page.html"), images)
    expected = model.predict(as_network_input(images, model.input_shape[1:]), verbose=0)
    assert found.shape == (100, 10)
    np.testing.assert_allclose(found, expected, atol=EXACT)


def test_the_page_of_a_trained_run_computes_what_keras_does(page: Page, kept: Run) -> None:
    images = check_digits()
    expected = keras_scores(kept.folder / "model.keras", images)
    np.testing.assert_allclose(scores_in(page, images), expected, atol=EXACT)


def test_the_page_sees_drawings_as_this_program_does(page: Page, drawings: list[Ink]) -> None:
    strokes = [[stroke.tolist() for stroke in ink.strokes] for ink in drawings]
    found = np.array(page.evaluate(f"{RENDER}({json.dumps(strokes)})")).reshape(-1, 28, 28)
    expected = np.array([render(ink) for ink in drawings]).astype(int)
    difference = np.abs(found - expected)
    assert len(difference) >= DRAWINGS
    assert difference.max() <= ONE_DOT
    assert difference.mean() < 0.01


def test_specks_dots_and_jumps_are_seen_alike_too(page: Page) -> None:
    rng = np.random.default_rng(5)
    speck = [[0.95, 0.95], [0.951, 0.95]]
    cases = [
        [[[0.5, 0.5]]],
        [[[0.1, 0.1], [0.1, 0.1]]],
        [[[0.3, 0.1], [0.3, 0.9]], speck],
        [[[0.3, 0.1], [0.3, 0.9]], [[0.33, 0.5]]],
        [[[0, 0], [1, 0]]],
        *([rng.random((5, 2)).tolist() for _ in range(count)] for count in range(1, 6)),
    ]
    found = np.array(page.evaluate(f"{RENDER}({json.dumps(cases)})")).reshape(-1, 28, 28)
    as_float32 = [[np.float32(stroke).tolist() for stroke in case] for case in cases]
    expected = np.array([render(Ink.from_points(case)) for case in as_float32]).astype(int)
    assert np.abs(found - expected).max() <= 2 * ONE_DOT  # these positions are no float32


def test_what_is_drawn_with_the_mouse_is_read_as_in_this_program(
    page: Page, kept: Run, drawings: list[Ink]
) -> None:
    for ink in drawings[:: len(drawings) // 8]:
        strokes = on_screen(page, ink)
        for stroke in strokes:
            page.drag(stroke)
        page.next_frame()
        image = render(drawn_ink(page, strokes))
        assert np.abs(seen(page).astype(int) - image).max() <= ONE_DOT
        expected = predicted(kept, image)
        assert page.text("digit") == expected.text
        best = max(expected.probabilities)
        shown = page.evaluate("document.querySelector('#bars .best').lastChild.textContent")
        assert float(shown.removesuffix("%")) == pytest.approx(100 * best, abs=0.2)
        page.click("clear")


def test_a_finger_draws_too(page: Page, kept: Run) -> None:
    page.ask("Emulation.setTouchEmulationEnabled", enabled=True)
    strokes = on_screen(page, SEVEN)
    page.touch(strokes[0])
    page.next_frame()
    image = render(drawn_ink(page, strokes))
    assert np.abs(seen(page).astype(int) - image).max() <= ONE_DOT
    assert page.text("digit") == predicted(kept, image).text


def test_the_arrow_keys_draw_too(page: Page) -> None:
    page.evaluate("document.getElementById('pad').focus()")
    page.press(" ", " ")
    for _ in range(6):
        page.press("ArrowDown")
    page.press(" ", " ")
    expected = render(Ink.from_points([[[0.5, 0.5 + step / 20] for step in range(7)]]))
    assert np.abs(seen(page).astype(int) - expected).max() <= ONE_DOT
    assert page.text("spoken")


def test_an_empty_pad_gets_no_digit_and_undo_brings_back_what_was_cleared(page: Page) -> None:
    assert page.text("digit") == "–"
    assert not seen(page).any()
    (stroke,) = on_screen(page, SEVEN)
    page.drag(stroke)
    page.next_frame()
    before = seen(page)
    assert page.text("digit") == "7"
    page.drag([(x, y) for y, x in stroke])
    page.next_frame()
    assert (seen(page) != before).any()
    page.click("undo")
    np.testing.assert_array_equal(seen(page), before)
    page.click("clear")
    assert page.text("digit") == "–"
    assert not seen(page).any()
    page.press("z", modifiers=2)
    np.testing.assert_array_equal(seen(page), before)
    page.press("Escape")
    assert page.text("digit") == "–"


def test_a_page_that_is_not_sure_says_so(open_page: Open, tmp_path: Path) -> None:
    model = fresh_network("dense-10")
    model.set_weights([weight * 0 for weight in model.get_weights()])
    write_web_page(steps_of(model, "dense-10"), "Knows nothing", "", tmp_path / "page.html")
    page = open_page(tmp_path / "page.html")
    page.drag(on_screen(page, SEVEN)[0])
    page.next_frame()
    assert page.text("digit") == "?"
    assert page.text("words") == "Not sure: 0 or 1"


def test_scores_are_softened_by_the_runs_temperature(open_page: Open, tmp_path: Path) -> None:
    model = fresh_network("dense-10")
    model.set_weights([model.get_weights()[0] * 0, np.arange(10.0)])
    write_web_page(steps_of(model, "dense-10"), "Soft", "", tmp_path / "page.html", temperature=2.0)
    page = open_page(tmp_path / "page.html")
    page.drag(on_screen(page, SEVEN)[0])
    page.next_frame()
    odds = np.exp(np.arange(10.0) / 2)  # sigmoid outputs by their odds, which are powers of e
    shown = page.evaluate("document.querySelector('#bars .best').lastChild.textContent")
    assert float(shown.removesuffix("%")) == pytest.approx(100 * odds[-1] / odds.sum(), abs=0.1)


def test_sigmoid_outputs_that_are_all_tiny_are_read_by_their_odds(
    open_page: Open, tmp_path: Path
) -> None:
    model = fresh_network("dense-10")
    model.set_weights([model.get_weights()[0] * 0, np.arange(10.0) - 60])
    write_web_page(steps_of(model, "dense-10"), "Tiny", "", tmp_path / "page.html")
    page = open_page(tmp_path / "page.html")
    page.drag(on_screen(page, SEVEN)[0])
    page.next_frame()
    odds = np.exp(np.arange(10.0))
    shown = page.evaluate("document.querySelector('#bars .best').lastChild.textContent")
    assert page.text("digit") == "9"
    assert float(shown.removesuffix("%")) == pytest.approx(100 * odds[-1] / odds.sum(), abs=0.1)


@pytest.mark.parametrize("scale", [1, 2.5])
def test_ink_is_painted_in_the_screens_own_pixels(
    scale: float, open_page: Open, page_file: Path
) -> None:
    page = open_page(page_file, scale=scale)
    page.next_frame()
    _, _, side, _ = page.place_of("pad")
    assert page.evaluate("document.getElementById('pad').width") == round(side * scale)


@pytest.mark.parametrize("width", [320, 390, 1000])
def test_nothing_sticks_out_of_a_narrow_screen(
    width: int, open_page: Open, page_file: Path
) -> None:
    page = open_page(page_file, width=width, height=800)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    left, _, side, high = page.place_of("pad")
    assert side == high >= 230
    assert left + side <= width


def test_a_dark_screen_gets_light_ink(page: Page) -> None:
    def ink() -> Images:
        pad = canvas(page, "pad")
        return pad[len(pad) // 5, len(pad) // 2, :3]

    page.drag(on_screen(page, SEVEN)[0])
    page.next_frame()
    assert ink().max() < 80
    dark = [{"name": "prefers-color-scheme", "value": "dark"}]
    page.ask("Emulation.setEmulatedMedia", features=dark)
    page.next_frame()
    assert ink().min() > 200


def test_every_control_has_a_name(page: Page) -> None:
    page.evaluate("document.querySelector('details').open = true")
    nodes = page.ask("Accessibility.getFullAXTree")["nodes"]
    roles = ("button", "application", "image", "list", "heading", "DisclosureTriangle")
    named = {
        (node["role"]["value"], node["name"]["value"])
        for node in nodes
        if not node["ignored"] and node["role"]["value"] in roles
    }
    assert {("button", "Undo"), ("button", "Clear"), ("application", "Drawing pad")} <= named
    assert all(name for _, name in named)


def test_the_page_may_not_load_anything(browser: Chromium, page_file: Path) -> None:
    """Its own rules refuse it, and this file's other tests would notice."""
    page = browser.open(page_file)
    asked = "fetch('https://example.org/').then(() => 'loaded', () => 'refused')"
    assert page.evaluate(asked) == "refused"
    assert complaints(page)
    page.close()


def steps_of(model: Any, name: str) -> list[Step]:
    return network_steps(plan_of(ARCHITECTURES[name].recipe), model.get_weights())


def fresh_network(name: str) -> Any:
    """Build a network whose weights, also of its batch normalisation, are all set to something."""
    model = ARCHITECTURES[name].build(ARCHITECTURES[name].recipe)
    rng = np.random.default_rng(3)
    weights = model.get_weights()
    small = [rng.uniform(0.01, 0.1, weight.shape) for weight in weights]
    pairs = zip(weights, small, strict=True)
    model.set_weights([np.abs(one) + more if one.ndim == 1 else one for one, more in pairs])
    return model
