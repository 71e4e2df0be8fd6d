"""What a recipe does to a table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from services.entities.assets import TablePreview


class StepState(StrEnum):
    """What became of a step in a preview."""

    DONE = "done"
    MUTED = "muted"
    FAILED = "failed"
    NOT_REACHED = "not reached"


@dataclass(frozen=True)
class StepEffect:
    """What a step did to the rows in view.

    Attributes:
        rows: before and after.
        missing: cells without a value, before and after.
        columns_added: names that the step made.
        columns_removed: names that are gone.
        changed_cells: cells of rows and columns that were there before whose value is another now.
        message: why it failed; empty otherwise.
        notes: what to know about it, such as what it took from a sample.
    """

    state: StepState
    rows: tuple[int, int] = (0, 0)
    missing: tuple[int, int] = (0, 0)
    columns_added: tuple[str, ...] = ()
    columns_removed: tuple[str, ...] = ()
    changed_cells: int = 0
    message: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class RecipePreview:
    """A table after the steps of a recipe, as far as they went.

    Attributes:
        effects: one for each step.
        table: the first rows after the last step that went through.
        changed: the cells of `table` that this step changed or made, as (row, column).
        rows_read: how many rows the steps worked on.
        is_sample: whether the table has more.
    """

    effects: tuple[StepEffect, ...] = ()
    table: TablePreview = field(default_factory=TablePreview)
    changed: frozenset[tuple[int, int]] = frozenset()
    rows_read: int = 0
    is_sample: bool = False

    @property
    def failed(self) -> int | None:
        """The index of the step that failed."""
        states = [effect.state for effect in self.effects]
        return states.index(StepState.FAILED) if StepState.FAILED in states else None


@dataclass(frozen=True)
class MemoryEstimate:
    """What a run over a whole table will take, in bytes, and what this machine has left."""

    needed: int
    available: int

    @property
    def fits(self) -> bool:
        """Whether it can be expected to go through."""
        return self.needed <= self.available


@dataclass(frozen=True)
class RunReport:
    """A recipe's run over a whole table.

    Attributes:
        seconds: how long it took.
        properties: where the output comes from, for the asset that it becomes.
    """

    rows_read: int
    rows_written: int
    columns: tuple[str, ...]
    output: str
    seconds: float
    properties: Mapping[str, str]
