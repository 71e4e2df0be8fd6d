"""What keys do with the column under the cursor: sort by it, hide it, keep it at the left, make it wider."""

from __future__ import annotations

from screens.table.opening import TableOpening
from services.entities.tables import SortKey, TableQuery


class ColumnKeys(TableOpening):
    """Actions on a column."""

    @property
    def column(self) -> int | None:
        """The column under the cursor, by its place in the table."""
        grid, opened = self.grid, self.opened
        return opened.layout.column(grid.cursor_column) if grid and opened else None

    def name_of(self, column: int) -> str:
        """The name of a column by its place in the table."""
        return self.opened.layout.columns[column].name if self.opened else ""

    def _sort(self, *keys: SortKey) -> None:
        if self.opened:
            self.look(TableQuery(self.opened.query.filter, keys))

    def action_sort(self) -> None:
        """By this column, smallest first."""
        if (column := self.column) is not None:
            self._sort(SortKey(self.name_of(column)))

    def action_sort_descending(self) -> None:
        """By this column, largest first."""
        if (column := self.column) is not None:
            self._sort(SortKey(self.name_of(column), descending=True))

    def action_sort_also(self) -> None:
        """By this column as well: ascending, then descending, then not."""
        if (column := self.column) is None or self.opened is None:
            return
        keys, name = list(self.opened.query.sort), self.name_of(column)
        at = next((at for at, key in enumerate(keys) if key.column == name), None)
        if at is None:
            keys.append(SortKey(name))
        elif keys[at].descending:
            del keys[at]
        else:
            keys[at] = SortKey(name, descending=True)
        self._sort(*keys)

    def action_unsort(self) -> None:
        """In the order of the file."""
        self._sort()

    def _change_column(self, change: str) -> None:
        if (column := self.column) is None or self.opened is None:
            return
        layout = self.opened.layout
        match change:
            case "hide":
                if not layout.hide(column):
                    self.tell("This is the last column that is shown.")
            case "pin":
                layout.toggle_pin(column)
            case "wider":
                layout.widen(column, 1)
            case "narrower":
                layout.widen(column, -1)
            case "fit":
                layout.fit(column)
        self.show_columns(column)

    def action_hide(self) -> None:
        """Hide the column."""
        self._change_column("hide")

    def action_show_all(self) -> None:
        """Show the hidden ones."""
        if self.opened and (column := self.column) is not None:
            self.opened.layout.show_all()
            self.show_columns(column)

    def action_pin(self) -> None:
        """Keep it at the left, or let it go."""
        self._change_column("pin")

    def action_wider(self) -> None:
        """Wider."""
        self._change_column("wider")

    def action_narrower(self) -> None:
        """Narrower."""
        self._change_column("narrower")

    def action_fit(self) -> None:
        """As wide as it needs."""
        self._change_column("fit")
