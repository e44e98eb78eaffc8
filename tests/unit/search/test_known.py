"""Searches are found among the program's own files, or named by where they are kept."""

from __future__ import annotations

import os

import pytest

from mnist_desktop.errors import InvalidInputError
from mnist_desktop.paths import AppPaths
from mnist_desktop.search.known import (
    SearchRef,
    check_new,
    elsewhere,
    new_name,
    own_searches,
    place_of,
    read_ref,
)


def make(paths: AppPaths, name: str, time: int) -> None:
    folder = paths.data / "searches"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.journal"
    path.touch()
    os.utime(path, (time, time))


def test_the_newest_of_the_own_searches_is_the_first(paths: AppPaths) -> None:
    assert own_searches(paths) == []
    make(paths, "old", 1)
    make(paths, "new.er", 2)
    assert own_searches(paths) == [SearchRef("new.er"), SearchRef("old")]


def test_a_proposed_name_is_not_taken(paths: AppPaths) -> None:
    first = new_name(paths)
    check_new(first, paths)
    make(paths, first, 1)
    assert new_name(paths) == f"{first}-2"
    with pytest.raises(InvalidInputError, match="There is a search"):
        check_new(first, paths)
    with pytest.raises(InvalidInputError, match="name that a file can have"):
        check_new("a/b", paths)
    with pytest.raises(InvalidInputError, match=f"There is a search “{first}” already; write"):
        check_new(first.upper(), paths)


def test_names_in_other_capitals_are_those_of_one_file(paths: AppPaths) -> None:
    """On Windows and macOS one search would be put into the file of another."""
    make(paths, "Networks", 1)
    assert place_of(paths, SearchRef("Networks")).endswith("Networks.journal")
    with pytest.raises(InvalidInputError, match="There is a search “Networks” already"):
        place_of(paths, SearchRef("networks"))
    make(paths, "networks", 2)  # where both can be
    if os.name != "nt":
        assert place_of(paths, SearchRef("networks")).endswith("networks.journal")


@pytest.mark.parametrize(
    ("name", "place", "found"),
    [
        ("", "/shared/digits.journal", SearchRef("digits", "journal:/shared/digits.journal")),
        ("", "journal:all.journal", SearchRef("all", "journal:all.journal")),
        ("x", "C:\\shared\\d.journal", SearchRef("x", "journal:C:\\shared\\d.journal")),
        ("", "C:\\shared\\d.journal", SearchRef("d", "journal:C:\\shared\\d.journal")),
        ("class", "postgresql://h/d", SearchRef("class", "postgresql://h/d")),
    ],
)
def test_a_search_elsewhere_is_named_by_its_place(name: str, place: str, found: SearchRef) -> None:
    assert elsewhere(name, place) == found


@pytest.mark.parametrize(("name", "place"), [("x", ""), ("", "postgresql://h/d")])
def test_what_is_missing_is_said(name: str, place: str) -> None:
    with pytest.raises(InvalidInputError, match="Say "):
        elsewhere(name, place)


def test_which_search_is_meant_can_be_remembered(paths: AppPaths) -> None:
    one = SearchRef("ä", "journal:/x")
    assert read_ref(one.as_text()) == one
    assert place_of(paths, one) == "journal:/x"
    assert place_of(paths, SearchRef("own")).endswith("own.journal")
    for text in ("", "nonsense", "[1, 2]", '["x"]', "{}"):
        assert read_ref(text) is None
