"""The words of private questions and their answers: no widget here."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace

from screens.lists import counted, shown
from screens.profile.texts import bar
from screens.widgets.grid import GridColumn, GridRow
from services.entities.assets import TableColumn
from services.entities.features import PrivacyBudget, PrivateQuery, PrivateQuestion, PrivateResult
from services.errors import UserError

COLUMNS = (
    GridColumn("number", "No", 3, align="right"),
    GridColumn("query", "Query", least=16),
    GridColumn("answer", "Answer", align="right", least=10),
    GridColumn("error", "19 of 20 within", align="right", priority=1),
    GridColumn("epsilon", "Epsilon", 7, align="right", priority=2),
    GridColumn("truth", "True value", align="right", priority=3),
)
LEAST, MOST = 1 / 1024, 16.0
"""Epsilons that the keys reach."""
QUERIES = {
    PrivateQuery.COUNT: "how many values there are",
    PrivateQuery.SUM: "their sum, each clipped to bounds",
    PrivateQuery.MEAN: "their mean, each clipped to bounds",
    PrivateQuery.HISTOGRAM: "how many lie in each bin or category",
}
TRUTH = (
    "The answer without noise keeps nothing private, and no budget counts it.\n"
    "It is here to learn how far an answer is off. Show it?"
)


@dataclass(frozen=True)
class Asked:
    """An answer, and what it is the answer to.

    Attributes:
        truth: without noise; empty unless somebody wanted to see it.
    """

    number: int
    column: str
    question: PrivateQuestion
    result: PrivateResult
    truth: tuple[float, ...] = ()


def value_text(value: float | None) -> str:
    """At most six digits."""
    return "" if value is None else f"{value:,.6g}" if abs(value) < 1e6 else f"{value:,.0f}"


def error_text(value: float) -> str:
    """Four digits: nobody needs to know an error better."""
    return f"{value:,.4g}" if value < 1e4 else f"{value:,.0f}"


def epsilon_text(epsilon: float) -> str:
    """`0.05`, `0.0125`."""
    return f"{epsilon:.4g}"


def is_number(column: TableColumn) -> bool:
    """Whether it can be summed."""
    return column.type.startswith(("int", "uint", "float"))


def needs_bounds(query: PrivateQuery) -> bool:
    """Whether values are clipped."""
    return query in (PrivateQuery.SUM, PrivateQuery.MEAN)


def with_bounds(question: PrivateQuestion, text: str) -> PrivateQuestion:
    """The question with the two numbers that were typed. Raises ValueError with what would be right."""
    numbers = _numbers(text)
    if len(numbers) != 2 or not numbers[0] < numbers[1]:
        raise ValueError("Two numbers are needed, the lower one first, such as: 0 120")
    return replace(question, bounds=(numbers[0], numbers[1]))


def with_edges(question: PrivateQuestion, text: str) -> PrivateQuestion:
    """The question with edges of bins that were typed. Raises ValueError with what would be right."""
    numbers = _numbers(text)
    if not numbers or numbers != sorted(set(numbers)):
        raise ValueError("Numbers that rise are needed, such as: 20 40 60")
    return replace(question, edges=tuple(numbers), labels=())


def with_labels(question: PrivateQuestion, text: str) -> PrivateQuestion:
    """The question with the categories that were typed. Raises ValueError with what would be right."""
    labels = tuple(dict.fromkeys(word.strip() for word in text.split(",") if word.strip()))
    if not labels:
        raise ValueError("Categories are needed with commas between them, such as: yes, no")
    return replace(question, labels=labels, edges=())


def _numbers(text: str) -> list[float]:
    """Numbers with spaces or commas between them; none if one is no finite number."""
    try:
        numbers = [float(word) for word in re.split(r"[\s,;]+", text.strip()) if word]
    except ValueError:
        return []
    return numbers if all(map(math.isfinite, numbers)) else []


def question_facts(
    column: TableColumn, question: PrivateQuestion, rows: int, scale: float | None, budget: PrivacyBudget
) -> list[tuple[str, str]]:
    """What will be asked, what noise the answer will have, and what it costs.

    Args:
        scale: of the noise; None as long as bounds are missing.
    """
    return [
        ("Query", f"{question.query}  {QUERIES[question.query]}"),
        ("Column", f"{shown(column.name)}  {column.type}"),
        ("Epsilon", _epsilon(question.epsilon)),
        *([("Bounds", _bounds(question))] if needs_bounds(question.query) else []),
        *([("Bins", _bins(question, column))] if question.query == PrivateQuery.HISTOGRAM else []),
        ("Rows", f"{rows:,}, which is taken for public"),
        ("Noise", "" if scale is None else f"Laplace, scale {error_text(scale)}"),
        ("Error", "" if scale is None else _errors(scale)),
        ("Trade", "" if scale is None else trade(question.epsilon, scale)),
        ("Budget", budget_text(budget, question.epsilon)),
    ]


def _epsilon(epsilon: float) -> str:
    warning = "  ! above 1 little is kept private" if epsilon > 1 else ""
    return f"{epsilon_text(epsilon)}  ← halves it, → doubles it{warning}"


def _bounds(question: PrivateQuestion) -> str:
    if question.bounds is None:
        return "! b sets them by what the column means: bounds read off the table would tell of its values"
    return f"{value_text(question.bounds[0])} … {value_text(question.bounds[1])}; values beyond are clipped to them"


def _bins(question: PrivateQuestion, column: TableColumn) -> str:
    if question.labels:
        return f"{', '.join(map(shown, question.labels))}, other"
    if question.edges:
        return f"parted at {', '.join(map(value_text, question.edges))}"
    kind = "edges" if is_number(column) else "categories"
    return f"! b sets their {kind} by what the column means: those read off the table would tell of its values"


def _errors(scale: float) -> str:
    most = error_text(scale * math.log(20))
    return f"half of all answers are within {error_text(_median(scale))}, 19 of 20 within {most}"


def _median(scale: float) -> float:
    return scale * math.log(2)


def trade(epsilon: float, scale: float) -> str:
    """What more privacy costs, in figures."""
    half = _median(scale * 2)
    return (
        f"more privacy, less accuracy: at {epsilon_text(epsilon / 2)} half of all answers are within "
        f"{error_text(half)}, at {epsilon_text(epsilon * 2)} within {error_text(_median(scale / 2))}"
    )


def budget_text(budget: PrivacyBudget, epsilon: float) -> str:
    """A meter, and how many more answers there are."""
    width = 20
    spent = bar(min(1.0, budget.spent / budget.total), width)
    more = math.floor(budget.left / epsilon + 1e-9)
    answers = counted(more, "more answer", "more answers") if more else "! no more answer"
    return f"{spent:·<{width}} {budget.spent:.4g} of {budget.total:g} spent: {answers} at this epsilon"


def answer_rows(asked: Asked) -> list[GridRow]:
    """The row of an answer; of a histogram one for each bin."""
    result, epsilon = asked.result, epsilon_text(asked.question.epsilon)
    name = f"{result.query} {shown(asked.column)}"
    if asked.question.bounds and needs_bounds(result.query):
        name += f" {value_text(asked.question.bounds[0])} … {value_text(asked.question.bounds[1])}"
    rows = []
    for at, value in enumerate(result.values):
        label = f"{name}: {shown(result.labels[at])}" if result.labels else name
        cells = (
            str(asked.number) if at == 0 else "",
            label,
            value_text(value),
            f"± {error_text(result.error_95)}",
            epsilon if at == 0 else "",
            value_text(asked.truth[at]) if asked.truth else "",
        )
        rows.append(GridRow(f"{asked.number}.{at}", cells))
    return rows


def read_epsilon(text: str) -> float:
    """An epsilon, or a budget, that was typed. Raises ValueError with what would be right."""
    numbers = _numbers(text)
    if len(numbers) != 1 or numbers[0] <= 0:
        raise ValueError("It is a number above 0; up to 1 is usual.")
    return numbers[0]


def unfinished(question: PrivateQuestion) -> UserError:
    """A question lacks what `b` sets."""
    what = "Bounds" if needs_bounds(question.query) else "Bins"
    return UserError(f"{what} are missing: b sets them.", title="The question is not complete")
