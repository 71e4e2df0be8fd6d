"""Short texts that many screens draw: states, durations, ages, sizes."""

from __future__ import annotations

from datetime import datetime

from rich.text import Text

from services.entities import JobStatus

# glyph and word, so that nothing is said by colour alone; the colours are ANSI names, which follow the theme
GLYPHS = {
    JobStatus.NOT_STARTED: ("○", "bright_black"),
    JobStatus.QUEUED: ("◌", "yellow"),
    JobStatus.PREPARING: ("◔", "cyan"),
    JobStatus.STARTING: ("◔", "cyan"),
    JobStatus.PROVISIONING: ("◔", "cyan"),
    JobStatus.RUNNING: ("●", "bright_blue"),
    JobStatus.FINALIZING: ("◕", "cyan"),
    JobStatus.CANCEL_REQUESTED: ("⊘", "yellow"),
    JobStatus.COMPLETED: ("✓", "green"),
    JobStatus.FAILED: ("✗", "red"),
    JobStatus.CANCELED: ("⊘", "bright_black"),
    JobStatus.NOT_RESPONDING: ("?", "yellow"),
    JobStatus.PAUSED: ("‖", "yellow"),
    JobStatus.UNKNOWN: ("?", "yellow"),
}
WORDS = {
    JobStatus.NOT_STARTED: "Not started",
    JobStatus.CANCEL_REQUESTED: "Canceling",
    JobStatus.NOT_RESPONDING: "No answer",
}


def status_text(status: JobStatus) -> Text:
    """Glyph and word, at most 13 cells."""
    glyph, colour = GLYPHS[status]
    return Text(f"{glyph} {WORDS.get(status, status.value)}", colour)


def duration_text(seconds: float) -> str:
    """`0.4 s`, `12 s`, `3m12s`, `2h05m`, `3d04h`."""
    if seconds < 0:
        seconds = 0.0
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = int(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60}m{whole % 60:02}s"
    if whole < 86400:
        return f"{whole // 3600}h{whole % 3600 // 60:02}m"
    return f"{whole // 86400}d{whole % 86400 // 3600:02}h"


def age_text(then: datetime, now: datetime) -> str:
    """`now`, `40s ago`, `5m ago`, `3h ago`, `2d ago`, then the date."""
    seconds = (now - then).total_seconds()
    if seconds < 10:
        return "now"
    for unit, size, limit in (("s", 1, 60), ("m", 60, 3600), ("h", 3600, 86400), ("d", 86400, 30 * 86400)):
        if seconds < limit:
            return f"{int(seconds // size)}{unit} ago"
    return then.strftime("%Y-%m-%d")


def size_text(size: float) -> str:
    """`512 B`, `1.2 kB`, `12 MB`: decimal units, as Azure counts them."""
    if size < 1000:
        return f"{int(size)} B"
    for unit in ("kB", "MB", "GB", "TB", "PB"):
        size /= 1000
        if size < 999.5 or unit == "PB":
            return f"{size:.1f} {unit}" if size < 10 else f"{size:.0f} {unit}"
    raise AssertionError
