"""Braille canvases, axes and lines, without a widget."""

from __future__ import annotations

import math
import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screens.widgets.braille import Axis, Canvas, Series, plot, smoothed

INF, NAN = math.inf, math.nan


def drawn(canvas: Canvas) -> list[str]:
    """The rows as text, blanks at their ends left out."""
    return ["".join(text for text, _ in canvas.runs(row)).rstrip() for row in range(canvas.height)]


def curve(ys: list[float], width: int = 4, height: int = 1, *, log: bool = False) -> list[str]:
    """The values at x = 0, 1, 2 ..."""
    canvas = Canvas(width, height)
    xs = [float(x) for x in range(len(ys))]
    x_axis, y_axis = Axis.over(xs), Axis.over(ys, log=log)
    assert x_axis
    assert y_axis
    plot(canvas, Series("s", xs, ys), x_axis, y_axis, 0)
    return drawn(canvas)


@pytest.mark.parametrize(
    ("x", "y", "cell"),
    [(0, 0, "⡀"), (0, 1, "⠄"), (0, 2, "⠂"), (0, 3, "⠁"), (1, 0, "⢀"), (1, 1, "⠠"), (1, 2, "⠐"), (1, 3, "⠈")],
)
def test_each_dot_of_a_cell(x: int, y: int, cell: str) -> None:
    canvas = Canvas(1, 1)
    canvas.dot(x, y, 0)
    assert drawn(canvas) == [cell]


def test_lines_go_from_dot_to_dot() -> None:
    canvas = Canvas(2, 1)
    canvas.line(0, 0, 3, 3, 0)
    assert drawn(canvas) == ["⡠⠊"]
    canvas = Canvas(2, 2)
    canvas.line(0, 7, 0, 0, 0)
    canvas.line(3, 0, 1, 0, 0)
    assert drawn(canvas) == ["⡇", "⣇⣀"]


def test_a_row_is_parted_by_colours_and_blanks_belong_to_the_colour_before() -> None:
    canvas = Canvas(6, 1)
    canvas.dot(0, 0, 1)
    canvas.dot(6, 0, 2)
    canvas.dot(8, 0, 2)
    assert list(canvas.runs(0)) == [("⡀  ", 1), ("⡀⡀ ", 2)]


def test_what_is_drawn_last_gives_a_cell_its_colour() -> None:
    canvas = Canvas(1, 1)
    canvas.dot(0, 0, 1)
    canvas.dot(1, 0, 2)
    assert list(canvas.runs(0)) == [("⣀", 2)]


def test_values_are_joined_from_the_lowest_row_to_the_highest() -> None:
    assert curve([0, 1], width=2) == ["⡠⠊"]
    assert curve([0, 1], width=2, height=2) == [" ⡜", "⡜"]


@pytest.mark.parametrize("gap", [NAN, INF, -INF])
def test_nan_and_infinities_are_gaps(gap: float) -> None:
    assert curve([0, 0, gap, 1, 1], width=4) == ["⣀⡀⠈⠉"]


def test_a_point_between_gaps_is_a_dot() -> None:
    assert curve([0, NAN, 1, NAN, 0], width=4) == ["⡀ ⠁⢀"]


def test_one_point_and_equal_values_lie_in_the_middle() -> None:
    assert curve([5.0], width=3, height=3) == ["", " ⠂", ""]
    assert curve([5.0] * 4, width=3, height=3) == ["", "⠒⠒⠒", ""]


def test_of_the_points_of_a_column_the_lowest_and_the_highest_are_seen() -> None:
    ys = [0.0] * 1000
    ys[500] = 1.0
    rows = curve(ys, width=10, height=2)
    assert rows == ["     ⡇", "⣀⣀⣀⣀⣸⣇⣀⣀⣀⣀"]


def test_on_a_logarithmic_axis_powers_are_a_line_and_what_is_not_positive_a_gap() -> None:
    straight = curve([0.0, 1.0, 2.0, 3.0], width=4, height=2)
    assert curve([1.0, 10.0, 100.0, 1000.0], width=4, height=2, log=True) == straight
    assert curve([10.0, 10.0, 0.0, 1000.0, 1000.0], width=4, log=True) == ["⣀⡀⠈⠉"]
    assert curve([10.0, 10.0, -5.0, 1000.0, 1000.0], width=4, log=True) == ["⣀⡀⠈⠉"]


def test_ten_thousand_points_are_drawn_within_a_frame_or_two() -> None:
    ys = [math.sin(x / 50) + (x * 7919 % 13) / 13 for x in range(10_000)]
    began = time.process_time()
    rows = curve(ys, width=100, height=30)
    assert time.process_time() - began < 0.5, "half a second is what a slow machine may take; 30 ms is usual"
    assert all(row.strip() for row in rows)


# smoothing


def test_smoothing_by_hand() -> None:
    # s1 = 0.5 * 2 = 1, s2 = 0.5 * 1 + 0.5 * 4 = 2.5, s3 = 0.5 * 2.5 + 0.5 * 8 = 5.25; over 1 - 0.5 ** n
    assert smoothed([2.0, 4.0, 8.0], 0.5) == pytest.approx([1 / 0.5, 2.5 / 0.75, 5.25 / 0.875])


def test_smoothing_begins_at_the_first_value_and_leaves_constants_alone() -> None:
    assert smoothed([3.0, 3.0, 3.0], 0.99) == pytest.approx([3.0, 3.0, 3.0])
    assert smoothed([1.0, 5.0], 0.0) == [1.0, 5.0]
    assert smoothed([], 0.9) == []


def test_gaps_stay_and_do_not_count() -> None:
    with_gaps = smoothed([NAN, 2.0, INF, 4.0, NAN], 0.5)
    assert [with_gaps[1], with_gaps[3]] == pytest.approx(smoothed([2.0, 4.0], 0.5))
    assert [math.isfinite(y) for y in with_gaps] == [False, True, False, True, False]
    assert with_gaps[2] == INF


# axes


@pytest.mark.parametrize(
    ("low", "high", "most", "labels"),
    [
        (0, 49, 5, ["0", "10", "20", "30", "40"]),
        (0.0926, 1.5, 1, ["0.5", "1.0", "1.5"]),  # room for one: two at least, or it can't be read
        (-1, 1, 4, ["-1.0", "-0.5", "0.0", "0.5", "1.0"]),
        (0.7741, 0.7749, 2, ["0.7742", "0.7744", "0.7746", "0.7748"]),
        (2_000_000, 2_000_040, 4, ["2e+06", "2.00001e+06", "2.00002e+06", "2.00003e+06", "2.00004e+06"]),
        (0, 3_000_000, 3, ["0", "1e+06", "2e+06", "3e+06"]),
        (1e-7, 5e-7, 4, ["1e-07", "2e-07", "3e-07", "4e-07", "5e-07"]),
        (-1.5e308, 1.5e308, 4, ["-1.5e+308", "1.5e+308"]),  # further apart than a float holds
    ],
)
def test_ticks_are_round(low: float, high: float, most: int, labels: list[str]) -> None:
    found = [text for _, text in Axis(low, high).ticks(most)]
    assert found == labels


@pytest.mark.parametrize(
    ("low", "high", "most", "labels"),
    [
        (1, 1000, 4, ["1", "10", "100", "1000"]),
        (0.5, 2000, 4, ["1", "10", "100", "1000"]),
        (1e-6, 1, 3, ["1e-06", "0.001", "1"]),
        (1, 100, 1, ["1", "100"]),
        (2, 25, 3, ["2", "5", "10", "20"]),
        (2, 8, 3, ["2", "4", "6", "8"]),
    ],
)
def test_ticks_of_a_logarithmic_axis(low: float, high: float, most: int, labels: list[str]) -> None:
    assert [text for _, text in Axis(low, high, log=True).ticks(most)] == labels


finite = st.floats(allow_nan=False, allow_infinity=False)


@given(st.lists(finite, min_size=1, max_size=5), st.integers(1, 9), st.booleans())
def test_every_axis_has_ticks_that_tell_apart_and_places_for_its_values(
    values: list[float], most: int, log: bool
) -> None:
    axis = Axis.over(values, log=log)
    if axis is None:
        assert log
        assert all(value <= 0 for value in values)
        return
    ticks = axis.ticks(most)
    assert 2 <= len(ticks) <= 5 * most + 5
    assert all(a < b for (a, _), (b, _) in pairwise(ticks))
    assert len({text for _, text in ticks}) == len(ticks)
    for value in values:
        share = axis.share(value)
        assert (share is None) == (log and value <= 0)
        assert share is None or -1e-9 <= share <= 1 + 1e-9


def test_there_is_no_axis_without_values() -> None:
    assert Axis.over([]) is None
    assert Axis.over([NAN, INF]) is None
    assert Axis.over([0.0, -1.0], log=True) is None
    assert Axis.over([0.0, 7.0, NAN], log=True) == Axis(3.5, 14.0, log=True)


def test_what_lies_outside_has_no_place() -> None:
    axis = Axis(0.0, 10.0)
    assert [axis.share(value) for value in (-1.0, 0.0, 5.0, 10.0, 11.0, NAN)] == [None, 0.0, 0.5, 1.0, None, None]
