"""The jobs of all types that can be submitted."""

from __future__ import annotations

from typing import TypeAlias

from services.specs.automl import AutoMLJob
from services.specs.command import CommandJob
from services.specs.spark import JobSpec, SparkJob
from services.specs.sweep import SweepJob, trial_job

AnyJob: TypeAlias = JobSpec | SweepJob | AutoMLJob
"""A job of any type."""


def command_text(spec: AnyJob) -> str:
    """What a job runs, in a line; of a sweep what each trial runs, and of automated ML nothing."""
    match program_of(spec):
        case CommandJob(command=command):
            return command
        case SparkJob(entry=entry, args=args):
            return " ".join(filter(None, ["spark-submit", entry.file, args]))
    return ""


def program_of(spec: AnyJob) -> JobSpec | None:
    """The command or Spark job that runs: of a sweep that of its trials; none in automated ML, which brings its own."""
    if isinstance(spec, AutoMLJob):
        return None
    return trial_job(spec) if isinstance(spec, SweepJob) else spec
