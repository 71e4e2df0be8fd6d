"""Words for states, durations, ages and sizes. A state is a glyph and a word, never a colour alone."""

from __future__ import annotations

from datetime import datetime

from rich.text import Text

from services.entities import JobStatus

GLYPHS: dict[JobStatus, tuple[str, str]] = {
    JobStatus.RUNNING: ("●", "bright_blue"),
    JobStatus.COMPLETED: ("✓", "green"),
    JobStatus.FAILED: ("✗", "red"),
    JobStatus.QUEUED: ("◌", "yellow"),
    JobStatus.NOT_STARTED: ("◌", "yellow"),
    JobStatus.PREPARING: ("◔", "cyan"),
    JobStatus.STARTING: ("◔", "cyan"),
    JobStatus.PROVISIONING: ("◔", "cyan"),
    JobStatus.FINALIZING: ("◕", "cyan"),
    JobStatus.CANCEL_REQUESTED: ("⊘", "yellow"),
    JobStatus.CANCELED: ("⊘", "bright_black"),
    JobStatus.PAUSED: ("‖", "yellow"),
    JobStatus.NOT_RESPONDING: ("?", "red"),
    JobStatus.UNKNOWN: ("?", "bright_black"),
}
"""Glyph and colour of each state. The colours are of the sixteen, which the theme maps to its own."""

MINUTE, HOUR, DAY, WEEK, YEAR = 60, 3_600, 86_400, 604_800, 31_557_600


def status_text(status: JobStatus) -> Text:
    """`● Running`, in the colour of the state."""
    glyph, colour = GLYPHS[status]
    return Text(f"{glyph} {status.value}", colour)


def duration_text(seconds: float) -> str:
    """`0.4s`, `12s`, `1m 14s`, `2h 03m`, `3d 04h`; a negative one is 0."""
    if seconds < 1:
        return f"{max(0.0, int(seconds * 10) / 10):.1f}s"
    whole = int(seconds)
    if whole < MINUTE:
        return f"{whole}s"
    if whole < HOUR:
        return f"{whole // MINUTE}m {whole % MINUTE:02}s"
    if whole < DAY:
        return f"{whole // HOUR}h {whole % HOUR // MINUTE:02}m"
    return f"{whole // DAY}d {whole % DAY // HOUR:02}h"


def age_text(then: datetime | None, now: datetime) -> str:
    """How long ago in one unit: `12s`, `5m`, `3h`, `2d`, `6w`, `2y`; empty for None."""
    if then is None:
        return ""
    seconds = max(0, int((now - then).total_seconds()))
    for least, size, unit in (
        (YEAR, YEAR, "y"),
        (2 * WEEK, WEEK, "w"),
        (DAY, DAY, "d"),
        (HOUR, HOUR, "h"),
        (60, 60, "m"),
    ):
        if seconds >= least:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"


def size_text(size: float | None) -> str:
    """`0 B`, `526 kB`, `1.2 GB`: steps of 1,000, as Azure counts them; empty for None."""
    if size is None:
        return ""
    if size < 1_000:
        return f"{int(size)} B"
    units = ("kB", "MB", "GB", "TB", "PB")
    power = 0
    while power < len(units) and (size >= 999.5 or not power):
        size /= 1_000
        power += 1
    return f"{size:.1f} {units[power - 1]}" if size < 9.95 else f"{size:,.0f} {units[power - 1]}"
