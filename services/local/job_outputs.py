"""Where the outputs of a job are."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from services.errors import NotFoundError
from services.local.layout import Layout

ARTIFACTS = ("artifacts", "default")
"""The output that every job has: the artifacts of its run (`default` is its name in the service)."""


def outputs(layout: Layout, job: str) -> dict[str, Path]:
    """The place of each output that a job declares. Raises NotFoundError: no such job."""
    return {name: Path(resolved) for name, _type, _value, _mode, resolved in _spec(layout, job)["ports"]["outputs"]}


def output_folder(layout: Layout, job: str, output: str) -> Path:
    """The place of an output; `artifacts` is that of the run's artifacts. Raises NotFoundError."""
    if output in ARTIFACTS:
        return Path(_spec(layout, job)["run_artifacts"])
    found = outputs(layout, job)
    if output not in found:
        known = ", ".join([*found, ARTIFACTS[0]])
        raise NotFoundError(f"Job {job} has no output named {output}; it has {known}.")
    return found[output]


def _spec(layout: Layout, job: str) -> dict[str, Any]:
    """What its supervisor was told. A job's name is one part of a path, whatever a URI says."""
    try:
        if "/" in job or job in (".", ".."):
            raise FileNotFoundError
        content: dict[str, Any] = json.loads((layout.job(job) / "spec.json").read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise NotFoundError(f"There is no job named {job}.", advice="See the list of jobs.") from error
    return content
