"""The rival: what Textual's own widgets do with as much to show, with no workspace and no files behind them.

python -m benchmarks.rival table --rows 1000
python -m benchmarks.rival grid --rows 1000 --columns 200
python -m benchmarks.rival log --file std_log.txt [--rich]
"""

from __future__ import annotations

import argparse
from pathlib import Path

from textual.app import App, ComposeResult
from textual.widgets import DataTable, Log, RichLog

COLUMNS = ("Status", "Job", "Experiment", "Started", "Duration", "Compute", "Tags")
EXPERIMENTS = ("diabetes-train", "churn", "price-forecast")
FIRST_ROW = "lake_rival"


def row_name(number: int) -> str:
    """The name in a row, counted from 0."""
    return f"lake_{number}" if number else FIRST_ROW


class TableRival(App[None]):
    """A bare app with a DataTable; one row, or as many as the jobs list has."""

    def __init__(self, rows: int) -> None:
        super().__init__()
        self.rows = rows

    def compose(self) -> ComposeResult:
        yield DataTable(cursor_type="row")

    def on_mount(self) -> None:
        table: DataTable[str] = self.query_one(DataTable)
        table.add_columns(*COLUMNS)
        table.add_rows(self._row(number) for number in range(self.rows))

    def _row(self, number: int) -> tuple[str, ...]:
        name = row_name(number)
        experiment = EXPERIMENTS[number % len(EXPERIMENTS)]
        tags = f"model_type=LogisticRegression  try={number % 7}"
        return ("✓ Completed", name, experiment, f"{number % 60}m ago", f"1m {number % 60:02d}s", "this-machine", tags)


class GridRival(App[None]):
    """A bare app with a DataTable that has a cell cursor and as many columns as are asked for."""

    def __init__(self, rows: int, columns: int) -> None:
        super().__init__()
        self.rows, self.columns = rows, columns

    def compose(self) -> ComposeResult:
        yield DataTable()

    def on_mount(self) -> None:
        table: DataTable[str] = self.query_one(DataTable)
        table.add_columns(*(f"column{at}" for at in range(self.columns)))
        for row in range(self.rows):
            cells = [
                f"word {row * at % 997}" if at % 3 == 2 else f"{row * (at + 1) % 9973}" for at in range(self.columns)
            ]
            table.add_row(FIRST_ROW if row == 0 else cells[0], *cells[1:])


class LogRival(App[None]):
    """A bare app that reads a log and shows it in a Log, or in a RichLog, when `4` is pressed."""

    BINDINGS = [("4", "show", "Logs")]

    def __init__(self, file: Path, *, rich: bool) -> None:
        super().__init__()
        self.file = file
        self.widget: Log | RichLog = RichLog(max_lines=None) if rich else Log()

    def compose(self) -> ComposeResult:
        yield self.widget

    def on_mount(self) -> None:
        self.widget.focus()
        self.widget.write(FIRST_ROW)

    def action_show(self) -> None:
        text = self.file.read_text(encoding="utf-8")
        if isinstance(self.widget, RichLog):
            for line in text.splitlines():
                self.widget.write(line, scroll_end=True)
        else:
            self.widget.write("\n" + text, scroll_end=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["table", "grid", "log"])
    parser.add_argument("--rows", type=int, default=1)
    parser.add_argument("--columns", type=int, default=1)
    parser.add_argument("--file", type=Path)
    parser.add_argument("--rich", action="store_true")
    args = parser.parse_args()
    app: App[None]
    match args.what:
        case "log":
            app = LogRival(args.file, rich=args.rich)
        case "grid":
            app = GridRival(args.rows, args.columns)
        case _:
            app = TableRival(args.rows)
    app.run()


if __name__ == "__main__":
    main()
