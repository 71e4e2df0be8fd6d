"""What holds for all tests: no clock, no blink, no animation, no home, UTC."""

# ruff: noqa: E402
from __future__ import annotations

import gc
import os
import sys
import time

# Textual reads these when it is imported.
for _name in ("NO_COLOR", "FORCE_COLOR", "TEXTUAL_THEME", "COLORTERM", "TEXTUAL"):
    os.environ.pop(_name, None)
os.environ["TEXTUAL_ANIMATIONS"] = "none"
os.environ["TEXTUAL_FPS"] = "500"
os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
os.environ["TZ"] = "UTC"
time.tzset()
# Modules are compiled once, not in each of the many processes that tests start.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
# Python sweeps every 700 new objects by default, again and again through what the SDKs made: a seventh of the time.
gc.set_threshold(20_000, 20, 50)

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
import textual.app
import textual.pilot
from textual.css.stylesheet import Stylesheet
from textual.widgets import Input, TextArea

from screens import clock
from tests.azure_emulator.fixtures import azure_lab, azure_storage, running_lab
from tests.support.entities import NOW
from tests.support.fake_workspace import FakeWorkspace
from tests.support.idle import wait_for_idle
from tests.support.local_workspaces import template
from tests.support.parsed_css import parse_rules
from tests.support.shares import Shares
from tests.support.snapshots import ScreenSnapshot, screen_snapshot, size

__all__ = ["ScreenSnapshot", "azure_lab", "azure_storage", "running_lab", "screen_snapshot", "size", "template"]

SHARED_DATA = Path(__file__).parents[1] / "../shared/data"


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> Shares:
    """How workers share the tests."""
    return Shares(config, log)


@pytest.fixture(scope="session")
def new_homes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Names for homes. pytest would look through all folders of the run for the next number."""
    folder = tmp_path_factory.mktemp("homes")
    return (folder / str(number) for number in count())


@pytest.fixture(autouse=True)
def empty_home(monkeypatch: pytest.MonkeyPatch, new_homes: Iterator[Path]) -> Path:
    """A home of its own for each test: nothing of the developer's is read, nothing is left there."""
    home = next(new_homes)
    monkeypatch.setenv("HOME", str(home))
    for variable, folder in {
        "XDG_CONFIG_HOME": ".config",
        "XDG_DATA_HOME": ".local/share",
        "XDG_STATE_HOME": ".local/state",
        "XDG_CACHE_HOME": ".cache",
        "XDG_RUNTIME_DIR": "run",
    }.items():
        (home / folder).mkdir(parents=True)
        monkeypatch.setenv(variable, str(home / folder))
    for variable in list(os.environ):
        if variable.startswith(("LAPIS_", "MLFLOW_", "AZUREML_")) and variable != "MLFLOW_DISABLE_TELEMETRY":
            monkeypatch.delenv(variable)
    return home


@pytest.fixture(autouse=True)
def frozen_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Screens live at one moment: `tests.support.entities.NOW`."""
    monkeypatch.setattr(clock, "source", lambda: NOW)


@pytest.fixture(autouse=True)
def still_cursors(monkeypatch: pytest.MonkeyPatch) -> None:
    """No blinking cursor, which would make snapshots differ from run to run."""
    monkeypatch.setattr(Input.cursor_blink, "_default", False)
    monkeypatch.setattr(TextArea.cursor_blink, "_default", False)


@pytest.fixture(autouse=True)
def quick_idle(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys and pauses of a pilot end when the app is at rest, not after a fixed time."""
    for module in (textual.app, textual.pilot):
        monkeypatch.setattr(module, "wait_for_idle", wait_for_idle)


@pytest.fixture(autouse=True)
def quick_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """An app finds its CSS read by the apps before it."""
    monkeypatch.setattr(Stylesheet, "_parse_rules", parse_rules)


@pytest.fixture
def shared_data() -> Path:
    """The folder with diabetes.csv and titanic.csv; the test is skipped where it is absent."""
    if not (SHARED_DATA / "diabetes.csv").is_file():
        pytest.skip("the real data sets are not on this machine (../shared/data)")
    return SHARED_DATA.resolve()


@pytest.fixture
def workspace() -> FakeWorkspace:
    """The workspace in memory, full."""
    return FakeWorkspace()
