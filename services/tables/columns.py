"""Columns of text as Polars series with the types that pandas' read_csv would give them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from services.tables.inference import MISSING, of_objects

if TYPE_CHECKING:
    import polars

EMPTY, BOOLEAN, NATURAL, INTEGER, UNSIGNED, FLOAT, TEXT = (
    *("empty", "bool", "natural", "int64", "uint64", "float64", "string"),
)
"""Kinds of columns. NATURAL are integers of 63 bits from 0, which fit into int64 and into uint64."""
_BLANKS = " \t\r\n\x0b\x0c"
_TRUTH = {"True": True, "TRUE": True, "true": True, "False": False, "FALSE": False, "false": False}
_NUMBER_BEGINS = frozenset("0123456789+-.iI" + _BLANKS)


def typed_texts(texts: polars.Series) -> tuple[str, polars.Series]:
    """The kind of a column of text, whose missing cells are null, and its values."""
    import polars

    present = len(texts) - texts.null_count()
    if not present:
        return EMPTY, texts.cast(polars.Float64)
    first: str = texts[0] if present == len(texts) else texts.drop_nulls()[0]
    if first in _TRUTH:
        values = texts.replace_strict(_TRUTH, default=None, return_dtype=polars.Boolean)
        return (BOOLEAN, values) if len(values) - values.null_count() == present else (TEXT, texts)
    if first[:1] not in _NUMBER_BEGINS or not _may_be_number(first):
        return TEXT, texts
    whole = texts.cast(polars.Int64, strict=False)
    if len(whole) - whole.null_count() == present:
        return _natural(INTEGER, whole), whole
    stripped = texts.str.strip_chars(_BLANKS)
    for kind, dtype in ((INTEGER, polars.Int64), (UNSIGNED, polars.UInt64), (FLOAT, polars.Float64)):
        values = stripped.cast(dtype, strict=False)
        if len(values) - values.null_count() == present:
            if kind == FLOAT and values.is_nan().any():
                return TEXT, texts  # nAn: what stands for a missing value in pandas was taken out before
            if kind == FLOAT and _beyond_64_bits(stripped):
                return TEXT, stripped
            return _natural(kind, values), values
    return TEXT, texts


def typed_numbers(values: polars.Series) -> tuple[str, polars.Series] | None:
    """The kind of a column that was read as numbers, and its values; None where only its text tells that."""
    import polars

    if values.null_count() == len(values):
        return EMPTY, values.cast(polars.Float64)
    if values.dtype == polars.Int64:
        return _natural(INTEGER, values), values
    if values.is_nan().any():
        return None
    largest = values.abs().max()
    return (FLOAT, values) if isinstance(largest, float) and largest < 2**63 else None


def _may_be_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _natural(kind: str, values: polars.Series) -> str:
    smallest = values.min()
    return NATURAL if kind == INTEGER and isinstance(smallest, int) and smallest >= 0 else kind


def _beyond_64_bits(texts: polars.Series) -> bool:
    """Whether all are integers, some too large for a number: pandas keeps such a column as it stands."""
    return bool(texts.drop_nulls().str.contains(r"^[+-]?[0-9]+$").all())


def typed_objects(values: Sequence[Any], text_of: Any) -> tuple[str, polars.Series]:
    """The kind of a column of JSON values, None being missing, and its values; what is nested becomes text."""
    import polars

    kind = of_objects(values)
    if all(value is None for value in values):
        return EMPTY, polars.Series(values, dtype=polars.Float64)
    if kind == "bool":
        return BOOLEAN, polars.Series(values, dtype=polars.Boolean)
    if kind in (INTEGER, FLOAT) and all(isinstance(value, int | None) for value in values):
        numbers = [value for value in values if value is not None]
        if min(numbers) >= -(2**63) and max(numbers) < 2**63:
            return NATURAL if min(numbers) >= 0 else INTEGER, polars.Series(values, dtype=polars.Int64)
        if min(numbers) >= 0 and max(numbers) < 2**64:
            return UNSIGNED, polars.Series(values, dtype=polars.UInt64)
        return TEXT, polars.Series([text_of(value) for value in values], dtype=polars.String)
    if kind == FLOAT:
        return FLOAT, polars.Series([None if value is None else float(value) for value in values])
    return TEXT, polars.Series([text_of(value) for value in values], dtype=polars.String)


def joined(left: str, right: str) -> str:
    """The kind of a column that is of one kind here and of another there."""
    if right in (left, EMPTY):
        return left
    if left == EMPTY:
        return right
    kinds = {left, right}
    if kinds <= {NATURAL, INTEGER, UNSIGNED, FLOAT}:
        if FLOAT in kinds:
            return FLOAT
        if NATURAL in kinds:
            return (kinds - {NATURAL}).pop()
    return TEXT


def dtype_of(kind: str, *, has_gaps: bool) -> polars.DataType:
    """The Polars type of a kind; integers with a gap are float64, as in pandas."""
    import polars

    if kind in (NATURAL, INTEGER, UNSIGNED) and has_gaps:
        return polars.Float64()
    types: dict[str, Any] = {
        BOOLEAN: polars.Boolean,
        NATURAL: polars.Int64,
        INTEGER: polars.Int64,
        UNSIGNED: polars.UInt64,
        TEXT: polars.String,
    }
    dtype: polars.DataType = types.get(kind, polars.Float64)()
    return dtype


def kind_of(dtype: polars.DataType) -> str:
    """The kind of a column that has got its type."""
    import polars

    kinds: dict[Any, str] = {
        polars.Boolean: BOOLEAN,
        polars.Int64: INTEGER,
        polars.UInt64: UNSIGNED,
        polars.String: TEXT,
    }
    return kinds.get(dtype.base_type(), FLOAT)


def missing_words(*, empty: bool) -> list[str]:
    """What stands for a missing value in a text file, with or without an empty field."""
    return sorted(MISSING if empty else MISSING - {""})
