"""lapis.db: the index of jobs, data assets and environments of a local workspace.

The truth about a job is its folder (spec and state, written by its supervisor); the row here is what lists need.
Readers open the file without importing MLflow, so that the jobs list is there at once.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from services.errors import MachineError, TransientError, WorkspaceError
from services.local.layout import LAYOUT_VERSION

SCHEMA = """
CREATE TABLE IF NOT EXISTS jobs (
    name TEXT PRIMARY KEY,
    sequence INTEGER NOT NULL UNIQUE,
    display_name TEXT NOT NULL,
    experiment_name TEXT NOT NULL,
    type TEXT NOT NULL,
    status TEXT NOT NULL,
    compute TEXT NOT NULL,
    created_by TEXT NOT NULL,
    created_at REAL NOT NULL,
    started_at REAL,
    ended_at REAL,
    tags TEXT NOT NULL,
    parent_name TEXT,
    archived INTEGER NOT NULL DEFAULT 0,
    error_title TEXT NOT NULL DEFAULT '',
    run_id TEXT NOT NULL,
    spec_digest TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS jobs_by_time ON jobs (parent_name, archived, created_at DESC);
CREATE INDEX IF NOT EXISTS jobs_by_status ON jobs (status);
CREATE TABLE IF NOT EXISTS data_assets (
    name TEXT NOT NULL,
    version TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    type TEXT NOT NULL,
    path TEXT NOT NULL,
    description TEXT NOT NULL,
    tags TEXT NOT NULL,
    size INTEGER,
    created_at REAL NOT NULL,
    created_by TEXT NOT NULL,
    archived INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (name, version)
);
CREATE TABLE IF NOT EXISTS environments (
    name TEXT NOT NULL,
    version TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    image TEXT NOT NULL,
    conda_file TEXT NOT NULL,
    description TEXT NOT NULL,
    tags TEXT NOT NULL,
    created_at REAL NOT NULL,
    PRIMARY KEY (name, version)
);
"""


class Database:
    """Short-lived connections to lapis.db; every call may run in any thread.

    Args:
        read_only: open without writing, for a workspace on a read-only file system.
    """

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        self.path = path
        self.read_only = read_only

    def create(self) -> None:
        """Make the tables of a new workspace."""
        with self.write() as connection:
            connection.executescript(SCHEMA)
            connection.execute(f"PRAGMA user_version = {LAYOUT_VERSION}")
        with self._connect() as connection:
            connection.execute("PRAGMA journal_mode = WAL")

    def check(self) -> None:
        """Raise WorkspaceError if the database is from a newer Lapis or broken."""
        with self.read() as connection:
            (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version > LAYOUT_VERSION:
            raise WorkspaceError(
                f"{self.path.parent} was written by a newer Lapis (layout {version}, this one knows {LAYOUT_VERSION}).",
                title="The workspace is from a newer Lapis",
                advice="Update Lapis, or choose another folder with -w.",
            )

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """A connection for reading, rows by name."""
        with translated(self.path), self._connect() as connection:
            yield connection

    def check_writable(self) -> None:
        """Raise WorkspaceError if the workspace is read-only."""
        if self.read_only:
            raise WorkspaceError(
                f"{self.path.parent} can't be written.",
                title="The workspace is read-only",
                advice="Make the folder writable, or choose another one with -w.",
            )

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """A transaction: committed at the end, rolled back on an error."""
        self.check_writable()
        with translated(self.path), self._connect() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.rollback()
                raise
            connection.commit()

    @contextmanager
    def _connect(self) -> Iterator[sqlite3.Connection]:
        # immutable: a WAL database on a read-only file system can't make its -shm file (sqlite.org/wal.html#readonly)
        uri = f"{self.path.absolute().as_uri()}?mode={'ro&immutable=1' if self.read_only else 'rwc'}"
        connection = sqlite3.connect(uri, uri=True, timeout=20, isolation_level=None, check_same_thread=False)
        connection.row_factory = sqlite3.Row
        try:
            yield connection
        finally:
            connection.close()


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Turn what SQLite raises into errors that a user understands."""
    try:
        yield
    except sqlite3.OperationalError as error:
        text = str(error)
        if "full" in text:
            raise MachineError(
                f"The disk of {path} is full; nothing was written.",
                title="The disk is full",
                advice="Free some space and do it again.",
            ) from error
        if "locked" in text or "busy" in text:
            raise TransientError(f"{path} is busy: {text}.", advice="Try again.") from error
        if "readonly" in text or "unable to open" in text:
            raise WorkspaceError(f"{path} can't be written: {text}.", title="The workspace is read-only") from error
        raise WorkspaceError(f"{path}: {text}.") from error
    except sqlite3.DatabaseError as error:
        raise WorkspaceError(f"{path} is damaged: {error}.", title="The workspace is damaged") from error
