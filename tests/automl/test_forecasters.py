"""Forecasts of series with a trend and a season, the folds that judge them, and times that are no series."""

from __future__ import annotations

import warnings
from typing import Any

import pytest

from services.automl.folds import rolling_origin
from services.automl.forecasters import ELSEWHERE, KINDS, SeriesForecaster
from services.errors import UserError

np: Any = pytest.importorskip("numpy")
pd: Any = pytest.importorskip("pandas")
pytest.importorskip("statsmodels")

WEEK = [0, 1, 2, 3, 4, 9, 8]


def days(count: int = 56, first: str = "2024-01-01") -> Any:
    """A week's pattern on a slow trend."""
    dates = pd.date_range(first, periods=count, freq="D")
    return pd.DataFrame({"day": dates, "sold": [WEEK[n % 7] + n / 7 for n in range(count)]})


def fit(kind: str, rows: Any, season: int = 7, **more: Any) -> SeriesForecaster:
    return SeriesForecaster(kind, "day", season=season, **more).fit(rows.drop(columns="sold"), rows["sold"])


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("Naive", [5.0, 5.0, 5.0]),
        ("SeasonalNaive", [3.0, 4.0, 5.0]),
        ("Average", [3.0, 3.0, 3.0]),
        ("SeasonalAverage", [2.0, 3.0, 4.0]),
    ],
)
def test_baselines_as_counted_by_hand(kind: str, expected: list[float]) -> None:
    rows = pd.DataFrame({"day": pd.date_range("2024-01-01", periods=6, freq="D"), "sold": [1.0, 2, 3, 3, 4, 5]})
    future = pd.DataFrame({"day": pd.date_range("2024-01-07", periods=3, freq="D")})
    assert fit(kind, rows, season=3).predict(future).tolist() == expected


@pytest.mark.parametrize("kind", ["ExponentialSmoothing", "AutoArima"])
def test_models_of_statsmodels_beat_the_baselines(kind: str) -> None:
    rows = days(63)
    past, future = rows.iloc[:56], rows.iloc[56:]

    def error(name: str) -> float:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            told = fit(name, past).predict(future[["day"]])
        return float(np.abs(told - future["sold"]).mean())

    assert error(kind) < min(error("Naive"), error("Average"))


def test_each_series_is_forecast_from_its_own_past_whatever_the_order_of_rows() -> None:
    rows = pd.concat([days().assign(shop="a"), days().assign(shop="b", sold=lambda one: 100 + one["sold"])])
    model = fit("SeasonalNaive", rows.sample(frac=1, random_state=1), series=("shop",))
    future = pd.DataFrame({"day": pd.to_datetime(["2024-02-28", "2024-02-26", "2024-02-26"]), "shop": ["b", "b", "a"]})
    assert model.predict(future).tolist() == pytest.approx([102 + 51 / 7, 107, 7])
    with pytest.raises(ValueError, match="was not there in training"):
        model.predict(future.assign(shop="z"))


def test_times_that_are_no_series_are_refused() -> None:
    rows = days()
    with pytest.raises(ValueError, match="2024-01-03 00:00:00 is there twice"):
        fit("Naive", pd.concat([rows, rows.iloc[[2]]]))
    with pytest.raises(ValueError, match="no regular frequency"):
        fit("Naive", rows.drop(index=5))
    with pytest.raises(ValueError, match="1 times are missing"):
        fit("Naive", rows.drop(index=5), frequency="D")
    with pytest.raises(ValueError, match="is not among the times after 2024-02-25"):
        fit("Naive", rows).predict(rows[["day"]].iloc[:1])


def test_folds_follow_the_time() -> None:
    rows = days(20).sample(frac=1, random_state=2)
    folds = rolling_origin(rows["day"], horizon=4, folds=3)
    assert [len(train) for train, _ in folds] == [8, 12, 16]
    for train, judge in folds:
        assert len(judge) == 4
        assert rows["day"].iloc[train].max() < rows["day"].iloc[judge].min()
    assert rows["day"].iloc[folds[-1][1]].max() == rows["day"].max()
    with pytest.raises(UserError, match="13 periods are too few for 3 folds of 4"):
        rolling_origin(days(13)["day"], horizon=4, folds=3)


def test_what_cannot_run_here_says_why() -> None:
    assert not set(ELSEWHERE) & set(KINDS)
    assert all(ELSEWHERE.values())
