"""Where the files of an asset lie: the datastore that its URI names, and the path there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from services.asset_uris import datastore_path
from services.azure.asset_fields import is_foreign
from services.azure.datastores import folder_path
from services.azure.storage import Storage
from services.entities import FileEntry
from services.errors import UserError
from services.storage.files import StoreFiles
from services.targets import AzureTarget


@dataclass(frozen=True)
class Place:
    """A file or a folder of a store."""

    files: StoreFiles
    path: str


@dataclass(frozen=True)
class Found:
    """The files at a place.

    Attributes:
        root: what their paths in the store begin with, a slash at its end; empty for the store itself.
        entries: by path, which starts from the root; one alone, with the name of the file, if the place is a file.
    """

    root: str
    entries: Sequence[FileEntry]
    is_file: bool

    @property
    def size(self) -> int:
        """Bytes in all."""
        return sum(entry.size for entry in self.entries)


class Places:
    """Finds places by URIs; blocking."""

    def __init__(self, storage: Storage, target: AzureTarget) -> None:
        self._storage = storage
        self._target = target

    def find(self, uri: str) -> Place:
        """The place that a datastore URI names; nothing need be there.

        Raises NotFoundError for an unknown datastore, UserError for what no datastore of this workspace names.
        """
        place = datastore_path(uri)
        if place is None or is_foreign(uri, self._target):
            raise UserError(
                f"{uri} is in no datastore of this workspace, so its files can't be listed from here.",
                title="Not in a datastore of this workspace",
                advice="A job that takes it as input reads it.",
            )
        return Place(self._storage.open(place.datastore), folder_path(place.path))


def files_at(place: Place) -> Found:
    """The files at a place; none if nothing is there."""
    if place.path and (one := place.files.entry(place.path)):
        folder, _, name = one.path.rpartition("/")
        return Found(f"{folder}/" if folder else "", [replace(one, path=name)], is_file=True)
    root = f"{place.path}/" if place.path else ""
    found = [replace(entry, path=entry.path.removeprefix(root)) for entry in place.files.below(place.path)]
    return Found(root, sorted(found, key=lambda entry: entry.path), is_file=False)
