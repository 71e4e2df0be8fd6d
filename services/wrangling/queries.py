"""What a view shows, as steps of a recipe."""

from __future__ import annotations

from itertools import groupby

from services.entities.tables import TableQuery
from services.wrangling.steps import Filter, Sort, Step


def steps_of(query: TableQuery) -> list[Step]:
    """The filter, then the sort: steps that keep the rows of a view in its order.

    A step sorts in one direction, and equal rows stay in their order: columns that count less are sorted by first. The
    text of the filter is not checked.
    """
    steps: list[Step] = [Filter(query.filter.strip())] if query.filter.strip() else []
    runs = [
        Sort([key.column for key in keys], descending)
        for descending, keys in groupby(query.sort, lambda key: key.descending)
    ]
    return [*steps, *reversed(runs)]
