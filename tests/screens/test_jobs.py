"""The jobs list: states, filter, paging, marks, actions, live refresh."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from rich.text import Text
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Input, Static

from screens.job.detail import JobDetail
from screens.job.listing import ORDERS, FaultHighlighter, FilterError, read_filter
from screens.jobs import JobsScreen
from screens.places import Place
from screens.widgets.grid import Grid
from services.entities import ACTIVE_STATUSES, JobStatus
from services.errors import TransientError
from tests.support.app import ScreenApp, settle
from tests.support.entities import JOB_SUMMARIES, ago, summary
from tests.support.fake_jobs import FakeJobs
from tests.support.fake_workspace import FakeWorkspace
from tests.support.keys import answer, opened_by
from tests.support.snapshots import ScreenSnapshot, screen_text
from tests.support.waiting import eventually

NEWEST = "new_dawn_13"
ENDED_WELL_OR_CANCELED = {row.name for row in JOB_SUMMARIES if row.status.value.startswith("C") and not row.archived}


def screen_of(workspace: FakeWorkspace, filter_: str = "") -> JobsScreen:
    return JobsScreen(Place("jobs", filter=filter_), jobs=workspace.jobs)


def many(count: int) -> FakeWorkspace:
    """A workspace of `count` completed jobs, job_0 the newest."""
    workspace = FakeWorkspace()
    rows = [summary(f"job_{i}", JobStatus.COMPLETED, created=ago(minutes=i), ran=5.0) for i in range(count)]
    workspace.jobs = FakeJobs(workspace._board, rows)
    return workspace


def grid(pilot: Pilot[None]) -> Grid:
    return pilot.app.screen.query_one(Grid)


def listed(pilot: Pilot[None]) -> set[str]:
    return {row.key for row in grid(pilot).rows}


def text_of(pilot: Pilot[None]) -> str:
    return screen_text(pilot.app)


def shows(pilot: Pilot[None], text: str) -> bool:
    return text in text_of(pilot)


async def move_to(pilot: Pilot[None], name: str) -> None:
    """Put the cursor on a job by the keys."""
    await pilot.press("home")
    for _ in range(50):
        if grid(pilot).cursor_key == name:
            return
        await pilot.press("down")
    raise AssertionError(f"{name} is not in the list")


async def test_full_list(workspace: FakeWorkspace, size: tuple[int, int], screen_snapshot: ScreenSnapshot) -> None:
    async with ScreenApp(screen_of(workspace)).run_test(size=size) as pilot:
        await settle(pilot)
        await screen_snapshot(pilot)


async def test_empty_list_says_which_keys_help(size: tuple[int, int], screen_snapshot: ScreenSnapshot) -> None:
    async with ScreenApp(screen_of(FakeWorkspace(empty=True))).run_test(size=size) as pilot:
        await settle(pilot)
        await screen_snapshot(pilot)


async def test_loading(workspace: FakeWorkspace, screen_snapshot: ScreenSnapshot) -> None:
    gate = workspace.slow("jobs.list")
    async with ScreenApp(screen_of(workspace)).run_test(size=(80, 24)) as pilot:
        await screen_snapshot(pilot, busy=True)
        gate.set()
        await eventually(lambda: grid(pilot).cursor_key == NEWEST)


async def test_first_read_fails(workspace: FakeWorkspace, screen_snapshot: ScreenSnapshot) -> None:
    workspace.fail("jobs.list", TransientError("The database is locked.", advice="Lapis tries again by itself."))
    async with ScreenApp(screen_of(workspace)).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await screen_snapshot(pilot)
        workspace.mend("jobs.list")
        await pilot.press("r")
        await eventually(lambda: grid(pilot).cursor_key == NEWEST)


async def test_a_later_failure_keeps_the_rows_and_tells_their_age(workspace: FakeWorkspace) -> None:
    async with ScreenApp(screen_of(workspace)).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        workspace.fail("jobs.list", TransientError("The database is locked."))
        await pilot.press("r")
        await eventually(lambda: "No answer" in text_of(pilot))
        assert "train diabetes, reg 0.1" in text_of(pilot)
        workspace.mend("jobs.list")
        await pilot.press("r")
        await eventually(lambda: "No answer" not in text_of(pilot))


async def test_hostile_names_are_shown_not_obeyed(workspace: FakeWorkspace) -> None:
    async with ScreenApp(screen_of(workspace)).run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        text = text_of(pilot)
        assert "[bold red]x[/]" in text
        assert "\x1b" not in text
        assert "\u202e" not in text


async def test_filter_follows_the_typing_and_stays_while_the_list_refreshes(workspace: FakeWorkspace) -> None:
    app = ScreenApp(screen_of(workspace))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("slash", *"status:fa")
        await eventually(lambda: grid(pilot).cursor_key == "sad_rain_5")
        await pilot.press("enter")
        await settle(pilot)
        assert grid(pilot).has_focus
        workspace.jobs.finish("plucky_lake_1")
        await pilot.press("r")
        await settle(pilot)
        assert listed(pilot) == {"sad_rain_5"}
        assert app.moved[-1] == Place("jobs", filter="status:fa")
        await pilot.press("escape")
        await eventually(lambda: "plucky_lake_1" in listed(pilot))
        assert app.moved[-1] == Place("jobs")
        assert app.left == 0


async def test_a_filter_that_matches_nothing_says_how_to_leave_it(workspace: FakeWorkspace) -> None:
    async with ScreenApp(screen_of(workspace, "zzz")).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await eventually(lambda: "No job matches" in text_of(pilot))
        assert "esc" in text_of(pilot)


async def test_an_unknown_status_is_told_while_the_rows_stay(
    workspace: FakeWorkspace, screen_snapshot: ScreenSnapshot
) -> None:
    async with ScreenApp(screen_of(workspace)).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("slash", *"status:x")
        await eventually(lambda: "status:x is no status" in text_of(pilot))
        assert grid(pilot).cursor_key == NEWEST
        await screen_snapshot(pilot, busy=True)
        reads = len(workspace.called("jobs.list"))
        await pilot.press("enter", "r")
        await eventually(lambda: len(workspace.called("jobs.list")) > reads)
        await settle(pilot)
        assert "status:x is no status" in text_of(pilot)
        await pilot.press("slash", "end", "backspace", "c")
        await eventually(lambda: listed(pilot) == ENDED_WELL_OR_CANCELED)
        assert "no status" not in text_of(pilot)


async def test_keys_typed_into_the_filter_do_nothing_else(workspace: FakeWorkspace) -> None:
    app = ScreenApp(screen_of(workspace))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("slash", *"nxvaR")
        assert app.screen.query_one(Input).value == "nxvaR"
        assert app.opened == []


async def test_the_next_page_comes_before_the_end_is_reached() -> None:
    workspace = many(250)
    async with ScreenApp(screen_of(workspace)).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await eventually(lambda: grid(pilot).cursor_key == "job_0")
        assert "100 of 250" in text_of(pilot)
        await pilot.press("end")
        await eventually(lambda: "200 of 250" in text_of(pilot))
        await pilot.press("end")
        await eventually(lambda: "250 jobs" in text_of(pilot))
        await pilot.press("r")
        await settle(pilot)
        assert "250 jobs" in text_of(pilot)
        assert workspace.called("jobs.list")[0][2] == 100


async def test_refresh_keeps_cursor_and_marks_when_a_job_comes(workspace: FakeWorkspace) -> None:
    async with ScreenApp(screen_of(workspace)).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await move_to(pilot, "calm_reef_2")
        await pilot.press("space")
        await move_to(pilot, "keen_star_4")
        newer = summary("brand_new", JobStatus.QUEUED, created=ago(seconds=0))
        workspace.jobs.all["brand_new"] = workspace.jobs.all["calm_reef_2"].__class__(newer)
        await pilot.press("r")
        await eventually(lambda: "brand_new" in text_of(pilot))
        assert grid(pilot).cursor_key == "keen_star_4"
        assert list(grid(pilot).marked) == ["calm_reef_2"]


async def test_two_marked_jobs_are_compared(workspace: FakeWorkspace) -> None:
    app = ScreenApp(screen_of(workspace))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("v")
        assert "Mark two jobs" in app.last_notice
        await move_to(pilot, "keen_star_4")
        await pilot.press("space")
        await move_to(pilot, "plucky_lake_1")
        await pilot.press("space", "v")
        await settle(pilot)
        assert app.opened == [Place("compare", "keen_star_4 plucky_lake_1")]


@pytest.mark.parametrize(
    ("key", "place"),
    [
        ("enter", Place("job", NEWEST)),
        ("n", Place("submit")),
        ("x", Place("submit", f"clone:{NEWEST}")),
    ],
)
async def test_keys_open_places(workspace: FakeWorkspace, key: str, place: Place) -> None:
    assert await opened_by(screen_of(workspace), key) == [place]


async def test_cancel_names_the_job_and_asks(workspace: FakeWorkspace, screen_snapshot: ScreenSnapshot) -> None:
    async with ScreenApp(screen_of(workspace)).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await move_to(pilot, "plucky_lake_1")
        await pilot.press("ctrl+x")
        await screen_snapshot(pilot, busy=True)
        await pilot.press("escape")
        await settle(pilot)
        assert workspace.called("jobs.cancel") == []
        await pilot.press("ctrl+x")
        await pilot.pause()
        await pilot.press("y")
        await eventually(lambda: workspace.called("jobs.cancel") == [("plucky_lake_1",)])
        await eventually(lambda: "CancelRequested" in text_of(pilot))


async def test_an_ended_job_cannot_be_canceled(workspace: FakeWorkspace) -> None:
    app = ScreenApp(screen_of(workspace))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await move_to(pilot, "keen_star_4")
        await pilot.press("ctrl+x")
        await settle(pilot)
        assert "has ended already" in app.last_notice


async def test_archive_hides_and_the_archive_shows(workspace: FakeWorkspace) -> None:
    async with ScreenApp(screen_of(workspace)).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await move_to(pilot, "keen_star_4")
        await pilot.press("A")
        await eventually(lambda: "keen_star_4" not in text_of(pilot).partition("Archived train")[0])
        await pilot.press("a")
        await eventually(lambda: "archived too" in text_of(pilot))
        await move_to(pilot, "keen_star_4")
        await pilot.press("A")
        await eventually(lambda: workspace.called("jobs.archive")[-1] == ("keen_star_4", False))


async def test_download_asks_for_the_folder(workspace: FakeWorkspace, tmp_path: Path) -> None:
    app = ScreenApp(screen_of(workspace))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await move_to(pilot, "keen_star_4")
        await pilot.press("D")
        await answer(pilot, str(tmp_path))
        await eventually(lambda: workspace.called("jobs.download") == [("keen_star_4", tmp_path, "", True)])
        await settle(pilot)
        assert "5 files" in app.last_notice


async def test_a_job_that_runs_is_not_downloaded(workspace: FakeWorkspace) -> None:
    app = ScreenApp(screen_of(workspace))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await move_to(pilot, "plucky_lake_1")
        await pilot.press("D")
        await settle(pilot)
        assert "has not ended" in app.last_notice
        assert app.screen is app.first
        assert workspace.called("jobs.download") == []


async def test_name_and_address_are_copied(workspace: FakeWorkspace) -> None:
    workspace.jobs.all["keen_star_4"] = replace(workspace.jobs.all["keen_star_4"], studio_url="file:///ws/jobs/keen")
    app = ScreenApp(screen_of(workspace))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await move_to(pilot, "keen_star_4")
        await pilot.press("c")
        await settle(pilot)
        assert app.clipboard == "keen_star_4"
        await pilot.press("u")
        await eventually(lambda: app.clipboard == "file:///ws/jobs/keen")
        await move_to(pilot, "sad_rain_5")
        await pilot.press("u")
        await eventually(lambda: "has no address" in app.last_notice)


async def test_the_list_is_read_again_when_it_comes_back_into_view(workspace: FakeWorkspace) -> None:
    app = ScreenApp(screen_of(workspace))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await app.push_screen(Screen())
        await settle(pilot)
        workspace.jobs.move("plucky_lake_1", JobStatus.NOT_RESPONDING)
        reads = len(workspace.called("jobs.list"))
        app.pop_screen()
        await settle(pilot)
        await eventually(lambda: len(workspace.called("jobs.list")) > reads, timeout=0.5)


async def test_the_other_orders(workspace: FakeWorkspace) -> None:
    async with ScreenApp(screen_of(workspace)).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        for order in (*ORDERS[1:], ORDERS[0]):
            await pilot.press("o")
            await eventually(partial(shows, pilot, order.label))
            assert workspace.called("jobs.list")[-1][0].order_by == order.order_by


async def test_the_detail_follows_the_cursor_at_120_columns(workspace: FakeWorkspace) -> None:
    async with ScreenApp(screen_of(workspace)).run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await move_to(pilot, "sad_rain_5")
        await eventually(lambda: "KeyError: 'Diabetic'" in text_of(pilot))


async def test_a_detail_is_read_again_only_when_the_list_tells_something_new(workspace: FakeWorkspace) -> None:
    async with ScreenApp(screen_of(workspace)).run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await move_to(pilot, "plucky_lake_1")
        await eventually(lambda: ("plucky_lake_1",) in workspace.called("jobs.get"))
        await settle(pilot)
        read, looks = len(workspace.called("jobs.get")), len(workspace.called("jobs.list"))
        await pilot.press("r")
        await eventually(lambda: len(workspace.called("jobs.list")) > looks)
        await settle(pilot)
        assert len(workspace.called("jobs.get")) == read
        workspace.jobs.finish("plucky_lake_1")
        await pilot.press("r")
        await eventually(lambda: len(workspace.called("jobs.get")) > read)


async def test_a_detail_that_comes_late_is_dropped(workspace: FakeWorkspace, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[str] = []
    monkeypatch.setattr(JobDetail, "show", lambda detail, listed, job: shown.append(job.summary.name))
    async with ScreenApp(screen_of(workspace)).run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        gate = workspace.slow("jobs.get")
        await move_to(pilot, "sad_rain_5")
        await eventually(lambda: ("sad_rain_5",) in workspace.called("jobs.get"))
        await pilot.press("up")
        gate.set()
        await eventually(lambda: grid(pilot).cursor_key in shown)
        assert "sad_rain_5" not in shown


async def test_a_finished_job_is_seen_without_a_key(workspace: FakeWorkspace) -> None:
    async with ScreenApp(screen_of(workspace, "plucky")).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await eventually(lambda: "Running" in text_of(pilot))
        workspace.jobs.finish("plucky_lake_1")
        await eventually(lambda: "Completed" in text_of(pilot), timeout=8)
        assert str(pilot.app.screen.query_one("#about", Static).content).startswith("1 job ")


def test_filter_tokens() -> None:
    query = read_filter("reg status:failed,comp experiment:diabetes compute:cpu lr", ORDERS[0])
    assert query.text == "reg lr"
    assert query.statuses == {JobStatus.FAILED, JobStatus.COMPLETED}
    assert (query.experiment_name, query.compute) == ("diabetes", "cpu")
    assert read_filter("status:active", ORDERS[0]).statuses == ACTIVE_STATUSES
    assert read_filter("status: a:b", ORDERS[0]).text == "a:b"


@pytest.mark.parametrize(
    ("text", "at_fault", "told"),
    [
        ("reg  status:failed,nonsense lr", "status:failed,nonsense", "nonsense is no status"),
        ("auc or loss", "or", "status:a,b is either"),
        ("status:failed OR reg", "OR", "all words must occur"),
        ("experiment:a experiment:b", "experiment:b", "second experiment"),
    ],
)
def test_a_part_that_means_nothing_is_underlined_at_its_place(text: str, at_fault: str, told: str) -> None:
    with pytest.raises(FilterError, match=told) as caught:
        read_filter(text, ORDERS[0])
    assert text[caught.value.start : caught.value.end] == at_fault
    shown = FaultHighlighter()(Text(text))
    assert [shown.plain[span.start : span.end] for span in shown.spans] == [at_fault]
    assert "underline" in str(shown.spans[0].style)


@pytest.mark.parametrize("text", ["", "or", "or reg", "reg or", "status:", "status:fa", "experiment:a compute:b a:b"])
def test_what_means_something_is_not_underlined(text: str) -> None:
    assert not FaultHighlighter()(Text(text)).spans
