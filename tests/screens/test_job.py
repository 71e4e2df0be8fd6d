"""The job screen: nine tabs, live."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest
from textual.pilot import Pilot
from textual.screen import Screen

from screens.job import JobScreen
from screens.job.feed import KEPT_POINTS, JobFeed
from screens.job.search import SearchLine
from screens.job.tabs import TABS
from screens.job.texts import code_place, port_lines, timeline_lines
from screens.places import Place
from screens.widgets.chart import LineChart
from screens.widgets.file_tree import FileTree
from screens.widgets.grid import Grid
from screens.widgets.log_view import LogView
from screens.widgets.text_view import TextView
from services.entities import Artifact, JobStatus, MetricPoint, MetricsLogged, Port, RunData
from services.errors import TransientError
from tests.support.app import ScreenApp, settle
from tests.support.entities import ARTIFACT_BYTES, ARTIFACTS, CODE, HOSTILE, JOB_SUMMARIES, NOW, RUN, job
from tests.support.fake_workspace import FakeWorkspace
from tests.support.snapshots import ScreenSnapshot, screen_text
from tests.support.waiting import eventually

RUNNING, DONE, FAILED, QUEUED = "plucky_lake_1", "keen_star_4", "sad_rain_5", "calm_reef_2"


def screen_of(workspace: FakeWorkspace, name: str, tab: str = "") -> JobScreen:
    return JobScreen(Place("job", name, tab=tab), jobs=workspace.jobs, tracking=workspace.tracking)


def text_of(pilot: Pilot[None]) -> str:
    return screen_text(pilot.app)


def shows(pilot: Pilot[None], *words: str) -> bool:
    text = text_of(pilot)
    return all(word in text for word in words)


async def at_rest(pilot: Pilot[None]) -> None:
    """Until the feed has the job and what came with it is drawn."""
    screen = pilot.app.screen
    assert isinstance(screen, JobScreen)
    await settle(pilot)
    await eventually(lambda: screen.feed.job is not None and screen.drawn)
    await settle(pilot)


@pytest.mark.parametrize("tab", list(TABS))
async def test_tabs_of_a_finished_job(
    workspace: FakeWorkspace, tab: str, size: tuple[int, int], screen_snapshot: ScreenSnapshot
) -> None:
    name = FAILED if tab == "error" else DONE
    async with ScreenApp(screen_of(workspace, name, tab)).run_test(size=size) as pilot:
        await at_rest(pilot)
        await screen_snapshot(pilot)


@pytest.mark.parametrize("tab", list(TABS))
async def test_tabs_of_a_queued_job_say_what_will_be_there(
    workspace: FakeWorkspace, tab: str, screen_snapshot: ScreenSnapshot
) -> None:
    workspace.tracking.runs.clear()
    async with ScreenApp(screen_of(workspace, QUEUED, tab)).run_test(size=(80, 24)) as pilot:
        await at_rest(pilot)
        await screen_snapshot(pilot)


async def test_a_failed_job_shows_its_error_first(
    workspace: FakeWorkspace, size: tuple[int, int], screen_snapshot: ScreenSnapshot
) -> None:
    async with ScreenApp(screen_of(workspace, FAILED)).run_test(size=size) as pilot:
        await at_rest(pilot)
        await screen_snapshot(pilot)


async def test_while_it_is_read(workspace: FakeWorkspace, screen_snapshot: ScreenSnapshot) -> None:
    workspace.slow("jobs.watch")
    async with ScreenApp(screen_of(workspace, DONE)).run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await screen_snapshot(pilot, busy=True)


async def test_a_job_that_is_not_there(workspace: FakeWorkspace, screen_snapshot: ScreenSnapshot) -> None:
    async with ScreenApp(screen_of(workspace, "nobody")).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await eventually(lambda: shows(pilot, "There is no job named nobody"))
        await screen_snapshot(pilot)


async def test_digits_switch_tabs_and_the_place_remembers(workspace: FakeWorkspace) -> None:
    app = ScreenApp(screen_of(workspace, DONE))
    async with app.run_test(size=(80, 24)) as pilot:
        await at_rest(pilot)
        for digit, tab in enumerate(TABS, start=1):
            await pilot.press(str(digit))
            await settle(pilot)
            assert app.screen.place.tab in (tab, "")  # type: ignore[attr-defined]
        assert app.moved[-1] == Place("job", DONE, tab="error")


async def test_status_and_log_live(workspace: FakeWorkspace) -> None:
    async with ScreenApp(screen_of(workspace, RUNNING, "logs")).run_test(size=(80, 24)) as pilot:
        await at_rest(pilot)
        await eventually(lambda: shows(pilot, "Running", "AUC: 0.8484437"))
        workspace.jobs.grow_log(RUNNING, b"one more line\n")
        await eventually(lambda: shows(pilot, "one more line"))
        await pilot.press("f")
        workspace.jobs.grow_log(RUNNING, b"".join(b"line %d\n" % i for i in range(100)))
        await pilot.pause(0.3)
        assert not shows(pilot, "line 99")
        await pilot.press("f")
        await eventually(lambda: shows(pilot, "line 99"))
        workspace.jobs.finish(RUNNING)
        await eventually(lambda: shows(pilot, "Completed"))


async def test_a_job_that_fails_while_it_is_watched_shows_the_error(workspace: FakeWorkspace) -> None:
    async with ScreenApp(screen_of(workspace, RUNNING)).run_test(size=(80, 24)) as pilot:
        await at_rest(pilot)
        workspace.jobs.finish(RUNNING, JobStatus.FAILED)
        await eventually(lambda: shows(pilot, "Failed", "KeyError: 'Diabetic'", "train.py:31"))


async def test_the_log_is_searched(workspace: FakeWorkspace) -> None:
    async with ScreenApp(screen_of(workspace, DONE, "logs")).run_test(size=(80, 24)) as pilot:
        await at_rest(pilot)
        await pilot.press("slash", *"step 42:", "enter")
        await eventually(lambda: shows(pilot, "step 42: loss"))
        assert pilot.app.screen.query_one(LogView).has_focus
        assert shows(pilot, "/ step 42:  1/1")
        await pilot.press("slash", "escape")
        assert not pilot.app.screen.query_one(SearchLine).display
        assert pilot.app.screen.query_one(LogView).has_focus


async def test_another_log_file(workspace: FakeWorkspace) -> None:
    async with ScreenApp(screen_of(workspace, DONE, "logs")).run_test(size=(80, 24)) as pilot:
        await at_rest(pilot)
        await pilot.press("o")
        await eventually(lambda: shows(pilot, "system_logs/supervisor.log"))
        await pilot.press("up", "down", "home", "enter")
        await eventually(lambda: shows(pilot, "started"))


@pytest.mark.parametrize("name", [DONE, RUNNING])
async def test_nobody_says_that_there_are_no_metrics_before_they_are_read(workspace: FakeWorkspace, name: str) -> None:
    gate = workspace.slow("jobs.watch.metrics")
    async with ScreenApp(screen_of(workspace, name, "metrics")).run_test(size=(80, 24)) as pilot:
        await eventually(lambda: shows(pilot, "Reading the metrics ..."))
        gate.set()
        await eventually(lambda: shows(pilot, "Points", "loss"))


async def test_metrics_live_marked_and_scaled(workspace: FakeWorkspace) -> None:
    async with ScreenApp(screen_of(workspace, RUNNING, "metrics")).run_test(size=(80, 24)) as pilot:
        await at_rest(pilot)
        chart = pilot.app.screen.query_one(LineChart)
        await eventually(lambda: shows(pilot, "loss", "accuracy", "0.848444"))
        workspace.jobs.log_metrics(RUNNING, MetricPoint("fresh", 0.125, 0, NOW))
        await eventually(lambda: shows(pilot, "fresh", "0.125"))
        await pilot.press("l", "plus", "plus")
        assert chart.log_scale
        assert chart.smoothing > 0
        await pilot.press("minus", "minus", "minus", "l")
        assert chart.smoothing == 0
        await pilot.press("home", "m")
        grid = pilot.app.screen.query_one(Grid)
        assert grid.cursor_key == "accuracy"


async def test_params_come_while_it_runs(workspace: FakeWorkspace) -> None:
    workspace.tracking.runs[RUNNING] = RunData()
    async with ScreenApp(screen_of(workspace, RUNNING, "params")).run_test(size=(80, 24)) as pilot:
        await at_rest(pilot)
        await eventually(lambda: shows(pilot, "No params yet"))
        workspace.tracking.runs[RUNNING] = RUN
        await eventually(lambda: shows(pilot, "solver", "liblinear"), timeout=8)
        assert "\u202e" not in text_of(pilot)


async def test_an_output_is_previewed(workspace: FakeWorkspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ARTIFACT_BYTES, "report/[red]odd[/] \u202ename.csv", b"a,b\n" + b"1,2\n" * 10)
    async with ScreenApp(screen_of(workspace, DONE, "outputs")).run_test(size=(120, 40)) as pilot:
        await at_rest(pilot)
        await eventually(lambda: shows(pilot, "metrics.json", "logged model"))
        await pilot.press("end", "enter")
        await eventually(lambda: shows(pilot, '{"AUC": 0.8484437}'))
        await pilot.press("up", "up", "enter")
        await eventually(lambda: pilot.app.screen.query_one("Preview Grid", Grid).row_count == 10)


async def test_what_an_artifact_is_called_elsewhere_is_copied(workspace: FakeWorkspace) -> None:
    app = ScreenApp(screen_of(workspace, DONE, "outputs"))
    async with app.run_test(size=(80, 24)) as pilot:
        await at_rest(pilot)
        await pilot.press("down", "down", "u")
        await eventually(lambda: app.clipboard == "models:/m-0123456789abcdef")
        await pilot.press("up", "u")
        await eventually(lambda: "has no address" in app.last_notice)


async def test_a_file_of_an_output_opens_as_a_table(workspace: FakeWorkspace) -> None:
    uri = f"azureml://jobs/{DONE}/outputs/scored/paths/scores.csv"
    outputs = Artifact("named-outputs", True, 0, "output", f"azureml://jobs/{DONE}/outputs")
    workspace.jobs.tree = (*ARTIFACTS[:1], outputs, Artifact("scores.csv", False, 42, "output", uri))
    app = ScreenApp(screen_of(workspace, DONE, "outputs"))
    async with app.run_test(size=(80, 24)) as pilot:
        await at_rest(pilot)
        await pilot.press("end", "p")
        await eventually(lambda: app.opened == [Place("table", uri)])
        for key in ("home", "down"):
            app.clear_notifications()
            await pilot.press(key, "p")
            await eventually(lambda: "Only files of outputs" in app.last_notice)
        assert len(app.opened) == 1


@pytest.mark.parametrize(("tab", "text"), [("yaml", "type:"), ("code", "(")])
async def test_texts_are_searched_and_wrapped(workspace: FakeWorkspace, tab: str, text: str) -> None:
    async with ScreenApp(screen_of(workspace, DONE, tab)).run_test(size=(80, 24)) as pilot:
        await at_rest(pilot)
        if tab == "code":
            await pilot.press("slash")
            assert not pilot.app.screen.query_one(SearchLine).display
            await pilot.press("end", "enter")
            await eventually(lambda: shows(pilot, "import argparse"))
        await pilot.press("slash", *text, "enter")
        await eventually(lambda: shows(pilot, "  1/3"))
        await pilot.press("n", "n")
        await eventually(lambda: shows(pilot, "  3/3"))
        await pilot.press("N", "w")
        await eventually(lambda: shows(pilot, "  2/3"))
        assert pilot.app.screen.query_one(TextView).wrap


async def test_a_file_that_is_gone_is_told_in_its_place(workspace: FakeWorkspace) -> None:
    async with ScreenApp(screen_of(workspace, DONE, "outputs")).run_test(size=(120, 40)) as pilot:
        await at_rest(pilot)
        pilot.app.screen.query_one(FileTree).post_message(FileTree.Opened("gone.txt"))
        await eventually(lambda: shows(pilot, "has no gone.txt", "metrics.json"))


async def test_the_connection_comes_back(workspace: FakeWorkspace, screen_snapshot: ScreenSnapshot) -> None:
    workspace.fail("jobs.watch", TransientError("The service did not answer."))
    async with ScreenApp(screen_of(workspace, DONE)).run_test(size=(80, 24)) as pilot:
        await eventually(lambda: shows(pilot, "The service did not answer.", "15:09:27"))
        await screen_snapshot(pilot)
        workspace.mend("jobs.watch")
        await pilot.press("r")
        await eventually(lambda: shows(pilot, "Completed", "Timeline"), timeout=0.9)
        assert not shows(pilot, "did not answer")


async def test_a_watch_that_breaks_keeps_what_is_known_and_waits_longer_each_time(workspace: FakeWorkspace) -> None:
    async with ScreenApp(screen_of(workspace, RUNNING)).run_test(size=(80, 24)) as pilot:
        await at_rest(pilot)
        workspace.fail("jobs.watch", TransientError("The service did not answer."))
        workspace.jobs.break_off(RUNNING)
        for next_try in ("15:09:27", "15:09:28", "15:09:30"):
            await eventually(partial(shows, pilot, f"! No answer, next try at {next_try}", "Running", "Timeline"))
            await pilot.press("r")
        workspace.mend("jobs.watch")
        await pilot.press("r")
        await eventually(lambda: not shows(pilot, "No answer"), timeout=2)
        assert pilot.app.screen.feed.metrics["loss"].count == 50  # type: ignore[attr-defined]
        workspace.jobs.finish(RUNNING)
        await eventually(lambda: shows(pilot, "Completed"))


async def test_a_job_that_disappears_stays_as_it_was_known(workspace: FakeWorkspace) -> None:
    async with ScreenApp(screen_of(workspace, RUNNING)).run_test(size=(80, 24)) as pilot:
        await at_rest(pilot)
        del workspace.jobs.all[RUNNING]
        workspace.jobs.break_off(RUNNING)
        await eventually(lambda: shows(pilot, f"! There is no job named {RUNNING}", "Timeline"), timeout=8)
        watches = len(workspace.called("jobs.watch"))
        await pilot.pause(0.2)
        assert len(workspace.called("jobs.watch")) == watches
        await pilot.press("3")
        await eventually(lambda: shows(pilot, "accuracy"))


async def test_a_hidden_screen_asks_for_nothing(workspace: FakeWorkspace) -> None:
    app = ScreenApp(screen_of(workspace, RUNNING, "params"))
    async with app.run_test(size=(80, 24)) as pilot:
        await at_rest(pilot)
        await app.push_screen(Screen())
        await settle(pilot)
        for step in range(3):
            workspace.jobs.log_metrics(RUNNING, MetricPoint("hidden", float(step), step, NOW))
        await pilot.pause(0.2)
        assert workspace.jobs.waiting(RUNNING) >= 2
        app.pop_screen()
        await eventually(lambda: workspace.jobs.waiting(RUNNING) == 0)
        await pilot.press("3")
        await eventually(lambda: shows(pilot, "hidden"))


async def test_the_error_shows_the_line_and_its_neighbours(
    workspace: FakeWorkspace, size: tuple[int, int], screen_snapshot: ScreenSnapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = [f"line_{number} = {number}" for number in range(1, 41)]
    source[30] = '\ty = table["Diabetic"]  # \x1b[31m'
    monkeypatch.setitem(CODE, "train.py", "\n".join(source).encode())
    async with ScreenApp(screen_of(workspace, FAILED, "error")).run_test(size=size) as pilot:
        await at_rest(pilot)
        assert shows(pilot, "▶   31", "27  line_27", "35  line_35")
        assert not shows(pilot, "line_26")
        assert not shows(pilot, "line_36")
        await screen_snapshot(pilot)


async def test_tabs_that_are_not_in_view_sleep(workspace: FakeWorkspace) -> None:
    async with ScreenApp(screen_of(workspace, RUNNING, "params")).run_test(size=(80, 24)) as pilot:
        await at_rest(pilot)
        assert len(pilot.app.screen.query("#panes > *")) == 1
        reads = len(workspace.called("jobs.read_log"))
        workspace.jobs.grow_log(RUNNING, b"x\n" * 1000)
        await pilot.pause(0.3)
        assert len(workspace.called("jobs.read_log")) == reads


async def test_a_burst_of_events_is_drawn_together(workspace: FakeWorkspace) -> None:
    async with ScreenApp(screen_of(workspace, RUNNING, "metrics")).run_test(size=(80, 24)) as pilot:
        await at_rest(pilot)
        pane = pilot.app.screen.pane  # type: ignore[attr-defined]
        drawings = 0
        show_feed = pane.show_feed

        def counted() -> None:
            nonlocal drawings
            drawings += 1
            show_feed()

        pane.show_feed = counted
        for step in range(500):
            workspace.jobs.log_metrics(RUNNING, MetricPoint("burst", float(step), step, NOW))
        await eventually(lambda: shows(pilot, "burst", "499"))
        assert drawings <= 10


async def test_cancel_is_confirmed(workspace: FakeWorkspace) -> None:
    async with ScreenApp(screen_of(workspace, RUNNING)).run_test(size=(80, 24)) as pilot:
        await at_rest(pilot)
        await pilot.press("ctrl+x")
        await eventually(lambda: shows(pilot, "Cancel job", RUNNING))
        await pilot.press("y")
        await eventually(lambda: workspace.called("jobs.cancel") == [(RUNNING,)])
        await eventually(lambda: shows(pilot, "CancelRequested"))


async def test_clone_register_and_copy(workspace: FakeWorkspace) -> None:
    app = ScreenApp(screen_of(workspace, FAILED, "error"))
    async with app.run_test(size=(80, 24)) as pilot:
        await at_rest(pilot)
        await pilot.press("x", "R", "c")
        await settle(pilot)
        assert app.opened[0] == Place("submit", f"clone:{FAILED}")
        assert app.opened[1].screen == "register-model"
        assert FAILED in app.opened[1].subject
        assert FAILED in app.last_notice


def test_the_feed_keeps_the_figures_of_all_points() -> None:
    feed = JobFeed()
    points = tuple(MetricPoint("loss", float(-i), i, NOW) for i in range(KEPT_POINTS * 3))
    feed.take(MetricsLogged((*points, MetricPoint("loss", float("nan"), KEPT_POINTS * 3, NOW))))
    series = feed.metrics["loss"]
    assert series.count == KEPT_POINTS * 3 + 1
    assert (series.low, series.high) == (1 - KEPT_POINTS * 3, 0)
    assert len(series.steps) <= KEPT_POINTS
    assert series.steps == sorted(series.steps)
    assert series.steps[-1] == KEPT_POINTS * 3


def test_a_long_metric_keeps_its_peaks() -> None:
    feed = JobFeed()
    values = [1.0] * (KEPT_POINTS * 4)
    values[1_237], values[5_001], values[9_999] = 50.0, -50.0, float("nan")
    feed.take(MetricsLogged(tuple(MetricPoint("loss", value, step, NOW) for step, value in enumerate(values))))
    series = feed.metrics["loss"]
    kept = dict(zip(series.steps, series.values, strict=True))
    assert (kept[1_237], kept[5_001]) == (50.0, -50.0)
    assert len(kept) <= KEPT_POINTS


def test_a_metric_without_steps_is_numbered() -> None:
    feed = JobFeed()
    feed.take(MetricsLogged(tuple(MetricPoint("acc", v, 0, NOW) for v in (0.1, 0.2, 0.3))))
    assert feed.metrics["acc"].steps == [0, 1, 2]


def test_timeline_has_times_and_durations() -> None:
    lines = [line.plain for line in timeline_lines(job(JOB_SUMMARIES[3]))]
    assert "14:09:28" in lines[3]
    assert "1m 14s" in lines[3]
    assert lines[-1].rstrip().endswith("14:10:42")


def test_git_and_ports() -> None:
    assert code_place(job(JOB_SUMMARIES[3])) == "0a1b2c3d* on main"
    ports = (Port("x", "number", "0.01"), Port("data", "uri_file", f"azureml:{HOSTILE}:1", "ro_mount", "/ws/x.csv"))
    lines = [line.plain for line in port_lines(ports)]
    assert lines[0].split() == ["x", "0.01", "number"]
    assert lines[3].strip() == "→ /ws/x.csv"
    assert "\x1b" not in "".join(lines)
    assert code_place(replace(job(JOB_SUMMARIES[3]), properties={})) == ""
