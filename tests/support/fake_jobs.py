"""Jobs and what they log, in memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from services.entities import (
    Artifact,
    DownloadReport,
    ExperimentSummary,
    Job,
    JobEvent,
    JobQuery,
    JobStatus,
    JobSummary,
    LogAppended,
    LogChunk,
    LogFile,
    MetricPoint,
    MetricsLogged,
    Page,
    Preflight,
    RunData,
    StatusChange,
    StatusChanged,
)
from services.errors import ConflictError, Fault, NotFoundError, SpecError
from services.specs.jobs import command_text, program_of
from services.workspace import (
    JobService,
    TrackingService,
)
from tests.support import entities

if TYPE_CHECKING:
    from services.specs.command import CommandJob
    from services.specs.jobs import AnyJob


@dataclass
class Switchboard:
    """Which calls fail, which wait, and which were made."""

    calls: list[tuple[str, tuple[Any, ...]]]
    failing: dict[str, Exception]
    gates: dict[str, asyncio.Event]

    async def enter(self, call: str, *arguments: Any) -> None:
        """At the start of each call."""
        self.calls.append((call, arguments))
        if gate := self.gates.get(call):
            await gate.wait()
        if error := self.failing.get(call):
            raise error


def has_words(text: str, *fields: object) -> bool:
    """Whether each word of `text` is somewhere in the fields."""
    hay = " ".join(map(str, fields)).casefold()
    return all(word in hay for word in text.casefold().split())


class FakeJobs(JobService):
    """Jobs in memory; `watch` of one that runs hears what the test feeds."""

    def __init__(self, board: Switchboard, summaries: Sequence[JobSummary]) -> None:
        self._board = board
        self.all: dict[str, Job] = {row.name: entities.job(row) for row in summaries}
        self.logs: dict[tuple[str, str], bytes] = {}
        for name, job in self.all.items():
            if job.summary.started_at is not None:
                self.logs[name, "user_logs/std_log.txt"] = entities.LOG
                self.logs[name, "system_logs/supervisor.log"] = b"started\n"
        self.points: dict[str, tuple[MetricPoint, ...]] = {n: entities.points() for n, _ in self.logs}
        self.tree: Sequence[Artifact] = entities.ARTIFACTS
        self.faults: tuple[Fault, ...] = entities.NOTES
        self._watchers: dict[str, list[asyncio.Queue[JobEvent | None]]] = {}

    # What a test does

    def feed(self, name: str, event: JobEvent) -> None:
        """Tell all who watch the job."""
        for queue in self._watchers.get(name, []):
            queue.put_nowait(event)

    def grow_log(self, name: str, data: bytes, file: str = "user_logs/std_log.txt") -> None:
        """Append to a log."""
        self.logs[name, file] = self.logs.get((name, file), b"") + data
        self.feed(name, LogAppended(file, len(self.logs[name, file])))

    def log_metrics(self, name: str, *points: MetricPoint) -> None:
        """Log points."""
        self.points[name] = (*self.points.get(name, ()), *points)
        self.feed(name, MetricsLogged(points))

    def move(self, name: str, status: JobStatus, **changes: Any) -> None:
        """Take the job to another state."""
        job = self.all[name]
        row = replace(job.summary, status=status)
        if status is JobStatus.RUNNING and row.started_at is None:
            row = replace(row, started_at=entities.NOW)
        if status.is_terminal:
            row = replace(row, ended_at=entities.NOW)
        timeline = (*job.timeline, StatusChange(status, entities.NOW))
        self.all[name] = replace(job, summary=row, timeline=timeline, **changes)
        self.feed(name, StatusChanged(self.all[name]))

    def finish(self, name: str, status: JobStatus = JobStatus.COMPLETED) -> None:
        """End the job and every watch of it."""
        error = entities.JOB_ERROR if status is JobStatus.FAILED else None
        self.move(name, status, error=error, exit_code=1 if error else 0)
        for queue in self._watchers.get(name, []):
            queue.put_nowait(None)

    def break_off(self, name: str) -> None:
        """End every watch of the job before the job has ended, as a lost connection does."""
        for queue in self._watchers.get(name, []):
            queue.put_nowait(None)

    def waiting(self, name: str) -> int:
        """How many events those who watch the job have not pulled yet."""
        return sum(queue.qsize() for queue in self._watchers.get(name, []))

    def watched(self, name: str) -> int:
        """How many watch the job."""
        return len(self._watchers.get(name, []))

    # The port

    def _job(self, name: str) -> Job:
        if name not in self.all:
            raise NotFoundError(f"There is no job named {name}.", advice="See the list of jobs.")
        return self.all[name]

    async def list(self, query: JobQuery, cursor: str | None = None, limit: int = 100) -> Page[JobSummary]:
        await self._board.enter("jobs.list", query, cursor, limit)

        def order(row: JobSummary) -> Any:
            value = row.duration(entities.NOW) or 0.0 if query.order_by == "duration" else getattr(row, query.order_by)
            return value.timestamp() if hasattr(value, "timestamp") else value or ""

        rows = [
            job.summary
            for job in self.all.values()
            if (query.include_archived or not job.summary.archived)
            and (not query.statuses or job.status in query.statuses)
            and query.experiment_name in ("", job.summary.experiment_name)
            and query.compute in ("", job.summary.compute)
            and job.summary.parent_name == query.parent_name
            and has_words(query.text, job.name, job.summary.display_name, job.summary.experiment_name,
                           job.status, job.summary.compute, dict(job.summary.tags))
        ]  # fmt: skip
        rows.sort(key=lambda row: row.name)
        rows.sort(key=order, reverse=query.descending)
        start = int(cursor or 0)
        end = start + limit
        return Page(tuple(rows[start:end]), str(end) if end < len(rows) else None, len(rows))

    async def get(self, name: str) -> Job:
        await self._board.enter("jobs.get", name)
        return self._job(name)

    async def preflight(self, spec: AnyJob, *, base: Path, strict: bool = False) -> Preflight:
        await self._board.enter("jobs.preflight", spec, base, strict)
        faults = (Fault("command", "is missing"), *self.faults) if _runs_nothing(spec) else self.faults
        files = tuple((path, len(data)) for path, data in entities.CODE.items())
        git = {"azureml.git.branch": "main", "azureml.git.commit": "0a1b2c3d4e5f", "azureml.git.dirty": "True"}
        if not getattr(program_of(spec), "code", None):
            return Preflight(faults, yaml=entities.YAML)
        return Preflight(faults, files, ("data/", "notes.tmp"), ".amlignore", entities.YAML, git)

    async def submit(self, spec: AnyJob, *, base: Path, strict: bool = False) -> Job:
        await self._board.enter("jobs.submit", spec, base, strict)
        errors = [fault for fault in self.faults if fault.severity == "error"]
        if _runs_nothing(spec):
            errors.append(Fault("command", "is missing"))
        if errors:
            raise SpecError(errors)
        name = spec.name or f"fresh_fern_{len(self.all) + 1}"
        if name in self.all:
            raise ConflictError(f"There is a job named {name} already.")
        row = entities.summary(name, JobStatus.QUEUED, created=entities.NOW, display=spec.display_name or name)
        self.all[name] = replace(entities.job(row), command=command_text(spec))
        return self.all[name]

    async def cancel(self, name: str) -> None:
        await self._board.enter("jobs.cancel", name)
        if self._job(name).status.is_terminal:
            raise ConflictError(f"The job {name} has ended.")
        self.move(name, JobStatus.CANCEL_REQUESTED)

    async def watch(self, name: str) -> AsyncIterator[JobEvent]:
        await self._board.enter("jobs.watch", name)
        job = self._job(name)
        queue: asyncio.Queue[JobEvent | None] = asyncio.Queue()
        self._watchers.setdefault(name, []).append(queue)
        try:
            yield StatusChanged(job)
            for (owner, file), data in sorted(self.logs.items()):
                if owner == name:
                    yield LogAppended(file, len(data))
            await self._board.enter("jobs.watch.metrics", name)
            yield MetricsLogged(self.points.get(name, ()))
            while not job.status.is_terminal and (event := await queue.get()) is not None:
                yield event
        finally:
            self._watchers[name].remove(queue)

    async def log_files(self, name: str) -> Sequence[LogFile]:
        await self._board.enter("jobs.log_files", name)
        self._job(name)
        files = [LogFile(file, len(data)) for (owner, file), data in self.logs.items() if owner == name]
        return sorted(files, key=lambda file: (not file.path.startswith("user_logs/std_log"), file.path))

    async def read_log(self, name: str, file: str, offset: int, limit: int) -> LogChunk:
        await self._board.enter("jobs.read_log", name, file, offset, limit)
        data = self.logs.get((name, file), b"")
        start = max(0, len(data) + offset) if offset < 0 else min(offset, len(data))
        return LogChunk(start, data[start : start + limit], len(data))

    async def artifacts(self, name: str) -> Sequence[Artifact]:
        await self._board.enter("jobs.artifacts", name)
        return self.tree if self._job(name).summary.started_at else ()

    async def read_artifact(self, name: str, path: str, limit: int = 4_000_000) -> bytes:
        await self._board.enter("jobs.read_artifact", name, path, limit)
        if not any(item.path == path and not item.is_folder for item in self.tree):
            raise NotFoundError(f"The job {name} has no {path}.")
        return entities.ARTIFACT_BYTES.get(path, b"a,b\n1,2\n")[:limit]

    async def code_files(self, name: str) -> Sequence[tuple[str, int]]:
        await self._board.enter("jobs.code_files", name)
        return tuple((path, len(data)) for path, data in sorted(entities.CODE.items()))

    async def read_code(self, name: str, path: str, limit: int = 1_000_000) -> bytes:
        await self._board.enter("jobs.read_code", name, path, limit)
        if path not in entities.CODE:
            raise NotFoundError(f"The code of {name} has no {path}.")
        return entities.CODE[path][:limit]

    async def download(
        self, name: str, target: Path, *, output_name: str = "", everything: bool = False
    ) -> DownloadReport:
        await self._board.enter("jobs.download", name, target, output_name, everything)
        if not self._job(name).status.is_terminal:
            raise ConflictError(f"The job {name} still runs.")
        return DownloadReport(str(target), 5, 21_000)

    async def archive(self, name: str, *, archived: bool = True) -> None:
        await self._board.enter("jobs.archive", name, archived)
        job = self._job(name)
        self.all[name] = replace(job, summary=replace(job.summary, archived=archived))

    async def spec(self, name: str) -> tuple[CommandJob, Path]:
        from services.specs.command import CommandJob, JobInput, JobOutput

        await self._board.enter("jobs.spec", name)
        job = self._job(name)
        spec = CommandJob(
            command=job.command,
            display_name=job.summary.display_name,
            experiment_name=job.summary.experiment_name,
            description=job.description,
            tags=dict(job.summary.tags),
            code="./src",
            environment=job.environment,
            environment_variables=dict(job.environment_variables),
            compute=job.summary.compute,
            inputs={
                "training_data": JobInput(type="uri_file", path="azureml:diabetes:2", mode="ro_mount"),
                "reg_rate": 0.01,
            },
            outputs={"report": JobOutput()},
        )
        return spec, Path("/home/ada/lapis/jobs") / name


class FakeTracking(TrackingService):
    """What the jobs' runs have logged."""

    def __init__(self, board: Switchboard, jobs: FakeJobs) -> None:
        self._board = board
        self._jobs = jobs
        self.runs: dict[str, RunData] = dict.fromkeys(jobs.points, entities.RUN)
        if "plucky_lake_1" in self.runs:
            self.runs["plucky_lake_1"] = RunData(
                {"reg_rate": "0.1"}, {"AUC": 0.84, "loss": 0.4}, {"mlflow.user": "ada"}
            )

    async def run(self, job_name: str) -> RunData:
        await self._board.enter("tracking.run", job_name)
        return self.runs.get(job_name, RunData())

    async def history(self, job_name: str, keys: Sequence[str] = ()) -> Sequence[MetricPoint]:
        await self._board.enter("tracking.history", job_name, tuple(keys))
        points = self._jobs.points.get(job_name, ())
        return sorted((p for p in points if not keys or p.key in keys), key=lambda p: (p.key, p.step, p.at))

    async def experiments(self, *, include_archived: bool = False) -> Sequence[ExperimentSummary]:
        await self._board.enter("tracking.experiments", include_archived)
        return (ExperimentSummary("diabetes", "1", 10, entities.ago(minutes=4)), ExperimentSummary("titanic", "2", 3))


def _runs_nothing(spec: AnyJob) -> bool:
    return program_of(spec) is not None and not command_text(spec).strip()
