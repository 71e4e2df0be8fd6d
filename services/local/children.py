"""The children of jobs: how many there are and how they stand."""

from __future__ import annotations

from collections.abc import Sequence

from services.entities.jobs import JobStatus, JobType
from services.local import supervisor
from services.local.database import Database
from services.local.layout import Layout

PARENTS = (JobType.SWEEP, JobType.AUTOML, JobType.PIPELINE)
"""The types of jobs that have children."""


def child_counts(database: Database, parents: Sequence[str]) -> dict[str, int]:
    """How many children jobs have, by the parent's name; those without are left out."""
    if not parents:
        return {}
    marks = ", ".join("?" for _ in parents)
    query = f"SELECT parent_name, COUNT(*) FROM jobs WHERE parent_name IN ({marks}) GROUP BY parent_name"
    with database.read() as connection:
        return dict(map(tuple, connection.execute(query, parents)))


def child_statuses(layout: Layout, database: Database, parent: str) -> dict[str, str]:
    """The status of each child of a job, in the order in which they were submitted."""
    query = "SELECT name, status FROM jobs WHERE parent_name = ? ORDER BY sequence"
    with database.read() as connection:
        rows = connection.execute(query, (parent,)).fetchall()
    return {
        row["name"]: row["status"]
        if JobStatus(row["status"]).is_terminal
        else supervisor.read_state(layout.job(row["name"])).get("status", row["status"])
        for row in rows
    }
