"""Where data lies: the datastores, and the folders in one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text

from screens import clock
from screens.actions import Action
from screens.base import studio_action
from screens.lists import ListScreen, list_actions, shown
from screens.places import Open, Place
from screens.uris import copy_uri
from screens.widgets.grid import GridColumn
from screens.widgets.status import age_text, size_text
from services.entities import Datastore, FileEntry
from services.uris import datastore_uri
from services.workspace import DatastoreService, Workspace


def path_of(entry: FileEntry) -> str:
    """The path in the datastore; that of a folder ends in a slash."""
    return entry.path.rstrip("/") + "/" if entry.is_folder else entry.path


class DatastoresScreen(ListScreen[Datastore]):
    """All datastores, the default one first."""

    CRUMB = "Datastores"
    NOUNS = ("datastore", "datastores")
    EMPTY = "No datastores."
    IS_SHORT = True
    ACTIONS: ClassVar = (
        Action("datastores.open", ("enter",), "Browse", "Show the files in the datastore", footer=1),
        Action("datastores.copy-uri", ("u",), "Copy URI", "Copy the datastore's URI, in one of its forms", footer=3),
        Action("datastores.show-as", ("y",), "Show as", "How az and the Python SDK show this datastore", footer=5),
        studio_action("datastores"),
        *list_actions("datastores", "datastores"),
    )
    COLUMNS: ClassVar = (
        GridColumn("name", "Name", least=30),
        GridColumn("type", "Type", least=20),
        GridColumn("description", "Used for", priority=1, least=30),
        GridColumn("credentials", "Credentials", priority=2),
        GridColumn("place", "Account / container", priority=3, least=20),
        GridColumn("created", "Created", align="right", priority=4),
    )

    def __init__(self, place: Place, *, datastores: DatastoreService, workspace: Workspace) -> None:
        super().__init__(place)
        self.datastores = datastores
        self.workspace = workspace

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
            item.type,
            shown(item.description),
            item.credentials,
            shown(" / ".join(p for p in (item.account_name, item.container_name) if p))
            or ("a folder here" if item.folder else ""),
            age_text(item.created_at, clock.now()),
        )

    def hay_of(self, item: Datastore) -> str:
        """Name, type, use and where it is."""
        return f"{item.name} {item.type} {item.description} {item.account_name} {item.container_name}"

    def facts_of(self, item: Datastore) -> list[tuple[str, str]]:
        """All of it, without secrets."""
        return [
            ("Name", item.name),
            ("Default", "yes ★" if item.is_default else ""),
            ("Type", item.type),
            ("Used for", item.description),
            ("Account", item.account_name),
            ("Container", item.container_name),
            ("Credentials", item.credentials),
            ("Folder", item.folder),
            ("URI", datastore_uri(item.name)),
            ("Created", f"{item.created_at.astimezone():%Y-%m-%d %H:%M}" if item.created_at else ""),
        ]

    def action_open(self) -> None:
        """Browse it."""
        if item := self.chosen:
            self.post_message(Open(Place("datastore", item.name)))

    def action_copy_uri(self) -> None:
        """Copy the URI."""
        if item := self.chosen:
            copy_uri(self, self.workspace, item.name, "")

    def action_show_as(self) -> None:
        """Open the drawer."""
        if item := self.chosen:
            from screens.show_as import ShowAs, reading_forms

            forms = reading_forms("datastore", item.name, self.frame.azure)
            self.app.push_screen(ShowAs(forms, item.name))


class DatastoreScreen(ListScreen[FileEntry]):
    """A folder of a datastore; the subject is `NAME` or `NAME/PATH`."""

    CRUMB = "Datastores"
    NOUNS = ("entry", "entries")
    EMPTY = "This folder is empty. esc goes back."
    ACTIONS: ClassVar = (
        Action("datastore.open", ("enter",), "Open", "Go into the folder", footer=1),
        Action("datastore.copy-uri", ("u",), "Copy URI", "Copy the entry's URI, in one of its forms", footer=2),
        Action("datastore.register", ("n", "R"), "Register", "Register it as a data asset", footer=3, writes=True),
        *list_actions("datastore", "entries"),
    )
    COLUMNS: ClassVar = (
        GridColumn("name", "Name", least=30),
        GridColumn("size", "Size", align="right"),
        GridColumn("modified", "Modified", align="right", priority=1),
    )

    def __init__(self, place: Place, *, datastores: DatastoreService, workspace: Workspace) -> None:
        super().__init__(place)
        self.datastores = datastores
        self.workspace = workspace
        self.store, _, self.folder = place.subject.partition("/")
        self.folder_here = ""

    async def read(self) -> Sequence[FileEntry]:
        """The entries of the folder."""
        self.folder_here = (await self.datastores.get(self.store)).folder
        return await self.datastores.browse(self.store, self.folder)

    def key_of(self, item: FileEntry) -> str:
        """The path in the datastore."""
        return item.path

    def cells_of(self, item: FileEntry) -> tuple[str | Text, ...]:
        """The row."""
        name = shown(item.path.rstrip("/").rpartition("/")[2])
        return (
            Text(f"▸ {name}/", "bold") if item.is_folder else f"  {name}",
            "" if item.is_folder else size_text(item.size),
            age_text(item.modified_at, clock.now()),
        )

    def facts_of(self, item: FileEntry) -> list[tuple[str, str]]:
        """Both names of it."""
        here = f"{self.folder_here}/{item.path}" if self.folder_here else ""
        return [
            ("Path", item.path),
            ("URI", datastore_uri(self.store, path_of(item))),
            ("Here", here),
            ("Size", "" if item.is_folder else size_text(item.size)),
            ("Modified", f"{item.modified_at.astimezone():%Y-%m-%d %H:%M:%S}" if item.modified_at else ""),
        ]

    def action_open(self) -> None:
        """Into the folder; a file has nothing inside."""
        item = self.chosen
        if item is None:
            return
        if item.is_folder:
            self.post_message(Open(Place("datastore", f"{self.store}/{item.path.rstrip('/')}")))
        else:
            self.tell("A file. u copies its URI, n registers it as a data asset, which can be previewed.")

    def action_register(self) -> None:
        """The form, filled with the URI."""
        if item := self.chosen:
            self.post_message(Open(Place("register-data", f"path:{datastore_uri(self.store, path_of(item))}")))

    def action_copy_uri(self) -> None:
        """Copy the URI."""
        if item := self.chosen:
            copy_uri(self, self.workspace, self.store, path_of(item))

    def action_copy_name(self) -> None:
        """Copy the path on this machine, or in the datastore."""
        path = item.path if (item := self.chosen) else ""
        self.copy_name(f"{self.folder_here}/{path}" if path and self.folder_here else path)
