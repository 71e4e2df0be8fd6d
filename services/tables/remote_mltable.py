"""The files of an MLTable that lie elsewhere: empty files stand for them here until they are read."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path, PurePosixPath

from services.entities.tables import Progress
from services.errors import Fault, SpecError, UserError
from services.storage.bytes import StoreBytes
from services.storage.places import Found, files_at
from services.tables.background import Reporter
from services.tables.byte_sources import ByteSource
from services.tables.elsewhere import Locate, OnTheWeb, Stored
from services.tables.frames import Frame
from services.tables.mltable import FILE, MLTable, make_frame, open_mltable, read_mltable, shown_path
from services.tables.mltable_paths import FAULTY, is_uri, table_paths
from services.tables.opening import table_folder
from services.tables.remote_bytes import REQUEST
from services.tables.table import Table
from services.tables.web_bytes import WebBytes
from services.tables.whole_table import WholeTable

_GLOB = re.compile(r"[*?\[]")


class RemoteFiles:
    """Files elsewhere with a place on this machine each, to which they are fetched when they are wanted."""

    def __init__(self, space: Path, locate: Locate) -> None:
        self._space = space
        self._locate = locate
        self._sources: dict[Path, Callable[[], ByteSource]] = {}
        self._root: Path | None = None
        self._known: set[Path] = set()
        self._shown: dict[Path, str] = {}

    def stand_in(self, root: Path, stored: Stored, found: Found) -> None:
        """Make an empty file below `root` for each that is in storage."""
        for entry in found.entries:
            parts = PurePosixPath(entry.path).parts
            if ".." in parts or entry.path.startswith("/") or "\0" in entry.path:
                continue  # no name of a file on this machine
            path = root / entry.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
            there = replace(entry, path=found.root + entry.path)
            self._sources[path] = partial(StoreBytes, stored.place.files, there, stored.errors)
            self._known.add(path)

    def stand_in_for(self, root: Path, stored: Stored, found: Found) -> None:
        """As `stand_in`, of the MLTable's own folder: its paths lead to files of storage and to no others."""
        self._root = root
        self.stand_in(root, stored, found)

    def find(self, kind: str, uri: str) -> list[Path]:
        """The files that a path of an MLTable names by its URI. Raises PathFaultsError, ServiceError.

        Args:
            kind: file, folder or pattern.
        """
        base, rest = _parted(kind, uri)
        match self._locate(base):
            case OnTheWeb(url):
                if kind != "file":
                    raise UserError(f"{uri} is on the web, where no files can be listed.")
                return [self._from_web(url, rest)]
            case Stored(place, errors) as stored:
                with errors():
                    found = files_at(place)
                root = self._space / str(len(self._sources)) / place.path.strip("/")
                root.mkdir(parents=True)
                self.stand_in(root, stored, found)
                paths = table_paths(root, [{kind: rest}])
            case here:
                root = here
                paths = table_paths(here, [{kind: rest}])
        self._known.update(paths)
        for path in paths:
            self._shown[path] = f"{base.rstrip('/')}/{path.relative_to(root).as_posix()}"
        return paths

    def _from_web(self, url: str, name: str) -> Path:
        folder = self._space / str(len(self._sources))
        folder.mkdir(parents=True)
        path = folder / (name or "file")
        self._sources[path] = lambda: WebBytes(f"{url.rstrip('/')}/{name}", folder)
        self._shown[path] = f"{url.rstrip('/')}/{name}"
        self._known.add(path)
        return path

    def shown(self, path: Path, folder: Path) -> str:
        """How a file's path is shown: from the folder of the MLTable on, or as its URI."""
        if path in self._shown:
            return self._shown[path]
        return shown_path(path, folder)

    def fetch(self, path: Path, reporter: Reporter) -> None:
        """Fetch a file, if it lies elsewhere and is not here yet.

        Raises SpecError for a file of this machine that an MLTable in storage names, ServiceError, StoppedError.
        """
        if self._root and path not in self._known:
            given = os.path.relpath(path, self._root)
            raise SpecError([Fault("paths", f"{given} lies outside of its folder in storage")], title=FAULTY)
        if path not in self._sources:
            return
        source = self._sources[path]()
        draft = path.with_name(path.name + ".draft")
        try:
            with draft.open("wb") as file:
                for offset in range(0, source.size, REQUEST):
                    reporter.check()
                    file.write(source.read(offset, REQUEST))
        finally:
            source.close()
        draft.replace(path)
        del self._sources[path]


class RemoteMLTable(WholeTable):
    """An MLTable of which files lie elsewhere."""

    async def head_file(self, rows: int, progress: Progress | None = None) -> Path:
        """A folder with an MLTable file that reads the first rows, as the steps have made them."""
        frame = await self.frame(progress)
        return await self.run(lambda reporter: self._write_head(frame, rows, reporter))

    def _write_head(self, frame: Frame, rows: int, reporter: Reporter) -> Path:
        folder = self.folder / f"first-{rows}" / self.name
        folder.mkdir(parents=True, exist_ok=True)
        reporter.collect(frame.lazy.head(rows)).write_parquet(folder / "rows.parquet")
        described = "type: mltable\npaths:\n- file: ./rows.parquet\ntransformations:\n- read_parquet\n"
        (folder / FILE).write_text(described, "utf-8")
        return folder


def open_stored_mltable(stored: Stored, found: Found, locate: Locate) -> Table:
    """The table that an MLTable file in storage describes. Raises as `open_mltable` does."""
    with table_folder() as holder:
        name = PurePosixPath(stored.place.path).name or FILE
        folder = Path(holder.name, "mltable", name if name not in (".", "..") else FILE)
        files = RemoteFiles(Path(holder.name, "elsewhere"), locate)
        files.stand_in_for(folder, stored, found)
        files.fetch(folder / FILE, Reporter())
        return _opened(folder, read_mltable(folder / FILE), files, holder)


def open_local_mltable(folder: Path, locate: Locate) -> Table:
    """The table that an MLTable file of this machine describes, with files anywhere. Raises as `open_mltable` does."""
    described = read_mltable(folder / FILE)
    if not any(is_uri(path) for entry in described.paths for path in entry.values()):
        return open_mltable(folder)
    with table_folder() as holder:
        return _opened(folder, described, RemoteFiles(Path(holder.name, "elsewhere"), locate), holder)


def _opened(
    folder: Path, described: MLTable, files: RemoteFiles, holder: tempfile.TemporaryDirectory[str]
) -> RemoteMLTable:
    def make(reporter: Reporter) -> Frame:
        return make_frame(folder, described, Path(holder.name), reporter, files)

    return RemoteMLTable(folder.name, "MLTable", holder, make)


def _parted(kind: str, uri: str) -> tuple[str, str]:
    """The place that is looked at, and what is looked for below it."""
    if kind == "folder":
        return uri, "."
    glob = _GLOB.search(uri) if kind == "pattern" else None
    cut = uri.rfind("/", 0, glob.start() if glob else len(uri))
    return uri[:cut], uri[cut + 1 :]
