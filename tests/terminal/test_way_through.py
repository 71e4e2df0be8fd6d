"""The main job, from the first start to a registered model, by keys alone, in the installed app."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.local_workspaces import copy_workspace
from tests.terminal.terminal import Terminal

pytestmark = [pytest.mark.terminal, pytest.mark.slow]

TRAIN = """\
import argparse, pathlib, time
import mlflow

parser = argparse.ArgumentParser()
parser.add_argument("--data")
parser.add_argument("--rate", type=float)
parser.add_argument("--model", type=pathlib.Path)
arguments = parser.parse_args()
rows = pathlib.Path(arguments.data).read_text().splitlines()
mlflow.log_param("rate", arguments.rate)
for step in range(20):
    mlflow.log_metric("loss", arguments.rate / (step + 1), step=step)
    print(f"epoch {step + 1} of 20 over {len(rows) - 1} rows", flush=True)
    time.sleep(0.1)
arguments.model.mkdir(parents=True, exist_ok=True)
(arguments.model / "MLmodel").write_text("flavors:\\n  python_function:\\n    loader_module: mlflow.sklearn\\n")
"""
COMMAND = "python train.py --data ${{inputs.data}} --rate ${{inputs.rate}} --model ${{outputs.model}}"
BROKEN = """\
settings = {"epochs": 3}
print("reading settings", flush=True)
print(settings["batch_size"])
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "home"
    folder.mkdir()
    return folder


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    return tmp_path / "workspace"


@pytest.fixture
def used(template: Path, workspace: Path) -> Path:
    """The workspace as a first job leaves it: MLflow's store, which takes seconds to make, is there."""
    return copy_workspace(template, workspace)


@pytest.fixture
def environ(home: Path, workspace: Path) -> dict[str, str]:
    """An empty home, no settings of the machine's, and this workspace."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("XDG_", "LAPIS_", "MLFLOW_"))}
    return {**kept, "HOME": str(home), "LAPIS_WORKSPACE": str(workspace)}


@pytest.fixture
def code(tmp_path: Path) -> Path:
    folder = tmp_path / "code"
    folder.mkdir()
    (folder / "train.py").write_text(TRAIN)
    return folder


@pytest.fixture
def run(lapis: Path, environ: dict[str, str], tmp_path: Path) -> Callable[..., str]:
    """Run a command of the same `lapis`; what it printed."""

    def call(*arguments: str | Path) -> str:
        done = subprocess.run(
            [lapis, *arguments], env=environ, cwd=tmp_path, capture_output=True, text=True, check=True
        )
        return done.stdout

    return call


def open_lapis(lapis: Path, environ: dict[str, str], size: tuple[int, int]) -> Terminal:
    return Terminal([lapis], env=environ, columns=size[0], lines=size[1])


def test_from_the_first_start_to_a_registered_model(
    lapis: Path, environ: dict[str, str], code: Path, tmp_path: Path, run: Callable[..., str]
) -> None:
    """Each screen that stands still is seen at both sizes, and keys are pressed at the one and at the other."""
    table = tmp_path / "patients.csv"
    table.write_text("age,sick\n" + "".join(f"{20 + i % 60},{i % 2}\n" for i in range(1200)))
    with open_lapis(lapis, environ, (80, 24)) as terminal:
        terminal.wait_at_both_sizes("No jobs yet")

        terminal.press("g", "d")
        terminal.wait_at_both_sizes("No data assets yet")
        terminal.press("n")
        terminal.wait_at_both_sizes("Path", "Version", "A file or folder here")
        terminal.send(str(table))
        terminal.wait_for("copied into the default datastore")
        terminal.press("ctrl+s")
        terminal.wait_at_both_sizes("patients:1", "uri_file", "p Preview")
        terminal.press("p")
        terminal.wait_at_both_sizes("patients:1", "age", "sick", "1,200")

        terminal.press("g", "n")
        terminal.wait_at_both_sizes("Command", "Time limit")
        terminal.send(f"{code}/")
        terminal.wait_for("1 file")
        terminal.press("tab")
        terminal.send(COMMAND)
        terminal.wait_for("inputs.rate")
        terminal.press("ctrl+n")
        terminal.wait_at_both_sizes("uri_file", "A path, azureml:NAME:VERSION")
        terminal.send("azureml:patients:1")
        terminal.press("ctrl+n")
        terminal.wait_for("rate  ")
        terminal.send("0.5")
        terminal.press("ctrl+t")
        terminal.wait_for("uri_folder")
        terminal.wait_gone("✗")
        terminal.press("ctrl+s")
        terminal.wait_for("Timeline", "Running", timeout=60)
        terminal.press("4")
        terminal.wait_for("epoch 3 of 20 over 1200 rows", timeout=60)
        assert terminal.leave("q") == 0
        assert not terminal.alternate_screen
        assert terminal.cursor_shown

    with open_lapis(lapis, environ, (80, 24)) as terminal:
        terminal.wait_for("Completed", "epoch 20 of 20", timeout=60)
        terminal.press("3")
        terminal.wait_at_both_sizes("loss", "20")
        terminal.press("2")
        terminal.wait_at_both_sizes("rate", "0.5")
        terminal.press("6")
        terminal.wait_at_both_sizes("MLmodel")
        terminal.press("R")
        terminal.wait_at_both_sizes("Register", "Name", "mlflow")
        terminal.press("ctrl+s")
        terminal.wait_at_both_sizes("python_function", "Registered")

        (code / "train.py").write_text(BROKEN)
        job = tmp_path / "broken.yml"
        job.write_text(f"type: command\ndisplay_name: broken\ncode: {code}\ncommand: python train.py\n")
        run("job", "create", "-f", job)
        terminal.press("g", "j")
        terminal.wait_at_both_sizes("broken", "Failed", "Completed")
        terminal.press("enter")
        terminal.wait_at_both_sizes("KeyError", "train.py:3", "batch_size", "x clones")
        terminal.press("y")
        terminal.wait_at_both_sizes("type: command", "Python SDK", "display_name: broken")
        terminal.press("escape")
        terminal.wait_gone("Show as: broken")
        terminal.press("g", "j")
        terminal.wait_for("newest first")
        terminal.press("space", "space", "v")
        terminal.wait_at_both_sizes("differences", "loss", "command")
        assert terminal.leave("q") == 0


def sleeper(tmp_path: Path) -> Path:
    job = tmp_path / "sleeper.yml"
    job.write_text(
        "type: command\nname: sleeper\n"
        "command: \"python -c 'import time; print(1, flush=True); time.sleep(3); print(2, flush=True)'\"\n"
    )
    return job


@pytest.mark.usefixtures("used")
@pytest.mark.parametrize("end", ["kill", "hang_up"])
def test_the_job_goes_on_when_the_app_ends_in_its_middle(
    lapis: Path, environ: dict[str, str], tmp_path: Path, run: Callable[..., str], end: str
) -> None:
    with open_lapis(lapis, environ, (80, 24)) as terminal:
        terminal.wait_for("No jobs yet")
        run("job", "create", "-f", sleeper(tmp_path))
        terminal.wait_for("sleeper", "Running")
        if end == "kill":
            terminal.kill()
            assert terminal.exit_code() == -9
        else:
            terminal.hang_up()
            terminal.ended()
    assert run("job", "stream", "-n", "sleeper").count("2") >= 1
    with open_lapis(lapis, environ, (80, 24)) as terminal:
        terminal.wait_for("sleeper", "Completed")
        assert terminal.leave("q") == 0


@pytest.mark.usefixtures("used")
def test_what_a_job_prints_never_reaches_the_terminal_as_a_sequence(
    lapis: Path, environ: dict[str, str], tmp_path: Path, run: Callable[..., str]
) -> None:
    script = tmp_path / "evil.py"
    script.write_text(r"""print("\x1b]0;pwned\x07\x1b[2J\x1b[31mred [bold]x[/] \u202eabc 表", flush=True)""")
    job = tmp_path / "evil.yml"
    job.write_text(
        f'type: command\nname: evil\ndisplay_name: "[red]evil[/]"\ncode: {script}\ncommand: python evil.py\n'
    )
    run("job", "create", "-f", job, "--stream")
    with open_lapis(lapis, environ, (80, 24)) as terminal:
        terminal.wait_for("[red]evil[/]", "Completed")
        terminal.press("enter")
        terminal.wait_for("Timeline")
        terminal.press("4")
        terminal.wait_for("[bold]x[/]", "表")
        assert b"pwned\x07" not in terminal.received
        assert b"\x1b[2J\x1b[31m" not in terminal.received
        assert "\u202e".encode() not in terminal.received
        assert terminal.leave("q") == 0
