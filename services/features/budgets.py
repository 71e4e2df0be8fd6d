"""What of the privacy budgets of tables is spent, as long as a workspace is open."""

from __future__ import annotations

from weakref import WeakKeyDictionary

from services.entities.features import PrivacyBudget
from services.workspace import TableService

TOTAL = 1.0
"""The budget that a table has unless another is set."""
_BUDGETS: WeakKeyDictionary[TableService, dict[str, PrivacyBudget]] = WeakKeyDictionary()


def budget_of(tables: TableService, source: str) -> PrivacyBudget:
    """The budget of a table of a workspace."""
    return _BUDGETS.get(tables, {}).get(source, PrivacyBudget(TOTAL))


def set_budget(tables: TableService, source: str, budget: PrivacyBudget) -> None:
    """Keep a budget: after an answer, or with another total."""
    _BUDGETS.setdefault(tables, {})[source] = budget
