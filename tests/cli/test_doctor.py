"""`lapis doctor` and what stands before any command."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tui.cli.checks import State, terminal
from tui.cli.doctor import folder_check


def test_doctor_looks_at_everything_and_makes_nothing(run: Run, nowhere: Path, empty_home: Path) -> None:
    done = run("doctor", "-o", "json")

    assert done.code == 0
    names = {check["name"]: check for check in done.json}
    assert names["lapis"]["state"] == "ok"
    assert names["textual"]["text"] == "8.2.8"
    assert names["workspace"]["text"].startswith(f"{nowhere}, made on the first start")
    assert names["mlflow"]["state"] == "ok"
    assert not nowhere.exists()
    assert not (empty_home / ".local" / "state" / "lapis").exists()


def test_doctor_opens_a_workspace_that_is_there(run: Run) -> None:
    names = {check["name"]: check for check in run("doctor", "-o", "json").json}
    assert names["slots"]["state"] == "ok"
    assert "slots" in names["slots"]["text"]


def test_doctor_fails_with_what_to_do(run: Run, monkeypatch: pytest.MonkeyPatch, empty_home: Path) -> None:
    monkeypatch.setenv("LAPIS_PYTHON", str(empty_home / "no-python"))
    done = run("doctor")
    assert done.code == 1
    assert "fail  interpreter" in done.out
    assert "what to do: LAPIS_PYTHON must name" in done.out
    assert done.out.splitlines()[-1].endswith("1 failure")


def test_doctor_names_the_line_of_a_broken_setting(run: Run, empty_home: Path) -> None:
    settings = empty_home / ".config" / "lapis" / "settings.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text('theme = "lapis"\nthem = 1\n')
    done = run("doctor")
    assert done.code == 1
    assert "settings.toml, line 2" in done.out


def test_a_folder_below_a_file_can_not_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    found = folder_check("folders", "workspace", tmp_path / "file" / "deep" / "workspace", missing=State.FAIL)
    assert found.state is State.FAIL


@pytest.mark.parametrize(
    ("environ", "name", "text"),
    [
        ({"TERM": "dumb"}, "TERM", "dumb"),
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor"}, "colours", "16 million"),
        ({"TERM": "xterm-256color", "NO_COLOR": "1"}, "colours", "none"),
        ({"TERM": "xterm", "SSH_CONNECTION": "1 2 3 4"}, "over SSH", "yes"),
    ],
)
def test_the_terminal_is_described(
    environ: dict[str, str], name: str, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    found = {check.name: check for check in terminal(environ)}
    assert text in found[name].text
    assert found["TERM"].state is (State.WARN if environ["TERM"] == "dumb" else State.OK)


def test_version_and_help(run: Run) -> None:
    assert run("--version").out.startswith("lapis ")
    shown = run("--help").out
    assert all(noun in shown for noun in ("job", "data", "model", "datastore", "compute", "environment", "doctor"))
    assert "exit codes" in shown


def test_the_app_without_a_terminal_says_so() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tui"],
        cwd=Path(__file__).parents[2],
        env=os.environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "terminal" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_workspace_is_w_then_the_variable_then_the_settings(
    run: Run, tmp_path: Path, empty_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run("workspace", "show", "-w", tmp_path / "one").json["location"] == str(tmp_path / "one")
    assert run("-w", tmp_path / "two", "workspace", "show").json["location"] == str(tmp_path / "two")
    assert run("workspace", "show").json["location"] == str(tmp_path / "workspace")
    monkeypatch.delenv("LAPIS_WORKSPACE")
    settings = empty_home / ".config" / "lapis" / "settings.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text('workspace = "~/three"\n')
    assert run("workspace", "show").json["location"] == str(empty_home / "three")
