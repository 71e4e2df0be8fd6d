"""Two jobs compared: what differs first, live, charted, saved."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from textual.containers import VerticalScroll
from textual.pilot import Pilot

from screens.compare import CompareScreen
from screens.compare_texts import share_text
from screens.places import Place
from screens.widgets.chart import LineChart
from screens.widgets.grid import Grid
from services.comparison import Difference
from services.entities import JobStatus, MetricPoint, RunData
from services.errors import TransientError
from tests.screens.test_rest import WatchedApp
from tests.support.app import ScreenApp, settle
from tests.support.entities import HOSTILE, NOW, ago
from tests.support.fake_workspace import FakeWorkspace
from tests.support.keys import answer
from tests.support.snapshots import ScreenSnapshot, screen_text
from tests.support.waiting import eventually

DONE, OLD, RUNNING, EVIL = "keen_star_4", "last_run_16", "plucky_lake_1", "evil_name_9"


@pytest.fixture
def workspace() -> FakeWorkspace:
    """The full workspace, and a second run of the job that is done: other data, code, params and metrics."""
    workspace = FakeWorkspace()
    job = workspace.jobs.all[DONE]
    summary = replace(
        job.summary,
        name=OLD,
        display_name="train diabetes, reg 0.1",
        tags={"model": "lr"},
        started_at=ago(hours=3),
        ended_at=ago(hours=3) + timedelta(seconds=91),
    )
    data, rate = job.inputs
    workspace.jobs.all[OLD] = replace(
        job,
        summary=summary,
        command=job.command + " --class-weight balanced --max-iter 1000 --tolerance 0.0001 --verbose",
        inputs=(replace(data, value="azureml:diabetes:1"), replace(rate, value="0.1")),
        outputs=tuple(replace(port, value=port.value.replace(DONE, OLD)) for port in job.outputs),
        environment_variables={"SEED": "42", "DB_PASSWORD": "hunter2"},
        properties={**job.properties, "azureml.git.commit": "f" * 40},
    )
    workspace.tracking.runs[DONE] = RunData(
        {"reg_rate": "0.01", "solver": "liblinear"},
        {"AUC": 0.8484437, "loss": 0.0925926, "accuracy": 0.774, "fit_seconds": 1.25},
        {"mlflow.user": "ada", "model": "lr"},
    )
    workspace.tracking.runs[OLD] = RunData(
        {"reg_rate": "0.10", "solver": "liblinear", "penalty": "l2"},
        {"AUC": 0.8512, "loss": 0.1388889, "accuracy": 0.774, "f1": float("nan")},
        {"mlflow.user": "ada", "model": "lr"},
    )
    workspace.jobs.points[OLD] = tuple(
        MetricPoint("loss", 1.5 / (1 + step / 5), step, ago(hours=3)) for step in range(50)
    )
    return workspace


def screen_of(workspace: FakeWorkspace, *names: str, filter_: str = "") -> CompareScreen:
    place = Place("compare", " ".join(names), filter=filter_)
    return CompareScreen(place, jobs=workspace.jobs, tracking=workspace.tracking)


def grid(pilot: Pilot[None]) -> Grid:
    return pilot.app.screen.query_one(Grid)


def row_of(pilot: Pilot[None], key: str) -> list[str]:
    """The texts of a row of the list."""
    row = next(row for row in grid(pilot).rows if row.key == key)
    return [str(cell) for cell in row.cells]


def keys(pilot: Pilot[None]) -> list[str]:
    return [row.key for row in grid(pilot).rows]


def shows(pilot: Pilot[None], *words: str) -> Callable[[], bool]:
    return lambda: all(word in screen_text(pilot.app) for word in words)


async def at_rest(pilot: Pilot[None], *words: str) -> None:
    """Until both jobs are compared."""
    await settle(pilot)
    await eventually(shows(pilot, *(words or ("left ", "right "))))
    await settle(pilot)


async def move_to(pilot: Pilot[None], key: str) -> None:
    """Put the cursor on a row by the keys."""
    await pilot.press("home")
    for _ in range(60):
        if grid(pilot).cursor_key == key:
            return
        await pilot.press("down")
    raise AssertionError(f"{key} is not in the list")


async def test_differences(workspace: FakeWorkspace, size: tuple[int, int], screen_snapshot: ScreenSnapshot) -> None:
    async with ScreenApp(screen_of(workspace, DONE, OLD)).run_test(size=size) as pilot:
        await at_rest(pilot)
        assert keys(pilot) == [
            "params penalty", "params reg_rate",
            "metrics AUC", "metrics f1", "metrics fit_seconds", "metrics loss",
            "tags best", "git commit", "environment variable DB_PASSWORD",
            "inputs reg_rate", "inputs training_data", "command command",
        ]  # fmt: skip
        await screen_snapshot(pilot)


async def test_everything(workspace: FakeWorkspace, size: tuple[int, int], screen_snapshot: ScreenSnapshot) -> None:
    async with ScreenApp(screen_of(workspace, DONE, OLD)).run_test(size=size) as pilot:
        await at_rest(pilot)
        await move_to(pilot, "metrics AUC")
        await pilot.press("equals_sign")
        await eventually(shows(pilot, "all shown"))
        assert keys(pilot).index("metrics accuracy") > keys(pilot).index("command command")
        assert row_of(pilot, "metrics accuracy") == ["metrics", "accuracy", "0.774", "0.774", "=", ""]
        assert grid(pilot).cursor_key == "metrics AUC"
        await screen_snapshot(pilot)
        await pilot.press("equals_sign")
        await settle(pilot)
        assert "metrics accuracy" not in keys(pilot)


async def test_curves(workspace: FakeWorkspace, size: tuple[int, int], screen_snapshot: ScreenSnapshot) -> None:
    async with ScreenApp(screen_of(workspace, DONE, OLD)).run_test(size=size) as pilot:
        await at_rest(pilot)
        await move_to(pilot, "metrics loss")
        await pilot.press("m")
        await eventually(shows(pilot, "loss left 0.0925926", "loss right 0.138889"))
        await screen_snapshot(pilot)
        await pilot.press("m")
        await settle(pilot)
        assert not pilot.app.screen.query_one(LineChart).display


async def test_curves_follow_the_cursor_and_stay_on_rows_of_other_sections(workspace: FakeWorkspace) -> None:
    async with ScreenApp(screen_of(workspace, DONE, OLD)).run_test(size=(120, 40)) as pilot:
        await at_rest(pilot)
        await pilot.press("m")  # the cursor is on a param: the first metric
        await eventually(shows(pilot, "AUC left 0.848444"))
        assert "AUC right" not in screen_text(pilot.app)  # its history is empty
        await move_to(pilot, "metrics loss")
        await eventually(shows(pilot, "loss left", "loss right"))
        await move_to(pilot, "git commit")
        await settle(pilot)
        assert "loss right" in screen_text(pilot.app)


async def test_the_curves_of_ended_jobs_are_read_once(workspace: FakeWorkspace) -> None:
    async with ScreenApp(screen_of(workspace, DONE, OLD)).run_test(size=(120, 40)) as pilot:
        await at_rest(pilot)
        await pilot.press("m")
        for metric in ("loss", "AUC", "loss"):
            await move_to(pilot, f"metrics {metric}")
            await eventually(shows(pilot, f"{metric} left"))
        read = workspace.called("tracking.history")
        assert read.count((DONE, ("loss",))) == 1
        await pilot.press("r")
        await eventually(lambda: workspace.called("tracking.history").count((DONE, ("loss",))) == 2)


async def test_jobs_without_metrics_say_so(workspace: FakeWorkspace) -> None:
    workspace.tracking.runs.clear()
    app = ScreenApp(screen_of(workspace, DONE, OLD))
    async with app.run_test(size=(80, 24)) as pilot:
        await at_rest(pilot, "no metrics")
        await pilot.press("m")
        await settle(pilot)
        assert "Neither job has logged metrics" in app.last_notice
        assert not pilot.app.screen.query_one(LineChart).display


async def test_swap_turns_sides_deltas_and_the_place_around(workspace: FakeWorkspace) -> None:
    app = ScreenApp(screen_of(workspace, DONE, OLD))
    async with app.run_test(size=(120, 40)) as pilot:
        await at_rest(pilot)
        before = row_of(pilot, "metrics loss")
        assert before == ["metrics", "loss", "0.0925926", "0.1388889", "+0.0462963", "+50 %"]
        await move_to(pilot, "metrics loss")
        await pilot.press("x")
        await settle(pilot)
        assert row_of(pilot, "metrics loss") == ["metrics", "loss", "0.1388889", "0.0925926", "-0.0462963", "-33.3 %"]
        assert app.moved == [Place("compare", f"{OLD} {DONE}")]
        assert f"{OLD} ↔ {DONE}" in screen_text(app)
        assert grid(pilot).cursor_key == "metrics loss"
        assert row_of(pilot, "params penalty")[2:] == ["l2", "–", "only left", ""]


async def test_enter_asks_which_job_to_open(workspace: FakeWorkspace) -> None:
    app = ScreenApp(screen_of(workspace, DONE, OLD))
    async with app.run_test(size=(80, 24)) as pilot:
        await at_rest(pilot)
        assert grid(pilot).cursor_key == "params penalty"  # which the right one alone has
        await pilot.press("enter")
        await eventually(lambda: app.screen is not app.first and app.focused is not None)
        await pilot.press("enter")
        await eventually(lambda: app.opened == [Place("job", OLD)])
        await move_to(pilot, "params reg_rate")
        await pilot.press("enter")
        await eventually(lambda: app.screen is not app.first and app.focused is not None)
        await pilot.press("escape")
        await settle(pilot)
        await pilot.press("enter")
        await eventually(lambda: app.screen is not app.first and app.focused is not None)
        await pilot.press("enter")
        await eventually(lambda: app.opened[1:] == [Place("job", DONE)])


async def test_what_is_shown_is_saved_as_csv(workspace: FakeWorkspace, tmp_path: Path) -> None:
    app = ScreenApp(screen_of(workspace, DONE, OLD, filter_="loss"))
    file = tmp_path / f"compare-{DONE}-{OLD}.csv"
    async with app.run_test(size=(80, 24)) as pilot:
        await at_rest(pilot)

        async def export() -> None:
            await pilot.press("E")
            await answer(pilot, str(tmp_path))

        await export()
        await eventually(lambda: app.last_notice.endswith(f"Saved to {file}."))
        rows = list(csv.DictReader(file.read_text("utf-8").splitlines()))
        assert [(row["section"], row["key"], row["left"], row["right"], row["same"]) for row in rows] == [
            ("metrics", "loss", "0.0925926", "0.1388889", "false")
        ]
        assert float(rows[0]["delta"]) == pytest.approx(0.0462963)
        assert float(rows[0]["relative"]) == pytest.approx(0.5)
        file.write_text("mine")
        await export()
        await eventually(shows(pilot, "Replace it?"))
        await pilot.press("n")
        await eventually(lambda: app.last_notice.endswith("Not saved."))
        assert file.read_text() == "mine"


async def test_a_file_that_cannot_be_written_says_why(workspace: FakeWorkspace, tmp_path: Path) -> None:
    app = ScreenApp(screen_of(workspace, DONE, OLD))
    async with app.run_test(size=(80, 24)) as pilot:
        await at_rest(pilot)
        for path, why in ((str(tmp_path / "no" / "x.csv"), "No such file"), ("~nobody_here/x.csv", "Not saved")):
            await pilot.press("E")
            await answer(pilot, path)
            await eventually(lambda why=why: why in app.last_notice)  # type: ignore[misc]
            await settle(pilot)


async def test_copy_takes_the_whole_row(workspace: FakeWorkspace) -> None:
    app = ScreenApp(screen_of(workspace, DONE, OLD))
    async with app.run_test(size=(80, 24)) as pilot:
        await at_rest(pilot)
        await move_to(pilot, "metrics AUC")
        await pilot.press("c")
        assert app.clipboard == "metrics\tAUC\t0.8484437\t0.8512\t+0.0027563\t+0.325 %"
        await move_to(pilot, "command command")
        await pilot.press("c")
        assert app.clipboard.count("python train.py") == 2
        assert "with both values" in app.last_notice


async def test_metrics_of_one_side_are_counted(workspace: FakeWorkspace) -> None:
    async with ScreenApp(screen_of(workspace, DONE, OLD)).run_test(size=(80, 24)) as pilot:
        await at_rest(pilot, "12 differences of 26 values", "1 metric only left", "1 metric only right")


async def test_filter_keeps_rows_with_each_word(workspace: FakeWorkspace) -> None:
    app = ScreenApp(screen_of(workspace, DONE, OLD))
    async with app.run_test(size=(80, 24)) as pilot:
        await at_rest(pilot)
        await pilot.press("slash", *"metr loss")
        await eventually(lambda: keys(pilot) == ["metrics loss"])
        assert app.moved[-1].filter == "metr loss"
        await pilot.press("enter", "equals_sign")
        await settle(pilot)
        assert keys(pilot) == ["metrics loss"]
        await pilot.press("escape")
        await settle(pilot)
        assert "metrics accuracy" in keys(pilot)
        await pilot.press("slash", *"zzz", "enter")
        await eventually(shows(pilot, "None of the differences matches “zzz”"))


async def test_nothing_differs(workspace: FakeWorkspace, screen_snapshot: ScreenSnapshot) -> None:
    async with ScreenApp(screen_of(workspace, DONE, DONE)).run_test(size=(80, 24)) as pilot:
        await at_rest(pilot, "Nothing differs")
        await screen_snapshot(pilot)
        await pilot.press("equals_sign")
        await eventually(lambda: "params reg_rate" in keys(pilot))


async def test_loading(workspace: FakeWorkspace, screen_snapshot: ScreenSnapshot) -> None:
    gate = workspace.slow("jobs.get")
    async with ScreenApp(screen_of(workspace, DONE, OLD)).run_test(size=(80, 24)) as pilot:
        await screen_snapshot(pilot, busy=True)
        for key in ("equals_sign", "m", "x", "x", "E", "c", "enter"):  # nothing to do anything with
            await pilot.press(key)
        assert pilot.app.screen is pilot.app.screen_stack[0]
        gate.set()
        await at_rest(pilot)


async def test_one_of_the_jobs_is_gone(workspace: FakeWorkspace, screen_snapshot: ScreenSnapshot) -> None:
    async with ScreenApp(screen_of(workspace, DONE, "sunk_ship_0")).run_test(size=(80, 24)) as pilot:
        await at_rest(pilot, "There is no job named sunk_ship_0")
        await screen_snapshot(pilot)
        workspace.jobs.all["sunk_ship_0"] = workspace.jobs.all[OLD]
        await pilot.press("r")
        await at_rest(pilot)


@pytest.mark.parametrize("names", [(), (DONE,), (DONE, OLD, RUNNING)])
async def test_other_than_two_jobs(
    workspace: FakeWorkspace, names: tuple[str, ...], screen_snapshot: ScreenSnapshot
) -> None:
    async with ScreenApp(screen_of(workspace, *names)).run_test(size=(80, 24)) as pilot:
        await at_rest(pilot, "needs two jobs")
        assert workspace.called("jobs.get") == []
        await screen_snapshot(pilot)


@pytest.mark.parametrize("width", [60, 40])
async def test_narrow(workspace: FakeWorkspace, width: int, screen_snapshot: ScreenSnapshot) -> None:
    async with ScreenApp(screen_of(workspace, DONE, RUNNING)).run_test(size=(width, 20)) as pilot:
        await at_rest(pilot)
        await screen_snapshot(pilot)


async def test_hostile_texts_are_shown_not_obeyed(
    workspace: FakeWorkspace, size: tuple[int, int], screen_snapshot: ScreenSnapshot
) -> None:
    run = RunData({f"p {HOSTILE}": HOSTILE, "url": "https://x/?sig=0123456789abcdef"}, {HOSTILE: 1.0}, {"t": HOSTILE})
    workspace.tracking.runs[EVIL] = run
    async with ScreenApp(screen_of(workspace, EVIL, OLD)).run_test(size=size) as pilot:
        await at_rest(pilot)
        text = screen_text(pilot.app)
        assert "[bold red]" in text
        assert not {"\x1b", "\x07", "\u202e"} & set(text)
        assert "0123456789abcdef" not in text
        await screen_snapshot(pilot)


async def test_a_running_job_is_followed_until_it_ends(workspace: FakeWorkspace) -> None:
    screen = screen_of(workspace, DONE, RUNNING)
    screen.poll.seconds = screen.poll._pause = 0.05
    async with ScreenApp(screen).run_test(size=(120, 40)) as pilot:
        await at_rest(pilot, "● Running")
        await pilot.press("m")
        await move_to(pilot, "metrics loss")
        workspace.tracking.runs[RUNNING] = RunData({"reg_rate": "0.1"}, {"loss": 0.2})
        workspace.jobs.log_metrics(RUNNING, MetricPoint("loss", 0.2, 50, NOW))
        await eventually(lambda: row_of(pilot, "metrics loss")[3] == "0.2")
        await eventually(shows(pilot, "loss right 0.2"))
        assert workspace.called("jobs.get").count((DONE,)) == 1
        workspace.jobs.finish(RUNNING, JobStatus.FAILED)
        await eventually(shows(pilot, "✗ Failed"))
        await eventually(lambda: screen.poll._timer is None)


async def test_an_error_keeps_what_is_known(workspace: FakeWorkspace) -> None:
    async with ScreenApp(screen_of(workspace, DONE, OLD)).run_test(size=(120, 40)) as pilot:
        await at_rest(pilot)
        workspace.fail("tracking.run", TransientError("The database is locked."))
        await pilot.press("r")
        await eventually(shows(pilot, "! No answer: The database is locked."))
        assert "params reg_rate" in keys(pilot)
        workspace.mend("tracking.run")
        await pilot.press("r")
        await eventually(lambda: "No answer" not in screen_text(pilot.app))


async def test_a_long_value_is_read_in_full_below(workspace: FakeWorkspace) -> None:
    words = " ".join(f"word{i}" for i in range(200))
    workspace.tracking.runs[OLD] = RunData({"prompt": words})
    async with ScreenApp(screen_of(workspace, DONE, OLD)).run_test(size=(80, 24)) as pilot:
        await at_rest(pilot)
        await move_to(pilot, "params prompt")
        await settle(pilot)
        assert "word199" not in screen_text(pilot.app)
        await pilot.press("tab")
        assert isinstance(pilot.app.focused, VerticalScroll)
        await pilot.press("end")
        await eventually(shows(pilot, "word199"))


async def test_a_comparison_at_rest_sends_nothing(workspace: FakeWorkspace, size: tuple[int, int]) -> None:
    app = WatchedApp(screen_of(workspace, DONE, OLD))
    async with app.run_test(size=size) as pilot:
        await at_rest(pilot)
        await move_to(pilot, "metrics loss")
        await pilot.press("m")
        await eventually(shows(pilot, "loss right"))
        await settle(pilot)
        before = app.drawn
        await pilot.press("r")
        await eventually(lambda: workspace.called("tracking.history").count((OLD, ("loss",))) == 2)
        await settle(pilot)
        assert app.drawn == before


@pytest.mark.parametrize(
    ("relative", "text"),
    [
        (0.05, "+5 %"),
        (-0.12345, "-12.3 %"),
        (9.99, "+999 %"),
        (12.345, "+1,234 %"),
        (123456.0, "+1.2e+07 %"),
        (float("inf"), ""),
        (None, ""),
    ],
)
def test_shares(relative: float | None, text: str) -> None:
    assert share_text(Difference("metrics", "m", "1", "2", 1.0, relative)) == text
