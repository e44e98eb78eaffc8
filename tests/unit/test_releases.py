"""Whether there is a newer version is found out when asked, and in no other way."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Iterator

import pytest

from mnist_desktop.errors import JobCancelled, ReleaseError
from mnist_desktop.progress import PhaseProgress
from mnist_desktop.releases import MAX_BYTES, MAX_NOTES, Release, ReleaseRequest, find_release
from tests.local_host import Answer, LocalHost, answering

PAGE = "https://example.org/mnist-desktop/releases/v1.2.0"
LATEST = "/releases/latest"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalHost]:
    with answering(LocalHost(), monkeypatch) as host:
        yield host


def told(tag: str = "v1.2.0", page: object = PAGE, **more: object) -> bytes:
    return json.dumps({"tag_name": tag, "html_url": page, **more}).encode()


def look(server: LocalHost, answer: Answer | bytes, version: str = "1.1.0") -> Release:
    server.answers[LATEST] = Answer(answer) if isinstance(answer, bytes) else answer
    request = ReleaseRequest(server.url(LATEST), version)
    return find_release(request, on_progress=lambda _: None, should_stop=lambda: False)


def assert_one_sentence(text: str) -> None:
    assert text.endswith(".")
    assert not re.search(r"\.\s", text)


@pytest.mark.parametrize(
    ("version", "is_newer"),
    [
        ("1.1.0", True),
        ("1.2.0", False),
        ("1.10.0", False),
        ("1.2.0rc1", True),
        ("1.2.0.post1", False),
    ],
)
def test_versions_are_compared_as_python_does(
    server: LocalHost, version: str, *, is_newer: bool
) -> None:
    found = look(server, told(body="Draws faster.\r\n* and more"), version)
    assert found == Release("1.2.0", PAGE, "Draws faster.\n* and more", is_newer)


def test_who_is_asked_is_reported(server: LocalHost) -> None:
    server.answers[LATEST] = Answer(told())
    heard: list[PhaseProgress] = []
    request = ReleaseRequest(server.url(LATEST), "1.0")
    find_release(request, on_progress=heard.append, should_stop=lambda: False)
    assert heard == [PhaseProgress("Asking 127.0.0.1")]


def test_a_redirect_is_followed(server: LocalHost) -> None:
    server.answers["/moved"] = Answer(told())
    assert look(server, Answer(status=302, location="/moved")).is_newer


@pytest.mark.parametrize("place", ["file:///etc/passwd", "ftp://127.0.0.1/latest"])
def test_no_redirect_leads_to_anything_but_the_web(server: LocalHost, place: str) -> None:
    with pytest.raises(ReleaseError, match="its address is not in order"):
        look(server, Answer(status=302, location=place))


@pytest.mark.parametrize(
    "answer",
    [
        b"<html>not found</html>",
        b"[]",
        b"{}",
        b"[" * 100_000,
        b"\xff\xfe",
        told(tag="the newest"),
        told(page="file:///etc/passwd"),
        told(page="javascript:alert(1)"),
        told(page=None),
        told(body="x" * MAX_BYTES),
    ],
)
def test_what_is_no_release_is_told_in_a_sentence(server: LocalHost, answer: bytes) -> None:
    with pytest.raises(ReleaseError, match=r"did not answer with a release") as error:
        look(server, answer)
    assert_one_sentence(str(error.value).replace("127.0.0.1", "host"))


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (Answer(b"gone", 404), "it answered 404"),
        (Answer(told()[:20], length=400), "the download broke off"),
        (Answer(status=302, location=LATEST), "its address is not in order"),  # in a circle
    ],
)
def test_a_host_that_does_not_answer_properly_is_told(
    server: LocalHost, answer: Answer, words: str
) -> None:
    with pytest.raises(ReleaseError, match=f"127.0.0.1 could not be asked .*{words}.*try again"):
        look(server, answer)


def test_without_a_connection_a_repair_is_told() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{probe.getsockname()[1]}/latest"
    with pytest.raises(ReleaseError, match=r"no connection.*check the connection"):
        find_release(ReleaseRequest(address), on_progress=lambda _: None, should_stop=lambda: False)


def test_without_an_address_nobody_is_asked() -> None:
    with pytest.raises(ReleaseError, match="ask whoever you have it from") as error:
        find_release(ReleaseRequest(""), on_progress=lambda _: None, should_stop=lambda: False)
    assert_one_sentence(str(error.value))


def test_a_silent_host_is_left_at_once(server: LocalHost) -> None:
    server.answers[LATEST] = Answer(b"", length=10, stalls=True)
    request = ReleaseRequest(server.url(LATEST))
    with pytest.raises(JobCancelled):
        find_release(request, on_progress=lambda _: None, should_stop=server.stalled.is_set)


def test_notes_are_plain_and_not_endless(server: LocalHost) -> None:
    found = look(server, told(body="one\n\x1b[2Jtwo\u202e" + "x" * MAX_NOTES))
    assert found.notes.startswith("one\n\\x1b[2Jtwo\\u202e")
    assert len(found.notes) < MAX_NOTES + 50
