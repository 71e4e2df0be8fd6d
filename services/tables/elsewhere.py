"""Opens tables wherever they lie: on this machine, in storage, on the web."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias

from services.azure_errors import azure_errors
from services.entities.tables import FOUND_OUT, TableOptions
from services.errors import NoTableError, NotFoundError
from services.storage.bytes import Errors, StoreBytes
from services.storage.places import Place, files_at
from services.tables.file_names import is_table_name
from services.tables.opening import MLTABLE, open_remote, open_table, table_place
from services.tables.table import Table
from services.tables.web_bytes import WebBytes
from services.text import masked


@dataclass(frozen=True)
class Stored:
    """A file or a folder in storage, and what tells of its errors."""

    place: Place
    errors: Errors = azure_errors


@dataclass(frozen=True)
class OnTheWeb:
    """An http(s) address."""

    url: str


Located: TypeAlias = Path | Stored | OnTheWeb
Locate: TypeAlias = Callable[[str], Located]
"""Where the source of a table lies, as a workspace knows it; blocking. Raises ServiceError."""


def open_located(source: str, locate: Locate, options: TableOptions = FOUND_OUT) -> Table:
    """The table of a source; blocking. Raises as `open_table` does, AccessError, TransientError."""
    match locate(source):
        case OnTheWeb(url):
            return open_remote(lambda folder: WebBytes(url, folder), options)
        case Stored() as stored:
            return _open_stored(source, stored, locate, options)
        case path:
            place_here = table_place(path)
            if (place_here / MLTABLE).is_file():
                from services.tables.remote_mltable import open_local_mltable

                return open_local_mltable(place_here, locate)
            return open_table(place_here, options)


def _open_stored(source: str, stored: Stored, locate: Locate, options: TableOptions) -> Table:
    with stored.errors():
        found = files_at(stored.place)
    if not found.entries:
        raise NotFoundError(f"There is nothing at {masked(source)}.", advice="Has it been moved or deleted?")
    if not found.is_file and any(entry.path == MLTABLE for entry in found.entries):
        from services.tables.remote_mltable import open_stored_mltable

        return open_stored_mltable(stored, found, locate)
    table = next((entry for entry in found.entries if found.is_file or is_table_name(entry.path)), None)
    if table is None:
        raise NoTableError(f"There is no table among the {len(found.entries):,} files of {masked(source)}.")
    with stored.errors():
        path = found.root + table.path
        entry = replace(table, path=path) if found.is_file else stored.place.files.entry(path)
    if entry is None:
        raise NotFoundError(f"{table.path} is not there any more.")
    return open_remote(lambda _: StoreBytes(stored.place.files, entry, stored.errors), options)


class Claim:
    """Closes a table that comes when nobody waits for it any more."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._is_dropped = False

    def take(self, table: Table) -> Table:
        """Hand the table on, from the thread that opened it."""
        with self._lock:
            if self._is_dropped:
                table.close_now()
        return table

    def drop(self) -> None:
        """Nobody waits any more."""
        with self._lock:
            self._is_dropped = True


@contextmanager
def claim() -> Iterator[Claim]:
    """A claim that is dropped when the block, which waits for the table, doesn't end well."""
    made = Claim()
    try:
        yield made
    except BaseException:
        made.drop()
        raise
