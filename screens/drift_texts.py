"""What changed from one table to another, as rows, lines and a file: no widget here."""

from __future__ import annotations

import csv
import io
import shlex
from collections.abc import Callable, Iterable, Sequence

from rich.cells import cell_len
from rich.text import Text

from screens.lists import counted, dimmed, shown
from screens.widgets.cells import fit
from screens.widgets.grid import GridColumn
from services.drift import drift_word, is_of_schema, ks_bound
from services.entities.tables import ColumnDifference, ColumnProfile, Share, TableDifference
from services.errors import UserError

COLUMNS = (
    GridColumn("name", "Column", least=14),
    GridColumn("drift", "Drift", least=10),
    GridColumn("psi", "PSI", align="right", least=6),
    GridColumn("ks", "KS", align="right", priority=1, least=6),
    GridColumn("changes", "What changed", priority=2, least=16),
)
GLYPHS = {"stable": ("○", ""), "moderate": ("◐", "yellow"), "shift": ("●", "red")}
SIDES = ("before", "after")
EIGHTHS = " ▏▎▍▌▋▊▉█"
LABEL = 22
"""Cells of the name of a range at most."""


def subject_of(before: str, after: str) -> str:
    """Two sources as the subject of the screen; one with spaces is quoted as a shell does."""
    return shlex.join((before, after))


def sources_of(subject: str) -> tuple[str, str]:
    """The two sources of a subject. Raises UserError."""
    try:
        sources = shlex.split(subject)
    except ValueError:
        sources = []
    if len(sources) != len(SIDES):
        raise UserError(
            f"A comparison needs two tables: {subject or 'none was named'}.",
            title="Two tables are needed",
            advice="esc goes back. In the list of data, mark two with space; v compares them.",
        )
    return sources[0], sources[1]


def short_name(source: str) -> str:
    """`diabetes:2`, or the last part of a path."""
    name = source.removeprefix("azureml:") if not source.startswith("azureml://") else source.rstrip("/")
    return shown(name.partition("?")[0].rpartition("/")[2] or name)


def change_text(found: TableDifference) -> str:
    """`+0 rows (891 → 891), +1 column (12 → 13)`."""
    before = sum(column.before is not None for column in found.columns)
    after = sum(column.after is not None for column in found.columns)
    columns = f"{_difference(after - before, 'column', 'columns')} ({before:,} → {after:,})"
    if found.rows_before is None or found.rows_after is None:
        return f"rows not counted, {columns}"
    rows = _difference(found.rows_after - found.rows_before, "row", "rows")
    return f"{rows} ({found.rows_before:,} → {found.rows_after:,}), {columns}"


def _difference(number: int, noun: str, nouns: str) -> str:
    return ("-" if number < 0 else "+") + counted(abs(number), noun, nouns)


def drift_text(found: TableDifference) -> str:
    """How many columns drift, and of how many rows that is known."""
    words = [drift_word(column.psi) for column in found.columns]
    told = [f"{words.count(word)} {word}" for word in ("shift", "moderate", "stable") if word in words]
    changed = sum(map(is_of_schema, found.columns))
    schema = f"{counted(changed, 'schema change', 'schema changes')}  " if changed else ""
    drift = f"drift: {', '.join(told)}" if told else "no drift to tell"
    if not found.is_sample:
        return f"{schema}{drift}  all rows compared"
    first, second = found.compared
    sample = f"{first:,}" if first == second else f"{first:,} and {second:,}"
    return f"{schema}{drift}  in a sample of {sample} rows: e compares all"


def kind_text(column: ColumnDifference) -> Text:
    """What there is to see, as glyph and word."""
    if column.before is None:
        return Text("+ new", "green")
    if column.after is None:
        return Text("- gone", "red")
    if is_of_schema(column):
        return Text("~ type", "yellow")
    word = drift_word(column.psi)
    glyph, colour = GLYPHS.get(word, ("", ""))
    return Text(f"{glyph} {word}".strip() or "–", colour)


def cells_of(column: ColumnDifference) -> tuple[str | Text, ...]:
    """The row of a column; one that is the same is dim."""
    changes = [change for change in column.changes if change not in ("new", "gone")]
    only = column.before or column.after
    if column.before is None or column.after is None:
        changes = [only.type] if only else []
    cells = (shown(column.name), kind_text(column), _figure(column.psi), _figure(column.ks), shown("; ".join(changes)))
    return dimmed(cells, not column.changes)


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def facts_of(column: ColumnDifference) -> list[tuple[str, str]]:
    """A column in both tables, and what its drift means."""
    before, after = column.before, column.after
    facts = [("Column", column.name), ("Type", _both(before, after, lambda p: p.type))]
    facts += [
        ("Missing", _both(before, after, lambda p: f"{p.nulls:,} ({p.nulls / p.rows:.1%})" if p.rows else "0")),
        ("Distinct", _both(before, after, lambda p: f"{p.distinct:,}")),
        ("Range", _both(before, after, lambda p: "" if p.minimum is None else f"{p.minimum} … {p.maximum}")),
        ("Mean", _both(before, after, lambda p: "" if p.mean is None else f"{p.mean:.6g}")),
        ("Std", _both(before, after, lambda p: "" if p.std is None else f"{p.std:.6g}")),
        ("Median", _both(before, after, lambda p: f"{p.quantiles[0.5]:.6g}" if 0.5 in p.quantiles else "")),
    ]
    if column.psi is not None:
        bounds = {"stable": "below 0.1", "moderate": "0.1 to 0.25", "shift": "above 0.25"}
        word = drift_word(column.psi)
        facts.append(("PSI", f"{column.psi:.4f}, {word}: {bounds[word]}"))
    bound = ks_bound(column)
    if column.ks is not None and bound is not None:
        more = "more than chance" if column.ks > bound else "as by chance"
        facts.append(("KS", f"{column.ks:.4f}, {more}: its bound is {bound:.4f}"))
    return facts


def _both(before: ColumnProfile | None, after: ColumnProfile | None, told: Callable[[ColumnProfile], str]) -> str:
    if not any(side and told(side) for side in (before, after)):
        return ""  # no column of numbers on either side
    first, second = ("not there" if side is None else told(side) for side in (before, after))
    return f"{first}" if first == second else f"{first or '–'} → {second or '–'}"


def spread_text(name: str, shares: Sequence[Share], width: int) -> Text:
    """A column's rows of both tables side by side: a line for each range or value, with bars of the same scale."""
    if not shares:
        return Text()
    totals = [sum(share.before for share in shares) or 1, sum(share.after for share in shares) or 1]
    parts = [(share.before / totals[0], share.after / totals[1]) for share in shares]
    most = max(max(pair) for pair in parts)
    label = min(LABEL, max(cell_len(shown(text)) for text in (name, *(s.label for s in shares))), max(6, width // 3))
    bar = max(1, (width - label - 4) // 2 - 7)
    text = Text.assemble((fit(shown(name), label) + "  ", "bold"), (f"{SIDES[0]:<{bar + 9}}{SIDES[1]}", "dim"))
    for share, pair in zip(shares, parts, strict=True):
        text.append("\n")
        text.append(fit(shown(share.label), label) + "  ", "dim")
        for side, (part, colour) in enumerate(zip(pair, ("cyan", "yellow"), strict=True)):
            text.append(_bar(part / most, bar), colour)
            text.append(f" {part:>6.1%}" + ("  " if side == 0 else ""))
    return text


def _bar(part: float, width: int) -> str:
    """A bar of so much of a width, in eighths of a cell; what is there at all is seen."""
    eighths = max(1, round(part * width * 8)) if part else 0
    whole, rest = divmod(eighths, 8)
    return ("█" * whole + (EIGHTHS[rest] if rest else "")).ljust(width)


def as_csv(columns: Iterable[ColumnDifference]) -> str:
    """The rows as a file that spreadsheets take."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(("column", "drift", "psi", "ks", "type_before", "type_after", "changes"))
    for column in columns:
        types = [side.type if side else "" for side in (column.before, column.after)]
        figures = ["" if value is None else f"{value:.6g}" for value in (column.psi, column.ks)]
        name = f"'{column.name}" if column.name.startswith(("=", "+", "-", "@")) else column.name
        writer.writerow((name, drift_word(column.psi), *figures, *types, "; ".join(column.changes)))
    return file.getvalue()
