"""Files and folders of a store, and what lies below them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from services.entities import FileEntry
from services.storage.files import StoreFiles


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


def files_at(place: Place) -> Found:
    """The files at a place; none if nothing is there."""
    if place.path and (one := place.files.entry(place.path)):
        folder, _, name = one.path.rpartition("/")
        return Found(f"{folder}/" if folder else "", [replace(one, path=name)], is_file=True)
    root = f"{place.path}/" if place.path else ""
    found = [replace(entry, path=entry.path.removeprefix(root)) for entry in place.files.below(place.path)]
    return Found(root, sorted(found, key=lambda entry: entry.path), is_file=False)
