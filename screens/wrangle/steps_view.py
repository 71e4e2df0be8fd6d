"""The recipe: a line for each step with what it did, and what is to know about the one under the cursor."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from screens.lists import shown
from screens.widgets.grid import Grid, GridColumn, GridRow
from screens.widgets.steady import put
from screens.wrangle.texts import GLYPHS, pair_text, summary
from services.entities.wrangling import StepEffect, StepState
from services.wrangling.steps import Step

EMPTY = "No steps yet: f fills gaps, d drops rows, + lists all"
COLUMNS = (
    GridColumn("state", "", width=4),
    GridColumn("step", "Step", least=24),
    GridColumn("rows", "Rows", align="right", priority=1),
    GridColumn("missing", "Missing", align="right", priority=2),
)
PENDING = "…"


class StepsView(Vertical):
    """The steps; the cursor is on one of them, with or without the focus."""

    DEFAULT_CSS = """
    StepsView #steps-title { height: 1; padding: 0 1; text-style: bold; color: $text-accent; }
    StepsView Grid { height: 1fr; }
    StepsView #about-step { display: none; height: auto; max-height: 4; padding: 0 1; border-top: solid $panel; }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._steps: tuple[Step, ...] = ()
        self._effects: tuple[StepEffect, ...] = ()

    def compose(self) -> ComposeResult:
        """Title, steps, a line about one."""
        yield Static("Recipe", id="steps-title", markup=False)
        yield Grid(COLUMNS, empty=EMPTY)
        yield Static(id="about-step", markup=False)

    @property
    def grid(self) -> Grid:
        """The steps."""
        return self.query_one(Grid)

    @property
    def index(self) -> int | None:
        """The place of the step under the cursor; None without steps."""
        return self.grid.cursor_row if self._steps else None

    def show(self, title: str, steps: Sequence[Step], effects: Sequence[StepEffect]) -> None:
        """Show a recipe; effects that aren't known yet are pending."""
        more = len(steps) > len(self._steps)
        self._steps, self._effects = tuple(steps), tuple(effects)
        put(self.query_one("#steps-title", Static), Content(shown(title)))
        self.grid.set_rows([GridRow(str(at), self._cells(at)) for at in range(len(steps))])
        if more:
            self.grid.move(len(steps) - 1)
        self.tell()

    def move(self, index: int) -> None:
        """Put the cursor on a step."""
        self.grid.move(index)

    def _cells(self, at: int) -> tuple[str | Text, ...]:
        step, effect = self._steps[at], self._effect(at)
        glyph = PENDING if effect is None else GLYPHS[effect.state]
        number, text = f"{glyph} {at + 1}", summary(step)
        if effect is None:
            return number, text, "", ""
        match effect.state:
            case StepState.FAILED:
                return Text(number, "red"), Text(text, "red"), Text("failed", "red"), ""
            case StepState.MUTED:
                return Text(number, "dim"), Text(text, "dim"), Text("muted", "dim"), ""
            case StepState.NOT_REACHED:
                return Text(number, "dim"), Text(text, "dim"), Text("not reached", "dim"), ""
        return number, text, pair_text(effect.rows), pair_text(effect.missing)

    def _effect(self, at: int) -> StepEffect | None:
        return self._effects[at] if at < len(self._effects) else None

    def on_grid_highlighted(self, event: Grid.Highlighted) -> None:
        """Tell of the step under the cursor."""
        event.stop()
        self.tell()

    def tell(self) -> None:
        """Why the step under the cursor fails, what to know about it, and its comment."""
        lines: list[Content] = []
        at = self.index
        if at is not None and at < len(self._steps):
            effect = self._effect(at)
            if effect is not None and effect.message:
                lines.append(Content.styled(f"✗ {shown(effect.message)}", "$text-error"))
            lines += [Content.styled(f"! {shown(note)}", "$text-warning") for note in (effect.notes if effect else ())]
            if comment := self._steps[at].comment:
                lines.append(Content.styled(f"# {shown(comment)}", "$text-muted"))
        line = self.query_one("#about-step", Static)
        put(line, Content("\n").join(lines))
        line.display = bool(lines)
