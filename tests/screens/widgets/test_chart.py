"""The line chart: curves, axes, legend, and what is repainted."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any

import pytest
from textual.app import App, ComposeResult
from textual.geometry import Region
from textual.pilot import Pilot
from textual.theme import BUILTIN_THEMES

from screens.widgets.chart import LineChart, Series
from tests.support.snapshots import ScreenSnapshot, screen_text

INF, NAN = math.inf, math.nan
STEPS = [float(step) for step in range(50)]
LOSS = Series("loss", STEPS, [1 / (1 + step / 5) for step in STEPS])
NOISY = Series("noisy", STEPS, [1 / (1 + step / 5) + (0.2 if step % 2 else 0.0) for step in STEPS])


class WatchedChart(LineChart):
    """Notes the lines that are repainted."""

    repainted: set[int]

    def refresh(self, *regions: Region, **more: Any) -> WatchedChart:
        self.repainted.update(region.y for region in regions)
        if not regions and not more:
            self.repainted.update(range(self.size.height))
        return super().refresh(*regions, **more)

    def __init__(self) -> None:
        self.repainted = set()
        super().__init__()


class ChartApp(App[None]):
    """One chart."""

    def __init__(self, *series: Series, log: bool = False, smoothing: float = 0.0) -> None:
        super().__init__()
        self.chart = WatchedChart()
        self.chart.set_reactive(LineChart.log_scale, log)
        self.chart.set_reactive(LineChart.smoothing, smoothing)
        self.series = series

    def compose(self) -> ComposeResult:
        yield self.chart

    def on_mount(self) -> None:
        self.chart.set_series(self.series)


async def lines_of(*series: Series, size: tuple[int, int] = (60, 12), log: bool = False) -> list[str]:
    """The lines of a chart."""
    app = ChartApp(*series, log=log)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        return screen_text(app).splitlines()


def braille(lines: Sequence[str]) -> int:
    """How many cells are drawn in."""
    return sum(0x2800 < ord(character) <= 0x28FF for line in lines for character in line)


async def test_two_curves(size: tuple[int, int], screen_snapshot: ScreenSnapshot) -> None:
    rising = Series("accuracy", STEPS, [0.774 - 0.3 / (1 + step) for step in STEPS])
    async with ChartApp(LOSS, rising).run_test(size=size) as pilot:
        await screen_snapshot(pilot)


async def test_log_scale(screen_snapshot: ScreenSnapshot) -> None:
    values = [10.0 ** -(step / 10) if step % 7 else -1.0 for step in STEPS]
    async with ChartApp(Series("loss", STEPS, values), log=True).run_test(size=(80, 24)) as pilot:
        await screen_snapshot(pilot)


async def test_smoothed(screen_snapshot: ScreenSnapshot) -> None:
    async with ChartApp(NOISY, smoothing=0.9).run_test(size=(80, 24)) as pilot:
        await screen_snapshot(pilot)


async def test_gaps(screen_snapshot: ScreenSnapshot) -> None:
    values = [NAN if 10 <= step < 20 else INF if step == 30 else step for step in STEPS]
    async with ChartApp(Series("odd", STEPS, values)).run_test(size=(80, 24)) as pilot:
        await screen_snapshot(pilot)


async def test_one_point_is_seen_with_its_value_on_the_axis() -> None:
    lines = await lines_of(Series("AUC", [0.0], [0.8484437]))
    assert "━ AUC 0.848444" in lines[0]
    assert braille(lines) == 1
    labels = [float(line.partition("┤")[0]) for line in lines if "┤" in line]
    assert len(labels) >= 2
    assert min(labels) < 0.8484437 < max(labels)


async def test_equal_values_are_a_level_line() -> None:
    lines = await lines_of(Series("flat", STEPS, [3.0] * 50))
    assert [line for line in lines if braille([line])] == [next(line for line in lines if braille([line]))]


@pytest.mark.parametrize("height", [8, 12, 24, 40])
async def test_the_axes_have_numbers_that_tell_values_and_steps(height: int) -> None:
    lines = await lines_of(LOSS, size=(60, height))
    values = [float(line.partition("┤")[0]) for line in lines if "┤" in line]
    assert len(values) >= 2
    assert values == sorted(values, reverse=True)
    labels = list(re.finditer(r"\d+", lines[-1]))
    assert [int(label[0]) for label in labels] == [0, 20, 40]
    assert all(lines[-2][label.start() : label.end()].count("┬") == 1 for label in labels)


async def test_nothing_to_draw_says_why() -> None:
    assert await lines_of() == [""] * 12
    assert "No values that can be drawn." in (await lines_of(Series("odd", [0.0, 1.0], [NAN, INF])))[1]
    assert "No values above 0" in (await lines_of(Series("zero", [0.0], [0.0]), log=True))[1]


async def test_the_legend_counts_what_a_logarithmic_axis_leaves_out() -> None:
    lines = await lines_of(Series("loss", [0.0, 1.0, 2.0], [1.0, 0.0, 100.0]), log=True)
    assert "log scale, 1 not above 0 left out" in lines[0]


async def test_the_legend_tells_the_last_finite_value() -> None:
    assert (await lines_of(Series("loss", [0.0, 1.0, 2.0], [1.0, 2.0, NAN])))[0] == "━ loss 2"


async def test_a_legend_that_just_fits_is_not_cut() -> None:
    assert (await lines_of(Series("loss", [0.0], [1.5]), size=(10, 2)))[0] == "━ loss 1.5"
    assert (await lines_of(Series("loss", [0.0], [1.5]), size=(9, 2)))[0] == "━ loss 1…"


async def test_a_legend_of_many_curves_ends_where_the_line_does() -> None:
    many = [Series(f"metric number {at}", STEPS, [float(at)] * 50) for at in range(20)]
    lines = await lines_of(*many)
    assert len(lines[0]) <= 60
    assert "metric number 1" in lines[0]


async def test_hostile_labels_are_shown_not_obeyed() -> None:
    lines = await lines_of(Series("[red]x\x1b[31m\u202e漢字", STEPS, LOSS.ys))
    assert "[red]x" in lines[0]
    assert "漢字" in lines[0]
    assert not {"\x1b", "\u202e"} & set(lines[0])


@pytest.mark.parametrize("size", [(1, 1), (2, 1), (10, 3), (16, 4), (17, 7), (30, 6), (200, 2), (3, 60)])
async def test_tiny_sizes(size: tuple[int, int]) -> None:
    lines = await lines_of(LOSS, NOISY, size=size)
    assert len(lines) == size[1]
    assert all(len(line) <= size[0] for line in lines)


async def repainted(pilot: Pilot[None], *series: Series) -> set[int]:
    """The lines that other series repaint."""
    chart = pilot.app.query_one(WatchedChart)
    await pilot.pause()
    chart.repainted.clear()
    chart.set_series(series)
    await pilot.pause()
    return chart.repainted


async def test_only_lines_that_differ_are_repainted() -> None:
    app = ChartApp(LOSS)
    async with app.run_test(size=(60, 14)) as pilot:
        assert await repainted(pilot, LOSS) == set()
        ys = [*LOSS.ys[:40], LOSS.ys[40] * 1.1, *LOSS.ys[41:]]
        assert await repainted(pilot, Series("loss", STEPS, ys)) <= {10, 11}
        # the last point is told in the legend
        assert 0 in await repainted(pilot, Series("loss", STEPS, [*ys[:-1], ys[-1] * 1.1]))


async def test_switches_and_sizes_draw_again() -> None:
    app = ChartApp(LOSS)
    async with app.run_test(size=(60, 14)) as pilot:
        await pilot.pause()
        app.chart.log_scale = True
        await pilot.pause()
        assert "log scale" in screen_text(app)
        app.chart.smoothing = 0.6
        await pilot.pause()
        assert "smoothed 0.6" in screen_text(app)
        await pilot.resize_terminal(40, 10)
        await pilot.pause()
        lines = screen_text(app).splitlines()
        assert len(lines) == 10
        assert lines[-2].strip().startswith("└")


async def test_another_theme_gives_the_axis_its_colours() -> None:
    app = ChartApp(LOSS)
    async with app.run_test(size=(60, 14)) as pilot:
        await pilot.pause()
        before = app.chart.render_line(5)
        app.theme = next(name for name, theme in BUILTIN_THEMES.items() if not theme.dark)
        await pilot.pause()
        after = app.chart.render_line(5)
        assert before.text == after.text
        assert before != after
