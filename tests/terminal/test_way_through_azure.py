"""The main job on an Azure workspace, by keys alone, in the installed app: the lab is its Azure."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.azure_emulator.__main__ import PROFILE, user_environ
from tests.azure_emulator.lab import AzureLab
from tests.azure_emulator.storage import Storage
from tests.terminal.terminal import Terminal

pytestmark = [pytest.mark.terminal, pytest.mark.azure, pytest.mark.slow]

TRAIN = """\
import pathlib, sys, time

rows = pathlib.Path(sys.argv[1]).read_text().splitlines()
for epoch in range(1, 6):
    print(f"epoch {epoch} of 5 over {len(rows) - 1} rows", flush=True)
    time.sleep(0.2)
model = pathlib.Path(sys.argv[2])
model.mkdir(parents=True, exist_ok=True)
(model / "MLmodel").write_text("flavors:\\n  python_function:\\n    loader_module: mlflow.sklearn\\n")
"""
JOB = """\
type: command
display_name: tiny
experiment_name: trials
code: src
command: python train.py ${{inputs.data}} ${{outputs.model}}
inputs:
  data: {type: uri_file, path: people.csv, mode: download}
outputs:
  model: {type: mlflow_model}
environment: azureml:AzureML-sklearn-1.5@latest
compute: azureml:cpu-cluster
"""


@pytest.fixture
def lab(azure_lab: AzureLab, azure_storage: Storage) -> Iterator[AzureLab]:
    """The lab with a small team's workspace, which runs what is submitted."""
    azure_lab.seed_workspace()
    azure_lab.seed_jobs(30)
    azure_lab.emulator.settings.operation_seconds = 1.0
    with azure_lab.run_jobs():
        yield azure_lab


@pytest.fixture
def environ(lab: AzureLab, tmp_path: Path) -> dict[str, str]:
    """An empty home but for a profile of the lab's workspace, and who is signed in."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("XDG_", "LAPIS_", "MLFLOW_"))}
    return {**kept, "HOME": str(tmp_path), **user_environ(lab, tmp_path)}


@pytest.fixture
def job(tmp_path: Path) -> Path:
    folder = tmp_path / "job"
    (folder / "src").mkdir(parents=True)
    (folder / "src" / "train.py").write_text(TRAIN)
    (folder / "people.csv").write_text("age,sick\n" + "".join(f"{20 + i % 60},{i % 2}\n" for i in range(300)))
    (folder / "job.yml").write_text(JOB)
    return folder / "job.yml"


def test_submit_watch_register_and_stop_an_instance(
    lapis: Path, lab: AzureLab, environ: dict[str, str], job: Path
) -> None:
    """Each screen that stands still is seen at both sizes, and keys are pressed at the one and at the other."""
    command: list[str | Path] = [lapis, "-w", f"azure:{PROFILE}"]
    with Terminal(command, env=environ, columns=80, lines=24) as terminal:
        terminal.wait_at_both_sizes("AZURE", "Jobs", "newest first", "Completed", timeout=40)

        terminal.send(f":submit {job}")
        terminal.press("enter")
        terminal.wait_at_both_sizes("New job", "people.csv", "Ready: ctrl+s submits")
        terminal.press("ctrl+s")
        terminal.wait_for("Timeline", "tiny", "cpu-cluster", timeout=60)
        terminal.press("4")
        terminal.wait_for("epoch 2 of 5 over 300 rows", timeout=60)
        terminal.wait_for("Completed", "epoch 5 of 5", timeout=60)
        terminal.press("6")
        terminal.wait_at_both_sizes("named-outputs", "MLmodel", timeout=60)
        terminal.press("R")
        terminal.wait_at_both_sizes("Register", "mlflow_model", "the next one")
        terminal.press("ctrl+s")
        terminal.wait_for("python_function", "Registered trials:1")

        terminal.press("g", "c")
        terminal.wait_at_both_sizes("cpu-cluster", "2 of 0-4", "● Running")
        terminal.press("s")
        terminal.wait_at_both_sizes("Stop ada-notebook?")
        terminal.press("y")
        terminal.wait_for("ada-notebook is being stopped", "◔ Stopping")
        terminal.wait(lambda: terminal.text.count("■ Stopped") >= 2, what="ada-notebook stopped")
        assert terminal.leave("q") == 0
        assert not terminal.alternate_screen
        assert terminal.cursor_shown

    jobs = [job["properties"] for job in lab.store.children(f"{lab.workspace_id}/jobs")]
    assert [job["status"] for job in jobs if job["displayName"] == "tiny"] == ["Completed"]
    assert f"{lab.workspace_id}/models/trials/versions/1" in lab.store
    assert lab.store[f"{lab.workspace_id}/computes/ada-notebook"]["properties"]["properties"]["state"] == "Stopped"
