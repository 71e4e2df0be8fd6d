"""Connect: who is signed in to Azure, and the workspaces that one can go to."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

from rich.text import Text

from screens import clock
from screens.actions import Action
from screens.connect.entries import COLUMNS, Entry, entries, entry_cells, entry_facts, entry_hay
from screens.connect.questions import delete_question
from screens.connect.signing_in import SIGN_IN_ACTIONS, SigningIn
from screens.lists import counted, list_actions
from screens.names import asset_name, typed_path
from screens.places import Open, Place, Switch
from screens.widgets.dialogs import Ask
from services.connector import ConfigFile, Connector
from services.directory import Subscription, WorkspaceDirectory, WorkspaceSummary
from services.errors import ServiceError
from services.targets import AzureTarget, LocalTarget

AT_ONCE = 8
"""Subscriptions that are asked side by side."""


class ConnectScreen(SigningIn):
    """Above, how one is signed in; below, workspaces: config.json, profiles, those opened before, those in Azure."""

    CRUMB = "Connect"
    NOUNS = ("workspace", "workspaces")
    EMPTY = "No workspace yet. l makes one here in a second."
    FILTER_HINT = "words that name, group, subscription, region or profile must hold"
    COLUMNS = COLUMNS
    ACTIONS: ClassVar = (
        Action("connect.open", ("enter",), "Switch", "Go to the workspace; what goes on in this one goes on", footer=1),
        *SIGN_IN_ACTIONS,
        Action("connect.local", ("l",), "Local", "Open a folder as a local workspace, or make one there", footer=3),
        Action(
            "connect.remember", ("p",), "Remember", "Keep the workspace as a profile, for -w azure:PROFILE", footer=4
        ),
        Action(
            "connect.forget", ("F",), "Forget", "Take the workspace off this list; it is not deleted", footer=8
        ),
        Action("connect.new", ("n",), "New", "Create a workspace in Azure", footer=5, writes=True),
        Action(
            "connect.delete", ("D",), "Delete", "Delete the workspace in Azure, once its name is typed", danger=True,
            footer=9,
        ),
        *list_actions("connect", "workspaces")[:-1],
        Action("connect.again", ("r",), "Again", "Sign in from the start, and look again", footer=0),
    )  # fmt: skip

    def __init__(self, place: Place, *, connector: Connector) -> None:
        super().__init__(place)
        self.connector = connector
        self.subscriptions: tuple[Subscription, ...] = ()
        self._seen: dict[str, tuple[WorkspaceSummary, ...]] = {}
        self._asked = 0
        self._failed_subscriptions = 0

    # what is listed

    async def read(self) -> Sequence[Entry]:
        """What this machine knows at once; what Azure shows as it comes."""
        seen = [summary for found in self._seen.values() for summary in found]
        known = self.connector.known()
        return entries(self._config_file(), known, seen, self.subscriptions, self.frame.target)

    def _config_file(self) -> ConfigFile | None:
        found, broken = None, None
        try:
            found = self.connector.config_file()
        except ServiceError as error:
            broken = error
        self.tell_broken_config(broken)
        return found

    def key_of(self, item: Entry) -> str:
        """That of the target."""
        return item.target.key

    def cells_of(self, item: Entry) -> tuple[str | Text, ...]:
        """The row."""
        return entry_cells(item, clock.now())

    def hay_of(self, item: Entry) -> str:
        """Name, group, subscription, region, profile."""
        return entry_hay(item)

    def facts_of(self, item: Entry) -> list[tuple[str, str]]:
        """All that is known of it."""
        return entry_facts(item)

    def about_parts(self) -> list[str]:
        """How many, and how far Azure was asked."""
        total = len(self.subscriptions)
        parts = super().about_parts()
        if total:
            parts.append(f"in {counted(total, 'subscription', 'subscriptions')}")
        if self._asked < total:
            parts.append(f"looking in Azure: {self._asked} of {total} ...")
        if self._failed_subscriptions:
            parts.append(f"! {self._failed_subscriptions} of {total} did not answer")
        return parts

    async def signed_in(self) -> None:
        """Ask Azure; rows come as the subscriptions answer."""
        self._seen, self._asked, self._failed_subscriptions = {}, 0, 0
        directory = await self.connector.directory()
        self.subscriptions = tuple(await directory.subscriptions())
        self._about()
        limit = asyncio.Semaphore(AT_ONCE)
        errors: list[ServiceError] = []

        async def ask(subscription: Subscription) -> None:
            async with limit:
                try:
                    found = await directory.workspaces(subscription.subscription_id)
                    self._seen[subscription.subscription_id] = tuple(found)
                except ServiceError as error:
                    errors.append(error)
                    self._failed_subscriptions += 1
                self._asked += 1
            await self._look()

        await asyncio.gather(*map(ask, self.subscriptions))
        if errors:
            self.show_trouble(errors[0])
        elif not self.subscriptions:
            self.tell(f"{directory.identity} sees no subscription.")

    def show_error(self, error: ServiceError) -> None:
        """Above the list, where the way to sign in is shown too."""
        self.show_trouble(error)

    def action_again(self) -> None:
        """Sign in again from the start, and look again."""
        self.begin_chain()
        self.action_refresh()

    # keys

    def action_open(self) -> None:
        """Go there."""
        if item := self.chosen:
            self.post_message(Switch(item.target, anew=self.is_somebody_else and isinstance(item.target, AzureTarget)))

    def action_local(self) -> None:
        """Ask for a folder, and go there."""

        async def ask() -> None:
            question = "The folder of a local workspace; an empty or a new one becomes one"
            text = await self.app.push_screen_wait(Ask("Local workspace", question, "~/lapis", path=True))
            if text and text.strip():
                self.post_message(Switch(LocalTarget(Path(typed_path(text.strip())).absolute())))

        self.load(ask, group="ask")

    def action_remember(self) -> None:
        """Ask for the name of the profile."""
        item = self.chosen
        if item is None or not isinstance(target := item.target, AzureTarget):
            self.tell("Only Azure workspaces have profiles; a local one is opened by its folder.")
            return

        async def ask() -> None:
            proposed = target.profile or asset_name(target.workspace_name)
            question = "A short name: -w azure:NAME opens the workspace"
            name = await self.app.push_screen_wait(Ask("Remember", question, proposed))
            if name is None:
                return
            self.connector.remember(replace(target, profile=name.strip()))
            self.tell(f"lapis -w azure:{name.strip()} opens {target.workspace_name}.")
            await self._look()

        self.load(ask, group="ask")

    def action_forget(self) -> None:
        """Take it off the list; what Azure or config.json shows stays on it."""
        if item := self.chosen:
            if not item.known:
                self.tell("This is not remembered: Azure shows it.")
                return
            target = item.target

            async def forget() -> None:
                self.connector.forget(target)
                await self._look()
                self.tell(f"Forgotten: {item.name}. Nothing was deleted.")

            self.load(forget, group="ask")

    def action_new(self) -> None:
        """Open the form."""
        self.post_message(Open(Place("new-workspace")))

    def action_delete(self) -> None:
        """Delete it in Azure, once its name is typed."""
        item = self.chosen
        if item is None or not isinstance(target := item.target, AzureTarget):
            self.tell("A local workspace is a folder: delete the folder.")
            return
        self.load(lambda: self._delete(target), group="ask")

    async def _delete(self, target: AzureTarget) -> None:
        directory: WorkspaceDirectory = await self.connector.directory()
        if await self.app.push_screen_wait(delete_question(target)):
            await directory.delete(target)
            self.tell(f"{target.workspace_name} is being deleted; O shows how far it is.")
            found = await directory.workspaces(target.subscription_id)
            self._seen[target.subscription_id] = tuple(found)
            await self._look()
