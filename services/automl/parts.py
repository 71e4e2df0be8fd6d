"""Estimators that scikit-learn has not. Scripts carry their source, so each class imports what it needs by itself."""

from __future__ import annotations

from typing import Any

from sklearn.base import BaseEstimator, ClassifierMixin, TransformerMixin


class DateParts(TransformerMixin, BaseEstimator):  # type: ignore[misc, unused-ignore]
    """Year, month, day, weekday, hour and more of dates; 0 for what is no date."""

    PARTS = ("year", "quarter", "month", "day", "day_of_week", "day_of_year", "hour", "minute")

    def fit(self, X: Any, y: Any = None) -> DateParts:  # noqa: N803
        """Keep the names of the columns."""
        self.names_ = [str(name) for name in X.columns]
        self.n_features_in_ = X.shape[1]
        return self

    def transform(self, X: Any) -> Any:  # noqa: N803
        """A column for each part of each date."""
        import numpy as np
        import pandas as pd

        dates = [pd.to_datetime(X[name], errors="coerce", format="mixed", utc=True) for name in X.columns]
        parts = [getattr(one.dt, part).fillna(0).to_numpy(dtype=float) for one in dates for part in self.PARTS]
        return np.column_stack(parts)

    def get_feature_names_out(self, names: Any = None) -> Any:
        """`when_year`, `when_month` and so on."""
        import numpy as np

        return np.array([f"{name}_{part}" for name in self.names_ for part in self.PARTS], dtype=object)


class HashOneHot(TransformerMixin, BaseEstimator):  # type: ignore[misc, unused-ignore]
    """Categories of which there are many, each hashed to one of a few columns."""

    def __init__(self, columns: int = 64) -> None:
        self.columns = columns

    def fit(self, X: Any, y: Any = None) -> HashOneHot:  # noqa: N803
        """Keep the names of the columns."""
        self.names_ = [str(name) for name in X.columns]
        self.n_features_in_ = X.shape[1]
        return self

    def transform(self, X: Any) -> Any:  # noqa: N803
        """A one in the column of the value's hash."""
        from scipy.sparse import hstack
        from sklearn.feature_extraction import FeatureHasher

        hasher = FeatureHasher(self.columns, input_type="string", alternate_sign=False)
        return hstack([hasher.transform([str(value)] for value in X[name]) for name in X.columns], format="csr")

    def get_feature_names_out(self, names: Any = None) -> Any:
        """`name_hash_0`, `name_hash_1` and so on."""
        import numpy as np

        return np.array([f"{name}_hash_{n}" for name in self.names_ for n in range(self.columns)], dtype=object)


class Texts(TransformerMixin, BaseEstimator):  # type: ignore[misc, unused-ignore]
    """A column of texts as a list of texts, an empty one for each that is missing."""

    def fit(self, X: Any, y: Any = None) -> Texts:  # noqa: N803
        """Nothing has to be learnt."""
        self.is_fitted_ = True
        return self

    def transform(self, X: Any) -> Any:  # noqa: N803
        """The texts."""
        import pandas as pd

        return ["" if pd.isna(value) else str(value) for value in X]

    def get_feature_names_out(self, names: Any = None) -> Any:
        """The names that came in."""
        return names


class LabelEncoded(ClassifierMixin, BaseEstimator):  # type: ignore[misc, unused-ignore]
    """A classifier that takes its classes only as 0, 1, 2 ... under one that takes them as they are."""

    def __init__(self, estimator: Any) -> None:
        self.estimator = estimator

    def fit(self, X: Any, y: Any) -> LabelEncoded:  # noqa: N803
        """Fit the classifier on the places of the classes."""
        import numpy as np
        from sklearn.base import clone

        self.classes_, codes = np.unique(np.asarray(y), return_inverse=True)
        self.estimator_ = clone(self.estimator).fit(X, codes)
        return self

    def predict(self, X: Any) -> Any:  # noqa: N803
        """The classes as they were."""
        return self.classes_[self.estimator_.predict_proba(X).argmax(axis=1)]

    def predict_proba(self, X: Any) -> Any:  # noqa: N803
        """The probability of each class."""
        return self.estimator_.predict_proba(X)
