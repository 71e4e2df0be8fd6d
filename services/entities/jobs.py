"""Jobs, their live events, what they log and what they leave."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from services.errors import Fault


class JobStatus(StrEnum):
    """The states of an Azure ML v2 job; values are those of the service."""

    NOT_STARTED = "NotStarted"
    QUEUED = "Queued"
    PREPARING = "Preparing"
    STARTING = "Starting"
    PROVISIONING = "Provisioning"
    RUNNING = "Running"
    FINALIZING = "Finalizing"
    CANCEL_REQUESTED = "CancelRequested"
    COMPLETED = "Completed"
    FAILED = "Failed"
    CANCELED = "Canceled"
    NOT_RESPONDING = "NotResponding"
    PAUSED = "Paused"
    UNKNOWN = "Unknown"

    @property
    def is_terminal(self) -> bool:
        """Whether the job has ended for good."""
        return self in (JobStatus.COMPLETED, JobStatus.FAILED, JobStatus.CANCELED)


ACTIVE_STATUSES = frozenset(s for s in JobStatus if not s.is_terminal)


class JobType(StrEnum):
    """The kinds of job of Azure ML v2."""

    COMMAND = "command"
    SWEEP = "sweep"
    AUTOML = "automl"
    PIPELINE = "pipeline"
    SPARK = "spark"
    OTHER = "base"


@dataclass(frozen=True)
class JobSummary:
    """A row of the jobs list."""

    name: str
    display_name: str
    experiment_name: str
    status: JobStatus
    created_at: datetime
    type: JobType = JobType.COMMAND
    started_at: datetime | None = None
    ended_at: datetime | None = None
    compute: str = ""
    created_by: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    parent_name: str | None = None
    child_count: int = 0
    archived: bool = False
    error_title: str = ""

    def duration(self, now: datetime) -> float | None:
        """Seconds from start to end, or to `now` while it runs; None before it started."""
        if self.started_at is None:
            return None
        return ((self.ended_at or now) - self.started_at).total_seconds()


@dataclass(frozen=True)
class Port:
    """An input or an output of a job, as it was given and as it was bound.

    Attributes:
        type: uri_file, uri_folder, mltable, mlflow_model, custom_model, triton_model, string, number, integer, boolean.
        value: the literal or the URI, as text.
        mode: ro_mount, rw_mount, download, upload, direct; empty for literals.
        resolved: what the placeholder became when the job ran; empty before.
    """

    name: str
    type: str
    value: str
    mode: str = ""
    resolved: str = ""


@dataclass(frozen=True)
class StatusChange:
    """One step of a job's timeline."""

    status: JobStatus
    at: datetime
    detail: str = ""


@dataclass(frozen=True)
class JobError:
    """The first real error of a failed job.

    Attributes:
        title: the exception and its message, or the signal, in one line.
        message: all of it, at most 4,000 characters.
        file: the file of the user's code where it was raised, relative to the code folder; empty if unknown.
        line: its line, counted from 1; 0 if unknown.
        source_line: the text of that line; empty if unknown.
        advice: what usually mends it; empty if nothing is known.
        log_file: where it was found, and `log_line`, counted from 1.
    """

    title: str
    message: str = ""
    file: str = ""
    line: int = 0
    source_line: str = ""
    advice: str = ""
    log_file: str = ""
    log_line: int = 0


@dataclass(frozen=True)
class Job:
    """A job with all that is known of it.

    Attributes:
        attempt: counted from 1; a job that was pre-empted begins again.
        primary_metric: what a sweep or AutoML job seeks the best of.
        best_child_name: its best trial so far.
    """

    summary: JobSummary
    description: str = ""
    command: str = ""
    code: str = ""
    inputs: tuple[Port, ...] = ()
    outputs: tuple[Port, ...] = ()
    environment: str = ""
    environment_variables: Mapping[str, str] = field(default_factory=dict)
    properties: Mapping[str, str] = field(default_factory=dict)
    timeout: float | None = None
    timeline: tuple[StatusChange, ...] = ()
    notes: tuple[Fault, ...] = ()
    error: JobError | None = None
    exit_code: int | None = None
    yaml: str = ""
    studio_url: str = ""
    run_id: str = ""
    queue_position: int | None = None
    attempt: int = 1
    primary_metric: str = ""
    best_child_name: str = ""

    @property
    def name(self) -> str:
        """The job's name, its identity in the workspace."""
        return self.summary.name

    @property
    def status(self) -> JobStatus:
        """The state now."""
        return self.summary.status


@dataclass(frozen=True)
class JobQuery:
    """Which jobs a list holds; empty means all that are not archived, newest first.

    Attributes:
        text: words that each must occur in name, display name, experiment, status, compute or a tag.
        statuses: only these.
        parent_name: the children of that job; None for top-level jobs.
    """

    text: str = ""
    statuses: frozenset[JobStatus] = frozenset()
    experiment_name: str = ""
    compute: str = ""
    parent_name: str | None = None
    include_archived: bool = False
    order_by: str = "created_at"
    descending: bool = True


@dataclass(frozen=True)
class Preflight:
    """What a submit would do, found without starting anything.

    Attributes:
        faults: errors, warnings and notes (what this machine replaces), worst first.
        code_files: relative path and bytes of each file that would be taken.
        left_out: files and folders (`data/`) of the code folder that would not be taken.
        ignore_file: the file that says so: .amlignore, .gitignore; empty when only caches and histories stay behind.
        yaml: the normalised az ml YAML.
        git: repository, branch, commit, dirty, as job properties; empty outside a repository.
    """

    faults: tuple[Fault, ...] = ()
    code_files: tuple[tuple[str, int], ...] = ()
    left_out: tuple[str, ...] = ()
    ignore_file: str = ""
    yaml: str = ""
    git: Mapping[str, str] = field(default_factory=dict)

    @property
    def errors(self) -> tuple[Fault, ...]:
        """The faults that stop a submit."""
        return tuple(f for f in self.faults if f.severity == "error")

    @property
    def code_size(self) -> int:
        """Bytes of the code that would be taken."""
        return sum(size for _, size in self.code_files)


@dataclass(frozen=True)
class LogFile:
    """A log of a job: `user_logs/std_log.txt`, `system_logs/...`."""

    path: str
    size: int


@dataclass(frozen=True)
class LogChunk:
    """Bytes of a log from `offset`; `size` is the size of the whole file at that moment."""

    offset: int
    data: bytes
    size: int

    @property
    def end(self) -> int:
        """The offset after the last byte."""
        return self.offset + len(self.data)


@dataclass(frozen=True)
class MetricPoint:
    """One logged value; `value` may be nan or infinite."""

    key: str
    value: float
    step: int
    at: datetime


@dataclass(frozen=True)
class RunData:
    """What a run has logged so far: `metrics` holds the latest value of each key."""

    params: Mapping[str, str] = field(default_factory=dict)
    metrics: Mapping[str, float] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ExperimentSummary:
    """An experiment and how many runs it has."""

    name: str
    experiment_id: str
    run_count: int
    last_run_at: datetime | None = None
    archived: bool = False


@dataclass(frozen=True)
class Artifact:
    """A node of the outputs tree, in which run artifacts, outputs and logged models meet.

    Attributes:
        path: within the tree, with `/`; ends in no slash.
        origin: `run`, `output` or `logged_model`.
        uri: what `azureml://jobs/...` or `models:/m-...` calls it.
    """

    path: str
    is_folder: bool
    size: int = 0
    origin: str = "run"
    uri: str = ""


@dataclass(frozen=True)
class DownloadReport:
    """What a download brought."""

    target: str
    files: int
    size: int


@dataclass(frozen=True)
class StatusChanged:
    """The job's state, timeline, error or notes changed; `job` is the new whole."""

    job: Job


@dataclass(frozen=True)
class LogAppended:
    """A log file is now `size` bytes long (shorter than before: it was truncated)."""

    file: str
    size: int


@dataclass(frozen=True)
class MetricsLogged:
    """Points that were logged since the last event, in order of logging; the first such event may hold none."""

    points: tuple[MetricPoint, ...]


@dataclass(frozen=True)
class ChildrenChanged:
    """Children came, went or changed state."""

    names: tuple[str, ...]


JobEvent = StatusChanged | LogAppended | MetricsLogged | ChildrenChanged
