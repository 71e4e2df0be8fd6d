"""Register a file, a folder or an MLTable as a data asset."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

from textual.widget import Widget

from screens.fields import Field, Lines, Picker, line_input
from screens.forms import FormScreen, form_actions, next_version
from screens.lists import counted
from screens.names import asset_name, typed_path
from screens.pairs import read_pairs
from screens.places import Open, Place
from screens.uris import parts_text
from screens.widgets.path_input import PathInput
from screens.widgets.status import size_text
from services.errors import ConflictError, Fault, NotFoundError, ServiceError, SpecError
from services.specs.assets import DataSpec
from services.specs.data import PATTERN
from services.uris import UriParts, parts_of
from services.workspace import DataService, DatastoreService, Workspace
from services.wrapping import wrapped

TYPES = ("uri_file", "uri_folder", "mltable")
MLTABLE = "MLTable"
"""The file that makes a folder an mltable."""
LOOK_LIMIT = 2_000
"""Files that are counted in a folder; more are told as `over 2,000`."""


@dataclass(frozen=True)
class Look:
    """What is at a path: the type of asset that it makes, and a line about it."""

    type: str = ""
    text: str = ""


def look_at(text: str) -> Look:
    """Look at a path of this machine; blocks."""
    try:
        path = typed_path(text)
        if path.is_file():
            return Look("uri_file", f"a file of {size_text(path.stat().st_size)}, copied into the default datastore")
        if not path.is_dir():
            return Look("", PATTERN if "*" in path.name else "nothing is there")
        files = size = 0
        for file in path.rglob("*"):
            if file.is_file():
                files, size = files + 1, size + file.stat().st_size
            if files > LOOK_LIMIT:
                break
    except OSError as error:
        return Look("", f"can't be read: {error.strerror}")
    except ValueError:  # a NUL
        return Look("", "that is no path")
    many = (
        f"over {LOOK_LIMIT:,} files" if files > LOOK_LIMIT else f"{counted(files, 'file', 'files')}, {size_text(size)}"
    )
    if (path / MLTABLE).is_file():
        return Look("mltable", f"a folder with an MLTable file: {many}, copied into the default datastore")
    return Look("uri_folder", f"a folder: {many}, copied into the default datastore")


async def look_into(datastores: DatastoreService, parts: UriParts) -> Look:
    """Look at a place in a datastore, which stays there."""
    try:
        entries = await datastores.browse(parts.datastore, parts.path)
    except NotFoundError:
        pass
    else:
        kind = "mltable" if any(e.path.rpartition("/")[2] == MLTABLE for e in entries) else "uri_folder"
        many = counted(len(entries), "entry", "entries")
        return Look(kind, f"a folder in {parts.datastore}: {many}, stays where it is")
    path = parts.path.rstrip("/")
    try:
        entries = await datastores.browse(parts.datastore, path.rpartition("/")[0])
    except ServiceError as error:
        return Look("", error.detail)
    for entry in entries:
        if entry.path == path:
            return Look("uri_file", f"a file of {size_text(entry.size)} in {parts.datastore}, stays where it is")
    return Look("", f"{parts.datastore} has no {path}")


class RegisterDataScreen(FormScreen):
    """The subject is empty, `path:PATH`, or `asset:NAME` for another version of an asset."""

    CRUMB = "Data › Register"
    BUSY = "Copying and registering"
    ACTIONS: ClassVar = form_actions("register-data", "Register", "Register the data asset and open it")

    def __init__(self, place: Place, *, data: DataService, datastores: DatastoreService, workspace: Workspace) -> None:
        super().__init__(place)
        self.data = data
        self.datastores = datastores
        self.workspace = workspace

    @property
    def crumbs(self) -> str:
        """Without the subject: the form shows it."""
        return self.CRUMB

    def compose_fields(self) -> Iterable[Widget]:
        """Path first: the rest follows from it."""
        kind, _, subject = self.place.subject.partition(":")
        path = subject if kind == "path" else "" if kind == "asset" else self.place.subject
        yield Field(
            "path", "Path", PathInput(path),
            hint="A file or folder here, or azureml://datastores/NAME/paths/...; tab completes",
        )  # fmt: skip
        yield Field(
            "name",
            "Name",
            line_input(subject if kind == "asset" else ""),
            hint="How jobs call it: azureml:NAME:VERSION",
        )
        yield Field(
            "type",
            "Type",
            Picker(TYPES),
            hint="uri_file: one file  uri_folder: all in a folder  mltable: a folder with an MLTable file",
        )
        yield Field("version", "Version", line_input(placeholder="the next one"), hint="Empty: the next free number")
        yield Field("description", "Description", line_input(), hint="What it is and where it comes from")
        yield Field("tags", "Tags", Lines(placeholder="key=value, one a line"), hint="key=value, one a line")

    def on_mount(self) -> None:
        """A path that came along is looked at."""
        super().on_mount()
        if self.place.subject:
            self.typed()

    def typed(self) -> None:
        """Suggest name and type from the path, and tell the next version."""
        self.load(self._suggest, group="suggest")

    async def _suggest(self) -> None:
        fields = self.fields
        text = fields["path"].value.strip()
        look = await self._look(text)
        if text != fields["path"].value.strip():
            return
        fields["path"].say(look.text)
        if not self.place.subject.startswith("asset:"):
            self.offer("name", asset_name(text))
        if look.type:
            self.offer("type", look.type)
        wraps = fields["type"].value == "mltable" and look.type == "uri_file"
        fields["type"].say(await self._wrapping(text) if wraps else "")
        if name := fields["name"].value.strip():
            try:
                versions = [item.version for item in await self.data.versions(name)]
            except NotFoundError:
                versions = []
            then = (
                f"there {'is' if len(versions) == 1 else 'are'} {counted(len(versions), 'version', 'versions')} already"
            )
            fields["name"].say(f"{then}; this becomes {next_version(versions)}" if versions else "")

    async def _wrapping(self, text: str) -> str:
        """The MLTable file that a file of this machine gets, or why it gets none."""
        from services.tables.mltable_writing import mltable_text

        if "://" in text:
            return "an mltable is a folder: register the file as uri_file, then M on its screen wraps it"
        try:
            return "copied with this MLTable file:\n" + await asyncio.to_thread(mltable_text, typed_path(text))
        except ServiceError as error:
            return error.detail

    async def _look(self, text: str) -> Look:
        """What is there; of a URI also what it names."""
        if not text:
            return Look()
        if "://" not in text:
            return await asyncio.to_thread(look_at, text)
        parts = parts_of(text)
        if parts is None:
            return Look("", "no URI that Azure ML reads: azureml://, abfss://, wasbs:// or https://")
        look = Look("uri_folder" if text.endswith("/") else "uri_file", "stays where it is")
        if parts.datastore:
            look = await look_into(self.datastores, parts)
        return Look(look.type, f"{parts_text(parts)}\n{look.text}")

    def spec(self) -> DataSpec:
        """What the form means. Raises SpecError."""
        values = {key: value.strip() for key, value in self.values().items()}
        tags, wrong = read_pairs(values["tags"], {})
        faults = [Fault("tags", message) for message in wrong]
        faults += [Fault(key, "this field is required") for key in ("path", "name") if not values[key]]
        if faults:
            raise SpecError(faults)
        path = values["path"]
        return DataSpec(
            name=values["name"],
            path=path if "://" in path else str(typed_path(path)),
            type=values["type"],  # type: ignore[arg-type] # the picker knows no other
            version=values["version"] or None,
            description=values["description"] or None,
            tags=tags,
        )

    async def submit(self) -> None:
        """Register and open the asset."""
        spec = self.spec()
        try:
            if spec.type == "mltable" and "://" not in spec.path and Path(spec.path).is_file():
                async with wrapped(self.data, Path(spec.path), spec.name) as folder:
                    made = await self.data.create(replace(spec, path=str(folder.folder)), base=folder.folder)
            else:
                made = await self.data.create(spec, base=Path.cwd())
        except ConflictError as error:
            raise SpecError([Fault("version", f"{error.detail.rstrip('.')}; {error.advice}")]) from error
        self.set_clean()
        self.tell(f"Registered {made.name}:{made.version}.")
        self.post_message(Open(Place("data-asset", f"{made.name}:{made.version}"), push=False))
