"""What of the privacy budgets of tables is spent, as long as Lapis runs."""

from __future__ import annotations

from services.entities.features import PrivacyBudget

TOTAL = 1.0
"""The budget that a table has unless another is set."""
_BUDGETS: dict[str, PrivacyBudget] = {}


def budget_of(table: str) -> PrivacyBudget:
    """The budget of a table, by its identity (`TableService.identity`): other names of it share it."""
    return _BUDGETS.get(table, PrivacyBudget(TOTAL))


def set_budget(table: str, budget: PrivacyBudget) -> None:
    """Keep a budget: after an answer, or with another total."""
    _BUDGETS[table] = budget
