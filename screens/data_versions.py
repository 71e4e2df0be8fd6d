"""The versions of a data asset: their rows in a grid, and what changed from one to another."""

from __future__ import annotations

from collections.abc import Sequence

from screens import clock
from screens.lists import counted, dimmed, shown, tags_text
from screens.widgets.grid import Grid, GridColumn, GridRow
from screens.widgets.status import age_text, size_text
from services.entities import DataAsset, TablePreview

VERSION_COLUMNS = (
    GridColumn("version", "Version", align="right"),
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
        item.version + (" latest" if item.latest else "") + (" (archived)" if item.archived else ""),
        item.type,
        size_text(item.size),
        age_text(item.created_at, clock.now()),
        shown(item.created_by),
        tags_text(item.tags),
        shown(item.description),
    )
    return GridRow(item.version, dimmed(cells, item.archived))


def pair_to_compare(grid: Grid, versions: Sequence[DataAsset]) -> tuple[str, str] | None:
    """The older and the newer of the two marked versions, or the one under the cursor with that before it."""
    known = [item.version for item in versions]
    chosen = [version for version in known if version in grid.marked]
    if not chosen and grid.cursor_key in known:
        at = known.index(grid.cursor_key)
        chosen = known[at : at + 2]
    return (chosen[1], chosen[0]) if len(chosen) == 2 else None


def changes(before: TablePreview, after: TablePreview) -> list[str]:
    """What changed from one table to another, a line each: `+0 rows, +1 column`, then the columns."""
    for which, table in (("older", before), ("newer", after)):
        if not table.columns:
            return [f"The {which} version can't be compared: {table.message or 'it has no columns'}."]
    was = {column.name: column.type for column in before.columns}
    now = {column.name: column.type for column in after.columns}
    added, gone = [name for name in now if name not in was], [name for name in was if name not in now]
    rows = "rows not counted"
    if before.total_rows is not None and after.total_rows is not None:
        rows = _difference(after.total_rows - before.total_rows, "row", "rows")
        rows += f" ({before.total_rows:,} → {after.total_rows:,})"
    columns = len(after.columns) - len(before.columns)
    lines = [f"{rows}, {_difference(columns, 'column', 'columns')} ({len(before.columns):,} → {len(after.columns):,})"]
    lines += [f"+ {shown(name)}  {now[name]}" for name in added]
    lines += [f"- {shown(name)}  {was[name]}" for name in gone]
    lines += [f"~ {shown(name)}  {was[name]} → {now[name]}" for name in now if was.get(name, now[name]) != now[name]]
    return lines if len(lines) > 1 else [*lines, "Columns and types are the same."]


def _difference(number: int, noun: str, nouns: str) -> str:
    return ("-" if number < 0 else "+") + counted(abs(number), noun, nouns)
