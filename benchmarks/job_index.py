"""What the copy of an Azure workspace's jobs list costs: reading a page of it, searching it, keeping it true."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.figures import Figure, Table, median
from services.azure.job_index import JobIndex
from services.entities import JobQuery, JobStatus, JobSummary

JOBS = 5_000
SERVICE_PAGE = 30
"""Jobs of a page of the service."""
REPEATS = 9

ABOUT = (
    f"The index of an Azure workspace with {JOBS:,} jobs; medians of {REPEATS}. The service can neither search nor "
    "order jobs, so each of these would read all its pages."
)


def measure(folder: Path) -> Table:
    """The table of the index, which is made in a folder."""
    index, jobs, now = JobIndex(folder / "index"), make_jobs(), datetime.now(UTC)
    table = Table("The jobs list of an Azure workspace, from its copy", ABOUT)
    began = time.perf_counter()
    index.put(jobs, at=now)
    table.figures.append(Figure("keeping all jobs for the first time", time.perf_counter() - began, None, "ms"))
    failed = frozenset({JobStatus.FAILED})
    for what, call in {
        "the first page of 100": lambda: index.page(JobQuery(), None, 100),
        "the page of 100 that failed": lambda: index.page(JobQuery(statuses=failed), None, 100),
        "two words searched in all": lambda: index.page(JobQuery(text="failed churn"), None, 100),
        "the longest 100": lambda: index.page(JobQuery(order_by="duration"), None, 100),
        "a page of the service without news": lambda: index.put(jobs[:SERVICE_PAGE], at=now),
    }.items():
        table.figures.append(Figure(what, median([seconds(call) for _ in range(REPEATS)]), None, "ms"))
    return table


def make_jobs() -> list[JobSummary]:
    """Jobs a minute apart, the newest first."""
    now = datetime.now(UTC)
    return [
        JobSummary(
            name=f"lake_{number}",
            display_name=f"train {number}",
            experiment_name=("diabetes-train", "churn")[number % 2],
            status=JobStatus.COMPLETED if number % 9 else JobStatus.FAILED,
            created_at=now - timedelta(minutes=number),
            started_at=now - timedelta(minutes=number),
            ended_at=now - timedelta(minutes=number) + timedelta(seconds=number),
            compute="cpu-cluster",
            tags={"team": "pricing"},
        )
        for number in range(JOBS)
    ]


def seconds(call: Callable[[], object]) -> float:
    """How long a call takes."""
    began = time.perf_counter()
    call()
    return time.perf_counter() - began
