"""Connect: signing in step by step, and the workspaces that one can go to."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from screens import clock
from screens.connect.screen import ConnectScreen
from screens.places import Place, Switch
from screens.widgets.dialogs import Ask, Confirm
from screens.widgets.frame import Frame
from services.connector import ConfigFile
from services.errors import AccessError, TransientError, UserError
from services.sign_in import SignInMethod, SignInState, SignInStep
from services.targets import AzureTarget, LocalTarget
from tests.support.app import ScreenApp, settle
from tests.support.entities import HOSTILE, NOW
from tests.support.fake_connector import ADA, HERE, LAB, NOBODY, SUB_1, SUB_2, TEAM, FakeConnector, signed_in
from tests.support.keys import answer, asked, grid_of, make_read_only, move_to, shows, text_of
from tests.support.snapshots import ScreenSnapshot
from tests.support.waiting import eventually

pytestmark = pytest.mark.usefixtures("still_cards")

DEVICE = SignInMethod.DEVICE_CODE
REFUSED = AccessError(
    "The client 'ada@example.test' with object id 'oid-ada' does not have authorization to perform action "
    "'Microsoft.MachineLearningServices/workspaces/read'. (AuthorizationFailed)\nRefused: ada@example.test (Azure CLI)",
    title="This identity may not do that",
    request_id="8c2f-77",
)


class ConnectApp(ScreenApp):
    """Notes where the screen asks to switch to."""

    def __init__(self, screen: ConnectScreen) -> None:
        super().__init__(screen)
        self.switched: list[Switch] = []

    def on_place_switch(self, message: Switch) -> None:
        """Note it."""
        self.switched.append(message)


@pytest.fixture
def connector() -> FakeConnector:
    """Azure CLI signs in; a profile and a local workspace are known."""
    return FakeConnector()


@asynccontextmanager
async def opened(
    connector: FakeConnector, size: tuple[int, int] = (120, 40), *, busy: bool = False
) -> AsyncIterator[Pilot[Any]]:
    screen = ConnectScreen(Place("connect"), connector=connector)
    screen.show_frame(Frame("local ~/lapis", target=HERE))
    async with ConnectApp(screen).run_test(size=size) as pilot:
        await settle(pilot, groups=frozenset({"read"}) if busy else None)
        yield pilot


def app_of(pilot: Pilot[Any]) -> ConnectApp:
    assert isinstance(pilot.app, ConnectApp)
    return pilot.app


# what it looks like


async def test_workspaces_of_this_machine_and_of_azure(
    connector: FakeConnector, size: tuple[int, int], screen_snapshot: ScreenSnapshot
) -> None:
    """config.json first, then what is known, then what the identity sees; each once."""
    connector.config = ConfigFile(Path("/home/ada/churn/config.json"), replace(LAB, tenant_id=""))
    async with opened(connector, size) as pilot:
        await screen_snapshot(pilot)
        vision = connector.seen.all[2].target
        assert [row.key for row in grid_of(pilot).rows] == [LAB.key, TEAM.key, HERE.key, vision.key]


async def test_nobody_is_signed_in(size: tuple[int, int], screen_snapshot: ScreenSnapshot) -> None:
    """Each way with its reason; what this machine knows is listed all the same."""
    async with opened(FakeConnector(NOBODY), size) as pilot:
        await screen_snapshot(pilot)


async def test_no_workspace_yet(screen_snapshot: ScreenSnapshot) -> None:
    connector = FakeConnector(NOBODY)
    connector.remembered = []
    async with opened(connector, (80, 24)) as pilot:
        await screen_snapshot(pilot)


async def test_the_chain_goes_on(connector: FakeConnector, screen_snapshot: ScreenSnapshot) -> None:
    """What was tried, what is being tried, what waits; the list is there already."""
    gate = connector.signing.slow(SignInMethod.AZURE_CLI)
    async with opened(connector, (80, 24), busy=True) as pilot:
        await screen_snapshot(pilot, busy=True)
        gate.set()
        await eventually(lambda: shows(pilot, "✓ Azure CLI         ada@example.test"))


async def test_device_code(size: tuple[int, int], screen_snapshot: ScreenSnapshot) -> None:
    """Address, code, time left, and what the keys do."""
    async with opened(FakeConnector(NOBODY), size) as pilot:
        await pilot.press("d")
        await eventually(lambda: shows(pilot, "FJ7K-Q2ZX"))
        await screen_snapshot(pilot, busy=True)


async def test_refused(connector: FakeConnector, size: tuple[int, int], screen_snapshot: ScreenSnapshot) -> None:
    """Who was refused, and which identity could be tried next."""
    connector.seen.failing["subscriptions"] = REFUSED
    async with opened(connector, size) as pilot:
        await screen_snapshot(pilot)


async def test_offline(connector: FakeConnector, screen_snapshot: ScreenSnapshot) -> None:
    connector.seen.failing["subscriptions"] = TransientError(
        "The name of the service was not found: there is no network, or no DNS.",
        title="No connection to Azure",
        advice="Lapis tries again; check the network.",
    )
    async with opened(connector, (80, 24)) as pilot:
        await screen_snapshot(pilot)


async def test_config_json_is_broken(connector: FakeConnector, screen_snapshot: ScreenSnapshot) -> None:
    connector.config = UserError(
        "/home/ada/churn/.azureml/config.json, line 3: this is no JSON: Expecting ',' delimiter.",
        title="config.json names no workspace",
        advice="Download it again from the workspace's page in Studio.",
    )
    async with opened(connector, (80, 24)) as pilot:
        await screen_snapshot(pilot)


# signing in


async def test_one_is_asked_only_once_in_a_process(connector: FakeConnector) -> None:
    async with opened(connector):
        pass
    tried = list(connector.signing.tried)
    async with opened(connector) as pilot:
        assert connector.signing.tried == tried
        assert shows(pilot, "ada@example.test")
        assert shows(pilot, "ws-vision")
        await pilot.press("r")
        await settle(pilot)
        assert [method for method, _ in connector.signing.tried] == [
            SignInMethod.ENVIRONMENT,
            SignInMethod.AZURE_CLI,
        ] * 2


async def test_the_code_is_copied_and_signs_in() -> None:
    connector = FakeConnector(NOBODY)
    async with opened(connector) as pilot:
        await pilot.press("d")
        await eventually(lambda: shows(pilot, "14m 32s left"))
        await pilot.press("c")
        assert pilot.app.clipboard == "FJ7K-Q2ZX"
        await pilot.press("u")
        assert pilot.app.clipboard == "https://microsoft.com/devicelogin"
        person = replace(signed_in(ADA), method=DEVICE)
        connector.signing.finish(person)
        await settle(pilot)
        assert shows(pilot, "✓ Device code")
        assert not shows(pilot, "FJ7K-Q2ZX")
        assert shows(pilot, "ws-vision")


async def test_the_time_that_is_left_is_counted_down(monkeypatch: pytest.MonkeyPatch) -> None:
    connector = FakeConnector(NOBODY)
    async with opened(connector) as pilot:
        await pilot.press("d")
        await eventually(lambda: shows(pilot, "14m 32s left"))
        monkeypatch.setattr(clock, "source", lambda: NOW + timedelta(minutes=14))
        await eventually(lambda: shows(pilot, "32s left") and not shows(pilot, "14m"))
        monkeypatch.setattr(clock, "source", lambda: NOW + timedelta(minutes=15))
        await eventually(lambda: shows(pilot, "expired"))
        await pilot.press("escape")


@pytest.mark.parametrize(
    ("state", "detail"),
    [(SignInState.DECLINED, "the sign-in was declined"), (SignInState.EXPIRED, "the code has expired")],
)
async def test_a_code_that_signs_nobody_in(state: SignInState, detail: str) -> None:
    connector = FakeConnector(NOBODY)
    async with opened(connector) as pilot:
        await pilot.press("d")
        await eventually(lambda: shows(pilot, "FJ7K-Q2ZX"))
        connector.signing.finish(SignInStep(DEVICE, state, detail))
        await settle(pilot)
        assert shows(pilot, f"✗ Device code       {state}: {detail}")
        assert not shows(pilot, "FJ7K-Q2ZX")
        await pilot.press("d")
        await eventually(lambda: shows(pilot, "FJ7K-Q2ZX"))
        await pilot.press("escape")


async def test_escape_gives_the_code_up_and_then_leaves_the_screen_alone() -> None:
    connector = FakeConnector(NOBODY)
    async with opened(connector) as pilot:
        await pilot.press("d")
        await eventually(lambda: connector.signing.waiting and shows(pilot, "FJ7K-Q2ZX"))
        await pilot.press("escape")
        await eventually(lambda: not connector.signing.waiting)
        await settle(pilot)
        assert not shows(pilot, "FJ7K-Q2ZX")
        assert shows(pilot, "· Device code       d shows a code")


async def test_the_next_identity_after_one_that_was_refused(connector: FakeConnector) -> None:
    connector.seen.failing["subscriptions"] = REFUSED
    async with opened(connector) as pilot:
        assert shows(pilot, "Refused: ada@example.test (Azure CLI)")
        assert shows(pilot, "x goes on with the next identity (Managed identity), d signs in with a code")
        connector.seen.failing.clear()
        await pilot.press("x")
        await settle(pilot)
        assert shows(pilot, "✓ Managed identity  mi-lapis  0.4s  in use")
        assert shows(pilot, "✓ Azure CLI         ada@example.test  0.4s\n"), "it did sign in"
        assert not shows(pilot, "Refused")
        assert shows(pilot, "ws-lab")
        await pilot.press("x")
        await eventually(lambda: shows(pilot, "FJ7K-Q2ZX"))
        await pilot.press("escape")


async def test_a_managed_identity_by_its_client_id() -> None:
    connector = FakeConnector(NOBODY)
    async with opened(connector) as pilot:
        connector.signing.outcomes[SignInMethod.MANAGED_IDENTITY] = FakeConnector().signing.outcomes[
            SignInMethod.MANAGED_IDENTITY
        ]
        await pilot.press("i")
        await answer(pilot, " 99999999-dddd ")
        await settle(pilot)
        assert connector.signing.tried[-1] == (SignInMethod.MANAGED_IDENTITY, "99999999-dddd")
        assert shows(pilot, "✓ Managed identity  mi-lapis")
        assert shows(pilot, "ws-lab")


async def test_some_subscriptions_do_not_answer(connector: FakeConnector) -> None:
    connector.seen.failing[f"workspaces:{SUB_2}"] = TransientError("Azure did not answer in time.")
    async with opened(connector) as pilot:
        assert shows(pilot, "ws-lab")
        assert shows(pilot, "! 1 of 2 did not answer")
        assert shows(pilot, "Azure did not answer in time.")


async def test_an_identity_that_sees_nothing(connector: FakeConnector) -> None:
    connector.seen.found = []
    async with opened(connector) as pilot:
        assert "ada@example.test (Azure CLI) sees no subscription." in app_of(pilot).last_notice


# the workspaces


async def test_enter_switches(connector: FakeConnector) -> None:
    async with opened(connector) as pilot:
        await move_to(pilot, TEAM.key)
        await pilot.press("enter")
        await pilot.pause()
        (message,) = app_of(pilot).switched
        assert str(message.target) == "azure:team", "the profile, not what Azure listed"
        assert message.anew, "somebody has signed in here"
        await move_to(pilot, HERE.key)
        await pilot.press("enter")
        await pilot.pause()
        assert app_of(pilot).switched[-1].target.key == HERE.key
        assert not app_of(pilot).switched[-1].anew


async def test_a_filter(connector: FakeConnector) -> None:
    async with opened(connector) as pilot:
        await pilot.press("slash", *"vision", "enter")
        await settle(pilot)
        assert [row.key for row in grid_of(pilot).rows] == [connector.seen.all[2].target.key]


async def test_a_folder_as_a_local_workspace(connector: FakeConnector, tmp_path: Path) -> None:
    async with opened(connector) as pilot:
        await pilot.press("l")
        assert (await asked(pilot)).value == "~/lapis"
        await answer(pilot, str(tmp_path / "study"))
        await settle(pilot)
        assert app_of(pilot).switched[0].target.key == LocalTarget(tmp_path / "study").key


async def test_remember_and_forget(connector: FakeConnector) -> None:
    async with opened(connector) as pilot:
        await move_to(pilot, LAB.key)
        await pilot.press("p")
        assert (await asked(pilot)).value == "ws-lab"
        await answer(pilot, "lab")
        await settle(pilot)
        assert replace(LAB, profile="lab") in connector.remembered
        assert shows(pilot, "profile lab")
        await move_to(pilot, LAB.key)
        await pilot.press("F")
        await settle(pilot)
        assert not shows(pilot, "profile lab")
        assert shows(pilot, "ws-lab"), "Azure still shows it"
        await pilot.press("F")
        await settle(pilot)
        assert "Azure shows it" in app_of(pilot).last_notice


async def test_only_azure_workspaces_have_profiles_and_are_deleted_here(connector: FakeConnector) -> None:
    async with opened(connector) as pilot:
        await move_to(pilot, HERE.key)
        await pilot.press("p")
        await settle(pilot)
        assert "Only Azure workspaces have profiles" in app_of(pilot).last_notice
        await pilot.press("D")
        await settle(pilot)
        assert "delete the folder" in app_of(pilot).last_notice


async def test_delete_needs_the_name(connector: FakeConnector) -> None:
    async with opened(connector) as pilot:
        await move_to(pilot, LAB.key)
        await pilot.press("D")
        await eventually(lambda: isinstance(pilot.app.screen, Confirm))
        assert shows(pilot, "ws-lab in rg-lab goes")
        await answer(pilot, "ws-team")
        assert shows(pilot, "This is not ws-lab.")
        assert connector.seen.deleted == []
        await answer(pilot, "ws-lab")
        await settle(pilot)
        assert [target.key for target in connector.seen.deleted] == [LAB.key]
        assert shows(pilot, "◔ Deleting")


async def test_new_opens_the_form_but_not_in_read_only_mode(connector: FakeConnector) -> None:
    async with opened(connector) as pilot:
        await pilot.press("n")
        await pilot.pause()
        assert app_of(pilot).opened == [Place("new-workspace")]
        screen = pilot.app.screen
        assert isinstance(screen, ConnectScreen)
        make_read_only(screen)
        await pilot.press("n", "D")
        await settle(pilot)
        assert len(app_of(pilot).opened) == 1
        assert pilot.app.screen is screen


async def test_hostile_names_are_shown_not_obeyed(connector: FakeConnector) -> None:
    evil = AzureTarget(SUB_1, HOSTILE, HOSTILE)
    connector.seen.all.append(replace(connector.seen.all[0], target=evil, location=HOSTILE, description=HOSTILE))
    async with opened(connector) as pilot:
        await move_to(pilot, evil.key)
        text = text_of(pilot)
        assert "[bold red]x[/] ␛[31m" in text
        assert "\x1b" not in text


async def test_copy_name(connector: FakeConnector) -> None:
    async with opened(connector) as pilot:
        await move_to(pilot, LAB.key)
        await pilot.press("c")
        assert pilot.app.clipboard == "ws-lab"


async def test_leaving_a_question_changes_nothing(connector: FakeConnector) -> None:
    async with opened(connector) as pilot:
        await move_to(pilot, LAB.key)
        for key in "lpi":
            await pilot.press(key)
            await eventually(lambda: isinstance(pilot.app.screen, Ask))
            await pilot.press("escape")
            await settle(pilot)
        assert app_of(pilot).switched == []
        assert connector.remembered == [TEAM, HERE]
