"""Questions to a table under differential privacy: what noise an answer has, what it costs, what is left to spend."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Static

from screens.lists import shown
from screens.long_work import LongWork
from screens.places import Place
from screens.privacy.actions import ACTIONS
from screens.privacy.texts import (
    COLUMNS,
    LEAST,
    MOST,
    QUERIES,
    TRUTH,
    Asked,
    answer_rows,
    is_number,
    needs_bounds,
    question_facts,
    read_epsilon,
    unfinished,
    with_bounds,
    with_edges,
    with_labels,
)
from screens.sources import table_title
from screens.typed import typed
from screens.widgets.dialogs import Choose, Confirm
from screens.widgets.facts import Facts
from screens.widgets.grid import Grid
from screens.widgets.states import StateCard
from screens.widgets.steady import put
from services.entities.assets import TableColumn
from services.entities.features import PrivacyBudget, PrivateQuery, PrivateQuestion
from services.entities.tables import Progress
from services.errors import ServiceError
from services.workspace import TableService

if TYPE_CHECKING:
    from services.features.study import PrivateTable
    from services.tables.table import Table


class PrivacyScreen(LongWork):
    """The subject is the source of a table, the tab the column that is asked."""

    CRUMB = "Privacy"
    ACTIONS: ClassVar = ACTIONS
    DEFAULT_CSS = """
    PrivacyScreen #about { height: 1; padding: 0 1; color: $text-muted; }
    PrivacyScreen #body { height: 1fr; display: none; }
    PrivacyScreen #question { height: auto; max-height: 14; padding: 0 1; border-bottom: solid $panel; }
    """

    def __init__(self, place: Place, *, tables: TableService) -> None:
        super().__init__(place)
        self.tables = tables
        self.table: Table | None = None
        self.private: PrivateTable | None = None
        self.columns: tuple[TableColumn, ...] = ()
        self.column = ""
        self.rows = 0
        self._identity = ""
        self.question = PrivateQuestion(PrivateQuery.MEAN, 0.1)
        self.asked: tuple[Asked, ...] = ()

    def compose_body(self) -> ComposeResult:
        """What the table is; the question with its price; the answers."""
        yield Static(id="about", markup=False)
        yield StateCard()
        with Vertical(id="body"):
            with VerticalScroll(id="question", can_focus=False):
                yield Facts()
            yield Grid(COLUMNS, empty="a asks. Answers have noise and cost epsilon.")

    async def on_unmount(self) -> None:
        """End the work, and let go of the table."""
        if self.private is not None:
            await self.private.close()
        if self.table is not None:
            await self.table.close()

    # opening

    def on_mount(self) -> None:
        """Open the table."""
        self.action_refresh()

    def action_refresh(self) -> None:
        """Open the table, unless it is open."""
        if self.private is None:
            self.query_one(StateCard).reading(f"Reading {table_title(self.place.subject)} ...")
            self.load(self._open, group="read")

    async def _open(self) -> None:
        from services.features.study import PrivateTable
        from services.features.table import require

        try:
            require("opendp")
            self.table = self.table or await self.tables.open(self.place.subject)
            self.columns = (await self.table.schema()).columns
            self.rows = await self.table.count(self.tell_reading)
            self._identity = await self.tables.identity(self.place.subject)
        except ServiceError as error:
            self.query_one(StateCard).error(error, error.advice or "r tries again.")
            return
        self.private = PrivateTable(self.table)
        names = [column.name for column in self.columns]
        numbers = [column.name for column in self.columns if is_number(column)]
        self.column = self.place.tab if self.place.tab in names else (numbers or names)[0]
        self.query_one(StateCard).hide()
        self.query_one("#body").display = True
        self.query_one(Grid).focus()
        self.rest()
        self.refresh_bindings()

    # showing

    @property
    def budget(self) -> PrivacyBudget:
        """What may be spent on this table, and what has been since Lapis was started."""
        from services.features.budgets import budget_of

        return budget_of(self._identity)

    def _spend(self, budget: PrivacyBudget) -> None:
        from services.features.budgets import set_budget

        set_budget(self._identity, budget)

    @property
    def column_asked(self) -> TableColumn:
        """The column that is asked."""
        return next(column for column in self.columns if column.name == self.column)

    def _scale(self) -> float | None:
        from services.features.privacy import noise_scale

        if needs_bounds(self.question.query) and self.question.bounds is None:
            return None
        return noise_scale(self.question.query, self.question.epsilon, self.question.bounds, max(1, self.rows))

    def rest(self) -> None:
        """The question as it is, and the answers so far."""
        if self.table is None or self.private is None:
            return
        facts = question_facts(self.column_asked, self.question, self.rows, self._scale(), self.budget)
        self.query_one(Facts).set_facts([fact for fact in facts if fact[1]])
        self.query_one(Grid).set_rows([row for asked in self.asked for row in answer_rows(asked)])
        put(self.query_one("#about", Static), Text(shown(f"{self.table.name}  answers with noise, by OpenDP")))

    # keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Before the table is open there is nothing to ask; what an answer needs belongs to its query."""
        if action not in ("stop", "refresh") and self.private is None:
            return False
        if action in ("ask", "truth") and self.working:
            return False
        if action == "bounds":
            return self.question.query != PrivateQuery.COUNT
        if action == "truth":
            return bool(self.asked)
        return super().check_action(action, parameters)

    def _change(self, question: PrivateQuestion) -> None:
        self.question = question
        self.rest()
        self.refresh_bindings()

    def action_less(self) -> None:
        """Half of epsilon."""
        self._change(replace(self.question, epsilon=max(LEAST, self.question.epsilon / 2)))

    def action_more(self) -> None:
        """Twice of it."""
        self._change(replace(self.question, epsilon=min(MOST, self.question.epsilon * 2)))

    def action_query(self) -> None:
        """Ask for the query."""

        async def ask() -> None:
            options = [(str(query), words) for query, words in QUERIES.items()]
            if query := await self.app.push_screen_wait(Choose("Query", options, self.question.query)):
                self._change(replace(self.question, query=PrivateQuery(query)))

        self.load(ask, group="ask")

    def action_column(self) -> None:
        """Ask for the column. Bounds and bins of another one mean nothing."""

        async def ask() -> None:
            options = [(column.name, column.type) for column in self.columns]
            name = await self.app.push_screen_wait(Choose("Column", options, self.column))
            if name and name != self.column:
                self.column = name
                self.moved(replace(self.place, tab=name))
                self._change(PrivateQuestion(self.question.query, self.question.epsilon))

        self.load(ask, group="ask")

    def action_epsilon(self) -> None:
        """Ask for epsilon."""

        async def ask() -> None:
            epsilon = await typed(self.app, "Epsilon", "Cost of an answer", f"{self.question.epsilon:g}", read_epsilon)
            if epsilon is not None:
                self._change(replace(self.question, epsilon=epsilon))

        self.load(ask, group="ask")

    def action_budget(self) -> None:
        """Ask for the budget; what is spent stays spent."""

        async def ask() -> None:
            total = await typed(
                self.app, "Budget", "Epsilon in all for this table", f"{self.budget.total:g}", read_epsilon
            )
            if total is not None:
                self._spend(replace(self.budget, total=total))
                self.rest()

        self.load(ask, group="ask")

    def action_bounds(self) -> None:
        """Ask for the bounds or the bins: nothing is filled in that was read off the table."""
        question = self.question

        async def ask() -> None:
            if needs_bounds(question.query):
                value = " ".join(f"{bound:g}" for bound in question.bounds or ())
                prompt = "The least and the largest value that the column can mean"
                found = await typed(self.app, "Bounds", prompt, value, lambda text: with_bounds(question, text))
            elif is_number(self.column_asked):
                value = " ".join(f"{edge:g}" for edge in question.edges)
                prompt = "Where the bins part, by what the column means"
                found = await typed(self.app, "Bins", prompt, value, lambda text: with_edges(question, text))
            else:
                prompt = "The categories that the column can mean; others are counted together"
                value = ", ".join(question.labels)
                found = await typed(self.app, "Bins", prompt, value, lambda text: with_labels(question, text))
            if found is not None:
                self._change(found)

        self.load(ask, group="ask")

    def action_ask(self) -> None:
        """Ask, unless the budget is spent: it is charged when the answer is there."""
        if (private := self.private) is None:
            return
        column, question = self.column, self.question

        async def ask(progress: Progress) -> None:
            from services.features.privacy import spend

            if (needs_bounds(question.query) and not question.bounds) or (
                question.query == PrivateQuery.HISTOGRAM and not (question.labels or question.edges)
            ):
                raise unfinished(question)
            spend(self.budget, question.epsilon)
            result = await private.ask(column, question, progress)
            self._spend(spend(self.budget, question.epsilon))
            self.asked = (Asked(len(self.asked) + 1, column, question, result), *self.asked)
            self.rest()
            self.query_one(Grid).move_to(f"{len(self.asked)}.0")

        self.work(f"Asking {column}", ask)

    def action_truth(self) -> None:
        """Ask whether, then show the answer under the cursor without noise."""
        key = self.query_one(Grid).cursor_key or ""
        number = int(key.partition(".")[0] or 0)
        chosen = next((asked for asked in self.asked if asked.number == number), None)
        private = self.private
        if chosen is None or private is None:
            return

        async def ask() -> None:
            if await self.app.push_screen_wait(Confirm("The true value", TRUTH)):
                self.work("Computing the true value", compute)

        async def compute(_progress: Progress) -> None:
            known = replace(chosen, truth=await private.truth(chosen.column, chosen.question))
            self.asked = tuple(known if asked is chosen else asked for asked in self.asked)

        self.load(ask, group="ask")
