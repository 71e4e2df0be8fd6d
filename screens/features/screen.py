"""The columns of a table by what they tell about a target: methods beside each other, the best ones to keep."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.widgets import Static

from screens.features.actions import ACTIONS
from screens.features.asking import AskingScreen
from screens.features.texts import (
    COLUMNS,
    Choices,
    Scores,
    about,
    cells,
    chosen_error,
    facts,
    subsets_question,
    verdict,
)
from screens.places import Open, Place
from screens.widgets.dialogs import Confirm
from screens.widgets.facts import Facts
from screens.widgets.grid import Grid
from screens.widgets.line_input import StillInput
from screens.widgets.states import StateCard
from screens.widgets.steady import put
from services.entities.features import ScoreMethod
from services.entities.tables import Progress
from services.errors import UserError
from services.workspace import TableService

if TYPE_CHECKING:
    from services.features.study import FeatureStudy
    from services.tables.table import Table

NUMBERS = ("int", "uint", "float", "bool")
"""What types of columns begin with that can be scored."""


class FeaturesScreen(AskingScreen):
    """The subject is the source of a table, the tab the target: the last column unless another is chosen."""

    CRUMB = "Features"
    COLUMNS = COLUMNS
    NOUNS = ("column", "columns")
    FILTER_HINT = "words that the name must hold"
    IS_SHORT = True
    ACTIONS: ClassVar = ACTIONS
    DEFAULT_CSS = """
    FeaturesScreen #verdict { height: auto; max-height: 2; padding: 0 1; }
    FeaturesScreen #detail { scrollbar-size-vertical: 1; }
    """

    def __init__(self, place: Place, *, tables: TableService) -> None:
        super().__init__(place)
        self.tables = tables
        self.table: Table | None = None
        self.study: FeatureStudy | None = None
        self.trouble: UserError | None = None

    def compose_body(self) -> ComposeResult:
        """What is asked, whether the methods agree, the filter; the columns and one of them in full."""
        yield Static(id="about", markup=False)
        yield Static(id="verdict", markup=False)
        yield StillInput(self.place.filter, placeholder=self.FILTER_HINT, id="filter")
        yield StateCard()
        with Horizontal(id="body"):
            yield Grid(self.COLUMNS)
            with VerticalScroll(id="detail"):
                yield Facts()

    async def on_unmount(self) -> None:
        """End the work, and let go of the table."""
        if self.study is not None:
            await self.study.close()
        if self.table is not None:
            await self.table.close()

    # scoring

    def on_screen_resume(self) -> None:
        """Look once: what was found stays while other screens lie above."""
        if not self.scores.by:
            super().action_refresh()

    async def read(self) -> Sequence[str]:
        """Open the table if it isn't yet, and score by the two methods that are quick."""
        study = await self._opened()
        await self._score(study)
        return self._ordered()

    async def _opened(self) -> FeatureStudy:
        if self.study is None or self.studied is None:
            from services.features.study import FeatureStudy
            from services.features.table import require

            require("scikit-learn")
            self.table = self.table or await self.tables.open(self.place.subject)
            self.study = FeatureStudy(self.table)
            self.studied = await self.study.prepare(progress=self.tell_reading)
            if not self.choices.target and self.studied.columns:
                self.choices = replace(self.choices, target=self.studied.columns[-1].name)
        return self.study

    async def _score(self, study: FeatureStudy) -> None:
        choices, by, why_not = self.choices, {}, {}
        for method in (ScoreMethod.PEARSON, ScoreMethod.CHI2):
            try:
                by[method] = await study.score(method, choices.target, self._features(), choices.task)
            except UserError as error:
                why_not[method] = error.detail
        if not by:
            raise chosen_error(why_not, choices.target)
        self.scores = Scores(by, why_not)
        if choices.method not in by:
            self.choices = replace(choices, method=next(iter(by)))

    def choose(self, choices: Choices) -> None:
        """Other choices that need other scores."""
        if choices != self.choices and (study := self.study):
            self.choices = choices
            self.moved(replace(self.place, tab=choices.target))

            async def score(_progress: Progress) -> None:
                self.scores, self.trouble = Scores(), None
                self.query_one("#body").display = False
                self.query_one(StateCard).reading("Scoring the columns ...")
                try:
                    await self._score(study)
                except UserError as error:
                    self.trouble = error

            self.work("Scoring", score)

    def _features(self) -> tuple[str, ...]:
        """The columns to score; none for those that the service chooses."""
        if self.choices.features_only or self.studied is None:
            return ()
        columns = [column for column in self.studied.columns if column.type.startswith(NUMBERS)]
        return tuple(column.name for column in columns if column.name != self.choices.target)

    def _ordered(self) -> tuple[str, ...]:
        return tuple(self.scores.order(self.choices.method))

    def rest(self) -> None:
        """The columns in the order of the method."""
        self.items = self._ordered()
        self.show_rows()

    def show_rows(self) -> None:
        """The columns, and whether the methods agree."""
        super().show_rows()
        put(self.query_one("#verdict", Static), Text("" if self.trouble else verdict(self.scores)))
        if self.trouble:
            self.query_one(StateCard).error(self.trouble)
        self.refresh_bindings()

    # what a list says

    def key_of(self, item: str) -> str:
        """The column."""
        return item

    def cells_of(self, item: str) -> tuple[str | Text, ...]:
        """Its scores."""
        return cells(item, self.scores, self.choices)

    def facts_of(self, item: str) -> list[tuple[str, str]]:
        """Its scores in words."""
        return facts(item, self.scores)

    def about_parts(self) -> list[str]:
        """What is asked of which rows."""
        sample = f"a sample of {self.studied.total_rows or 'more'}" if self.studied and self.studied.is_sample else ""
        return [self.table.name if self.table else "", *about(self.choices, self.scores), sample]

    # keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Before there are scores only the target can be chosen; one work at a time."""
        if action == "exact":
            return bool(self.items) and not self.working and self.studied is not None and self.studied.is_sample
        if action in ("permutation", "subsets", "keep", "method", "wanted", "ids"):
            return bool(self.items) and not self.working
        if action in ("target", "task"):
            return self.studied is not None and not self.working
        return super().check_action(action, parameters)

    def action_permutation(self) -> None:
        """Train a model and shuffle each column of the rows that are held back."""
        if (study := self.study) is None:
            return
        choices = self.choices

        async def shuffle(progress: Progress) -> None:
            found = await study.score(
                ScoreMethod.PERMUTATION,
                choices.target,
                self._features(),
                choices.task,
                options=choices.options,
                progress=progress,
            )
            self.scores = replace(self.scores, by={**self.scores.by, ScoreMethod.PERMUTATION: found})
            self.choices = replace(self.choices, method=ScoreMethod.PERMUTATION)

        self.work("Training a model and shuffling its columns", shuffle)

    def action_subsets(self) -> None:
        """Say how many subsets there are and what the best of them is worth, then try them."""
        if (study := self.study) is None:
            return
        names = next(iter(self.scores.by.values())).top(len(self.items))

        async def ask() -> None:
            from services.features.subsets import OVERFITTING, count_subsets

            text = subsets_question(names, count_subsets(len(names)), OVERFITTING)
            if await self.app.push_screen_wait(Confirm("Try all subsets", text)):
                self.work("Trying subsets", search)

        async def search(progress: Progress) -> None:
            found = await study.subsets(self.choices.target, names, self.choices.task, progress=progress)
            self.scores = replace(self.scores, subsets=found)

        self.load(ask, group="ask")

    def action_exact(self) -> None:
        """Score all rows."""
        if (study := self.study) is None:
            return

        async def score(progress: Progress) -> None:
            self.studied = await study.prepare(exact=True, progress=progress)
            await self._score(study)

        self.work("Reading all rows", score)

    def action_keep(self) -> None:
        """A step that keeps the best columns and the target, and the recipe to see what it does."""
        found = self.scores.by[self.choices.method]

        async def keep() -> None:
            from screens.wrangle import drafts
            from services.wrangling.steps import Select

            await drafts.add(self.tables, self.place.subject, Select([*found.top(self.choices.wanted), found.target]))
            self.action_wrangle()

        self.load(keep, group="keep")

    def action_wrangle(self) -> None:
        """The recipe."""
        self.post_message(Open(Place("wrangle", self.place.subject)))
