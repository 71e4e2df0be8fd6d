"""The datastores: what each is, how it signs in, and what can be done with it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import ClassVar

from rich.text import Text

from screens import clock
from screens.actions import Action
from screens.base import studio_action
from screens.datastores.texts import facts_of, place_text, sign_in_text, type_text
from screens.lists import ListScreen, list_actions, shown
from screens.places import Open, Place
from screens.uris import copy_uri
from screens.widgets.dialogs import Confirm
from screens.widgets.grid import GridColumn
from screens.widgets.status import age_text
from services.entities import Datastore
from services.specs.datastores import spec_of
from services.workspace import DatastoreService, Workspace


class DatastoresScreen(ListScreen[Datastore]):
    """All datastores, the default one first."""

    CRUMB = "Datastores"
    NOUNS = ("datastore", "datastores")
    EMPTY = "No datastores."
    IS_SHORT = True
    ACTIONS: ClassVar = (
        Action("datastores.open", ("enter",), "Browse", "Show the files in the datastore", footer=1),
        Action("datastores.create", ("n",), "New", "Register a datastore", footer=1, writes=True),
        Action("datastores.edit", ("e",), "Edit", "Change where it is or how it signs in", footer=2, writes=True),
        Action("datastores.default", ("asterisk",), "Default", "Let local files and outputs of jobs go there",
               footer=4, writes=True),
        Action("datastores.delete", ("ctrl+x",), "Delete", "Forget it; what it points to stays", footer=4, danger=True),
        Action("datastores.copy-uri", ("u",), "Copy URI", "Copy the datastore's URI, in one of its forms", footer=3),
        Action("datastores.show-as", ("y",), "Show as", "The datastore as az ml YAML, az command and Python SDK code",
               footer=5),
        studio_action("datastores"),
        *list_actions("datastores", "datastores"),
    )  # fmt: skip
    COLUMNS: ClassVar = (
        GridColumn("name", "Name", least=28),
        GridColumn("type", "Type", least=20),
        GridColumn("sign-in", "Signs in by", least=20),
        GridColumn("place", "Account / container", priority=1, least=20),
        GridColumn("description", "Used for", priority=2, least=24),
        GridColumn("created", "Created", align="right", priority=3),
    )

    def __init__(self, place: Place, *, datastores: DatastoreService, workspace: Workspace) -> None:
        super().__init__(place)
        self.datastores = datastores
        self.workspace = workspace

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The default of an Azure workspace is set in Studio."""
        if action == "default" and self.frame.is_azure:
            return False
        return super().check_action(action, parameters)

    async def read(self) -> Sequence[Datastore]:
        """All datastores."""
        return await self.datastores.list()

    def key_of(self, item: Datastore) -> str:
        """The name."""
        return item.name

    def cells_of(self, item: Datastore) -> tuple[str | Text, ...]:
        """The row; a star marks the default."""
        return (
            ("★ " if item.is_default else "  ") + shown(item.name),
            type_text(item),
            sign_in_text(item, clock.now()),
            place_text(item),
            shown(item.description),
            age_text(item.created_at, clock.now()),
        )

    def hay_of(self, item: Datastore) -> str:
        """Name, type, use and where it is."""
        return f"{item.name} {item.type} {item.description} {item.account_name} {item.container_name}"

    def facts_of(self, item: Datastore) -> list[tuple[str, str]]:
        """All of it, without secrets."""
        return facts_of(item, clock.now())

    def action_open(self) -> None:
        """Browse it."""
        if item := self.chosen:
            self.post_message(Open(Place("datastore", item.name)))

    def action_create(self) -> None:
        """The form."""
        self.post_message(Open(Place("datastore-form")))

    def action_edit(self) -> None:
        """The form, filled with the datastore under the cursor."""
        if (item := self.chosen) and spec_of(item):
            self.post_message(Open(Place("datastore-form", item.name)))
        elif item:
            self.tell(f"{item.name} stays as it is; n registers another one.")

    def action_default(self) -> None:
        """Another default, after a question."""
        item = self.chosen
        if item and item.is_default:
            self.tell(f"{item.name} is the default already.")
        elif item:
            text = (
                f"Let local files and the outputs of jobs go to {item.name}? What is there already stays where it is."
            )
            done = f"{item.name} is the default now."
            self._change(lambda: self.datastores.set_default(item.name), done, "Set the default", text)

    def action_delete(self) -> None:
        """Delete, once the name is typed."""
        if item := self.chosen:
            text = (
                f"Forget the datastore {item.name}? Its files stay; data assets and jobs that name it can't find them."
            )
            done = f"{item.name} is forgotten; its files are where they were."
            self._change(lambda: self.datastores.delete(item.name), done, "Delete", text, typed=item.name)

    def _change(
        self, call: Callable[[], Awaitable[object]], done: str, title: str, text: str, *, typed: str = ""
    ) -> None:
        async def change() -> None:
            if await self.app.push_screen_wait(Confirm(title, text, typed)):
                await call()
                self.tell(done)
                self.action_refresh()

        self.load(change, group="change")

    def action_copy_uri(self) -> None:
        """Copy the URI."""
        if item := self.chosen:
            copy_uri(self, self.workspace, item.name, "")

    def action_show_as(self) -> None:
        """Open the drawer; of what nothing here would make, how it is read."""
        if item := self.chosen:
            from screens.show_as import ShowAs, reading_forms

            target = self.frame.azure
            self.app.push_screen(
                ShowAs(spec_of(item) or reading_forms("datastore", item.name, target), item.name, target=target)
            )
