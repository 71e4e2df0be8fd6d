"""Params: what the run logged with mlflow.log_param."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from textual.app import ComposeResult

from screens.job.feed import JobFeed
from screens.job.pane import Pane
from screens.widgets.grid import Grid, GridColumn, GridRow
from screens.widgets.states import StateCard
from services.entities import RunData


class ParamsPane(Pane):
    """Name and value, by name."""

    TAB = "params"

    def __init__(self, feed: JobFeed, read_run: Callable[[], Awaitable[RunData]]) -> None:
        super().__init__(feed)
        self.read_run = read_run

    def compose(self) -> ComposeResult:
        """A card for the states, a grid of the params."""
        yield StateCard()
        yield Grid((GridColumn("name", "Param"), GridColumn("value", "Value")))

    def reload(self) -> None:
        """Read the run again."""
        self.load(self._read)

    async def _read(self) -> None:
        params = (await self.read_run()).params
        grid = self.query_one(Grid)
        grid.display = bool(params)
        if params:
            self.card.hide()
            grid.set_rows([GridRow(key, (key, value)) for key, value in sorted(params.items())])
        elif self.feed.active:
            self.card.empty("No params yet. mlflow.log_param(name, value) in the script shows here as it is written.")
        else:
            self.card.empty("The script logged no params. mlflow.log_param(name, value) would show here.")
