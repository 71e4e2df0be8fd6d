"""What is proposed while one types a column, an expression or a table."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from screens.widgets.path_input import complete_path
from screens.widgets.suggest_input import SuggestInput
from services.entities import TableColumn

MOST = 100
"""More proposals than that help nobody."""
_WORD = re.compile(r"`[^`]*$|[A-Za-z_]\w*$")


@dataclass(frozen=True)
class Columns:
    """What the fields of a step can choose from.

    Attributes:
        all: the columns before the step.
        assets: gives the data assets that can be joined, each as `azureml:NAME:VERSION`.
    """

    all: tuple[TableColumn, ...]
    assets: Callable[[], Awaitable[Sequence[str]]]

    @property
    def names(self) -> list[str]:
        """Their names."""
        return [column.name for column in self.all]

    @property
    def options(self) -> list[tuple[str, str]]:
        """Each with its type and what is missing."""
        return [(c.name, c.type + (f" ∅{c.nulls:,}" if c.nulls else "")) for c in self.all]


def quoted(name: str) -> str:
    """A column as an expression names it."""
    return name if name.isidentifier() else f"`{name}`"


def complete_expression(text: str, columns: Columns) -> list[tuple[str, str]]:
    """Columns and functions that go on from the last word of an expression."""
    from services.expressions.functions import FUNCTIONS

    match = _WORD.search(text)
    if match is None or _in_quotes(text[: match.start()]):
        return []
    before, word = text[: match.start()], match[0].lstrip("`").casefold()
    names = [(before + quoted(name), note) for name, note in columns.options if name.casefold().startswith(word)]
    functions = [(f"{before}{name}(", f.usage) for name, f in FUNCTIONS.items() if name.startswith(word)]
    return [*names, *([] if match[0].startswith("`") else functions)][:MOST]


def _in_quotes(text: str) -> bool:
    """Whether a text ends within quotes."""
    quote = ""
    for character in text:
        if quote:
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote = character
    return bool(quote)


def name_input(value: str, columns: Columns) -> SuggestInput:
    """A line for one column."""

    async def complete(text: str) -> Sequence[tuple[str, str]]:
        typed = text.casefold()
        return [(name, note) for name, note in columns.options if typed in name.casefold()][:MOST]

    return SuggestInput(value, complete=complete)


def expression_input(value: str, columns: Columns) -> SuggestInput:
    """A line for an expression."""

    async def complete(text: str) -> Sequence[tuple[str, str]]:
        return complete_expression(text, columns)

    return SuggestInput(value, complete=complete)


def table_input(value: str, columns: Columns) -> SuggestInput:
    """A line for a table: a path of this machine, or a data asset."""

    async def complete(text: str) -> Sequence[tuple[str, str]]:
        if text and "azureml:".startswith(text[: len("azureml:")]):
            return [(name, "data asset") for name in await columns.assets() if name.startswith(text)][:MOST]
        return await asyncio.to_thread(complete_path, text, Path.cwd())

    return SuggestInput(value, complete=complete)
