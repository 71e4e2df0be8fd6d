"""Why a job ends, in words. Standard library only: the supervisor uses it."""

from __future__ import annotations

import contextlib
import signal
from pathlib import Path


def cancel_reason(folder: Path) -> str:
    """Why a job is to end: what the one who asked wrote into `cancel`."""
    with contextlib.suppress(OSError):
        if text := (folder / "cancel").read_text("utf-8").strip():
            return text
    return "Canceled by request."


def last_line(log: Path) -> str:
    """The last line of a log; empty if there is none."""
    lines = log.read_text("utf-8", "replace").strip().splitlines()
    return lines[-1] if lines else ""


def describe_exit(code: int) -> str:
    """An exit code in words, a full sentence for a failed command."""
    if code >= 0:
        return f"The command ended with exit code {code}."
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = f"signal {-code}"
    return f"The command was ended by {name}."
