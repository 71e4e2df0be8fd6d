"""What is typed below a table: a filter, a search, the number of a row, the name of a column."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import islice

from screens.table.columns import ColumnKeys
from screens.table.line import TableLine
from screens.widgets.json_tree import JsonTree
from screens.widgets.text_view import TextView

PROPOSED = 100
"""Names of columns that are proposed at most."""
_LAST_WORD = re.compile(r"`[^`]*$|[^\W\d]\w*$")


class AskingKeys(ColumnKeys):
    """Actions that ask for a line, and what is done with it."""

    last_filter = ""
    """What was typed last: the filter may have been taken away since."""

    def action_filter(self) -> None:
        """Type a filter."""
        hint = "Age > 60 and is_missing(Cabin); tab completes columns; nothing shows all"
        self.query_one(TableLine).ask(
            "filter", "&", self.last_filter or self.place.filter, hint=hint, complete=self._filter_ends
        )

    def action_search(self) -> None:
        """Type what to search."""
        self.query_one(TableLine).ask("search", "/", hint="text in any column, capitals alike")

    def action_goto(self) -> None:
        """Type the number of a row."""
        self.query_one(TableLine).ask("goto", "#", hint="number of a row, from 1")

    def action_column(self) -> None:
        """Type the name of a column."""
        self.query_one(TableLine).ask("column", "column", complete=self._columns_with)

    def on_table_line_left(self, event: TableLine.Left) -> None:
        """Back to the table."""
        self.focus_content()

    def on_table_line_entered(self, event: TableLine.Entered) -> None:
        """Do what was typed, or tell what is wrong with it."""
        match event.kind:
            case "filter":
                self._apply_filter(event.text.strip())
            case "search":
                self._close_line()
                if self.opened is None:
                    self.query_one(TextView).search(event.text)
                elif event.text:
                    self.search(event.text)
            case "goto":
                self._go_to_number(event.text.strip().replace(",", "").replace("_", ""))
            case "column":
                self._go_to_column(event.text.strip())

    def _close_line(self) -> None:
        self.query_one(TableLine).close()
        self.focus_content()

    def focus_content(self) -> None:
        """Give the focus to what is in view."""
        for content in (self.grid, self.query_one(JsonTree), self.query_one(TextView)):
            if content is not None and content.display:
                content.focus()
                return

    def _apply_filter(self, text: str) -> None:
        from services.expressions.parsing import ExpressionError, parse_filter

        try:
            if text:
                parse_filter(text)
        except ExpressionError as error:
            self.query_one(TableLine).fault(error.line[:1].upper() + error.line[1:], error.position)
            return
        self.last_filter = text
        self._close_line()
        if self.opened:
            self.look(replace(self.opened.query, filter=text))

    def _go_to_number(self, text: str) -> None:
        line = self.query_one(TableLine)
        total = self.opened.rows.total if self.opened else None
        if not text.isdecimal() or not int(text):
            line.fault("A row has a number from 1.")
        elif total is not None and int(text) > total:
            line.fault(f"There is no row {int(text):,}: the last is {total:,}.")
        else:
            self._close_line()
            self.go_to(int(text) - 1)

    def _go_to_column(self, text: str) -> None:
        if self.opened is None or not text:
            self._close_line()
            return
        layout = self.opened.layout
        if (column := layout.find(text)) is None:
            self.query_one(TableLine).fault(f"No column is named {text}.")
            return
        layout.show(column)
        self._close_line()
        self.show_columns(column)

    async def _columns_with(self, text: str) -> Sequence[tuple[str, str]]:
        """Columns whose names hold a text."""
        columns = self.opened.layout.columns if self.opened else ()
        found = [(column.name, column.type) for column in columns if text.casefold() in column.name.casefold()]
        return found[:PROPOSED]

    async def _filter_ends(self, text: str) -> Sequence[tuple[str, str]]:
        """The filter with its last word completed to a column."""
        from services.expressions.parsing import quoted

        word = _LAST_WORD.search(text)
        if word is None or self.opened is None:
            return ()
        start = word[0].lstrip("`").casefold()
        columns = (column for column in self.opened.layout.columns if column.name.casefold().startswith(start))
        return [(text[: word.start()] + quoted(column.name), column.type) for column in islice(columns, PROPOSED)]

    def action_unfilter(self) -> None:
        """Stop what goes on; else show all rows."""
        if not self.stop() and self.opened:
            self.look(replace(self.opened.query, filter=""))

    def action_search_next(self) -> None:
        """The next row that holds the text."""
        self._search_again(backwards=False)

    def action_search_previous(self) -> None:
        """The row before that holds the text."""
        self._search_again(backwards=True)

    def _search_again(self, *, backwards: bool) -> None:
        if self.opened is None:
            view = self.query_one(TextView)
            view.action_previous_match() if backwards else view.action_next_match()
        elif self.sought:
            self.search(backwards=backwards)
        else:
            self.action_search()

    def action_count(self) -> None:
        """Count the rows."""
        self.count()
