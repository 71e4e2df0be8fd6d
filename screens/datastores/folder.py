"""A folder of a datastore."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text

from screens import clock
from screens.actions import Action
from screens.job.files import is_image
from screens.lists import ListScreen, counted, list_actions, shown
from screens.places import Open, Place
from screens.tables_ahead import LeadsToTables
from screens.uris import copy_uri
from screens.widgets.grid import GridColumn
from screens.widgets.status import age_text, size_text
from services.entities import FileEntry
from services.specs.datastores import spec_of
from services.uris import datastore_uri
from services.workspace import DatastoreService, Workspace

FIRST = 2_000
"""Entries that are read of a folder at first; each `m` reads ten times as many."""


def path_of(entry: FileEntry) -> str:
    """The path in the datastore; that of a folder ends in a slash."""
    return entry.path.rstrip("/") + "/" if entry.is_folder else entry.path


class DatastoreScreen(ListScreen[FileEntry], LeadsToTables):
    """The subject is `NAME` or `NAME/PATH`; a folder is read when it is opened."""

    CRUMB = "Datastores"
    NOUNS = ("entry", "entries")
    EMPTY = "This folder is empty. esc goes back."
    ACTIONS: ClassVar = (
        Action("datastore.open", ("enter",), "Open", "Go into the folder, or show the file", footer=1),
        Action("datastore.preview", ("p",), "Preview", "Show the rows of the table in the file or folder", footer=1),
        Action("datastore.profile", ("f",), "Profile", "Each column of the table in numbers", footer=3),
        Action("datastore.wrangle", ("w",), "Wrangle", "Clean and reshape the table, step by step", footer=3),
        Action("datastore.copy-uri", ("u",), "Copy URI", "Copy the entry's URI, in one of its forms", footer=2),
        Action("datastore.register", ("n", "R"), "Register", "Register it as a data asset", footer=4, writes=True),
        Action("datastore.more", ("m",), "More", "Read more entries of a folder that has very many", footer=2),
        Action(
            "datastore.edit", ("e",), "Edit", "Change where the datastore is or how it signs in", footer=6, writes=True
        ),
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
        self.limit = FIRST

    @property
    def is_cut(self) -> bool:
        """Whether the folder has more entries than were read."""
        return len(self.items) >= self.limit

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """There is more only in a folder of very many."""
        if action == "more" and not self.is_cut:
            return False
        return super().check_action(action, parameters)

    async def read(self) -> Sequence[FileEntry]:
        """The entries of the folder."""
        self.folder_here = (await self.datastores.get(self.store)).folder
        return await self.datastores.browse(self.store, self.folder, limit=self.limit)

    def show_rows(self) -> None:
        """The key for more comes and goes with the entries."""
        super().show_rows()
        self.refresh_bindings()

    def about_parts(self) -> list[str]:
        """Also that there are more."""
        cut = f"the first {counted(self.limit, 'entry', 'entries')}: m reads more" if self.is_cut else ""
        return [*super().about_parts(), cut]

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
            ("URI", self.uri_of(item)),
            ("Here", here),
            ("Size", "" if item.is_folder else size_text(item.size)),
            ("Modified", f"{item.modified_at.astimezone():%Y-%m-%d %H:%M:%S}" if item.modified_at else ""),
        ]

    def uri_of(self, entry: FileEntry) -> str:
        """The URI in this workspace."""
        return datastore_uri(self.store, path_of(entry))

    def action_open(self) -> None:
        """Into the folder; of a file its picture, else its table or text."""
        item = self.chosen
        if item is None:
            return
        if item.is_folder:
            self.post_message(Open(Place("datastore", f"{self.store}/{item.path.rstrip('/')}")))
        elif is_image(item.path):
            self.post_message(Open(Place("datastore-file", f"{self.store}/{item.path}")))
        else:
            self.action_preview()

    def action_preview(self) -> None:
        """The rows."""
        self._open("table")

    def action_profile(self) -> None:
        """Its columns."""
        self._open("profile")

    def action_wrangle(self) -> None:
        """Its recipe."""
        self._open("wrangle")

    def _open(self, screen: str) -> None:
        if item := self.chosen:
            self.post_message(Open(Place(screen, self.uri_of(item))))

    def action_edit(self) -> None:
        """The form of the datastore, which mends what the storage refuses."""

        async def edit() -> None:
            if spec_of(await self.datastores.get(self.store)):
                self.post_message(Open(Place("datastore-form", self.store)))
            else:
                self.tell(f"{self.store} stays as it is.")

        self.load(edit, group="edit")

    def action_more(self) -> None:
        """Read on."""
        self.limit *= 10
        self.action_refresh()

    def action_register(self) -> None:
        """The form, filled with the URI."""
        if item := self.chosen:
            self.post_message(Open(Place("register-data", f"path:{self.uri_of(item)}")))

    def action_copy_uri(self) -> None:
        """Copy the URI."""
        if item := self.chosen:
            copy_uri(self, self.workspace, self.store, path_of(item))

    def action_copy_name(self) -> None:
        """Copy the path on this machine, or in the datastore."""
        path = item.path if (item := self.chosen) else ""
        self.copy_name(f"{self.folder_here}/{path}" if path and self.folder_here else path)
