"""insights.log: what happened in a workspace, a line each; stands for Application Insights."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime

from services.local.layout import Layout
from services.text import masked, safe


def record(layout: Layout, event: str) -> None:
    """Add a line. An event that can't be written is no reason to fail."""
    line = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ} {safe(masked(event))}\n"
    with suppress(OSError), layout.events.open("a", encoding="utf-8") as file:
        file.write(line)
