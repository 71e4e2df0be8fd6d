"""How a table is opened, and what stands in its place when it can't be."""

from __future__ import annotations

from rich.text import Text
from textual.widgets import Static

from screens.lists import shown
from screens.sources import table_title
from screens.table.grid import TableGrid
from screens.table.reader import OpenTable, open_reader
from screens.table.scans import TableScans
from screens.widgets.json_tree import JsonTree
from screens.widgets.states import StateCard
from screens.widgets.steady import put
from screens.widgets.text_view import TextView
from services.entities.tables import TableQuery
from services.errors import NoTableError, ServiceError


class TableOpening(TableScans):
    """Opens the table of the place when it is mounted, and again on demand; lets go of it at the end."""

    def on_mount(self) -> None:
        """Open the table."""
        self.query_one("#body").display = False
        self.open_table()
        self.watch(self.app, "app_focus", self._look_at_file, init=False)

    def on_screen_resume(self) -> None:
        """What lay above is gone: the file may have changed meanwhile."""
        self._look_at_file()

    def _look_at_file(self) -> None:
        """Tell what became of the file, where the user looks at it again."""
        opened = self.opened
        if opened is None or not (self.app.app_focus and self.is_current):
            return

        async def look() -> None:
            await opened.look_at_file()
            if opened is self.opened:
                self.show_about()

        self.load(look, group="file")

    async def on_unmount(self) -> None:
        """Let go of the file; what is being read stops."""
        if self.opened:
            await self.opened.table.close()

    def open_table(self) -> None:
        """Open the table, also again; what is shown stays until then."""
        if self.opened is None:
            self.query_one(StateCard).reading(f"Opening {table_title(self.place.subject)} ...")
        self.load(self._open, group="open")

    async def _open(self) -> None:
        query = self.opened.query if self.opened else TableQuery(self.place.filter)
        row = grid.cursor_row if (grid := self.grid) else int(self.place.tab) if self.place.tab.isdecimal() else 0
        opened = await open_reader(self.tables, self.place.subject, self.options, self.pager.want)
        before, self.opened = self.opened, opened
        for group in ("work", "pages", "count"):
            self.workers.cancel_group(self, group)
        if before:
            await before.table.close()
        await self._show_table(opened)
        self._count_in_background(opened)
        if query != TableQuery():
            self.look(query, row)
        elif row:
            self.go_to(row)

    async def _show_table(self, opened: OpenTable) -> None:
        self.pager.forget()
        body = self.query_one("#body")
        had_focus = self.focused is None or self.focused is self.grid or not self.focused.is_on_screen
        await self.query(TableGrid).remove()
        self.query_one(TextView).display = self.query_one(JsonTree).display = False
        if not opened.layout.columns:
            body.display = False
            self.query_one(StateCard).empty("The table has no columns. D reads it in another way.")
        else:
            layout = opened.layout
            grid = TableGrid(layout.grid_columns(), opened.rows, layout.pinned)
            await body.mount(grid)
            body.display = True
            self.query_one(StateCard).hide()
            grid.set_source(opened.rows)
            if had_focus:
                grid.focus()
        self.tell_line("")
        self.show_about()
        self.refresh_bindings()

    def show_error(self, error: ServiceError) -> None:
        """A file that is no table shows its text; what else goes wrong is told in a card, or below rows that stay."""
        if self.opened is not None:
            self.tell_line(f"! {error.title}: {error.detail} {error.advice}".strip())
            return
        card, body = self.query_one(StateCard), self.query_one("#body")
        if isinstance(error, NoTableError) and error.text:
            card.hide()
            body.display = True
            self._show_text(error)
            put(self.query_one("#about", Static), Text(shown(f"{error.detail} D reads it as a table.")))
        else:
            body.display = False
            card.error(error, error.advice or "D reads it in another way, r tries again, esc goes back.")
        self.refresh_bindings()

    def _show_text(self, error: NoTableError) -> None:
        """The text of a file that is no table, and of JSON first what is in it."""
        tree, view = self.query_one(JsonTree), self.query_one(TextView)
        view.set_text(error.text, table_title(self.place.subject))
        tree.set_document(error.document or {})
        tree.display = bool(tree.row_count)
        view.display = not tree.display
        (tree if tree.display else view).focus()

    def _count_in_background(self, opened: OpenTable) -> None:
        if opened.rows.total is not None or opened.table.is_remote:
            return

        async def count() -> None:
            def progress(done: int, total: int) -> None:
                self.counting = f"{100 * done // max(1, total)}%"
                self.show_about()

            try:
                await opened.count(progress)
            finally:
                self.counting = ""
            self.rows_changed(opened, 0)

        self.counting = "..."
        self.show_about()
        self.load(count, group="count")
