"""Models of time series by Azure's names: each series is forecast from its own past.

A model carries the source of these classes, so each imports what it needs by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sklearn.base import BaseEstimator, RegressorMixin

BASELINES = ("Naive", "SeasonalNaive", "Average", "SeasonalAverage")
KINDS = (*BASELINES, "ExponentialSmoothing", "AutoArima")
"""The models that a SeriesForecaster has."""
ELSEWHERE = {
    "Prophet": "Prophet is not among the libraries that Lapis keeps",
    "TCNForecaster": "it is a deep neural network, which needs Azure's GPUs",
}
"""Azure's models of time series that this machine can't run, and why."""


class SeriesForecaster(RegressorMixin, BaseEstimator):  # type: ignore[misc, unused-ignore]
    """One or many series, each forecast from its own past.

    Args:
        kind: one of KINDS.
        time: the column of times; each series has its times at one frequency, without doubles.
        series: the columns that tell series apart.
        season: periods of a season; 1 for none.
        frequency: pandas' alias of the periods (`D`, `h`, `MS`); found out from the times if empty.
    """

    def __init__(self, kind: str, time: str, series: Sequence[str] = (), season: int = 1, frequency: str = "") -> None:
        self.kind = kind
        self.time = time
        self.series = series
        self.season = season
        self.frequency = frequency

    def fit(self, X: Any, y: Any) -> SeriesForecaster:  # noqa: N803
        """Keep, of each series, its past and its last time. Raises ValueError for gaps, doubles or no frequency."""
        import numpy as np
        import pandas as pd

        rows = X.assign(_y=np.asarray(y, dtype=float), _time=pd.to_datetime(X[self.time]))
        self.past_: dict[Any, Any] = {}
        for key, places in self._groups(X).items():
            part = rows.iloc[places].sort_values("_time")
            times = pd.DatetimeIndex(part["_time"])
            if times.has_duplicates:
                raise ValueError(f"the time {times[times.duplicated()][0]} is there twice")
            frequency = self.frequency or pd.DatetimeIndex(list(times), freq="infer").freq
            if not frequency:
                raise ValueError("the times have gaps or no regular frequency")
            if missing := len(pd.date_range(times[0], times[-1], freq=frequency).difference(times)):
                raise ValueError(f"{missing} times are missing between {times[0]} and {times[-1]}")
            self.past_[key] = part["_y"].to_numpy(), times[-1], frequency
        return self

    def predict(self, X: Any) -> Any:  # noqa: N803
        """A number for each row, in any order. Raises ValueError for an unknown series or a time of the past."""
        import numpy as np
        import pandas as pd

        times, found = pd.DatetimeIndex(pd.to_datetime(X[self.time])), np.empty(len(X))
        for key, places in self._groups(X).items():
            if key not in self.past_:
                raise ValueError(f"the series {key} was not there in training")
            values, last, frequency = self.past_[key]
            steps = pd.date_range(last, times[places].max(), freq=frequency).get_indexer(times[places])
            if (steps < 1).any():
                raise ValueError(f"{times[places][steps < 1][0]} is not among the times after {last}")
            found[places] = self._ahead(values, int(steps.max()))[steps - 1]
        return found

    def _groups(self, X: Any) -> dict[Any, Any]:  # noqa: N803
        """The places of the rows of each series."""
        import numpy as np

        if not self.series:
            return {(): np.arange(len(X))}
        return {key: np.asarray(places) for key, places in X.groupby(list(self.series)).indices.items()}

    def _ahead(self, values: Any, steps: int) -> Any:
        """The forecast of the next periods."""
        import numpy as np

        season = min(self.season, len(values))
        phases = np.arange(steps) % season
        if self.kind == "Naive":
            return np.full(steps, values[-1])
        if self.kind == "SeasonalNaive":
            return values[-season:][phases]
        if self.kind == "Average":
            return np.full(steps, values.mean())
        if self.kind == "SeasonalAverage":
            # backwards, the last value is the last of a season
            return np.array([values[::-1][season - 1 - phase :: season].mean() for phase in phases])
        return self._smoothed(values, steps) if self.kind == "ExponentialSmoothing" else self._arima(values, steps)

    def _smoothed(self, values: Any, steps: int) -> Any:
        """With a damped trend, and an additive season if there are two seasons at least."""
        from statsmodels.tsa.holtwinters import ExponentialSmoothing

        seasonal = 1 < self.season <= len(values) // 2
        model = ExponentialSmoothing(
            values,
            trend="add",
            damped_trend=True,
            seasonal="add" if seasonal else None,
            seasonal_periods=self.season if seasonal else None,
            initialization_method="estimated",
        )
        return model.fit().forecast(steps)

    def _arima(self, values: Any, steps: int) -> Any:
        """The mean of each phase of the season is taken off first, as orders of seasons take minutes to fit.

        What is left is differenced if that lessens its spread; then the orders of the least AIC are taken.
        """
        import numpy as np
        from statsmodels.tsa.arima.model import ARIMA

        season = self.season if 1 < self.season <= len(values) // 2 else 1
        phases = np.arange(len(values) + steps) % season
        means = np.array([values[phases[: len(values)] == phase].mean() for phase in range(season)])[phases]
        left = values - means[: len(values)]
        once = int(np.std(np.diff(left)) < np.std(left))
        fitted = [ARIMA(left, order=(p, once, q)).fit() for p, q in ((0, 0), (1, 0), (0, 1), (1, 1))]
        return min(fitted, key=lambda one: one.aic).forecast(steps) + means[len(values) :]
