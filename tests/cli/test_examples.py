"""The examples, from the command line, as a newcomer runs them."""

from __future__ import annotations

import csv
import platform
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Run

EXAMPLES = Path(__file__).parents[2] / "examples"
JOB = EXAMPLES / "diabetes" / "job.yml"

pytest.importorskip("sklearn", reason="the examples need the extra `train`")


@pytest.mark.slow
def test_the_main_job_with_the_real_table_gives_the_reference_figures(
    run: Run, shared_data: Path, tmp_path: Path
) -> None:
    """Accuracy 0.774 and AUC 0.8484437 for reg 0.01, then version 1 of its model with a link to the job."""
    table = f"inputs.training_data.path={shared_data / 'diabetes.csv'}"

    done = run("job", "create", "-f", JOB, "-n", "reference", "--set", table, "--stream")

    assert done.code == 0, done.out + done.err
    assert "note: compute" in done.err
    metrics = metrics_of(done.out)
    assert metrics["accuracy"] == pytest.approx(0.774, abs=1e-7)
    # liblinear's last digits follow the arithmetic of the CPU; job.yml fixes it for x86-64
    exact = platform.machine() in ("x86_64", "AMD64")
    assert metrics["AUC"] == pytest.approx(0.8484437, abs=1e-7 if exact else 1e-3)

    run("job", "download", "-n", "reference", "-p", tmp_path / "copy", "--all")
    (predictions,) = (tmp_path / "copy").rglob("predictions.csv")
    with predictions.open(encoding="utf-8") as file:
        assert sum(1 for _ in csv.DictReader(file)) == 3000
    assert list((tmp_path / "copy").rglob("roc.png"))

    path = "azureml://jobs/reference/outputs/artifacts/paths/model/"
    model = run("model", "create", "--name", "diabetes", "--type", "mlflow_model", "--path", path)
    assert model.code == 0, model.err
    assert model.json["version"] == "1"
    assert model.json["job_name"] == "reference"
    assert set(model.json["flavors"]) == {"python_function", "sklearn"}
    inputs = {field["name"]: field["type"] for field in model.json["signature"] if field["role"] == "input"}
    assert len(inputs) == 8
    assert set(inputs.values()) == {"double"}


def metrics_of(log: str) -> dict[str, float]:
    """The line `accuracy A, AUC B` of the script."""
    line = next(line for line in log.splitlines() if line.startswith("accuracy "))
    return {name: float(value) for name, value in (part.split() for part in line.split(", "))}


@pytest.mark.slow
def test_the_demo_prints_what_the_job_logged() -> None:
    done = subprocess.run(
        [sys.executable, EXAMPLES / "demo.py"], capture_output=True, text=True, check=False, timeout=170
    )
    assert done.returncode == 0, done.stdout + done.stderr
    params, _, metrics = done.stdout.partition("\nMetrics\n")
    assert "reg_rate" in params
    metrics, _, outputs = metrics.partition("\nOutputs\n")
    names = {line.split()[0] for line in metrics.splitlines()}
    assert {"accuracy", "AUC", "curve_test_loss"} <= names
    assert "roc.png" in outputs
    assert "MLmodel" in outputs
    assert "predictions.csv" in outputs


def test_the_broken_example_fails_where_it_says(run: Run) -> None:
    done = run("job", "create", "-f", EXAMPLES / "broken" / "job.yml", "--stream")
    assert done.code == 1
    assert "KeyError: 'batch_size'" in done.err
    assert "train.py, line 21" in done.err


def test_the_table_of_the_example_is_made_by_its_script(tmp_path: Path) -> None:
    script = EXAMPLES / "diabetes" / "make_patients.py"
    (tmp_path / "data").mkdir()
    (tmp_path / script.name).write_text(script.read_text(encoding="utf-8"), encoding="utf-8")
    subprocess.run([sys.executable, tmp_path / script.name], check=True)
    expected = (EXAMPLES / "diabetes" / "data" / "patients.csv").read_bytes()
    assert (tmp_path / "data" / "patients.csv").read_bytes() == expected


def test_the_recipe_leaves_no_gap_and_no_text(run: Run, tmp_path: Path) -> None:
    recipe, table = EXAMPLES / "diabetes" / "recipe.yaml", EXAMPLES / "diabetes" / "data" / "patients.csv"

    checked = run("recipe", "check", recipe, "-i", table)
    done = run("recipe", "run", recipe, "-i", table, "-o", tmp_path / "clean.csv")

    assert "no errors, no notes" in checked.err
    assert (done.json["rows_read"], done.json["rows_written"]) == (1500, 1500)
    with (tmp_path / "clean.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert "PatientID" not in rows[0]
    assert all(float(cell) >= 0 for row in rows for cell in row.values())
