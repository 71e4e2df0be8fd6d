"""U copies and shows the page in Azure ML studio of what the keys mean, on Azure workspaces only."""

from __future__ import annotations

from dataclasses import replace

import pytest

from screens.places import Place
from tests.screens.compute.conftest import in_azure
from tests.support.app import ScreenApp, settle
from tests.support.fake_connector import FakeConnector
from tests.support.fake_workspace import FakeWorkspace
from tui.registry import make_screen

URL = "https://ml.azure.com/page?wsid=/x"


@pytest.fixture
def studio(workspace: FakeWorkspace) -> FakeWorkspace:
    """Everything has a page."""
    workspace.jobs.all = {name: replace(job, studio_url=URL) for name, job in workspace.jobs.all.items()}
    workspace.data.all = [replace(item, studio_url=URL) for item in workspace.data.all]
    workspace.models.all = {name: replace(item, studio_url=URL) for name, item in workspace.models.all.items()}
    workspace.models.all_versions = [replace(item, studio_url=URL) for item in workspace.models.all_versions]
    workspace.environments.all = [replace(item, studio_url=URL) for item in workspace.environments.all]
    return workspace


@pytest.mark.parametrize(
    "place",
    [
        Place("jobs"),
        Place("job", "keen_star_4"),
        Place("data"),
        Place("data-asset", "diabetes:2"),
        Place("models"),
        Place("model", "diabetes-lr:2"),
        Place("environments"),
    ],
    ids=str,
)
async def test_the_page_of_each_thing(studio: FakeWorkspace, place: Place) -> None:
    app = ScreenApp(screen := make_screen(place, studio, FakeConnector()))
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await pilot.press("U")
        await settle(pilot)
        assert app.clipboard == "", "a local workspace has no Studio"
        in_azure(screen)
        await pilot.press("U")
        await settle(pilot)
        assert app.clipboard == URL
        assert app.last_notice.endswith(f"Copied {URL}")


async def test_what_has_no_page_says_so(workspace: FakeWorkspace) -> None:
    app = ScreenApp(screen := make_screen(Place("datastores"), workspace, FakeConnector()))
    async with app.run_test(size=(120, 40)) as pilot:
        in_azure(screen)
        await settle(pilot)
        await pilot.press("U")
        await settle(pilot)
        assert app.clipboard == ""
        assert app.last_notice.endswith("This has no page in Azure ML studio.")
