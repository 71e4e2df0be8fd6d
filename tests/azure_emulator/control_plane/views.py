"""The views that lists of jobs and assets have."""

from __future__ import annotations

from tests.azure_emulator.store import Resource


def is_in_view(resource: Resource, view: str | None) -> bool:
    """Whether a list of `listViewType` ActiveOnly (also when none is named), ArchivedOnly or All shows a resource."""
    archived = bool(resource["properties"].get("isArchived"))
    return view == "All" or archived == (view == "ArchivedOnly")
