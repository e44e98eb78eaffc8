"""The report of a run says what its record says, loads nothing, and opens as HTML and as PDF."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from mnist_desktop.digits.dataset import Dataset
from mnist_desktop.digits.disputed_labels import DisputedLabel
from mnist_desktop.errors import JobCancelled, StorageError
from mnist_desktop.evaluation.figures.frame import Frame, draw_in_memory
from mnist_desktop.evaluation.metrics import per_class, wilson_interval
from mnist_desktop.exports.export import export_run
from mnist_desktop.exports.report import content
from mnist_desktop.exports.report.blocks import Illustration, Paragraph, Section
from mnist_desktop.exports.report.content import RunReport, gather_report, report_blocks
from mnist_desktop.exports.report.pdf import lay_out
from mnist_desktop.exports.web_page import write_web_page
from mnist_desktop.formats import percent
from mnist_desktop.runs.run import Run
from mnist_desktop.runs.store import RunStore
from mnist_desktop.training.architectures import plan_of
from mnist_desktop.training.augmentation import Augmentation
from mnist_desktop.training.config import SCHEDULE_WORDS
from mnist_desktop.training.progress import EpochMetrics
from tests.made_plans import long

VOID = {"meta", "link", "br", "img", "hr", "input"}
NAMESPACES = ("http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink")


class Outline(HTMLParser):
    """Checks that what is opened is closed, and collects ids, texts, tables and attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.texts: list[str] = []
        self.cells: list[str] = []
        self.headings: list[str] = []
        self.items: list[str] = []
        self.sentences: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._note(tag, attrs)
        if tag not in VOID:
            self.open.append(tag)
        if tag in ("p", "figcaption"):
            self.sentences.append("")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._note(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" in self.open:
            return
        self.texts.append(data)
        if self.open and self.open[-1] in ("td", "th"):
            self.cells.append(data)
        if self.open and self.open[-1] in ("h1", "h2", "h3"):
            self.headings.append(data)
        if self.open and self.open[-1] in ("dt", "dd", "li"):
            self.items.append(data)
        if {"p", "figcaption"} & set(self.open):
            self.sentences[-1] += data

    def _note(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        self.ids += [value or "" for name, value in attrs if name == "id"]

    @property
    def text(self) -> str:
        """All that can be read, with single spaces."""
        return " ".join("".join(self.texts).split())


def write(run: Run, dataset: Dataset | None, output: Path) -> Path:
    return export_run(run, "report", output, dataset=dataset)


def read_page(run: Run, dataset: Dataset | None, folder: Path) -> tuple[str, Outline]:
    page = write(run, dataset, folder / "report.html").read_text(encoding="utf-8")
    return page, Outline(page)


def changed(run: Run, **changes: object) -> Run:
    return Run(replace(run.record, **changes), run.folder)  # type: ignore[arg-type]


def pages_of(pdf: bytes) -> int:
    return len(re.findall(rb"/Type\s*/Page\b(?!s)", pdf))


def worst_mistakes(report: RunReport) -> object:
    sections = [one for one in report_blocks(report) if isinstance(one, Section)]
    (mistakes,) = (one for one in sections if one.name == "mistakes")
    return mistakes.blocks[0]


def written(report: RunReport) -> list[str]:
    """All that is written on the sheets of the PDF, in order, but not within its figures."""
    return [text.get_text() for sheet in lay_out(report) for text in sheet.texts]


@pytest.mark.parametrize("at_hand", [True, False])
def test_web_page_and_paper_say_the_same(
    at_hand: bool, kept: Run, sample: Dataset, tmp_path: Path
) -> None:
    dataset = sample if at_hand else None
    run = changed(kept, note="Seen twice.\nAnd shown to the class.")
    _, page = read_page(run, dataset, tmp_path)
    report = gather_report(run, dataset, on_progress=lambda _: None, should_stop=lambda: False)
    paper = written(report)
    headings = [text for text in paper if text in page.headings]
    assert [one for one in headings if one != run.record.name] == page.headings[1:]
    assert len(headings) > 10
    start = paper.index("Precision") - 1
    assert paper[start : start + len(page.cells)] == page.cells
    joined = " ".join(" ".join(paper).split())
    sentences = [" ".join(one.split()) for one in page.sentences]
    assert len(sentences) > 10
    assert [one for one in sentences if one not in joined] == []
    assert [one for one in page.items if " ".join(one.split()) not in joined] == []


def test_the_page_is_well_formed_and_its_ids_differ(
    kept: Run, sample: Dataset, tmp_path: Path
) -> None:
    page, found = read_page(kept, sample, tmp_path)
    assert page.startswith("<!doctype html>")
    assert found.open == []
    assert "{{" not in page
    assert page.count("<svg") == 5
    assert len(found.ids) == len(set(found.ids))


def test_every_reference_within_a_figure_leads_somewhere(
    kept: Run, sample: Dataset, tmp_path: Path
) -> None:
    page, found = read_page(kept, sample, tmp_path)
    wanted = {value[1:] for _, name, value in found.attributes if name.endswith("href")
              and value.startswith("#")} | set(re.findall(r"url\(#([^)]+)\)", page))  # fmt: skip
    assert wanted
    assert wanted <= set(found.ids)


def test_the_page_says_what_the_record_says(kept: Run, sample: Dataset, tmp_path: Path) -> None:
    _, found = read_page(kept, sample, tmp_path)
    record = kept.record
    low, high = wilson_interval(int(np.trace(record.confusion)), 1000)
    for words in (
        record.name,
        f"reads {record.test_accuracy * 100:.2f}% of 1,000 test digits right "
        f"(95% interval: {low * 100:.2f}% to {high * 100:.2f}%)",
        f"{record.parameters:,} parameters",
        "3,800 digits of the MNIST sample for 1 epoch.",
        f"{record.test_loss:.4f}",
        f"{record.history[-1].val_accuracy * 100:.2f}%",  # type: ignore[operator]
        "Convolutional, fast",
        SCHEDULE_WORDS[record.config.schedule],
        "5% of the training digits",
        record.id,
        f"Keras {record.versions['keras']}",
    ):
        assert words in found.text


def test_the_table_holds_each_digits_figures(kept: Run, sample: Dataset, tmp_path: Path) -> None:
    _, found = read_page(kept, sample, tmp_path)
    expected = ["Digit", "Precision", "Recall", "F1", "Digits"]
    for one in per_class(kept.record.confusion):
        shares = [f"{share * 100:.2f}%" for share in (one.precision, one.recall, one.f1)]
        expected += [str(one.digit), *shares, str(one.support)]
    assert found.cells == expected


def test_the_worst_mistakes_are_shown_in_their_order(
    kept: Run, sample: Dataset, tmp_path: Path
) -> None:
    _, found = read_page(kept, sample, tmp_path)
    shown = [text.split("→") for text in found.texts if "→" in text]
    scores, labels = kept.test_scores()
    losses = -np.log(np.maximum(scores[np.arange(1000), labels], 1e-7))
    wrong = np.flatnonzero(scores.argmax(axis=1) != labels)
    worst = wrong[np.argsort(-losses[wrong], kind="stable")][:24]
    expected = [(int(labels[place]), int(scores[place].argmax())) for place in worst]
    assert [(int(true), int(read.split()[0])) for true, read in shown] == expected
    assert f"{len(wrong):,} test digits were misread" in found.text


def test_the_training_digits_are_read_when_they_are_at_hand(kept: Run, sample: Dataset) -> None:
    told: list[object] = []
    report = gather_report(kept, sample, on_progress=told.append, should_stop=lambda: False)
    assert report.training is not None
    assert report.training.count == 3800
    assert report.training.accuracy == pytest.approx(kept.record.train_accuracy, abs=0.002)
    assert told


def test_gathering_a_report_can_be_stopped(kept: Run, sample: Dataset) -> None:
    with pytest.raises(JobCancelled):
        gather_report(kept, sample, on_progress=lambda _: None, should_stop=lambda: True)


def test_no_path_of_this_machine_is_in_a_report(kept: Run, tmp_path: Path) -> None:
    digits = replace(kept.record.dataset, name="custom", source="/home/jo/thesis/digits.npz")
    page, found = read_page(changed(kept, dataset=digits), None, tmp_path)
    assert "/home/jo" not in page
    assert "digits.npz" in found.text


def test_the_page_loads_nothing(kept: Run, sample: Dataset, tmp_path: Path) -> None:
    page, found = read_page(kept, sample, tmp_path)
    bare = page
    for namespace in NAMESPACES:
        bare = bare.replace(f'="{namespace}"', "")
    assert "://" not in bare
    assert "<script" not in page
    assert "@import" not in page
    for rule in ("default-src 'none'", "base-uri 'none'", "form-action 'none'"):
        assert rule in page
    loaded = [
        value
        for tag, name, value in found.attributes
        if name == "src" or (name.endswith("href") and not value.startswith("#"))
    ]
    assert all(value.startswith("data:image/png;base64,") for value in loaded)
    assert not [name for _, name, _ in found.attributes if name.startswith("on")]


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", r"{{summary}} $\frac$ & </h1>"])
def test_a_name_and_a_note_stay_text(text: str, kept: Run, sample: Dataset, tmp_path: Path) -> None:
    run = changed(kept, name=text, note=f"{text}\nand more")
    page, found = read_page(run, sample, tmp_path)
    assert "<script" not in page
    assert found.open == []
    assert found.text.count(text) == 3  # title, heading, note
    assert f"{text} and more" in found.text
    assert write(run, sample, tmp_path / "report.pdf").read_bytes().startswith(b"%PDF")


def test_nothing_in_a_report_turns_the_text_around(
    kept: Run, sample: Dataset, tmp_path: Path
) -> None:
    """A name of a file or a folder may hold marks that do."""
    digits = replace(kept.record.dataset, name="custom", source="/data/\u202efdp.exe\u2066")
    run = changed(kept, dataset=digits, id="run\u202e\x1b[2J", note="two\nlines \u202e")
    page, found = read_page(run, sample, tmp_path)
    assert not set(page) & set("\u202a\u202b\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\x1b")
    assert "\\u202efdp.exe\\u2066" in found.text
    assert "run\\u202e\\x1b[2J" in found.text
    assert "two\nlines" in page
    web_page = tmp_path / "page.html"
    write_web_page([], "a\u202eb", "facts\u2066", web_page)
    assert "a\\u202eb" in web_page.read_text(encoding="utf-8")
    assert "facts\\u2066" in web_page.read_text(encoding="utf-8")
    for rule in ("base-uri 'none'", "form-action 'none'"):
        assert rule in web_page.read_text(encoding="utf-8")


def test_without_its_digits_the_report_says_so(kept: Run, sample: Dataset, tmp_path: Path) -> None:
    other = Dataset(sample.test, sample.test, "custom", "elsewhere")
    for dataset in (None, other):
        page, found = read_page(kept, dataset, tmp_path)
        assert "were not available" in found.text
        assert "→" not in page
        assert page.count("<svg") == 4
        assert f"{kept.record.train_accuracy * 100:.2f}%" in found.text
        assert f"{kept.record.test_accuracy * 100:.2f}%" in found.text
        assert "overfitting" not in found.text.lower()
    assert pages_of(write(kept, None, tmp_path / "report.pdf").read_bytes()) == 4


def test_the_report_shows_the_network_and_says_in_words_what_it_shows(
    kept: Run, tmp_path: Path
) -> None:
    page, found = read_page(kept, None, tmp_path)
    assert found.headings.index("Each digit") + 1 == found.headings.index("The network")
    section = page[page.index('<section id="network">') :]
    section = section[: section.index("</section>")]
    assert ">Convolution</text>" in section
    plan = plan_of(kept.record.config)
    assert f"{max(one.parameters for one in plan.layers):,} parameters" in section
    (label,) = re.findall(r'aria-label="(The network\. [^"]*)"', page)
    assert "Convolution 5×5: 24×24×16, 400 parameters." in label
    assert f"{plan.parameters:,} parameters, {plan.cost:,} multiplications for" in label


def test_a_report_without_the_networks_file_says_so(kept: Run, tmp_path: Path) -> None:
    folder = tmp_path / kept.record.id
    shutil.copytree(kept.folder, folder)
    (folder / "model.keras").write_bytes(b"damaged")
    page, found = read_page(Run(kept.record, folder), None, tmp_path)
    assert "Its layers could not be read" in found.text
    assert page.count("<svg") == 3


def test_the_diagram_of_a_long_network_fits_on_a_sheet(kept: Run, sample: Dataset) -> None:
    found = gather_report(kept, None, on_progress=lambda _: None, should_stop=lambda: False)
    sheets = lay_out(replace(found, plan=long(60)))
    figures = [part for sheet in sheets for part in sheet.subfigs]
    draw_in_memory(sheets[1])  # which sheets' parts have their places then
    assert all(part.bbox.y0 > 0 for part in figures)


def test_a_setting_that_takes_many_words_is_legible(
    kept: Run, sample: Dataset, tmp_path: Path
) -> None:
    augment = Augmentation(2, 10, 0.1, 10, 2, 0.5, 0.1, 6)
    run = changed(kept, config=kept.record.config.changed(augment=augment))
    assert augment.words in read_page(run, sample, tmp_path)[1].text
    report = gather_report(run, None, on_progress=lambda _: None, should_stop=lambda: False)
    texts = [text for sheet in lay_out(report) for text in sheet.texts]
    said = augment.words
    lines = [one for one in texts if len(one.get_text()) > 9 and one.get_text() in said]
    assert " ".join(one.get_text() for one in lines) == said
    assert min(one.get_fontsize() for one in lines) > 7


def test_a_run_without_validation_digits(kept: Run, sample: Dataset, tmp_path: Path) -> None:
    run = changed(
        kept,
        dataset=replace(kept.record.dataset, train=4000, validation=0),
        history=(EpochMetrics(1, 0.5, 0.9, None, None, 1.0),),
    )
    _, found = read_page(run, sample, tmp_path)
    assert "4,000 digits it learnt from" in found.text
    assert "none held out" in found.text
    assert "% of the training digits" not in found.text
    assert "on the validation digits" not in found.text
    assert "Measured after epoch" not in found.text


def test_the_validation_figures_are_those_of_the_network_that_was_kept(
    kept: Run, tmp_path: Path
) -> None:
    history = tuple(EpochMetrics(n, 1 / n, 0.9, 1 / n, 0.8 + n / 100, 1.0) for n in (1, 2, 3))
    _, found = read_page(changed(kept, history=history, kept_epoch=2), None, tmp_path)
    assert "82.00%" in found.text
    assert "83.00%" not in found.text
    assert re.search(r"Measured after epoch\s*2\D", found.text)


def test_the_accuracy_without_disputed_labels_is_told_where_they_are_known(
    kept: Run, sample: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scores, labels = kept.test_scores()
    is_right = scores.argmax(axis=1) == labels
    wrong, right = int(np.flatnonzero(~is_right)[0]), int(np.flatnonzero(is_right)[0])
    votes = {
        at: DisputedLabel(int(labels[at]), int(labels[at] + 1) % 10, 1, 4, 0)
        for at in (wrong, right)
    }
    assert "dispute" not in read_page(kept, sample, tmp_path)[1].text

    monkeypatch.setattr(content, "find_disputed", lambda _name, _labels: votes)

    accuracy = (is_right.sum() - 1) / (len(labels) - 2)
    said = f"Test accuracy: {percent(accuracy)} without the 2 digits whose label people dispute"
    text = read_page(kept, sample, tmp_path)[1].text
    assert said in text
    assert "1 misread digit has a label that people dispute." in text
    report = gather_report(kept, sample, on_progress=lambda _: None, should_stop=lambda: False)
    paper = " ".join(" ".join(written(report)).split())
    assert said in paper
    assert "Five people were shown each of these digits" in paper


def test_digits_that_were_learnt_before_are_not_called_unseen(
    kept: Run, sample: Dataset, tmp_path: Path
) -> None:
    _, found = read_page(kept, sample, tmp_path)
    assert "1,000 digits it never saw" in found.text
    _, found = read_page(changed(kept, base_saw_test=True), sample, tmp_path)
    assert "1,000 digits it had learnt from before" in found.text
    assert "a network trained on MNIST has learnt from them" in found.text
    assert "never saw" not in found.text


def test_a_run_of_several_epochs_and_one_that_was_stopped(
    kept: Run, sample: Dataset, tmp_path: Path
) -> None:
    history = tuple(EpochMetrics(n, 1 / n, 0.9, 1 / n, 0.8 + n / 100, 1.0) for n in (1, 2, 3))
    run = changed(kept, history=history, stopped=True, config=kept.record.config.changed(epochs=9))
    _, found = read_page(run, sample, tmp_path)
    assert "for 3 epochs. The training was stopped in epoch 3 of 9." in found.text
    assert "83.00%" in found.text
    assert "single batches" not in found.text
    assert "single batches" in read_page(kept, sample, tmp_path)[1].text


def test_a_network_without_mistakes_has_none_to_show(kept: Run, sample: Dataset) -> None:
    found = gather_report(kept, None, on_progress=lambda _: None, should_stop=lambda: False)
    perfect = np.eye(10, dtype=np.float32)[found.readings.labels]
    report = RunReport(kept, replace(found.readings, scores=perfect), sample.test.images)
    assert worst_mistakes(report) == Paragraph("No test digit was misread.")


def test_few_mistakes_are_all_shown(kept: Run, sample: Dataset) -> None:
    found = gather_report(kept, None, on_progress=lambda _: None, should_stop=lambda: False)
    scores = np.eye(10, dtype=np.float32)[found.readings.labels]
    scores[7] = np.roll(scores[7], 1)
    report = RunReport(kept, replace(found.readings, scores=scores), sample.test.images)
    block = worst_mistakes(report)
    assert isinstance(block, Illustration)
    assert block.caption.startswith("1 test digit was misread. ")
    shown = [axes for axes in block.make(Frame(8, 1)).axes if axes.get_images()]
    assert len(shown) == 1
    np.testing.assert_array_equal(shown[0].get_images()[0].get_array(), sample.test.images[7])


def test_an_architecture_of_a_later_version_goes_by_its_id(
    kept: Run, sample: Dataset, tmp_path: Path
) -> None:
    run = changed(kept, config=kept.record.config.changed(architecture="transformer-3"))
    assert "transformer-3" in read_page(run, sample, tmp_path)[1].text


def test_the_pdf_has_four_pages_of_real_text(kept: Run, sample: Dataset, tmp_path: Path) -> None:
    pdf = write(kept, sample, tmp_path / "Report.PDF").read_bytes()
    assert pdf.startswith(b"%PDF")
    assert pages_of(pdf) == 4
    assert b"/Subtype /Type3" not in pdf
    assert b"/FontFile2" in pdf
    assert b"/Title (Shared)" in pdf
    assert b"/Author" not in pdf
    assert pdf.count(b"/MediaBox [ 0 0 595.27") == 4


def test_a_long_note_and_letters_that_the_font_lacks_fit_on_paper(
    kept: Run, sample: Dataset, tmp_path: Path
) -> None:
    long = changed(kept, name="数字" * 40, note="word " * 200 + "x" * 400 + "\n\n" + "line\n" * 40)
    pdf = write(long, sample, tmp_path / "report.pdf").read_bytes()
    assert pages_of(pdf) > 4
    assert b"/Subtype /Type3" not in pdf


@pytest.mark.parametrize("name", ["report.html", "report.pdf"])
def test_an_existing_file_is_replaced_whole_and_nothing_is_left_beside_it(
    name: str, kept: Run, tmp_path: Path
) -> None:
    output = tmp_path / name
    output.write_text("old " * 500_000)
    assert write(kept, None, output) == output
    assert b"old old" not in output.read_bytes()
    assert list(tmp_path.iterdir()) == [output]


def test_what_cannot_be_written_or_read_is_told(kept: Run, tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="cannot be written"):
        write(kept, None, tmp_path / "nowhere" / "report.html")
    folder = tmp_path / kept.record.id
    shutil.copytree(kept.folder, folder)
    (folder / "test-scores.npz").write_bytes(b"damaged")
    with pytest.raises(StorageError, match="is damaged"):
        write(Run(kept.record, folder), None, tmp_path / "report.html")


def test_a_lesson_says_how_many_drawings_were_taught(
    kept: Run, sample: Dataset, tmp_path: Path
) -> None:
    folder = tmp_path / kept.record.id
    shutil.copytree(kept.folder, folder)
    line = '{"label": 1, "strokes": [[[0, 0], [0, 9]]]}\n'
    (folder / "taught.jsonl").write_text(line * 3)
    run = RunStore(tmp_path).get(kept.record.id)
    assert "It was taught 3 drawings of the user's, for 1 epoch." in (
        read_page(run, sample, tmp_path)[1].text
    )
