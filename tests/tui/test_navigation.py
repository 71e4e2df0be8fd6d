"""Going from place to place by keys."""

from __future__ import annotations

from textual.widgets import Input

from screens.base import LapisScreen
from screens.places import Open, Place
from services.entities import JobStatus
from services.errors import WorkspaceError
from tests.support.app import settle
from tests.support.fake_workspace import FakeWorkspace
from tests.support.snapshots import ScreenSnapshot, screen_text
from tests.support.waiting import eventually
from tests.tui.conftest import JobsList, ListScreen, MakeApp, ThingScreen


async def test_first_screen_before_the_workspace_is_open(make_app: MakeApp, workspace: FakeWorkspace) -> None:
    """The jobs screen is painted and answers keys while the workspace opens; then it fills."""
    app = make_app()
    gate = workspace.slow("jobs.list")
    async with app.run_test(size=(80, 24)) as pilot:
        jobs = app.screen
        assert isinstance(jobs, JobsList)
        assert "loading" in screen_text(app)
        gate.set()
        await settle(pilot)
        assert jobs.seen == 14
        assert "LOCAL ~/lapis" in screen_text(app)
        assert "● 7 running" in screen_text(app)
        assert "◌ 2 queued" in screen_text(app)


async def test_a_workspace_that_cannot_be_opened(make_app: MakeApp) -> None:
    """Every screen says why; the next call tries again, and then all is well."""
    app = make_app()
    tries = 0
    fine = app.workspace._opener

    async def broken() -> object:
        nonlocal tries
        tries += 1
        if tries < 3:
            raise WorkspaceError("made by a newer Lapis")
        return await fine()

    app.workspace._opener = broken  # type: ignore[assignment]
    async with app.run_test() as pilot:
        await settle(pilot)
        jobs = app.screen
        assert isinstance(jobs, JobsList)
        assert jobs.error == "The workspace can't be used"
        jobs.on_mount()
        await eventually(lambda: jobs.seen == 14)


async def test_letters_after_g(make_app: MakeApp) -> None:
    """g shows where one can go; a letter goes there, another key goes nowhere."""
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("g")
        assert "j Jobs" in screen_text(app)
        assert "m Models" in screen_text(app)
        await pilot.press("d")
        await settle(pilot)
        assert app.navigation.stack == (Place("data"),)
        assert isinstance(app.screen, ListScreen)
        await pilot.press("g", "f")
        await settle(pilot)
        assert app.screen.place == Place("data")
        await pilot.press("g", "escape")
        assert "m Models" not in screen_text(app)
        await pilot.press("g", "j")
        await settle(pilot)
        assert app.navigation.stack == (Place("jobs"),)


async def test_letters_that_arrive_together(make_app: MakeApp) -> None:
    """Over a slow line g and its letter come in one piece."""
    app = make_app()
    async with app.run_test() as pilot:
        await settle(pilot)
        for letter, screen in (("d", "data"), ("m", "models")):
            app.simulate_key("g")
            app.simulate_key(letter)
            await settle(pilot)
            assert app.navigation.here == Place(screen)


async def test_down_and_back_keeps_the_list(make_app: MakeApp) -> None:
    """Enter opens above the list, esc comes back to the very same list."""
    app = make_app()
    async with app.run_test() as pilot:
        await settle(pilot)
        jobs = app.screen
        await pilot.press("enter")
        await settle(pilot)
        assert isinstance(app.screen, ThingScreen)
        assert app.navigation.stack == (Place("jobs"), Place("job", "plucky_lake_1"))
        await pilot.press("escape")
        await settle(pilot)
        assert app.screen is jobs
        await pilot.press("escape")
        assert app.screen is jobs


async def test_g_j_from_a_job_goes_back_to_the_list(make_app: MakeApp) -> None:
    """A place that is below already is gone back to, with its state."""
    app = make_app()
    async with app.run_test() as pilot:
        jobs = app.screen
        await pilot.press("enter")
        await settle(pilot)
        await pilot.press("g", "j")
        await settle(pilot)
        assert app.screen is jobs
        assert len(app.screen_stack) == 1


async def test_replacing_a_screen(make_app: MakeApp) -> None:
    """A form that has done its work gives its place to what it made."""
    app = make_app()
    async with app.run_test() as pilot:
        app.screen.post_message(Open(Place("submit")))
        await settle(pilot)
        app.screen.post_message(Open(Place("job", "calm_reef_2"), push=False))
        await settle(pilot)
        assert app.navigation.stack == (Place("jobs"), Place("job", "calm_reef_2"))
        assert len(app.screen_stack) == 2
        await pilot.press("escape")
        await settle(pilot)
        assert isinstance(app.screen, JobsList)


async def test_history(make_app: MakeApp) -> None:
    """[ and ] walk the places, - changes between the last two; a filter travels with its place."""
    app = make_app()
    async with app.run_test() as pilot:
        await settle(pilot)
        await pilot.press("f")
        await settle(pilot)
        for keys in (("enter",), ("g", "m"), ("g", "c")):
            await pilot.press(*keys)
            await settle(pilot)

        async def press(key: str) -> tuple[Place, ...]:
            await pilot.press(key)
            await settle(pilot)
            assert isinstance(app.screen, LapisScreen)
            assert app.screen.place == app.navigation.here
            return app.navigation.stack

        filtered = Place("jobs", filter="running")
        assert await press("left_square_bracket") == (Place("models"),)
        assert await press("left_square_bracket") == (filtered, Place("job", "plucky_lake_1"))
        assert await press("left_square_bracket") == (filtered,)
        assert await press("left_square_bracket") == (filtered,)
        assert await press("right_square_bracket") == (filtered, Place("job", "plucky_lake_1"))
        assert await press("minus") == (filtered,)
        assert await press("minus") == (filtered, Place("job", "plucky_lake_1"))
        assert await press("escape") == (filtered,)
        assert len(app.screen_stack) == 1


async def test_text_fields_get_their_letters(make_app: MakeApp) -> None:
    """g, q and : are typed, and esc is still the way out."""
    app = make_app()
    async with app.run_test() as pilot:
        await pilot.press("enter")
        await settle(pilot)
        app.screen.query_one("#note").focus()
        await pilot.press("g", "q", "colon", "question_mark", "T", "minus")
        assert app.screen.query_one(Input).value == "gq:?T-"
        await pilot.press("escape")
        await settle(pilot)
        assert isinstance(app.screen, JobsList)


async def test_lapis_opens_where_it_was(make_app: MakeApp) -> None:
    """The next start opens the same job on the same tab, with the list below it."""
    app = make_app()
    async with app.run_test() as pilot:
        for keys in ("f", "enter", "2"):
            await pilot.press(keys)
            await settle(pilot)
    again = make_app()
    async with again.run_test() as pilot:
        await settle(pilot)
        assert again.screen.place == Place("job", "plucky_lake_1", tab="metrics")  # type: ignore[attr-defined]
        await pilot.press("escape")
        await settle(pilot)
        assert again.screen.place == Place("jobs", filter="running")  # type: ignore[attr-defined]
        assert len(again.screen_stack) == 1


async def test_a_job_that_is_gone_is_not_reopened(make_app: MakeApp, workspace: FakeWorkspace) -> None:
    """The place fell away meanwhile: the jobs, and a word about it."""
    app = make_app()
    async with app.run_test() as pilot:
        await pilot.press("enter")
        await settle(pilot)
    del workspace.jobs.all["plucky_lake_1"]
    again = make_app()
    async with again.run_test(notifications=True) as pilot:
        await settle(pilot)
        assert isinstance(again.screen, JobsList)
        assert "plucky_lake_1 is not there any more" in screen_text(again)


async def test_a_damaged_session_is_forgotten(make_app: MakeApp) -> None:
    """Half a file, or one from another Lapis, is no reason not to start."""
    for text in ("{", '{"places": 3}', '{"places": [4]}', '{"places": ["no-such-screen/x"]}', "[]"):
        app = make_app()
        app.session.path.parent.mkdir(parents=True, exist_ok=True)
        app.session.path.write_text(text)
        again = make_app()
        assert again.navigation.stack == (Place("jobs"),)


async def test_the_header_counts(make_app: MakeApp, workspace: FakeWorkspace) -> None:
    """A finished job leaves the count at the next tick, and errors leave the last count."""
    app = make_app()
    async with app.run_test() as pilot:
        await settle(pilot)
        assert app.frame.running == 7
        workspace.jobs.finish("plucky_lake_1", JobStatus.COMPLETED)
        await app._count()
        assert app.frame.running == 6
        workspace.fail("jobs.list", WorkspaceError("gone"))
        await app._count()
        assert app.frame.running == 6


async def test_read_only(make_app: MakeApp, workspace: FakeWorkspace, screen_snapshot: ScreenSnapshot) -> None:
    """Nothing that stops, deletes or submits is offered, and its key does nothing."""
    app = make_app(read_only=True)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await settle(pilot)
        await screen_snapshot(pilot)
        assert "cancel" not in screen_text(app).splitlines()[-1]
        await pilot.press("ctrl+x")
        await pilot.press("g", "n")
        await settle(pilot)
        assert workspace.called("jobs.cancel") == []
        assert app.navigation.stack == (Place("jobs"),)
        assert "read-only" in screen_text(app)


async def test_a_read_only_workspace_counts_as_read_only_mode(make_app: MakeApp) -> None:
    """A folder that can't be written is enough."""
    app = make_app(fake=FakeWorkspace(read_only=True))
    async with app.run_test() as pilot:
        await settle(pilot)
        assert "READ-ONLY" in screen_text(app)
        assert not app.screen.check_action("cancel", ())


async def test_footer_follows_the_screen(
    make_app: MakeApp, screen_snapshot: ScreenSnapshot, size: tuple[int, int]
) -> None:
    """The keys of the moment, as many as fit, `? help` last."""
    app = make_app()
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        await screen_snapshot(pilot, "list")
        await pilot.press("g")
        await screen_snapshot(pilot, "after-g")
        await pilot.press("escape", "enter")
        await screen_snapshot(pilot, "thing")
        await pilot.resize_terminal(30, 10)
        await settle(pilot)
        assert screen_text(app).splitlines()[-1].endswith("? Help")
