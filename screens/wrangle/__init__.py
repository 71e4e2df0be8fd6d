"""The wrangling of a table: `drafts` are the recipes that are being made, `values` and `fields` the form of a step."""

from __future__ import annotations

from typing import Any


def __getattr__(name: str) -> Any:
    """WrangleScreen, imported when it is first asked for."""
    if name == "WrangleScreen":
        from screens.wrangle.screen import WrangleScreen

        return WrangleScreen
    raise AttributeError(name)
