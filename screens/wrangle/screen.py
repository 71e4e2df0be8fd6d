"""The recipe beside the table: steps that are seen before they are taken."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.containers import Container, Vertical
from textual.events import Resize

from screens.lists import WIDE
from screens.places import Open, Place
from screens.sources import table_title
from screens.typed import typed, whole
from screens.widgets.grid import Grid
from screens.widgets.states import StateCard
from screens.wrangle import drafts
from screens.wrangle.actions import RECIPE_ACTIONS, STEP_ACTIONS
from screens.wrangle.code import CodeView, recipe_forms
from screens.wrangle.drafts import Draft
from screens.wrangle.editing import RecipeEditing
from screens.wrangle.joined import JoinedTables
from screens.wrangle.previews import Previews
from screens.wrangle.result import ResultView
from screens.wrangle.steps_view import StepsView
from services.entities.wrangling import RecipePreview, StepEffect
from services.errors import ServiceError
from services.workspace import DataService, TableService
from services.wrangling.reading import read_options, sample_file
from services.wrangling.recipe import Recipe

if TYPE_CHECKING:
    from services.tables.table import Table

_ALWAYS = {"retry", "panes"}
_OF_STEPS = {"edit", "mute", "delete", "move_up", "move_down", "clear", "run", "save"}


class WrangleScreen(RecipeEditing):
    """The subject is the table's source."""

    CRUMB = "Wrangle"
    EMPTY = "No table to wrangle. Pick a data asset: g d lists them, w wrangles the one under the cursor."
    ACTIONS: ClassVar = (*STEP_ACTIONS, *RECIPE_ACTIONS)
    DEFAULT_CSS = """
    WrangleScreen #main { height: 1fr; layout: vertical; }
    WrangleScreen #main > ResultView { height: 3fr; }
    WrangleScreen #side { height: 2fr; border-top: solid $panel; }
    WrangleScreen.-wide #main { layout: horizontal; }
    WrangleScreen.-wide #main > ResultView { width: 1fr; height: 1fr; }
    WrangleScreen.-wide #side { width: 56; height: 1fr; border-top: none; border-left: solid $panel; }
    WrangleScreen StepsView { height: 1fr; }
    WrangleScreen CodeView { height: 1fr; display: none; }
    WrangleScreen.-code CodeView { display: block; }
    WrangleScreen.-code.-narrow StepsView { display: none; }
    """

    def __init__(self, place: Place, *, tables: TableService, data: DataService) -> None:
        super().__init__(place)
        self.source = place.subject
        self.tables = tables
        self.data = data
        self.draft = Draft(Recipe())
        self.found: RecipePreview | None = None
        self.joined = JoinedTables(tables)
        self._previews = Previews()
        self._table: Table | None = None
        self._file: Path | None = None
        self._seen = self.draft.recipe

    @property
    def crumbs(self) -> str:
        """`Wrangle › titanic:1`."""
        return f"{self.CRUMB} › {table_title(self.source)}" if self.source else self.CRUMB

    def compose_body(self) -> ComposeResult:
        """A card while there is no table; the table, and beside or below it recipe and code."""
        yield StateCard()
        with Container(id="main"):
            yield ResultView()
            with Vertical(id="side"):
                yield StepsView()
                yield CodeView()

    def on_mount(self) -> None:
        """Read the table."""
        self.query_one("#main").display = False
        if self.source:
            self.action_retry()
        else:
            self.query_one(StateCard).empty(self.EMPTY)

    def on_resize(self, event: Resize) -> None:
        """The recipe has room at the side of wide screens."""
        self.set_class(event.size.width >= WIDE, "-wide")
        self.set_class(event.size.width < WIDE, "-narrow")

    def on_screen_resume(self) -> None:
        """Another screen may have added a step."""
        if self.found is not None and self.draft.recipe is not self._seen:
            self.changed()

    async def on_unmount(self) -> None:
        """End what runs, and let the tables go."""
        await self._previews.close()
        await self.joined.close()
        if self._table is not None:
            await self._table.close()

    # reading and showing

    def action_retry(self) -> None:
        """Read the table, then run the recipe as it was left."""
        if self.source:
            if self.found is None:
                self.query_one(StateCard).reading("Reading the first rows ...")
            self.load(self._read, group="preview")

    async def _read(self) -> None:
        self.draft = await drafts.of(self.tables, self.source)
        if self._table is None:
            self._table = await self.tables.open(self.source)
            if known := self._table.known_schema():
                self._previews.columns = max(1, len(known.columns))
        self.draft.read_as(read_options(self._table))
        self._file = await sample_file(self._table, self._previews.sample + 1)
        await self._refresh()

    async def preview(self, recipe: Recipe) -> RecipePreview | None:
        """What a recipe does to the first rows."""
        if self._file is None:
            return None
        tables = await self.joined.paths(recipe)
        return await self._previews.get(recipe, self._file, base=self.folder_of(self.draft), tables=tables)

    async def _refresh(self) -> None:
        self._seen = self.draft.recipe
        found = await self.preview(self._seen)
        if found is None or not self.is_attached:
            return
        is_first, self.found = self.found is None, found
        self.query_one(StateCard).hide()
        self.query_one("#main").display = True
        self.query_one(ResultView).show(found)
        self._show_recipe(found.effects)
        if is_first:
            self.query_one(ResultView).grid.focus()
        self.refresh_bindings()

    def changed(self) -> None:
        """Show the recipe at once, and what it does as soon as that is known."""
        self._show_recipe()
        self.load(self._refresh, group="preview")

    def _show_recipe(self, effects: Sequence[StepEffect] = ()) -> None:
        recipe = self.draft.recipe
        name = f"Recipe {recipe.name}".rstrip()
        self.query_one(StepsView).show(name if self.draft.is_saved else f"{name} · not saved", recipe.steps, effects)
        self.query_one(CodeView).show(recipe)

    def show_error(self, error: ServiceError) -> None:
        """A card while there is no table; else a notice, and the table stays."""
        if self.found is None:
            self.query_one(StateCard).error(error, error.advice or "ctrl+r tries again.")
        else:
            super().show_error(error)

    # keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys of the recipe need a table, those of one step a step."""
        if self.found is None and action not in _ALWAYS and any(action == own.method for own in self.ACTIONS):
            return False
        if action in _OF_STEPS and not self.steps:
            return False
        return super().check_action(action, parameters)

    def on_grid_opened(self, event: Grid.Opened) -> None:
        """Enter on a step edits it."""
        if event.grid is self.query_one(StepsView).grid:
            self.action_edit()

    def action_limit(self) -> None:
        """Ask how many rows shall be shown, and read so many."""
        previews = self._previews

        async def ask() -> None:
            prompt = f"The first rows of the result, {previews.most:,} at most"
            limit = await typed(
                self.app, "Rows shown", prompt, f"{previews.shown:,}", lambda text: whole(text, 1, previews.most)
            )
            if limit is not None:
                previews.limit = limit
                self.action_retry()

        self.load(ask, group="ask")

    def action_panes(self) -> None:
        """The keys to the next pane."""
        self.focus_next()

    def action_code(self) -> None:
        """Show the code, or hide it."""
        self.toggle_class("-code")

    def action_engine(self) -> None:
        """Show the code for the other engine."""
        if self.has_class("-code"):
            self.query_one(CodeView).switch()
        self.add_class("-code")

    def action_show_as(self) -> None:
        """Open the drawer."""
        from screens.show_as import ShowAs

        self.app.push_screen(ShowAs(recipe_forms(self.draft.recipe), self.draft.recipe.name))

    def action_run(self) -> None:
        """Run it over the whole table."""
        self.post_message(Open(Place("recipe-run", self.source)))
