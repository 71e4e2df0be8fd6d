"""Trials that tests make up."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from services.entities import JobStatus
from services.entities.sweeps import LoggedValue, Trial

START = datetime(2026, 1, 1, tzinfo=UTC)


def trial(
    number: int,
    values: Sequence[float] = (),
    *,
    status: JobStatus = JobStatus.RUNNING,
    seconds: float | None = None,
    first: float = 0.0,
) -> Trial:
    """A trial that logs a value every ten seconds from `first` on."""
    curve = tuple(LoggedValue(START.timestamp() + first + 10 * n, value) for n, value in enumerate(values))
    ended = START + timedelta(seconds=seconds) if seconds is not None else None
    return Trial(number, f"sweep_{number}", {}, status, curve, START, ended)
