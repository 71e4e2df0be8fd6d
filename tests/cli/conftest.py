"""Commands as a user types them, in this process, on a real local workspace."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support.local_workspaces import copy_workspace
from tui.__main__ import main


@dataclass(frozen=True)
class Result:
    """What a command left: its exit code, stdout and stderr."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """stdout as JSON."""
        return json.loads(self.out)


Run = Callable[..., Result]


@pytest.fixture
def folder(tmp_path: Path, template: Path) -> Path:
    """An empty workspace."""
    return copy_workspace(template, tmp_path / "workspace")


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is not there; the commands of the test use it."""
    monkeypatch.setenv("LAPIS_WORKSPACE", str(tmp_path / "nowhere"))
    return tmp_path / "nowhere"


@pytest.fixture
def run(folder: Path, monkeypatch: pytest.MonkeyPatch, run_anywhere: Run) -> Run:
    """Runs `lapis ARGUMENTS` on the workspace."""
    monkeypatch.setenv("LAPIS_WORKSPACE", str(folder))
    return run_anywhere


@pytest.fixture
def run_anywhere(capfd: pytest.CaptureFixture[str]) -> Run:
    """Runs `lapis ARGUMENTS`, which name the workspace."""

    def run_it(*arguments: object) -> Result:
        capfd.readouterr()
        try:
            code = main([str(argument) for argument in arguments])
        except SystemExit as leaving:
            code = int(leaving.code or 0)
        out, err = capfd.readouterr()
        assert "Traceback" not in err
        return Result(code, out, err)

    return run_it


@pytest.fixture
def write_job(tmp_path: Path) -> Callable[..., Path]:
    """Writes a job.yml with a script, and returns its path."""

    def write(script: str, yaml: str = "", *, name: str = "job") -> Path:
        place = tmp_path / name
        (place / "src").mkdir(parents=True, exist_ok=True)
        (place / "src" / "main.py").write_text(textwrap.dedent(script), encoding="utf-8")
        text = "command: python main.py\ncode: src\nexperiment_name: tests\n" + textwrap.dedent(yaml)
        if "command:" in yaml:
            text = text.partition("\n")[2]
        path = place / "job.yml"
        path.write_text(text, encoding="utf-8")
        return path

    return write
