"""The fields of a step's form, made from those of its dataclass; and the step, as plain data, from what is typed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from dataclasses import Field as DataField
from enum import Enum, auto
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from textual.widget import Widget

from screens.fields import Field, Lines, Picker, line_input, text_of
from screens.pairs import pairs_text, read_pairs
from screens.wrangle.checklist import Checklist
from screens.wrangle.completion import Columns, expression_input, name_input, table_input
from screens.wrangle.values import (
    aggregate_text,
    read_aggregates,
    read_value,
    read_values,
    value_text,
    values_text,
)
from services.errors import Fault, SpecError
from services.wrangling import steps
from services.wrangling.steps import Aggregate, Step


class Control(Enum):
    """What a field is typed or chosen in."""

    CHOICE = auto()
    FLAG = auto()
    OPTIONS = auto()
    COLUMNS = auto()
    COLUMN = auto()
    NEW_NAME = auto()
    EXPRESSION = auto()
    TABLE = auto()
    VALUE = auto()
    VALUES = auto()
    NUMBER = auto()
    TEXT = auto()
    NAMES_BY_NAME = auto()
    AGGREGATES = auto()


_LISTS_OF_COLUMNS = {"columns", "by", "keys", "rows", "keep"}
_BY_NAME = {
    ("filter", "where"): Control.EXPRESSION,
    ("derive", "value"): Control.EXPRESSION,
    ("derive", "column"): Control.NEW_NAME,
    ("join", "table"): Control.TABLE,
    **dict.fromkeys(
        [
            ("bin", "column"),
            ("split", "column"),
            ("date_parts", "column"),
            ("pivot", "columns"),
            ("pivot", "values"),
            ("train_test", "stratify"),
        ],
        Control.COLUMN,
    ),
}
"""Texts that are more than a text, by step and field."""
_ONLY_WITH: Mapping[tuple[str, str], tuple[str, tuple[str, ...]]] = {
    ("fill", "value"): ("method", ("constant",)),
    ("encode", "order"): ("method", ("ordinal",)),
    ("bin", "bins"): ("method", ("width", "quantile")),
    ("bin", "edges"): ("method", ("edges",)),
    ("train_test", "into"): ("keep", ("both",)),
}
"""Fields that mean something with some values of another alone."""
_HINTS = {
    Control.CHOICE: "← → or a letter choose",
    Control.FLAG: "← → choose",
    Control.OPTIONS: "space takes one, ctrl+a all; letters go to one",
    Control.COLUMNS: "space takes a column, ctrl+a all; letters go to one; the order counts",
    Control.COLUMN: "The name of a column; tab completes",
    Control.NEW_NAME: "A new name, or that of a column to replace",
    Control.EXPRESSION: "As in Age >= 18 and Embarked in ['S', 'C'], or Fare / 2; tab completes columns and functions",
    Control.TABLE: "A file here, azureml:NAME:VERSION or an address; tab completes",
    Control.VALUE: "A number, true, false or a text; '18' in quotes is a text",
    Control.VALUES: "Parted by commas",
    Control.NUMBER: "A number",
    Control.TEXT: "A text",
    Control.NAMES_BY_NAME: "old=new, one a line; ctrl+s takes the step",
    Control.AGGREGATES: "mean(Fare) or fare = mean(Fare), one a line; ctrl+s takes the step: "
    + ", ".join(get_args(steps.Aggregation)),
}
_OWN_HINTS = {
    ("fill", "method"): "constant: a value; mean, median, mode of the column; forward, back: the neighbour's value",
    ("drop_missing", "columns"): "Where values may be missing; none taken: anywhere",
    ("drop_missing", "threshold"): "Keep rows with at least so many values, whatever “how” says",
    ("drop_duplicates", "columns"): "What must be the same; none taken: all columns",
    ("melt", "columns"): "What becomes rows; none taken: all that is not kept",
    ("sample", "fraction"): "Above 0, up to 1; either rows or a fraction",
    ("train_test", "test"): "The part of the rows that tests, between 0 and 1",
    ("date_parts", "format"): "As in %d/%m/%Y; empty: ISO 8601",
    ("join_text", "separator"): "What stands between the texts",
    ("split", "separator"): "What parts the text; spaces count",
    ("split", "into"): "Names of the new columns, parted by commas",
    ("bin", "edges"): "The numbers at which to part, rising, parted by commas",
    ("bin", "labels"): "Names of the ranges, parted by commas; empty: they are numbered from 0",
    ("encode", "order"): "The values in their order, parted by commas; empty: sorted",
    ("replace", "old"): "What is looked for, a number or a text; '18' in quotes is a text",
}
_HINTS_BY_NAME = {
    "into": "The name of the new column",
    "name_into": "The name of the column that holds the names",
    "value_into": "The name of the column that holds the values",
    "seed": "The same number draws the same rows",
    "comment": "Why the step is there; it stands above its code",
}


@dataclass(frozen=True)
class StepField:
    """A field of a step: how it is typed, and what it is if nothing is."""

    kind: str
    name: str
    control: Control
    options: tuple[str, ...]
    default: Any

    @property
    def required(self) -> bool:
        """Whether the step is none without it."""
        return self.default is MISSING


def fields_of(kind: str) -> list[StepField]:
    """The fields of a kind of step; `comment` comes last and `muted` is not asked for."""
    made = steps.KINDS[kind]
    hints = get_type_hints(made)
    own = [each for each in fields(made) if each.name not in ("step", "muted", "comment")]
    comment = next(each for each in fields(made) if each.name == "comment")
    return [_step_field(kind, each, hints[each.name]) for each in (*own, comment)]


def _step_field(kind: str, each: DataField[Any], hint: Any) -> StepField:
    default = each.default if each.default_factory is MISSING else each.default_factory()
    of = [part for part in get_args(hint) if part is not type(None)]
    plain = of[0] if get_origin(hint) in (Union, UnionType) and len(of) == 1 else hint
    options: tuple[str, ...] = ()
    control = _BY_NAME.get((kind, each.name))
    if control is None:
        control, options = _control(each.name, plain)
    return StepField(kind, each.name, control, options, default)


def _control(name: str, hint: Any) -> tuple[Control, tuple[str, ...]]:
    origin, parts = get_origin(hint), get_args(hint)
    if origin is Literal:
        return Control.CHOICE, parts
    if origin is list:
        if get_origin(parts[0]) is Literal:
            return Control.OPTIONS, get_args(parts[0])
        if parts[0] is Aggregate:
            return Control.AGGREGATES, ()
        return (Control.COLUMNS if name in _LISTS_OF_COLUMNS else Control.VALUES), ()
    if hint is bool:
        return Control.FLAG, ("no", "yes")
    if hint in (int, float):
        return Control.NUMBER, ()
    if hint is str:
        return Control.TEXT, ()
    return (Control.NAMES_BY_NAME if origin is not Union and origin is not UnionType else Control.VALUE), ()


def make_field(field: StepField, value: Any, columns: Columns) -> Field:
    """The field with a value; MISSING where there is none yet."""
    hint = _OWN_HINTS.get((field.kind, field.name)) or _HINTS_BY_NAME.get(field.name) or _HINTS[field.control]
    return Field(field.name, field.name.replace("_", " ").capitalize(), _widget(field, value, columns), hint=hint)


def _widget(field: StepField, value: Any, columns: Columns) -> Widget:
    given = None if value is MISSING else value
    match field.control:
        case Control.CHOICE:
            return Picker(field.options, given or field.options[0], labels=[o.replace("_", " ") for o in field.options])
        case Control.FLAG:
            return Picker(field.options, "yes" if given else "no")
        case Control.OPTIONS:
            return Checklist([(option, "") for option in field.options], given or ())
        case Control.COLUMNS:
            return Checklist(columns.options, given or ())
        case Control.COLUMN:
            return name_input(given or "", columns)
        case Control.EXPRESSION:
            return expression_input(given or "", columns)
        case Control.TABLE:
            return table_input(given or "", columns)
        case Control.NAMES_BY_NAME:
            return Lines(pairs_text(given or {}))
        case Control.AGGREGATES:
            return Lines("\n".join(map(aggregate_text, given or ())))
        case Control.VALUES:
            return line_input(values_text(given or ()))
        case Control.VALUE | Control.NUMBER:
            return line_input(value_text(given))
    return line_input(given or "")


def is_meant(field: StepField, controls: Mapping[str, Field]) -> bool:
    """Whether the field means something beside what is chosen in the others."""
    other, values = _ONLY_WITH.get((field.kind, field.name), ("", ()))
    return not other or controls[other].value in values


def read_document(kind: str, controls: Mapping[str, Field]) -> dict[str, Any]:
    """The step as plain data, which may have faults yet. Raises SpecError for what can't even be read."""
    document: dict[str, Any] = {"step": kind}
    for field in fields_of(kind):
        if is_meant(field, controls):
            value = _typed(field, controls[field.name].controls[0])
            if value is not None:
                document[field.name] = value
    return document


def _typed(field: StepField, control: Widget) -> Any:
    """What is typed or chosen; None for nothing, which is the default's place."""
    if isinstance(control, Checklist):
        return control.chosen or None
    text = text_of(control)
    match field.control:
        case Control.FLAG:
            return text == "yes"
        case Control.VALUE:
            return read_value(text) if text.strip() or field.required else None
        case Control.VALUES:
            values = read_values(text)
            is_text = field.name in ("into", "labels")
            return ([str(value) for value in values] if is_text else values) or None
        case Control.NUMBER:
            return read_value(text) if text.strip() else None
        case Control.NAMES_BY_NAME:
            pairs, wrong = read_pairs(text, {})
            if wrong:
                raise SpecError([Fault(field.name, message) for message in wrong])
            return pairs or None
        case Control.AGGREGATES:
            return read_aggregates(text) or None
        case Control.TEXT if field.name in ("separator", "suffix") and field.kind != "split":
            return text
        case Control.TEXT if field.name == "separator":
            return text or None
    return text.strip() or None


def first_values(kind: str, step: Step | None, at_cursor: str, columns: Sequence[str]) -> dict[str, Any]:
    """What the form begins with: the step that is edited, or the column under the cursor in a new one."""
    values = {field.name: field.default for field in fields_of(kind)}
    if step is not None:
        return values | {name: getattr(step, name) for name in values}
    if at_cursor not in columns:
        return values
    for field in fields_of(kind):
        if not field.required:
            continue
        if field.control is Control.COLUMNS:
            values[field.name] = [at_cursor]
        elif field.control is Control.COLUMN:
            values[field.name] = at_cursor
        elif field.control is Control.NAMES_BY_NAME:
            values[field.name] = {at_cursor: ""}
        else:
            continue
        break
    return values
