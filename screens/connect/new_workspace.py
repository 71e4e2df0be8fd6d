"""Create a workspace in Azure; it is made in the background."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar

from textual.widget import Widget

from screens.fields import Field, Lines, line_input
from screens.forms import FormScreen, form_actions
from screens.pairs import read_pairs
from screens.places import Leave, Place
from screens.widgets.suggest_input import SuggestInput
from services.connector import Connector
from services.directory import NewWorkspace, ResourceGroup, Subscription
from services.errors import ConflictError, Fault, ServiceError, SpecError
from services.specs.assets import WorkspaceSpec
from services.targets import AzureTarget

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{2,32}")
"""Naming rules and restrictions for Azure resources: Microsoft.MachineLearningServices, workspaces."""


class NewWorkspaceScreen(FormScreen):
    """Name, subscription, resource group and region; what the workspace needs is made with it."""

    CRUMB = "Workspace › New"
    BUSY = "Asking for it"
    ACTIONS: ClassVar = form_actions("new-workspace", "Create", "Create the workspace; it goes on in the background")

    def __init__(self, place: Place, *, connector: Connector) -> None:
        super().__init__(place)
        self.connector = connector
        self.subscriptions: tuple[Subscription, ...] = ()
        self.groups: Mapping[str, ResourceGroup] = {}
        self._groups_of = ""

    @property
    def crumbs(self) -> str:
        """Where this is."""
        return self.CRUMB

    def compose_fields(self) -> Iterable[Widget]:
        """Those that must be filled in first."""
        yield Field("name", "Name", line_input(), hint="3 to 33 letters, digits, - and _; a letter or digit first")
        yield Field(
            "subscription", "Subscription", SuggestInput(complete=self._complete_subscription),
            hint="By name or id; down shows those that you see",
        )  # fmt: skip
        yield Field(
            "resource_group", "Resource group", SuggestInput(complete=self._complete_group),
            hint="One that is there; down shows those of the subscription",
        )  # fmt: skip
        yield Field(
            "location", "Region", SuggestInput(complete=self._complete_region),
            hint="Such as westeurope; the resource group's unless you choose another",
        )  # fmt: skip
        yield Field("description", "Description", line_input(), hint="What it is for")
        yield Field("tags", "Tags", Lines(placeholder="key=value, one a line"), hint="key=value, one a line")

    def on_mount(self) -> None:
        """Read what can be proposed."""
        super().on_mount()
        self.load(self._read, group="read")

    async def _read(self) -> None:
        directory = await self.connector.directory()
        self.subscriptions = tuple(await directory.subscriptions())
        if enabled := [one for one in self.subscriptions if one.state == "Enabled"]:
            here = self.frame.target
            own = here.subscription_id if isinstance(here, AzureTarget) else ""
            chosen = next((one for one in enabled if one.subscription_id == own), enabled[0])
            self.offer("subscription", chosen.name)
            if isinstance(here, AzureTarget) and chosen.subscription_id == own:
                self.offer("resource_group", here.resource_group)
        await self._read_groups()

    async def _read_groups(self) -> None:
        if (subscription_id := self._subscription_id()) and subscription_id != self._groups_of:
            directory = await self.connector.directory()
            self.groups = {group.name: group for group in await directory.resource_groups(subscription_id)}
            self._groups_of = subscription_id
        self._tell()

    def _subscription_id(self) -> str:
        typed = self.fields["subscription"].value.strip()
        return next((one.subscription_id for one in self.subscriptions if typed in (one.name, one.subscription_id)), "")

    async def _complete_subscription(self, text: str) -> Sequence[tuple[str, str]]:
        return [
            (one.name, one.subscription_id if one.state == "Enabled" else one.state)
            for one in self.subscriptions
            if text.casefold() in f"{one.name} {one.subscription_id}".casefold()
        ]

    async def _complete_group(self, text: str) -> Sequence[tuple[str, str]]:
        return [(name, group.location) for name, group in self.groups.items() if text.casefold() in name.casefold()]

    async def _complete_region(self, text: str) -> Sequence[tuple[str, str]]:
        regions = sorted({group.location for group in self.groups.values()})
        return [(region, "") for region in regions if text.casefold() in region.casefold()]

    def typed(self) -> None:
        """Propose the groups of the subscription, and the region of the group."""

        async def follow() -> None:
            try:
                await self._read_groups()
            except ServiceError:
                self._tell()  # proposals help; the form works without them

        self.load(follow, group="typed")

    def _tell(self) -> None:
        fields = self.fields
        group = self.groups.get(fields["resource_group"].value.strip())
        if group:
            self.offer("location", group.location)
        subscription_id = self._subscription_id()
        fields["subscription"].say(subscription_id if subscription_id != fields["subscription"].value.strip() else "")

    def spec(self) -> WorkspaceSpec:
        """What the form means. Raises SpecError."""
        values = {key: value.strip() for key, value in self.values().items()}
        tags, wrong = read_pairs(values["tags"], {})
        faults = [Fault("tags", message) for message in wrong]
        faults += [
            Fault(key, "this field is required")
            for key in ("name", "subscription", "resource_group", "location")
            if not values[key]
        ]
        if values["name"] and not NAME.fullmatch(values["name"]):
            faults.append(Fault("name", "expected 3 to 33 letters, digits, `-` and `_`, a letter or digit first"))
        if self.subscriptions and values["subscription"] and not self._subscription_id():
            faults.append(Fault("subscription", "there is none of that name that you see"))
        if self._groups_of and values["resource_group"] and values["resource_group"] not in self.groups:
            faults.append(Fault("resource_group", "there is none of that name in the subscription"))
        if faults:
            raise SpecError(faults)
        return WorkspaceSpec(
            name=values["name"],
            location=values["location"],
            resource_group=values["resource_group"],
            description=values["description"] or None,
            tags=tags,
        )

    async def submit(self) -> None:
        """Ask for it, and back."""
        spec = self.spec()
        subscription_id = self._subscription_id() or self.fields["subscription"].value.strip()
        new = NewWorkspace(
            AzureTarget(subscription_id, str(spec.resource_group), spec.name),
            str(spec.location),
            description=spec.description or "",
            tags={key: str(value) for key, value in spec.tags.items()},
        )
        directory = await self.connector.directory()
        try:
            await directory.create(new)
        except ConflictError as error:
            raise SpecError([Fault("name", f"{error.detail.rstrip('.')}; {error.advice}")]) from error
        self.set_clean()
        self.tell(f"{spec.name} is being created; O shows how far it is.")
        self.post_message(Leave())
