"""Two jobs beside each other, as rows, lines and a file: no widget here."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Sequence
from datetime import datetime

from rich.text import Text

from screens.lists import counted, dimmed
from screens.widgets.cells import cut, fit
from screens.widgets.chart import COLOURS
from screens.widgets.grid import GridColumn
from screens.widgets.status import duration_text, status_text
from services.comparison import Difference
from services.entities import Job
from services.text import masked, safe

COLUMNS = (
    GridColumn("section", "Section", least=11, priority=2),
    GridColumn("key", "Key", least=14),
    GridColumn("left", "Left", least=12),
    GridColumn("right", "Right", least=12),
    GridColumn("delta", "Delta", align="right", least=10, priority=1),
    GridColumn("percent", "%", align="right", priority=3),
)
SIDES = ("left", "right")
LABEL, STATUS, STARTED, DURATION = 5, 17, 16, 7
"""Widths of a line about a job: `right`, `⊘ CancelRequested`, `2026-03-14 14:09`, `23h 59m`."""


def side_lines(jobs: Sequence[Job], now: datetime, width: int) -> Text:
    """A line for each job in the colour of its curve: state, name, start and duration; narrow, the start goes first."""
    ends = [2 + DURATION, 2 + STARTED] if width >= 72 else [2 + DURATION] if width >= 44 else []
    room = width - LABEL - 2 - STATUS - 2 - sum(ends)
    lines = []
    for side, colour, job in zip(SIDES, COLOURS, jobs, strict=False):
        row = job.summary
        names = row.name if row.display_name == row.name else f"{row.display_name}  {row.name}"
        line = Text.assemble((f"{side:<{LABEL}}  ", f"bold {colour}"), status_text(row.status))
        line.pad_right(max(0, LABEL + 2 + STATUS + 2 - line.cell_len))
        line.append(fit(safe(masked(names)), max(1, room)), "bold")
        if len(ends) > 1:
            line.append(
                f"  {row.started_at.astimezone():%Y-%m-%d %H:%M}" if row.started_at else f"  {'':{STARTED}}", "dim"
            )
        if ends:
            seconds = row.duration(now)
            line.append(f"  {'–' if seconds is None else duration_text(seconds):>{DURATION}}")
        lines.append(line)
    return Text("\n").join(lines)


def about_metrics(found: Iterable[Difference]) -> list[str]:
    """How many metrics only one of the two has logged, because those can't be compared."""
    metrics = [item for item in found if item.section == "metrics"]
    only = {
        "left": sum(item.right is None for item in metrics),
        "right": sum(item.left is None for item in metrics),
    }
    told = [f"{counted(count, 'metric', 'metrics')} only {side}" for side, count in only.items() if count]
    return told if metrics else ["no metrics"]


def cells_of(found: Difference) -> tuple[str | Text, ...]:
    """The row of a difference; what is the same is dim."""
    values = [_short(found, value) for value in (found.left, found.right)]
    cells = (found.section, safe(masked(found.key)), *values, delta_text(found), share_text(found))
    return dimmed(cells, found.same)


def _short(found: Difference, value: str | None) -> str | Text:
    if value is None:
        return Text("–", "dim")
    if not value:
        return Text("(empty)", "dim")
    return f"{float(value):.7g}" if found.section == "metrics" else safe(value)


def delta_text(found: Difference) -> str:
    """The difference of two numbers; for anything else whether it differs, or which side alone has it."""
    if found.same:
        return "="
    if found.right is None:
        return "only left"
    if found.left is None:
        return "only right"
    return "≠" if found.delta is None or math.isnan(found.delta) else f"{found.delta:+.7g}"


def share_text(found: Difference) -> str:
    """The difference as a share of the left: `+12.5 %`; empty when there is none."""
    if found.same or found.relative is None or not math.isfinite(found.relative):
        return ""
    percent = found.relative * 100
    form = "+.3g" if abs(percent) < 999.5 else "+,.0f" if abs(percent) < 1e6 else "+.1e"
    return f"{percent:{form}} %"


def facts_of(found: Difference) -> list[tuple[str, str]]:
    """A row in full."""
    values = ["not there" if value is None else value or "(empty)" for value in (found.left, found.right)]
    share = share_text(found)
    delta = "the same" if found.same else delta_text(found) if found.delta is not None else ""
    return [
        (found.section, found.key),
        *zip(SIDES, values, strict=True),
        ("delta", f"{delta}  {share}" if share else delta),
    ]


def as_line(found: Difference) -> str:
    """A row in one line, for the clipboard, parted by tabs as spreadsheets take it."""
    parts = (found.section, found.key, found.left or "", found.right or "", delta_text(found), share_text(found))
    return "\t".join(parts).rstrip("\t")


def as_csv(rows: Iterable[Difference]) -> str:
    """Rows as CSV with a header: `delta` and `relative` are plain numbers, `same` is true or false."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("section", "key", "left", "right", "delta", "relative", "same"))
    for row in rows:
        numbers = ("" if number is None else repr(number) for number in (row.delta, row.relative))
        writer.writerow((row.section, masked(row.key), row.left, row.right, *numbers, str(row.same).lower()))
    return text.getvalue()


def crumb(names: Sequence[str], width: int = 60) -> str:
    """`left_1 ↔ right_2`, each cut to its half."""
    return " ↔ ".join(cut(safe(name), width // max(1, len(names))) for name in names)
