from __future__ import annotations

import contextlib
import gzip
import hashlib
import io
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
import requests

from mnist_desktop import paths as paths_module
from mnist_desktop.digits import dataset_file as dataset_file_module
from mnist_desktop.digits.dataset import Dataset
from mnist_desktop.digits.dataset_file import read_dataset
from mnist_desktop.digits.download import (
    HOSTS,
    DatasetRequest,
    DownloadProgress,
    Host,
    RemoteFile,
    fetch_mnist,
)
from mnist_desktop.digits.find_dataset import find_dataset, find_local_mnist, sample_dataset
from mnist_desktop.digits.idx_file import IDX_NAMES
from mnist_desktop.errors import DataFileError, DownloadError, JobCancelled
from mnist_desktop.paths import resource
from tests.local_host import THREAD_ENDS_S, Answer, LocalHost, answering
from tests.made_digit_files import idx_bytes

PROJECT = Path(__file__).parents[3]
SAMPLE_TEST_SHA256 = "59a91589f510aa630ad5a82c2272b106cdd85c4e52811f386a4505fd98f229c2"


def never() -> bool:
    return False


def ignore(_progress: DownloadProgress) -> None:
    pass


# A small MNIST: what these tests download


def random_arrays(seed: int) -> dict[str, np.ndarray]:
    """200 and 50 digits of noise, too many bytes for one part of a download."""
    rng = np.random.default_rng(seed)
    return {
        "x_train": rng.integers(0, 256, (200, 28, 28), dtype=np.uint8),
        "y_train": np.arange(200, dtype=np.uint8) % 10,
        "x_test": rng.integers(0, 256, (50, 28, 28), dtype=np.uint8),
        "y_test": np.arange(50, dtype=np.uint8) % 10,
    }


def as_npz(arrays: dict[str, np.ndarray]) -> bytes:
    content = io.BytesIO()
    np.savez(content, **arrays)
    return content.getvalue()


ARRAYS = dict(zip(IDX_NAMES, random_arrays(seed=1).values(), strict=True))
NPZ = as_npz(random_arrays(seed=1))
OTHER_NPZ = as_npz(random_arrays(seed=2))
HASHES = {part: hashlib.sha256(idx_bytes(array)).hexdigest() for part, array in ARRAYS.items()}


@pytest.fixture(autouse=True)
def small_mnist(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let those digits pass as MNIST."""
    monkeypatch.setattr(dataset_file_module, "MNIST_SHA256", HASHES)


@pytest.fixture(autouse=True)
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package folder of its own, so that no test finds MNIST that was built into ours."""
    folder = tmp_path / "package"
    shutil.copytree(resource("digits"), folder / "resources" / "digits")
    monkeypatch.setattr(paths_module, "PACKAGE_DIR", folder)
    return folder


# A host on this machine


class MnistHost(LocalHost):
    """Serves files that MNIST is downloaded from."""

    def serve(self, path: str, content: bytes, answer: Answer | None = None) -> RemoteFile:
        """Have the address give the answer, and expect the content there."""
        self.answers[path] = answer or Answer(content)
        return RemoteFile(self.url(path), hashlib.sha256(content).hexdigest(), Path(path).name)

    def serve_idx(self) -> tuple[RemoteFile, ...]:
        return tuple(
            self.serve(f"/idx/{IDX_NAMES[part]}.gz", gzip.compress(idx_bytes(array)))
            for part, array in ARRAYS.items()
        )


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[MnistHost]:
    with answering(MnistHost(), monkeypatch) as host:
        yield host


def closed_address() -> str:
    """An address at which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}/mnist.npz"


@pytest.fixture
def request_to(tmp_path: Path) -> Callable[..., DatasetRequest]:
    """Make a request to some hosts, each given by its files, for an empty cache."""

    def make(*hosts: tuple[RemoteFile, ...]) -> DatasetRequest:
        named = tuple(Host(f"host {number}", files) for number, files in enumerate(hosts, 1))
        return DatasetRequest(
            tmp_path / "cache" / "digits", hosts=named, timeout_s=(THREAD_ENDS_S, THREAD_ENDS_S)
        )

    return make


def content_of(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


@contextlib.contextmanager
def cache_stays_as_it_is(request: DatasetRequest) -> Iterator[None]:
    """Fill the cache, and see that it is whole and alone afterwards."""
    request.cache.mkdir(parents=True)
    (request.cache / "mnist.npz").write_bytes(OTHER_NPZ)
    (request.cache / "kept.txt").write_text("mine")
    before = content_of(request.cache.parent)
    yield
    assert content_of(request.cache.parent) == before
    assert list(request.cache.parent.iterdir()) == [request.cache]


def assert_one_sentence(text: str) -> None:
    assert "\n" not in text
    assert text.endswith(".")
    assert text[0].isupper()
    assert not re.search(r"\.\s", text)


# Downloading


def test_a_good_file_is_downloaded_into_the_cache(
    server: MnistHost, request_to: Callable[..., DatasetRequest]
) -> None:
    request = request_to((server.serve("/mnist.npz", NPZ),), server.serve_idx())
    heard: list[DownloadProgress] = []

    found = fetch_mnist(request, on_progress=heard.append, should_stop=never)

    assert found.verified
    assert found.source == "downloaded from host 1"
    np.testing.assert_array_equal(found.train.images, ARRAYS["train_images"])
    assert content_of(request.cache) == {"mnist.npz": NPZ}
    assert list(request.cache.parent.iterdir()) == [request.cache]
    again = find_local_mnist(request.cache)
    assert again is not None
    assert again.source == "this program's cache"


def test_progress_is_told_from_the_first_part_to_the_last(
    server: MnistHost, request_to: Callable[..., DatasetRequest]
) -> None:
    request = request_to((server.serve("/mnist.npz", NPZ),))
    heard: list[DownloadProgress] = []

    fetch_mnist(request, on_progress=heard.append, should_stop=never)

    done = [progress.done for progress in heard]
    assert len(done) > 2
    assert done == sorted(set(done))
    assert done[-1] == len(NPZ)
    assert {progress.total for progress in heard} == {len(NPZ)}
    assert {(progress.host, progress.file) for progress in heard} == {("host 1", "mnist.npz")}


def test_the_second_host_is_asked_when_the_first_does_not_have_it(
    server: MnistHost, request_to: Callable[..., DatasetRequest]
) -> None:
    gone = server.serve("/mnist.npz", NPZ, Answer(b"gone", 404))
    request = request_to((gone,), server.serve_idx())
    heard: list[DownloadProgress] = []

    found = fetch_mnist(request, on_progress=heard.append, should_stop=never)

    assert found.verified
    assert found.source == "downloaded from host 2"
    assert sorted(content_of(request.cache)) == sorted(f"{n}.gz" for n in IDX_NAMES.values())
    assert list(request.cache.parent.iterdir()) == [request.cache]
    assert {progress.host for progress in heard} == {"host 2"}
    assert all(0 < progress.done <= progress.total for progress in heard)
    assert read_dataset(request.cache).verified


def test_a_redirect_is_followed(
    server: MnistHost, request_to: Callable[..., DatasetRequest]
) -> None:
    server.serve("/elsewhere/mnist.npz", NPZ)
    moved = server.serve("/mnist.npz", NPZ, Answer(status=302, location="/elsewhere/mnist.npz"))

    assert fetch_mnist(request_to((moved,)), on_progress=ignore, should_stop=never).verified


@pytest.mark.parametrize("place", ["before the end", "at the end"])
def test_a_way_that_leads_through_http_is_not_taken(
    place: str, request_to: Callable[..., DatasetRequest], monkeypatch: pytest.MonkeyPatch
) -> None:
    def get(url: str, **_: object) -> requests.Response:
        answer, hop = requests.Response(), requests.Response()
        answer.status_code, answer.raw = 200, io.BytesIO(NPZ)
        led = "http://elsewhere/mnist.npz"
        hop.url, answer.url = (led, url) if place == "before the end" else (url, led)
        answer.history = [hop]
        return answer

    monkeypatch.setattr(requests, "get", get)
    file = RemoteFile("https://host/mnist.npz", hashlib.sha256(NPZ).hexdigest(), "mnist.npz")
    request = request_to((file,))
    with pytest.raises(DownloadError, match="its address is not in order"):
        fetch_mnist(request, on_progress=ignore, should_stop=never)
    assert not request.cache.exists()


def test_what_a_killed_download_has_left_is_removed_after_a_day(
    server: MnistHost, request_to: Callable[..., DatasetRequest]
) -> None:
    request = request_to((server.serve("/mnist.npz", NPZ),))
    for name, age in (("download-old", 2 * 24 * 3600), ("download-new", 0)):
        folder = request.cache.parent / name
        folder.mkdir(parents=True)
        os.utime(folder, (time.time() - age, time.time() - age))
    fetch_mnist(request, on_progress=ignore, should_stop=never)
    left = sorted(path.name for path in request.cache.parent.iterdir())
    assert left == ["digits", "download-new"]


def test_a_download_takes_the_place_of_what_was_in_the_cache(
    server: MnistHost, request_to: Callable[..., DatasetRequest]
) -> None:
    request = request_to((server.serve("/mnist.npz", NPZ),))
    request.cache.mkdir(parents=True)
    (request.cache / "mnist.npz").write_bytes(OTHER_NPZ)
    left_by_a_crash = request.cache.with_name("digits.old")
    left_by_a_crash.mkdir()
    (left_by_a_crash / "mnist.npz").write_bytes(OTHER_NPZ)

    fetch_mnist(request, on_progress=ignore, should_stop=never)

    assert content_of(request.cache) == {"mnist.npz": NPZ}
    assert list(request.cache.parent.iterdir()) == [request.cache]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Answer(NPZ[: len(NPZ) // 2], length=len(NPZ)), "the download broke off"),
        (Answer(NPZ[: len(NPZ) // 2]), "the file is not the one expected"),
        (Answer(OTHER_NPZ), "the file is not the one expected"),
        (Answer(NPZ + b"\0"), "the file is not the one expected"),
        (Answer(b""), "the file is not the one expected"),
        (Answer(b"<html>Sign in to this network</html>"), "the file is not the one expected"),
        (Answer(b"gone", 404), "it answered 404"),
        (Answer(b"broken", 503), "it answered 503"),
        (Answer(status=302, location="/mnist.npz"), "its address is not in order"),
    ],
    ids=[
        "cut at half",
        "cut at half and said to be whole",
        "wrong bytes",
        "one byte more",
        "empty",
        "a page instead",
        "not found",
        "server error",
        "redirected in a circle",
    ],
)
def test_a_failed_download_says_why_and_leaves_the_cache_whole(
    server: MnistHost, request_to: Callable[..., DatasetRequest], answer: Answer, said: str
) -> None:
    request = request_to((server.serve("/mnist.npz", NPZ, answer),))

    with cache_stays_as_it_is(request), pytest.raises(DownloadError) as caught:
        fetch_mnist(request, on_progress=ignore, should_stop=never)

    assert f"(host 1: {said})" in str(caught.value)
    assert_one_sentence(str(caught.value))


@pytest.mark.parametrize("sent", [0, 1000, len(NPZ) - 1])
def test_a_host_that_stops_sending_is_given_up(
    server: MnistHost, request_to: Callable[..., DatasetRequest], sent: int
) -> None:
    stalling = Answer(NPZ[:sent], length=len(NPZ), stalls=True)
    request = request_to((server.serve("/mnist.npz", NPZ, stalling),))
    request = replace(request, timeout_s=(THREAD_ENDS_S, 0.3))

    with cache_stays_as_it_is(request), pytest.raises(DownloadError) as caught:
        fetch_mnist(request, on_progress=ignore, should_stop=never)

    assert "(host 1: it stopped answering)" in str(caught.value)
    assert_one_sentence(str(caught.value))


def test_without_a_server_the_download_fails_and_leaves_the_cache_whole(
    server: MnistHost, request_to: Callable[..., DatasetRequest]
) -> None:
    nobody = (RemoteFile(closed_address(), hashlib.sha256(NPZ).hexdigest(), "mnist.npz"),)
    gone = (server.serve("/mnist.npz", NPZ, Answer(b"gone", 404)),)
    request = request_to(nobody, gone)

    with cache_stays_as_it_is(request), pytest.raises(DownloadError) as caught:
        fetch_mnist(request, on_progress=ignore, should_stop=never)

    assert "(host 1: no connection; host 2: it answered 404)" in str(caught.value)
    assert_one_sentence(str(caught.value))


@pytest.mark.parametrize(
    ("content", "said"),
    [(OTHER_NPZ, "the files are not MNIST's"), (b"a text", "the file is not the one expected")],
)
def test_files_that_are_not_mnist_are_not_kept_even_with_the_right_hash(
    server: MnistHost, request_to: Callable[..., DatasetRequest], content: bytes, said: str
) -> None:
    request = request_to((server.serve("/mnist.npz", content),))

    with cache_stays_as_it_is(request), pytest.raises(DownloadError, match=said):
        fetch_mnist(request, on_progress=ignore, should_stop=never)


def test_one_bad_file_among_four_leaves_none(
    server: MnistHost, request_to: Callable[..., DatasetRequest]
) -> None:
    files = server.serve_idx()
    server.answers[f"/idx/{IDX_NAMES['test_labels']}.gz"] = Answer(b"wrong")
    request = request_to(files)

    with cache_stays_as_it_is(request), pytest.raises(DownloadError, match="host 1: the file"):
        fetch_mnist(request, on_progress=ignore, should_stop=never)


def test_a_download_is_cancelled_in_the_middle(
    server: MnistHost, request_to: Callable[..., DatasetRequest]
) -> None:
    request = request_to((server.serve("/mnist.npz", NPZ),), server.serve_idx())
    heard: list[DownloadProgress] = []

    with cache_stays_as_it_is(request), pytest.raises(JobCancelled):
        fetch_mnist(request, on_progress=heard.append, should_stop=lambda: len(heard) > 0)

    assert len(heard) == 1
    assert heard[0].done < heard[0].total


@pytest.mark.parametrize("sent", [0, len(NPZ) // 2])
def test_a_download_is_cancelled_while_the_host_is_silent(
    server: MnistHost, request_to: Callable[..., DatasetRequest], sent: int
) -> None:
    stalling = Answer(NPZ[:sent], length=len(NPZ), stalls=True)
    request = request_to((server.serve("/mnist.npz", NPZ, stalling),))
    asked = 0

    def asked_often_in_silence() -> bool:
        nonlocal asked
        asked += server.stalled.is_set()
        return asked > 5  # more often than parts can still be on their way

    # A plain read of the socket would hear nothing of the wish to stop until its time limit.
    with cache_stays_as_it_is(request), pytest.raises(JobCancelled):
        fetch_mnist(request, on_progress=ignore, should_stop=asked_often_in_silence)


def test_a_download_that_is_not_wanted_any_more_does_not_begin(
    server: MnistHost, request_to: Callable[..., DatasetRequest]
) -> None:
    request = request_to((server.serve("/mnist.npz", NPZ),))
    heard: list[DownloadProgress] = []

    with pytest.raises(JobCancelled):
        fetch_mnist(request, on_progress=heard.append, should_stop=lambda: True)

    assert heard == []
    assert list(request.cache.parent.iterdir()) == []


def test_a_cache_that_cannot_be_written_to_is_told(
    tmp_path: Path, server: MnistHost, request_to: Callable[..., DatasetRequest]
) -> None:
    (tmp_path / "file").write_text("in the way")
    request = replace(
        request_to((server.serve("/mnist.npz", NPZ),)), cache=tmp_path / "file" / "digits"
    )

    with pytest.raises(DownloadError, match="set MNIST_DESKTOP_HOME") as caught:
        fetch_mnist(request, on_progress=ignore, should_stop=never)
    found = find_dataset(request, on_progress=ignore, should_stop=never)

    assert_one_sentence(str(caught.value))
    assert found.name == "sample"
    assert found.note == str(caught.value)


def test_nothing_is_printed_and_a_proxy_is_passed_by_for_this_machine(
    tmp_path: Path, server: MnistHost
) -> None:
    # A process of its own: pooch takes hold of stderr when it is imported.
    file = server.serve("/mnist.npz", NPZ)
    program = f"""
import json
from pathlib import Path
from mnist_desktop.digits import dataset_file, download
dataset_file.MNIST_SHA256 = json.loads({json.dumps(HASHES)!r})
host = download.Host("host", (download.RemoteFile({file.url!r}, {file.sha256!r}, "mnist.npz"),))
request = download.DatasetRequest(Path({str(tmp_path / "digits")!r}), hosts=(host,))
found = download.fetch_mnist(request, on_progress=lambda _: None, should_stop=lambda: False)
print(found.source)
"""
    proxy = closed_address()
    result = subprocess.run(
        [sys.executable, "-c", program],
        cwd=PROJECT,
        env={**os.environ, "HTTP_PROXY": proxy, "http_proxy": proxy},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (result.returncode, result.stdout, result.stderr) == (0, "downloaded from host\n", "")


def test_the_built_in_hosts_name_whole_files_over_https() -> None:
    assert [len(host.files) for host in HOSTS] == [1, 4]
    for file in (file for host in HOSTS for file in host.files):
        assert file.url.startswith("https://")
        assert file.url.endswith(f"/{file.name}")
        assert re.fullmatch("[0-9a-f]{64}", file.sha256)
    assert [file.name for file in HOSTS[1].files] == [f"{n}.gz" for n in IDX_NAMES.values()]


# Which source wins

SOURCES = {
    "chosen": "{chosen}",
    "environment": "{environment}",
    "cache": "this program's cache",
    "keras": "Keras's cache",
    "bundled": "bundled with the program",
    "download": "downloaded from host 1",
    "sample": "the 5,000 digits that come with the program",
}
LOCAL = ("cache", "keras", "bundled")


@dataclass(frozen=True)
class Places:
    """Where each source of digits is looked for, in a test."""

    chosen: Path
    environment: Path
    cache: Path
    keras: Path
    bundled: Path

    def fill(self, name: str, content: bytes = NPZ) -> None:
        path: Path = getattr(self, name)
        if path.suffix != ".npz":
            path /= "mnist.npz"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


@pytest.fixture
def places(tmp_path: Path, home: Path, package: Path) -> Places:
    return Places(
        tmp_path / "chosen.npz",
        tmp_path / "environment.npz",
        tmp_path / "cache" / "digits",
        home / ".keras" / "datasets" / "mnist.npz",
        package / "resources" / "mnist",
    )


@pytest.mark.parametrize("winner", SOURCES)
def test_the_sources_are_asked_in_order(
    places: Places,
    monkeypatch: pytest.MonkeyPatch,
    server: MnistHost,
    request_to: Callable[..., DatasetRequest],
    winner: str,
) -> None:
    at_hand = list(SOURCES)[list(SOURCES).index(winner) :]
    request = request_to((server.serve("/mnist.npz", NPZ),) if "download" in at_hand else ())
    for name in set(at_hand) - {"download", "sample"}:
        places.fill(name)
    if "chosen" in at_hand:
        request = replace(request, chosen=str(places.chosen))
    if "environment" in at_hand:
        monkeypatch.setenv("MNIST_DESKTOP_DATA", str(places.environment))

    found = find_dataset(request, on_progress=ignore, should_stop=never)

    assert found.source == SOURCES[winner].format(
        chosen=places.chosen, environment=places.environment
    )
    assert found.verified is (winner != "sample")


def test_the_reader_s_package_has_mnist_s_test_digits_alone(
    places: Places, request_to: Callable[..., DatasetRequest]
) -> None:
    places.bundled.mkdir(parents=True)
    for part in ("test_images", "test_labels"):
        packed = gzip.compress(idx_bytes(ARRAYS[part]))
        (places.bundled / f"{IDX_NAMES[part]}.gz").write_bytes(packed)
    found = find_dataset(request_to(()), on_progress=ignore, should_stop=never)
    assert found.source == "bundled with the program"
    assert found.verified
    assert not found.is_whole
    assert np.array_equal(found.test.images, ARRAYS["test_images"])
    assert len(found.train) == 5000  # those of the sample, which are MNIST's

    labels = places.bundled / f"{IDX_NAMES['test_labels']}.gz"
    labels.write_bytes(gzip.compress(idx_bytes((ARRAYS["test_labels"] + 1) % 10)))
    other = find_dataset(request_to(()), on_progress=ignore, should_stop=never)
    assert other.name == "sample"


@pytest.mark.parametrize(
    "content",
    [NPZ[: len(NPZ) // 2], b"a text", b"", OTHER_NPZ],
    ids=["cut at half", "text", "empty", "not MNIST"],
)
def test_damaged_digits_on_this_machine_are_passed_over(places: Places, content: bytes) -> None:
    for number, name in enumerate(LOCAL):
        for damaged in LOCAL[: number + 1]:
            places.fill(damaged, content)
        for whole in LOCAL[number + 1 :]:
            places.fill(whole)

        found = find_local_mnist(places.cache)

        if number + 1 < len(LOCAL):
            assert found is not None, name
            assert found.source == SOURCES[LOCAL[number + 1]]
        else:
            assert found is None


def test_an_empty_or_half_filled_cache_is_passed_over(places: Places) -> None:
    places.cache.mkdir(parents=True)
    assert find_local_mnist(places.cache) is None

    part = next(iter(ARRAYS))
    (places.cache / IDX_NAMES[part]).write_bytes(idx_bytes(ARRAYS[part]))
    assert find_local_mnist(places.cache) is None


def test_a_cache_whose_exchange_was_cut_short_is_found(places: Places) -> None:
    places.fill("cache")
    places.cache.rename(places.cache.with_name("digits.old"))
    found = find_local_mnist(places.cache)
    assert found is not None
    assert found.source == "this program's cache"


def test_idx_files_in_the_cache_are_found(places: Places) -> None:
    places.cache.mkdir(parents=True)
    for part, array in ARRAYS.items():
        (places.cache / IDX_NAMES[part]).write_bytes(idx_bytes(array))

    found = find_local_mnist(places.cache)

    assert found is not None
    assert found.source == "this program's cache"


@pytest.mark.parametrize("by_environment", [False, True])
@pytest.mark.parametrize("chosen", ["nowhere", "~nobody-of-this-name/mnist.npz"])
def test_chosen_digits_that_are_missing_are_an_error_and_never_replaced(
    places: Places, monkeypatch: pytest.MonkeyPatch, by_environment: bool, chosen: str
) -> None:
    places.fill("cache")
    request = DatasetRequest(places.cache, download=False)
    if by_environment:
        monkeypatch.setenv("MNIST_DESKTOP_DATA", chosen)
    else:
        request = replace(request, chosen=chosen)

    with pytest.raises(DataFileError, match=re.escape(f"There are no digits at {Path(chosen)}")):
        find_dataset(request, on_progress=ignore, should_stop=never)


def test_the_users_home_may_be_written_with_a_tilde(places: Places, home: Path) -> None:
    (home / "mine.npz").write_bytes(OTHER_NPZ)
    request = DatasetRequest(places.cache, chosen=str(Path("~") / "mine.npz"))

    found = find_dataset(request, on_progress=ignore, should_stop=never)

    assert found.name == "custom"
    assert found.source == str(home / "mine.npz")


def test_the_sample_can_be_chosen_though_mnist_is_there(
    places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    places.fill("cache")
    monkeypatch.setenv("MNIST_DESKTOP_DATA", "sample")

    found = find_dataset(DatasetRequest(places.cache), on_progress=ignore, should_stop=never)

    assert found.name == "sample"
    assert found.note == ""


def test_without_a_download_the_sample_says_that_mnist_is_missing(places: Places) -> None:
    request = DatasetRequest(places.cache, download=False)

    found = find_dataset(request, on_progress=ignore, should_stop=never)

    assert found.name == "sample"
    assert found.note == "MNIST is not on this machine."


def test_a_failed_download_ends_with_the_sample_and_says_why(
    server: MnistHost, request_to: Callable[..., DatasetRequest]
) -> None:
    request = request_to((server.serve("/mnist.npz", NPZ, Answer(b"gone", 404)),))

    found = find_dataset(request, on_progress=ignore, should_stop=never)

    assert found.name == "sample"
    assert "host 1: it answered 404" in found.note
    assert_one_sentence(found.note)


def test_a_cancelled_download_ends_without_digits(
    server: MnistHost, request_to: Callable[..., DatasetRequest]
) -> None:
    request = request_to((server.serve("/mnist.npz", NPZ),))

    with pytest.raises(JobCancelled):
        find_dataset(request, on_progress=ignore, should_stop=lambda: True)


# The sample


def test_the_sample_is_split_by_class(sample: Dataset) -> None:
    assert sample.name == "sample"
    assert not sample.verified
    assert sample.title == "MNIST sample 4,000/1,000"
    assert np.bincount(sample.train.labels).tolist() == [400] * 10
    assert np.bincount(sample.test.labels).tolist() == [100] * 10


def test_the_sample_shares_no_digit_between_its_splits(sample: Dataset) -> None:
    train = {image.tobytes() for image in sample.train.images}
    test = {image.tobytes() for image in sample.test.images}

    assert len(train) == 4_000
    assert len(test) == 1_000
    assert train.isdisjoint(test)


def test_the_sample_is_the_same_each_time(sample: Dataset) -> None:
    again = sample_dataset()

    np.testing.assert_array_equal(again.train.images, sample.train.images)
    np.testing.assert_array_equal(again.test.labels, sample.test.labels)
    # A split that changes would make old results on the sample incomparable.
    digest = hashlib.sha256(sample.test.images.tobytes() + sample.test.labels.tobytes())
    assert digest.hexdigest() == SAMPLE_TEST_SHA256


def test_the_sample_is_read_without_heavy_libraries() -> None:
    program = """
import sys
from mnist_desktop.digits.find_dataset import sample_dataset
sample_dataset()
print([name for name in ("pandas", "sklearn", "scipy", "pooch") if name in sys.modules])
"""
    result = subprocess.run(
        [sys.executable, "-c", program], cwd=PROJECT, capture_output=True, text=True, check=True
    )

    assert result.stdout == "[]\n"


@pytest.mark.parametrize("damage", ["missing", "text", "cut", "damaged", "no labels", "label 10"])
def test_a_damaged_sample_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damage: str
) -> None:
    path = tmp_path / "sample.npz"
    images, labels = np.zeros((500, 28, 28), np.uint8), np.full(500, 7, np.uint8)
    if damage == "label 10":
        labels[3] = 10
    arrays = {"images": images} if damage == "no labels" else {"images": images, "labels": labels}
    np.savez(path, **arrays)
    whole = path.read_bytes()
    if damage == "missing":
        path.unlink()
    elif damage == "text":
        path.write_text("a text")
    elif damage == "cut":
        path.write_bytes(whole[: len(whole) // 2])
    elif damage == "damaged":
        path.write_bytes(whole[:100] + b"\xff" * 20 + whole[120:])
    monkeypatch.setattr("mnist_desktop.digits.find_dataset.resource", lambda *_: path)

    with pytest.raises(DataFileError, match="install it again"):
        sample_dataset()
