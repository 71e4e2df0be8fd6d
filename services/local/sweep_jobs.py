"""A sweep as a supervised job, and each of its trials as a command job."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from services.entities.sweeps import ParameterValue
from services.errors import Fault
from services.local.mlflow_store import QUIET
from services.specs.command import CommandJob
from services.specs.expressions import placeholders, substitute
from services.specs.sweep import SweepJob, trial_job
from services.sweeps.sampling import INSTALL, needed_package

_DRIVE = Path(__file__).resolve().with_name("drive_sweep.py")


def sweep_faults(spec: SweepJob) -> list[Fault]:
    """What this machine can't do of a sweep."""
    faults = []
    for name, distribution in spec.search_space.items():
        if any(isinstance(value, Mapping) for value in distribution.values or ()):
            message = "a choice of hyperparameters with distributions of their own runs in an Azure workspace alone"
            faults.append(Fault(f"search_space.{name}.values", message))
    package = needed_package(spec.sampling)
    if package and find_spec(package) is None:
        message = f"needs {package}, which is not installed; `{INSTALL}` installs it"
        faults.append(Fault("sampling_algorithm", message))
    return faults


def supervised_sweep(folder: Path) -> dict[str, Any]:
    """What spec.json says of a sweep: its driver runs at once, trials wait for slots and bind inputs themselves."""
    return {
        "command": [sys.executable, "-I", str(_DRIVE), str(folder)],
        "environment": QUIET,
        "timeout": None,
        "queue": str(folder / "queue"),
        "slots": [str(folder / "slot.lock")],
        "inputs": [],
        "output_folders": [],
        "build": None,
        "register": [],
        "drives_jobs": True,
    }


def trial_name(sweep: str, number: int) -> str:
    """The job of a trial: as in Azure the sweep's name and the number, so that a retried submit is the same job."""
    return f"{sweep}_{number}"


def trial_command(
    spec: SweepJob, number: int, parameters: Mapping[str, ParameterValue], folder: Path, experiment: str
) -> CommandJob:
    """The command job of a trial.

    Args:
        folder: of the sweep's job, whose snapshot of the code every trial runs.
        experiment: the sweep's.
    """
    job, sweep = trial_job(spec), folder.name
    values = {f"search_space.{name}": str(value) for name, value in parameters.items()}
    variables = {
        key: _filled(value, values) if isinstance(value, str) else value
        for key, value in job.environment_variables.items()
    }
    return replace(
        job,
        name=trial_name(sweep, number),
        display_name=f"{spec.display_name or sweep} trial {number}",
        experiment_name=experiment,
        command=_filled(job.command, values),
        code=str(folder / "code") if job.code is not None else None,
        environment_variables=variables,
        tags={**spec.tags, **{name: str(value) for name, value in parameters.items()}},
    )


def _filled(text: str, values: Mapping[str, str]) -> str:
    """A text with the values of the search space; other expressions stay for the submit."""
    kept = {found.key: text[found.start : found.end] for found in placeholders(text)}
    return substitute(text, {**kept, **values})
