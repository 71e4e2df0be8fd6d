"""The files of an MLTable that lie elsewhere: empty files stand for them here until they are read."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

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
from services.text import masked

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
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.touch()
            except (FileExistsError, NotADirectoryError):
                continue  # a blob may have the name of a folder of others
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
        if self._root and uri.startswith("file:"):
            raise UserError(f"{uri} is on a machine, and the MLTable file in storage.")
        base, rest = _parted(kind, uri)
        located = self._locate(base)
        if isinstance(located, Path):
            root = located.parent if kind == "file" else located
            paths = table_paths(root, [{kind: rest or located.name}])
        else:
            self._space.mkdir(parents=True, exist_ok=True)
            root = Path(tempfile.mkdtemp(dir=self._space))
            if isinstance(located, OnTheWeb):
                if kind != "file":
                    raise UserError(f"{masked(uri)} is on the web, where no files can be listed.")
                paths = [root / (PurePosixPath(urlsplit(uri).path).name or "file")]
                self._sources[paths[0]] = partial(WebBytes, located.url, root)
            else:
                with located.errors():
                    found = files_at(located.place)
                self.stand_in(root, located, found)
                name = PurePosixPath(located.place.path).name
                paths = table_paths(root, [{kind: rest or name}])
        self._known.update(paths)
        clean = base.partition("?")[0].rstrip("/")
        for path in paths:
            self._shown[path] = clean if kind == "file" else f"{clean}/{path.relative_to(root).as_posix()}"
        return paths

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
    """The place that is looked at, and what is looked for below it; nothing for a file, which is the place."""
    if kind != "pattern":
        return uri, "." if kind == "folder" else ""
    glob = _GLOB.search(uri)
    cut = uri.rfind("/", 0, glob.start() if glob else len(uri))
    return uri[:cut], uri[cut + 1 :]
