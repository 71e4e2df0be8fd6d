"""The one place where screens and widgets ask for the time, so that tests can stop it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime


def _utc() -> datetime:
    return datetime.now(UTC)


source: Callable[[], datetime] = _utc
"""Tests put a frozen clock here."""


def now() -> datetime:
    """The time now, in UTC."""
    return source()
