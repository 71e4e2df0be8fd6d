"""A picture, or another file of a datastore that is no table."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult

from screens.actions import Action
from screens.base import LapisScreen
from screens.job.preview import READ_LIMIT, Preview
from screens.places import Place
from screens.uris import copy_uri
from screens.widgets.states import StateCard
from screens.widgets.status import size_text
from services.errors import ServiceError
from services.workspace import DatastoreService, Workspace


class DatastoreFileScreen(LapisScreen):
    """The subject is `NAME/PATH`."""

    CRUMB = "Datastores"
    ACTIONS: ClassVar = (
        Action("datastore-file.copy-uri", ("u",), "Copy URI", "Copy the file's URI, in one of its forms", footer=2),
        Action("datastore-file.refresh", ("r",), "Refresh", "Read it again now", footer=0),
    )

    def __init__(self, place: Place, *, datastores: DatastoreService, workspace: Workspace) -> None:
        super().__init__(place)
        self.datastores = datastores
        self.workspace = workspace
        self.store, _, self.path = place.subject.partition("/")

    def compose_body(self) -> ComposeResult:
        """The file."""
        yield Preview()

    def on_mount(self) -> None:
        """Read it."""
        self.action_refresh()

    def action_refresh(self) -> None:
        """Read its beginning."""
        self.load(self._read, group="read")

    async def _read(self) -> None:
        preview = self.query_one(Preview)
        preview.say(f"Reading {self.path} ...")
        data = await self.datastores.read(self.store, self.path, READ_LIMIT)
        if len(data) == READ_LIMIT:
            preview.say(f"{self.path} is larger than {size_text(READ_LIMIT)}: too large to show. u copies its URI.")
        else:
            preview.show(self.path, data, len(data))

    def show_error(self, error: ServiceError) -> None:
        """In a card."""
        self.query_one(Preview).say("")
        self.query_one(StateCard).error(error, error.advice or "r tries again.")

    def action_copy_uri(self) -> None:
        """Copy the URI."""
        copy_uri(self, self.workspace, self.store, self.path)
