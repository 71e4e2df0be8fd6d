"""The steps of a recipe: frozen dataclasses that are the schema of a step in YAML, field by field (docs/recipes.md).

What they mean is the code of `services.wrangling.pandas_code`; which columns they read and leave is
`services.wrangling.columns`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

Value: TypeAlias = str | int | float | bool
FillMethod: TypeAlias = Literal["constant", "mean", "median", "mode", "forward", "back"]
Kind: TypeAlias = Literal["integer", "number", "text", "boolean", "date", "category"]
Aggregation: TypeAlias = Literal["count", "sum", "mean", "median", "min", "max", "std", "nunique", "first", "last"]
DatePart: TypeAlias = Literal["year", "quarter", "month", "day", "weekday", "hour", "minute", "second"]
_FORBID: dict[str, Any] = {"extra": "forbid"}


@dataclass(frozen=True, kw_only=True)
class StepBase:
    """What every step has.

    Attributes:
        muted: the step stays in the recipe and does nothing.
        comment: why the step is there; it is written above its code.
    """

    muted: bool = False
    comment: str = ""
    __pydantic_config__ = _FORBID


@dataclass(frozen=True)
class Fill(StepBase):
    """Put something in place of missing values: a constant, a number of the column, or the neighbour's value."""

    columns: list[str]
    method: FillMethod = "constant"
    value: Value | None = None
    step: Literal["fill"] = "fill"


@dataclass(frozen=True)
class DropMissing(StepBase):
    """Leave out rows with missing values, looked for in `columns` or everywhere.

    `threshold` keeps rows that have at least so many values, whatever `how` says.
    """

    columns: list[str] = field(default_factory=list)
    how: Literal["any", "all"] = "any"
    threshold: int | None = None
    step: Literal["drop_missing"] = "drop_missing"


@dataclass(frozen=True)
class DropDuplicates(StepBase):
    """Leave out rows that are there already, by `columns` or by all."""

    columns: list[str] = field(default_factory=list)
    keep: Literal["first", "last", "none"] = "first"
    step: Literal["drop_duplicates"] = "drop_duplicates"


@dataclass(frozen=True)
class Sort(StepBase):
    """Order the rows; equal ones stay in their order."""

    columns: list[str]
    descending: bool = False
    missing: Literal["first", "last"] = "last"
    step: Literal["sort"] = "sort"


@dataclass(frozen=True)
class Select(StepBase):
    """Keep these columns alone, in this order."""

    columns: list[str]
    step: Literal["select"] = "select"


@dataclass(frozen=True)
class Drop(StepBase):
    """Leave out columns."""

    columns: list[str]
    step: Literal["drop"] = "drop"


@dataclass(frozen=True)
class Rename(StepBase):
    """Give columns other names: old name to new name."""

    columns: Mapping[str, str]
    step: Literal["rename"] = "rename"


@dataclass(frozen=True)
class Cast(StepBase):
    """Another type. With `faults: missing`, what can't be converted to a number or a date becomes missing."""

    columns: list[str]
    type: Kind
    faults: Literal["stop", "missing"] = "stop"
    step: Literal["cast"] = "cast"


@dataclass(frozen=True)
class Replace(StepBase):
    """Put `new` in place of `old`: where the whole cell is it, each part of a text that is it, or a pattern's finds."""

    columns: list[str]
    old: Value
    new: Value
    match: Literal["cell", "part", "pattern"] = "cell"
    step: Literal["replace"] = "replace"


@dataclass(frozen=True)
class Filter(StepBase):
    """Keep the rows of which an expression is true."""

    where: str
    step: Literal["filter"] = "filter"


@dataclass(frozen=True)
class Derive(StepBase):
    """A column that an expression computes; one of that name is replaced."""

    column: str
    value: str
    step: Literal["derive"] = "derive"


@dataclass(frozen=True)
class Clip(StepBase):
    """Pull numbers below `lower` up to it, and numbers above `upper` down to it."""

    columns: list[str]
    lower: float | None = None
    upper: float | None = None
    step: Literal["clip"] = "clip"


@dataclass(frozen=True)
class Scale(StepBase):
    """Numbers from 0 to 1 (min_max), or as standard deviations from the mean (z_score)."""

    columns: list[str]
    method: Literal["min_max", "z_score"] = "min_max"
    step: Literal["scale"] = "scale"


@dataclass(frozen=True)
class Encode(StepBase):
    """Categories as numbers: a 0/1 column for each (one_hot), or their place in `order` (ordinal; else sorted)."""

    columns: list[str]
    method: Literal["one_hot", "ordinal"] = "one_hot"
    order: list[Value] = field(default_factory=list)
    step: Literal["encode"] = "encode"


@dataclass(frozen=True)
class Bin(StepBase):
    """Ranges of a number, numbered from 0 or named by `labels`.

    `edges` parts at these values; `width` and `quantile` make `bins` ranges of the same width, or of the same number of
    rows. A value on an edge belongs to the lower range.
    """

    column: str
    into: str
    method: Literal["width", "quantile", "edges"] = "width"
    bins: int = 5
    edges: list[float] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    step: Literal["bin"] = "bin"


@dataclass(frozen=True)
class Split(StepBase):
    """Part a text at a separator into columns; of several the last one takes all that is left."""

    column: str
    separator: str
    into: list[str]
    step: Literal["split"] = "split"


@dataclass(frozen=True)
class JoinText(StepBase):
    """The texts of columns in one; a missing value is an empty text."""

    columns: list[str]
    into: str
    separator: str = " "
    step: Literal["join_text"] = "join_text"


@dataclass(frozen=True)
class DateParts(StepBase):
    """Columns with parts of a date, named `column_part`; weekday 0 is Monday.

    `format` is that of the text, as in `%d/%m/%Y`; without it the date is in ISO 8601.
    """

    column: str
    parts: list[DatePart]
    format: str | None = None
    step: Literal["date_parts"] = "date_parts"


@dataclass(frozen=True)
class Aggregate:
    """A number of each group; its column is named `into`, or `column_function`."""

    column: str
    function: Aggregation
    into: str | None = None
    __pydantic_config__ = _FORBID

    @property
    def name(self) -> str:
        """The name of its column."""
        return self.into or f"{self.column}_{self.function}"


@dataclass(frozen=True)
class Group(StepBase):
    """A row for each group of rows with the same values in `by`, sorted by them; rows without a value are left out."""

    by: list[str]
    aggregates: list[Aggregate]
    step: Literal["group"] = "group"


@dataclass(frozen=True)
class Pivot(StepBase):
    """A row for each value of `rows`, a column for each value of `columns`, and in the cells `values`, aggregated."""

    rows: list[str]
    columns: str
    values: str
    function: Aggregation = "mean"
    step: Literal["pivot"] = "pivot"


@dataclass(frozen=True)
class Melt(StepBase):
    """The reverse: a row for each cell of `columns` (else of all that are not kept), beside the columns to keep."""

    keep: list[str]
    columns: list[str] = field(default_factory=list)
    name_into: str = "variable"
    value_into: str = "value"
    step: Literal["melt"] = "melt"


@dataclass(frozen=True)
class Join(StepBase):
    """Add the columns of another table where the values of `keys` are the same.

    `table` is a path, from the recipe's folder on; a run may put another in its place (`--table NAME=PATH`).
    """

    table: str
    keys: list[str]
    how: Literal["inner", "left", "right", "outer"] = "left"
    suffix: str = "_right"
    step: Literal["join"] = "join"


@dataclass(frozen=True)
class Sample(StepBase):
    """Some rows by chance: `rows` of them, or a `fraction`; the same ones for the same seed."""

    rows: int | None = None
    fraction: float | None = None
    seed: int = 0
    step: Literal["sample"] = "sample"


@dataclass(frozen=True)
class TrainTest(StepBase):
    """Part the rows by chance: a column `into` that says `train` or `test`, or one part alone.

    With `stratify`, each value of that column is parted in the same proportion.
    """

    test: float = 0.3
    seed: int = 0
    stratify: str | None = None
    into: str = "split"
    keep: Literal["both", "train", "test"] = "both"
    step: Literal["train_test"] = "train_test"


Step: TypeAlias = (
    Fill
    | DropMissing
    | DropDuplicates
    | Sort
    | Select
    | Drop
    | Rename
    | Cast
    | Replace
    | Filter
    | Derive
    | Clip
    | Scale
    | Encode
    | Bin
    | Split
    | JoinText
    | DateParts
    | Group
    | Pivot
    | Melt
    | Join
    | Sample
    | TrainTest
)
KINDS: Mapping[str, type[Step]] = {
    "fill": Fill,
    "drop_missing": DropMissing,
    "drop_duplicates": DropDuplicates,
    "sort": Sort,
    "select": Select,
    "drop": Drop,
    "rename": Rename,
    "cast": Cast,
    "replace": Replace,
    "filter": Filter,
    "derive": Derive,
    "clip": Clip,
    "scale": Scale,
    "encode": Encode,
    "bin": Bin,
    "split": Split,
    "join_text": JoinText,
    "date_parts": DateParts,
    "group": Group,
    "pivot": Pivot,
    "melt": Melt,
    "join": Join,
    "sample": Sample,
    "train_test": TrainTest,
}
"""The steps by the name that `step:` has in a recipe."""
