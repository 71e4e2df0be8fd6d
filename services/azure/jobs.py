"""Jobs of an Azure workspace: lists from the index on disk, everything else from the service."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from services.azure import job_mapping
from services.azure.connection import Connection
from services.azure.job_files import STD_LOG, JobFiles, JobLogs
from services.azure.job_index import JobIndex
from services.azure.job_refresh import JobRefresher
from services.azure.job_specs import command_spec, job_spec
from services.azure.job_submission import JobSubmitter
from services.azure.quiet import import_sdk
from services.azure.resources import Body, Resources, properties_of
from services.azure.run_history import DataPlane, RunHistory
from services.azure.tracking import Runs
from services.azure.watching import JobWatcher, Look, Wait
from services.entities import (
    Artifact,
    DownloadReport,
    Job,
    JobError,
    JobEvent,
    JobQuery,
    JobStatus,
    JobSummary,
    JobType,
    LogChunk,
    LogFile,
    Page,
    Preflight,
)
from services.errors import ConflictError, MachineError, NotFoundError, ServiceError
from services.failures import first_error
from services.names import make_name
from services.specs.command import CommandJob
from services.specs.jobs import AnyJob
from services.workspace import JobService

if TYPE_CHECKING:
    from azure.ai.ml import MLClient

TAIL = 200_000
"""Bytes at the end of a log in which the first error is looked for."""


class AzureJobs(JobService):
    """Jobs in Azure.

    Args:
        wait: how a watch waits between two looks.
    """

    def __init__(
        self,
        connection: Connection,
        index: JobIndex,
        *,
        wait: Wait = asyncio.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        plane = DataPlane(connection)
        self._connection = connection
        self._index = index
        self._resources = Resources(connection)
        self._history = RunHistory(plane)
        self._runs = Runs(plane)
        self._logs = JobLogs(connection, self._history, clock=clock)
        self._files = JobFiles(connection, self._runs, self._logs, index.path.parent)
        self._submitter = JobSubmitter(connection)
        self._watcher = JobWatcher(connection, self._look, self._runs, self._history, wait=wait)
        self.refresher = JobRefresher(connection, index, self._history, clock=clock)
        self._errors: dict[str, JobError] = {}

    # ------------------------------------------------------------------------------------------------------- lists

    async def list(self, query: JobQuery, cursor: str | None = None, limit: int = 100) -> Page[JobSummary]:
        """A page of the jobs that match, from the index; a refresh of it begins in the background when it is time."""
        await self.refresher.freshen()
        failed: ServiceError | None = None
        if query.parent_name is not None and cursor is None:
            try:
                await self.refresher.children(query.parent_name)
            except ServiceError as error:
                failed = error
        items, following, total = await asyncio.to_thread(self._index.page, query, cursor, limit)
        if failed and not items:
            raise failed
        self.refresher.learn(items)
        known = self.refresher.is_complete or query.parent_name is not None
        as_of = self.refresher.refreshed if failed else self.refresher.as_of
        trouble = failed or self.refresher.error
        return Page(tuple(items), following, total if known else None, as_of, trouble.title if trouble else "")

    # ---------------------------------------------------------------------------------------------------------- one

    async def get(self, name: str) -> Job:
        """One job."""
        return await self._connection.read(lambda _: self._look(name, with_logs=False).job)

    def _body(self, name: str) -> Body:
        try:
            return self._resources.get("jobs", name)
        except NotFoundError as error:
            raise NotFoundError(
                f"There is no job named {name!r}.", advice="See the list of jobs.", request_id=error.request_id
            ) from error

    def _look(self, name: str, *, with_logs: bool = True) -> Look:
        body, run = self._body(name), self._history.details(name)
        logs = self._logs.files(name, run) if with_logs else []
        return Look(self._job(body, run), tuple(logs))

    def _job(self, body: Body, run: Body) -> Job:
        """The job, which the index remembers."""
        summary = job_mapping.job_summary(body)
        if summary is None:
            raise NotFoundError("The service answered with a job that has no name.")
        summary = job_mapping.with_run(summary, run)
        error, exit_code = None, None
        if summary.type in (JobType.COMMAND, JobType.SPARK):
            exit_code = 0 if summary.status is JobStatus.COMPLETED else job_mapping.exit_code(run)
        if summary.status is JobStatus.FAILED:
            error = self._error(body, run, exit_code)
            summary = replace(summary, error_title=error.title)
        with suppress(MachineError):  # a full disk: the list is older than the job then
            self._index.put([summary], at=datetime.now(UTC))
        yaml = ""
        if summary.type is not JobType.COMMAND and isinstance(job_spec(body), CommandJob):
            import_sdk()
            yaml = job_mapping.entity_yaml(body)
        job = job_mapping.job_of(body, run, summary, self._index.seen(summary.name), yaml)
        studio = job.studio_url or self._connection.target.studio_page(f"runs/{summary.name}")
        return replace(job, error=error, exit_code=exit_code, studio_url=studio)

    def _error(self, body: Body, run: Body, exit_code: int | None) -> JobError:
        """Why a job failed: what its log tells, else what the service says; kept, as the job has ended."""
        name = str(body.get("name"))
        if name not in self._errors:
            said = job_mapping.run_error(run)
            try:
                tail = self._logs.tail(name, STD_LOG, TAIL)
                code = [path for path, _ in self._files.code(body)] if tail.data else []
            except ServiceError:
                return JobError(said.partition("\n")[0][:300] or "The job failed.", said)
            text = tail.data.decode("utf-8", "replace")
            if not text.strip() or (said and exit_code is None):
                error = JobError(said.partition("\n")[0][:300] or "The job failed.", said)
            else:
                error = first_error(text, exit_code=exit_code, code_files=code, log_file=STD_LOG)
            if error.log_line and tail.offset:
                error = replace(error, log_line=0)  # counted from the middle, which no one can look up
            self._errors[name] = error
        return self._errors[name]

    async def spec(self, name: str) -> tuple[CommandJob, Path]:
        """The spec of a job, its code being a copy on this machine; data are URIs."""

        def read(_: MLClient, number: int) -> tuple[CommandJob, Path]:
            body = self._body(name)
            spec = command_spec(body)
            if not spec.command:
                kind = properties_of(body).get("jobType")
                raise ConflictError(f"Job {name} is of type {kind}, which can't be cloned here.")
            code = self._files.fetch_code(body, number)
            return replace(spec, name=None, code=str(code) if code else None), self._index.path.parent

        return await self._connection.write("Fetch", name, read)

    # ------------------------------------------------------------------------------------------------------- writes

    async def preflight(self, spec: AnyJob, *, base: Path, strict: bool = False) -> Preflight:
        """What a submit would do."""
        return await self._connection.read(lambda _: self._submitter.preflight(spec, base, strict=strict))

    async def submit(self, spec: AnyJob, *, base: Path, strict: bool = False) -> Job:
        """Upload code and data, and start a job."""
        name = spec.name or make_name()

        def send(client: MLClient, number: int) -> Job:
            body = self._submitter.submit(client, spec, name, base, number, strict=strict)
            return self._job(body, {})

        job = await self._connection.write("Submit", name, send)
        self.refresher.hurry()
        return job

    async def cancel(self, name: str) -> None:
        """Ask for the end of a job; the poller of the SDK is not started."""

        def ask(client: MLClient, _: int) -> None:
            status = job_mapping.status_of(properties_of(self._body(name)).get("status"))
            if status.is_terminal:
                raise ConflictError(f"Job {name} has ended already: {status}.", title="The job has ended")
            if status is not JobStatus.CANCEL_REQUESTED:
                client.jobs.begin_cancel(name, polling=False)
            self._index.note(name, JobStatus.CANCEL_REQUESTED, datetime.now(UTC))
            self._remember(name)

        await self._connection.write("Cancel", name, ask)
        self.refresher.hurry()

    async def archive(self, name: str, *, archived: bool = True) -> None:
        """Hide a job from lists, or show it again."""

        def write(client: MLClient, _: int) -> None:
            self._body(name)
            (client.jobs.archive if archived else client.jobs.restore)(name)
            self._remember(name)

        await self._connection.write("Archive" if archived else "Restore", name, write)

    def _remember(self, name: str) -> None:
        """Keep a job in the index as it is now."""
        if summary := job_mapping.job_summary(self._body(name)):
            self._index.put([summary], at=datetime.now(UTC))

    # --------------------------------------------------------------------------------------------------------- live

    def watch(self, name: str) -> AsyncIterator[JobEvent]:
        """Everything that happens to a job, until it has ended."""
        return self._watcher.watch(name)

    # -------------------------------------------------------------------------------------------------------- files

    async def _of(self, name: str, call: Callable[[Body], Any]) -> Any:
        """The result of a call that needs the body of a job."""
        return await self._connection.read(lambda _: call(self._body(name)))

    async def log_files(self, name: str) -> Sequence[LogFile]:
        """The job's logs."""
        found: list[LogFile] = await self._of(name, lambda _: self._logs.files(name))
        return found

    async def read_log(self, name: str, file: str, offset: int, limit: int) -> LogChunk:
        """A part of a log."""
        if not name.strip(". "):
            raise NotFoundError(f"There is no job named {name!r}.")
        return await self._connection.read(lambda _: self._logs.read(name, file, offset, limit))

    async def artifacts(self, name: str) -> Sequence[Artifact]:
        """The outputs tree."""
        found: list[Artifact] = await self._of(name, self._files.tree)
        return found

    async def read_artifact(self, name: str, path: str, limit: int = 4_000_000) -> bytes:
        """The beginning of a file of the outputs tree."""
        content: bytes = await self._of(name, lambda body: self._files.read(body, path, limit))
        return content

    async def code_files(self, name: str) -> Sequence[tuple[str, int]]:
        """The files of the code that ran."""
        found: list[tuple[str, int]] = await self._of(name, self._files.code)
        return found

    async def read_code(self, name: str, path: str, limit: int = 1_000_000) -> bytes:
        """The beginning of a file of the code that ran."""
        content: bytes = await self._of(name, lambda body: self._files.read_code(body, path, limit))
        return content

    async def download(
        self, name: str, target: Path, *, output_name: str = "", everything: bool = False
    ) -> DownloadReport:
        """Fetch what a job left."""

        def fetch(_: MLClient, number: int) -> DownloadReport:
            body = self._body(name)
            status = job_mapping.status_of(properties_of(body).get("status"))
            if not status.is_terminal:
                raise ConflictError(f"Job {name} is {status}.", advice="Download it when it has ended.")
            return self._files.download(body, target, number, output_name=output_name, everything=everything)

        return await self._connection.write("Download", name, fetch)
