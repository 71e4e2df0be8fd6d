"""lapis.db: the index of jobs, data assets and environments of a local workspace.

The truth about a job is its folder (spec and state, written by its supervisor); the row here is what lists need.
Readers open the file without importing MLflow, so that the jobs list is there at once.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

from services.errors import MachineError, TransientError, WorkspaceError
from services.local.layout import LAYOUT_VERSION
from services.local.supervisor import is_full

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
    properties TEXT NOT NULL DEFAULT '{}',
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
        read_only: refuse to write, for a workspace on a read-only file system.
    """

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        self.path = path
        self.read_only = read_only

    def create(self) -> None:
        """Make the tables of a new workspace."""
        with translated(self.path), closing(_connect(self.path, "rwc")) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
        with self.write() as connection:
            connection.executescript(SCHEMA)
            connection.execute(f"PRAGMA user_version = {LAYOUT_VERSION}")

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
        if not self.read_only:
            self._add_columns()

    def _add_columns(self) -> None:
        """What came after the first layout; an older Lapis does not look at it."""
        with self.read() as connection:
            known = {row["name"] for row in connection.execute("PRAGMA table_info(data_assets)")}
        if known and "properties" not in known:
            with self.write() as connection:
                connection.execute("ALTER TABLE data_assets ADD COLUMN properties TEXT NOT NULL DEFAULT '{}'")

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """A connection for reading, rows by name."""
        with reading(self.path) as connection:
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
        with writing(self.path) as connection:
            yield connection


@contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection for reading to a database in WAL mode, rows by name; also on a full or read-only file system.

    There the file that WAL's readers share can't be made. Nobody can write there either, so none is needed
    (sqlite.org/wal.html#readonly).
    """
    with translated(path), ExitStack() as stack:
        connection = stack.enter_context(closing(_connect(path, "ro")))
        try:
            connection.execute("SELECT 1 FROM sqlite_master")
        except sqlite3.OperationalError as error:
            if not error.sqlite_errorname.startswith(("SQLITE_IOERR_SHM", "SQLITE_CANTOPEN", "SQLITE_READONLY")):
                raise
            connection = stack.enter_context(closing(_connect(path, "ro&immutable=1")))
        yield connection


@contextmanager
def writing(path: Path) -> Iterator[sqlite3.Connection]:
    """A transaction, rows by name: committed at the end, rolled back on an error."""
    with translated(path), closing(_connect(path, "rw")) as connection:
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
        except BaseException:
            connection.rollback()
            raise
        connection.commit()


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    uri = f"{path.absolute().as_uri()}?mode={mode}"
    connection = sqlite3.connect(uri, uri=True, timeout=20, isolation_level=None, check_same_thread=False)
    connection.row_factory = sqlite3.Row
    return connection


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Turn what SQLite raises into errors that a user understands."""
    try:
        yield
    except sqlite3.OperationalError as error:
        text = str(error)
        if "full" in text or ("I/O" in text and is_full(path.parent)):
            raise MachineError(
                f"The disk of {path} is full; nothing was written.",
                title="The disk is full",
                advice="Free some space and do it again.",
            ) from error
        if "locked" in text or "busy" in text:
            raise TransientError(f"{path} is busy: {text}.", advice="Try again.") from error
        if "readonly" in text or "unable to open" in text:
            raise WorkspaceError(f"{path} can't be written: {text}.", title="The workspace is read-only") from error
        if "no such table" in text:
            raise _damaged(path, error) from error
        raise WorkspaceError(f"{path}: {text}.") from error
    except sqlite3.DatabaseError as error:
        raise _damaged(path, error) from error


def _damaged(path: Path, error: sqlite3.Error) -> WorkspaceError:
    return WorkspaceError(
        f"{path} is damaged: {error}.",
        title="The workspace is damaged",
        advice="Restore that file from a backup, or choose another folder with -w.",
    )
