"""The job screen: one module per tab, and the feed that its live events gather in."""

from __future__ import annotations

from typing import Any


def __getattr__(name: str) -> Any:
    """JobScreen, imported when it is first asked for: the jobs list takes only small modules from here."""
    if name == "JobScreen":
        from screens.job.screen import JobScreen

        return JobScreen
    raise AttributeError(name)
