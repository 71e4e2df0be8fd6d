"""Jobs that really run, seen through the port: on this machine they take half a second."""

from __future__ import annotations

from pathlib import Path

from services.entities import Job, JobStatus
from services.specs.command import CommandJob, JobLimits
from services.workspace import JobService
from tests.support.waiting import eventually

ENVIRONMENT = "azureml:AzureML-sklearn-1.5:1"
"""One that every workspace knows; the scripts of tests need the standard library alone."""
LOG = "user_logs/std_log.txt"


async def submitted(
    jobs: JobService, command: str, *, timeout: int | None = None, base: Path = Path("/"), **more: object
) -> str:
    """Submit a command; returns the job's name."""
    limits = JobLimits(timeout) if timeout else None
    spec = CommandJob(command=command, limits=limits, environment=ENVIRONMENT, **more)  # type: ignore[arg-type]
    return (await jobs.submit(spec, base=base)).name


async def reached(jobs: JobService, name: str, *statuses: JobStatus, timeout: float = 30) -> Job:
    """Wait until the job is in one of the states."""
    found: list[Job] = []

    async def is_there() -> bool:
        found[:] = [await jobs.get(name)]
        return found[0].status in statuses

    await eventually(is_there, timeout, interval=0.05, what=f"{name} never reached {statuses}")
    return found[0]


async def ended(jobs: JobService, name: str, timeout: float = 30) -> Job:
    """Wait until the job has ended."""
    return await reached(jobs, name, JobStatus.COMPLETED, JobStatus.FAILED, JobStatus.CANCELED, timeout=timeout)


async def log_of(jobs: JobService, name: str, limit: int = 100_000) -> str:
    """The user's log."""
    return (await jobs.read_log(name, LOG, 0, limit)).data.decode("utf-8", "replace")
