"""What the keys do to the recipe."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from screens.base import LapisScreen
from screens.wrangle import files
from screens.wrangle.actions import StepKeys
from screens.wrangle.completion import Columns
from screens.wrangle.drafts import Draft
from screens.wrangle.form import StepAsked, StepForm
from screens.wrangle.joined import JoinedTables
from screens.wrangle.kinds import KindPicker
from screens.wrangle.result import ResultView
from screens.wrangle.steps_view import StepsView
from services.entities.wrangling import RecipePreview, StepEffect
from services.workspace import DataService
from services.wrangling.recipe import Recipe
from services.wrangling.steps import Join, Step


class RecipeEditing(StepKeys, LapisScreen):
    """A screen with a draft, whose keys change it; what the steps do is shown by its subclass.

    Attributes:
        found: the last preview of the whole recipe; None before the first.
    """

    draft: Draft
    found: RecipePreview | None
    source: str
    data: DataService
    joined: JoinedTables

    @abstractmethod
    async def preview(self, recipe: Recipe) -> RecipePreview | None:
        """What a recipe does to the first rows; None if a newer one was asked for meanwhile. Raises ServiceError."""

    @abstractmethod
    def changed(self) -> None:
        """The draft is another: show it, and what it does."""

    @property
    def steps(self) -> tuple[Step, ...]:
        """Those of the recipe."""
        return self.draft.recipe.steps

    @property
    def at(self) -> int:
        """The place of the step under the cursor."""
        return min(self.query_one(StepsView).grid.cursor_row, len(self.steps) - 1)

    def change(self, steps: Sequence[Step]) -> None:
        """Have other steps."""
        self.draft.change(replace(self.draft.recipe, steps=tuple(steps)))
        self.changed()

    # forms

    def add(self, kind: str) -> None:
        """Open the form of a new step, at the end of the recipe."""
        if self.found is not None:
            self._open_form(kind, len(self.steps), self.found)

    def action_add(self) -> None:
        """Choose among all kinds first."""

        def chosen(kind: str | None) -> None:
            if kind:
                self.add(kind)

        self.app.push_screen(KindPicker(), chosen)

    def action_edit(self) -> None:
        """Open the form of the step under the cursor, whose columns are those of the steps before it."""
        at = self.at

        async def edit() -> None:
            if found := await self.preview(self._before(at)):
                self._open_form(self.steps[at].step, at, found)

        if self.steps:
            self.load(edit, group="form")

    def _before(self, at: int) -> Recipe:
        return replace(self.draft.recipe, steps=self.steps[:at])

    def _open_form(self, kind: str, at: int, found: RecipePreview) -> None:
        """Ask for the step at a place of the recipe; meanwhile the table shows what it would do."""
        before = self._before(at)
        result = self.query_one(ResultView)

        async def try_out(step: Step) -> StepEffect | None:
            if isinstance(step, Join):
                await self.joined.path(step.table)
            seen = await self.preview(replace(before, steps=(*before.steps, replace(step, muted=False))))
            if seen is None or not self.is_attached:
                return None
            result.show(seen)
            return seen.effects[-1]

        edited = self.steps[at] if at < len(self.steps) else None
        asked = StepAsked(kind, Columns(found.table.columns, self._assets), edited, result.column)

        def answered(step: Step | None) -> None:
            if step is not None:
                self.change((*self.steps[:at], step, *self.steps[at + 1 :]))
            elif self.found is not None:
                result.show(self.found)

        self.app.push_screen(StepForm(asked, try_out), answered)

    async def _assets(self) -> Sequence[str]:
        return [f"azureml:{asset.name}:{asset.version}" for asset in await self.data.list()]

    # steps

    def action_mute(self) -> None:
        """Have the step under the cursor do nothing, or something again."""
        at, step = self.at, self.steps[self.at]
        self.change((*self.steps[:at], replace(step, muted=not step.muted), *self.steps[at + 1 :]))

    def action_delete(self) -> None:
        """Take the step under the cursor out."""
        self.change((*self.steps[: self.at], *self.steps[self.at + 1 :]))

    def action_move_up(self) -> None:
        """Put the step before the one above."""
        self._swap(self.at - 1, self.at - 1)

    def action_move_down(self) -> None:
        """Put the step behind the one below."""
        self._swap(self.at, self.at + 1)

    def _swap(self, upper: int, cursor: int) -> None:
        if not 0 <= upper < len(self.steps) - 1:
            return
        steps = list(self.steps)
        steps[upper : upper + 2] = reversed(steps[upper : upper + 2])
        self.change(steps)
        self.query_one(StepsView).grid.move(cursor)

    def action_clear(self) -> None:
        """Begin anew."""
        self.change(())

    def action_undo(self) -> None:
        """Take the last change back."""
        if self.draft.undo():
            self.changed()
        else:
            self.tell("There is nothing to undo.")

    def action_redo(self) -> None:
        """Make it again."""
        if self.draft.redo():
            self.changed()
        else:
            self.tell("There is nothing to redo.")

    # files

    def action_save(self) -> None:
        """Save the recipe."""

        async def save() -> None:
            proposed = self.draft.file or files.proposed_file(self.source)
            if saved := await files.save(self.app, self.draft.recipe, proposed, is_own=self.draft.file == proposed):
                self.draft.set_saved(*saved)
                self.changed()
                self.tell(f"Saved to {saved[0]}.")

        self.load(save, group="file")

    def action_open(self) -> None:
        """Take the recipe of a file."""

        async def open_file() -> None:
            columns = (await self.preview(Recipe(read=self.draft.recipe.read))) if self.steps else self.found
            if columns is None:
                return
            if taken := await files.take(self.app, [column.name for column in columns.table.columns]):
                self.draft.set_saved(*taken)
                self.changed()

        self.load(open_file, group="file")

    @staticmethod
    def folder_of(draft: Draft) -> Path:
        """Where the paths of joined tables start."""
        return draft.file.parent if draft.file else Path.cwd()
