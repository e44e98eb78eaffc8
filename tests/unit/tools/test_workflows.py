"""What GitHub would run can be read, names what is there, and signs only with a certificate."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tools.release_notes import notes_of

ROOT = Path(__file__).resolve().parents[3]
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
NOTARISE = ROOT / "tools/macos/notarise.sh"
CHANGELOG = "# Changelog\n\n## [Unreleased]\n- later\n\n## [1.2.0] - 2026\n- New.\n\n## 1.1.0\n"


@pytest.fixture(params=WORKFLOWS, ids=lambda path: path.name)
def workflow(request: pytest.FixtureRequest) -> dict[str, Any]:
    read = yaml.safe_load(request.param.read_text(encoding="utf-8"))
    assert isinstance(read, dict)
    return read


def steps(workflow: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for job in workflow["jobs"].values():
        yield from job["steps"]


def test_there_is_a_workflow() -> None:
    assert WORKFLOWS


def test_each_action_is_pinned_to_one_version(workflow: dict[str, Any]) -> None:
    used = [step["uses"] for step in steps(workflow) if "uses" in step]
    assert used
    assert not [one for one in used if not re.fullmatch(r"actions/[a-z-]+@v\d+\.\d+\.\d+", one)]


def test_each_job_has_a_limit_and_waits_for_jobs_that_are_there(workflow: dict[str, Any]) -> None:
    for job in workflow["jobs"].values():
        assert job["timeout-minutes"] <= 60
        assert set(job.get("needs", ())) <= set(workflow["jobs"])


@pytest.mark.skipif(not shutil.which("bash"), reason="needs bash to read scripts")
def test_each_script_can_be_read(workflow: dict[str, Any]) -> None:
    scripts = [step["run"] for step in steps(workflow) if "run" in step]
    assert scripts
    for script in scripts:
        plain = re.sub(r"\$\{\{.*?\}\}", "value", script)
        subprocess.run(["bash", "-n"], input=plain, text=True, check=True)


def test_each_certificate_is_used_only_where_there_is_one(workflow: dict[str, Any]) -> None:
    """A step that needs a secret is left out without it, or starts what asks for it by itself."""
    for job in workflow["jobs"].values():
        for step in job["steps"]:
            if re.search(r"\$CERTIFICATE\b|\$SUMS_KEY\b", step.get("run", "")):
                assert re.fullmatch(r"env\.(CERTIFICATE|SUMS_KEY) != ''", step["if"])


def test_files_that_it_calls_are_there(workflow: dict[str, Any]) -> None:
    text = "\n".join(step.get("run", "") for step in steps(workflow))
    for name in re.findall(r"\btools/macos/[\w.]+", text):
        assert (ROOT / name).is_file(), name
    for name in re.findall(r"-m tools\.(\w+)", text):
        assert (ROOT / f"tools/{name}.py").is_file(), name


@pytest.mark.skipif(not shutil.which("sh"), reason="needs a shell")
def test_without_credentials_a_mac_program_is_packed_and_not_sent(tmp_path: Path) -> None:
    commands, called = tmp_path / "bin", tmp_path / "called"
    commands.mkdir()
    for name in ("ditto", "codesign", "xcrun", "spctl"):
        (commands / name).write_text(f'#!/bin/sh\necho {name} "$@" >>"{called}"\n')
        (commands / name).chmod(0o755)
    (tmp_path / "MNIST Desktop.app").mkdir()
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MACOS_")}
    done = subprocess.run(
        ["sh", NOTARISE, tmp_path, tmp_path / "out.zip"],
        env={**kept, "PATH": f"{commands}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "No credentials" in done.stderr
    assert called.read_text().startswith("ditto -c -k --keepParent ")
    assert called.read_text().count("\n") == 1


def test_what_is_new_is_the_section_of_the_version() -> None:
    assert notes_of("1.2.0", CHANGELOG) == "- New."
    for version in ("1.1.0", "1.2", "2.0"):  # empty, another one, none
        with pytest.raises(SystemExit, match=rf"no section for {re.escape(version)}; "):
            notes_of(version, CHANGELOG)
