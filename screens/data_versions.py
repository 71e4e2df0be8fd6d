"""The versions of a data asset: their rows in a grid, and which two are compared."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from screens import clock
from screens.lists import dimmed, shown, tags_text
from screens.widgets.grid import GridColumn, GridRow
from screens.widgets.status import age_text, size_text
from services.entities import DataAsset

VERSION_COLUMNS = (
    GridColumn("version", "Version", align="right"),
    GridColumn("labels", "Labels"),
    GridColumn("type", "Type"),
    GridColumn("size", "Size", align="right", priority=1),
    GridColumn("created", "Created", align="right", priority=1),
    GridColumn("by", "By", priority=4),
    GridColumn("tags", "Tags", priority=3),
    GridColumn("description", "Description", priority=2),
)


def version_row(item: DataAsset) -> GridRow:
    """A version as a row; its key is the version."""
    cells = (
        item.version + (" (archived)" if item.archived else ""),
        ", ".join(item.labels),
        item.type,
        size_text(item.size),
        age_text(item.created_at, clock.now()),
        shown(item.created_by),
        tags_text(item.tags),
        shown(item.description),
    )
    return GridRow(item.version, dimmed(cells, item.archived))


def pair_to_compare(chosen: str, marked: Collection[str], versions: Sequence[DataAsset]) -> tuple[str, str] | None:
    """The older and the newer of two marked versions; else the chosen one and the latest, or the latest and its elder.

    None where there is only one version, or not two are marked.
    """
    known = [item.version for item in versions]
    if both := [version for version in known if version in marked]:
        return (both[1], both[0]) if len(both) == 2 else None
    latest = next((item.version for item in versions if item.latest), "")
    if chosen not in known:
        return None
    if chosen != latest:
        return chosen, latest
    older = known[known.index(latest) + 1 :]
    return (older[0], latest) if older else None
