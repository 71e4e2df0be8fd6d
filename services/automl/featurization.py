"""What each column is for, and how it becomes numbers: Azure's featurization with scikit-learn.

Purposes and names of transformers are those of
https://learn.microsoft.com/azure/machine-learning/how-to-configure-auto-features.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from services.automl.components import OWN, Component
from services.errors import NotFoundError, UserError
from services.features.table import Frame, Series, is_id_like

FEW = 10
"""Different values up to which a category gets a column for each; beyond, values are hashed."""
TEXT_WORDS = 3
"""Words in the middle value from which a column is a text."""
LOOKED_AT = 500
"""Values that are looked at to tell dates and texts."""


class Mode(StrEnum):
    """How columns become features."""

    AUTO = "auto"
    CUSTOM = "custom"
    OFF = "off"


class Purpose(StrEnum):
    """What a column is for, in Azure's words."""

    NUMERIC = "Numeric"
    CATEGORICAL = "Categorical"
    CATEGORICAL_HASH = "CategoricalHash"
    TEXT = "Text"
    DATE_TIME = "DateTime"
    IGNORE = "Ignore"


class Imputer(StrEnum):
    """What stands in for a missing number."""

    MEAN = "mean"
    MEDIAN = "median"
    MOST_FREQUENT = "most_frequent"
    CONSTANT = "constant"


@dataclass(frozen=True)
class Imputation:
    """How missing values of some columns are filled, where it is not with the mean.

    Attributes:
        fill_value: of the imputer `constant`.
    """

    columns: tuple[str, ...]
    imputer: Imputer
    fill_value: float = 0.0


@dataclass(frozen=True)
class Featurization:
    """The settings.

    Attributes:
        purposes: of columns whose purpose is not as it looks.
        blocked: transformers that must not be used, by Azure's names: `OneHotEncoder`, `HashOneHotEncoder`, `TfIdf`,
            `CountVectorizer`, `LabelEncoder`. Others that Azure has are not used here anyway.
    """

    mode: Mode = Mode.AUTO
    purposes: Mapping[str, Purpose] = field(default_factory=dict)
    blocked: tuple[str, ...] = ()
    imputations: tuple[Imputation, ...] = ()


@dataclass(frozen=True)
class Feature:
    """A column and what it is for.

    Attributes:
        missing: rows without a value.
        reason: why it is ignored; empty otherwise.
    """

    name: str
    purpose: Purpose
    missing: int = 0
    reason: str = ""


def features(frame: Frame, target: str, settings: Featurization) -> tuple[Feature, ...]:
    """The columns but the target with their purposes. Raises NotFoundError, UserError."""
    for name in (target, *settings.purposes, *(one for fill in settings.imputations for one in fill.columns)):
        if name not in frame.columns:
            raise NotFoundError(f"The table has no column {name}.", title="There is no such column")
    names = [str(name) for name in frame.columns if name != target]
    if settings.mode == Mode.OFF:
        return _raw(frame, names)
    found = tuple(_feature(frame[name], settings.purposes.get(name)) for name in names)
    if all(one.purpose == Purpose.IGNORE for one in found):
        raise UserError("No column tells anything about the target.", title="There is nothing to learn from")
    return found


def featurizer(columns: Sequence[Feature], settings: Featurization, *, dense: bool = True) -> Component:
    """The transformer that makes numbers of the columns; those that are ignored go.

    Args:
        dense: whether the result must be a dense array.
    """
    steps: list[Any] = []
    for name, members, transformer in (
        *_numeric(columns, settings),
        *_categories(columns, settings),
        *_texts(columns, settings),
        ("dates", _named(columns, Purpose.DATE_TIME), Component(f"{OWN}.DateParts")),
    ):
        if members:
            steps.append((name, transformer, members))
    if not steps:
        raise UserError(
            "Every column is ignored or its transformers are blocked.", title="There is nothing to learn from"
        )
    arguments = {"transformers": steps, "sparse_threshold": 0.0 if dense else 0.3}
    return Component("sklearn.compose.ColumnTransformer", arguments)


def has_text(columns: Sequence[Feature]) -> bool:
    """Whether features are better kept sparse."""
    return any(one.purpose == Purpose.TEXT for one in columns)


def _raw(frame: Frame, names: Sequence[str]) -> tuple[Feature, ...]:
    from pandas.api.types import is_bool_dtype, is_numeric_dtype

    others = [name for name in names if not (is_numeric_dtype(frame[name]) or is_bool_dtype(frame[name]))]
    if others:
        raise UserError(
            f"Featurization is off and {', '.join(others[:5])} {'hold' if others[1:] else 'holds'} no numbers.",
            title="Text needs featurization",
            advice="Set featurization to auto, or encode these columns with a recipe first.",
        )
    return tuple(Feature(name, Purpose.NUMERIC, int(frame[name].isna().sum())) for name in names)


def _feature(series: Series, given: Purpose | None) -> Feature:
    name, missing = str(series.name), int(series.isna().sum())
    if given:
        return Feature(name, given, missing, "its purpose is set to Ignore" if given == Purpose.IGNORE else "")
    different = series.nunique()
    if missing == len(series):
        return Feature(name, Purpose.IGNORE, missing, "each value is missing")
    if different < 2 and not missing:
        return Feature(name, Purpose.IGNORE, missing, "the same value in each row")
    purpose = _purpose(series, different)
    if purpose not in (Purpose.TEXT, Purpose.DATE_TIME) and is_id_like(series):
        return Feature(name, Purpose.IGNORE, missing, "nearly each row has a value of its own")
    return Feature(name, purpose, missing)


def _purpose(series: Series, different: int) -> Purpose:
    from pandas.api.types import is_bool_dtype, is_datetime64_any_dtype, is_numeric_dtype

    if is_bool_dtype(series):
        return Purpose.CATEGORICAL
    if is_numeric_dtype(series):
        return Purpose.NUMERIC
    seen = series.dropna().iloc[:LOOKED_AT]
    if is_datetime64_any_dtype(series) or _are_dates(seen):
        return Purpose.DATE_TIME
    if seen.astype(str).str.split().str.len().median() >= TEXT_WORDS and different > FEW:
        return Purpose.TEXT
    return Purpose.CATEGORICAL if different <= FEW else Purpose.CATEGORICAL_HASH


def _are_dates(seen: Series) -> bool:
    import pandas as pd

    texts = seen.astype(str)
    if not texts.str.contains(r"^\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}").all():
        return False
    return bool(pd.to_datetime(texts, errors="coerce", format="mixed", utc=True).notna().all())


def _named(columns: Sequence[Feature], purpose: Purpose) -> list[str]:
    return [one.name for one in columns if one.purpose == purpose]


def _numeric(columns: Sequence[Feature], settings: Featurization) -> list[tuple[str, list[str], Any]]:
    names = _named(columns, Purpose.NUMERIC)
    if settings.mode == Mode.OFF:
        return [("numbers", names, "passthrough")]
    made = []
    for place, fill in enumerate(settings.imputations):
        own = [name for name in names if name in fill.columns]
        names = [name for name in names if name not in own]
        made.append((f"numbers_{place + 1}", own, _imputer(fill.imputer, fill.fill_value)))
    gaps = {one.name for one in columns if one.missing}
    return [
        *made,
        ("numbers", [name for name in names if name not in gaps], _imputer(Imputer.MEAN)),
        ("numbers_with_gaps", [name for name in names if name in gaps], _imputer(Imputer.MEAN, marked=True)),
    ]


def _imputer(imputer: Imputer, fill_value: float = 0.0, *, marked: bool = False) -> Component:
    """Numbers for missing ones; `marked` adds a column that tells where (Azure's ImputationMarker)."""
    arguments: dict[str, Any] = {"strategy": str(imputer)}
    if imputer == Imputer.CONSTANT:
        arguments["fill_value"] = fill_value
    if marked:
        arguments["add_indicator"] = True
    return Component("sklearn.impute.SimpleImputer", arguments)


def _categories(columns: Sequence[Feature], settings: Featurization) -> list[tuple[str, list[str], Any]]:
    few, many = _named(columns, Purpose.CATEGORICAL), _named(columns, Purpose.CATEGORICAL_HASH)
    made: list[tuple[str, list[str], Any]] = []
    if many and not _blocks(settings, "HashOneHotEncoder"):
        made.append(("hashed", many, Component(f"{OWN}.HashOneHot")))
    else:
        few = [*few, *many]
    if not _blocks(settings, "OneHotEncoder"):
        arguments: dict[str, Any] = {"handle_unknown": "infrequent_if_exist", "max_categories": 64}
        made.append(("categories", few, Component("sklearn.preprocessing.OneHotEncoder", arguments)))
    elif not _blocks(settings, "LabelEncoder"):
        # missing ones become -1 too: scalers and most estimators refuse NaN
        arguments = {"handle_unknown": "use_encoded_value", "unknown_value": -1, "encoded_missing_value": -1}
        made.append(("categories", few, Component("sklearn.preprocessing.OrdinalEncoder", arguments)))
    return made


def _texts(columns: Sequence[Feature], settings: Featurization) -> list[tuple[str, list[str] | str, Any]]:
    """Each text column on its own: n-grams of words are hashed, as CountVectorizer would count them, then weighed."""
    if _blocks(settings, "CountVectorizer"):
        return []
    steps: list[Any] = [
        ("texts", Component(f"{OWN}.Texts")),
        (
            "hash",
            Component(
                "sklearn.feature_extraction.text.HashingVectorizer",
                {"n_features": 1024, "ngram_range": (1, 2), "alternate_sign": False, "norm": None},
            ),
        ),
    ]
    if not _blocks(settings, "TfIdf"):
        steps.append(("weigh", Component("sklearn.feature_extraction.text.TfidfTransformer")))
    pipeline = Component("sklearn.pipeline.Pipeline", {"steps": steps})
    return [(f"text_{place + 1}", name, pipeline) for place, name in enumerate(_named(columns, Purpose.TEXT))]


def _blocks(settings: Featurization, transformer: str) -> bool:
    plain = transformer.lower()
    return any(one.replace("_", "").lower() == plain for one in settings.blocked)
