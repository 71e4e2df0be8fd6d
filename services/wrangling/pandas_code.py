"""The code of each step: what a recipe means.

A step is a few lines that make the table `df` anew. They run in pandas 2 and 3; where pyspark.pandas has the same
meaning by other words, `services.wrangling.spark_code` gives those: the scripts differ in as few lines as can be.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from services.wrangling.expressions import PANDAS, Dialect, filter_code, value_code
from services.wrangling.literals import column, comment, literal
from services.wrangling.steps import (
    Bin,
    Cast,
    Clip,
    DateParts,
    Derive,
    Drop,
    DropDuplicates,
    DropMissing,
    Encode,
    Fill,
    Filter,
    Group,
    Join,
    JoinText,
    Melt,
    Pivot,
    Rename,
    Replace,
    Sample,
    Scale,
    Select,
    Sort,
    Split,
    Step,
    TrainTest,
)

DTYPES: Mapping[str, str] = {
    "integer": "Int64",
    "number": "float64",
    "text": "str",
    "boolean": "boolean",
    "category": "category",
}
"""What the kinds of column are to pandas; integers and truth values may be missing. A date is parsed instead."""


def step_lines(step: Step) -> list[str]:
    """The lines of a step, its comment above them; of a muted step nothing but a comment."""
    said = [comment(step.comment)] if step.comment else []
    return [*said, comment(f"muted: {step.step}")] if step.muted else [*said, *CODE[step.step](step)]


def fill(step: Fill) -> list[str]:
    """One call for constants; a line a column else, as pyspark.pandas can't assign a fill to several."""
    if step.method == "constant":
        return [f"df = df.fillna({literal(dict.fromkeys(step.columns, step.value))})"]
    if step.method in ("forward", "back"):
        method = "ffill" if step.method == "forward" else "bfill"
        return [f"{column(name)} = {column(name)}.{method}()" for name in step.columns]
    number = "mode().iloc[0]" if step.method == "mode" else f"{step.method}()"
    return [f"df = df.fillna({{{', '.join(f'{name!r}: {column(name)}.{number}' for name in step.columns)}}})"]


def drop_missing(step: DropMissing) -> list[str]:
    """`dropna`, which takes either `how` or `thresh`."""
    given = [f"subset={literal(step.columns)}"] if step.columns else []
    if step.threshold is not None:
        given.append(f"thresh={step.threshold}")
    elif step.how != "any":
        given.append(f"how={step.how!r}")
    return [f"df = df.dropna({', '.join(given)})"]


def drop_duplicates(step: DropDuplicates) -> list[str]:
    """`drop_duplicates`, which keeps the first unless told otherwise."""
    given = [f"subset={literal(step.columns)}"] if step.columns else []
    if step.keep != "first":
        given.append(f"keep={False if step.keep == 'none' else step.keep!r}")
    return [f"df = df.drop_duplicates({', '.join(given)})"]


def sort(step: Sort, *, stable: bool = True) -> list[str]:
    """Stable, which pandas is not by itself for one column."""
    given = [literal(step.columns)]
    if step.descending:
        given.append("ascending=False")
    if step.missing == "first":
        given.append("na_position='first'")
    if stable:
        given.append("kind='stable'")
    return [f"df = df.sort_values({', '.join(given)})"]


def select(step: Select) -> list[str]:
    """A copy, so that what follows may write to it."""
    return [f"df = df[{literal(step.columns)}].copy()"]


def drop(step: Drop) -> list[str]:
    """`drop` by name."""
    return [f"df = df.drop(columns={literal(step.columns)})"]


def rename(step: Rename) -> list[str]:
    """`rename` by a mapping."""
    return [f"df = df.rename(columns={literal(step.columns)})"]


def cast(step: Cast) -> list[str]:
    """By a parser where faults become missing values and for dates, else by `astype`."""
    given = ", errors='coerce'" if step.faults == "missing" else ""
    if step.type == "date":
        return [f"{column(name)} = pd.to_datetime({column(name)}{given})" for name in step.columns]
    dtype = DTYPES[step.type]
    if given and step.type in ("integer", "number"):
        end = f".astype({dtype!r})" if step.type == "integer" else ""
        return [f"{column(name)} = pd.to_numeric({column(name)}{given}){end}" for name in step.columns]
    return [f"df = df.astype({literal(dict.fromkeys(step.columns, dtype))})"]


def replace(step: Replace) -> list[str]:
    """Cells by `replace`; parts of texts by `str.replace`."""
    if step.match == "cell":
        changes = f".replace({{{literal(step.old)}: {literal(step.new)}}})"
    else:
        changes = f".str.replace({literal(step.old)}, {literal(step.new)}, regex={step.match == 'pattern'})"
    return [f"{column(name)} = {column(name)}{changes}" for name in step.columns]


def filter_rows(step: Filter, *, dialect: Dialect = PANDAS) -> list[str]:
    """By a mask; a copy, so that what follows may write to it."""
    return [f"df = df[{filter_code(step.where, dialect).code}].copy()"]


def derive(step: Derive, *, dialect: Dialect = PANDAS) -> list[str]:
    """The translated expression."""
    return [f"{column(step.column)} = {value_code(step.value, dialect).code}"]


def clip(step: Clip) -> list[str]:
    """`clip` on each column."""
    bounds = {"lower": step.lower, "upper": step.upper}
    given = ", ".join(f"{name}={literal(value)}" for name, value in bounds.items() if value is not None)
    return [f"{column(name)} = {column(name)}.clip({given})" for name in step.columns]


def scale(step: Scale) -> list[str]:
    """By the least and the greatest value, or by mean and standard deviation (of a sample: n - 1)."""
    lines = []
    for name in step.columns:
        this = column(name)
        if step.method == "min_max":
            lines.append(f"{this} = ({this} - {this}.min()) / ({this}.max() - {this}.min())")
        else:
            lines.append(f"{this} = ({this} - {this}.mean()) / {this}.std()")
    return lines


def encode(step: Encode) -> list[str]:
    """Dummies as int64, which all versions of pandas and Spark make alike; places by a mapping."""
    if step.method == "one_hot":
        return [f"df = pd.get_dummies(df, columns={literal(step.columns)}, dtype='int64')"]
    lines = []
    for name in step.columns:
        order = literal(step.order) if step.order else f"sorted({column(name)}.dropna().unique().tolist())"
        lines.append(f"order = {order}")
        lines.append(f"{column(name)} = {column(name)}.map({{value: place for place, value in enumerate(order)}})")
    return lines


def bins(step: Bin) -> list[str]:
    """By counting the edges below a value: `cut` and `qcut` don't exist in Spark."""
    this = column(step.column)
    lines = []
    if step.method == "edges":
        lines.append(f"edges = {literal(step.edges)}")
    elif step.method == "width":
        lines.append(f"low, high = {this}.min(), {this}.max()")
        lines.append(f"edges = [low + (high - low) * i / {step.bins} for i in range(1, {step.bins})]")
    else:
        lines.append(f"edges = [{this}.quantile(i / {step.bins}) for i in range(1, {step.bins})]")
    lines.append(f"number = sum(({this} > edge).astype('int64') for edge in edges).where({this}.notna())")
    if step.labels:
        names = literal({float(place): label for place, label in enumerate(step.labels)})
        lines.append(f"{column(step.into)} = number.map({names})")
    else:
        lines.append(f"{column(step.into)} = number")
    return lines


def split(step: Split) -> list[str]:
    """What is over stays in the last column; what is missing is missing."""
    limit = f"n={len(step.into) - 1}, " if len(step.into) > 1 else ""
    lines = [f"parts = {column(step.column)}.str.split({step.separator!r}, {limit}regex=False)"]
    return lines + [f"{column(name)} = parts.str.get({place})" for place, name in enumerate(step.into)]


def join_text(step: JoinText) -> list[str]:
    """Each as text, empty where it is missing."""
    texts = [f"{column(name)}.astype('str').where({column(name)}.notna(), '')" for name in step.columns]
    return [f"{column(step.into)} = {f' + {step.separator!r} + '.join(texts)}"]


def date_parts(step: DateParts, *, dates: str = "", dialect: Dialect = PANDAS) -> list[str]:
    """From dates that are parsed first.

    Args:
        dates: code of the dates, where it is not pandas' parser.
    """
    form = f", format={step.format!r}" if step.format else ""
    lines = [f"dates = {dates or f'pd.to_datetime({column(step.column)}{form})'}"]
    names = {part: dialect.weekday if part == "weekday" else part for part in step.parts}
    return lines + [f"{column(f'{step.column}_{part}')} = dates.dt.{name}" for part, name in names.items()]


def group(step: Group) -> list[str]:
    """Named aggregates; `reset_index`, as `as_index=False` loses the keys in Spark 3."""
    named = {each.name: (each.column, each.function) for each in step.aggregates}
    pairs = ", ".join(f"{name!r}: ({source!r}, {function!r})" for name, (source, function) in named.items())
    return [f"df = df.groupby({literal(step.by)}).agg(**{{{pairs}}}).reset_index()"]


def pivot(step: Pivot) -> list[str]:
    """Names as plain texts, without the name of the column that they come from."""
    given = f"index={literal(step.rows)}, columns={step.columns!r}, values={step.values!r}, aggfunc={step.function!r}"
    return [f"df = df.pivot_table({given}).reset_index()", "df.columns = [str(name) for name in df.columns]"]


def melt(step: Melt) -> list[str]:
    """`melt`, its two new columns named."""
    given = [f"id_vars={literal(step.keep)}"]
    given += [f"value_vars={literal(step.columns)}"] if step.columns else []
    given += [f"var_name={step.name_into!r}", f"value_name={step.value_into!r}"]
    return [f"df = df.melt({', '.join(given)})"]


def join(step: Join) -> list[str]:
    """`merge` with the other table, which the script reads; its columns get the suffix where both have a name."""
    given = f"on={literal(step.keys)}, how={step.how!r}, suffixes=('', {step.suffix!r})"
    return [f"df = df.merge(read_table(TABLES[{step.table!r}]), {given})"]


def sample(step: Sample) -> list[str]:
    """All rows if there are fewer than asked for."""
    if step.rows is not None:
        return [f"df = df.sample(n=min({step.rows}, len(df)), random_state={step.seed})"]
    return [f"df = df.sample(frac={literal(step.fraction)}, random_state={step.seed})"]


def train_test(step: TrainTest) -> list[str]:
    """Rows are drawn for the test, the rest trains; the table keeps its order."""
    source = f"df.groupby({step.stratify!r})" if step.stratify else "df"
    drawn = f"{source}.sample(frac={literal(step.test)}, random_state={step.seed}).index"
    return [f"is_test = pd.Series(df.index.isin({drawn}), index=df.index)", *parted(step)]


def parted(step: TrainTest) -> list[str]:
    """What becomes of the rows, once `is_test` says which ones test."""
    if step.keep == "both":
        return [f"{column(step.into)} = is_test.astype('str').map({{'True': 'test', 'False': 'train'}})"]
    return [f"df = df[{'' if step.keep == 'test' else '~'}is_test].copy()"]


CODE: Mapping[str, Callable[[Any], list[str]]] = {
    "fill": fill,
    "drop_missing": drop_missing,
    "drop_duplicates": drop_duplicates,
    "sort": sort,
    "select": select,
    "drop": drop,
    "rename": rename,
    "cast": cast,
    "replace": replace,
    "filter": filter_rows,
    "derive": derive,
    "clip": clip,
    "scale": scale,
    "encode": encode,
    "bin": bins,
    "split": split,
    "join_text": join_text,
    "date_parts": date_parts,
    "group": group,
    "pivot": pivot,
    "melt": melt,
    "join": join,
    "sample": sample,
    "train_test": train_test,
}
"""What makes the lines of each kind of step."""
