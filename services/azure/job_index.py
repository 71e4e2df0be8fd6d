"""The jobs of an Azure workspace as last seen, on disk: a list of thousands is there at once and can be searched.

The service lists jobs page by page, newest first, and can't search: it is asked for news, the index answers.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from services import job_queries
from services.entities import JobQuery, JobStatus, JobSummary, JobType, StatusChange
from services.errors import MachineError

VERSION = 1
_SCHEMA = """
CREATE TABLE jobs (
    name TEXT PRIMARY KEY,
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
    archived INTEGER NOT NULL,
    error_title TEXT NOT NULL
);
CREATE INDEX jobs_by_time ON jobs (parent_name, archived, created_at DESC);
CREATE INDEX jobs_by_status ON jobs (status);
CREATE TABLE seen (
    name TEXT NOT NULL,
    status TEXT NOT NULL,
    at REAL NOT NULL,
    PRIMARY KEY (name, status)
);
CREATE TABLE facts (key TEXT PRIMARY KEY, value REAL NOT NULL);
"""
_COLUMNS = (
    "name", "display_name", "experiment_name", "type", "status", "compute", "created_by", "created_at", "started_at",
    "ended_at", "tags", "parent_name", "archived", "error_title",
)  # fmt: skip
_LEARNED = ("started_at", "ended_at", "parent_name", "error_title")
"""What the list of the service leaves out; it stays as it was learned from the job itself."""
_SAME = " AND ".join(f"{column} IS :{column}" for column in _COLUMNS if column not in _LEARNED)
_WAITING = (JobStatus.NOT_STARTED.value, JobStatus.QUEUED.value)
_ENDED = tuple(status.value for status in JobStatus if status.is_terminal)


class JobIndex:
    """The index of one workspace; every call may run in any thread.

    A file that is broken, or of another version of Lapis, is begun anew: it holds nothing that Azure doesn't.

    Args:
        folder: where copies of the workspace's lists lie; the file in it is readable for the user alone.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / "jobs.db"
        self._made = False

    def page(self, query: JobQuery, cursor: str | None, limit: int) -> tuple[Sequence[JobSummary], str | None, int]:
        """The jobs of a page, the cursor of the next one (None after the last), how many match. Raises UserError."""
        with self._open() as connection:
            rows, following, total = job_queries.page(connection, query, cursor, limit)
            return [_summary(row) for row in rows], following, total

    def get(self, name: str) -> JobSummary | None:
        """One job; None if it was never seen."""
        with self._open() as connection:
            row = connection.execute("SELECT * FROM jobs WHERE name = ?", (name,)).fetchone()
            return _summary(row) if row else None

    def active(self) -> Sequence[str]:
        """The names of the jobs without a parent that had not ended when they were seen, newest first."""
        marks = ", ".join("?" for _ in _ENDED)
        with self._open() as connection:
            rows = connection.execute(
                f"SELECT name FROM jobs WHERE parent_name IS NULL AND status NOT IN ({marks}) ORDER BY created_at DESC",
                _ENDED,
            )
            return [row["name"] for row in rows]

    def load(self) -> Mapping[str, tuple[int, int]]:
        """How many jobs run on each compute that jobs name and how many wait for it, as far as they were seen."""
        waiting, ended = (", ".join("?" for _ in statuses) for statuses in (_WAITING, _ENDED))
        with self._open() as connection:
            rows = connection.execute(
                f"SELECT compute, COUNT(*) AS jobs, SUM(status IN ({waiting})) AS waiting FROM jobs"
                f" WHERE status NOT IN ({ended}) GROUP BY compute",
                (*_WAITING, *_ENDED),
            )
            return {row["compute"]: (row["jobs"] - row["waiting"], row["waiting"]) for row in rows}

    def put(self, jobs: Iterable[JobSummary], *, at: datetime) -> int:
        """Keep jobs as they are now; how many of them were new or had changed.

        Args:
            at: when the service said so.
        """
        changed = 0
        with self._open() as connection:
            for job in jobs:
                values = _values(job)
                row = connection.execute(f"SELECT *, ({_SAME}) AS same FROM jobs WHERE name = :name", values).fetchone()
                if row is not None:
                    news = any(values[key] not in (None, "", row[key]) for key in _LEARNED)
                    if row["same"] and not news:
                        continue
                    values |= {key: values[key] or row[key] for key in _LEARNED}
                    if values["status"] not in _ENDED:
                        values["ended_at"], values["error_title"] = None, ""
                changed += 1
                marks = ", ".join(f":{column}" for column in _COLUMNS)
                connection.execute(f"INSERT OR REPLACE INTO jobs ({', '.join(_COLUMNS)}) VALUES ({marks})", values)
                if row is None or row["status"] != values["status"]:
                    _note(connection, job.name, job.status, at)
        return changed

    def learn(self, name: str, started_at: datetime | None, ended_at: datetime | None) -> None:
        """What the list doesn't tell of a job; the rest of its row stays, which may be newer."""
        times = [at.timestamp() if at else None for at in (started_at, ended_at)]
        marks = ", ".join("?" for _ in _ENDED)
        with self._open() as connection:
            connection.execute(
                "UPDATE jobs SET started_at = COALESCE(?, started_at),"
                f" ended_at = CASE WHEN status IN ({marks}) THEN COALESCE(?, ended_at) END WHERE name = ?",
                (times[0], *_ENDED, times[1], name),
            )

    def note(self, name: str, status: JobStatus, at: datetime) -> None:
        """A job was seen in a status, for its timeline."""
        with self._open() as connection:
            _note(connection, name, status, at)

    def seen(self, name: str) -> Sequence[StatusChange]:
        """The statuses in which a job was seen, each with the first moment."""
        with self._open() as connection:
            rows = connection.execute("SELECT status, at FROM seen WHERE name = ? ORDER BY at", (name,))
            return [StatusChange(JobStatus(row["status"]), _time(row["at"])) for row in rows]

    def remove(self, name: str) -> None:
        """A job is not there any more."""
        with self._open() as connection:
            connection.execute("DELETE FROM jobs WHERE name = ?", (name,))

    def keep_only(self, names: Iterable[str], *, until: datetime) -> None:
        """Forget all jobs without a parent, made until a moment, that are not named: they were deleted."""
        with self._open() as connection:
            connection.execute("CREATE TEMP TABLE named (name TEXT PRIMARY KEY)")
            connection.executemany("INSERT OR IGNORE INTO named VALUES (?)", ((name,) for name in names))
            connection.execute(
                "DELETE FROM jobs WHERE parent_name IS NULL AND created_at <= ?"
                " AND name NOT IN (SELECT name FROM named)",
                (until.timestamp(),),
            )

    def fact(self, key: str) -> datetime | None:
        """When something was done last, such as `refreshed`; None for never."""
        with self._open() as connection:
            row = connection.execute("SELECT value FROM facts WHERE key = ?", (key,)).fetchone()
            return _time(row["value"]) if row else None

    def set_fact(self, key: str, at: datetime) -> None:
        """Something was done now."""
        with self._open() as connection:
            connection.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (key, at.timestamp()))

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """A connection in one transaction; a broken file is made anew. Raises MachineError: the disk is full."""
        try:
            try:
                opened = self._connect()
            except sqlite3.OperationalError:
                raise
            except sqlite3.DatabaseError:  # it is no database
                for suffix in ("", "-wal", "-shm"):
                    self.path.with_name(self.path.name + suffix).unlink(missing_ok=True)
                opened = self._connect()
            with closing(opened) as connection, connection:
                yield connection
        except (sqlite3.OperationalError, OSError) as error:
            raise MachineError(
                f"The copy of the jobs list in {self.path} can't be used: {error}.",
                advice="Free some space, or see who may write there.",
            ) from error

    def _connect(self) -> sqlite3.Connection:
        if not self._made or not self.path.exists():
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self.path.touch(mode=0o600)
        connection = sqlite3.connect(self.path, timeout=10)
        try:
            connection.row_factory = sqlite3.Row
            if not self._made:
                connection.execute("PRAGMA journal_mode = WAL")
                _make(connection)
                self._made = True
            connection.execute("PRAGMA synchronous = OFF")  # what a power cut takes away, Azure still has
        except BaseException:
            connection.close()
            raise
        return connection


def _make(connection: sqlite3.Connection) -> None:
    """Make the tables, unless they are there and of this version."""
    with connection:
        connection.execute("BEGIN IMMEDIATE")
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version == VERSION:
            return
        for table in ("jobs", "seen", "facts"):
            connection.execute(f"DROP TABLE IF EXISTS {table}")
        for statement in filter(str.strip, _SCHEMA.split(";")):
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {VERSION}")


def _note(connection: sqlite3.Connection, name: str, status: JobStatus, at: datetime) -> None:
    connection.execute("INSERT OR IGNORE INTO seen VALUES (?, ?, ?)", (name, status.value, at.timestamp()))


def _values(job: JobSummary) -> dict[str, Any]:
    return {
        "name": job.name,
        "display_name": job.display_name,
        "experiment_name": job.experiment_name,
        "type": job.type.value,
        "status": job.status.value,
        "compute": job.compute,
        "created_by": job.created_by,
        "created_at": job.created_at.timestamp(),
        "started_at": job.started_at.timestamp() if job.started_at else None,
        "ended_at": job.ended_at.timestamp() if job.ended_at else None,
        "tags": json.dumps(dict(job.tags), ensure_ascii=False),
        "parent_name": job.parent_name,
        "archived": int(job.archived),
        "error_title": job.error_title,
    }


def _summary(row: Mapping[str, Any]) -> JobSummary:
    return JobSummary(
        name=row["name"],
        display_name=row["display_name"],
        experiment_name=row["experiment_name"],
        status=JobStatus(row["status"]),
        created_at=_time(row["created_at"]),
        type=JobType(row["type"]),
        started_at=_time(row["started_at"]) if row["started_at"] else None,
        ended_at=_time(row["ended_at"]) if row["ended_at"] else None,
        compute=row["compute"],
        created_by=row["created_by"],
        tags=json.loads(row["tags"]),
        parent_name=row["parent_name"],
        archived=bool(row["archived"]),
        error_title=row["error_title"],
    )


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
