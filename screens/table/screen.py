"""The screen that shows any row of any table."""

from __future__ import annotations

from typing import ClassVar

from screens.places import Open, Place
from screens.sources import table_title
from screens.table.actions import TABLE_ACTIONS
from screens.table.asking import AskingKeys
from screens.table.overlays import CellView, HowToRead, RowView
from screens.table.reader import OpenTable
from screens.uris import copy_uri_of
from screens.widgets.grid import Grid
from screens.widgets.json_tree import JsonTree
from screens.widgets.text_view import TextView
from services.entities.tables import TableQuery
from services.text import masked
from services.workspace import TableService, Workspace

WITHOUT_TABLE = ("options", "refresh", "copy_uri", "search", "search_next", "search_previous", "text")
"""Actions of a file that is no table: its text is shown, if it is one."""

TOLD = 60
"""Characters of a copied cell that are told."""


class TableScreen(AskingKeys):
    """The place's subject is the source of a table, its tab the row of the cursor, its filter an expression."""

    ACTIONS: ClassVar = TABLE_ACTIONS

    def __init__(self, place: Place, *, tables: TableService, workspace: Workspace) -> None:
        super().__init__(place, tables=tables)
        self.workspace = workspace

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Without a table there is little to do; escape goes back, unless there is something to stop or to undo."""
        own = any(a.method == action for a in self.ACTIONS)
        if own and self.opened is None and action not in WITHOUT_TABLE:
            return False
        if action == "unfilter" and not (self.working or (self.opened and self.opened.query.filter)):
            return False
        if action == "text" and (self.opened or not any(tree.row_count for tree in self.query(JsonTree))):
            return False
        if action.startswith("search") and self.opened is None and not self.shows_text:
            return False
        return super().check_action(action, parameters)

    @property
    def shows_text(self) -> bool:
        """Whether the text of a file stands there that is no table."""
        return any(view.display for view in self.query(TextView))

    def action_text(self) -> None:
        """The text of JSON in place of its tree, or the tree again."""
        tree, view = self.query_one(JsonTree), self.query_one(TextView)
        tree.display, view.display = view.display, tree.display
        self.focus_content()
        self.refresh_bindings()

    # over the table

    def on_json_tree_opened(self, event: JsonTree.Opened) -> None:
        """A value of JSON in full."""
        self.app.push_screen(CellView(event.name, event.text))

    def on_grid_opened(self, event: Grid.Opened) -> None:
        """Enter."""
        self.action_cell()

    def action_cell(self) -> None:
        """Show the cell in full."""
        grid, column = self.grid, self.column
        if grid is None or column is None or not grid.row_count:
            return
        row, name = grid.cursor_row, self.name_of(column)

        async def show(opened: OpenTable) -> None:
            text = await opened.cell(row, name)
            if text is None:
                self.tell(f"{name} is missing in row {row + 1:,}.")
            else:
                await self.app.push_screen(CellView(f"{name}, row {row + 1:,}", text))

        self.fetch(show)

    def action_row(self) -> None:
        """Show the row as a list of names and values."""
        grid = self.grid
        if grid is None or not grid.row_count:
            return
        row = grid.cursor_row

        async def show(opened: OpenTable) -> None:
            page = await opened.view.page(row, 1)
            cells = [(c.name, c.type, cell) for c, cell in zip(opened.layout.columns, page.rows[0], strict=True)]
            title = f"Row {row + 1:,}"
            if page.numbers[0] != row:
                title += f", row {page.numbers[0] + 1:,} of the file"

            async def open_cell(name: str) -> None:
                text = await opened.cell(row, name)
                await self.app.push_screen(CellView(f"{name}, row {row + 1:,}", "" if text is None else text))

            await self.app.push_screen(RowView(title, cells, open_cell))

        self.fetch(show)

    def action_options(self) -> None:
        """Read it in another way."""
        found = " · ".join((self.opened.table.format, *self.opened.table.dialect)) if self.opened else ""

        async def ask() -> None:
            options = await self.app.push_screen_wait(HowToRead(self.options, found))
            if options is not None:
                self.options = options
                self.open_table()

        self.load(ask, group="options")

    def action_refresh(self) -> None:
        """Open it again."""
        self.open_table()

    def action_show_as(self) -> None:
        """Code that reads the table."""
        from screens.show_as import ShowAs, Shown
        from services.tables.reading_code import reading_code

        if opened := self.opened:
            code = reading_code(self.place.subject, opened.table.format, self.options, self.frame.azure)
            forms = [Shown(label, text, "read.py") for label, text in code.items()]
            self.app.push_screen(ShowAs(forms, table_title(self.place.subject)))

    # elsewhere

    def action_profile(self) -> None:
        """What the values are like."""
        self.post_message(Open(Place("profile", self.place.subject)))

    def action_wrangle(self) -> None:
        """Clean and reshape it, beginning with the rows that are shown: their filter and sort end the recipe."""
        source, query = self.place.subject, self.opened.query if self.opened else TableQuery()

        async def wrangle() -> None:
            if query != TableQuery():
                from screens.wrangle import drafts
                from screens.wrangle.texts import summary
                from services.wrangling.queries import steps_of

                steps = tuple(steps_of(query))
                if (await drafts.of(self.tables, source)).recipe.steps[-len(steps) :] != steps:
                    await drafts.add(self.tables, source, *steps)
                    self.tell(f"Added to the recipe: {', then '.join(map(summary, steps))}")
            self.post_message(Open(Place("wrangle", source)))

        self.load(wrangle, group="wrangle")

    def action_copy_cell(self) -> None:
        """Copy the cell in full."""
        grid, column = self.grid, self.column
        if grid is None or column is None or not grid.row_count:
            return
        row, name = grid.cursor_row, self.name_of(column)

        async def copy(opened: OpenTable) -> None:
            text = await opened.cell(row, name) or ""
            self.app.copy_to_clipboard(text)
            self.tell(f"Copied {name}: {masked(text[:TOLD])}{'…' if len(text) > TOLD else ''}")

        self.fetch(copy)

    def action_copy_name(self) -> None:
        """Copy the column's name."""
        if (column := self.column) is not None:
            self.copy(self.name_of(column))

    def action_copy_uri(self) -> None:
        """Copy the URI, in one of its forms."""
        copy_uri_of(self, self.workspace, self.place.subject)
