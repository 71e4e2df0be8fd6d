"""Jobs of a local workspace: the folder that a supervisor keeps is the truth, lapis.db is the index."""

from __future__ import annotations

import asyncio
import fcntl
import json
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from services import job_queries
from services.entities import (
    Artifact,
    ChildrenChanged,
    DownloadReport,
    Job,
    JobError,
    JobEvent,
    JobQuery,
    JobStatus,
    JobSummary,
    JobType,
    LogAppended,
    LogChunk,
    LogFile,
    MetricsLogged,
    Page,
    Port,
    Preflight,
    StatusChange,
    StatusChanged,
)
from services.errors import ConflictError, Fault, NotFoundError, ServiceError
from services.failures import first_error
from services.lineage import output_properties
from services.local import events, job_files, mlflow_store, supervisor
from services.local.calls import Calls
from services.local.children import PARENTS, child_counts, child_statuses
from services.local.database import Database
from services.local.layout import Layout
from services.local.submission import Submitter, start_supervisor
from services.local.tracking import points_after
from services.specs.assets import DataSpec
from services.specs.command import CommandJob
from services.specs.jobs import AnyJob, command_text, program_of
from services.specs.reading import read_job_file
from services.specs.show_as import as_yaml, redacted
from services.workspace import JobService

_ENDED = tuple(status.value for status in JobStatus if status.is_terminal)
WATCH_INTERVAL = 0.25
"""Seconds between two looks at a job that is watched."""
TAIL = 200_000
"""Bytes at the end of a log in which the first error is looked for."""
LOST = "The supervisor of the job was lost: it was killed, or the machine was restarted."


class LocalJobs(JobService):
    """Jobs as supervised processes of this machine."""

    def __init__(
        self,
        layout: Layout,
        database: Database,
        calls: Calls,
        submitter: Submitter,
        register_data: Callable[[DataSpec, Path], object],
    ) -> None:
        self._layout = layout
        self._database = database
        self._call = calls
        self._submitter = submitter
        self._register_data = register_data

    # ------------------------------------------------------------------------------------------------------- lists

    async def list(self, query: JobQuery, cursor: str | None = None, limit: int = 100) -> Page[JobSummary]:
        """A page of the jobs that match."""
        return await self._call(self._list, query, cursor, limit)

    def _list(self, query: JobQuery, cursor: str | None, limit: int) -> Page[JobSummary]:
        self._settle_active()
        with self._database.read() as connection:
            rows, next_cursor, total = job_queries.page(connection, query, cursor, limit)
        counts = child_counts(self._database, [row["name"] for row in rows if row["type"] in PARENTS])
        summaries = (replace(self._summary(row), child_count=counts.get(row["name"], 0)) for row in rows)
        return Page(tuple(summaries), next_cursor, total)

    def _settle_active(self) -> None:
        """Bring the rows of jobs that had not ended up to what their folders say."""
        marks = ", ".join("?" for _ in _ENDED)
        with self._database.read() as connection:
            rows = connection.execute(f"SELECT * FROM jobs WHERE status NOT IN ({marks})", _ENDED).fetchall()
        self._settle([(row, self._state(row)) for row in rows])

    def _settle(self, found: Sequence[tuple[Mapping[str, Any], Mapping[str, Any]]]) -> None:
        """Store states in the rows. A row that can't be written (a full disk) does no harm: readers look at both."""
        changed = [(row, state) for row, state in found if state.get("status", row["status"]) != row["status"]]
        if not changed or self._database.read_only:
            return
        ended = []
        with suppress(ServiceError), self._database.write() as connection:
            for row, state in changed:
                # of two that look at once, one has ended it
                cursor = connection.execute(
                    "UPDATE jobs SET status = :status, started_at = :started_at, ended_at = :ended_at,"
                    " error_title = :error_title"
                    " WHERE name = :name AND status NOT IN ('Completed', 'Failed', 'Canceled')",
                    {**self._row_values(row, state), "name": row["name"]},
                )
                if cursor.rowcount and state["status"] == JobStatus.COMPLETED:
                    ended.append(row["name"])
        for name in ended:
            self._register_outputs(name)

    def _register_outputs(self, name: str) -> None:
        """Outputs that have a name become data assets, as in Azure."""
        supervised = self._supervised(name)
        properties = output_properties(name, supervised["properties"])
        for output in supervised["register"]:
            spec = DataSpec(**output, description=f"Output of job {name}", properties=properties)
            try:
                self._register_data(spec, self._layout.root)
            except (ServiceError, OSError) as error:
                events.record(self._layout, f"output {output['name']} of job {name} could not be registered: {error}")

    def _row_values(self, row: Mapping[str, Any], state: Mapping[str, Any]) -> dict[str, Any]:
        status = state.get("status", row["status"])
        error = self._error(row["name"], state) if status == "Failed" else None
        return {
            "status": status,
            "started_at": state.get("started_at"),
            "ended_at": state.get("ended_at"),
            "error_title": error.title if error else "",
        }

    def _state(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """The state of a job; one whose supervisor was lost is ended here, by whoever looks first."""
        folder = self._layout.job(row["name"])
        state = supervisor.read_state(folder)
        if not state and row["status"] in _ENDED:  # somebody removed it; the row keeps the end
            return {**{key: row[key] for key in ("status", "started_at", "ended_at")}, "error": row["error_title"]}
        if state.get("status") in _ENDED or supervisor.holds_lock(folder):
            return state
        started = state.get("restarted_at", row["created_at"])
        unborn = "supervisor" not in state and time.time() - started < supervisor.NEWBORN
        if unborn:
            return state
        return self._bury(row, folder)

    def refresh(self, name: str) -> None:
        """End a job whose supervisor was lost, as every look at it does; blocking."""
        self._state(self._row(name))

    def _bury(self, row: Mapping[str, Any], folder: Path) -> dict[str, Any]:
        """End a job without a supervisor: its orphans, its state, its run. A sweep goes on instead."""
        state = supervisor.read_state(folder)
        if state.get("status") in _ENDED:
            return state
        status = "Canceled" if (folder / "cancel").exists() else "Failed"
        lost = {"ended_at": time.time(), "error": LOST if status == "Failed" else ""}
        if self._database.read_only:
            return supervisor.advanced(state, status, LOST, **lost)
        with (folder / "lock").open("ab") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return state
            state = supervisor.read_state(folder)
            if state.get("status") in _ENDED:
                return state
            supervisor.end_orphans(folder)
            attempt = state.get("attempt", 1)
            goes_on = row["type"] == JobType.SWEEP and status == "Failed" and attempt <= supervisor.DRIVER_RESTARTS
            if goes_on:
                state = supervisor.advanced(state, "Queued", LOST, attempt=attempt + 1, restarted_at=time.time())
                del state["supervisor"]
                supervisor.write_json(folder / "state.json", state)
            else:
                state = supervisor.advanced(state, status, LOST, **lost)
                with suppress(OSError):  # a full disk: the next look tries again
                    supervisor.write_last(folder, state)
        if goes_on:
            start_supervisor(folder)
            return state
        self._cancel_children(row["name"])
        with suppress(ServiceError):
            self._ticket(row["name"]).unlink(missing_ok=True)
        with suppress(ServiceError):
            mlflow_store.end_run(self._layout, row["run_id"], "KILLED" if status == "Canceled" else "FAILED")
        return state

    def _cancel_children(self, name: str) -> None:
        """Ask for the end of what a lost job can't ask to end any more."""
        marks = ", ".join("?" for _ in _ENDED)
        query = f"SELECT name FROM jobs WHERE parent_name = ? AND status NOT IN ({marks})"
        with self._database.read() as connection:
            rows = connection.execute(query, (name, *_ENDED)).fetchall()
        for row in rows:
            with suppress(OSError):
                (self._layout.job(row["name"]) / "cancel").touch()

    def _summary(self, row: Mapping[str, Any], state: Mapping[str, Any] | None = None) -> JobSummary:
        if state is None and row["status"] not in _ENDED:
            state = self._state(row)
        values = self._row_values(row, state) if state is not None else row
        return JobSummary(
            name=row["name"],
            display_name=row["display_name"],
            experiment_name=row["experiment_name"],
            status=JobStatus(values["status"]),
            created_at=_time(row["created_at"]),
            type=JobType(row["type"]),
            started_at=_time(values["started_at"]) if values["started_at"] else None,
            ended_at=_time(values["ended_at"]) if values["ended_at"] else None,
            compute=row["compute"],
            created_by=row["created_by"],
            tags=json.loads(row["tags"]),
            parent_name=row["parent_name"],
            archived=bool(row["archived"]),
            error_title=values["error_title"],
        )

    # ---------------------------------------------------------------------------------------------------------- one

    async def get(self, name: str) -> Job:
        """One job."""
        return await self._call(self._get, name)

    def _row(self, name: str) -> Mapping[str, Any]:
        with self._database.read() as connection:
            row: Mapping[str, Any] | None = connection.execute("SELECT * FROM jobs WHERE name = ?", (name,)).fetchone()
        if row is None:
            raise NotFoundError(f"There is no job named {name}.", advice="See the list of jobs.")
        return row

    def _get(self, name: str) -> Job:
        row = self._row(name)
        folder = self._layout.job(name)
        state = self._state(row)
        self._settle([(row, state)])
        supervised = self._supervised(name)
        spec = self._spec(name)
        program = program_of(redacted(spec))
        variables = getattr(program, "environment_variables", {})
        failed = state.get("status") == "Failed"
        return Job(
            summary=replace(self._summary(row, state), child_count=child_counts(self._database, [name]).get(name, 0)),
            description=spec.description or "",
            command=command_text(spec),
            code=(program.code if program else None) or "",
            inputs=tuple(Port(*port) for port in supervised["ports"]["inputs"]),
            outputs=tuple(Port(*port) for port in supervised["ports"]["outputs"]),
            environment=supervised["environment_label"],
            environment_variables={key: str(value) for key, value in variables.items()},
            properties=supervised["properties"],
            timeout=supervised["timeout"],
            timeline=tuple(StatusChange(JobStatus(s), _time(at), text) for s, at, text in state.get("timeline", ())),
            notes=tuple(Fault(*note) for note in supervised["notes"]),
            error=self._error(name, state) if failed else None,
            exit_code=state.get("exit_code"),
            yaml=as_yaml(spec),
            studio_url=folder.as_uri(),
            run_id=row["run_id"],
            queue_position=self._queue_position(name) if state.get("status") == "Queued" else None,
            attempt=state.get("attempt", 1),
        )

    def _supervised(self, name: str) -> dict[str, Any]:
        try:
            content: dict[str, Any] = json.loads((self._layout.job(name) / "spec.json").read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise NotFoundError(f"The folder of job {name} is damaged: {error}.") from error
        return content

    def _ticket(self, name: str) -> Path:
        supervised = self._supervised(name)
        return Path(supervised["queue"], supervised["ticket"])

    def _queue_position(self, name: str) -> int:
        """1 for the next to run."""
        own = self._ticket(name)
        tickets = (path for path in own.parent.glob("*") if path.name <= own.name)
        return sum(supervisor.ticket_lives(path, self._layout.jobs) for path in tickets)

    def _error(self, name: str, state: Mapping[str, Any]) -> JobError:
        log = self._layout.job(name) / "user_logs" / "std_log.txt"
        data, line = job_files.tail(log, TAIL)
        reason = state.get("error", "")
        if reason and not reason.startswith("The command"):
            return JobError(reason, reason)
        error = first_error(
            data.decode("utf-8", "replace"),
            exit_code=state.get("exit_code"),
            code_files=[path for path, _ in job_files.listing(self._layout.job(name) / "code")],
            log_file="user_logs/std_log.txt",
        )
        return replace(error, log_line=error.log_line + line - 1) if error.log_line else error

    def _spec(self, name: str) -> AnyJob:
        return read_job_file(self._layout.job(name) / "job.yml")

    async def spec(self, name: str) -> tuple[CommandJob, Path]:
        """The spec of a job, its code being the snapshot."""

        def read() -> tuple[CommandJob, Path]:
            self._row(name)
            spec, supervised = self._spec(name), self._supervised(name)
            if not isinstance(spec, CommandJob):
                raise ConflictError(f"Job {name} is of type {spec.type}, which can't be cloned here.")
            code = self._layout.job(name) / "code"
            return replace(spec, name=None, code=str(code) if spec.code else None), Path(supervised["base"])

        return await self._call(read)

    # ------------------------------------------------------------------------------------------------------- writes

    async def preflight(self, spec: AnyJob, *, base: Path, strict: bool = False) -> Preflight:
        """What a submit would do."""
        return await self._call(lambda: self._submitter.preflight(spec, base, strict=strict))

    async def submit(self, spec: AnyJob, *, base: Path, strict: bool = False) -> Job:
        """Start a job."""
        work = self._call(lambda: self._get(self._submitter.submit(spec, base, strict=strict)))
        return await asyncio.shield(asyncio.ensure_future(work))

    async def cancel(self, name: str) -> None:
        """Ask for the end of a job."""

        def ask() -> None:
            status = self._state(self._row(name)).get("status", "")
            if status in _ENDED:
                raise ConflictError(f"Job {name} has ended already: {status}.", title="The job has ended")
            self._database.check_writable()
            (self._layout.job(name) / "cancel").touch()

        await self._call(ask)

    async def archive(self, name: str, *, archived: bool = True) -> None:
        """Hide a job from lists, or show it again."""

        def write() -> None:
            self._row(name)
            with self._database.write() as connection:
                connection.execute("UPDATE jobs SET archived = ? WHERE name = ?", (archived, name))

        await self._call(write)

    # --------------------------------------------------------------------------------------------------------- live

    async def watch(self, name: str) -> AsyncIterator[JobEvent]:
        """Everything that happens to a job, until it has ended."""
        row = await self._call(self._row, name)
        state: Mapping[str, Any] | None = None
        sizes: dict[str, int] = {}
        last_point = 0
        stamp: object = None
        children: Mapping[str, str] = {}
        while True:
            now = await self._call(self._state, row)
            ended = now.get("status") in _ENDED
            if now != state:
                state = now
                yield StatusChanged(await self._call(self._get, name))
            for log in await self._call(job_files.logs, self._layout.job(name)):
                if sizes.get(log.path) != log.size:
                    sizes[log.path] = log.size
                    yield LogAppended(log.path, log.size)
            new_stamp = job_files.stamp(self._layout.mlflow_database)
            if new_stamp != stamp or ended:
                is_first, stamp = stamp is None, new_stamp
                points, last_point = await self._call(points_after, self._layout, row["run_id"], last_point)
                if points or is_first:
                    yield MetricsLogged(tuple(points))
            if row["type"] in PARENTS:
                was, children = children, await self._call(child_statuses, self._layout, self._database, name)
                if changed := tuple(child for child, status in children.items() if was.get(child) != status):
                    yield ChildrenChanged(changed)
            if ended:
                return
            await asyncio.sleep(WATCH_INTERVAL)

    # -------------------------------------------------------------------------------------------------------- files

    async def log_files(self, name: str) -> Sequence[LogFile]:
        """The job's logs."""
        return await self._call(lambda: job_files.logs(self._layout.job(self._row(name)["name"])))

    async def read_log(self, name: str, file: str, offset: int, limit: int) -> LogChunk:
        """A range of a log."""

        def read() -> LogChunk:
            folder = self._layout.job(name)
            if file not in {log.path for log in job_files.logs(folder)}:
                raise NotFoundError(f"Job {name} has no log {file}.")
            return job_files.read_range(folder / file, offset, limit)

        return await self._call(read)

    async def artifacts(self, name: str) -> Sequence[Artifact]:
        """The outputs tree."""
        return [artifact for artifact, _ in await self._call(self._tree, name)]

    def _tree(self, name: str) -> Sequence[tuple[Artifact, Path]]:
        row, supervised = self._row(name), self._supervised(name)
        models = job_files.logged_models(self._layout, row["run_id"])
        outputs = [(port[0], Path(port[4])) for port in supervised["ports"]["outputs"]]
        return job_files.tree(name, Path(supervised["run_artifacts"]), models, outputs)

    async def read_artifact(self, name: str, path: str, limit: int = 4_000_000) -> bytes:
        """The beginning of a file of the outputs tree."""

        def read() -> bytes:
            place = next(
                (at for artifact, at in self._tree(name) if artifact.path == path and not artifact.is_folder), None
            )
            if place is None:
                raise NotFoundError(f"Job {name} has no artifact {path}.")
            return job_files.read_range(place, 0, limit).data

        return await self._call(read)

    async def code_files(self, name: str) -> Sequence[tuple[str, int]]:
        """The files of the code that ran."""
        return await self._call(lambda: job_files.listing(self._layout.job(self._row(name)["name"]) / "code"))

    async def read_code(self, name: str, path: str, limit: int = 1_000_000) -> bytes:
        """The beginning of a file of the code that ran."""

        def read() -> bytes:
            folder = self._layout.job(name) / "code"
            if path not in {file for file, _ in job_files.listing(folder)}:
                raise NotFoundError(f"The code of job {name} has no file {path}.")
            return job_files.read_range(folder / path, 0, limit).data

        return await self._call(read)

    async def download(
        self, name: str, target: Path, *, output_name: str = "", everything: bool = False
    ) -> DownloadReport:
        """Copy what a job left."""

        def copy() -> DownloadReport:
            status = self._state(self._row(name)).get("status", "")
            if status not in _ENDED:
                raise ConflictError(f"Job {name} is {status}.", advice="Download it when it has ended.")
            folder, tree = self._layout.job(name), self._tree(name)
            return job_files.download(folder, tree, target, output_name=output_name, everything=everything)

        return await asyncio.shield(asyncio.ensure_future(self._call(copy)))


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
