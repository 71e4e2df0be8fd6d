"""The app with small screens of its own, so that what is tested here is the app."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

import pytest
from textual.app import ComposeResult
from textual.widgets import Input, Static

from screens.actions import Action
from screens.base import LapisScreen
from screens.places import Open, Place
from services.entities import JobQuery
from services.errors import ServiceError
from services.targets import LocalTarget, WorkspaceTarget
from services.workspace import JobService
from tests.support.fake_connector import FakeConnector
from tests.support.fake_workspace import FakeWorkspace
from tui import registry
from tui.app import LapisApp
from tui.settings import Settings, SettingsFile


class ListScreen(LapisScreen):
    """A list of jobs as plain text, with a filter that is a part of the place."""

    ACTIONS = (
        Action("list.open", ("enter",), "open", "Open the first job.", footer=1),
        Action("list.cancel", ("ctrl+x",), "cancel", "Cancel the first job.", danger=True, footer=2),
        Action("list.narrow", ("f",), "narrow", "Filter by running.", footer=3),
        Action("list.crash", (), "crash", "Meet a bug.", footer=0),
    )

    def __init__(self, place: Place, *, jobs: JobService) -> None:
        super().__init__(place)
        self.jobs = jobs
        self.seen = 0
        self.error = ""

    def compose_body(self) -> ComposeResult:
        yield Static("loading", id="rows", markup=False)
        yield Input(id="filter", disabled=True)

    def on_mount(self) -> None:
        self.load(self._load, group="list")

    async def _load(self) -> None:
        page = await self.jobs.list(JobQuery(text=self.place.filter))
        self.seen = len(page.items)
        self.query_one("#rows", Static).update("\n".join(row.name for row in page.items))

    def show_error(self, error: ServiceError) -> None:
        self.error = error.title
        self.query_one("#rows", Static).update(error.title)

    def action_open(self) -> None:
        self.post_message(Open(Place("job", "plucky_lake_1")))

    def action_narrow(self) -> None:
        self.moved(Place(self.place.screen, filter="running"))

    async def action_cancel(self) -> None:
        await self.jobs.cancel("plucky_lake_1")

    def action_crash(self) -> None:
        raise ZeroDivisionError("secret AccountKey=abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJ==")


class ThingScreen(LapisScreen):
    """One thing, with tabs and a text field."""

    ACTIONS = (Action("thing.tab", ("2",), "tab 2", "The second tab."),)

    def compose_body(self) -> ComposeResult:
        yield Static(f"this is {self.place}", markup=False)
        yield Input(id="note")

    def action_tab(self) -> None:
        self.moved(Place(self.place.screen, self.place.subject, tab="metrics"))


class JobsList(ListScreen):
    CRUMB: ClassVar[str] = "Jobs"


STUBS = {"jobs": "JobsList", "data": "ListScreen"}


@pytest.fixture
def stub_screens(monkeypatch: pytest.MonkeyPatch) -> None:
    """All places lead to the screens of this module."""
    for name in registry.SCREENS:
        monkeypatch.setitem(registry.SCREENS, name, f"{__name__}:{STUBS.get(name, 'ThingScreen')}")


MakeApp = Callable[..., LapisApp]


@pytest.fixture
def make_app(stub_screens: None, workspace: FakeWorkspace, tmp_path: Path) -> MakeApp:
    """Makes the app on the workspace in memory; called again it is the next start."""

    def make(*, fake: FakeWorkspace = workspace, keymap: dict[str, str] | None = None, **settings: object) -> LapisApp:
        async def opener(target: WorkspaceTarget) -> FakeWorkspace:
            return fake

        file = SettingsFile(Settings(**settings), tmp_path / "settings.toml")  # type: ignore[arg-type]
        target = LocalTarget(tmp_path / "lapis")
        return LapisApp(opener, target, file=file, keymap=keymap, connector=FakeConnector())

    return make
