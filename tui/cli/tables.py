"""`lapis data preview | profile | diff`: looks into tables."""

from __future__ import annotations

import asyncio
import math
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from services.asset_uris import is_web, local_place
from services.entities.tables import (
    ColumnDifference,
    ColumnProfile,
    SortKey,
    TableDifference,
    TableProfile,
    TableQuery,
    TableSchema,
)
from tui.cli.options import Verbs, add_verb, positive
from tui.cli.output import Document, emit_list, output_of, say, write_document, write_table
from tui.cli.target import target_of

if TYPE_CHECKING:
    from services.tables.table import Table

ASSET = "azureml:"
PROFILE_COLUMNS = {
    "Column": "name",
    "Type": "type",
    "Missing": "nulls",
    "Distinct": "distinct",
    "Min": "minimum",
    "Mean": "mean",
    "Max": "maximum",
    "Std": "std",
    "Remarks": "remarks",
}
DIFFERENCE_COLUMNS = {"Column": "name", "Drift": "drift", "PSI": "psi", "KS": "ks", "Changes": "changes"}
CORRELATIONS = 10
"""How many of the strongest are printed."""
_WHAT = "a file, a folder with an MLTable file, azureml:NAME:VERSION, or an address in storage or on the web"


def add(verbs: Verbs) -> None:
    """Add the verbs to `lapis data`."""
    preview = _verb(
        verbs,
        "preview",
        _preview,
        "print rows of a table",
        "Print rows of a table: CSV, TSV, JSON, JSON lines, Parquet, Arrow, Excel, packed or not, or an MLTable.\n\n"
        '  lapis data preview titanic.csv --filter "Age > 60 and is_missing(Cabin)" --sort Fare:desc --rows 5',
    )
    preview.add_argument("table", metavar="TABLE", help=_WHAT)
    preview.add_argument("--rows", type=positive, default=20, metavar="N", help="how many rows (default: 20)")
    preview.add_argument("--offset", type=_from_zero, default=0, metavar="N", help="rows that are left out before them")
    preview.add_argument("--columns", nargs="+", metavar="COLUMN", help="which columns (default: all)")
    preview.add_argument("--filter", default="", metavar="EXPRESSION", help='which rows, such as "Age > 60"')
    preview.add_argument(
        "--sort", nargs="+", type=_sort_key, default=[], metavar="COLUMN[:desc]", help="in which order"
    )
    profile = _verb(
        verbs,
        "profile",
        _profile,
        "tell what the columns of a table are like",
        "Tell what the columns of a table are like: of all rows, or with --sample of some 50,000 from all over it.\n\n"
        "  lapis data profile diabetes.csv -o yaml",
    )
    profile.add_argument("table", metavar="TABLE", help=_WHAT)
    profile.add_argument("--columns", nargs="+", metavar="COLUMN", help="which columns (default: all)")
    profile.add_argument("--sample", action="store_true", help="look at a part of a large table alone")
    diff = _verb(
        verbs,
        "diff",
        _diff,
        "tell what changed from one table to another",
        "Tell what changed from one table to another: rows, columns, and how far their values have drifted, by the "
        "population stability index (above 0.25 is a shift) and by Kolmogorov and Smirnov. All rows are compared, or "
        "with --sample some 50,000 of each.\n\n"
        "  lapis data diff azureml:diabetes:1 azureml:diabetes:2",
    )
    diff.add_argument("before", metavar="BEFORE", help=_WHAT)
    diff.add_argument("after", metavar="AFTER", help=_WHAT)
    diff.add_argument("--sample", action="store_true", help="look at a part of large tables alone")


def _verb(verbs: Verbs, name: str, work: Any, text: str, description: str) -> ArgumentParser:
    verb = add_verb(verbs, name, None, text, output="table", description=description)
    verb.set_defaults(local_handler=lambda args: asyncio.run(work(args)) or 0)
    return verb


def _from_zero(text: str) -> int:
    return 0 if text.strip() == "0" else positive(text)


def _sort_key(text: str) -> SortKey:
    column, colon, order = text.rpartition(":")
    if not colon:
        return SortKey(text)
    if order not in ("asc", "desc"):
        raise ArgumentTypeError(f"expected COLUMN, COLUMN:asc or COLUMN:desc, got {text!r}")
    return SortKey(column, descending=order == "desc")


@asynccontextmanager
async def opened(place: str, args: Namespace) -> AsyncIterator[Table]:
    """The table that an argument names."""
    from services.storage.addresses import storage_address

    if not place.startswith(ASSET) and storage_address(place) is None:
        async with await _opened_alone(place) as table:
            yield table
        return
    from services.connect import open_workspace

    workspace = await open_workspace(target_of(args))
    try:
        async with await workspace.tables.open(place) as table:
            yield table
    finally:
        await workspace.close()


async def _opened_alone(place: str) -> Table:
    """A table that it takes no workspace to find: a file of this machine, or an address on the web."""
    from services.tables.elsewhere import OnTheWeb, claim, open_located
    from services.threads import in_daemon_thread

    located = OnTheWeb(place) if is_web(place) else local_place(place, Path.cwd())
    with claim() as mine:
        return await in_daemon_thread(lambda: mine.take(open_located(place, lambda _: located)))


def _say_notes(table: Table) -> None:
    for note in table.notes:
        say(f"lapis: {table.name}: {note}")


# ------------------------------------------------------------------------------------------------------------ preview


async def _preview(args: Namespace) -> None:
    async with opened(args.table, args) as table:
        view = await table.view(TableQuery(args.filter, tuple(args.sort)))
        page = await view.page(args.offset, args.rows, args.columns)
        kinds = _kinds(await table.schema())
        rows = [
            [_value(cell, kinds.get(name, "")) for name, cell in zip(page.columns, row, strict=True)]
            for row in page.rows
        ]
        if output_of(args) == "table":
            write_table(page.columns, rows)
            if page.total_rows is None or page.total_rows > len(rows):
                total = "more" if page.total_rows is None else f"{page.total_rows:,}"
                say(f"lapis: {len(rows):,} rows of {total}")
        else:
            write_document([dict(zip(page.columns, row, strict=True)) for row in rows], output_of(args))
        _say_notes(table)


def _kinds(schema: TableSchema) -> dict[str, str]:
    return {column.name: column.type for column in schema.columns}


def _value(cell: str | None, kind: str) -> object:
    """A cell as JSON has it."""
    if cell is None:
        return None
    try:
        if kind.startswith(("int", "uint")):
            return int(cell)
        if kind.startswith("float"):
            return number if math.isfinite(number := float(cell)) else cell
    except ValueError:
        return cell
    return cell == "True" if kind == "bool" else cell


# ------------------------------------------------------------------------------------------------------------ profile


async def _profile(args: Namespace) -> None:
    async with opened(args.table, args) as table:
        profile = await table.profile(args.columns, exact=not args.sample)
        columns = [_column(column) for column in profile.columns]
        if output_of(args) == "table":
            emit_list(columns, args, PROFILE_COLUMNS)
            say(f"lapis: {_rows_in_words(profile)}")
        else:
            write_document(_profile_document(profile, columns), output_of(args))
        _say_notes(table)


def _rows_in_words(profile: TableProfile) -> str:
    if not profile.is_sample:
        return f"all {profile.rows:,} rows"
    return f"a sample of {profile.rows:,} rows" + (f" of {profile.total_rows:,}" if profile.total_rows else "")


def _column(column: ColumnProfile) -> Document:
    remarks = [
        *(["constant"] if column.is_constant else []),
        *(["id"] if column.is_id else []),
        *([f"rarest class {column.balance:.1%}"] if column.balance is not None else []),
    ]
    return {
        "name": column.name,
        "type": column.type,
        "nulls": column.nulls,
        "distinct": column.distinct,
        "minimum": _value(column.minimum, column.type),
        "mean": _rounded(column.mean),
        "maximum": _value(column.maximum, column.type),
        "std": _rounded(column.std),
        "quantiles": {f"{share:g}": _rounded(value) for share, value in column.quantiles.items()},
        "histogram": [
            {"from": _rounded(part.low), "to": _rounded(part.high), "count": part.count} for part in column.histogram
        ],
        "top": [{"value": _value(found.value, column.type), "count": found.count} for found in column.top],
        "balance": _rounded(column.balance),
        "remarks": ", ".join(remarks),
    }


def _profile_document(profile: TableProfile, columns: Sequence[Document]) -> Document:
    return {
        "rows": profile.rows,
        "total_rows": profile.total_rows,
        "is_sample": profile.is_sample,
        "columns": list(columns),
        "correlations": [
            {"left": pair.left, "right": pair.right, "r": _rounded(pair.r)}
            for pair in profile.correlations[:CORRELATIONS]
        ],
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.9g}")


# --------------------------------------------------------------------------------------------------------------- diff


async def _diff(args: Namespace) -> None:
    from services.drift import by_drift
    from services.tables.differences import difference

    async with opened(args.before, args) as before, opened(args.after, args) as after:
        found = await difference(before, after, exact=not args.sample)
    if output_of(args) == "table":
        emit_list([_difference(column) for column in by_drift(found.columns)], args, DIFFERENCE_COLUMNS)
        say(f"lapis: {_change_in_words(found)}")
    else:
        document = {
            "rows_before": found.rows_before,
            "rows_after": found.rows_after,
            "is_sample": found.is_sample,
            "columns": [_difference(column) for column in found.columns],
        }
        write_document(document, output_of(args))


def _difference(column: ColumnDifference) -> Document:
    from services.drift import drift_word

    return {
        "name": column.name,
        "psi": None if column.psi is None else round(column.psi, 4),
        "ks": None if column.ks is None else round(column.ks, 4),
        "drift": drift_word(column.psi),
        "changes": list(column.changes),
    }


def _change_in_words(found: TableDifference) -> str:
    rows = " → ".join("rows not counted" if n is None else f"{n:,} rows" for n in (found.rows_before, found.rows_after))
    if found.is_sample:
        rows += " (of {:,} and {:,} rows)".format(*found.compared)
    changed = sum(bool(column.changes) for column in found.columns)
    return f"{rows}; {changed} of {len(found.columns)} columns differ" if changed else f"{rows}; no column differs"
